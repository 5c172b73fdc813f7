"""Choose regions from a condensed tree, and score clusters and members.

Every cluster is judged by how long it lives.  Life is measured in the logarithm of the length
("log": all scales alike) or in 1/km ("inverse": HDBSCAN to the letter, which favours the
smallest scale).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from geoclust.clustering.extent import wider_than
from geoclust.clustering.hierarchy import Condensed
from geoclust.clustering.spanning_tree import Bools
from geoclust.sphere import Floats, Ints, arc_km

NEAR_TIE = 1e-9
"""A cluster wins against parts no better than this, relatively: sums are good to 1e-13."""

LEAST_MEMBERSHIP = 1e-6
"""A member's membership is at least this, so that zero always means noise."""


@dataclass(frozen=True, eq=False)
class Limits:
    """What a region may be.

    Attributes
    ----------
    least
        Units that its members must weigh.
    most
        Units that they may weigh, or None.
    squared_extent
        Squared chord that two members may be apart, or None.
    min_membership
        Members below it are noise.
    """

    least: int
    most: int | None = None
    squared_extent: float | None = None
    min_membership: float = 0.0


@dataclass(frozen=True, eq=False)
class Choice:
    """Chosen clusters and the locations (n,) in them.

    Attributes
    ----------
    chosen
        Numbers of the chosen clusters, ascending.
    owner
        Chosen cluster that holds each location, -1 for none.
    membership
        Within the owner, 0 to 1; 0 without one.
    kept
        Whether the location is a member of its owner, not noise.
    """

    chosen: Ints
    owner: Ints
    membership: Floats
    kept: Bools


@dataclass(frozen=True, eq=False)
class Field:
    """A condensed tree laid out for selection: life spans, and each cluster's locations.

    Attributes
    ----------
    tree
        The condensed tree.
    weight
        Units on each location, shape (n,).
    positions
        Grid positions, shape (3, n).
    scale
        "log" or "inverse".
    cut
        Squared length above which nothing counts; infinite unless cutting at a distance.
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

    def __post_init__(self) -> None:
        tree = self.tree
        inside = np.flatnonzero(tree.cluster >= 0)
        walk, end = _tour(tree.parent)
        place = walk[tree.cluster[inside]]
        order = np.argsort(place, kind="stable")
        place = place[order]
        found = {
            "birth": density(np.minimum(tree.birth, self.cut), self.scale),
            "leave": density(tree.leave, self.scale),
            "members": inside[order],
            "first": np.searchsorted(place, walk),
            "last": np.searchsorted(place, end),
        }
        for name, value in found.items():
            object.__setattr__(self, name, value)

    def below(self, cluster: int) -> Ints:
        """Locations in a cluster or in one below it, up to the cut."""
        found = self.members[self.first[cluster] : self.last[cluster]]
        return found if self.cut == np.inf else found[self.tree.leave[found] <= self.cut]

    def membership(self, cluster: int, locations: Ints) -> Floats:
        """Lifetime of each location's records in the cluster over the longest lifetime there."""
        if self.scale == "inverse":
            share = self.leave[locations]
        else:
            share = np.maximum(self.leave[locations] - self.birth[cluster], 0.0)
        longest = share.max(initial=0.0)
        if longest <= 0:
            return np.ones(len(locations))
        return np.asarray(np.maximum(share / longest, LEAST_MEMBERSHIP))


def density(squared: Floats, scale: str) -> Floats:
    """Density at a squared length: 1/km, or minus the logarithm of the length in km.

    Examples
    --------
    >>> from geoclust.sphere import chord_squared
    >>> density(chord_squared([4.0]), "inverse").round(6).tolist()
    [0.25]
    """
    km = np.where(np.isinf(squared), np.inf, arc_km(squared))
    return 1 / km if scale == "inverse" else -np.log(km)


def _tour(parent: Ints) -> tuple[Ints, Ints]:
    """Place of each cluster on a walk that visits parents first, and the end of its subtree."""
    above = parent.tolist()
    size = [1] * len(above)
    for c in range(len(above) - 1, -1, -1):
        if above[c] >= 0:
            size[above[c]] += size[c]
    place, free, start = [0] * len(above), [0] * len(above), 0
    for c, p in enumerate(above):
        if p < 0:
            place[c], start = start, start + size[c]
        else:
            place[c], free[p] = free[p], free[p] + size[c]
        free[c] = place[c] + 1
    walk = np.array(place, np.int64)
    return walk, walk + np.array(size, np.int64)


def stability(found: Field) -> Floats:
    """Excess of mass of each cluster: units times life from its birth until they leave it.

    Records that pass on into a cluster below leave at its birth.

    References
    ----------
    R. J. G. B. Campello, D. Moulavi, A. Zimek, J. Sander (2015): Hierarchical density estimates
    for data clustering, visualization, and outlier detection. ACM TKDD 10(1), eq. 3.
    """
    tree, k = found.tree, len(found.birth)
    inside = np.flatnonzero(tree.cluster >= 0)
    home = tree.cluster[inside]
    own = np.bincount(home, found.weight[inside] * (found.leave[inside] - found.birth[home]), k)
    child = np.flatnonzero(tree.parent >= 0)
    above = tree.parent[child]
    passed = tree.weight[child] * (found.birth[child] - found.birth[above])
    return np.asarray(own + np.bincount(above, passed, k), np.float64)


def choose_clusters(
    found: Field, limits: Limits, *, method: str, epsilon: float, roots_allowed: bool
) -> Ints:
    """Numbers of the chosen clusters, ascending; none lies below another.

    Parameters
    ----------
    found
        The laid-out tree; with method "distance" its `cut` is the level of the regions.
    limits
        What a region may be; clusters beyond it give way to the best of their parts.
    method
        "eom", "leaf" or "distance".
    epsilon
        Squared length; chosen clusters born below it give way to the ancestor born at or above.
    roots_allowed
        Whether a tree's root may be chosen.
    """
    if not len(found.birth):
        return np.empty(0, np.int64)
    admissible = _Admissible(found, limits, roots_allowed=roots_allowed)
    if method == "distance":
        return _first_admissible(found.tree.parent, _alive_at_cut(found), admissible)
    pick = _excess_of_mass if method == "eom" else _leaves
    chosen = pick(found, admissible)
    return _no_finer(found.tree, chosen, epsilon, admissible) if epsilon > 0 else chosen


class _Admissible:
    """May a cluster be a region?  Judged on the members it would keep, once per cluster."""

    def __init__(self, found: Field, limits: Limits, *, roots_allowed: bool) -> None:
        self.found, self.limits, self.roots_allowed = found, limits, roots_allowed
        self.known: dict[int, bool] = {}

    def __call__(self, cluster: int) -> bool:
        if cluster not in self.known:
            self.known[cluster] = self._judge(cluster)
        return self.known[cluster]

    def _judge(self, cluster: int) -> bool:
        limits, found = self.limits, self.found
        if found.tree.parent[cluster] < 0 and not self.roots_allowed:
            return False
        members = found.below(cluster)
        if limits.min_membership > LEAST_MEMBERSHIP:
            members = members[found.membership(cluster, members) >= limits.min_membership]
        weight = found.weight[members].sum()
        if weight < limits.least or (limits.most is not None and weight > limits.most):
            return False
        extent = limits.squared_extent
        return extent is None or not wider_than(found.positions[:, members], extent)


def _excess_of_mass(found: Field, admissible: Callable[[int], bool]) -> Ints:
    """Clusters no worse than the best choice below them."""
    parent, score = found.tree.parent.tolist(), stability(found).tolist()
    below, chosen = [0.0] * len(score), [False] * len(score)
    for c in range(len(score) - 1, -1, -1):
        chosen[c] = below[c] <= score[c] * (1 + NEAR_TIE) and admissible(c)
        if parent[c] >= 0:
            below[parent[c]] += score[c] if chosen[c] else below[c]
    return _topmost(found.tree.parent, np.array(chosen))


def _leaves(found: Field, admissible: Callable[[int], bool]) -> Ints:
    lowest = np.ones(len(found.birth), np.bool_)
    lowest[found.tree.parent[found.tree.parent >= 0]] = False
    return np.array([c for c in np.flatnonzero(lowest).tolist() if admissible(c)], np.int64)


def _no_finer(
    tree: Condensed, chosen: Ints, epsilon: float, admissible: Callable[[int], bool]
) -> Ints:
    """Move chosen clusters up to the first ancestor born at `epsilon`, as far as admissible."""
    moved = np.zeros(len(tree.parent), np.bool_)
    for start in chosen.tolist():
        c = start
        while tree.birth[c] < epsilon and tree.parent[c] >= 0 and admissible(int(tree.parent[c])):
            c = int(tree.parent[c])
        moved[c] = True
    return _topmost(tree.parent, moved)


def _alive_at_cut(found: Field) -> Bools:
    """Clusters that are one component at the cut."""
    tree, k = found.tree, len(found.birth)
    latest = np.full(k, -np.inf)
    child = np.flatnonzero(tree.parent >= 0)
    latest[tree.parent[child]] = tree.birth[child]
    alive = ((tree.birth > found.cut) | (tree.parent < 0)) & (latest <= found.cut)
    return np.array([bool(alive[c] and len(found.below(c))) for c in range(k)], np.bool_)


def _topmost(parent: Ints, wanted: Bools) -> Ints:
    """Wanted clusters with no wanted one above."""
    covered = [False] * len(wanted)
    for c, above in enumerate(parent.tolist()):
        covered[c] = above >= 0 and (covered[above] or bool(wanted[above]))
    return np.flatnonzero(wanted & ~np.array(covered, np.bool_))


def _first_admissible(parent: Ints, wanted: Bools, admissible: Callable[[int], bool]) -> Ints:
    """Wanted clusters; one that is not admissible gives way to its parts, and they to theirs."""
    open_, chosen = wanted.tolist(), [False] * len(wanted)
    for c, above in enumerate(parent.tolist()):
        if above >= 0:
            open_[c] = open_[c] or (open_[above] and not chosen[above])
        chosen[c] = open_[c] and admissible(c)
    return np.flatnonzero(chosen)


def assign_locations(found: Field, chosen: Ints, min_membership: float) -> Choice:
    """Give every location below a chosen cluster to it, and its membership there.

    Parameters
    ----------
    found
        The laid-out tree.
    chosen
        Clusters from `choose_clusters`.
    min_membership
        Locations with less are not kept.
    """
    n = len(found.weight)
    owner, membership = np.full(n, -1, np.int64), np.zeros(n)
    for c in chosen.tolist():
        members = found.below(c)
        owner[members] = c
        membership[members] = found.membership(c, members)
    return Choice(chosen, owner, membership, (owner >= 0) & (membership >= min_membership))
