"""Sweeps: every row is a run of the study with these settings; what is said of them is so."""

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

import geoclust as gc
from geoclust.errors import ParameterError
from geoclust.robustness.settings import with_values
from geoclust.robustness.sweeping import lean
from geoclust.study import StudyConfig

MOVED = {
    "clustering.min_cluster_size": (3, 5, 8, 10, 14, 20),
    "clustering.min_samples": (1, 2, 4, 5, 9),
    "clustering.max_link_km": (8.0, 30.0, 100.0, 250.0, math.inf),
    "clustering.resolution_km": (0.1, 2.0, 6.0),
    "clustering.cluster_selection_method": ("eom", "leaf"),
    "clustering.density_scale": ("log", "inverse"),
    "clustering.cluster_selection_epsilon_km": (0.0, 3.0, 20.0),
    "clustering.max_cluster_size": (None, 25.0, 60.0),
    "clustering.max_extent_km": (20.0, 200.0, math.inf),
    "clustering.min_membership": (0.0, 0.25, 0.7),
    "clustering.kind_weights.patent": (0.25, 1.0),
    "delineation.reach_km": (4.0, 10.0, 25.0),
    "delineation.method": ("reach", "concave_hull", "convex_hull"),
    "delineation.disjoint": (True, False),
    "network.brokerage": ("betweenness", "bridgeness", "constraint", "participation"),
    "indicators.shrinkage": (True, False),
    "thresholds.cluster.min_density": (3.0, 6.0),
    "thresholds.cluster.min_capability": (0.4, 0.6),
    "thresholds.quasi.min_density": (0.5, 1.5),
    "thresholds.criteria.firms.target": (5.0, 10.0),
    "scoring.min_share": (0.3, 0.7),
    "scoring.indicators.funding_usd.weight": (0.5, 1.0, 3.0),
}
"""Settings, and the values that random grids are made of."""


def lean_study(folder, seed):
    gc.synthetic.write_toy_world(folder, seed=seed)
    return lean(StudyConfig.from_directory(folder))


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return lean_study(tmp_path_factory.mktemp("toy"), seed=1)


@pytest.fixture(scope="module")
def toy(config):
    return gc.run_study(config)


def random_grids(seed, settings):
    """Grids of two or three settings with two values each, until there are `settings` points."""
    rng = np.random.default_rng(seed)
    grids, count = [], 0
    while count < settings:
        keys = rng.choice(list(MOVED), size=rng.integers(2, 4), replace=False).tolist()
        grid = {}
        for key in keys:
            places = rng.choice(len(MOVED[key]), size=2, replace=False)
            grid[key] = [MOVED[key][place] for place in places]
        grids.append(grid)
        count += 2 ** len(keys)
    return grids


def row_of(study, setting):
    """What a row should say, from a finished run with the setting, by the definitions."""
    records = setting.inputs.records.index
    regions, status = setting.regions, setting.classification.status
    kinds = setting.config.clustering.kind_weights.model_dump()
    weight = setting.inputs.records["weight"] * setting.inputs.records["kind"].map(kinds)
    nowhere = setting.clustering.region_of.reindex(records).isna()
    expected = {
        "regions": len(regions),
        "clusters": int((status == "cluster").sum()),
        "quasi_clusters": int((status == "quasi-cluster").sum()),
        "noise": int(nowhere.sum()),
        "noise_share": weight[nowhere].sum() / weight.sum(),
        "agreement": adjusted_rand_score(alone(study, records), alone(setting, records)),
        "area_km2": regions["area_km2"].sum(),
    }
    if len(regions):
        expected["persistence"] = np.average(regions["persistence"], weights=regions["weight"])
        expected["largest_extent_km"] = regions["extent_km"].max()
    return expected


def alone(study, records):
    """Region of each record; one that is in none has a label of its own."""
    region_of = study.clustering.region_of.reindex(records).astype(object)
    return region_of.where(region_of.notna(), records).to_numpy()


def assert_rows_are_runs(study, found, config):
    """Every row, and every region of it, against a fresh run of the whole study."""
    checked = 0
    for number, row in found.settings.iterrows():
        values = {key: row[key] for key in found.varied}
        if row["note"]:
            with pytest.raises((ParameterError, ValueError)):
                gc.run_study(with_values(config, values))
            continue
        fresh = gc.run_study(with_values(config, values))
        for name, value in row_of(study, fresh).items():
            assert row[name] == pytest.approx(value, rel=1e-9), (values, name)
        own = found.found[found.found["setting"] == number].set_index("region_id")
        assert own.index.tolist() == fresh.regions.index.tolist()
        if len(own):
            exact = ["weight", "persistence", "area_km2", "extent_km", "longitude"]
            pd.testing.assert_frame_equal(
                own[exact], pd.DataFrame(fresh.regions[exact]), check_exact=True
            )
            assert own["status"].tolist() == fresh.classification.status[own.index].tolist()
            rank = fresh.scores.table["rank"].reindex(own.index)
            assert own["rank"].fillna(0).tolist() == rank.fillna(0).tolist()
        checked += 1
    return checked


@pytest.mark.filterwarnings("ignore::geoclust.GeoclustWarning")
def test_every_row_is_a_fresh_run_on_thirty_random_settings(toy, config):
    checked = 0
    for grid in random_grids(seed=7, settings=30):
        found = gc.sweep(toy, vary=grid)
        checked += assert_rows_are_runs(toy, found, config)
    assert checked >= 30
