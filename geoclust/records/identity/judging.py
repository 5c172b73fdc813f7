"""How much two organisations look like one, and what speaks for it and against it.

Names are compared word by word: a word counts the more, the rarer it is among all names (inverse
document frequency), and matches another that is the same or misspelt; the score is the share of
weight that matches (Dice).  Words that set two names apart (numbers, directions) count against.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Final

from rapidfuzz.distance import JaroWinkler

from geoclust.records.identity.names import initials, registered

NEAR_KM: Final = 25.0
"""Within it two records may stand for one site: coordinates of a town and of an address."""

ALMOST_SAME: Final = 0.93
"""Names so alike are one name."""

SIMILAR: Final = 0.6
"""Below it names speak against, unless the domain speaks for."""

TELLING: Final = 0.75
"""Names so alike are shown although something else tells the two apart."""

SUPPORTED: Final = 0.75
"""Names so alike are one name where the domain is the same."""

MISSPELT: Final = 0.92
"""Jaro-Winkler similarity from which two words of five letters or more are one, misspelt."""

OF_THE_TOWN: Final = 0.4
"""What a word counts for that is the name of the town of both."""

ABBREVIATED: Final = 0.8
"""Score of a name that is the other's initials."""

_DIRECTIONS: Final = frozenset(
    {"north", "south", "east", "west", "northern", "southern", "eastern", "western", "nord",
     "sud", "ost", "ouest", "norte", "sur", "este", "oeste", "upper", "lower", "new", "old"}
)  # fmt: skip
_UNITS: Final = frozenset(
    {"hospital", "press", "foundation", "school", "department", "faculty", "college", "clinic",
     "campus", "museum", "library", "institute", "center", "laboratory", "graduate", "system",
     "university", "academy", "trust", "ventures", "capital", "fund", "polytechnic"}
)  # fmt: skip
"""Words for a part of a whole, or another house of the same name."""

_ROMAN: Final = frozenset({"ii", "iii", "iv", "vi", "vii", "viii", "ix", "xi", "xii"})


@dataclass(frozen=True)
class Side:
    """One organisation of a pair, as far as it is compared."""

    name: str
    words: tuple[str, ...]
    host: str
    country: str
    kind: str
    source: str
    place: tuple[str, ...] = ()
    """Words of the town's name."""


@dataclass(frozen=True)
class Judgement:
    """What a comparison found; scores from 0 to 1."""

    score: float
    name_score: float
    domain: str
    suggested: str
    reason: str


class NameWeights:
    """Weights of words: the logarithm of how rare they are.

    Examples
    --------
    >>> weights = NameWeights([("oxford", "university"), ("university",), ("university", "york")])
    >>> weights.of("university") < weights.of("york")
    True
    """

    def __init__(self, names: Sequence[tuple[str, ...]]) -> None:
        self._count = len(names)
        self._found: dict[str, int] = {}
        for words in names:
            for word in set(words):
                self._found[word] = self._found.get(word, 0) + 1

    def of(self, word: str) -> float:
        """Weight of a word, at least a little above 0."""
        return log((1 + self._count) / (1 + self._found.get(word, 0))) + 0.3

    def overlap(
        self, one: tuple[str, ...], other: tuple[str, ...], place: frozenset[str] = frozenset()
    ) -> tuple[float, list[str], list[str]]:
        """Share of weight that matches, and the words of each that are left over.

        Words of the town both are in weigh little: every house of the town may have them.
        """

        def weight(word: str) -> float:
            return self.of(word) * (OF_THE_TOWN if word in place else 1.0)

        left, right = list(one), list(other)
        matched = 0.0
        for word in one:
            if word in right:
                matched += 2 * weight(word)
                left.remove(word)
                right.remove(word)
        for word in list(left):
            best = max(right, key=lambda found: (_alike(word, found), found), default="")
            if best and _alike(word, best) >= MISSPELT:
                matched += (weight(word) + weight(best)) * _alike(word, best)
                left.remove(word)
                right.remove(best)
        total = sum(map(weight, one)) + sum(map(weight, other))
        return (min(1.0, matched / total) if total else 0.0), left, right


def judge(one: Side, other: Side, km: float, weights: NameWeights) -> Judgement:
    """Compare two organisations `km` apart."""
    town = frozenset(one.place) & frozenset(other.place)
    overlap, left, right = weights.overlap(one.words, other.words, town)
    if overlap < ABBREVIATED and _is_acronym(one, other):
        overlap = ABBREVIATED
    domain = _domains(one.host, other.host)
    score = _score(overlap, domain, km)
    suggested, reason = _decide(one, other, _Evidence(overlap, km, domain, left, right))
    return Judgement(round(score, 3), round(overlap, 3), domain, suggested, reason)


def worth_a_look(one: Side, other: Side, km: float, found: Judgement) -> bool:
    """Whether somebody should see the pair: alike, or of one domain in two sources."""
    if found.suggested == "different":
        return found.name_score >= TELLING
    crossing = found.domain == "same" and km <= NEAR_KM and one.source != other.source
    return found.name_score >= SIMILAR or crossing


def _alike(word: str, other: str) -> float:
    if min(len(word), len(other)) < 5 or word.isdigit() or other.isdigit():  # noqa: PLR2004
        return float(word == other)
    return JaroWinkler.similarity(word, other)


def _set_apart(left: list[str], right: list[str]) -> bool:
    """Numbers or directions that only one has, or that differ."""
    telling = [
        {word for word in side if word.isdigit() or word in _ROMAN or word in _DIRECTIONS}
        for side in (left, right)
    ]
    return telling[0] != telling[1]


def _is_acronym(one: Side, other: Side) -> bool:
    for short, long in ((one, other), (other, one)):
        if len(short.words) == 1 and 3 <= len(short.words[0]) <= 8 and len(long.words) > 1:  # noqa: PLR2004
            return initials(long.name) == short.words[0]
    return False


def _domains(one: str, other: str) -> str:
    """same, related (one owner, other hosts), different, or unknown."""
    if not one or not other:
        return "unknown"
    if one == other:
        return "same"
    return "related" if registered(one) == registered(other) else "different"


def _score(overlap: float, domain: str, km: float) -> float:
    by_domain = {"same": 0.25, "related": 0.15, "unknown": 0.1, "different": 0.0}[domain]
    by_place = 0.15 if km <= NEAR_KM else 0.0
    return 0.6 * overlap + by_domain + by_place


def _decide(one: Side, other: Side, found: "_Evidence") -> tuple[str, str]:
    """Suggest same, different or unsure, and say why."""
    elsewhere = _elsewhere(one, other, found)
    if elsewhere is not None:
        return elsewhere
    if _set_apart(found.left, found.right):
        return "different", f"{found}; a number or a direction sets the names apart"
    by_name = found.overlap >= ALMOST_SAME and found.domain != "different"
    by_domain = found.domain == "same" and found.overlap >= SUPPORTED
    if not by_name and not by_domain:
        unlike = found.overlap < SIMILAR and found.domain != "same"
        opposed = found.domain == "different" and found.overlap < ALMOST_SAME
        return ("different" if opposed or unlike else "unsure"), str(found)
    if _UNITS & {*found.left, *found.right}:
        return "unsure", f"{found}; one may be a part of the other, or its neighbour"
    doubt = _doubt(one, other)
    if doubt and found.domain != "same":
        return "unsure", f"{found}; {doubt}"
    return "same", str(found)


def _elsewhere(one: Side, other: Side, found: "_Evidence") -> tuple[str, str] | None:
    """The suggestion for two that are not at one site; None where they are."""
    if one.country != other.country and one.country and other.country:
        return "different", f"{found}; in different countries: branches at most"
    if found.km <= NEAR_KM:
        return None
    distant = found.km > 4 * NEAR_KM or found.domain == "different"
    return ("different" if distant else "unsure"), f"{found}; far apart: a branch, or moved"


def _doubt(one: Side, other: Side) -> str:
    if one.kind != other.kind:
        return f"one is a {one.kind}, the other a {other.kind}"
    if one.source == other.source and one.source:
        return f"both from {one.source}, which should list it once"
    return ""


@dataclass(frozen=True)
class _Evidence:
    """What speaks for and against, in words when printed."""

    overlap: float
    km: float
    domain: str
    left: list[str]
    right: list[str]

    def __str__(self) -> str:
        sites = "" if self.domain == "unknown" else f", {self.domain} web domain"
        return f"names {100 * self.overlap:.0f} % alike, {self.km:.1f} km apart{sites}"
