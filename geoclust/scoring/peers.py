"""Benchmark peers: the regions most like a given one, to learn from."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.catalogue import nearest
from geoclust.errors import ParameterError
from geoclust.schema import Indicators
from geoclust.scoring.framework import Framework
from geoclust.scoring.matrix import SHARE_SLACK
from geoclust.scoring.normalising import z_score
from geoclust.scoring.treating import treat
from geoclust.sphere import Floats

AHEAD: Final = 0.5
"""From this lead on, in standard deviations, a peer is said to be ahead."""
DIGITS: Final = 9


def benchmark_peers(
    indicators: Indicators,
    *,
    regions: Iterable[str],
    among: Iterable[str],
    framework: Framework | None = None,
    n: int = 3,
) -> pd.DataFrame:
    """For each region the most similar of others: for quasi-clusters, the nearest clusters.

    Alike in the framework's indicators, not on the map.  Each indicator is treated for outliers
    by the handbook's rule (`treat`) and standardised over the regions and their possible peers;
    the distance is the root of the weighted mean of squared differences over the indicators both
    have.  Pairs that share less than the framework's `min_share` of its weight are not compared.

    Parameters
    ----------
    indicators
        As for `score`.
    regions
        Ids to find peers for.
    among
        Ids that may be peers; a region is never its own.
    framework
        Which indicators, which way is better, weights; default `Framework.quantum()`.
    n
        Peers per region.

    Returns
    -------
    DataFrame
        Regions in the order given, nearest peer first: region_id, place (1 ...), peer, distance
        (standard deviations), shared_count (indicators compared), ahead and behind (indicators in
        which the peer is at least half a standard deviation better, or worse, the clearest first,
        joined by ";"; missing where there is none).  No row for a region without a comparable
        peer.

    Raises
    ------
    ParameterError
        If an id or an indicator is unknown, or `n` is not positive.

    Examples
    --------
    >>> from geoclust.scoring import IndicatorSpec
    >>> table = pd.DataFrame({"firm_count": [9.0, 6, 5], "lab_count": [9.0, 1, 2]},
    ...                      index=pd.Index(["a", "b", "q"], name="region_id"))
    >>> specs = tuple(IndicatorSpec(name=name, dimension="size") for name in table)
    >>> size = Framework(indicators=specs)
    >>> found = benchmark_peers(table, regions=["q"], among=["a", "b"], framework=size)
    >>> found[["peer", "distance", "ahead"]].round(2).values.tolist()
    [['b', 0.46, 'firm_count'], ['a', 2.17, 'firm_count;lab_count']]
    """
    framework = framework or Framework.quantum()
    wanted, offered = list(dict.fromkeys(regions)), sorted(set(among))
    names = _check(indicators, [*wanted, *offered], framework, n)
    field = indicators.loc[sorted({*wanted, *offered}), names].astype("float64")
    field = field.replace([np.inf, -np.inf], np.nan)
    treated, _ = treat(field.to_numpy())
    standard = z_score(treated, framework.directions.to_numpy(dtype=np.float64))
    known = pd.DataFrame(standard, field.index, field.columns).where(field.notna())
    rows: list[dict[str, Any]] = []
    others = known.loc[offered]
    for region_id, own in zip(wanted, known.loc[wanted].to_numpy(), strict=True):
        lead = others.to_numpy() - own
        lead[others.index == region_id] = np.nan
        rows += [{"region_id": region_id, **row} for row in _nearest(lead, others, framework, n)]
    columns = ["region_id", "place", "peer", "distance", "shared_count", "ahead", "behind"]
    table = pd.DataFrame(rows, columns=columns)
    texts = dict.fromkeys(("region_id", "peer", "ahead", "behind"), "str")
    return table.astype({**texts, "place": "int64", "distance": "float64", "shared_count": "int64"})


def _nearest(
    lead: Floats, others: pd.DataFrame, framework: Framework, n: int
) -> list[dict[str, Any]]:
    """Rows of one region, nearest first, from its peers' leads; ties go to the smaller id."""
    weight = framework.weights.to_numpy() * ~np.isnan(lead)
    share = weight.sum(axis=1) / framework.weights.sum()
    squares = (weight * np.nan_to_num(lead) ** 2).sum(axis=1)
    distance = np.sqrt(squares / np.where(share > 0, weight.sum(axis=1), 1.0)).round(DIGITS)
    fit = np.flatnonzero((share >= framework.min_share - SHARE_SLACK) & (share > 0))
    order = fit[np.argsort(distance[fit], kind="stable")][:n]
    names = others.columns.astype("str").tolist()
    return [
        {
            "place": place,
            "peer": others.index[at],
            "distance": distance[at],
            "shared_count": int((~np.isnan(lead[at])).sum()),
            "ahead": _clear(lead[at], names),
            "behind": _clear(-lead[at], names),
        }
        for place, at in enumerate(order, start=1)
    ]


def _clear(lead: Floats, names: list[str]) -> str | None:
    """Names of the indicators led in by `AHEAD` or more, the clearest first."""
    rounded = np.nan_to_num(lead).round(DIGITS)
    order = [at for at in np.argsort(-rounded, kind="stable") if rounded[at] >= AHEAD]
    return ";".join(names[at] for at in order) or None


def _check(
    indicators: pd.DataFrame, region_ids: list[str], framework: Framework, n: int
) -> list[str]:
    names = [spec.name for spec in framework.indicators]
    columns = indicators.columns.astype("str").tolist()
    known = indicators.index.astype("str").tolist()
    faults = [
        f"the indicators lack {name!r}; {nearest(name, columns)}"
        for name in names
        if name not in indicators
    ]
    faults += [f"no region {r!r}; {nearest(r, known)}" for r in region_ids if r not in known]
    if n < 1:
        faults.append(f"n is {n!r}; want at least 1")
    if faults:
        raise ParameterError("peers: " + "; ".join(faults))
    return names
