"""Where fuzzing starts: one or more sound inputs per harness, and words worth combining."""

import gzip
import io
import json
import struct

import pyarrow as pa
import pyarrow.parquet as pq

from fuzz.harnesses import HEAD, ROW, sound_geopackage, sound_workbook, workbook_parts
from fuzz.sources import IDENTITY_HEAD, PIECES, SUFFIXES, sound_piece
from geoclust.study.template import study_template

WORDS = {
    "csv": ['""', ";", "\t", "|", "sep=;", "1e400", "nan", "52°12'00\"N", "1.234,56", "€5m", "\\0"],
    "excel": ["<c r=", "<v>", 't="s"', "XFD1048576", "<row", "inlineStr", "<!DOCTYPE", "<!ENTITY"],
    "geojson": ["FeatureCollection", "coordinates", "Point", "properties", "crs", "1e400", "NaN"],
    "jsonlines": ['"id"', "names", "locations", "geonames_details", "null", "1e999", "\\ud800"],
    "geopackage": ["GP", "geom", "EPSG", "PROJCS[", "GEOGCS["],
    "parquet": ["primary_column", "columns", "geometry", "encoding", "WKB", "point", "crs", "id"],
    "presets": [
        "\t",
        ",",
        "GB",
        "USA",
        '"id"',
        "null",
        "COUNTRY",
        "1e400",
        "https://",
        "2020-01-01",
    ],
    "inspect": ["lon", "lat", "Breite", "population", "country", "\t", ";", "http", "Topology"],
    "identity": ["same", "different", "unsure", "'=", "record_a", "f1", "f2", ",,", "0.5"],
    "boundaries": ["Polygon", "coordinates", "MultiPolygon", "properties", "180", "-90", "id"],
    "duckdb": ["record_id", "geom"],
    "parts": ["country=", "%2F"],
    "batch": ["[batch]", "files =", "[overrides.fr]", "[[studies]]", "split_by =", "[defaults."],
    "edits": ["[[edits]]", "action =", "split", "merge", "line =", "regions =", "at_km = "],
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


def _presets() -> list[bytes]:
    return [bytes([number]) + sound_piece(*piece) for number, piece in enumerate(PIECES)]


def _inspect() -> list[bytes]:
    texts = [b"Firma;Breitengrad;L\xc3\xa4ngengrad\nA GmbH;48,1;11,6\n", (HEAD + ROW).encode()]
    texts += [b"organisation_a,organisation_b\na,b\nb,c\n", b'{"type": "Topology", "objects": {}}']
    texts += [content[1:] for content in _jsonlines()]
    ends = {b"[": ".json", b"{": ".jsonl"}
    plain = [bytes([SUFFIXES.index(ends.get(text[:1], ".csv"))]) + text for text in texts]
    packed = [(".xlsx", sound_workbook()), (".gpkg", sound_geopackage()), (".toml", b"a = 1\n")]
    known = [bytes([SUFFIXES.index(".csv")]) + sound_piece(*PIECES[n]) for n in (1, 4, 6, 15)]
    return [*plain, *known, *(bytes([SUFFIXES.index(end)]) + content for end, content in packed)]


def _identity() -> list[bytes]:
    head = IDENTITY_HEAD.encode()
    return [
        b"\x00" + head + b"f1,f2,same,,\nf2,f3,different,,\nf4,'=x,,same,0.9\n",
        b"\x01" + head + b"f1,f2,,same,0.7\nf2,f3,SAME ,same,1\nf5,f6,unsure,,\n",
        b"\x02record_a;record_b;decision\nf1;f2;same\n",
    ]


def _boundaries() -> list[bytes]:
    ring = [[1.5, 47.5], [2.5, 47.5], [2.5, 48.5], [1.5, 48.5], [1.5, 47.5]]
    east = [[179, -1], [-179, -1], [-179, 1], [179, 1], [179, -1]]

    def text(shape: object, kind: str = "Polygon") -> bytes:
        feature = {
            "type": "Feature",
            "properties": {"id": "a", "name": "A"},
            "geometry": {"type": kind, "coordinates": shape},
        }
        return json.dumps({"type": "FeatureCollection", "features": [feature, feature]}).encode()

    seams = text([[ring], [east]], "MultiPolygon")
    sound = [b"\x00" + text([ring]), b"\x13" + text([ring]), b"\x2c" + seams]
    return [*sound, *(bytes([choice, *range(10, 250, 7)]) for choice in (128, 129, 130, 180))]


def _steps() -> list[bytes]:
    """Bytes that choose this and that."""
    return [bytes((start + step * n) % 256 for n in range(60)) for start, step in
            ((0, 1), (7, 5), (100, 3), (3, 0), (200, 11), (50, 17))]  # fmt: skip


def _study() -> list[bytes]:
    template = study_template()
    lines = [line.removeprefix("# ") for line in template.splitlines() if " = " in line]
    table = (
        '[inputs.firms]\npath = "f.csv"\ncolumns = { name = "Firma" }\nfactors = { weight = 2 }\n'
    )
    short = "[clustering]\nmin_cluster_size = 8\nmax_link_km = inf\n[report]\nfigures = false\n"
    texts = (template, "\n".join(lines[:40]), table, short)
    return [*(b"\0" + text.encode() for text in texts), *(b"\1" + one for one in _steps())]


def _batch() -> list[bytes]:
    texts = (
        (
            '[batch]\nfiles = ["countries/*.csv"]\ntemplate = "study.toml"\n'
            "[overrides.fr.clustering]\n"
            "min_cluster_size = 3\n"
        ),
        (
            '[batch]\nsplit_by = "country"\ncountries = ["FR"]\n[defaults.inputs.firms]\n'
            'path = "countries/fr.csv"\n'
        ),
        (
            '[[studies]]\nname = "../x"\nfile = "countries/fr.csv"\n[studies.clustering]\n'
            "min_samples = 2\n"
        ),
    )
    return [*(b"\0" + text.encode() for text in texts), *(b"\1" + one for one in _steps())]


def _edits() -> list[bytes]:
    said = 'reason = "r"\nby = "b"\n'
    texts = (
        f'[[edits]]\naction = "drop"\nregion = "none"\n{said}',
        f'[[edits]]\naction = "split"\nregion = "x"\nline = [[2, 47], [2, 49]]\n{said}',
        f'[[edits]]\naction = "move"\nrecords = ["f1"]\nto = "none"\n{said}date = 2024-01-01\n',
    )
    return [*(b"\0" + text.encode() for text in texts), *(b"\1" + one for one in _steps())]


def _arguments() -> list[bytes]:
    lines = (
        "run\nstudy.toml\n--out\nresults\n--strict\n--json",
        "robustness\nstudy.toml\n--draws\n20\n--points=8\n--seed\n1\n-q",
        "sweep\nstudy.toml\n--vary\nclustering.min_cluster_size=4:14:2",
        "batch\n--template\nstudy.toml\na.csv\nb.csv\n--jobs\n2",
        "check\nfolder\n--faults\nf.csv",
        "explain\nresults\ngb-cambridge\nactivity",
        "--help",
    )
    return [*(b"\0" + line.encode() for line in lines), *(b"\1" + one for one in _steps())]


_SEEDS = {
    "csv": _csv,
    "excel": _excel,
    "geojson": _geojson,
    "jsonlines": _jsonlines,
    "geopackage": _geopackage,
    "parquet": _parquet,
    "presets": _presets,
    "inspect": _inspect,
    "identity": _identity,
    "boundaries": _boundaries,
    "duckdb": _steps,
    "parts": _steps,
    "study": _study,
    "batch": _batch,
    "edits": _edits,
    "arguments": _arguments,
}
