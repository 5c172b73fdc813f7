"""N-ary merges and the condensed tree: small cases by hand, and independence of the tree found."""

import numpy as np
import pytest

from geoclust.clustering import hierarchy
from geoclust.clustering import spanning_tree as trees
from geoclust.clustering.hierarchy import condense, merge_levels
from geoclust.clustering.spanning_tree import Forest


def forest(edges, core, longest=1e6):
    a, b, squared = np.array(edges, dtype=float).reshape(-1, 3).T
    return Forest(a.astype(np.int32), b.astype(np.int32), squared, np.array(core, float), longest)


def tree_of(edges, core, weight, least, *, floor=1.0, longest=1e6):
    merges = merge_levels(forest(edges, core, longest), np.array(weight), floor=floor)
    return condense(merges, least)


@pytest.fixture(params=["plain", "compiled"], autouse=True)
def path(request, monkeypatch):
    monkeypatch.setattr(hierarchy, "LARGEST_PLAIN", 0 if request.param == "compiled" else 10**9)


def test_two_groups_split_under_their_root():
    edges = [(0, 1, 4), (1, 2, 4), (3, 4, 9), (4, 5, 9), (2, 3, 100)]
    tree = tree_of(edges, [4, 4, 4, 9, 9, 9], [1] * 6, 3)
    assert tree.parent.tolist() == [-1, 0, 0]
    assert tree.birth.tolist() == [1e6, 100, 100]
    assert tree.weight.tolist() == [6, 3, 3]
    assert tree.cluster.tolist() == [1, 1, 1, 2, 2, 2]
    assert tree.leave.tolist() == [4, 4, 4, 9, 9, 9]


def test_three_groups_split_at_once():
    edges = [(0, 1, 1), (2, 3, 1), (4, 5, 1), (1, 2, 50), (3, 4, 50)]
    tree = tree_of(edges, [1] * 6, [1] * 6, 2)
    assert tree.parent.tolist() == [-1, 0, 0, 0]
    assert tree.cluster.tolist() == [1, 1, 2, 2, 3, 3]


def test_trees_apart_are_roots_of_their_own():
    tree = tree_of([(0, 1, 4), (2, 3, 4)], [4] * 5, [1] * 5, 2)
    assert tree.parent.tolist() == [-1, -1]
    assert tree.cluster.tolist() == [0, 0, 1, 1, -1]
    assert np.isinf(tree.leave[4])


def test_light_children_leave_and_one_heavy_carries_on():
    edges = [(0, 1, 4), (1, 2, 4), (2, 3, 25), (3, 4, 25)]
    tree = tree_of(edges, [4, 4, 4, 25, 25], [1] * 5, 3)
    assert tree.parent.tolist() == [-1]
    assert tree.leave.tolist() == [4, 4, 4, 25, 25]


def test_a_heavy_location_lives_down_to_its_core_distance():
    tree = tree_of([(0, 1, 100)], [9, 16], [5, 5], 3)
    assert tree.parent.tolist() == [-1, 0, 0]
    assert tree.leave.tolist() == [9, 16]
    alone = tree_of([], [9], [5], 3)
    assert (alone.parent.tolist(), alone.leave.tolist()) == ([-1], [9.0])


def test_a_heavy_location_as_sparse_as_the_merge_counts_as_single_records():
    tree = tree_of([(0, 1, 100)], [100, 16], [5, 5], 3)
    assert tree.parent.tolist() == [-1]
    assert tree.leave.tolist() == [100, 16]


def test_locations_sparser_than_the_longest_link_belong_to_nothing():
    tree = tree_of([], [4e6], [5], 3)
    assert tree.parent.tolist() == []
    assert tree.cluster.tolist() == [-1]


def test_the_floor_joins_what_lies_below():
    edges = [(0, 1, 4), (2, 3, 4), (1, 2, 9)]
    tree = tree_of(edges, [4] * 4, [1] * 4, 2, floor=16.0)
    assert tree.parent.tolist() == [-1]
    assert tree.leave.tolist() == [16.0] * 4


def test_nothing_gives_nothing():
    tree = tree_of([], [], np.empty(0, np.int64), 3)
    assert len(tree.parent) == len(tree.cluster) == 0


@pytest.mark.parametrize("seed", range(4))
def test_any_tree_and_any_order_give_the_same(seed):
    rng = np.random.default_rng(seed)
    positions = np.unique(rng.integers(0, 9, (500, 3)) * 1000.0, axis=0).T
    weight = rng.integers(1, 4, positions.shape[1])
    order = rng.permutation(len(weight))
    a = trees.spanning_forest(positions, weight, need=5, longest=3e6)
    b = trees.spanning_forest(positions[:, order], weight[order], need=5, longest=3e6)
    core = np.empty(len(weight))
    core[order] = b.core
    b = Forest(order[b.b].astype(np.int32), order[b.a].astype(np.int32), b.squared, core, 3e6)
    one, other = (condense(merge_levels(f, weight, floor=1.0), 6) for f in (a, b))
    assert len(one.parent) > 1
    for name in ("parent", "birth", "weight", "cluster", "leave"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
