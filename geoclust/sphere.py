"""The only trigonometry: the sphere in whole numbers, lengths in kilometres.

A position is the unit vector times the Earth's radius in steps of `GRID_M` metres, rounded to
whole numbers and held as float64.  Every squared chord on Earth is then a whole number below
2**53 and is computed without rounding, whatever the order of operations, the instruction set or
the number of threads.  Squared chords order exactly as arcs do.

Sine, cosine, arcsine and arctangent are made of additions, multiplications, divisions and square
roots alone, which IEEE 754 rounds in one way only: numpy's and the C library's own differ in the
last bit between builds and processors, and a last bit shows in a file's checksum.

Longitude comes before latitude everywhere, in degrees (WGS84).
"""

from math import comb, factorial
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

RADIUS_KM: Final = 6371.0088
"""Mean radius of the Earth (IUGG), km."""

GRID_M: Final = 0.25
"""Grid step of positions, metres; rounding moves a position by at most 0.22 m."""

RADIUS: Final = RADIUS_KM * 1000 / GRID_M
"""Radius in grid steps."""

DEGREE_STEPS: Final = 10_000_000
"""Coordinates are told apart to 1e-7 degree, about a centimetre."""

BLOCK: Final = 32_768
"""Coordinates turned into positions together."""

Floats = NDArray[np.float64]
Ints = NDArray[np.signedinteger[Any]]

_RADIANS: Final = 0.017453292519943295
_DEGREES: Final = 57.29577951308232
_SIN: Final = tuple((-1) ** k / float(factorial(2 * k + 1)) for k in range(9))
_COS: Final = tuple((-1) ** k / float(factorial(2 * k)) for k in range(9))
_ARCSIN: Final = tuple(comb(2 * k, k) / (4**k * (2 * k + 1)) for k in range(12))
_ARCTAN: Final = tuple((-1) ** k / (2 * k + 1) for k in range(8))
_EIGHTHS: Final = np.array(
    [
        0.0,
        0.12435499454676144,
        0.24497866312686414,
        0.35877067027057225,
        0.4636476090008061,
        0.5585993153435624,
        0.6435011087932844,
        0.7188299996216245,
        0.7853981633974483,
    ]
)
"""Arctangents of 0, 1/8 to 1, each rounded once."""


def reduced_sin_cos(angle: Any) -> Any:  # noqa: ANN401 - a number or an array
    """Sine and cosine of an angle in degrees less `turn` (0 to 3) quarters, and `turn`.

    Taylor polynomials after reduction to an eighth of a turn; error below 4e-16.  Works on numbers
    and on arrays; compiled, it gives the same bits.
    """
    quarter = np.rint(angle / 90.0)
    a = (angle - 90.0 * quarter) * _RADIANS
    square = a * a
    s, c = square * 0.0 + _SIN[-1], square * 0.0 + _COS[-1]
    for k in range(len(_SIN) - 2, -1, -1):
        s *= square
        s += _SIN[k]
        c *= square
        c += _COS[k]
    return a * s, c, quarter - 4.0 * np.floor(quarter / 4.0)


def sin_cos_degrees(degrees: ArrayLike) -> tuple[Floats, Floats]:
    """Sine and cosine of angles in degrees, the same bits on every IEEE machine.

    numpy's own functions differ between builds in the last bit.

    Examples
    --------
    >>> sine, cosine = sin_cos_degrees([0.0, 30.0, 90.0])
    >>> sine.round(15).tolist()
    [0.0, 0.5, 1.0]
    """
    s, c, turn = reduced_sin_cos(np.asarray(degrees, dtype=np.float64))
    odd = (turn == 1) | (turn == 3)  # noqa: PLR2004
    sine, cosine = np.where(odd, c, s), np.where(odd, s, c)
    sine = np.where(turn >= 2, -sine, sine)  # noqa: PLR2004
    return sine, np.where((turn == 1) | (turn == 2), -cosine, cosine)  # noqa: PLR2004


def _horner(coefficients: tuple[float, ...], x: Floats) -> Floats:
    """Polynomial by separate multiplications and additions, each rounded as IEEE 754 says."""
    total = np.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        total *= x
        total += coefficient
    return total


def _arcsine(x: Floats) -> Floats:
    """Arcsine of values in 0 to 1, the same bits on every IEEE machine; error below 1e-15.

    Taylor's series; a large angle is first halved three times, by square roots and divisions.
    """
    large = x > 0.19  # noqa: PLR2004 - the sine of a sixteenth of a turn, nearly
    part = x[large]
    for _ in range(3):
        part = part / np.sqrt(2.0 + 2.0 * np.sqrt((1.0 - part) * (1.0 + part)))
    small = np.array(x)
    small[large] = part
    small *= _horner(_ARCSIN, small * small)
    small[large] *= 8.0
    return small


def _direction(y: Floats, x: Floats) -> Floats:
    """Angle of (x, y) from the x axis in degrees, -180 to 180, the same bits everywhere.

    Of the lesser side over the greater, t, the nearest eighth c is taken out: arctan t is
    arctan c + arctan((t - c) / (1 + t c)), and the rest is below 1/15, for Taylor's series.  The
    error is below 1e-13 degrees; the direction of nothing is 0.
    """
    across, up = np.abs(x), np.abs(y)
    greater = np.maximum(across, up)
    t = np.minimum(across, up) / np.where(greater > 0, greater, 1.0)
    eighth = np.rint(8.0 * t)
    rest = (t - eighth / 8.0) / (1.0 + t * (eighth / 8.0))
    angle = _EIGHTHS[eighth.astype(np.int64)] + rest * _horner(_ARCTAN, rest * rest)
    degrees = angle * _DEGREES
    degrees = np.where(up > across, 90.0 - degrees, degrees)
    degrees = np.where(x < 0, 180.0 - degrees, degrees)
    return np.where(y < 0, -degrees, degrees)


def unit_vectors(longitude: ArrayLike, latitude: ArrayLike) -> Floats:
    """Unit vectors, shape (3, n), of coordinates in degrees.

    Examples
    --------
    >>> unit_vectors([0.0, 90.0], [0.0, 0.0]).round(12).tolist()
    [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
    """
    sin_lat, cos_lat = sin_cos_degrees(latitude)
    sin_lon, cos_lon = sin_cos_degrees(longitude)
    return np.stack([cos_lat * cos_lon, cos_lat * sin_lon, sin_lat]) + 0.0  # no -0.0


def grid_positions(longitude: ArrayLike, latitude: ArrayLike) -> Floats:
    """Whole-number positions, shape (3, n), in steps of `GRID_M` metres.

    Examples
    --------
    >>> float(grid_positions([0.0], [0.0])[0, 0]) == round(RADIUS)
    True
    """
    degrees = np.broadcast_arrays(longitude, latitude)
    found = np.empty((3, *degrees[0].shape))
    for low in range(0, max(len(found[0]), 1), BLOCK):  # what is in between stays in the cache
        part = slice(low, low + BLOCK)
        vectors = unit_vectors(degrees[0][part], degrees[1][part])
        np.rint(np.multiply(vectors, RADIUS, out=vectors), out=found[:, part])
    return found


def coordinate_keys(longitude: ArrayLike, latitude: ArrayLike) -> Ints:
    """One whole number per coordinate pair, equal where both agree to 1e-7 degree.

    +180 and -180 are one meridian; at a pole every longitude is one place.

    Examples
    --------
    >>> a, b = coordinate_keys([180.0, -180.0], [10.0, 10.0])
    >>> bool(a == b)
    True
    """
    north = _steps(np.asarray(latitude, dtype=np.float64) + 90.0)
    wrapped = np.asarray(longitude, dtype=np.float64) + 180.0
    east = _steps(np.remainder(wrapped, 360.0, out=wrapped))
    east[east == 360 * DEGREE_STEPS] = 0
    east[(north <= 0) | (north >= 180 * DEGREE_STEPS)] = 180 * DEGREE_STEPS
    north <<= 32
    north += east
    return north


def _steps(degrees: Floats) -> Ints:
    """Degrees, which are overwritten, in whole steps of 1e-7 degree."""
    degrees *= DEGREE_STEPS
    return np.rint(degrees, out=degrees).astype(np.int64)


def key_coordinates(keys: Ints) -> tuple[Floats, Floats]:
    """Longitude and latitude in degrees of coordinate keys.

    Examples
    --------
    >>> key_coordinates(coordinate_keys([2.3522], [48.8566]))
    (array([2.3522]), array([48.8566]))
    """
    longitude = ((keys & 0xFFFFFFFF) - 180 * DEGREE_STEPS) / DEGREE_STEPS
    latitude = ((keys >> 32) - 90 * DEGREE_STEPS) / DEGREE_STEPS
    return longitude, latitude


def chord_squared(km: ArrayLike) -> Floats:
    """Squared chord in grid steps of an arc in km; arcs beyond half-way round count as half.

    Examples
    --------
    >>> float(np.round(arc_km(chord_squared(100.0)), 9))
    100.0
    """
    half = np.minimum(np.asarray(km, dtype=np.float64) / (2 * RADIUS_KM), np.pi / 2)
    chord = 2 * RADIUS * sin_cos_degrees(half * _DEGREES)[0]
    return np.asarray(chord * chord)


def arc_km(squared: ArrayLike) -> Floats:
    """Arc in km of a squared chord in grid steps.

    Examples
    --------
    >>> float(np.round(arc_km((2 * RADIUS) ** 2), 1))
    20015.1
    """
    chord = np.sqrt(np.asarray(squared, dtype=np.float64)) / (2 * RADIUS)
    return np.asarray(2 * RADIUS_KM * _arcsine(np.minimum(1.0, chord)))


def unit_chord(km: ArrayLike) -> Floats:
    """Chord between unit vectors an arc in km apart; 2 from half-way round on.

    Examples
    --------
    >>> float(unit_chord(100.0).round(6)), float(unit_chord(1e9))
    (0.015696, 2.0)
    """
    return np.asarray(np.sqrt(chord_squared(km)) / RADIUS)


def unit_arc_km(chord: ArrayLike) -> Floats:
    """Arc in km between unit vectors whose chord is given; chords beyond 2 count as 2.

    Examples
    --------
    >>> float(unit_arc_km(unit_chord(100.0)).round(9))
    100.0
    """
    half = np.asarray(chord, dtype=np.float64) / 2
    return np.asarray(2 * RADIUS_KM * _arcsine(np.minimum(1.0, half)))


def dot_products(a: Floats, b: Floats) -> Floats:
    """Scalar products of vectors (3, ...), broadcast; summed in one order, whatever the machine.

    Examples
    --------
    >>> dot_products(np.array([1.0, 2.0, 3.0]), np.ones(3)).tolist()
    6.0
    """
    return np.asarray(a[0] * b[0] + a[1] * b[1] + a[2] * b[2])


def great_circle_km(
    longitude_a: ArrayLike, latitude_a: ArrayLike, longitude_b: ArrayLike, latitude_b: ArrayLike
) -> Floats:
    """Great-circle distance in km between pairs of coordinates in degrees (broadcast).

    Examples
    --------
    >>> float(great_circle_km(0.1218, 52.2053, -1.2577, 51.7520).round(1))
    107.1
    """
    spread = np.broadcast_arrays(longitude_a, latitude_a, longitude_b, latitude_b)
    a, b = unit_vectors(spread[0], spread[1]), unit_vectors(spread[2], spread[3])
    return unit_arc_km(np.sqrt(((a - b) ** 2).sum(axis=0)))


def destination(
    longitude: ArrayLike, latitude: ArrayLike, bearing_degrees: ArrayLike, km: ArrayLike
) -> tuple[Floats, Floats]:
    """Where one comes out who goes so many km in a direction, clockwise from north, in degrees.

    At a pole north is the way it is seen from the meridian of the longitude given.

    Examples
    --------
    >>> east, north = destination([0.0], [0.0], [90.0], [10_007.557])
    >>> east.round(3).tolist(), north.round(3).tolist()
    ([90.0], [0.0])
    """
    up = unit_vectors(longitude, latitude)
    sin_lon, cos_lon = sin_cos_degrees(longitude)
    east = np.stack([-sin_lon, cos_lon, np.zeros_like(sin_lon)])
    north = np.cross(up, east, axis=0)
    sin_turn, cos_turn = sin_cos_degrees(bearing_degrees)
    sin_arc, cos_arc = sin_cos_degrees(np.degrees(np.asarray(km) / RADIUS_KM))
    return longitude_latitude(cos_arc * up + sin_arc * (sin_turn * east + cos_turn * north))


def plane_frame(longitude: float, latitude: float) -> Floats:
    """Axes of the plane that touches the sphere at a place: rows east, north, up; shape (3, 3).

    Examples
    --------
    >>> plane_frame(0.0, 0.0).round(12).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    (sin_lon, sin_lat), (cos_lon, cos_lat) = sin_cos_degrees([longitude, latitude])
    east = [-sin_lon, cos_lon, 0.0]
    north = [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat]
    return np.array([east, north, [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat]]) + 0.0


def to_plane(vectors: Floats, frame: Floats) -> Floats:
    """Lambert azimuthal equal-area coordinates in km, shape (2, n), of unit vectors.

    Snyder, *Map Projections: A Working Manual* (1987), equations 24-2 to 24-4, in vectors.  Areas
    are true everywhere; at an angle c from the centre lengths are cos(c/2) times the true ones
    along the radius and 1/cos(c/2) across it: 0.3 % at 1,000 km, 1.2 % at 2,000 km.  The
    centre's antipode has no place in the plane.

    Examples
    --------
    >>> to_plane(unit_vectors([0.0], [1.0]), plane_frame(0.0, 0.0)).round(3).tolist()
    [[0.0], [111.194]]
    """
    east, north, up = (dot_products(axis, vectors) for axis in frame)
    scale = RADIUS_KM * np.sqrt(2.0 / np.maximum(1.0 + up, 1e-15))
    return np.stack([scale * east, scale * north])


def from_plane(plane: Floats, frame: Floats) -> Floats:
    """Unit vectors of Lambert azimuthal equal-area coordinates in km; the inverse of `to_plane`.

    Points outside the map (further than twice the radius from the centre) are taken to its edge.

    Examples
    --------
    >>> frame = plane_frame(20.0, 50.0)
    >>> there = to_plane(unit_vectors([21.0], [49.0]), frame)
    >>> [float(x[0].round(9)) for x in longitude_latitude(from_plane(there, frame))]
    [21.0, 49.0]
    """
    x, y = np.asarray(plane, dtype=np.float64) / RADIUS_KM
    square = np.minimum(x * x + y * y, 4.0)
    shrink = np.sqrt(1.0 - square / 4.0)
    local = np.stack([x * shrink, y * shrink, 1.0 - square / 2.0])
    return np.stack([dot_products(axis, local) for axis in frame.T])


def longitude_latitude(vectors: Floats) -> tuple[Floats, Floats]:
    """Coordinates in degrees of vectors of any length, shape (3, n).

    Examples
    --------
    >>> longitude_latitude(unit_vectors([120.0], [-30.0]))[0].round(9).tolist()
    [120.0]
    """
    x, y, z = vectors
    return _direction(y, x), _direction(z, np.sqrt(x * x + y * y))
