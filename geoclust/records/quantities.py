"""Numbers as people write them: separators, currencies, multipliers.  Never a guess.

The rule, value by value:

* A plain number with a decimal dot is that number (where the table's decimal is a comma, a
  comma).
* Spaces and apostrophes between groups of three digits are thousands separators, and so is a
  comma or a dot that occurs more than once.  Of a comma and a dot, the last one is the decimal.
* One comma followed by exactly three digits ("1,234") is ambiguous and refused, unless the
  table's `decimal` is stated; otherwise one comma is a decimal comma.
* k, m, mn, mio, bn, mrd... after the number mean thousand, million, billion (10^9).
* A currency must be the table's own; anything else ("~12", "5-10") is refused.
"""

import math
import re
from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

MISSING_WORDS: Final = frozenset(
    {"", "na", "n/a", "#n/a", "nan", "<na>", "null", "none", "-", "--", "..", "...", "?"}
    | {"unknown", "undisclosed", "not disclosed", "not available", "n.a."}
)
"""Words (in any case) that stand for a missing number.  Missing is not zero."""

PLAIN: Final = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
"""A number as programs write it."""

NOT_A_NUMBER: Final = "is not a number"
NOT_FINITE: Final = "is not finite"
AMBIGUOUS: Final = (
    "is ambiguous: 1,234 may be a thousand or a decimal; state the table's decimal ('.' or ',')"
)

_WHOLE: Final = r"[+-]?[0-9]+(?:[eE][+-]?[0-9]+)?"
_SPACES: Final = re.compile("[ '\u2019]+")
_THIN: Final = str.maketrans("\u00a0\u2007\u2009\u202f\u2212", "    -")
_MULTIPLIERS: Final = {
    **dict.fromkeys(("k", "thousand", "tsd"), 1e3),
    **dict.fromkeys(("m", "mm", "mn", "mln", "mio", "million", "millions"), 1e6),
    **dict.fromkeys(("b", "bn", "bln", "mrd", "billion", "billions"), 1e9),
}
_SYMBOLS: Final = {
    "$": ("USD", "AUD", "CAD", "NZD", "SGD", "HKD", "TWD", "MXN"),
    "us$": ("USD",),
    "a$": ("AUD",),
    "c$": ("CAD",),
    "€": ("EUR",),
    "£": ("GBP",),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "₩": ("KRW",),
}
_WRITTEN: Final = re.compile(
    r"(?P<before>[^\d.,+-]*)(?P<sign>[+-]?)(?P<between>[^\d.,+-]*)"
    r"(?P<digits>[\d.,][\d.,\s'\u2019]*?)\s*(?P<after>[^\d.,+-]*)",
    re.ASCII,
)


def parse_columnwise(
    text: pd.Series, plain: str, parse: Callable[[str], float]
) -> tuple[pd.Series, pd.Series]:
    """Numbers of a column of text, and for each one refused the reason.

    Parameters
    ----------
    text
        Texts, missing where empty.
    plain
        Regular expression of what converts directly; the rest goes through `parse`, once per
        distinct text.
    parse
        Returns the number, NaN for a missing word, or raises ValueError with the reason.

    Returns
    -------
    values, reasons
        float64 (NaN where missing or refused) and text (NaN where not refused).
    """
    direct = text.str.fullmatch(plain, na=False)
    values = text.where(direct).astype("float64")
    reasons = np.full(len(text), None, dtype=object)
    reasons[direct & ~np.isfinite(values)] = NOT_FINITE
    numbers = values.to_numpy(copy=True)
    odd = ~direct & text.notna()
    if odd.any():
        answers = {word: _try(parse, word) for word in text[odd].unique()}
        numbers[odd] = [answers[word][0] for word in text[odd]]
        reasons[odd] = [answers[word][1] for word in text[odd]]
    numbers[~np.isfinite(numbers)] = np.nan
    return (
        pd.Series(numbers, index=text.index),
        pd.Series(reasons, index=text.index, dtype="str"),
    )


def parse_quantities(
    text: pd.Series, *, decimal: str | None = None, currency: str | None = None
) -> tuple[pd.Series, pd.Series]:
    """Quantities of a column of text, by the rule at the head of this module.

    Examples
    --------
    >>> values, reasons = parse_quantities(pd.Series(["12 M", "1,234", "3"]), currency="USD")
    >>> values.tolist()
    [12000000.0, nan, 3.0]
    """
    plain = _WHOLE if decimal == "," else PLAIN
    return parse_columnwise(
        text, plain, lambda word: parse_quantity(word, decimal=decimal, currency=currency)
    )


def parse_quantity(text: str, *, decimal: str | None = None, currency: str | None = None) -> float:
    """One number as people write it; NaN for a word that means missing.

    Parameters
    ----------
    text
        Such as "1 234 567", "1.234.567,50", "$12.5m" or "undisclosed".
    decimal
        The table's decimal sign, "." or ",", where it is known.
    currency
        ISO 4217 code of the table's currency; None where no currency may occur.

    Raises
    ------
    ValueError
        With the reason: not a number, ambiguous, not finite, another currency.

    Examples
    --------
    >>> parse_quantity("$12.5m", currency="USD")
    12500000.0
    >>> parse_quantity("1.234.567,50")
    1234567.5
    >>> parse_quantity("1,234")
    Traceback (most recent call last):
    ValueError: is ambiguous: 1,234 may be a thousand or a decimal; state the table's decimal \
('.' or ',')
    """
    if text.strip().casefold() in MISSING_WORDS:
        return math.nan
    stripped = text.strip().translate(_THIN)
    if decimal != "," and re.fullmatch(PLAIN, stripped):
        return _finite(float(stripped))
    if stripped.casefold().lstrip("+-") in {"inf", "infinity"}:
        raise ValueError(NOT_FINITE)
    written = _WRITTEN.fullmatch(stripped)
    if written is None:
        raise ValueError(NOT_A_NUMBER)
    factor = _factor(written["before"] + written["between"], written["after"], currency)
    number = float(_plain_digits(written["digits"].strip(), decimal))
    return _finite(-number * factor if written["sign"] == "-" else number * factor)


def _try(parse: Callable[[str], float], word: str) -> tuple[float, str | None]:
    try:
        return parse(word), None
    except ValueError as error:
        return math.nan, str(error)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(NOT_FINITE)
    return value


def _factor(before: str, after: str, currency: str | None) -> float:
    _check_currency(before.strip(), currency)
    words = after.casefold().split()
    if words and words[0].rstrip(".") in _MULTIPLIERS:
        _check_currency(" ".join(words[1:]), currency)
        return _MULTIPLIERS[words[0].rstrip(".")]
    for symbol in _SYMBOLS:
        word = after.casefold().strip().removesuffix(symbol).strip()
        if after.casefold().strip().endswith(symbol) and word in _MULTIPLIERS:
            _check_currency(symbol, currency)
            return _MULTIPLIERS[word]
    _check_currency(after.strip(), currency)
    return 1.0


def _check_currency(word: str, currency: str | None) -> None:
    if not word:
        return
    codes = _SYMBOLS.get(word.casefold(), (word.upper(),))
    known = word.casefold() in _SYMBOLS or re.fullmatch("[A-Za-z]{3}", word)
    if currency is None or not known:
        raise ValueError(NOT_A_NUMBER)
    if currency.upper() not in codes:
        raise ValueError(f"is in {codes[0]}, the table's currency is {currency.upper()}")


def _plain_digits(digits: str, decimal: str | None) -> str:
    if _SPACES.search(digits):
        if not re.fullmatch(r"\d{1,3}(?: \d{3})+(?:[.,]\d+)?", _SPACES.sub(" ", digits)):
            raise ValueError(NOT_A_NUMBER)
        return _SPACES.sub("", digits).replace(",", ".")
    point = _decimal_sign(digits, decimal)
    grouping = {".": ",", ",": "."}.get(point, ".,")
    whole, _, fraction = digits.partition(point) if point else (digits, "", "")
    groups = re.split(f"[{grouping}]", whole)
    if len(groups) > 1 and not _grouped(groups):
        raise ValueError(NOT_A_NUMBER)
    plain = "".join(groups) + "." + fraction
    if not re.fullmatch(r"\d+\.\d*|\.\d+", plain):
        raise ValueError(NOT_A_NUMBER)
    return plain


def _grouped(groups: list[str]) -> bool:
    first, *rest = groups
    return 1 <= len(first) <= 3 and all(len(group) == 3 for group in rest)  # noqa: PLR2004 - digits


def _decimal_sign(digits: str, decimal: str | None) -> str:
    dots, commas = digits.count("."), digits.count(",")
    if dots and commas:
        point = max(".,", key=digits.rfind)
        if digits.count(point) > 1 or decimal not in {None, point}:
            raise ValueError(NOT_A_NUMBER)
        return point
    if dots + commas == 0 or dots > 1 or commas > 1:
        return ""
    sign = "." if dots else ","
    if decimal is None and commas and re.fullmatch(r"\d{1,3},\d{3}", digits):
        raise ValueError(AMBIGUOUS)
    return sign if decimal in {None, sign} else ""
