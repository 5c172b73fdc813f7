"""What was found, told per region and per record."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoclust import gazetteer
from geoclust.clustering.extent import widest_squared
from geoclust.clustering.hierarchy import Condensed
from geoclust.clustering.locations import Locations
from geoclust.clustering.selection import Choice
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


@dataclass(frozen=True, eq=False)
class Told:
    """What an engine found, record by record.

    Attributes
    ----------
    owner
        Cluster of each record, -1 for noise.
    membership, outlier_score
        Of each record.
    nearest
        Cluster that noise would nearly belong to, -1 for none.
    scores
        Index: the chosen clusters, ascending; columns `persistence` and `birth_km`.
    """

    owner: Ints
    membership: Floats
    outlier_score: Floats
    nearest: Ints
    scores: pd.DataFrame


def region_table(
    locations: Locations, owner: Ints, scores: pd.DataFrame
) -> tuple[pd.DataFrame, Callable[[Ints], NDArray[np.object_]]]:
    """One row per chosen cluster, heaviest first, and a function from clusters to region ids.

    Parameters
    ----------
    locations
        Where the records are.
    owner
        Cluster of each record, -1 for noise.
    scores
        Index: the chosen clusters, ascending; columns `persistence` and `birth_km`.
    """
    members = _members(locations, owner)
    names = _names(locations, members, scores.index)
    ids = np.full(int(scores.index.max() if len(scores) else -1) + 2, np.nan, dtype=object)
    ids[scores.index] = names["region_id"].to_numpy(dtype=object)  # the last stays NaN: noise
    table = pd.concat([names, _facts(locations, members), scores], axis=1)
    table = table.astype(dict.fromkeys(NAME_COLUMNS, "str"))
    table = table.sort_values(["weight", "region_id"], ascending=[False, True])
    return table.set_index("region_id")[list(REGION_COLUMNS)], lambda clusters: ids[clusters]


def _members(locations: Locations, owner: Ints) -> pd.DataFrame:
    """Members by cluster (`group`), location and country: their weight in units, their number."""
    inside = owner >= 0
    records = locations.records
    code, countries = pd.factorize(records["country"], sort=True)  # -1 where missing
    at = records["location"].to_numpy()[inside]
    group = owner[inside].astype(np.int64)
    key = (group * len(locations) + at) * (len(countries) + 1) + code[inside] + 1
    distinct, first, back = np.unique(key, return_index=True, return_inverse=True)
    weight = np.bincount(back, records["weight"].to_numpy()[inside], len(distinct))
    return pd.DataFrame(
        {
            "group": group[first],
            "location": at[first],
            "country": records["country"].to_numpy()[inside][first],
            "weight": weight.astype(np.int64),
            "count": np.bincount(back, minlength=len(distinct)),
        }
    )


def _names(locations: Locations, members: pd.DataFrame, chosen: pd.Index) -> pd.DataFrame:
    """Ids and names of the chosen clusters, in their order."""
    if not len(chosen):
        return pd.DataFrame(columns=list(NAME_COLUMNS), dtype="str")
    at = members["location"].to_numpy()
    named = pd.DataFrame(
        {
            "longitude": locations.longitude[at],
            "latitude": locations.latitude[at],
            "country": members["country"],
            "weight": members["weight"] / WEIGHT_UNIT,
            "group": members["group"],
        }
    )
    names: pd.DataFrame = gazetteer.name_regions(named)
    return names.loc[chosen, list(NAME_COLUMNS)]


def _facts(locations: Locations, members: pd.DataFrame) -> pd.DataFrame:
    """Columns of the region table that are counted or measured, by cluster."""
    spots = members.groupby(["group", "location"], as_index=False)[["weight", "count"]].sum()
    group, at = spots["group"].to_numpy(), spots["location"].to_numpy()
    clusters, first, sizes = np.unique(group, return_index=True, return_counts=True)
    rank = np.lexsort((at, -spots["weight"].to_numpy(), group))[first]  # heaviest of each
    parts = np.split(at, first[1:])
    extent = [widest_squared(locations.positions[:, part]) for part in parts] if len(at) else []
    total = spots.groupby("group")[["weight", "count"]].sum()
    facts = {
        "longitude": locations.longitude[at[rank]],
        "latitude": locations.latitude[at[rank]],
        "weight": total["weight"].to_numpy() / WEIGHT_UNIT,
        "record_count": total["count"].to_numpy(),
        "location_count": sizes,
        "extent_km": arc_km(np.array(extent, np.float64)),
    }
    return pd.DataFrame(facts, index=clusters)


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
