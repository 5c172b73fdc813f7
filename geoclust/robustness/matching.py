"""Which region of a draw is which of the study's: by the weight of the records they share."""

import numpy as np

from geoclust.sphere import Floats, Ints


def match_regions(
    own: Ints, drawn: Ints, weight: Floats, *, own_count: int, drawn_count: int, min_shared: float
) -> Ints:
    """Region of the study that each region of a draw is; -1 for a new one.

    Pairs are settled by shared weight, greatest first (then by number), each region at most
    once.  Two regions that share less than `min_shared` of the lighter one are not the same.

    Parameters
    ----------
    own, drawn
        Region of each record in the study and in the draw, from 0; -1 for none.
    weight
        Weight of each record in the draw.
    own_count, drawn_count
        Number of regions.
    min_shared
        Least share, 0 to 1.

    Examples
    --------
    >>> own, drawn = np.array([0, 0, 0, 1, 1, -1]), np.array([1, 1, 1, 1, 1, 0])
    >>> match_regions(own, drawn, np.ones(6), own_count=2, drawn_count=2, min_shared=0.5).tolist()
    [-1, 0]
    """
    found = np.full(drawn_count, -1, dtype=np.int64)
    both = (own >= 0) & (drawn >= 0)
    cell = own[both] * max(drawn_count, 1) + drawn[both]
    shared = np.bincount(cell, weight[both], own_count * drawn_count)
    lighter = np.minimum(
        np.bincount(own[own >= 0], weight[own >= 0], own_count)[:, None],
        np.bincount(drawn[drawn >= 0], weight[drawn >= 0], drawn_count)[None, :],
    ).ravel()
    cells = np.flatnonzero((shared > 0) & (shared >= min_shared * lighter))
    taken: set[int] = set()
    for cell_number in cells[np.argsort(-shared[cells], kind="stable")].tolist():
        region, candidate = divmod(cell_number, drawn_count)
        if region not in taken and found[candidate] < 0:
            taken.add(region)
            found[candidate] = region
    return found
