"""The table of decisions on organisations that may be one, as a file and on a terminal."""

from pathlib import Path
from typing import Any, Final

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from geoclust.errors import OutputError, ParameterError, printable
from geoclust.report.manifest import plain_rows
from geoclust.report.tables.files import csv_bytes
from geoclust.report.terminal.summaries import plain_console
from geoclust.study.placing import place_new

SHOWN: Final = 15
"""Pairs printed; the rest is in the file."""

CELL: Final = 44


def write_identities(table: pd.DataFrame, out: Path) -> Path:
    """Write the table of decisions; whole or not at all, and never over another.

    Raises
    ------
    ParameterError
        If there is a file already: it may hold decisions.
    OutputError
        If it cannot be written.
    """
    taken = f"{out}: is there already, perhaps with decisions, and is not overwritten; say --out"
    if out.exists():
        raise ParameterError(taken)
    try:
        place_new(csv_bytes(table, index=False), out)
    except FileExistsError as error:
        raise ParameterError(taken) from error
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror or error})") from error
    return out


def summarise_identities(table: pd.DataFrame, out: Path) -> dict[str, Any]:
    """Counts and all pairs as plain values, for JSON."""
    return {
        "file": str(out),
        "suggested": _counts(table["suggested"]),
        "decided": _counts(table["decision"]),
        "pairs": plain_rows(table),
    }


def print_identities(table: pd.DataFrame, out: Path, console: Console | None = None) -> None:
    """Print counts, the surest pairs still open, and what to do with the file."""
    console = console or plain_console()
    counts, decided = _counts(table["suggested"]), _counts(table["decision"])
    told = ", ".join(f"{count:,} {word}" for word, count in counts.items()) or "none"
    console.print(Text(f"{len(table):,} pairs of organisations may be one; suggested: {told}"))
    if decided:
        told = ", ".join(f"{count:,} {word}" for word, count in decided.items())
        console.print(Text(f"Decided so far: {told}"))
    open_ = table[table["decision"].isna() & table["suggested"].ne("different")]
    if len(open_):
        console.print(_pairs(open_.head(SHOWN)))
    if len(open_) > SHOWN:
        console.print(Text(f"... and {len(open_) - SHOWN:,} more"))
    console.print(
        Text(
            f"Wrote {printable(out)}. Write same or different into its column decision, then say "
            f'identity = "{printable(out.name)}" under [inputs] of the study file; pairs left '
            "empty stay apart."
        ),
        soft_wrap=True,
    )


def _counts(column: pd.Series) -> dict[str, int]:
    counts = column.value_counts()
    return {word: int(counts[word]) for word in ("same", "unsure", "different") if word in counts}


def _pairs(table: pd.DataFrame) -> Table:
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("suggested", "score", "one", "other", "because"):
        shown.add_column(heading, overflow="fold")
    for row in table.to_dict("records"):
        names = [printable(row[name], CELL) for name in ("name_a", "name_b")]
        cells = (row["suggested"], f"{row['score']:.2f}", *names, printable(row["reason"]))
        shown.add_row(*(Text(str(cell)) for cell in cells))
    return shown
