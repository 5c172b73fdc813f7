"""A short brief of each region, made from its numbers and from nothing else.

It says what the region is and by what margin, what its capability is made of, what carries it and
what holds it back, what it lacks, which clusters its ties lead to, and where the evidence is thin
or missing.  Every number is one of the study's tables, rounded; what is missing is called unknown.
"""

import math
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geoclust.catalogue import INDICATORS
from geoclust.errors import ParameterError
from geoclust.gazetteer import country_name
from geoclust.schema import KINDS

if TYPE_CHECKING:
    from geoclust.study.run import Study

Row = dict[str, Any]

MOST_NAMED: Final = 3
"""Clusters named among those a region has ties to."""

MOST_PULLS: Final = 2
"""Indicators named as carrying a region, and as holding it back."""

DENSITY: Final = "activity_density_per_100km2"
COUNT_UNITS: Final = ("firms", "labs", "patents", "organisations", "people", "pairs of", "kinds")
SCALES: Final = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"))
WITH_ARTICLE: Final = frozenset(
    {"Bahamas", "Czech Republic", "Dominican Republic", "Gambia", "Maldives", "Netherlands"}
    | {"Central African Republic", "Comoros", "Marshall Islands", "Philippines", "Seychelles"}
    | {"Solomon Islands", "Faroe Islands", "Cayman Islands"}
)
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
    facts = _Facts(study)
    texts = {region_id: _brief(facts, region_id) for region_id in facts.regions}
    return pd.Series(texts, index=study.regions.index, dtype="str", name="brief")


def _brief(facts: "_Facts", region_id: str) -> str:
    paragraphs = (
        (_identity, _margins),
        (_criteria, _pulls),
        (_gap,),
        (_ties,),
        (_evidence,),
    )
    texts = [
        " ".join(filter(None, (say(facts, region_id) for say in about))) for about in paragraphs
    ]
    return "\n".join(filter(None, texts))


class _Facts:
    """The tables of a study as rows by region."""

    def __init__(self, study: "Study") -> None:
        judged = study.classification
        self.regions = _rows(study.regions.drop(columns="geometry"))
        self.judged = _rows(judged.table)
        self.measured = _rows(study.indicators)
        self.gaps = _rows(study.gaps)
        self.tests = _lists(judged.tests)
        self.criteria = _lists(judged.criteria)
        self.asked = {one.name: one.indicator for one in judged.thresholds.criteria}
        self.scored = [spec.name for spec in study.scores.framework.indicators]
        self.clusters = set(map(str, judged.is_cluster.index[judged.is_cluster]))
        self.pulls = {
            "cluster": _lists(study.scores.contributions),
            "quasi-cluster": _lists(study.shadow.contributions),
        }
        self.partners = _partners(study)
        simulated = study.clustering.region_of[study.inputs.records["simulated"]]
        self.simulated = simulated.value_counts().to_dict()


def _rows(table: pd.DataFrame) -> dict[str, Row]:
    cells = zip(*(table[name].tolist() for name in table), strict=True)
    names = [str(name) for name in table]
    return {
        str(region_id): dict(zip(names, row, strict=True))
        for region_id, row in zip(table.index, cells, strict=True)
    }


def _lists(table: pd.DataFrame) -> dict[str, list[Row]]:
    """Rows of a long table by region, in its order."""
    found: dict[str, list[Row]] = {}
    for row in table.to_dict("records"):
        found.setdefault(str(row["region_id"]), []).append({str(k): v for k, v in row.items()})
    return found


def _partners(study: "Study") -> dict[str, list[tuple[str, int]]]:
    """The other regions each has ties to, most tied pairs first, with their number."""
    found: dict[str, list[tuple[str, int]]] = {}
    edges = study.network.edges
    regions = set(study.regions.index)
    for a, b, count in zip(edges["node_a"], edges["node_b"], edges["pair_count"], strict=True):
        if a in regions and b in regions:
            found.setdefault(str(a), []).append((str(b), int(count)))
            found.setdefault(str(b), []).append((str(a), int(count)))
    return {name: sorted(pairs, key=lambda one: (-one[1], one[0])) for name, pairs in found.items()}


def _identity(facts: _Facts, region_id: str) -> str:
    region, judged = facts.regions[region_id], facts.judged[region_id]
    what = STATUS[judged["status"]]
    if not _missing(judged["tier"]):
        what += f" of tier {int(judged['tier'])}"
    counts = {kind: facts.measured[region_id][f"{kind}_count"] for kind in KINDS}
    parts = [
        counted(int(count), kind)
        for kind, count in counts.items()
        if not _missing(count) and count > 0
    ]
    members = listed(parts) if parts else counted(int(region["record_count"]), "record")
    codes = [] if _missing(region["countries"]) else region["countries"].split(";")
    where = f" in {listed([_country(code) for code in codes])}" if codes else ""
    places = counted(int(region["location_count"]), "place")
    return f"{_name(facts, region_id)} is {what}{where}: {members} at {places}."


def _margins(facts: _Facts, region_id: str) -> str:
    tests = {row["test"]: row for row in facts.tests[region_id]}
    dense, able = tests["cluster density"], tests["cluster capability"]
    unit = "weighted records per 100 km²"
    density = (
        "Its activity density is unknown"
        if _missing(dense["value"])
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


def _criteria(facts: _Facts, region_id: str) -> str:
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


def _pulls(facts: _Facts, region_id: str) -> str:
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


def _valued(facts: _Facts, row: Row) -> str:
    name = str(row["indicator"])
    thin = facts.measured[str(row["region_id"])].get(f"{name}_evidence") == "thin"
    return f"{_label(name)} ({amount(row['value'], name)}{', thin evidence' if thin else ''})"


def _gap(facts: _Facts, region_id: str) -> str:
    gap = facts.gaps.get(region_id)
    if gap is None:
        return ""
    summary = str(gap["summary"])
    if _missing(gap["cost"]):
        return f"What it lacks to be a cluster: {summary}."
    lacks = f"What it lacks to be a cluster, with its membership held: {summary}."
    told = "" if _missing(gap["survival"]) else str(gap["survival"])
    if _missing(gap["survives"]):
        return f"{lacks} Whether it would hold when clustered again is unknown ({told})."
    if not gap["survives"]:
        return f"{lacks} Clustered again with that, it would not be one ({told})."
    return f"{lacks} Clustered again with that, it would be one ({told})."


def _ties(facts: _Facts, region_id: str) -> str:
    """Which other clusters a region's ties lead to."""
    measured = facts.measured[region_id]
    if _missing(measured["tie_count"]):
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
    named = [f"{_name(facts, name)} ({count:,})" for name, count in linked[:MOST_NAMED]]
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


def _evidence(facts: _Facts, region_id: str) -> str:
    """What rests on little, and what is not known."""
    measured = facts.measured[region_id]
    thin = [name for name in facts.scored if measured.get(f"{name}_evidence") == "thin"]
    asked = [*(f"{kind}_count" for kind in KINDS), *facts.asked.values(), *facts.scored]
    unknown = [name for name in dict.fromkeys(asked) if _missing(measured.get(name))]
    said = []
    if thin:
        said.append(f"Evidence is thin for {listed([_label(name) for name in thin])}.")
    firms, disclosed = measured["firm_count"], measured["funding_disclosed_count"]
    if not _missing(firms) and not _missing(disclosed) and 0 < disclosed < firms:
        said.append(f"Funding is known for {int(disclosed):,} of {counted(int(firms), 'firm')}.")
    if measured.get("gdp_estimated") is True:
        said.append("GDP is estimated.")
    if unknown:
        said.append(f"Unknown: {listed([_label(name) for name in unknown])}.")
    if facts.judged[region_id]["undetermined"]:
        said.append("What is missing could change its status.")
    if made := facts.simulated.get(region_id, 0):
        said.append(
            f"{counted(int(made), 'record')} of it {'is' if made == 1 else 'are'} simulated."
        )
    return " ".join(said)


def amount(value: float, indicator: str) -> str:
    """A value of an indicator in words, with its unit where the label does not tell it.

    Examples
    --------
    >>> amount(59e6, "funding_usd"), amount(0.625, "external_tie_share"), amount(16.0, "firm_count")
    ('USD 59 million', '62.5 %', '16')
    >>> amount(0.18851, "industry_ties_to_gdp_bn")
    '0.189'
    """
    known = INDICATORS.get(indicator)
    unit = known.unit if known else ""
    if unit == "USD":
        scale, word = next(((s, w) for s, w in SCALES if abs(value) >= s), (1.0, ""))
        return f"USD {_significant(value / scale)} {word}".rstrip()
    if unit.startswith("share"):
        return f"{_significant(100 * value)} %"
    if unit.startswith(COUNT_UNITS) and " per " not in unit and float(value).is_integer():
        return f"{value:,.0f}"
    return _significant(value)


def _significant(value: float) -> str:
    """Three significant digits, whole numbers in full, no powers of ten above a millionth."""
    if value == 0 or abs(value) >= 100:  # noqa: PLR2004 - whole from there on
        return f"{value:,.0f}"
    exponent = math.floor(math.log10(abs(value)))
    if exponent < -6:  # noqa: PLR2004
        return f"{value:.2g}"
    text = f"{value:.{2 - exponent}f}"
    return text.rstrip("0").rstrip(".")


def counted(count: int, noun: str) -> str:
    """A count with its noun.

    Examples
    --------
    >>> counted(1, "firm"), counted(1200, "place")
    ('1 firm', '1,200 places')
    """
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def listed(parts: list[str]) -> str:
    """Parts as a sentence lists them.

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _label(indicator: str) -> str:
    known = INDICATORS.get(indicator)
    return known.label if known else indicator.replace("_", " ")


def _name(facts: _Facts, region_id: str) -> str:
    name = facts.regions[region_id]["name"]
    return region_id if _missing(name) else str(name)


def _country(code: str) -> str:
    try:
        name = country_name(code.strip())
    except ParameterError:
        return code
    return f"the {name}" if name.startswith("United ") or name in WITH_ARTICLE else name


def _missing(value: object) -> bool:
    return value is None or bool(pd.isna(value))  # type: ignore[call-overload]
