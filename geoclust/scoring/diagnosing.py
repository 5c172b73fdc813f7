"""Does the framework do what its weights say?  Correlation, reliability, effective weights."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from geoclust.scoring.ranking import Scores
from geoclust.scoring.rules import levels
from geoclust.scoring.specs import OVERALL
from geoclust.sphere import Floats

LEAST_FOR_CURVE: Final = 10
"""Below so many regions a correlation ratio is that of a straight line."""
BANDWIDTHS: Final = (0.15, 0.25, 0.4, 0.65, 1.0, 1.6, np.inf)
"""Tried for the curve, in standard deviations of the indicator; inf is a straight line."""


@dataclass(frozen=True, eq=False)
class Diagnostics:
    """What can be told of a framework from the scores it gave."""

    correlation: pd.DataFrame
    """Pearson's correlation of the normalised indicators, each pair over the regions that have
    both, more always being better; under ranks this is a rank correlation.  Missing where there
    are fewer than three such regions or one of the two does not vary over them."""
    pair_counts: pd.DataFrame
    """Number of regions each correlation rests on."""
    alpha: pd.DataFrame
    """Index dimension, and "overall": alpha (Cronbach's, of the normalised indicators that vary
    over the regions that have them all), indicator_count, region_count, note (why it is
    missing)."""
    weights: pd.DataFrame
    """Index indicator: dimension, weight (share given), correlation (with the total),
    correlation_ratio (share of the total's variance that goes with the indicator), effective_weight
    (its share among the correlation ratios), ratio (effective / given), variance_share (exact
    shares of the variance of a total that is a weighted mean or sum; else missing)."""
    framework_name: str

    def __repr__(self) -> str:
        table = self.weights["effective_weight"].dropna()
        most = f"; {table.idxmax()} counts most ({table.max():.0%})" if len(table) else ""
        alpha = float(self.alpha["alpha"].loc[OVERALL])
        told = "not defined" if np.isnan(alpha) else f"{alpha:.2f}"
        return f"Diagnostics({self.framework_name}: alpha {told}{most})"


def diagnose(scores: Scores) -> Diagnostics:
    """Check a framework against the field it was applied to.

    The weight that is given says how indicators are traded off, not how much they decide; how much
    they decide is their *correlation ratio* with the total: the share of its variance that is
    explained by the indicator alone [1]_, here by a local straight line whose bandwidth is chosen
    by leaving one region out at a time (below ten regions, by one straight line).  Indicators are
    taken as they enter the total, missing values included.  Regions without a total are left out.

    Parameters
    ----------
    scores
        What `score` returned.

    Returns
    -------
    Diagnostics
        Tables that are empty of numbers, not of rows, where there is nothing to tell.

    References
    ----------
    .. [1] Paruolo, Saisana and Saltelli (2013), J. R. Stat. Soc. A 176(3); Becker, Saisana,
       Paruolo and Vandecasteele (2017), Ecological Indicators 80.

    Examples
    --------
    >>> from geoclust.scoring import Framework, IndicatorSpec, score
    >>> table = pd.DataFrame({"firm_count": [9.0, 5, 2, 1], "lab_count": [4.0, 3, 2, 1]},
    ...                      index=pd.Index(["a", "b", "c", "d"], name="region_id"))
    >>> specs = tuple(IndicatorSpec(name=name, dimension="size") for name in table)
    >>> diagnose(score(table, Framework(name="size", indicators=specs)))
    Diagnostics(size: alpha 1.00; firm_count counts most (50%))
    """
    ranked = scores.table["score"].notna()
    framework = scores.framework
    first, second = levels(framework)
    sense = -1.0 if first.numbers.less_is_better else 1.0
    numbers = sense * scores.normalised[ranked]
    known = scores.values[ranked].notna()
    total = scores.table.loc[ranked, "score"].to_numpy(dtype=np.float64)
    total = -total if second.result.less_is_better else total
    correlation, pairs = _correlations(numbers.where(known))
    return Diagnostics(
        correlation=correlation,
        pair_counts=pairs,
        alpha=_alphas(numbers.where(known), scores),
        weights=_weights(numbers, total, scores),
        framework_name=framework.name,
    )


def cronbach_alpha(values: Floats) -> float:
    """Cronbach's alpha of the columns: k / (k - 1) x (1 - sum of variances / variance of the sum).

    Missing for fewer than two columns, fewer than two rows, or where the sum does not vary.

    Examples
    --------
    >>> round(cronbach_alpha(np.array([[1.0, 2], [2, 3], [3, 5], [4, 4]])), 4)
    0.8889
    """
    n, k = values.shape
    if n < 2 or k < 2:  # noqa: PLR2004
        return np.nan
    whole = float(values.sum(axis=1).var(ddof=1))
    parts = float(values.var(axis=0, ddof=1).sum())
    return k / (k - 1) * (1.0 - parts / whole) if whole > np.finfo(float).eps * parts else np.nan


def correlation_ratio(x: Floats, y: Floats) -> float:
    """Share of the variance of `y` that is explained by a smooth curve in `x`, 0 to 1.

    0 where either does not vary.

    Examples
    --------
    >>> x = np.linspace(-1, 1, 41)
    >>> round(correlation_ratio(x, 2 * x), 3), round(correlation_ratio(x, x**2), 2) > 0.9
    (1.0, True)
    """
    if not _varies(x) or not _varies(y):
        return 0.0
    where, height = (x - x.mean()) / x.std(), y - y.mean()
    widths = BANDWIDTHS if len(x) >= LEAST_FOR_CURVE else BANDWIDTHS[-1:]
    fits = [_curve(where, height, width) for width in widths]
    best = min(fits, key=lambda fit: fit[0])[1]
    return float(np.clip(best.var() / height.var(), 0.0, 1.0))


def _curve(x: Floats, y: Floats, width: float) -> tuple[float, Floats]:
    """Local straight lines: their error with one region left out at a time, and their heights."""
    apart = x[None, :] - x[:, None]
    weight = np.exp(-0.5 * (apart / width) ** 2)
    s0, s1, s2 = (np.sum(weight * apart**power, axis=1) for power in range(3))
    spread = s0 * s2 - s1**2
    flat = spread <= 1e-10 * s0**2
    slope = weight * (s2[:, None] - apart * s1[:, None]) / np.where(flat, 1.0, spread)[:, None]
    hat = np.where(flat[:, None], weight / s0[:, None], slope)
    left = 1.0 - np.diag(hat)
    if (left < 1e-6).any():  # noqa: PLR2004 - a point that only fits itself
        return np.inf, hat @ y
    return float((((y - hat @ y) / left) ** 2).mean()), hat @ y


def _correlations(numbers: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    values = numbers.to_numpy()
    known = (~np.isnan(values)).astype("int64")
    k = values.shape[1]
    found = np.full((k, k), np.nan)
    for i in range(k):
        for j in range(i + 1):
            both = (known[:, i] * known[:, j]) > 0
            found[i, j] = found[j, i] = _pearson(values[both, i], values[both, j])
    names = numbers.columns
    return (
        pd.DataFrame(found, index=names, columns=names),
        pd.DataFrame(known.T @ known, index=names, columns=names),
    )


def _pearson(x: Floats, y: Floats) -> float:
    if len(x) < 3 or not _varies(x) or not _varies(y):  # noqa: PLR2004
        return np.nan
    return float(np.clip(np.corrcoef(x, y)[0, 1], -1.0, 1.0))


def _varies(x: Floats) -> bool:
    return len(x) > 1 and bool(np.ptp(x) > 1e-9)  # noqa: PLR2004


def _alphas(numbers: pd.DataFrame, scores: Scores) -> pd.DataFrame:
    groups = {
        dimension: [s.name for s in scores.framework.indicators if s.dimension == dimension]
        for dimension in scores.framework.dimensions
    }
    groups[OVERALL] = [spec.name for spec in scores.framework.indicators]
    rows = []
    for dimension, names in groups.items():
        some = [name for name in names if numbers[name].notna().any()]
        complete = numbers[some].dropna()
        used = [name for name in some if _varies(complete[name].to_numpy())]
        complete = complete[used]
        alpha = cronbach_alpha(complete.to_numpy())
        note = None if np.isfinite(alpha) else "wants two indicators and regions that vary"
        rows.append([dimension, alpha, len(used), len(complete), note])
    columns = ["dimension", "alpha", "indicator_count", "region_count", "note"]
    return pd.DataFrame(rows, columns=columns).set_index("dimension").astype({"note": "str"})


def _weights(numbers: pd.DataFrame, total: Floats, scores: Scores) -> pd.DataFrame:
    specs = scores.framework.indicators
    given = scores.weights.loc[numbers.index].mean()
    given = given / given.sum()
    used = [name for name in numbers if numbers[name].notna().any()]
    columns = {name: numbers[name].to_numpy() for name in used}
    ratio = pd.Series({name: correlation_ratio(x, total) for name, x in columns.items()})
    ratio = ratio.reindex(numbers.columns).astype("float64")
    whole = ratio.sum()
    effective = ratio / whole if whole > 0 else ratio * np.nan
    table = pd.DataFrame(
        {
            "dimension": [spec.dimension for spec in specs],
            "weight": given.to_numpy(),
            "correlation": [
                _pearson(columns[name], total) if name in columns else np.nan for name in numbers
            ],
            "correlation_ratio": ratio.to_numpy(),
            "effective_weight": effective.to_numpy(),
            "ratio": (effective / given.to_numpy()).to_numpy(),
            "variance_share": _variance_shares(numbers, total, scores).to_numpy(),
        },
        index=pd.Index(numbers.columns, name="indicator"),
    )
    return table.astype({"dimension": "str"})


def _variance_shares(numbers: pd.DataFrame, total: Floats, scores: Scores) -> pd.Series:
    """Covariance of weight x number with the total over the total's variance; sums to 1."""
    framework = scores.framework
    first, second = levels(framework)
    steps = (second,) if framework.composite.of == "indicators" else (first, second)
    additive = not framework.composite.normalise and all(
        step.aggregate in {"rank_mean", "arithmetic", "sum"} for step in steps
    )
    if not additive or not _varies(total):
        return pd.Series(np.nan, index=numbers.columns)
    parts = numbers * scores.weights.loc[numbers.index]
    lead = total - total.mean()
    shares: pd.Series = parts.sub(parts.mean()).mul(lead, axis=0).sum() / (lead**2).sum()
    return shares
