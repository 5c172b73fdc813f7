"""Files put in place whole or not at all, whatever fails on the way.

`place` writes a whole folder: every file to a fresh folder beside it, synced, the manifest last,
and the folder is renamed into place when it is complete.  `place_beside` does the same for files
of a folder that holds other things, too: there the manifest goes first and comes back last, so
that in between nothing counts as done.  `recover` tidies up after a run that was killed.
"""

import logging
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from geoclust.errors import OutputError
from geoclust.study.manifests import MANIFEST, read_manifest

logger = logging.getLogger(__name__)

UNTOUCHED = "Results written before, if any, are untouched"
BEFORE = "Nothing has been computed yet: give a folder that can be written"


def place(files: Mapping[str, bytes], folder: Path) -> None:
    """Write a folder of results, whole or not at all.

    Parameters
    ----------
    files
        Name (with `/` for folders inside) to content, the manifest last.
    folder
        Where they go; what geoclust wrote there before is replaced, files of other origin stay.

    Raises
    ------
    OutputError
        If anything cannot be written; what was in `folder` before is untouched.
    """
    staging = _new_staging(folder)
    try:
        for name, content in files.items():
            write_synced(staging / name, content, folder / name)
        with named_failure(folder):
            _swap_in(staging, folder, set(files))
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def place_beside(files: Mapping[str, bytes], folder: Path, *, own: Iterable[str] = ()) -> None:
    """Write files into a folder that holds other things; without its manifest nothing is done.

    Parameters
    ----------
    files
        Name to content, the manifest last.
    folder
        An existing folder.
    own
        Names that earlier runs may have written: those not among `files` are removed.

    Raises
    ------
    OutputError
        If anything cannot be written; then the folder has its earlier files, or no manifest.
    """
    staging = _new_staging(folder, inside=True)
    try:
        for name, content in files.items():
            write_synced(staging / name, content, folder / name)
        with named_failure(folder, "Without its manifest nothing there counts as done"):
            (folder / MANIFEST).unlink(missing_ok=True)
            sync_folder(folder)
            for name in files:
                (folder / name).parent.mkdir(exist_ok=True)
                (staging / name).replace(folder / name)
            for name in sorted(set(own) - set(files)):
                (folder / name).unlink(missing_ok=True)
            sync_folder(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def write_synced(path: Path, content: bytes, shown: Path | None = None) -> None:
    """Write a file and wait until it is on the disk; `shown` is named where that fails."""
    with named_failure(shown or path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def named_failure(
    path: Path, consequence: str = UNTOUCHED, kind: type[OutputError] = OutputError
) -> Iterator[None]:
    """Turn an `OSError` into an `OutputError` that names the path and the space left."""
    try:
        yield
    except OSError as error:
        raise kind(
            f"could not write {path}: {error.strerror or error}; {_free_space(path)}. {consequence}"
        ) from error


def _free_space(path: Path) -> str:
    for place in path.parents:
        with suppress(OSError):
            return f"{shutil.disk_usage(place).free / 1e6:,.1f} MB free in {place}"
    return "free space unknown"


def _new_staging(folder: Path, *, inside: bool = False) -> Path:
    with named_failure(folder):
        home = folder if inside else folder.parent
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}.staging-", dir=home))
        mask = os.umask(0)
        os.umask(mask)
        staging.chmod(0o777 & ~mask)
    return staging


def _swap_in(staging: Path, folder: Path, names: set[str]) -> None:
    """Put the finished folder in place; keep what the previous run did not write."""
    sync_folder(staging)
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
        _clear(previous, folder, names)


def _previous(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.previous"


def _clear(previous: Path, folder: Path, names: set[str]) -> None:
    """Move files of other origin from the replaced folder to the new one; remove the rest.

    Where the replaced manifest is damaged, what has the name of a file of ours is taken as ours.
    """
    manifest = read_manifest(previous)
    known = names if manifest is None or manifest.damaged else set(manifest.outputs)
    ours = {Path(name).parts[0] for name in known} | {MANIFEST}
    strangers = sorted(path for path in previous.iterdir() if path.name not in ours)
    for stranger in strangers:
        if (folder / stranger.name).exists():
            logger.warning("%s is not of geoclust; kept in %s", stranger.name, previous)
            return
        stranger.rename(folder / stranger.name)
    shutil.rmtree(previous, ignore_errors=True)


def recover(folder: Path) -> None:
    """Tidy up after a run that was killed; the lock is held, so nobody is at work here."""
    previous = _previous(folder)
    if previous.is_dir():
        if folder.exists():
            _clear(previous, folder, _outputs(folder))
        else:
            previous.rename(folder)
    for home in (folder.parent, folder):
        for stale in home.glob(f".{_literal(folder.name)}.staging-*"):
            shutil.rmtree(stale, ignore_errors=True)


def _outputs(folder: Path) -> set[str]:
    """Names of the files that a folder's manifest lists."""
    manifest = read_manifest(folder)
    return set(manifest.outputs) if manifest else set()


def _literal(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _sync_parent(folder: Path) -> None:
    """Sync the folder above; its failure no longer changes what is in place."""
    with suppress(OSError):
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make renames durable where the system lets a folder be synced."""
    with suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
