"""Degrees as people write them: decimal dot or comma, or degrees, minutes and seconds.

A comma in a coordinate is a decimal comma: no degree has thousands.  A letter says the
hemisphere, and must suit the axis.  The letter O is refused: it is west in French, Spanish and
Italian, and east in German.
"""

import math
import re
from typing import Final, Literal

import pandas as pd

from geoclust.records.quantities import (
    MISSING_WORDS,
    NOT_A_NUMBER,
    NOT_FINITE,
    PLAIN,
    parse_columnwise,
)

Axis = Literal["longitude", "latitude"]

_HEMISPHERES: Final = {"longitude": {"E": 1, "W": -1}, "latitude": {"N": 1, "S": -1}}
_DECIMAL: Final = re.compile(r"(?P<sign>[+-]?)(?P<degrees>\d+(?:[.,]\d*)?|[.,]\d+)\s*(?:°|º|deg)?")
_MINUTE_SIGNS: Final = "'\u2019\u2032`m:"
_SECOND_SIGNS: Final = "\"|\u201d|\u2033|''|\u2019\u2019|\u2032\u2032|s"
_MINUTES: Final = re.compile(
    r"(?P<sign>[+-]?)(?P<degrees>\d{1,3})(?:\s*[°ºd:]\s*|\s+)"
    rf"(?P<minutes>\d{{1,2}}(?:[.,]\d+)?)\s*(?:[{_MINUTE_SIGNS}]|\s|$)\s*"
    rf"(?:(?P<seconds>\d{{1,2}}(?:[.,]\d+)?)\s*(?:{_SECOND_SIGNS})?)?"
)
_LARGEST_PART: Final = 60


def parse_degree_column(text: pd.Series, axis: Axis) -> tuple[pd.Series, pd.Series]:
    """Degrees of a column of text (NaN where missing or refused), and reasons of the refused.

    Examples
    --------
    >>> parse_degree_column(pd.Series(["52,2", "abc"]), "latitude")[0].tolist()
    [52.2, nan]
    """
    return parse_columnwise(text, PLAIN, lambda word: parse_degrees(word, axis))


def parse_degrees(text: str, axis: Axis) -> float:
    r"""One coordinate in decimal degrees; NaN for a word that means missing.

    Parameters
    ----------
    text
        Such as "48.8566", "48,8566", "48°51'24\"N" or "W 0 7 5".
    axis
        Whether it is a longitude or a latitude; its range is not checked here.

    Raises
    ------
    ValueError
        With the reason.

    Examples
    --------
    >>> round(parse_degrees("48°51'24\"N", "latitude"), 6)
    48.856667
    >>> parse_degrees("48°51'24\"N", "longitude")
    Traceback (most recent call last):
    ValueError: has the hemisphere N, which is no longitude
    """
    word = text.strip().replace("\u2212", "-").replace("\u00a0", " ")
    if word.casefold() in MISSING_WORDS:
        return math.nan
    if word.casefold().lstrip("+-") in {"inf", "infinity"}:
        raise ValueError(NOT_FINITE)
    if re.fullmatch(PLAIN, word):
        return _finite(float(word))
    word, hemisphere = _split_hemisphere(word)
    sign = _hemisphere_sign(hemisphere, axis)
    negative, size = _size(word)
    if hemisphere and negative:
        raise ValueError(f"has both a minus sign and the hemisphere {hemisphere}")
    return sign * (-size if negative else size)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(NOT_FINITE)
    return value


def _split_hemisphere(word: str) -> tuple[str, str]:
    found = re.fullmatch(r"([NSEWO]?)\s*([^A-Z]*?)\s*([NSEWO]?)", word.upper().replace("DEG", "°"))
    if found is None or (found[1] and found[3]):
        return word.casefold(), ""
    return found[2], found[1] or found[3]


def _hemisphere_sign(hemisphere: str, axis: Axis) -> int:
    if hemisphere == "O":
        raise ValueError("has the letter O, which is west in French and east in German; write E, W")
    signs = _HEMISPHERES[axis]
    if hemisphere and hemisphere not in signs:
        raise ValueError(f"has the hemisphere {hemisphere}, which is no {axis}")
    return signs.get(hemisphere, 1)


def _size(word: str) -> tuple[bool, float]:
    found = _DECIMAL.fullmatch(word)
    if found:
        return found["sign"] == "-", float(found["degrees"].replace(",", "."))
    found = _MINUTES.fullmatch(word)
    if found is None:
        raise ValueError(NOT_A_NUMBER)
    parts = [float((found[name] or "0").replace(",", ".")) for name in ("minutes", "seconds")]
    if max(parts) >= _LARGEST_PART:
        raise ValueError("has 60 or more minutes or seconds")
    return found["sign"] == "-", float(found["degrees"]) + parts[0] / 60 + parts[1] / 3600
