"""The exact spanning forest from overlapping tiles, none of which sees all locations.

A tile is a cube of the 3-D grid, found by halving the cube around the Earth along all axes until
it holds few enough locations: dense places get small tiles, empty ones none, and there are no
poles and no date line.  Its worker is given the halo as well: all locations within 2 L of the
tightest box around the tile's own ones, L being the longest link.

*Claim*: a minimum spanning forest of the union of the tiles' forests up to L has the components
of the whole at every level t <= L, hence its multiset of lengths and its hierarchy.

*Proof.*  Let w be the mutual reachability of all locations, G its pairs with w <= L, and w' what
a tile's worker finds, who sees only the locations W of tile and halo.

1. Fewer locations only lengthen core distances, so w' >= w on every pair of W.
2. w' = w where p is the tile's own and w(p, q) <= L.  Then |p - q| <= L, so q is within L of the
   box; core(p) and core(q) are at most L, so the locations that decide them are within 2 L of the
   box and in W.  Own core distances up to L are exact for the same reason.
3. Let U be all tiles' pairs with w' <= L.  At a level t <= L, the pairs of U with w' <= t include
   every pair of G with w <= t, by 2, since each has an end that is some tile's own; and each of
   them has w <= t, by 1.  So U has the components of G at t.
4. A minimum spanning forest of a graph has its components at every level.  Replacing each tile's
   part of U by its forest therefore changes none, nor does the forest of the union.

The number of components at each level fixes the lengths; no order among ties is needed.  Squared
chords are whole numbers and 4 L^2 is exact, so no rounding touches "within".
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import tee
from typing import Any, Final, NamedTuple

import numpy as np

from geoclust.clustering.hierarchy import run_loop
from geoclust.clustering.spanning_tree import (
    BLOCK,
    Bools,
    Forest,
    nearest_to,
    reached,
    spanning_forest,
)
from geoclust.sphere import Floats, Ints

GRID_SIDE: Final = 2.0**26
"""Side in grid steps of the cube around the Earth; sides of tiles are its halves of halves."""

MOST_OWN: Final = 100_000
"""Locations of its own that a tile may have, unless its halo would hold far more anyway."""


class Tile(NamedTuple):
    """One tile's locations, by number.

    Attributes
    ----------
    loaded
        All that its worker needs, ascending: its own and the halo.
    own
        Whether each of them is the tile's own, same shape.
    """

    loaded: Ints
    own: Bools


@dataclass(frozen=True, eq=False)
class TileJob:
    """What a worker is sent: small, plain arrays, and nothing to look up.

    Attributes
    ----------
    positions
        Of tile and halo, int32, shape (3, m).
    weight
        Their units, shape (m,).
    own
        Which are the tile's own, shape (m,).
    need, longest
        As for `spanning_tree.spanning_forest`.
    """

    positions: Any
    weight: Ints
    own: Bools
    need: int
    longest: float


Found = tuple[Any, Any, Floats, Floats]
"""Ends and squared lengths of a tile's edges, numbered as loaded; own core distances."""

Runner = Callable[[Callable[[TileJob], Found], Iterable[TileJob]], Iterator[Found]]
"""Applies a function to jobs, here or elsewhere; yields the results in the order of the jobs."""


def tiled_forest(
    positions: Floats,
    weight: Ints,
    *,
    need: int,
    longest: float,
    largest: float = GRID_SIDE,
    most: int = MOST_OWN,
    run: Runner = map,
) -> Forest:
    """Minimum spanning forest up to `longest`, tile by tile; equal to `spanning_forest`.

    The lengths, the core distances and the components at every level are equal; among edges of
    one length others may be chosen.

    Parameters
    ----------
    positions
        Whole numbers below 2**25 either way, shape (3, n); all distinct.
    weight
        Whole-number weight per location, shape (n,).
    need
        Weight, its own included, that must lie within a location's core distance.
    longest
        Squared length; no longer edge is kept.
    largest
        Greatest side of a tile, grid steps.
    most
        Locations of its own beyond which a tile is split.
    run
        How the tiles are run.

    Examples
    --------
    >>> line = np.array([[0.0, 3.0, 5.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> found = tiled_forest(line, np.ones(3, np.int64), need=2, longest=4.0, largest=2.0)
    >>> found.core.tolist(), found.squared.tolist()
    ([9.0, 4.0, 4.0], [4.0])
    """
    n = positions.shape[1]
    core = np.full(n, np.inf)
    if weight.sum() < need:
        return Forest(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0), core, longest)
    tiles, taken = tee(cut_tiles(positions, longest=longest, largest=largest, most=most))
    jobs = (
        TileJob(
            positions[:, tile.loaded].astype(np.int32),
            weight[tile.loaded],
            tile.own,
            need,
            longest,
        )
        for tile in taken
    )
    parts = []
    for tile, (a, b, squared, cores) in zip(tiles, run(tile_forest, jobs), strict=True):
        core[tile.loaded[tile.own]] = cores
        names = tile.loaded.astype(np.int32)
        parts.append((names[a], names[b], squared))
    _fill_far(core, positions, weight, need)
    return Forest(*join_forests(n, parts), core, longest)


def tile_forest(job: TileJob) -> Found:
    """Forest up to the longest link over a tile and its halo, and own core distances.

    Core distances beyond the longest link are infinite: the tile cannot know them.

    Examples
    --------
    >>> line = np.array([[0, 3, 5], [0, 0, 0], [0, 0, 0]], np.int32)
    >>> own = np.array([False, True, True])
    >>> tile_forest(TileJob(line, np.ones(3, np.int64), own, 2, 4.0))[2:]
    (array([4.]), array([4., 4.]))
    """
    forest = spanning_forest(
        job.positions.astype(np.float64), job.weight, need=job.need, longest=job.longest
    )
    own = forest.core[job.own]
    return forest.a, forest.b, forest.squared, np.where(own <= job.longest, own, np.inf)


def _fill_far(core: Floats, positions: Floats, weight: Ints, need: int) -> None:
    """Find the core distances left infinite, for the record: they join nothing."""
    from scipy.spatial import KDTree  # noqa: PLC0415 - heavy

    far, k = np.flatnonzero(np.isinf(core)), 1
    points = np.ascontiguousarray(positions.T)
    tree = KDTree(points) if len(far) else None
    while len(far):
        k = min(8 * k, len(points))
        for rows in np.array_split(far, -(-len(far) * k // BLOCK)):
            found, missing = reached(weight, *nearest_to(tree, points, points[rows], k), need)
            core[rows] = np.where(missing, np.inf, found)
        far = far[np.isinf(core[far])]


def cut_tiles(
    positions: Floats, *, longest: float, largest: float = GRID_SIDE, most: int = MOST_OWN
) -> Iterator[Tile]:
    """Yield tiles that together own every location once, in a fixed order.

    Parameters
    ----------
    positions
        Whole numbers, shape (3, n).
    longest
        Squared length of the longest link.
    largest
        Greatest side, grid steps.
    most
        Locations beyond which a cube is split, as long as its halves are no narrower than the
        longest link: then the halo outweighs the tile.

    Examples
    --------
    >>> line = np.array([[-9.0, 0.0, 5.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> [tile.loaded.tolist() for tile in cut_tiles(line, longest=9.0, largest=8.0)]
    [[0], [1, 2]]
    """
    cubes = list(_cubes(positions, largest, most, smallest=float(np.sqrt(longest))))
    lows = np.array([positions[:, rows].min(axis=1) for rows in cubes])
    highs = np.array([positions[:, rows].max(axis=1) for rows in cubes])
    reach = 4 * longest
    for low, high, rows in zip(lows, highs, cubes, strict=True):
        apart = np.maximum(np.maximum(low - highs, lows - high), 0.0)
        near = np.flatnonzero((apart**2).sum(axis=1) <= reach)
        around = np.sort(np.concatenate([cubes[i] for i in near]))
        loaded = around[_outside_by(positions[:, around], low, high) <= reach]
        own = np.zeros(len(loaded), np.bool_)
        own[np.searchsorted(loaded, rows)] = True
        yield Tile(loaded, own)


def _cubes(positions: Floats, largest: float, most: int, *, smallest: float) -> Iterator[Ints]:
    """Numbers of the locations in each cube, ascending, empty cubes left out."""
    corner = np.full((3, 1), -GRID_SIDE / 2)
    open_ = [(np.arange(positions.shape[1]), corner, GRID_SIDE)]
    axes = np.array([[1], [2], [4]])
    while open_:
        rows, corner, side = open_.pop()
        half = side / 2
        if side <= largest and (len(rows) <= most or half < smallest):
            if len(rows):
                yield rows
            continue
        octant = ((positions[:, rows] >= corner + half) * axes).sum(axis=0)
        for at in range(7, -1, -1):  # the last pushed is opened first
            part = rows[octant == at]
            if len(part):
                open_.append((part, corner + half * ((at & axes) > 0), half))


def _outside_by(positions: Floats, low: Floats, high: Floats) -> Floats:
    """Squared distance of positions (3, m) from a box, 0 inside."""
    gap = np.maximum(np.maximum(low[:, None] - positions, positions - high[:, None]), 0.0)
    return np.asarray((gap**2).sum(axis=0))


def join_forests(n: int, parts: list[tuple[Any, Any, Floats]]) -> tuple[Any, Any, Floats]:
    """Ends and squared lengths of a minimum spanning forest of a union of forests.

    Kruskal's method; among equal edges the one given first is taken.

    Parameters
    ----------
    n
        Number of locations.
    parts
        Ends (numbers of locations) and squared lengths, per forest.

    Examples
    --------
    >>> both = ([0, 1], [1, 2], [4.0, 1.0]), ([2], [0], [2.0])
    >>> [x.tolist() for x in join_forests(3, [tuple(map(np.array, part)) for part in both])]
    [[1, 2], [2, 0], [1.0, 2.0]]
    """
    a, b, squared = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(squared, kind="stable")
    a, b, squared = a[order], b[order], squared[order]
    keep = np.zeros(len(order), np.bool_)
    (keep,) = run_loop(_keep_acyclic, n, (a, b, np.arange(n, dtype=np.int32), keep), keep=(3,))
    return a[keep], b[keep], squared[keep]


def _keep_acyclic(a: Any, b: Any, root: Any, keep: Any) -> None:  # noqa: ANN401 - lists or arrays
    """Mark the edges, taken in order, that close no cycle."""
    for i in range(len(a)):
        x, y = a[i], b[i]
        while root[x] != x:
            root[x] = root[root[x]]
            x = root[x]
        while root[y] != y:
            root[y] = root[root[y]]
            y = root[y]
        if x != y:
            root[max(x, y)] = min(x, y)
            keep[i] = True
