"""What each number is called, its unit, its formula in words, and where its definition is from.

Indicators are described by the catalogue; here stand the columns of the results that are none.
"""

from typing import TYPE_CHECKING, Final, NamedTuple

from geoclust.catalogue import ECIPE, INDICATORS, OWN
from geoclust.explanation.alike import PEER, split
from geoclust.explanation.drawn import DRAWS
from geoclust.explanation.evidence import GAP

if TYPE_CHECKING:
    from geoclust.explanation.evidence import Evidence

HDBSCAN: Final = "Campello, Moulavi, Zimek and Sander 2015, ACM TKDD 10(1); formula as stated here"
HANDBOOK: Final = "OECD/JRC Handbook on Constructing Composite Indicators (2008); as stated here"
JENSEN: Final = "Jensen et al. 2015, Journal of Complex Networks 4(3); with weights"
BURT: Final = "Burt 1992, Structural Holes, chapter 2"
GUIMERA: Final = "Guimerà and Amaral 2005, Nature 433; countries as modules"
ROLES: Final = "Gould and Fernandez 1989, Sociological Methodology 19; without direction"
MASLOV: Final = "Maslov and Sneppen 2002, Science 296"


class Meaning(NamedTuple):
    """What a number is."""

    label: str
    unit: str
    formula: str
    source: str = OWN


COLUMNS: Final = {
    "name": Meaning("name", "text", "the place that carries most of the region's weight, and a "
                    "second one with at least half as much"),
    "country": Meaning("country", "ISO alpha-2", "country of most of the weight"),
    "countries": Meaning("countries", "ISO alpha-2", "countries of its members, most weight first"),
    "longitude": Meaning("longitude", "degrees", "of the heaviest location"),
    "latitude": Meaning("latitude", "degrees", "of the heaviest location"),
    "weight": Meaning("weight", "weighted records", "sum of kind weight x weight over records"),
    "record_count": Meaning("records", "records", "members of the region"),
    "location_count": Meaning("locations", "places", "distinct coordinates of its members"),
    "persistence": Meaning("persistence", "share, 0 to 1",
                           "1 - (mean length down to which its records hold together) / (length "
                           "at its birth)", HDBSCAN),
    "birth_km": Meaning("birth", "km", "length at which the region separates from the rest",
                        HDBSCAN),
    "extent_km": Meaning("extent", "km", "greatest great-circle distance between two members"),
    "label_longitude": Meaning("longitude of the label", "degrees",
                               "of a point inside the footprint's largest part"),
    "label_latitude": Meaning("latitude of the label", "degrees",
                              "of a point inside the footprint's largest part"),
    "status": Meaning("status", "cluster, quasi-cluster or none",
                      "cluster: both cluster bars passed; quasi-cluster: both quasi bars passed"),
    "tier": Meaning("tier", "1 or 2", "of a quasi-cluster: 1 if it passes one cluster bar, else 2"),
    "capability": Meaning("capability", "share, 0 to 1",
                          "weighted mean over the criteria of min(1, value / target); a criterion "
                          "without data counts as 0"),
    "capability_upper": Meaning("greatest capability", "share, 0 to 1",
                                "as capability, a criterion without data counting as 1"),
    "undetermined": Meaning("undetermined", "yes or no",
                            "whether missing data, counted in full, would change the status"),
    "rank": Meaning("rank", "place, 1 best", "competition rank of the total score", HANDBOOK),
    "rank_label": Meaning("rank as shown", "text", "the rank, with = where it is shared", HANDBOOK),
    "mean_rank": Meaning("total score", "mean rank by default",
                         "normalised indicators (or scores of dimensions), weighted and put "
                         "together", HANDBOOK),
    "missing_count": Meaning("missing indicators", "indicators",
                             "scored indicators that are missing here"),
    "scoring_note": Meaning("note on scoring", "text", "dimensions that are not scored, and why"),
    "thin": Meaning("thin indicators", "text", "scored indicators flagged thin here"),
    "evidence": Meaning("evidence of the rank", "thin or ample",
                        "thin where a third or more of the weight rests on thin or missing values"),
    "population_basis": Meaning("basis of population", "text", "which places were added"),
    "gdp_basis": Meaning("basis of GDP", "text", "which places were added"),
    "gdp_estimated": Meaning("GDP estimated", "yes or no",
                             "whether a place's GDP is population x GDP per head"),
    "brokerage_z": Meaning("brokerage against chance", "standard deviations",
                           "(brokerage - mean of rewired networks) / their deviation", MASLOV),
    "brokerage_null_mean": Meaning("brokerage by chance", "as brokerage",
                                   "mean over the rewired networks", MASLOV),
    "brokerage_null_share": Meaning("rewired networks that reach it", "share, 0 to 1",
                                    "share of rewired networks with at least its brokerage",
                                    MASLOV),
    "bridgeness": Meaning("bridgeness", "paths per pair of other regions",
                          "as brokerage, of pairs outside its neighbourhood only", JENSEN),
    "constraint": Meaning("constraint", "0 free, 1 and more bound",
                          "sum over partners j of (p_ij + sum over q of p_iq p_qj)²", BURT),
    "participation": Meaning("participation", "share, 0 to 1",
                             "1 - sum over countries of squared shares of its external tie weight",
                             GUIMERA),
    "coordinator": Meaning("coordinator", "pairs", "pairs of its partners not tied to each other, "
                           "all three in one country", ROLES),
    "itinerant": Meaning("itinerant", "pairs", "pairs of its partners not tied to each other, both "
                         "in one other country", ROLES),
    "gatekeeper_representative": Meaning("gatekeeper or representative", "pairs",
                                         "pairs of its partners not tied to each other, one in its "
                                         "country, one abroad", ROLES),
    "liaison": Meaning("liaison", "pairs", "pairs of its partners not tied to each other, three "
                       "countries", ROLES),
    "membership": Meaning("membership", "share, 0 to 1",
                          "life of the record in its region over the longest life there", HDBSCAN),
}  # fmt: skip

GAPS: Final = {
    "firms": "more firms", "labs": "more labs", "patents": "more patents",
    "funding_usd": "more disclosed funding, USD", "cost": "cost, in units of one firm",
    "density_after": "activity density after", "capability_after": "capability after",
    "summary": "in words", "survives": "survives clustering again",
    "survival": "what changes then",
}  # fmt: skip
SAME: Final = {"score": "mean_rank", "note": "scoring_note"}
ENDS: Final = {
    "low": ("lower bound", "95 % interval, {interval}"),
    "high": ("upper bound", "95 % interval, {interval}"),
    "evidence": ("evidence", "thin where it rests on fewer than indicators.min_evidence cases"),
    "observed": ("as observed", "{formula}"),
    "own_weight": ("weight of its own ratio", "how far the estimate is the region's own, 0 to 1"),
}


def meaning_of(evidence: "Evidence", name: str) -> Meaning:
    """What a number is, in words."""
    known = INDICATORS.get(name)
    if known:
        formula = known.formula
        if evidence.config.indicators.shrinkage and known.interval:
            formula = f"empirical Bayes estimate of {formula}"
        return Meaning(known.label, known.unit, formula, known.source)
    if SAME.get(name, name) in COLUMNS:
        return COLUMNS[SAME.get(name, name)]
    if name.startswith(GAP):
        what = GAPS[name.removeprefix(GAP)]
        return Meaning(f"gap: {what}", "", "the cheapest additions that pass both cluster bars")
    return _of_peer(name) or _of_draws(name) or _of_indicator(name) or _of_ranking(name)


def _of_peer(name: str) -> Meaning | None:
    """Of a number about a benchmark peer."""
    if not name.startswith(PEER):
        return None
    place, field = split(name)
    label, unit, formula = PEERS[field]
    return Meaning(f"peer {place}: {label}", unit, formula)


def _of_draws(name: str) -> Meaning | None:
    """Of a number about the draws."""
    if not name.startswith(DRAWS):
        return None
    unit, formula = FIRMNESS[name.removeprefix(DRAWS)]
    return Meaning(f"draws: {name.removeprefix(DRAWS).replace('_', ' ')}", unit, formula, HANDBOOK)


PEERS: Final = {
    "": ("cluster most like it", "region", "the cluster at the least distance but those before"),
    "distance": ("distance", "standard deviations",
                 "root of the weighted mean of squared differences in what both have"),
    "shared_count": ("indicators compared", "indicators", "indicators that both have"),
    "ahead": ("where the peer is ahead", "indicators", "by at least half a standard deviation"),
    "behind": ("where the peer is behind", "indicators", "by at least half a standard deviation"),
}  # fmt: skip
FIRMNESS: Final = {
    **{name: ("share of draws", f"share of draws in which it is {words}") for name, words in (
        ("cluster", "a cluster"), ("quasi_cluster", "a quasi-cluster"), ("none", "neither"),
        ("vanished", "no region"), ("same", "judged as in the study"),
        ("top_ten", "among the ten best"), ("ranked", "ranked"))},
    "median": ("place", "middle rank of all draws; without a rank it is one behind all ranked"),
    "low": ("place", "rank that 5 % of the draws do not exceed"),
    "high": ("place", "rank that 95 % of the draws do not exceed"),
    "median_if_ranked": ("place", "middle rank of the draws that rank it"),
    "shift": ("places", "median rank less the rank in the study"),
    "off_centre": ("yes or no", "whether over three quarters of the draws lie on one side"),
}  # fmt: skip


def _of_indicator(name: str) -> Meaning | None:
    """Of a column that goes with a ratio."""
    for end, (label, formula) in ENDS.items():
        whole = INDICATORS.get(name.removesuffix(f"_{end}"))
        if whole and name != whole.name:
            filled = formula.format(interval=whole.interval, formula=whole.formula)
            return Meaning(f"{whole.label}: {label}", whole.unit, filled)
    return None


def _of_ranking(name: str) -> Meaning:
    """Of a column of the ranking."""
    for end, formula in (
        ("rank_label", "its rank, with = where it is shared"),
        ("score", "its indicators, normalised, weighted and put together"),
        ("evidence", "thin where a third or more of its weight rests on thin or missing values"),
        ("rank", "competition rank among the clusters; rescaled by N / (m + 1) where incomplete"),
    ):
        if name.endswith(f"_{end}"):
            what = name.removesuffix(f"_{end}")
            label = INDICATORS[what].label if what in INDICATORS else what.replace("_", " ")
            source = ECIPE if end == "score" else HANDBOOK
            return Meaning(f"{label}: {end.replace('_', ' ')}", "", formula, source)
    return Meaning(name, "", "")
