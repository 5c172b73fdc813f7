"""Given polygons in place of clustering, or to split and join what it found.

*Instead.*  Each record goes to the polygon that covers it.  A polygon that the file says is still
as geoclust drew it keeps the records it had, whatever else it covers: it is a footprint, drawn
round its members, not a fence.  A polygon that somebody drew or changed is a fence, and takes every
record it covers; it comes before footprints that nobody touched, and where two such overlap the
smaller comes first, then the lesser id.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.assignment.covering import cover, smallest_first, without_overlaps
from geoclust.assignment.kept import Kept
from geoclust.assignment.partition import Partition, free_id, fresh_name
from geoclust.assignment.polygons import Polygons
from geoclust.sphere import Ints

ACCOUNT: Final = (
    *("feature", "region_id", "name", "state", "records", "joined", "left", "contested"),
    "note",
)
DRAWN, CHANGED, GIVEN = "as geoclust drew it", "edited", "given"
NAMED: Final = 5
"""Examples in a sentence."""


@dataclass(frozen=True, eq=False)
class Bounded:
    """What polygons made of a partition."""

    partition: Partition
    account: pd.DataFrame
    """One row per polygon: what it is, its records, what joined and left, a note."""
    said: str = ""
    """What was done, in a sentence."""
    remarks: tuple[str, ...] = ()
    """Sentences on what whoever runs the study should know."""


def bound_by(
    records: pd.DataFrame,
    before: Partition,
    polygons: Polygons,
    *,
    kept: Kept | None = None,
    hierarchy: str = "",
    wherever: bool = False,
) -> Bounded:
    """Let polygons define the regions.

    Parameters
    ----------
    records
        Index `record_id`; `longitude`, `latitude`, `country`, `weight`.
    before
        What clustering found; only the order of its records is used.
    polygons
        From `check_polygons`.
    kept
        What the file keeps of the run that wrote it, if it is one of ours.
    hierarchy
        Mark of the present hierarchy: persistence and membership are kept if it is that of then.
    wherever
        Take records that stand elsewhere than then for the same (in draws, which move them).

    Returns
    -------
    Bounded
        Polygons without a record are no regions; they are in the account.
    """
    table = polygons.table.sort_values(["region_id", "feature"]).reset_index(drop=True)
    pairs = zip(table["region_id"], table["geometry"], strict=True)
    still = np.array(
        [kept is not None and kept.untouched(str(name), shape) for name, shape in pairs],
        dtype=np.bool_,
    )
    shapes = np.array(table["geometry"], dtype=object)
    if kept is not None:  # to the last digit: another program may begin a ring elsewhere
        drawn = kept.regions["footprint"]
        shapes[still] = [drawn[name] for name in table["region_id"][still]]
    order = smallest_first(shapes) + np.where(still, len(table), 0)
    listed = _listed(records, kept, table, still, wherever=wherever)
    covers = cover(records["longitude"].to_numpy(), records["latitude"].to_numpy(), shapes, order)
    owner = _owners(covers, still, listed)
    state = np.where(still, DRAWN, CHANGED if kept is not None else GIVEN)
    ground, clipped = without_overlaps(shapes, _fences(order, still))
    table = table.assign(state=state, geometry=ground, owner=np.arange(len(table)))
    table = _named(table, records, owner)
    after = _partition(records, before, table, owner, listed, kept, hierarchy)
    account = _account(table, owner, covers, listed, clipped)
    remarks = (*polygons.remarks, *_remarks(account, owner, covers, listed))
    return Bounded(after, account, _said(account), remarks)


def _fences(order: Ints, still: np.ndarray) -> Ints:
    """Order for settling ground: footprints that nobody touched do not contest each other's."""
    return np.where(still, int(order.max(initial=0)) + 1, order)


def _listed(
    records: pd.DataFrame,
    kept: Kept | None,
    table: pd.DataFrame,
    still: np.ndarray,
    *,
    wherever: bool,
) -> pd.DataFrame:
    """Per record its notes, `known`, and the `polygon` that holds it by them (-1 for none)."""
    if kept is None:
        nothing = {"known": False, "region_id": np.nan, "membership": 0.0, "nearest_region": np.nan}
        found = pd.DataFrame(nothing, index=records.index)
        return found.assign(polygon=-1).astype({"region_id": "str", "nearest_region": "str"})
    found = kept.known(records, wherever=wherever)
    place = pd.Series(np.flatnonzero(still), index=table.loc[still, "region_id"])
    holder = found["region_id"].map(place).fillna(-1).astype("int64")
    return found.assign(polygon=holder.where(found["known"], -1))


def _owners(covers: pd.DataFrame, still: np.ndarray, listed: pd.DataFrame) -> Ints:
    """Polygon of each record, -1 for none."""
    owner = listed["polygon"].to_numpy(dtype=np.int64).copy()
    known = listed["known"].to_numpy(dtype=bool)
    fence = ~still[covers["polygon"].to_numpy()]
    counts = covers[fence | ~known[covers["record"].to_numpy()]].drop_duplicates("record")
    owner[counts["record"].to_numpy()] = counts["polygon"].to_numpy()
    return owner


def _named(table: pd.DataFrame, records: pd.DataFrame, owner: Ints) -> pd.DataFrame:
    """Ids and names for polygons that have records and none of their own."""
    table = table.copy()
    taken = set(table["region_id"]) - {""}
    for at, row in table.iterrows():
        if not (owner == at).any() or (row["region_id"] and isinstance(row["name"], str)):
            continue
        region_id, name = fresh_name(records[owner == at], set())
        if not row["region_id"]:
            table.at[at, "region_id"] = free_id(region_id, taken)
            taken.add(table.at[at, "region_id"])
        if not isinstance(row["name"], str):
            table.at[at, "name"] = name
    return table


def _partition(  # noqa: PLR0917 - the parts of one partition
    records: pd.DataFrame,
    before: Partition,
    table: pd.DataFrame,
    owner: Ints,
    listed: pd.DataFrame,
    kept: Kept | None,
    hierarchy: str,
) -> Partition:
    ids = np.array([*table["region_id"], np.nan], dtype=object)
    index = before.region_of.index
    by_notes = (owner == listed["polygon"].to_numpy()) & listed["known"].to_numpy(dtype=bool)
    same = kept is not None and kept.hierarchy == hierarchy
    membership = np.where(owner < 0, 0.0, 1.0)
    if same:
        inside = by_notes & (owner >= 0)
        membership = np.where(inside, listed["membership"].fillna(0.0), membership)
    outside = by_notes & (owner < 0) & listed["region_id"].isna().to_numpy()
    nearest = listed["nearest_region"].where(outside & same)
    nearest = nearest.where(nearest.isin(set(table["region_id"])))
    held = np.unique(owner[owner >= 0])
    regions = pd.DataFrame(
        {"name": table["name"].to_numpy()[held]},
        index=pd.Index(ids[held], dtype="str", name="region_id"),
    ).astype({"name": "str"})
    regions = regions.join(_persistence(kept if same else None, table, owner, listed))

    def of(values: Any, name: str, dtype: str) -> pd.Series:  # noqa: ANN401 - any array
        return pd.Series(values, records.index, dtype=dtype, name=name).reindex(index)

    return replace(
        before,
        region_of=of(ids[owner], "region_id", "str"),
        membership=of(membership, "membership", "float64"),
        nearest_region=of(nearest, "nearest_region", "str"),
        regions=regions,
        footprints=dict(zip(regions.index, table["geometry"].to_numpy()[held], strict=True)),
    )


def _persistence(
    kept: Kept | None, table: pd.DataFrame, owner: Ints, listed: pd.DataFrame
) -> pd.DataFrame:
    """Persistence of regions whose records are those of then; missing for all others."""
    names = ["persistence", "birth_km"]
    if kept is None:
        return pd.DataFrame(columns=names, dtype="float64", index=pd.Index([], dtype="str"))
    then = listed["polygon"].to_numpy(dtype=np.int64)
    moved = np.unique([owner[owner != then], then[owner != then]])
    whole = (table["state"] == DRAWN).to_numpy(dtype=bool) & ~np.isin(table.index, moved)
    found: pd.DataFrame = kept.regions.loc[table["region_id"][whole], names]
    return found


def _account(  # noqa: PLR0917 - the parts of one account
    table: pd.DataFrame, owner: Ints, covers: pd.DataFrame, listed: pd.DataFrame, clipped: list[int]
) -> pd.DataFrame:
    count = len(table)
    place = pd.Series(table.index, index=table["region_id"])
    home = listed["region_id"].map(place).fillna(-1)
    then = home.where(listed["known"], -1).to_numpy(dtype=np.int64)
    several = covers["record"].duplicated(keep=False).to_numpy() & covers["inside"].to_numpy()
    counts: dict[str, Ints] = {
        "records": np.bincount(owner[owner >= 0], minlength=count),
        "joined": np.bincount(owner[(owner >= 0) & (owner != then)], minlength=count),
        "left": np.bincount(then[(then >= 0) & (owner != then)], minlength=count),
        "contested": np.bincount(covers["polygon"].to_numpy()[several], minlength=count),
    }
    account = table.assign(**{name: pd.Series(count) for name, count in counts.items()})
    if not listed["known"].any():
        account[["joined", "left"]] = 0
    empty = [bool(shape.is_empty) for shape in table["geometry"]]
    account["note"] = [
        _note(records, empty=empty[at], clipped=at in clipped)
        for at, records in enumerate(counts["records"].tolist())
    ]
    ordered: pd.DataFrame = account.sort_values("feature")[list(ACCOUNT)]
    return ordered.reset_index(drop=True)


def _note(records: int, *, empty: bool, clipped: bool) -> str:
    notes = []
    if empty:
        notes.append("all its ground is that of polygons before it")
    elif clipped:
        notes.append("ground it shares with a polygon before it is that one's")
    if not records:
        notes.append("covers no record: no region")
    return "; ".join(notes)


def _remarks(
    account: pd.DataFrame, owner: Ints, covers: pd.DataFrame, listed: pd.DataFrame
) -> list[str]:
    found = []
    still = account["state"] == DRAWN
    bare = account.loc[account["records"] == 0, "region_id"]
    if len(bare):
        found.append(f"{len(bare)} polygons hold no record and are no regions: {_some(bare)}")
    several = covers[covers["inside"]].groupby("record")["polygon"].nunique()
    contested = int((several > 1).sum())
    if contested:
        found.append(
            f"polygons overlap: {contested} records lie in several and count for the one edited "
            "or given before one as geoclust drew it, then for the smallest"
        )
    new = int((~listed["known"]).sum())
    if new and listed["known"].any():
        found.append(
            f"{new} records are not in the file, or were elsewhere then: each goes to the polygon "
            "that covers it"
        )
    outside = int((owner < 0).sum())
    if outside and not still.any():
        found.append(f"{outside} of {len(owner)} records lie in no polygon")
    return found


def _said(account: pd.DataFrame) -> str:
    still, changed = account["state"] == DRAWN, account[account["state"] == CHANGED]
    if not (still.any() or len(changed)):
        held = int((account["records"] > 0).sum())
        return f"the regions are {held} of the {len(account)} polygons given"
    told = [
        f"{row.region_id} ({row.records:,} records, {row.joined:,} joined, {row.left:,} left)"
        for row in changed.itertuples()
    ]
    return (
        f"{int(still.sum())} polygons are as geoclust drew them and keep their records; "
        f"{len(changed)} {'is' if len(changed) == 1 else 'are'} edited"
        + (f": {_some(told)}" if told else "")
    )


def _some(names: Any) -> str:  # noqa: ANN401 - any sequence of texts
    listed = [str(name) or "one without a name" for name in names]
    more = f" and {len(listed) - NAMED} more" if len(listed) > NAMED else ""
    return ", ".join(listed[:NAMED]) + more
