"""Which indicators separate clusters from quasi-clusters.  Association, not cause."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.catalogue import INDICATORS, nearest
from geoclust.classification.bars import DENSITY, Classification
from geoclust.errors import ParameterError
from geoclust.schema import Indicators
from geoclust.sphere import Floats

WARNING: Final = (
    "These are associations among the regions of this study. They do not show that more of an "
    "indicator would make a cluster of a quasi-cluster: causes may run the other way, or lie in "
    "what was not measured. Indicators that enter the verdict itself separate by construction. "
    "Many indicators are compared at once, so some intervals will exclude 0 by chance."
)
SIZES: Final = ((0.147, "negligible"), (0.33, "small"), (0.474, "medium"), (np.inf, "large"))
"""Words for |effect|, after Romano, Kromrey, Coraggio and Skowronek (2006)."""
LEAST_GROUP: Final = 5
"""Resampling fewer than so many regions shows too little doubt: no interval then."""
DIGITS: Final = 12


@dataclass(frozen=True, eq=False)
class Drivers:
    """How clearly each indicator separates clusters from quasi-clusters."""

    table: pd.DataFrame
    """Index indicator, strongest first: label, factor, dimension, cluster_count and quasi_count
    (regions that have it), cluster_median, quasi_median, effect (Cliff's delta, -1 to 1: above 0
    clusters have more), low, high, size ("negligible" ... "large"), separates (the interval
    excludes 0), in_verdict ("direct": a bar is on it; "in part": computed from such, or such from
    it; "no"), note."""
    confidence: float
    draws: int
    warning: str = WARNING

    def __repr__(self) -> str:
        clear = self.table.index[self.table["separates"]].astype("str").tolist()
        free = self.table.index[self.table["separates"] & (self.table["in_verdict"] == "no")]
        return (
            f"Drivers({len(clear)} of {len(self.table)} indicators separate clusters from "
            f"quasi-clusters, {len(free)} of them not part of the verdict; association, not cause)"
        )


def find_drivers(
    indicators: Indicators,
    classification: Classification,
    *,
    names: Sequence[str] | None = None,
    draws: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Drivers:
    """Compare clusters with quasi-clusters, indicator by indicator.

    The effect is Cliff's delta [1]_: of all pairs of a cluster and a quasi-cluster, the share in
    which the cluster has more less the share in which it has less.  It sees only the order, so
    neither units nor outliers matter.  Its interval is the percentile bootstrap over regions, both
    groups resampled, the same draws for every indicator; where no two values overlap (effect 1 or
    -1) no resampling can show doubt, and the bound is that of the binomial for as many agreements
    as the smaller group has regions.  Regions without an indicator are left out of it.

    Parameters
    ----------
    indicators
        Index `region_id`, as for `classify`.
    classification
        What `classify` returned for them.
    names
        Columns to compare; default all of the catalogue that the table has.
    draws
        Bootstrap samples.
    confidence
        Of the intervals, each for itself.
    seed
        Of the resampling; the order of rows does not matter.

    Returns
    -------
    Drivers
        One row per indicator; where a group has no value the effect is missing, where it has fewer
        than five the interval is (unless no values overlap), and `note` says so.

    Raises
    ------
    ParameterError
        If a column is unknown, or `draws` or `confidence` are out of range.

    References
    ----------
    .. [1] Cliff (1993), Dominance statistics, Psychological Bulletin 114(3).

    Examples
    --------
    >>> from geoclust.classification import classify
    >>> table = pd.DataFrame(
    ...     {"activity": [42.0, 39.0, 6.0, 7.0], "reach_area_km2": 400.0, "patent_count": 0.0,
    ...      "firm_count": [14.0, 12.0, 5.0, 6.0], "lab_count": [4.0, 4.0, 1.0, 1.0],
    ...      "category_count": [7.0, 6.0, 3.0, 3.0], "funding_usd": [9e7, 8e7, np.nan, np.nan],
    ...      "activity_density_per_100km2": [10.5, 9.8, 1.5, 1.8]},
    ...     index=pd.Index(["a", "b", "c", "d"], name="region_id"))
    >>> found = find_drivers(table, classify(table), names=["firm_count", "patent_count"])
    >>> found.table[["effect", "size", "in_verdict"]].values.tolist()
    [[1.0, 'large', 'direct'], [0.0, 'negligible', 'direct']]
    """
    chosen = _check(indicators, names, draws, confidence)
    groups = []
    for chosen_regions in (classification.is_cluster, classification.is_quasi):
        ids = chosen_regions.index[chosen_regions].intersection(indicators.index).sort_values()
        groups.append(indicators.loc[ids, chosen].astype("float64"))
    clusters, quasi = (group.replace([np.inf, -np.inf], np.nan) for group in groups)
    counts = _resampled(len(clusters), len(quasi), draws, seed)
    verdict = _in_verdict(classification)
    rows = []
    for name in chosen:
        pair = (clusters[name].to_numpy(), quasi[name].to_numpy())
        row = _describe(name) | _compare(*pair, counts=counts, confidence=confidence)
        rows.append({"indicator": name, **row, "in_verdict": verdict.get(name, "no")})
    return Drivers(table=_in_order(rows), confidence=confidence, draws=draws)


def cliffs_delta(a: Floats, b: Floats) -> float:
    """Share of pairs in which `a` is greater less the share in which it is less; -1 to 1.

    Missing if either has no value.

    Examples
    --------
    >>> cliffs_delta(np.array([3.0, 4.0]), np.array([1.0, 3.0, 5.0, 5.0]))
    -0.125
    """
    return float(_dominance(a, b).mean()) if a.size and b.size else np.nan


def _dominance(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.sign(a[:, None] - b[None, :]), dtype=np.float64)


def _resampled(clusters: int, quasi: int, draws: int, seed: int) -> tuple[Floats, Floats]:
    """How often each region is drawn, draws x regions, for either group."""
    random = np.random.default_rng(seed)
    drawn = [
        random.multinomial(count, np.full(max(count, 1), 1 / max(count, 1)), draws)
        for count in (clusters, quasi)
    ]
    return drawn[0].astype(np.float64), drawn[1].astype(np.float64)


def _compare(
    a: Floats, b: Floats, *, counts: tuple[Floats, Floats], confidence: float
) -> dict[str, Any]:
    """Effect, interval and what goes with them, of one indicator."""
    known_a, known_b = ~np.isnan(a), ~np.isnan(b)
    in_a, in_b = a[known_a], b[known_b]
    effect = round(cliffs_delta(in_a, in_b), DIGITS)
    low = high = np.nan
    note = None
    if not (in_a.size and in_b.size):
        note = "no value in a group"
    elif abs(effect) == 1.0:
        note = "no overlap: the bound is the binomial's"
        bound = 2.0 * ((1.0 - confidence) / 2.0) ** (1.0 / min(in_a.size, in_b.size)) - 1.0
        low, high = (bound, 1.0) if effect > 0 else (-1.0, -bound)
    elif min(in_a.size, in_b.size) < LEAST_GROUP:
        note = f"fewer than {LEAST_GROUP} values in a group: no interval"
    else:
        drawn_a, drawn_b = counts[0][:, : a.size][:, known_a], counts[1][:, : b.size][:, known_b]
        low, high = _interval(_dominance(in_a, in_b), drawn_a, drawn_b, confidence)
    return {
        "cluster_count": int(in_a.size),
        "quasi_count": int(in_b.size),
        "cluster_median": float(np.median(in_a)) if in_a.size else np.nan,
        "quasi_median": float(np.median(in_b)) if in_b.size else np.nan,
        "effect": effect,
        "low": low,
        "high": high,
        "size": _size(effect),
        "separates": bool(low > 0 or high < 0),
        "note": note,
    }


def _interval(
    dominance: Floats, drawn_a: Floats, drawn_b: Floats, confidence: float
) -> tuple[float, float]:
    pairs = drawn_a.sum(axis=1) * drawn_b.sum(axis=1)
    sums = np.einsum("di,ij,dj->d", drawn_a, dominance, drawn_b, optimize=True)
    effects = sums[pairs > 0] / pairs[pairs > 0]
    tail = (1.0 - confidence) / 2.0
    low, high = np.round(np.quantile(effects, [tail, 1.0 - tail]), DIGITS)
    return float(low), float(high)


def _size(effect: float) -> str | None:
    return None if np.isnan(effect) else next(word for most, word in SIZES if abs(effect) < most)


def _describe(name: str) -> dict[str, str]:
    known = INDICATORS.get(name)
    if known is None:
        return {"label": name.replace("_", " "), "factor": "", "dimension": ""}
    return {"label": known.label, "factor": known.factor, "dimension": known.dimension}


def _in_verdict(classification: Classification) -> dict[str, str]:
    """Indicators a bar is on, and those whose formula uses such, however far."""
    direct = {criterion.indicator for criterion in classification.thresholds.criteria} | {DENSITY}
    found = dict.fromkeys(sorted(direct), "direct")
    found |= dict.fromkeys(sorted({"activity", "reach_area_km2"} - direct), "in part")
    for _ in INDICATORS:
        fresh = [
            name
            for name, indicator in INDICATORS.items()
            if name not in found and found.keys() & set(re.findall(r"\w+", indicator.formula))
        ]
        found |= dict.fromkeys(fresh, "in part")
    return found


def _in_order(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Strongest first; those without an effect last."""
    order = ["indicator", "label", "factor", "dimension", "cluster_count", "quasi_count"]
    order += ["cluster_median", "quasi_median", "effect", "low", "high", "size", "separates"]
    table = pd.DataFrame(rows, columns=[*order, "in_verdict", "note"])
    strength = table["effect"].abs().fillna(-1.0)
    table = table.assign(strength=strength).sort_values(
        ["strength", "indicator"], ascending=[False, True], kind="stable"
    )
    texts = dict.fromkeys(("label", "factor", "dimension", "size", "in_verdict", "note"), "str")
    return (
        table.drop(columns="strength").set_index("indicator").astype({**texts, "separates": bool})
    )


def _check(
    indicators: pd.DataFrame, names: Sequence[str] | None, draws: int, confidence: float
) -> list[str]:
    chosen = [name for name in INDICATORS if name in indicators] if names is None else list(names)
    known = indicators.columns.astype("str").tolist()
    faults = [
        f"the indicators lack {name!r}; {nearest(name, known)}"
        for name in chosen
        if name not in indicators
    ]
    if draws < 1:
        faults.append(f"draws is {draws!r}; want at least 1")
    if not 0 < confidence < 1:
        faults.append(f"confidence is {confidence!r}; want between 0 and 1, such as 0.95")
    if faults:
        raise ParameterError("drivers: " + "; ".join(faults))
    return chosen
