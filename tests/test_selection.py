"""Selection against the upstream package, and the measuring of extents."""

import itertools

import numpy as np
import pytest
from hdbscan import HDBSCAN
from hypothesis import given
from hypothesis import strategies as st

from geoclust import sphere
from geoclust.clustering import extent
from geoclust.clustering.extent import wider_than, widest_of_each, widest_squared
from geoclust.clustering.field import Field
from geoclust.clustering.hierarchy import condense, merge_levels
from geoclust.clustering.selection import Limits, assign_locations, choose_clusters
from geoclust.clustering.spanning_tree import Forest, spanning_forest


def country(n, seed):
    """Continuous positions without duplicates in towns of many sizes."""
    rng = np.random.default_rng(seed)
    towns = rng.uniform(0, 6, (40, 2)), rng.uniform(0.01, 0.2, 40)
    home = rng.integers(0, 40, n)
    at = towns[0][home] + rng.normal(0, 1, (n, 2)) * towns[1][home, None]
    at[: n // 5] = rng.uniform(0, 6, (n // 5, 2))
    return sphere.grid_positions(at[:, 0], 47 + at[:, 1])


def upstream(positions, method, min_samples, least):
    return HDBSCAN(
        min_cluster_size=least,
        min_samples=min_samples,
        cluster_selection_method=method,
        approx_min_span_tree=False,
        core_dist_n_jobs=1,
    ).fit(np.ascontiguousarray(positions.T))


def labels(forest, positions, method, least):
    """Classic selection: inverse lengths, no root, no limits."""
    weight = np.ones(positions.shape[1], np.int64)
    tree = condense(merge_levels(forest, weight, floor=1.0), least)
    found = Field(tree, weight, positions, "inverse")
    chosen = choose_clusters(
        found, Limits(least=least), method=method, epsilon=0.0, roots_allowed=False
    )
    return assign_locations(found, chosen, 0.0).owner


def partition(label):
    groups = [frozenset(np.flatnonzero(label == c).tolist()) for c in np.unique(label[label >= 0])]
    return set(groups)


def replayed(fitted, core):
    """The package's own tree, each edge a level of its own, in its order."""
    merges = fitted.single_linkage_tree_.to_numpy()
    n = len(merges) + 1
    first = list(range(n))
    a, b, squared = [], [], []
    level = 0.0
    for left, right, length, _ in merges:
        a.append(first[int(left)])
        b.append(first[int(right)])
        first.append(first[int(left)])
        level = max(length**2, np.nextafter(level, np.inf))
        squared.append(level)
    ends = np.array(a, np.int32), np.array(b, np.int32)
    return Forest(*ends, np.array(squared), core, float((2 * sphere.RADIUS) ** 2))


@pytest.mark.parametrize("method", ["eom", "leaf"])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("min_samples", "least"), [(10, 50), (5, 20)])
def test_upstream_tree_in_its_own_order_gives_its_partition(method, seed, min_samples, least):
    positions = country(2500, seed)
    fitted = upstream(positions, method, min_samples, least)
    own = spanning_forest(
        positions, np.ones(2500, np.int64), need=min_samples + 1, longest=(2 * sphere.RADIUS) ** 2
    )
    replay = replayed(fitted, np.zeros(2500))
    ours = labels(replay, positions, method, least)
    assert len(partition(ours)) > 5
    assert partition(ours) == partition(fitted.labels_)
    lengths = np.sort(fitted.single_linkage_tree_.to_numpy()[:, 2])
    assert np.allclose(np.sort(np.sqrt(own.squared)), lengths, rtol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_ties_alone_part_us_from_upstream(seed):
    """With equal heights merged at once few records change sides: those at tied hubs."""
    from sklearn.metrics import adjusted_rand_score

    positions = country(2500, seed)
    fitted = upstream(positions, "eom", 5, 20)
    own = spanning_forest(
        positions, np.ones(2500, np.int64), need=6, longest=(2 * sphere.RADIUS) ** 2
    )
    ours = labels(own, positions, "eom", 20)
    assert adjusted_rand_score(ours, fitted.labels_) > 0.8


@pytest.mark.parametrize("n", [0, 1, 2, 3, 50, 3000])
@pytest.mark.parametrize("spread", [0.01, 2.0, 60.0])
def test_extent_is_the_farthest_pair(n, spread):
    rng = np.random.default_rng(n)
    at = rng.normal(0, spread, (2, n)), rng.normal(0, spread, n)
    points = sphere.grid_positions(at[0][0] % 360 - 180, np.clip(at[1], -90, 90))
    squared = np.zeros((n, n))
    for axis in range(3):
        squared += (points[axis, :, None] - points[axis, None]) ** 2
    wanted = squared.max() if n else 0.0
    assert widest_squared(points) == wanted
    assert not wider_than(points, wanted)
    if wanted:
        assert wider_than(points, wanted - 1)


@pytest.mark.parametrize("block", [1, 10**6])
def test_extents_of_many_runs(block, monkeypatch):
    monkeypatch.setattr(extent, "BLOCK", block)
    rng = np.random.default_rng(0)
    size = np.concatenate([np.arange(1, 70), rng.integers(1, 9, 50), [200]])
    positions = np.rint(rng.normal(0, 1e4, (3, size.sum())))
    bounds = np.append(0, np.cumsum(size))
    wanted = [widest_squared(positions[:, low:high]) for low, high in itertools.pairwise(bounds)]
    assert widest_of_each(positions, bounds).tolist() == wanted
    assert len(widest_of_each(positions[:, :0], np.zeros(1, np.int64))) == 0


@given(st.lists(st.tuples(*[st.integers(-9, 9)] * 3), min_size=2, max_size=30))
def test_extent_on_lattices(points):
    array = np.array(points, float).T
    pairs = itertools.combinations(array.T, 2)
    assert widest_squared(array) == max(((p - q) ** 2).sum() for p, q in pairs)
