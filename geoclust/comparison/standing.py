"""What changed in how regions stand: their ground, their verdicts."""

from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.comparison.side import Side
from geoclust.delineation.globe import area_km2
from geoclust.schema import STATUSES

ABSENT: Final = "absent"
UNJUDGED: Final = "not judged"


SAME_GROUND: Final = 1 - 1e-6
"""Footprints with this share of their ground in common are one: less is how files round."""


def grounds(a: Side, b: Side, fates: pd.DataFrame) -> pd.DataFrame:
    """The footprints of each row: how large they are, and what they have in common.

    Returns
    -------
    DataFrame
        On the index of `fates`: `area_a_km2`, `area_b_km2` (geodesic; missing where there is no
        region), `jaccard_footprints` (common ground over all ground of both; 0 where two regions
        are the same by their records and their footprints do not touch; missing where there are
        not two).
    """
    rows = [
        _ground(_footprint(a, one), _footprint(b, two))
        for one, two in zip(fates["region_a"], fates["region_b"], strict=True)
    ]
    columns = ["area_a_km2", "area_b_km2", "jaccard_footprints"]
    return pd.DataFrame(rows, index=fates.index, columns=columns, dtype="float64")


def _footprint(side: Side, region: object) -> Any:  # noqa: ANN401 - shapely has no types
    return side.regions.geometry[region] if isinstance(region, str) else None


def _ground(one: Any, two: Any) -> tuple[float, float, float]:  # noqa: ANN401
    before, after = (np.nan if shape is None else area_km2(shape) for shape in (one, two))
    if one is None or two is None:
        return before, after, np.nan
    if one.equals(two):
        return before, after, 1.0
    common = area_km2(one.intersection(two))
    return before, after, common / (before + after - common)


def status_moves(a: Side, b: Side, fates: pd.DataFrame) -> pd.DataFrame:
    """Number of regions by status in A (rows) and in B (columns).

    A region that is in one of them only is "absent" from the other; one of polygons that nobody
    judged is "not judged".

    Returns
    -------
    DataFrame
        Whole numbers; rows and columns in the order of `STATUSES`, then what else occurs.
    """
    known_a = (
        fates["region_a"].map(a.regions["status"].fillna(UNJUDGED)).astype("str").fillna(ABSENT)
    )
    known_b = (
        fates["region_b"].map(b.regions["status"].fillna(UNJUDGED)).astype("str").fillna(ABSENT)
    )
    counts = pd.crosstab(known_a, known_b)
    order = (*STATUSES, UNJUDGED, ABSENT)
    rows = [name for name in order if name in STATUSES or name in counts.index]
    columns = [name for name in order if name in STATUSES or name in counts.columns]
    table = counts.reindex(index=rows, columns=columns, fill_value=0).astype("int64")
    return table.rename_axis(index="status_a", columns="status_b")
