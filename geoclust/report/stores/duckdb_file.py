"""A DuckDB file as a sink: all tables of a study in one file, replaced as a whole."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd
import pyarrow as pa

from geoclust.errors import InputError, OutputError, ParameterError
from geoclust.records.duckdb_files import opened, quoted
from geoclust.report.stores.marks import Tables, marked, refuse_others, rows_of
from geoclust.report.stores.single_file import replaced
from geoclust.report.tables.columns import (
    NUMBER,
    SHAPE,
    TEXT,
    TRUTH,
    WHOLE,
    column_kinds,
    plain_columns,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

STORAGE: Final = "v1.5.0"
"""Layout of the file: the first that knows reference systems, read by every later version."""

CRS: Final = "OGC:CRS84"
"""WGS84 with longitude first, as DuckDB's type of geometry names it."""

_TYPES: Final = {
    TEXT: pa.string(),
    WHOLE: pa.int64(),
    NUMBER: pa.float64(),
    TRUTH: pa.bool_(),
    SHAPE: pa.binary(),
}


def write_duckdb(tables: Tables, path: Path, *, note: str) -> dict[str, int]:
    """Write tables into a DuckDB file, all of them or none.

    As `write_geopackage` in everything; geometry is kept as DuckDB's own, the note in the comment
    of each table.

    Raises
    ------
    InputError
        If DuckDB is not installed.
    OutputError, ParameterError
        As `write_geopackage`.
    """
    _refuse_foreign(path)
    try:
        import duckdb  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise InputError(
            f"{path}: DuckDB files need an extra: pip install 'geoclust[duckdb]' ({error})"
        ) from error
    with replaced(path) as fresh:
        try:
            connection = duckdb.connect(
                str(fresh), config={"storage_compatibility_version": STORAGE}
            )
            try:
                for name, table in tables.items():
                    _write(connection, name, table, note)
            finally:
                connection.close()
        except duckdb.Error as error:
            said = " ".join(str(error).split())[:300]
            raise OutputError(f"{path}: {said}. A file written before is untouched") from error
    return rows_of(tables)


def _write(connection: "DuckDBPyConnection", name: str, table: pd.DataFrame, note: str) -> None:
    kinds = column_kinds(table)
    cells = plain_columns(table)
    rows = pa.table({column: pa.array(cells[column], _TYPES[kinds[column]]) for column in cells})
    fields = [
        f"ST_GeomFromWKB({quoted(column)})::GEOMETRY('{CRS}') AS {quoted(column)}"
        if kind == SHAPE
        else quoted(column)
        for column, kind in kinds.items()
    ]
    connection.register("geoclust_rows", rows)
    connection.execute(
        f"CREATE TABLE {quoted(name)} AS SELECT {', '.join(fields)} "  # noqa: S608 - quoted
        "FROM geoclust_rows"
    )
    connection.unregister("geoclust_rows")
    said = marked(note).replace("'", "''")
    connection.execute(f"COMMENT ON TABLE {quoted(name)} IS '{said}'")


def _refuse_foreign(path: Path) -> None:
    if not path.exists():
        return
    try:
        with opened(path, str(path)) as connection:
            marks = connection.execute("SELECT comment FROM duckdb_tables()").fetchall()
    except InputError as error:
        raise ParameterError(f"{error}: left as it is; give another file") from error
    refuse_others(path, (mark for (mark,) in marks), "tables")
