"""What carries a region and what holds it back."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geoclust.catalogue import INDICATORS
from geoclust.errors import ParameterError
from geoclust.scoring.aggregating import AGGREGATE
from geoclust.scoring.framework import Framework
from geoclust.scoring.rules import levels
from geoclust.sphere import Floats

if TYPE_CHECKING:
    from geoclust.scoring.ranking import Scores

DIGITS: Final = 12
COLUMNS: Final = {
    "region_id": "str",
    "indicator": "str",
    "dimension": "str",
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


def strengths_and_weaknesses(scores: "Scores", *, n: int = 3) -> pd.DataFrame:
    """The indicators in which each region stands best and worst among the others.

    A strength lies in the better half of the field, a weakness in the other; an indicator that
    is missing, or the same for all, is neither.  Places among those that have the indicator.

    Parameters
    ----------
    scores
        What `score` returned.
    n
        Most strengths, and most weaknesses, per region.

    Returns
    -------
    DataFrame
        Regions in the order of `scores.table`, strengths first, the clearest first: region_id,
        kind ("strength" | "weakness"), place (1 ...), indicator, label, dimension, factor, value,
        rank, of (regions that have it), thin (whether the value rests on thin evidence).

    Raises
    ------
    ParameterError
        If `n` is not positive.

    Examples
    --------
    >>> from geoclust.scoring import IndicatorSpec, score
    >>> table = pd.DataFrame({"firm_count": [9.0, 1.0], "lab_count": [3.0, 3.0]},
    ...                      index=pd.Index(["a", "b"], name="region_id"))
    >>> specs = [IndicatorSpec(name=name, dimension="size") for name in table]
    >>> found = strengths_and_weaknesses(score(table, Framework(indicators=tuple(specs))))
    >>> found[["region_id", "kind", "indicator", "rank", "of"]].values.tolist()
    [['a', 'strength', 'firm_count', 1, 2], ['b', 'weakness', 'firm_count', 2, 2]]
    """
    if n < 1:
        raise ParameterError(f"n is {n!r}; want at least 1")
    rows: list[dict[str, Any]] = []
    standing = [_standing(scores, spec.name) for spec in scores.framework.indicators]
    for region_id in scores.table.index:
        own = [row[region_id] for row in standing if region_id in row]
        for kind, sense in (("strength", 1), ("weakness", -1)):
            fit = [row for row in own if sense * row["lead"] > 0]
            fit.sort(key=lambda row: -abs(row["lead"]))
            rows += [
                {"region_id": region_id, "kind": kind, "place": place, **row}
                for place, row in enumerate(fit[:n], start=1)
            ]
    columns = ["region_id", "kind", "place", "indicator", "label", "dimension", "factor"]
    return pd.DataFrame(rows, columns=[*columns, "value", "rank", "of", "thin"])


def _standing(scores: "Scores", name: str) -> dict[Any, dict[str, Any]]:
    """Per region that has the indicator: its place, and its lead over the middle, -1 to 1."""
    spec = next(spec for spec in scores.framework.indicators if spec.name == name)
    value = scores.values[name].dropna()
    gain = value * spec.direction
    rank = gain.rank(method="min", ascending=False).astype("int64")
    middle = gain.rank(method="average", ascending=False)
    of = len(value)
    lead = ((of + 1 - 2 * middle) / max(of - 1, 1)).round(DIGITS)
    known = INDICATORS.get(name)
    return {
        region_id: {
            "indicator": name,
            "label": spec.title if spec.label or known else name.replace("_", " "),
            "dimension": spec.dimension,
            "factor": spec.factor_of,
            "value": float(value[region_id]),
            "rank": int(rank[region_id]),
            "of": of,
            "lead": float(lead[region_id]),
            "thin": bool(scores.thin.at[region_id, name]),
        }
        for region_id in value.index
    }
