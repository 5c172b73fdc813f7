"""Numbers as people write them."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoclust.records.quantities import (
    MISSING_WORDS,
    parse_quantities,
    parse_quantity,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-3.5", -3.5),
        ("1e6", 1e6),
        ("1.234", 1.234),
        ("12 M", 12e6),
        ("$12.5m", 12.5e6),
        ("US$ 3 million", 3e6),
        ("1.2bn", 1.2e9),
        ("2 Mrd", 2e9),
        ("750k", 750e3),
        ("1 234 567", 1234567),
        ("1\u00a0234\u202f567", 1234567),
        ("1'234'567", 1234567),
        ("1,234,567", 1234567),
        ("1.234.567", 1234567),
        ("1.234.567,50", 1234567.5),
        ("1,234,567.50", 1234567.5),
        ("1 234,5", 1234.5),
        ("12,5", 12.5),
        ("USD 5", 5),
        ("5 USD", 5),
        ("5m USD", 5e6),
        ("\u22125", -5),
        ("-$5", -5),
        ("$-5", -5),
    ],
)
def test_reads_what_is_clear(text: str, value: float) -> None:
    assert parse_quantity(text, currency="USD") == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1,234", "ambiguous"),
        ("€5m", "is in EUR"),
        ("5 GBP", "is in GBP"),
        ("abc", "not a number"),
        ("~12", "not a number"),
        ("5-10", "not a number"),
        (">5", "not a number"),
        ("1 23 4", "not a number"),
        ("12,34,567", "not a number"),
        ("1.2.3,4,5", "not a number"),
        ("1e400", "not finite"),
        ("inf", "not finite"),
        ("-Infinity", "not finite"),
        ("12 apples", "not a number"),
        ("0x10", "not a number"),
        ("1_000", "not a number"),
        ("٣", "not a number"),
        (".", "not a number"),
        (",", "not a number"),
        ("--5", "not a number"),
        ("1e5e5", "not a number"),
    ],
)
def test_refuses_what_is_not(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_quantity(text, currency="USD")


def test_a_stated_decimal_settles_what_is_ambiguous() -> None:
    assert parse_quantity("1,234", decimal=".") == 1234
    assert parse_quantity("1,234", decimal=",") == 1.234
    assert parse_quantity("1.234", decimal=",") == 1234
    assert parse_quantity("1.234", decimal=".") == 1.234


def test_no_currency_where_none_may_occur() -> None:
    with pytest.raises(ValueError, match="not a number"):
        parse_quantity("$5")


@pytest.mark.parametrize("word", sorted(MISSING_WORDS))
def test_missing_words_are_missing_not_zero(word: str) -> None:
    assert math.isnan(parse_quantity(word.upper()))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_programs_write_is_read_exactly(value: float) -> None:
    values, reasons = parse_quantities(pd.Series([repr(value)], dtype="str"))
    assert values[0] == value
    assert reasons.isna().all()


@given(st.integers(0, 10**12), st.sampled_from([" ", ",", ".", "'", "\u00a0"]))
def test_grouped_digits_mean_the_same_or_are_refused(value: int, sign: str) -> None:
    found, reason = answer(f"{value:,}".replace(",", sign))
    once = 1000 <= value < 10**6
    if sign == "," and once:
        assert "ambiguous" in reason
    elif sign == "." and once:
        assert found == pytest.approx(value / 1000, rel=1e-15)
    else:
        assert found == value


@given(st.text(max_size=20))
def test_any_text_gives_a_finite_number_missing_or_a_reason(text: str) -> None:
    value, reason = answer(text, currency="USD")
    assert math.isfinite(value) or math.isnan(value)
    assert not reason or (math.isnan(value) and reason.startswith("is "))


@given(st.lists(st.text(alphabet="0123456789.,- eE$mM'", max_size=8), min_size=1, max_size=20))
def test_a_column_agrees_with_its_cells(texts: list[str]) -> None:
    values, reasons = parse_quantities(pd.Series(texts, dtype="str"))
    for text, value, reason in zip(texts, values, reasons, strict=True):
        alone, why = answer(text)
        assert value == alone or (math.isnan(value) and math.isnan(alone))
        assert (reason == why) if why else pd.isna(reason)


def answer(text: str, **options: str) -> tuple[float, str]:
    """The number and no reason, or NaN and the reason."""
    try:
        return parse_quantity(text, **options), ""
    except ValueError as error:
        return math.nan, str(error)
