"""Files: what each format gives, and what is refused before it can do harm."""

import gzip
import io
import json
import pickle
import resource
import sqlite3
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from shapely.geometry import MultiPoint, Point, Polygon

from geoclust.errors import InputError
from geoclust.records import Inputs, TableSource, read_inputs, read_records
from geoclust.records.safety import MAX_LINE_BYTES

TABLE = pd.DataFrame(
    {
        "record_id": ["0012", "b", "c"],
        "name": ["Ångström", "Beta", "MARCH1"],
        "longitude": [0.1, 0.2, 0.3],
        "latitude": [52.1, 52.2, 52.3],
        "country": ["GB", "NA", "GB"],
        "funding_usd": [1e6, np.nan, 2.5],
        "year": [2010, 2011, 2012],
    }
)
POINTS = gpd.GeoDataFrame(
    TABLE.drop(columns=["longitude", "latitude"]),
    geometry=gpd.points_from_xy(TABLE["longitude"], TABLE["latitude"]),
    crs="EPSG:4326",
)


def write_xlsx(path: Path, table: pd.DataFrame = TABLE, *, sheets: int = 1) -> None:
    options = {"nan_inf_to_errors": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        for _ in range(sheets):
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, table.columns)
            for at, row in enumerate(table.itertuples(index=False)):
                for column, value in enumerate(row):
                    if not pd.isna(value):
                        sheet.write(at + 1, column, value)


def write_gpkg(path: Path, frame: gpd.GeoDataFrame = POINTS) -> None:
    frame.to_file(path, driver="GPKG", layer="firms")


def write_geojson(path: Path, frame: gpd.GeoDataFrame = POINTS) -> None:
    path.write_text(frame.to_json(drop_id=True))


WRITERS: dict[str, Callable[[Path], object]] = {
    "firms.csv": lambda path: TABLE.to_csv(path, index=False),
    "firms.csv.gz": lambda path: TABLE.to_csv(path, index=False),
    "firms.tsv": lambda path: TABLE.to_csv(path, index=False, sep="\t"),
    "firms.xlsx": write_xlsx,
    "firms.parquet": TABLE.to_parquet,
    "firms.geoparquet": POINTS.to_parquet,
    "FIRMS.gpkg": write_gpkg,
    "Firms.geojson": write_geojson,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_records(name: str, tmp_path: Path) -> None:
    WRITERS[name](tmp_path / name)
    inputs = read_inputs(tmp_path)
    assert inputs.rejected.empty, inputs.rejected.to_string()
    records = inputs.records
    assert records.index.tolist() == ["0012", "b", "c"]
    assert records["name"].tolist() == TABLE["name"].tolist()
    assert records["country"].tolist() == ["GB", "NA", "GB"]
    np.testing.assert_allclose(records["longitude"], TABLE["longitude"], atol=1e-12)
    np.testing.assert_allclose(records["latitude"], TABLE["latitude"], atol=1e-12)
    assert records["year"].tolist() == [2010, 2011, 2012]
    assert records["funding_usd"].fillna(-1).tolist() == [1e6, -1, 2.5]
    line = inputs.files.iloc[0]
    assert (line["file"], line["table"], line["rows"], line["accepted"]) == (name, "firms", 3, 3)
    assert len(line["sha256"]) == 64
    assert line["bytes"] == (tmp_path / name).stat().st_size


def read_file(path: Path, **options: object) -> Inputs:
    return read_records(TableSource(path=path, **options), kind="firm")


def refused(path: Path, *words: str, seconds: float = 2.0, **options: object) -> None:
    start = time.process_time()
    with pytest.raises(InputError) as error:
        read_file(path, **options)
    assert time.process_time() - start < seconds
    assert path.name in str(error.value)
    for word in words:
        assert word in str(error.value)
    assert error.value.exit_status == 2


HTML = b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>"


def whole(name: str) -> bytes:
    """Bytes of a sound file of the format that `name` says."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        WRITERS[name](path)
        return path.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("f.csv", b"", ["is empty"]),
        ("f.csv", b"\n\n\n", ["one single column"]),
        ("f.csv", b"record_id,longitude,latitude\n", ["a header and no rows", "allow_empty"]),
        ("f.csv", HTML, ["HTML"]),
        ("f.csv", b"  \n<html lang='en'>", ["HTML"]),
        ("f.csv", b'{"error": "quota"}', ["JSON"]),
        ("f.csv", gzip.compress(b"a,b\n1,2\n", mtime=0), ["gzip", ".csv.gz"]),
        ("f.csv.gz", b"a,b\n1,2\n", ["no gzip"]),
        ("f.csv.gz", gzip.compress(b"", mtime=0), ["empty once unpacked"]),
        (
            "f.csv.gz",
            gzip.compress(b"longitude,latitude\n" + b"1,2\n" * 9999, mtime=0)[:-30],
            ["cut short"],
        ),
        ("f.csv.gz", gzip.compress(gzip.compress(b"a,b\n1,2\n", mtime=0), mtime=0), ["gzip"]),
        ("f.csv", pickle.dumps({"a": 1}), ["pickle"]),
        ("f.parquet", pickle.dumps({"a": 1}), ["pickle"]),
        ("f.csv", b"\x93NUMPY\x01\x00", ["NumPy"]),
        ("f.csv", b"%PDF-1.7", ["PDF"]),
        ("f.csv", bytes(range(256)) * 8, ["binary"]),
        ("f.csv", b"PK\x03\x04rest", ["zip archive"]),
        ("f.csv", b"just words\nand words\n", ["one single column", "just words"]),
        ("f.csv", b"a:b:c\n1:2:3\n", ["one single column"]),
        ("f.csv", b"longitude,latitude\n1,\xff2\n" * 3, ["is not wholly utf-8"]),
        ("f.xls", b"\xd0\xcf\x11\xe0", ["old Excel workbook; save it as .xlsx"]),
        ("f.pkl", b"\x80\x04", ["no kind of file"]),
        ("f.xlsx", b"PK\x03\x04" + b"\0" * 50, ["cut short"]),
        ("f.xlsx", b"a,b\n1,2\n", ["looks like text"]),
        ("f.parquet", b"PAR1" + b"\0" * 100, ["cut short Parquet"]),
        ("f.parquet", whole("firms.parquet")[:-20], ["cut short Parquet"]),
        ("f.gpkg", whole("FIRMS.gpkg")[:20_000], ["cut short"]),
        ("f.gpkg", b"SQLite format 3\x00" + b"\0" * 100, ["damaged"]),
        ("f.xlsx", whole("firms.xlsx")[:3000], ["cut short workbook"]),
        ("f.geojson", b'{"type": "FeatureCollection", "features": [', ["cut short JSON"]),
        ("f.geojson", b"[" * 100_000, ["text"]),
        ("f.geojson", b"{" + b'"a":[' * 100_000, ["damaged"]),
        ("f.geojson", b'{"type": "gdal_streamed_alg", "command_line": "x"}', ["gdal_streamed_alg"]),
        ("f.geojson", b'{"type": "FeatureCollection", "features": [1]}', ["no list of objects"]),
        (
            "f.geojson",
            b'<OGRVRTDataSource><OGRVRTLayer name="a"/></OGRVRTDataSource>',
            ["virtual format"],
        ),
        ("f.gpkg", b"<OGRVRTDataSource></OGRVRTDataSource>", ["virtual format"]),
    ],
)
def test_what_is_not_what_it_says_is_refused_fast(
    name: str, content: bytes, words: list[str], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    options = {"encoding": "utf-8"} if b"\xff2" in content else {}
    refused(path, *words, **options)


@pytest.mark.parametrize(
    "name",
    [
        "/vsicurl/https://example.org/a.csv",
        "/vsizip/a.zip/b.csv",
        "https://example.org/firms.csv",
        "PG:dbname=x",
        "GPKG:a.gpkg:firms",
        "file:///etc/passwd",
        "\\\\server\\share\\a.csv",
    ],
)
def test_addresses_and_virtual_paths_are_not_opened(name: str) -> None:
    with pytest.raises(InputError, match="addresses and virtual paths"):
        read_records(name, kind="firm")


def test_links_out_of_the_input_folder_are_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    inside = tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    TABLE.to_csv(outside / "secret.csv", index=False)
    (inside / "firms.csv").symlink_to(outside / "secret.csv")
    with pytest.raises(InputError, match="is a link out of"):
        read_inputs(inside)
    (inside / "sub").symlink_to(outside)
    with pytest.raises(InputError, match="is a link out of"):
        read_inputs({"firms": "sub/secret.csv"}, folder=inside)


def test_links_within_the_folder_and_stated_folders_are_fine(tmp_path: Path) -> None:
    TABLE.to_csv(tmp_path / "list.csv", index=False)
    (tmp_path / "firms.csv").symlink_to(tmp_path / "list.csv")
    assert len(read_inputs(tmp_path).records) == 3
    (tmp_path / "other").mkdir()
    assert len(read_inputs({"firms": "../list.csv"}, folder=tmp_path / "other").records) == 3


def test_devices_and_folders_and_nothing_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "firms.csv").mkdir()
    with pytest.raises(InputError, match="no regular file"):
        read_inputs(tmp_path)
    with pytest.raises(InputError, match="there is no such file"):
        read_records(tmp_path / "absent.csv", kind="firm")


def test_one_giant_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    with path.open("wb") as stream:
        stream.write(b"longitude,latitude\n1,2\n")
        for _ in range(MAX_LINE_BYTES // 2**20 + 60):
            stream.write(b"x" * 2**20)
    refused(path, "has a line of more than 4 MiB", seconds=1)


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_a_gzip_bomb_is_refused_by_its_actual_size(tmp_path: Path) -> None:
    path = tmp_path / "f.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(b"longitude,latitude\n")
        for _ in range(200):
            stream.write(b"1.00000,2.00000\n" * 2**16)
    before = peak_mib()
    refused(path, "compression bomb", seconds=1)
    assert peak_mib() - before < 200


def bomb_xlsx(path: Path, *, declared: int | None) -> None:
    """A workbook whose sheet unpacks to 200 MiB, whatever it declares."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=False) as stream:
            for _ in range(200):
                stream.write(b"<row/>  " * 2**17)
    if declared is not None:
        content = bytearray(path.read_bytes())
        at = content.rfind(b"PK\x01\x02")
        struct.pack_into("<I", content, at + 24, declared)
        path.write_bytes(content)


@pytest.mark.parametrize("declared", [None, 1000])
def test_an_excel_bomb_is_refused_by_declared_and_by_actual_size(
    declared: int | None, tmp_path: Path
) -> None:
    path = tmp_path / "f.xlsx"
    bomb_xlsx(path, declared=declared)
    before = peak_mib()
    refused(path, "compression bomb", seconds=1)
    assert peak_mib() - before < 200


def test_a_workbook_with_one_far_cell_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["longitude", "latitude"])
        sheet.write(1_048_575, 16_383, "far")
    refused(path, "1,048,576 rows x 16,384 columns")


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("firms.csv", "a,b\n1,2\n")
    refused(path, "no Excel workbook")


def test_a_parquet_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    schema = pa.schema([("longitude", pa.int8())])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        batch = pa.table({"longitude": pa.array(np.zeros(26_000_000, np.int8))}, schema)
        for _ in range(4):
            writer.write_table(batch, row_group_size=26_000_000)
    refused(path, "bomb")


# Workbooks --------------------------------------------------------------------------------------


def test_a_workbook_of_several_sheets_needs_a_choice(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    write_xlsx(path, sheets=2)
    refused(path, "several sheets", "Sheet1", "Sheet2")
    refused(path, "no sheet 'Firms'", sheet="Firms")
    assert len(read_file(path, sheet="Sheet2").records) == 3


def test_cells_that_a_spreadsheet_changed_are_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["record_id", "name", "longitude", "latitude"])
        sheet.write_row(1, 0, [12345678901234567890, "SEPT", 0.1, 52.2])
        sheet.write_row(3, 0, [7, "", 0.2, 52.2])
        sheet.write_number(3, 1, 43891, day)
    inputs = read_file(path)
    assert inputs.records.index.tolist() == ["12345678901234569216", "7"]
    assert inputs.records["name"].tolist() == ["SEPT", "2020-03-01"]
    warned = " ".join(inputs.warnings)
    assert "1 cells of 'name' are dates" in warned
    assert "1 numbers of 'record_id' have lost digits" in warned


def test_rows_of_a_workbook_are_numbered_as_on_the_sheet(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["record_id", "longitude", "latitude"])
        sheet.write_row(4, 0, ["a", 0.1, 99])
    assert read_file(path).rejected["row"].tolist() == [5]


# Reference systems ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["f.gpkg", "f.geoparquet", "f.geojson"])
def test_other_reference_systems_are_reprojected_with_a_note(name: str, tmp_path: Path) -> None:
    frame = POINTS.to_crs("EPSG:3035")
    path = tmp_path / name
    if name.endswith("gpkg"):
        write_gpkg(path, frame)
    elif name.endswith("geoparquet"):
        frame.to_parquet(path)
    else:
        document = json.loads(frame.to_json(drop_id=True))
        document["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3035"}}
        path.write_text(json.dumps(document))
    inputs = read_file(path)
    np.testing.assert_allclose(inputs.records["longitude"], TABLE["longitude"], atol=1e-7)
    np.testing.assert_allclose(inputs.records["latitude"], TABLE["latitude"], atol=1e-7)
    assert inputs.notes["message"].str.contains("reprojected from EPSG:3035").any()


@pytest.mark.parametrize("name", ["f.gpkg", "f.geoparquet", "f.geojson"])
def test_metres_labelled_as_degrees_are_refused_naming_both(name: str, tmp_path: Path) -> None:
    frame = POINTS.to_crs("EPSG:3035").set_crs("EPSG:4326", allow_override=True)
    path = tmp_path / name
    if name.endswith("gpkg"):
        write_gpkg(path, frame)
    elif name.endswith("geoparquet"):
        frame.to_parquet(path)
    else:
        write_geojson(path, frame)
    refused(path, "WGS 84", "projected system in metres", "(3645015.06")


def test_degrees_labelled_as_metres_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.gpkg"
    write_gpkg(path, POINTS.set_crs("EPSG:3035", allow_override=True))
    refused(path, "EPSG:3035", "are degrees")


def test_a_missing_system_is_believed_only_for_degrees(tmp_path: Path) -> None:
    path = tmp_path / "f.geoparquet"
    POINTS.set_crs(None, allow_override=True).to_parquet(path)
    inputs = read_file(path)
    assert len(inputs.records) == 3
    assert "names no reference system" in " ".join(inputs.warnings)
    POINTS.to_crs("EPSG:3035").set_crs(None, allow_override=True).to_parquet(path)
    refused(path, "names no reference system", "state it in crs")
    assert len(read_file(path, crs="EPSG:3035").records) == 3


def test_a_system_that_contradicts_the_study_is_refused_naming_both(tmp_path: Path) -> None:
    path = tmp_path / "f.gpkg"
    write_gpkg(path)
    refused(path, "EPSG:4326", "EPSG:3035", crs="EPSG:3035")


def test_an_unknown_system_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    TABLE.to_csv(path, index=False)
    with pytest.raises(InputError, match="'EPSG:99999999' is not known"):
        read_file(path, crs="EPSG:99999999")
    with pytest.raises(InputError, match="labelled EPSG:3035"):
        read_file(path, crs="EPSG:3035")
    TABLE.assign(longitude=4e6, latitude=3e6).to_csv(path, index=False)
    with pytest.raises(InputError, match="labelled EPSG:4326"):
        read_file(path, crs="EPSG:4326")


def test_a_layer_of_mixed_systems_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.gpkg"
    write_gpkg(path)
    with sqlite3.connect(path) as connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        blob = connection.execute("SELECT geom FROM firms WHERE fid = 1").fetchone()[0]
        other = blob[:4] + struct.pack("<i", 3035) + blob[8:]
        connection.execute("UPDATE firms SET geom = ? WHERE fid = 1", (other,))
    connection.close()
    refused(path, "mixed reference systems", "4326", "3035")


# Geometry ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["f.gpkg", "f.geoparquet", "f.geojson"])
def test_what_is_no_point_is_rejected(name: str, tmp_path: Path) -> None:
    shapes = [Point(0.1, 52), Polygon([(0, 0), (1, 0), (1, 1)]), None]
    frame = gpd.GeoDataFrame({"record_id": ["a", "b", "c"]}, geometry=shapes, crs="EPSG:4326")
    path = tmp_path / name
    if name.endswith("gpkg"):
        write_gpkg(path, frame)
    elif name.endswith("geoparquet"):
        frame.to_parquet(path)
    else:
        write_geojson(path, frame)
    inputs = read_file(path)
    assert inputs.records.index.tolist() == ["a"]
    assert inputs.rejected["row"].tolist() == [3, 4]
    assert inputs.rejected["reason"].str.contains("no point").tolist()[0]
    assert "longitude" in inputs.rejected["column"][1]


@pytest.mark.parametrize("name", ["f.gpkg", "f.geoparquet"])
def test_curves_and_damaged_geometry_are_rejected(name: str, tmp_path: Path) -> None:
    """Shapely has no curves and raises one error or another for them, by its version."""
    point, bend = Point(0.1, 52).wkb, [(0.0, 0.0), (1.0, 1.0), (2.0, 0.0)]
    curve = struct.pack("<BII", 1, 8, 3) + b"".join(struct.pack("<dd", *at) for at in bend)
    blobs = [point, curve, point[:9]]
    path = tmp_path / name
    if name.endswith("gpkg"):
        write_gpkg(path, POINTS)
        with sqlite3.connect(path) as base:
            table = base.execute("SELECT table_name FROM gpkg_contents").fetchone()[0]
            for trigger, _ in base.execute(
                "SELECT name, 0 FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                base.execute(f'DROP TRIGGER "{trigger}"')
            for row, blob in enumerate(blobs, start=1):
                header = b"GP" + struct.pack("<BBi", 0, 1, 4326)
                base.execute(f'UPDATE "{table}" SET geom = ? WHERE fid = ?', (header + blob, row))
    else:
        POINTS.to_parquet(path)
        table = pq.read_table(path)
        at = table.schema.get_field_index("geometry")
        pq.write_table(table.set_column(at, table.schema.field(at), pa.array(blobs)), path)
    inputs = read_file(path)
    assert len(inputs.records) == 1
    assert inputs.rejected["row"].tolist() == [3, 4]
    assert inputs.rejected["reason"].str.contains("is damaged or a curve").all()


def test_a_multipoint_of_one_is_that_point(tmp_path: Path) -> None:
    shapes = [MultiPoint([(0.1, 52)]), MultiPoint([(0, 1), (2, 3)])]
    frame = gpd.GeoDataFrame({"record_id": ["a", "b"]}, geometry=shapes, crs="EPSG:4326")
    frame.to_parquet(tmp_path / "f.geoparquet")
    inputs = read_file(tmp_path / "f.geoparquet")
    assert inputs.records.index.tolist() == ["a"]
    assert inputs.records["longitude"].tolist() == [0.1]


@pytest.mark.parametrize(
    ("pair", "words"),
    [("[0.1]", "no pair"), ('["0.1", 52]', "no pair"), ("[NaN, 52]", "no pair"), ("{}", "no pair")],
)
def test_damaged_coordinates_of_geojson_are_rejected(pair: str, words: str, tmp_path: Path) -> None:
    features = [
        f'{{"type": "Feature", "properties": {{"record_id": "{name}"}}, '
        f'"geometry": {{"type": "Point", "coordinates": {coordinates}}}}}'
        for name, coordinates in (("a", pair), ("b", "[0.1, 52.2]"))
    ]
    text = f'{{"type": "FeatureCollection", "features": [{", ".join(features)}]}}'
    (tmp_path / "f.geojson").write_text(text)
    inputs = read_file(tmp_path / "f.geojson")
    assert inputs.records.index.tolist() == ["b"]
    assert words in inputs.rejected["reason"][0]


def test_long_ids_of_geojson_and_parquet_keep_their_digits(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "properties": {"id": 12345678901234567890},
        "geometry": {"type": "Point", "coordinates": [0.1, 52.2]},
    }
    document = {"type": "FeatureCollection", "features": [feature]}
    (tmp_path / "f.geojson").write_text(json.dumps(document))
    assert read_file(tmp_path / "f.geojson").records.index.tolist() == ["12345678901234567890"]
    ids = pa.array([2**62 + 1, None], pa.int64())
    table = pa.table({"id": ids, "lon": [0.1, 0.2], "lat": [52.0, 52.1]})
    pq.write_table(table, tmp_path / "f.parquet")
    assert str(2**62 + 1) in read_file(tmp_path / "f.parquet").records.index


def test_a_geopackage_of_several_layers_needs_a_choice(tmp_path: Path) -> None:
    path = tmp_path / "f.gpkg"
    write_gpkg(path)
    POINTS.to_file(path, driver="GPKG", layer="second")
    refused(path, "2 layers", "firms", "second")
    refused(path, "no layer 'x'", layer="x")
    assert len(read_file(path, layer="second").records) == 3


def test_views_and_virtual_tables_of_a_geopackage_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "f.gpkg"
    write_gpkg(path)
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE VIEW trick AS SELECT * FROM firms")
        connection.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
            "VALUES ('trick', 'features', 'trick', 4326)"
        )
    connection.close()
    refused(path, "no layer 'trick'", layer="trick")


def test_a_sqlite_file_is_no_geopackage(tmp_path: Path) -> None:
    path = tmp_path / "f.gpkg"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE firms (a)")
    connection.close()
    refused(path, "no GeoPackage")


def test_the_source_folder_is_not_written_to(tmp_path: Path) -> None:
    for name, write in WRITERS.items():
        write(tmp_path / f"list{Path(name.lower()).stem[5:]}{Path(name).suffix}")
    before = sorted(path.name for path in tmp_path.iterdir())
    for path in tmp_path.iterdir():
        read_file(path)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_random_damage_never_escapes_as_another_error(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name in WRITERS:
        content = whole(name)
        for trial in range(15):
            broken = bytearray(content)
            for at in rng.integers(0, len(broken), 1 + 4 * (trial % 4)):
                broken[at] = rng.integers(0, 256)
            if trial % 3 == 0:
                broken = broken[: rng.integers(1, len(broken))]
            path = tmp_path / name
            path.write_bytes(broken)
            try:
                inputs = read_file(path)
            except InputError:
                continue
            files = inputs.files
            assert (files["rows"] == files["accepted"] + files["rejected"] + files["merged"]).all()
            assert np.isfinite(inputs.records[["longitude", "latitude"]]).all(axis=None)


def test_in_memory_bytes_of_a_workbook_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    write_xlsx(path)
    before = io.BytesIO(path.read_bytes()).getvalue()
    read_file(path)
    assert path.read_bytes() == before
