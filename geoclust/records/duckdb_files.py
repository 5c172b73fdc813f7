"""DuckDB database files as a source: one table, some of its rows, nothing but that file.

The file is opened read only, with every way out of it closed before a statement runs: no other
file, no network, no extension.  Views are not read, since they are statements of the file's author.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from geoclust.errors import InputError
from geoclust.records.conditions import conditions_of
from geoclust.records.points import Located, locate_wkb
from geoclust.records.raw import RawTable, faults_table, raw_table, text_frame
from geoclust.records.server import split_name
from geoclust.records.sources import TableSource, nearest

CLOSED: Final = {
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    "lock_configuration": "true",
}
"""Settings under which a file can reach nothing but itself."""

BATCH_ROWS: Final = 65_536
_UNREADABLE: Final = ("BLOB", "STRUCT", "MAP", "UNION", "VARIANT")


def read_duckdb(path: Path, name: str, source: TableSource) -> RawTable:
    """Read one table of a DuckDB file; its geometry provides the coordinates.

    Raises
    ------
    InputError
        If it is damaged, in use, has several tables and none is chosen, or its reference system
        cannot be used.
    """
    with opened(path, name) as connection:
        schema, table = _table(connection, name, source.table)
        columns = _columns(connection, schema, table)
        shape = _shape(columns, source.geometry, name)
        plain = [column for column, kind in columns.items() if _is_plain(kind)]
        statement, values = _statement(schema, table, plain, shape, where=(source, columns, name))
        chunks, shapes, count = _take(connection.execute(statement, values), len(plain))
    located = _locate(shapes, _crs(columns[shape]), source, name) if shape is not None else None
    raw = raw_table(
        name,
        plain,
        text_frame(chunks, len(plain)),
        np.arange(1, count + 1, dtype=np.int64),
        faults=faults_table(located.faults if located else []),
        points=located.points if located else None,
    )
    for level, message in located.notes if located else ():
        raw.note(level, message)
    return raw


@contextmanager
def opened(path: Path, name: str) -> Iterator[Any]:
    """A read-only connection to the file; what the engine raises is told as `InputError`."""
    try:
        import duckdb  # noqa: PLC0415 - an extra, and only these files need it
    except ImportError as error:
        raise InputError(
            f"{name}: DuckDB files need an extra: pip install 'geoclust[duckdb]' ({error})"
        ) from error
    try:
        connection = duckdb.connect(str(path), read_only=True, config=CLOSED)
        try:
            yield connection
        finally:
            connection.close()
    except (duckdb.Error, pa.ArrowException, RuntimeError) as error:
        said = " ".join(str(error).split())[:300] or type(error).__name__
        raise InputError(f"{name}: damaged, or not readable as DuckDB ({said})") from error


def _table(connection: Any, name: str, wanted: str | None) -> tuple[str, str]:  # noqa: ANN401
    rows: list[tuple[str, str]] = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() "
        "WHERE NOT internal AND NOT temporary AND database_name = current_database() ORDER BY ALL"
    ).fetchall()
    if wanted is not None:
        schema, table = split_name(wanted)
        found = [row for row in rows if row[1] == table and schema in {None, row[0]}]
        if found:
            return found[0]
    elif len(rows) == 1:
        return rows[0]
    names = [table if schema == "main" else f"{schema}.{table}" for schema, table in rows]
    what = f"no table {wanted!r}" if wanted is not None else f"{len(rows)} tables, wanted one"
    raise InputError(f"{name}: {what}; there are {names}: say which in table (views are not read)")


def _columns(connection: Any, schema: str, table: str) -> dict[str, str]:  # noqa: ANN401
    found = connection.execute(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = ? "
        "AND table_name = ? AND database_name = current_database() ORDER BY column_index",
        [schema, table],
    )
    return {str(column): str(kind) for column, kind in found.fetchall()}


def _is_plain(kind: str) -> bool:
    return not kind.startswith(("GEOMETRY", *_UNREADABLE))


def _shape(columns: dict[str, str], wanted: str | None, name: str) -> str | None:
    shapes = [column for column, kind in columns.items() if kind.startswith("GEOMETRY")]
    if wanted in shapes:
        return wanted
    if wanted is not None or len(shapes) > 1:
        what = f"no geometry {wanted!r}" if wanted is not None else "several geometries"
        raise InputError(f"{name}: {what}; there are {shapes}: say which in geometry")
    return shapes[0] if shapes else None


def _statement(
    schema: str,
    table: str,
    plain: list[str],
    shape: str | None,
    *,
    where: tuple[TableSource, dict[str, str], str],
) -> tuple[str, list[object]]:
    """The statement, names quoted, and the values to bind."""
    source, columns, name = where
    fields = [f"CAST({quoted(column)} AS VARCHAR)" for column in plain]
    fields += [f"ST_AsWKB({quoted(shape)})"] if shape is not None else []
    tests: list[str] = []
    values: list[object] = []
    for condition in conditions_of(source.where):
        if condition.column not in columns:
            raise InputError(
                f"{name}: no column {condition.column!r} (in where); found {list(columns)}"
                f"{nearest(condition.column, columns)}"
            )
        test = f"{quoted(condition.column)} {condition.sign} ?"
        tests.append("(" + " OR ".join([test] * len(condition.values)) + ")")
        values += list(condition.values)
    condition_text = " WHERE " + " AND ".join(tests) if tests else ""
    return (
        f"SELECT {', '.join(fields)} FROM {quoted(schema)}.{quoted(table)}{condition_text}",  # noqa: S608 - quoted, bound
        values,
    )


def quoted(identifier: str) -> str:
    """A name as DuckDB quotes it.

    Examples
    --------
    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + identifier.replace('"', '""') + '"'


def _take(cursor: Any, width: int) -> tuple[list[list[pa.Array]], list[bytes | None], int]:  # noqa: ANN401
    chunks: list[list[pa.Array]] = []
    shapes: list[bytes | None] = []
    count = 0
    while rows := cursor.fetchmany(BATCH_ROWS):
        columns = list(zip(*rows, strict=True))
        chunks.append([pa.array(column, pa.string()) for column in columns[:width]])
        if len(columns) > width:
            shapes += columns[width]
        count += len(rows)
    return chunks, shapes, count


def _crs(kind: str) -> str | None:
    """Reference system of a column's type: GEOMETRY('OGC:CRS84')."""
    _, _, rest = kind.partition("(")
    return rest.removesuffix(")").strip("'").replace("''", "'") or None


def _locate(blobs: list[bytes | None], crs: str | None, source: TableSource, name: str) -> Located:
    wkb = np.empty(len(blobs), dtype=object)
    wkb[:] = blobs
    return locate_wkb(wkb, crs=crs, stated=source.crs, file=name)
