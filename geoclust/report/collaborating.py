"""Who works with whom: each region's place in the network, and its key partners."""

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geoclust.report.cells import Cell, Column, Sheet, number_cell, region_cell, region_facts
from geoclust.report.profiles import rows_by_region, short_value
from geoclust.report.ties import ties_words
from geoclust.report.words import MISSING, country_words, number, text_or
from geoclust.study.connections import side_of_chance

if TYPE_CHECKING:
    from geoclust.study import Study

Row = dict[str, Any]

NAMED: Final = 3
"""Partners of each kind named in the table; a card names all that the study holds."""

ROLES: Final = {
    "coordinator": "Coordinator",
    "gatekeeper_representative": "Gatekeeper",
    "liaison": "Liaison",
    "itinerant": "Itinerant",
}
ROLE_WORDS: Final = {
    "coordinator": "between two partners of its own country",
    "gatekeeper_representative": "between a partner at home and one abroad",
    "liaison": "between partners of two other countries",
    "itinerant": "between two partners of one other country",
}
MEASURES: Final = ("brokerage", "brokerage_z", "bridgeness", "constraint", "participation")


def chance_words(z: float | None, share: float | None) -> str:
    """Brokerage against rewired networks, in words; judged as the brief judges it.

    Examples
    --------
    >>> chance_words(3.2, 0.01), chance_words(3.2, 0.2), chance_words(None, None)
    ('more than chance would give', 'about what chance would give', 'not compared with chance')
    """
    if z is None or share is None or pd.isna(z) or pd.isna(share):
        return "not compared with chance"
    words = {1: "more than", -1: "less than", 0: "about what"}
    return f"{words[side_of_chance(z, share)]} chance would give"


def network_words(study: "Study") -> str:
    """What the network is made of, in two or three sentences; empty where there is none."""
    if study.network.pairs.empty:
        return ""
    zero = study.network.brokerage_zero_share
    sparse = (
        f" Brokerage ({study.network.brokerage_measure}) is zero for {number(zero, 'share')} of "
        "the regions, as is usual where ties are few."
        if zero > 0
        else ""
    )
    return f"{ties_words(study)}{sparse}".strip()


def partners(study: "Study") -> Sheet:
    """Per region the firms and labs elsewhere with the strongest ties to it."""
    columns = [
        Column("Region"),
        Column("Industry partners", wide=True),
        Column("Research partners", wide=True),
    ]
    facts, found = region_facts(study), _partner_rows(study)
    rows = [
        [
            region_cell(region_id, facts[region_id]),
            *(Cell(_listed(found[region_id][kind])) for kind in ("industry", "research")),
        ]
        for region_id in facts
        if region_id in found
    ]
    return Sheet("partners", "Key partners of each region", columns, rows)


def _partner_rows(study: "Study") -> dict[str, dict[str, list[Row]]]:
    found: dict[str, dict[str, list[Row]]] = {}
    names = dict(zip(study.regions.index.tolist(), study.regions["name"].tolist(), strict=True))
    words = {code: country_words(code) for code in study.key_partners["country"].dropna().unique()}
    for row in study.key_partners.to_dict("records"):
        kinds = found.setdefault(str(row["region_id"]), {"industry": [], "research": []})
        kinds[str(row["partner_kind"])].append(
            {
                "name": text_or(row["name"], str(row["record_id"])),
                "home": str(
                    names.get(row["node"]) or words.get(row["country"]) or "country unknown"
                ),
                "pair_count": row["pair_count"],
            }
        )
    return found


def _listed(rows: list[Row]) -> str:
    named = [f"{row['name']} ({row['home']})" for row in rows[:NAMED]]
    more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    return ("; ".join(named) + more) or MISSING


def places(study: "Study") -> Sheet:
    """Each region's ties, brokerage and roles; heaviest first, without those that have none."""
    columns = [
        Column("Region"),
        Column("Inside", "number", "tied pairs"),
        Column("Leading out", "number", "tied pairs"),
        Column("With a firm", "number", "tied pairs"),
        Column("Brokerage", "number"),
        Column("z", "number", "against chance"),
        Column("Bridgeness", "number"),
        Column("Constraint", "number", "small is free"),
        Column("Participation", "number", "0 to 1"),
        *(Column(word, "number", "pairs of partners") for word in ROLES.values()),
    ]
    facts = region_facts(study)
    rows = [
        [
            region_cell(region_id, facts[region_id]),
            *(number_cell(row[f"{kind}_tie_count"], "count") for kind in KINDS),
            *(number_cell(row[name], "fixed" if name == "brokerage_z" else "ratio")
              for name in MEASURES),
            *(number_cell(row[role], "count") for role in ROLES),
        ]
        for region_id, row in rows_by_region(study.network_measures).items()
        if not pd.isna(row["internal_tie_count"])
        and row["internal_tie_count"] + row["external_tie_count"] > 0
    ]  # fmt: skip
    return Sheet("places", "Each region’s place in the network", columns, rows)  # noqa: RUF001


KINDS: Final = ("internal", "external", "industry")


def network_cards(study: "Study") -> dict[str, Row]:
    """Per region with ties: its measures and its key partners, for its card."""
    named = _partner_rows(study)
    found: dict[str, Row] = {}
    for region_id, row in rows_by_region(study.network_measures).items():
        external = row["external_tie_count"]
        if pd.isna(external) or row["internal_tie_count"] + external == 0:
            continue
        found[region_id] = {
            "ties": [short_value(row[f"{kind}_tie_count"]) for kind in KINDS],
            "measures": [short_value(row[name]) for name in MEASURES],
            "chance": chance_words(row["brokerage_z"], row["brokerage_null_share"]),
            "roles": [short_value(row[role]) for role in ROLES],
            "partners": {
                kind: [[one["name"], one["home"], one["pair_count"]] for one in rows]
                for kind, rows in named.get(region_id, {}).items()
                if rows
            },
        }
    return found
