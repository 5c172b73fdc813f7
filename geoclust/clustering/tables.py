"""What was found, told per region and per record."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoclust import gazetteer
from geoclust.clustering.extent import widest_squared
from geoclust.clustering.hierarchy import Condensed
from geoclust.clustering.locations import Locations
from geoclust.clustering.selection import Choice, Field, persistence
from geoclust.schema import WEIGHT_UNIT
from geoclust.sphere import Floats, Ints, arc_km

NAME_COLUMNS = ("region_id", "name", "country", "countries")
REGION_COLUMNS = (
    *NAME_COLUMNS[1:],
    "longitude",
    "latitude",
    "weight",
    "record_count",
    "location_count",
    "persistence",
    "birth_km",
    "extent_km",
)


def region_table(
    locations: Locations, found: Field, choice: Choice
) -> tuple[pd.DataFrame, Callable[[Ints], NDArray[np.object_]]]:
    """One row per chosen cluster, heaviest first, and a function from clusters to region ids."""
    owner = np.where(choice.kept, choice.owner, -1)
    names = _names(_members(locations, owner), choice.chosen)
    ids = np.full(len(found.birth) + 1, np.nan, dtype=object)  # the last: noise, number -1
    ids[choice.chosen] = names["region_id"].to_numpy(dtype=object)
    facts = pd.DataFrame(_facts(locations, found, choice), index=choice.chosen)
    table = pd.concat([names, facts], axis=1)
    table = table.astype(dict.fromkeys(NAME_COLUMNS, "str"))
    table = table.sort_values(["weight", "region_id"], ascending=[False, True]).set_index(
        "region_id"
    )
    return table[list(REGION_COLUMNS)], lambda clusters: ids[clusters]


def _names(members: pd.DataFrame, chosen: Ints) -> pd.DataFrame:
    """Ids and names of the chosen clusters, in their order."""
    if not len(chosen):
        return pd.DataFrame(columns=list(NAME_COLUMNS), dtype="str")
    names: pd.DataFrame = gazetteer.name_regions(members)
    return names.loc[chosen, list(NAME_COLUMNS)]


def _members(locations: Locations, owner: Ints) -> pd.DataFrame:
    """Kept members for naming: one row per location and country, `group` its cluster."""
    records = locations.records
    group = owner[records["location"].to_numpy()]
    inside = records.loc[group >= 0, ["location", "country", "weight"]].reset_index(drop=True)
    inside["group"] = group[group >= 0]
    inside = inside.groupby(["group", "location", "country"], dropna=False, as_index=False).sum()
    at = inside["location"].to_numpy()
    return pd.DataFrame(
        {
            "longitude": locations.longitude[at],
            "latitude": locations.latitude[at],
            "country": inside["country"],
            "weight": inside["weight"] / WEIGHT_UNIT,
            "group": inside["group"],
        }
    )


def _facts(locations: Locations, found: Field, choice: Choice) -> dict[str, Floats | Ints]:
    """Columns of the region table that are measured, in the order of the chosen clusters."""
    owner, chosen, k = np.where(choice.kept, choice.owner, -1), choice.chosen, len(found.birth)
    inside = np.flatnonzero(owner >= 0)
    inside = inside[np.argsort(owner[inside], kind="stable")]
    parts = np.split(inside, np.searchsorted(owner[inside], chosen[1:])) if len(chosen) else []
    units = locations.weight
    heaviest = np.array([part[units[part].argmax()] for part in parts], np.int64)
    of_record = owner[locations.records["location"].to_numpy()]
    extent = [widest_squared(locations.positions[:, part]) for part in parts]
    birth = np.minimum(found.tree.birth[chosen], found.cut)
    return {
        "longitude": locations.longitude[heaviest],
        "latitude": locations.latitude[heaviest],
        "weight": np.array([units[part].sum() for part in parts], np.int64) / WEIGHT_UNIT,
        "record_count": np.bincount(of_record[of_record >= 0], minlength=k)[chosen],
        "location_count": np.array([len(part) for part in parts], np.int64),
        "persistence": np.array([persistence(found, c) for c in chosen.tolist()], np.float64),
        "birth_km": arc_km(birth),
        "extent_km": arc_km(np.array(extent, np.float64)),
    }


def nearest_regions(locations: Locations, tree: Condensed, choice: Choice) -> Ints:
    """Cluster (or -1) next to each location that is noise only for want of membership or side.

    A location whose membership is too low is next to its own cluster.  One whose records leave
    where their cluster splits stands between the parts: it is next to the nearest member of a
    region, if within the length at which they part.
    """
    nearest = np.where(choice.kept, -1, choice.owner)
    split = np.full(len(tree.birth) + 1, -1.0)
    child = np.flatnonzero(tree.parent >= 0)
    split[tree.parent[child]] = tree.birth[child]
    between = (choice.owner < 0) & (tree.cluster >= 0) & (tree.leave == split[tree.cluster])
    hubs, members = np.flatnonzero(between), np.flatnonzero(choice.kept)
    if len(hubs) and len(members):
        closest, squared = _closest(locations.positions, hubs, members)
        near = squared <= tree.leave[hubs]
        nearest[hubs[near]] = choice.owner[closest[near]]
    return nearest


def _closest(positions: Floats, hubs: Ints, members: Ints) -> tuple[Ints, Floats]:
    """Closest of `members` to each of `hubs`, the least number among equals, squared distance."""
    from scipy.spatial import KDTree  # noqa: PLC0415 - heavy

    points = positions.T
    tree, k = KDTree(points[members]), min(16, len(members))
    near = members[tree.query(points[hubs], k=k)[1].reshape(len(hubs), k)]
    squared = ((points[near] - points[hubs][:, None]) ** 2).sum(axis=2)
    least = squared.min(axis=1)
    tied = np.where(squared == least[:, None], near, len(points))
    return tied.min(axis=1), least


def per_record(locations: Locations, values: Floats | NDArray[np.object_], name: str) -> pd.Series:
    """Spread values per location over the records, text as "str" with NaN for none."""
    dtype = "str" if values.dtype == object else values.dtype
    spread = values[locations.records["location"].to_numpy()]
    return pd.Series(spread, index=locations.records.index, dtype=dtype, name=name)
