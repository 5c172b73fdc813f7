"""A condensed tree laid out for selection, so that clusters are judged many at a time.

Clusters get places on a walk that visits parents first: a cluster and all below it are then one
run of places, and their locations one run of `members`.  Whatever is asked of many clusters is
answered over their runs laid end to end (`runs`), in blocks of bounded size, without a loop over
clusters.  Sums over locations run in the order of their numbers, sums over clusters in the order
of theirs, so that no rounding depends on how the tree was found.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from geoclust.clustering import loops
from geoclust.clustering.density import density
from geoclust.clustering.hierarchy import Condensed, run_loop
from geoclust.sphere import Floats, Ints

LEAST_MEMBERSHIP = 1e-6
"""A member's membership is at least this, so that zero always means noise."""

BLOCK = 1_000_000
"""Members looked at together."""


@dataclass(frozen=True, eq=False)
class Field:
    """A condensed tree laid out for selection: life spans, and each cluster's locations.

    Attributes
    ----------
    tree
        The condensed tree, of k clusters.
    weight
        Units on each location, shape (n,).
    positions
        Grid positions, shape (3, n).
    scale
        "log" or "inverse".
    cut
        Squared length above which nothing counts; infinite unless cutting at a distance.
    birth, leave
        Densities at which clusters (k,) are born and locations (n,) leave.
    members
        Locations in clusters, along the walk.
    first, last
        Run of each cluster, with those below it, in `members`.
    peak, lowest
        Greatest density, and least squared length, at which a location of the cluster, or of one
        below, leaves (k,).
    """

    tree: Condensed
    weight: Ints
    positions: Floats
    scale: str
    cut: float = np.inf
    birth: Floats = field(init=False)
    leave: Floats = field(init=False)
    members: Ints = field(init=False)
    first: Ints = field(init=False)
    last: Ints = field(init=False)
    peak: Floats = field(init=False)
    lowest: Floats = field(init=False)

    def __post_init__(self) -> None:
        tree, n = self.tree, len(self.tree.cluster)
        k, inside = len(tree.parent), np.flatnonzero(tree.cluster >= 0)
        home, leave = tree.cluster[inside], density(tree.leave, self.scale)
        lowest, peak = np.full(k, np.inf), np.full(k, -np.inf)
        np.minimum.at(lowest, home, tree.leave[inside])
        np.maximum.at(peak, home, leave[inside])
        arrays = tree.parent, np.ones(k, np.int64), lowest, peak
        size, lowest, peak = run_loop(loops.gather, n, arrays, keep=(1, 2, 3))
        arrays = tree.parent, size, *np.zeros((2, k), np.int64)
        walk, _ = run_loop(loops.tour, n, arrays, keep=(2, 3))
        start, members = _laid_out(tree.cluster, np.bincount(home, minlength=k), walk)
        found = {
            "birth": density(np.minimum(tree.birth, self.cut), self.scale),
            "leave": leave,
            "members": members,
            "first": start[walk],
            "last": start[walk + size],
            "peak": peak,
            "lowest": lowest,
        }
        for name, value in found.items():
            object.__setattr__(self, name, value)

    def runs(self, clusters: Ints) -> tuple[Ints, Ints]:
        """Locations in each of the clusters or below, up to the cut, and whose they are.

        Returns
        -------
        locations, which
            Of equal length; `which` counts along `clusters` and ascends.
        """
        length = self.last[clusters] - self.first[clusters]
        which = np.repeat(np.arange(len(clusters)), length)
        offset = self.first[clusters] - (np.cumsum(length) - length)
        locations = self.members[np.arange(len(which)) + offset[which]]
        if self.cut == np.inf:
            return locations, which
        alive = self.tree.leave[locations] <= self.cut
        return locations[alive], which[alive]

    def blocks(self, clusters: Ints) -> Iterator[slice]:
        """Parts of `clusters` whose runs are no longer than `BLOCK` together, or single ones."""
        length = np.cumsum(self.last[clusters] - self.first[clusters])
        low = 0
        while low < len(clusters):
            before = length[low - 1] if low else 0
            high = max(low + 1, int(np.searchsorted(length, before + BLOCK, side="right")))
            yield slice(low, high)
            low = high

    def membership(self, cluster: Ints, leave: Floats) -> Floats:
        """Life in a cluster of records that leave it at a density, over the longest life there.

        Parameters
        ----------
        cluster
            Number of a cluster per record.
        leave
            Density per record.
        """
        if self.scale == "inverse":
            share, longest = leave, self.peak[cluster]
        else:
            birth = self.birth[cluster]
            share, longest = np.maximum(leave - birth, 0.0), self.peak[cluster] - birth
        lives = longest > 0
        return np.where(
            lives, np.maximum(share / np.where(lives, longest, 1.0), LEAST_MEMBERSHIP), 1.0
        )

    def kept(self, clusters: Ints, min_membership: float) -> tuple[Ints, Ints]:
        """`runs` without the locations whose membership is below `min_membership`."""
        locations, which = self.runs(clusters)
        if min_membership <= LEAST_MEMBERSHIP:
            return locations, which
        keep = self.membership(clusters[which], self.leave[locations]) >= min_membership
        return locations[keep], which[keep]


def _laid_out(cluster: Ints, counts: Ints, walk: Ints) -> tuple[Ints, Ints]:
    """Where each place's members begin, the last one's end, and the members in a row."""
    along = np.zeros(len(counts), np.int64)
    along[walk] = counts
    start = np.append(0, np.cumsum(along))
    arrays = cluster, start[walk], np.empty(start[-1], np.int64)
    (members,) = run_loop(loops.deal, len(cluster), arrays, keep=(2,))
    return start, members
