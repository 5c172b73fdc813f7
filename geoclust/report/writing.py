"""Outputs whole or not at all.

Every file goes to a fresh folder beside `out`, the manifest last, and the folder is renamed into
place when it is complete.  A run that fails or is killed leaves the previous results as they were;
a folder that geoclust did not write is never replaced.
"""

import logging
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoclust.errors import ParameterError
from geoclust.report.folders.placing import named_failure, place, write_synced
from geoclust.report.folders.reserving import Reservation, reserved
from geoclust.report.manifest import manifest_bytes, manifest_of
from geoclust.report.robustness.tables import robustness_facts, robustness_tables
from geoclust.report.tables.files import csv_bytes, study_tables
from geoclust.study.manifests import MANIFEST, altered_files, read_manifest
from geoclust.study.results import STUDY_FILE

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
        The folder.  It holds `study.toml` (the settings as used, which run again give the same
        results), `regions.{csv,gpkg,parquet,geojson}`, `records.{csv,parquet}`, `scores.csv`,
        `gaps.csv`, `briefs.csv`, `network.csv`, `network_edges.csv`, `partners.csv`, `peers.csv`,
        `drivers.csv`, `ties.csv`, `places.csv`, `rejected.csv`, `report.html`, `figures/` and
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
    with reserved(out) as reservation:
        return _write_into(study, reservation.folder, robustness, sensitivity)


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
    manifest = read_manifest(folder)
    if manifest is None:
        raise ParameterError(f"{folder} has no manifest of geoclust: nothing in it counts as done")
    return altered_files(folder, manifest)


def render_study(
    study: "Study",
    *,
    folder: str | Path | None = None,
    robustness: "Robustness | None" = None,
    sensitivity: "Sensitivity | None" = None,
    facts: dict[str, Any] | None = None,
) -> dict[str, bytes]:
    """Every file of a study's folder, as bytes; writes nothing.

    Parameters
    ----------
    study, robustness, sensitivity
        As `write_study`.
    folder
        Where the files are to stand: `study.toml` tells its paths from there; without it they
        start from where the study's own file is.
    facts
        Plain values for the manifest, besides its own.

    Returns
    -------
    dict
        Name to content, the manifest last; for `geoclust.report.placing.place`.
    """
    contents = _contents(study, robustness, sensitivity, folder)
    return render(contents, _manifest_maker(study, robustness, sensitivity, facts))


def _write_into(
    study: "Study",
    folder: Path,
    robustness: "Robustness | None",
    sensitivity: "Sensitivity | None",
) -> Path:
    contents = _contents(study, robustness, sensitivity, folder)
    return write_files(folder, contents, _manifest_maker(study, robustness, sensitivity))


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
    files = render(contents, manifest)
    place(files, folder)
    logger.info("wrote %d files to %s", len(files), folder)
    return folder


def render(
    contents: Mapping[str, Callable[[Written], bytes]],
    manifest: Callable[[Written], dict[str, Any]],
) -> Written:
    """Make files and their manifest, which comes last; write nothing.  As `write_files`."""
    made: Written = {}
    for name, make in contents.items():
        made[name] = make(made)
    return {**made, MANIFEST: manifest_bytes(manifest(made))}


def _manifest_maker(
    study: "Study",
    robustness: "Robustness | None",
    sensitivity: "Sensitivity | None",
    facts: dict[str, Any] | None = None,
) -> Callable[[Written], dict[str, Any]]:
    more = robustness_facts(robustness, sensitivity) | (facts or {})
    return lambda written: manifest_of(study, written) | more


def _contents(
    study: "Study",
    robustness: "Robustness | None",
    sensitivity: "Sensitivity | None",
    folder: str | Path | None,
) -> dict[str, Callable[[Written], bytes]]:
    """Every file but the manifest: name to the function that makes it."""
    from geoclust.report.figures import study_figures  # noqa: PLC0415 - heavy
    from geoclust.report.page import page_bytes  # noqa: PLC0415 - heavy

    doubts: dict[str, Any] = {"robustness": robustness, "sensitivity": sensitivity}
    figures = study_figures(study, **doubts) if study.config.report.figures else {}

    def study_file() -> bytes:
        return study.config.to_toml(folder=folder).encode("utf-8", errors="replace")

    def page(written: Written) -> bytes:
        picture = written.get("figures/map.png", b"")
        return page_bytes(study, picture=picture, **doubts)

    tables = {STUDY_FILE: study_file, **study_tables(study), **robustness_tables(study, **doubts)}
    return {**by_themselves({**tables, **figures}), "report.html": page}


def by_themselves(
    contents: Mapping[str, Callable[[], bytes]],
) -> dict[str, Callable[[Written], bytes]]:
    """Files that need no other: as `write_files` takes them."""

    def alone(make: Callable[[], bytes]) -> Callable[[Written], bytes]:
        return lambda _: make()

    return {name: alone(make) for name, make in contents.items()}


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
    write_file(path, csv_bytes(inputs.rejected, index=False))
    return path


def write_file(path: Path, content: bytes) -> None:
    """Write one file, whole or not at all; one of that name is replaced."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write_synced(fresh, content, path)
        with named_failure(path):
            fresh.replace(path)
    finally:
        with suppress(OSError):
            fresh.unlink()
