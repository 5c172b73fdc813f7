"""An output folder held for one run, checked before anything is computed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from geoclust.errors import ParameterError, UnwritableError
from geoclust.report.folders.locking import held_lock
from geoclust.report.folders.placing import BEFORE, named_failure, recover
from geoclust.study.manifests import read_manifest


@dataclass(frozen=True)
class Reservation:
    """An output folder held for one run."""

    folder: Path
    """The folder, absolute."""


@contextmanager
def reserved(out: str | Path | Reservation) -> Iterator[Reservation]:
    """Check an output folder and keep other runs out of it.

    Parameters
    ----------
    out
        The folder that results will go to; or a `Reservation` of it, which its holder keeps.

    Raises
    ------
    ParameterError
        If the folder cannot be used, or another run holds it (named by process and start).
    UnwritableError
        If nothing can be written beside it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, reserved(f"{folder}/results") as held:
    ...     held.folder.name
    'results'
    """
    if isinstance(out, Reservation):
        yield out
        return
    folder = Path(out).resolve()
    refuse_unusable(folder)
    with named_failure(folder, BEFORE, UnwritableError):
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = folder.parent / f".{folder.name}.lock"
    with held_lock(lock, folder):
        with named_failure(folder, BEFORE, UnwritableError):
            recover(folder)
        _refuse_foreign(folder)
        yield Reservation(folder)


def refuse_unusable(folder: Path) -> None:
    """Raise `ParameterError` where a path cannot be a folder of results."""
    if folder.exists() and not folder.is_dir():
        raise ParameterError(f"output {folder} is a file; give the name of a folder")
    if folder.parent == folder or folder.is_mount():
        raise ParameterError(
            f"output {folder} is the root of a file system and cannot be replaced as a whole; "
            f"give a folder inside it, such as {folder / 'results'}"
        )


def _refuse_foreign(folder: Path) -> None:
    if not folder.is_dir() or not any(folder.iterdir()) or read_manifest(folder) is not None:
        return
    first = min(path.name for path in folder.iterdir())
    raise ParameterError(
        f"output {folder} is not empty and holds no manifest of geoclust (found {first!r}): it is "
        "left as it is; give a new or empty folder"
    )
