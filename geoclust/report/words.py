"""How the page says things: labels, numbers with their units, countries, statuses."""

import math
import re
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geoclust import display
from geoclust.catalogue import INDICATORS

if TYPE_CHECKING:
    from geoclust.scoring import Framework, IndicatorSpec
    from geoclust.study import Study

STATUS_WORDS: Final = {
    "cluster": "Cluster",
    "quasi-cluster": "Quasi-cluster",
    "none": "Neither",
}
"""Heading of each status."""

NO_BREAK: Final = "\u00a0"
THIN: Final = "\u202f"
MISSING: Final = display.MISSING

_SCALES: Final = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k"))
_COUNT_UNITS: Final = ("firms", "labs", "patents", "organisations", "people", "pairs of", "kinds")


def number(value: object, style: str = "ratio") -> str:
    r"""A number as a reader wants it; a dash where it is missing.

    Parameters
    ----------
    value
        A number, or anything missing.
    style
        `count`, `usd`, `share` (shown as per cent), `signed_share`, `km`, `fixed` (two
        decimals) or `ratio` (three significant digits).

    Examples
    --------
    >>> number(1234567, "count"), number(0.256, "share"), number(None) == MISSING
    ('1,234,567', '25.6\u202f%', True)
    >>> number(2.5e9, "usd"), number(0.125, "signed_share"), number(0.012345)
    ('USD\xa02.5\xa0bn', '+12.5\u202f%', '0.0123')
    """
    if value is None or pd.isna(value) or not math.isfinite(float(value)):  # type: ignore[call-overload,arg-type]
        return MISSING
    amount = float(value)  # type: ignore[arg-type]
    written = {
        "count": lambda: f"{amount:,.0f}",
        "usd": lambda: f"USD{NO_BREAK}{_scaled(amount)}",
        "share": lambda: f"{100 * amount:.3g}{THIN}%",
        "signed_share": lambda: f"{_signed(100 * amount)}{THIN}%",
        "km": lambda: f"{display.significant(amount)}{NO_BREAK}km",
        "fixed": lambda: f"{amount:,.2f}",
        "ratio": lambda: display.significant(amount),
    }[style]()
    return written.replace("-", "\u2212")


def _scaled(amount: float) -> str:
    for scale, word in _SCALES:
        if abs(amount) >= scale:
            return f"{amount / scale:.3g}{NO_BREAK}{word}"
    return display.significant(amount)


def _signed(amount: float) -> str:
    """With its sign, to a tenth; nothing where it rounds to nothing."""
    rounded = round(amount, 1)
    return f"{'+' if rounded > 0 else ''}{display.significant(rounded)}"


def style_of(indicator: str) -> str:
    """The style of `number` for an indicator, from its unit in the catalogue.

    Examples
    --------
    >>> style_of("funding_usd"), style_of("external_tie_share"), style_of("firm_count")
    ('usd', 'share', 'count')
    """
    known = INDICATORS.get(indicator)
    unit = known.unit if known else ""
    if unit == "USD" or (not unit and indicator.endswith("_usd")):
        return "usd"
    if unit.startswith("share"):
        return "share"
    if unit.startswith(_COUNT_UNITS) and " per " not in unit:
        return "count"
    return "ratio"


def unit_of(indicator: str) -> str:
    """The unit of an indicator in words, empty where the number itself shows it."""
    known = INDICATORS.get(indicator)
    if known is None or style_of(indicator) in {"usd", "share"}:
        return ""
    return "" if known.unit == known.label else known.unit.replace("km2", "km²")


def label_of(indicator: str) -> str:
    """The label of an indicator, its name in words where the catalogue does not know it.

    Examples
    --------
    >>> label_of("tie_count"), label_of("my_own_ratio")
    ('Ties', 'My own ratio')
    """
    known = INDICATORS.get(indicator)
    return capital(known.label if known else spaced(indicator))


def spec_label(spec: "IndicatorSpec") -> str:
    """The framework's own label of an indicator, else the catalogue's."""
    return capital(spec.label) if spec.label else label_of(spec.name)


def spaced(name: str) -> str:
    """A column's name in words.

    Examples
    --------
    >>> spaced("market_orientation")
    'market orientation'
    """
    return re.sub(r"[_\s]+", " ", name).strip()


def capital(text: str) -> str:
    """The text with its first letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def counted(count: int, one: str, many: str = "") -> str:
    """A count with its noun.

    Examples
    --------
    >>> counted(1, "firm"), counted(2400, "firm"), counted(2, "country", "countries")
    ('1 firm', '2,400 firms', '2 countries')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(parts: list[str]) -> str:
    """Parts as a sentence lists them.

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def country_words(code: object) -> str:
    """English name of a country, the code itself where it is not known."""
    from geoclust.gazetteer import country_name  # noqa: PLC0415 - heavy

    if not isinstance(code, str) or not code:
        return ""
    try:
        return country_name(code) or code
    except (KeyError, LookupError, ValueError):
        return code


def dimensions_of(study: "Study") -> list[str]:
    """Dimensions of the study's framework, in its order."""
    return list(dict.fromkeys(spec.dimension for spec in study.scores.framework.indicators))


def has_mean_rank(framework: "Framework") -> bool:
    """Whether the total is a mean of ranks, and not a score of another kind.

    Examples
    --------
    >>> from geoclust.scoring import Framework
    >>> has_mean_rank(Framework.quantum()), has_mean_rank(Framework.wipo())
    (True, False)
    """
    return (framework.composite.aggregate or framework.aggregate) == "rank_mean"


def text_or(value: Any, other: str = "") -> str:  # noqa: ANN401 - a cell may hold anything
    """A cell as text, `other` where it is missing."""
    return other if value is None or pd.isna(value) else str(value)
