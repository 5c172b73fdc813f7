"""A study whose work is shared out to a real Dask cluster: the same bytes, whatever dies."""

import os
import signal

import numpy as np
import pandas as pd
import pytest

import geoclust as gc
from geoclust.clustering import distributed
from geoclust.errors import ParameterError
from geoclust.network import brokerage_z
from geoclust.report.tables.files import study_tables
from geoclust.robustness.sweeping import lean
from geoclust.study import StudyConfig

SHARED = ["draw_lot", "labels_again", "count_cell"]


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


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    gc.synthetic.write_toy_world(folder, seed=3)
    return StudyConfig.from_directory(folder)


@pytest.fixture
def sent(monkeypatch):
    """Names of the functions that ran on the cluster; a worker dies behind each one's first job."""
    names = []
    run_on_cluster = distributed.run_on_cluster

    def run(client, function, jobs, **common):
        for at, result in enumerate(run_on_cluster(client, function, jobs, **common)):
            if at == 0:
                names.append(function.__name__)
                if function.__name__ in ("draw_lot", "run_all"):
                    os.kill(min(client.run(os.getpid).values()), signal.SIGKILL)
            yield result

    monkeypatch.setattr(distributed, "run_on_cluster", run)
    return names


def test_every_step_that_can_be_is_shared_and_the_files_are_the_same(config, cluster, sent):
    here = gc.run_study(config)
    assert here.gaps["survives"].notna().any()
    assert here.network_measures["brokerage_z"].notna().any()
    assert sent == []
    there = gc.run_study(config, scheduler=cluster.scheduler_address)
    assert sent[1:] == SHARED  # behind the tiles of the forest
    pd.testing.assert_frame_equal(here.region_counts, there.region_counts, check_exact=True)
    pd.testing.assert_frame_equal(here.network_measures, there.network_measures, check_exact=True)
    for name, make in study_tables(here).items():
        assert make() == study_tables(there)[name](), name


def test_a_sweep_is_shared_too(config, cluster):
    vary = {"clustering.min_cluster_size": [6, 10, 20], "delineation.reach_km": "8,10"}
    study = gc.run_study(lean(config))
    here = gc.sweep(study, vary=vary)
    told = []
    with distributed.connected(cluster.scheduler_address) as client:
        there = gc.sweep(study, vary=vary, scheduler=client, progress=lambda *at: told.append(at))
    processes = gc.sweep(study, vary=vary, workers=2)
    for other in (there, processes):
        for name in ("settings", "regions", "found", "steps", "ranges"):
            one, two = getattr(here, name), getattr(other, name)
            pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert told == [(0, 6), (2, 6), (4, 6), (6, 6)]


def test_rewirings_do_not_depend_on_how_they_are_dealt_out(config):
    study = gc.run_study(lean(config))
    whole = brokerage_z(study.network, rewirings=23, seed=4)
    dealt = []

    def run(function, lots, *, common):
        for lot in lots:
            dealt.append(len(lot))
            yield function(lot, common)

    shared = brokerage_z(study.network, rewirings=23, seed=4, run=run)
    pd.testing.assert_frame_equal(whole, shared, check_exact=True)
    assert dealt == [10, 10, 3]


def test_counting_regions_takes_lengths_that_go_together_only(config):
    study = gc.run_study(lean(config))
    counted = gc.region_counts(study.hierarchy, max_links_km=[60, 100], resolutions_km=[1, 5])
    for link in (60, 100):
        for floor in (1, 5):
            hierarchy = gc.build_hierarchy(
                study.inputs.records, max_link_km=link, resolution_km=floor
            )
            assert len(gc.extract_regions(hierarchy).regions) == counted.loc[link, floor]
    assert counted.to_numpy().dtype == np.int64
    with pytest.raises(ParameterError, match="every link above every resolution"):
        gc.region_counts(study.hierarchy, max_links_km=[5], resolutions_km=[5])
