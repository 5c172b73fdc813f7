"""Other views of bridging: bridgeness, Burt's constraint, participation; by name as brokerage."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from geoclust.network import plain
from geoclust.network.betweenness import betweenness, pays, scaled
from geoclust.network.links import (
    DIGITS,
    FEWEST_REGIONS,
    SAME_LENGTH,
    Links,
    by_region,
    links_of,
    neighbours,
)
from geoclust.sphere import Floats, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from geoclust.network.building import Network


def bridgeness(network: "Network") -> pd.Series:
    """Share of the shortest paths between nodes beyond a region's neighbours that pass through it.

    As `brokerage`, but only paths between pairs both outside the neighbourhood count [1]_: a
    region at the centre of its own partners scores nothing, one that joins distant parts of the
    network does.  Divided by the same (n-1)(n-2)/2, so that it is at most `brokerage`.

    Parameters
    ----------
    network
        What `build_network` returned.

    Returns
    -------
    Series
        Index `region_id`; NaN for all below three regions.  Memory grows as 16 bytes times the
        square of the number of nodes.

    References
    ----------
    .. [1] P. Jensen, M. Morini, M. Karsai, T. Venturini, A. Vespignani, M. Jacomy, J.-P. Cointet,
       P. Mercklé and E. Fleury (2015), Detecting global bridges in networks, Journal of Complex
       Networks 4(3), there without weights.

    Examples
    --------
    >>> from geoclust.network import build_network
    >>> from geoclust.synthetic import toy_world
    >>> world = toy_world()
    >>> float(bridgeness(build_network(world.ties, world.town_of, world.records)).max())
    0.0
    """
    links = links_of(network.nodes, network.edges)
    return by_region(network.nodes, _bridgeness(links, compiled=pays(links)), "bridgeness")


def constraint(network: "Network") -> pd.Series:
    """How far a region's partners are tied to each other, leaving it nothing to bridge.

    Burt's constraint [1]_: the sum over neighbours j of (p_ij + sum over q of p_iq p_qj)^2, where
    p_ij is the share of j in the tie weight of i.  Country nodes are neighbours like any other.
    Small is free; a region with one partner has 1; values above 1 occur (1.125 in a triangle of
    equal weights; never above 2) where partners are tied to each other more than to the region.

    Parameters
    ----------
    network
        What `build_network` returned.

    Returns
    -------
    Series
        Index `region_id`; NaN for a region without ties to other nodes.

    References
    ----------
    .. [1] R. S. Burt (1992), Structural Holes, chapter 2; R. S. Burt (2004), Structural holes and
       good ideas, American Journal of Sociology 110(2).

    Examples
    --------
    >>> from geoclust.network import build_network
    >>> from geoclust.synthetic import toy_world
    >>> world = toy_world()
    >>> network = build_network(world.ties, world.town_of, world.records)
    >>> bool(constraint(network).between(0, 1.125).all())
    True
    """
    links = links_of(network.nodes, network.edges)
    return by_region(network.nodes, _constraint(links), "constraint")


def participation(network: "Network") -> pd.Series:
    """How evenly a region's external ties are spread over countries.

    The participation coefficient [1]_: 1 minus the sum over countries of the squared share of
    the country in the region's tie weight to other nodes.  0 where all go to one country, near 1
    where they are spread evenly over many.  A node without a country counts as one of its own.

    Parameters
    ----------
    network
        What `build_network` returned.

    Returns
    -------
    Series
        Index `region_id`; NaN for a region without ties to other nodes.

    References
    ----------
    .. [1] R. Guimerà and L. A. N. Amaral (2005), Functional cartography of complex metabolic
       networks, Nature 433; here with tie weights, and countries as the modules.

    Examples
    --------
    >>> from geoclust.network import build_network
    >>> from geoclust.synthetic import toy_world
    >>> world = toy_world()
    >>> network = build_network(world.ties, world.town_of, world.records)
    >>> bool(participation(network).between(0, 1).all())
    True
    """
    links = links_of(network.nodes, network.edges)
    return by_region(network.nodes, _participation(links), "participation")


class _Shortest(NamedTuple):
    """Between all pairs of nodes, shape (n, n)."""

    length: Floats
    number: Floats


def _bridgeness(links: Links, *, compiled: bool) -> Floats:
    n = int(links.is_region.sum())
    if n < FEWEST_REGIONS:
        return np.full(n, np.nan)
    if compiled:
        from geoclust.network.compiled import shares_beyond  # noqa: PLC0415 - loads numba

        return scaled(shares_beyond(links)[links.is_region], n)
    return scaled(_shares_beyond(links)[links.is_region], n)


def _shares_beyond(links: Links) -> Floats:
    """Shares of shortest paths through each region, over ordered pairs of no neighbours of it."""
    total = plain.shares_through(links)
    shortest = _Shortest(*plain.all_pairs(links))
    first, near = neighbours(links)
    far = np.zeros(len(total))
    for v in np.flatnonzero((total > 0) & links.is_region):
        mine = near[first[v] : first[v + 1]]
        far[v] = _beyond_neighbours(shortest, int(v), mine, total[v])
    return far


def _beyond_neighbours(shortest: _Shortest, v: int, near: Ints, total: float) -> float:
    """Shares of paths through v between ordered pairs of nodes outside `near`.

    Summed over those pairs, or as `total` less the pairs that end in `near`, whichever is fewer.
    """
    others = np.ones(len(shortest.length), dtype=np.bool_)
    others[v] = False
    everyone = np.flatnonzero(others)
    others[near] = False
    far = np.flatnonzero(others)
    if len(far) ** 2 <= len(near) * len(everyone):
        return float(_shares(shortest, v, far, far).sum())
    to_near = _shares(shortest, v, everyone, near)
    both = to_near[np.isin(everyone, near)].sum()
    return max(float(total - 2 * to_near.sum() + both), 0.0)


def _shares(shortest: _Shortest, v: int, sources: Ints, targets: Ints) -> Floats:
    """Share of the shortest paths from each source to each target that pass through v."""
    length, number = shortest
    direct = length[np.ix_(sources, targets)]
    around = length[sources, v][:, None] + length[v, targets][None, :]
    on_path = (around <= direct * (1 + SAME_LENGTH)) & np.isfinite(around)
    through_v = number[sources, v][:, None] * number[v, targets][None, :]
    share: Floats = np.zeros_like(direct)
    np.divide(through_v, number[np.ix_(sources, targets)], out=share, where=on_path)
    return share


def _constraint(links: Links) -> Floats:
    """All nodes' shares p; the indirect ones only where there is a direct tie."""
    weight = adjacency(links, links.weight)
    strength = weight.sum(axis=1)
    share = weight.multiply(np.divide(1.0, strength, where=strength > 0, out=strength)[:, None])
    share = share.tocsr()
    tied = weight.copy()
    tied.data[:] = 1.0
    invested = share + (share @ share).multiply(tied)
    value = np.asarray(invested.multiply(invested).sum(axis=1), dtype=np.float64)
    value[np.diff(weight.indptr) == 0] = np.nan
    return np.round(value[links.is_region], DIGITS)


def _freedom(links: Links, **_: Any) -> Floats:  # noqa: ANN401
    return 1.0 - _constraint(links)


def _participation(links: Links, **_: Any) -> Floats:  # noqa: ANN401
    tail, head, weight = links.arcs()
    nodes, groups = len(links.is_region), int(links.group.max(initial=-1)) + 1
    cell, inverse = np.unique(tail * groups + links.group[head], return_inverse=True)
    owner = cell // max(groups, 1)
    parts = np.bincount(inverse, weights=weight, minlength=len(cell))
    strength = np.bincount(owner, weights=parts, minlength=nodes)
    squares = np.bincount(owner, weights=parts**2, minlength=nodes)
    known = strength > 0
    value = np.full(nodes, np.nan)
    value[known] = 1.0 - squares[known] / strength[known] ** 2
    return np.round(value[links.is_region], DIGITS)


def adjacency(links: Links, weight: Floats) -> "csr_array":
    """Symmetric sparse matrix of the edges."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - heavy

    ends = (np.r_[links.a, links.b], np.r_[links.b, links.a])
    shape = (len(links.is_region),) * 2
    return coo_array((np.r_[weight, weight], ends), shape=shape).tocsr()


Measure = Callable[..., Floats]

MEASURES: Final[Mapping[str, Measure]] = MappingProxyType(
    {
        "betweenness": betweenness,
        "bridgeness": _bridgeness,
        "constraint": _freedom,
        "participation": _participation,
    }
)
"""What `brokerage` may mean, more being better: so "constraint" is 1 minus the constraint."""
