"""The spanning forest of large inputs: kd-tree, core distances, rounds of Boruvka.

Every round finds, for every component, one shortest edge that leaves it, and adds it unless it
closes a cycle.  *Any order is right, also among ties.*  Let F be the forest before edge e of
component c is tried, S the tree of F that holds c, and e leave S.  The |S| - 1 edges of this round
in S, S counted in components, came each from a different component other than c, so every other
component in S gave one: they lead towards c along lengths that do not increase, since each
component gave a shortest edge and the next edge on the way touches it.  So any edge that leaves S
at a component is at least as long as that component's edge, and thereby as the edge into c and as
e.  By exchange F + e extends to a minimum spanning forest.  Threads change only which of several
equal edges is found.

Importing this module loads numba.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from geoclust.clustering.boruvka import (
    cross_pairs,
    describe_nodes,
    join_components,
    link_to_denser,
    number_components,
    search_pairs,
    seed_bounds,
    share_best,
)
from geoclust.clustering.kdtree import core_distances, grow_tree
from geoclust.clustering.kernels import note_loaded
from geoclust.sphere import Floats, Ints

KEPT_NEIGHBOURS: Final = 8
MOST_ROOM: Final = 64
POINTS_PER_THREAD: Final = 40_000
"""Below, waking a further thread costs more than it saves."""


class _Points(NamedTuple):
    """Points in tree order, their core distances and neighbour lists, and the kd-tree."""

    at: Floats
    core: Floats
    near: NDArray[np.int32]
    start: Ints
    box: Floats


def compiled_forests(
    positions: Floats, weight: Ints, *, needs: Sequence[int], longest: float
) -> list[tuple[Ints, Ints, Floats, Floats]]:
    """Per need ends, squared lengths and core distances, as `spanning_tree` has them.

    Parameters
    ----------
    positions, weight, longest
        As for `spanning_tree.spanning_forest`.
    needs
        Ascending; all locations together must weigh at least the last.
    """
    with _threads_for(positions.shape[1]):
        order, at, start, box = grow_tree(positions)
        units = weight[order]
        room = int(min(max(1, needs[-1] // max(int(np.median(units)), 1)), MOST_ROOM))
        kept = min(room + 1, KEPT_NEIGHBOURS)
        wanted = np.array(needs, np.int64)
        cores, near = core_distances(at, units, start, box, wanted, room, kept)
        forests = []
        for found in cores:
            growing = _Growing(_Points(at, found, near, start, box), longest)
            a, b, squared = growing.edges()
            core = np.empty(len(found))
            core[order] = found
            forests.append((order[a], order[b], squared, core))
    note_loaded()
    return forests


@contextmanager
def _threads_for(n: int) -> Iterator[None]:
    """Let numba use no more threads than n points can keep busy."""
    before = numba.get_num_threads()
    numba.set_num_threads(max(1, min(before, n // POINTS_PER_THREAD)))
    try:
        yield
    finally:
        numba.set_num_threads(before)


class _Growing:
    """A forest that grows by one edge per component and round."""

    def __init__(self, points: _Points, longest: float) -> None:
        n, nodes = len(points.core), len(points.box)
        self.points, self.longest = points, longest
        self.ends = np.empty((2, n), np.int32)
        self.lengths = np.empty(n)
        self.component, self.count = np.arange(n, dtype=np.int32), n
        self.listed = np.ones(n, np.bool_)  # whose neighbour lists still name other components
        self.nodes = np.empty(nodes, np.int32), np.empty(nodes), np.empty(nodes)

    def edges(self) -> tuple[NDArray[np.int32], NDArray[np.int32], Floats]:
        """Both ends, in tree order, and squared lengths of the edges of the whole forest."""
        root = np.arange(self.count, dtype=np.int32)
        points, edges = self.points, (*self.ends, self.lengths)
        made = link_to_denser(points.at, points.core, points.near, self.longest, root, *edges)
        self._merge(root)
        before = self.count + 1
        while 1 < self.count < before:
            before, root = self.count, np.arange(self.count, dtype=np.int32)
            made = join_components(root, self.component, *self._shortest(), *edges, made)
            self._merge(root)
        return self.ends[0, :made], self.ends[1, :made], self.lengths[:made]

    def _merge(self, root: NDArray[np.int32]) -> None:
        """Number the components anew."""
        number = np.empty(len(root), np.int32)
        self.count = number_components(root, number)
        self.component = number[self.component]

    def _shortest(self) -> tuple[Floats, NDArray[np.int32], NDArray[np.int32]]:
        """Rows per thread of (length, p, q): each component's shortest edge.

        Seeded from the neighbour lists; then every subtree with itself, where near pairs come
        first; then the pairs of subtrees that can still matter.
        """
        at, core, near, start, box = self.points
        threads = numba.get_num_threads()
        bound = np.full((threads, self.count), np.nextafter(self.longest, np.inf))
        ends = np.full((2, threads, self.count), -1, np.int32)
        found = bound, ends[0], ends[1]
        depth = max(0, min(len(start).bit_length() - 2, 6 + threads.bit_length() // 2))
        level = np.arange((1 << depth) - 1, (1 << (depth + 1)) - 1)
        seed_bounds(at, core, near, self.component, self.listed, *found, threads)
        for across in (False, True):
            share_best(*found, threads)
            describe_nodes(self.component, core, start, bound, *self.nodes, threads)
            pairs = cross_pairs(box, *self.nodes, bound[0], depth) if across else (level, level)
            search_pairs(at, core, self.component, start, box, *self.nodes, *pairs, *found, threads)
        share_best(*found, threads)
        return found
