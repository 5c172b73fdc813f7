"""Where fuzzing starts: one or more sound inputs per harness, and words worth combining."""

import gzip
import io
import json
import struct

import pyarrow as pa
import pyarrow.parquet as pq

from fuzz.harnesses import HEAD, ROW, sound_geopackage, sound_workbook, workbook_parts
from geoclust.study.template import study_template

WORDS = {
    "csv": ['""', ";", "\t", "|", "sep=;", "1e400", "nan", "52°12'00\"N", "1.234,56", "€5m", "\\0"],
    "excel": ["<c r=", "<v>", 't="s"', "XFD1048576", "<row", "inlineStr", "<!DOCTYPE", "<!ENTITY"],
    "geojson": ["FeatureCollection", "coordinates", "Point", "properties", "crs", "1e400", "NaN"],
    "jsonlines": ['"id"', "names", "locations", "geonames_details", "null", "1e999", "\\ud800"],
    "geopackage": ["GP", "geom", "EPSG", "PROJCS[", "GEOGCS["],
    "parquet": ["primary_column", "columns", "geometry", "encoding", "WKB", "point", "crs", "id"],
    "study": ["[inputs.firms]", "path =", "columns =", "inf", "nan", "[[thresholds.criteria]]"],
    "arguments": ["run", "check", "init", "robustness", "--out", "--strict", "--json", "-q", "--"],
}


def seeds(name: str) -> list[bytes]:
    """Sound inputs of one harness."""
    return _SEEDS[name]()


def _csv() -> list[bytes]:
    text = (HEAD + ROW).encode()
    ties = b"organisation_a,organisation_b,weight\na,b,1\n"
    places = "name;longitude;latitude;population\nÅs;10,8;59,7;21.000\n".encode()
    return [
        b"\x00" + text,
        b"\x01" + ties,
        b"\x02" + places,
        b"\x03kind," + text.replace(b"\n", b"\nlab,"),
        b"\x04" + text.replace(b",", b"\t"),
        b"\x08" + gzip.compress(text, mtime=0),
        b"\x00" + (HEAD + ROW).encode("utf-16"),
        b'\x00record_id,longitude,latitude\n"a\n",0.1,"52,2"\nb,"x""y",1e5\n\n',
    ]


def _excel() -> list[bytes]:
    parts = dict(workbook_parts())
    names = ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml")
    return [sound_workbook(), *(bytes([at]) + parts[name] for at, name in enumerate(names))]


def _geojson() -> list[bytes]:
    feature = {
        "type": "Feature",
        "id": 7,
        "properties": {"record_id": "a", "name": "A", "year": 2020, "tags": ["x"]},
        "geometry": {"type": "Point", "coordinates": [0.1, 52.2]},
    }
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4326"}}
    document = {"type": "FeatureCollection", "features": [feature]}
    return [json.dumps(document).encode(), json.dumps({**document, "crs": crs}).encode()]


def _jsonlines() -> list[bytes]:
    plain = {"record_id": "a", "name": "A", "longitude": 0.1, "latitude": 52.2, "tags": [1, {}]}
    geo = {"lat": 52.2, "lng": 0.1, "country_code": "GB", "name": "Cambridge"}
    ror = {
        "id": "https://ror.example/013meh722",
        "status": "active",
        "types": ["education"],
        "names": [{"value": "University of Cambridge", "types": ["ror_display", "label"]}],
        "locations": [{"geonames_id": 2653941, "geonames_details": geo}],
        "established": 1209,
        "links": [{"type": "website", "value": "https://cam.example"}],
    }
    alex = {
        "id": "https://alex.example/I1",
        "display_name": "A",
        "type": "education",
        "geo": {"latitude": 52.2, "longitude": 0.1, "country_code": "GB", "city": "Cambridge"},
    }
    one, two, three = (json.dumps(value).encode() for value in (plain, ror, alex))
    return [
        b"\x00" + one + b"\n" + one + b"\n",
        b"\x01[" + one + b"]",
        b"\x02" + two + b"\n",
        b"\x03[" + two + b", " + two + b"]",
        b"\x04" + three + b"\n",
    ]


def _geopackage() -> list[bytes]:
    blob = b"GP\x00\x01" + struct.pack("<iBIdd", 4326, 1, 1, 0.1, 52.2)
    return [sound_geopackage(), b"\x00" + blob, b"\x01" + blob[8:], b"\x02GEOGCS[]", b"\x04name"]


def _parquet() -> list[bytes]:
    packed = io.BytesIO()
    columns = {"record_id": ["a", None], "longitude": [0.1, 0.2], "latitude": [52.2, 52.3]}
    pq.write_table(pa.table(columns), packed)
    about = {"encoding": "WKB", "crs": {"id": {"authority": "EPSG", "code": 4326}}}
    meta = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": about}}
    point = struct.pack("<BIdd", 1, 1, 0.1, 52.2)
    return [packed.getvalue(), b"\x00" + json.dumps(meta).encode(), b"\x01" + point]


def _study() -> list[bytes]:
    template = study_template()
    lines = [line.removeprefix("# ") for line in template.splitlines() if " = " in line]
    table = (
        '[inputs.firms]\npath = "f.csv"\ncolumns = { name = "Firma" }\nfactors = { weight = 2 }\n'
    )
    return [
        template.encode(),
        "\n".join(lines[:40]).encode(),
        table.encode(),
        b"[clustering]\nmin_cluster_size = 8\nmax_link_km = inf\n[report]\nfigures = false\n",
    ]


def _arguments() -> list[bytes]:
    return [
        b"run\nstudy.toml\n--out\nresults\n--strict\n--json",
        b"robustness\nstudy.toml\n--draws\n20\n--points=8\n--seed\n1\n-q",
        b"check\nfolder\n--faults\nf.csv",
        b"init\nmine",
        b"warm-up",
        b"--help",
        b"run\n--help",
    ]


_SEEDS = {
    "csv": _csv,
    "excel": _excel,
    "geojson": _geojson,
    "jsonlines": _jsonlines,
    "geopackage": _geopackage,
    "parquet": _parquet,
    "study": _study,
    "arguments": _arguments,
}
