"""Ties between organisations -> network of regions -> collaboration and brokerage.

Nodes are the regions, plus one node per country for its organisations in no region.  A pair of
organisations counts once, however many rows name it; its weight is the sum over those rows.
"""

import logging
import warnings
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoclust.errors import GeoclustWarning, ParameterError
from geoclust.schema import (
    ORGANISATION_KINDS,
    WEIGHT_UNIT,
    Records,
    Ties,
    require_columns,
    weight_units,
)

logger = logging.getLogger(__name__)

COUNTRY_PREFIX: Final = "country:"
UNKNOWN_COUNTRY: Final = "country:unknown"
SAME_LENGTH: Final = 1e-9
"""Paths whose lengths agree to this share of their length are equally short."""
FEWEST_REGIONS: Final = 3
BROKERAGE_DIGITS: Final = 12

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Network:
    """The network of regions."""

    nodes: pd.DataFrame
    """Index `node`, regions by id, then countries; columns kind ("region" | "country"), country."""
    edges: pd.DataFrame
    """One row per two nodes with ties between them: node_a, node_b, weight, pair_count."""
    pairs: pd.DataFrame
    """One row per distinct pair: organisation_a, organisation_b, weight, node_a, node_b,
    industry (True if at least one is a firm)."""
    table: pd.DataFrame
    """Index `region_id`: tie_count, tie_weight, internal_tie_count, external_tie_count,
    industry_tie_count (pairs), external_tie_share (0 to 1, missing without ties), brokerage."""
    brokerage_zero_share: float
    """Share of regions whose brokerage is zero; NaN where it is missing."""

    def __repr__(self) -> str:
        regions = int((self.nodes["kind"] == "region").sum())
        zero = self.brokerage_zero_share
        brokers = "brokerage missing" if np.isnan(zero) else f"{zero:.0%} of brokerages zero"
        return (
            f"Network({regions} regions and {len(self.nodes) - regions} country nodes; "
            f"{len(self.pairs)} tied pairs, {len(self.edges)} edges; {brokers})"
        )


def build_network(ties: Ties, region_of: pd.Series, records: Records) -> Network:
    """Gather ties between organisations into a network of regions.

    Parameters
    ----------
    ties
        Columns organisation_a, organisation_b (record ids of firms or labs), weight (default 1).
        Direction does not matter.  Rows whose ends are not two different organisations in
        `records` are left out with a `GeoclustWarning`.
    region_of
        Region of each record, index `record_id`; NaN for noise.
    records
        Index `record_id`; columns kind, country, weight.

    Returns
    -------
    Network
        Nodes, edges, pairs, and the table of indicators per region.

    Raises
    ------
    SchemaError
        If a table lacks a column.
    ParameterError
        If `region_of` lacks a record, or a region id begins with "country:".

    Examples
    --------
    >>> from geoclust.synthetic import toy_world
    >>> world = toy_world()
    >>> build_network(world.ties, world.town_of, world.records)
    Network(5 regions and 2 country nodes; 60 tied pairs, 18 edges; 40% of brokerages zero)
    """
    require_columns(ties, ["organisation_a", "organisation_b"], "ties")
    require_columns(records, ["kind", "country", "weight"], "records")
    region = _checked_regions(region_of, records)
    nodes = _nodes(region, records)
    pairs = _pairs(ties, region, records)
    edges = _edges(pairs, nodes)
    table = _count_ties(pairs, nodes.index[nodes["kind"] == "region"])
    table["brokerage"] = brokerage(nodes, edges)
    known = table["brokerage"].dropna()
    zero_share = float((known == 0).mean()) if len(known) else np.nan
    network = Network(nodes, edges, pairs, table, zero_share)
    logger.info("%r", network)
    return network


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
    is_region = (nodes["kind"] == "region").to_numpy()
    index = pd.Index(nodes.index[is_region], name="region_id")
    n = len(index)
    if n < FEWEST_REGIONS:
        return pd.Series(np.nan, index=index, name="brokerage", dtype="float64")
    a = nodes.index.get_indexer(pd.Index(edges["node_a"]))
    b = nodes.index.get_indexer(pd.Index(edges["node_b"]))
    length = 1.0 / edges["weight"].to_numpy(dtype=np.float64)
    ordered = _betweenness(is_region, np.r_[a, b], np.r_[b, a], np.r_[length, length])
    value = ordered[is_region] / ((n - 1) * (n - 2))  # ordered pairs: twice the unordered
    return pd.Series(value.round(BROKERAGE_DIGITS), index=index, name="brokerage")


def _betweenness(is_region: NDArray[np.bool_], tail: Ints, head: Ints, length: Floats) -> Floats:
    """Betweenness over ordered pairs; paths leave a country only at their source.

    Among the arcs on shortest paths from one source, the number of paths of k arcs to each node
    is the k-th power of their matrix; summed over k it is the number of shortest paths.  The
    share that passes through a node is summed backwards in the same way (Brandes 2001).
    """
    total = np.zeros(len(is_region))
    for source, distance in enumerate(_distances(is_region, tail, head, length)):
        away = (distance[tail] < distance[head]) & (is_region[tail] | (tail == source))
        u, v, step = tail[away], head[away], length[away]
        shortest = distance[u] + step <= distance[v] * (1 + SAME_LENGTH)
        u, v = u[shortest], v[shortest]
        start = _indicator(source, len(total))
        paths = start + _spread(start, u, v)
        reached = np.divide(1.0, paths, out=np.zeros_like(paths), where=paths > 0)
        beyond = _spread(reached, v, u)
        beyond[source] = 0.0
        total += paths * beyond
    return total


def _spread(start: Floats, tail: Ints, head: Ints) -> Floats:
    """Sum over k >= 1 of the k-th power of the arcs' matrix times `start`; there is no cycle."""
    total, step = np.zeros(len(start)), start
    while step.any():
        step = np.bincount(head, weights=step[tail], minlength=len(start)).astype(np.float64)
        total += step
    return total


def _indicator(position: int, size: int) -> Floats:
    vector = np.zeros(size)
    vector[position] = 1.0
    return vector


def _distances(is_region: NDArray[np.bool_], tail: Ints, head: Ints, length: Floats) -> Floats:
    """Length of the shortest path between any two nodes, shape (n, n); inf where there is none.

    A country is two nodes to the search: one that paths only leave, one that they only enter
    (numbered after all others), so that none passes through.
    """
    import rustworkx  # noqa: PLC0415 - heavy

    size = len(is_region)
    sink = np.where(is_region, np.arange(size), np.arange(size) + size)
    graph = rustworkx.PyDiGraph(multigraph=False)
    graph.add_nodes_from(range(2 * size))
    arcs = zip(tail.tolist(), sink[head].tolist(), length.tolist(), strict=True)
    graph.add_edges_from(list(arcs))
    distance = np.full((size, size), np.inf)
    found = rustworkx.digraph_all_pairs_dijkstra_path_lengths(graph, float)
    for source in range(size):
        reached = found[source]
        ends = np.fromiter(reached.keys(), dtype=np.int64, count=len(reached))
        distance[source, ends % size] = np.fromiter(reached.values(), np.float64, len(reached))
        distance[source, source] = 0.0
    return distance


def _checked_regions(region_of: pd.Series, records: Records) -> pd.Series:
    absent = records.index.difference(region_of.index)
    if len(absent):
        raise ParameterError(
            f"region_of lacks {len(absent)} of {len(records)} records, first {absent[0]!r}; "
            "give one entry per record, NaN for noise"
        )
    region = region_of.reindex(records.index).astype("str")
    reserved = sorted(name for name in region.dropna().unique() if name.startswith(COUNTRY_PREFIX))
    if reserved:
        raise ParameterError(
            f"region ids may not begin with {COUNTRY_PREFIX!r}, which names the nodes of "
            f"countries; found {reserved[:3]}: rename them"
        )
    return region


def _nodes(region: pd.Series, records: Records) -> pd.DataFrame:
    """Regions with the country of most of their weight, then countries of lone organisations."""
    inside = pd.DataFrame(
        {
            "node": region,
            "country": records["country"],
            "units": weight_units(records["weight"]),
        }
    ).dropna(subset="node")
    weights = inside.groupby(["node", "country"], dropna=False)["units"].sum().reset_index()
    weights = weights.sort_values(["node", "units", "country"], ascending=[True, False, True])
    regions = weights.drop_duplicates("node").set_index("node")[["country"]]
    lone = _country_node(records["country"])[
        region.isna() & records["kind"].isin(ORGANISATION_KINDS)
    ]
    names = pd.Index(sorted(lone.unique()), dtype="str")
    countries = pd.DataFrame({"country": names.str.removeprefix(COUNTRY_PREFIX)}, index=names)
    countries["country"] = countries["country"].where(names != UNKNOWN_COUNTRY)
    nodes = pd.concat([regions, countries]).astype({"country": "str"})
    nodes.insert(0, "kind", ["region"] * len(regions) + ["country"] * len(countries))
    nodes.index = pd.Index(nodes.index.astype("str"), name="node")
    return nodes.astype({"kind": "str"})


def _country_node(country: pd.Series) -> pd.Series:
    return (COUNTRY_PREFIX + country.astype("str")).fillna(UNKNOWN_COUNTRY)


def _pairs(ties: Ties, region: pd.Series, records: Records) -> pd.DataFrame:
    """Distinct pairs of organisations, smaller id first, with summed weight and their nodes."""
    kind = records["kind"][records["kind"].isin(ORGANISATION_KINDS)]
    ends = ties[["organisation_a", "organisation_b"]].astype("str")
    known = ends.isin(kind.index).all(axis=1) & (ends["organisation_a"] != ends["organisation_b"])
    _warn_left_out(int((~known).sum()), len(ties))
    ends = ends[known]
    weight = ties["weight"].fillna(1.0)[known] if "weight" in ties else pd.Series(1.0, ends.index)
    swap = ends["organisation_a"] > ends["organisation_b"]
    first = ends["organisation_a"].where(~swap, ends["organisation_b"])
    second = ends["organisation_b"].where(~swap, ends["organisation_a"])
    rows = pd.DataFrame(
        {"organisation_a": first, "organisation_b": second, "units": weight_units(weight)}
    )
    pairs = rows.groupby(["organisation_a", "organisation_b"])[["units"]].sum().reset_index()
    pairs["weight"] = pairs.pop("units") / WEIGHT_UNIT
    node = region.fillna(_country_node(records["country"]))
    for end in ("a", "b"):
        pairs[f"node_{end}"] = pairs[f"organisation_{end}"].map(node).astype("str")
    is_firm = [pairs[f"organisation_{end}"].map(kind) == "firm" for end in ("a", "b")]
    pairs["industry"] = (is_firm[0] | is_firm[1]).astype("bool")
    return pairs


def _warn_left_out(count: int, total: int) -> None:
    if count:
        warnings.warn(
            f"{count} of {total} ties left out: their ends are not two different firms or labs "
            "of the records",
            GeoclustWarning,
            stacklevel=4,
        )


def _edges(pairs: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
    """Summed weight and number of pairs between two different nodes, in the order of `nodes`."""
    a = nodes.index.get_indexer(pd.Index(pairs["node_a"]))
    b = nodes.index.get_indexer(pd.Index(pairs["node_b"]))
    rows = pd.DataFrame(
        {"a": np.minimum(a, b), "b": np.maximum(a, b), "units": weight_units(pairs["weight"])}
    )
    grouped = rows[rows["a"] != rows["b"]].groupby(["a", "b"])["units"]
    edges = grouped.agg(["sum", "size"]).reset_index()
    return pd.DataFrame(
        {
            "node_a": nodes.index[edges["a"]].astype("str"),
            "node_b": nodes.index[edges["b"]].astype("str"),
            "weight": edges["sum"].to_numpy() / WEIGHT_UNIT,
            "pair_count": edges["size"].to_numpy(dtype=np.int64),
        }
    )


def _count_ties(pairs: pd.DataFrame, regions: pd.Index) -> pd.DataFrame:
    """Ties of each region: every pair once at each different node it ends in."""
    internal = pairs["node_a"] == pairs["node_b"]
    facts = pd.DataFrame(
        {
            "tie_count": 1,
            "units": weight_units(pairs["weight"]),
            "internal_tie_count": internal.astype("int64"),
            "external_tie_count": (~internal).astype("int64"),
            "industry_tie_count": pairs["industry"].astype("int64"),
        }
    )
    ends = pd.concat(
        [facts.assign(node=pairs["node_a"]), facts.assign(node=pairs["node_b"])[~internal]]
    )
    table = ends.groupby("node").sum().reindex(regions, fill_value=0).astype("int64")
    table.index.name = "region_id"
    table.insert(1, "tie_weight", table.pop("units") / WEIGHT_UNIT)
    share = table["external_tie_count"] / table["tie_count"].where(table["tie_count"] > 0)
    return table.assign(external_tie_share=share.astype("float64"))
