"""How far each indicator moves each region from the middle of the field."""

from typing import Final

import numpy as np
import pandas as pd

from geoclust.scoring.aggregating import AGGREGATE
from geoclust.scoring.framework import Framework
from geoclust.scoring.rules import levels
from geoclust.sphere import Floats

DIGITS: Final = 12
COLUMNS: Final = {
    "region_id": "str",
    "indicator": "str",
    "dimension": "str",
    "factor": "str",
    "value": "float64",
    "rank": "float64",
    "missing": "bool",
    "contribution": "float64",
    "effect": "str",
}


def contribution_table(
    values: pd.DataFrame,
    ranks: pd.DataFrame,
    framework: Framework,
    *,
    normalised: pd.DataFrame,
    weights: pd.DataFrame,
) -> pd.DataFrame:
    """How far each indicator moves each region from the middle of the field; long.

    By default share of the weight x (middle rank - rank): a region's contributions sum to the
    middle rank less its score.  For arithmetic means and sums of other numbers: weight x
    (number - mean of the field), which sum to the score less the field's mean; for geometric and
    harmonic means the same in logarithms and in inverses, for Copeland's method in regions
    beaten less beaten by, as a share of the others.  Where the total is made of dimensions and
    these are normalised or put together otherwise, contributions are indicative.

    Parameters
    ----------
    values, ranks
        Regions x indicators, as in `Scores`.
    framework
        The scheme they come from.
    normalised, weights
        Regions x indicators, in the order of `values`.

    Returns
    -------
    DataFrame
        One row per region and indicator that any region has, as `Scores.contributions`.
    """
    specs = [spec for spec in framework.indicators if values[spec.name].notna().any()]
    names = [spec.name for spec in specs]
    gain = _gain(normalised[names].to_numpy(), framework) * weights[names].to_numpy()
    gain = np.round(gain, DIGITS) + 0.0
    n = len(values)
    table = {
        "region_id": np.repeat(values.index.to_numpy(), len(specs)),
        "indicator": np.tile(names, n),
        "dimension": np.tile([spec.dimension for spec in specs], n),
        "factor": np.tile([spec.factor_of for spec in specs], n),
        "value": values[names].to_numpy().ravel(),
        "rank": ranks[names].to_numpy().ravel(),
        "missing": values[names].isna().to_numpy().ravel(),
        "contribution": gain.ravel(),
        "effect": np.select([gain > 0, gain < 0], ["carries", "holds back"], "neutral").ravel(),
    }
    return pd.DataFrame(table).astype(COLUMNS)


def _gain(normalised: Floats, framework: Framework) -> Floats:
    """Lead over the middle of the field on the scale where contributions add up."""
    first, second = levels(framework)
    level = second if framework.composite.of == "indicators" else first
    how, less = AGGREGATE[level.aggregate], level.numbers.less_is_better
    n = len(normalised)
    if how.pairwise:
        sense = -1.0 if less else 1.0
        ahead = np.sign(normalised[:, None, :] - normalised[None, :, :]).sum(axis=1)
        return np.asarray(sense * ahead / max(n - 1, 1))
    if level.floored:
        normalised = framework.floor + (1.0 - framework.floor) * normalised
    number = how.scale(normalised)
    if framework.normalise == "competition_rank" and number is normalised:
        return np.asarray((n + 1) / 2 - normalised)
    middle = number.mean(axis=0) if n else number.sum(axis=0)
    return np.asarray(middle - number if less else number - middle)
