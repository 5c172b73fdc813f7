"""A comparison on a terminal: the counts, what changed, and where the page is."""

from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from geoclust.comparison import Comparison
from geoclust.report.comparing.words import agreement_words, lede, names_of, plain_dicts, story
from geoclust.report.comparing.writing import PAGE
from geoclust.report.terminal.summaries import plain_console

SHOWN = 40
"""Changed regions printed; all are in fates.csv."""


def print_comparison(found: Comparison, out: Path, console: Console | None = None) -> None:
    """Print what became of the regions, verdicts, agreement, and where the page is."""
    console = console or plain_console()
    console.print(Text(f"A: {found.a.name}"), soft_wrap=True)
    console.print(Text(f"B: {found.b.name}"), soft_wrap=True)
    console.print(Text(lede(found)), soft_wrap=True)
    changed = found.fates[found.fates["fate"] != "kept"] if found.changed else found.redrawn
    if len(changed):
        console.print(_changes(found, changed.head(SHOWN)))
    if len(changed) > SHOWN:
        console.print(Text(f"... and {len(changed) - SHOWN} more in fates.csv"))
    console.print(_statuses(found.statuses))
    for words in agreement_words(found):
        console.print(Text(words), soft_wrap=True)
    for message in found.remarks:
        console.print(Text(f"Note: {message}"), soft_wrap=True)
    console.print(Text(f"Page: {out / PAGE}"), soft_wrap=True)


def _changes(found: Comparison, rows: pd.DataFrame) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading, side in (("region", "left"), ("A", "right"), ("B", "right"), ("fate", "left")):
        table.add_column(heading, justify=side)  # type: ignore[arg-type]
    names = names_of(found)
    for row in plain_dicts(rows):
        weights = ("" if pd.isna(row[f"weight_{e}"]) else f"{row[f'weight_{e}']:.4g}" for e in "ab")
        table.add_row(Text(str(row["name"])), *weights, Text(story(row, names)))
    return table


def _statuses(counts: pd.DataFrame) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("verdict in A, in B:")
    for name in counts.columns:
        table.add_column(str(name), justify="right")
    for status, row in counts.iterrows():
        table.add_row(str(status), *map(str, row))
    return table
