"""One set of tables cut into one set per country, by the country that each row names.

Every row goes to exactly one study, or is set aside with its reason.  A tie goes to the study that
holds both of its ends; one across a border is in no study and is listed.  Places go to their
country; a table of places that names none goes to all.  The cut tables are Parquet files of text
in the words of the data model, with the file and row that each row came from.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd

from geoclust.batch.config import BatchConfig, Values
from geoclust.batch.planning import Draft, shared_config
from geoclust.errors import ConfigError, InputError
from geoclust.gazetteer import country_code, country_name
from geoclust.records import TableSource
from geoclust.records.columns import take_columns
from geoclust.records.files import find_tables, open_named
from geoclust.records.presets import apply_preset
from geoclust.study import StudyConfig

RECORDS: Final = ("firms", "labs", "patents", "records")
ORIGIN: Final = ("original_file", "original_row")
"""Columns of the cut tables that say where a row came from."""

SET_ASIDE: Final = ("file", "row", "record_id", "column", "value", "reason")

KEPT_OPTIONS: Final = (
    "factors", "kind", "decimal", "crs", "currency", "usd_per_unit", "wrap_longitude",
)  # fmt: skip
"""Options of a source that still hold for its cut tables; the others were about the file."""

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True, eq=False)
class Split:
    """Tables cut by country."""

    drafts: list[Draft]
    """The studies, by country code."""

    files: dict[str, bytes]
    """Path in the batch's folder to content of each cut table."""

    set_aside: pd.DataFrame
    """Rows that went to no study: file, row, record_id, column, value, reason."""

    crossing: pd.DataFrame
    """Ties across borders: the rows, and the countries of both ends."""

    left_out: int = 0
    """Rows of records of countries that were not chosen."""

    skipped: int = 0
    """Rows that a preset says are no records."""


class Whole(NamedTuple):
    """A table before it is cut."""

    rows: pd.DataFrame
    source: TableSource
    """How its cut tables are to be read: geometry has become degrees already."""
    left_out: int
    """Rows that a preset says are no records."""


def split_by_country(batch: BatchConfig, folder: Path) -> Split:
    """Cut the tables of the template by country.

    Parameters
    ----------
    batch
        With `split_by`.
    folder
        Folder of the batch; the cut tables are to go to `inputs/<code>` in it.

    Raises
    ------
    InputError
        If a table cannot be read, or one of records names no country.
    ConfigError
        If `countries` names one that is not in the tables.
    """
    config = shared_config(batch)
    wholes = {name: _read(name, source, config) for name, source in _sources(config).items()}
    tables = {name: whole.rows for name, whole in wholes.items()}
    sources = {name: whole.source for name, whole in wholes.items()}
    aside: list[pd.DataFrame] = []
    home: dict[str, str] = {}
    cut: dict[str, Tables] = {}
    for table in [name for name in RECORDS if name in tables]:
        for code, part in _by_country(table, tables[table], aside):
            cut.setdefault(code, {})[table] = part
            home |= dict.fromkeys(part.get("record_id", pd.Series()).dropna(), code)
    chosen = _chosen(batch, sorted(cut))
    crossing = _give_ties(tables.get("ties"), home, cut, aside)
    _give_places(tables.get("places"), cut, aside)
    parts = {
        f"inputs/{code.lower()}/{table}.parquet": _parquet(part)
        for code in chosen
        for table, part in cut[code].items()
    }
    return Split(
        drafts=[
            _draft(code, cut[code], sources, folder=folder, strict=config.inputs.strict)
            for code in chosen
        ],
        files=parts,
        set_aside=pd.concat([pd.DataFrame(columns=SET_ASIDE), *aside], ignore_index=True),
        crossing=crossing,
        skipped=sum(whole.left_out for whole in wholes.values()),
        left_out=sum(
            len(part)
            for code in set(cut) - set(chosen)
            for table, part in cut[code].items()
            if table in RECORDS
        ),
    )


def _sources(config: StudyConfig) -> dict[str, TableSource]:
    sources = config.inputs.sources
    return sources or find_tables(config.base / config.inputs.folder)


def _read(table: str, source: TableSource, config: StudyConfig) -> Whole:
    """Text of a table in the words of the data model, with where each row comes from."""
    home = config.base / config.inputs.folder
    parts = []
    raws = apply_preset(open_named(table, source, home), source, table)
    for raw in raws:
        draft = take_columns(raw, source, table)
        part = draft.table.assign(original_file=raw.file, original_row=raw.row)
        part["_reason"] = ""
        for fault in draft.faults:
            part.loc[fault["position"], "_reason"] = fault["reason"].to_numpy()
        parts.append(part)
    placed = any(raw.points is not None for raw in raws)
    return Whole(
        pd.concat(parts, ignore_index=True),
        replace(source, crs=None) if placed else source,
        sum(raw.left_out for raw in raws),
    )


def _by_country(
    table: str, rows: pd.DataFrame, aside: list[pd.DataFrame]
) -> Iterator[tuple[str, pd.DataFrame]]:
    if "country" not in rows:
        raise InputError(
            f"{table}: names no country to cut by; map one in [inputs.{table}] columns, or give "
            "one file per country"
        )
    codes = _codes(rows["country"])
    unreadable = rows["_reason"] != ""
    lost = codes.isna() & ~unreadable
    reason = "no country: the row can be put in no study"
    unknown = "is no country that is known; the row can be put in no study"
    reasons = rows["country"].isna().map({True: reason, False: unknown})
    _set_aside(aside, rows[lost], "country", reasons[lost])
    _set_aside(aside, rows[unreadable], "", rows.loc[unreadable, "_reason"])
    for code, part in rows[~unreadable].groupby(codes[~unreadable], sort=True):
        yield str(code), part.drop(columns="_reason")


def _codes(column: pd.Series) -> pd.Series:
    known = {word: country_code(str(word)) for word in column.dropna().unique()}
    return column.map(known).astype("str")


def _set_aside(
    aside: list[pd.DataFrame], rows: pd.DataFrame, column: str, reason: pd.Series
) -> None:
    """Note rows that go to no study."""
    if rows.empty:
        return
    nothing = pd.Series("", index=rows.index)
    facts = {
        "file": rows["original_file"],
        "row": rows["original_row"],
        "record_id": rows.get("record_id", nothing),
        "column": column,
        "value": rows.get(column, nothing),
        "reason": reason,
    }
    aside.append(pd.DataFrame(facts).fillna(""))


def _chosen(batch: BatchConfig, codes: list[str]) -> list[str]:
    if not batch.batch.countries:
        return codes
    wanted = {name: country_code(name) for name in batch.batch.countries}
    faults = [
        f"batch.countries: {name!r} is no country in the tables"
        for name, code in wanted.items()
        if code not in codes
    ]
    if faults:
        raise ConfigError(faults, batch.source)
    return sorted({code for code in wanted.values() if code})


def _give_ties(
    ties: pd.DataFrame | None, home: dict[str, str], cut: dict[str, Tables], aside: list[Any]
) -> pd.DataFrame:
    """Ties to the country of both ends; returns those across borders."""
    if ties is None:
        return pd.DataFrame(columns=["country_a", "country_b", *ORIGIN])
    a, b = (ties[f"organisation_{end}"].map(home).astype("str") for end in "ab")
    unreadable = ties["_reason"] != ""
    unknown = (a.isna() | b.isna()) & ~unreadable
    reason = pd.Series("an end is no organisation of the tables", index=ties.index)
    _set_aside(aside, ties[unknown], "organisation_a", reason[unknown])
    _set_aside(aside, ties[unreadable], "", ties.loc[unreadable, "_reason"])
    known = ties[~unknown & ~unreadable].drop(columns="_reason")
    within = a[known.index] == b[known.index]
    for code, tables in cut.items():
        tables["ties"] = known[within & (a[known.index] == code)]
    across = known[~within]
    return across.assign(country_a=a[across.index], country_b=b[across.index])


def _give_places(
    places: pd.DataFrame | None, cut: dict[str, Tables], aside: list[pd.DataFrame]
) -> None:
    if places is None:
        return
    if "country" not in places:
        for tables in cut.values():
            tables["places"] = places.drop(columns="_reason")
        return
    empty = places.iloc[:0].drop(columns="_reason")
    of_country = dict(_by_country("places", places, aside))
    for code, tables in cut.items():
        tables["places"] = of_country.get(code, empty)


def _parquet(part: pd.DataFrame) -> bytes:
    target = io.BytesIO()
    part.reset_index(drop=True).to_parquet(target, index=False)
    return target.getvalue()


def _draft(
    code: str, tables: Tables, sources: dict[str, TableSource], *, folder: Path, strict: bool
) -> Draft:
    """The study of one country, whose tables lie in a folder of the batch."""
    inputs: Values = {"folder": ".", **({"strict": True} if strict else {})}
    whole = TableSource(path="-")
    for table in tables:
        options = {
            name: getattr(sources[table], name)
            for name in KEPT_OPTIONS
            if getattr(sources[table], name) != getattr(whole, name)
        }
        empty = {} if len(tables[table]) else {"allow_empty": True}
        inputs[table] = {**options, **empty, "path": f"{table}.parquet"}
    return Draft(country_name(code), inputs, folder / "inputs" / code.lower(), (code,))


def originals(folder: Path, rejected: pd.DataFrame) -> pd.DataFrame:
    """Rejected rows of a cut study with the file and row they came from instead of its own."""
    parts = {}
    for name in rejected["file"].unique():
        path = folder / str(name)
        parts[name] = pd.read_parquet(path, columns=list(ORIGIN)) if path.is_file() else None
    told = rejected.copy()
    for name, part in parts.items():
        if part is None:
            continue
        where = rejected["file"] == name
        rows = part.iloc[rejected.loc[where, "row"].astype("int64") - 2]
        told.loc[where, "file"] = rows["original_file"].to_numpy()
        told.loc[where, "row"] = rows["original_row"].astype("str").to_numpy()
    return told
