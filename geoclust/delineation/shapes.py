"""The ways to draw a footprint round locations, each in a plane of its own."""

from functools import lru_cache, partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoclust.delineation.globe import KEPT, Drawn, central_frame
from geoclust.delineation.rims import union_of_discs
from geoclust.sphere import Floats, sin_cos_degrees, to_plane, unit_chord, unit_vectors

CORNERS: Final = 64
"""Corners of a disc; their distance is widened by 0.08 % so that the area is that of the disc."""

CLOSING: Final = 0.5
"""Radius of the closing as a share of the reach: gaps and notches under one reach are filled."""

_SLACK: Final = 1.01
"""The sphere, on which neighbours are found, differs from the ellipsoid by under 1 %."""

_SIMPLER: Final = 1e-4
"""Corners that matter less than this share of the reach are left out of a closed footprint."""

MOST_PAIRS: Final = 5_000_000
"""Pairs of locations among which the near ones are listed; of more they are not even counted."""

_FEW: Final = 8
"""Nearest neighbours that chain most of a region's locations."""

_HANDFUL: Final = 128
"""Locations up to which every pair is compared."""

_QUARTER: Final = 12
"""Corners per quarter of a turn in buffers."""


def reach(longitude: Floats, latitude: Floats, reach_km: float) -> list[Drawn]:
    """Union of geodesic discs round the locations, closed; parts too far apart to touch are apart.

    Discs are geodesic on the WGS84 ellipsoid wherever they lie.  The closing is done in an
    equal-area plane centred on the part, so that only its radius is stretched, by 0.3 % at
    1,000 km from the centre of the part and 1.2 % at 2,000 km.
    """
    return [
        _part(longitude[members].tobytes(), latitude[members].tobytes(), reach_km)
        for members in _parts(
            unit_vectors(longitude, latitude), 2 * _SLACK * reach_km * (1 + CLOSING)
        )
    ]


@lru_cache(maxsize=KEPT)
def _part(longitude: bytes, latitude: bytes, reach_km: float) -> Drawn:
    """One part of such a union; whoever tries other settings meets most parts again."""
    own = np.frombuffer(longitude), np.frombuffer(latitude)
    vectors = unit_vectors(*own)
    frame = central_frame(vectors)
    shape = union_of_discs(
        partial(_discs, *own, reach_km, frame), to_plane(vectors, frame).T, reach_km
    )
    if vectors.shape[1] > 1:
        # corners kept sharp on the way out are found again on the way in
        grown = shape.buffer(CLOSING * reach_km, join_style="mitre")
        closed = grown.buffer(-CLOSING * reach_km, quad_segs=_QUARTER)
        shape = closed.simplify(_SIMPLER * reach_km)
    frame.flags.writeable = False  # it is handed out again and again
    return Drawn(shape, frame)


def _discs(  # noqa: PLR0917 - where, how large, in which plane, which
    longitude: Floats,
    latitude: Floats,
    radius_km: float,
    frame: Floats,
    chosen: NDArray[np.int64],
) -> Any:  # noqa: ANN401 - shapely has no types
    """Geodesic discs round the chosen locations, as polygons of a plane."""
    import shapely  # noqa: PLC0415 - heavy

    corners = disc_corners(longitude[chosen], latitude[chosen], radius_km)
    return shapely.polygons(to_plane(corners.reshape(3, -1), frame).T.reshape(-1, CORNERS, 2))


def hull(longitude: Floats, latitude: Floats, margin_km: float, ratio: float | None) -> list[Drawn]:
    """Convex hull of the locations, or concave hull where a ratio is given, with a margin.

    Drawn in one equal-area plane centred on the locations; discs of the margin round them are
    geodesic, the margin along the edges is stretched as lengths are in the plane.
    """
    import shapely  # noqa: PLC0415 - heavy

    vectors = unit_vectors(longitude, latitude)
    frame = central_frame(vectors)
    points: Any = shapely.multipoints(to_plane(vectors, frame).T)
    inner: Any = points.convex_hull if ratio is None else shapely.concave_hull(points, ratio=ratio)
    corners = disc_corners(longitude, latitude, margin_km)
    corners = to_plane(corners.reshape(3, -1), frame).T.reshape(-1, CORNERS, 2)
    discs: Any = shapely.polygons(corners)
    margin = inner.buffer(margin_km, quad_segs=_QUARTER) if inner.length > 0 else shapely.Polygon()
    return [Drawn(shapely.union_all([*discs, margin]), frame)]


def disc_corners(longitude: Floats, latitude: Floats, radius_km: float) -> Floats:
    """Corners of geodesic discs, anticlockwise, as unit vectors of shape (3, discs, corners)."""
    import pyproj  # noqa: PLC0415 - heavy

    turn = 2 * np.pi / CORNERS
    distance = 1000 * radius_km * np.sqrt(turn / sin_cos_degrees(360 / CORNERS)[0])
    azimuth = np.tile(-np.arange(CORNERS) * 360 / CORNERS, len(longitude))
    east, north, _ = pyproj.Geod(ellps="WGS84").fwd(
        np.repeat(longitude, CORNERS),
        np.repeat(latitude, CORNERS),
        azimuth,
        np.full(len(azimuth), distance),
    )
    return unit_vectors(east, north).reshape(3, len(longitude), CORNERS)


def _chained(pairs: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Components of a graph, numbered by their first member."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - heavy
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - heavy

    links = coo_array((np.ones(len(pairs)), pairs.T), shape=(count, count))
    labels: NDArray[np.int64] = connected_components(links, directed=False)[1]
    return labels


def _nearest(vectors: Floats, chord: float) -> NDArray[np.int64]:
    """Pairs of each location and its nearest few, as far as they are within the link."""
    from scipy.spatial import cKDTree  # noqa: PLC0415 - heavy

    points = vectors.T
    within = np.nextafter(chord, np.inf)
    distance, other = cKDTree(points).query(
        points, k=list(range(2, 2 + min(_FEW, len(points) - 1))), distance_upper_bound=within
    )
    row, at = np.nonzero(np.isfinite(distance))
    return np.column_stack([row, other[row, at]]).astype(np.int64)


def _cell_labels(vectors: Floats, chord: float) -> NDArray[np.int64]:
    """The same components without ever listing the pairs, which are a city's locations squared.

    In a cube whose diagonal is the link all locations are one part; so only cubes near each other
    are compared, by whether any location of one is within the link of any of the other.
    """
    from scipy.spatial import cKDTree  # noqa: PLC0415 - heavy

    points = vectors.T
    cubes, cube_of = np.unique(
        np.floor(points / (0.999 * chord / np.sqrt(3))), axis=0, return_inverse=True
    )
    order = np.argsort(cube_of, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(cube_of))[:-1])
    trees = [cKDTree(points[chosen]) for chosen in members]
    near = cKDTree(cubes).query_pairs(np.sqrt(12) + 0.01, output_type="ndarray")
    within = np.nextafter(chord, np.inf)
    centres = np.array([points[chosen].mean(axis=0) for chosen in members])

    def touch(a: int, b: int) -> bool:
        """Whether a location of `b` is within the link of one of `a`; that nearest to it first."""
        own = points[members[b]]
        first = own[[int(((own - centres[a]) ** 2).sum(axis=1).argmin())]]
        return any(
            bool(np.isfinite(trees[a].query(some, distance_upper_bound=within)[0]).any())
            for some in (first, own)
        )

    linked = [(a, b) for a, b in near.tolist() if touch(a, b)]
    labels = _chained(np.array(linked, np.int64).reshape(-1, 2), len(cubes))[cube_of]
    first = np.unique(labels, return_index=True)[1]
    return np.argsort(np.argsort(first, kind="stable"), kind="stable")[labels]


def _parts_of_few(vectors: Floats, chord: float) -> list[NDArray[np.int64]]:
    """The same of so few locations that all pairs are compared."""
    near = ((vectors[:, :, None] - vectors[:, None, :]) ** 2).sum(axis=0) <= chord**2
    left = np.ones(len(near), np.bool_)
    parts = []
    while left.any():
        own = near[np.argmax(left)]
        while (grown := near[own].any(axis=0)).sum() > own.sum():
            own = grown
        parts.append(np.flatnonzero(own))
        left &= ~own
    return parts


def _parts(vectors: Floats, link_km: float) -> list[NDArray[np.int64]]:
    """Locations chained by links of at most `link_km`, in the order of their first member."""
    from scipy.spatial import cKDTree  # noqa: PLC0415 - heavy

    count = vectors.shape[1]
    chord = float(unit_chord(link_km))
    if (((vectors - vectors[:, :1]) ** 2).sum(axis=0) <= chord**2).all():
        return [np.arange(count)]
    if count <= _HANDFUL:
        return _parts_of_few(vectors, chord)
    links = _nearest(vectors, chord)
    labels = _chained(links, count)
    rest = np.flatnonzero(labels != np.bincount(labels).argmax())
    if len(rest) * count > MOST_PAIRS:
        labels = _cell_labels(vectors, chord)
    elif len(rest):  # a link missed has an end outside the largest part
        near = cKDTree(vectors.T).query_ball_point(vectors[:, rest].T, chord)
        more = np.column_stack(
            [np.repeat(rest, [len(some) for some in near]), np.concatenate(near)]
        )
        labels = _chained(np.vstack([links, more.astype(np.int64)]), count)
    order = np.argsort(labels, kind="stable")
    return list(np.split(order, np.flatnonzero(np.diff(labels[order])) + 1))
