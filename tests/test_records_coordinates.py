"""Degrees as people write them."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoclust.records.coordinates import parse_degree_column, parse_degrees


@pytest.mark.parametrize(
    ("text", "axis", "value"),
    [
        ("48.8566", "latitude", 48.8566),
        ("48,8566", "latitude", 48.8566),
        ("-0,1276", "longitude", -0.1276),
        ("1,234", "longitude", 1.234),
        ("48°51'24\"N", "latitude", 48 + 51 / 60 + 24 / 3600),
        ("48° 51\u2032 24\u2033 N", "latitude", 48 + 51 / 60 + 24 / 3600),
        ("48 51 24 N", "latitude", 48 + 51 / 60 + 24 / 3600),
        ("48:51:24", "latitude", 48 + 51 / 60 + 24 / 3600),
        ("48d51m24s", "latitude", 48 + 51 / 60 + 24 / 3600),
        ("48°51.4'N", "latitude", 48 + 51.4 / 60),
        ("48°51,4'N", "latitude", 48 + 51.4 / 60),
        ("48°51'24''S", "latitude", -(48 + 51 / 60 + 24 / 3600)),
        ("W 0°07'40\"", "longitude", -(7 / 60 + 40 / 3600)),
        ("-0°07'40\"", "longitude", -(7 / 60 + 40 / 3600)),
        ("2.35 E", "longitude", 2.35),
        ("2.35°", "longitude", 2.35),
        ("2.35W", "longitude", -2.35),
        ("\u22122.35", "longitude", -2.35),
        ("1e1", "latitude", 10),
    ],
)
def test_reads_degrees(text: str, axis: str, value: float) -> None:
    assert parse_degrees(text, axis) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "axis", "reason"),
    [
        ("48.8 N", "longitude", "hemisphere N, which is no longitude"),
        ("2.3 E", "latitude", "hemisphere E, which is no latitude"),
        ("2°30'O", "longitude", "letter O"),
        ("-2.3 W", "longitude", "minus sign and the hemisphere W"),
        ("48°61'00\"N", "latitude", "60 or more"),
        ("48°10'75\"N", "latitude", "60 or more"),
        ("1e400", "latitude", "not finite"),
        ("inf", "latitude", "not finite"),
        ("somewhere", "latitude", "not a number"),
        ("52.2, 0.1", "latitude", "not a number"),
        ("52.2.1", "latitude", "not a number"),
        ("N 52 N", "latitude", "not a number"),
        ("1,234,567", "longitude", "not a number"),
    ],
)
def test_refuses_with_the_reason(text: str, axis: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_degrees(text, axis)


@pytest.mark.parametrize("text", ["", "NA", "nan", "n/a", "NULL", "-"])
def test_missing_is_missing(text: str) -> None:
    assert math.isnan(parse_degrees(text, "latitude"))


@given(st.floats(-180, 180))
def test_every_float_comes_back_exactly(value: float) -> None:
    values, reasons = parse_degree_column(pd.Series([repr(value)], dtype="str"), "longitude")
    assert values[0] == value
    assert reasons.isna().all()


@given(st.integers(0, 89), st.integers(0, 59), st.integers(0, 5999), st.sampled_from("NS"))
def test_degrees_minutes_seconds_come_back(d: int, m: int, s: int, side: str) -> None:
    text = f"{d}°{m:02d}'{s / 100:05.2f}\"{side}"
    wanted = (d + m / 60 + s / 360_000) * (1 if side == "N" else -1)
    assert parse_degrees(text, "latitude") == pytest.approx(wanted, abs=1e-9)


@given(st.text(max_size=20), st.sampled_from(["longitude", "latitude"]))
def test_any_text_gives_a_finite_number_missing_or_a_reason(text: str, axis: str) -> None:
    values, reasons = parse_degree_column(pd.Series([text], dtype="str"), axis)
    assert np.isfinite(values[0]) or np.isnan(values[0])
    assert pd.isna(reasons[0]) or (np.isnan(values[0]) and reasons[0].startswith(("is ", "has ")))
