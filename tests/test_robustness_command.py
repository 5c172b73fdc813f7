"""`geoclust robustness` as its user meets it: killed, interrupted, resumed, on a cluster."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import geoclust as gc
from geoclust.explanation import Evidence, explain, explainable
from geoclust.report import check_results
from geoclust.robustness import remove_checkpoints, run_configured

DRAWS, POINTS = 36, 4
FILES = [
    "bias",
    "status",
    "ranks",
    "pairwise",
    "boundary_membership",
    "draws",
    "region_draws",
    "leave_one_out",
    "dominance",
    "sensitivity",
]
STUDY = f"""
[study]
seed = 11
[report]
figures = false
survival = false
[robustness]
draws = {DRAWS}
sensitivity_points = {POINTS}
[robustness.vary]
reach_km = [0.5, 2.0]
resample = "subsample"
min_samples = false
"""
posix = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="signals, /proc")


def command(*arguments):
    return [sys.executable, "-m", "geoclust", *map(str, arguments)]


def geoclust(*arguments, cwd=None):
    return subprocess.run(
        command(*arguments), cwd=cwd, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    gc.synthetic.write_toy_world(folder, seed=1)
    (folder / "study.toml").write_text(STUDY)
    return folder / "study.toml"


@pytest.fixture(scope="module")
def done(world, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "results"
    return geoclust("robustness", world, "--out", out, "--workers", 1, "--json"), out


def texts(out):
    """Everything but what holds times of a clock."""
    found = {path.relative_to(out): path.read_bytes() for path in out.rglob("*.csv")}
    assert {f"{name}.csv" for name in FILES} <= {path.name for path in found}
    return found


def test_it_writes_the_study_and_the_tables_and_leaves_nothing_beside(done, world):
    process, out = done
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    assert [path.name for path in out.parent.iterdir()] == ["results"]
    assert {path.name for path in (out / "robustness").iterdir()} == {f"{n}.csv" for n in FILES}
    assert (out / "report.html").exists()
    assert check_results(out) == []
    manifest = json.loads((out / "manifest.json").read_text())
    facts = manifest["robustness"]
    assert (facts["draws"], facts["seed"]) == (DRAWS, 11)
    assert facts["variation"]["reach_km"] == [0.5, 2.0]
    assert facts["variation"]["min_samples"] is None
    assert facts["seconds"] > 0
    k = 9
    assert manifest["sensitivity"]["runs"] == POINTS * (k + 2)
    first = list(manifest["outputs"]).index("robustness/bias.csv")
    assert all(list(manifest["outputs"]).index(f"robustness/{n}.csv") >= first for n in FILES)
    summary = json.loads(process.stdout)
    assert summary["robustness"]["bias"][0]["measure"] == "regions"
    assert len(summary["robustness"]["regions"]) == summary["counts"]["regions"]
    assert len(summary["sensitivity"]["indices"]) == k


def test_the_tables_are_those_of_the_library(done, world):
    _, out = done
    study = gc.run_study(world)
    section = study.config.robustness
    found = gc.run_robustness(study, draws=DRAWS, vary=section.vary)
    tables = {"bias": found.bias, "pairwise": found.pairwise, "ranks": found.ranks}
    for name, table in tables.items():
        read = pd.read_csv(out / "robustness" / f"{name}.csv", index_col=0)
        own = table.astype({"study": "float64"}) if name == "ranks" else table
        read = read.drop(columns=["name", "country"], errors="ignore")
        pd.testing.assert_frame_equal(read, own, check_dtype=False, check_names=False, rtol=1e-8)
    draws = pd.read_csv(out / "robustness" / "draws.csv", keep_default_na=False)
    assert (draws["min_samples"] == study.config.clustering.min_samples).all()
    assert draws["reach_km"].between(5.0, 20.0).all()
    assert draws["reach_km"].max() > 13
    assert (draws["records_drawn"] == round(0.9 * len(study.inputs.records))).all()
    members = pd.read_csv(out / "robustness" / "boundary_membership.csv", index_col=0)
    assert set(members.index) == set(study.inputs.records.index)


def test_every_number_about_draws_can_be_followed_to_them(done):
    evidence = Evidence.of(gc.read_results(done[1]))
    names = [name for name in explainable(evidence) if name.startswith("draws_")]
    assert len(names) == 13
    for region_id in evidence.regions.index:
        for name in names:
            told = explain(evidence, region_id, name)
            assert told.agrees, (region_id, name, told.value, told.recomputed)
            assert len(told.listings[0].table) == DRAWS
    region = evidence.scores.index[0]
    table = evidence.draws["region_draws"]
    flipped = table.assign(status=table["status"].replace({"cluster": "none", "none": "cluster"}))
    other = replace(evidence, draws={**evidence.draws, "region_draws": flipped})
    assert not explain(other, region, "draws_cluster").agrees


def wait_for(condition, process):
    patience = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, "it was done before it could be stopped"
        assert time.monotonic() < patience
        time.sleep(0.01)


def lines(out, kind):
    kept = list(out.parent.glob(f".{out.name}.{kind}-*"))
    return len(kept[0].read_bytes().splitlines()) - 1 if kept else 0


def descendants(pid):
    found = Path(f"/proc/{pid}/task").glob("*/children")
    own = [int(child) for path in found for child in path.read_text().split()]
    return own + [each for child in own for each in descendants(child)]


def alive(pid):
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def assert_gone(pids):
    patience = time.monotonic() + 30
    while any(map(alive, pids)) and time.monotonic() < patience:
        time.sleep(0.05)
    assert not any(map(alive, pids)), "processes outlive the command"


@posix
@pytest.mark.slow
def test_killed_twice_and_run_again_it_gives_the_same_bytes(world, done, tmp_path):
    out = tmp_path / "results"
    for kind, most in (("draws", DRAWS), ("sobol", 11 * POINTS)):
        process = subprocess.Popen(command("robustness", world, "--out", out, "--workers", 2))
        wait_for(lambda kind=kind: lines(out, kind) > 3, process)
        workers = descendants(process.pid)
        process.kill()
        process.wait()
        assert 3 < lines(out, kind) < most
        assert not out.exists()
        assert_gone(workers)
    assert lines(out, "draws") == DRAWS
    again = geoclust("robustness", world, "--out", out, "--quiet")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert texts(out) == texts(done[1])
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


@posix
def test_interrupted_as_by_a_terminal_it_ends_its_workers_and_can_be_resumed(world, done, tmp_path):
    out = tmp_path / "results"
    process = subprocess.Popen(
        command("robustness", world, "--out", out, "--workers", 2),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for(lambda: lines(out, "draws") > 3, process)
    workers = descendants(process.pid)
    assert len(workers) >= 2
    os.killpg(process.pid, signal.SIGINT)  # a terminal tells the workers, too
    written, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert written == ""
    assert errors == (
        "geoclust: interrupted; nothing half-written was left behind; what was done is kept: the "
        "same command goes on where it stopped\n"
    )
    assert_gone(workers)
    kept = lines(out, "draws")
    assert 3 < kept < DRAWS
    again = geoclust("robustness", world, "--out", out, "--workers", 3, "--quiet")
    assert again.returncode == 0, again.stderr
    assert texts(out) == texts(done[1])


@posix
@pytest.mark.parametrize(
    "started",
    [pytest.param(1, marks=pytest.mark.slow), 2, pytest.param(3, marks=pytest.mark.slow)],
)
def test_interrupted_while_workers_start_it_leaves_none(world, tmp_path, started):
    """One is Python's tracker of resources, the others the workers."""
    out = tmp_path / "results"
    process = subprocess.Popen(
        command("robustness", world, "--out", out, "--workers", 2),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for(lambda: len(descendants(process.pid)) >= started, process)
    workers = descendants(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert errors.count("\n") == 1, errors
    assert_gone(workers)


@pytest.mark.slow
def test_on_a_dask_cluster_it_writes_the_same_bytes(world, done, tmp_path):
    dask = pytest.importorskip("distributed")
    options = {"host": "127.0.0.1", "dashboard_address": None, "threads_per_worker": 1}
    with dask.LocalCluster(n_workers=2, processes=True, **options) as cluster:
        address = cluster.scheduler_address
        process = geoclust("robustness", world, "--out", tmp_path / "out", "--scheduler", address)
    assert process.returncode == 0, process.stderr
    assert texts(tmp_path / "out") == texts(done[1])


def test_the_summary_begins_with_the_bias_and_says_where_the_draws_are_off_centre(world, tmp_path):
    vary = "[robustness.vary]\ndensity_bars = [3.0, 4.0]\n"
    study = tmp_path / "study.toml"
    text = STUDY.partition("[robustness.vary]")[0] + vary
    study.write_text(text.replace("[report]", f'[inputs]\nfolder = "{world.parent}"\n[report]'))
    out = tmp_path / "results"
    options = ["--draws", 8, "--points", 0, "--seed", 3, "--workers", 1]
    process = geoclust("robustness", study, "--out", out, *options)
    assert process.returncode == 0, process.stderr
    printed = process.stdout.splitlines()
    assert "8 draws" in printed[0]
    assert "seed 3" in printed[0]
    assert printed[1].startswith("draws against the study")
    bias = pd.read_csv(out / "robustness" / "bias.csv", index_col=0)
    assert bias.loc["clusters", "off_centre"]
    assert any("off centre in" in line and "clusters" in line for line in printed)
    assert any(line.lstrip().startswith("rank") and "gone" in line for line in printed)
    assert not (out / "robustness" / "sensitivity.csv").exists()
    assert "sensitivity" not in json.loads((out / "manifest.json").read_text())
    assert printed[-1] == f"Report: {out / 'report.html'}"
    plain = geoclust("run", study, "--out", out, "--quiet")
    assert plain.returncode == 0
    assert not (out / "robustness").exists(), "tables of draws that are no longer of these results"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[robustness]\ndraw = 3\n", "line 2, robustness.draw: no such key; did you mean 'draws'?"),
        ("[robustness]\ndraws = 0\n", "line 2, robustness.draws: found 0"),
        ("[robustness]\nsensitivity_points = 1\n", "robustness.sensitivity_points: want at least"),
        ("[robustness.vary]\nreach = [1, 2]\n", "robustness.vary.reach: no such key; did you mean"),
        ("[robustness.vary]\nreach_km = [2, 1]\n", "line 1, robustness.vary: variation: reach_km"),
        ("[robustness.vary]\njitter_km = 3\n", "line 2, robustness.vary.jitter_km: found 3"),
    ],
)
def test_faults_of_the_section_are_found_before_anything_runs(text, words, tmp_path):
    (tmp_path / "study.toml").write_text(text)
    for verb in ("robustness", "check"):
        process = geoclust(verb, "study.toml", cwd=tmp_path)
        assert process.returncode == 2
        assert words in process.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]


@pytest.mark.parametrize("wrong", [("--draws", 0), ("--points", -1), ("--workers", 0)])
def test_faults_of_the_command_are_found_before_anything_runs(wrong, world, tmp_path):
    process = geoclust("robustness", world, *wrong, cwd=tmp_path)
    assert process.returncode == 2
    assert wrong[0] in process.stderr
    assert "Traceback" not in process.stderr
    assert not list(tmp_path.iterdir())


@posix
def test_a_bar_is_shown_on_a_terminal_only(world, tmp_path):
    leader, follower = pty.openpty()
    options = ["--draws", 8, "--points", 0, "--workers", 1, "--out", tmp_path / "out"]
    process = subprocess.Popen(
        command("robustness", world, *options), stderr=follower, stdout=subprocess.DEVNULL
    )
    os.close(follower)
    shown = b""
    try:
        while chunk := os.read(leader, 4096):
            shown += chunk
    except OSError:  # how Linux tells the end
        pass
    os.close(leader)
    assert process.wait() == 0
    assert b"drawing the study anew" in shown
    assert b"8/8" in shown


def test_a_study_without_regions_says_so(world, tmp_path):
    study = tmp_path / "study.toml"
    text = f'[inputs]\nfolder = "{world.parent}"\n[clustering]\nmin_cluster_size = 90\n'
    study.write_text(text)
    out = tmp_path / "results"
    options = ["--draws", 3, "--points", 2, "--workers", 1]
    process = geoclust("robustness", study, "--out", out, *options)
    assert process.returncode == 0, process.stderr
    assert "Warning: no region was found" in process.stdout
    assert "No rank moves" in process.stdout
    assert "Rows: " in process.stdout
    for name in FILES:
        text = (out / "robustness" / f"{name}.csv").read_text()
        assert "nan" not in text.lower(), name


def test_another_experiment_keeps_a_checkpoint_of_its_own(world, tmp_path):
    study = gc.run_study(world)
    beside = tmp_path / "results"
    options = {"draws": 4, "points": 0, "workers": 1, "beside": beside}
    one, _ = run_configured(study, **options)
    other, _ = run_configured(study, seed=12, **options)
    assert one.fingerprint != other.fingerprint
    assert len(list(tmp_path.iterdir())) == 2
    told = []
    run_configured(study, progress=lambda *at: told.append(at), **options)
    assert told == [("draws", 4, 4)]
    (tmp_path / ".results.drawsome").write_text("mine")
    (tmp_path / ".others.draws-1").write_text("of another")
    remove_checkpoints(beside)
    assert {path.name for path in tmp_path.iterdir()} == {".results.drawsome", ".others.draws-1"}
