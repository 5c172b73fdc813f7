"""Exact minimum spanning forest of mutual reachability; with numpy alone for small inputs.

An edge's length is the greatest of the distance and both core distances (mutual reachability).
The forest is built in two steps.  Every location is linked to a listed neighbour that comes
before it in the order (core distance, number), if one lies within its core distance: the edge is
as long as that core distance, the least that any edge there can be, so it belongs to some minimum
spanning forest, and all of them together close no cycle, since each leads to an earlier location.
Then Prim's method runs over the trees so found, one step per tree.  The lengths of a minimum
spanning forest are the same whichever it is, and so are the components at each level, the only
things that the hierarchy uses.

Squared distances come as |p|^2 + |q|^2 - 2 p.q from matrix products; every term is a whole
number below 2**53, so nothing is lost to cancellation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoclust.clustering.kernels import compiled_pays
from geoclust.sphere import Floats, Ints

LARGEST_PLAIN = 20_000
"""Locations up to which compiled code is neither loaded nor made."""

BLOCK = 2_000_000
"""Elements of one block of a neighbour search."""

CACHED_BLOCK = 60_000
"""Elements of one block of distances that should stay in the processor's cache."""

TIDY_EVERY = 8
"""Steps of Prim's method after which what is inside by now leaves the working arrays."""

Int32s = NDArray[np.int32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Forest:
    """Edges of a minimum spanning forest and the core distances behind them.

    Attributes
    ----------
    a, b
        Locations that each edge joins, shape (m,).
    squared
        Squared length of each edge in grid steps, whole numbers, shape (m,).
    core
        Squared core distance of each location, shape (n,); infinite where all locations
        together weigh too little.
    longest
        Squared length up to which edges were looked for.
    """

    a: Int32s
    b: Int32s
    squared: Floats
    core: Floats
    longest: float

    def up_to(self, longest: float) -> "Forest":
        """Return the forest without edges longer than `longest` (squared)."""
        keep = self.squared <= longest
        return Forest(self.a[keep], self.b[keep], self.squared[keep], self.core, longest)


def spanning_forest(positions: Floats, weight: Ints, *, need: int, longest: float) -> Forest:
    """Minimum spanning forest of the mutual reachability of weighted locations.

    An edge's length is the greatest of the distance and both core distances.

    Parameters
    ----------
    positions
        Whole numbers, shape (3, n); all distinct.
    weight
        Whole-number weight per location, shape (n,).
    need
        Weight, its own included, that must lie within a location's core distance.
    longest
        Squared length; no longer edge is kept.

    Examples
    --------
    >>> line = np.array([[0.0, 3.0, 5.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> found = spanning_forest(line, np.ones(3, np.int64), need=2, longest=100.0)
    >>> found.core.tolist(), sorted(found.squared.tolist())
    ([9.0, 4.0, 4.0], [4.0, 9.0])
    """
    return spanning_forests(positions, weight, needs=[need], longest=longest)[0]


def spanning_forests(
    positions: Floats, weight: Ints, *, needs: Sequence[int], longest: float
) -> list[Forest]:
    """Forests for several weights within the core distance, from one neighbour search.

    The nearest locations that together weigh the greatest need hold those that weigh less.

    Parameters
    ----------
    positions, weight, longest
        As for `spanning_forest`.
    needs
        Weights, in any order.

    Returns
    -------
    list of Forest
        One per need, each equal to what `spanning_forest` gives (up to the choice among ties).
    """
    n = positions.shape[1]
    forests = {need: _no_edges(np.full(n, np.inf), longest) for need in needs}
    known = sorted(need for need in forests if weight.sum() >= need)
    if not known:
        pass
    elif compiled_pays(n, LARGEST_PLAIN):
        from geoclust.clustering.compiled import compiled_forests  # noqa: PLC0415 - loads numba

        found = compiled_forests(positions, weight, needs=known, longest=longest)
        for need, (a, b, squared, core) in zip(known, found, strict=True):
            forests[need] = Forest(a.astype(np.int32), b.astype(np.int32), squared, core, longest)
    else:
        cores, near, squared = neighbourhoods(positions, weight, known)
        for need, core in zip(known, cores, strict=True):
            forests[need] = _plain_forest(positions, core, (near, squared), longest)
    return [forests[need] for need in needs]


def _plain_forest(
    positions: Floats, core: Floats, lists: tuple[Ints, Floats], longest: float
) -> Forest:
    """Forest from core distances and neighbour lists."""
    linked, to, tree = _link_to_denser(core, *lists)
    a, b, length = _join_trees(positions, core, tree)
    edges = np.append(linked, a), np.append(to, b), np.append(core[linked], length)
    keep = edges[2] <= longest
    first, second = (ends[keep].astype(np.int32) for ends in edges[:2])
    return Forest(first, second, edges[2][keep], core, longest)


def _no_edges(core: Floats, longest: float) -> Forest:
    nobody = np.empty(0, np.int32)
    return Forest(nobody, nobody, np.empty(0), core, longest)


def neighbourhoods(
    positions: Floats, weight: Ints, needs: Sequence[int]
) -> tuple[list[Floats], Ints, Floats]:
    """Squared core distances (n,) per need, near neighbours and squared distances (n, k), sorted.

    A few neighbours are enough where every location weighs a whole record; where shares of
    records are counted, the search widens until the weight is reached.  All locations together
    must weigh at least the greatest need.

    Examples
    --------
    >>> line = np.array([[0.0, 3.0, 5.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> neighbourhoods(line, np.array([5, 1, 1]), [4])[0][0].tolist()
    [0.0, 9.0, 25.0]
    """
    from scipy.spatial import KDTree  # noqa: PLC0415 - heavy

    points = np.ascontiguousarray(positions.T)
    tree, need = KDTree(points), max(needs)
    k = min(len(points), 1 + max(1, round(need / max(int(np.median(weight)), 1))), 64)
    near, squared = nearest_to(tree, points, points, k)
    cores = [np.full(len(points), np.inf) for _ in needs]
    for core, enough in zip(cores, needs, strict=True):
        core[:], missing = reached(weight, near, squared, enough)
        wide = k
        while missing.any():
            wide = min(2 * wide, len(points))
            rows = np.flatnonzero(missing)
            for part in np.array_split(rows, -(-len(rows) * wide // BLOCK)):
                found = _nearest(tree, points, part, wide)
                core[part], missing[part] = reached(weight, *found, enough)
    return cores, near, squared


def nearest_to(tree: Any, points: Floats, places: Floats, k: int) -> tuple[Ints, Floats]:  # noqa: ANN401
    """The k nearest of `points` (n, 3) to each of `places` (m, 3), and exact squared distances.

    `tree` is scipy's over the points.  Its distances are not used: they are roots.
    """
    near = tree.query(places, k=k)[1].reshape(len(places), k)
    squared = np.zeros(near.shape)
    for axis in range(3):
        squared += (points[near, axis] - places[:, axis, None]) ** 2
    return near, squared


def _nearest(tree: Any, points: Floats, rows: Ints, k: int) -> tuple[Ints, Floats]:  # noqa: ANN401
    """The k nearest locations of each of `rows`, self included, and exact squared distances."""
    return nearest_to(tree, points, points[rows], k)


def reached(weight: Ints, near: Ints, squared: Floats, need: int) -> tuple[Floats, Bools]:
    """Core distances where the neighbours weigh enough, and where they do not."""
    enough = np.cumsum(weight[near], axis=1) >= need
    column = enough.argmax(axis=1)
    return squared[np.arange(len(near)), column], ~enough[:, -1]


def _link_to_denser(core: Floats, near: Ints, squared: Floats) -> tuple[Ints, Ints, Ints]:
    """Locations linked, to which, and the number of the tree of every location."""
    own = np.arange(len(core))
    earlier = (core[near] < core[:, None]) | ((core[near] == core[:, None]) & (near < own[:, None]))
    usable = earlier & (squared <= core[:, None])
    linked = np.flatnonzero(usable.any(axis=1))
    to = own.copy()
    to[linked] = near[linked, usable[linked].argmax(axis=1)]
    root = to
    while not np.array_equal(further := root[root], root):
        root = further
    return linked, to[linked], np.unique(root, return_inverse=True)[1]


class _Outside:
    """Locations not yet in the growing tree, and the shortest edge to each from inside."""

    def __init__(self, points: Floats, core: Floats) -> None:
        norm, ones = (points**2).sum(axis=1), np.ones(len(points))
        self.inner = np.column_stack([-2 * points, ones, norm])
        self.outer = np.column_stack([points, norm, ones])  # inner . outer = squared distance
        self.core = core
        self.left = np.arange(len(points))
        self.live, self.live_core = self.outer, core
        self.best = np.full(len(points), np.inf)
        self.link = np.zeros(len(points), np.int64)
        self.waiting = np.ones(len(points), np.bool_)

    def take_in(self, part: slice, tree: int) -> None:
        """Move the locations of `part`, one tree, inside and shorten the edges of the others."""
        ends = np.searchsorted(self.left, (part.start, part.stop))
        self.waiting[ends[0] : ends[1]] = False
        length = np.maximum(self._from(part), self.live_core)
        closer = length < self.best
        np.copyto(self.best, length, where=closer)
        np.copyto(self.link, tree, where=closer)

    def _from(self, part: slice) -> Floats:
        """Least of max(squared distance, core) from `part` to each location still listed."""
        least = np.full(len(self.live), np.inf)
        step = max(1, CACHED_BLOCK // len(self.live))
        for low in range(part.start, part.stop, step):
            rows = slice(low, min(low + step, part.stop))
            block = self.inner[rows] @ self.live.T
            np.maximum(block, self.core[rows, None], out=block)
            np.minimum(least, block.min(axis=0), out=least)
        return least

    def forget_inside(self) -> None:
        """Drop from the working arrays what is inside by now."""
        keep = self.waiting
        self.left, self.live, self.live_core = (
            self.left[keep],
            self.live[keep],
            self.live_core[keep],
        )
        self.best, self.link = self.best[keep], self.link[keep]
        self.waiting = np.ones(len(self.left), np.bool_)

    def nearest(self) -> tuple[int, int, float]:
        """Location outside that is nearest to the tree, the tree it links to, squared length."""
        at = int(np.where(self.waiting, self.best, np.inf).argmin())
        return int(self.left[at]), int(self.link[at]), float(self.best[at])

    def end_inside(self, outside: int, part: slice) -> int:
        """Location of `part` at which the edge from `outside` is shortest."""
        length = np.maximum(self.inner[part] @ self.outer[outside], self.core[part])
        return int(part.start) + int(length.argmin())


def _join_trees(positions: Floats, core: Floats, tree: Ints) -> tuple[Ints, Ints, Floats]:
    """Shortest edges that join the trees numbered in `tree` into one, by Prim's method."""
    trees = int(tree.max()) + 1
    order = np.argsort(tree, kind="stable")
    first = np.searchsorted(tree[order], np.arange(trees + 1))
    outside = _Outside(positions.T[order], core[order])
    ends, length = np.empty((2, trees - 1), np.int64), np.empty(trees - 1)
    now = 0
    for step in range(trees - 1):
        outside.take_in(slice(first[now], first[now + 1]), now)
        if step % TIDY_EVERY == 0:
            outside.forget_inside()
        new, link, length[step] = outside.nearest()
        old = outside.end_inside(new, slice(first[link], first[link + 1]))
        ends[:, step] = order[old], order[new]
        now = int(tree[order[new]])
    return ends[0], ends[1], length
