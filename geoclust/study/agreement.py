"""How far two partitions of the same records agree."""

import numpy as np

from geoclust.sphere import Ints


def adjusted_rand(one: Ints, two: Ints) -> float:
    """Agreement of two partitions beyond what chance would give: 1 where they are the same.

    Of all pairs of records, those count that share a region in both, against those that would by
    chance with regions of these sizes.  A record in no region shares one with nobody, not with
    the others in none: so a sea of noise does not pass for agreement.

    Parameters
    ----------
    one, two
        Number of each record's region, shape (n,), from 0; -1 for none.

    Returns
    -------
    float
        At most 1; about 0 for partitions that have nothing to do with each other.

    References
    ----------
    Hubert and Arabie (1985), Comparing partitions, Journal of Classification 2, equation 5.

    Examples
    --------
    >>> one = np.array([0, 0, 0, 1, 1, 1, -1, -1])
    >>> adjusted_rand(one, one), round(adjusted_rand(one, np.array([0, 0, 1, 1, 2, 2, -1, 0])), 3)
    (1.0, 0.21)
    """
    both = (one >= 0) & (two >= 0)
    cells = one[both].astype(np.int64) * (int(two.max(initial=-1)) + 1) + two[both]
    shared = _pairs(np.unique(cells, return_counts=True)[1])
    own = _pairs(np.bincount(one[one >= 0])), _pairs(np.bincount(two[two >= 0]))
    count = len(one)
    chance = own[0] * own[1] / max(1, count * (count - 1) // 2)
    most = (own[0] + own[1]) / 2
    return 1.0 if most == chance else float((shared - chance) / (most - chance))


def _pairs(sizes: Ints) -> int:
    """Pairs of records within groups of these sizes."""
    sizes = sizes.astype(np.int64)
    return int((sizes * (sizes - 1) // 2).sum())
