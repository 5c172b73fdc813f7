"""Rows of the page's tables, as text ready to print; the template escapes them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from geoclust.report.cells import (
    Cell,
    Column,
    Sheet,
    number_cell,
    rank_cell,
    region_cell,
    region_facts,
    size_cells,
)
from geoclust.report.profiles import rows_by_region
from geoclust.report.words import (
    MISSING,
    STATUS_WORDS,
    capital,
    country_words,
    number,
    spaced,
    spec_label,
    text_or,
)

if TYPE_CHECKING:
    from geoclust.study import Study

MOST_LISTED = 200
"""Rows of a data-quality table shown on the page; the files beside it have all."""


def quasi_clusters(study: "Study") -> list[Sheet]:
    """One sheet per tier: margins to the bars, and the gap."""
    table = study.classification.table
    columns = [
        Column("Region"),
        Column("Country"),
        Column("Records", "number"),
        Column("Density", "number", "margin to the bar"),
        Column("Capability", "number", "margin to the bar"),
        Column("Shadow rank", "number", rising=True),
        Column("What it lacks to be a cluster", wide=True),
        Column("Clustered again with that", wide=True),
    ]
    chosen = table[study.classification.is_quasi]
    rows = _quasi_rows(study)
    return [
        Sheet(
            f"tier-{int(tier)}",
            f"Tier {int(tier)}",
            columns,
            [rows[str(region_id)] for region_id in chosen.index[chosen["tier"] == tier]],
        )
        for tier in sorted(chosen["tier"].dropna().unique())
    ]


def _quasi_rows(study: "Study") -> dict[str, list[Cell]]:
    facts = region_facts(study)
    margins = study.classification.tests.pivot_table(
        index="region_id", columns="test", values="margin", dropna=False
    )
    margin = rows_by_region(margins)
    shadow, gaps = rows_by_region(study.shadow.table), rows_by_region(study.gaps)
    unranked = {"rank_label": MISSING, "rank": None}
    rows = {}
    for region_id in study.classification.is_quasi[study.classification.is_quasi].index:
        region, rank = facts[region_id], shadow.get(region_id, unranked)
        rows[str(region_id)] = [
            region_cell(str(region_id), region),
            Cell(country_words(region["country"])),
            number_cell(region["record_count"], "count"),
            number_cell(margin[region_id]["cluster density"], "signed_share"),
            number_cell(margin[region_id]["cluster capability"], "signed_share"),
            rank_cell(rank["rank_label"], rank["rank"]),
            Cell(text_or(gaps.get(region_id, {}).get("summary"), MISSING)),
            Cell(survival_words(gaps.get(region_id, {}))),
        ]
    return rows


def survival_words(gap: dict[str, Any]) -> str:
    """Whether a region with its gap filled is a cluster when clustered again, and why not.

    Examples
    --------
    >>> survival_words({"survives": False, "survival": "density falls to 0.70, bar 0.75"})
    'No: density falls to 0.70, bar 0.75'
    """
    survives, said = gap.get("survives"), text_or(gap.get("survival"))
    if not said:
        return MISSING
    if survives is None or pd.isna(survives):
        return capital(said)
    return f"{'A cluster' if survives else 'No'}: {said}"


def other_regions(study: "Study") -> Sheet:
    """Regions that are neither clusters nor quasi-clusters, heaviest first."""
    rows = [
        [
            region_cell(region_id, region),
            Cell(country_words(region["country"])),
            *size_cells(region),
        ]
        for region_id, region in region_facts(study).items()
        if region["status"] == "none"
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
                *(number_cell(row[name], "count") for name in names),
                number_cell(row["noise_share"], "share"),
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
        [number_cell(link, "km"), *(number_cell(value, "count") for value in counts.loc[link])]
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
    """Rows in and out of each input file, with the head of its checksum."""
    table = study.inputs.files.copy()
    table["sha256"] = table["sha256"].str.slice(0, 16)
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
        thin = Cell(MISSING) if flag is None else number_cell(int((flag == "thin").sum()), "count")
        label = spec_label(spec)
        rows.append([Cell(label, label.casefold()), number_cell(missing, "count"), thin])
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
        [Cell(capital(str(test))), number_cell(bar)]
        for test, bar in zip(tests["test"], tests["bar"], strict=True)
    ]
    return Sheet("bars", "Bars a region must reach", columns, rows)


def knife_edges(study: "Study") -> Sheet:
    """Regions whose status hangs on a bar they pass or miss by little."""
    from geoclust.classification import knife_edge  # noqa: PLC0415 - with the rooms it loads

    facts = region_facts(study)
    columns = [
        Column("Region"),
        Column("Status"),
        Column("Test"),
        Column("Margin", "number"),
        Column("Else it would be"),
    ]
    rows = [
        [
            region_cell(str(row.region_id), facts[str(row.region_id)]),
            Cell(STATUS_WORDS[str(row.status)]),
            Cell(capital(str(row.test))),
            number_cell(row.margin, "signed_share"),
            Cell(STATUS_WORDS[str(row.status_if)]),
        ]
        for row in knife_edge(study.classification).itertuples()
    ]
    return Sheet("knife", "Regions on a knife’s edge", columns, rows)  # noqa: RUF001
