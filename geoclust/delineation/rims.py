"""The rim of a crowd: which discs of a union show in its outline, found without drawing all.

A city of a hundred thousand locations is drawn by the few hundred at its rim.  A disc whose whole
edge lies inside others adds nothing to the outline of the union, so the outline lies on the edges
of the other discs alone; and what these enclose is inside the union, or outside, as a whole.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoclust.sphere import RADIUS_KM, Floats, longitude_latitude, unit_arc_km

Geometry = Any
"""A shapely geometry; shapely has no types."""

Discs = Callable[[NDArray[np.int64]], Any]

CROWD: Final = 500
"""Discs from which on the inner ones are left out; fewer are simply drawn."""

_NEIGHBOURS: Final = 24
"""Nearest neighbours that are asked whether they cover a disc's edge."""

_ASKED: Final = 64
"""Discs nearest to a point that are asked whether they hold it."""

_SLACK: Final = 1.05
"""A disc may reach so much further in its plane than its radius says."""

_MARGIN: Final = np.radians(12.0)
"""Taken off each end of the arc that a neighbour covers: discs are polygons of 64 corners."""


def union_of_discs(discs: Discs, centres: Floats, reach_km: float) -> Geometry:
    """Union of discs of one size, drawn from those at its rim.

    Parameters
    ----------
    discs
        Draws the discs of these numbers as polygons in a plane, km.
    centres
        Their centres in it, distinct, shape (n, 2), km.
    reach_km
        Their radius.
    """
    import shapely  # noqa: PLC0415 - heavy

    every = np.arange(len(centres))
    if len(centres) < CROWD:
        drawn = discs(every)
        return drawn[0] if len(drawn) == 1 else shapely.union_all(drawn)
    outer = shapely.union_all(discs(every[on_rim(centres, reach_km)]))
    shells = shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(outer)))
    gaps = shapely.get_parts(shapely.union_all(shells).difference(outer))
    inside = [gap for gap in gaps if gap.area > 0 and _covered(gap, discs, centres, reach_km)]
    return shapely.union_all([outer, *inside]) if inside else outer


def on_rim(centres: Floats, reach_km: float) -> NDArray[np.bool_]:
    """Which discs may have an edge in the outline: all but those that neighbours cover all round.

    A disc of the same radius at distance d covers, of this one's edge, the arc of
    arccos(d / 2 reach) to either side of its direction.
    """
    from scipy.spatial import cKDTree  # noqa: PLC0415 - heavy

    count = min(_NEIGHBOURS + 1, len(centres))
    distance, near = cKDTree(centres).query(centres, k=count)
    distance, near = distance[:, 1:], near[:, 1:]
    away = centres[near] - centres[:, None, :]
    degrees, _ = longitude_latitude(np.stack([away[..., 0], away[..., 1], np.zeros(near.shape)]))
    direction = np.radians(degrees)  # by the sphere's trigonometry: the same bits everywhere
    half = np.pi / 2 - unit_arc_km(distance / reach_km) / (2 * RADIUS_KM) - _MARGIN
    return ~_all_round(direction, half)


def _all_round(direction: Floats, half: Floats) -> NDArray[np.bool_]:
    """Whether arcs of a row, `half` to either side of `direction`, leave nothing of the circle."""
    start, width = direction - half, np.where(half > 0, 2 * half, 0.0)
    order = np.argsort(start, axis=1)
    start = np.take_along_axis(start, order, axis=1)
    end = start + np.take_along_axis(width, order, axis=1)
    turn = 2 * np.pi
    start, end = np.hstack([start, start[:, :1] + turn]), np.hstack([end, end[:, :1] + turn])
    reached = np.maximum.accumulate(end, axis=1)
    # an arc may begin before the first and end after it: once round
    reached = np.maximum(reached, reached[:, -2:-1] - turn)
    return np.asarray((start[:, 1:] <= reached[:, :-1]).all(axis=1))


def _covered(gap: Geometry, discs: Discs, centres: Floats, reach_km: float) -> bool:
    """Whether ground that the rim encloses is inside some disc; it is so whole or not at all."""
    import shapely  # noqa: PLC0415 - heavy

    point = shapely.point_on_surface(gap)
    distance = ((centres - np.array([point.x, point.y])) ** 2).sum(axis=1)
    near = np.argsort(distance, kind="stable")[:_ASKED]
    near = near[distance[near] <= (_SLACK * reach_km) ** 2]
    return len(near) > 0 and bool(shapely.covers(discs(near), point).any())
