"""Numbers, counts, lists and names as a brief words them."""

import math
from typing import Final

import pandas as pd

from geoclust.catalogue import INDICATORS
from geoclust.errors import ParameterError
from geoclust.gazetteer import country_name

COUNT_UNITS: Final = ("firms", "labs", "patents", "organisations", "people", "pairs of", "kinds")
SCALES: Final = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"))
WITH_ARTICLE: Final = frozenset(
    {"Bahamas", "Czech Republic", "Dominican Republic", "Gambia", "Maldives", "Netherlands"}
    | {"Central African Republic", "Comoros", "Marshall Islands", "Philippines", "Seychelles"}
    | {"Solomon Islands", "Faroe Islands", "Cayman Islands"}
)


def amount(value: float, indicator: str) -> str:
    """A value of an indicator in words, with its unit where the label does not tell it.

    Examples
    --------
    >>> amount(59e6, "funding_usd"), amount(0.625, "external_tie_share"), amount(16.0, "firm_count")
    ('USD 59 million', '62.5 %', '16')
    >>> amount(0.18851, "industry_ties_to_gdp_bn")
    '0.189'
    """
    known = INDICATORS.get(indicator)
    unit = known.unit if known else ""
    if unit == "USD":
        scale, word = next(((s, w) for s, w in SCALES if abs(value) >= s), (1.0, ""))
        return f"USD {_significant(value / scale)} {word}".rstrip()
    if unit.startswith("share"):
        return f"{_significant(100 * value)} %"
    if unit.startswith(COUNT_UNITS) and " per " not in unit and float(value).is_integer():
        return f"{value:,.0f}"
    return _significant(value)


def _significant(value: float) -> str:
    """Three significant digits, whole numbers in full, no powers of ten above a millionth."""
    if value == 0 or abs(value) >= 100:  # noqa: PLR2004 - whole from there on
        return f"{value:,.0f}"
    exponent = math.floor(math.log10(abs(value)))
    if exponent < -6:  # noqa: PLR2004
        return f"{value:.2g}"
    text = f"{value:.{2 - exponent}f}"
    return text.rstrip("0").rstrip(".")


def counted(count: int, noun: str) -> str:
    """A count with its noun.

    Examples
    --------
    >>> counted(1, "firm"), counted(1200, "place")
    ('1 firm', '1,200 places')
    """
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def listed(parts: list[str]) -> str:
    """Parts as a sentence lists them.

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def label(indicator: str) -> str:
    """What an indicator is called in the catalogue, else its name in words."""
    known = INDICATORS.get(indicator)
    return known.label if known else indicator.replace("_", " ")


def country(code: str) -> str:
    """English name of a country as a sentence has it, the code itself where it is not known.

    Examples
    --------
    >>> country("NL"), country("DE")
    ('the Netherlands', 'Germany')
    """
    try:
        name = country_name(code.strip())
    except ParameterError:
        return code
    return f"the {name}" if name.startswith("United ") or name in WITH_ARTICLE else name


def missing(value: object) -> bool:
    """Whether a cell holds nothing."""
    return value is None or bool(pd.isna(value))  # type: ignore[call-overload]
