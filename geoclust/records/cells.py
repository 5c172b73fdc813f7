"""Typed cells of workbooks, Parquet and frames as text, without changing what they say."""

import datetime as dt
import json
import math
from typing import Any, Final

import numpy as np
import pandas as pd

_PLAIN_INTEGERS: Final = 1e22
"""Whole numbers below this are written out, not as a power of ten."""


def column_text(column: pd.Series) -> pd.Series:
    """A column of any type as text, missing where it is missing.

    Whole floats lose their ".0" (a column of ids with gaps is float in many files); dates are
    written YYYY-MM-DD.

    Examples
    --------
    >>> column_text(pd.Series([12.0, None, 0.5])).tolist()
    ['12', nan, '0.5']
    """
    kind = column.dtype.kind if isinstance(column.dtype, np.dtype) else ""
    if isinstance(column.dtype, pd.StringDtype):
        return column.astype("str")
    if kind in "iu":
        return column.astype("str")
    if kind == "f":
        return column.astype("float64").astype("str").str.replace(r"\.0$", "", regex=True)
    texts = [cell_text(value) for value in column.astype(object)]
    return pd.Series(texts, index=column.index, dtype="str")


def cell_text(value: Any) -> str | float:  # noqa: ANN401, PLR0911 - cells of any type
    """One cell as text, NaN where it is missing.

    Examples
    --------
    >>> cell_text(12.0), cell_text(True), cell_text(10**20), cell_text({"a": 1})
    ('12', 'true', '100000000000000000000', '{"a": 1}')
    """
    if isinstance(value, str):
        return sound_text(value)
    if value is None or value is pd.NA or value is pd.NaT:
        return math.nan
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        return _float_text(float(value))
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict | list):
        return sound_text(json.dumps(value, ensure_ascii=False))
    return str(value)


def sound_text(text: str) -> str:
    r"""Text that can be written as UTF-8: halves of a pair, which JSON may hold, become U+FFFD.

    Examples
    --------
    >>> sound_text("\ud83d\ude00"), sound_text("a\ud800b") == "a\ufffdb"
    ('😀', True)
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _float_text(value: float) -> str | float:
    if math.isnan(value):
        return math.nan
    if value.is_integer() and abs(value) < _PLAIN_INTEGERS:
        return str(int(value))
    return repr(value)
