"""How far apart the members of a region are: greatest great-circle distance between two.

Squared chords of whole-number positions are exact and order as arcs do, so all comparisons are
exact.
"""

import numpy as np

from geoclust.sphere import Floats, Ints

BLOCK = 1_000_000
"""Pairs of positions compared at a time."""

LONGEST_TOGETHER = 64
"""Positions in a run up to which runs are compared many at a time."""


def wider_than(positions: Floats, squared: float) -> bool:
    """Whether two of the positions (3, n) are further apart than a squared chord.

    Examples
    --------
    >>> wider_than(np.array([[0.0, 3.0], [0.0, 4.0], [0.0, 0.0]]), 24.0)
    True
    """
    sides = (np.ptp(positions, axis=1) if positions.shape[1] else np.zeros(3)) ** 2
    if sides.max() > squared:
        return True
    return bool(sides.sum() > squared) and widest_squared(positions) > squared


def widest_of_each(positions: Floats, bounds: Ints) -> Floats:
    """Greatest squared distance within each of several runs of positions (3, n).

    Short runs of about one length are compared together, filled up with their first position.

    Parameters
    ----------
    positions
        Shape (3, n).
    bounds
        Where runs begin and, at last, end; shape (runs + 1,), ascending strictly.

    Examples
    --------
    >>> widest_of_each(np.array([[0.0, 3.0, 7.0], [0.0, 4.0, 7.0], [0.0] * 3]), np.array([0, 2, 3]))
    array([25.,  0.])
    """
    first, size = bounds[:-1], np.diff(bounds)
    widest, room = np.zeros(len(first)), 2
    while room <= LONGEST_TOGETHER:
        runs = np.flatnonzero((size <= room) & (size > room // 2))
        for part in np.array_split(runs, -(-len(runs) * room * room // BLOCK)) if len(runs) else ():
            column = np.arange(room)
            at = first[part, None] + np.where(column < size[part, None], column, 0)
            squared = np.zeros((len(part), room, room))
            for axis in range(3):
                along = positions[axis][at]
                squared += (along[:, :, None] - along[:, None, :]) ** 2
            widest[part] = squared.max(axis=(1, 2))
        room *= 2
    for run in np.flatnonzero(size > LONGEST_TOGETHER).tolist():
        widest[run] = widest_squared(positions[:, bounds[run] : bounds[run + 1]])
    return widest


def widest_squared(positions: Floats) -> float:
    """Greatest squared distance between two of the positions (3, n); 0 for fewer than two.

    Exact.  A walk from farthest to farthest gives a first bound; a pair can beat it only if its
    distances from the middle sum to more, so most positions drop out before pairs are compared.

    Examples
    --------
    >>> widest_squared(np.array([[0.0, 3.0, 1.0], [0.0, 4.0, 1.0], [0.0, 0.0, 0.0]]))
    25.0
    """
    if positions.shape[1] < 2:  # noqa: PLR2004 - a pair
        return 0.0
    best = _walk(positions)
    middle = (positions.min(axis=1) + positions.max(axis=1)) / 2
    radius = np.sqrt(((positions - middle[:, None]) ** 2).sum(axis=0))
    order = np.argsort(-radius, kind="stable")
    radius, points = radius[order], positions[:, order]
    least = np.sqrt(best) - radius[0] - 1  # a grid step, for rounding
    far = int(np.searchsorted(-radius, -least, side="right"))
    points, radius = points[:, :far], radius[:far]
    step = max(1, BLOCK // max(far, 1))
    for low in range(0, far, step):
        if 2 * radius[low] < np.sqrt(best) - 1:
            break
        block = np.zeros((min(step, far - low), far - low))
        for axis in range(3):
            block += (points[axis, low : low + step, None] - points[axis, None, low:]) ** 2
        best = max(best, float(block.max()))
    return best


def _walk(positions: Floats) -> float:
    """Squared length of a path's longest step, each step going to the farthest position."""
    at, best = 0, 0.0
    for _ in range(4):
        squared = ((positions - positions[:, at, None]) ** 2).sum(axis=0)
        at = int(squared.argmax())
        best = max(best, float(squared[at]))
    return best
