"""Reads the tables of a study: open, map, check, settle; nothing lost on the way."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from geoclust.errors import ParameterError, RejectedRowsError
from geoclust.records.assembly import Part, assemble
from geoclust.records.checks import check_places, check_records, check_ties
from geoclust.records.columns import take_columns
from geoclust.records.draft import Draft
from geoclust.records.files import find_tables, open_named, require_records
from geoclust.records.frames import raw_of_frame
from geoclust.records.identity import Decisions, read_decisions
from geoclust.records.inputs import Inputs
from geoclust.records.presets import apply_preset
from geoclust.records.raw import RawTable
from geoclust.records.sources import RECORD_TABLES, TABLES, TableSource, nearest

Source = TableSource | pd.DataFrame | str | Path
"""One table: how to read it, a frame, or just its path."""

SHOWN_REJECTS: Final = 5
"""Rejected rows that an error quotes."""

_log = logging.getLogger(__name__)


def read_inputs(
    source: str | Path | Mapping[str, Source],
    *,
    folder: str | Path | None = None,
    strict: bool = False,
    identity: str | Path | pd.DataFrame | None = None,
    accept_above: float | None = None,
) -> Inputs:
    """Read firms, labs, patents, ties and places, keeping account of every row.

    A bad row never stops a good one and is never dropped silently: it is in `rejected` with its
    file, row, column, value and reason.

    Parameters
    ----------
    source
        A folder with files named after their tables (`firms.csv`, `labs.xlsx`,
        `patents_2020.csv`, `patents_2021.csv`, `ties.csv`, `places.gpkg`, or `records.csv` with a
        column `kind`); or a mapping of table name to `TableSource`, path or DataFrame.
    folder
        Folder that relative paths of a mapping start from; links must not lead out of it.
    strict
        Make any rejected row an error.
    identity
        Table of decisions on which organisations are one, as `geoclust identity` writes it; none
        is merged without.
    accept_above
        Score (0 to 1) from which its pairs suggested "same" count without a decision.

    Returns
    -------
    Inputs
        Records sorted by id: the same whatever the order of rows and files.

    Raises
    ------
    InputError
        If there is no table of records, or a file cannot be read.
    ParameterError
        If the mapping names an unknown table.
    RejectedRowsError
        If `strict` and rows were rejected.

    Examples
    --------
    >>> firms = pd.DataFrame({"id": ["a", "b"], "lon": [0.1, 200], "lat": [52.2, 52.2]})
    >>> inputs = read_inputs({"firms": firms})
    >>> inputs
    Inputs(1 firms, 0 labs, 0 patents, 0 ties, 0 places, 1 rows rejected, 0 merged)
    >>> inputs.rejected[["row", "column", "value"]].to_numpy().tolist()
    [[3, 'longitude', '200']]
    """
    if isinstance(source, Mapping):
        base = None if folder is None else Path(folder)
        tables = _named(source)
        require_records(tables, "inputs")
    else:
        base = Path(source)
        tables = dict(find_tables(base))
    parts = [
        part for table in TABLES if table in tables for part in _read(table, tables[table], base)
    ]
    decisions = _decisions(identity, base, accept_above)
    return _finish(assemble(parts, decisions=decisions), strict=strict)


def read_records(source: Source, *, kind: str | None = None, strict: bool = False) -> Inputs:
    """Read one table of records, from a file or a DataFrame.

    Parameters
    ----------
    source
        Path, frame or `TableSource`.
    kind
        ``firm``, ``lab`` or ``patent``, where the table does not say.
    strict
        Make any rejected row an error.

    Returns
    -------
    Inputs
        With `records`, and the account of what became of each row.

    Raises
    ------
    InputError, RejectedRowsError
        As `read_inputs`.

    Examples
    --------
    >>> frame = pd.DataFrame({"lon": [0.1], "lat": [52.2], "name": ["A"]}, index=["a"])
    >>> read_records(frame, kind="lab").records["kind"].tolist()
    ['lab']
    """
    names = {kind: table for table, kind in RECORD_TABLES.items()}
    if kind is not None and kind not in names:
        raise ParameterError(f"kind is {kind!r}, wanted one of {', '.join(names)}")
    return _finish(assemble(_read(names.get(kind or "", "records"), source, None)), strict=strict)


def read_ties(
    source: Source, *, records: pd.DataFrame | None = None, strict: bool = False
) -> Inputs:
    """Read one table of ties, from a file or a DataFrame.

    Parameters
    ----------
    source
        Path, frame or `TableSource`.
    records
        Accepted records, so that ties to unknown organisations are set aside; without them the
        ends are not checked.
    strict
        Make any rejected row an error.

    Returns
    -------
    Inputs
        With `ties`, and the account of what became of each row.

    Raises
    ------
    InputError, RejectedRowsError
        As `read_inputs`.

    Examples
    --------
    >>> frame = pd.DataFrame({"organisation_a": ["b", "a"], "organisation_b": ["a", "a"]})
    >>> read_ties(frame).ties[["organisation_a", "organisation_b"]].to_numpy().tolist()
    [['a', 'b']]
    """
    kinds = None if records is None else records["kind"]
    return _finish(assemble(_read("ties", source, None), kinds=kinds), strict=strict)


def read_places(source: Source, *, strict: bool = False) -> Inputs:
    """Read one table of places, from a file or a DataFrame.

    Parameters
    ----------
    source
        Path, frame or `TableSource`.
    strict
        Make any rejected row an error.

    Returns
    -------
    Inputs
        With `places`, and the account of what became of each row.

    Raises
    ------
    InputError, RejectedRowsError
        As `read_inputs`.

    Examples
    --------
    >>> frame = pd.DataFrame({"lon": [10.75], "lat": [59.91], "population": [7e5]})
    >>> read_places(frame).places["population"].tolist()
    [700000.0]
    """
    return _finish(assemble(_read("places", source, None)), strict=strict)


def _decisions(
    identity: str | Path | pd.DataFrame | None, base: Path | None, accept_above: float | None
) -> Decisions | None:
    if identity is None:
        if accept_above is not None:
            raise ParameterError("accept_above means something only with identity; give its table")
        return None
    return read_decisions(identity, folder=base, accept_above=accept_above)


def _named(source: Mapping[str, Source]) -> dict[str, Source]:
    for name in source:
        if name not in TABLES:
            hint = nearest(str(name), TABLES)
            raise ParameterError(f"no table is called {name!r}{hint}; known: {', '.join(TABLES)}")
    return dict(source)


def _read(table: str, source: Source, folder: Path | None) -> list[Part]:
    if isinstance(source, pd.DataFrame):
        options = TableSource()
        raws = [raw_of_frame(source, table)]
    else:
        options = source if isinstance(source, TableSource) else TableSource(path=source)
        raws = apply_preset(open_named(table, options, folder), options, table)
    return [_part(table, raw, options) for raw in raws]


def _part(table: str, raw: RawTable, source: TableSource) -> Part:
    draft = take_columns(raw, source, table)
    _check(draft, table, source)
    _log.info("%s: %d rows, %d of them bad", raw.file, len(draft.table), int(draft.bad.sum()))
    return Part(
        table=table,
        draft=draft,
        file=raw.file,
        sha256=raw.sha256,
        bytes=raw.bytes,
        left_out=raw.left_out,
    )


def _check(draft: Draft, table: str, source: TableSource) -> None:
    if table == "ties":
        check_ties(draft, source)
    elif table == "places":
        check_places(draft, source)
    else:
        check_records(draft, source, RECORD_TABLES.get(table, source.kind))


def _finish(inputs: Inputs, *, strict: bool) -> Inputs:
    if strict and inputs.rejected_count:
        first = inputs.rejected.head(SHOWN_REJECTS)
        lines = [
            f"  {line.file}, row {line.row}, {line.column} {line.value!r}: {line.reason}"
            for line in first.itertuples()
        ]
        more = inputs.rejected_count - len(first)
        tail = [f"  and {more} more"] if more else []
        heading = f"{inputs.rejected_count} rows rejected, and the reading is strict:"
        raise RejectedRowsError("\n".join([heading, *lines, *tail]))
    return inputs
