"""The density hierarchy to look at and click on: its clusters, laid out as a tree of blocks.

Each block is a cluster of the condensed tree: as wide as its weight, as high as it lives, from the
length at which it separates (top) to that at which it ends or splits (bottom), on a logarithmic
scale.  The blocks that are regions now carry their ids.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.clustering import Clustering, Hierarchy
from geoclust.clustering.hierarchy import Condensed, condense
from geoclust.clustering.rules import Rules
from geoclust.delineation import delineate
from geoclust.explorer.bench import Bench
from geoclust.report.payload import region_shapes
from geoclust.schema import WEIGHT_UNIT
from geoclust.sphere import Floats, Ints, arc_km

MOST_BLOCKS: Final = 1_500
"""Blocks shown at most: the heaviest, and all that are above one of them."""


@dataclass(frozen=True, eq=False)
class Forest:
    """A condensed tree, and which of its clusters are regions now.

    Attributes
    ----------
    tree
        Clusters, parents first.
    region
        Id of the region that each cluster is, or "".
    low_km
        Length at which each cluster ends: its parts separate, or its last records leave.
    """

    tree: Condensed
    region: list[str]
    low_km: Floats

    @classmethod
    def of(cls, hierarchy: Hierarchy, clustering: Clustering) -> "Forest":
        """Condense a hierarchy by the rules that a clustering was made with."""
        size = clustering.parameters["min_cluster_size"]
        tree = condense(hierarchy.merges, Rules(min_cluster_size=size).least_units)
        return cls(tree, _regions_of(tree, hierarchy, clustering), _ends(tree))

    def blocks(self) -> list[dict[str, Any]]:
        """Blocks in drawing order: number, parent, from and to in km, weight, region.

        `x` and `width` are shares of the whole breadth; children lie within their parents.
        """
        tree = self.tree
        shown = _shown(tree)
        x, width = _across(tree, shown)
        born = arc_km(tree.birth)
        return [
            {
                "n": int(k),
                "parent": int(tree.parent[k]),
                "x": round(float(x[k]), 6),
                "width": round(float(width[k]), 6),
                "from_km": float(f"{born[k]:.5g}"),
                "to_km": float(f"{self.low_km[k]:.5g}"),
                "weight": float(f"{tree.weight[k] / WEIGHT_UNIT:.6g}"),
                "region": self.region[k],
            }
            for k in np.flatnonzero(shown)
        ]

    def within(self, number: int) -> np.ndarray:
        """Whether each location is in a cluster or one below it."""
        inside = np.zeros(len(self.tree.parent) + 1, np.bool_)
        inside[number] = True
        for k, above in enumerate(self.tree.parent.tolist()):
            if above >= 0 and inside[above]:
                inside[k] = True
        return inside[self.tree.cluster]


def look(bench: Bench, forest: Forest, number: int) -> dict[str, Any]:
    """A cluster of the tree that was clicked: its ground, and that of what it would join.

    Parameters
    ----------
    bench
        Whose records and reach are used.
    forest
        Of the bench as it lies.
    number
        Of the cluster.

    Returns
    -------
    dict
        `shape` and `joins` (or None) as polygons, `from_km`, `weight`, `records`, `children`, and
        `regions`, the ids of regions in it.
    """
    tree = forest.tree
    parent = int(tree.parent[number])
    inside = forest.within(number)
    at = bench.hierarchy().locations.records["location"].to_numpy()
    region_of = bench.clustering().region_of
    return {
        "n": number,
        "shape": _ground(bench, inside[at]),
        "joins": _ground(bench, forest.within(parent)[at]) if parent >= 0 else None,
        "from_km": float(f"{arc_km(tree.birth)[number]:.5g}"),
        "weight": float(f"{tree.weight[number] / WEIGHT_UNIT:.6g}"),
        "records": int(inside[at].sum()),
        "children": [int(k) for k in np.flatnonzero(tree.parent == number)],
        "regions": sorted(set(region_of[inside[at]].dropna())),
    }


def _ground(bench: Bench, mine: np.ndarray) -> dict[str, Any]:
    records = bench.inputs.records.loc[bench.hierarchy().locations.records.index[mine]]
    drawing = bench.config.delineation.model_dump()
    one = delineate(records, pd.Series("x", index=records.index), **drawing)
    return region_shapes(one)[0]


def _regions_of(tree: Condensed, hierarchy: Hierarchy, clustering: Clustering) -> list[str]:
    """Id of the region that each cluster is: it holds all the region's records, and no less."""
    records = hierarchy.locations.records
    region_of = clustering.region_of.reindex(records.index)
    inside = region_of.notna().to_numpy()
    lowest = pd.Series(tree.cluster[records["location"].to_numpy()[inside]])
    names = [""] * len(tree.parent)
    for region, clusters in lowest.groupby(region_of[inside].to_numpy()):
        common = _common(tree.parent, np.unique(clusters.to_numpy()))
        if common >= 0 and not names[common]:
            names[common] = str(region)
    return names


def _common(parent: Ints, clusters: Ints) -> int:
    """The lowest cluster above (or equal to) all of some, -1 if there is none."""
    left = {int(k) for k in clusters}
    while len(left) > 1:
        deepest = max(left)  # a parent has a smaller number than its children
        left.remove(deepest)
        above = int(parent[deepest])
        if above < 0:
            return -1
        left.add(above)
    return left.pop() if left else -1


def _ends(tree: Condensed) -> Floats:
    """Length in km at which each cluster ends."""
    end = np.array(tree.birth, dtype=np.float64)
    inside = np.flatnonzero(tree.cluster >= 0)
    np.minimum.at(end, tree.cluster[inside], tree.leave[inside])
    child = np.flatnonzero(tree.parent >= 0)
    split = np.full(len(end), -1.0)
    split[tree.parent[child]] = tree.birth[child]
    return np.asarray(arc_km(np.where(split >= 0, split, end)), dtype=np.float64)


def _shown(tree: Condensed) -> np.ndarray:
    order = np.argsort(-tree.weight, kind="stable")[:MOST_BLOCKS]
    shown = np.zeros(len(tree.parent), np.bool_)
    shown[order] = True
    for k in range(len(tree.parent) - 1, -1, -1):
        if shown[k] and tree.parent[k] >= 0:
            shown[tree.parent[k]] = True
    return shown


def _across(tree: Condensed, shown: np.ndarray) -> tuple[Floats, Floats]:
    """Left edge and breadth of each block; heavier ones to the left, children inside parents."""
    count = len(tree.parent)
    x, width, free = np.zeros(count), np.zeros(count), np.zeros(count)
    total = float(tree.weight[(tree.parent < 0) & shown].sum()) or 1.0
    start = 0.0
    for k in sorted(np.flatnonzero(shown).tolist(), key=lambda k: (-tree.weight[k], k)):
        above = int(tree.parent[k])
        width[k] = float(tree.weight[k]) / total
        if above < 0:
            x[k], start = start, start + width[k]
        else:
            x[k] = x[above] + free[above]
            free[above] += width[k]
    return x, width
