"""Normalised indicators -> one number per region.

Every function takes the normalised indicators (regions x indicators; a column is all missing or
not at all) and their weights, and returns a number per region, less being better.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

SAME_MEAN_DIGITS: Final = 9
"""Means equal to this many decimals tie."""


def rank_mean(ranks: pd.DataFrame, weight: pd.Series) -> pd.Series:
    """Weighted mean of ranks over the indicators that any region has; missing if there is none.

    Rounded to nine decimals, so that equal means are equal.

    Examples
    --------
    >>> ranks = pd.DataFrame({"x": [1.0, 2.0], "y": [2.0, 1.0], "z": [np.nan, np.nan]})
    >>> rank_mean(ranks, pd.Series({"x": 2.0, "y": 1.0, "z": 1.0})).tolist()
    [1.333333333, 1.666666667]
    """
    known = [name for name in ranks.columns if ranks[name].notna().any()]
    if not known:
        return pd.Series(np.nan, index=ranks.index, dtype="float64")
    share = weight[known] / weight[known].sum()
    total = (ranks[known].to_numpy() * share.to_numpy(dtype=np.float64)).sum(axis=1)
    return pd.Series(total, index=ranks.index).round(SAME_MEAN_DIGITS)


Aggregate = Callable[[pd.DataFrame, pd.Series], pd.Series]
AGGREGATE: Final[dict[str, Aggregate]] = {"rank_mean": rank_mean}
