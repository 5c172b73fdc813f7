"""What an explanation is made of: a value worked out anew, the formula filled in, what was counted.

A *working* is made by one small function per number (`Worker`), from evidence alone and never from
the number it explains; `Explanation` sets it beside the number reported.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

if TYPE_CHECKING:
    from geoclust.explanation.evidence import Evidence

TERMS: Final = 8
"""Terms of a sum that are written out; beyond, the listing is referred to."""


@dataclass(frozen=True, eq=False)
class Listing:
    """What was counted, one row each."""

    title: str
    table: pd.DataFrame
    """Plain columns; `source` is the data's own, `file` and `row` where the row stands in the input
    (the header being row 1), missing where that is not known."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Working:
    """A number worked out anew."""

    value: Any
    """A number, a text, True or False; NaN or None where missing."""
    filled: str
    """The formula with the numbers in place of the names."""
    listings: tuple[Listing, ...] = ()
    made_of: tuple[str, ...] = ()
    """Other numbers of the region it was made of: each can be explained in its turn."""
    settings: tuple[str, ...] = ()
    """Settings of the study that mattered, by dotted name; a name ending in "." is all below."""
    notes: tuple[str, ...] = ()


Worker = Callable[["Evidence", str, str], Working]
"""Evidence, region id and name of the number -> working."""


def missing(value: object) -> bool:
    """Whether a value is missing: None, NaN or NA."""
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def said(value: object) -> str:
    """A value as a reader wants it: nine digits, thousands apart.

    Examples
    --------
    >>> said(401000000.0), said(1 / 3), said(float("nan")), said(True), said("12=")
    ('401,000,000', '0.333333333', 'missing', 'yes', '12=')
    """
    if missing(value):
        return "missing"
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]
    if math.isfinite(number) and number == int(number) and abs(number) < 1e15:  # noqa: PLR2004
        return f"{int(number):,}"
    return f"{number:,.9g}"


def added_up(terms: Iterable[float]) -> str:
    """A sum written out, or referred to where it is long.

    Examples
    --------
    >>> added_up([1.0, 2.5]), added_up(range(20))
    ('1 + 2.5', 'sum of the 20 amounts listed')
    """
    listed = list(terms)
    if len(listed) > TERMS:
        return f"sum of the {len(listed):,} amounts listed"
    return " + ".join(said(term) for term in listed) or "0"


def same(reported: object, recomputed: object, *, digits: int = 9) -> bool:
    """Whether two values are one: texts letter by letter, numbers to the digits that are printed.

    Examples
    --------
    >>> same(0.333333333, 1 / 3), same(1.0, 1.1), same(float("nan"), None), same("a", "b")
    (True, False, True, False)
    """
    if missing(reported) or missing(recomputed):
        return missing(reported) and missing(recomputed)
    if isinstance(reported, str) or isinstance(recomputed, str):
        return str(reported) == str(recomputed)
    slack = 6 * 10.0**-digits
    return math.isclose(float(reported), float(recomputed), rel_tol=slack, abs_tol=1e-12)  # type: ignore[arg-type]


def unknown(why: str, **more: Any) -> Working:  # noqa: ANN401 - fields of `Working`
    """A working of a number that is missing, and why."""
    return Working(value=math.nan, filled=f"missing: {why}", **more)


def all_of(names: Iterable[str], worker: Worker) -> Mapping[str, Worker]:
    """One worker for several numbers."""
    return dict.fromkeys(names, worker)
