"""A sweep on a terminal: a row per setting, then where results hold still."""

from pathlib import Path
from typing import Any, Final

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from geoclust.report.sweeping.plots import short_name
from geoclust.report.terminal.summaries import plain_console
from geoclust.robustness.axes import value_words
from geoclust.robustness.sweeping import Sweep

SHOWN: Final = 40
"""Settings printed; the rest is in sweep.csv."""

COLUMNS: Final = (
    ("regions", "regions", "{:,.0f}"),
    ("clusters", "clusters", "{:,.0f}"),
    ("quasi", "quasi_clusters", "{:,.0f}"),
    ("in none", "noise_share", "{:.0%}"),
    ("agreement", "agreement", "{:.2f}"),
    ("persistence", "persistence", "{:.2f}"),
    ("km2", "area_km2", "{:,.0f}"),
    ("widest km", "largest_extent_km", "{:,.0f}"),
    ("same status", "same_status", "{:.0%}"),
    ("top ten", "top_ten", "{:.0%}"),
)
"""Heading, column and how its numbers are written."""


def print_sweep(sweep: Sweep, out: Path, *, console: Console | None = None) -> None:
    """Print the settings, what varies with them and what does not, then where the rest is."""
    console = console or plain_console()
    run = int((sweep.settings["note"] == "").sum())
    console.print(
        Text(
            f"{sweep.study.config.name}: {run:,} of {len(sweep.settings):,} settings of "
            f"{', '.join(sweep.varied)} run in {sweep.seconds:.1f} s"
        ),
        soft_wrap=True,
    )
    console.print(_table(sweep))
    console.print(
        Text(
            "in none: share of the weight in no region; agreement: adjusted Rand index with the "
            "study; same status, top ten: shares of the study's"
            + ("; * the study itself" if sweep.own is not None else "")
        ),
        soft_wrap=True,
    )
    if len(sweep.settings) > SHOWN:
        console.print(Text(f"... and {len(sweep.settings) - SHOWN:,} more in sweep.csv"))
    for remark in sweep.remarks:
        console.print(Text(f"Note: {remark}"), soft_wrap=True)
    for note in dict.fromkeys(sweep.settings["note"][sweep.settings["note"] != ""]):
        console.print(Text(f"Not run: {note}"), soft_wrap=True)
    for sentence in sweep.advice:
        console.print(Text(f"{sentence}."), soft_wrap=True)
    console.print(Text(f"Tables: {out / 'sweep.csv'}"), soft_wrap=True)
    console.print(Text(f"Report: {out / 'sweep.html'}"), soft_wrap=True)


def _table(sweep: Sweep) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for axis in sweep.axes:
        table.add_column(Text(short_name(axis.key)), justify="right")
    for heading, _, _ in COLUMNS:
        table.add_column(heading, justify="right")
    for number, row in sweep.settings.head(SHOWN).to_dict("index").items():
        values = [value_words(row[axis.key]) for axis in sweep.axes]
        star = "*" if number == sweep.own else ""
        cells = [_cell(row[name], style) for _, name, style in COLUMNS]
        table.add_row(Text(values[0] + star), *map(Text, values[1:]), *cells)
    return table


def _cell(value: Any, style: str) -> str:  # noqa: ANN401 - a cell of a frame
    return "" if pd.isna(value) else style.format(float(value)).replace("%", " %")
