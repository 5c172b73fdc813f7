"""Draws in other processes and on a cluster: the same numbers whatever dies on the way."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from geoclust import synthetic
from geoclust.clustering import distributed
from geoclust.errors import ParameterError, SchedulerError
from geoclust.robustness import Variation, processes, rank_sensitivity, run_robustness, running
from geoclust.robustness.chain import Chain
from geoclust.robustness.experiment import drawn_point
from geoclust.robustness.running import jobs_of
from geoclust.robustness.sobol import design
from geoclust.study import run_study

TABLES = ("bias", "status", "ranks", "pairwise", "records", "draws", "leave_one_out", "dominance")


def equal(one, two):
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), check_exact=True)


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    synthetic.write_toy_world(folder, seed=1)
    return run_study(folder)


@pytest.fixture(scope="module")
def alone(toy):
    return run_robustness(toy, draws=40, seed=5)


@pytest.fixture(scope="module")
def cluster():
    dask = pytest.importorskip("distributed")
    with dask.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        protocol="tcp://",
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    ) as local:
        yield local


def test_draws_on_the_same_ground_are_those_drawn_by_themselves(toy):
    chain = Chain.of(toy, Variation(), min_shared=0.5)
    columns = dict.fromkeys(chain.variation.inputs, 1)
    rows = design(columns, n=2, seed=4).points.tolist()
    points = [dict(zip(chain.variation.inputs, row, strict=True)) for row in rows]
    jobs = jobs_of(list(enumerate(points)))
    assert sorted(number for job in jobs for number, _ in job) == list(range(len(points)))
    together = [outcome for job in jobs for outcome in chain.run_all(job)]
    assert len(jobs) < len(points) / 2
    for outcome in together:
        itself = chain.run(outcome.number, points[outcome.number])
        assert outcome.to_line() == itself.to_line()


def test_what_is_left_out_first_is_measured_when_it_is_wanted(toy):
    chain = Chain.of(toy, Variation(), min_shared=0.5)
    points = [(n, {"resample": 0.3, "left_out": 0.5 * n / 9}) for n in range(10)]
    lines = [outcome.to_line() for outcome in chain.run_all(points)]
    assert lines == [chain.run(*point).to_line() for point in points]


def test_every_draw_is_in_one_job_and_jobs_are_small():
    points = [(n, drawn_point(Variation(), 1, n)) for n in range(0, 46, 3)]
    jobs = jobs_of(points)
    assert [each for job in jobs for each in job] == points
    assert {len(job) for job in jobs} == {4}
    still = [(n, {"weights": n / 50}) for n in range(50)]
    assert [len(job) for job in jobs_of(still)] == [16, 16, 16, 2]
    assert jobs_of([]) == []


def children():
    found = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return {int(pid) for path in found for pid in path.read_text().split()}


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@linux
def test_a_killed_process_is_replaced_and_changes_nothing(toy, alone):
    before, victims = children(), []

    def kill_one(done, _all):
        if done and not victims:
            victims.append(max(children() - before))
            os.kill(victims[0], signal.SIGKILL)

    equal(alone, run_robustness(toy, draws=40, seed=5, workers=2, progress=kill_one))
    assert victims


def test_processes_that_always_die_are_given_up(toy, monkeypatch, tmp_path):
    rounds = []

    def die(*_):
        rounds.append(1)
        raise processes.BrokenProcessPool

    monkeypatch.setattr(processes, "_done", die)
    with pytest.raises(SchedulerError, match="3 times in a row"):
        run_robustness(toy, draws=9, workers=2, checkpoint=tmp_path / "draws")
    assert len(rounds) == 3


@linux
def test_an_interruption_leaves_no_process_and_keeps_what_was_drawn(toy, alone, tmp_path):
    before = children()

    def interrupt(done, _all):
        if done >= 8:
            assert children() - before
            raise KeyboardInterrupt

    path = tmp_path / "draws"
    with pytest.raises(KeyboardInterrupt):
        run_robustness(toy, draws=40, seed=5, workers=2, checkpoint=path, progress=interrupt)
    left = {pid for pid in children() - before if "resource_tracker" not in command(pid)}
    assert not left
    assert 8 <= len(path.read_bytes().splitlines()) - 1 < 40
    equal(alone, run_robustness(toy, draws=40, seed=5, checkpoint=path))


def command(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode()


@pytest.mark.parametrize("victims", [1, 2])
def test_on_a_cluster_whose_workers_are_killed_in_the_middle(
    toy, alone, cluster, *, monkeypatch, victims
):
    killed = []

    def run(client, *rest, **common):
        for at, result in enumerate(distributed.run_on_cluster(client, *rest, **common)):
            yield result
            if at == 0:
                killed.extend(sorted(client.run(os.getpid).values())[:victims])
                for pid in killed:
                    os.kill(pid, signal.SIGKILL)

    monkeypatch.setattr(running, "run_on_cluster", run)
    path = cluster.scheduler_address
    equal(alone, run_robustness(toy, draws=40, seed=5, scheduler=path))
    assert len(killed) == victims


def test_sensitivity_on_a_cluster_is_that_of_one_process(toy, cluster):
    vary = Variation.only("weights", "reach_km", "resample")
    one = rank_sensitivity(toy, n=4, vary=vary)
    two = rank_sensitivity(toy, n=4, vary=vary, scheduler=cluster.scheduler_address)
    three = rank_sensitivity(toy, n=4, vary=vary, workers=2)
    for other in (two, three):
        pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)
        assert (one.mean, one.variance, one.runs) == (other.mean, other.variance, other.runs)
    assert one.fingerprint == two.fingerprint != rank_sensitivity(toy, n=2, vary=vary).fingerprint
    assert one.seconds > 0


def test_a_cluster_that_is_not_there_is_told(toy, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(distributed, "CONNECT_SECONDS", 1)
    with pytest.raises(SchedulerError, match="no Dask scheduler answers"):
        run_robustness(toy, draws=1, scheduler="tcp://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ParameterError, match=r"geoclust\[dask\]"):
        rank_sensitivity(toy, n=2, scheduler="tcp://127.0.0.1:9")


def test_draws_here_load_no_dask():
    code = (
        "import sys, geoclust.robustness; "
        "print([m for m in ('dask', 'distributed', 'numba') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
