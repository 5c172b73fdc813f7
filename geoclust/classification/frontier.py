"""How much the verdicts hang on where the bars stand."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from geoclust.classification.bars import DENSITY, TESTS, Classification, judge, statuses
from geoclust.classification.thresholds import Bars, Thresholds
from geoclust.errors import ParameterError
from geoclust.schema import STATUSES, Indicators

FACTORS: Final = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 2.0)
KNIFE_EDGE: Final = 0.1


def threshold_frontier(
    indicators: Indicators,
    thresholds: Thresholds | None = None,
    *,
    factors: Sequence[float] = FACTORS,
) -> pd.DataFrame:
    """Count the statuses as each of the four bars moves, the others held.

    Parameters
    ----------
    indicators
        As for `classify`.
    thresholds
        Where the bars stand now.
    factors
        Multiples of each bar to try; those that break 0 < quasi <= cluster, or lift a capability
        bar above 1, are left out.

    Returns
    -------
    DataFrame
        One row per bar and multiple: bar ("cluster density", ...), factor, value, cluster,
        quasi-cluster, none (numbers of regions), changed_count, changed (ids joined by ";").

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"activity": [9.0], "reach_area_km2": 300.0, "firm_count": [10.0], "lab_count": [3.0],
    ...      "patent_count": [20.0], "category_count": [0.0], "funding_usd": [0.0],
    ...      "activity_density_per_100km2": [3.0]}, index=pd.Index(["x"], name="region_id"))
    >>> moved = threshold_frontier(table, factors=[0.5, 1.0, 1.1])
    >>> moved.loc[moved["changed_count"] > 0, ["bar", "factor", "changed"]].values.tolist()
    [['cluster density', 1.1, 'x'], ['cluster capability', 1.1, 'x']]
    """
    thresholds = thresholds or Thresholds()
    _, found = judge(indicators, thresholds)
    return _counted(found, thresholds, factors)


def frontier_of(found: Classification, *, factors: Sequence[float] = FACTORS) -> pd.DataFrame:
    """The frontier of a judgement already made; see `threshold_frontier`."""
    return _counted(found.table, found.thresholds, factors)


def _counted(found: pd.DataFrame, thresholds: Thresholds, factors: Sequence[float]) -> pd.DataFrame:
    density, capability = found[DENSITY], found["capability"]
    rows = []
    for bar in TESTS:
        for factor in factors:
            moved = _moved(thresholds, bar, factor)
            if moved is None:
                continue
            status = statuses(density, capability, moved)["status"]
            changed = status.index[(status != found["status"]).to_numpy()]
            counts = [int((status == name).sum()) for name in STATUSES]
            ids = ";".join(sorted(changed.astype("str")))
            rows.append([bar, factor, _value(moved, bar), *counts, len(changed), ids])
    columns = ["bar", "factor", "value", *STATUSES, "changed_count", "changed"]
    return pd.DataFrame(rows, columns=columns).astype({"bar": "str", "changed": "str"})


def knife_edge(classification: Classification, *, within: float = KNIFE_EDGE) -> pd.DataFrame:
    """Regions whose status hangs on a bar they pass or miss by little.

    Parameters
    ----------
    classification
        What `classify` returned.
    within
        Largest margin, as a share of the bar.

    Returns
    -------
    DataFrame
        One row per region and such test: region_id, test, value, bar, margin, status,
        status_if (the status had the test gone the other way); smallest margin first.

    Raises
    ------
    ParameterError
        If `within` is not at least 0.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"activity": [9.3], "reach_area_km2": 300.0, "firm_count": [10.0], "lab_count": [3.0],
    ...      "patent_count": [20.0], "category_count": [4.0], "funding_usd": [0.0],
    ...      "activity_density_per_100km2": [3.1]}, index=pd.Index(["x"], name="region_id"))
    >>> from geoclust.classification import classify
    >>> knife_edge(classify(table))[["test", "status", "status_if"]].values.tolist()
    [['cluster density', 'cluster', 'quasi-cluster']]
    """
    if not within >= 0:
        raise ParameterError(f"within is {within!r}; want a share of at least 0, such as 0.1")
    tests = classification.tests
    passed = tests["passed"].to_numpy().reshape(-1, len(TESTS))
    flipped = np.repeat(passed, len(TESTS), axis=0) ^ np.tile(
        np.eye(len(TESTS), dtype=bool), (len(passed), 1)
    )
    status = np.repeat(classification.status.to_numpy(), len(TESTS))
    table = tests.drop(columns="passed").assign(status=status, status_if=_status(flipped))
    table = table.astype({"status": "str", "status_if": "str"})
    edge = (table["margin"].abs() <= within) & (table["status"] != table["status_if"])
    order = table["margin"].abs().round(12)
    return (
        table.assign(order=order)[edge]
        .sort_values(["order", "region_id", "test"], kind="stable")
        .drop(columns="order")
        .reset_index(drop=True)
    )


def _status(passed: np.ndarray) -> np.ndarray:
    """Status from the outcomes of the four tests, in the order of `TESTS`."""
    cluster = passed[:, 0] & passed[:, 1]
    quasi = passed[:, 2] & passed[:, 3]
    return np.select([cluster, quasi], ["cluster", "quasi-cluster"], "none")


def _split(bar: str) -> tuple[str, str]:
    which, _, what = bar.partition(" ")
    return which, f"min_{what}"


def _value(thresholds: Thresholds, bar: str) -> float:
    which, what = _split(bar)
    return float(getattr(getattr(thresholds, which), what))


def _moved(thresholds: Thresholds, bar: str, factor: float) -> Thresholds | None:
    """Thresholds with one bar moved, or None where that breaks their rules."""
    which, what = _split(bar)
    bars: Bars = getattr(thresholds, which)
    try:
        moved = replace(bars, **{what: getattr(bars, what) * factor})
        if which == "cluster":
            return replace(thresholds, cluster=moved)
        return replace(thresholds, quasi=moved)
    except ParameterError:
        return None
