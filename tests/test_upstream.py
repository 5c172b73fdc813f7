"""The upstream engine: its own answers, put beside the records, and what it refuses."""

import math

import numpy as np
import pandas as pd
import pytest
from hdbscan import HDBSCAN

from geoclust import sphere
from geoclust.clustering import build_hierarchy, extract_regions
from geoclust.errors import GeoclustWarning, ParameterError
from geoclust.schema import as_records

CLASSIC = {"density_scale": "inverse", "max_extent_km": None, "min_membership": 0.0}


def records(n=600, seed=0):
    rng = np.random.default_rng(seed)
    home = rng.integers(0, 6, n)
    table = {
        "kind": "firm",
        "country": "FR",
        "longitude": home + rng.normal(0, 0.05, n),
        "latitude": 46 + home % 2 + rng.normal(0, 0.05, n),
    }
    return as_records(pd.DataFrame(table, index=[f"r{i:04d}" for i in range(n)]))


def build(table, **named):
    return build_hierarchy(table, engine="hdbscan", max_link_km=math.inf, **named)


@pytest.mark.parametrize(
    "rules", [{}, {"cluster_selection_method": "leaf"}, {"min_cluster_size": 30}]
)
def test_regions_are_the_labels_of_the_package(rules):
    table = records()
    found = extract_regions(build(table), **CLASSIC, **rules)
    vectors = sphere.unit_vectors(table["longitude"], table["latitude"]).T * sphere.RADIUS_KM
    direct = HDBSCAN(
        min_cluster_size=rules.get("min_cluster_size", 10),
        min_samples=5,
        cluster_selection_method=rules.get("cluster_selection_method", "eom"),
        approx_min_span_tree=False,
    ).fit(np.ascontiguousarray(vectors))
    codes = found.region_of.astype("category").cat.codes.to_numpy()
    pairs = set(zip(codes.tolist(), direct.labels_.tolist(), strict=True))
    agree = pd.Series(codes).groupby(direct.labels_).agg(lambda c: c.value_counts().iloc[0]).sum()
    assert agree >= 0.98 * len(table), pairs  # its answer hangs on the order of rows
    assert len(found.regions) == direct.labels_.max() + 1 >= 6
    assert found.regions["birth_km"].between(1, 200).all()
    assert found.regions["persistence"].between(0, 1).all()
    assert found.nearest_region.isna().all()


def test_fitted_object_is_reachable_and_plots():
    import matplotlib as mpl

    mpl.use("Agg")
    built = build(records())
    found = extract_regions(built, **CLASSIC, min_cluster_size=25)
    assert found.hierarchy.upstream.min_cluster_size == 25
    assert found.hierarchy.upstream.labels_.max() + 1 == len(found.regions)
    assert built.upstream.min_cluster_size == 10
    assert extract_regions(built, **CLASSIC).hierarchy.upstream is built.upstream
    assert found.hierarchy.upstream.condensed_tree_.plot() is not None
    assert found.hierarchy.engine == found.parameters["engine"] == "hdbscan"


def test_row_order_is_put_right_first():
    table = records(seed=2).round({"longitude": 2, "latitude": 2})
    a = extract_regions(build(table), **CLASSIC)
    b = extract_regions(build(table.sample(frac=1, random_state=0)), **CLASSIC)
    pd.testing.assert_series_equal(a.region_of, b.region_of.loc[table.index])
    pd.testing.assert_series_equal(a.membership, b.membership.loc[table.index])


def test_what_it_does_not_know_is_said():
    table = records()
    with pytest.warns(GeoclustWarning, match="max_link_km=100 has no effect"):
        build_hierarchy(table, engine="hdbscan")
    built = build(table)
    with pytest.warns(GeoclustWarning, match=r"max_extent_km=200\.0.*min_membership=0\.25"):
        extract_regions(built)
    with pytest.raises(ParameterError, match='not "distance"'):
        extract_regions(
            built, cluster_selection_method="distance", cluster_selection_epsilon_km=20, **CLASSIC
        )
    with pytest.raises(ParameterError, match="600 of 600 have another weight"):
        build(table, kind_weights={"firm": 0.5})
    with pytest.raises(ParameterError, match="first 'r0003'"):
        build(table.assign(weight=np.where(table.index == "r0003", 2.0, 1.0)))


def test_duplicates_give_finite_scores():
    table = records()
    table[["longitude", "latitude"]] = table[["longitude", "latitude"]].round(1)
    found = extract_regions(build(table), **CLASSIC)
    counts = found.region_of.value_counts()
    assert counts.loc[found.regions.index].tolist() == found.regions["record_count"].tolist()
    assert found.membership.between(0, 1).all()
    assert found.outlier_score.between(0, 1).all()
    assert found.regions["persistence"].between(0, 1).all()
    assert np.isfinite(found.regions["birth_km"]).all()
