"""How far two partitions of the same records agree, counting records or their weights."""

from typing import Any

import numpy as np
import pandas as pd

from geoclust.sphere import Ints
from geoclust.study.agreement import adjusted_rand


def partition_agreement(region_a: pd.Series, region_b: pd.Series, units: Ints) -> dict[str, float]:
    """Adjusted Rand index by records and by weights.

    A record in no region shares one with nobody, not with the others in none; it counts as a
    record all the same, so that noise in one partition and not in the other is disagreement.

    Parameters
    ----------
    region_a, region_b
        Region of each record; missing where in none; in the same order.
    units
        Weight of each record, whole numbers.

    Returns
    -------
    dict
        `adjusted_rand` and `adjusted_rand_weighted`, at most 1.

    Examples
    --------
    >>> one = pd.Series(["x", "x", "y", "y", None])
    >>> partition_agreement(one, one, np.array([1, 2, 3, 4, 5]))
    {'adjusted_rand': 1.0, 'adjusted_rand_weighted': 1.0}
    """
    one, two = (pd.factorize(region)[0].astype(np.int64) for region in (region_a, region_b))
    return {
        "adjusted_rand": adjusted_rand(one, two),
        "adjusted_rand_weighted": adjusted_rand_weighted(one, two, units),
    }


def adjusted_rand_weighted(one: Ints, two: Ints, units: Ints) -> float:
    """The adjusted Rand index in which a pair of records counts the product of their weights.

    Computed in whole numbers until the last division, so that neither the order of rows nor that
    of the partitions shows.

    Parameters
    ----------
    one, two
        Number of each record's region, shape (n,), from 0; -1 for none.
    units
        Weight of each record, whole numbers above 0.

    Returns
    -------
    float
        `adjusted_rand` where all weights are equal.

    Examples
    --------
    >>> one, two = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 2, 2])
    >>> round(adjusted_rand_weighted(one, two, np.ones(6, dtype=np.int64)), 9)
    0.242424242
    >>> round(adjusted_rand(one, two), 9)
    0.242424242
    """
    if not len(one):
        return 1.0
    whole: Any = units // np.gcd.reduce(units)
    squares = (whole.astype(object) ** 2).astype(object)
    both = (one >= 0) & (two >= 0)
    cells = one[both] * (int(two.max(initial=-1)) + 1) + two[both]
    shared = _pairs(np.unique(cells, return_inverse=True)[1], whole[both], squares[both])
    own_a = _pairs(one[one >= 0], whole[one >= 0], squares[one >= 0])
    own_b = _pairs(two[two >= 0], whole[two >= 0], squares[two >= 0])
    every = _pairs(np.zeros(len(one), dtype=np.int64), whole, squares)
    # (shared - own_a own_b / every) / ((own_a + own_b) / 2 - own_a own_b / every)
    chance = own_a * own_b
    most = (own_a + own_b) * every - 2 * chance
    return 1.0 if most == 0 else 2 * (shared * every - chance) / most


def _pairs(group: Ints, weights: Ints, squares: Any) -> int:  # noqa: ANN401 - Python's integers
    """Twice the sum over pairs within groups of the product of weights, as a Python integer."""
    if not len(group):
        return 0
    sums = np.zeros(int(group.max()) + 1, dtype=np.int64)
    np.add.at(sums, group, weights)
    return sum(int(one) ** 2 for one in sums) - int(squares.sum())
