"""What lies inside a region and what lies round it, by the hierarchy it comes from."""

from typing import Final

import numpy as np
import pandas as pd

from geoclust.clustering.build import Hierarchy
from geoclust.clustering.hierarchy import Condensed, condense
from geoclust.clustering.labels import label_records
from geoclust.errors import ParameterError
from geoclust.schema import WEIGHT_UNIT
from geoclust.sphere import Ints

NOTHING: Final = -1


def finer_parts(
    hierarchy: Hierarchy,
    members: "pd.Index[str]",
    *,
    min_cluster_size: int,
    at_km: float | None = None,
) -> pd.Series:
    """Number the parts that some records fall into along the hierarchy.

    Parameters
    ----------
    hierarchy
        From `build_hierarchy`, of the engine "geoclust".
    members
        Ids of records, such as those of a region.
    min_cluster_size
        Least weight of a part, counted over all records that hang together.
    at_km
        Length at which to cut; None: where the lowest cluster that holds all members splits.

    Returns
    -------
    Series
        Index `members`; number of each one's part, -1 for none.

    Examples
    --------
    >>> from geoclust.clustering import build_hierarchy
    >>> rows = {"kind": "firm", "longitude": [0.0] * 12 + [0.2] * 12, "latitude": 52.0}
    >>> hierarchy = build_hierarchy(pd.DataFrame(rows), resolution_km=1)
    >>> members = hierarchy.locations.records.index
    >>> finer_parts(hierarchy, members, min_cluster_size=10, at_km=5.0).value_counts().to_dict()
    {0: 12, 1: 12}
    """
    if hierarchy.engine != "geoclust":
        raise ParameterError(
            f'a finer cut needs a hierarchy of engine "geoclust", not "{hierarchy.engine}"'
        )
    if at_km is None:
        return _children_of(hierarchy, members, min_cluster_size)
    lowest, highest = hierarchy.resolution_km, hierarchy.max_link_km
    cut = float(np.clip(at_km, lowest, highest))
    labels = label_records(
        hierarchy,
        min_cluster_size=min_cluster_size,
        cluster_selection_method="distance",
        cluster_selection_epsilon_km=cut,
        max_extent_km=None,
        min_membership=0.0,
    )["label"]
    return labels.reindex(members).astype("int64")


def _children_of(hierarchy: Hierarchy, members: "pd.Index[str]", size: int) -> pd.Series:
    tree = condense(hierarchy.merges, size * WEIGHT_UNIT)
    at = hierarchy.locations.records["location"].reindex(members).to_numpy()
    top = lowest_over(tree, np.unique(tree.cluster[at]))
    child = below(tree, top)[tree.cluster[at]] if top >= 0 else np.full(len(at), NOTHING)
    return pd.Series(child, index=members, dtype="int64")


def lowest_over(tree: Condensed, clusters: Ints) -> int:
    """The lowest cluster that is, or holds, all of the given ones; -1 for none.

    Clusters are numbered parents first, so that the greater of two is never above the other.
    """
    left = sorted({int(one) for one in clusters})
    if not left or left[0] < 0:
        left = [one for one in left if one >= 0]
    while len(left) > 1:
        last = left.pop()
        above = int(tree.parent[last])
        if above < 0:
            return NOTHING
        left = sorted({*left, above})
    return left[0] if left else NOTHING


def below(tree: Condensed, top: int) -> Ints:
    """For every cluster, and -1 at the end, the child of `top` that holds it; -1 for none."""
    child = np.full(len(tree.parent) + 1, NOTHING, dtype=np.int64)
    for cluster, parent in enumerate(tree.parent.tolist()):
        child[cluster] = cluster if parent == top else child[parent]
    return child
