"""Known sources: their own layout read as it is, one module a source.

A preset is named in the study file (``[inputs.records] preset = "ror"``) and says how the files
are opened, what their columns mean and which rows are no records; `columns`, `constants`, `values`,
`factors` and `usd_per_unit` of the study file stand above it.  What it leaves out is counted and
told; the layout and version it knows stand at the head of its module.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final

from geoclust.errors import InputError
from geoclust.records.presets.cordis import CORDIS
from geoclust.records.presets.crunchbase import CRUNCHBASE
from geoclust.records.presets.geonames import GEONAMES
from geoclust.records.presets.openalex import OPENALEX
from geoclust.records.presets.patentsview import PATENTSVIEW
from geoclust.records.presets.preset import Preset
from geoclust.records.presets.regpat import REGPAT
from geoclust.records.presets.ror import ROR
from geoclust.records.raw import RawTable
from geoclust.records.sources import TableSource

KNOWN: Final[Mapping[str, Preset]] = {
    preset.name: preset
    for preset in (ROR, OPENALEX, CORDIS, PATENTSVIEW, REGPAT, CRUNCHBASE, GEONAMES)
}
"""Presets by name; ``generic``, the schema's own names and aliases, needs none."""


def preset_keys(name: str | None) -> frozenset[str] | None:
    """JSON keys that a preset reads; None: all."""
    preset = KNOWN.get(name or "")
    return None if preset is None else preset.keys


def opening(source: TableSource, path: Path) -> TableSource:
    """The source as the file `path` of it is opened: its preset's ways, unless it says else."""
    preset = KNOWN.get(source.preset or "")
    if preset is None:
        return source
    usual = TableSource()
    changed: dict[str, Any] = {
        name: value
        for name, value in preset.reading(path.name).items()
        if getattr(source, name) == getattr(usual, name)
    }
    assert set(changed) <= {field.name for field in fields(TableSource)}
    return replace(source, **changed)


def apply_preset(raws: list[RawTable], source: TableSource, table: str) -> list[RawTable]:
    """The files of one table with columns named as the schema's.

    Raises
    ------
    InputError
        If a file is none of the source's, one that is needed is not there, or the preset does not
        make such a table.
    """
    preset = KNOWN.get(source.preset or "")
    if preset is None:
        return raws
    record_maker = bool({"records", "patents"} & set(preset.fills))
    if table not in preset.fills and (table in {"ties", "places"} or not record_maker):
        made = ", ".join(preset.fills)
        raise InputError(f"{raws[0].file}: preset {preset.name!r} makes {made}, no {table}")
    return preset.shape(raws, source, table)


__all__ = ["KNOWN", "Preset", "apply_preset", "opening", "preset_keys"]
