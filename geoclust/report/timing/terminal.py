"""A timeline on a terminal: the windows, the regions through them, and where the page is."""

from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from geoclust.report.terminal.summaries import plain_console
from geoclust.report.timing.words import FATE_WORDS, life, opening
from geoclust.report.timing.writing import PAGE
from geoclust.timeline import Timeline

SHOWN = 25
"""Regions printed; all are in tracks.csv."""


def print_timeline(found: Timeline, out: Path, console: Console | None = None) -> None:
    """Print the study in each window, the lives of the regions, and where the page is."""
    console = console or plain_console()
    console.print(Text(f"{found.config.name}: {opening(found)}"), soft_wrap=True)
    console.print(_windows(found))
    if len(found.tracks):
        console.print(_lives(found))
    if len(found.tracks) > SHOWN:
        console.print(Text(f"... and {len(found.tracks) - SHOWN} more in tracks.csv"))
    for message in found.remarks:
        console.print(Text(f"Note: {message}"), soft_wrap=True)
    console.print(Text(f"Page: {out / PAGE}"), soft_wrap=True)


def _windows(found: Timeline) -> Table:
    names = ["records", "regions", "clusters", "quasi_clusters"]
    names += [fate for fate in FATE_WORDS if found.windows[fate].any()]
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("window")
    for name in names:
        table.add_column(name.replace("quasi_clusters", "quasi"), justify="right")
    for window, row in found.windows.iterrows():
        table.add_row(str(window), *(f"{int(row[name]):,}" for name in names))
    return table


def _lives(found: Timeline) -> Table:
    labels = found.table.pivot_table(
        index="track", columns="window", values="rank_label", aggfunc="first"
    )
    here = found.table.groupby(["track", "window"]).size()
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("region")
    for window in found.windows.index:
        table.add_column(str(window), justify="right")
    table.add_column("life")
    names = found.tracks["name"].to_dict()
    for track, row in found.tracks.head(SHOWN).iterrows():
        cells = [
            _cell(labels, str(track), str(window), known=(track, window) in here.index)
            for window in found.windows.index
        ]
        table.add_row(Text(str(row["name"])), *cells, Text(life(row.to_dict(), names)))
    table.caption = "In the windows: the rank, a dot where a region is there without one"
    return table


def _cell(labels: pd.DataFrame, track: str, window: str, *, known: bool) -> str:
    if not known:
        return ""
    if track not in labels.index or window not in labels.columns:
        return "."
    label = labels.loc[track, window]
    return str(label) if isinstance(label, str) and label else "."
