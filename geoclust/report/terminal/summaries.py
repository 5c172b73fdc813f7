"""A study on a terminal: the ranked table and where the report is."""

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from geoclust.records import Inputs
from geoclust.report.summary import summarise, summarise_inputs
from geoclust.study import Needs, Study

SHOWN = 25
"""Rows of the ranking printed; the rest is in scores.csv."""

WIDE = 160
"""Columns to write where standard output is no terminal."""


def print_summary(study: Study, out: Path, console: Console | None = None) -> None:
    """Print the ranking, the quasi-clusters and what to know, then where the report is."""
    console = console or plain_console()
    summary = summarise(study, out)
    counts = summary["counts"]
    console.print(
        Text(
            f"{summary['study']}: {counts['records']:,} records, {counts['regions']} regions: "
            f"{counts['clusters']} clusters, {counts['quasi_clusters']} quasi-clusters, "
            f"{counts['none']} neither; {counts['in_no_region']:,} records in no region"
        )
    )
    if summary["ranking"]:
        console.print(_ranking(summary["ranking"]))
    if len(summary["ranking"]) > SHOWN:
        console.print(Text(f"... and {len(summary['ranking']) - SHOWN} more in scores.csv"))
    print_remarks(study, console)
    console.print(Text(f"Report: {out / 'report.html'}"), soft_wrap=True)


def print_remarks(study: Study, console: Console) -> None:
    """Print the counts of the rows read, and every warning."""
    _print_rows(summarise_inputs(study.inputs), console)
    for sentence in study.decided:
        console.print(Text(sentence), soft_wrap=True)
    notes = study.inputs.notes
    for message in [*notes.loc[notes["level"] == "warning", "message"], *study.warnings]:
        console.print(Text(f"Warning: {message}"), soft_wrap=True)


def print_inputs(
    inputs: Inputs, faults: Path | None, needs: Needs, console: Console | None = None
) -> None:
    """Print the counts of a check, its notes, what a run needs, where the fault report is."""
    console = console or plain_console()
    summary = summarise_inputs(inputs)
    kinds = ", ".join(f"{count:,} {kind}s" for kind, count in summary["records"].items())
    console.print(Text(f"{kinds}, {summary['ties']:,} ties, {summary['places']:,} places"))
    _print_rows(summary, console)
    for note in inputs.notes.itertuples():
        console.print(Text(f"{str(note.level).capitalize()}: {note.message}"), soft_wrap=True)
    console.print(Text(f"A run will need {needs}"), soft_wrap=True)
    if faults is not None:
        console.print(Text(f"Rejected rows with reasons: {faults}"), soft_wrap=True)


def plain_console() -> Console:
    """The terminal; a pipe or file has no edge to wrap at."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDE)


def _print_rows(inputs: dict[str, object], console: Console) -> None:
    console.print(
        Text(
            f"Rows: {inputs['rows']:,} read = {inputs['accepted']:,} accepted + "
            f"{inputs['rejected']:,} rejected + {inputs['merged']:,} merged"
        )
    )
    if inputs["left_out"]:
        left = f"{inputs['left_out']:,} more rows are no records to their preset and left out"
        console.print(Text(f"{left}: geoclust check says why"))
    if inputs["identities"]:
        told = f"{inputs['identities']:,} of the merged are organisations decided to be another"
        console.print(Text(f"{told}: merged.csv says which"))
    if inputs["simulated"]:
        console.print(
            Text(f"{inputs['simulated']:,} records are SIMULATED, not observed", style="bold")
        )


def _ranking(rows: list[dict[str, object]]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading, side in (
        ("rank", "right"),
        ("cluster", "left"),
        ("country", "left"),
        ("records", "right"),
        ("per 100 km2", "right"),
        ("capability", "right"),
    ):
        table.add_column(heading, justify=side)  # type: ignore[arg-type]
    dimensions = [key for key in rows[0] if key.endswith("_rank")]
    for key in dimensions:
        table.add_column(key.removesuffix("_rank").split("_")[0], justify="right")
    for row in rows[:SHOWN]:
        cells = [
            str(row["rank"]),
            str(row["name"]),
            str(row["country"] or ""),
            f"{row['records']:,}",
            f"{row['density_per_100km2']:.1f}",
            f"{row['capability']:.2f}",
        ]
        table.add_row(*(Text(cell) for cell in cells), *(str(row[key]) for key in dimensions))
    return table
