"""Roles of regions between countries: Gould and Fernandez's types of brokerage."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoclust.network.bridging import adjacency
from geoclust.network.links import Links, links_of
from geoclust.sphere import Floats, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from geoclust.network.building import Network


def roles(network: "Network") -> pd.DataFrame:
    """Count the pairs of nodes that each region stands between, by the countries of the three.

    A region stands between two nodes if it is tied to both and they are not tied to each other
    [1]_.  Ties have no direction, so each unordered pair counts once and gatekeeper and
    representative, which differ only in direction, are one role (software that takes a symmetric
    network as directed counts coordinator, itinerant and liaison twice, and these two once each).

    Parameters
    ----------
    network
        What `build_network` returned.  Country nodes are ends, with their country; a node without
        a country shares one with nobody.

    Returns
    -------
    DataFrame
        Index `region_id`; whole numbers: coordinator (all three in one country), itinerant (both
        ends in one country, the region in another), gatekeeper_representative (one end in the
        region's country, one abroad), liaison (three countries), total.

    References
    ----------
    .. [1] R. V. Gould and R. M. Fernandez (1989), Structures of mediation: a formal approach to
       brokerage in transaction networks, Sociological Methodology 19.

    Examples
    --------
    >>> from geoclust.network import build_network
    >>> from geoclust.synthetic import toy_world
    >>> world = toy_world()
    >>> found = roles(build_network(world.ties, world.town_of, world.records))
    >>> bool((found.iloc[:, :4].sum(axis=1) == found["total"]).all())
    True
    """
    links = links_of(network.nodes, network.edges)
    counts = _counts(links)
    index = pd.Index(network.nodes.index[links.is_region], name="region_id")
    table = pd.DataFrame(
        {name: count[links.is_region] for name, count in counts.items()}, index=index
    )
    return table.assign(total=table.sum(axis=1)).astype("int64")


def _counts(links: Links) -> dict[str, Ints]:
    """All pairs of neighbours less the tied ones, per node and role."""
    same = links.group[links.a] == links.group[links.b]
    home = adjacency(_only(links, same), same[same].astype(np.float64))
    away = adjacency(_only(links, ~same), (~same)[~same].astype(np.float64))
    near, far, one_country = _neighbours(links, home, away)
    return {
        "coordinator": near * (near - 1) // 2 - _closed(home, home, home) // 2,
        "itinerant": one_country - _closed(away, home, away) // 2,
        "gatekeeper_representative": near * far - _closed(home, away, away),
        "liaison": far * (far - 1) // 2 - one_country - _closed(away, away, away) // 2,
    }


def _only(links: Links, edges: np.ndarray) -> Links:
    return links._replace(a=links.a[edges], b=links.b[edges], weight=links.weight[edges])


def _neighbours(links: Links, home: "csr_array", away: "csr_array") -> tuple[Ints, Ints, Ints]:
    """Per node: neighbours in its own country, in others, and pairs of the latter in one."""
    near, far = (np.diff(part.indptr).astype(np.int64) for part in (home, away))
    nodes = np.arange(len(near))
    abroad = links.group[away.indices]
    groups = int(links.group.max(initial=0)) + 1
    cell, count = np.unique(np.repeat(nodes, far) * groups + abroad, return_counts=True)
    pairs = np.zeros(len(nodes), dtype=np.int64)
    np.add.at(pairs, cell // groups, count * (count - 1) // 2)
    return near, far, pairs


def _closed(first: "csr_array", between: "csr_array", last: "csr_array") -> Ints:
    """Per node, the ordered walks first, between, last that come back to it."""
    closed = (first @ between).multiply(last.T.tocsr())
    walks: Floats = np.rint(np.asarray(closed.sum(axis=1), dtype=np.float64))
    return walks.astype(np.int64)
