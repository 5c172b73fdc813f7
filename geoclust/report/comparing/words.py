"""How a comparison says things: fates, flows, one sentence per region."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from geoclust.comparison.standing import SAME_GROUND
from geoclust.report.words import capital, counted, listed, number

if TYPE_CHECKING:
    import pandas as pd

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

MOST_REDRAWN: Final = 3
"""Footprints named of those that moved; all are in fates.csv."""

MEMBERS: Final = "Share of the weight of both regions' records, counted once, that both hold"


def lede(found: "Comparison") -> str:
    """The comparison in two sentences."""
    counts = found.fate_counts
    a, b = len(found.a.regions), len(found.b.regions)
    if not found.changed:
        same = f"both have the same {counted(a, 'region')}, with the same records, verdicts"
        if len(found.redrawn):
            return f"Only footprints differ: {same} and ranks. {ground_words(found)}"
        return f"Nothing differs: {same}, ranks and footprints."
    told = [f"{counts[fate]} {fate}" for fate in counts if counts[fate]]
    stayed = number(found.agreement["weight_stayed_share"], "share")
    regions = f"A has {counted(a, 'region')}, B {counted(b, 'region')}"
    fates = f": {listed(told)}" if told else ""
    return (
        f"{regions}{fates}. Of the weight of the records on both sides, {stayed} is where it was."
    )


def ground_words(found: "Comparison") -> str:
    """Which footprints of regions on both sides were drawn anew, and how much ground that is."""
    redrawn, both = found.redrawn, found.fates["jaccard_footprints"].notna()
    if redrawn.empty:
        return f"Footprints: all {counted(int(both.sum()), 'region')} on both sides have the same."
    of_a, of_b = (math.fsum(found.fates.loc[both, f"area_{end}_km2"]) for end in "ab")
    common = math.fsum(map(_common_km2, plain_dicts(found.fates[both])))
    most = [_redrawn(row) for row in plain_dicts(redrawn.head(MOST_REDRAWN))]
    return (
        f"Of {counted(int(both.sum()), 'region')} on both sides, {len(redrawn):,} "
        f"{'has' if len(redrawn) == 1 else 'have'} another footprint: {of_a:,.0f} km2 of ground in "
        f"A, {of_b:,.0f} in B, {number(common / (of_a + of_b - common), 'share')} of both in "
        f"common. {'Most moved' if len(redrawn) > 1 else 'It is'}: {listed(most)}."
    )


def _common_km2(row: Mapping[str, Any]) -> float:
    share = float(row["jaccard_footprints"])
    return float((row["area_a_km2"] + row["area_b_km2"]) * share / (1 + share))


def _redrawn(row: Mapping[str, Any]) -> str:
    return f"{row['name']} ({_ground(row)})"


def _ground(row: Mapping[str, Any]) -> str:
    common = number(row["jaccard_footprints"], "share")
    return f"{row['area_a_km2']:,.0f} to {row['area_b_km2']:,.0f} km2, {common} in common"


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
    if found.changed:  # else the first sentence has said so
        words.append(ground_words(found))
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
    redrawn = row.get("jaccard_footprints", 1.0) < SAME_GROUND
    ground = [f"footprint {_ground(row)}"] if redrawn else []
    return f"{start}: {'; '.join([*more, change, *ground])}."


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


def plain_dicts(table: "pd.DataFrame") -> list[dict[str, Any]]:
    """Rows as dictionaries by column name."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
