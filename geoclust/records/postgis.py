"""PostgreSQL and PostGIS as a source: one table or view, some of its rows, read only.

The driver composes every statement: names are quoted by it, values bound.  All columns are asked
for as the server's own text, so that nothing is rounded or reinterpreted on the way; rows come in
the order of the primary key, else of their content, so that a row's number means something.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from geoclust.errors import InputError
from geoclust.records.addresses import Address
from geoclust.records.conditions import conditions_of, value_text
from geoclust.records.points import Located, locate_wkb
from geoclust.records.raw import RawTable, faults_table, raw_table, text_frame
from geoclust.records.server import Relation, connected, extension_schema, find_relation
from geoclust.records.sources import TableSource, nearest

if TYPE_CHECKING:
    from psycopg.sql import Composable

FETCHED_ROWS: Final = 20_000
SHAPES: Final = ("geometry", "geography")
UNREADABLE: Final = ("bytea", "raster", "topogeometry")


class _Taken(NamedTuple):
    """Rows as they came."""

    chunks: list[list[pa.Array]]
    shapes: list[bytes | None]
    systems: set[int]
    rows: int
    sha256: str
    bytes: int


def read_postgis(address: Address, source: TableSource) -> RawTable:
    """Read one table or view; its geometry provides the coordinates.

    Parameters
    ----------
    address
        The database.
    source
        Which table or view, which rows, how to read them.

    Raises
    ------
    InputError
        If the server cannot be reached or goes away (it and the table are named), the table or a
        column does not exist, or the geometry or reference system cannot be used.
    """
    table = str(source.table)
    with connected(address, f"reading {table}") as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.execute("SET LOCAL datestyle = 'ISO'; SET LOCAL extra_float_digits = 1")
        relation = find_relation(connection, table, address.name)
        file = f"{address.name}/{relation.schema}.{relation.name}"
        shape = _shape(relation, source.geometry, file)
        plain = [name for name, kind in relation.columns if kind not in (*SHAPES, *UNREADABLE)]
        rows = _rows(connection, relation, plain, shape, source=source, file=file)
        taken = _take(rows, has_shape=shape is not None)
        crs = _reference_system(connection, taken.systems, file) if shape else None
    located = _locate(taken.shapes, crs, source, file) if shape else None
    raw = raw_table(
        file,
        plain,
        text_frame(taken.chunks, len(plain)),
        np.arange(1, taken.rows + 1, dtype=np.int64),
        faults=faults_table(located.faults if located else []),
        points=located.points if located else None,
    )
    for level, message in located.notes if located else ():
        raw.note(level, message)
    return replace(raw, sha256=taken.sha256, bytes=taken.bytes)


def _shape(relation: Relation, wanted: str | None, file: str) -> str | None:
    """The geometry column, if there is one."""
    shapes = [name for name, kind in relation.columns if kind in SHAPES]
    if wanted in shapes:
        return wanted
    if wanted is not None or len(shapes) > 1:
        what = f"no geometry {wanted!r}" if wanted is not None else "several geometries"
        raise InputError(f"{file}: {what}; there are {shapes}: say which in geometry")
    return shapes[0] if shapes else None


def _rows(
    connection: Any,  # noqa: ANN401 - the driver is an extra
    relation: Relation,
    plain: Sequence[str],
    shape: str | None,
    *,
    source: TableSource,
    file: str,
) -> Iterator[list[tuple[Any, ...]]]:
    """Rows in batches: the text of every plain column, then geometry and its system."""
    from psycopg import sql  # noqa: PLC0415 - an extra

    condition, values = _condition(relation, source, file)
    fields = [sql.SQL("{}::text").format(_name(name)) for name in plain]
    if shape is not None:
        place = extension_schema(connection) or "public"
        kind = sql.SQL("{}::{}").format(_name(shape), _name(place, "geometry"))
        fields += [
            sql.SQL("{}({})").format(_name(place, function), kind)
            for function in ("st_asbinary", "st_srid")
        ]
    order = [_name(name) for name in relation.key] or [
        sql.SQL('{}::text COLLATE "C"').format(_name(name)) for name in plain
    ]
    statement = sql.SQL("SELECT {} FROM {}{} ORDER BY {}").format(
        sql.SQL(", ").join(fields),
        _name(relation.schema, relation.name),
        condition,
        sql.SQL(", ").join(order) if order else sql.SQL("1"),
    )
    with connection.cursor(name="geoclust") as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(FETCHED_ROWS):
            yield rows


def _condition(
    relation: Relation, source: TableSource, file: str
) -> tuple["Composable", list[str]]:
    """The WHERE of a statement, and the values to bind; every value goes as text, untyped."""
    from psycopg import sql  # noqa: PLC0415 - an extra

    known = [name for name, _ in relation.columns]
    tests: list[Composable] = []
    values: list[str] = []
    for condition in conditions_of(source.where):
        if condition.column not in known:
            raise InputError(
                f"{file}: no column {condition.column!r} (in where); found {known}"
                f"{nearest(condition.column, known)}"
            )
        sign = sql.SQL({"=": "=", ">=": ">=", "<=": "<="}[condition.sign])
        each = sql.SQL("{} {} %s").format(_name(condition.column), sign)
        tests.append(sql.SQL("({})").format(sql.SQL(" OR ").join([each] * len(condition.values))))
        values += [value_text(value) for value in condition.values]
    if not tests:
        return sql.SQL(""), []
    return sql.SQL(" WHERE {}").format(sql.SQL(" AND ").join(tests)), values


def _name(*parts: str) -> "Composable":
    """A name as the driver quotes it; its percent signs are no place for a value."""
    from psycopg import sql  # noqa: PLC0415 - an extra

    return sql.Identifier(*(part.replace("%", "%%") for part in parts))


def _take(batches: Iterator[list[tuple[Any, ...]]], *, has_shape: bool) -> _Taken:
    """Columns of text, geometry, and a checksum of all that came."""
    chunks: list[list[pa.Array]] = []
    shapes: list[bytes | None] = []
    systems: set[int] = set()
    digest, size, count = hashlib.sha256(), 0, 0
    for rows in batches:
        columns = list(zip(*rows, strict=True))
        if has_shape:
            systems.update(srid for srid in columns.pop() if srid is not None)
            shapes += [None if shape is None else bytes(shape) for shape in columns.pop()]
        chunks.append([pa.array(column, pa.string()) for column in columns])
        text = "".join(f"{row!r}\n" for row in rows).encode()
        digest.update(text)
        size += len(text)
        count += len(rows)
    return _Taken(chunks, shapes, systems, count, digest.hexdigest(), size)


def _reference_system(connection: Any, systems: set[int], file: str) -> str | None:  # noqa: ANN401
    """The reference system of all geometries; None where they state none."""
    if len(systems) > 1:
        others = ", ".join(str(system) for system in sorted(systems))
        raise InputError(f"{file}: mixed reference systems: SRIDs {others}; give each its own view")
    number = next(iter(systems), 0)
    if number == 0:
        return None
    from psycopg import sql  # noqa: PLC0415 - an extra

    table = _name(extension_schema(connection) or "public", "spatial_ref_sys")
    found = connection.execute(
        sql.SQL("SELECT auth_name, auth_srid, srtext FROM {} WHERE srid = %s").format(table),
        [number],
    ).fetchone()
    if found is None:
        raise InputError(f"{file}: names the SRID {number}, which the database does not define")
    authority, code, definition = found
    if str(authority).upper() in {"EPSG", "ESRI", "OGC"}:
        return f"{str(authority).upper()}:{code}"
    return str(definition)


def _locate(blobs: list[bytes | None], crs: str | None, source: TableSource, file: str) -> Located:
    wkb = np.empty(len(blobs), dtype=object)
    wkb[:] = blobs
    return locate_wkb(wkb, crs=crs, stated=source.crs, file=file)
