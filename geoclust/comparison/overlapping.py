"""What two sides have in common: records of both, and how much each two regions share."""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from geoclust.comparison.side import Side
from geoclust.errors import ParameterError
from geoclust.schema import WEIGHT_UNIT

MATCHES: Final = ("record_id", "name_and_place")


class Common(NamedTuple):
    """Records of both sides."""

    table: pd.DataFrame
    """Index: `record_id` of A, sorted; record_b, kind, name, longitude, latitude, region_a,
    region_b, units (the lesser of both weights), elsewhere (its coordinates differ)."""
    only_a: pd.Index
    only_b: pd.Index
    reweighted: int
    """Records whose weight differs."""
    ambiguous: int
    """Records of either side that several of the other could be; none is taken."""


def common_records(a: Side, b: Side, *, match: str = "record_id") -> Common:
    """Records that are on both sides.

    Parameters
    ----------
    a, b
        The sides.
    match
        "record_id": one record has one id on both sides.  "name_and_place": the ids differ; one
        record has the same kind, name (whatever its capitals) and coordinates on both sides, and
        nothing else on either side has.

    Raises
    ------
    ParameterError
        If there is no record on both sides, with examples and what to do.
    """
    pairs, ambiguous = _matched(a.records, b.records, match)
    if pairs.empty:
        raise ParameterError(_nothing_in_common(a, b, match))
    one = a.records.loc[pairs.index]
    two = b.records.loc[pairs.to_numpy()]
    place = ["longitude", "latitude"]
    table = one[["kind", "name", *place]].assign(
        record_b=pairs,
        region_a=one["region_id"],
        region_b=two["region_id"].to_numpy(),
        units=np.minimum(one["units"].to_numpy(), two["units"].to_numpy()),
        elsewhere=(one[place].to_numpy() != two[place].to_numpy()).any(axis=1),
    )
    table["region_b"] = table["region_b"].astype("str")
    return Common(
        table,
        a.records.index.difference(pairs.index),
        b.records.index.difference(pd.Index(pairs)),
        int((one["units"].to_numpy() != two["units"].to_numpy()).sum()),
        ambiguous,
    )


def shared_pairs(common: Common) -> pd.DataFrame:
    """Every two regions that share a record.

    Returns
    -------
    DataFrame
        `region_a`, `region_b`; `shared` (units of weight); `share_a`, `share_b` (of the weight of
        each region's records that are on both sides); `jaccard_members` (shared weight over the
        weight of both together, of records on both sides).
    """
    table = common.table
    own_a = table.groupby("region_a")["units"].sum()
    own_b = table.groupby("region_b")["units"].sum()
    both = table.dropna(subset=["region_a", "region_b"])
    pairs = both.groupby(["region_a", "region_b"])["units"].sum().rename("shared").reset_index()
    whole_a = pairs["region_a"].map(own_a).astype("int64")
    whole_b = pairs["region_b"].map(own_b).astype("int64")
    return pairs.assign(
        share_a=pairs["shared"] / whole_a,
        share_b=pairs["shared"] / whole_b,
        jaccard_members=pairs["shared"] / (whole_a + whole_b - pairs["shared"]),
        shared_weight=pairs["shared"] / WEIGHT_UNIT,
    )


def _matched(a: pd.DataFrame, b: pd.DataFrame, match: str) -> tuple[pd.Series, int]:
    """Id of A to id of B, sorted by A's; and how many were ambiguous."""
    if match == "record_id":
        ids = a.index.intersection(b.index).sort_values()
        return pd.Series(ids, index=ids, dtype="str"), 0
    keys = [_keys(table) for table in (a, b)]
    alone = [key[~key.duplicated(keep=False)] for key in keys]
    both = set(keys[0]) & set(keys[1])
    unclear = both - (set(alone[0]) & set(alone[1]))
    ambiguous = sum(int(key.isin(unclear).sum()) for key in keys)
    back = pd.Series(alone[1].index, index=alone[1].to_numpy(), dtype="str")
    found = alone[0].map(back).dropna()
    return found.sort_index().astype("str"), ambiguous


def _keys(table: pd.DataFrame) -> pd.Series:
    """Kind, folded name and coordinates of each record that has a name."""
    named = table[table["name"].notna()]
    texts = [
        f"{kind}\x1f{name.casefold().strip()}\x1f{x!r}\x1f{y!r}"
        for kind, name, x, y in zip(
            named["kind"],
            named["name"],
            named["longitude"].astype(float),
            named["latitude"].astype(float),
            strict=True,
        )
    ]
    return pd.Series(texts, index=named.index, dtype="str")


def _nothing_in_common(a: Side, b: Side, match: str) -> str:
    if a.records.empty or b.records.empty:
        bare = a if a.records.empty else b
        return f"{bare.name} has no records, so there is nothing to compare by"
    examples = f"{a.records.index[0]!r} in {a.name}, {b.records.index[0]!r} in {b.name}"
    if match == "record_id":
        return (
            f"no record_id is in both {a.name} ({len(a.records):,} records) and {b.name} "
            f"({len(b.records):,}); the first are {examples}. Give one organisation one record_id "
            "in both; or, where names and coordinates are the same in both, match by "
            "'name_and_place' (--match name_and_place)"
        )
    return (
        f"no record has the same kind, name and coordinates in both {a.name} and {b.name}, and "
        "nobody else's; give one organisation one record_id in both"
    )
