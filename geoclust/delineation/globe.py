"""Between the plane, where footprints are drawn, and the globe, where they are kept."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoclust.sphere import (
    Floats,
    dot_products,
    from_plane,
    longitude_latitude,
    plane_frame,
    sin_cos_degrees,
    to_plane,
    unit_arc_km,
    unit_chord,
)

GRID_DEGREES: Final = 1e-7
"""Coordinates of footprints are multiples of it, about a centimetre."""

EDGE_KM: Final = 5.0
"""Longest edge handed to the globe; its chord is off the plane's line by under 1 m."""

POLE_KM: Final = 0.01
"""A footprint whose edge passes a pole more closely takes it in."""

GLOBE_M2: Final = 510_065_621_724_088.4
"""Area of the WGS84 ellipsoid, m2."""

KEPT: Final = 4_096
"""Parts of footprints that are kept as they were drawn last."""

_CENTRED_KM: Final = 9000.0
"""Vectors within it of their mean are drawn in the plane centred there."""

_BOTH_POLES_KM2: Final = 1e6
"""Nothing smaller holds both poles and stays off the 180th meridian."""

_ANTIPODE: Final = -0.999999
_SHORTEST_KM: Final = 0.002
_ASIDE: Final = 5e-9
"""Corners on the 180th meridian are moved by it in degrees, half a millimetre, to be on a side."""

Geometry = Any
"""A shapely geometry; shapely has no types."""


class Drawn(NamedTuple):
    """A polygon or multipolygon in km in the plane of `frame`."""

    shape: Geometry
    frame: Floats


def central_frame(vectors: Floats) -> Floats:
    """Plane for unit vectors, centred on their mean, or where its antipode is furthest from them.

    Within 9,000 km of their mean, that is the centre.  Vectors all round the globe get the best
    of 400 fixed centres instead, so that no footprint holds the point without a place.
    """
    mean = vectors.mean(axis=1)
    length = float(np.sqrt(dot_products(mean, mean)))
    least = length * (1 - unit_chord(_CENTRED_KM) ** 2 / 2)  # the cosine of an arc
    if length < 1e-6 or dot_products(mean, vectors).min() < least:  # noqa: PLR2004
        centres = _spread(400)
        nearness = dot_products(centres[:, :, None], vectors[:, None, :])
        mean = centres[:, np.argmax(nearness.min(axis=1))]
    longitude, latitude = longitude_latitude(mean[:, None])
    return plane_frame(float(longitude[0].round(6)), float(latitude[0].round(6)))


def _spread(count: int) -> Floats:
    """Unit vectors spread evenly (Fibonacci lattice), shape (3, count)."""
    place = np.arange(count) + 0.5
    up = 1 - 2 * place / count
    sine, cosine = sin_cos_degrees((place * 222.49223594996216) % 360 - 180)
    radius = np.sqrt(1 - up * up)
    return np.stack([radius * cosine, radius * sine, up])


def redrawn(drawn: Drawn, frame: Floats) -> Geometry:
    """The same shape in another plane, with edges short enough to bend."""
    import shapely  # noqa: PLC0415 - heavy

    def move(plane: Floats) -> Floats:
        return to_plane(from_plane(plane.T, drawn.frame), frame).T

    shape = shapely.transform(even_edges(drawn.shape, EDGE_KM), move)
    # edges bend by up to a millimetre, so that hairlines may cross themselves
    return shape if shape.is_valid else shapely.make_valid(shape, method="structure")


def even_edges(shape: Geometry, longest_km: float) -> Geometry:
    """The polygons of a shape with edges of the plane cut to at most so many km.

    `shapely.segmentize` mends what it takes for invalid and may fill holes.
    """
    import shapely  # noqa: PLC0415 - heavy

    parts = [part for part in shapely.get_parts(shape) if part.area > 0]
    return shapely.MultiPolygon([_recut(part, partial(_even_ring, longest_km)) for part in parts])


def _even_ring(longest_km: float, corners: Floats) -> Floats:
    length = np.sqrt((np.diff(corners, axis=0) ** 2).sum(axis=1))
    return _cut(corners, np.maximum(np.ceil(length / longest_km - 1e-3), 1).astype(np.int64))


def _recut(polygon: Geometry, cut: Callable[[Floats], Floats]) -> Geometry:
    """The polygon with each ring as `cut` makes it."""
    import shapely  # noqa: PLC0415 - heavy

    rings = [shapely.get_coordinates(ring) for ring in (polygon.exterior, *polygon.interiors)]
    shell, *holes = [cut(ring) for ring in rings]
    return shapely.Polygon(shell, holes)


def on_globe(drawn: list[Drawn]) -> Geometry:
    """Footprint in degrees: valid, split at the 180th meridian (RFC 7946), on the grid, normalised.

    Parameters
    ----------
    drawn
        Parts of one footprint that do not overlap.
    """
    import shapely  # noqa: PLC0415 - heavy

    parts = [
        piece for shape, frame in drawn for piece in _pieces(shapely.to_wkb(shape), frame.tobytes())
    ]
    whole = parts[0] if len(parts) == 1 else shapely.union_all(parts)
    whole = shapely.set_precision(whole, GRID_DEGREES)
    areas = [part for part in shapely.get_parts(whole) if part.area > 0]
    return shapely.normalize(areas[0] if len(areas) == 1 else shapely.multipolygons(areas))


@lru_cache(maxsize=KEPT)
def _pieces(shape: bytes, frame: bytes) -> tuple[Geometry, ...]:
    """Polygons in degrees of a shape in the plane of `frame`."""
    import shapely  # noqa: PLC0415 - heavy

    plane = np.frombuffer(frame).reshape(3, 3)
    return tuple(
        piece
        for polygon in shapely.get_parts(shapely.from_wkb(shape))
        for piece in shapely.get_parts(_polygon_on_globe(polygon, plane))
    )


def _polygon_on_globe(polygon: Geometry, frame: Floats) -> Geometry:
    import antimeridian  # noqa: PLC0415 - heavy
    import shapely  # noqa: PLC0415 - heavy

    polygon = shapely.orient_polygons(_pole_taken_in(polygon, frame))
    area = polygon.area
    polygon = _recut(polygon, partial(_short_ring, frame))
    polygon = shapely.transform(polygon, lambda xy: _degrees(xy, frame))
    rings = [polygon.exterior, *polygon.interiors]
    jumps = [np.abs(np.diff(shapely.get_coordinates(ring)[:, 0])).max() for ring in rings]
    inside_out = area > _BOTH_POLES_KM2 and not polygon.exterior.is_ccw
    if max(jumps) > 180 or inside_out:  # noqa: PLR2004 - half a turn
        polygon = antimeridian.fix_polygon(polygon, fix_winding=False, great_circle=False)
    return polygon if polygon.is_valid else shapely.make_valid(polygon, method="structure")


def _degrees(plane: Floats, frame: Floats) -> Floats:
    longitude, latitude = longitude_latitude(from_plane(plane.T, frame))
    on_seam = np.abs(longitude) > 180 - _ASIDE
    return np.column_stack([np.where(on_seam, _ASIDE - 180, longitude), latitude])


def _pole_taken_in(polygon: Geometry, frame: Floats) -> Geometry:
    for pole in poles(frame):
        if polygon.boundary.distance(pole) < POLE_KM:
            polygon = polygon.union(pole.buffer(2 * POLE_KM))
    return polygon


def poles(frame: Floats) -> list[Geometry]:
    """The poles as points of the plane, as far as they have a place in it."""
    import shapely  # noqa: PLC0415 - heavy

    axis = [np.array([[0.0], [0.0], [z]]) for z in (-1.0, 1.0) if z * frame[2, 2] > _ANTIPODE]
    return [shapely.Point(to_plane(pole, frame)[:, 0]) for pole in axis]


def _short_ring(frame: Floats, corners: Floats) -> Floats:
    """Edges of `EDGE_KM` at most, near a pole a quarter of their distance from it.

    So no edge turns round a pole by half a turn, which would leave its direction open.
    """
    while True:
        length, polar = _lengths(corners, frame)
        longest = EDGE_KM if length.max() > EDGE_KM else np.clip(polar / 4, _SHORTEST_KM, EDGE_KM)
        pieces = np.ceil(length / longest - 1e-3).astype(np.int64)
        if pieces.max() <= 1:
            return corners
        corners = _cut(corners, np.maximum(pieces, 1))


def _lengths(corners: Floats, frame: Floats) -> tuple[Floats, Floats]:
    """Lengths of edges in km on the globe and their distances from the nearest pole, at least."""
    vectors = from_plane(corners.T, frame)
    chord = np.sqrt((np.diff(vectors, axis=1) ** 2).sum(axis=0))
    length = unit_arc_km(chord)
    aside = vectors[0] * vectors[0] + vectors[1] * vectors[1]
    polar = unit_arc_km(np.sqrt(aside + (1 - np.abs(vectors[2])) ** 2))
    return length, np.minimum(polar[:-1], polar[1:]) - length / 2


def _cut(corners: Floats, pieces: NDArray[np.int64]) -> Floats:
    """The ring with each edge cut into so many equal pieces."""
    row = np.repeat(np.arange(len(pieces)), pieces)
    step = (np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[row]
    start, edge = corners[:-1], np.diff(corners, axis=0)
    return np.vstack([start[row] + step[:, None] * edge[row], corners[-1:]])


def area_km2(geometry: Geometry) -> float:
    """Geodesic area on the WGS84 ellipsoid (Karney 2013), km2, to the square metre.

    Beyond that its digits depend on the C library's trigonometry, which machines do differently.
    """
    import pyproj  # noqa: PLC0415 - heavy
    import shapely  # noqa: PLC0415 - heavy

    geod = pyproj.Geod(ellps="WGS84")
    total = 0.0
    for part in shapely.get_parts(shapely.orient_polygons(geometry)):
        # a ring round more than half the globe comes out as minus what it leaves out
        rings = [shapely.get_coordinates(ring).T for ring in (part.exterior, *part.interiors)]
        total += sum(geod.polygon_area_perimeter(*ring)[0] for ring in rings) % GLOBE_M2
    return round(total) / 1e6
