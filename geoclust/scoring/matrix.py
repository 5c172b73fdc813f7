"""The arithmetic of scoring on bare arrays: what `score` wraps, and robustness calls by thousands.

One call is normalise, weight, aggregate, rank; what does not depend on the values is worked out
once per framework.
"""

from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from geoclust.scoring.aggregating import AGGREGATE, RANK_DIGITS, SCORE_DIGITS
from geoclust.scoring.normalising import NORMALISE, Normalise, goalposts, places, world_share
from geoclust.scoring.rules import Level, levels
from geoclust.scoring.treating import Treatment, treat
from geoclust.scoring.weighting import benefit_of_the_doubt, principal_components
from geoclust.sphere import Floats

if TYPE_CHECKING:
    from collections.abc import Callable

    from geoclust.scoring.framework import Framework

Bools = NDArray[np.bool_]
SHARE_SLACK: Final = 1e-4
"""A share of known indicators that falls short by less passes: 0.6667 means two thirds."""


@dataclass(frozen=True, eq=False)
class ScoreMatrix:
    """Scores of N regions by k indicators in d dimensions, in the order given."""

    normalised: Floats
    """N x k; NaN only in the columns of indicators that no region has."""
    weights: Floats
    """N x k: what each indicator counts for in the total.  Rows sum to 1, except under `sum`,
    where weights are as given (or, under benefit of the doubt, as found)."""
    dimension_score: Floats
    """N x d; NaN where too few indicators are known."""
    dimension_rank: Floats
    """N x d; 1 best."""
    score: Floats
    """N; NaN where no dimension is scored."""
    rank: Floats
    """N; 1 best."""
    treatments: tuple[Treatment, ...] = ()
    """Per indicator, if outliers are treated."""
    inner_weights: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    """N x k: what each indicator counts for in its dimension."""


@dataclass(frozen=True, eq=False)
class _Plan:
    """A framework as arrays and functions."""

    directions: Floats
    weights: Floats
    groups: tuple[NDArray[np.intp], ...]
    dimension_weights: Floats
    normalise: Normalise
    first: Level
    second: Level
    again: Normalise | None
    """How scores of dimensions are normalised before they make the total."""
    of_dimensions: bool
    treats: bool
    floor: float
    min_share: float


def score_matrix(values: Floats, framework: "Framework") -> ScoreMatrix:
    """Score regions from a bare array.

    The same numbers as `score`, which checks and labels; nothing is checked here.

    Parameters
    ----------
    values
        Regions x indicators in the order of `framework.indicators`; NaN (or infinite) is missing.
        Not changed.
    framework
        The scheme.

    Returns
    -------
    ScoreMatrix
        Arrays in the order of the rows of `values`.

    Examples
    --------
    >>> from geoclust.scoring import Framework
    >>> values = np.arange(18.0).reshape(2, 9)
    >>> score_matrix(values, Framework.quantum()).rank.tolist()
    [2.0, 1.0]
    """
    plan = _plan(framework)
    known = np.isfinite(values)
    found = np.ascontiguousarray(np.where(known, values, np.nan))
    treatments: list[Treatment] = []
    if plan.treats:
        found, treatments = treat(found)
    normalised = plan.normalise(found, plan.directions)
    used = np.asarray(known.any(axis=0))
    scored = _enough(known, plan)
    inner, dimensions = _dimensions(normalised, used, plan)
    weights, total = _total(normalised, inner, dimensions, plan)
    total = np.where(scored.any(axis=1), total, np.nan)
    dimensions = np.where(scored, dimensions, np.nan)
    first, second = plan.first.result.less_is_better, plan.second.result.less_is_better
    ranks = [places(column if first else -column) for column in dimensions.T]
    return ScoreMatrix(
        normalised=normalised,
        weights=weights,
        dimension_score=dimensions,
        dimension_rank=np.column_stack(ranks),
        score=total,
        rank=places(total if second else -total),
        treatments=tuple(treatments),
        inner_weights=inner,
    )


@lru_cache(maxsize=256)
def _plan(framework: "Framework") -> _Plan:
    specs, composite = framework.indicators, framework.composite
    first, second = levels(framework)
    home = np.array([framework.dimensions.index(spec.dimension) for spec in specs])
    given = [composite.weights.get(name, 1.0) for name in framework.dimensions]
    normalise: Callable[..., Floats] = NORMALISE[framework.normalise].apply
    if framework.normalise == "goalposts":
        normalise = partial(goalposts, posts=np.array([spec.goalposts for spec in specs]))
    if framework.normalise == "world_share":
        stated = [np.nan if spec.total is None else spec.total for spec in specs]
        normalise = partial(world_share, totals=np.array(stated))
    return _Plan(
        directions=np.array([spec.direction for spec in specs], dtype=np.float64),
        weights=np.array([spec.weight for spec in specs], dtype=np.float64),
        groups=tuple(np.flatnonzero(home == at) for at in range(len(framework.dimensions))),
        dimension_weights=np.array(given, dtype=np.float64),
        normalise=normalise,
        first=first,
        second=second,
        again=NORMALISE[composite.normalise].apply if composite.normalise else None,
        of_dimensions=composite.of == "dimensions",
        treats=framework.treats_outliers,
        floor=framework.floor,
        min_share=framework.min_share,
    )


def _enough(known: Bools, plan: _Plan) -> Bools:
    """Whether enough of each dimension's indicators are known, regions x dimensions."""
    shares = [known[:, group].mean(axis=1) >= plan.min_share - SHARE_SLACK for group in plan.groups]
    return np.column_stack(shares)


def _dimensions(normalised: Floats, used: Bools, plan: _Plan) -> tuple[Floats, Floats]:
    """Weights of the indicators in their dimensions, and the dimensions' scores."""
    weights = np.zeros(normalised.shape)
    scores = np.full((len(normalised), len(plan.groups)), np.nan)
    for at, group in enumerate(plan.groups):
        part = group[used[group]]
        if part.size:
            found = _put_together(normalised[:, part], plan.weights[part], plan.first, plan.floor)
            weights[:, part], scores[:, at] = found
    return weights, scores


def _total(
    normalised: Floats, inner: Floats, dimensions: Floats, plan: _Plan
) -> tuple[Floats, Floats]:
    """What each indicator counts for in the total, and the total."""
    weights, nothing = np.zeros(normalised.shape), np.full(len(normalised), np.nan)
    used = np.asarray(~np.isnan(normalised).any(axis=0))
    if not plan.of_dimensions:
        part = np.flatnonzero(used)
        if not part.size:
            return weights, nothing
        found = _put_together(normalised[:, part], plan.weights[part], plan.second, plan.floor)
        weights[:, part], total = found
        return weights, total
    some = np.flatnonzero([used[group].any() for group in plan.groups])
    if not some.size:
        return weights, nothing
    part_scores = dimensions[:, some]
    if plan.again is not None:
        sense = -1.0 if plan.first.result.less_is_better else 1.0
        part_scores = plan.again(part_scores, np.full(some.size, sense))
    outer, total = _put_together(part_scores, plan.dimension_weights[some], plan.second, plan.floor)
    for at, weight in zip(some, outer.T, strict=True):
        group = plan.groups[at]
        weights[:, group] = inner[:, group] * weight[:, None]
    return weights, total


def _put_together(
    values: Floats, given: Floats, level: Level, floor: float
) -> tuple[Floats, Floats]:
    """Weights (regions x columns) and weighted aggregate of columns without missing values."""
    weight = _weight(values, given, level.weighting)
    numbers = floor + (1.0 - floor) * values if level.floored and floor else values
    if AGGREGATE[level.aggregate].pairwise and level.numbers.less_is_better:
        numbers = -numbers
    result = AGGREGATE[level.aggregate].apply(numbers, weight)
    shares = weight if level.aggregate == "sum" else weight / weight.sum(axis=-1, keepdims=True)
    digits = RANK_DIGITS if level.numbers.less_is_better else SCORE_DIGITS
    return np.broadcast_to(shares, values.shape), np.round(result, digits)


def _weight(values: Floats, given: Floats, weighting: str) -> Floats:
    if weighting == "pca":
        return principal_components(values)
    if weighting == "benefit_of_the_doubt":
        return benefit_of_the_doubt(values)
    return np.ones_like(given) if weighting == "equal" else given
