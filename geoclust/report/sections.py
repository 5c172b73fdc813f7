"""Rows of the page's tables, as text ready to print; the template escapes them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from geoclust.report.words import (
    MISSING,
    capital,
    country_words,
    dimensions_of,
    number,
    spaced,
    text_or,
)

if TYPE_CHECKING:
    from geoclust.study import Study

MOST_LISTED = 200
"""Rows of a data-quality table shown on the page; the files beside it have all."""


@dataclass(frozen=True)
class Cell:
    """One cell: what is shown, what it is sorted by, and the region it leads to."""

    text: str
    sort: float | str = ""
    region: str = ""
    note: str = ""


@dataclass(frozen=True)
class Column:
    """One column's heading and what it holds."""

    label: str
    kind: str = "text"
    unit: str = ""
    wide: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table of the page."""

    name: str
    caption: str
    columns: list[Column]
    rows: list[list[Cell]] = field(default_factory=list)


def ranking(study: "Study") -> Sheet:
    """The clusters, best first."""
    table = study.scores.table
    judged = study.classification.table
    dimensions = dimensions_of(study)
    columns = [
        Column("Rank", "number"),
        Column("Cluster"),
        Column("Country"),
        Column("Mean rank", "number"),
        *(Column(capital(spaced(name)), "number") for name in dimensions),
        Column("Records", "number"),
        Column("Density", "number", "per 100 km²"),
        Column("Capability", "number", "0 to 1"),
    ]
    rows = []
    for region_id in table.index:
        rank, verdict = table.loc[region_id], judged.loc[region_id]
        region = study.regions.loc[region_id]
        rows.append(
            [
                _ranked(rank["rank_label"], rank["rank"]),
                _region_cell(study, region_id),
                Cell(country_words(region["country"])),
                _number(rank["score"]),
                *(_ranked(rank[f"{name}_rank_label"], rank[f"{name}_rank"]) for name in dimensions),
                _number(region["record_count"], "count"),
                _number(verdict["activity_density_per_100km2"]),
                _number(verdict["capability"]),
            ]
        )
    return Sheet("ranking", "Clusters by overall rank", columns, rows)


def _ranked(label: Any, rank: Any) -> Cell:  # noqa: ANN401 - cells of a frame
    missing = rank is None or pd.isna(rank)
    return Cell(text_or(label, MISSING) or MISSING, 1e9 if missing else float(rank))


def _region_cell(study: "Study", region_id: str) -> Cell:
    name = text_or(study.regions.at[region_id, "name"], str(region_id))
    provisional = bool(study.classification.table.at[region_id, "undetermined"])
    return Cell(name, name.casefold(), str(region_id), "provisional" if provisional else "")


def _number(value: Any, style: str = "ratio") -> Cell:  # noqa: ANN401 - a cell of a frame
    missing = value is None or pd.isna(value)
    return Cell(number(value, style), -1e99 if missing else float(value))


@dataclass(frozen=True)
class TopTen:
    """The best of one dimension, ties included."""

    dimension: str
    indicators: str
    rows: list[tuple[str, Cell, str]]


def top_tens(study: "Study") -> list[TopTen]:
    """The ten best clusters of each dimension; more where the tenth place is shared."""
    found = []
    for name in dimensions_of(study):
        table = study.scores.table.dropna(subset=[f"{name}_rank"])
        best = table[table[f"{name}_rank"] <= 10]  # noqa: PLR2004 - a top ten
        best = best.sort_values([f"{name}_rank", "rank"], kind="stable")
        specs = study.scores.framework.indicators
        labels = [spec.label or spaced(spec.name) for spec in specs if spec.dimension == name]
        rows = [
            (
                str(best.at[region_id, f"{name}_rank_label"]),
                _region_cell(study, region_id),
                country_words(study.regions.at[region_id, "country"]),
            )
            for region_id in best.index
        ]
        found.append(TopTen(capital(spaced(name)), ", ".join(labels), rows))
    return found


def quasi_clusters(study: "Study") -> list[Sheet]:
    """One sheet per tier: margins to the bars, and the gap."""
    table = study.classification.table
    columns = [
        Column("Region"),
        Column("Country"),
        Column("Records", "number"),
        Column("Density", "number", "margin to the bar"),
        Column("Capability", "number", "margin to the bar"),
        Column("Shadow rank", "number"),
        Column("What it lacks to be a cluster", wide=True),
    ]
    chosen = table[study.classification.is_quasi]
    sheets = []
    for tier in sorted(chosen["tier"].dropna().unique()):
        rows = [_quasi_row(study, region_id) for region_id in chosen.index[chosen["tier"] == tier]]
        sheets.append(Sheet(f"tier-{int(tier)}", f"Tier {int(tier)}", columns, rows))
    return sheets


def _quasi_row(study: "Study", region_id: str) -> list[Cell]:
    region = study.regions.loc[region_id]
    shadow = study.shadow.table
    rank = (
        _ranked(shadow.at[region_id, "rank_label"], shadow.at[region_id, "rank"])
        if region_id in shadow.index
        else Cell(MISSING, 1e9)
    )
    return [
        _region_cell(study, region_id),
        Cell(country_words(region["country"])),
        _number(region["record_count"], "count"),
        _margin(study, region_id, "density"),
        _margin(study, region_id, "capability"),
        rank,
        Cell(_gap(study, region_id)),
    ]


def _margin(study: "Study", region_id: str, which: str) -> Cell:
    tests = study.classification.tests
    mine = (tests["region_id"] == region_id) & (tests["test"] == f"cluster {which}")
    if not mine.any():
        return Cell(MISSING)
    return _number(tests.loc[mine, "margin"].iloc[0], "signed_share")


def _gap(study: "Study", region_id: str) -> str:
    gaps = study.classification.gaps
    return text_or(gaps.at[region_id, "summary"], MISSING) if region_id in gaps.index else MISSING


def other_regions(study: "Study") -> Sheet:
    """Regions that are neither clusters nor quasi-clusters, heaviest first."""
    status = study.classification.status.reindex(study.regions.index)
    judged = study.classification.table
    rows = [
        [
            _region_cell(study, region_id),
            Cell(country_words(study.regions.at[region_id, "country"])),
            _number(study.regions.at[region_id, "record_count"], "count"),
            _number(judged.at[region_id, "activity_density_per_100km2"]),
            _number(judged.at[region_id, "capability"]),
        ]
        for region_id in status.index[status == "none"]
    ]
    columns = [
        Column("Region"),
        Column("Country"),
        Column("Records", "number"),
        Column("Density", "number", "per 100 km²"),
        Column("Capability", "number", "0 to 1"),
    ]
    return Sheet("others", "Regions below the bars", columns, rows)


def coverage(study: "Study") -> Sheet:
    """What the study saw of each country."""
    names = [
        name
        for name in (
            "records",
            "firms",
            "labs",
            "patents",
            "in_regions",
            "regions",
            "clusters",
            "quasi_clusters",
        )
        if name in study.coverage
    ]
    columns = [
        Column("Country"),
        *(Column(capital(spaced(name)), "number") for name in names),
        Column("In no region", "number"),
    ]
    rows = []
    for code, row in study.coverage.iterrows():
        label = capital(country_words(str(code)))
        rows.append(
            [
                Cell(label, label.casefold()),
                *(_number(row[name], "count") for name in names),
                _number(row["noise_share"], "share"),
            ]
        )
    return Sheet("coverage", "Records and regions by country", columns, rows)


def sensitivity(study: "Study") -> Sheet:
    """Number of regions by `max_link_km` (rows) and `resolution_km` (columns)."""
    counts = study.region_counts
    columns = [
        Column("Longest link", "number"),
        *(Column(f"{column:g} km", "number") for column in counts.columns),
    ]
    rows = [
        [_number(link, "km"), *(_number(value, "count") for value in counts.loc[link])]
        for link in counts.index
    ]
    return Sheet("sensitivity", "Regions by longest link and resolution", columns, rows)


def frame_sheet(name: str, caption: str, table: pd.DataFrame) -> Sheet:
    """Any small table as it is, up to `MOST_LISTED` rows."""
    columns = [Column(capital(spaced(str(column)))) for column in table.columns]
    rows = [
        [Cell(_shown(value)) for value in row]
        for row in table.head(MOST_LISTED).itertuples(index=False)
    ]
    return Sheet(name, caption, columns, rows)


def _shown(value: Any) -> str:  # noqa: ANN401 - a cell of a frame
    if isinstance(value, (bool, str)):
        return str(value)
    if isinstance(value, float):
        return number(value)
    return text_or(value, MISSING)


def input_files(study: "Study") -> Sheet:
    """Rows in and out of each input file, with its checksum."""
    table = study.inputs.files.copy()
    table["file"] = table["file"].map(lambda path: Path(str(path)).name)
    return frame_sheet("files", "Input files", table)


def missing_values(study: "Study") -> Sheet:
    """Share of regions for which each scored indicator is missing, and of thin evidence."""
    columns = [Column("Indicator"), Column("Missing", "number"), Column("Thin", "number")]
    rows = []
    for spec in study.scores.framework.indicators:
        if spec.name not in study.indicators:
            continue
        missing = int(study.indicators[spec.name].isna().sum())
        flag = study.indicators.get(f"{spec.name}_evidence")
        thin = Cell(MISSING) if flag is None else _number(int((flag == "thin").sum()), "count")
        label = capital(spec.label or spaced(spec.name))
        rows.append([Cell(label, label.casefold()), _number(missing, "count"), thin])
    return Sheet("missing", "Indicators missing or on thin evidence, regions", columns, rows)


def ambiguous(study: "Study") -> Sheet:
    """Places whose name meant several, each once, with the choice and the alternatives."""
    geocoded = study.inputs.geocoded
    names = ["place", "country", "matched", "alternatives"]
    if geocoded.empty:
        return frame_sheet("ambiguous", "Ambiguous places", pd.DataFrame(columns=names))
    chosen = geocoded.loc[geocoded["ambiguous"].astype(bool), names]
    counts = chosen.groupby(names, dropna=False, sort=True).size()
    return frame_sheet("ambiguous", "Ambiguous places", counts.rename("records").reset_index())


def bars(study: "Study") -> Sheet:
    """The bars of the judgement."""
    tests = study.classification.tests.drop_duplicates("test")
    columns = [Column("Test"), Column("Bar", "number")]
    rows = [
        [Cell(capital(str(test))), _number(bar)]
        for test, bar in zip(tests["test"], tests["bar"], strict=True)
    ]
    return Sheet("bars", "Bars a region must reach", columns, rows)
