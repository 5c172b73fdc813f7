"""The page's section on given boundaries and edits: what was decided, why, and by whom."""

from typing import TYPE_CHECKING, Any, Final

from geoclust.report.cells import Cell, Column, Sheet, number_cell
from geoclust.report.words import MISSING, capital, text_or

if TYPE_CHECKING:
    from geoclust.study import Study

MOST_LISTED: Final = 200
"""Rows shown; the files beside the page have all."""


def decisions(study: "Study") -> dict[str, Any]:
    """What the template prints: sentences, the edits and the polygons that changed something."""
    return {"decided": study.decided, "edits": _edits(study), "boundaries": _boundaries(study)}


def _edits(study: "Study") -> Sheet:
    columns = [
        Column("Edit", "number"),
        Column("What it did", wide=True),
        Column("Reason", wide=True),
        Column("Decided by"),
        Column("Date"),
    ]
    rows = [
        [
            number_cell(row["number"], "count"),
            Cell(capital(f"{row['action']}: {row['result']}")),
            Cell(str(row["reason"])),
            Cell(str(row["by"])),
            Cell(text_or(row["date"]) or MISSING),
        ]
        for row in study.edits.head(MOST_LISTED).to_dict("records")
    ]
    return Sheet("edits", "Edits, in the order they were applied", columns, rows)


def _boundaries(study: "Study") -> Sheet:
    columns = [
        Column("Polygon"),
        Column("State"),
        Column("Records", "number"),
        Column("Joined", "number"),
        Column("Left", "number"),
        Column("Note", wide=True),
    ]
    table = study.boundaries
    rows = [
        [
            Cell(text_or(row["name"]) or str(row["region_id"]) or f"Feature {row['feature']}"),
            Cell(capital(str(row["state"]))),
            *(number_cell(row[name], "count") for name in ("records", "joined", "left")),
            Cell(str(row["note"])),
        ]
        for row in _told(table).head(MOST_LISTED).to_dict("records")
    ]
    return Sheet("boundaries", "Given polygons", columns, rows)


def _told(table: Any) -> Any:  # noqa: ANN401 - a frame
    """Polygons that were touched, first; where none was, all of them."""
    from geoclust.assignment.bounding import DRAWN  # noqa: PLC0415 - with the rooms it loads

    changed = table[table["state"] != DRAWN]
    return changed if len(changed) else table
