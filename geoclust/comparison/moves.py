"""Which records changed their region, and where the weight of each region went or came from."""

from typing import Final

import pandas as pd

from geoclust.comparison.overlapping import Common
from geoclust.comparison.side import Side
from geoclust.schema import WEIGHT_UNIT

HOW: Final = ("with its region", "moved", "joined", "left", "only in A", "only in B")
"""Ways of not staying: its region merged, split or was reshuffled, and it with it; to another
region; into a region; out of one; on one side only."""

FLOWS: Final = tuple(f"{end}_{way}" for end in "ab" for way in ("same", "others", "none", "absent"))


def moved_records(a: Side, b: Side, common: Common, pairs: pd.DataFrame) -> pd.DataFrame:
    """Every record that did not stay in the same region, or outside all.

    Parameters
    ----------
    a, b
        The sides.
    common
        Records of both.
    pairs
        `region_a`, `region_b`, `linked`, `same`.

    Returns
    -------
    DataFrame
        Index `record_id` (A's where it is on both sides), sorted within each way of `HOW`:
        kind, name, region_a, region_b, how, weight.
    """
    table = common.table
    about = pairs.set_index(["region_a", "region_b"])[["linked", "same"]]
    found = table.join(about, on=["region_a", "region_b"])
    inside_a, inside_b = table["region_a"].notna(), table["region_b"].notna()
    how = pd.Series("moved", index=table.index, dtype="str")
    how[found["linked"].eq(other=True)] = "with its region"
    how[~inside_a] = "joined"
    how[~inside_b] = "left"
    stays = found["same"].eq(other=True) | ~(inside_a | inside_b)
    columns = ["kind", "name", "region_a", "region_b", "how", "weight"]
    parts = [table.assign(how=how, weight=table["units"] / WEIGHT_UNIT)[~stays]]
    for side, ids, end, other in ((a, common.only_a, "a", "b"), (b, common.only_b, "b", "a")):
        own = side.records.loc[ids]
        parts.append(
            own.assign(
                **{
                    f"region_{end}": own["region_id"],
                    f"region_{other}": pd.Series(pd.NA, index=ids, dtype="str"),
                },
                how=f"only in {end.upper()}",
                weight=own["units"] / WEIGHT_UNIT,
            )
        )
    moves = pd.concat([part[columns] for part in parts])
    moves.index.name = "record_id"
    order = moves["how"].map({word: place for place, word in enumerate(HOW)})
    return moves.astype({"how": "str"}).iloc[order.argsort(kind="stable")]


def flows(common: Common, fates: pd.DataFrame, a: Side, b: Side) -> pd.DataFrame:
    """Shares of each region's weight by what became of it (A's) or where it was (B's).

    Returns
    -------
    DataFrame
        Index and rows as `fates`; `FLOWS`: in the same region on the other side, in others, in
        none, or not on the other side at all; missing where the region is not on that side.
    """
    table = common.table
    columns: dict[str, pd.Series] = {}
    for end, other, side in (("a", "b", a), ("b", "a", b)):
        own = f"region_{end}"
        pairs = fates.dropna(subset=["region_a", "region_b"]).set_index(own)[f"region_{other}"]
        there = table[f"region_{other}"]
        same = there.notna() & (there == table[own].map(pairs))
        weight = side.records.groupby("region_id")["units"].sum()
        whole = fates[own].map(weight).astype("float64")
        way = pd.Series("others", index=table.index).mask(same, "same").mask(there.isna(), "none")
        parts = {str(name): table[way == name].groupby(own)["units"].sum() for name in way.unique()}
        told = pd.Series(0.0, index=fates.index)
        for name in ("same", "others", "none"):
            known = parts.get(name, weight.iloc[:0])
            amount = fates[own].map(known).astype("float64").fillna(0)
            columns[f"{end}_{name}"] = (amount / whole).where(whole.notna())
            told += columns[f"{end}_{name}"].fillna(0)
        columns[f"{end}_absent"] = (1 - told).clip(0, 1).where(whole.notna()).round(12)
    return pd.DataFrame(columns)[list(FLOWS)]
