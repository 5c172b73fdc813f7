"""The shortest way between two places, as lines on a map."""

from typing import Final

import numpy as np

from geoclust.sphere import (
    RADIUS,
    RADIUS_KM,
    Floats,
    arc_km,
    longitude_latitude,
    sin_cos_degrees,
    unit_vectors,
)

NEARLY: Final = 1 - 1e-9
"""From this share of the way to the antipode on, no way is the shortest."""

ONE_PLACE_KM: Final = 1e-6


def great_circle_lines(
    start: tuple[float, float], end: tuple[float, float], *, step_km: float = 250.0
) -> list[Floats]:
    """The shortest way between two places as lines to draw, cut at the antimeridian.

    Parameters
    ----------
    start, end
        Longitude and latitude, degrees.
    step_km
        Longest piece of a line.

    Returns
    -------
    list of array
        One line, or several where it crosses 180 degrees, shape (n, 2), longitude first; the
        ends at a cut lie on +180 and -180.  Between antipodes it goes over the north pole, or,
        from pole to pole, along the meridian of 0 degrees.

    Examples
    --------
    >>> [line.round(1).tolist() for line in great_circle_lines((179.0, 0.0), (-179.0, 0.0))]
    [[[179.0, 0.0], [180.0, 0.0]], [[-180.0, 0.0], [-179.0, 0.0]]]
    """
    points = _along(*unit_vectors(*np.transpose([start, end])).T, step_km=step_km)
    longitude, latitude = (degrees + 0.0 for degrees in longitude_latitude(points))
    longitude[0], latitude[0], longitude[-1], latitude[-1] = *start, *end
    line = np.column_stack([longitude, latitude])
    cuts = np.flatnonzero(np.abs(np.diff(longitude)) > 180.0)  # noqa: PLR2004 - degrees
    lines, first = [], 0
    for cut in cuts.tolist():
        side = np.copysign(180.0, longitude[cut])
        height = _crossing(points[:, cut], points[:, cut + 1])
        lines.append(np.vstack([line[first : cut + 1], [side, height]]))
        line[cut] = (-side, height)
        first = cut
    return [*lines, line[first:]]


def _along(a: Floats, b: Floats, *, step_km: float) -> Floats:
    """Unit vectors from one to another, shape (3, n), no two further apart than `step_km`."""
    length, half_way = float(arc_km(RADIUS**2 * ((a - b) ** 2).sum())), np.pi * RADIUS_KM
    if length > half_way * NEARLY:
        over = np.array([0.0, 0.0, 1.0]) if abs(a[2]) < NEARLY else np.array([1.0, 0.0, 0.0])
        halves = [_along(*ends, step_km=step_km) for ends in ((a, over), (over, b))]
        return np.hstack([halves[0], halves[1][:, 1:]])
    steps = max(1, int(np.ceil(length / step_km)))
    share, angle = np.linspace(0.0, 1.0, steps + 1), 180.0 * length / half_way
    if length < ONE_PLACE_KM:
        return np.outer(a, 1.0 - share) + np.outer(b, share)
    before, _ = sin_cos_degrees(angle * (1.0 - share))
    after, _ = sin_cos_degrees(angle * share)
    return np.asarray((np.outer(a, before) + np.outer(b, after)) / sin_cos_degrees(angle)[0])


def _crossing(a: Floats, b: Floats) -> float:
    """Latitude at which the arc between two near unit vectors crosses 180 degrees."""
    share = a[1] / (a[1] - b[1]) if a[1] != b[1] else 0.5
    return float(longitude_latitude((a + share * (b - a))[:, None])[1][0])
