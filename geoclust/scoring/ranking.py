"""Indicators of regions -> ranks, and what they are made of."""

import logging
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from geoclust.catalogue import nearest
from geoclust.display import Listing, card
from geoclust.errors import ParameterError
from geoclust.schema import Indicators
from geoclust.scoring.contributing import contribution_table
from geoclust.scoring.evidence import evidence_columns, thin_flags
from geoclust.scoring.framework import Framework
from geoclust.scoring.matrix import SHARE_SLACK, ScoreMatrix, score_matrix
from geoclust.scoring.normalising import competition_rank
from geoclust.scoring.specs import OVERALL
from geoclust.scoring.treating import Treatment

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Scores:
    """Ranks of regions, and what they are made of."""

    table: pd.DataFrame
    """Index `region_id`, best first: rank, rank_label ("12=" where tied), score (mean rank, less
    is better; under other frameworks as `framework.less_is_better` says), the same three as
    `<dimension>_...`, missing_count, note (what is not scored), thin (indicators on thin evidence,
    joined by ";"), evidence ("thin" where a third or more of the total's weight rests on thin or
    missing values, else "ample"), `<dimension>_evidence`."""
    indicator_ranks: pd.DataFrame
    """Index `region_id`, one column per indicator: its competition rank, rescaled where the
    indicator is incomplete; NaN where no region has it."""
    contributions: pd.DataFrame
    """One row per region and indicator that any region has: region_id, indicator, dimension,
    factor (of which kind it speaks), value, rank, missing, contribution (by default share of the
    weight x (middle rank - rank): a region's contributions sum to the middle rank less its score;
    see `contribution_table`), effect ("carries" | "holds back" | "neutral")."""
    framework: Framework
    values: pd.DataFrame = field(default_factory=pd.DataFrame)
    """The indicators as they came in; infinite ones missing."""
    normalised: pd.DataFrame = field(default_factory=pd.DataFrame)
    """What was aggregated: treated for outliers where the framework says so, then normalised."""
    weights: pd.DataFrame = field(default_factory=pd.DataFrame)
    """What each indicator counts for in a region's total; rows sum to 1, except under `sum`.
    The same for all regions unless they are weighed by benefit of the doubt."""
    treatments: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Index `indicator`: action ("none" | "winsorised" | "logarithm"), moved_count, moved (region
    ids joined by ";"), skewness, kurtosis, skewness_after, kurtosis_after, passed.  Without rows
    where outliers are not treated."""
    thin: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Whether each value is flagged as thin evidence, regions x indicators."""

    def __repr__(self) -> str:
        known = self.table["rank_label"].dropna()
        leader = f"; first {known.index[0]}" if len(known) else ""
        return (
            f"Scores({len(known)} of {len(self.table)} regions ranked by "
            f"{len(self.framework.indicators)} indicators, {self.framework.name}{leader})"
        )

    def _repr_html_(self) -> str:
        ranked = int(self.table["rank"].notna().sum())
        facts = {
            "framework": self.framework.name,
            "indicators": len(self.framework.indicators),
            "ranked": f"{ranked} of {len(self.table)} regions",
        }
        dimensions = {f"{one}_rank_label": one for one in self.framework.dimensions}
        heads = {"rank_label": "rank", "score": "score"} | dimensions | {"evidence": "evidence"}
        table = self.table[list(heads)].rename(
            columns={name: head.replace("_", " ") for name, head in heads.items()}
        )
        better = "less" if self.framework.less_is_better else "more"
        listing = Listing("Regions, best first", table, f"of scores, {better} is better")
        return card("Scores", facts=facts, listings=[listing])

    def by_factor(self) -> "Scores":
        """The same regions read by kind of factor: firm-level, institutional, external.

        The indicators are grouped by what they speak of instead of by dimension; ranks, labels
        and scores are `firm_rank`, `institutional_rank_label`, `external_score` and so on.

        Examples
        --------
        >>> table = pd.DataFrame({"firm_count": [9.0, 1.0], "lab_count": [1.0, 2.0]},
        ...                      index=pd.Index(["a", "b"], name="region_id"))
        >>> from geoclust.scoring import IndicatorSpec
        >>> specs = [IndicatorSpec(name=name, dimension="size") for name in table]
        >>> read = score(table, Framework(indicators=tuple(specs))).by_factor()
        >>> read.table[["firm_rank", "institutional_rank"]].to_dict("list")
        {'firm_rank': [1, 2], 'institutional_rank': [2, 1]}
        """
        flags = self.thin.replace({True: "thin", False: "ample"}).add_suffix("_evidence")
        return score(Indicators(self.values.join(flags)), self.framework.by_factor())

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
    indicators, not over the dimensions.  Every other scheme is a `Framework`.

    Missing values never help (`geoclust.scoring.normalising` says how, scheme by scheme).  Under
    ranks: of N regions, m have the indicator: these rank 1 to m, those without share the place
    behind, m + 1, and where any is missing all places are rescaled by N / (m + 1), so that the
    last place is N in every indicator.  So a region that hides a value gains on nobody, whatever
    the value, and a good rank among few counts as what it would be worth among all.  An indicator
    that no region has is left out.  A dimension is scored for a region only if `min_share` of its
    indicators are known there; the total, only if some dimension is, and it counts what is missing
    in the others as above.

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
    matrix = score_matrix(values.to_numpy(dtype=np.float64), framework)
    thin = thin_flags(indicators, framework)
    table = _table(values, matrix, thin, framework)
    order = table.assign(id=table.index).sort_values(["rank", "id"], kind="stable").index
    places = competition_rank(values.to_numpy(), framework.directions.to_numpy(dtype=np.float64))
    parts = [_labelled(part, values) for part in (places, matrix.normalised, matrix.weights)]
    inputs, (ranks, normalised, weights) = values.loc[order], (part.loc[order] for part in parts)
    contributions = contribution_table(
        inputs, ranks, framework, normalised=normalised, weights=weights
    )
    result = Scores(
        table=table.loc[order],
        indicator_ranks=ranks,
        contributions=contributions,
        framework=framework,
        values=inputs,
        normalised=normalised,
        weights=weights.where(inputs.notna().any(), axis="columns"),
        treatments=_treatments(matrix.treatments, values),
        thin=thin.loc[order],
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
    shared = rank.duplicated(keep=False).to_numpy()
    text = [
        None if place is pd.NA else f"{place}=" if tied else str(place)
        for place, tied in zip(rank, shared, strict=True)
    ]
    return pd.Series(text, index=rank.index, dtype="str")


def _values(indicators: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    known = [str(name) for name in indicators.columns]
    absent = [spec.name for spec in framework.indicators if spec.name not in indicators]
    if absent:
        faults = [f"the indicators lack {name!r}; {nearest(name, known)}" for name in absent]
        raise ParameterError("; ".join(faults))
    table = indicators[[spec.name for spec in framework.indicators]].astype("float64")
    return table.rename_axis("region_id").replace([np.inf, -np.inf], np.nan)


def _labelled(part: np.ndarray, values: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(part, index=values.index, columns=values.columns)


def _table(
    values: pd.DataFrame, matrix: ScoreMatrix, thin: pd.DataFrame, framework: Framework
) -> pd.DataFrame:
    """Rank, label and score of the total and of each dimension; what is missing or thin."""
    columns = _ranked("", matrix.rank, matrix.score, values.index)
    for at, dimension in enumerate(framework.dimensions):
        rank, points = matrix.dimension_rank[:, at], matrix.dimension_score[:, at]
        columns |= _ranked(f"{dimension}_", rank, points, values.index)
    columns["missing_count"] = values.isna().sum(axis=1).astype("int64")
    columns["note"] = _notes(values, framework)
    columns |= evidence_columns(values, matrix.weights, thin, framework)
    return pd.DataFrame(columns, index=values.index)


def _ranked(
    prefix: str, rank: np.ndarray, points: np.ndarray, index: pd.Index
) -> dict[str, pd.Series]:
    places = pd.Series(rank, index=index).astype("Int64")
    return {
        f"{prefix}rank": places,
        f"{prefix}rank_label": rank_labels(places),
        f"{prefix}score": pd.Series(points, index=index, dtype="float64"),
    }


def _notes(values: pd.DataFrame, framework: Framework) -> pd.Series:
    """Per region, the dimensions that are not scored and why; missing where all are."""
    notes = pd.Series("", index=values.index, dtype="str")
    for dimension in framework.dimensions:
        part = [spec.name for spec in framework.indicators if spec.dimension == dimension]
        known = values[part].notna().sum(axis=1)
        enough = known >= (framework.min_share - SHARE_SLACK) * len(part)
        if not enough.all():
            text = f"{dimension.replace('_', ' ')} not scored: " + known.astype("str")
            text = text + f" of {len(part)} indicators known; "
            notes = notes + text.where(~enough, "")
    notes = notes.str.removesuffix("; ")
    return notes.where(notes != "").astype("str")


def _treatments(treatments: tuple[Treatment, ...], values: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {
            "indicator": name,
            "action": told.action,
            "moved_count": len(told.moved),
            "moved": ";".join(sorted(map(str, values.index[told.moved]))),
            "skewness": told.skewness,
            "kurtosis": told.kurtosis,
            "skewness_after": told.skewness_after,
            "kurtosis_after": told.kurtosis_after,
            "passed": told.passed,
        }
        for name, told in zip(values.columns, treatments, strict=bool(treatments))
    ]
    columns = ["indicator", "action", "moved_count", "moved", "skewness", "kurtosis"]
    columns += ["skewness_after", "kurtosis_after", "passed"]
    return pd.DataFrame(rows, columns=columns).set_index("indicator")
