"""The page of a batch: one ranking, one map, and the way to every study's own page.

It holds to the same rules as a study's page (`geoclust.report.page`): everything inside, no
address but those of the pages beside it, names from data only ever as text.
"""

import base64
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pandas as pd

from geoclust.catalogue import INDICATORS
from geoclust.report.cells import Cell, Column, Sheet, number_cell, rank_cell
from geoclust.report.manifest import library_versions, plain
from geoclust.report.opening import Figure
from geoclust.report.page import document
from geoclust.report.payload import region_shapes
from geoclust.report.ranking import ranking_words, score_column
from geoclust.report.words import (
    capital,
    counted,
    country_words,
    label_of,
    listed,
    spaced,
    style_of,
    text_or,
    unit_of,
)

if TYPE_CHECKING:
    from geoclust.batch.writing import Assembled

NAMED: Final = 3
"""Leading clusters named in the opening paragraph."""

SCRIPTS: Final = (
    *("printing.js", "core.js", "csv.js", "sorting.js", "tables.js", "symbols.js"),
    *("frame.js", "overlays.js", "layers.js", "polar.js", "map.js", "batch.js"),
)
"""Those of a study's page that this one runs, too, and its own."""

STATES: Final = {"done": "", "failed": "failed", "not run": "not run"}


def index_bytes(made: "Assembled", *, picture: bytes = b"") -> bytes:
    """The page, UTF-8; `picture` is a PNG of the map for print and browsers without WebGL."""
    html = document(
        "batch.html.j2",
        _data(made),
        own_scripts=SCRIPTS,
        own_styles=("page.css", "batch.css"),
        picture=base64.b64encode(picture).decode(),
        **_context(made),
    )
    return html.encode("utf-8")


def _context(made: "Assembled") -> dict[str, Any]:
    """What the template prints."""
    batch, about = made.batch, made.plan.batch.batch
    return {
        "title": batch.name,
        "description": about.description,
        "opening": _opening(made),
        "figures": _figures(made),
        "banners": list(_banners(made)),
        "ranking": _ranking(made),
        "ranking_words": ranking_words(made.combined.scores.framework),
        "missing_rule": made.combined.scores.framework.missing_rule,
        "studies": _studies(made),
        "failures": _failures(made),
        "own": _own_settings(made),
        "warnings": batch.warnings,
        "rejected_count": len(made.rejected.drop_duplicates(["study", "file", "row"])),
        "split": made.plan.split is not None,
        "libraries": library_versions(),
    }


def _opening(made: "Assembled") -> str:
    studies = made.batch.studies
    done = studies[studies["state"] == "done"]
    records = int(done["records"].sum())
    found = (
        f"From {records:,} records in {counted(len(done), 'study', 'studies')}, "
        f"{counted(int(done['regions'].sum()), 'region')}: "
        f"{counted(int(done['clusters'].sum()), 'cluster')} and "
        f"{counted(int(done['quasi_clusters'].sum()), 'quasi-cluster')}."
    )
    ranking = made.batch.ranking
    ranked = ranking.dropna(subset=["rank"])
    leaders = ranked[ranked["rank"] <= NAMED]
    if leaders.empty:
        return found
    if len(leaders) > NAMED + 2:
        first = int((ranked["rank"] == 1).sum())
        return f"{found} {first} of the clusters share the first place." if first > 1 else found
    pairs = zip(leaders["name"], leaders["study"], strict=True)
    names = [f"{name} ({study})" for name, study in pairs]
    return f"{found} {listed(names)} {'leads' if len(names) == 1 else 'lead'} the ranking of all."


def _figures(made: "Assembled") -> list[Figure]:
    studies = made.batch.studies
    failed = int((studies["state"] == "failed").sum())
    shown = [
        Figure(f"{int((studies['state'] == 'done').sum()):,}", "studies"),
        Figure(f"{int(studies['records'].sum()):,}", "records"),
        Figure(f"{int(studies['regions'].sum()):,}", "regions"),
        Figure(f"{int(studies['clusters'].sum()):,}", "clusters"),
        Figure(f"{int(studies['quasi_clusters'].sum()):,}", "quasi-clusters"),
    ]
    return [*shown, Figure(f"{failed:,}", "failed")] if failed else shown


def _banners(made: "Assembled") -> Any:  # noqa: ANN401 - texts
    studies = made.batch.studies
    failed = studies.index[studies["state"] == "failed"]
    if len(failed):
        yield (
            f"{counted(len(failed), 'study', 'studies')} failed and are not in this ranking: "
            f"{listed([str(name) for name in failed[:8]])}"
            f"{f' and {len(failed) - 8} more' if len(failed) > 8 else ''}."  # noqa: PLR2004
        )
    simulated = int(studies["simulated"].sum())
    if simulated:
        yield f"Simulated data: {simulated:,} records are simulated, not observed."


def _ranking(made: "Assembled") -> Sheet:
    framework = made.combined.scores.framework
    dimensions = list(dict.fromkeys(spec.dimension for spec in framework.indicators))
    columns = [
        Column("Rank", "number", rising=True),
        Column("Cluster"),
        Column("Study"),
        Column("Rank there", "number", rising=True),
        score_column(framework),
        *(Column(capital(spaced(name)), "number", rising=True) for name in dimensions),
        Column("Records", "number"),
        Column("Density", "number", "per 100 km²"),
        Column("Capability", "number", "0 to 1"),
    ]
    rows = [_ranked(row, dimensions) for row in _rows(made.batch.ranking)]
    return Sheet("ranking", "Clusters of all studies by overall rank", columns, rows)


def _ranked(row: dict[str, Any], dimensions: list[str]) -> list[Cell]:
    thin = row.get("evidence") == "thin"
    return [
        rank_cell(row["rank_label"], row["rank"], thin=thin),
        Cell(text_or(row["name"], row["region_id"]), href=region_page(row)),
        Cell(row["study"], href=study_page(row["study_folder"])),
        rank_cell(row["study_rank_label"], row["study_rank"]),
        number_cell(row["score"], "fixed"),
        *(rank_cell(row[f"{name}_rank_label"], row[f"{name}_rank"]) for name in dimensions),
        number_cell(row["record_count"], "count"),
        number_cell(row["activity_density_per_100km2"], "fixed"),
        number_cell(row["capability"], "fixed"),
    ]


def study_page(folder: str) -> str:
    """Address of a study's page beside this one; folders are safe names."""
    return str(PurePosixPath("studies", folder, "report.html"))


def region_page(row: dict[str, Any]) -> str:
    """Address of a region's card on its study's page."""
    return f"{study_page(row['study_folder'])}#region={quote(str(row['region_id']), safe='')}"


def _studies(made: "Assembled") -> Sheet:
    columns = [
        Column("Study"),
        *(
            Column(label, "number")
            for label in ("Records", "Regions", "Clusters", "Quasi-clusters", "In no region")
        ),
        Column("Best rank", "number", rising=True),
        Column("Best cluster"),
        Column("Rows rejected", "number"),
    ]
    rows = []
    for name, row in zip(
        made.batch.studies.index, made.batch.studies.to_dict("records"), strict=True
    ):
        known = row["state"] == "done"
        page = study_page(PurePosixPath(row["folder"]).name) if known else ""
        share = row["noise"] / row["records"] if known and row["records"] else None
        label = row["best_rank"]
        place = float(str(label).rstrip("=")) if isinstance(label, str) else None
        rows.append(
            [
                Cell(str(name), str(name).casefold(), href=page, note=STATES[row["state"]]),
                *(number_cell(plain(row[key]), "count") for key in _COUNTED),
                number_cell(share, "share"),
                rank_cell(label, place),
                Cell(text_or(row["best_cluster"])),
                number_cell(plain(row["rejected"]), "count"),
            ]
        )
    return Sheet("studies", "Studies", columns, rows)


_COUNTED: Final = ("records", "regions", "clusters", "quasi_clusters")


def _failures(made: "Assembled") -> Sheet:
    columns = [Column("Study"), Column("Kind"), Column("Why", wide=True)]
    rows = [
        [Cell(str(name)), Cell(row["kind"]), Cell(row["reason"])]
        for name, row in zip(
            made.batch.failures.index, made.batch.failures.to_dict("records"), strict=True
        )
    ]
    return Sheet("failures", "Studies that failed", columns, rows)


def _own_settings(made: "Assembled") -> Sheet:
    chosen = made.batch.studies[made.batch.studies["own_settings"].fillna("") != ""]
    columns = [Column("Study"), Column("Settings of its own", wide=True)]
    pairs = zip(chosen.index, chosen["own_settings"], strict=True)
    rows = [[Cell(str(name)), Cell(str(text))] for name, text in pairs]
    return Sheet("own", "Studies with settings of their own", columns, rows)


def _data(made: "Assembled") -> dict[str, Any]:
    """What the map and the tables' scripts need."""
    regions = made.combined.regions
    specs = made.combined.scores.framework.indicators
    rows = _rows(pd.DataFrame(regions.drop(columns="geometry")))
    codes = sorted({row["country"] for row in rows if isinstance(row["country"], str)})
    return {
        "study": made.batch.name,
        "clusters": len(made.batch.ranking),
        "indicators": [_indicator(spec.name, spec.dimension) for spec in specs],
        "dimensions": [
            {"name": name, "label": capital(spaced(name))}
            for name in dict.fromkeys(spec.dimension for spec in specs)
        ],
        "countries": {code: country_words(code) for code in codes},
        "regions": [
            {**_region(row), **shape}
            for row, shape in zip(rows, region_shapes(regions) if rows else [], strict=True)
        ],
        "ties": [],
        "records": {"x": [], "y": [], "kind": "", "simulated": "", "region": [], "name": []},
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _indicator(name: str, dimension: str) -> dict[str, str]:
    formula = INDICATORS[name].formula if name in INDICATORS else ""
    return {
        "name": name,
        "label": label_of(name),
        "unit": unit_of(name),
        "style": style_of(name),
        "formula": formula,
        "dimension": dimension,
    }


def _region(row: dict[str, Any]) -> dict[str, Any]:
    label = row["rank_label"] if isinstance(row["rank_label"], str) else None
    return {
        "id": f"{row['study_folder']}/{row['region_id']}",
        "name": text_or(row["name"], row["region_id"]),
        "country": text_or(row["country"]),
        "study": row["study"],
        "page": region_page(row),
        "at": [round(float(row["longitude"]), 4), round(float(row["latitude"]), 4)],
        "weight": round(float(row["weight"]), 3),
        "records": plain(row["record_count"]),
        "status": row["status"],
        "tier": None if pd.isna(row["tier"]) else int(row["tier"]),
        "rank": label,
    }
