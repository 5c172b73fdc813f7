"""Foreign column names, constants and words to the schema; one column of text per schema column.

A schema column is taken, in this order, from: the `columns` mapping of its source; a constant; a
header of the same name (capitals, spaces and hyphens do not matter); the file's geometry
(longitude and latitude only); a known alias.  An alias counts only where it is the only one:
`lat` beside `y` is refused.  `x` and `y` count only as a pair, as longitude and latitude (or as
the coordinates of the stated `crs`).
"""

import re
from collections.abc import Mapping
from typing import Final

import pandas as pd

from geoclust.errors import InputError
from geoclust.records.draft import Draft, draft_of
from geoclust.records.raw import RawTable
from geoclust.records.sources import RECORD_TABLES, TableSource, nearest
from geoclust.schema import APPLICANT_DTYPES, PLACE_DTYPES, RECORD_DTYPES, TIE_DTYPES

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "record_id": ("id",),
    "longitude": ("lon", "lng", "long", "x"),
    "latitude": ("lat", "y"),
    "place": ("city",),
    "country": ("country_code",),
    "organisation_id": ("organization_id",),
    "website": ("domain",),
    "organisation_a": ("organization_a",),
    "organisation_b": ("organization_b",),
    "project": ("project_id",),
}
"""Headers understood without a mapping, besides the schema's own."""

WANTED: Final = {
    **dict.fromkeys((*RECORD_TABLES, "records"), ("record_id", *RECORD_DTYPES)),
    **dict.fromkeys(("patents", "records"), ("record_id", *RECORD_DTYPES, *APPLICANT_DTYPES)),
    "ties": tuple(TIE_DTYPES),
    "places": tuple(PLACE_DTYPES),
}
"""Schema columns of each table."""


def take_columns(raw: RawTable, source: TableSource, table: str) -> Draft:
    """The schema's columns of a file, as text; rows that could not be read are bad already.

    Parameters
    ----------
    raw
        Text of one file.
    source
        Mapping, constants and translations.
    table
        One of `WANTED`.

    Raises
    ------
    InputError
        If a mapped column is absent or recurs, an alias is not unique, or a column that the
        table cannot do without is missing.
    """
    chosen, remarks = _choose(raw, source, table)
    columns = {name: raw.text[at] for name, at in chosen.items()}
    if raw.points is not None and "longitude" not in chosen:
        columns |= {name: raw.points[name] for name in ("longitude", "latitude")}
    index = raw.text.index
    for name, value in source.constants.items():
        if name in WANTED[table]:
            word = str(value).lower() if isinstance(value, bool) else str(value)
            columns[name] = pd.Series(word, index=index, dtype="str")
    _require(columns, raw, source, table)
    for name, words in source.values.items():
        if name in columns:
            columns[name] = _translate(columns[name], words)
    draft = draft_of(pd.DataFrame(columns, index=index), raw.file, raw.row)
    _carry_over(draft, raw)
    for column, message in remarks:
        draft.note("info", message, column=column, file=raw.file)
    return draft


def header_key(name: str) -> str:
    """A header as it is compared: lower case, words joined by underscores.

    Examples
    --------
    >>> header_key(" Funding USD ")
    'funding_usd'
    """
    return re.sub(r"[\s_-]+", "_", name.strip().casefold())


def _carry_over(draft: Draft, raw: RawTable) -> None:
    draft.notes.extend(raw.notes)
    if len(raw.faults):
        position = raw.faults["position"].to_numpy()
        draft.faults.append(raw.faults)
        draft.bad[position] = True
        draft.unreadable[position] = True


def _choose(
    raw: RawTable, source: TableSource, table: str
) -> tuple[dict[str, int], list[tuple[str, str]]]:
    keys = [header_key(name) for name in raw.header]
    chosen = {}
    remarks = []
    for name in WANTED[table]:
        if name in source.columns:
            chosen[name] = _mapped(source.columns[name], name, raw, keys)
        elif name not in source.constants and name in keys:
            chosen[name] = _single(name, raw, keys)
    explicit = set(chosen) | set(source.constants)
    if raw.points is not None:
        explicit |= {"longitude", "latitude"}
        if not {"longitude", "latitude"} <= set(source.columns):
            chosen = {k: at for k, at in chosen.items() if k not in {"longitude", "latitude"}}
    for name, at in _aliases(explicit, raw, keys, table).items():
        chosen[name] = at
        remarks.append((name, f"column {raw.header[at]!r} taken as {name}"))
    unused = [raw.header[at] for at in range(len(keys)) if at not in chosen.values()]
    if unused and source.preset is None:
        shown = ", ".join(repr(name) for name in unused[:8]) + (" ..." if len(unused) > 8 else "")  # noqa: PLR2004
        remarks.append(("", f"{len(unused)} columns not used: {shown}"))
    return chosen, remarks


def _mapped(foreign: str, name: str, raw: RawTable, keys: list[str]) -> int:
    if foreign in raw.header:
        if raw.header.count(foreign) > 1:
            raise InputError(f"{raw.file}: the column {foreign!r} (for {name}) is there twice")
        return raw.header.index(foreign)
    if header_key(foreign) in keys:
        return _single(header_key(foreign), raw, keys)
    raise InputError(
        f"{raw.file}: no column {foreign!r} (for {name}); found {_shown(raw.header)}"
        f"{nearest(foreign, raw.header)}"
    )


def _single(key: str, raw: RawTable, keys: list[str]) -> int:
    if keys.count(key) > 1:
        places = [at + 1 for at, found in enumerate(keys) if found == key]
        raise InputError(
            f"{raw.file}: the column {raw.header[keys.index(key)]!r} is there more than once "
            f"(columns {places}); rename or remove one"
        )
    return keys.index(key)


def _aliases(explicit: set[str], raw: RawTable, keys: list[str], table: str) -> dict[str, int]:
    found = {}
    pair = {"x", "y"} <= set(keys)
    for name, aliases in ALIASES.items():
        if name in explicit or name not in WANTED[table]:
            continue
        present = [alias for alias in aliases if alias in keys and (alias not in "xy" or pair)]
        if len(present) > 1:
            raise InputError(
                f"{raw.file}: {' and '.join(present)} may both be {name}; map one of them in "
                "columns"
            )
        if present:
            found[name] = _single(present[0], raw, keys)
    return found


def _require(columns: dict[str, pd.Series], raw: RawTable, source: TableSource, table: str) -> None:
    have = set(columns)
    if table == "ties":
        lacking = {"organisation_a", "organisation_b"} - have
    elif table == "places":
        lacking = {"longitude", "latitude"} - have
    else:
        located = {"longitude", "latitude"} <= have or {"place", "country"} <= have
        lacking = set() if located else {"longitude", "latitude"} - have
        if table == "records" and "kind" not in have and source.kind is None:
            lacking |= {"kind"}
    if lacking:
        others = [name for name in raw.header if header_key(name) not in WANTED[table]]
        hints = "".join(sorted({nearest(name, others) for name in lacking} - {""}))
        either = ", nor for place and country" if "longitude" in lacking else ""
        either = "" if table == "places" else either
        raise InputError(
            f"{raw.file}: no column for {', '.join(sorted(lacking))}{either}; found "
            f"{_shown(raw.header)}; {_advice(raw)}{hints}"
        )


def _advice(raw: RawTable) -> str:
    if len(raw.header) == 1 and re.search("[,;\t|]", raw.header[0]):
        return "that is one single column: leave delimiter out, or give the right one"
    return "map the file's own names in columns, or let geoclust init guess them"


def _translate(column: pd.Series, words: Mapping[str, str]) -> pd.Series:
    folded = {word.casefold(): meaning for word, meaning in words.items()}
    answers = {word: folded.get(str(word).casefold(), word) for word in column.dropna().unique()}
    told = [answers.get(word) or None for word in column]
    return pd.Series(told, index=column.index, dtype="str")


def _shown(header: tuple[str, ...]) -> str:
    listed = ", ".join(repr(name[:40]) for name in header[:15])
    return listed + (f" and {len(header) - 15} more" if len(header) > 15 else "")  # noqa: PLR2004
