"""What a brief says of a region's ties: whom they reach, what it connects, whether by chance.

"Connects" is meant strictly: the region is tied to both and they are not tied to each other.
Brokerage is called beyond chance only where both signs agree: two standard deviations from the
mean of the rewired networks, and at most one in twenty of these (whose values are skewed) so far.
"""

from itertools import combinations
from typing import Final

from geoclust.study.facts import Facts, Row
from geoclust.study.wording import counted, country, listed, missing

MOST_NAMED: Final = 3
"""Clusters, or pairs of clusters, named among those a region has ties to."""

FAR: Final = 2.0
"""Standard deviations from the mean of rewired networks that chance seldom gives."""

SELDOM: Final = 0.05
"""Share of rewired networks that is called seldom."""

ROLES: Final = {
    "coordinator": "both in its own country",
    "gatekeeper_representative": "with one in its own country and one abroad",
    "itinerant": "both in one other country",
    "liaison": "in two other countries",
}
"""Where the two lie that a region stands between."""


def say_ties(facts: Facts, region_id: str) -> str:
    """Which other clusters a region's ties lead to."""
    measured = facts.measured[region_id]
    if missing(measured["tie_count"]):
        return "Its ties are unknown."
    total, outside = int(measured["tie_count"]), int(measured["external_tie_count"])
    if not total:
        return "No tie of its organisations is on record."
    pairs = _pairs(total, outside)
    inside = region_id in facts.clusters
    other = "other " if inside else ""
    others = facts.clusters - {region_id}
    linked = [(name, count) for name, count in facts.partners.get(region_id, []) if name in others]
    if not others or not outside:
        return f"{pairs}."
    if not linked:
        which = "another cluster" if inside else "a cluster"
        return f"{pairs}, {'not' if outside == 1 else 'none'} to {which}."
    named = [f"{facts.name(name)} ({count:,})" for name, count in linked[:MOST_NAMED]]
    reached = f"{len(linked)} of the {counted(len(others), f'{other}cluster')}"
    verb = "it reaches" if outside == 1 else "they reach"
    most = "most to" if len(linked) > len(named) else "to"
    return f"{pairs}; {verb} {reached}, {most} {listed(named)}."


def _pairs(total: int, outside: int) -> str:
    if total == 1:
        return f"Its 1 tied pair {'leads out of' if outside else 'lies inside'} the region"
    verb = "leads" if outside == 1 else "lead"
    some = f"{outside:,}" if outside else "none"
    return f"Of its {total:,} tied pairs, {some} {verb} out of the region"


def say_connected(facts: Facts, region_id: str) -> str:
    """Which other clusters a region connects that are not tied to each other."""
    others = facts.clusters - {region_id}
    linked = [name for name, _ in facts.partners.get(region_id, []) if name in others]
    if len(linked) < 2:  # noqa: PLR2004 - two to connect
        return ""
    tied = {name: {other for other, _ in facts.partners.get(name, [])} for name in linked}
    pairs = [(a, b) for a, b in combinations(linked, 2) if b not in tied[a]]
    if not pairs:
        return "These are tied to each other as well."
    if len(pairs) > MOST_NAMED:
        return f"It connects {len(pairs):,} pairs of clusters that have no tie to each other."
    named = [f"{facts.name(a)} with {facts.name(b)}" for a, b in pairs]
    return f"It connects {listed(named)}, which have no tie to each other."


def say_roles(facts: Facts, region_id: str) -> str:
    """How many pairs of nodes a region stands between, and where most of these lie."""
    measured = facts.connected[region_id]
    if any(missing(measured[role]) for role in ROLES):
        return ""
    counts = {role: int(measured[role]) for role in ROLES}
    total = sum(counts.values())
    if not total:
        return ""
    nodes = f"{counted(total, 'pair')} of regions or countries"
    said = f"In the whole network it stands between {nodes} that have no tie to each other"
    role = max(counts, key=lambda name: counts[name])
    if 2 * counts[role] <= total:
        return f"{said}."
    some = "" if total == 1 else "all " if counts[role] == total else f"{counts[role]:,} of them "
    return f"{said}, {some}{ROLES[role]}."


def say_partners(facts: Facts, region_id: str) -> str:
    """The one lab and the one firm elsewhere that a region works with most, if there is one."""
    rows = facts.collaborators.get(region_id, [])
    said = []
    for kind in ("research", "industry"):
        mine = [row for row in rows if row["partner_kind"] == kind]
        if len(mine) > 1 and mine[1]["rank"] > 1:
            said.append(f"in {kind}, to {_partner(facts, mine[0])}")
    return f"Elsewhere it is closest, {' and, '.join(said)}." if said else ""


def _partner(facts: Facts, row: Row) -> str:
    name = row["record_id"] if missing(row["name"]) else row["name"]
    node = str(row["node"])
    where = ""
    if node in facts.regions:
        where = f" in {facts.name(node)}"
    elif not missing(row["country"]):
        where = f" in {country(row['country'])}"
    pairs = counted(int(row["pair_count"]), "pair")
    return f"{name}{where} ({pairs})"


def side_of_chance(z: float, share: float) -> int:
    """1 where brokerage is beyond what chance gives, -1 where it is below, else 0.

    Both must say so: the distance from the mean of the rewired networks, in their standard
    deviations, and the share of them that reach the value.

    Examples
    --------
    >>> side_of_chance(3.0, 0.01), side_of_chance(3.0, 0.2), side_of_chance(-2.5, 0.99)
    (1, 0, -1)
    """
    if z >= FAR and share <= SELDOM:
        return 1
    return -1 if z <= -FAR and share >= 1 - SELDOM else 0


def say_chance(facts: Facts, region_id: str) -> str:
    """Whether a region's brokerage is more than its number of partners would give by chance."""
    measured = facts.connected[region_id]
    z, share = measured["brokerage_z"], measured["brokerage_null_share"]
    if missing(z) or missing(share) or not measured["brokerage"]:
        return ""
    side = side_of_chance(z, share)
    verdict = {1: "beyond", -1: "below", 0: "within"}[side] + " what chance gives"
    reach = round(share * facts.rewirings)
    return (
        f"Its brokerage is {verdict} a region with as many partners: "
        f"{reach:,} of {facts.rewirings:,} rewired networks reach it (z {round(z, 1) + 0.0:.1f})."
    )
