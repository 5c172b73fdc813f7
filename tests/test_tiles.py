"""Tiles against the whole: on poles, the date line, lattices, dense places; and on a cluster."""

import os
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

import geoclust as gc
from geoclust import sphere
from geoclust.clustering import distributed, tiles
from geoclust.clustering.build_tiled import build_hierarchy_tiled
from geoclust.clustering.hierarchy import condense, merge_levels
from geoclust.clustering.spanning_tree import spanning_forest
from geoclust.errors import ParameterError, SchedulerError

UNIT = 30


def hard_world(n, seed):
    """Degrees: a pole, the date line, a lattice, the sphere, and a crowd on one spot."""
    rng = np.random.default_rng(seed)
    latitude = np.degrees(np.arcsin(rng.uniform(-1, 1, n)))
    longitude = rng.uniform(-180, 180, n)
    a, b, c, d = n // 4, n // 2, 5 * n // 8, 7 * n // 8
    latitude[:a] = np.minimum(90, 89.9 + rng.uniform(-0.3, 0.1, a))
    latitude[a:b] = rng.normal(-17, 1, b - a)
    longitude[a:b] = (rng.normal(0, 1, b - a) + 360) % 360 - 180
    latitude[b:c], longitude[b:c] = np.round(latitude[b:c]), np.round(longitude[b:c])
    latitude[c:d], longitude[c:d] = rng.normal(48, 0.05, d - c), rng.normal(2, 0.05, d - c)
    return longitude, latitude


def locations(n, seed):
    keys, count = np.unique(sphere.coordinate_keys(*hard_world(n, seed)), return_counts=True)
    positions = sphere.grid_positions(*sphere.key_coordinates(keys))
    shares = np.random.default_rng(seed).choice([1, 10, UNIT], len(keys))
    return positions, count * shares


def records(n, seed):
    longitude, latitude = hard_world(n, seed)
    return pd.DataFrame(
        {"kind": "firm", "longitude": longitude, "latitude": latitude},
        index=pd.Index([f"r{i:07d}" for i in range(n)], name="record_id"),
    )


def assert_same_forest(found, whole):
    assert np.array_equal(np.sort(found.squared), np.sort(whole.squared))
    assert np.array_equal(found.core, whole.core)
    assert found.longest == whole.longest


def assert_same_regions(found, whole):
    for rules in ({}, {"cluster_selection_method": "leaf", "density_scale": "inverse"}):
        one, other = gc.extract_regions(found, **rules), gc.extract_regions(whole, **rules)
        assert_frame_equal(one.regions, other.regions)
        for name in ("region_of", "membership", "outlier_score", "nearest_region"):
            assert_series_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("km", "side_km", "most"), [(5, 100, 50), (50, 300, 10), (300, 400, 9999), (2000, 5000, 100)]
)
def test_tiled_is_whole(km, side_km, most, seed):
    positions, weight = locations(1500, seed)
    need, longest = 7 * UNIT, float(sphere.chord_squared(km))
    side = side_km * 1000 / sphere.GRID_M
    found = tiles.tiled_forest(
        positions, weight, need=need, longest=longest, largest=side, most=most
    )
    whole = spanning_forest(positions, weight, need=need, longest=longest)
    assert len(whole.a) > 100
    assert_same_forest(found, whole)
    trees = [
        condense(merge_levels(forest, weight, floor=16.0), 10 * UNIT) for forest in (found, whole)
    ]
    for name in ("parent", "birth", "weight", "cluster", "leave"):
        assert np.array_equal(getattr(trees[0], name), getattr(trees[1], name))


def test_tiles_own_every_location_once_and_split_the_dense():
    positions, _ = locations(3000, 0)
    longest = float(sphere.chord_squared(20))
    cut = list(tiles.cut_tiles(positions, longest=longest, most=100))
    owned = np.concatenate([tile.loaded[tile.own] for tile in cut])
    assert np.array_equal(np.sort(owned), np.arange(positions.shape[1]))
    crowd = [tile for tile in cut if tile.own.sum() > 100]  # only where no cut would help
    for tile in crowd:
        width = np.ptp(positions[:, tile.loaded[tile.own]], axis=1).max()
        assert width <= 2 * np.sqrt(longest)
    assert len(crowd) < len(cut) / 10
    assert min(len(tile.loaded) for tile in cut) < 100


def test_halo_reaches_exactly_twice_the_longest_link():
    line = np.array([0.0, 10.0, 20.0, 21.0, 40.0])
    positions = np.stack([line, 0 * line, 0 * line])
    cut = tiles.cut_tiles(positions, longest=100.0, largest=1.0, most=1)
    first = next(tile for tile in cut if tile.own[tile.loaded == 0].any())
    assert first.loaded.tolist() == [0, 1, 2]


def test_too_little_weight_leaves_no_edges():
    positions, weight = locations(50, 1)
    found = tiles.tiled_forest(positions, weight, need=10**9, longest=1e12)
    assert len(found.a) == 0
    assert np.isinf(found.core).all()


def test_hierarchy_from_tiles_in_this_process():
    table = records(3000, 5)
    whole = gc.build_hierarchy(table, resolution_km=0.1, max_link_km=40)
    found = build_hierarchy_tiled(table, resolution_km=0.1, max_link_km=40, tile_km=500)
    assert_same_forest(found.forest, whole.forest)
    assert_same_regions(found, whole)
    assert repr(found) == repr(whole)


def test_no_records():
    found = build_hierarchy_tiled(records(1, 0).iloc[:0])
    assert len(found.locations) == 0
    assert len(found.forest.a) == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"max_link_km": np.inf}, "finite"),
        ({"tile_km": 99}, "tile_km is 99; it must be at least max_link_km, 100"),
        ({"resolution_km": 100}, "must be above resolution_km"),
        ({"min_samples": 0}, "min_samples is 0"),
        ({"scheduler": "127.0.0.1"}, "must be the address"),
    ],
)
def test_impossible_wishes_are_refused(wrong, said):
    with pytest.raises(ParameterError, match=said):
        build_hierarchy_tiled(records(20, 0), **wrong)


# -- on a cluster of two worker processes -----------------------------------------------------


@pytest.fixture(scope="module")
def cluster():
    dask = pytest.importorskip("distributed")
    with (
        pytest.MonkeyPatch.context() as patch,
        dask.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            protocol="tcp://",
            dashboard_address="127.0.0.1:0",
            silence_logs=50,
        ) as local,
    ):
        patch.setattr(distributed, "CONNECT_SECONDS", 10)
        yield local


def workers(cluster):
    """Address to process id of the workers alive."""
    with distributed.connected(cluster.scheduler_address) as client:
        return client.run(os.getpid)


@pytest.fixture
def killed_in_the_middle(cluster, monkeypatch):
    """Kills one worker when the first of a run's results has come and others are under way."""
    victims = []
    run_on_cluster = distributed.run_on_cluster

    def run(client, function, jobs, **common):
        for at, result in enumerate(run_on_cluster(client, function, jobs, **common)):
            yield result
            if at == 0:
                victims.append(max(client.run(os.getpid).values()))
                os.kill(victims[0], signal.SIGKILL)

    monkeypatch.setattr(distributed, "run_on_cluster", run)
    yield victims
    assert len(victims) == 1
    assert victims[0] not in workers(cluster).values()


def listening_beyond_loopback(pids):
    import psutil

    return [
        port.laddr
        for pid in pids
        for port in psutil.Process(pid).net_connections("inet")
        if port.status == psutil.CONN_LISTEN and not port.laddr.ip.startswith("127.")
    ]


def test_cluster_listens_on_loopback_only(cluster):
    pids = [os.getpid(), *workers(cluster).values()]
    assert len(pids) == 3
    assert listening_beyond_loopback(pids) == []


def test_a_killed_worker_changes_nothing(cluster, killed_in_the_middle):
    table = records(10_000, 7)
    whole = gc.build_hierarchy(table, resolution_km=0.1, max_link_km=25)
    found = build_hierarchy_tiled(
        table, resolution_km=0.1, max_link_km=25, tile_km=4000, scheduler=cluster.scheduler_address
    )
    assert_same_forest(found.forest, whole.forest)
    assert_same_regions(found, whole)


def test_a_client_is_taken_and_left_open(cluster):
    from distributed import Client

    with Client(cluster.scheduler_address, set_as_default=False) as client:
        table = records(500, 8)
        build_hierarchy_tiled(table, scheduler=client)
        assert client.status == "running"


def test_results_come_in_the_order_of_jobs_drawn_as_needed(cluster):
    drawn = []

    def jobs():
        for i in range(40):
            drawn.append(i)
            yield -i

    with distributed.connected(cluster.scheduler_address) as client:
        results = distributed.run_on_cluster(client, abs, jobs())
        assert next(results) == 0
        assert len(drawn) <= 2 * 3 * distributed.AHEAD
        assert list(results) == list(range(1, 40))


def test_a_fault_in_a_job_is_told_as_it_is(cluster):
    with distributed.connected(cluster.scheduler_address) as client:
        jobs = ["no number"]
        with pytest.raises(ValueError, match="invalid literal"):
            list(distributed.run_on_cluster(client, int, jobs))


LOST_CLUSTER = """
import distributed, time
if __name__ == "__main__":
    here = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, **here) as cluster:
        print(cluster.scheduler_address, flush=True)
        time.sleep(60)
"""


def test_a_lost_cluster_is_told(tmp_path):
    pytest.importorskip("distributed")
    script = tmp_path / "lost.py"
    script.write_text(LOST_CLUSTER, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            with distributed.connected(process.stdout.readline().strip()) as client:
                results = distributed.run_on_cluster(client, abs, range(1000))
                assert next(results) == 0
                process.kill()
                with pytest.raises(SchedulerError, match="was lost"):
                    list(results)
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_another_version_is_refused():
    with pytest.raises(SchedulerError, match=r"0\.0\.1"):
        distributed.run_job(abs, 1, "0.0.1")


def test_nobody_answers(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(distributed, "CONNECT_SECONDS", 1)
    with pytest.raises(SchedulerError, match="no Dask scheduler answers"):
        build_hierarchy_tiled(records(20, 0), scheduler="tcp://127.0.0.1:9")


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ParameterError, match=r"geoclust\[dask\]"):
        build_hierarchy_tiled(records(20, 0), scheduler="tcp://127.0.0.1:8786")


def test_tiles_here_load_no_dask():
    code = (
        "import sys; from geoclust.clustering.build_tiled import build_hierarchy_tiled; "
        "print([m for m in ('dask', 'distributed', 'numba') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_a_million_records_with_a_worker_killed_in_the_middle(cluster, killed_in_the_middle):
    table = million()
    whole = gc.build_hierarchy(table, min_samples=10, resolution_km=1)
    found = build_hierarchy_tiled(
        table, min_samples=10, resolution_km=1, scheduler=cluster.scheduler_address
    )
    assert_same_forest(found.forest, whole.forest)
    assert_same_regions(found, whole)


def million():
    """A million records around 20,000 towns of the hard world, half on shared coordinates."""
    rng = np.random.default_rng(3)
    longitude, latitude = hard_world(20_000, 3)
    town = rng.integers(0, 20_000, 1_000_000)
    spread = rng.normal(0, 0.05, (2, 1_000_000)) * (rng.random(1_000_000) < 0.5)
    rows = {
        "kind": "firm",
        "longitude": np.clip(longitude[town] + spread[0], -180, 180),
        "latitude": np.clip(latitude[town] + spread[1], -90, 90),
    }
    return pd.DataFrame(rows, index=pd.RangeIndex(1_000_000, name="record_id").astype("str"))
