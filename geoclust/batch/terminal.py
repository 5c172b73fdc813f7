"""A batch on a terminal: progress while it runs, then the ranking, what failed, what to know."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from geoclust.batch.outcome import Batch
from geoclust.report.terminal.summaries import plain_console

SHOWN: Final = 25
"""Clusters of the ranking that are printed; the rest is in ranking.csv."""

WORDS: Final = {"plan": "reading the plan", "combine": "combining"}


@contextmanager
def batch_shown(
    check: Callable[..., None], *, quiet: bool
) -> Iterator[Callable[[str, str, int, int], None]]:
    """Show how many studies are finished on standard error, where that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda *_: check()
        return
    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()
    with Progress(
        *columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True
    ) as bars:
        task = bars.add_task("reading the plan", total=None)
        failed: list[str] = []

        def told(event: str, study: str, settled: int, total: int) -> None:
            check()
            if event == "failed":
                failed.append(study)
            words = WORDS.get(event) or f"studies{f', {len(failed)} failed' if failed else ''}"
            shown = f"{words}: {study}"[:60] if event == "begin" else words
            bars.update(task, description=shown, completed=settled, total=total or None)

        yield told


def print_batch(batch: Batch, console: Console | None = None) -> None:
    """Print the counts, the ranking, failures with reasons, warnings, and where the page is."""
    console = console or plain_console()
    states = batch.studies["state"].value_counts()
    told = ", ".join(f"{count} {state}" for state, count in states.items())
    counts = {name: int(batch.studies[name].sum()) for name in ("records", "regions", "clusters")}
    console.print(
        Text(
            f"{batch.name}: {len(batch.studies)} studies ({told}), {counts['records']:,} records, "
            f"{counts['regions']:,} regions, {counts['clusters']:,} clusters"
        )
    )
    if len(batch.ranking):
        console.print(_ranking(batch))
    if len(batch.ranking) > SHOWN:
        console.print(Text(f"... and {len(batch.ranking) - SHOWN} more in ranking.csv"))
    for message in batch.warnings:
        console.print(Text(f"Warning: {message}"), soft_wrap=True)
    if len(batch.failures):
        console.print(_failures(batch))
        console.print(Text(_advice(batch)), soft_wrap=True)
    if batch.whole:
        console.print(Text(f"Index: {batch.out / 'index.html'}"), soft_wrap=True)


def _advice(batch: Batch) -> str:
    if batch.whole:
        return "Mend the cause, then the same command with --resume runs only what is not done."
    left = int((batch.studies["state"] == "not run").sum())
    return (
        f"Stopped at a failure with {left} studies not run; nothing was combined. Mend the cause "
        "and go on with --resume, or run the others too with --keep-going --resume."
    )


def _ranking(batch: Batch) -> Table:
    table = _table(("rank", "right"), ("cluster", "left"), ("study", "left"), ("there", "right"))
    for row in batch.ranking.head(SHOWN).to_dict("records"):
        names = ("rank_label", "name", "study", "study_rank_label")
        table.add_row(*(Text(_cell(row[name])) for name in names))
    return table


def _failures(batch: Batch) -> Table:
    table = _table(("failed", "left"), ("kind", "left"), ("why", "left"))
    for name, row in zip(batch.failures.index, batch.failures.to_dict("records"), strict=True):
        table.add_row(Text(str(name)), Text(row["kind"]), Text(row["reason"]))
    return table


def _table(*headings: tuple[str, Any]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading, side in headings:
        table.add_column(heading, justify=side)
    return table


def _cell(value: object) -> str:
    return value if isinstance(value, str) else "-"
