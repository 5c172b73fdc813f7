"""What the page of a sweep says and shows in tables; the template escapes it."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geoclust.report.cells import Cell, Column, Sheet, number_cell
from geoclust.report.sweeping.plots import mapped_settings, short_name
from geoclust.report.words import (
    MISSING,
    STATUS_WORDS,
    capital,
    counted,
    country_words,
    listed,
    number,
    text_or,
)
from geoclust.robustness.axes import value_words
from geoclust.robustness.lots import MEASURES
from geoclust.robustness.plateaus import JUDGED_BY

if TYPE_CHECKING:
    from geoclust.robustness.sweeping import Sweep

STYLES: Final = {
    "regions": ("Regions", "count", ""),
    "clusters": ("Clusters", "count", ""),
    "quasi_clusters": ("Quasi-clusters", "count", ""),
    "noise": ("In no region", "count", "records"),
    "noise_share": ("In no region", "share", "of the weight"),
    "agreement": ("Agreement", "fixed", "with the study's regions"),
    "persistence": ("Persistence", "fixed", "mean, 0 to 1"),
    "area_km2": ("Area", "ratio", "km²"),
    "largest_extent_km": ("Widest region", "ratio", "km"),
    "kept_regions": ("Kept", "count", "of the study's regions"),
    "new_regions": ("New", "count", "regions"),
    "same_status": ("Same status", "share", "of the study's regions"),
    "top_ten": ("Ten best kept", "share", ""),
}
"""Heading, style of the numbers and unit of each measure."""


def opening(sweep: "Sweep") -> str:
    """The first sentence: what was varied, and what came of it."""
    run = sweep.settings[sweep.settings["note"] == ""]
    names = listed([f"{axis.key} ({_values_words(axis.values)})" for axis in sweep.axes])
    spans = [
        f"{_span(run[name])} {word}"
        for name, word in (
            ("regions", "regions"),
            ("clusters", "clusters"),
            ("quasi_clusters", "quasi-clusters"),
        )
    ]
    agreement = f"{number(run['agreement'].min(), 'fixed')} at the least"
    return (
        f"The study was run at {counted(len(run), 'setting')} of {names}. It then has "
        f"{listed(spans)}; agreement with the study's own regions is {agreement} (1: the same)."
    )


def _values_words(values: Sequence[Any]) -> str:
    words = [value_words(value) for value in values]
    return ", ".join(words) if len(words) <= 6 else f"{words[0]}, {words[1]} ... {words[-1]}"  # noqa: PLR2004


def _span(column: pd.Series) -> str:
    low, high = int(column.min()), int(column.max())
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def key_figures(sweep: "Sweep") -> list[dict[str, str]]:
    """Numbers for the head of the page."""
    run = sweep.settings[sweep.settings["note"] == ""]
    everywhere = int((sweep.regions["found"] == 1).sum())
    clusters = sweep.regions["status"] == "cluster"
    firm = int((sweep.regions["cluster"][clusters] == 1).sum())
    return [
        {"label": "settings", "value": f"{len(sweep.settings):,}"},
        {"label": "regions", "value": _span(run["regions"])},
        {"label": "clusters", "value": _span(run["clusters"])},
        {
            "label": f"of the study's {counted(len(sweep.regions), 'region')} found at every one",
            "value": f"{everywhere:,}",
        },
        {
            "label": f"of its {counted(int(clusters.sum()), 'cluster')} a cluster at every one",
            "value": f"{firm:,}",
        },
    ]


def banners(sweep: "Sweep") -> list[str]:
    """What a reader must know first."""
    unrun = int((sweep.settings["note"] != "").sum())
    found = list(sweep.remarks)
    if unrun:
        reason = sweep.settings["note"][sweep.settings["note"] != ""].iloc[0]
        found.append(
            f"{counted(unrun, 'setting')} could not be run, and the table says why each. The "
            f"first: {reason}."
        )
    return found


def maps_words(sweep: "Sweep") -> str:
    """Which settings the small maps show."""
    chosen = mapped_settings(sweep)
    run = int((sweep.settings["note"] == "").sum())
    which = (
        "Every setting"
        if len(chosen) == run
        else f"{len(chosen)} of the {run:,} settings, evenly chosen from first to last"
    )
    own = ", the study itself among them" if sweep.own in chosen else ""
    return f"{which}{own}. A mark's size tells the region's weight, on one scale for all maps."


def settings_sheet(sweep: "Sweep") -> Sheet:
    """A row per setting, the study's own marked."""
    columns = [Column("Setting", "number", rising=True)]
    columns += [
        Column(_breakable(short_name(axis.key)), "number" if axis.ordered else "text", rising=True)
        for axis in sweep.axes
    ]
    columns += [Column(*_heading(name)) for name in MEASURES]
    rows = []
    for place, row in sweep.settings.iterrows():
        own = "the study" if place == sweep.own else ""
        cells = [Cell(f"{place}", float(str(place)), note=own)]
        cells += [_value_cell(row[axis.key]) for axis in sweep.axes]
        if row["note"]:
            cells += [Cell("not run", -1e99, under=row["note"])]
            cells += [Cell(MISSING, -1e99) for _ in list(MEASURES)[1:]]
        else:
            cells += [number_cell(row[name], STYLES[name][1]) for name in MEASURES]
        rows.append(cells)
    return Sheet("settings", "Every setting and what it comes to", columns, rows)


def _breakable(name: str) -> str:
    """A name that may be broken behind an underscore or a dot."""
    return re.sub(r"([_.])", "\\1\u200b", name)


def _heading(name: str) -> tuple[str, str, str]:
    label, _, unit = STYLES[name]
    return label, "number", unit


def _value_cell(value: Any) -> Cell:  # noqa: ANN401 - a value of a setting
    words = value_words(value)
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return Cell(words, float(value) if known else words)


def regions_sheet(sweep: "Sweep") -> Sheet:
    """A row per region of the study: at which share of settings it is there, and as what."""
    columns = [
        Column("Region"),
        Column("Country"),
        Column("Status", unit="in the study"),
        Column("Found", "number", "of the settings"),
        Column("Cluster", "number", "of the settings"),
        Column("Quasi-cluster", "number", "of the settings"),
        Column("Neither", "number", "of the settings"),
        Column("Overlap", "number", "median, 0 to 1"),
        Column("Ranks", "number", "best to worst", rising=True),
        Column("In the ten best", "number", "of the settings"),
    ]
    rows = []
    for region_id, row in zip(sweep.regions.index, sweep.regions.to_dict("records"), strict=True):
        name = text_or(row["name"], str(region_id))
        status = text_or(row["status"])
        shares = [row[key] for key in ("found", "cluster", "quasi_cluster", "none")]
        rows.append(
            [
                Cell(name, name.casefold()),
                Cell(country_words(row["country"])),
                Cell(STATUS_WORDS.get(status, status)),
                *(number_cell(share, "share") for share in shares),
                number_cell(row["jaccard"], "fixed"),
                _ranks_cell(row["best_rank"], row["worst_rank"]),
                number_cell(row["top_ten"], "share"),
            ]
        )
    return Sheet("regions", "The study's regions over all settings", columns, rows)


def _ranks_cell(best: Any, worst: Any) -> Cell:  # noqa: ANN401 - cells of a frame
    if pd.isna(best):
        return Cell(MISSING, 1e9)
    text = f"{best}" if best == worst else f"{best} to {worst}"
    return Cell(text, float(best))


def steps_sheet(sweep: "Sweep") -> Sheet:
    """How far neighbouring values agree."""
    columns = [
        Column("Setting"),
        Column("From", "number", rising=True),
        Column("To", "number", rising=True),
        Column("Regions agree", "number", "adjusted Rand"),
        Column("at the least", "number", "adjusted Rand"),
        Column("Statuses kept", "number", "of the study's regions"),
        Column("Order kept", "number", "pairs of clusters"),
        Column("Regions", unit="from and to"),
        Column("Clusters", unit="from and to"),
    ]
    rows = [
        [
            Cell(step["setting"]),
            _value_cell(step["value"]),
            _value_cell(step["next"]),
            number_cell(step["agreement"], "fixed"),
            number_cell(step["lowest_agreement"], "fixed"),
            number_cell(step["same_status"], "share"),
            number_cell(step["same_order"], "share"),
            Cell(_moved(step, "regions")),
            Cell(_moved(step, "clusters")),
        ]
        for step in sweep.steps.to_dict("records")
    ]
    return Sheet("steps", "How far neighbouring values agree", columns, rows)


def _moved(step: dict[Any, Any], what: str) -> str:
    return f"{number(step[what])} to {number(step[f'next_{what}'])}"


def advice(sweep: "Sweep") -> list[dict[str, str]]:
    """Each setting varied: its stable range or that there is none, and why."""
    found = []
    for axis, sentence in zip(sweep.axes, sweep.advice, strict=True):
        why = sentence.removeprefix(f"{axis.key}: ").removeprefix("nothing is stable: ")
        head = f"{axis.key}"
        if axis.key in sweep.ranges.index:
            row = sweep.ranges.loc[axis.key]
            if row["values"]:
                head += f": stable from {value_words(row['low'])} to {value_words(row['high'])}"
            else:
                head += ": no stable range"
        else:
            head += ": a choice"
        found.append({"head": head, "why": capital(why)})
    return found


def measure_words() -> list[tuple[str, str]]:
    """Each column of `sweep.csv` and what it holds."""
    return list(MEASURES.items())


def judged_words() -> list[str]:
    """What stability is judged by."""
    return list(JUDGED_BY.values())
