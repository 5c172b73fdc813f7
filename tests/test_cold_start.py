"""A study of 2,000 records starts no compiler: by the command, as on a machine new to it."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

COMPILERS = ("numba", "llvmlite")
RECORDS = 2000


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """2,000 records in towns, some geocoded by name, with ties and places."""
    folder = tmp_path_factory.mktemp("cold") / "world"
    folder.mkdir()
    rng = np.random.default_rng(0)
    home = rng.integers(0, 25, RECORDS)
    table = pd.DataFrame(
        {
            "record_id": [f"r{i:04d}" for i in range(RECORDS)],
            "name": [f"Name {i}" for i in range(RECORDS)],
            "longitude": (home % 5 * 1.2 + rng.normal(0, 0.03, RECORDS)).round(5),
            "latitude": (44 + home // 5 * 0.9 + rng.normal(0, 0.03, RECORDS)).round(5),
            "country": "FR",
            "place": "",
            "precision": "address",
        }
    )
    named = rng.random(RECORDS) < 0.1
    table.loc[named, ["longitude", "latitude"]] = np.nan
    table.loc[named, "place"] = "Lyon"
    is_lab = np.arange(RECORDS) % 4 == 0
    table[~is_lab].assign(funding_usd=1000).to_csv(folder / "firms.csv", index=False)
    table[is_lab].to_csv(folder / "labs.csv", index=False)
    ends = rng.choice(table["record_id"], (2, 2000))
    ends = ends[:, ends[0] != ends[1]]
    ties = pd.DataFrame({"organisation_a": ends[0], "organisation_b": ends[1]})
    ties.drop_duplicates().to_csv(folder / "ties.csv", index=False)
    places = {"name": ["Lyon"], "longitude": [4.83], "latitude": [45.76], "country": ["FR"]}
    pd.DataFrame({**places, "population": [500_000], "gdp_usd": [3e10]}).to_csv(
        folder / "places.csv", index=False
    )
    return folder


def run(world, tmp_path, *interpreter, **environment):
    """The command in a process with caches of its own, all empty."""
    own = {"NUMBA_CACHE_DIR": tmp_path / "kernels", "XDG_CACHE_HOME": tmp_path / "cache"}
    command = [sys.executable, *interpreter, "-m", "geoclust", "run", world]
    return subprocess.run(
        [*command, "--out", tmp_path / "out", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **{name: str(path) for name, path in own.items()}, **environment},
    )


def imported(told):
    """Names of the modules in what `-X importtime` prints."""
    return {line.rpartition("|")[2].strip() for line in told.splitlines() if "|" in line}


def test_a_study_of_2000_records_imports_no_compiler(world, tmp_path):
    done = run(world, tmp_path, "-X", "importtime")
    assert done.returncode == 0, done.stderr[-2000:]
    modules = imported(done.stderr)
    assert {"numpy", "geoclust.clustering.hierarchy", "geoclust.network.betweenness"} <= modules
    assert [name for name in modules if name.split(".")[0] in COMPILERS] == []
    assert not list(tmp_path.rglob("*.nbi"))
    assert len(pd.read_csv(tmp_path / "out" / "records.csv")) == RECORDS
    assert len(pd.read_csv(tmp_path / "out" / "regions.csv")) > 10


def test_it_runs_where_there_is_no_compiler(world, tmp_path):
    """Packages of the compilers' names that cannot be imported stand in front of theirs."""
    for name in COMPILERS:
        package = tmp_path / "barred" / name
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("raise ImportError('no compiler here')\n")
    paths = [str(tmp_path / "barred"), *filter(None, [os.environ.get("PYTHONPATH")])]
    barred = {"PYTHONPATH": os.pathsep.join(paths)}
    code = [sys.executable, "-c", "import numba"]
    there = {**os.environ, **barred}
    assert subprocess.run(code, capture_output=True, check=False, env=there).returncode == 1
    done = run(world, tmp_path, **barred)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "out" / "report.html").stat().st_size > 10_000
