"""One file: opened safely, recognised, described; never an error, but a problem that is told."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geoclust.errors import InputError
from geoclust.records.files import open_table
from geoclust.records.geojson import MAX_JSON_BYTES
from geoclust.records.inspecting.columns import ColumnGuess
from geoclust.records.inspecting.heading import Heading, find_heading
from geoclust.records.inspecting.tables import TableGuess, guess_table
from geoclust.records.presets import KNOWN
from geoclust.records.raw import RawTable
from geoclust.records.safety import checked_format, checked_path
from geoclust.records.sources import TableSource
from geoclust.records.workbooks import sheet_names

MOST: Final = 0.9
"""Share of a file's rows that must fit what it is taken for."""

SAMPLE_ROWS: Final = 3
"""Rows shown."""

_FORMATS: Final = {
    "text": "delimited text",
    "workbook": "Excel workbook",
    "parquet": "Parquet",
    "geopackage": "GeoPackage",
    "geojson": "JSON",
    "jsonlines": "JSON lines",
    "duckdb": "DuckDB",
}


@dataclass(frozen=True, eq=False)
class Look:
    """What one file is.

    Attributes
    ----------
    path
        As it was given.
    format
        In words; "" where it could not be told.
    rows, header
        Number of rows and names of columns.
    preset, role
        Known source, and which of its files; None where it is none.
    table
        The table it would be of: records, firms, labs, patents, ties, places; None where of no use.
    confidence
        Of the table, 0 to 1.
    why
        What the judgement rests on, or why it is of no use.
    columns
        The mapping proposed, where there is no preset.
    fields
        What its `TableSource` says besides path and columns.
    sample
        First rows: column to value.
    remarks
        What a user should check.
    problem
        Why it could not be read; None where it could.
    """

    path: str
    format: str = ""
    rows: int = 0
    header: tuple[str, ...] = ()
    preset: str | None = None
    role: str | None = None
    table: str | None = None
    confidence: float = 0.0
    why: str = ""
    columns: tuple[ColumnGuess, ...] = ()
    fields: dict[str, Any] = field(default_factory=dict)
    sample: tuple[dict[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    problem: str | None = None


def looks_at(path: str | Path, *, country: str | None = None) -> list[Look]:
    """Describe a file, or each sheet of a workbook that has several.

    Parameters
    ----------
    path, country
        As of `look_at`.
    """
    name = str(path)
    try:
        real = checked_path(Path(path))
        workbook = checked_format(real, name) == "workbook"
        sheets = sheet_names(real, name) if workbook else []
    except InputError as error:
        return [Look(path=name, problem=str(error))]
    if len(sheets) < 2:  # noqa: PLR2004 - one table
        return [look_at(path, country=country)]
    return [look_at(path, sheet=sheet, country=country) for sheet in sheets]


def look_at(path: str | Path, *, sheet: str | None = None, country: str | None = None) -> Look:
    """Open, recognise and describe one file.

    Parameters
    ----------
    path
        A local file in any format that is read.
    sheet
        Of a workbook with several.
    country
        Alpha-2 code of rows that name none.

    Returns
    -------
    Look
        With `problem` set where it cannot be read.
    """
    name = str(path)
    try:
        real = checked_path(Path(path))
        kind = checked_format(real, name)
    except InputError as error:
        return Look(path=name, problem=str(error))
    try:
        fields = {} if sheet is None else {"sheet": sheet}
        return _described(Path(path), real, kind, fields=fields, country=country)
    except InputError as error:
        outlines = _outlines(real) if kind == "geojson" else None
        if outlines is not None:
            return Look(path=name, format="JSON", confidence=0.95, why=outlines)
        return Look(path=name, format=_FORMATS.get(kind, kind), problem=str(error))


def _described(
    path: Path, real: Path, kind: str, *, fields: dict[str, Any], country: str | None
) -> Look:
    heading = find_heading(real, path.as_posix()) if kind == "text" else Heading()
    if heading.geonames:
        raw = open_table(path, TableSource(**KNOWN["geonames"].reading(path.name)))
        return _look(path, kind, raw, TableGuess(None, 0.0, ""), preset="geonames")
    if heading.headerless:
        why = (
            "its first record looks like data: there is no header; name the columns in "
            "header = [...], then map them"
        )
        return Look(path=str(path), format=_FORMATS[kind], confidence=0.7, why=why)
    if heading.row > 1:
        fields = fields | {"header_row": heading.row}
    raw = open_table(path, TableSource(**fields, allow_empty=True))
    if not len(raw.text):
        why = "it has a header and no rows: a table of nothing, which means zero if it is given"
        return Look(
            path=str(path), format=_FORMATS[kind], header=raw.header, why=why, fields=fields
        )
    shapes = _shapes(raw)
    if shapes is not None:
        return Look(
            path=str(path), format=_FORMATS[kind], rows=len(raw.text), header=raw.header,
            confidence=0.95, why=shapes, sample=_sample(raw), fields=fields,
        )  # fmt: skip
    found = _recognised(raw)
    if found is not None:
        if KNOWN[found].reading(path.name):
            raw = open_table(path, TableSource(**{**KNOWN[found].reading(path.name), **fields}))
        return _look(path, kind, raw, TableGuess(None, 0.0, ""), preset=found)
    guess = guess_table(raw, heading.above, sheet=fields.get("sheet", ""), country=country)
    return _look(path, kind, raw, guess, fields=fields)


def _look(
    path: Path,
    kind: str,
    raw: RawTable,
    guess: TableGuess,
    *,
    preset: str | None = None,
    fields: dict[str, Any] | None = None,
) -> Look:
    table, role, why, confidence = guess.table, None, guess.why, guess.confidence
    if preset is not None:
        known = KNOWN[preset]
        role = known.role_of(raw.header)
        table = next((t for t, roles in known.fills.items() if role in roles), None)
        why, confidence = f"its columns are those of {known.title}: {role}", 0.97
    return Look(
        path=str(path),
        format=_FORMATS.get(kind, kind),
        rows=len(raw.text),
        header=raw.header,
        preset=preset,
        role=role,
        table=table,
        confidence=round(confidence, 2),
        why=why,
        columns=guess.columns,
        fields={**(fields or {}), **guess.fields},
        sample=_sample(raw),
        remarks=guess.remarks,
    )


def _recognised(raw: RawTable) -> str | None:
    """The preset whose files have such columns, where the values do not speak against it."""
    for name, preset in KNOWN.items():
        if preset.role_of(raw.header) is None:
            continue
        if name == "ror" and not _has_ror_ids(raw):
            continue
        if name == "regpat" and preset.role_of(raw.header) == "regions":
            continue  # a table of points by region is nobody's own
        if name == "patentsview" and preset.role_of(raw.header) == "locations":
            return name if "disambig_city" in raw.header else None
        return name
    return None


def _has_ror_ids(raw: RawTable) -> bool:
    at = next(i for i, name in enumerate(raw.header) if name in {"id", "ror_a"})
    ids = raw.text[at].dropna().head(100)
    fits = ids.str.fullmatch(r"(?:https?://)?(?:ror\.org/)?0[a-z0-9]{8}", na=False)
    return bool(fits.mean() > MOST)


def _shapes(raw: RawTable) -> str | None:
    """What a file of lines or polygons is, which has no point per record."""
    faults = raw.faults[raw.faults["reason"].str.contains("is no point", na=False)]
    if raw.points is None or len(faults) < MOST * len(raw.text):
        return None
    kinds = ", ".join(sorted(set(faults["value"])))
    properties = ", ".join(raw.header[:6])
    return (
        f"{len(raw.text)} outlines ({kinds}) with {properties}: no table of records, ties or "
        "places, which are points; polygons with names may be given boundaries of regions instead"
    )


def _outlines(path: Path) -> str | None:
    """What JSON that is no table holds, where that can be told."""
    if path.stat().st_size > MAX_JSON_BYTES // 16:
        return None
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError, OSError):
        return None
    if not isinstance(document, dict) or document.get("type") != "Topology":
        return None
    objects = document.get("objects")
    named = objects if isinstance(objects, dict) else {}
    counted = [
        f"{name} ({len(value.get('geometries', [])) if isinstance(value, dict) else 0})"
        for name, value in named.items()
    ]
    return (
        f"TopoJSON outlines: {', '.join(counted) or 'nothing'}; a base map, of which geoclust "
        "has its own, and no table of records, ties or places"
    )


def _sample(raw: RawTable) -> tuple[dict[str, str], ...]:
    first = raw.text.head(SAMPLE_ROWS)
    rows = []
    for at in range(len(first)):
        cells = {name: first[column].iloc[at] for column, name in enumerate(raw.header)}
        rows.append({name: str(value) for name, value in cells.items() if not pd.isna(value)})
    return tuple(rows)
