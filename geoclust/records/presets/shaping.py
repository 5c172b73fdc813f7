"""What presets share: columns by name, rows left out and counted, tables put together anew."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoclust.errors import InputError
from geoclust.records.columns import header_key
from geoclust.records.raw import RawTable, faults_table
from geoclust.records.sources import RECORD_TABLES, TableSource

Mask = npt.NDArray[np.bool_]

EXAMPLES: Final = 4
"""How many words of those left out a note quotes."""


def text_column(raw: RawTable, *names: str) -> pd.Series:
    """The first column of one of these names; all missing where there is none."""
    keys = [header_key(name) for name in raw.header]
    for name in names:
        if name in keys:
            return raw.text[keys.index(name)]
    return pd.Series(np.nan, index=raw.text.index, dtype="str")


def json_column(raw: RawTable, name: str) -> list[Any]:
    """Values of a column of JSON text; None where missing or damaged."""
    return [_loaded(cell) for cell in text_column(raw, name)]


def text_series(values: Iterable[object], index: pd.Index) -> pd.Series:
    """Texts, missing where None."""
    texts = [None if value is None or value != value else str(value) for value in values]  # noqa: PLR0124 - NaN
    return pd.Series(texts, index=index, dtype="str")


def piece(column: pd.Series, pattern: str, at: int = 0) -> pd.Series:
    r"""The `at`-th piece of each text as a pattern parts it; missing where there is none.

    Examples
    --------
    >>> piece(pd.Series(["a; b", None, "c"], dtype="str"), r";\s*", 1).tolist()
    ['b', nan, nan]
    """
    parts = [re.split(pattern, cell) if isinstance(cell, str) else [] for cell in column]
    return text_series((found[at] if at < len(found) else None for found in parts), column.index)


def words(source: TableSource, column: str, own: Mapping[str, str]) -> dict[str, str]:
    """What the source's own words mean: the preset's, with the study file's `values` above."""
    given = {word.casefold(): meaning for word, meaning in source.values.get(column, {}).items()}
    return {word.casefold(): meaning for word, meaning in own.items()} | given


def shaped(
    raw: RawTable,
    columns: Mapping[str, pd.Series],
    left_out: Sequence[tuple[Mask, str]] = (),
) -> RawTable:
    """The table with `columns` of the schema first, without the rows left out, each counted.

    Parameters
    ----------
    raw
        The file; rows that could not be read stay, to be rejected by name.
    columns
        Schema column to text, over the rows of `raw`.
    left_out
        Pairs of the rows left out and why; a row counts for the first reason it meets.
    """
    unreadable = np.zeros(len(raw.text), bool)
    unreadable[raw.faults["position"].to_numpy()] = True
    keep, reasons = _kept(left_out, unreadable)
    others = [at for at, name in enumerate(raw.header) if header_key(name) not in columns]
    parts = [*(own.astype("str") for own in columns.values()), *(raw.text[at] for at in others)]
    text = pd.DataFrame(dict(enumerate(parts)), index=raw.text.index)[keep].reset_index(drop=True)
    places = np.cumsum(keep) - 1
    faults = raw.faults.assign(position=places[raw.faults["position"].to_numpy()])
    made = replace(
        raw,
        header=(*columns, *(raw.header[at] for at in others)),
        text=text,
        row=raw.row[keep],
        points=None,
        faults=faults,
        notes=list(raw.notes),
        left_out=raw.left_out + int((~keep).sum()),
    )
    if reasons:
        message = f"{made.left_out} of {len(keep)} rows left out by the preset: {reasons}"
        made.note("info", message, count=made.left_out)
    return made


def remade(raw: RawTable, columns: Mapping[str, Sequence[object]], row: Sequence[int]) -> RawTable:
    """A table of other rows than the file's own, such as ties of projects; `row` says where from.

    Rows of the file that could not be read are put behind, to be rejected by name.
    """
    broken = raw.faults["position"].to_numpy()
    size = len(row)
    index = pd.RangeIndex(size + len(broken))
    filled = {
        at: text_series([*values, *[None] * len(broken)], index)
        for at, values in enumerate(columns.values())
    }
    return replace(
        raw,
        header=tuple(columns),
        text=pd.DataFrame(filled, index=index),
        row=np.asarray([*row, *raw.row[broken]], dtype=np.int64),
        points=None,
        faults=raw.faults.assign(position=np.arange(size, len(index))),
        notes=list(raw.notes),
    )


def aside(raw: RawTable, header: Sequence[str], what: str) -> RawTable:
    """A file that is read for what it says of others: no rows of its own, but accounted for."""
    empty = pd.DataFrame(
        {at: pd.Series(dtype="str") for at in range(len(header))}, index=pd.RangeIndex(0)
    )
    made = replace(
        raw,
        header=tuple(header),
        text=empty,
        row=np.empty(0, np.int64),
        points=None,
        faults=faults_table([]),
        notes=list(raw.notes),
    )
    made.note("info", f"{len(raw.text)} rows read for {what}", count=len(raw.text))
    return made


def not_wanted(kinds: pd.Series, table: str) -> tuple[Mask, str]:
    """Rows of a known kind that belongs into another table."""
    wanted = RECORD_TABLES.get(table)
    if wanted is None:
        return np.zeros(len(kinds), bool), ""
    return (kinds.notna() & kinds.ne(wanted)).to_numpy(), f"no {wanted}s, as this table holds"


def unmapped(kinds: pd.Series, words_found: pd.Series, what: str) -> tuple[Mask, str]:
    """Rows whose own word stands for no kind; the reason quotes the words."""
    lost = kinds.isna().to_numpy()
    return lost, f"whose {what} is not mapped{quoted(words_found[lost])}"


def quoted(found: pd.Series) -> str:
    """The most frequent words, in brackets; nothing where there are none."""
    counts = found.dropna().value_counts().rename_axis("word").reset_index(name="count")
    counts = counts.sort_values(["count", "word"], ascending=[False, True])
    shown = ", ".join(repr(str(word)[:40]) for word in counts["word"].head(EXAMPLES))
    return f" ({shown})" if shown else ""


def required(raws: Mapping[str, list[RawTable]], role: str, preset: str) -> list[RawTable]:
    """The files of a role that the preset cannot do without.

    Raises
    ------
    InputError
        If there is none.
    """
    if not raws.get(role):
        given = sorted(raw.file for group in raws.values() for raw in group)
        raise InputError(
            f"{', '.join(given)}: preset {preset!r} needs the file of {role} for this table; give "
            "it in path or paths"
        )
    return raws[role]


def _kept(left_out: Sequence[tuple[Mask, str]], unreadable: Mask) -> tuple[Mask, str]:
    keep = np.ones(len(unreadable), bool)
    reasons = []
    for mask, why in left_out:
        new = np.asarray(mask, bool) & keep & ~unreadable
        if new.any():
            reasons.append(f"{int(new.sum())} {why}")
            keep &= ~new
    return keep, ", ".join(reasons)


def _loaded(cell: object) -> Any:  # noqa: ANN401 - any JSON
    if not isinstance(cell, str):
        return None
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return None
