"""A study on a terminal: the ranked table and where the report is."""

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from geoclust.errors import printable
from geoclust.records import Inputs
from geoclust.report.summary import summarise, summarise_inputs
from geoclust.study import Needs, Study

SHOWN = 25
"""Rows of the ranking printed; the rest is in scores.csv."""

QUASI_SHOWN = 10
"""Quasi-clusters printed where there is no cluster."""

FAULTS_SHOWN = 5
"""Rejected rows printed; the rest is in rejected.csv."""

NARROW = 100
"""Columns of a terminal below which headings take two lines."""

NAME_WIDTH = 20
"""Columns a region's name keeps there."""

LONG_WORD = 8
"""Letters of a heading from which it is parted there."""

DASH = "-"
"""Stands for "not scored" there."""

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
        narrow = console.width < NARROW
        console.print(_ranking(summary["ranking"], narrow=narrow))
        if narrow and any("not scored" in row.values() for row in summary["ranking"][:SHOWN]):
            console.print(Text(f"{DASH} not scored: too many of its indicators are missing"))
    elif summary["quasi_clusters"]:
        console.print(_quasi(summary["quasi_clusters"]))
        more = len(summary["quasi_clusters"]) - QUASI_SHOWN
        if more > 0:
            console.print(Text(f"... and {more} more quasi-clusters on the page"))
    if len(summary["ranking"]) > SHOWN:
        console.print(Text(f"... and {len(summary['ranking']) - SHOWN} more in scores.csv"))
    print_remarks(study, console)
    console.print(Text(f"Report: {out / 'report.html'}"), soft_wrap=True)


def print_remarks(study: Study, console: Console) -> None:
    """Print the counts of the rows read, and every warning."""
    _print_rows(summarise_inputs(study.inputs), console)
    if len(study.inputs.rejected):
        _print_faults(study.inputs, console)
        console.print(Text("  rejected.csv lists every one"))
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
    _print_faults(inputs, console)
    for note in inputs.notes.itertuples():
        console.print(Text(f"{str(note.level).capitalize()}: {note.message}"), soft_wrap=True)
    console.print(Text(f"A run will need {needs}"), soft_wrap=True)
    if faults is not None:
        console.print(Text(f"Rejected rows with reasons: {faults}"), soft_wrap=True)


def plain_console() -> Console:
    """The terminal; a pipe or file has no edge to wrap at."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDE)


def _print_faults(inputs: Inputs, console: Console) -> None:
    """Print the first rejected rows, each with its place and reason."""
    for fault in inputs.rejected.head(FAULTS_SHOWN).to_dict("records"):
        place = f"{fault['file']}, row {fault['row']}, {fault['column'] or 'record'}"
        said = printable(f"  {place} {str(fault['value'])[:60]!r}: {fault['reason']}")
        console.print(Text(said), soft_wrap=True)
    more = len(inputs.rejected) - FAULTS_SHOWN
    if more > 0:
        console.print(Text(f"  and {more:,} more"))


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


def _ranking(rows: list[dict[str, object]], *, narrow: bool) -> Table:
    table = _headed("rank", "cluster", narrow=narrow)
    dimensions = [key for key in rows[0] if key.endswith("_rank")]
    for key in dimensions:
        heading = key.removesuffix("_rank").split("_")[0]
        table.add_column(_parted(heading) if narrow else heading, justify="right")
    for row in rows[:SHOWN]:
        cells = [str(row["rank"]), *_cells(row)]
        ranks = [str(row[key]) for key in dimensions]
        if narrow:
            ranks = [DASH if rank == "not scored" else rank for rank in ranks]
        table.add_row(*(Text(cell) for cell in cells), *ranks)
    return table


def _quasi(rows: list[dict[str, object]]) -> Table:
    table = _headed("tier", "quasi-cluster", narrow=False)
    for row in rows[:QUASI_SHOWN]:
        table.add_row(*(Text(cell) for cell in [str(row["tier"]), *_cells(row)]))
    return table


def _headed(first: str, what: str, *, narrow: bool) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1))
    table.add_column(first, justify="right")
    table.add_column(what, no_wrap=True, min_width=NAME_WIDTH if narrow else None)
    table.add_column("in" if narrow else "country")
    for heading in ("records", "per 100 km2", "capability"):
        table.add_column(_parted(heading) if narrow else heading, justify="right")
    return table


def _parted(heading: str) -> str:
    r"""A long heading on two lines.

    Examples
    --------
    >>> _parted("collaboration"), _parted("market"), _parted("per 100 km2")
    ('collab-\noration', 'market', 'per 100\nkm2')
    """
    if " " in heading:
        return "\n".join(heading.rsplit(" ", 1))
    half = len(heading) // 2
    return heading if len(heading) <= LONG_WORD else f"{heading[:half]}-\n{heading[half:]}"


def _cells(row: dict[str, object]) -> list[str]:
    return [
        str(row["name"]),
        str(row["country"] or ""),
        f"{row['records']:,}",
        f"{row['density_per_100km2']:.1f}",
        f"{row['capability']:.2f}",
    ]
