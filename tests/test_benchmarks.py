"""The benchmark runs: every engine in a process of its own, what is left out is said."""

import json
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def worlds():
    spec = spec_from_file_location("worlds", FOLDER / "worlds.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_worlds_are_the_same_each_time_and_have_the_duplicates_asked_for(worlds):
    made = worlds.world(5000, 0.7)
    assert np.array_equal(made, worlds.world(5000, 0.7))
    assert not np.array_equal(made, worlds.world(5000, 0.7, seed=1))
    assert (np.abs(made).max(axis=1) <= [180, 90]).all()
    assert np.unique(worlds.world(5000, 0.0), axis=1).shape[1] == 5000
    assert np.unique(worlds.world(100_000, 1.0), axis=1).shape[1] < 90_000


def test_no_registry_is_none(worlds, tmp_path):
    assert worlds.registry(tmp_path) is None


@pytest.mark.shared
def test_registry_has_places(worlds, shared_data):
    longitude, latitude = worlds.registry(shared_data)
    assert len(longitude) > 50_000
    assert np.abs(latitude).max() <= 90


def run_engines(tmp_path, *more):
    command = [sys.executable, FOLDER / "engines.py", "--out", tmp_path, "--data", tmp_path]
    command += ["--sizes", "--growth", "--rows", "100", "--engines", *more]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.mark.slow
def test_strictly_what_is_missing_is_a_failure(tmp_path):
    assert run_engines(tmp_path).returncode == 0
    strict = run_engines(tmp_path, "--strict")
    assert strict.returncode == 1
    assert strict.stderr.strip() == f"no registry of research organisations in {tmp_path}"


@pytest.mark.slow
def test_a_small_benchmark(tmp_path):
    engines = ["geoclust", "hdbscan, vectors, exact tree", "scikit-learn, haversine"]
    command = [
        *(sys.executable, FOLDER / "engines.py", "--out", tmp_path, "--data", tmp_path),
        *("--sizes", "12000", "--rounds", "1", "--growth", "1000", "2000", "--rows", "5000"),
        *("--engines", *engines),
    ]
    subprocess.run(command, check=True, capture_output=True)
    found = json.loads((tmp_path / "results.json").read_text())
    for rows in found["cases"].values():
        assert rows["geoclust"]["regions"] > 10
        assert rows["hdbscan, vectors, exact tree"]["rand"] > 0.9
        assert "limit of 10,000" in rows["scikit-learn, haversine"]["skipped"]
        assert min(rows["geoclust"]["peak_mb"]) > 50
    assert found["tables"]["5,000"]["rows"] == 5000
    text = (tmp_path / "results.md").read_text()
    assert "left out, beyond its limit" in text
    assert (tmp_path / "growth.png").stat().st_size > 10_000
