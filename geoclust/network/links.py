"""The network as arrays: which nodes are regions, which two each edge joins, how strongly."""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoclust.sphere import Floats, Ints

Bools = NDArray[np.bool_]

FEWEST_REGIONS: Final = 3
"""Below, there is no pair of other regions to lie between."""

DIGITS: Final = 12
"""Decimals kept of a measure, so that equal positions tie."""

SAME_LENGTH: Final = 1e-9
"""Paths whose lengths agree to this share of their length are equally short."""


class Links(NamedTuple):
    """Nodes by position and the edges between them."""

    is_region: Bools
    """Per node; regions are what is measured, all others are countries."""
    group: Ints
    """Per node: number of its country; a node without one is a group of its own."""
    a: Ints
    b: Ints
    """Per edge: positions of its two nodes, which differ."""
    weight: Floats
    """Per edge, > 0."""

    def arcs(self) -> tuple[Ints, Ints, Floats]:
        """Tail, head and weight of both directions of every edge."""
        tail, head = np.r_[self.a, self.b], np.r_[self.b, self.a]
        return tail, head, np.r_[self.weight, self.weight]


def links_of(nodes: pd.DataFrame, edges: pd.DataFrame) -> Links:
    """Nodes and edges of a `Network` as arrays; without a column country, none is shared."""
    is_region = (nodes["kind"] == "region").to_numpy(dtype=np.bool_)
    a = nodes.index.get_indexer(pd.Index(edges["node_a"])).astype(np.int64)
    b = nodes.index.get_indexer(pd.Index(edges["node_b"])).astype(np.int64)
    return Links(is_region, _groups(nodes), a, b, edges["weight"].to_numpy(dtype=np.float64))


def neighbours(links: Links) -> tuple[Ints, Ints]:
    """Where each node's neighbours begin and end in a list of all of them, and that list."""
    tail, head, _ = links.arcs()
    degree = np.bincount(tail, minlength=len(links.is_region))
    return np.concatenate([[0], np.cumsum(degree)]), head[np.argsort(tail, kind="stable")]


def by_region(nodes: pd.DataFrame, values: Floats, name: str) -> pd.Series:
    """Values of the regions, in the order of `nodes`, as a Series by `region_id`."""
    regions = nodes.index[(nodes["kind"] == "region").to_numpy()]
    return pd.Series(values, index=pd.Index(regions, name="region_id"), name=name)


def _groups(nodes: pd.DataFrame) -> Ints:
    if "country" not in nodes:
        return np.arange(len(nodes), dtype=np.int64)
    codes, countries = pd.factorize(nodes["country"], sort=True)
    alone = codes < 0
    codes = codes.astype(np.int64)
    codes[alone] = len(countries) + np.arange(int(alone.sum()))
    return codes
