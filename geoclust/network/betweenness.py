"""Brokerage: the share of shortest paths between other nodes that pass through a region."""

from typing import Final

import numpy as np
import pandas as pd

from geoclust.network import plain
from geoclust.network.links import DIGITS, FEWEST_REGIONS, Links, by_region, links_of
from geoclust.sphere import Floats

LARGEST_PLAIN: Final = 50_000_000
"""Sources times (nodes + arcs) up to which numpy takes no more than two to four seconds.  Loading
compiled loops takes half a second, and compiling them the first time nine."""


def brokerage(nodes: pd.DataFrame, edges: pd.DataFrame) -> pd.Series:
    """Share of the shortest paths between other nodes that pass through each region.

    Betweenness [1]_ on lengths 1/weight.  Sources and targets are all nodes, regions and
    countries; only regions can lie in between, for a country is not a place one can go through.
    The sum over unordered pairs is divided by (n-1)(n-2)/2 for n *regions*, the number of pairs of
    other regions; as country nodes are end points besides, a value may exceed 1.  Equally short
    paths (to 1e-9 of their length) share a pair, so weights may span eight orders of magnitude;
    nodes that cannot reach each other count nothing.

    Parameters
    ----------
    nodes
        Index `node`, column kind ("region" | "country").
    edges
        Columns node_a, node_b, weight (> 0); one row per unordered pair of different nodes.

    Returns
    -------
    Series
        Index `region_id`, rounded to 12 decimals so that equal positions tie; NaN for all
        below three regions.

    Notes
    -----
    Exact for every size.  rustworkx finds the distances of small networks; its own betweenness
    knows neither weights nor nodes that are end points only, so paths are counted here, and large
    networks are searched by compiled loops.

    References
    ----------
    .. [1] L. C. Freeman (1977), A set of measures of centrality based on betweenness,
       Sociometry 40(1); lengths as in Opsahl, Agneessens and Skvoretz (2010), Social Networks 32,
       with alpha = 1.

    Examples
    --------
    >>> nodes = pd.DataFrame({"kind": "region"}, index=["a", "b", "c"])
    >>> edges = pd.DataFrame({"node_a": ["a", "b"], "node_b": ["b", "c"], "weight": [1.0, 2.0]})
    >>> brokerage(nodes, edges).to_dict()
    {'a': 0.0, 'b': 1.0, 'c': 0.0}
    """
    links = links_of(nodes, edges)
    return by_region(nodes, betweenness(links, compiled=pays(links)), "brokerage")


def betweenness(links: Links, *, compiled: bool) -> Floats:
    """Value of each region, scaled and rounded; `compiled` changes the speed, not the answer."""
    n = int(links.is_region.sum())
    if n < FEWEST_REGIONS:
        return np.full(n, np.nan)
    ordered = through(links, compiled=compiled)[links.is_region]
    return scaled(ordered, n)


def scaled(ordered: Floats, n: int) -> Floats:
    """Sums over ordered pairs (twice the unordered) per pair of other regions."""
    return np.round(ordered / ((n - 1) * (n - 2)), DIGITS)


def through(links: Links, *, compiled: bool) -> Floats:
    """Shares of shortest paths through each node, summed over ordered pairs of other nodes."""
    if compiled:
        from geoclust.network.compiled import shares_through  # noqa: PLC0415 - loads numba

        return shares_through(links)
    return plain.shares_through(links)


def pays(links: Links, graphs: int = 1) -> bool:
    """Whether loading compiled loops is repaid by so many graphs of this size."""
    nodes, arcs = len(links.is_region), 2 * len(links.a)
    return graphs * nodes * (nodes + arcs) > LARGEST_PLAIN
