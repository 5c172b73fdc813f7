"""How a comparison says things: fates, flows, one sentence per region."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from geoclust.report.words import capital, counted, listed, number

if TYPE_CHECKING:
    from geoclust.comparison import Comparison

FATE_WORDS: Final = {
    "kept": "The same region, of about the same weight",
    "grown": "The same region, heavier",
    "shrunk": "The same region, lighter",
    "merged": "Several regions of A are one in B",
    "split": "One region of A is several in B",
    "reshuffled": "Parts went apart, and some of them together with parts of others",
    "new": "In B only",
    "gone": "In A only",
}
"""What each fate means, in a sentence."""

MEMBERS: Final = "Share of the weight of both regions' records, counted once, that both hold"


def lede(found: "Comparison") -> str:
    """The comparison in two sentences."""
    counts = found.fate_counts
    a, b = len(found.a.regions), len(found.b.regions)
    if not found.changed:
        return (
            f"Nothing differs: both have the same {counted(a, 'region')}, with the same records, "
            "verdicts and ranks."
        )
    told = [f"{counts[fate]} {fate}" for fate in counts if counts[fate]]
    stayed = number(found.agreement["weight_stayed_share"], "share")
    regions = f"A has {counted(a, 'region')}, B {counted(b, 'region')}"
    fates = f": {listed(told)}" if told else ""
    return (
        f"{regions}{fates}. Of the weight of the records on both sides, {stayed} is where it was."
    )


def agreement_words(found: "Comparison") -> list[str]:
    """How far the partitions agree, and on what it rests."""
    facts = found.agreement
    words = [
        (
            f"Adjusted Rand index {facts['adjusted_rand']:.3f} by records, "
            f"{facts['adjusted_rand_weighted']:.3f} by weight: 1 where both put the same records "
            "together, about 0 where no more than chance does. A record in no region shares one "
            "with nobody, not with the others in none."
        ),
        (
            f"Compared by {counted(facts['records_common'], 'record')} on both sides; "
            f"{facts['records_only_a']:,} are only in A and {facts['records_only_b']:,} only in B. "
            f"Of those on both sides, {facts['noise_a']:,} are in no region of A and "
            f"{facts['noise_b']:,} in none of B."
        ),
    ]
    if facts["records_elsewhere"]:
        words.append(
            f"{counted(facts['records_elsewhere'], 'record')} on both sides stand at other "
            "coordinates in B than in A."
        )
    if facts["records_reweighted"]:
        words.append(
            f"{counted(facts['records_reweighted'], 'record')} weigh something else in B than in "
            "A; what they share is the lesser of both."
        )
    if facts["records_ambiguous"]:
        words.append(
            f"{counted(facts['records_ambiguous'], 'record')} could be several of the other side, "
            "and count as on one side only."
        )
    return words


def story(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What became of one region, in a sentence; `names` by region id.

    Examples
    --------
    >>> row = {"region_a": "x", "region_b": None, "fate": "gone", "also_into": "", "also_from": "",
    ...        "weight_a": 7.0, "a_none": 1.0, "a_others": 0.0, "a_absent": 0.0}
    >>> story(row, {})
    'Gone: its weight of 7 is in no region of B.'
    """
    fate = str(row["fate"])
    start = capital(fate)
    into = [names.get(one, one) for one in _ids(row["also_into"])]
    from_ = [names.get(one, one) for one in _ids(row["also_from"])]
    a, b = isinstance(row["region_a"], str), isinstance(row["region_b"], str)
    if fate == "gone":
        return f"{start}: {_went(row, 'a', 'B')}."
    if fate == "new":
        return f"{start}: {_went(row, 'b', 'A')}."
    if not b:
        return f"{start}: most of it is now in {listed(into)}."
    if not a:
        return f"{start}: it was part of {listed(from_)}."
    before, after = _weight(row, "a"), _weight(row, "b")
    change = f"weight {before}" + (f" to {after}" if after != before else ", as before")
    more = [f"also in {listed(into)}"] if into else []
    more += [f"together with {listed(from_)}"] if from_ else []
    return f"{start}: {'; '.join([*more, change])}."


def _ids(joined: object) -> list[str]:
    return [one for one in str(joined).split("; ") if one]


def _weight(row: Mapping[str, Any], end: str) -> str:
    return number(row[f"weight_{end}"])


def _went(row: Mapping[str, Any], end: str, other: str) -> str:
    """Where the weight of a region that has no other is, or was."""
    tense = "is" if end == "a" else "was"
    ways = (
        ("none", f"{tense} in no region of {other}"),
        ("others", f"{tense} in other regions of {other}"),
        ("absent", f"belongs to records that are not in {other}"),
    )
    shares = {words: row[f"{end}_{way}"] for way, words in ways}
    known = {words: share for words, share in shares.items() if share > 0}
    if len(known) == 1:
        return f"its weight of {_weight(row, end)} {next(iter(known))}"
    told = [f"{number(share, 'share')} {words}" for words, share in known.items()]
    return f"of its weight of {_weight(row, end)}, {listed(told)}" if told else "it has no records"


def names_of(found: "Comparison") -> dict[str, str]:
    """Name of each region of either side, B's where both have the id."""
    return {**found.a.regions["name"].to_dict(), **found.b.regions["name"].to_dict()}
