"""The trigonometry against exact series, and the places that two coordinates name."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoclust import sphere

TERMS = 60
PRECISION = 2**200


def shortened(x):
    """A fraction near by, to 200 bits, so that long series stay fast."""
    return Fraction(round(x * PRECISION), PRECISION)


def arctan(x):
    """Exact to about 1e-40, by Euler's series after two halvings of the argument."""
    if x > 1:
        return PI / 2 - arctan(1 / x)
    if x > Fraction(1, 4):
        return arctan(Fraction(1, 4)) + arctan((x - Fraction(1, 4)) / (1 + x / 4))
    total, power = Fraction(0), x
    for k in range(TERMS):
        total += (-1) ** k * power / (2 * k + 1)
        power = shortened(power * x * x)
    return shortened(total)


PI = 4 * (4 * arctan(Fraction(1, 5)) - arctan(Fraction(1, 239)))


def root(x):
    return Fraction(math.isqrt(int(x * PRECISION**2)), PRECISION)


def sine(x):
    total, term = Fraction(0), x
    for k in range(TERMS):
        total += term
        term = shortened(-term * x * x / ((2 * k + 2) * (2 * k + 3)))
    return total


def far(found, wanted):
    """Difference from the exact value, as a float."""
    return abs(float(Fraction(float(found)) - wanted))


@pytest.fixture(scope="module")
def random_numbers():
    return np.random.default_rng(0)


def test_the_exact_series_know_pi():
    assert str(int(PI * 10**30)) == "3141592653589793238462643383279"
    assert far(0.0, sine(PI)) < 1e-40


def test_sine_and_cosine(random_numbers):
    degrees = np.concatenate([np.arange(-720, 721, 15.0), random_numbers.uniform(-360, 360, 200)])
    for angle, s, c in zip(degrees, *sphere.sin_cos_degrees(degrees), strict=True):
        exact = Fraction(float(angle)) * PI / 180
        assert far(s, sine(exact)) < 4e-16
        assert far(c, sine(exact + PI / 2)) < 4e-16


def test_right_angles_are_exact():
    s, c = sphere.sin_cos_degrees(np.arange(-360, 361, 90.0))
    assert s.tolist() == [0, 1, 0, -1, 0, 1, 0, -1, 0]
    assert c.tolist() == [1, 0, -1, 0, 1, 0, -1, 0, 1]


def test_arcsine(random_numbers):
    small = 10.0 ** random_numbers.uniform(-12, 0, 150)
    near_one = 1 - 10.0 ** random_numbers.uniform(-12, -1, 50)
    for x in [*small, *near_one, 0.0, 0.19, np.nextafter(0.19, 1), 0.5, 1.0]:
        exact, given = Fraction(float(x)), np.array([x])
        side = root(1 - exact * exact)
        wanted = arctan(exact / side) if side else PI / 2
        found = sphere._arcsine(given)[0]
        assert far(found, wanted) < 1e-15 * max(1.0, float(wanted))
        assert far(found, wanted) <= 4e-16 * float(wanted) + (1e-15 if x > 0.19 else 0)


def test_directions(random_numbers):
    spread = random_numbers.normal(0, 1, (2, 200)) * 10.0 ** random_numbers.uniform(-9, 9, (2, 200))
    eighths = np.array([[k / 8 + d, 1.0] for k in range(9) for d in (-1 / 16, 0, 1 / 16)]).T
    for y, x in np.concatenate([spread, eighths, -eighths[::-1]], axis=1).T:
        steep = abs(Fraction(float(y)) / Fraction(float(x))) if x else None
        wanted = 90 if steep is None else arctan(steep) * 180 / PI
        wanted = wanted if x >= 0 else 180 - wanted
        found = sphere._direction(np.array([y]), np.array([x]))[0]
        assert far(found, wanted if y >= 0 else -wanted) < 1e-13


def test_directions_along_the_axes_are_exact():
    x, y = np.array([1.0, 0, -1, 0, 0, -1, 2]), np.array([0.0, 1, 0, -1, 0, -0.0, -2])
    assert sphere._direction(y, x).tolist() == [0, 90, 180, -90, 0, 180, -45]


def test_the_table_of_arctangents_is_rounded_once():
    for k, found in enumerate(sphere._EIGHTHS.tolist()):
        assert found == float(arctan(Fraction(k, 8)))


def test_coordinates_come_back(random_numbers):
    longitude = random_numbers.uniform(-180, 180, 2000)
    latitude = np.append(random_numbers.uniform(-90, 90, 1998), [90.0, -90.0])
    vectors = sphere.unit_vectors(longitude, latitude) * random_numbers.uniform(0.1, 9, 2000)
    east, north = sphere.longitude_latitude(vectors)
    assert np.abs(north - latitude).max() < 1e-13
    assert (np.abs(east - longitude) * np.cos(np.radians(latitude)) < 1e-13).all()
    assert north[-2:].tolist() == [90.0, -90.0]


@pytest.mark.parametrize("km", [0.0, 1e-6, 1.0, 100.0, 9000.0, 20_015.0])
def test_arcs_and_chords_of_the_unit_sphere(km):
    # near half-way round a last bit of the chord is a long way
    back = pytest.approx(km, rel=2e-15 if km < 10_000 else 1e-10)
    assert float(sphere.unit_arc_km(sphere.unit_chord(km))) == back
    wanted = 2 * np.sin(km / (2 * sphere.RADIUS_KM))
    assert float(sphere.unit_chord(km)) == pytest.approx(wanted, rel=2e-15)


def test_chords_end_half_way_round():
    assert sphere.unit_chord(1e6) == 2.0
    assert sphere.unit_arc_km(2.5) == sphere.unit_arc_km(2.0)
    assert float(sphere.unit_arc_km(2.0)) == pytest.approx(np.pi * sphere.RADIUS_KM, rel=1e-15)


DEGREES = st.floats(-180, 180, allow_nan=False)


@given(DEGREES, st.floats(-90, 90, allow_nan=False), DEGREES)
def test_one_place_has_one_key_and_one_position(longitude, latitude, other):
    keys = sphere.coordinate_keys([longitude, longitude], [latitude, latitude])
    assert keys[0] == keys[1]
    east, north = sphere.key_coordinates(keys[:1])
    assert sphere.coordinate_keys(east, north)[0] == keys[0]
    seam = sphere.coordinate_keys([180.0, -180.0], [latitude, latitude])
    assert seam[0] == seam[1]
    for pole in (90.0, -90.0):
        top = sphere.coordinate_keys([longitude, other], [pole, pole])
        assert top[0] == top[1]
        assert np.array_equal(*sphere.grid_positions(*sphere.key_coordinates(top)).T)


@pytest.mark.parametrize("aside", [4e-8, -4e-8])
def test_almost_at_the_seam_or_a_pole_is_there(aside):
    """Within half of 1e-7 degree coordinates are one, also where the numbers leap."""
    near = np.clip(180 + aside, -180, 180)
    keys = sphere.coordinate_keys([near, -near, 180.0], [10.0, 10.0, 10.0])
    assert len(set(keys.tolist())) == 1
    tops = sphere.coordinate_keys([5.0, 90.0], [90 - abs(aside), 90.0])
    assert tops[0] == tops[1]
