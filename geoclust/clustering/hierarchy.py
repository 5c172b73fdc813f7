"""Merges of equal height at once, and the condensed tree of what is heavy enough.

A minimum spanning forest is not unique among ties, but the components that its edges up to a
length make are those of the whole graph, whichever forest it is.  So all edges of one length are
merged at once, into one n-ary node, and nothing here depends on which forest was found, nor on the
order of rows or the number of threads behind it.  HDBSCAN takes tied edges one by one instead,
in an order of chance; ties are common, since a hub's core distance is the length of several edges.

A location of weight w stands for w records: it is a node of its own, alive down to its own core
distance (the self-edge of HDBSCAN*), so that it gives what w single rows would.

Loops are plain Python over lists for small inputs and the same code compiled over arrays for
large ones.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from geoclust.clustering import loops
from geoclust.clustering.kernels import compiled_loop, compiled_pays
from geoclust.clustering.spanning_tree import LARGEST_PLAIN, Forest
from geoclust.sphere import Floats, Ints


@dataclass(frozen=True, eq=False)
class Merges:
    """All components at all levels: locations first, then one node per edge, shortest first.

    Attributes
    ----------
    parent
        Node that each node merges into, -1 for the last of its tree.
    joint
        Topmost node on the node's own level above it: nodes that share it are one n-ary merge.
    level
        Squared length at which the node's records come together.
    weight
        Weight below the node, in units.
    count
        Number of locations.
    ceiling
        Squared length at which the trees that remain are born.
    """

    parent: Ints
    joint: Ints
    level: Floats
    weight: Ints
    count: int
    ceiling: float


@dataclass(frozen=True, eq=False)
class Condensed:
    """Clusters (k,), parents first, longest birth first, and the locations (n,) in them.

    Attributes
    ----------
    parent
        Cluster that each cluster splits off from, -1 for the root of a tree.
    birth
        Squared length at which the cluster splits off.
    weight
        Weight at birth, in units.
    cluster
        Lowest cluster that holds each location, -1 for none.
    leave
        Squared length at which a location's records leave that cluster.
    """

    parent: Ints
    birth: Floats
    weight: Ints
    cluster: Ints
    leave: Floats


def merge_levels(forest: Forest, weight: Ints, *, floor: float) -> Merges:
    """Merge the locations along the edges of a forest, all edges of one level at once.

    Parameters
    ----------
    forest
        Minimum spanning forest; locations with a core distance beyond its `longest` stay alone.
    weight
        Units on each location, shape (n,).
    floor
        Squared length; all levels below it count as it.

    Examples
    --------
    >>> core = np.array([4.0, 4.0, 4.0])
    >>> edges = np.array([0, 1], np.int32), np.array([1, 2], np.int32), np.array([4.0, 4.0])
    >>> merges = merge_levels(Forest(*edges, core, 9.0), np.ones(3, np.int64), floor=1.0)
    >>> merges.weight.tolist(), merges.joint.tolist()
    ([1, 1, 1, 2, 3], [4, 4, 4, 4, 4])
    """
    n = len(forest.core)
    order = np.argsort(forest.squared)  # in any order among equals: they merge at once
    nodes = n + len(order)
    level = np.concatenate([forest.core, forest.squared[order]])
    np.maximum(level, floor, out=level)
    total = np.concatenate([weight, np.zeros(len(order), np.int64)])
    ends, alone = (forest.a[order], forest.b[order]), np.full(nodes, -1, np.int32)
    own = np.arange(nodes, dtype=np.int32)
    parent, total = run_loop(loops.merge, n, (*ends, alone, total, own.copy()), keep=(2, 3))
    (joint,) = run_loop(loops.same_level, n, (parent, level, own), keep=(2,))
    return Merges(parent, joint, level, total, n, forest.longest)


def canonical_forest(forest: Forest, weight: Ints) -> Forest:
    """Return the one forest of given components that no choice among ties has touched.

    For each n-ary merge, the least location of all is joined to the least of every other part, at
    the length of the merge.  So the components at every level are those of `forest`, though not
    every edge is as long as its ends are apart.

    Parameters
    ----------
    forest
        Any minimum spanning forest.
    weight
        Units on each location, shape (n,).

    Examples
    --------
    >>> core, length = np.full(3, 4.0), np.array([4.0, 4.0])
    >>> edges = np.array([0, 2], np.int32), np.array([2, 1], np.int32), length
    >>> found = canonical_forest(Forest(*edges, core, 9.0), np.ones(3, np.int64))
    >>> found.a.tolist(), found.b.tolist(), found.squared.tolist()
    ([0, 0], [1, 2], [4.0, 4.0])
    """
    merges, n = merge_levels(forest, weight, floor=0.0), len(forest.core)
    own = np.arange(len(merges.parent), dtype=np.int32)
    least = np.where(own < n, own, np.int32(n))
    (least,) = run_loop(loops.lowest, n, (merges.parent, least), keep=(1,))
    part = np.flatnonzero(((own < n) | (merges.joint == own)) & (merges.parent >= 0))
    whole = merges.joint[merges.parent[part]]
    other = least[part] != least[whole]
    part, whole = part[other], whole[other]
    a, b, squared = least[whole], least[part], merges.level[whole]
    order = np.lexsort((b, a, squared))
    return Forest(a[order], b[order], squared[order], forest.core, forest.longest)


def condense(merges: Merges, least: int) -> Condensed:
    """Keep of all components those that split off from another or from the ceiling.

    Going down, at each n-ary merge the children of weight `least` or more are clusters: two or
    more become new ones, exactly one carries the cluster on; what is lighter leaves at that level.
    Every tree of weight `least` or more is a cluster, born at the ceiling.

    Parameters
    ----------
    merges
        From `merge_levels`.
    least
        Weight in units, more than one record's.

    Examples
    --------
    >>> core = np.array([4.0, 4.0, 4.0])
    >>> edges = np.array([0, 1], np.int32), np.array([1, 2], np.int32), np.array([4.0, 4.0])
    >>> merges = merge_levels(Forest(*edges, core, 9.0), np.ones(3, np.int64), floor=1.0)
    >>> condense(merges, 2).leave.tolist()
    [4.0, 4.0, 4.0]
    """
    nodes, n = len(merges.parent), merges.count
    shape = merges.parent, merges.joint, merges.level, merges.weight
    counted = *shape, least, np.zeros(nodes, np.int32)
    (heavy,) = run_loop(loops.count_heavy, n, counted, keep=(5,))
    room = int(heavy[heavy > 1].sum()) + int((merges.parent < 0).sum())
    cluster, leave = np.zeros(nodes, np.int32), np.full(nodes, -1, np.int32)
    above, depth = np.zeros((2, room), np.int32)
    arrays = *shape, heavy, least, merges.ceiling, cluster, leave, above, np.zeros(room), depth
    found = run_loop(loops.condense, n, arrays, keep=(7, 8, 9, 10, 11))
    (cluster, leave), (above, birth, depth) = (nodes[:n] for nodes in found[:2]), found[2:]
    k = int(cluster.max(initial=-1)) + 1
    own = np.minimum(merges.level[:n], merges.ceiling)
    left = np.where(leave < 0, own, merges.level[leave])  # its own level, or where it was too light
    left[cluster < 0] = np.inf
    condensed = Condensed(above[:k], birth[:k], np.zeros(k, np.int64), cluster, left)
    return _in_canonical_order(condensed, merges.weight[:n], depth[:k])


def run_loop(
    loop: Callable[..., None], size: int, arguments: tuple[Any, ...], *, keep: tuple[int, ...]
) -> list[Any]:
    """Run a loop that fills its last arrays, compiled where that pays; return those to keep.

    Parameters
    ----------
    loop
        From `loops`.
    size
        Number of locations, by which the path is chosen.
    arguments
        Arrays and numbers; those to keep may be filled in place, and are to be handed over fresh.
    keep
        Places among the arguments of the arrays that are filled.
    """
    if compiled_pays(size, LARGEST_PLAIN):
        compiled_loop(loop)(*arguments)
        return [arguments[i] for i in keep]
    lists = [a.tolist() if isinstance(a, np.ndarray) else a for a in arguments]
    loop(*lists)
    return [np.array(lists[i], dtype=arguments[i].dtype) for i in keep]


def _in_canonical_order(tree: Condensed, units: Ints, depth: Ints) -> Condensed:
    """Number clusters by birth, longest first, then parents first, then least location.

    Sums run in that order, so no rounding depends on how the tree was found.
    """
    k, n = len(tree.parent), len(tree.cluster)
    arrays = tree.cluster, units, np.zeros(k, np.int64), np.full(k, n)
    total, least = run_loop(loops.tally, n, arrays, keep=(2, 3))
    arrays = tree.parent, total, least, np.zeros(k, np.int64)
    total, least = run_loop(loops.gather, n, arrays, keep=(1, 2, 3))[:2]
    order = np.lexsort((least, depth, -tree.birth))
    rank = np.empty(k + 1, np.int32)
    rank[order] = np.arange(k, dtype=np.int32)
    rank[-1] = -1  # what -1, "none", maps to
    return Condensed(
        parent=rank[tree.parent[order]],
        birth=tree.birth[order],
        weight=total[order],
        cluster=rank[tree.cluster],
        leave=tree.leave,
    )
