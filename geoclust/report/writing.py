"""Outputs whole or not at all.

Every file goes to a fresh folder beside `out`, the manifest last, and the folder is renamed into
place when it is complete.  A run that fails or is killed leaves the previous results as they were;
a folder that geoclust did not write is never replaced.
"""

import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoclust.errors import OutputError, ParameterError
from geoclust.report.locking import held_lock
from geoclust.report.manifest import MANIFEST, fingerprint, manifest_bytes, manifest_of
from geoclust.report.robustness import robustness_facts, robustness_tables
from geoclust.report.tables import csv_bytes, study_tables

if TYPE_CHECKING:
    from geoclust.records import Inputs
    from geoclust.robustness import Robustness, Sensitivity
    from geoclust.study import Study

logger = logging.getLogger(__name__)


def write_study(
    study: "Study",
    out: "str | Path | Reservation",
    *,
    robustness: "Robustness | None" = None,
    sensitivity: "Sensitivity | None" = None,
) -> Path:
    """Write a study's tables, page, figures and manifest into a folder.

    Parameters
    ----------
    study
        What `run_study` returned; left unchanged.
    out
        The folder: new, empty, or written by geoclust before (then replaced as a whole; files of
        other origin in it are kept).  Or a `Reservation` of it.
    robustness, sensitivity
        What `run_robustness` and `rank_sensitivity` made of the study: shown on the page, drawn,
        and as tables in `robustness/`.

    Returns
    -------
    Path
        The folder.  It holds `regions.{csv,gpkg,parquet,geojson}`, `records.{csv,parquet}`,
        `scores.csv`, `gaps.csv`, `briefs.csv`, `network.csv`, `network_edges.csv`,
        `partners.csv`, `rejected.csv`, `report.html`, `figures/` and
        `manifest.json`, which names and checksums all of them.

    Raises
    ------
    ParameterError
        If `out` is a file, holds files but no manifest of geoclust, or is being written by
        another run.
    OutputError
        If a file cannot be written; what was in `out` before is untouched.

    Examples
    --------
    >>> import geoclust as gc, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder, seed=1)
    ...     out = write_study(gc.run_study(folder), f"{folder}/results")
    ...     (out / "manifest.json").exists()
    True
    """
    if isinstance(out, Reservation):
        return _write_into(study, out.folder, robustness, sensitivity)
    with reserved(out) as reservation:
        return _write_into(study, reservation.folder, robustness, sensitivity)


@dataclass(frozen=True)
class Reservation:
    """An output folder held for one run."""

    folder: Path
    """The folder, absolute."""


@contextmanager
def reserved(out: str | Path) -> Iterator[Reservation]:
    """Check an output folder and keep other runs out of it.

    Parameters
    ----------
    out
        The folder that results will go to.

    Raises
    ------
    ParameterError
        If the folder cannot be used, or another run holds it (named by process and start).
    OutputError
        If the folder beside it cannot be written.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder, reserved(f"{folder}/results") as held:
    ...     held.folder.name
    'results'
    """
    folder = Path(out).resolve()
    _refuse_unusable(folder)
    with _named_failure(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = folder.parent / f".{folder.name}.lock"
    with held_lock(lock, folder):
        with _named_failure(folder):
            _recover(folder)
        _refuse_foreign(folder)
        yield Reservation(folder)


def _refuse_unusable(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise ParameterError(f"output {folder} is a file; give the name of a folder")
    if folder.parent == folder or folder.is_mount():
        raise ParameterError(
            f"output {folder} is the root of a file system and cannot be replaced as a whole; "
            f"give a folder inside it, such as {folder / 'results'}"
        )


def _refuse_foreign(folder: Path) -> None:
    if not folder.is_dir() or not any(folder.iterdir()) or _manifest(folder) is not None:
        return
    first = min(path.name for path in folder.iterdir())
    raise ParameterError(
        f"output {folder} is not empty and holds no manifest of geoclust (found {first!r}): it is "
        "left as it is; give a new or empty folder"
    )


def _manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest in a folder if it is one of ours, else None."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    ours = (
        isinstance(found, dict) and "geoclust" in found and isinstance(found.get("outputs"), dict)
    )
    return found if ours else None


def check_results(out: str | Path) -> list[str]:
    """Names of the files in a folder of results that are missing or not as they were written.

    Parameters
    ----------
    out
        A folder that `write_study` wrote.

    Returns
    -------
    list of str
        Empty if all is as the manifest says.

    Raises
    ------
    ParameterError
        If the folder has no manifest: then nothing in it counts as done.
    """
    folder = Path(out)
    manifest = _manifest(folder)
    if manifest is None:
        raise ParameterError(f"{folder} has no manifest of geoclust: nothing in it counts as done")
    return [
        name for name, known in manifest["outputs"].items() if _fingerprint(folder / name) != known
    ]


def _fingerprint(path: Path) -> dict[str, Any] | None:
    try:
        return fingerprint(path.read_bytes())
    except OSError:
        return None


def _write_into(
    study: "Study",
    folder: Path,
    robustness: "Robustness | None",
    sensitivity: "Sensitivity | None",
) -> Path:
    def manifest(written: dict[str, bytes]) -> dict[str, Any]:
        return manifest_of(study, written) | robustness_facts(robustness, sensitivity)

    return write_files(folder, _contents(study, robustness, sensitivity), manifest)


Written = dict[str, bytes]
"""File name to what was written so far."""


def write_files(
    folder: Path,
    contents: Mapping[str, Callable[[Written], bytes]],
    manifest: Callable[[Written], dict[str, Any]],
) -> Path:
    """Write files and their manifest into a reserved folder, whole or not at all.

    Parameters
    ----------
    folder
        That of a `Reservation`.
    contents
        File name to the function that makes it, given those made before it; in this order.
    manifest
        Makes the manifest of all of them: at least `geoclust` and `outputs` (see `manifest_of`).
    """
    staging = _new_staging(folder)
    try:
        written: Written = {}
        for name, make in contents.items():
            written[name] = make(written)
            _write(staging / name, written[name], folder)
        _write(staging / MANIFEST, manifest_bytes(manifest(written)), folder)
        with _named_failure(folder):
            _swap_in(staging, folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    logger.info("wrote %d files to %s", len(written) + 1, folder)
    return folder


def _contents(
    study: "Study",
    robustness: "Robustness | None",
    sensitivity: "Sensitivity | None",
) -> dict[str, Callable[[Written], bytes]]:
    """Every file but the manifest: name to the function that makes it."""
    from geoclust.report.figures import study_figures  # noqa: PLC0415 - heavy
    from geoclust.report.page import page_bytes  # noqa: PLC0415 - heavy

    doubts: dict[str, Any] = {"robustness": robustness, "sensitivity": sensitivity}
    figures = study_figures(study, **doubts) if study.config.report.figures else {}

    def page(written: Written) -> bytes:
        picture = written.get("figures/map.png", b"")
        return page_bytes(study, picture=picture, **doubts)

    tables = {**study_tables(study), **robustness_tables(study, robustness, sensitivity)}
    return {**by_themselves({**tables, **figures}), "report.html": page}


def by_themselves(
    contents: Mapping[str, Callable[[], bytes]],
) -> dict[str, Callable[[Written], bytes]]:
    """Files that need no other: as `write_files` takes them."""

    def alone(make: Callable[[], bytes]) -> Callable[[Written], bytes]:
        return lambda _: make()

    return {name: alone(make) for name, make in contents.items()}


def _new_staging(folder: Path) -> Path:
    with _named_failure(folder):
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}.staging-", dir=folder.parent))
        mask = os.umask(0)
        os.umask(mask)
        staging.chmod(0o777 & ~mask)
    return staging


def _write(path: Path, content: bytes, folder: Path) -> None:
    with _named_failure(folder / path.name):
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def _named_failure(path: Path) -> Iterator[None]:
    """Turn an `OSError` into an `OutputError` that names the path and the space left."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"could not write {path}: {error.strerror or error}; {_free_space(path)}. "
            "Results written before, if any, are untouched"
        ) from error


def _free_space(path: Path) -> str:
    place = next((parent for parent in path.parents if parent.is_dir()), None)
    if place is None:
        return "free space unknown"
    return f"{shutil.disk_usage(place).free / 1e6:,.1f} MB free in {place}"


def _swap_in(staging: Path, folder: Path) -> None:
    """Put the finished folder in place; keep what the previous run did not write."""
    _sync_folder(staging)
    if not folder.exists():
        staging.rename(folder)
        _sync_parent(folder)
        return
    previous = _previous(folder)
    folder.rename(previous)
    try:
        staging.rename(folder)
    except OSError:
        previous.rename(folder)
        raise
    _sync_parent(folder)
    with suppress(OSError):  # the new results are in place; what is left is tidied next time
        _clear(previous, folder)


def _previous(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.previous"


def _clear(previous: Path, folder: Path) -> None:
    """Move files of other origin from the replaced folder to the new one; remove the rest."""
    manifest = _manifest(previous) or {"outputs": {}}
    ours = {Path(name).parts[0] for name in manifest["outputs"]} | {MANIFEST}
    strangers = sorted(path for path in previous.iterdir() if path.name not in ours)
    for stranger in strangers:
        if (folder / stranger.name).exists():
            logger.warning("%s is not of geoclust; kept in %s", stranger.name, previous)
            return
        stranger.rename(folder / stranger.name)
    shutil.rmtree(previous, ignore_errors=True)


def _recover(folder: Path) -> None:
    """Tidy up after a run that was killed; the lock is held, so nobody is at work here."""
    previous = _previous(folder)
    if previous.is_dir():
        if folder.exists():
            _clear(previous, folder)
        else:
            previous.rename(folder)
    for stale in folder.parent.glob(f".{_literal(folder.name)}.staging-*"):
        shutil.rmtree(stale, ignore_errors=True)


def _literal(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _sync_parent(folder: Path) -> None:
    """Sync the folder above; its failure no longer changes what is in place."""
    with suppress(OSError):
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Make renames durable where the system lets a folder be synced."""
    with suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_faults(inputs: "Inputs", path: str | Path) -> Path | None:
    """Write the rejected rows with their reasons as CSV, whole or not at all.

    Parameters
    ----------
    inputs
        What `read_inputs` returned.
    path
        The file to write; one of that name is replaced.

    Returns
    -------
    Path or None
        The file, or None where nothing was rejected and so nothing written.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    if inputs.rejected.empty:
        return None
    path = Path(path)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _write(fresh, csv_bytes(inputs.rejected, index=False), path.parent)
        with _named_failure(path):
            fresh.replace(path)
    finally:
        with suppress(OSError):
            fresh.unlink()
    return path
