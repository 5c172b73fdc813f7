# ruff: noqa: ANN001, ANN202 - kernels: numba infers the types
# mypy: allow-untyped-defs
"""Exact minimum spanning forest of mutual reachability by dual-tree Boruvka; compiled.

The length of a pair is max(|p - q|^2, core[p], core[q]), squared.  Every round finds, for every
component, one shortest edge that leaves it.  Bounds are kept per thread, so no two threads write
the same cell.  Any shortest edge is as good as another: the lengths of a minimum spanning forest
are unique, and with them the components at every level.

Importing this module loads numba; only inputs beyond `spanning_tree.LARGEST_PLAIN` need it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import numba
import numpy as np

from geoclust.clustering.compiler import kernel
from geoclust.clustering.dual_tree import (
    cross_pairs,
    describe_nodes,
    search_pairs,
    seed_bounds,
    share_best,
)
from geoclust.clustering.kdtree import core_distances, grow_tree
from geoclust.sphere import Floats, Ints

KEPT_NEIGHBOURS: Final = 16
MOST_ROOM: Final = 64
POINTS_PER_THREAD: Final = 100_000
"""Below, waking a further thread costs more than it saves."""


def compiled_forest(
    positions: Floats, weight: Ints, *, need: int, longest: float
) -> tuple[Ints, Ints, Floats, Floats]:
    """Ends, squared lengths and core distances, as `spanning_tree.spanning_forest` has them.

    All locations together must weigh at least `need`.
    """
    with _threads_for(positions.shape[1]):
        order, points, start, box = grow_tree(positions)
        units = weight[order]
        room = int(min(max(1, need // max(int(np.median(units)), 1)), MOST_ROOM))
        found, near = core_distances(
            points, units, start, box, need, room, min(room + 1, KEPT_NEIGHBOURS)
        )
        a, b, squared = _shortest_edges(points, found, near, start, box, longest)
    core = np.empty(len(found))
    core[order] = found
    return order[a], order[b], squared, core


@contextmanager
def _threads_for(n: int) -> Iterator[None]:
    """Let numba use no more threads than n points can keep busy."""
    before = numba.get_num_threads()
    numba.set_num_threads(max(1, min(before, n // POINTS_PER_THREAD)))
    try:
        yield
    finally:
        numba.set_num_threads(before)


def _shortest_edges(
    points: Floats, core: Floats, near: Ints, start: Ints, box: Floats, longest: float
) -> tuple[Any, Any, Floats]:
    """Edges of a minimum spanning forest of at most `longest`, all in tree order."""
    n = points.shape[1]
    edges = np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n)
    root, component = np.arange(n, dtype=np.int32), np.empty(n, np.int32)
    m = _link_to_denser(core, near, longest, root, *edges)
    count = _number_components(root, component)
    active = np.ones(n, np.bool_)
    nodes = np.empty(len(box), np.int32), np.empty(len(box)), np.empty(len(box))
    while count > 1:
        found = _shortest_per_component(
            (points, core, near), (start, box), component, count, active, nodes, longest
        )
        root, number = np.arange(count, dtype=np.int32), np.empty(count, np.int32)
        m = _join(root, component, *found, *edges, m)
        fewer = _number_components(root, number)
        if fewer == count:
            break
        component, count = number[component], fewer
    return edges[0][:m], edges[1][:m], edges[2][:m]


def _shortest_per_component(
    located: tuple[Floats, Floats, Ints],
    tree: tuple[Ints, Floats],
    component: Any,  # noqa: ANN401 - int32
    count: int,
    active: Any,  # noqa: ANN401 - bool
    nodes: tuple[Any, Floats, Floats],
    longest: float,
) -> tuple[Floats, Any, Any]:
    """Rows per thread of (length, p, q): each component's shortest edge of at most `longest`.

    Seeded from the neighbour lists; then every subtree with itself, where near pairs come first;
    then the pairs of subtrees that can still matter.
    """
    points, core, near = located
    start, box = tree
    threads = numba.get_num_threads()
    bound = np.full((threads, count), np.nextafter(longest, np.inf))
    found = bound, *np.full((2, threads, count), -1, np.int32)
    depth = max(0, min(len(start).bit_length() - 2, 6 + threads.bit_length() // 2))
    level = np.arange((1 << depth) - 1, (1 << (depth + 1)) - 1)
    searched = points, core, component, start, box, *nodes
    seed_bounds(points, core, near, component, active, *found, threads)
    for across in (False, True):
        share_best(*found, threads)
        describe_nodes(component, core, start, bound, *nodes, threads)
        pairs = cross_pairs(box, *nodes, bound[0], depth) if across else (level, level)
        search_pairs(*searched, *pairs, *found, threads)
    share_best(*found, threads)
    return found


@kernel(inline="always")
def _find(root, a):
    while root[a] != a:
        root[a] = root[root[a]]
        a = root[a]
    return a


@kernel()
def _link_to_denser(core, near, longest, root, first, second, length):
    """Link each point to a listed neighbour no less dense than itself; return the edge count.

    Such an edge is as long as core[p], the least that any edge at p can be.
    """
    n, k = near.shape
    m = 0
    for p in range(n):
        if core[p] > longest:
            continue
        for j in range(k):
            q = near[p, j]
            if q < 0:
                break
            if q != p and core[q] <= core[p]:
                a, b = _find(root, p), _find(root, q)
                if a != b:
                    root[max(a, b)] = min(a, b)
                    first[m], second[m], length[m] = p, q, core[p]
                    m += 1
                break
    return m


@kernel()
def _number_components(root, component):
    """Write consecutive component numbers (n,); return their count."""
    count = 0
    for p in range(len(root)):
        if root[p] == p:
            component[p] = count
            count += 1
        else:
            root[p] = root[root[p]]
            component[p] = component[root[p]]  # root[p] < p, already numbered
    return count


@kernel()
def _join(root, component, bound, best_p, best_q, first, second, length, m):
    """Add every component's shortest edge unless it closes a cycle; return the edge count."""
    for c in range(bound.shape[1]):
        if best_p[0, c] < 0:
            continue
        p, q = best_p[0, c], best_q[0, c]
        a, b = _find(root, component[p]), _find(root, component[q])
        if a != b:
            root[max(a, b)] = min(a, b)
            first[m], second[m], length[m] = p, q, bound[0, c]
            m += 1
    return m
