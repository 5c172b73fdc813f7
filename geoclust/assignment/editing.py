"""Edits applied one after another; every fault is found, none is passed over in silence.

Each action is a function from a partition to a partition and a sentence on what it did.  One that
does not match the data raises, and the next is tried on what there is: so all faults of a list are
told at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pandas as pd

from geoclust.assignment.edits import Edit
from geoclust.assignment.footprints import cut_footprint, joined_footprint
from geoclust.assignment.matching import Mismatch, known_records, known_region
from geoclust.assignment.partition import NOWHERE, Partition, free_id, fresh_name, heaviest_first
from geoclust.assignment.splitting import beside_line, nearest_part

Finer = Callable[["pd.Index[str]", Edit], pd.Series]
"""From records and a split by the hierarchy to the number of each one's part, -1 for none."""

ECHO: Final = ("number", "action", "regions", "records", "result", "reason", "by", "date", "where")
APPLIED, HELD, FAILED = "applied", "in the boundaries", "failed"


@dataclass(frozen=True, eq=False)
class Edited:
    """What edits made of a partition."""

    partition: Partition
    echo: pd.DataFrame
    """One row per edit, in order: its place in the list, what it says, what it did."""
    faults: tuple[str, ...] = ()
    """Edits that do not match the data, each with the nearest candidates."""


@dataclass(eq=False)
class _Bench:
    """What an action works with."""

    records: pd.DataFrame
    finer: Finer
    gone: dict[str, str] = field(default_factory=dict)
    """Ids that an earlier edit took away, and how."""


def apply_edits(
    records: pd.DataFrame,
    partition: Partition,
    edits: Sequence[Edit],
    *,
    finer: Finer,
    held: frozenset[str] = frozenset(),
) -> Edited:
    """Apply edits in their order.

    Parameters
    ----------
    records
        Index `record_id`; `longitude`, `latitude`, `country`, `weight`.
    partition
        The regions before.
    edits
        In the order they were decided.
    finer
        Cuts records along the hierarchy, for splits by `at_km` or `children`.
    held
        Digests of edits that the partition holds already; they are echoed, not applied again.

    Returns
    -------
    Edited
        An edit that does not match is left out and told in `faults`.
    """
    bench = _Bench(records, finer)
    rows, faults = [], []
    for number, edit in enumerate(edits, start=1):
        if edit.digest in held:
            rows.append(_row(number, edit, "is in the boundaries given already", HELD))
            continue
        try:
            partition, said = ACTIONS[edit.action](bench, partition, edit)
            rows.append(_row(number, edit, said, APPLIED))
        except Mismatch as mismatch:
            faults.append(f"edit {number} ({edit.action}): {mismatch}")
            rows.append(_row(number, edit, str(mismatch), FAILED))
    return Edited(partition, pd.DataFrame(rows, columns=[*ECHO, "state"]), tuple(faults))


def _row(number: int, edit: Edit, said: str, state: str) -> dict[str, object]:
    return {
        "number": number,
        "action": edit.action,
        "regions": ", ".join(edit.touches),
        "records": len(edit.records),
        "result": said,
        "reason": edit.reason,
        "by": edit.by,
        "date": "" if edit.date is None else edit.date.isoformat(),
        "where": "",
        "state": state,
    }


def _merge(bench: _Bench, before: Partition, edit: Edit) -> tuple[Partition, str]:
    for region_id in edit.regions:
        known_region(region_id, before, bench.gone)
    parts = {region_id: before.members(region_id) for region_id in edit.regions}
    by_weight = heaviest_first(list(parts.values()), bench.records)
    first = next(name for name, part in parts.items() if part is by_weight[0])
    region_id = edit.id or first
    _refuse_taken(region_id, before, allowed=edit.regions)
    name = edit.name or before.name(first)
    footprint = joined_footprint([before.footprints.get(one) for one in edit.regions])
    inside = before.region_of.isin(edit.regions)
    nearest = before.nearest_region.where(~before.nearest_region.isin(edit.regions), region_id)
    after = replace(
        before, region_of=before.region_of.where(~inside, region_id), nearest_region=nearest
    ).without([one for one in edit.regions if one != region_id])
    after = after.with_region(region_id, name, footprint)
    bench.gone |= {one: f"merged into {region_id}" for one in edit.regions if one != region_id}
    said = " and ".join(f"{one} ({_counted(len(part))})" for one, part in parts.items())
    return after, f"{said} are one region, {region_id}, of {_counted(int(inside.sum()))}"


def _drop(bench: _Bench, before: Partition, edit: Edit) -> tuple[Partition, str]:
    gone = [edit.region] if edit.region else list(edit.regions)
    for region_id in gone:
        known_region(region_id, before, bench.gone)
    members = before.region_of.index[before.region_of.isin(gone).to_numpy(dtype=bool)]
    bench.gone |= dict.fromkeys(gone, "dropped")
    after = before.placed(members, None).without(gone)
    return after, f"{', '.join(gone)} dropped: {_counted(len(members))} are in no region"


def _rename(bench: _Bench, before: Partition, edit: Edit) -> tuple[Partition, str]:
    known_region(edit.region, before, bench.gone)
    old = before.name(edit.region)
    after, region_id = before, edit.id or edit.region
    if region_id != edit.region:
        _refuse_taken(region_id, before)
        after = before.renamed(edit.region, region_id)
        bench.gone[edit.region] = f"renamed {region_id}"
    said = [] if region_id == edit.region else [f"{edit.region} is now {region_id}"]
    if edit.name:
        regions = after.regions.copy()
        regions.loc[region_id, "name"] = edit.name
        after = replace(after, regions=regions)
        said.append(f"{region_id} is called {edit.name!r} instead of {old!r}")
    return after, "; ".join(said)


def _move(bench: _Bench, before: Partition, edit: Edit) -> tuple[Partition, str]:
    moved = known_records(edit.records, before.region_of.index)
    target = None if edit.to == NOWHERE else edit.to
    if target is not None:
        known_region(target, before, bench.gone)
    came_from = before.region_of.loc[moved]
    there = came_from.isna() if target is None else came_from == target
    if there.any():
        where = "no region" if target is None else target
        raise Mismatch(f"record {moved[there.to_numpy(dtype=bool)][0]!r} is in {where} already")
    after = _without_empty(bench, before.placed(moved, target))
    origin = sorted({"none" if pd.isna(one) else str(one) for one in came_from})
    return after, f"{_counted(len(moved))} moved from {', '.join(origin)} to {edit.to}"


def _freeze(bench: _Bench, before: Partition, edit: Edit) -> tuple[Partition, str]:
    held = known_records(edit.records, before.region_of.index)
    exists = edit.region in before.regions.index
    own = before.members(edit.region)
    out, new = own.difference(held, sort=False), held.difference(own, sort=False)
    after = before.placed(out, None).placed(new, edit.region)
    if not exists:
        name = edit.name or fresh_name(bench.records.loc[held], set())[1]
        after = after.with_region(edit.region, name)
    elif len(out) or len(new):
        name, given = before.name(edit.region), before.footprints.get(edit.region)
        after = after.with_region(edit.region, edit.name or name, given)
    after = _without_empty(bench, after)
    said = f"{edit.region} is held as {_counted(len(held))}"
    if len(out) or len(new):
        said += f": {len(new):,} taken in, {len(out):,} let go"
    return after, said if exists else said + ", which clustering does not find as a region"


def _split(bench: _Bench, before: Partition, edit: Edit) -> tuple[Partition, str]:
    known_region(edit.region, before, bench.gone)
    members = before.members(edit.region)
    parts, left = _parts(bench, before, edit, members)
    if sum(len(part) > 0 for part in parts) < 2:  # noqa: PLR2004 - a pair
        raise Mismatch(_undivided(bench, edit, members))
    ids = _part_ids(bench, before, edit, parts)
    after, given = before.placed(left, None), before.footprints.get(edit.region)
    first = [bench.records.loc[part].iloc[0] for part in parts]
    ground = cut_footprint(given, first, edit.line)
    names = dict(zip(ids, edit.names, strict=False))
    for part, region_id, footprint in zip(parts, ids, ground, strict=True):
        called = names.get(region_id) or fresh_name(bench.records.loc[part], set())[1]
        after = after.placed(part, region_id).with_region(region_id, called, footprint)
    if edit.region not in ids:
        after = after.without([edit.region])
        bench.gone[edit.region] = f"split into {', '.join(ids)}"
    said = ", ".join(f"{i} ({_counted(len(p))})" for i, p in zip(ids, parts, strict=True))
    rest = f"; {_counted(len(left))} of it are in no region" if len(left) else ""
    return after, f"{edit.region} is split into {said}{rest}"


def _parts(
    bench: _Bench, before: Partition, edit: Edit, members: "pd.Index[str]"
) -> tuple[list["pd.Index[str]"], "pd.Index[str]"]:
    """Parts of a split in the order their names are given, and members that are in none."""
    nobody = members[:0]
    if edit.records:
        taken = known_records(edit.records, before.region_of.index)
        stray = taken.difference(members, sort=False)
        if len(stray):
            home = before.home(stray[0])
            where = "in no region" if home == NOWHERE else f"in {home}"
            raise Mismatch(f"record {stray[0]!r} is {where}, not in {edit.region}")
        return [members.difference(taken, sort=False), taken], nobody
    rows = bench.records.loc[members]
    if edit.line:
        number = beside_line(rows["longitude"], rows["latitude"], edit.line)
    else:
        number = np.asarray(bench.finer(members, edit).reindex(members))
        if edit.rest != "none" and (number >= 0).any():
            number = nearest_part(rows, number)
    parts = [members[number == one] for one in np.unique(number[number >= 0])]
    return heaviest_first(parts, bench.records), members[number < 0]


def _undivided(bench: _Bench, edit: Edit, members: "pd.Index[str]") -> str:
    rows = bench.records.loc[members]
    box = ", ".join(
        f"{rows[axis].min():.4g} to {rows[axis].max():.4g}" for axis in ("longitude", "latitude")
    )
    if edit.line:
        return (
            f"the line leaves all {len(members):,} records of {edit.region} on one side; they lie "
            f"at longitude and latitude {box}"
        )
    if edit.records:
        return f"records are all that {edit.region} has; leave some, or use rename"
    how = f"at {edit.at_km:g} km" if edit.at_km else "where its children part"
    return (
        f"{edit.region} does not fall into two parts of clustering.min_cluster_size {how}; "
        f"geoclust explore-region shows where it does"
    )


def _part_ids(
    bench: _Bench, before: Partition, edit: Edit, parts: list["pd.Index[str]"]
) -> list[str]:
    """An id for each part: those given, then the region's own for the first, then fresh ones."""
    if len(edit.ids) > len(parts) or len(edit.names) > len(parts):
        what = "ids" if len(edit.ids) > len(parts) else "names"
        raise Mismatch(
            f"{what} names {len(getattr(edit, what))} parts and {edit.region} falls into "
            f"{len(parts)}"
        )
    ids = list(edit.ids) or [edit.region]
    for one in ids:
        _refuse_taken(one, before, allowed=(edit.region,))
    for part in parts[len(ids) :]:
        taken = {*before.regions.index, *ids}
        ids.append(free_id(fresh_name(bench.records.loc[part], set())[0], taken))
    return ids


def _refuse_taken(region_id: str, before: Partition, allowed: Sequence[str] = ()) -> None:
    if region_id in before.regions.index and region_id not in allowed:
        name = before.name(region_id)
        raise Mismatch(f"id {region_id!r} is that of another region, {name}; choose a free one")


def _without_empty(bench: _Bench, after: Partition) -> Partition:
    """Without regions that have lost their last record."""
    empty = sorted(set(after.regions.index) - set(after.region_of.dropna()))
    bench.gone |= dict.fromkeys(empty, "left without records")
    return after.without(empty) if empty else after


def _counted(number: int) -> str:
    return f"{number:,} record" + ("" if number == 1 else "s")


Action = Callable[[_Bench, Partition, Edit], tuple[Partition, str]]
ACTIONS: Final[dict[str, Action]] = {
    "merge": _merge,
    "split": _split,
    "drop": _drop,
    "rename": _rename,
    "move": _move,
    "freeze": _freeze,
}
