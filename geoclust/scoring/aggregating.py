"""Normalised indicators -> one number per region.

Every function takes normalised indicators (regions x indicators, nothing missing; an indicator
that no region has is not passed in) and their weights, and returns a number per region.  Where
the normalised values are ranks, less is better in the result as well; `copeland` is always
more-is-better.  Results are rounded, so that equal ones are equal whatever the order of the sum.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from geoclust.sphere import Floats

RANK_DIGITS: Final = 9
"""Means of ranks equal to this many decimals tie."""
LEAST: Final = 1e-6
"""What a 0 counts as in contributions to geometric and harmonic means."""
SCORE_DIGITS: Final = 12
"""Other scores equal to this many decimals tie."""


def arithmetic(values: Floats, weight: Floats) -> Floats:
    """Weighted mean: a lack in one indicator is made good by another in full.

    Parameters
    ----------
    values
        Regions x indicators.
    weight
        Per indicator, or regions x indicators; only the proportions matter.

    Examples
    --------
    >>> arithmetic(np.array([[0.25, 0.75], [0.5, 0.5]]), np.array([1.0, 3.0])).tolist()
    [0.625, 0.5]
    """
    return np.asarray((values * _shares(weight)).sum(axis=1))


def geometric(values: Floats, weight: Floats) -> Floats:
    """Weighted geometric mean: a lack is made good in part; a single 0 makes it 0.

    Examples
    --------
    >>> geometric(np.array([[0.25, 1.0], [0.0, 1.0]]), np.ones(2)).round(12).tolist()
    [0.5, 0.0]
    """
    with np.errstate(divide="ignore"):
        logarithm = np.where(_shares(weight) > 0, np.log(values), 0.0)
    return np.asarray(np.exp((logarithm * _shares(weight)).sum(axis=1)))


def harmonic(values: Floats, weight: Floats) -> Floats:
    """Weighted harmonic mean: a lack weighs most; a single 0 makes it 0.

    Examples
    --------
    >>> harmonic(np.array([[0.5, 1.0], [0.0, 1.0]]), np.ones(2)).round(12).tolist()
    [0.666666666667, 0.0]
    """
    with np.errstate(divide="ignore"):
        inverse = np.where(_shares(weight) > 0, 1.0 / values, 0.0)
        return np.asarray(1.0 / (inverse * _shares(weight)).sum(axis=1))


def weighted_sum(values: Floats, weight: Floats) -> Floats:
    """Sum of weight x value, the weights as they are: shares of patents plus of publications.

    Examples
    --------
    >>> weighted_sum(np.array([[0.1, 0.2]]), np.array([1.0, 2.0])).tolist()
    [0.5]
    """
    return np.asarray((values * weight).sum(axis=1))


def copeland(values: Floats, weight: Floats) -> Floats:
    """Regions beaten minus regions beaten by, pair by pair: no lack is made good by an amount.

    One region beats another if it is better in indicators of more weight than the other is;
    equal weight is a tie.  Between -(N - 1) and N - 1; 0 for a region alone.  Here more is better
    in `values` as in the result.

    References
    ----------
    Munda and Nardo (2009), Applied Economics 41(12), on non-compensatory composite indicators.

    Examples
    --------
    >>> copeland(np.array([[3.0, 3, 1], [2, 2, 2], [1, 1, 3]]), np.ones(3)).tolist()
    [2.0, 0.0, -2.0]
    """
    majority = np.zeros((len(values), len(values)))
    for value, share in zip(values.T, _shares(weight), strict=True):
        majority += share * np.sign(value[:, None] - value[None, :])
    return np.asarray(np.sign(np.round(majority, SCORE_DIGITS)).sum(axis=1))


def _shares(weight: Floats) -> Floats:
    return np.asarray(weight / weight.sum(axis=-1, keepdims=True))


def _itself(values: Floats) -> Floats:
    return values


def _logarithm(values: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(values, LEAST)))


def _minus_inverse(values: Floats) -> Floats:
    return np.asarray(-1.0 / np.maximum(values, LEAST))


Aggregate = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True)
class Aggregation:
    """What the other steps need to know of a way to aggregate."""

    apply: Aggregate
    wants_ranks: bool = False
    wants_positive: bool = False
    """Means something for values of at least 0 only; a 0 takes all."""
    pairwise: bool = False
    """Compares regions two by two, and gives more to the better."""
    scale: Callable[[Floats], Floats] = _itself
    """The scale on which contributions of indicators add up."""


AGGREGATE: Final[dict[str, Aggregation]] = {
    "rank_mean": Aggregation(arithmetic, wants_ranks=True),
    "arithmetic": Aggregation(arithmetic),
    "geometric": Aggregation(geometric, wants_positive=True, scale=_logarithm),
    "harmonic": Aggregation(harmonic, wants_positive=True, scale=_minus_inverse),
    "copeland": Aggregation(copeland, pairwise=True),
    "sum": Aggregation(weighted_sum),
}
