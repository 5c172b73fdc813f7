"""The command as its user meets it: exit status, words, files."""

import json
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

import geoclust as gc


def geoclust(*arguments, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "geoclust", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    gc.synthetic.write_toy_world(folder, seed=1)
    return folder


@pytest.fixture(scope="module")
def done(world, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "results"
    return geoclust("run", world, "--out", out, "--json"), out


def test_run_writes_everything_and_prints_json(done):
    process, out = done
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    summary = json.loads(process.stdout)
    assert summary["counts"]["regions"] == len(pd.read_csv(out / "regions.csv"))
    assert summary["inputs"]["rows"] == (
        summary["inputs"]["accepted"] + summary["inputs"]["rejected"] + summary["inputs"]["merged"]
    )
    expected = {
        *(f"regions.{kind}" for kind in ("csv", "gpkg", "parquet", "geojson")),
        "records.csv",
        "records.parquet",
        "scores.csv",
        "gaps.csv",
        "briefs.csv",
        "network.csv",
        "network_edges.csv",
        "partners.csv",
        "rejected.csv",
        "report.html",
        "manifest.json",
    }
    assert expected <= {path.name for path in out.iterdir()}


def test_run_prints_a_ranked_table_and_where_the_report_is(world, tmp_path):
    process = geoclust("run", world, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert f"{world.name}-results/report.html" in process.stdout
    assert "rank" in process.stdout
    assert (tmp_path / f"{world.name}-results" / "report.html").stat().st_size > 10_000
    assert geoclust("run", world, "--quiet", cwd=tmp_path).stdout == ""


def test_help_and_version():
    process = geoclust("--help")
    assert process.returncode == 0
    assert all(word in process.stdout for word in ("run", "check", "init"))
    assert geoclust("--version").stdout.strip() == gc.__version__
    assert "--out" in geoclust("run", "--help").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rnu", "x"], "run"),
        (["run"], "STUDY"),
        (["run", "x", "--nonsense"], "--nonsense"),
        (["run", "no-such-file.toml"], "no-such-file.toml"),
        (["check", "no-such-folder"], "no-such-folder"),
    ],
)
def test_a_users_mistake_is_named_without_a_traceback(arguments, words, tmp_path):
    process = geoclust(*arguments, cwd=tmp_path)
    assert process.returncode == 2
    assert words in process.stderr
    assert "Traceback" not in process.stderr
    assert process.stdout == ""
    assert not list(tmp_path.iterdir())


def test_study_file_faults_exit_2_and_write_nothing(tmp_path):
    (tmp_path / "study.toml").write_text("[clustering]\nmin_smaples = 3\n")
    process = geoclust("run", "study.toml", "--out", "results", cwd=tmp_path)
    assert process.returncode == 2
    assert (
        "line 2, clustering.min_smaples: no such key; did you mean 'min_samples'?" in process.stderr
    )
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]


def test_rejected_rows_are_reported_and_strict_makes_them_an_error(world, tmp_path):
    folder = tmp_path / "dirty"
    folder.mkdir()
    for path in world.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    firms = pd.read_csv(folder / "firms.csv", dtype=str)
    firms.loc[2, "latitude"] = "97.5"
    firms.to_csv(folder / "firms.csv", index=False)
    process = geoclust("run", folder, "--out", tmp_path / "out")
    assert process.returncode == 0, process.stderr
    rejected = pd.read_csv(tmp_path / "out" / "rejected.csv", dtype=str)
    assert f" {len(rejected)} rejected" in process.stdout
    of_firms = rejected[rejected["file"] == "firms.csv"]
    assert of_firms[["row", "column", "value"]].to_numpy().tolist() == [["4", "latitude", "97.5"]]
    of_ties = rejected[rejected["file"] == "ties.csv"]
    assert len(of_firms) + len(of_ties) == len(rejected)
    assert of_ties["reason"].str.contains("rejected").all()
    process = geoclust("run", folder, "--out", tmp_path / "strict", "--strict")
    assert process.returncode == 2
    assert "latitude" in process.stderr
    assert not (tmp_path / "strict").exists()
    checked = geoclust("check", folder, cwd=tmp_path)
    assert checked.returncode == 0
    assert pd.read_csv(tmp_path / "dirty-faults.csv", dtype=str).equals(rejected)
    assert geoclust("check", folder, "--strict", cwd=tmp_path).returncode == 2


def test_check_of_clean_tables_writes_nothing(world, tmp_path):
    process = geoclust("check", world, "--json", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout)["rejected"] == 0
    assert not list(tmp_path.iterdir())


def test_init_then_run_says_what_is_missing(tmp_path):
    assert geoclust("init", "mine", cwd=tmp_path).returncode == 0
    process = geoclust("run", "mine/study.toml", cwd=tmp_path)
    assert process.returncode == 2
    assert "Traceback" not in process.stderr
    assert "firms.csv" in process.stderr
    again = geoclust("init", "mine", cwd=tmp_path)
    assert again.returncode == 2
    assert "is not overwritten" in again.stderr


def test_an_existing_folder_that_is_not_ours_is_left_alone(world, tmp_path):
    out = tmp_path / "precious"
    out.mkdir()
    (out / "thesis.docx").write_text("years of work")
    process = geoclust("run", world, "--out", out)
    assert process.returncode == 2
    assert (out / "thesis.docx").read_text() == "years of work"
    assert len(list(out.iterdir())) == 1


def test_a_second_run_replaces_the_first(world, done):
    _, out = done
    before = (out / "regions.csv").read_bytes()
    assert geoclust("run", world, "--out", out).returncode == 0
    assert (out / "regions.csv").read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")
def test_interruption_exits_130_and_leaves_nothing_half_written(world, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "geoclust", "run", str(world), "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    patience = time.monotonic() + 60
    while not any(tmp_path.iterdir()):  # the lock: the run has begun
        assert time.monotonic() < patience
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert not out.exists()
    # an unheld lock may stay where the signal came between its making and its holding: harmless
    assert {path.name for path in tmp_path.iterdir()} <= {".out.lock"}
    assert geoclust("run", world, "--out", out).returncode == 0


def test_a_scheduler_that_cannot_be_reached_is_named(world, tmp_path):
    process = geoclust("run", world, "--out", tmp_path / "out", "--scheduler", "nonsense")
    assert process.returncode == 2
    assert "nonsense" in process.stderr
    assert "Traceback" not in process.stderr
    assert not (tmp_path / "out").exists()


def test_a_study_on_a_dask_cluster_writes_the_same_bytes(world, done, tmp_path):
    from dask.distributed import LocalCluster

    _, alone = done
    options = {"host": "127.0.0.1", "dashboard_address": None, "threads_per_worker": 1}
    with LocalCluster(n_workers=2, processes=True, **options) as cluster:
        out = tmp_path / "out"
        process = geoclust("run", world, "--out", out, "--scheduler", cluster.scheduler_address)
    assert process.returncode == 0, process.stderr
    for name in ("regions.csv", "records.csv", "scores.csv", "gaps.csv"):
        assert (out / name).read_bytes() == (alone / name).read_bytes(), name
