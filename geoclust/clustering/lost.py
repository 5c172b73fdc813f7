"""Groups dense enough for a region that became none, because a limit forbade it.

A cluster of the tree beyond `max_extent_km` or `max_cluster_size` gives way to its admissible
parts.  Where it has none, nothing is left of it: a city with firms strewn around it may be one
cluster, too wide and without parts.  That is the rule, and this is where it is told, with the
settings that would keep the group, each of them tried.
"""

import math
from dataclasses import asdict, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.clustering.build import Hierarchy
from geoclust.clustering.extent import widest_squared
from geoclust.clustering.extract import Clustering
from geoclust.clustering.field import Field
from geoclust.clustering.labels import choose_regions, limits_of
from geoclust.clustering.rules import Rules
from geoclust.clustering.selection import Choice, Limits
from geoclust.clustering.tables import region_table
from geoclust.schema import WEIGHT_UNIT
from geoclust.sphere import Ints, arc_km

TRIED: Final = 3
"""Groups, heaviest first, for which other settings are tried."""

COLUMNS: Final = (
    "name", "country", "weight", "record_count", "extent_km", "limit", "max_extent_km",
    "max_cluster_size", "min_membership", "min_cluster_size",
)  # fmt: skip

_MEMBERSHIPS: Final = tuple(round(0.05 * step, 2) for step in range(20))


def lost_groups(clustering: Clustering) -> pd.DataFrame:
    """Groups of the tree with nothing chosen in, above or below them, whom a limit kept out.

    Parameters
    ----------
    clustering
        As found, of the engine "geoclust"; of another nothing is known.

    Returns
    -------
    DataFrame
        One row per group, heaviest first: `name`, `country`, `weight`, `record_count` and
        `extent_km` of the members it would keep; `limit`, the setting that forbids it; and, of the
        three heaviest, values of `max_extent_km`, `max_cluster_size`, `min_membership` and
        `min_cluster_size` each of which alone would put its heaviest location into a region
        (missing where none does, or it was not tried).

    Examples
    --------
    >>> from geoclust.clustering.build import build_hierarchy
    >>> from geoclust.clustering.extract import extract_regions
    >>> rows = {"kind": "firm", "longitude": [0.1, 0.5] * 12, "latitude": 52.2, "country": "GB"}
    >>> hierarchy = build_hierarchy(pd.DataFrame(rows), min_samples=20)
    >>> lost = lost_groups(extract_regions(hierarchy, max_extent_km=20))
    >>> lost[["weight", "limit", "max_extent_km"]].values.tolist()
    [[24.0, 'max_extent_km', 30.0]]
    """
    hierarchy = clustering.hierarchy
    if hierarchy.engine != "geoclust" or clustering.before is not None:
        return _table([])
    names = asdict(Rules())
    rules = Rules(**{name: clustering.parameters[name] for name in names})
    found, choice = choose_regions(hierarchy, rules)
    limits = limits_of(rules)
    groups = [
        (int(cluster), why)
        for cluster in _without_region(
            found, choice, leaves=rules.cluster_selection_method == "leaf"
        )
        if (why := _forbidding(found, limits, int(cluster))) is not None
    ]
    if not groups:
        return _table([])
    told = _told(hierarchy, found, limits, [cluster for cluster, _ in groups])
    told["limit"] = pd.Series(dict(groups), dtype="str")
    told = told.sort_values(["weight", "name"], ascending=[False, True], kind="stable")
    rows = told.to_dict("records")
    for row, cluster in zip(rows[:TRIED], told.index[:TRIED], strict=True):
        row.update(_remedies(hierarchy, found, rules, cluster=int(cluster)))
    return _table(rows)


def _table(rows: list[dict[Any, Any]]) -> pd.DataFrame:
    text = dict.fromkeys(("name", "country", "limit"), "str")
    numbers = {name: "float64" for name in COLUMNS if name not in {*text, "record_count"}}
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.astype({**text, **numbers, "record_count": "int64"})


def _without_region(found: Field, choice: Choice, *, leaves: bool) -> Ints:
    """Topmost clusters with nothing chosen in, above or below; with "leaf" the lowest."""
    parent, k = found.tree.parent, len(found.birth)
    chosen = np.zeros(k, np.bool_)
    chosen[choice.chosen] = True
    covered, holds = chosen.copy(), chosen.copy()
    for cluster, above in enumerate(parent.tolist()):  # parents come first
        covered[cluster] |= above >= 0 and covered[above]
    for cluster in range(k - 1, -1, -1):
        if parent[cluster] >= 0:
            holds[parent[cluster]] |= holds[cluster]
    lost = ~covered & ~holds
    if leaves:
        lost[parent[parent >= 0]] = False
        return np.flatnonzero(lost)
    return np.flatnonzero(lost & ~np.append(lost, False)[parent])


def _forbidding(found: Field, limits: Limits, cluster: int) -> str | None:
    """The setting beyond which the members kept would be; None where it is none of them."""
    locations, _ = found.kept(np.array([cluster]), limits.min_membership)
    weight = found.weight[locations].sum()
    if weight < limits.least:
        return "min_membership" if limits.min_membership > 0 else None
    if limits.most is not None and weight > limits.most:
        return "max_cluster_size"
    extent = limits.squared_extent
    if extent is not None and widest_squared(found.positions[:, locations]) > extent:
        return "max_extent_km"
    return None


def _told(hierarchy: Hierarchy, found: Field, limits: Limits, groups: list[int]) -> pd.DataFrame:
    """Name and facts of each group, by cluster."""
    locations = hierarchy.locations
    at, which = found.kept(np.array(groups), limits.min_membership)
    owner = np.full(len(found.weight), -1, np.int64)
    owner[at] = np.array(groups)[which]
    scores = pd.DataFrame(
        {"persistence": 0.0, "birth_km": 0.0}, index=pd.Index(sorted(groups), name="cluster")
    )
    of_record = owner[locations.records["location"].to_numpy()]
    table, id_of = region_table(locations, of_record, scores)
    return table.loc[list(id_of(scores.index.to_numpy()))].set_index(scores.index)[
        ["name", "country", "weight", "record_count", "extent_km"]
    ]


def _remedies(
    hierarchy: Hierarchy, found: Field, rules: Rules, *, cluster: int
) -> dict[str, float]:
    """Settings of which each alone, tried, puts the group's heaviest location into a region."""
    limits = limits_of(rules)
    at, _ = found.kept(np.array([cluster]), limits.min_membership)
    if not len(at):
        return {}
    weight = float(found.weight[at].sum() / WEIGHT_UNIT)
    width = float(arc_km(np.array([widest_squared(found.positions[:, at])]))[0])
    heaviest = int(at[np.lexsort((at, -found.weight[at]))[0]])
    proposed: dict[str, Any] = {
        "max_extent_km": None if rules.max_extent_km is None else 10 * math.ceil(width / 10 + 1e-9),
        "max_cluster_size": None if rules.max_cluster_size is None else math.ceil(weight),
        "min_membership": _membership(found, limits, cluster),
        "min_cluster_size": max(2, math.floor(min(weight, rules.min_cluster_size))),
    }
    asked = {name: getattr(rules, name) for name in proposed}
    return {
        name: value
        for name, value in proposed.items()
        if value not in {None, asked[name]}
        and choose_regions(hierarchy, replace(rules, **{name: value}))[1].kept[heaviest]
    }


def _membership(found: Field, limits: Limits, cluster: int) -> float | None:
    """The nearest `min_membership` at which the members kept would be within the limits."""
    if limits.min_membership == 0:
        return None
    nearest = sorted(_MEMBERSHIPS, key=lambda share: abs(share - limits.min_membership))
    for share in nearest:
        if _forbidding(found, replace(limits, min_membership=share), cluster) is None:
            locations, _ = found.kept(np.array([cluster]), share)
            if found.weight[locations].sum() >= limits.least:
                return share
    return None
