"""Key collaborators: the organisations elsewhere that a region works with most."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geoclust.errors import ParameterError
from geoclust.schema import WEIGHT_UNIT, Records, require_columns, weight_units

if TYPE_CHECKING:
    from geoclust.network.building import Network

PARTNER_KINDS: Final = {"firm": "industry", "lab": "research"}
COLUMNS: Final = (
    "region_id",
    "partner_kind",
    "rank",
    "record_id",
    "name",
    "node",
    "country",
    "weight",
    "pair_count",
)


def key_partners(network: "Network", records: Records, *, n: int = 5) -> pd.DataFrame:
    """The firms and labs outside each region with the strongest ties to it.

    Parameters
    ----------
    network
        What `build_network` returned.
    records
        Those it was built from: index `record_id`; columns kind, and name and country where known.
    n
        Most industry partners (firms) and most research partners (labs) per region.

    Returns
    -------
    DataFrame
        One row per region and partner: region_id, partner_kind ("industry" | "research"), rank (by
        weight, within region and kind; ties share the better one), record_id, name, node (the
        partner's region, or the node of its country), country, weight (summed over the region's
        organisations), pair_count (how many of them).  Strongest first; equal ones by pair_count,
        then record_id.

    Raises
    ------
    ParameterError
        If n is no whole number above zero, or a record of the network is absent.

    Examples
    --------
    >>> from geoclust.network import build_network
    >>> from geoclust.synthetic import toy_world
    >>> world = toy_world()
    >>> network = build_network(world.ties, world.town_of, world.records)
    >>> found = key_partners(network, world.records, n=1)
    >>> sorted(set(found["partner_kind"]))
    ['industry', 'research']
    """
    _check(network, records, n)
    require_columns(records, ["kind"], "records")
    found = _collaborators(network)
    found["partner_kind"] = found["record_id"].map(records["kind"]).map(PARTNER_KINDS)
    found = found.sort_values(
        ["region_id", "partner_kind", "units", "pair_count", "record_id"],
        ascending=[True, True, False, False, True],
    )
    groups = found.groupby(["region_id", "partner_kind"])
    found["rank"] = groups["units"].rank(method="min", ascending=False).astype("int64")
    found = found[groups.cumcount() < n].reset_index(drop=True)
    for name in ("name", "country"):
        told = found["record_id"].map(records[name]) if name in records else np.nan
        found[name] = pd.Series(told, index=found.index, dtype="str")
    found["weight"] = found["units"] / WEIGHT_UNIT
    return found[list(COLUMNS)]


def _check(network: "Network", records: Records, n: int) -> None:
    if not isinstance(n, int) or n < 1:
        raise ParameterError(f"n is {n!r}; give a whole number of at least 1")
    ends = pd.unique(network.pairs[["organisation_a", "organisation_b"]].to_numpy().ravel())
    absent = pd.Index(ends).difference(records.index)
    if len(absent):
        raise ParameterError(
            f"records lack {len(absent)} organisations of the network, first {absent[0]!r}; "
            "give the records it was built from"
        )


def _collaborators(network: "Network") -> pd.DataFrame:
    """Region, organisation elsewhere, its node, summed weight and number of pairs."""
    pairs = network.pairs[network.pairs["node_a"] != network.pairs["node_b"]]
    units = weight_units(pairs["weight"])
    ends = [
        pd.DataFrame(
            {
                "region_id": pairs[f"node_{here}"],
                "record_id": pairs[f"organisation_{there}"],
                "node": pairs[f"node_{there}"],
                "units": units,
            }
        )
        for here, there in (("a", "b"), ("b", "a"))
    ]
    rows = pd.concat(ends, ignore_index=True)
    rows = rows[rows["region_id"].isin(network.table.index)]
    grouped = rows.groupby(["region_id", "record_id", "node"])["units"]
    return (
        grouped.agg(["sum", "size"])
        .reset_index()
        .rename(columns={"sum": "units", "size": "pair_count"})
    )
