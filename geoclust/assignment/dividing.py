"""Given polygons that split regions along their borders, or join those within one polygon."""

from dataclasses import replace

import numpy as np
import pandas as pd

from geoclust.assignment.bounding import ACCOUNT, Bounded
from geoclust.assignment.covering import cover, smallest_first
from geoclust.assignment.partition import Partition, free_id, heaviest_first
from geoclust.assignment.polygons import Polygons
from geoclust.schema import WEIGHT_UNIT, weight_units

SPLITS, JOINS, NOTHING = "splits", "joins", "changes nothing"


def split_along(
    records: pd.DataFrame, before: Partition, polygons: Polygons, *, least: float
) -> Bounded:
    """Cut every region along the borders of polygons.

    The heaviest part keeps the region's id and name; every other one gets both, with the
    polygon's behind.  What lies in no polygon, and parts lighter than `least`, stay with the
    heaviest.

    Parameters
    ----------
    records
        Index `record_id`; `longitude`, `latitude`, `country`, `weight`.
    before
        The regions found.
    polygons
        From `check_polygons`.
    least
        Least weight of a part.
    """
    table, holder = _holders(records, before, polygons)
    units = pd.Series(weight_units(records["weight"]), index=records.index)
    after, cuts = before, np.zeros(len(table), dtype=np.int64)
    for region_id in before.regions.index:
        members = before.members(str(region_id))
        parts = {int(at): part for at, part in _grouped(members, holder).items() if at >= 0}
        heavy = [p for p in parts.values() if units.loc[p].sum() >= least * WEIGHT_UNIT]
        order = heaviest_first(heavy, records)
        if len(order) < 2:  # noqa: PLR2004 - a pair
            continue
        name, rest = before.name(str(region_id)), members
        for part in order[1:]:
            at = int(holder.loc[part[0]])
            label, suffix = _called(table, at)
            fresh = free_id(f"{region_id}-{suffix}", set(after.regions.index))
            after = after.with_region(fresh, f"{name}: {label}")
            after = _keeping_membership(after, part, fresh)
            rest = rest.difference(part, sort=False)
            cuts[at] += 1
        after = after.with_region(str(region_id), name)
    return _bounded(after, before, table, holder, cuts, polygons, SPLITS)


def join_within(records: pd.DataFrame, before: Partition, polygons: Polygons) -> Bounded:
    """Make one region of all that have most of their weight in one polygon.

    It keeps the id of the heaviest and takes the polygon's name, if it has one.  A region alone in
    its polygon, or mostly outside of all, stays as it is.

    Parameters
    ----------
    records, before, polygons
        As `split_along`.
    """
    table, holder = _holders(records, before, polygons)
    units = pd.Series(weight_units(records["weight"]), index=records.index)
    homes: dict[int, list[str]] = {}
    for region_id in before.regions.index:
        members = before.members(str(region_id))
        own, weight = holder.loc[members].to_numpy(), units.loc[members].to_numpy()
        sums = np.bincount(own + 1, weight, len(table) + 1)[1:]
        most = int(np.argmax(sums))
        if 2 * sums[most] > weight.sum():
            homes.setdefault(most, []).append(str(region_id))
    after, joins = before, np.zeros(len(table), dtype=np.int64)
    for at, region_ids in homes.items():
        if len(region_ids) < 2:  # noqa: PLR2004 - a pair
            continue
        parts = [before.members(one) for one in region_ids]
        first = heaviest_first(parts, records)[0]
        region_id = next(one for one, part in zip(region_ids, parts, strict=True) if part is first)
        named = isinstance(table.at[at, "name"], str)
        name = _called(table, at)[0] if named else before.name(region_id)
        for part in parts:
            after = _keeping_membership(after, part, region_id)
        nearest = after.nearest_region.where(~after.nearest_region.isin(region_ids), region_id)
        after = replace(after, nearest_region=nearest)
        after = after.without([one for one in region_ids if one != region_id])
        after = after.with_region(region_id, name)
        joins[at] = len(region_ids)
    return _bounded(after, before, table, holder, joins, polygons, JOINS)


def _holders(
    records: pd.DataFrame, before: Partition, polygons: Polygons
) -> tuple[pd.DataFrame, pd.Series]:
    """The polygons by id, and the first that covers each record, -1 for none."""
    table = polygons.table.sort_values(["region_id", "feature"]).reset_index(drop=True)
    shapes = table["geometry"].to_numpy(dtype=object)
    order = smallest_first(shapes)
    covers = cover(records["longitude"].to_numpy(), records["latitude"].to_numpy(), shapes, order)
    first = covers.drop_duplicates("record")
    holder = np.full(len(records), -1, dtype=np.int64)
    holder[first["record"].to_numpy()] = first["polygon"].to_numpy()
    return table, pd.Series(holder, index=records.index).reindex(before.region_of.index)


def _grouped(members: "pd.Index[str]", holder: pd.Series) -> dict[int, "pd.Index[str]"]:
    own = holder.loc[members]
    return {int(at): own.index[own == at] for at in np.unique(own)}


def _called(table: pd.DataFrame, at: int) -> tuple[str, str]:
    """Name and id of a polygon, its number where it has none."""
    row = table.loc[at]
    suffix = str(row["region_id"]) or str(row["feature"])
    return str(row["name"]) if isinstance(row["name"], str) else suffix, suffix


def _keeping_membership(after: Partition, part: "pd.Index[str]", region_id: str) -> Partition:
    """Records put into a region as strong members as they were of what they were part of."""
    region_of = after.region_of.copy()
    region_of.loc[part] = region_id
    return replace(after, region_of=region_of)


def _bounded(  # noqa: PLR0917 - the parts of one account
    after: Partition,
    before: Partition,
    table: pd.DataFrame,
    holder: pd.Series,
    counts: np.ndarray,
    polygons: Polygons,
    verb: str,
) -> Bounded:
    inside = holder[before.region_of.notna().to_numpy()]
    account = table.assign(
        state=np.where(counts > 0, verb, NOTHING),
        records=np.bincount(inside[inside >= 0], minlength=len(table)),
        joined=0,
        left=0,
        contested=0,
        note=[f"{verb} {count} regions" if count else "" for count in counts.tolist()],
    )
    regions = f"{len(before.regions)} regions are {len(after.regions)}"
    how = "split along" if verb == SPLITS else "joined within"
    said = f"{how} {int((counts > 0).sum())} polygons: {regions}"
    return Bounded(
        after, account[list(ACCOUNT)].sort_values("feature"), said, tuple(polygons.remarks)
    )
