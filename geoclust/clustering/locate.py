"""Which region would a new record join, judged by the hierarchy as it stands.

*Definition.*  The new record's core distance is the least length within which the hierarchy's
records weigh what its own records need (`min_samples` + 1), and its mutual reachability to a
location the greatest of their distance, both core distances and the resolution.  It comes in at
the least length t at which it reaches any location, beside that location (the nearest among
equals, then the least number).  At lengths from t on it is where that location is: in the
lowest cluster that holds it and is born above t, which it leaves at t, or with the location if
that leaves at a greater length.  So it is in a region, with a membership and an outlier score, by
the rules for all records; beyond `max_link_km` it is noise.

*Consistent.*  A record at a coordinate of the hierarchy has the core distance of that location
and reaches it at that length, nearest of all, so it gets exactly what the records there have.  New
records change nothing, for each other neither.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoclust.clustering.build import Hierarchy, floor_squared
from geoclust.clustering.density import density
from geoclust.clustering.extract import Clustering
from geoclust.clustering.field import Field
from geoclust.clustering.hierarchy import Condensed
from geoclust.clustering.labels import choose_regions
from geoclust.clustering.rules import Rules
from geoclust.clustering.scores import outlyingness
from geoclust.clustering.selection import Choice
from geoclust.clustering.spanning_tree import Bools, nearest_to, reached
from geoclust.clustering.tables import beside
from geoclust.errors import ParameterError, SchemaError
from geoclust.schema import WEIGHT_UNIT, require_columns
from geoclust.sphere import Floats, Ints, arc_km, coordinate_keys, grid_positions, key_coordinates

BLOCK = 2_000_000
"""Elements of one block of a neighbour search."""


def locate_records(clustering: Clustering, new_records: pd.DataFrame) -> pd.DataFrame:
    """Find the region that each new record would join, consistently with the clustering.

    Parameters
    ----------
    clustering
        From `extract_regions`, of the engine "geoclust".
    new_records
        Columns `longitude` and `latitude` (degrees, WGS84); others have no influence.

    Returns
    -------
    DataFrame
        Index as `new_records`; `region_id` (NaN for noise), `membership` (0 for noise),
        `outlier_score`, `nearest_region` (of noise only for want of membership or side),
        `core_km` (core distance) and `reach_km` (length at which the record comes in); both are
        infinite where the hierarchy's records weigh too little.  A record of the clustering gets
        its own region, membership, score and nearest region back.

    Raises
    ------
    ParameterError
        If the clustering is the upstream package's, or its regions were given or edited.
    SchemaError
        If a coordinate is missing or impossible.

    Examples
    --------
    >>> from geoclust.clustering import build_hierarchy, extract_regions
    >>> rows = {"kind": "firm", "longitude": [0.1] * 12, "latitude": [52.2] * 12}
    >>> clustering = extract_regions(build_hierarchy(pd.DataFrame(rows)))
    >>> new = pd.DataFrame({"longitude": [0.12, 9.0], "latitude": [52.2, 52.2]}, index=["a", "b"])
    >>> locate_records(clustering, new)["region_id"].notna().tolist()
    [True, False]
    """
    if clustering.hierarchy.engine != "geoclust":
        raise ParameterError(
            f'locate_records knows clusterings of engine "geoclust", not '
            f'"{clustering.hierarchy.engine}": build the hierarchy without engine'
        )
    if clustering.before is not None:
        raise ParameterError(
            "locate_records goes by the hierarchy, which does not know regions that were given or "
            "edited: pass clustering.before, the regions as they were found"
        )
    positions = _checked_positions(new_records)
    rules = Rules(**{name: clustering.parameters[name] for name in Rules.__annotations__})
    found, choice = choose_regions(clustering.hierarchy, rules)
    core, reach, beside_which = _arrival(clustering.hierarchy, positions)
    cluster, leave = _place(found.tree, reach, beside_which, clustering.hierarchy.merges.ceiling)
    owner, membership = _membership(found, choice, cluster, leave)
    at_cut = rules.cluster_selection_method == "distance"
    kept = (owner >= 0) & (membership >= (0.0 if at_cut else rules.min_membership))
    nearest, stray = np.where(kept, -1, owner), owner < 0
    nearest[stray] = beside(
        found, choice, positions[:, stray], cluster=cluster[stray], leave=leave[stray]
    )
    outlier, held = np.ones(len(owner)), cluster >= 0
    outlier[held] = outlyingness(found, cluster[held], density(leave[held], found.scale))
    ids = _region_ids(clustering, choice, len(found.birth))
    columns = {
        "region_id": pd.array(ids[np.where(kept, owner, -1)], dtype="str"),
        "membership": np.where(kept, membership, 0.0),
        "outlier_score": outlier,
        "nearest_region": pd.array(ids[nearest], dtype="str"),
        "core_km": _km(core),
        "reach_km": _km(reach),
    }
    return pd.DataFrame(columns, index=new_records.index)


def _checked_positions(records: pd.DataFrame) -> Floats:
    """Grid positions of the records, at coordinates rounded as those of the hierarchy are."""
    require_columns(records, ("longitude", "latitude"), "new records")
    degrees = []
    for name, most in (("longitude", 180), ("latitude", 90)):
        values = pd.to_numeric(records[name], errors="coerce").to_numpy(np.float64, na_value=np.nan)
        bad = ~(np.abs(values) <= most)
        if bad.any():
            raise SchemaError(
                f"new records: {int(bad.sum())} {name}s not within -{most} to {most}, first at "
                f"{records.index[bad][0]!r}"
            )
        degrees.append(values)
    return grid_positions(*key_coordinates(coordinate_keys(*degrees)))


def _km(squared: Floats) -> Floats:
    infinite = np.isinf(squared)
    return np.where(infinite, np.inf, arc_km(np.where(infinite, 0.0, squared)))


def _arrival(hierarchy: Hierarchy, positions: Floats) -> tuple[Floats, Floats, Ints]:
    """Squared core distance, least squared reach and the location reached, of each position.

    The search takes in twice as many neighbours until no other can be reached as soon, or is
    nearer among equals.
    """
    from scipy.spatial import KDTree  # noqa: PLC0415 - heavy

    locations, count = hierarchy.locations, positions.shape[1]
    core, reach = np.full(count, np.inf), np.full(count, np.inf)
    at = np.full(count, -1, np.int64)
    if int(locations.weight.sum()) < (hierarchy.min_samples + 1) * WEIGHT_UNIT:
        return core, reach, at
    points, places = np.ascontiguousarray(locations.positions.T), positions.T
    tree, n = KDTree(points), len(points)
    k, left = min(n, 2 * hierarchy.min_samples + 2), np.arange(count)
    while len(left):
        unsure = [left[:0]]
        for rows in np.array_split(left, -(-len(left) * k // BLOCK)):
            near = nearest_to(tree, points, places[rows], k)
            core[rows], reach[rows], at[rows], sure = _least_reach(hierarchy, *near)
            unsure.append(rows[~sure] if k < n else rows[:0])
        left, k = np.concatenate(unsure), min(2 * k, n)
    return core, reach, at


def _least_reach(
    hierarchy: Hierarchy, near: Ints, squared: Floats
) -> tuple[Floats, Floats, Ints, Bools]:
    """Core distance, least reach and the location reached among neighbours, and if it is sure.

    It is sure if all that were left out are further away than the reach; or further away than
    the location reached, and nothing can be reached sooner.
    """
    need = (hierarchy.min_samples + 1) * WEIGHT_UNIT
    core, short = reached(hierarchy.locations.weight, near, squared, need)
    soonest = np.maximum(core, floor_squared(hierarchy.resolution_km))
    reach = np.maximum(np.maximum(squared, hierarchy.forest.core[near]), soonest[:, None])
    least = reach.min(axis=1)
    equal = reach == least[:, None]
    apart = np.where(equal, squared, np.inf).min(axis=1)
    equal &= squared == apart[:, None]
    at = np.where(equal, near, len(hierarchy.locations)).min(axis=1)
    beyond = squared[:, -1]
    sure = ~short & ((beyond > least) | ((beyond > apart) & (least == soonest)))
    return core, least, at, sure


def _place(tree: Condensed, reach: Floats, at: Ints, ceiling: float) -> tuple[Ints, Floats]:
    """Lowest cluster that holds each new record, -1 for none, and the level at which it leaves."""
    known = np.flatnonzero(reach <= ceiling)
    cluster, leave = np.full(len(reach), -1, np.int64), np.full(len(reach), np.inf)
    cluster[known] = tree.cluster[at[known]]
    leave[known] = np.maximum(reach[known], tree.leave[at[known]])
    leave[cluster < 0] = np.inf
    climbing = np.flatnonzero(cluster >= 0)
    while len(climbing):
        now = cluster[climbing]
        climbing = climbing[(tree.birth[now] <= reach[climbing]) & (tree.parent[now] >= 0)]
        cluster[climbing] = tree.parent[cluster[climbing]]
    return cluster, leave


def _membership(found: Field, choice: Choice, cluster: Ints, leave: Floats) -> tuple[Ints, Floats]:
    """Chosen cluster at or above each record's lowest, -1 for none, and the membership there."""
    k = len(found.birth)
    holder, above = np.full(k + 1, -1, np.int64), np.append(found.tree.parent, -1)
    holder[choice.chosen] = choice.chosen
    while (above >= 0).any():  # twice as far up in each round
        holder = np.where(holder < 0, holder[above], holder)
        above = above[above]
    owner = np.where(leave <= found.cut, holder[cluster], -1)
    membership, inside = np.zeros(len(owner)), owner >= 0
    life = density(leave[inside], found.scale)
    membership[inside] = found.membership(owner[inside], life)
    return owner, membership


def _region_ids(clustering: Clustering, choice: Choice, count: int) -> NDArray[np.object_]:
    """Region id by number of chosen cluster, told by any of its records; the last is NaN."""
    at = clustering.hierarchy.locations.records["location"].to_numpy()
    owner = np.where(choice.kept, choice.owner, -1)[at]
    chosen, first = np.unique(owner, return_index=True)
    ids = np.full(count + 1, np.nan, dtype=object)
    ids[chosen] = clustering.region_of.to_numpy(dtype=object)[first]
    ids[-1] = np.nan
    return ids
