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

from geoclust.display import MISSING, Listing, card
from geoclust.errors import GeoclustWarning, ParameterError
from geoclust.network.betweenness import pays
from geoclust.network.bridging import MEASURES
from geoclust.network.links import by_region, links_of
from geoclust.network.projects import project_shares
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
    brokerage_measure: str = "betweenness"
    """What `brokerage` is: betweenness, bridgeness, constraint (1 minus it) or participation."""

    def __repr__(self) -> str:
        regions = int((self.nodes["kind"] == "region").sum())
        zero = self.brokerage_zero_share
        brokers = "brokerage missing" if np.isnan(zero) else f"{zero:.0%} of brokerages zero"
        return (
            f"Network({regions} regions and {len(self.nodes) - regions} country nodes; "
            f"{len(self.pairs)} tied pairs, {len(self.edges)} edges; {brokers})"
        )

    def _repr_html_(self) -> str:
        regions = int((self.nodes["kind"] == "region").sum())
        zero = self.brokerage_zero_share
        facts = {
            "regions": regions,
            "country nodes": len(self.nodes) - regions,
            "tied pairs": len(self.pairs),
            "edges": len(self.edges),
            "brokerage": self.brokerage_measure,
            "zero for": MISSING if np.isnan(zero) else f"{zero:.0%} of regions",
        }
        heads = [
            "tie_count",
            "internal_tie_count",
            "external_tie_count",
            "external_tie_share",
            "brokerage",
        ]
        table = self.table[heads].sort_values("tie_count", ascending=False, kind="stable")
        shown = table.rename(columns=lambda name: name.replace("_", " "))
        return card("Network", facts=facts, listings=[Listing("Regions, most ties first", shown)])


def build_network(
    ties: Ties,
    region_of: pd.Series,
    records: Records,
    *,
    brokerage_measure: str = "betweenness",
) -> Network:
    """Gather ties between organisations into a network of regions.

    Parameters
    ----------
    ties
        Columns organisation_a, organisation_b (record ids of firms or labs), weight (default 1).
        Direction does not matter.  Rows whose ends are not two different organisations in
        `records` are left out with a `GeoclustWarning`.  Where a column project is present, rows
        of one project of n partners count 1/(n-1) of their weight each (see `project_ties`); n is
        the column partner_count where there is one.
    region_of
        Region of each record, index `record_id`; NaN for noise.
    records
        Index `record_id`; columns kind, country, weight.
    brokerage_measure
        What the column brokerage holds, more being better: "betweenness" (see
        `network.brokerage`), "bridgeness", "constraint" (1 minus Burt's constraint) or
        "participation".

    Returns
    -------
    Network
        Nodes, edges, pairs, and the table of indicators per region.

    Raises
    ------
    SchemaError
        If a table lacks a column.
    ParameterError
        If `region_of` lacks a record, a region id begins with "country:", or the measure is
        unknown.

    Examples
    --------
    >>> from geoclust.synthetic import toy_world
    >>> world = toy_world()
    >>> build_network(world.ties, world.town_of, world.records)
    Network(5 regions and 2 country nodes; 60 tied pairs, 18 edges; 40% of brokerages zero)
    """
    if brokerage_measure not in MEASURES:
        raise ParameterError(
            f"brokerage_measure is {brokerage_measure!r}; choose one of {', '.join(MEASURES)}"
        )
    require_columns(ties, ["organisation_a", "organisation_b"], "ties")
    require_columns(records, ["kind", "country", "weight"], "records")
    region = _checked_regions(region_of, records)
    nodes = _nodes(region, records)
    pairs = _pairs(ties, region, records)
    edges = _edges(pairs, nodes)
    table = _count_ties(pairs, nodes.index[nodes["kind"] == "region"])
    links = links_of(nodes, edges)
    value = MEASURES[brokerage_measure](links, compiled=pays(links))
    table["brokerage"] = by_region(nodes, value, "brokerage")
    known = table["brokerage"].dropna()
    zero_share = float((known == 0).mean()) if len(known) else np.nan
    network = Network(nodes, edges, pairs, table, zero_share, brokerage_measure)
    logger.info("%r", network)
    return network


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
        {
            "organisation_a": first,
            "organisation_b": second,
            "units": weight_units(weight, project_shares(ties)[known]),
        }
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
