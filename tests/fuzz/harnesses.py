"""Fuzzed doors of tables: one function each, from bytes to an answer that must be one of ours.

A harness may only end by returning or by one of geoclust's own errors; everything else is a find.
What was accepted must keep the account of the rows and be finite.
"""

import contextlib
import io
import json
import sqlite3
import struct
import tempfile
import zipfile
import zlib
from functools import cache
from pathlib import Path

import numpy as np

from geoclust.errors import GeoclustError
from geoclust.records import Inputs, TableSource, read_inputs
from geoclust.records.files import open_tables

HEAD = "record_id,name,longitude,latitude,country,year,funding_usd\n"
WHOLE_OF = 1
"""One input of so many goes the whole way to accepted records, which costs twenty times as much as
opening the file; the choice is by content.  The fuzzer sets it to 16."""

ROW = "a,Ångström,0.1,52.2,GB,2020,$12.5m\n"


@cache
def folder() -> Path:
    """A scratch folder, in memory where there is such a file system."""
    shared = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="geoclust-fuzz-", dir=shared if shared.is_dir() else None))


def read(name: str, content: bytes, table: str = "firms", **options: object) -> None:
    """Read one file as the given table; hold the answer to its promises."""
    (folder() / name).write_bytes(content)
    source = TableSource(path=name, **options)
    if not goes_whole_way(content):
        with contextlib.suppress(GeoclustError):
            open_tables(source, folder())
        return
    tables = {table: source}
    if table in {"ties", "places"}:
        (folder() / "some.csv").write_text(HEAD + ROW)
        tables["labs"] = TableSource(path="some.csv")
    try:
        inputs = read_inputs(tables, folder=folder())
    except GeoclustError as error:
        hold_words(error)
        return
    hold_account(inputs)


def goes_whole_way(content: bytes) -> bool:
    """Whether this input goes the whole way to accepted records."""
    return zlib.crc32(content) % WHOLE_OF == 0


def hold_account(inputs: Inputs) -> None:
    """No row is lost, every coordinate is finite, every rejection has a reason."""
    files = inputs.files
    assert (files["rows"] == files["accepted"] + files["rejected"] + files["merged"]).all()
    for found in (inputs.records, inputs.places):
        assert np.isfinite(found[["longitude", "latitude"]].to_numpy()).all()
    assert (inputs.rejected["reason"].str.len() > 0).all()


def hold_words(error: GeoclustError) -> None:
    """An error says something."""
    assert str(error), "an error without words"


def csv(data: bytes) -> None:
    """Delimited text; the first byte chooses the table, and whether its name says gzip."""
    choice, content = data[:1], data[1:]
    table = ("firms", "ties", "places", "records")[choice[0] % 4] if choice else "firms"
    name = {0: "f.csv", 1: "f.tsv", 2: "f.csv.gz"}[(choice[0] if choice else 0) // 4 % 3]
    read(name, content, table)


def excel(data: bytes) -> None:
    """A workbook as bytes, or a sound one around fuzzed XML."""
    if data[:2] == b"PK":
        read("f.xlsx", data)
        return
    which = data[0] % 3 if data else 0
    parts = dict(workbook_parts())
    name = ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml")[which]
    parts[name] = data[1:]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    read("f.xlsx", packed.getvalue())


def geojson(data: bytes) -> None:
    """Text of a GeoJSON file."""
    read("f.geojson", data)


def jsonlines(data: bytes) -> None:
    """Objects, one a line or in an array; the first byte chooses which, and a preset or none."""
    choice, content = data[:1], data[1:]
    at = choice[0] if choice else 0
    preset = (None, "ror", "openalex", "cordis")[at // 2 % 4]
    name = ("f.jsonl", "f.json")[at % 2]
    read(name, content, "records" if preset else "firms", **({"preset": preset} if preset else {}))


def geopackage(data: bytes) -> None:
    """A GeoPackage as bytes, or a sound one with fuzzed geometry, names and reference systems."""
    if data[:6] == b"SQLite":
        read("f.gpkg", data)
        return
    path = folder() / "made.gpkg"
    path.write_bytes(sound_geopackage())
    text = data[1:].decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode()
    connection = sqlite3.connect(path)
    with contextlib.suppress(sqlite3.Error), connection:
        which = data[0] % 5 if data else 0
        if which == 0:
            connection.execute("UPDATE firms SET geom = ?", (data[1:],))
        elif which == 1:
            blob = b"GP\x00\x01" + struct.pack("<i", 4326) + data[1:]
            connection.execute("UPDATE firms SET geom = ?", (blob,))
        elif which == 2:
            connection.execute("UPDATE gpkg_spatial_ref_sys SET definition = ?", (text,))
            connection.execute("UPDATE gpkg_spatial_ref_sys SET organization = 'x'")
        elif which == 3:
            connection.execute("UPDATE gpkg_geometry_columns SET column_name = ?", (text,))
        else:
            connection.execute("UPDATE firms SET name = ?", (text,))
    connection.close()
    read("f.gpkg", path.read_bytes())


def parquet(data: bytes) -> None:
    """A Parquet file as bytes, or a sound one with fuzzed GeoParquet metadata or geometry."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if data[:4] == b"PAR1":
        read("f.parquet", data)
        return
    table = pa.table({"record_id": ["a"], "name": [data[1:51].decode("utf-8", "replace")]})
    meta = {"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    point = struct.pack("<BIdd", 1, 1, 0.1, 52.2)
    fuzzed_metadata = bool(data) and data[0] % 2 == 0
    table = table.append_column("geometry", [[point if fuzzed_metadata else data[1:]]])
    geo = data[1:] if fuzzed_metadata else json.dumps(meta).encode()
    packed = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({b"geo": geo}), packed)
    read("f.parquet", packed.getvalue())


@cache
def workbook_parts() -> tuple[tuple[str, bytes], ...]:
    """Parts of a small workbook."""
    with zipfile.ZipFile(io.BytesIO(sound_workbook())) as archive:
        return tuple((name, archive.read(name)) for name in archive.namelist())


@cache
def sound_workbook() -> bytes:
    """A workbook with one firm."""
    import xlsxwriter

    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD.strip().split(","))
        sheet.write_row(1, 0, ["a", "Alpha", 0.1, 52.2, "GB", 2020, "$12.5m"])
    return packed.getvalue()


@cache
def sound_geopackage() -> bytes:
    """A GeoPackage with one firm."""
    import geopandas as gpd

    columns = {"record_id": ["a"], "name": ["Alpha"]}
    points = gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy([0.1], [52.2]), crs=4326)
    path = folder() / "sound.gpkg"
    path.unlink(missing_ok=True)
    points.to_file(path, driver="GPKG", layer="firms")
    return path.read_bytes()
