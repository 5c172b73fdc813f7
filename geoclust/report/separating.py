"""Drivers as the page shows them: what tells clusters from quasi-clusters, as association."""

from typing import TYPE_CHECKING, Any, Final

from geoclust.report.cells import Cell, Column, Sheet, number_cell, scaled_span
from geoclust.report.profiles import rows_by_region
from geoclust.report.ranking import FACTOR_NAMES
from geoclust.report.words import MISSING, label_of, number, style_of, text_or

if TYPE_CHECKING:
    from geoclust.study import Study

Row = dict[str, Any]

IN_VERDICT: Final = {"direct": "yes, a bar is on it", "in part": "in part", "no": "no"}


def drivers(study: "Study") -> Sheet:
    """Indicators by how clearly they separate clusters from quasi-clusters, strongest first."""
    columns = [
        Column("Indicator"),
        Column("Kind of factor"),
        Column("Separation", "span", "−1 to 1, 95 %"),  # noqa: RUF001
        Column("Clusters", "number", "median"),
        Column("Quasi-clusters", "number", "median"),
        Column("Part of the verdict"),
    ]
    table = study.drivers.table
    known = table[table["effect"].notna()]
    rows = [
        [
            Cell(label_of(name), label_of(name).casefold()),
            Cell(FACTOR_NAMES.get(text_or(row["factor"]), MISSING)),
            _effect(row),
            number_cell(row["cluster_median"], style_of(name)),
            number_cell(row["quasi_median"], style_of(name)),
            Cell(IN_VERDICT[str(row["in_verdict"])]),
        ]
        for name, row in rows_by_region(known).items()
    ]
    return Sheet("drivers", "What separates clusters from quasi-clusters", columns, rows)


def _effect(row: Row) -> Cell:
    effect, low, high = (float(row[name]) for name in ("effect", "low", "high"))
    if low != low:  # noqa: PLR0124 - missing
        low = high = effect
        interval = text_or(row["note"], "no interval")
    else:
        interval = f"{number(low, 'fixed')} to {number(high, 'fixed')}"
    span = scaled_span((-1.0, 1.0), (low, high, effect), axis=0.0)
    note = "separates" if row["separates"] else ""
    return Cell(f"{number(effect, 'fixed')}, {interval}", effect, note=note, span=span)


def drivers_words(study: "Study") -> str:
    """What the comparison is and how it came out, in two sentences."""
    table = study.drivers.table
    clear, known = table[table["separates"]], int(table["effect"].notna().sum())
    free = clear[clear["in_verdict"] == "no"]
    names = ", ".join(label_of(str(name)) for name in free.index)
    outside = f": {names}" if len(free) else ""
    return (
        "Of all pairs of a cluster and a quasi-cluster: the share in which the cluster has more, "
        "less the share in which it has less. "
        f"The interval excludes 0 for {len(clear)} of {known} indicators; {len(free)} of "
        f"these {'is' if len(free) == 1 else 'are'} no part of the verdict{outside}."
    )
