"""What the values of a column say that it may be: shares of a sample, from 0 to 1."""

import re
from collections.abc import Callable
from typing import Final

import pandas as pd

from geoclust.gazetteer import country_code
from geoclust.records.coordinates import Axis, parse_degree_column
from geoclust.records.quantities import parse_quantities

SAMPLED: Final = 1_000
"""Values of a column that are looked at, evenly over the file."""

_SITE: Final = r"(?:https?://)?[^\s./@]+(?:\.[^\s./@]+)+(?:[/?#:]\S*)?"
_WORDY: Final = r".*[^\W\d_].*"
_YEARS: Final = (1400, 2100)
_NUMERIC: Final = r"[\d.,\s]+"


def sample(column: pd.Series) -> pd.Series:
    """Values that are there, every n-th of them, at most `SAMPLED`."""
    given = column.dropna()
    return given.iloc[:: max(1, len(given) // SAMPLED)].head(SAMPLED)


def value_evidence(name: str, values: pd.Series) -> float:
    """Share of a column's sample that could be values of the schema column `name`; 0 where empty.

    Examples
    --------
    >>> value_evidence("latitude", pd.Series(["51.5", "-33.9", "abc", "48,1"]))
    0.75
    >>> value_evidence("country", pd.Series(["DE", "France", "Atlantis", "GBR"]))
    0.75
    """
    judge = _JUDGES.get(name)
    if judge is None or values.empty:
        return 0.0
    return round(float(judge(values)), 4)


def is_numeric(values: pd.Series) -> float:
    """Share of the values that are numbers, separators and multipliers understood."""
    if values.empty:
        return 0.0
    numbers, _ = parse_quantities(values, currency="USD")
    return float(numbers.notna().mean())


def uniqueness(values: pd.Series) -> float:
    """Distinct values per value."""
    return values.nunique() / len(values) if len(values) else 0.0


def _degrees(axis: Axis, limit: float) -> Callable[[pd.Series], float]:
    def judge(values: pd.Series) -> float:
        numbers, _ = parse_degree_column(values, axis)
        inside = numbers.abs() <= limit
        fractions = (numbers % 1 != 0) & numbers.notna()
        return float(inside.mean()) if fractions.mean() > 0.2 or len(values) < 5 else 0.0  # noqa: PLR2004

    return judge


def _countries(values: pd.Series) -> float:
    words = [str(word) for word in values.unique()]
    known = {word: not word.isdigit() and country_code(word) is not None for word in words}
    return float(values.map(known).astype(bool).mean())


def _years(values: pd.Series) -> float:
    text = values.str.extract(r"^((?:1[4-9]|20)\d\d)(?:\.0+)?(?:-\d\d.*)?$", expand=False)
    return float(pd.to_numeric(text, errors="coerce").between(*_YEARS).mean())


def _ids(values: pd.Series) -> float:
    bare = float(values.str.fullmatch(r"\S{1,120}|(?=.*\d)\S+(?: \S+){1,3}", na=False).mean())
    return uniqueness(values) * bare


def _names(values: pd.Series) -> float:
    wordy = float(values.str.fullmatch(_WORDY, na=False).mean())
    sites = float(values.str.fullmatch(_SITE, na=False).mean())
    return wordy * (0.3 + 0.7 * uniqueness(values)) * (1 - sites)


def _places(values: pd.Series) -> float:
    wordy = float(values.str.fullmatch(_WORDY, na=False).mean())
    return wordy * float(values.str.len().le(60).mean())


def _sites(values: pd.Series) -> float:
    found = values.str.fullmatch(_SITE, na=False) & ~values.str.fullmatch(_NUMERIC, na=False)
    return float(found.mean())


def _words(values: pd.Series) -> float:
    few = values.nunique() <= max(12, 0.05 * len(values))
    return float(values.str.fullmatch(_WORDY, na=False).mean()) if few else 0.0


def _kinds(values: pd.Series) -> float:
    known = ("firm", "lab", "patent", "firms", "labs", "patents")
    return float(values.str.casefold().isin(known).mean())


def _amounts(values: pd.Series) -> float:
    numbers, _ = parse_quantities(values, currency="USD")
    return float((numbers >= 0).mean())


def _precisions(values: pd.Series) -> float:
    known = ("address", "postcode", "city", "region", "unknown")
    return float(values.str.casefold().isin(known).mean())


_JUDGES: Final[dict[str, Callable[[pd.Series], float]]] = {
    "record_id": _ids,
    "name": _names,
    "longitude": _degrees("longitude", 180.0),
    "latitude": _degrees("latitude", 90.0),
    "place": _places,
    "country": _countries,
    "category": _words,
    "kind": _kinds,
    "year": _years,
    "funding_usd": _amounts,
    "equity_funding_usd": _amounts,
    "publications": _amounts,
    "website": _sites,
    "parent_id": lambda values: float(values.str.fullmatch(r"\S{1,120}", na=False).mean()),
    "organisation_id": lambda values: float(values.str.fullmatch(r"\S{1,120}", na=False).mean()),
    "weight": lambda values: float(bool(_amounts(values) > 0.9)),  # noqa: PLR2004
    "project": lambda values: 1.0 - uniqueness(values),
    "population": _amounts,
    "gdp_usd": _amounts,
    "precision": _precisions,
    "source": _places,
}


def looks_like(text: str, pattern: str) -> bool:
    """Whether a folded text contains a word that begins so."""
    return re.search(rf"(?:^|\W){re.escape(pattern)}", text) is not None
