"""Against hdbscan and fast_hdbscan: equal once their order among ties is replayed.

Both packages merge edges of equal length one by one, in the order of a sort; we merge them at
once (see `hierarchy`).  Fed a package's own tree, each edge as a level of its own in the package's
order, our hierarchy and selection must give the package's labels and scores.  fast_hdbscan reckons
in float32, so its lengths are good to about 1e-6.  The edge cases that the two packages test of
themselves stand here as facts about ours.
"""

from functools import cache

import fast_hdbscan
import numpy as np
import pandas as pd
import pytest
from hdbscan import HDBSCAN

from geoclust import sphere
from geoclust.clustering import build_hierarchy, label_records, locate_records
from geoclust.clustering.extract import extract_regions
from geoclust.clustering.field import Field
from geoclust.clustering.hierarchy import condense, merge_levels
from geoclust.clustering.scores import outlier_scores
from geoclust.clustering.selection import Limits, assign_locations, choose_clusters
from geoclust.clustering.spanning_tree import Forest, spanning_forest
from geoclust.schema import as_records

N = 2500
WHOLE = float((2 * sphere.RADIUS) ** 2)
SIZES = [(10, 50), (5, 20)]


@cache
def country(seed, n=N):
    """Continuous positions without duplicates in towns of many sizes."""
    rng = np.random.default_rng(seed)
    towns = rng.uniform(0, 6, (40, 2)), rng.uniform(0.01, 0.2, 40)
    home = rng.integers(0, 40, n)
    at = towns[0][home] + rng.normal(0, 1, (n, 2)) * towns[1][home, None]
    at[: n // 5] = rng.uniform(0, 6, (n // 5, 2))
    return sphere.grid_positions(at[:, 0], 47 + at[:, 1])


def centred(seed):
    """The positions as rows, moved to where whole numbers fit into float32."""
    positions = country(seed)
    moved = positions - np.rint(positions.mean(axis=1, keepdims=True))
    assert np.abs(moved).max() < 2**24
    return np.ascontiguousarray(moved.T)


@cache
def fitted_by_hdbscan(seed, min_samples, least, **rules):
    asked = {"min_cluster_size": least, "min_samples": min_samples, **rules}
    package = HDBSCAN(approx_min_span_tree=False, core_dist_n_jobs=1, **asked)
    return package.fit(centred(seed))


@cache
def fitted_by_fast_hdbscan(seed, min_samples, least, **rules):
    asked = {"min_cluster_size": least, "min_samples": min_samples, **rules}
    return fast_hdbscan.HDBSCAN(**asked).fit(centred(seed))


PACKAGES = pytest.mark.parametrize("fit", [fitted_by_hdbscan, fitted_by_fast_hdbscan])


def linkage(fitted):
    return np.asarray(fitted._single_linkage_tree)


def replayed(merges, core=None):
    """A package's own tree, each edge a level of its own, in its order."""
    first, a, b, squared, level = list(range(len(merges) + 1)), [], [], [], 0.0
    for left, right, length, _ in merges:
        a.append(first[int(left)])
        b.append(first[int(right)])
        first.append(first[int(left)])
        level = max(length**2, np.nextafter(level, np.inf))
        squared.append(level)
    core = np.zeros(len(merges) + 1) if core is None else core
    return Forest(np.array(a, np.int32), np.array(b, np.int32), np.array(squared), core, WHOLE)


def selected(forest, seed, least, *, method="eom", epsilon=0.0, most=None, weight=None):
    """Our selection as classic HDBSCAN does it: inverse lengths, no root, no other limits."""
    positions = country(seed)
    weight = np.ones(N, np.int64) if weight is None else weight
    tree = condense(merge_levels(forest, weight, floor=1.0), least)
    found = Field(tree, weight, positions, "inverse")
    limits = Limits(least=least, most=most)
    chosen = choose_clusters(found, limits, method=method, epsilon=epsilon**2, roots_allowed=False)
    return found, assign_locations(found, chosen, 0.0)


def partition(label):
    return {frozenset(np.flatnonzero(label == c).tolist()) for c in np.unique(label[label >= 0])}


# ---- replayed -------------------------------------------------------------------------------


@PACKAGES
@pytest.mark.parametrize("method", ["eom", "leaf"])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("sizes", SIZES)
def test_a_packages_tree_in_its_own_order_gives_its_partition(fit, method, seed, sizes):
    min_samples, least = sizes
    fitted = fit(seed, min_samples, least, cluster_selection_method=method)
    _, choice = selected(replayed(linkage(fitted)), seed, least, method=method)
    assert len(partition(choice.owner)) > 5
    assert partition(choice.owner) == partition(fitted.labels_)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("fit", "km"),
    [
        *((fitted_by_hdbscan, km) for km in (8.0, 12.0, 40.0)),
        *((fitted_by_fast_hdbscan, km) for km in (8.0, 12.0)),
    ],
)
def test_epsilon_gives_their_partition(fit, seed, km):
    epsilon = km * 1000 / sphere.GRID_M
    rules = {"cluster_selection_method": "leaf", "cluster_selection_epsilon": epsilon}
    fitted = fit(seed, 5, 20, **rules)
    forest = replayed(linkage(fitted))
    _, choice = selected(forest, seed, 20, method="leaf", epsilon=epsilon)
    _, without = selected(forest, seed, 20, method="leaf")
    assert 2 <= len(choice.chosen) < len(without.chosen)
    assert partition(choice.owner) == partition(fitted.labels_)


def test_where_epsilon_leads_to_the_root_fast_hdbscan_takes_it():
    """It alone: without `allow_single_cluster`, hdbscan and we stop below the root."""
    rules = {"cluster_selection_method": "leaf", "cluster_selection_epsilon": 160_000.0}
    theirs, hdbscans = (
        partition(fit(0, 5, 20, **rules).labels_)
        for fit in (fitted_by_fast_hdbscan, fitted_by_hdbscan)
    )
    assert len(theirs) == 1 < len(hdbscans)


@PACKAGES
@pytest.mark.parametrize("most", [60, 120])
def test_a_greatest_size_gives_their_partition(fit, most):
    fitted = fit(1, 5, 20, max_cluster_size=most)
    _, choice = selected(replayed(linkage(fitted)), 1, 20, most=most)
    _, without = selected(replayed(linkage(fitted)), 1, 20)
    assert partition(choice.owner) == partition(fitted.labels_) != partition(without.owner)


@PACKAGES
def test_scores_of_leaves_are_theirs(fit):
    """Membership as theirs in clusters with none below; they leave what is below out of account."""
    fitted = fit(2, 5, 20, cluster_selection_method="leaf")
    _, choice = selected(replayed(linkage(fitted)), 2, 20, method="leaf")
    # ours by arcs, theirs by chords: within 0.1 % of each other
    assert np.allclose(choice.membership, fitted.probabilities_, rtol=1e-3, atol=1e-3)


def test_outlier_scores_are_theirs():
    fitted = fitted_by_hdbscan(3, 10, 50)
    found, _ = selected(replayed(linkage(fitted)), 3, 50)
    theirs = fitted.outlier_scores_
    assert np.isfinite(theirs).all()
    assert np.allclose(outlier_scores(found), theirs, atol=2e-3)


def test_weights_of_fast_hdbscan_are_ours():
    """Its tree of weighted rows, replayed with our whole-number weights.

    Leaves only, and no weight above 1: its excess of mass counts most rows as 1, and it takes a
    row that weighs more for a cluster.
    """
    weight = np.random.default_rng(0).integers(1, 5, N)
    rules = {"min_cluster_size": 20, "min_samples": 5, "cluster_selection_method": "leaf"}
    fitted = fast_hdbscan.HDBSCAN(**rules).fit(centred(0), sample_weight=weight / 4)
    _, choice = selected(replayed(linkage(fitted)), 0, 4 * 20, method="leaf", weight=weight)
    assert len(choice.chosen) > 10
    assert partition(choice.owner) == partition(fitted.labels_)


# ---- without replaying: what ties cannot touch ----------------------------------------------


@PACKAGES
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("min_samples", "least"), SIZES)
def test_the_lengths_of_the_tree_are_theirs(fit, seed, min_samples, least):
    rtol = 1e-12 if fit is fitted_by_hdbscan else 1e-6  # the other reckons in float32
    lengths = np.sort(linkage(fit(seed, min_samples, least))[:, 2])
    ones = np.ones(N, np.int64)
    own = spanning_forest(country(seed), ones, need=min_samples + 1, longest=WHOLE)
    assert np.allclose(np.sort(np.sqrt(own.squared)), lengths, rtol=rtol, atol=0)


@PACKAGES
@pytest.mark.parametrize("seed", range(4))
def test_components_at_a_cut_are_theirs(fit, seed):
    """Cut at one length there are no ties to part us: equal without replaying."""
    fitted, ones = fit(seed, 5, 20), np.ones(N, np.int64)
    lengths = np.sort(linkage(fitted)[:, 2])
    own = spanning_forest(country(seed), ones, need=6, longest=WHOLE)
    tree = condense(merge_levels(own, ones, floor=1.0), 5)
    for share in (0.3, 0.6, 0.9):
        near = slice(int(share * N) - 20, int(share * N) + 20)
        low = near.start + int(np.argmax(np.diff(lengths[near])))
        cut = (lengths[low] + lengths[low + 1]) / 2
        found = Field(tree, ones, country(seed), "inverse", cut**2)
        chosen = choose_clusters(
            found, Limits(least=5), method="distance", epsilon=0.0, roots_allowed=True
        )
        owner = assign_locations(found, chosen, 0.0).owner
        if fit is fitted_by_hdbscan:
            theirs = fitted.dbscan_clustering(cut, min_cluster_size=5)
        else:
            theirs = fitted.dbscan_clustering(cut)  # its least size is min_samples, 5
        assert len(partition(owner)) > 5
        assert partition(owner) == partition(theirs)


@pytest.mark.parametrize("seed", range(4))
def test_ties_alone_part_us_from_hdbscan(seed):
    """With equal heights merged at once few records change sides: those at tied hubs."""
    from sklearn.metrics import adjusted_rand_score

    fitted, ones = fitted_by_hdbscan(seed, 5, 20), np.ones(N, np.int64)
    own = spanning_forest(country(seed), ones, need=6, longest=WHOLE)
    _, choice = selected(own, seed, 20)
    assert adjusted_rand_score(choice.owner, fitted.labels_) > 0.8


# ---- what the two packages test of themselves -----------------------------------------------

CLASSIC = {"density_scale": "inverse", "max_extent_km": None, "min_membership": 0.0}


def towns(n=400, seed=0):
    rng = np.random.default_rng(seed)
    home = rng.integers(0, 4, n)
    table = {
        "kind": "firm",
        "country": "FR",
        "longitude": home * 1.5 + rng.normal(0, 0.05, n),
        "latitude": 46 + home % 2 + rng.normal(0, 0.05, n),
    }
    return as_records(pd.DataFrame(table, index=[f"r{i:04d}" for i in range(n)]))


@pytest.fixture(scope="module", params=[100.0, np.inf])
def built(request):
    return build_hierarchy(towns(), resolution_km=0.001, max_link_km=request.param)


@pytest.mark.parametrize("least", [401, 10**6])
def test_fewer_records_than_a_region_needs_are_noise(built, least):
    told = label_records(built, min_cluster_size=least, **CLASSIC)
    assert (told["label"] == -1).all()
    assert (told["membership"] == 0).all()


@pytest.mark.parametrize("method", ["eom", "leaf"])
def test_no_region_is_smaller_than_the_least(built, method):
    for least in (2, 3, 5, 10, 50, 90, 200):
        told = label_records(
            built, min_cluster_size=least, cluster_selection_method=method, **CLASSIC
        )
        sizes = told["label"][told["label"] >= 0].value_counts()
        assert (sizes >= least).all()
        assert sorted(sizes.index) == list(range(len(sizes)))  # labels without gaps


def test_every_record_as_single_needs_two():
    for n in (1, 2):
        told = label_records(build_hierarchy(towns(n), resolution_km=0.001), min_cluster_size=2)
        assert (told["label"] == -1).all()


@pytest.mark.parametrize("scale", ["log", "inverse"])
def test_identical_records_are_one_region(scale):
    table = towns(30).assign(longitude=2.0, latitude=48.0)
    told = label_records(build_hierarchy(table), density_scale=scale)
    assert told.drop_duplicates().to_numpy().tolist() == [[0, 1.0, 0.0]]


def test_without_structure_all_are_one_region_where_that_is_allowed():
    rng = np.random.default_rng(0)
    even = towns(300).assign(longitude=rng.uniform(0, 1, 300), latitude=rng.uniform(45, 46, 300))
    classic = build_hierarchy(even, min_samples=5, resolution_km=0.001, max_link_km=np.inf)
    rules = {**CLASSIC, "min_cluster_size": 120}
    assert (label_records(classic, **rules)["label"] == -1).all()
    told = label_records(classic, **rules, allow_single_cluster=True)
    assert (told["label"] == 0).all()
    for epsilon in (1.0, 500.0):
        rules["cluster_selection_epsilon_km"] = epsilon
        told = label_records(classic, **rules, allow_single_cluster=True)
        assert (told["label"] == 0).all()


def test_leaves_are_never_fewer_than_regions_by_mass(built):
    by_mass, leaves = (
        label_records(built, cluster_selection_method=method, **CLASSIC)["label"]
        for method in ("eom", "leaf")
    )
    assert leaves.max() >= by_mass.max() >= 3
    inside = by_mass.groupby(leaves).nunique()[lambda count: count.index >= 0]
    assert (inside == 1).all()  # every leaf lies within one region


def test_scores_are_finite_and_within_bounds_with_and_without_duplicates(built):
    twice = pd.concat([towns(), towns().rename("copy-{}".format)])
    for hierarchy in (built, build_hierarchy(twice, resolution_km=1e-6)):
        for scale in ("log", "inverse"):
            rules = {"density_scale": scale, "min_membership": 0.0}
            told = label_records(hierarchy, **rules)
            assert told["outlier_score"].between(0, 1).all()
            assert (told["membership"] > 0).equals(told["label"] >= 0)
            assert told["membership"].max() == 1.0


def test_predicting_what_was_clustered_gives_its_labels(built):
    """The packages' prediction does not promise this of its training data."""
    found = extract_regions(built, **CLASSIC)
    told = locate_records(found, towns())
    pd.testing.assert_series_equal(told["region_id"], found.region_of, check_names=False)
    assert told["membership"].equals(found.membership)


def test_a_record_far_from_all_is_noise_and_one_in_the_middle_belongs(built):
    found = extract_regions(built, **CLASSIC)
    new = pd.DataFrame({"longitude": [0.0, 90.0], "latitude": [46.0, -40.0]})
    told = locate_records(found, new)
    assert told["region_id"].notna().tolist() == [True, np.isinf(built.max_link_km) and False]
    assert told["outlier_score"].iloc[0] < told["outlier_score"].iloc[1]
