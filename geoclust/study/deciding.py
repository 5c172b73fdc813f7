"""A study's decisions: given boundaries, then edits, on top of what clustering found.

They are read and checked before anything is computed, and are a value of their own, so that
whoever clusters again (survival, draws) can decide again in the same way.
"""

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd
from pydantic import Field, ValidationError

from geoclust.assignment import (
    Edit,
    Kept,
    Partition,
    Polygons,
    apply_edits,
    bound_by,
    check_polygons,
    join_within,
    split_along,
)
from geoclust.assignment.bounding import ACCOUNT
from geoclust.assignment.editing import APPLIED, ECHO, FAILED
from geoclust.assignment.kept import KEPT_COLUMNS
from geoclust.clustering import Hierarchy, finer_parts
from geoclust.errors import ConfigError, InputError
from geoclust.records import read_boundaries
from geoclust.records.safety import checked_path, fingerprint
from geoclust.study.config import StudyConfig
from geoclust.study.faults import describe_faults
from geoclust.study.plainly import toml_fault, unreadable
from geoclust.study.section import Section

MOST_EDITS_BYTES: Final = 16 * 1024**2
FILES: Final = ("what", "file", "sha256", "bytes")


@dataclass(frozen=True, eq=False)
class Decisions:
    """Boundaries and edits of a study, ready to be applied to any clustering of its records."""

    mode: str = ""
    """What the polygons do: "instead", "split" or "join"; empty where there are none."""
    polygons: Polygons | None = None
    kept: Kept | None = None
    """What the file of polygons keeps of the run that wrote it, if it is one of ours."""
    edits: tuple[Edit, ...] = ()
    where: tuple[str, ...] = ()
    """Of each edit, the file it stands in."""
    min_cluster_size: int = 0
    files: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(FILES)))
    """Files read: what, file, sha256, bytes."""

    def __bool__(self) -> bool:
        return self.polygons is not None or bool(self.edits)

    @property
    def replaces_clustering(self) -> bool:
        """Whether the regions are the polygons, whatever clustering finds."""
        return self.mode == "instead"

    @property
    def needs_hierarchy(self) -> bool:
        """Whether anything depends on what clustering finds."""
        return not self.replaces_clustering or self.cuts_finer

    @property
    def cuts_finer(self) -> bool:
        """Whether an edit splits a region along the hierarchy."""
        return any(edit.at_km or edit.children for edit in self.edits)

    @property
    def mark(self) -> str:
        """Of all that results depend on: the files' checksums and what the edits say."""
        return json.dumps(
            [self.mode, self.files["sha256"].tolist(), [edit.digest for edit in self.edits]]
        )

    @property
    def held(self) -> frozenset[str]:
        """Digests of edits that the polygons hold already."""
        return (
            self.kept.edits if self.kept is not None and self.replaces_clustering else frozenset()
        )


@dataclass(frozen=True, eq=False)
class Decided:
    """What decisions made of a clustering."""

    partition: Partition
    edits: pd.DataFrame
    """Echo of every edit; see `apply_edits`."""
    boundaries: pd.DataFrame
    """Account of every polygon; see `bound_by`."""
    said: tuple[str, ...] = ()
    """What was done, in sentences."""
    remarks: tuple[str, ...] = ()
    """What whoever runs the study should know."""
    faults: tuple[str, ...] = ()
    """Edits that do not match the data."""

    def accounts(self, decisions: Decisions) -> dict[str, Any]:
        """What a study keeps of its decisions, by its fields."""
        return {
            "decisions": decisions,
            "edits": self.edits,
            "boundaries": self.boundaries,
            "decided": self.said,
        }


def load_decisions(config: StudyConfig) -> Decisions:
    """Read a study's boundaries and edits.

    Raises
    ------
    InputError
        If a file cannot be read or its polygons are faulty.
    ConfigError
        With every fault of the file of edits.
    """
    edits, where, files = list(config.edits), ["study file"] * len(config.edits), []
    if config.study.edits:
        more, row = _read_edits(config.base, config.study.edits)
        edits += more
        where += [Path(config.study.edits).name] * len(more)
        files.append(row)
    section = config.boundaries
    polygons, kept = None, None
    if section.file:
        path = Path(section.file)
        read = read_boundaries(
            path if path.is_absolute() else config.base / path,
            layer=section.layer,
            crs=section.crs,
            beside=tuple(KEPT_COLUMNS),
        )
        name = path.name
        kept = Kept.of(read.tables, name)
        polygons = check_polygons(
            read.features,
            file=name,
            id_column=section.id,
            name_column=section.name,
            repair=section.repair,
            duplicates=section.duplicates or ("refuse" if kept is None else "apart"),
        )
        told = tuple(f"{name}: {remark}" for remark in (*read.remarks, *polygons.remarks))
        polygons = Polygons(polygons.table, told)
        files.append(("boundaries", name, read.sha256, read.bytes))
    return Decisions(
        mode=section.mode if section.file else "",
        polygons=polygons,
        kept=kept,
        edits=tuple(edits),
        where=tuple(where),
        min_cluster_size=config.clustering.min_cluster_size,
        files=pd.DataFrame(files, columns=list(FILES)),
    )


def decide(
    decisions: Decisions,
    records: pd.DataFrame,
    found: Partition,
    *hierarchies: Hierarchy,
    mark: str = "",
    wherever: bool = False,
) -> Decided:
    """Apply boundaries, then edits.

    Parameters
    ----------
    decisions
        From `load_decisions`.
    records
        The records that were clustered.
    found
        The regions that clustering found.
    hierarchies
        What splits by `at_km` and `children` go by: the first that holds all records concerned.
    mark
        Of the hierarchy, as `mark_of` makes it.
    wherever
        Take records that stand elsewhere than a file of ours says for the same (in draws).

    Returns
    -------
    Decided
        Edits that do not match are left out and told in `faults`.
    """
    partition, account = found, pd.DataFrame(columns=list(ACCOUNT))
    said: list[str] = []
    remarks: tuple[str, ...] = ()
    if decisions.polygons is not None:
        if decisions.mode == "split":
            least = decisions.min_cluster_size
            bounded = split_along(records, found, decisions.polygons, least=least)
        elif decisions.mode == "join":
            bounded = join_within(records, found, decisions.polygons)
        else:
            bounded = bound_by(
                records,
                found,
                decisions.polygons,
                kept=decisions.kept,
                hierarchy=mark,
                wherever=wherever,
            )
        partition, account, remarks = bounded.partition, bounded.account, bounded.remarks
        said.append(f"Boundaries: {bounded.said}")

    def finer(members: "pd.Index[str]", edit: Edit) -> pd.Series:
        size = edit.min_cluster_size or decisions.min_cluster_size
        for hierarchy in hierarchies:
            if hierarchy.locations.records.index.get_indexer(members).min() >= 0:
                return finer_parts(hierarchy, members, min_cluster_size=size, at_km=edit.at_km)
        return pd.Series(-1, index=members)

    edited = apply_edits(records, partition, decisions.edits, finer=finer, held=decisions.held)
    echo = edited.echo.assign(where=pd.Series(decisions.where, dtype="str"))
    if len(echo):
        done = int((echo["state"] == APPLIED).sum())
        held = len(echo) - done - len(edited.faults)
        already = f", {held} in the boundaries already" if held else ""
        said.append(f"Edits: {done} applied{already}; what each did is in edits.csv")
    return Decided(edited.partition, echo, account, tuple(said), remarks, edited.faults)


def no_decisions() -> Decided:
    """The account of a study without decisions, but for the partition."""
    nothing = pd.Series(dtype="str")
    empty = Partition(nothing, nothing, nothing, pd.DataFrame())
    return Decided(
        empty, pd.DataFrame(columns=[*ECHO, "state"]), pd.DataFrame(columns=list(ACCOUNT))
    )


def refuse_faults(decided: Decided, config: StudyConfig) -> None:
    """Raise `ConfigError` with every edit that does not match the data."""
    if decided.faults:
        source = "edits" if config.origin is None else f"edits of {config.origin}"
        failed = decided.edits[decided.edits["state"] == FAILED]
        files = dict(zip(failed["number"], failed["where"], strict=True))
        raise ConfigError(_with_files(decided.faults, list(files.values())), source)


def _with_files(faults: Iterable[str], files: list[str]) -> list[str]:
    if set(files) <= {"study file"}:
        return list(faults)
    return [f"{fault} ({file})" for fault, file in zip(faults, files, strict=True)]


class _EditsFile(Section):
    """A file of edits: [[edits]] and nothing else."""

    edits: tuple[Edit, ...] = Field(default=())
    """In the order they are applied."""


def _read_edits(base: Path, name: str) -> tuple[list[Edit], tuple[str, str, str, int]]:
    path = checked_path(Path(name) if Path(name).is_absolute() else base / name)
    sha256, size = fingerprint(path)
    if size > MOST_EDITS_BYTES:
        raise InputError(f"{name}: is larger than any file of edits, {size:,} bytes")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(unreadable(path, error, "file of edits")) from error
    try:
        found = _EditsFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([toml_fault(error, text)], name) from error
    except ValidationError as error:
        raise ConfigError(describe_faults(error, _EditsFile, text), name) from error
    return list(found.edits), ("edits", path.name, sha256, size)
