"""From a batch file to its studies: each with a name, a folder and a whole configuration.

Every fault of every study is found here, before anything is computed.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from pydantic import ValidationError

from geoclust.batch.config import BatchConfig, Values, relative
from geoclust.batch.naming import folder_names
from geoclust.errors import ConfigError
from geoclust.records.sources import nearest
from geoclust.study import StudyConfig
from geoclust.study.faults import describe_faults

RECORD_TABLES: Final = ("records", "firms", "labs", "patents")
ENTRY_KEYS: Final = ("name", "file", "table")
"""Keys of `[[studies]]` that are no sections of a study file."""


@dataclass(frozen=True)
class Unit:
    """One study of a batch."""

    name: str
    """As its tables say, for people."""

    folder: str
    """Name of its folder; safe."""

    config: StudyConfig
    """Its settings, whole."""

    also: tuple[str, ...] = ()
    """Other names that `[overrides]` may use for it."""


@dataclass(frozen=True)
class Draft:
    """A study before its settings are put together."""

    name: str
    inputs: Values
    """Section `inputs`, with paths relative to `base`."""

    base: Path
    also: tuple[str, ...] = ()
    own: Values | None = None
    """Sections of its own."""


def shared_config(batch: BatchConfig) -> StudyConfig:
    """Settings that all studies share: the template with the batch's defaults over it.

    Raises
    ------
    ConfigError
        With every fault of the template, or of the defaults.
    """
    values = shared_values(batch)
    return _config(values, batch.base, batch.source, "defaults")


def shared_values(batch: BatchConfig, *, moved: bool = True) -> Values:
    """As `shared_config`, as plain values.

    `moved`: paths of the template's inputs as seen from the batch file's folder; else as they
    stand, for a study that is a folder of tables by itself.
    """
    template: Values = {}
    if batch.batch.template:
        path = batch.base / batch.batch.template
        StudyConfig.from_toml(path)
        template = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        template.get("study", {}).pop("name", None)
        _move_decisions(template, path.parent, batch.base)
        if moved:
            _move_paths(template, path.parent, batch.base)
    merged = merge(template, batch.defaults)
    report = merged.setdefault("report", {})
    if isinstance(report, dict):
        report["figures"] = batch.batch.figures
    return merged


def merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> Values:
    """Tables merged key by key; anything else replaced.

    Examples
    --------
    >>> merge({"a": {"b": 1, "c": [1]}}, {"a": {"c": [2]}})
    {'a': {'b': 1, 'c': [2]}}
    """
    merged = dict(under)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = merge(merged[key], value) if both else value
    return merged


@dataclass(frozen=True)
class Ground:
    """What the studies of files are made from."""

    batch: BatchConfig
    shared: Values
    """Shared inputs as seen from the batch file's folder."""
    apart: Values
    """The same as seen from a folder of tables."""
    faults: list[str]
    """Filled as faults are found."""

    @classmethod
    def of(cls, batch: BatchConfig) -> "Ground":
        """Read the template once."""
        shared, apart = (shared_values(batch, moved=moved) for moved in (True, False))
        return cls(batch, shared.get("inputs", {}), apart.get("inputs", {}), [])


def draft_files(batch: BatchConfig) -> list[Draft]:
    """The studies that `files` and `[[studies]]` name.

    Raises
    ------
    ConfigError
        If a pattern finds nothing, or which table a file is cannot be told.
    """
    ground = Ground.of(batch)
    paths = [path for pattern in batch.batch.files for path in _found(ground, pattern)]
    drafts = [_of_file(ground, path, batch.batch.table) for path in dict.fromkeys(paths)]
    drafts += [_of_entry(ground, entry) for entry in batch.studies]
    if ground.faults:
        raise ConfigError(list(dict.fromkeys(ground.faults)), batch.source)
    return drafts


def _of_entry(ground: Ground, entry: Values) -> Draft:
    own = {key: value for key, value in entry.items() if key not in ENTRY_KEYS}
    if not entry.get("file"):
        inputs = merge(ground.shared, own.pop("inputs", {}))
        return Draft(str(entry["name"]), inputs, ground.batch.base, own=own)
    draft = _of_file(ground, str(entry["file"]), entry.get("table") or ground.batch.batch.table)
    name = str(entry.get("name") or draft.name)
    return Draft(name, draft.inputs, draft.base, (draft.name,), own)


def _of_file(ground: Ground, path: str, table: str | None) -> Draft:
    """A study of one file, or of a folder of tables."""
    base, shared = ground.batch.base, ground.shared
    full = base / path
    if full.is_dir():
        return Draft(full.resolve().name, merge(ground.apart, {"folder": path}), base)
    if not full.is_file():
        ground.faults.append(f"{path}: no such file or folder")
    given = [name for name in RECORD_TABLES if name in shared]
    if table is None and len(given) > 1:
        ground.faults.append(
            f"the template maps {', '.join(given)}: say which of them a file is, in [batch] table"
        )
    chosen = table or (given[0] if given else "records")
    others = {name: value for name, value in shared.items() if name not in RECORD_TABLES}
    source = {key: value for key, value in _table(shared.get(chosen)).items() if key != "paths"}
    inputs = {**others, "folder": ".", chosen: {**source, "path": path}}
    return Draft(_stem(Path(path).name), inputs, base, (Path(path).name,))


def _table(value: object) -> Values:
    return dict(value) if isinstance(value, Mapping) else {}


def _stem(name: str) -> str:
    """A file's name without its endings, as `de` of `de.csv.gz`.

    Examples
    --------
    >>> _stem("de.csv.gz"), _stem("v1.2 labs.xlsx")
    ('de', 'v1.2 labs')
    """
    endings = "csv|tsv|txt|gz|xlsx|xlsm|parquet|geoparquet|gpkg|geojson|json"
    return re.sub(rf"(\.({endings}))+$", "", name)


def _found(ground: Ground, pattern: str) -> list[str]:
    """Paths that a pattern finds, as seen from the batch file's folder, in order."""
    base = ground.batch.base
    fixed, wild = _anchor(PurePosixPath(pattern))
    try:
        if (base / pattern).exists():
            return [pattern]
        found = sorted((base / fixed).glob(str(wild))) if wild.parts else []
    except (ValueError, OSError) as error:  # such as `**a`, or a name of a thousand letters
        why = getattr(error, "strerror", None) or error
        ground.faults.append(f"batch.files: {pattern[:200]!r} is no pattern ({why})")
        return []
    if not found:
        ground.faults.append(f"batch.files: {pattern!r} finds nothing in {base.resolve()}")
    return [relative(path, base) for path in found]


def _anchor(pattern: PurePosixPath) -> tuple[PurePosixPath, PurePosixPath]:
    """The part of a pattern without wildcards, which may climb, and the rest."""
    parts = pattern.parts
    at = next((n for n, part in enumerate(parts) if set(part) & set("*?[")), len(parts))
    return PurePosixPath(*parts[:at]), PurePosixPath(*parts[at:])


def units(batch: BatchConfig, drafts: list[Draft]) -> list[Unit]:
    """Whole configurations, in the order of the studies' names.

    Raises
    ------
    ConfigError
        With the faults of all studies; with names given twice or overrides of none.
    """
    shared = shared_values(batch)
    faults = [*_twice(drafts), *_overrides_of_none(batch, drafts)]
    made = []
    ordered = sorted(drafts, key=lambda draft: draft.name)
    folders = folder_names([draft.name for draft in ordered])
    for draft, folder in zip(ordered, folders, strict=True):
        try:
            config = _config(
                _values(batch, draft, shared), draft.base, batch.source, f"study {draft.name!r}"
            )
            made.append(Unit(draft.name, folder, config, draft.also))
        except ConfigError as error:
            faults += error.faults
    if faults:
        raise ConfigError(list(dict.fromkeys(faults)), batch.source)
    return made


def _values(batch: BatchConfig, draft: Draft, shared: Values) -> Values:
    """What is shared, what `[overrides]` say over it, and what the study says of itself."""
    over = merge(_overrides(batch, draft), draft.own or {})
    values = merge(shared, over)
    values["inputs"] = merge(draft.inputs, over.get("inputs", {}))
    values["study"] = {"name": draft.name, **values.get("study", {})}
    _move_decisions(values, batch.base, draft.base)
    return values


def _config(values: Values, base: Path, source: str, whose: str) -> StudyConfig:
    known = {key: value for key, value in values.items() if key not in ("base", "origin")}
    try:
        return StudyConfig.model_validate({**known, "base": base.resolve(), "origin": None})
    except ValidationError as error:
        faults = [f"{whose}: {fault}" for fault in describe_faults(error, StudyConfig, "")]
        raise ConfigError(faults, source) from error


def _twice(drafts: list[Draft]) -> Iterator[str]:
    names = [draft.name for draft in drafts]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{names.count(name)} studies are called {name!r}: give them names in [[studies]]"


def _names(draft: Draft) -> set[str]:
    return {name.casefold() for name in (draft.name, *draft.also)}


def _overrides(batch: BatchConfig, draft: Draft) -> Values:
    found: Values = {}
    for name, sections in batch.overrides.items():
        if name.casefold() in _names(draft):
            found = merge(found, sections)
    return found


def _overrides_of_none(batch: BatchConfig, drafts: list[Draft]) -> Iterator[str]:
    known = {name for draft in drafts for name in _names(draft)}
    for name in batch.overrides:
        if name.casefold() not in known:
            yield f"overrides.{name}: no study of that name{nearest(name, sorted(known))}"


def _move_paths(values: Values, old: Path, new: Path) -> None:
    """Let the paths of a study file's inputs start from another folder."""
    inputs = values.setdefault("inputs", {})
    folder = old / inputs.get("folder", ".")
    for source in inputs.values():
        if isinstance(source, dict):
            if source.get("path"):
                source["path"] = relative(folder / source["path"], new)
            if source.get("paths"):
                source["paths"] = [relative(folder / path, new) for path in source["paths"]]
    inputs["folder"] = "." if _has_sources(inputs) else relative(folder, new)


def _move_decisions(values: Values, old: Path, new: Path) -> None:
    """The same for the files of given polygons and of edits."""
    for section, key in (("boundaries", "file"), ("study", "edits")):
        table = values.get(section)
        if isinstance(table, dict) and table.get(key) and old != new:
            values[section] = {**table, key: relative(old / str(table[key]), new)}


def _has_sources(inputs: Values) -> bool:
    return any(isinstance(source, dict) for source in inputs.values())
