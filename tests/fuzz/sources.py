"""Fuzzed doors of foreign files: presets, inspection, identity, boundaries, stores."""

import contextlib
import gzip
import json
import warnings
from functools import cache
from pathlib import Path

from fuzz.choices import Choices
from fuzz.harnesses import folder, goes_whole_way, hold_account, hold_words
from fuzz.world import decided_on, world
from geoclust.errors import GeoclustError
from geoclust.records import TableSource, read_inputs
from geoclust.records.files import open_tables
from geoclust.records.identity.decisions import check_against, read_decisions
from geoclust.records.inspecting import inspect_files
from geoclust.records.inspecting.files import look_at
from geoclust.records.presets import apply_preset
from geoclust.study import StudyConfig
from geoclust.study.drafting import draft_text

SAMPLES = Path(__file__).parents[1] / "samples" / "presets"

_WORKS = ("openalex_institutions/part_000.gz", "openalex_works/part_000.gz")
_PATENTS = ("g_inventor_disambiguated.tsv", "g_location_disambiguated.tsv",
            "g_assignee_disambiguated.tsv", "g_application.tsv", "g_patent.tsv")  # fmt: skip
_REGIONS = ("202401_EPO_Inv_reg.txt", "202401_EPO_App_reg.txt", "202401_EPO_IPC.txt",
            "regpat_region_points.csv")  # fmt: skip
_FIRMS = ("crunchbase_organizations.csv", "crunchbase_funding_rounds.csv")
PRESETS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("ror", ("ror_v2.json",), ("records", "ties")),
    ("ror", ("ror_v2.csv",), ("records", "ties")),
    ("openalex", _WORKS, ("records", "ties")),
    ("cordis", ("cordis_organization.csv", "cordis_project.csv"), ("records", "ties")),
    ("patentsview", _PATENTS, ("patents",)),
    ("regpat", _REGIONS, ("patents",)),
    ("crunchbase", _FIRMS, ("records",)),
    ("geonames", ("geonames_NL.txt",), ("places",)),
)
"""Preset, its files, and the tables it makes."""

PIECES: tuple[tuple[int, int], ...] = tuple(
    (case, at) for case, (_, names, _) in enumerate(PRESETS) for at in range(len(names))
)
"""Every file of every preset: the first byte of an input says which one it replaces."""


def presets(data: bytes) -> None:
    """One file of a known source; those that go with it are sound."""
    case, at = PIECES[(data[0] if data else 0) % len(PIECES)]
    preset, names, tables = PRESETS[case]
    home = folder() / "presets" / str(case)
    for number, name in enumerate(names):
        place = home / name
        if number == at or not place.exists() or _dirty(case) == number:
            place.parent.mkdir(parents=True, exist_ok=True)
            content = data[1:] if number == at else sound_piece(case, number)
            place.write_bytes(gzip.compress(content, 1) if name.endswith(".gz") else content)
    _last[case] = at
    basis = (
        {"basis": "applicant"} if data[1:2] > b"o" and preset in {"regpat", "patentsview"} else {}
    )
    source = TableSource(preset=preset, paths=tuple(home / name for name in names), **basis)
    if not goes_whole_way(data):
        with contextlib.suppress(GeoclustError):
            raws = open_tables(source, None)
            for table in tables:
                apply_preset(raws, source, table)
        return
    also = {"labs": TableSource(path=_lab())} if tables == ("places",) else {}
    try:
        inputs = read_inputs({**also, **dict.fromkeys(tables, source)})
    except GeoclustError as error:
        hold_words(error)
        return
    hold_account(inputs)


_last: dict[int, int] = {}


def _dirty(case: int) -> int | None:
    """The file that the input before this one replaced."""
    return _last.get(case)


@cache
def sound_piece(case: int, at: int) -> bytes:
    """A sample file as it is, unpacked, of a few records."""
    content = (SAMPLES / PRESETS[case][1][at]).read_bytes()
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


@cache
def _lab() -> Path:
    path = folder() / "lab.csv"
    path.write_text("record_id,longitude,latitude\nl,5,52\n", encoding="utf-8")
    return path


SUFFIXES = (".csv", ".txt", ".json", ".jsonl", ".geojson", ".tsv", ".xlsx", ".parquet", ".gpkg",
            ".csv.gz", ".duckdb", ".toml")  # fmt: skip


def inspect(data: bytes) -> None:
    """Any file, by any name: described, and what is drafted can be read."""
    path = folder() / f"inspected{SUFFIXES[(data[0] if data else 0) % len(SUFFIXES)]}"
    path.write_bytes(data[1:])
    if not goes_whole_way(data):
        look = look_at(path)
        assert look.problem is None or look.problem
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = inspect_files([path])
    for look in found.looks:
        assert look.problem is None or look.problem
        assert 0 <= look.confidence <= 1
    if found.makes_study:
        text = draft_text(found, folder())
        assert StudyConfig.from_text(text, base=folder()).inputs.sources


IDENTITY_HEAD = "record_a,record_b,decision,suggested,score\n"


def identity(data: bytes) -> None:
    """A table of decisions on pairs, checked against records and merged."""
    path = folder() / "identity.csv"
    path.write_bytes(data[1:])
    above = {0: None, 1: 0.5}.get((data[0] if data else 0) % 3, 1.0)
    try:
        decisions = read_decisions(path, accept_above=above)
        check_against(decisions, world()[0].records, world()[0].records.index[:0])
        if not goes_whole_way(data):
            return
        inputs = read_inputs(folder() / "world", identity=path, accept_above=above)
    except GeoclustError as error:
        hold_words(error)
        return
    hold_account(inputs)


MODES = ("instead", "split", "join")
KEPT = ("", "refuse", "join", "apart")


def boundaries(data: bytes) -> None:
    """Polygons of a researcher, as text of GeoJSON or as corners chosen, applied to regions."""
    choice = data[0] if data else 0
    text = data[1:] if choice < 128 else json.dumps(chosen_polygons(data[1:])).encode()
    (folder() / "drawn.geojson").write_bytes(text)
    section = f'file = "drawn.geojson"\nmode = "{MODES[choice % 3]}"\n'
    section += f"repair = {'true' if choice // 3 % 2 else 'false'}\n"
    if again := KEPT[choice // 6 % 4]:
        section += f'duplicates = "{again}"\n'
    decided_on(
        StudyConfig.from_text(f"[boundaries]\n{section}", base=folder()),
        drawn=choice // 24 % 2 == 1,
    )


def chosen_polygons(data: bytes) -> dict[str, object]:
    """Features near the small world, and at the ends of the globe."""
    choices = Choices(data)
    features = []
    for number in range(1 + choices.count(3)):
        middle = choices.pick(((2.0, 48.0), (2.0, 48.0), (3.0, 47.5), (179.0, 0.0), (0.0, 89.0)))
        rings = []
        for _ in range(1 + choices.byte() % 5 // 4):
            corners = [
                [choices.degrees(middle[0]), choices.degrees(middle[1])]
                for _ in range(3 + choices.count(5))
            ]
            rings.append([*corners, corners[0]] if choices.byte() % 16 else corners)
        kind = choices.pick(("Polygon",) * 6 + ("MultiPolygon", "LineString", "Point"))
        shape: object = {
            "Polygon": rings, "MultiPolygon": [rings, rings], "LineString": rings[0],
            "Point": rings[0][0],
        }[kind]  # fmt: skip
        properties = {"id": choices.pick(("a", "b", "", f"r{number}", None, 7, "fr-paris"))}
        properties["name"] = choices.text()
        geometry = {"type": kind, "coordinates": shape} if choices.byte() % 16 else None
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}


KINDS = ("VARCHAR", "DOUBLE", "INTEGER", "BOOLEAN", "DATE", "BLOB", "DOUBLE[]", "DECIMAL(9, 3)",
         "HUGEINT", "TIMESTAMP", "STRUCT(a INTEGER)", "UUID", "BIT", "TIME", "FLOAT")  # fmt: skip
SOUND = {"record_id": "VARCHAR", "longitude": "DOUBLE", "latitude": "DOUBLE"}
NAMES = ("record_id", "name", "longitude", "latitude", "country", "year", "geom", "funding_usd")


def duckdb(data: bytes) -> None:
    """A sound DuckDB file whose names, types and values are chosen, read with conditions."""
    import duckdb as library

    choices = Choices(data)
    path = folder() / "f.duckdb"
    path.unlink(missing_ok=True)
    with contextlib.closing(library.connect(str(path))) as made:
        for number in range(1 + choices.byte() % 5 // 4):
            columns = dict(SOUND) if choices.byte() % 4 < 3 else {}
            for _ in range(choices.count(4)):
                name = choices.pick(NAMES) if choices.byte() % 4 < 3 else choices.text()
                columns[name.replace("\0", "")] = choices.pick(KINDS)
            others = ("labs", "a b", 'q"q', choices.text().replace("\0", ""))
            table = choices.pick(others) if number else "firms"
            listed = ", ".join(f"{_quoted(name)} {kind}" for name, kind in columns.items())
            with contextlib.suppress(library.Error):
                made.execute(f"CREATE TABLE {_quoted(table)} ({listed})")
            for _ in range(1 + choices.count(2)):
                row = [
                    choices.pick(("a", "b", "0.1", "52", str(choices.value(2)))) for _ in columns
                ]
                marks = ", ".join(f"TRY_CAST(? AS {kind})" for kind in columns.values())
                with contextlib.suppress(library.Error):
                    made.execute(f"INSERT INTO {_quoted(table)} SELECT {marks}", row)
    options: dict[str, object] = {"table": "firms"} if choices.byte() % 2 else {}
    if choices.byte() % 4 == 3:
        options["table"] = choices.pick(("firms", "main.firms", "labs", choices.text()))
    if choices.byte() % 4 == 3:
        options["geometry"] = choices.pick(("geom", "name", choices.text()))
    if choices.byte() % 4 == 3:
        options["where"] = {choices.pick(NAMES): choices.value(1)}
    _read_path(path, options, data)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def parts(data: bytes) -> None:
    """A folder of Parquet partitions, their names and contents chosen, read with conditions."""
    import shutil

    import pyarrow as pa
    import pyarrow.parquet as pq

    choices = Choices(data)
    home = folder() / "parts"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    for number in range(1 + choices.count(3)):
        names = [choices.pick(("country=GB", "country=", "year=2020", "x", "country=%2F", ".tmp",
                               f"{choices.text()[:40]}={choices.text()[:40]}"))
                 for _ in range(choices.count(2))]  # fmt: skip
        names = [name.replace("/", "").replace("\0", "").strip(".") or "x" for name in names]
        columns = {"record_id": pa.array(["a", "b"]), "longitude": pa.array([0.1, 0.2])}
        columns["latitude"] = pa.array([52.1, 52.2])
        columns = columns if choices.byte() % 4 < 3 else {}
        for _ in range(choices.count(3)):
            values = [choices.pick(("a", "1", "0.1", None, "2020")) for _ in range(2)]
            column = pa.array(values)
            if choices.byte() % 3 == 2:
                column = pa.array([1.5, None])
            columns[choices.pick(NAMES)] = column
        with contextlib.suppress(OSError):
            place = home.joinpath(*names)
            place.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.table(columns), place / f"{number}.parquet")
            if choices.byte() % 16 == 15:
                (place / "odd.parquet").write_bytes(choices.text().encode("utf-8", "replace"))
    options: dict[str, object] = {}
    if choices.byte() % 3 == 2:
        options["where"] = {choices.pick(("country", "year", "name", "x")): choices.value(1)}
    _read_path(home, options, data)


def _read_path(path: Path, options: dict[str, object], data: bytes) -> None:
    try:
        if not goes_whole_way(data):
            open_tables(TableSource(path=path, **options))  # type: ignore[arg-type]
            return
        inputs = read_inputs({"firms": TableSource(path=path, **options)})  # type: ignore[arg-type]
    except GeoclustError as error:
        hold_words(error)
        return
    hold_account(inputs)
