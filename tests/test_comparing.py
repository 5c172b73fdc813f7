"""Regions beside each other: standings by brute force, and the study's fields from their rooms."""

import numpy as np
import pandas as pd
import pytest

import geoclust as gc
from geoclust.classification.frontier import frontier_of
from geoclust.scoring import IndicatorSpec
from geoclust.study.comparing import profile_table


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    gc.synthetic.write_toy_world(folder, seed=1)
    return gc.run_study(folder)


def framework(**more):
    specs = (
        IndicatorSpec(name="x", dimension="one", weight=2.0),
        IndicatorSpec(name="y", dimension="one", direction=-1),
        IndicatorSpec(name="z", dimension="two"),
    )
    return gc.Framework(indicators=specs, **more)


def slow_standing(value, clusters, direction):
    known = [own for own in clusters if not np.isnan(own)]
    if np.isnan(value) or not known:
        return np.nan
    behind = sum(direction * own < direction * value for own in known)
    level = sum(own == value for own in known)
    return (behind + level / 2) / len(known)


def test_a_standing_is_the_share_of_clusters_behind():
    rng = np.random.default_rng(5)
    for _ in range(40):
        count = int(rng.integers(1, 12))
        table = pd.DataFrame(
            rng.integers(0, 4, size=(count, 3)).astype(float),
            columns=["x", "y", "z"],
            index=pd.Index([f"r{i:02d}" for i in range(count)], name="region_id"),
        ).mask(rng.random((count, 3)) < 0.2)
        chosen = pd.Series(rng.random(count) < 0.6, index=table.index)
        found = profile_table(table, chosen, framework())
        for row in found[found["indicator"].notna()].itertuples():
            direction = -1 if row.indicator == "y" else 1
            clusters = table.loc[chosen, row.indicator]
            expected = slow_standing(table.at[row.region_id, row.indicator], clusters, direction)
            np.testing.assert_allclose(row.standing, expected)
            np.testing.assert_equal(row.median, clusters.median())


def test_a_dimension_is_the_weighted_mean_of_what_is_known():
    table = pd.DataFrame(
        {"x": [3.0, 1.0, np.nan], "y": [5.0, 1.0, 1.0], "z": [np.nan, 1.0, 2.0]},
        index=pd.Index(["a", "b", "q"], name="region_id"),
    )
    chosen = pd.Series([True, True, False], index=table.index)
    whole = profile_table(table, chosen, framework(min_share=0.5)).query("indicator.isna()")
    one = whole[whole["dimension"] == "one"].set_index("region_id")["standing"]
    assert one["a"] == pytest.approx((2 * 0.75 + 0.25) / 3)
    assert one["b"] == pytest.approx((2 * 0.25 + 0.75) / 3)
    assert np.isnan(one["q"])  # a third of the weight is known, half is wanted
    two = whole[whole["dimension"] == "two"].set_index("region_id")["standing"]
    assert np.isnan(two["a"])
    assert two["q"] == 1.0


def test_the_study_holds_the_readings_of_its_rooms(study):
    ids, clusters = study.indicators.index, study.classification.is_cluster
    assert study.profiles["region_id"].unique().tolist() == ids.tolist()
    peers = gc.benchmark_peers(
        study.indicators,
        regions=ids,
        among=clusters.index[clusters],
        framework=study.config.scoring,
    )
    pd.testing.assert_frame_equal(study.peers, peers)
    drivers = gc.find_drivers(study.indicators, study.classification, seed=study.config.study.seed)
    pd.testing.assert_frame_equal(study.drivers.table, drivers.table)
    pd.testing.assert_frame_equal(study.factors.table, study.scores.by_factor().table)
    frontier = gc.threshold_frontier(study.indicators, study.config.thresholds)
    pd.testing.assert_frame_equal(study.frontier, frontier)
    pd.testing.assert_frame_equal(frontier_of(study.classification), frontier)


def test_a_study_without_regions_or_clusters_has_empty_readings(tmp_path):
    (tmp_path / "firms.csv").write_text(
        "record_id,name,longitude,latitude,country\na,One,4.3,52.0,NL\nb,Two,-3.7,40.4,ES\n"
    )
    bare = gc.run_study(tmp_path)
    assert bare.profiles.empty
    assert bare.peers.empty
    assert bare.factors.table.empty
    assert bare.drivers.table["effect"].isna().all()
    assert (bare.frontier["changed_count"] == 0).all()
