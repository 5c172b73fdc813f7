"""Shares and rates of small numbers, drawn towards what is usual: optional, never by default."""

from collections.abc import Collection
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from geoclust.catalogue import INDICATORS, nearest
from geoclust.errors import ParameterError
from geoclust.schema import Indicators, require_columns

MILLION: Final = 1e6
BILLION: Final = 1e9


class Parts(NamedTuple):
    """What a share or rate is made of: columns of the indicators, and a unit."""

    events: str
    exposure: str
    unit: float = 1.0
    """The rate is per so many of `exposure`."""


RATIOS: Final = {
    "industry_ties_to_gdp_bn": Parts("industry_tie_count", "gdp_usd", BILLION),
    "external_tie_share": Parts("external_tie_count", "tie_count"),
    "institutions_per_million": Parts("institution_count", "population", MILLION),
    "spinouts_per_lab": Parts("spinout_count", "lab_count"),
    "startups_per_institution": Parts("startup_count", "institution_count"),
}
"""The ratios that carry intervals."""


def shrink(indicators: Indicators, *, names: Collection[str] | None = None) -> Indicators:
    """Replace shares and rates by empirical Bayes estimates over the regions given.

    A share of 2 out of 2 is drawn towards the share of all regions together, one of 30 out of
    30 hardly: a region with little evidence neither leads nor trails by luck.  The price is
    bias: a small region that truly differs is told less of.  Intervals and evidence flags stay
    those of the observed values.

    Parameters
    ----------
    indicators
        What `measure` returned; not changed.
    names
        Which of `RATIOS`; default all.

    Returns
    -------
    Indicators
        The same table with the estimates in place of the ratios, each followed by
        `<name>_observed` (the ratio as it was) and `<name>_own_weight` (0 to 1: how far the
        estimate is the region's own).  Missing stays missing.

    Raises
    ------
    ParameterError
        If a name is no share or rate, or the table has been shrunk before.
    SchemaError
        If the table lacks what a ratio is made of.

    Examples
    --------
    >>> table = pd.DataFrame({"spinout_count": [2.0, 30.0, 5.0], "lab_count": [2.0, 30.0, 20.0]})
    >>> table["spinouts_per_lab"] = table["spinout_count"] / table["lab_count"]
    >>> shrunk = shrink(table, names=["spinouts_per_lab"])
    >>> shrunk["spinouts_per_lab"].round(3).tolist(), shrunk["spinouts_per_lab_observed"].tolist()
    ([0.771, 0.941, 0.379], [1.0, 1.0, 0.25])
    """
    chosen = [name for name in RATIOS if names is None or name in names]
    _check(indicators, names, chosen)
    columns: dict[str, pd.Series] = {}
    for column in indicators.columns:
        name = str(column)
        if name not in chosen:
            columns[name] = indicators[column]
            continue
        parts = RATIOS[name]
        exposure = indicators[parts.exposure].astype("float64") / parts.unit
        share = INDICATORS[name].interval == "Wilson"
        found = empirical_bayes(indicators[parts.events], exposure, share=share, name=name)
        columns |= {
            name: found[name],
            f"{name}_observed": indicators[column],
            f"{name}_own_weight": found[f"{name}_own_weight"],
        }
    return Indicators(pd.DataFrame(columns, index=indicators.index))


def empirical_bayes(
    events: pd.Series, exposure: pd.Series, *, name: str, share: bool = False
) -> pd.DataFrame:
    """Estimates of shares or rates, each between its own value and that of all together [1]_.

    With m = sum of events / sum of exposure, v = m for rates and m (1 - m) for shares, and the
    exposure-weighted variance s2 of the ratios round m, the true ratios vary by A = max(0, s2 - v /
    mean exposure), and a region's own ratio r counts w = A / (A + v / exposure): the estimate is m
    + w (r - m).  Where the ratios vary no more than chance would have them (A = 0) all become m; a
    region alone keeps its ratio.

    Parameters
    ----------
    events, exposure
        Per region; an exposure that is not positive, or either missing, gives missing.
    name
        Of the column of estimates.
    share
        Whether events are some of the exposure (a share) or counts per unit of it (a rate).

    Returns
    -------
    DataFrame
        `<name>`, `<name>_own_weight`.

    References
    ----------
    .. [1] Marshall (1991), Mapping disease and mortality rates using empirical Bayes estimators,
       Applied Statistics 40(2), for rates; with the binomial variance for shares.

    Examples
    --------
    >>> table = empirical_bayes(pd.Series([6.0, 10.0]), pd.Series([2.0, 10.0]), name="rate")
    >>> table.round(4).to_dict("list")
    {'rate': [1.8889, 1.0952], 'rate_own_weight': [0.3333, 0.7143]}
    """
    n = exposure.where((exposure > 0) & events.notna()).astype("float64")
    r = events.astype("float64") / n
    total = n.sum()
    m = float((r * n).sum() / total) if total > 0 else np.nan
    v = max(0.0, m * (1.0 - m)) if share else m
    spread = float((n * (r - m) ** 2).sum() / total) if total > 0 else np.nan
    between = max(0.0, spread - v / float(n.mean())) if total > 0 else np.nan
    noise = v / n
    known = noise.notna()
    own = between / (between + noise).where(between + noise > 0)
    own = own.fillna(1.0).where(known)
    return pd.DataFrame({name: m + own * (r - m), f"{name}_own_weight": own})


def _check(indicators: pd.DataFrame, names: Collection[str] | None, chosen: list[str]) -> None:
    faults = [
        f"{name!r} is no share or rate that can be shrunk; {nearest(name, RATIOS)}"
        for name in names or ()
        if name not in RATIOS
    ]
    faults += [
        f"{name!r} has been shrunk already; want the indicators as measured"
        for name in chosen
        if f"{name}_observed" in indicators
    ]
    if faults:
        raise ParameterError("shrink: " + "; ".join(faults))
    parts = [part for name in chosen for part in RATIOS[name][:2]]
    require_columns(indicators, [*chosen, *dict.fromkeys(parts)], "indicators")
