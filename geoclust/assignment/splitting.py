"""Which part of a region each record falls into: beside a line, or next to its nearest part."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.sphere import Floats, Ints, unit_vectors

FAR: Final = 1000.0
"""How far the ends of a line go on, degrees: beyond any map."""


def beside_line(
    longitude: pd.Series, latitude: pd.Series, line: Sequence[tuple[float, float]]
) -> Ints:
    """Number of the piece that each point lies in when a line cuts the map.

    The line runs straight between its points in longitude and latitude, as in a GIS, and goes on
    for ever at both ends.  Longitudes are counted from its first point, so that it may cross the
    180th meridian.  A point on the line is in the piece that comes first from west, then south.

    Parameters
    ----------
    longitude, latitude
        Degrees.
    line
        Pairs of longitude and latitude, two or more.

    Examples
    --------
    >>> east, north = pd.Series([1.0, 3.0, 2.0]), pd.Series([5.0, 5.0, 5.0])
    >>> beside_line(east, north, [(2.0, 4.0), (2.0, 6.0)]).tolist()
    [0, 1, 0]
    """
    import shapely  # noqa: PLC0415 - heavy

    start = line[0][0]
    points: Any = shapely.points(unwrapped(np.asarray(longitude), start), np.asarray(latitude))
    number = np.full(len(points), -1, dtype=np.int64)
    for at, piece in reversed(list(enumerate(pieces(line)))):
        number[shapely.intersects(piece, points)] = at
    return number


def pieces(line: Sequence[tuple[float, float]]) -> list[Any]:
    """The parts of the map that a line makes, from west to east, then south to north.

    Longitudes run from 180 degrees west to 180 degrees east of its first point.
    """
    import shapely  # noqa: PLC0415 - heavy
    import shapely.ops  # noqa: PLC0415

    start = line[0][0]
    corners = np.array([[unwrapped(np.array([x]), start)[0], y] for x, y in line], dtype=np.float64)
    ends = [_beyond(corners[1], corners[0]), _beyond(corners[-2], corners[-1])]
    whole = shapely.LineString([ends[0], *corners, ends[1]])
    world = shapely.box(start - 181, -91, start + 181, 91)
    found = shapely.get_parts(shapely.ops.split(world, whole))
    middle = {at: (piece.centroid.x, piece.centroid.y) for at, piece in enumerate(found)}
    return [found[at] for at in sorted(middle, key=lambda at: middle[at])]


def unwrapped(longitude: Floats, start: float) -> Floats:
    """Longitudes as the nearest number to `start` that is the same meridian.

    Examples
    --------
    >>> unwrapped(np.array([-179.0, 10.0]), 179.0).tolist()
    [181.0, 10.0]
    """
    turns = np.floor((longitude - start + 180.0) / 360.0)
    return np.asarray(longitude - 360.0 * turns, dtype=np.float64)


def _beyond(before: Floats, last: Floats) -> Floats:
    step = last - before
    length = float(np.hypot(*step))
    return np.asarray(last + step * (FAR / length if length > 0 else 0.0))


def nearest_part(rows: pd.DataFrame, number: Ints) -> Ints:
    """Numbers with each -1 replaced by that of the nearest record that has one.

    Of parts equally near, the one with the least number.

    Examples
    --------
    >>> rows = pd.DataFrame({"longitude": [0.0, 1.0, 0.9], "latitude": [0.0, 0.0, 0.0]})
    >>> nearest_part(rows, np.array([0, 1, -1])).tolist()
    [0, 1, 1]
    """
    from scipy.spatial import KDTree  # noqa: PLC0415 - heavy

    vectors = unit_vectors(rows["longitude"], rows["latitude"]).T
    rest, parts = np.flatnonzero(number < 0), np.unique(number[number >= 0])
    if not len(rest):
        return number
    far = [KDTree(vectors[number == one]).query(vectors[rest])[0] for one in parts]
    found = number.copy()
    found[rest] = parts[np.argmin(np.round(far, 12), axis=0)]
    return found
