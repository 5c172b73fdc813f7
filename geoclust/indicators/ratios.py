"""Ratios of indicators, with intervals that say how much they can be trusted."""

from typing import Final

import numpy as np
import pandas as pd

from geoclust.errors import ParameterError

CONFIDENCE: Final = 0.95
THIN: Final = "thin"
AMPLE: Final = "ample"


def ratio(numerator: pd.Series, denominator: pd.Series, *, name: str) -> pd.Series:
    """Quotient; missing where either is missing or the denominator is not positive.

    Examples
    --------
    >>> ratio(pd.Series([1.0, 1.0]), pd.Series([4.0, 0.0]), name="share").tolist()
    [0.25, nan]
    """
    return (numerator / denominator.where(denominator > 0)).astype("float64").rename(name)


def wilson_interval(successes: pd.Series, trials: pd.Series, *, name: str) -> pd.DataFrame:
    """Wilson score interval of a share, 95 %: columns `<name>_low`, `<name>_high`.

    Stays within 0 to 1 and keeps its coverage on few cases [1]_.  Missing where the share is.

    References
    ----------
    .. [1] E. B. Wilson (1927), Journal of the American Statistical Association 22(158);
       Brown, Cai and DasGupta (2001), Statistical Science 16(2).

    Examples
    --------
    >>> wilson_interval(pd.Series([4.0]), pd.Series([10.0]), name="s").round(4).to_dict("list")
    {'s_low': [0.1682], 's_high': [0.6873]}
    """
    from scipy.special import ndtri  # noqa: PLC0415 - heavy, but not half as heavy as scipy.stats

    z = float(ndtri((1 + CONFIDENCE) / 2))
    n = trials.where(trials > 0).astype("float64")
    p = successes.astype("float64") / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5
    low = (centre - half).clip(lower=0.0).where(successes != 0, 0.0).where(p.notna())
    high = (centre + half).clip(upper=1.0).where(successes != trials, 1.0).where(p.notna())
    return pd.DataFrame({f"{name}_low": low, f"{name}_high": high})


def poisson_interval(events: pd.Series, exposure: pd.Series, *, name: str) -> pd.DataFrame:
    """Exact interval of a rate of events per unit of exposure, 95 % [1]_.

    Columns `<name>_low`, `<name>_high`; missing where the rate is.

    References
    ----------
    .. [1] F. Garwood (1936), Fiducial limits for the Poisson distribution, Biometrika 28.

    Examples
    --------
    >>> poisson_interval(pd.Series([3.0]), pd.Series([1.0]), name="r").round(4).to_dict("list")
    {'r_low': [0.6187], 'r_high': [8.7673]}
    """
    from scipy.special import gammaincinv  # noqa: PLC0415 - half of a chi-squared quantile

    tail = (1 - CONFIDENCE) / 2
    count = events.astype("float64")
    known = count.notna() & (exposure > 0)
    filled = count.fillna(0.0)
    low = np.where(filled > 0, gammaincinv(np.maximum(filled, 0.5), tail), 0.0)
    high = gammaincinv(filled + 1, 1 - tail)
    bounds = {f"{name}_low": low, f"{name}_high": high}
    table = pd.DataFrame(bounds, index=events.index).div(exposure.where(exposure > 0), axis=0)
    return table.astype("float64").where(known)


def evidence(cases: pd.Series, *, min_evidence: int, name: str) -> pd.Series:
    """Say where a ratio rests on fewer than `min_evidence` cases: "thin", else "ample".

    Cases are what the denominator counts; for a rate per people or per GDP, the events.

    Raises
    ------
    ParameterError
        If `min_evidence` is not at least 1.

    Examples
    --------
    >>> evidence(pd.Series([4.0, 5.0]), min_evidence=5, name="share").tolist()
    ['thin', 'ample']
    """
    if not min_evidence >= 1:
        raise ParameterError(f"min_evidence is {min_evidence!r}; want a whole number from 1")
    flags = pd.Series(np.where(cases >= min_evidence, AMPLE, THIN), index=cases.index)
    return flags.where(cases.notna()).astype("str").rename(f"{name}_evidence")
