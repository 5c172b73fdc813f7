"""Outliers of an indicator, by the rule of the OECD/JRC handbook as the JRC applies it.

An indicator with |skewness| < 2 or kurtosis < 3.5 is left alone.  Otherwise its farthest values,
one by one and five at most, are drawn in to the next nearest, but never until all are alike; if
that does not do, they are put back and the whole indicator is taken in logarithms.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoclust.sphere import Floats

MOST_SKEW: Final = 2.0
MOST_KURTOSIS: Final = 3.5
MOST_POINTS: Final = 5
DIGITS: Final = 9
"""Moments are held against the rule to so many decimals: 2, reached by rounding, is 2."""
LOG_OFFSET: Final = 0.01
"""Share of the range added before the logarithm, so that the least value has one."""
LEAST_VALUES: Final = 4
"""Below so many known values kurtosis is not defined and nothing is treated."""


@dataclass(frozen=True, eq=False)
class Treatment:
    """What was done to one indicator, and what came of it."""

    action: str
    """"none", "winsorised" or "logarithm"."""
    moved: NDArray[np.intp]
    """Places of the values that were drawn in."""
    skewness: float
    """Before; missing below four known values."""
    kurtosis: float
    skewness_after: float
    kurtosis_after: float

    @property
    def passed(self) -> bool:
        """Whether the values now keep the rule."""
        return keeps_rule(self.skewness_after, self.kurtosis_after)


def treat(values: Floats) -> tuple[Floats, list[Treatment]]:
    """Treat each indicator by the handbook's rule [1]_.

    The order of the values is kept, except that values drawn in tie with the one they are drawn
    to.  The limits are those of Groeneveld and Meeden [2]_, that of skewness relaxed to 2 as in the
    JRC's audits.  Skewness and (excess) kurtosis are the usual sample estimates G1 and G2 of the
    known values; missing stays missing.

    Parameters
    ----------
    values
        Regions x indicators, NaN for missing.

    Returns
    -------
    values : ndarray
        Treated, same shape; an indicator that was not treated is the same to the last bit.
    treatments : list of Treatment
        One per indicator.

    References
    ----------
    .. [1] OECD and JRC (2008), Handbook on Constructing Composite Indicators, section 5.
    .. [2] Groeneveld and Meeden (1984), Measuring skewness and kurtosis, The Statistician 33(4).

    Examples
    --------
    >>> values = np.array([[1.0, 2, 3, 4, 5, 6, 7, 8, 9, 500]]).T
    >>> treated, (told,) = treat(values)
    >>> told.action, told.moved.tolist(), treated.ravel().tolist()[-2:]
    ('winsorised', [9], [9.0, 9.0])
    """
    treated = np.array(values, dtype=np.float64, copy=True)
    told = []
    for at in range(treated.shape[1]):
        known = np.flatnonzero(np.isfinite(treated[:, at]))
        column, treatment = _treat_one(treated[known, at])
        treated[known, at] = column
        told.append(_in_place(treatment, known))
    return treated, told


def moments(value: Floats) -> tuple[float, float]:
    """Sample skewness G1 and excess kurtosis G2; 0 for constants, missing below four values.

    Examples
    --------
    >>> tuple(round(x, 4) for x in moments(np.array([1.0, 2.0, 3.0, 4.0, 10.0])))
    (1.6971, 3.152)
    """
    n = len(value)
    if n < LEAST_VALUES:
        return np.nan, np.nan
    value = np.sort(value)
    apart = value - value.mean()
    spread = float((apart**2).mean())
    if not spread > np.finfo(float).eps * float((value**2).mean()):
        return 0.0, 0.0
    skew = float((apart**3).mean()) / spread**1.5
    tail = float((apart**4).mean()) / spread**2 - 3.0
    skewness = np.sqrt(n * (n - 1)) / (n - 2) * skew
    kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * tail + 6.0)
    return float(skewness), float(kurtosis)


def keeps_rule(skewness: float, kurtosis: float) -> bool:
    """Whether |skewness| < 2 or kurtosis < 3.5; so too where they are not defined."""
    far = round(abs(skewness), DIGITS) >= MOST_SKEW
    return not (far and round(kurtosis, DIGITS) >= MOST_KURTOSIS)


def _treat_one(value: Floats) -> tuple[Floats, Treatment]:
    before = moments(value)
    nothing = np.empty(0, dtype=np.intp)
    if keeps_rule(*before):
        return value, Treatment("none", nothing, *before, *before)
    for moved, drawn_in in _drawn_in(value):
        after = moments(drawn_in)
        if keeps_rule(*after):
            return drawn_in, Treatment("winsorised", moved, *before, *after)
    logged = _logarithm(value, before[0])
    return logged, Treatment("logarithm", nothing, *before, *moments(logged))


def _drawn_in(value: Floats) -> Iterator[tuple[NDArray[np.intp], Floats]]:
    """One to five values drawn in, each time at the end where the longer tail still is.

    Not so far that all would be alike: a single region that has something stays ahead of the rest.
    """
    order = np.argsort(value, kind="stable")
    low = high = 0
    current = value
    for _ in range(min(MOST_POINTS, len(value) - 2)):
        if moments(current)[0] > 0:
            high += 1
        else:
            low += 1
        inside = value[order[low : len(value) - high]]
        if inside[0] == inside[-1]:
            return
        current = np.clip(value, inside[0], inside[-1])
        yield np.flatnonzero(current != value), current


def _logarithm(value: Floats, skewness: float) -> Floats:
    """Logarithm of the distance from the end without the tail; order and sense kept."""
    width = value.max() - value.min()
    if skewness > 0:
        return np.asarray(np.log(value - value.min() + LOG_OFFSET * width))
    return np.asarray(-np.log(value.max() - value + LOG_OFFSET * width))


def _in_place(treatment: Treatment, known: NDArray[np.intp]) -> Treatment:
    """The same treatment with the places counted among all regions."""
    moved = known[treatment.moved]
    return Treatment(
        treatment.action,
        moved,
        treatment.skewness,
        treatment.kurtosis,
        treatment.skewness_after,
        treatment.kurtosis_after,
    )
