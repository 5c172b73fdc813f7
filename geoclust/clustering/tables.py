"""What was found, told per region and per record.

Members are counted in whole units and put in the order of their locations first, so that no table
depends on the order of rows; records reach their region through their location alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoclust import gazetteer
from geoclust.clustering.extent import widest_of_each
from geoclust.clustering.field import Field
from geoclust.clustering.locations import Locations
from geoclust.clustering.selection import Choice
from geoclust.clustering.spanning_tree import nearest_to
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
    locations: Locations,
    owner: Ints,
    scores: pd.DataFrame,
    *,
    named: tuple[NDArray[np.object_], NDArray[np.object_]] | None = None,
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
    named
        Ids and names by cluster where somebody has given them; else the gazetteer does.
    """
    members = _members(locations, owner)
    names = _names(locations, members, scores.index)
    if named is not None:
        names["region_id"], names["name"] = (given[scores.index] for given in named)
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
    back, distinct = pd.factorize(key)  # by hashing; only what is distinct is sorted
    weight = np.bincount(back, records["weight"].to_numpy()[inside], len(distinct))
    count = np.bincount(back, minlength=len(distinct))
    order = np.argsort(distinct, kind="stable")
    spot, country = np.divmod(distinct[order], len(countries) + 1)
    spot, names = np.divmod(spot, len(locations)), np.append(countries, np.nan)
    return pd.DataFrame(
        {
            "group": spot[0],
            "location": spot[1],
            "country": pd.Series(names[country - 1], dtype="str"),
            "weight": weight.astype(np.int64)[order],
            "count": count[order],
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
    group, at = members["group"].to_numpy(), members["location"].to_numpy()  # ascending
    begins = np.ones(len(group), np.bool_)
    begins[1:] = (group[1:] != group[:-1]) | (at[1:] != at[:-1])
    spots = np.flatnonzero(begins)
    group, at = group[spots], at[spots]
    weight, count = (_sums(members[name].to_numpy(), spots) for name in ("weight", "count"))
    clusters, first, sizes = np.unique(group, return_index=True, return_counts=True)
    rank = np.lexsort((at, -weight, group))[first]  # heaviest of each
    extent = widest_of_each(locations.positions[:, at], np.append(first, len(at)))
    facts = {
        "longitude": locations.longitude[at[rank]],
        "latitude": locations.latitude[at[rank]],
        "weight": _sums(weight, first) / WEIGHT_UNIT,
        "record_count": _sums(count, first),
        "location_count": sizes,
        "extent_km": arc_km(extent),
    }
    return pd.DataFrame(facts, index=clusters)


def _sums(values: Ints, first: Ints) -> Ints:
    """Sums of runs that begin at `first`."""
    return np.add.reduceat(values, first) if len(first) else values[:0]


def nearest_regions(found: Field, choice: Choice) -> Ints:
    """Cluster (or -1) next to each location that is noise only for want of membership or side.

    A location whose membership is too low is next to its own cluster.  One whose records leave
    where their cluster splits stands between the parts: it is next to the nearest member of a
    region, if within the length at which they part.
    """
    tree = found.tree
    nearest = np.where(choice.kept, -1, choice.owner)
    outside = np.flatnonzero(choice.owner < 0)
    cluster, leave = tree.cluster[outside], tree.leave[outside]
    at = found.positions[:, outside]
    nearest[outside] = beside(found, choice, at, cluster=cluster, leave=leave)
    return nearest


def beside(
    found: Field, choice: Choice, positions: Floats, *, cluster: Ints, leave: Floats
) -> Ints:
    """Cluster (or -1) next to records that leave their lowest cluster where it splits.

    Parameters
    ----------
    found, choice
        What was laid out and chosen.
    positions
        Grid positions of the records, shape (3, m).
    cluster, leave
        Lowest cluster that holds each, -1 for none, and the squared length at which it leaves.
    """
    tree = found.tree
    split = np.full(len(tree.birth) + 1, -1.0)
    child = np.flatnonzero(tree.parent >= 0)
    split[tree.parent[child]] = tree.birth[child]
    next_to = np.full(len(cluster), -1)
    hubs = np.flatnonzero((cluster >= 0) & (leave == split[cluster]))
    members = np.flatnonzero(choice.kept)
    if len(hubs) and len(members):
        closest, squared = _closest(found.positions, positions[:, hubs], members)
        near = squared <= leave[hubs]
        next_to[hubs[near]] = choice.owner[closest[near]]
    return next_to


def _closest(positions: Floats, hubs: Floats, members: Ints) -> tuple[Ints, Floats]:
    """Closest of `members` to positions (3, m), the least number among equals, and how far."""
    from scipy.spatial import KDTree  # noqa: PLC0415 - heavy

    points, k = positions.T[members], min(16, len(members))
    near, squared = nearest_to(KDTree(points), points, hubs.T, k)
    least = squared.min(axis=1)
    tied = np.where(squared == least[:, None], members[near], positions.shape[1])
    return tied.min(axis=1), least
