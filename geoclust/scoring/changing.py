"""What if: change a region's indicators, see where it would rank."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geoclust.catalogue import nearest
from geoclust.errors import ParameterError
from geoclust.schema import Indicators
from geoclust.scoring.framework import Framework
from geoclust.scoring.matrix import score_matrix
from geoclust.scoring.ranking import Scores, score


@dataclass(frozen=True, eq=False)
class WhatIf:
    """A ranking before and after one region's indicators were changed."""

    region_id: str
    changes: pd.DataFrame
    """Index `indicator`: value_before, value_after, rank_before, rank_after (of the indicator)."""
    moves: pd.DataFrame
    """Index `region_id`: rank_before, rank_after, score_before, score_after; the changed region
    first, then every other whose rank changes, in the order of the new ranking."""
    before: Scores
    after: Scores

    def __repr__(self) -> str:
        old, new = (self.moves[f"rank_{when}"].iloc[0] for when in ("before", "after"))
        told = ", ".join(
            f"{name} {change.value_before:.4g} -> {change.value_after:.4g}"
            for name, change in zip(self.changes.index, self.changes.itertuples(), strict=True)
        )
        return f"WhatIf({self.region_id}: {told}; rank {old} -> {new})"


def what_if(
    indicators: Indicators,
    *,
    region_id: str,
    changes: Mapping[str, float],
    framework: Framework | None = None,
) -> WhatIf:
    """Rank again with one region's indicators changed, all else held.

    Only the indicators named are changed: what is computed from them (a ratio from a count, say)
    is an indicator of its own and stays as it was.

    Parameters
    ----------
    indicators
        As for `score`; not changed.
    region_id
        The region.
    changes
        Indicator to its new value; NaN hides it.
    framework
        Default `Framework.quantum()`.

    Returns
    -------
    WhatIf
        Both rankings, and who moves.

    Raises
    ------
    ParameterError
        If the region or an indicator is unknown.

    Examples
    --------
    >>> from geoclust.scoring import IndicatorSpec
    >>> table = pd.DataFrame({"firm_count": [9.0, 5, 2]},
    ...                      index=pd.Index(["a", "b", "c"], name="region_id"))
    >>> size = Framework(indicators=(IndicatorSpec(name="firm_count", dimension="size"),))
    >>> what_if(table, region_id="c", changes={"firm_count": 7}, framework=size)
    WhatIf(c: firm_count 2 -> 7; rank 3 -> 2)
    """
    framework = framework or Framework.quantum()
    _check(indicators, region_id, changes, framework)
    changed = indicators.copy()
    for name, value in changes.items():
        changed[name] = changed[name].astype("float64")
        changed.loc[region_id, name] = value
    before, after = score(indicators, framework), score(Indicators(changed), framework)
    names = list(changes)
    told = pd.DataFrame(
        {
            "value_before": before.values.loc[region_id, names],
            "value_after": after.values.loc[region_id, names],
            "rank_before": before.indicator_ranks.loc[region_id, names],
            "rank_after": after.indicator_ranks.loc[region_id, names],
        }
    ).rename_axis("indicator")
    return WhatIf(region_id, told, _moves(before, after, region_id), before, after)


def rank_path(
    indicators: Indicators,
    *,
    region_id: str,
    indicator: str,
    values: Iterable[float],
    framework: Framework | None = None,
) -> pd.DataFrame:
    """Rank and score of a region as one of its indicators takes each of `values`, all else held.

    Parameters
    ----------
    indicators
        As for `score`; not changed.
    region_id, indicator
        Whose indicator, and which.
    values
        In the indicator's unit; NaN hides it.
    framework
        Default `Framework.quantum()`.

    Returns
    -------
    DataFrame
        One row per value, in their order: value, rank, score.

    Raises
    ------
    ParameterError
        If the region or the indicator is unknown.

    Examples
    --------
    >>> from geoclust.scoring import IndicatorSpec
    >>> table = pd.DataFrame({"firm_count": [9.0, 5, 2]},
    ...                      index=pd.Index(["a", "b", "c"], name="region_id"))
    >>> size = Framework(indicators=(IndicatorSpec(name="firm_count", dimension="size"),))
    >>> rank_path(table, region_id="c", indicator="firm_count", values=[2, 5, 10],
    ...           framework=size)["rank"].tolist()
    [3, 2, 1]
    """
    framework = framework or Framework.quantum()
    _check(indicators, region_id, {indicator: 0.0}, framework)
    names = [spec.name for spec in framework.indicators]
    matrix = indicators[names].to_numpy(dtype=np.float64, copy=True)
    row, column = indicators.index.get_loc(region_id), names.index(indicator)
    rows = []
    for value in values:
        matrix[row, column] = value
        found = score_matrix(matrix, framework)
        rows.append([value, found.rank[row], found.score[row]])
    table = pd.DataFrame(rows, columns=["value", "rank", "score"])
    return table.astype({"value": "float64", "rank": "Int64", "score": "float64"})


def _check(
    indicators: pd.DataFrame, region_id: str, changes: Mapping[str, float], framework: Framework
) -> None:
    known = [spec.name for spec in framework.indicators if spec.name in indicators]
    faults = [
        f"{name!r} is no indicator of the framework; {nearest(name, known)}"
        for name in changes
        if name not in known
    ]
    if region_id not in indicators.index:
        regions = indicators.index.astype("str").tolist()
        faults.insert(0, f"no region {region_id!r}; {nearest(region_id, regions)}")
    if not changes:
        faults.append("no changes; want an indicator and its new value")
    if faults:
        raise ParameterError("what if: " + "; ".join(faults))


def _moves(before: Scores, after: Scores, region_id: str) -> pd.DataFrame:
    old, new = before.table[["rank", "score"]], after.table[["rank", "score"]]
    both = old.add_suffix("_before").join(new.add_suffix("_after")).loc[new.index]
    both = both[["rank_before", "rank_after", "score_before", "score_after"]]
    same = both["rank_before"].fillna(-1) == both["rank_after"].fillna(-1)
    others = both[~same.astype(bool) & (both.index != region_id)]
    return pd.concat([both.loc[[region_id]], others])
