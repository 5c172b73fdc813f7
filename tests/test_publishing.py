"""Tables of a study in every store: as they were, whole or not at all, read by other readers."""

import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import pyarrow.dataset as ds
import pyogrio
import pytest
import shapely
from postgres_server import PASSWORD, Server

import geoclust as gc
from geoclust.errors import InputError, OutputError, ParameterError
from geoclust.records import TableSource, read_inputs
from geoclust.report import publish_study
from geoclust.report.stores import postgis
from geoclust.report.tables.frames import study_frames

TEXTS = ["=1+1", "O'Neill; DROP TABLE records; --", '<b>"Å"</b>\nnext', "日本", None]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> gc.Study:
    """A small study with hard names, missing values and regions on the antimeridian."""
    folder = tmp_path_factory.mktemp("world")
    gc.synthetic.write_toy_world(folder, seed=1)
    firms = pd.read_csv(folder / "firms.csv", dtype=str)
    firms["longitude"] = ((firms["longitude"].astype(float) + 180 + 178) % 360 - 180).astype(str)
    firms["name"] = [TEXTS[at % len(TEXTS)] for at in range(len(firms))]
    firms.loc[3, "latitude"] = "97"
    firms.to_csv(folder / "firms.csv", index=False)
    (folder / "study.toml").write_text("[report]\nfigures = false\nsurvival = true\n")
    return gc.run_study(folder / "study.toml")


@pytest.fixture(scope="module")
def results(study: gc.Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gc.write_study(study, tmp_path_factory.mktemp("out") / "results")


@pytest.fixture
def address(postgres_server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """The database without our schema; the password is where libpq looks for it."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with psycopg.connect(postgres_server.address("world")) as connection:
        connection.execute("DROP SCHEMA IF EXISTS geoclust CASCADE")
    return postgres_server.address("world")


def from_postgis(address: str, names: list[str], schema: str = "geoclust") -> dict[str, Any]:
    found = {}
    with psycopg.connect(address) as connection:
        for name in names:
            cursor = connection.execute(f'SELECT * FROM {schema}."{name}"')
            columns = [column.name for column in cursor.description]
            table = pd.DataFrame(cursor.fetchall(), columns=columns, dtype=object)
            if "geometry" in columns:
                rows = connection.execute(
                    f'SELECT ST_AsBinary(geometry), ST_SRID(geometry) FROM {schema}."{name}"'
                ).fetchall()
                table["geometry"] = [shapely.from_wkb(bytes(wkb)) for wkb, _ in rows]
                assert {srid for _, srid in rows} <= {4326}
            found[name] = table
    return found


def from_duckdb(path: Path, names: list[str]) -> dict[str, Any]:
    found = {}
    with duckdb.connect(str(path), read_only=True) as connection:
        for name in names:
            cursor = connection.execute(f'SELECT * FROM "{name}"')
            kinds = {column[0]: str(column[1]) for column in cursor.description}
            table = pd.DataFrame(cursor.fetchall(), columns=list(kinds), dtype=object)
            if "geometry" in kinds:
                assert kinds["geometry"] == "GEOMETRY('OGC:CRS84')"
                wkb = connection.execute(f'SELECT ST_AsWKB(geometry) FROM "{name}"').fetchall()
                table["geometry"] = [shapely.from_wkb(bytes(shape)) for (shape,) in wkb]
            found[name] = table
    return found


def from_geopackage(path: Path, names: list[str]) -> dict[str, Any]:
    found = {}
    for name in names:
        table = pyogrio.read_dataframe(path, layer=name)
        if "geometry" in table:
            assert table.crs.to_epsg() == 4326
        found[name] = pd.DataFrame(table).astype(object)
    return found


def from_folder(folder: Path, names: list[str]) -> dict[str, Any]:
    found = {}
    for name in names:
        files = sorted((folder / name).rglob("*.parquet"))
        parts = []
        for file in files:
            geo = ds.dataset(file).schema.metadata or {}
            part = gpd.read_parquet(file) if b"geo" in geo else pd.read_parquet(file)
            if b"geo" in geo:
                assert part.crs.to_epsg() == 4326
            key, _, value = file.parent.name.partition("=")
            if value:
                part[key] = None if value.startswith("__") else value
            parts.append(pd.DataFrame(part).astype(object))
        found[name] = pd.concat(parts, ignore_index=True)
    return found


READERS: dict[str, Callable[[Path, list[str]], dict[str, Any]]] = {
    "toy.duckdb": from_duckdb,
    "toy.gpkg": from_geopackage,
    "toy": from_folder,
}


def same(found: pd.DataFrame, wanted: pd.DataFrame, name: str) -> None:
    """Every cell the same: text, whole numbers, floats to the last bit, truths, nulls, geometry."""
    assert set(found.columns) - {"fid"} == set(wanted.columns), name
    keys = [c for c in wanted.columns if c != "geometry"]
    assert len(found) == len(wanted), name
    order = found[keys].astype("str").fillna("").sort_values(keys, kind="stable").index
    order_wanted = wanted[keys].astype("str").fillna("").sort_values(keys, kind="stable").index
    if name in {"regions", "records", "scores", "gaps"}:
        key = "record_id" if name == "records" else "region_id"
        order = found[key].sort_values().index
        order_wanted = wanted[key].sort_values().index
    for column in wanted.columns:
        ours = wanted.loc[order_wanted, column].to_numpy(dtype=object)
        theirs = found.loc[order, column].to_numpy(dtype=object)
        for a, b in zip(ours, theirs, strict=True):
            if column == "geometry":
                assert shapely.equals(a, b), (name, column)
                assert a.is_empty == b.is_empty
            elif pd.api.types.is_scalar(a) and pd.isna(a):
                assert pd.isna(b), (name, column, b)
            elif isinstance(a, bool | np.bool_):
                assert bool(a) is bool(b), (name, column)
                assert isinstance(b, bool | np.bool_), (name, column, type(b))
            elif isinstance(a, int | np.integer):
                assert b == a, (name, column)
                assert float(b).is_integer()
            elif isinstance(a, float):
                assert float(b).hex() == float(a).hex(), (name, column)
            else:
                assert b == a, (name, column)


@pytest.mark.parametrize("store", READERS)
def test_a_file_store_holds_every_table_as_it_was(
    store: str, study: gc.Study, tmp_path: Path
) -> None:
    rows = publish_study(study, tmp_path / store)
    frames = study_frames(study)
    assert rows == {name: len(table) for name, table in frames.items()}
    assert {"regions", "records", "ties", "scores", "gaps", "network", "places"} <= set(rows)
    found = READERS[store](tmp_path / store, list(frames))
    for name, wanted in frames.items():
        same(found[name], wanted, name)


def test_postgis_holds_every_table_as_it_was(address: str, study: gc.Study) -> None:
    publish_study(study, address)
    frames = study_frames(study)
    found = from_postgis(address, list(frames))
    for name, wanted in frames.items():
        same(found[name], wanted, name)
    with psycopg.connect(address) as connection:
        kinds = connection.execute(
            "SELECT f_table_name, type, srid FROM geometry_columns "
            "WHERE f_table_schema = 'geoclust'"
        ).fetchall()
        assert set(kinds) == {
            ("regions", "MULTIPOLYGON", 4326),
            ("records", "POINT", 4326),
            ("places", "POINT", 4326),
        }
        indexed = connection.execute(
            "SELECT tablename FROM pg_indexes "
            "WHERE schemaname = 'geoclust' AND indexdef LIKE '%gist%'"
        ).fetchall()
        assert {name for (name,) in indexed} == {"regions", "records", "places"}
        (valid,) = connection.execute(
            "SELECT bool_and(ST_IsValid(geometry)) FROM geoclust.regions"
        ).fetchone()
        assert valid
        types = dict(
            connection.execute(
                "SELECT column_name, data_type FROM information_schema.columns "
                "WHERE table_schema = 'geoclust' AND table_name = 'records'"
            ).fetchall()
        )
    assert types["year"] == "bigint"
    assert types["simulated"] == "boolean"
    assert types["weight"] == "double precision"
    assert types["record_id"] == "text"


@pytest.mark.parametrize("store", [*READERS, "postgis"])
def test_what_was_published_is_read_again_as_inputs(
    store: str, study: gc.Study, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if store == "postgis":
        where: Any = request.getfixturevalue("address")
        publish_study(study, where)
        sources = {
            name: TableSource(path=where, table=f"geoclust.{name}")
            for name in ("records", "ties", "places")
        }
    elif store == "toy":
        where = tmp_path / store
        publish_study(study, where)
        sources = {name: TableSource(path=where / name) for name in ("records", "ties", "places")}
    else:
        where = tmp_path / store
        publish_study(study, where)
        key = "table" if store.endswith("duckdb") else "layer"
        sources = {
            name: TableSource(path=where, **{key: name}) for name in ("records", "ties", "places")
        }
    inputs = read_inputs(sources)
    assert inputs.rejected.empty, inputs.rejected.to_string()
    pd.testing.assert_frame_equal(inputs.records, study.inputs.records, check_exact=True)
    ties = ["organisation_a", "organisation_b", "weight", "year"]
    again, first = (frame[ties].sort_values(ties) for frame in (inputs.ties, study.inputs.ties))
    pd.testing.assert_frame_equal(
        again.reset_index(drop=True), first.reset_index(drop=True), check_exact=True
    )
    places = ["name", "longitude", "latitude", "population", "gdp_usd"]
    pd.testing.assert_frame_equal(
        inputs.places[places].sort_values(places).reset_index(drop=True),
        study.inputs.places[places].sort_values(places).reset_index(drop=True),
        check_exact=True,
    )


def test_a_folder_of_results_is_published_like_the_study(
    study: gc.Study, results: Path, tmp_path: Path
) -> None:
    publish_study(results, tmp_path / "toy.duckdb")
    frames = study_frames(study)
    found = from_duckdb(tmp_path / "toy.duckdb", list(frames))
    for name in ("regions", "records", "settings", "sources"):
        same(found[name], frames[name], name)
    for name, wanted in frames.items():
        assert list(found[name].columns) == list(wanted.columns), name
        assert len(found[name]) == len(wanted), name
        for column in wanted.columns:
            if column == "geometry":
                continue
            a, b = wanted[column].reset_index(drop=True), found[name][column]
            assert (a.isna().to_numpy() == b.isna().to_numpy()).all(), (name, column)
            if a.dtype.kind == "f":
                np.testing.assert_allclose(a, b.astype(float), rtol=1e-8)
            else:
                assert a.dropna().astype("str").str.casefold().tolist() == (
                    b.dropna().astype("str").str.casefold().tolist()
                ), (name, column)


def test_an_unfinished_folder_is_not_published(results: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(results, copy)
    (copy / "gaps.csv").write_text("region_id\n")
    with pytest.raises(InputError, match=r"gaps\.csv"):
        publish_study(copy, tmp_path / "x.duckdb")
    assert not (tmp_path / "x.duckdb").exists()


# Again, strangers, faults ------------------------------------------------------------------------


@pytest.mark.parametrize("store", READERS)
def test_a_file_store_is_replaced_as_a_whole(store: str, study: gc.Study, tmp_path: Path) -> None:
    publish_study(study, tmp_path / store)
    publish_study(study, tmp_path / store)
    assert len(READERS[store](tmp_path / store, ["regions"])["regions"]) == len(study.regions)
    assert {path.name for path in tmp_path.iterdir()} == {store}


def test_the_same_geopackage_twice_is_the_same_file(study: gc.Study, tmp_path: Path) -> None:
    for name in ("a.gpkg", "b.gpkg"):
        publish_study(study, tmp_path / name)
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()


def make_foreign(path: Path) -> None:
    if path.suffix == ".duckdb":
        with duckdb.connect(str(path)) as connection:
            connection.execute("CREATE TABLE thesis AS SELECT 1 AS years")
    elif path.suffix == ".gpkg":
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE thesis (years)")
        connection.close()
    else:
        path.mkdir()
        (path / "thesis.docx").write_text("years of work")


@pytest.mark.parametrize("store", READERS)
def test_what_others_made_is_left_alone(store: str, study: gc.Study, tmp_path: Path) -> None:
    make_foreign(tmp_path / store)
    before = sorted((path.name, path.stat().st_size) for path in tmp_path.rglob("*"))
    with pytest.raises(ParameterError, match="left as it is"):
        publish_study(study, tmp_path / store)
    assert sorted((path.name, path.stat().st_size) for path in tmp_path.rglob("*")) == before


def test_tables_of_others_in_the_schema_are_left_alone(address: str, study: gc.Study) -> None:
    with psycopg.connect(address) as connection:
        connection.execute("CREATE SCHEMA geoclust; CREATE TABLE geoclust.regions AS SELECT 1 AS x")
    with pytest.raises(ParameterError, match="holds regions, not written by geoclust"):
        publish_study(study, address)
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT x FROM geoclust.regions").fetchall() == [(1,)]
        (count,) = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'geoclust'"
        ).fetchone()
    assert count == 1


def test_views_and_grants_on_our_tables_survive_a_second_time(
    address: str, study: gc.Study
) -> None:
    publish_study(study, address)
    with psycopg.connect(address) as connection:
        connection.execute("CREATE VIEW geoclust.mine AS SELECT region_id FROM geoclust.regions")
        connection.execute("GRANT SELECT ON geoclust.records TO PUBLIC")
    publish_study(study, address)
    with psycopg.connect(address) as connection:
        rows = connection.execute("SELECT count(*) FROM geoclust.mine").fetchone()
        (granted,) = connection.execute(
            "SELECT count(*) FROM information_schema.table_privileges WHERE grantee = 'PUBLIC' "
            "AND table_schema = 'geoclust' AND table_name = 'records'"
        ).fetchone()
    assert rows == (len(study.regions),)
    assert granted == 1


def test_readers_see_the_old_tables_or_the_new_never_a_mixture(
    address: str, study: gc.Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_study(study, address)
    write = postgis._write
    seen = []

    def watched(connection: Any, name: Any, table: Any, **more: Any) -> int:
        rows = write(connection, name, table, **more)
        with psycopg.connect(address) as other:
            counts = [
                other.execute(f"SELECT count(*) FROM geoclust.{each}").fetchone()[0]
                for each in ("regions", "records")
            ]
        seen.append(tuple(counts))
        return rows

    monkeypatch.setattr(postgis, "_write", watched)
    frames = {n: t.head(2) for n, t in study_frames(study).items() if n in {"regions", "records"}}
    from geoclust.records.addresses import parse_address

    postgis.write_postgis(frames, parse_address(address), "geoclust", note="second")
    assert set(seen) == {(len(study.regions), len(study.inputs.records))}
    assert len(from_postgis(address, ["records"])["records"]) == 2


def test_a_server_that_goes_away_leaves_what_was_there(
    address: str, study: gc.Study, monkeypatch: pytest.MonkeyPatch, postgres_server: Server
) -> None:
    publish_study(study, address)
    write = postgis._write

    def stopping(connection: Any, name: Any, table: Any, **more: Any) -> int:
        if name[1] == "scores":
            postgres_server.stop("immediate")
        return write(connection, name, table, **more)

    monkeypatch.setattr(postgis, "_write", stopping)
    frames = {name: table.head(1) for name, table in study_frames(study).items()}
    from geoclust.records.addresses import parse_address

    try:
        with pytest.raises(OutputError) as error:
            postgis.write_postgis(frames, parse_address(address), "geoclust", note="second")
    finally:
        postgres_server.start()
    assert error.value.exit_status == 6
    assert f"127.0.0.1:{postgres_server.port}/world: writing geoclust.scores" in str(error.value)
    assert "untouched" in str(error.value)
    assert PASSWORD not in str(error.value)
    found = from_postgis(address, ["records", "regions"])
    assert len(found["records"]) == len(study.inputs.records)
    assert len(found["regions"]) == len(study.regions)


def test_two_runs_into_one_schema_the_second_is_refused(
    address: str, study: gc.Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, go_on = threading.Event(), threading.Event()
    write = postgis._write

    def slow(connection: Any, name: Any, table: Any, **more: Any) -> int:
        inside.set()
        assert go_on.wait(30)
        return write(connection, name, table, **more)

    monkeypatch.setattr(postgis, "_write", slow)
    first = threading.Thread(target=publish_study, args=(study, address))
    first.start()
    try:
        assert inside.wait(30)
        with pytest.raises(ParameterError, match="is being written by another run"):
            publish_study(study, address)
    finally:
        go_on.set()
        first.join()
    assert len(from_postgis(address, ["regions"])["regions"]) == len(study.regions)


def test_a_database_without_postgis_is_told_what_to_do(address: str, study: gc.Study) -> None:
    plain = address.replace("/world", "/postgres")
    with pytest.raises(ParameterError, match="CREATE EXTENSION postgis"):
        publish_study(study, plain)


def test_a_hostile_schema_name_is_a_name(address: str, study: gc.Study) -> None:
    nasty = 'x"; DROP SCHEMA geoclust CASCADE; --%s'
    publish_study(study, address)
    publish_study(study, address, schema=nasty)
    quoted = '"' + nasty.replace('"', '""') + '"'
    with psycopg.connect(address) as connection:
        for schema in ("geoclust", quoted):
            (count,) = connection.execute(f"SELECT count(*) FROM {schema}.regions").fetchone()
            assert count == len(study.regions)
        connection.execute(f"DROP SCHEMA {quoted} CASCADE")


@pytest.mark.parametrize("store", ["x.xlsx", "mysql://host/db", "https://host/x", "x.csv"])
def test_a_store_of_no_known_kind_is_refused(store: str, study: gc.Study) -> None:
    with pytest.raises(ParameterError, match="no known kind"):
        publish_study(study, store)


def test_a_file_store_that_cannot_be_written_leaves_nothing(
    study: gc.Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    publish_study(study, tmp_path / "toy.gpkg")
    before = (tmp_path / "toy.gpkg").read_bytes()
    monkeypatch.setattr("os.fsync", full)
    for name in ("toy.gpkg", "new.duckdb", "new"):
        with pytest.raises(OutputError, match="No space left"):
            publish_study(study, tmp_path / name)
    assert {path.name for path in tmp_path.iterdir()} == {"toy.gpkg"}
    assert (tmp_path / "toy.gpkg").read_bytes() == before
