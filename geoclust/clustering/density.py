"""How dense a place is at a length, the same bits on every machine.

Life in the hierarchy is measured in density: 1/km ("inverse"), or minus the logarithm of the
length ("log").  numpy's own `log` and `exp` differ in the last bit between instruction sets, and
a last bit can decide between two nearly equal choices and shows in a file's checksum.  Here both
are made of additions, multiplications and divisions alone, which IEEE 754 rounds in one way only,
as is `sphere.arc_km`, on which they rest.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from geoclust.sphere import Floats, arc_km

_LN2_HIGH: Final = float.fromhex("0x1.62e42feep-1")
"""ln 2 to 33 bits: its product with a binary exponent is exact."""

_LN2_LOW: Final = float.fromhex("0x1.a39ef35793c76p-33")
_ROOT_HALF: Final = float.fromhex("0x1.6a09e667f3bcdp-1")
_LOG_TERMS: Final = 12
_EXP_TERMS: Final = 15


def density(squared: Floats, scale: str) -> Floats:
    """Density at a squared length: 1/km, or minus the logarithm of the length in km.

    Parameters
    ----------
    squared
        Squared chords in grid steps, positive; may be infinite.
    scale
        "inverse" or "log".

    Examples
    --------
    >>> from geoclust.sphere import chord_squared
    >>> density(chord_squared([4.0]), "inverse").round(6).tolist()
    [0.25]
    """
    km = np.where(np.isinf(squared), np.inf, arc_km(squared))
    return 1 / km if scale == "inverse" else -logarithm(km)


def logarithm(x: ArrayLike) -> Floats:
    """Natural logarithm of positive numbers; error below 1e-15 of the larger of it and 1.

    The number is parted into a power of two and m between the roots of 1/2 and 2, of which
    ln m = 2 artanh((m - 1) / (m + 1)) is summed.

    Examples
    --------
    >>> logarithm([1.0, 100.0, np.inf]).round(12).tolist()
    [0.0, 4.605170185988, inf]
    """
    values = np.asarray(x, dtype=np.float64)
    infinite = np.isinf(values)
    m, power = np.frexp(np.where(infinite, 1.0, values))
    low = m < _ROOT_HALF
    m, power = np.where(low, 2 * m, m), power - low
    s = (m - 1.0) / (m + 1.0)
    square, total = s * s, np.zeros(values.shape)
    for k in range(_LOG_TERMS, -1, -1):
        total = total * square + 1.0 / (2 * k + 1)
    return np.where(infinite, np.inf, power * _LN2_HIGH + (2.0 * s * total + power * _LN2_LOW))


def exponential(x: ArrayLike) -> Floats:
    """Natural exponential function; relative error below 1e-15 for values of -700 to 0.

    Examples
    --------
    >>> exponential([0.0, -1.0]).round(12).tolist()
    [1.0, 0.367879441171]
    """
    values = np.asarray(x, dtype=np.float64)
    power = np.rint(values / (_LN2_HIGH + _LN2_LOW))
    rest = (values - power * _LN2_HIGH) - power * _LN2_LOW
    total = np.ones(values.shape)
    for k in range(_EXP_TERMS, 0, -1):
        total = total * rest / k + 1.0
    return np.asarray(np.ldexp(total, power.astype(np.int32)))
