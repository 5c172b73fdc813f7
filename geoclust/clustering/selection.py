"""Choose regions from a condensed tree, and give them their members.

Every cluster is judged by how long it lives.  Life is measured in the logarithm of the length
("log": all scales alike) or in 1/km ("inverse": HDBSCAN to the letter, which favours the
smallest scale).

Excess of mass is decided from the lowest clusters up, all clusters of one height at a time: a
cluster is chosen if it lives at least as long as the best choice below it and is admissible.
Sums are good to about 1e-13, and a cluster wins against parts no better than 1e-9, relatively,
so that a near-tie is decided alike everywhere.  That choice is the best of all choices of
admissible clusters none of which lies below another (the tests enumerate them all).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from geoclust.clustering import loops
from geoclust.clustering.extent import wider_than
from geoclust.clustering.field import Field
from geoclust.clustering.hierarchy import run_loop
from geoclust.clustering.spanning_tree import Bools
from geoclust.sphere import Floats, Ints

NEAR_TIE = 1e-9
"""A cluster wins against parts no better than this, relatively: sums are good to 1e-13."""

Judge = Callable[[Ints], Bools]
"""From numbers of clusters to whether each may be a region."""


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
    judge = _judge(found, limits, roots_allowed=roots_allowed)
    if method == "distance":
        return _first_admissible(found.tree.parent, _alive_at_cut(found), judge)
    pick = _excess_of_mass if method == "eom" else _leaves
    chosen = pick(found, judge)
    return _no_finer(found, chosen, epsilon, judge) if epsilon > 0 else chosen


def _judge(found: Field, limits: Limits, *, roots_allowed: bool) -> Judge:
    """May clusters be regions?  Judged on the members they would keep."""

    def admissible(clusters: Ints) -> Bools:
        sound = np.zeros(len(clusters), np.bool_)
        allowed = np.flatnonzero(roots_allowed | (found.tree.parent[clusters] >= 0))
        for block in found.blocks(clusters[allowed]):
            part = clusters[allowed[block]]
            members = found.kept(part, limits.min_membership)
            sound[allowed[block]] = _within(found, limits, members, count=len(part))
        return sound

    return admissible


def _within(found: Field, limits: Limits, members: tuple[Ints, Ints], *, count: int) -> Bools:
    """Whether the members of each of `count` clusters keep to the limits."""
    locations, which = members
    weight = np.bincount(which, found.weight[locations], count)  # whole numbers below 2**53
    sound = weight >= limits.least
    if limits.most is not None:
        sound &= weight <= limits.most
    if limits.squared_extent is None or not sound.any():
        return sound
    bounds = np.searchsorted(which, np.arange(count + 1))
    held = np.flatnonzero(bounds[1:] > bounds[:-1])
    sides = np.zeros((3, count))
    for axis, at in enumerate(found.positions):
        far = np.maximum.reduceat(at[locations], bounds[held])
        sides[axis, held] = (far - np.minimum.reduceat(at[locations], bounds[held])) ** 2
    sound &= sides.max(axis=0) <= limits.squared_extent
    for c in np.flatnonzero(sound & (sides.sum(axis=0) > limits.squared_extent)).tolist():
        own = locations[bounds[c] : bounds[c + 1]]
        sound[c] = not wider_than(found.positions[:, own], limits.squared_extent)
    return sound


def _excess_of_mass(found: Field, judge: Judge) -> Ints:
    """Clusters no worse than the best choice below them."""
    parent, score, k = found.tree.parent, stability(found), len(found.birth)
    below, chosen = np.zeros(k + 1), np.zeros(k, np.bool_)  # the last is nobody's parent, -1
    arrays = parent, np.zeros(k, np.int64)
    (height,) = run_loop(loops.rise, len(found.weight), arrays, keep=(1,))
    order = np.argsort(height, kind="stable")
    levels = np.searchsorted(height[order], np.arange(height.max() + 2))
    for low, high in zip(levels[:-1].tolist(), levels[1:].tolist(), strict=True):
        now = order[low:high]
        able = now[below[now] <= score[now] * (1 + NEAR_TIE)]
        chosen[able] = judge(able)
        np.add.at(below, parent[now], np.where(chosen[now], score[now], below[now]))
    return _topmost(parent, chosen)


def _leaves(found: Field, judge: Judge) -> Ints:
    lowest = np.ones(len(found.birth), np.bool_)
    lowest[found.tree.parent[found.tree.parent >= 0]] = False
    leaves = np.flatnonzero(lowest)
    return leaves[judge(leaves)]


def _no_finer(found: Field, chosen: Ints, epsilon: float, judge: Judge) -> Ints:
    """Move chosen clusters up to the first ancestor born at `epsilon`, as far as admissible.

    All climb together, and where two meet they go on as one: no cluster is judged twice.
    """
    parent, birth = found.tree.parent, found.tree.birth
    wanted, seen, sound = np.zeros((3, len(parent)), np.bool_)
    climbing = chosen
    while len(climbing):
        done = (birth[climbing] >= epsilon) | (parent[climbing] < 0)
        wanted[climbing[done]] = True
        climbing = climbing[~done]
        above = np.unique(parent[climbing])
        new = above[~seen[above]]
        seen[new], sound[new] = True, judge(new)
        wanted[climbing[~sound[parent[climbing]]]] = True
        climbing = new[sound[new]]
    return _topmost(parent, wanted)


def _alive_at_cut(found: Field) -> Bools:
    """Clusters that are one component, of some records, at the cut."""
    tree, k = found.tree, len(found.birth)
    latest = np.full(k, -np.inf)
    child = np.flatnonzero(tree.parent >= 0)
    latest[tree.parent[child]] = tree.birth[child]
    alive = ((tree.birth > found.cut) | (tree.parent < 0)) & (latest <= found.cut)
    return np.asarray(alive & (found.lowest <= found.cut))


def _topmost(parent: Ints, wanted: Bools) -> Ints:
    """Wanted clusters with no wanted one above."""
    above = np.append(parent, -1)  # of -1, nobody, is nobody
    covered = np.append(wanted, False)[above]
    while (above >= 0).any():  # twice as far up in each round
        covered = covered | covered[above]
        above = above[above]
    return np.flatnonzero(wanted & ~covered[:-1])


def _first_admissible(parent: Ints, wanted: Bools, judge: Judge) -> Ints:
    """Wanted clusters; one that is not admissible gives way to its parts, and they to theirs."""
    chosen, tried = np.zeros(len(parent), np.bool_), np.zeros(len(parent), np.bool_)
    now = np.flatnonzero(wanted)
    while len(now):
        tried[now] = True
        chosen[now] = judge(now)
        failed = tried & ~chosen
        now = np.flatnonzero((parent >= 0) & failed[parent] & ~tried)
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
    locations, which = found.runs(chosen)
    owner[locations] = chosen[which]
    membership[locations] = found.membership(chosen[which], found.leave[locations])
    return Choice(chosen, owner, membership, (owner >= 0) & (membership >= min_membership))
