"""Values of an indicator -> numbers that can be compared across indicators.

Every function takes values (regions x indicators, NaN for missing) and the direction of each
indicator (+1 more is better, -1 less is better), and returns an array of the same shape.  What
comes out is never missing by accident:

======================  ==========  ==============  ============  ===========  ==============
normalisation           best        last            constant      one region   missing value
======================  ==========  ==============  ============  ===========  ==============
`competition_rank`      1           N               1             1            N
`percentile`            1           0               1             1            0
`min_max`               1           0               0.5           0.5          0
`z_score`               high        low             0             0            the lowest z
`goalposts`             1           0               by its value  by its value 0
`world_share`           high        low             1/N           1            0
======================  ==========  ==============  ============  ===========  ==============

(`world_share` of a stated total: the value over that total, for constants and one region too.)

An indicator that no region has stays missing throughout, and is left out of every aggregation.

**Missing never helps.**  A missing value counts as the worst known value of the field.  Under
`competition_rank`, `percentile`, `goalposts` and `world_share` a region that hides a value gains
on nobody in any mean or sum of them, whatever the value (that is tested).  `min_max` and `z_score`
take their scale from the values: who alone has the worst value draws the others together by hiding
it, and may so gain on some of them.  Where data are incomplete and those who are ranked choose
what they report, prefer the other four.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from geoclust.errors import ParameterError
from geoclust.sphere import Floats

SAME_VALUE_DIGITS: Final = 12
"""Values equal to this many significant digits tie: only rounding lies between them."""
ROUNDING: Final = 1e-9
MIDDLE: Final = 0.5
"""`min_max` of an indicator that does not vary."""


def competition_rank(values: Floats, direction: Floats) -> Floats:
    """Rank each indicator, 1 best; ties share the better rank and the next is skipped ("1224").

    Of N regions, m have the indicator: they take the places 1 to m, those without share the place
    behind, m + 1; where any is missing all places are rescaled by N / (m + 1), so that the last
    place is N in every indicator.  An indicator that no region has stays missing.

    Parameters
    ----------
    values
        Regions x indicators, NaN for missing.
    direction
        +1 or -1 per indicator.

    Returns
    -------
    ndarray
        Same shape; 1 to N.

    Examples
    --------
    >>> values = np.array([[7.0, 1.0], [7.0, 2.0], [1.0, np.nan], [np.nan, np.nan]])
    >>> competition_rank(values, np.array([1.0, -1.0])).T.round(2).tolist()
    [[1.0, 1.0, 3.0, 4.0], [1.33, 2.67, 4.0, 4.0]]
    """
    losses = -significant(values) * direction
    n = len(losses)
    ranks = np.full(losses.shape, np.nan)
    for at, loss in enumerate(losses.T):
        place = places(loss)
        missing = np.isnan(place)
        m = n - int(missing.sum())
        if 0 < m < n:
            place = np.where(missing, m + 1.0, place) * (n / (m + 1))
        ranks[:, at] = place
    return ranks


def percentile(values: Floats, direction: Floats) -> Floats:
    """Share of the other places that lie behind a region's: (N - rank) / (N - 1), 1 best, 0 last.

    From the competition rank, so ties share the better place; a region alone has 1.

    Examples
    --------
    >>> percentile(np.array([[9.0], [5.0], [5.0], [1.0], [np.nan]]), np.ones(1)).ravel().tolist()
    [1.0, 0.75, 0.75, 0.25, 0.0]
    """
    n = len(values)
    ranks = competition_rank(values, direction)
    return (n - ranks) / (n - 1) if n > 1 else np.where(np.isnan(ranks), np.nan, 1.0)


def min_max(values: Floats, direction: Floats) -> Floats:
    """Distance from the worst value as a share of the range: 1 best, 0 worst, 0.5 if constant.

    Examples
    --------
    >>> min_max(np.array([[10.0], [4.0], [0.0], [np.nan]]), -np.ones(1)).ravel().tolist()
    [0.0, 0.6, 1.0, 0.0]
    """
    gain = significant(values) * direction
    low, high = _range(gain)
    width = np.where(high > low, high - low, 1.0)
    scaled = np.where(high > low, (gain - low) / width, MIDDLE)
    return _missing_as(scaled, gain, 0.0)


def z_score(values: Floats, direction: Floats) -> Floats:
    """Standard deviations above the mean of the known values; 0 if constant.

    The deviation is that of the population: the regions given are the whole field.

    Examples
    --------
    >>> z_score(np.array([[1.0], [3.0], [3.0], [5.0], [np.nan]]), np.ones(1)).ravel().round(3)
    array([-1.414,  0.   ,  0.   ,  1.414, -1.414])
    """
    gain = significant(values) * direction
    known = ~np.isnan(gain)
    count = np.maximum(known.sum(axis=0), 1)
    mean = _sum(np.where(known, gain, 0.0)) / count
    apart = np.where(known, gain - mean, 0.0)
    deviation = np.sqrt(_sum(apart**2) / count)
    low, high = _range(gain)
    scaled = np.where(high > low, apart / np.where(high > low, deviation, 1.0), 0.0)
    return _missing_as(scaled, gain, np.where(known, scaled, np.inf).min(axis=0, initial=np.inf))


def goalposts(values: Floats, direction: Floats, *, posts: Floats) -> Floats:
    """Distance between two fixed goalposts, held within 0 and 1 (as in the UN's HDI).

    The scale does not depend on the other regions, so years and places compare.

    Parameters
    ----------
    values, direction
        As for `competition_rank`.
    posts
        Indicators x 2: low and high, low < high, in the unit of the indicator; with direction -1
        the low one is the better.

    Examples
    --------
    >>> posts = np.array([[20.0, 85.0]])
    >>> goalposts(np.array([[72.0], [90.0], [np.nan]]), np.ones(1), posts=posts).ravel().tolist()
    [0.8, 1.0, 0.0]
    """
    value = significant(values)
    low, high = posts[:, 0], posts[:, 1]
    share = np.clip((value - low) / (high - low), 0.0, 1.0)
    return _missing_as(np.where(direction > 0, share, 1.0 - share), value, 0.0)


def world_share(values: Floats, direction: Floats, *, totals: Floats | None = None) -> Floats:
    """Share of a stated total, or of the sum over the regions given; 0 where that is 0.

    Sums of shares of different indicators depend on the totals: with those of the regions given,
    leaving a region out can change the order of the others, with those of the world it cannot.

    Parameters
    ----------
    values, direction
        As for `competition_rank`.
    totals
        One per indicator, in its unit; NaN for the sum over the regions given.

    Raises
    ------
    ParameterError
        If a value is below 0 or less is better: neither has a share; if the regions together have
        more than the total.

    Examples
    --------
    >>> world_share(np.array([[6.0], [2.0], [np.nan]]), np.ones(1)).ravel().tolist()
    [0.75, 0.25, 0.0]
    >>> values = np.array([[6.0, 6.0], [2.0, 2.0]])
    >>> world_share(values, np.ones(2), totals=np.array([16.0, np.nan])).tolist()
    [[0.375, 0.75], [0.125, 0.25]]
    """
    value = significant(values)
    below = value[value < 0]
    if below.size or (np.asarray(direction) < 0).any():
        found = f"the value {below[0]:g}" if below.size else "direction -1"
        raise ParameterError(
            f"world_share: found {found}; want values of at least 0 of which more is better"
        )
    total = _sum(np.nan_to_num(value))
    if totals is not None:
        total = _within(total, totals)
    return _missing_as(value / np.where(total > 0, total, 1.0), value, 0.0)


Normalise = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True)
class Normalisation:
    """What the other steps need to know of a way to normalise."""

    apply: Callable[..., Floats]
    less_is_better: bool = False
    unit_scale: bool = True
    """Between 0 and 1."""
    treats_outliers: bool = False
    """Takes its scale from the values, so that one far value squeezes all the others."""
    missing: str = "0, the last place"
    """What a missing value counts as."""


NORMALISE: Final[dict[str, Normalisation]] = {
    "competition_rank": Normalisation(
        competition_rank,
        less_is_better=True,
        unit_scale=False,
        missing="the place behind all that are known",
    ),
    "percentile": Normalisation(percentile, missing="the place behind all that are known, 0"),
    "min_max": Normalisation(min_max, treats_outliers=True, missing="the worst known value, 0"),
    "z_score": Normalisation(
        z_score, unit_scale=False, treats_outliers=True, missing="the lowest known z-score"
    ),
    "goalposts": Normalisation(goalposts, missing="the worse goalpost, 0"),
    "world_share": Normalisation(world_share, missing="a share of 0"),
}


def places(loss: Floats) -> Floats:
    """Competition rank of each number, 1 for the least; missing stays missing.

    Examples
    --------
    >>> places(np.array([2.5, 1.0, np.nan, 2.5])).tolist()
    [2.0, 1.0, nan, 2.0]
    """
    known = ~np.isnan(loss)
    found = np.full(loss.shape, np.nan)
    found[known] = np.searchsorted(np.sort(loss[known]), loss[known], side="left") + 1.0
    return found


def significant(values: Floats) -> Floats:
    """Values to 12 significant digits."""
    number = np.asarray(values, dtype=np.float64)
    size = np.abs(number, where=np.isfinite(number), out=np.ones_like(number))
    scale = 10.0 ** (SAME_VALUE_DIGITS - 1 - np.floor(np.log10(np.where(size > 0, size, 1.0))))
    return np.asarray(np.rint(number * scale) / scale)


def _sum(values: Floats) -> Floats:
    """Sum of each column, the same to the last bit in any order of the rows."""
    return np.asarray(np.sort(values, axis=0).T.copy().sum(axis=1))


def _within(found: Floats, stated: Floats) -> Floats:
    """The stated totals, what was found where none is stated; refused where less than found."""
    for together, whole in zip(found, stated, strict=True):
        if together > whole * (1.0 + ROUNDING):
            raise ParameterError(
                f"world_share: the regions together have {together:g}, more than the total of "
                f"{whole:g}; want the total of everything, in the indicator's unit"
            )
    return np.asarray(np.where(np.isnan(stated), found, stated))


def _range(gain: Floats) -> tuple[Floats, Floats]:
    """Least and greatest known value of each indicator; an empty range where there is none."""
    known = ~np.isnan(gain)
    low = np.where(known, gain, np.inf).min(axis=0, initial=np.inf)
    high = np.where(known, gain, -np.inf).max(axis=0, initial=-np.inf)
    some = known.any(axis=0)
    return np.where(some, low, 0.0), np.where(some, high, 0.0)


def _missing_as(scaled: Floats, values: Floats, worst: float | Floats) -> Floats:
    """`worst` where a value is missing that some region has; NaN where none has it."""
    missing = np.isnan(values)
    filled = np.where(missing, worst, scaled)
    return np.where(missing.all(axis=0), np.nan, filled)
