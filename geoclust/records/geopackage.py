"""GeoPackage, read as the SQLite file it is: no driver is asked, so none can be tricked.

Only real tables are read: no views, no virtual tables, no functions stored in the file.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoclust.errors import InputError
from geoclust.records.cells import cell_text
from geoclust.records.points import UNREADABLE, Located, locate_geometries, read_wkb
from geoclust.records.raw import RawTable, faults_table, raw_table
from geoclust.records.safety import read_head
from geoclust.records.sources import TableSource

_ENVELOPES: Final = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
_HEADER: Final = 8


def read_geopackage(path: Path, name: str, source: TableSource) -> RawTable:
    """Read one layer of a GeoPackage; its geometry provides the coordinates.

    Raises
    ------
    InputError
        If it is damaged, cut short, has several layers and none is chosen, or its reference
        system cannot be used.
    """
    try:
        with closing(open_geopackage(path, name)) as connection:
            found = read_layer(connection, name, source.layer)
    except (sqlite3.Error, UnicodeError) as error:
        raise InputError(
            f"{name}: damaged or cut short GeoPackage ({error}); get it anew"
        ) from error
    return _assemble(name, source, found.header, found.rows, found.geometry, found.crs)


class Layer(NamedTuple):
    """One layer as the file holds it."""

    name: str
    header: list[str]
    rows: list[tuple[object, ...]]
    geometry: tuple[str, int] | None
    """Name of the geometry column and number of its reference system in the file."""
    crs: str | None


def open_geopackage(path: Path, name: str) -> sqlite3.Connection:
    """Open a whole GeoPackage for reading only; nothing stored in it is run."""
    _check_whole(path, name)
    address = f"file:{quote(str(path))}?mode=ro&immutable=1"
    connection = sqlite3.connect(address, uri=True)
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def read_layer(
    connection: sqlite3.Connection, name: str, wanted: str | None, prefer: str | None = None
) -> Layer:
    """All rows of a layer: the one wanted, else the preferred, else the only one."""
    layer = _layer(connection, name, wanted, prefer)
    geometry = _geometry_column(connection, layer)
    cursor = connection.execute(f"SELECT * FROM {_quoted(layer)}")  # noqa: S608 - quoted
    header = [column[0] for column in cursor.description]
    rows = cursor.fetchall()
    return Layer(
        layer, header, rows, geometry, _crs(connection, geometry[1], name) if geometry else None
    )


def table_rows(connection: sqlite3.Connection, table: str) -> list[pd.DataFrame]:
    """A real table of the file as it is, in a list; an empty list where there is none."""
    if table not in _tables(connection):
        return []
    cursor = connection.execute(f"SELECT * FROM {_quoted(table)}")  # noqa: S608 - quoted
    header = [column[0] for column in cursor.description]
    return [pd.DataFrame(cursor.fetchall(), columns=header, dtype=object)]


def _assemble(  # noqa: PLR0917 - the parts of one layer
    name: str,
    source: TableSource,
    header: list[str],
    rows: list[tuple[object, ...]],
    geometry: tuple[str, int] | None,
    crs: str | None,
) -> RawTable:
    located = None
    if geometry and geometry[0] in header:
        at = header.index(geometry[0])
        located = _locate([row[at] for row in rows], geometry[1], crs, name=name, source=source)
    kept = [at for at, column in enumerate(header) if not geometry or column != geometry[0]]
    columns = {
        new: pd.Series([cell_text(row[at]) for row in rows], dtype="str")
        for new, at in enumerate(kept)
    }
    raw = raw_table(
        name,
        [header[at] for at in kept],
        pd.DataFrame(columns, index=pd.RangeIndex(len(rows))),
        faults=faults_table(located.faults if located else []),
        points=located.points if located else None,
    )
    for level, message in located.notes if located else ():
        raw.note(level, message)
    return raw


def _check_whole(path: Path, name: str) -> None:
    head = read_head(path)[:100]
    size = path.stat().st_size
    page = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    wanted = (65_536 if page == 1 else page) * pages
    if size < wanted:
        raise InputError(f"{name}: GeoPackage cut short: {size:,} bytes of {wanted:,}")
    journal = path.with_name(path.name + "-wal")
    if journal.exists() and journal.stat().st_size:
        raise InputError(f"{name}: has changes not yet written back ({journal.name}); close it")


def _tables(connection: sqlite3.Connection) -> set[str]:
    """Names of real tables: no views, no virtual tables."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'table' "
        "AND upper(sql) NOT LIKE 'CREATE VIRTUAL%'"
    )
    return {row[0] for row in connection.execute(query)}


def _layer(
    connection: sqlite3.Connection, name: str, wanted: str | None, prefer: str | None = None
) -> str:
    tables = _tables(connection)
    if "gpkg_contents" not in tables:
        raise InputError(f"{name}: is a SQLite file but no GeoPackage (no table gpkg_contents)")
    query = "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes')"
    layers = sorted({str(row[0]) for row in connection.execute(query)} & tables)
    if wanted is None and prefer in layers:
        return str(prefer)
    if wanted in layers:
        return str(wanted)
    if wanted is not None or len(layers) != 1:
        what = f"no layer {wanted!r}" if wanted is not None else f"{len(layers)} layers, wanted one"
        raise InputError(f"{name}: {what}; there are {layers}: say which in layer")
    return layers[0]


def _geometry_column(connection: sqlite3.Connection, layer: str) -> tuple[str, int] | None:
    """Name of the geometry column and number of its reference system in the file."""
    query = "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?"
    try:
        found = connection.execute(query, (layer,)).fetchone()
    except sqlite3.OperationalError:
        return None
    return (str(found[0]), int(found[1])) if found else None


def _crs(connection: sqlite3.Connection, number: int, name: str) -> str | None:
    if number in {0, -1}:
        return None
    query = (
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys "
        "WHERE srs_id = ?"
    )
    found = connection.execute(query, (number,)).fetchone()
    if found is None:
        raise InputError(f"{name}: names the reference system {number}, which it does not define")
    authority, code, definition = found
    if str(authority).upper() in {"EPSG", "ESRI", "OGC"}:
        return f"{str(authority).upper()}:{code}"
    return str(definition)


def _locate(
    blobs: list[object], system: int, crs: str | None, *, name: str, source: TableSource
) -> Located:
    shapes, broken = decode_blobs(blobs, system, name)
    located = locate_geometries(shapes, crs=crs, stated=source.crs, file=name)
    return Located(located.points, [*located.faults, *broken], located.notes)


def decode_blobs(
    blobs: list[object], system: int, name: str
) -> tuple[npt.NDArray[np.object_], list[tuple[int, str, str, str]]]:
    """Shapely geometries of GeoPackage blobs, None where missing, and those that are broken."""
    wkb = np.full(len(blobs), None, dtype=object)
    broken = []
    systems = set()
    for at, blob in enumerate(blobs):
        if blob is None:
            continue
        if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) <= _HEADER:
            broken.append((at, "geometry", "", "is no GeoPackage geometry"))
            continue
        flags = blob[3]
        systems.add(int.from_bytes(blob[4:8], "little" if flags & 1 else "big", signed=True))
        wkb[at] = blob[_HEADER + _ENVELOPES.get(flags >> 1 & 7, 0) :]
    if systems - {system}:
        others = ", ".join(str(other) for other in sorted(systems - {system}))
        raise InputError(
            f"{name}: mixed reference systems: the layer's is {system}, some geometries' {others}"
        )
    shapes, lost = read_wkb(wkb)
    broken += [(at, "geometry", "", UNREADABLE) for at in lost]
    return shapes, broken


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'
