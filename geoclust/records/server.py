"""A PostgreSQL server: connecting to it, and what its catalogue says.

Whatever the driver raises is told with the server, the database and what was being done; it knows
no password, since none is ever put into an address (see `addresses`).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from geoclust.errors import GeoclustError, InputError
from geoclust.records.addresses import Address
from geoclust.records.sources import nearest

PATIENCE_SECONDS: Final = 10
"""How long a server may take to answer, unless the address or PGCONNECT_TIMEOUT says."""


@dataclass(frozen=True)
class Relation:
    """A table or view of the database."""

    schema: str
    name: str
    columns: tuple[tuple[str, str], ...]
    """Name and type of each column, in their order."""
    key: tuple[str, ...]
    """Columns of the primary key."""


@contextmanager
def connected(
    address: Address, doing: str, kind: type[GeoclustError] = InputError
) -> Iterator[Any]:
    """Open a connection in one transaction; what the driver raises is told as `kind`.

    The transaction is committed when the block ends and undone if it raises.  Names without a
    schema are looked for by us, not by the server: its search path is empty.

    Parameters
    ----------
    address
        The database.
    doing
        What is being done, for the message, such as "reading public.firms".
    kind
        Error to raise.
    """
    psycopg = _driver(address)
    try:
        with psycopg.connect(**_options(address)) as connection:
            yield connection
    except (psycopg.Error, UnicodeError) as error:
        said = " ".join(str(error).split())[:300] or type(error).__name__
        raise kind(f"{address.name}: {doing}: {said}") from error


def _driver(address: Address) -> Any:  # noqa: ANN401 - a module
    try:
        import psycopg  # noqa: PLC0415 - an extra, and only stores need it
    except ImportError as error:
        raise InputError(
            f"{address.name}: PostgreSQL needs an extra: pip install 'geoclust[postgis]' ({error})"
        ) from error
    return psycopg


def _options(address: Address) -> dict[str, Any]:
    options: dict[str, Any] = {"application_name": "geoclust", "client_encoding": "UTF8"}
    if "PGCONNECT_TIMEOUT" not in os.environ:
        options["connect_timeout"] = PATIENCE_SECONDS
    return options | dict(address.options)


def split_name(name: str) -> tuple[str | None, str]:
    """Schema, if stated, and name of a table; quoted as in SQL where they hold dots.

    Examples
    --------
    >>> split_name("public.firms"), split_name("firms"), split_name('"a.b"."c""d"')
    (('public', 'firms'), (None, 'firms'), ('a.b', 'c"d'))
    """
    parts: list[str] = [""]
    quoted = False
    for letter in name:
        if letter == '"':
            quoted = not quoted
            parts[-1] += letter
        elif letter == "." and not quoted and len(parts) == 1:
            parts.append("")
        else:
            parts[-1] += letter
    plain = [_unquoted(part) for part in parts]
    return (None, plain[0]) if len(plain) == 1 else (plain[0], plain[1])


def _unquoted(part: str) -> str:
    if len(part) > 1 and part[0] == part[-1] == '"':
        return part[1:-1].replace('""', '"')
    return part


def find_relation(connection: Any, wanted: str, where: str) -> Relation:  # noqa: ANN401
    """The table or view of that name, in its stated schema or on the user's search path.

    Raises
    ------
    InputError
        If there is none; those there are get named.
    """
    schema, name = split_name(wanted)
    rows = connection.execute(
        "SELECT n.nspname, c.relname, c.oid FROM pg_catalog.pg_class c "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' "
        "AND n.nspname <> 'information_schema' AND pg_catalog.has_table_privilege(c.oid, 'SELECT')"
    ).fetchall()
    path = [schema] if schema is not None else search_path(connection)
    found = [row for place in path for row in rows if row[:2] == (place, name)]
    if not found:
        names = sorted(f"{row[0]}.{row[1]}" for row in rows)
        shown = ", ".join(names[:12]) + (" ..." if len(names) > 12 else "")  # noqa: PLR2004
        raise InputError(
            f"{where}: no table {wanted!r} that may be read; there are {shown or 'none'}"
            f"{nearest(wanted, names)}"
        )
    place, relation, oid = found[0]
    return Relation(place, relation, *_columns(connection, oid))


def search_path(connection: Any) -> list[str]:  # noqa: ANN401
    """Schemas in which the user's names are looked for."""
    (found,) = connection.execute("SELECT pg_catalog.current_schemas(false)::text[]").fetchone()
    return list(found)


def _columns(connection: Any, oid: int) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:  # noqa: ANN401
    columns = connection.execute(
        "SELECT a.attname, t.typname, a.attnum = ANY(coalesce(i.indkey::smallint[], '{}')) "
        "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
        "LEFT JOIN pg_catalog.pg_index i ON i.indrelid = a.attrelid AND i.indisprimary "
        "WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        [oid],
    ).fetchall()
    named = tuple((str(name), str(kind)) for name, kind, _ in columns)
    return named, tuple(str(name) for name, _, key in columns if key)


def extension_schema(connection: Any) -> str | None:  # noqa: ANN401
    """The schema that PostGIS lives in, None where the database has none."""
    found = connection.execute(
        "SELECT n.nspname FROM pg_catalog.pg_extension e "
        "JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'postgis'"
    ).fetchone()
    return str(found[0]) if found else None
