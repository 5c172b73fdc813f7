"""Which column of a file is which of the schema: names and values weighed, each used once."""

from dataclasses import dataclass
from typing import Final

import pandas as pd

from geoclust.records.inspecting.evidence import is_numeric, sample, uniqueness, value_evidence
from geoclust.records.inspecting.synonyms import (
    PAIRS,
    PLACE_NAMES,
    WORDS,
    fold_header,
    name_evidence,
)

BELIEVED: Final = 0.5
"""Weight of evidence from which on a column is proposed."""

NAME_SHARE: Final = 0.65
"""What a header counts for beside its values."""

LEAST_VALUES: Final = 0.5
"""Share of the values that must fit, whatever the header says."""

BY_VALUES: Final = {"website": 0.95, "country": 0.97, "kind": 0.99}
"""Columns proposed from their values alone, where this share of them fits."""

RECORDS: Final = (
    "record_id", "name", "longitude", "latitude", "place", "country", "kind", "category", "year",
    "funding_usd", "equity_funding_usd", "publications", "website", "parent_id",
    "organisation_id", "weight", "precision", "source",
)  # fmt: skip
PLACES: Final = (
    "name", "longitude", "latitude", "country", "population", "gdp_usd", "year", "source",
)  # fmt: skip
TIES: Final = ("weight", "year", "kind", "project", "source")

_STRICT: Final = {
    "weight": ("weight", "share", "inv share", "app share", "fraction", "gewicht", "poids", "peso"),
}
"""In a table of records, words of ties do not count."""

_TIE_KINDS: Final = ("kind", "type", "relation", "relationship", "link type", "tie type", "art")


@dataclass(frozen=True)
class ColumnGuess:
    """One column of the schema, the file's own name for it, and how sure that is (0 to 1)."""

    name: str
    own: str
    confidence: float
    why: str
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Candidate:
    name: str
    at: int
    score: float
    named: float
    fitting: float


def guess_columns(header: tuple[str, ...], text: pd.DataFrame, table: str) -> list[ColumnGuess]:
    """The schema's columns found in a file, in the order of the schema.

    Parameters
    ----------
    header, text
        As of `RawTable`.
    table
        ``records``, ``places`` or ``ties``; the ends of ties are `guess_ends`.
    """
    wanted = {"records": RECORDS, "places": PLACES, "ties": TIES}[table]
    samples = [sample(text[at]) for at in range(len(header))]
    candidates = [
        _weigh(name, at, header[at], samples[at], table=table)
        for name in wanted
        for at in range(len(header))
        if header[at]
    ]
    good = [found for found in candidates if found.score >= BELIEVED]
    chosen = _choose(good, wanted)
    return [_told(chosen[name], good, header) for name in wanted if name in chosen]


def guess_ends(header: tuple[str, ...], text: pd.DataFrame) -> tuple[int, int] | None:
    """Positions of two columns that are the ends of a tie; None where there are none.

    Examples
    --------
    >>> ids = pd.DataFrame({0: ["a1", "b2"], 1: ["b2", "c3"], 2: ["1", "2"]})
    >>> guess_ends(("ror_a", "ror_b", "papers"), ids)
    (0, 1)
    """
    folded = [_tokens(name) for name in header]
    for left in range(len(header)):
        for right in range(len(header)):
            if left != right and _is_pair(folded[left], folded[right]):
                ends = [sample(text[at]) for at in (left, right)]
                if all(_endlike(values) for values in ends):
                    return left, right
    return None


def _tokens(name: str) -> list[str]:
    spaced = "".join(
        f" {letter}" if letter.isdigit() and at and name[at - 1].isalpha() else letter
        for at, letter in enumerate(name)
    )
    return fold_header(spaced).split()


def _is_pair(left: list[str], right: list[str]) -> bool:
    if len(left) != len(right) or not left:
        return False
    different = [pair for pair in zip(left, right, strict=True) if pair[0] != pair[1]]
    return len(different) == 1 and different[0] in PAIRS


def _endlike(values: pd.Series) -> bool:
    """Ids or names: not numbers with fractions, as coordinates are."""
    fractional = values.str.fullmatch(r"[+-]?\d+[.,]\d+", na=False).mean() if len(values) else 1.0
    return bool(fractional < 0.2)  # noqa: PLR2004


def _weigh(name: str, at: int, own: str, values: pd.Series, *, table: str) -> _Candidate:
    named = name_evidence(own, _words(name, table))
    fitting = value_evidence(name, values)
    if fitting < LEAST_VALUES and len(values):
        score = 0.0
    elif not len(values):  # an empty column is what its header says
        fitting, score = 0.0, NAME_SHARE * named if named == 1 else 0.0
    elif named:
        score = NAME_SHARE * named + (1 - NAME_SHARE) * fitting
    else:
        score = BELIEVED if fitting >= BY_VALUES.get(name, 2.0) and not _flags(values) else 0.0
    return _Candidate(name, at, round(score, 3), named, fitting)


def _words(name: str, table: str) -> tuple[str, ...]:
    if name == "name" and table == "places":
        return PLACE_NAMES
    if name == "kind" and table == "ties":
        return _TIE_KINDS
    if table == "records" and name in _STRICT:
        return _STRICT[name]
    return WORDS[name]


def _flags(values: pd.Series) -> bool:
    """A column of few short words, such as yes and no, which are no countries."""
    return bool(values.nunique() <= 2 and len(values) > 2) or is_numeric(values) > 0.5  # noqa: PLR2004


def _choose(good: list[_Candidate], wanted: tuple[str, ...]) -> dict[str, _Candidate]:
    """The surest first; each name and each column once."""
    order = {name: at for at, name in enumerate(wanted)}
    chosen: dict[str, _Candidate] = {}
    used: set[int] = set()
    for found in sorted(good, key=lambda c: (-c.score, order[c.name], c.at)):
        if found.name not in chosen and found.at not in used:
            chosen[found.name] = found
            used.add(found.at)
    return _paired(chosen)


def _paired(chosen: dict[str, _Candidate]) -> dict[str, _Candidate]:
    """Longitude and latitude only together."""
    axes = {"longitude", "latitude"}
    if len(axes & set(chosen)) == 1:
        return {name: found for name, found in chosen.items() if name not in axes}
    return chosen


def _told(found: _Candidate, good: list[_Candidate], header: tuple[str, ...]) -> ColumnGuess:
    others = [c for c in good if c.name == found.name and c.at != found.at]
    others.sort(key=lambda c: (-c.score, c.at))
    name = "its name" if found.named == 1 else "a word in its name" if found.named else "its values"
    return ColumnGuess(
        name=found.name,
        own=header[found.at],
        confidence=min(found.score, 0.99),
        why=f"{name}, {100 * found.fitting:.0f} % of its values fit",
        alternatives=tuple(header[c.at] for c in others[:3]),
    )


def text_share(values: pd.Series) -> float:
    """How far a column reads like names: words, mostly different."""
    return value_evidence("name", values) * uniqueness(values)
