"""Indicators of regions -> ranks, and what they are made of."""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geoclust.catalogue import nearest
from geoclust.errors import ParameterError
from geoclust.schema import Indicators
from geoclust.scoring.aggregating import AGGREGATE
from geoclust.scoring.framework import OVERALL, Framework
from geoclust.scoring.normalising import NORMALISE

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Scores:
    """Ranks of regions, and what they are made of."""

    table: pd.DataFrame
    """Index `region_id`, best first: rank, rank_label ("12=" where tied), score (mean rank, less
    is better), the same three as `<dimension>_...`, missing_count, note (what is not scored)."""
    indicator_ranks: pd.DataFrame
    """Index `region_id`, one column per indicator: the rank used, rescaled where the
    indicator is incomplete; NaN where no region has it."""
    contributions: pd.DataFrame
    """One row per region and indicator that any region has: region_id, indicator, dimension,
    value, rank, missing, contribution (share of the weight x (middle rank - rank): a region's
    contributions sum to the middle rank less its score), effect ("carries" | "holds back" |
    "neutral")."""
    framework: Framework

    def __repr__(self) -> str:
        known = self.table["rank_label"].dropna()
        leader = f"; first {known.index[0]}" if len(known) else ""
        return (
            f"Scores({len(known)} of {len(self.table)} regions ranked by "
            f"{len(self.framework.indicators)} indicators, {self.framework.name}{leader})"
        )

    def top(self, dimension: str = OVERALL, n: int = 10) -> pd.DataFrame:
        """The first `n` places of a dimension, or overall; a tie at the last place shows all.

        Parameters
        ----------
        dimension
            A dimension of the framework, or "overall".
        n
            Number of places, at least 1.

        Returns
        -------
        DataFrame
            Index `region_id`, best first: rank, rank_label, score.

        Raises
        ------
        ParameterError
            If there is no such dimension, or `n` is not positive.
        """
        dimensions = (OVERALL, *self.framework.dimensions)
        if dimension not in dimensions:
            raise ParameterError(f"dimension is {dimension!r}; {nearest(dimension, dimensions)}")
        if n < 1:
            raise ParameterError(f"n is {n!r}; want at least 1")
        prefix = "" if dimension == OVERALL else f"{dimension}_"
        columns = ["rank", "rank_label", "score"]
        table = self.table[[prefix + column for column in columns]].set_axis(columns, axis=1)
        chosen = table[(table["rank"] <= n).fillna(False).astype(bool)]
        order = chosen.assign(id=chosen.index).sort_values(["rank", "id"], kind="stable")
        return order.drop(columns="id")


def score(indicators: Indicators, framework: Framework | None = None) -> Scores:
    """Rank regions by a framework of indicators.

    Every indicator is normalised over the regions given (so give the clusters only), each
    dimension and the total are aggregated from the normalised indicators.  By default: the
    competition rank of the weighted mean of competition ranks; the total is the mean over *all*
    indicators, not over the dimensions.

    Missing values never help.  Of N regions, m have the indicator: these rank 1 to m, those
    without share the place behind, m + 1, and where any is missing all places are rescaled by
    N / (m + 1), so that the last place is N in every indicator.  So a region that hides a value
    gains on nobody, whatever the value, and a good rank among few counts as what it would be
    worth among all.  An indicator that no region has is left out.  A dimension is scored for a
    region only if `min_share` of its indicators are known there; the total, only if some dimension
    is.

    Parameters
    ----------
    indicators
        Index `region_id`; a column for each indicator of the framework, NaN for missing.
    framework
        Indicators, dimensions, weights; default `Framework.quantum()`.

    Returns
    -------
    Scores
        Ranks, best first, ties shown; for 0 regions empty tables, for 1 region rank 1.

    Raises
    ------
    ParameterError
        If the table lacks an indicator.

    Examples
    --------
    >>> from geoclust.scoring import IndicatorSpec
    >>> framework = Framework(name="size", indicators=(
    ...     IndicatorSpec(name="firm_count", dimension="size"),
    ...     IndicatorSpec(name="lab_count", dimension="size")))
    >>> table = pd.DataFrame({"firm_count": [9, 5, 5, 1], "lab_count": [2, 3, 3, 1]},
    ...                      index=pd.Index(["a", "b", "c", "d"], name="region_id"))
    >>> score(table, framework).table[["rank_label", "score"]].to_dict("split")["data"]
    [['1=', 1.5], ['1=', 1.5], ['3', 2.0], ['4', 4.0]]
    """
    framework = framework or Framework.quantum()
    values = _values(indicators, framework)
    ranks = NORMALISE[framework.normalise](values, framework.directions)
    aggregate, weights = AGGREGATE[framework.aggregate], framework.weights
    table = pd.DataFrame(index=values.index)
    scored = _scored(values, framework)
    table["score"] = aggregate(ranks, weights).where(scored.any(axis=1))
    table = _with_ranks(table, "")
    for dimension in framework.dimensions:
        part = [spec.name for spec in framework.indicators if spec.dimension == dimension]
        table[f"{dimension}_score"] = aggregate(ranks[part], weights).where(scored[dimension])
        table = _with_ranks(table, f"{dimension}_")
    table["missing_count"] = values.isna().sum(axis=1).astype("int64")
    table["note"] = _notes(values, scored, framework)
    order = table.assign(id=table.index).sort_values(["rank", "id"], kind="stable").index
    result = Scores(
        table=table.loc[order],
        indicator_ranks=ranks.loc[order],
        contributions=_contributions(values.loc[order], ranks.loc[order], framework),
        framework=framework,
    )
    logger.info("%r", result)
    return result


def rank_labels(rank: pd.Series) -> pd.Series:
    """Ranks as text, shared ones marked: "12=".

    Examples
    --------
    >>> rank_labels(pd.Series([1, 2, 2, pd.NA], dtype="Int64")).tolist()
    ['1', '2=', '2=', nan]
    """
    shared = rank.duplicated(keep=False) & rank.notna()
    text = rank.astype("str").where(rank.notna())
    return text.where(~shared, text + "=").astype("str")


def _values(indicators: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    known = [str(name) for name in indicators.columns]
    absent = [spec.name for spec in framework.indicators if spec.name not in indicators]
    if absent:
        faults = [f"the indicators lack {name!r}; {nearest(name, known)}" for name in absent]
        raise ParameterError("; ".join(faults))
    table = indicators[[spec.name for spec in framework.indicators]].astype("float64")
    return table.rename_axis("region_id").replace([np.inf, -np.inf], np.nan)


def _scored(values: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Whether enough of each dimension's indicators are known, per region."""
    columns = {}
    for dimension in framework.dimensions:
        part = [spec.name for spec in framework.indicators if spec.dimension == dimension]
        known = values[part].notna().sum(axis=1)
        columns[dimension] = known >= framework.min_share * len(part) - 1e-9
    return pd.DataFrame(columns, index=values.index)


def _with_ranks(table: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """Put rank and label in front of the score of one dimension (or, without prefix, overall)."""
    points = table.pop(f"{prefix}score")
    rank = points.rank(method="min").astype("Int64")
    columns = {"rank": rank, "rank_label": rank_labels(rank), "score": points}
    return table.assign(**{prefix + name: column for name, column in columns.items()})


def _notes(values: pd.DataFrame, scored: pd.DataFrame, framework: Framework) -> pd.Series:
    """Per region, the dimensions that are not scored and why; missing where all are."""
    notes = pd.Series("", index=values.index, dtype="str")
    for dimension in framework.dimensions:
        part = [spec.name for spec in framework.indicators if spec.dimension == dimension]
        known = values[part].notna().sum(axis=1).astype("str")
        text = f"{dimension.replace('_', ' ')} not scored: " + known
        text = text + f" of {len(part)} indicators known; "
        notes = notes + text.where(~scored[dimension], "")
    notes = notes.str.removesuffix("; ")
    return notes.where(notes != "").astype("str")


def _contributions(values: pd.DataFrame, ranks: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """How far each rank lies from the middle of the field, weighted; long, region by region."""
    known = [spec for spec in framework.indicators if values[spec.name].notna().any()]
    total = sum(spec.weight for spec in known)
    middle = (len(values) + 1) / 2
    parts = []
    for spec in known:
        gain = (spec.weight / total * (middle - ranks[spec.name])).round(12) + 0.0
        effect = np.select([gain > 0, gain < 0], ["carries", "holds back"], "neutral")
        parts.append(
            pd.DataFrame(
                {
                    "region_id": values.index,
                    "indicator": spec.name,
                    "dimension": spec.dimension,
                    "value": values[spec.name].to_numpy(),
                    "rank": ranks[spec.name].to_numpy(),
                    "missing": values[spec.name].isna().to_numpy(),
                    "contribution": gain.to_numpy(),
                    "effect": effect,
                }
            )
        )
    columns = ["region_id", "indicator", "dimension", "value", "rank", "missing", "contribution"]
    if not parts:
        return pd.DataFrame(columns=[*columns, "effect"])
    order = np.arange(len(parts) * len(values)).reshape(len(parts), -1).T.ravel()
    table = pd.concat(parts, ignore_index=True).iloc[order].reset_index(drop=True)
    texts = dict.fromkeys(("region_id", "indicator", "dimension", "effect"), "str")
    return table.astype(texts)
