"""The opening of the page: what was found, in one paragraph, and what to beware of."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoclust.report.words import counted, country_words, listed, number

if TYPE_CHECKING:
    from geoclust.study import Study

NAMED = 3
"""Leading clusters named in the opening paragraph."""


NAMED_HOMES = 12
"""Countries with clusters named in the words for the map."""


@dataclass(frozen=True)
class Figure:
    """One key figure: a number and what it counts."""

    value: str
    label: str


def opening_words(study: "Study") -> dict[str, Any]:
    """What the template prints of the opening."""
    return {
        "subtitle": subtitle(study),
        "opening": opening(study),
        "map_words": map_words(study),
        "figures": key_figures(study),
        "banners": banners(study),
    }


def opening(study: "Study") -> str:
    """One paragraph: how many records, regions, clusters; who leads; how much lies outside."""
    return " ".join(
        sentence for sentence in (_found(study), _leaders(study), _outside(study)) if sentence
    )


def _found(study: "Study") -> str:
    records = study.inputs.records
    kinds = records["kind"].value_counts()
    parts = [
        counted(int(kinds[kind]), kind) for kind in ("firm", "lab", "patent") if kinds.get(kind, 0)
    ]
    countries = int(records["country"].nunique())
    where = f" in {counted(countries, 'country', 'countries')}" if countries else ""
    if not parts:
        return "The study holds no records."
    opening_words = f"From {listed(parts)}{where}, "
    regions = len(study.regions)
    if regions == 0:
        return opening_words + "the study finds no region dense enough to be told apart."
    return opening_words + f"the study finds {counted(regions, 'region')}: {_verdicts(study)}."


def _verdicts(study: "Study") -> str:
    status = study.classification.status.value_counts()
    tiers = study.classification.table["tier"].value_counts()
    parts = []
    if status.get("cluster", 0):
        parts.append(f"{counted(int(status['cluster']), 'cluster')} passing both bars")
    if status.get("quasi-cluster", 0):
        first = int(tiers.get(1, 0))
        parts.append(
            f"{counted(int(status['quasi-cluster']), 'quasi-cluster')} ({first} of the first tier)"
        )
    if status.get("none", 0):
        parts.append(
            f"{int(status['none']):,} that {'is' if status['none'] == 1 else 'are'} neither"
        )
    return listed(parts)


def _leaders(study: "Study") -> str:
    table = study.scores.table
    ranked = table.dropna(subset=["rank"])
    if ranked.empty:
        return ""
    shown = ranked[ranked["rank"] <= NAMED]
    if len(shown) > NAMED + 2:
        return ""
    names = [
        str(study.regions.at[region_id, "name"]) + f" ({label})"
        for region_id, label in shown["rank_label"].items()
    ]
    verb = "leads" if len(names) == 1 else "lead"
    return f"{listed(names)} {verb} the ranking of clusters."


def _outside(study: "Study") -> str:
    records = len(study.inputs.records)
    noise = int(study.clustering.region_of.isna().sum())
    if records == 0 or noise == 0:
        return ""
    return f"{number(noise / records, 'share')} of the records lie in no region."


def map_words(study: "Study") -> str:
    """What the map shows, for who does not see it: how many of what, and where the clusters are."""
    regions = study.regions
    if regions.empty:
        return "Map of the records; there is no region on it."
    clusters = regions[study.classification.is_cluster.reindex(regions.index)]
    counts = clusters["country"].fillna("").value_counts(sort=False).sort_index()
    homes = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
    shown = [
        f"{country_words(str(code)) or 'no country'} ({count})"
        for code, count in homes[:NAMED_HOMES]
    ]
    more = len(homes) - len(shown)
    if more > 0:
        shown.append(counted(more, "other country", "other countries"))
    where = f" The clusters lie in {listed(shown)}." if shown else ""
    return (
        f"Map of {counted(len(regions), 'region')}: {_verdicts(study)}.{where} "
        "Every region is also in the tables and in the search."
    )


def key_figures(study: "Study") -> list[Figure]:
    """The row of numbers under the title."""
    status = study.classification.status.value_counts()
    homes = study.regions.loc[study.classification.is_cluster, "country"].nunique()
    return [
        Figure(f"{len(study.inputs.records):,}", "records"),
        Figure(f"{len(study.regions):,}", "regions"),
        Figure(f"{int(status.get('cluster', 0)):,}", "clusters"),
        Figure(f"{int(status.get('quasi-cluster', 0)):,}", "quasi-clusters"),
        Figure(f"{int(homes):,}", "countries with a cluster"),
    ]


def banners(study: "Study") -> list[str]:
    """What a reader must know before the first number: simulated and undetermined things."""
    found = [_simulated(study), _undetermined(study)]
    return [text for text in found if text]


def _simulated(study: "Study") -> str:
    records = study.inputs.records
    simulated = records[records["simulated"]]
    if simulated.empty:
        return ""
    kinds = simulated["kind"].value_counts()
    parts = [counted(int(kinds[kind]), kind) for kind in ("firm", "lab", "patent") if kind in kinds]
    tables = [
        Path(str(file)).name
        for file in study.inputs.files["file"]
        if "simulated" in Path(str(file)).name.lower()
    ]
    where = f" (table {listed(tables)})" if tables else ""
    return (
        f"Simulated data: {listed(parts)}{where} of {len(records):,} records are simulated, not "
        "observed. Numbers that rest on them show how the method works, not how the world is."
    )


def _undetermined(study: "Study") -> str:
    table = study.classification.table
    names = study.regions["name"].reindex(table.index[table["undetermined"].astype(bool)])
    if names.empty:
        return ""
    few = 5
    shown = listed([str(name) for name in names[:few]]) + (
        f" and {len(names) - few} more" if len(names) > few else ""
    )
    return (
        f"Provisional: the status of {counted(len(names), 'region')} is undetermined by missing "
        f"data ({shown})."
    )


def subtitle(study: "Study") -> str:
    """Countries covered, in words, for under the title."""
    codes = study.inputs.records["country"].dropna().unique()
    if len(codes) == 1:
        return country_words(codes[0])
    return counted(len(codes), "country", "countries") if len(codes) else ""
