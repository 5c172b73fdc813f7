"""DuckDB files and folders of Parquet as sources: rows, types, conditions, and nothing else."""

from pathlib import Path
from typing import Any

import duckdb
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geoclust.errors import InputError, ParameterError
from geoclust.records import Inputs, TableSource, read_inputs

TABLE = pd.DataFrame(
    {
        "record_id": ["0012", "b", "c", "d"],
        "name": ["Ångström", None, "O'Neill; DROP TABLE firms", "=1+1"],
        "country": ["GB", "NA", None, "IE"],
        "year": pd.array([2010, None, 2012, 2015], dtype="Int64"),
        "funding_usd": [0.1, np.nan, 3e16, 2.0],
        "longitude": [0.1, 17.1, 0.3, -6.2],
        "latitude": [52.2, -22.6, 52.3, 53.3],
    }
)
POINTS = gpd.GeoDataFrame(
    TABLE.drop(columns=["longitude", "latitude"]),
    geometry=gpd.points_from_xy(TABLE["longitude"], TABLE["latitude"]),
    crs=4326,
)


def write_duckdb(path: Path, *statements: str) -> Path:
    layout = {"storage_compatibility_version": "v1.5.0"}
    with duckdb.connect(str(path), config=layout) as connection:
        connection.register("rows", TABLE.assign(wkb=shapely.to_wkb(POINTS.geometry.to_numpy())))
        connection.execute("CREATE TABLE firms AS SELECT * FROM rows")
        for statement in statements:
            connection.execute(statement)
    return path


def write_folder(folder: Path, frame: pd.DataFrame = POINTS) -> Path:
    for value, part in frame.groupby("country", dropna=False):
        name = "__HIVE_DEFAULT_PARTITION__" if pd.isna(value) else str(value)
        place = folder / f"country={name}"
        place.mkdir(parents=True)
        part.drop(columns="country").to_parquet(place / "part-0.parquet", index=False)
    return folder


def read(path: Path, **options: Any) -> Inputs:
    return read_inputs({"firms": TableSource(path=path, **options)})


def whole(inputs: Inputs) -> None:
    records = inputs.records
    assert inputs.rejected.empty, inputs.rejected.to_string()
    assert records.index.tolist() == ["0012", "b", "c", "d"]
    assert records["name"].fillna("-").tolist() == TABLE["name"].fillna("-").tolist()
    assert records["country"].fillna("-").tolist() == ["GB", "NA", "-", "IE"]
    assert records["year"].fillna(-1).tolist() == [2010, -1, 2012, 2015]
    assert records["funding_usd"].fillna(-1).tolist() == [0.1, -1, 3e16, 2.0]
    assert records["longitude"].tolist() == TABLE["longitude"].tolist()


def test_duckdb_gives_rows_as_they_are(tmp_path: Path) -> None:
    inputs = read(write_duckdb(tmp_path / "world.duckdb"))
    whole(inputs)
    line = inputs.files.iloc[0]
    assert line["bytes"] == (tmp_path / "world.duckdb").stat().st_size
    assert len(line["sha256"]) == 64


def test_a_folder_of_partitions_gives_rows_as_they_are(tmp_path: Path) -> None:
    inputs = read(write_folder(tmp_path / "firms"))
    whole(inputs)
    assert inputs.files["file"].str.endswith("/country=GB/part-0.parquet").sum() == 1
    assert inputs.files["rows"].sum() == 4


def test_tables_of_a_folder_may_be_partitioned_or_duckdb(tmp_path: Path) -> None:
    write_folder(tmp_path / "firms")
    write_duckdb(
        tmp_path / "labs.duckdb",
        "ALTER TABLE firms RENAME TO labs",
        "UPDATE labs SET record_id = 'lab-' || record_id",
    )
    (tmp_path / "firms" / "_SUCCESS").touch()
    inputs = read_inputs(tmp_path)
    assert inputs.records["kind"].value_counts().to_dict() == {"firm": 4, "lab": 4}


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ({"country": "GB"}, ["0012"]),
        ({"country": ["GB", "NA"]}, ["0012", "b"]),
        ({"year": {"from": 2011, "to": 2015}}, ["c", "d"]),
        ({"year": 2010, "country": ["GB", "IE"]}, ["0012"]),
        ({"name": "O'Neill; DROP TABLE firms"}, ["c"]),
        ({"funding_usd": {"from": 1.5}}, ["c", "d"]),
        ({"country": {"from": "H"}}, ["b", "d"]),
    ],
)
@pytest.mark.parametrize("kind", ["duckdb", "folder", "file"])
def test_conditions_choose_rows(
    kind: str, where: dict[str, Any], ids: list[str], tmp_path: Path
) -> None:
    if kind == "duckdb":
        path = write_duckdb(tmp_path / "x.duckdb")
    elif kind == "folder":
        path = write_folder(tmp_path / "firms")
    else:
        path = tmp_path / "firms.parquet"
        POINTS.to_parquet(path)
    assert read(path, where=where).records.index.tolist() == ids


@pytest.mark.parametrize("kind", ["duckdb", "folder"])
def test_a_condition_is_a_value_and_never_a_statement(kind: str, tmp_path: Path) -> None:
    make = {"duckdb": write_duckdb, "folder": write_folder}[kind]
    path = make(tmp_path / ("x.duckdb" if kind == "duckdb" else "firms"))
    for value in ("x'; DROP TABLE firms; --", "GB' OR '1'='1"):
        with pytest.raises(InputError, match="no rows"):
            read(path, where={"name": value})
    with pytest.raises(InputError, match="no column 'a; DROP TABLE firms'"):
        read(path, where={"a; DROP TABLE firms": 1})
    with pytest.raises(InputError, match="many"):
        read(path, where={"year": "many"})
    whole(read(path))


def test_conditions_need_a_store(tmp_path: Path) -> None:
    TABLE.to_csv(tmp_path / "f.csv", index=False)
    with pytest.raises(InputError, match="where needs a database, DuckDB or Parquet"):
        read(tmp_path / "f.csv", where={"country": "GB"})
    with pytest.raises(ParameterError, match="'since' is no bound"):
        TableSource(path="x.duckdb", where={"year": {"since": 2010}})


def test_several_tables_need_a_choice_and_views_are_not_read(tmp_path: Path) -> None:
    path = write_duckdb(
        tmp_path / "x.duckdb",
        'CREATE SCHEMA s; CREATE TABLE s."a.b" AS SELECT * FROM firms',
        "CREATE VIEW trap AS SELECT * FROM firms",
    )
    with pytest.raises(InputError, match=r"2 tables, wanted one; there are \['firms', 's.a.b'\]"):
        read(path)
    with pytest.raises(InputError, match="no table 'trap'"):
        read(path, table="trap")
    with pytest.raises(InputError, match="no table 'firms; DROP TABLE firms'"):
        read(path, table="firms; DROP TABLE firms")
    whole(read(path, table='s."a.b"'))
    whole(read(path, table="firms"))


def test_a_duckdb_file_reaches_nothing_but_itself(tmp_path: Path) -> None:
    from geoclust.records.duckdb_files import opened

    (tmp_path / "secret.csv").write_text("a\n1\n")
    path = write_duckdb(tmp_path / "x.duckdb")
    for statement in (
        f"SELECT * FROM read_csv('{tmp_path}/secret.csv')",
        f"ATTACH '{tmp_path}/other.duckdb'",
        f"COPY firms TO '{tmp_path}/stolen.csv'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "DROP TABLE firms",
    ):
        with pytest.raises(InputError), opened(path, "x.duckdb") as connection:
            connection.execute(statement)
    assert {each.name for each in tmp_path.iterdir()} == {"secret.csv", "x.duckdb"}


def test_geometry_of_duckdb_and_its_system(tmp_path: Path) -> None:
    metres = shapely.to_wkb(shapely.Point(4e6, 3e6), hex=True)
    path = write_duckdb(
        tmp_path / "x.duckdb",
        "CREATE TABLE p AS SELECT record_id, ST_GeomFromWKB(wkb)::GEOMETRY('OGC:CRS84') AS g "
        "FROM firms",
        f"CREATE TABLE q AS SELECT record_id, ST_GeomFromWKB(unhex('{metres}')) AS g FROM firms",
    )
    inputs = read(path, table="p")
    assert inputs.records["longitude"].tolist() == TABLE["longitude"].tolist()
    with pytest.raises(InputError, match="names no reference system"):
        read(path, table="q")
    assert len(read(path, table="q", crs="EPSG:3035").records) == 4


@pytest.mark.parametrize("cut", [4096, 20_000, -100])
def test_a_damaged_duckdb_file_is_refused(cut: int, tmp_path: Path) -> None:
    content = write_duckdb(tmp_path / "x.duckdb").read_bytes()
    (tmp_path / "y.duckdb").write_bytes(content[:cut])
    with pytest.raises(InputError, match=r"y\.duckdb"):
        read(tmp_path / "y.duckdb")
    (tmp_path / "z.duckdb").write_bytes(b"id,longitude\n1,2\n")
    with pytest.raises(InputError, match="looks like text"):
        read(tmp_path / "z.duckdb")


def test_folders_of_parquet_are_only_that(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "firms")
    (folder / "notes.txt").write_text("a,b")
    with pytest.raises(InputError, match=r"notes\.txt is none; move it away"):
        read(folder)
    (folder / "notes.txt").unlink()
    (tmp_path / "secret.parquet").write_bytes((folder / "country=GB/part-0.parquet").read_bytes())
    (folder / "link.parquet").symlink_to(tmp_path / "secret.parquet")
    with pytest.raises(InputError, match="is a link out of"):
        read(folder)
    (folder / "link.parquet").unlink()
    (folder / "bad.parquet").write_bytes(b"PAR1" + b"\0" * 100)
    with pytest.raises(InputError, match=r"bad\.parquet: damaged or cut short Parquet"):
        read(folder)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="a folder without Parquet files"):
        read(tmp_path / "empty")


def test_names_of_partitions_are_text_as_written(tmp_path: Path) -> None:
    frame = TABLE.head(1).drop(columns="record_id")
    place = tmp_path / "firms" / "record_id=0012%2Fx"
    place.mkdir(parents=True)
    frame.to_parquet(place / "a.parquet")
    assert read(tmp_path / "firms").records.index.tolist() == ["0012/x"]
