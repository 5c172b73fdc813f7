"""A short brief of each region, made from its numbers and from nothing else.

It says what the region is and by what margin, what its capability is made of, what carries it and
what holds it back, what it lacks, which clusters its ties connect, and where the evidence is thin
or missing.  Every number is one of the study's tables, rounded; what is missing is called unknown.
"""

from typing import TYPE_CHECKING, Final

import pandas as pd

from geoclust.schema import KINDS
from geoclust.study.connections import (
    say_chance,
    say_connected,
    say_partners,
    say_roles,
    say_ties,
)
from geoclust.study.facts import Facts, Row
from geoclust.study.wording import amount, counted, country, label, listed, missing

if TYPE_CHECKING:
    from geoclust.study.outcome import Study

MOST_PULLS: Final = 2
"""Indicators named as carrying a region, and as holding it back."""

DENSITY: Final = "activity_density_per_100km2"
STATUS: Final = {
    "cluster": "a cluster",
    "quasi-cluster": "a quasi-cluster",
    "none": "neither a cluster nor a quasi-cluster",
}


def write_briefs(study: "Study") -> pd.Series:
    """Describe each region in a few plain sentences.

    Parameters
    ----------
    study
        A study; left unchanged.

    Returns
    -------
    Series
        Text by `region_id`, in the order of `study.regions`; plain text, not markup, with a line
        for what it is, what carries it, what it lacks, whom it is tied to and what is uncertain.

    Examples
    --------
    >>> import geoclust as gc, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder, seed=1)
    ...     brief = write_briefs(gc.run_study(folder)).iloc[0]
    >>> brief.partition(".")[0]
    'Sinfin-Derby is a cluster in the United Kingdom: 14 firms, 4 labs and 24 patents at 42 places'
    """
    facts = Facts(study)
    texts = {region_id: _brief(facts, region_id) for region_id in facts.regions}
    return pd.Series(texts, index=study.regions.index, dtype="str", name="brief")


def _brief(facts: "Facts", region_id: str) -> str:
    paragraphs = (
        (_identity, _margins),
        (_criteria, _pulls),
        (_gap,),
        (say_ties, say_connected, say_roles, say_partners, say_chance),
        (_evidence,),
    )
    texts = [
        " ".join(filter(None, (say(facts, region_id) for say in about))) for about in paragraphs
    ]
    return "\n".join(filter(None, texts))


def _identity(facts: Facts, region_id: str) -> str:
    region, judged = facts.regions[region_id], facts.judged[region_id]
    what = STATUS[judged["status"]]
    if not missing(judged["tier"]):
        what += f" of tier {int(judged['tier'])}"
    counts = {kind: facts.measured[region_id][f"{kind}_count"] for kind in KINDS}
    parts = [
        counted(int(count), kind)
        for kind, count in counts.items()
        if not missing(count) and count > 0
    ]
    members = listed(parts) if parts else counted(int(region["record_count"]), "record")
    codes = [] if missing(region["countries"]) else region["countries"].split(";")
    where = f" in {listed([country(code) for code in codes])}" if codes else ""
    places = counted(int(region["location_count"]), "place")
    return f"{facts.name(region_id)} is {what}{where}: {members} at {places}."


def _margins(facts: Facts, region_id: str) -> str:
    tests = {row["test"]: row for row in facts.tests[region_id]}
    dense, able = tests["cluster density"], tests["cluster capability"]
    unit = "weighted records per 100 km²"
    density = (
        "Its activity density is unknown"
        if missing(dense["value"])
        else f"Its activity density, {dense['value']:.2f} {unit}, is {_margin(dense)}"
    )
    return (
        f"{density} the bar of a cluster, {dense['bar']:g}; "
        f"its capability, {able['value']:.2f}, is {_margin(able)} the bar, {able['bar']:g}."
    ).replace("unknown the bar of a cluster,", "unknown; the bar of a cluster is")


def _margin(test: Row) -> str:
    percent = round(100 * test["margin"])
    if percent == 0:
        return "at" if test["passed"] else "just below"
    return f"{abs(percent):,} % {'above' if percent > 0 else 'below'}"


def _criteria(facts: Facts, region_id: str) -> str:
    """What capability asks for, by how much of it is there."""
    groups: dict[str, list[str]] = {"full": [], "part": [], "none": [], "unknown": []}
    for row in facts.criteria[region_id]:
        indicator = facts.asked[row["criterion"]]
        if row["missing"]:
            groups["unknown"].append(row["criterion"])
            continue
        level = "full" if row["share"] >= 1 else "part" if row["share"] > 0 else "none"
        wanted = amount(row["target"], indicator)
        groups[level].append(
            f"{row['criterion']} ({amount(row['value'], indicator)}, target {wanted})"
        )
    endings = {
        "full": "in full",
        "part": "in part",
        "none": "not at all",
        "unknown": "unknown and counted as nothing",
    }
    said = [f"{endings[level]}, {listed(names)}" for level, names in groups.items() if names]
    return f"Of what capability asks for it has: {'; '.join(said)}." if said else ""


def _pulls(facts: Facts, region_id: str) -> str:
    """What carries a ranked region among its like, and what holds it back."""
    status = facts.judged[region_id]["status"]
    rows = facts.pulls.get(status, {}).get(region_id, [])
    known = [row for row in rows if not row["missing"]]
    up = sorted((row for row in known if row["contribution"] > 0), key=_by_size)[:MOST_PULLS]
    down = sorted((row for row in known if row["contribution"] < 0), key=_by_size)[:MOST_PULLS]
    parts = [
        f"{words} {listed([_valued(facts, row) for row in chosen])}"
        for words, chosen in (("carried most by", up), ("held back most by", down))
        if chosen
    ]
    field = "clusters" if status == "cluster" else "clusters and quasi-clusters"
    return f"Among {field} it is {', and '.join(parts)}." if parts else ""


def _by_size(row: Row) -> tuple[float, str]:
    return -abs(row["contribution"]), str(row["indicator"])


def _valued(facts: Facts, row: Row) -> str:
    name = str(row["indicator"])
    thin = facts.measured[str(row["region_id"])].get(f"{name}_evidence") == "thin"
    return f"{label(name)} ({amount(row['value'], name)}{', thin evidence' if thin else ''})"


def _gap(facts: Facts, region_id: str) -> str:
    gap = facts.gaps.get(region_id)
    if gap is None:
        return ""
    summary = str(gap["summary"])
    if missing(gap["cost"]):
        return f"What it lacks to be a cluster: {summary}."
    lacks = f"What it lacks to be a cluster, with its membership held: {summary}."
    told = "" if missing(gap["survival"]) else str(gap["survival"])
    if missing(gap["survives"]):
        return f"{lacks} Whether it would hold when clustered again is unknown ({told})."
    if not gap["survives"]:
        return f"{lacks} Clustered again with that, it would not be one ({told})."
    return f"{lacks} Clustered again with that, it would be one ({told})."


def _evidence(facts: Facts, region_id: str) -> str:
    """What rests on little, and what is not known."""
    measured = facts.measured[region_id]
    thin = [name for name in facts.scored if measured.get(f"{name}_evidence") == "thin"]
    asked = [*(f"{kind}_count" for kind in KINDS), *facts.asked.values(), *facts.scored]
    unknown = [name for name in dict.fromkeys(asked) if missing(measured.get(name))]
    said = []
    if thin:
        said.append(f"Evidence is thin for {listed([label(name) for name in thin])}.")
    firms, disclosed = measured["firm_count"], measured["funding_disclosed_count"]
    if not missing(firms) and not missing(disclosed) and 0 < disclosed < firms:
        said.append(f"Funding is known for {int(disclosed):,} of {counted(int(firms), 'firm')}.")
    if measured.get("gdp_estimated") is True:
        said.append("GDP is estimated.")
    if unknown:
        said.append(f"Unknown: {listed([label(name) for name in unknown])}.")
    if facts.judged[region_id]["undetermined"]:
        said.append("What is missing could change its status.")
    if made := facts.simulated.get(region_id, 0):
        said.append(
            f"{counted(int(made), 'record')} of it {'is' if made == 1 else 'are'} simulated."
        )
    return " ".join(said)
