"""Writes hard files, the same at every call; each with the words its refusal must hold.

usage: generator.py FOLDER
"""

import gzip
import io
import json
import pickle
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

MIB = 1024**2
HEAD = b"record_id,name,longitude,latitude,country\n"
SOUND = HEAD + b"a,Alpha,0.1,52.2,GB\nb,Beta,0.2,52.3,GB\n"
HTML = b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n"
VRT = b'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource>'
VRT += b"</OGRVRTLayer></OGRVRTDataSource>"
GDALG = json.dumps({"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline"}).encode()


class Danger:
    """Runs when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return exec, ("raise SystemExit('unpickled')",)


def refused_files() -> dict[str, tuple[bytes, str]]:
    """Name of each small file to its content and to words of its refusal."""
    parquet, geopackage = _parquet(), _geopackage()
    objects = io.BytesIO()
    np.save(objects, np.array([Danger()], dtype=object), allow_pickle=True)
    return {
        "empty.csv": (b"", "is empty"),
        "spaces.csv": (b" \n \n", "one single column"),
        "header.csv": (HEAD, "a header and no rows"),
        "html.csv": (HTML, "HTML page"),
        "html.xlsx": (HTML, "HTML page"),
        "html.geojson": (HTML, "HTML page"),
        "packed.csv": (gzip.compress(SOUND, mtime=0), "gzip"),
        "plain.csv.gz": (SOUND, "no gzip"),
        "cut.csv.gz": (gzip.compress(SOUND * 500, mtime=0)[:-20], "cut short gzip"),
        "cut.parquet": (parquet[:-9], "cut short Parquet"),
        "cut.gpkg": (geopackage[: len(geopackage) // 2], "cut short"),
        "cut.geojson": (b'{"type": "FeatureCollection", "features": [{', "cut short JSON"),
        "cut.xlsx": (_zip({"xl/workbook.xml": b"<workbook/>"})[:40], "cut short workbook"),
        "json.csv": (b'{"error": "quota exceeded"}', "JSON"),
        "one_column.csv": (b"just words\nand more\n", "one single column"),
        "twice.csv": (b"id,lon,lat,lon\na,1,2,3\n", "more than once"),
        "vrt.geojson": (VRT, "virtual format"),
        "vrt.gpkg": (VRT, "virtual format"),
        "vrt.csv": (b"  " + VRT, "virtual format"),
        "gdalg.geojson": (GDALG, "gdal_streamed_alg"),
        "topology.geojson": (b'{"type": "Topology", "objects": {}}', "no GeoJSON"),
        "pickle.csv": (pickle.dumps(Danger()), "pickle"),
        "pickle.parquet": (pickle.dumps(Danger(), protocol=0), "looks like"),
        "joblib.gpkg": (zlib.compress(pickle.dumps(Danger())), "looks like"),
        "objects.csv": (objects.getvalue(), "NumPy array"),
        "pickle.pkl": (pickle.dumps(Danger()), "no kind of file"),
        "zip.csv": (_zip({"firms.csv": SOUND}), "zip archive"),
        "zip.xlsx": (_zip({"firms.csv": SOUND}), "no Excel workbook"),
        "old.xls": (b"\xd0\xcf\x11\xe0" + b"\0" * 512, "old Excel workbook"),
        "binary.csv": (bytes(range(256)) * 8, "binary"),
        "sqlite.gpkg": (_sqlite(), "no GeoPackage"),
        "deep.geojson": (b'{"a":' * 50_000, "damaged or cut short JSON"),
    }


def bombs() -> dict[str, tuple[Callable[[Path], None], str]]:
    """Name of each large file to the function that writes it and to words of its refusal."""
    return {
        "gzip_2gb.csv.gz": (lambda path: gzip_bomb(path, 2048 * MIB), "compression bomb"),
        "gzip_100mb.csv.gz": (lambda path: gzip_bomb(path, 100 * MIB), "compression bomb"),
        "declared_2gb.xlsx": (lambda path: xlsx_bomb(path, 2047 * MIB), "compression bomb"),
        "hidden_2gb.xlsx": (
            lambda path: xlsx_bomb(path, 2047 * MIB, declared=1000),
            "compression bomb",
        ),
        "strings_2gb.xlsx": (
            lambda path: xlsx_bomb(path, 2047 * MIB, declared=9, part="xl/sharedStrings.xml"),
            "compression bomb",
        ),
        "many_parts.xlsx": (many_parts, "compression bomb"),
        "line_300mb.csv": (lambda path: giant_line(path, 300 * MIB), "has a line of more than"),
        "line_300mb.csv.gz": (lambda path: gzip_bomb(path, 300 * MIB, line=True), "has a line of"),
        "rows.parquet": (parquet_bomb, "bomb"),
    }


def _repeated(block: bytes, size: int) -> Iterator[bytes]:
    """Deflated copies of a block, `size` bytes unpacked, without packing it again each time."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(size // len(block)):
        yield packed
    yield packer.flush(zlib.Z_FINISH)


def gzip_bomb(path: Path, size: int, *, line: bool = False) -> None:
    """A gzip of `size` bytes: sound rows, or one line."""
    block = b"x" * MIB if line else b"1.00000,2.00000\n" * (MIB // 16)
    head = b"longitude,latitude\n"
    packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    with path.open("wb") as stream:
        stream.write(b"\x1f\x8b\x08\0\0\0\0\0\0\xff")
        stream.write(packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH))
        for part in _repeated(block, size):
            stream.write(part)
        stream.write(struct.pack("<II", 0, size % 2**32))


def xlsx_bomb(
    path: Path, size: int, *, declared: int | None = None, part: str = "xl/worksheets/sheet1.xml"
) -> None:
    """A workbook whose one part unpacks to `size` bytes, whatever it declares."""
    data = b"".join(_repeated(b"<row/>  " * (MIB // 8), size))
    said = size if declared is None else declared
    parts = {"xl/workbook.xml": (zlib.compress(b"<workbook/>", wbits=-15), 11), part: (data, said)}
    body, directory = b"", b""
    for name, (packed, unpacked) in parts.items():
        common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, 0, len(packed), unpacked, len(name), 0)
        directory += b"PK\x01\x02\x14\0" + common + struct.pack("<HHHII", 0, 0, 0, 0, len(body))
        directory += name.encode()
        body += b"PK\x03\x04" + common + name.encode() + packed
    end = struct.pack("<HHHHIIH", 0, 0, 2, 2, len(directory), len(body), 0)
    path.write_bytes(body + directory + b"PK\x05\x06" + end)


def many_parts(path: Path) -> None:
    """A workbook of many parts, none of which is large."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        block = b"<row/>  " * (4 * MIB // 8)
        for number in range(40):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", block)


def giant_line(path: Path, size: int) -> None:
    """A table with a line of `size` bytes."""
    with path.open("wb") as stream:
        stream.write(b"longitude,latitude\n1,2\n")
        block = b"x" * MIB
        for _ in range(size // MIB):
            stream.write(block)


def parquet_bomb(path: Path) -> None:
    """A Parquet file of one value a hundred million times, and more."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([("longitude", pa.int8())])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        rows = pa.table({"longitude": pa.array(np.zeros(26_000_000, np.int8))}, schema)
        for _ in range(4):
            writer.write_table(rows, row_group_size=26_000_000)


def _zip(parts: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


def _parquet() -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    packed = io.BytesIO()
    pq.write_table(pa.table({"id": ["a"], "lon": [0.1], "lat": [52.2]}), packed)
    return packed.getvalue()


def _geopackage() -> bytes:
    import geopandas as gpd
    import pyogrio

    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=gpd.points_from_xy([0.1], [52.2]), crs=4326)
    target = io.BytesIO()
    pyogrio.write_dataframe(frame, target, driver="GPKG", layer="firms")
    return target.getvalue()


def _sqlite() -> bytes:
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE firms (a)")
    content = connection.serialize()
    connection.close()
    return content


def write_corpus(folder: Path) -> None:
    """Write every file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (content, _) in refused_files().items():
        (folder / name).write_bytes(content)
    for name, (write, _) in bombs().items():
        write(folder / name)


if __name__ == "__main__":
    write_corpus(Path(sys.argv[1]))
