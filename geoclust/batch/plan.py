"""The plan of a batch: its studies, what they share, and the tables cut for them."""

from dataclasses import dataclass
from pathlib import Path

from geoclust.batch.config import BatchConfig
from geoclust.batch.planning import Unit, draft_files, shared_config, units
from geoclust.batch.splitting import Split, split_by_country
from geoclust.report.folders.placing import named_failure, write_synced
from geoclust.study import StudyConfig

CUT = "inputs"
"""Folder of the cut tables in that of the batch."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What is to be done."""

    batch: BatchConfig
    shared: StudyConfig
    """Settings before any override; its framework ranks all clusters together."""

    units: list[Unit]
    """In the order of their names."""

    split: Split | None = None
    """With `split_by`: the tables cut."""


def make_plan(batch: BatchConfig, folder: Path) -> Plan:
    """Find the studies and check all their settings; write nothing.

    Raises
    ------
    ConfigError
        With the faults of all studies.
    InputError
        If tables that are to be cut cannot be read.
    """
    shared = shared_config(batch)
    split = split_by_country(batch, folder) if batch.batch.split_by else None
    drafts = draft_files(batch) if split is None else split.drafts
    return Plan(batch, shared, units(batch, drafts), split)


def write_cut(plan: Plan, folder: Path) -> None:
    """Write the cut tables that are not there yet as they are to be; remove earlier others."""
    if plan.split is None:
        return
    for name, content in plan.split.files.items():
        path = folder / name
        if not _holds(path, content):
            with named_failure(path):
                path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f".{path.name}.new")
            write_synced(fresh, content, path)
            with named_failure(path):
                fresh.replace(path)
    wanted = {folder / name for name in plan.split.files}
    for path in (folder / CUT).glob("*/*.parquet"):
        if path not in wanted:
            with named_failure(path):
                path.unlink()


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False
