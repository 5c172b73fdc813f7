"""The folder of a batch: held for one run, tidied after a killed one, never another's."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geoclust.batch.finished import STUDIES
from geoclust.batch.journal import JOURNAL
from geoclust.errors import ParameterError, UnwritableError
from geoclust.report.folders.locking import held_lock
from geoclust.report.folders.placing import BEFORE, named_failure, recover
from geoclust.report.folders.reserving import refuse_unusable
from geoclust.study.manifests import read_manifest


@contextmanager
def held(out: str | Path) -> Iterator[Path]:
    """Check the folder of a batch and keep other runs out of it; nothing is made in it yet.

    Raises
    ------
    ParameterError
        If it cannot be used, holds anything that is no batch of geoclust, or another run holds it.
    UnwritableError
        If nothing can be written beside it.
    """
    folder = Path(out).resolve()
    refuse_unusable(folder)
    with named_failure(folder, BEFORE, UnwritableError):
        folder.parent.mkdir(parents=True, exist_ok=True)
    with held_lock(folder.parent / f".{folder.name}.lock", folder):
        _refuse_foreign(folder)
        yield folder


def _refuse_foreign(folder: Path) -> None:
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    manifest = read_manifest(folder)
    if (folder / JOURNAL).is_file() and (folder / STUDIES).is_dir():
        return
    if manifest is not None and (not manifest.facts or "studies" in manifest.facts):
        return
    what = "results of a single study" if manifest else "no batch of geoclust"
    first = min(path.name for path in folder.iterdir())
    raise ParameterError(
        f"output {folder} is not empty and holds {what} (found {first!r}): it is left as it is; "
        "give a new or empty folder"
    )


def prepare(folder: Path) -> None:
    """Make the folder, and put right what a killed run left half done."""
    studies = folder / STUDIES
    with named_failure(folder, BEFORE, UnwritableError):
        studies.mkdir(parents=True, exist_ok=True)
        recover(folder)
        for path in sorted(studies.iterdir()):
            if path.name.startswith(".") and path.name.endswith(".previous"):
                recover(studies / path.name[1:].removesuffix(".previous"))
        for path in [*studies.glob(".*.staging-*"), *folder.glob(".*.new")]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
