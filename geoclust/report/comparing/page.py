"""The page of a comparison: one HTML file that works without a network, as that of a study."""

import base64
import platform
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geoclust.report.cells import Cell, Column, Sheet, number_cell, rank_cell
from geoclust.report.comparing.payload import comparison_data, row_id
from geoclust.report.comparing.ranks import rank_lines
from geoclust.report.comparing.words import (
    FATE_WORDS,
    MEMBERS,
    agreement_words,
    lede,
    names_of,
    plain_dicts,
)
from geoclust.report.manifest import library_versions
from geoclust.report.page import document
from geoclust.report.words import MISSING, STATUS_WORDS, country_words, number, text_or

if TYPE_CHECKING:
    from geoclust.comparison import Comparison

SCRIPTS: Final = (
    *("printing.js", "core.js", "csv.js", "sorting.js", "tables.js", "symbols.js", "frame.js"),
    "comparison.js",
)
STYLES: Final = ("page.css", "comparison.css")
MOST_MOVES: Final = 1_000
"""Records that moved on the page; all of them are in records.csv."""
KINDS: Final = {
    "study": "study, run now",
    "results": "folder of results",
    "polygons": "published regions",
}


def comparison_page(found: "Comparison", *, picture: bytes = b"") -> bytes:
    """The page of a comparison, UTF-8.

    Parameters
    ----------
    found
        The comparison; left unchanged.
    picture
        A PNG of both outlines, shown in print and where a browser cannot draw the live map.

    Returns
    -------
    bytes
        HTML with everything inside.
    """
    shown = found.moves.head(MOST_MOVES)
    html = document(
        "comparison.html.j2",
        comparison_data(found),
        own_scripts=SCRIPTS,
        own_styles=STYLES,
        picture=base64.b64encode(picture).decode() if picture else "",
        title=f"{found.a.name} and {found.b.name}",
        a=found.a,
        b=found.b,
        kinds=KINDS,
        lede=lede(found),
        figures=_figures(found),
        remarks=found.remarks,
        fates=_fates(found),
        fate_words=FATE_WORDS,
        statuses=_statuses(found),
        ranks=rank_lines(found),
        moves=_moves(found, shown),
        more_moves=len(found.moves) - len(shown),
        agreement=agreement_words(found),
        rules=_rules(found),
        python=platform.python_version(),
        libraries=library_versions(),
    )
    return html.encode("utf-8")


def _figures(found: "Comparison") -> list[dict[str, str]]:
    counts = found.fate_counts
    rows: list[tuple[str, str]] = [
        ("regions in A", f"{len(found.a.regions):,}"),
        ("regions in B", f"{len(found.b.regions):,}"),
        ("kept", f"{counts['kept']:,}"),
        ("not as they were", f"{sum(counts.values()) - counts['kept']:,}"),
        ("records that moved", f"{len(found.moves):,}"),
        ("adjusted Rand", number(found.agreement["adjusted_rand"], "fixed")),
    ]
    return [{"label": label, "value": value} for label, value in rows]


def _fates(found: "Comparison") -> Sheet:
    columns = [
        Column("Region"),
        Column("Country"),
        Column("Fate"),
        Column("Weight in A", "number"),
        Column("in B", "number"),
        Column("Change", "number"),
        Column("Members", "number", unit="Jaccard"),
        Column("Ground", "number", unit="Jaccard"),
        Column("Verdict in A"),
        Column("in B"),
        Column("Rank in A", "number", rising=True),
        Column("in B", "number", rising=True),
    ]
    names = names_of(found)
    rows = [_fate(row, number_, names) for number_, row in enumerate(plain_dicts(found.fates))]
    return Sheet("fates", "What became of each region", columns, rows)


def _fate(row: dict[str, Any], number_: int, names: dict[str, str]) -> list[Cell]:
    also = [*_listed("also in", row["also_into"], names), *_listed("with", row["also_from"], names)]
    return [
        Cell(str(row["name"]), str(row["name"]).casefold(), row_id(row, number_)),
        Cell(country_words(row["country"])),
        Cell(str(row["fate"]), under="; ".join(also)),
        number_cell(row["weight_a"]),
        number_cell(row["weight_b"]),
        number_cell(row["weight_change"], "signed_share"),
        number_cell(row["jaccard_members"], "fixed"),
        number_cell(row["jaccard_footprints"], "fixed"),
        *(Cell(verdict(row[f"status_{end}"])) for end in "ab"),
        *(rank_cell(_rank(row[f"rank_{end}"]), row[f"rank_{end}"]) for end in "ab"),
    ]


def _listed(word: str, ids: object, names: dict[str, str]) -> list[str]:
    known = [names.get(one, one) for one in str(ids).split("; ") if one]
    return [f"{word} {', '.join(known)}"] if known else []


def verdict(status: object) -> str:
    """A status in words; a dash where there is none."""
    return STATUS_WORDS.get(text_or(status), MISSING)


def _rank(rank: Any) -> str:  # noqa: ANN401 - a cell of a frame
    return "" if pd.isna(rank) else f"{int(rank)}"


def _statuses(found: "Comparison") -> Sheet:
    table = found.statuses
    columns = [Column("In A, and in B:")] + [
        Column(_status(one), "number") for one in table.columns
    ]
    rows = [
        [Cell(_status(name)), *(number_cell(count, "count") for count in row)]
        for name, row in zip(table.index, table.to_numpy(), strict=True)
    ]
    return Sheet("statuses", "Regions by verdict in A and in B", columns, rows)


def _status(name: object) -> str:
    return STATUS_WORDS.get(str(name), str(name).capitalize())


def _moves(found: "Comparison", shown: pd.DataFrame) -> Sheet:
    names = names_of(found)
    columns = [Column(label) for label in ("Record", "Kind", "How", "Region in A", "in B")]
    rows = [
        [
            Cell(text_or(row.name, str(row.Index)), str(row.Index)),
            Cell(str(row.kind)),
            Cell(str(row.how)),
            *(
                Cell(names.get(region, MISSING) if isinstance(region, str) else MISSING)
                for region in (row.region_a, row.region_b)
            ),
        ]
        for row in shown.itertuples()
    ]
    return Sheet("moves", "Records that moved", columns, rows)


def _rules(found: "Comparison") -> list[str]:
    by = (
        "Records are the same where their record_id is."
        if found.match == "record_id"
        else "Records are the same where kind, name and coordinates are, and nobody else's."
    )
    least, most = number(found.min_shared, "share"), number(found.tolerance, "share")
    linked = (
        f"Two regions are linked where more than {least} of the weight of one of them, among "
        "records on both sides, is in the other. Of the regions linked with it, the one that "
        "shares most weight is the same region."
    )
    kept = (
        f"A region is kept while its weights differ by at most {most} of the heavier. Weights are "
        "those of all records of each side, each counted as in its own study."
    )
    jaccard = (
        f"Jaccard of members: {MEMBERS[0].lower()}{MEMBERS[1:]}, among records on both sides. "
        "Jaccard of ground: common area of both footprints over the area of both together."
    )
    return [f"{by} {linked}", kept, jaccard]
