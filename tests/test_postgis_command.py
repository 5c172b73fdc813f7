"""The command from PostGIS and to PostGIS; the password turns up in nothing that it leaves."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest
from postgres_server import PASSWORD, Server

import geoclust as gc
from geoclust.cli.main import _status

WORDS = ("firms", "labs", "patents", "ties", "places")


def geoclust(*arguments: object, cwd: Path, **environment: str) -> Any:
    return subprocess.run(
        [sys.executable, "-m", "geoclust", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, **environment},
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, postgres_server: Server) -> Path:
    """A toy world as files, and the same as tables of a database with points."""
    folder = tmp_path_factory.mktemp("world")
    gc.synthetic.write_toy_world(folder, seed=1)
    with psycopg.connect(postgres_server.address("world"), password=PASSWORD) as connection:
        connection.execute("DROP SCHEMA IF EXISTS toy, geoclust CASCADE; CREATE SCHEMA toy")
        for name in WORDS:
            table = pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
            columns = ", ".join(f'"{column}" text' for column in table.columns)
            connection.execute(f"CREATE TABLE toy.{name} ({columns})")
            with connection.cursor() as cursor, cursor.copy(f"COPY toy.{name} FROM STDIN") as copy:
                for row in table.itertuples(index=False):
                    copy.write_row([value or None for value in row])
            if name != "ties":
                connection.execute(
                    f"ALTER TABLE toy.{name} ADD geom geometry(Point, 4326); UPDATE toy.{name} SET "
                    "geom = ST_SetSRID(ST_MakePoint(longitude::float, latitude::float), 4326); "
                    f"ALTER TABLE toy.{name} DROP longitude, DROP latitude"
                )
    return folder


def study_file(folder: Path, address: str) -> Path:
    parts = [f'[inputs.{name}]\npath = "{address}"\ntable = "toy.{name}"\n' for name in WORDS]
    path = folder / "study.toml"
    path.write_text("[study]\nname = 'toy'\n[report]\nfigures = false\n" + "".join(parts))
    return path


def every_byte(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_study_from_postgis_is_that_from_files_and_is_published_back(
    world: Path, tmp_path: Path, postgres_server: Server
) -> None:
    address = postgres_server.address("world")
    study_file(tmp_path, address)
    (world / "study.toml").write_text("[study]\nname = 'toy'\n[report]\nfigures = false\n")
    secret = {"PGPASSWORD": PASSWORD}
    gc.write_study(gc.run_study(world / "study.toml"), tmp_path / "files")
    run = geoclust("run", "study.toml", "--out", "out", "--json", cwd=tmp_path, **secret)
    assert run.returncode == 0, run.stderr
    for name in ("regions.csv", "records.csv", "scores.csv", "gaps.csv", "ties.csv"):
        ours, theirs = (tmp_path / place / name for place in ("out", "files"))
        assert ours.read_bytes() == theirs.read_bytes(), name
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["inputs"][0]["file"] == (
        f"postgresql://127.0.0.1:{postgres_server.port}/world/toy.firms"
    )
    published = geoclust("publish", "out", address, "--json", cwd=tmp_path, **secret)
    assert published.returncode == 0, published.stderr
    rows = json.loads(published.stdout)["rows"]
    with psycopg.connect(address, password=PASSWORD) as connection:
        for name, count in rows.items():
            query = f"SELECT count(*) FROM geoclust.{name}"
            assert connection.execute(query).fetchone() == (count,)
        told = connection.execute(
            "SELECT string_agg(obj_description(c.oid), ' ') FROM pg_class c "
            "WHERE relnamespace = 'geoclust'::regnamespace"
        ).fetchone()
    left = run.stdout + run.stderr + published.stdout + published.stderr + str(told)
    assert PASSWORD not in left
    assert PASSWORD.encode() not in every_byte(tmp_path)


def test_nothing_repeats_a_password_that_stands_where_it_must_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    def refused(*arguments: str) -> None:
        assert _status(list(arguments)) == 2, arguments
        told = "".join(capsys.readouterr())
        assert told
        assert PASSWORD not in told, told
        assert "Traceback" not in told

    bad = f"postgresql://geo:{PASSWORD}@127.0.0.1:5432/world"
    query = f"postgresql://127.0.0.1/world?password={PASSWORD}"
    texts = [
        f'[inputs.firms]\npath = "{bad}"\ntable = "toy.firms"\n',
        f'[inputs.firms]\npath = "{query}"\ntable = "toy.firms"\n',
        f'[inputs.firms]\npath = "{bad}"\ntabel = "toy.firms"\n',
        f'[inputs.firms]\npaths = ["{bad}"]\n',
        f'[inputs]\nfolder = "{bad}"\n',
        f'[inputs]\nfirms = "{bad}"\n',
        f'[inputs]\nstrict = "{bad}"\n',
        f'"{bad}" = 1\n',
        f"[inputs.firms]\npath = {bad}\n",
    ]
    for at, text in enumerate(texts):
        path = tmp_path / f"{at}.toml"
        path.write_text(text)
        refused("run", path.name)
        refused("check", path.name)
        path.unlink()
    for command in (["run", bad], ["publish", "out", bad], ["publish", bad, "x.gpkg"], [bad]):
        refused(*command)
    assert not list(tmp_path.iterdir())


def test_a_fault_of_ours_shows_no_password_either(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom geoclust.cli import main\nimport geoclust.study.run as walk\n"
        "def fail(path):\n"
        "    raise ValueError(f'bad thing with postgresql://geo:{SECRET}@127.0.0.1/x')\n"
        "walk.load_config = fail\nsys.argv = ['geoclust', 'run', 'x']\nmain()"
    )
    code = code.replace("{SECRET}", PASSWORD)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "bad thing with postgresql://geo:***@127.0.0.1/x" in done.stderr
    assert PASSWORD not in done.stderr.replace(code, "")


def test_a_server_that_refuses_exits_2_and_names_it(
    world: Path, tmp_path: Path, postgres_server: Server
) -> None:
    study_file(tmp_path, postgres_server.address("world"))
    wrong = {"PGPASSWORD": PASSWORD + "x"}
    done = geoclust("run", "study.toml", "--out", "out", cwd=tmp_path, **wrong)
    assert done.returncode == 2, done.stderr
    assert f"postgresql://127.0.0.1:{postgres_server.port}/world: reading toy." in done.stderr
    assert PASSWORD not in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"study.toml"}
