"""Which record is in which region, and what is known of each: the value all decisions work on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

import numpy as np
import pandas as pd

from geoclust.gazetteer import name_regions
from geoclust.schema import weight_units

NOWHERE: Final = "none"
"""What an edit calls the place of records that are in no region."""

REGION_COLUMNS: Final = ("name", "persistence", "birth_km")


@dataclass(frozen=True, eq=False)
class Partition:
    """Records and their regions while decisions are applied one after another.

    Attributes
    ----------
    region_of
        Region id of each record, NaN for none; index `record_id`.
    membership
        0 in none; 1 for a record that a decision has put where it is; else as clustering had it.
    nearest_region
        Of records in none, the region they would nearly belong to; NaN elsewhere.
    regions
        Index `region_id`: `name`, `persistence` and `birth_km` (NaN where the hierarchy has no
        such region).
    footprints
        Region id to the polygon, in degrees, of regions for which one is given.
    """

    region_of: pd.Series
    membership: pd.Series
    nearest_region: pd.Series
    regions: pd.DataFrame
    footprints: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, clustering: Any) -> Self:  # noqa: ANN401 - anything with these tables
        """The regions that clustering found, before any decision."""
        known = clustering.regions
        regions = pd.DataFrame({name: known[name] for name in REGION_COLUMNS}, index=known.index)
        return cls(clustering.region_of, clustering.membership, clustering.nearest_region, regions)

    def members(self, region_id: str) -> "pd.Index[str]":
        """Ids of a region's records, in the order of the table."""
        return self.region_of.index[(self.region_of == region_id).to_numpy(dtype=bool)]

    def name(self, region_id: str) -> str:
        """What a region is called."""
        return str(self.regions.at[region_id, "name"])

    def home(self, record_id: str) -> str:
        """The region a record is in, NOWHERE for none."""
        found = self.region_of.at[record_id]
        return found if isinstance(found, str) else NOWHERE

    def placed(self, records: "pd.Index[str]", region_id: str | None) -> Self:
        """The same with some records put into a region, or into none, by decision."""
        region_of, membership = self.region_of.copy(), self.membership.copy()
        nearest = self.nearest_region.copy()
        region_of.loc[records] = np.nan if region_id is None else region_id
        membership.loc[records] = 0.0 if region_id is None else 1.0
        nearest.loc[records] = np.nan
        return replace(self, region_of=region_of, membership=membership, nearest_region=nearest)

    def renamed(self, old: str, new: str) -> Self:
        """The same with another id for a region, its records and whatever is next to it."""
        if old == new:
            return self
        return replace(
            self,
            region_of=self.region_of.where(self.region_of != old, new),
            nearest_region=self.nearest_region.where(self.nearest_region != old, new),
            regions=self.regions.rename(index={old: new}),
            footprints={new if n == old else n: shape for n, shape in self.footprints.items()},
        )

    def with_region(self, region_id: str, name: str, footprint: object = None) -> Self:
        """The same with a region that no hierarchy has, or that one in place of what was known."""
        row = pd.DataFrame(
            {"name": [name], "persistence": [np.nan], "birth_km": [np.nan]},
            index=pd.Index([region_id], dtype=self.regions.index.dtype, name="region_id"),
        ).astype({"name": "str"})
        kept = self.regions.drop(index=region_id, errors="ignore")
        whole = row if kept.empty else pd.concat([kept, row])
        footprints = {n: shape for n, shape in self.footprints.items() if n != region_id}
        if footprint is not None:
            footprints[region_id] = footprint
        return replace(self, regions=whole.rename_axis("region_id"), footprints=footprints)

    def settled(self, found: "Partition") -> Self:
        """The same, with what clustering knows of regions whose records are exactly those it found.

        Whoever decided on them, they are regions of the hierarchy: their persistence, birth and
        memberships are its own.
        """
        pairs = pd.DataFrame({"now": self.region_of, "then": found.region_of})
        shared = pairs.value_counts().reset_index()
        size, before = self.region_of.value_counts(), found.region_of.value_counts()
        whole = shared[
            (shared["count"] == shared["now"].map(size))
            & (shared["count"] == shared["then"].map(before))
        ]
        regions, membership = self.regions.copy(), self.membership.copy()
        columns = ["persistence", "birth_km"]
        regions.loc[whole["now"], columns] = found.regions.loc[whole["then"], columns].to_numpy()
        same = self.region_of.isin(whole["now"]).to_numpy(dtype=bool)
        membership[same] = found.membership[same]
        return replace(self, regions=regions, membership=membership)

    def without(self, region_ids: list[str]) -> Self:
        """The same without some regions, which hold no records any more."""
        nearest = self.nearest_region.where(~self.nearest_region.isin(region_ids))
        return replace(
            self,
            nearest_region=nearest,
            regions=self.regions.drop(index=region_ids),
            footprints={n: s for n, s in self.footprints.items() if n not in region_ids},
        )


def fresh_name(members: pd.DataFrame, taken: set[str]) -> tuple[str, str]:
    """An id that is not taken, and a name, for records that have become a region.

    Parameters
    ----------
    members
        Columns `longitude`, `latitude`, `country`, `weight`.
    taken
        Ids that others have.

    Examples
    --------
    >>> rows = {"longitude": [0.12], "latitude": [52.2], "country": ["GB"], "weight": [1.0]}
    >>> fresh_name(pd.DataFrame(rows), {"gb-cambridge"})
    ('gb-cambridge-2', 'Cambridge')
    """
    found = name_regions(members.assign(group=0)).iloc[0]
    return free_id(str(found["region_id"]), taken), str(found["name"])


def free_id(wanted: str, taken: set[str]) -> str:
    """The id itself, or with the least number from 2 on that makes it free.

    Examples
    --------
    >>> free_id("a", {"a", "a-2"})
    'a-3'
    """
    number, candidate = 2, wanted
    while candidate in taken or candidate == NOWHERE:
        candidate = f"{wanted}-{number}"
        number += 1
    return candidate


def heaviest_first(parts: list["pd.Index[str]"], records: pd.DataFrame) -> list["pd.Index[str]"]:
    """Groups of records by weight, then by number, then by their first id; empty ones left out."""
    units = pd.Series(weight_units(records["weight"]), index=records.index)
    keyed = [
        (-int(units.loc[part].sum()), -len(part), min(part), part) for part in parts if len(part)
    ]
    return [part for *_, part in sorted(keyed, key=lambda one: one[:3])]
