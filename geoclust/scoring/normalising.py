"""Values of an indicator -> numbers that can be compared across indicators.

Every function takes the values (regions x indicators, NaN for missing) and the direction of each
indicator (+1 more is better, -1 less is better), and returns a table of the same shape.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

SAME_VALUE_DIGITS: Final = 12
"""Values equal to this many significant digits tie: only rounding lies between them."""


def competition_rank(values: pd.DataFrame, direction: pd.Series) -> pd.DataFrame:
    """Rank each indicator, 1 best; ties share the better rank and the next is skipped ("1224").

    Of N regions, m have the indicator: they take the places 1 to m, those without share the place
    behind, m + 1; where any is missing all places are rescaled by N / (m + 1), so that the last
    place is N in every indicator.  An indicator that no region has stays missing.

    Examples
    --------
    >>> values = pd.DataFrame({"x": [7.0, 7.0, 1.0, np.nan], "y": [1.0, 2.0, np.nan, np.nan]})
    >>> competition_rank(values, pd.Series({"x": 1, "y": -1})).round(2).to_dict("list")
    {'x': [1.0, 1.0, 3.0, 4.0], 'y': [1.33, 2.67, 4.0, 4.0]}
    """
    ranks = {}
    for name in values.columns:
        value = direction[name] * _significant(values[name])
        n, m = len(value), int(value.notna().sum())
        place = value.rank(method="min", ascending=False)
        ranks[name] = place.fillna(m + 1) * (n / (m + 1)) if 0 < m < n else place
    return pd.DataFrame(ranks, index=values.index, columns=values.columns).astype("float64")


Normalise = Callable[[pd.DataFrame, pd.Series], pd.DataFrame]
NORMALISE: Final[dict[str, Normalise]] = {"competition_rank": competition_rank}


def _significant(value: pd.Series) -> pd.Series:
    """Values to 12 significant digits."""
    number = value.to_numpy(dtype=np.float64)
    size = np.abs(number, where=np.isfinite(number), out=np.ones_like(number))
    scale = 10.0 ** (SAME_VALUE_DIGITS - 1 - np.floor(np.log10(np.where(size > 0, size, 1.0))))
    return pd.Series(np.rint(number * scale) / scale, index=value.index)
