"""In which indicators a region stands best and worst."""

from typing import Any, Final

import pandas as pd

from geoclust.catalogue import INDICATORS
from geoclust.errors import ParameterError
from geoclust.scoring.ranking import Scores

DIGITS: Final = 12


def strengths_and_weaknesses(scores: Scores, *, n: int = 3) -> pd.DataFrame:
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
    >>> from geoclust.scoring import Framework, IndicatorSpec, score
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


def _standing(scores: Scores, name: str) -> dict[Any, dict[str, Any]]:
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
