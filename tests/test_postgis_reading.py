"""PostGIS as a source, against a real server: rows, types, names, conditions, and no password."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pytest
from postgres_server import PASSWORD, Server
from psycopg import sql

from geoclust.errors import InputError, ParameterError
from geoclust.records import Inputs, TableSource, read_inputs

NASTY = 'we"ird %s; DROP TABLE firms; --'


@pytest.fixture
def address(postgres_server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """A fresh database; the password is where libpq looks for it."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with psycopg.connect(postgres_server.address("world")) as connection:
        connection.execute('DROP SCHEMA IF EXISTS w, other, "a.b" CASCADE; CREATE SCHEMA w')
        connection.execute(
            "CREATE TABLE firms (record_id text PRIMARY KEY, name varchar(80), country char(2), "
            "year int, funding_usd numeric(20, 2), weight double precision, simulated boolean, "
            "founded date, junk bytea, geom geometry(Point, 4326))"
        )
        connection.execute(
            "INSERT INTO firms VALUES "
            "('0012', 'Ångström', 'GB', 2010, 12345678901234567.25, 0.1, false, '2010-05-01', "
            r"'\x00ff', ST_SetSRID(ST_MakePoint(0.1, 52.2), 4326)), "
            "('b', NULL, 'NA', NULL, NULL, 1, true, NULL, NULL, "
            "ST_SetSRID(ST_MakePoint(17.1, -22.6), 4326)), "
            "('c', E'O''Neill; DROP TABLE firms', 'IE', 2015, 0, 2, false, NULL, NULL, NULL)"
        )
    return postgres_server.address("world")


def run(address: str, statement: Any, *values: object) -> None:
    with psycopg.connect(address) as connection:
        connection.execute(statement, values)


def read(address: str, table: str = "firms", name: str = "firms", **options: Any) -> Inputs:
    return read_inputs({name: TableSource(path=address, table=table, **options)})


def test_rows_types_and_nulls_come_as_the_server_has_them(address: str) -> None:
    inputs = read(address)
    records = inputs.records
    assert records.index.tolist() == ["0012", "b"]
    assert records["name"].fillna("-").tolist() == ["Ångström", "-"]
    assert records["country"].tolist() == ["GB", "NA"]
    assert records["year"].fillna(-1).tolist() == [2010, -1]
    assert records["funding_usd"].fillna(-1).tolist() == [12345678901234567.25, -1]
    assert records["weight"].tolist() == [0.1, 1.0]
    assert records["simulated"].tolist() == [False, True]
    assert records[["longitude", "latitude"]].to_numpy().tolist() == [[0.1, 52.2], [17.1, -22.6]]
    assert inputs.rejected[["row", "record_id", "column"]].to_numpy().tolist() == [
        [3, "c", "longitude"]
    ]
    line = inputs.files.iloc[0]
    assert line["file"].startswith("postgresql://127.0.0.1:")
    assert line["file"].endswith("/world/w.firms")
    assert (line["rows"], line["accepted"], line["rejected"]) == (3, 2, 1)
    assert len(line["sha256"]) == 64


def test_the_checksum_is_of_the_content(address: str) -> None:
    first, again = (read(address).files["sha256"][0] for _ in range(2))
    assert first == again
    run(address, "UPDATE firms SET name = 'Other' WHERE record_id = 'b'")
    assert read(address).files["sha256"][0] != first


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ({"country": "GB"}, ["0012"]),
        ({"country": ["GB", "NA"]}, ["0012", "b"]),
        ({"year": {"from": 2010, "to": 2010}}, ["0012"]),
        ({"year": 2010, "country": "GB"}, ["0012"]),
        ({"simulated": True}, ["b"]),
        ({"weight": {"to": 0.5}}, ["0012"]),
        ({"founded": {"from": "2010-01-01"}}, ["0012"]),
    ],
)
def test_conditions_choose_rows(address: str, where: dict[str, Any], ids: list[str]) -> None:
    assert read(address, where=where).records.index.tolist() == ids


def test_a_condition_is_a_value_and_never_a_statement(address: str) -> None:
    for value in ("x'; DROP TABLE firms; --", "GB' OR '1'='1", "%s", "\\"):
        with pytest.raises(InputError, match="no rows where"):
            read(address, where={"name": value})
    with pytest.raises(InputError, match="no column 'country = country; --'"):
        read(address, where={"country = country; --": "GB"})
    with pytest.raises(InputError, match="invalid input syntax for type integer"):
        read(address, where={"year": "many"})
    assert len(read(address).records) == 2, "the table is still there"


def test_names_are_quoted_by_the_driver(address: str) -> None:
    run(address, sql.SQL("CREATE SCHEMA {}").format(sql.Identifier("a.b")))
    place = sql.Identifier("a.b", NASTY.replace("%", "%%"))
    run(
        address,
        sql.SQL("CREATE TABLE {} AS SELECT record_id, geom, country AS {} FROM firms").format(
            place, sql.Identifier(NASTY.replace("%", "%%"))
        ),
    )
    table = '"a.b"."' + NASTY.replace('"', '""') + '"'
    found = read(address, table, columns={"country": NASTY}, where={NASTY: ["GB", "NA"]})
    assert found.records["country"].tolist() == ["GB", "NA"]
    with pytest.raises(InputError, match="no table 'firms; DROP TABLE firms' that may be read"):
        read(address, "firms; DROP TABLE firms")
    with pytest.raises(InputError, match=r"did you mean 'w\.firms'"):
        read(address, "w.firm")
    assert len(read(address).records) == 2


def test_a_view_may_be_read_and_cannot_write(address: str) -> None:
    run(address, "CREATE VIEW british AS SELECT * FROM firms WHERE country = 'GB'")
    assert read(address, "british").records.index.tolist() == ["0012"]
    run(
        address,
        "CREATE FUNCTION steal() RETURNS text LANGUAGE sql AS "
        "$$DELETE FROM w.firms RETURNING record_id$$",
    )
    run(address, "CREATE VIEW trap AS SELECT steal() AS record_id, 0.1 AS lon, 52 AS lat")
    with pytest.raises(InputError, match="read-only transaction"):
        read(address, "trap")
    assert len(read(address).records) == 2


def test_plain_columns_serve_without_postgis(address: str) -> None:
    run(address, "CREATE TABLE flat AS SELECT record_id, ST_X(geom) x, ST_Y(geom) y FROM firms")
    run(address, "CREATE SCHEMA other")
    run(address, "CREATE TABLE other.ties (organisation_a text, organisation_b text, weight real)")
    run(address, "INSERT INTO other.ties VALUES ('0012', 'b', 0.1), ('b', 'nobody', 1)")
    tables = {
        "firms": TableSource(path=address, table="flat"),
        "ties": TableSource(path=address, table="other.ties"),
    }
    inputs = read_inputs(tables)
    assert inputs.records["longitude"].tolist() == [0.1, 17.1]
    assert inputs.ties["weight"].tolist() == [0.1]
    assert inputs.rejected["reason"].str.contains("id of no organisation").sum() == 1


def test_other_systems_are_transformed_with_words_mixed_ones_refused(address: str) -> None:
    run(
        address,
        "CREATE TABLE laea AS SELECT record_id, ST_Transform(geom, 3035) g FROM firms "
        "WHERE country = 'GB'",
    )
    inputs = read(address, "laea")
    np.testing.assert_allclose(inputs.records[["longitude", "latitude"]], [[0.1, 52.2]], atol=1e-7)
    assert inputs.notes["message"].str.contains("reprojected from EPSG:3035").any()
    run(
        address,
        "CREATE TABLE mixed AS SELECT record_id, CASE WHEN country = 'GB' "
        "THEN ST_Transform(geom, 3035) ELSE geom END AS g FROM firms",
    )
    with pytest.raises(InputError, match="mixed reference systems: SRIDs 3035, 4326"):
        read(address, "mixed")
    run(
        address,
        "CREATE TABLE lost AS SELECT record_id, "
        "ST_SetSRID(ST_Transform(geom, 3035), 0) g FROM laea JOIN firms USING (record_id)",
    )
    with pytest.raises(InputError, match="names no reference system"):
        read(address, "lost")
    assert len(read(address, "lost", crs="EPSG:3035").records) == 1
    run(
        address,
        "CREATE TABLE wrong AS SELECT record_id, "
        "ST_SetSRID(ST_Transform(geom, 3035), 4326) g FROM firms WHERE country = 'GB'",
    )
    with pytest.raises(InputError, match="projected system in metres"):
        read(address, "wrong")
    run(address, "CREATE TABLE two AS SELECT *, geom AS other FROM firms")
    with pytest.raises(InputError, match="several geometries; there are"):
        read(address, "two")
    assert len(read(address, "two", geometry="other").records) == 2


def test_geography_and_shapes_that_are_no_points(address: str) -> None:
    run(address, "CREATE TABLE geog AS SELECT record_id, geom::geography g FROM firms")
    assert read(address, "geog").records.index.tolist() == ["0012", "b"]
    run(address, "CREATE TABLE shapes AS SELECT record_id, ST_Buffer(geom, 1) g FROM firms")
    found = read(address, "shapes")
    assert found.records.empty
    assert found.rejected["reason"].str.contains("no point").sum() == 2


def test_an_empty_table_is_no_zero_unless_said(address: str) -> None:
    run(address, "CREATE TABLE empty AS SELECT * FROM firms WHERE false")
    with pytest.raises(InputError, match="no rows; if that means zero"):
        read(address, "empty")
    assert read(address, "empty", allow_empty=True).records.empty


# The password and the server ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://geo:{}@127.0.0.1/world",
        "postgres://:{}@127.0.0.1/world",
        "postgresql://127.0.0.1/world?password={}",
        "postgresql://127.0.0.1/world?user=geo&PASSWORD={}",
        "postgresql://geo:/{}@127.0.0.1/world",
        "postgresql://geo" + ":a@{}@127.0.0.1:5432/world",
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ParameterError, match="holds a password: take it out and put it") as error:
        TableSource(path=text.format(PASSWORD), table="firms")
    assert PASSWORD not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://host:port/world",
        "postgresql://ho st/world",
        "postgresql://127.0.0.1/world?options=-csearch_path%3Dx",
        "postgresql://127.0.0.1/world?nonsense",
        "postgresql://127.0.0.1/wor%00ld",
        "postgresql://[::1/world",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="not understood as the address of a database"):
        TableSource(path=text, table="firms")


def test_a_table_must_be_named() -> None:
    with pytest.raises(ParameterError, match="say which table or view"):
        TableSource(path="postgresql://127.0.0.1/world")


def test_wrong_passwords_and_absent_servers_are_named_without_the_password(
    address: str, monkeypatch: pytest.MonkeyPatch, postgres_server: Server
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD + "-wrong")
    with pytest.raises(InputError, match=r"/world: reading firms: .*authentication") as e:
        read(address)
    assert PASSWORD not in str(e.value)
    with pytest.raises(InputError, match=r"127.0.0.1:1/world: reading firms"):
        read(address.replace(str(postgres_server.port), "1"))


def test_libpqs_own_files_serve(
    address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, postgres_server: Server
) -> None:
    monkeypatch.delenv("PGPASSWORD")
    (tmp_path / "pass").write_text(f"*:*:*:*:{PASSWORD}\n")
    (tmp_path / "pass").chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pass"))
    assert len(read(address).records) == 2
    monkeypatch.delenv("PGPASSFILE")
    (tmp_path / "services").write_text(
        f"[lab]\nhost={postgres_server.folder}\nport={postgres_server.port}\nuser=geo\n"
        f"dbname=world\npassword={PASSWORD}\n"
    )
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    inputs = read("postgresql://?service=lab")
    assert inputs.files["file"].tolist() == ["postgresql://?service=lab/w.firms"]


def test_a_server_that_goes_away_is_named(
    address: str, monkeypatch: pytest.MonkeyPatch, postgres_server: Server
) -> None:
    from geoclust.records import postgis

    run(address, "INSERT INTO firms (record_id) SELECT 'f' || n FROM generate_series(1, 50) n")
    monkeypatch.setattr(postgis, "FETCHED_ROWS", 10)
    take = postgis._take

    def interrupted(batches: Any, **more: Any) -> Any:
        def cut() -> Iterator[Any]:
            yield next(batches)
            postgres_server.stop("immediate")
            yield from batches

        return take(cut(), **more)

    monkeypatch.setattr(postgis, "_take", interrupted)
    try:
        with pytest.raises(InputError, match=r"127\.0\.0\.1:\d+/world: reading firms: "):
            read(address)
    finally:
        postgres_server.start()


def test_rows_are_read_in_batches(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from geoclust.records import postgis

    run(
        address,
        "INSERT INTO firms (record_id, geom) SELECT lpad(n::text, 6, '0'), "
        "ST_SetSRID(ST_MakePoint(n / 100.0, 10), 4326) FROM generate_series(1, 95) n",
    )
    whole = read(address)
    monkeypatch.setattr(postgis, "FETCHED_ROWS", 10)
    pieces = read(address)
    pd.testing.assert_frame_equal(whole.records, pieces.records)
    assert whole.files["sha256"].tolist() == pieces.files["sha256"].tolist()
