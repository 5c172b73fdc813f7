"""What the page's tables are made of: cells, columns, sheets, and small bars drawn in a cell."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geoclust.report.profiles import rows_by_region
from geoclust.report.words import MISSING, number, text_or

if TYPE_CHECKING:
    from geoclust.study import Study

BAR_WIDTH: Final = 120.0
"""Width of a bar in a cell, in pixels where nothing is scaled."""


@dataclass(frozen=True)
class Span:
    """A range on a common scale, drawn beside the numbers that say the same."""

    low: float
    high: float
    middle: float
    own: float | None = None
    """Where the study itself stands."""
    axis: float | None = None
    """A line to compare with, such as zero."""
    filled: bool = False
    """A bar from the axis to the middle, the range as a whisker over it."""


@dataclass(frozen=True)
class Cell:
    """One cell: what is shown, what it is sorted by, and the region it leads to."""

    text: str
    sort: float | str = ""
    region: str = ""
    href: str = ""
    """Where the text leads, beside this page; never text from data."""
    note: str = ""
    under: str = ""
    """A second line, quieter."""
    thin: bool = False
    """Rests on thin evidence: marked."""
    span: Span | None = None


@dataclass(frozen=True)
class Column:
    """One column's heading and what it holds."""

    label: str
    kind: str = "text"
    unit: str = ""
    wide: bool = False
    rising: bool = False
    """Sorted first with the least on top, as ranks are."""


@dataclass(frozen=True)
class Sheet:
    """A table of the page."""

    name: str
    caption: str
    columns: list[Column]
    rows: list[list[Cell]] = field(default_factory=list)


def region_facts(study: "Study") -> dict[str, dict[str, Any]]:
    """Name, country, size and verdict of each region."""
    names = ["name", "country", "record_count"]
    return rows_by_region(study.regions[names].join(study.classification.table))


def size_cells(region: dict[str, Any]) -> tuple[Cell, Cell, Cell]:
    """Records, density, capability."""
    return (
        number_cell(region["record_count"], "count"),
        number_cell(region["activity_density_per_100km2"], "fixed"),
        number_cell(region["capability"], "fixed"),
    )


def rank_cell(label: Any, rank: Any, *, thin: bool = False) -> Cell:  # noqa: ANN401 - cells of a frame
    """A rank as its label says it; what has none comes last."""
    missing = rank is None or pd.isna(rank)
    text = text_or(label, MISSING) or MISSING
    return Cell(text, 1e9 if missing else float(rank), thin=thin and not missing)


def region_cell(region_id: str, region: dict[str, Any]) -> Cell:
    """A region by name, leading to its card."""
    name = text_or(region["name"], region_id)
    note = "provisional" if region["undetermined"] else ""
    return Cell(name, name.casefold(), region_id, note)


def number_cell(value: Any, style: str = "ratio") -> Cell:  # noqa: ANN401 - a cell of a frame
    """A number in one of the styles of `words.number`."""
    missing = value is None or pd.isna(value)
    return Cell(number(value, style), -1e99 if missing else float(value))


def scaled_span(
    ends: tuple[float, float],
    range_: tuple[float, float, float],
    *,
    own: float | None = None,
    axis: float | None = None,
    filled: bool = False,
) -> Span:
    """A span in pixels from its low, high and middle, on a scale between `ends`; held within it.

    Examples
    --------
    >>> scaled_span((1.0, 11.0), (1.0, 6.0, 2.0)).high == BAR_WIDTH / 2
    True
    """

    def place(value: float | None) -> float | None:
        if value is None or pd.isna(value):
            return None
        share = (value - ends[0]) / (ends[1] - ends[0]) if ends[1] > ends[0] else 0.5
        return round(BAR_WIDTH * min(1.0, max(0.0, share)), 1)

    low, high, middle = (place(value) or 0.0 for value in range_)
    return Span(low, high, middle, own=place(own), axis=place(axis), filled=filled)
