"""PostGIS as a sink: all tables of a study in one schema, in one transaction.

Readers see the old tables or the new ones, never a mixture.  A table that is there already and has
the same columns keeps its identity, so that views and grants on it stay; one of other columns is
replaced.  Tables of other origin are never touched: ours say so in their comment.
"""

import logging
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geoclust.errors import OutputError, ParameterError
from geoclust.records.addresses import Address
from geoclust.records.server import connected, extension_schema
from geoclust.report.stores.marks import Tables, is_ours, marked
from geoclust.report.tables.columns import (
    KEYS,
    NUMBER,
    SHAPE,
    SHAPES,
    TEXT,
    TRUTH,
    WHOLE,
    column_kinds,
    plain_columns,
)

if TYPE_CHECKING:
    from psycopg.sql import Composed

_TYPES: Final = {TEXT: "text", WHOLE: "bigint", NUMBER: "double precision", TRUTH: "boolean"}

logger = logging.getLogger(__name__)


def write_postgis(tables: Tables, address: Address, schema: str, *, note: str) -> dict[str, int]:
    """Write tables into a schema of a database, all of them or none.

    Parameters
    ----------
    tables
        By name; geometry in EPSG:4326.
    address
        The database.  It needs PostGIS, and a user who may create tables in the schema, or the
        schema itself.
    schema
        Made where it does not exist.
    note
        Version and study, kept in the comment of each table.

    Returns
    -------
    dict
        Rows of each table.

    Raises
    ------
    OutputError
        If the server cannot be reached or goes away: it and the table are named, and what was
        there before stays.
    ParameterError
        If a table of another origin is in the way, another run is writing, or PostGIS is absent.
    """
    doing = [f"opening the schema {schema}"]
    rows = {}
    try:
        with connected(address, "writing", OutputError) as connection:
            place = _prepare(connection, address, schema, tables)
            for name, table in tables.items():
                doing[0] = f"writing {schema}.{name}"
                rows[name] = _write(connection, (schema, name), table, place=place, note=note)
            doing[0] = f"finishing {schema}"
    except OutputError as error:
        said = str(error).replace(": writing: ", f": {doing[0]}: ", 1)
        raise OutputError(f"{said}. What was in the schema before is untouched") from error
    logger.info("wrote %d tables to %s, schema %s", len(rows), address.name, schema)
    return rows


def _prepare(
    connection: Any,  # noqa: ANN401 - the driver is an extra
    address: Address,
    schema: str,
    tables: Tables,
) -> str:
    """Lock, look for strangers, make the schema; the schema of PostGIS."""
    from psycopg import sql  # noqa: PLC0415 - an extra

    (alone,) = connection.execute(
        "SELECT pg_catalog.pg_try_advisory_xact_lock("
        "pg_catalog.hashtext('geoclust'), pg_catalog.hashtext(%s))",
        [schema],
    ).fetchone()
    if not alone:
        raise ParameterError(
            f"{address.name}: the schema {schema} is being written by another run: wait until it "
            "is done, or give another schema"
        )
    place = extension_schema(connection)
    if place is None:
        raise ParameterError(
            f"{address.name}: the database has no PostGIS; its owner adds it with: "
            "CREATE EXTENSION postgis"
        )
    foreign = [name for name, mark in _present(connection, schema).items() if not is_ours(mark)]
    taken = sorted(set(foreign) & set(tables))
    if taken:
        raise ParameterError(
            f"{address.name}: the schema {schema} holds {', '.join(taken)}, not written by "
            "geoclust: left as they are; give another schema"
        )
    (known,) = connection.execute(
        "SELECT pg_catalog.count(*) FROM pg_catalog.pg_namespace WHERE nspname = %s", [schema]
    ).fetchone()
    if not known:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    return place


def _present(connection: Any, schema: str) -> dict[str, str | None]:  # noqa: ANN401
    """Names and comments of what a schema holds."""
    return dict(
        connection.execute(
            "SELECT c.relname, pg_catalog.obj_description(c.oid, 'pg_class') "
            "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c')",
            [schema],
        ).fetchall()
    )


def _write(
    connection: Any,  # noqa: ANN401
    name: tuple[str, str],
    table: pd.DataFrame,
    *,
    place: str,
    note: str,
) -> int:
    """Fill one table, made anew unless it has just these columns."""
    from psycopg import sql  # noqa: PLC0415 - an extra

    where = sql.Identifier(*name)
    columns = _definitions(name[1], table, place)
    if _shape(connection, where) == _shape_of(connection, columns):
        connection.execute(sql.SQL("DELETE FROM {}").format(where))
    else:
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(where))
        connection.execute(_create(name[1], where, columns))
        if SHAPE in column_kinds(table).values():
            connection.execute(sql.SQL("CREATE INDEX ON {} USING gist (geometry)").format(where))
    connection.execute(
        sql.SQL("COMMENT ON TABLE {} IS {}").format(where, sql.Literal(marked(note)))
    )
    names = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    with connection.cursor() as cursor:
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(where, names)
        with cursor.copy(statement) as copy:
            for row in zip(*_cells(table).values(), strict=True):
                copy.write_row(row)
    return len(table)


def _definitions(name: str, table: pd.DataFrame, place: str) -> dict[str, "Composed"]:
    """SQL type of each column."""
    from psycopg import sql  # noqa: PLC0415 - an extra

    shape = sql.SQL("{}({}, 4326)").format(
        sql.Identifier(place, "geometry"), sql.SQL(SHAPES.get(name, "Geometry"))
    )
    return {
        column: shape if kind == SHAPE else sql.SQL(_TYPES[kind]).format()
        for column, kind in column_kinds(table).items()
    }


def _create(name: str, where: Any, columns: dict[str, "Composed"]) -> "Composed":  # noqa: ANN401
    from psycopg import sql  # noqa: PLC0415 - an extra

    fields = [
        sql.SQL("{} {}").format(sql.Identifier(column), kind) for column, kind in columns.items()
    ]
    if name in KEYS:
        fields.append(sql.SQL("PRIMARY KEY ({})").format(sql.Identifier(KEYS[name])))
    return sql.SQL("CREATE TABLE {} ({})").format(where, sql.SQL(", ").join(fields))


def _shape(connection: Any, where: Any) -> list[tuple[str, str]]:  # noqa: ANN401
    """Names and types of the columns of a table; none where it does not exist."""
    from psycopg import sql  # noqa: PLC0415 - an extra

    return list(
        connection.execute(
            sql.SQL(
                "SELECT attname, pg_catalog.format_type(atttypid, atttypmod) "
                "FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass({}) "
                "AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
            ).format(sql.Literal(where.as_string(connection)))
        ).fetchall()
    )


def _shape_of(connection: Any, columns: dict[str, "Composed"]) -> list[tuple[str, str]]:  # noqa: ANN401
    """The same of columns that a table would have."""
    from psycopg import sql  # noqa: PLC0415 - an extra

    draft = sql.Identifier("pg_temp", "geoclust_draft")
    connection.execute(_create("", draft, columns))
    found = _shape(connection, draft)
    connection.execute(sql.SQL("DROP TABLE {}").format(draft))
    return found


def _cells(table: pd.DataFrame) -> dict[str, list[Any]]:
    """Columns ready for COPY: geometry as hexadecimal EWKB with its SRID."""
    import shapely  # noqa: PLC0415 - only tables with geometry need it

    cells = plain_columns(table)
    for column, kind in column_kinds(table).items():
        if kind == SHAPE:
            shapes = shapely.set_srid(shapely.from_wkb(cells[column]), 4326)
            cells[column] = list(shapely.to_wkb(shapes, hex=True, include_srid=True))
    return cells
