"""Where a group of records stands in the hierarchy: what it joins going up, what it parts into."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geoclust.clustering.build import Hierarchy
from geoclust.clustering.finer import lowest_over
from geoclust.clustering.hierarchy import Condensed, condense
from geoclust.errors import ParameterError
from geoclust.schema import WEIGHT_UNIT
from geoclust.sphere import arc_km

if TYPE_CHECKING:
    import pandas as pd

Step = tuple[float, "pd.Index[str]"]
"""A length in km, and the records that come together or part there."""


@dataclass(frozen=True, eq=False)
class Lineage:
    """What a group of records comes from and contains.

    Attributes
    ----------
    own
        Records of the lowest cluster of the hierarchy that holds all of them; empty where none does
        (they are not of one tree, or in no cluster).
    joins
        Going up: the length at which it joins others, and their records.
    children
        The length at which it parts, and the records of each part, heaviest first.
    """

    own: "pd.Index[str]"
    joins: tuple[Step, ...]
    children: tuple[Step, ...]


def lineage(hierarchy: Hierarchy, members: "pd.Index[str]", *, min_cluster_size: int) -> Lineage:
    """Follow a group of records up and down the condensed tree.

    Parameters
    ----------
    hierarchy
        From `build_hierarchy`, of the engine "geoclust".
    members
        Ids of records, such as those of a region.
    min_cluster_size
        Least weight of what counts as a part, or as a group that is joined.

    Raises
    ------
    ParameterError
        If the engine is another.

    Examples
    --------
    >>> import pandas as pd
    >>> from geoclust.clustering import build_hierarchy
    >>> rows = {"kind": "firm", "longitude": [0.0] * 12 + [0.2] * 12, "latitude": 52.0}
    >>> hierarchy = build_hierarchy(pd.DataFrame(rows), resolution_km=1)
    >>> found = lineage(hierarchy, hierarchy.locations.records.index[:12], min_cluster_size=10)
    >>> [(round(km, 1), len(records)) for km, records in found.joins]
    [(13.7, 12)]
    """
    if hierarchy.engine != "geoclust":
        raise ParameterError(
            f'only a hierarchy of engine "geoclust" can be explored, not "{hierarchy.engine}"'
        )
    tree = condense(hierarchy.merges, min_cluster_size * WEIGHT_UNIT)
    records = hierarchy.locations.records
    cluster = tree.cluster[records["location"].to_numpy()]
    top = lowest_over(tree, np.unique(cluster[records.index.get_indexer(members)]))
    if top < 0:
        return Lineage(records.index[:0], (), ())

    def under(which: int) -> "pd.Index[str]":
        found: pd.Index[str] = records.index[_subtree(tree, which)[cluster]]
        return found

    return Lineage(under(top), _joins(tree, top, under), _children(tree, top, under))


def _subtree(tree: Condensed, top: int) -> np.ndarray:
    """Whether each cluster, and -1 at the end, is `top` or below it; parents come first."""
    inside = np.zeros(len(tree.parent) + 1, dtype=bool)
    inside[top] = True
    for cluster in range(top + 1, len(tree.parent)):
        inside[cluster] = inside[tree.parent[cluster]]
    return inside


def _joins(tree: Condensed, top: int, under: Callable[[int], "pd.Index[str]"]) -> tuple[Step, ...]:
    steps, here = [], under(top)
    while tree.parent[top] >= 0:
        km, top = float(arc_km(tree.birth[top])), int(tree.parent[top])
        whole = under(top)
        steps.append((km, whole.difference(here, sort=False)))
        here = whole
    return tuple(steps)


def _children(
    tree: Condensed, top: int, under: Callable[[int], "pd.Index[str]"]
) -> tuple[Step, ...]:
    below = np.flatnonzero(tree.parent == top)
    order = below[np.argsort(-tree.weight[below], kind="stable")]
    return tuple((float(arc_km(tree.birth[c])), under(int(c))) for c in order.tolist())
