"""What changed in how regions stand: their ground, their verdicts."""

from typing import Final

import numpy as np
import pandas as pd

from geoclust.comparison.side import Side
from geoclust.delineation.globe import area_km2
from geoclust.schema import STATUSES
from geoclust.sphere import Floats

ABSENT: Final = "absent"
UNJUDGED: Final = "not judged"


def footprint_jaccard(a: Side, b: Side, fates: pd.DataFrame) -> Floats:
    """Common ground over all ground of each row's two footprints, geodesic areas; else missing.

    Examples
    --------
    `0.0` where two regions are the same by their records and their footprints do not touch.
    """
    found = np.full(len(fates), np.nan)
    for row, (one, two) in enumerate(zip(fates["region_a"], fates["region_b"], strict=True)):
        if isinstance(one, str) and isinstance(two, str):
            ground = a.regions.geometry[one], b.regions.geometry[two]
            found[row] = _jaccard(*ground)
    return found


def _jaccard(one, two) -> float:  # type: ignore[no-untyped-def]  # noqa: ANN001 - shapely has no types
    if one.equals(two):
        return 1.0
    common = area_km2(one.intersection(two))
    return common / (area_km2(one) + area_km2(two) - common)


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
