"""Addresses of databases: what they may hold, and how they are named in messages.

A password never comes from an address: it would be in the study file, in the history of a shell
and in messages.  It comes from where every PostgreSQL client looks: `PGPASSWORD`, `~/.pgpass`, or
a service file.
"""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from geoclust.errors import ParameterError

SCHEMES: Final = ("postgresql", "postgres")

OPTIONS: Final = frozenset(
    {"host", "hostaddr", "port", "user", "dbname", "service", "passfile", "connect_timeout"}
    | {"sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "channel_binding", "gssencmode"}
    | {"krbsrvname", "target_session_attrs"}
)
"""What may stand behind the question mark of an address."""

_SECRETS: Final = ("password", "sslpassword")
_HOW: Final = "put it into PGPASSWORD, ~/.pgpass or a service file (?service=NAME)"


@dataclass(frozen=True)
class Address:
    """A PostgreSQL database: what the driver is told, and nothing secret."""

    options: tuple[tuple[str, str], ...] = field(default=())
    """Names and values of connection parameters, by name."""

    @property
    def name(self) -> str:
        """The address as messages, logs and the manifest name it: server and database, no more.

        Examples
        --------
        >>> parse_address("postgresql://ada@db.example:5433/innovation?sslmode=require").name
        'postgresql://db.example:5433/innovation'
        """
        known = dict(self.options)
        if "service" in known and "host" not in known:
            return f"postgresql://?service={known['service']}"
        host = known.get("host", known.get("hostaddr", ""))
        port = f":{known['port']}" if "port" in known else ""
        return f"postgresql://{host}{port}/{known.get('dbname', '')}"


def is_address(path: object) -> bool:
    """Whether what was given as a path is the address of a PostgreSQL database.

    Examples
    --------
    >>> is_address("postgresql://db.example/innovation"), is_address("firms.csv")
    (True, False)
    """
    return isinstance(path, str) and path.partition(":")[0].casefold() in SCHEMES and ":" in path


def parse_address(text: str) -> Address:
    """The parts of an address, checked; what holds a password is refused without repeating it.

    Parameters
    ----------
    text
        Such as ``postgresql://ada@db.example:5432/innovation?sslmode=require``.

    Raises
    ------
    ParameterError
        If it holds a password, or is no such address.

    Examples
    --------
    >>> parse_address("postgresql://ada:secret@db.example/innovation")
    Traceback (most recent call last):
    geoclust.errors.ParameterError: the database address holds a password: take it out and put it \
into PGPASSWORD, ~/.pgpass or a service file (?service=NAME)
    """
    try:
        parts = urlsplit(text)
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise ParameterError(_no_address()) from None
    user, at, server = parts.netloc.rpartition("@")
    secret = ":" in user or any(name.casefold() in _SECRETS for name, _ in query)
    if secret or "@" in parts.path or "@" in parts.fragment:
        raise ParameterError(f"the database address holds a password: take it out and {_HOW}")
    found = dict(query)
    unknown = sorted(set(found) - OPTIONS)
    if unknown or parts.fragment or (at and not user):
        said = f"; not known: {', '.join(name[:40] for name in unknown)}" if unknown else ""
        raise ParameterError(_no_address() + said)
    found |= _server(server) | ({"user": unquote(user)} if user else {})
    if parts.path.strip("/"):
        found["dbname"] = unquote(parts.path.removeprefix("/"))
    if any(not value.isprintable() for value in found.values()):
        raise ParameterError(_no_address())
    return Address(tuple(sorted(found.items())))


def _server(server: str) -> dict[str, str]:
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[\w.%~-]*)(?::(\d{1,5}))?", server)
    if found is None:
        raise ParameterError(_no_address())
    host = unquote(found[1].strip("[]"))
    return ({"host": host} if host else {}) | ({"port": found[2]} if found[2] else {})


def _no_address() -> str:
    return (
        "not understood as the address of a database; wanted postgresql://USER@HOST:PORT/DATABASE, "
        "without a password, or postgresql://?service=NAME"
    )
