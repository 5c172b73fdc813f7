"""What a region's card shows beside its own numbers: standing, peers, partners, doubt."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from geoclust.report.collaborating import ROLE_WORDS, ROLES, network_cards
from geoclust.report.profiles import rows_by_region, short_value
from geoclust.report.words import capital, label_of, spaced, style_of, text_or

if TYPE_CHECKING:
    import pandas as pd

    from geoclust.robustness import Robustness
    from geoclust.study import Study

Row = dict[str, Any]

PEERS: Final = 3
"""Benchmark peers on a card."""

STATUS_COLUMNS: Final = ("cluster", "quasi_cluster", "none", "vanished")
SIDES: Final = ("ahead", "behind")


def card_words(study: "Study", robustness: "Robustness | None" = None) -> Row:
    """What all cards have alike: names and medians of the profile, scale of the rank ranges."""
    profiles = study.profiles
    one = profiles[profiles["region_id"] == next(iter(profiles["region_id"]), None)]
    found: Row = {
        "profile": [_bar(row) for row in one.to_dict("records")],
        "roles": [[name, ROLE_WORDS[role]] for role, name in ROLES.items()],
        "doubt": None,
    }
    if robustness is not None:
        last = float(robustness.ranks["high"].max()) if len(robustness.ranks) else 1.0
        found["doubt"] = {"draws": len(robustness.draws), "last": last}
    return found


def _bar(row: Mapping[Any, Any]) -> Row:
    name = text_or(row["indicator"])
    return {
        "label": label_of(name) if name else capital(spaced(str(row["dimension"]))),
        "indicator": name,
        "style": style_of(name) if name else "",
        "median": short_value(row["median"]),
        "middle": short_value(row["median_standing"]),
    }


def card_rows(study: "Study", robustness: "Robustness | None" = None) -> dict[str, Row]:
    """What each card shows, by region."""
    standings = _standings(study.profiles)
    peers = _peers(study)
    doubts, networks = _doubts(robustness), network_cards(study)
    return {
        region_id: {
            "profile": standings.get(region_id, []),
            "peers": peers.get(region_id, []),
            **({"network": networks[region_id]} if region_id in networks else {}),
            **({"doubt": doubts[region_id]} if region_id in doubts else {}),
        }
        for region_id in map(str, study.regions.index)
    }


def _standings(profiles: "pd.DataFrame") -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for region_id, standing in zip(
        profiles["region_id"].tolist(), profiles["standing"].tolist(), strict=True
    ):
        found.setdefault(region_id, []).append(short_value(standing))
    return found


def _peers(study: "Study") -> dict[str, list[list[Any]]]:
    """The nearest clusters: id, distance, where they are ahead, where behind."""
    found: dict[str, list[list[Any]]] = {}
    for row in study.peers[study.peers["place"] <= PEERS].to_dict("records"):
        leads = [[name for name in text_or(row[side]).split(";") if name] for side in SIDES]
        found.setdefault(row["region_id"], []).append(
            [row["peer"], short_value(row["distance"]), *leads]
        )
    return found


def _doubts(robustness: "Robustness | None") -> dict[str, Row]:
    if robustness is None:
        return {}
    status = rows_by_region(robustness.status)
    names = ("median", "low", "high", "top_ten", "ranked", "median_if_ranked", "off_centre")
    return {
        region_id: {
            **{name: short_value(row[name]) for name in names},
            "own": short_value(row["study"]),
            "status": [short_value(status[region_id][name]) for name in STATUS_COLUMNS],
        }
        for region_id, row in rows_by_region(robustness.ranks).items()
    }
