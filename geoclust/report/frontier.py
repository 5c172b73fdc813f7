"""The frontier: how many regions are clusters and quasi-clusters as each bar moves, as a plot."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geoclust.report.cells import Cell, Column, Sheet, number_cell
from geoclust.report.words import capital, counted, listed, number

if TYPE_CHECKING:
    from geoclust.study import Study

MOST_CHANGED: Final = 6
"""Regions named in a row of the numbers."""

PANEL: Final = (300.0, 150.0)
"""Width and height of the plotted part of a panel."""


LABEL: Final = 14.0
"""Height of a label's line."""


@dataclass(frozen=True)
class Line:
    """Counts of one status as a bar moves, placed in the panel."""

    status: str
    label: str
    points: list[tuple[float, float]]
    label_at: float
    """Height of the label beside the line's end."""

    @property
    def path(self) -> str:
        """The line as SVG's `points`."""
        return " ".join(f"{x:g},{y:g}" for x, y in self.points)


@dataclass(frozen=True)
class Panel:
    """What happens as one bar moves and the others hold."""

    bar: str
    chosen: str
    at: float
    lines: list[Line]
    ticks: list[tuple[float, str]]
    heights: list[tuple[float, str]]
    words: str


def frontier_panels(study: "Study") -> list[Panel]:
    """A panel for each bar; none where there is no region."""
    table = study.frontier
    if study.classification.table.empty or table.empty:
        return []
    top = int(table[["cluster", "quasi-cluster"]].to_numpy().max(initial=1))
    return [_panel(str(bar), part, top) for bar, part in table.groupby("bar", sort=False)]


def _panel(bar: str, part: pd.DataFrame, top: int) -> Panel:
    width, height = PANEL
    low, high = float(part["value"].min()), float(part["value"].max())
    chosen = chosen_value(part)

    def across(value: float) -> float:
        return round(width * (value - low) / (high - low), 1) if high > low else width / 2

    drawn = {
        status: [
            (across(value), round(height * (1 - count / top), 1))
            for value, count in zip(part["value"], part[status], strict=True)
        ]
        for status in ("cluster", "quasi-cluster")
    }
    ends = _apart({status: points[-1][1] for status, points in drawn.items()})
    lines = [Line(name, f"{name}s", points, ends[name]) for name, points in drawn.items()]
    marks = sorted({low, chosen, high})
    return Panel(
        bar=capital(bar),
        chosen=number(chosen),
        at=across(chosen),
        lines=lines,
        ticks=[(across(value), number(value)) for value in marks],
        heights=[(round(height * (1 - count / top), 1), f"{count}") for count in (0, top)],
        words=_panel_words(part),
    )


def chosen_value(part: pd.DataFrame) -> float:
    """Where a bar stands in the study, from its part of the frontier."""
    nearest = (part["factor"] - 1.0).abs().to_numpy().argmin()
    return float(part["value"].to_numpy()[nearest])


def _apart(heights: dict[str, float]) -> dict[str, float]:
    """Heights of two labels, moved apart until both can be read.

    Examples
    --------
    >>> _apart({"cluster": 100.0, "quasi-cluster": 98.0})
    {'cluster': 110.0, 'quasi-cluster': 96.0}
    """
    (first, low), (second, high) = heights.items()
    middle = (low + high) / 2
    if abs(low - high) < LABEL:
        side = 1 if low >= high else -1
        low, high = middle + side * LABEL / 2, middle - side * LABEL / 2
    return {first: round(low + 4, 1), second: round(high + 4, 1)}


def _panel_words(part: pd.DataFrame) -> str:
    """The ends of the frontier in words."""
    ordered = part.sort_values("value", kind="stable").to_dict("records")
    ends = [ordered[0], ordered[-1]]
    said = [
        f"{counted(int(end['cluster']), 'cluster')} and "
        f"{counted(int(end['quasi-cluster']), 'quasi-cluster')} at {number(end['value'])}"
        for end in ends
    ]
    return listed(said)


def frontier_numbers(study: "Study") -> Sheet:
    """The frontier as numbers, with the regions that change."""
    columns = [
        Column("Bar"),
        Column("At", "number"),
        Column("Times the chosen", "number"),
        Column("Clusters", "number"),
        Column("Quasi-clusters", "number"),
        Column("Neither", "number"),
        Column("Regions that change", wide=True),
    ]
    names = study.regions["name"].to_dict()
    rows = [
        [
            Cell(capital(str(row["bar"]))),
            number_cell(row["value"]),
            number_cell(row["factor"], "fixed"),
            *(number_cell(row[status], "count") for status in ("cluster", "quasi-cluster", "none")),
            Cell(_changed(str(row["changed"]), names)),
        ]
        for row in study.frontier.to_dict("records")
    ]
    return Sheet("frontier", "Regions by status as each bar moves", columns, rows)


def _changed(ids: str, names: dict[Any, Any]) -> str:
    chosen = [str(names.get(region_id, region_id)) for region_id in ids.split(";") if region_id]
    if len(chosen) > MOST_CHANGED:
        return f"{', '.join(chosen[:MOST_CHANGED])} and {len(chosen) - MOST_CHANGED} more"
    return listed(chosen) if chosen else "none"
