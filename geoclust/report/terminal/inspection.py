"""Files that were inspected, on a terminal or as plain values: what they are, and what is wrong."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from geoclust.errors import printable
from geoclust.records.inspecting import Look, Proposal
from geoclust.report.manifest import plain_rows
from geoclust.report.terminal.summaries import plain_console
from geoclust.study.drafting import source_values

CELL: Final = 28
"""Characters of a value shown."""

NARROW: Final = 80
"""Columns of a terminal that a summary keeps to."""

COLUMNS_SHOWN: Final = 8
"""Columns of a sample shown where no mapping says which matter."""


def print_proposal(proposal: Proposal, console: Console | None = None) -> None:
    """Print each file: what it is, its mapping, a sample, how reading went, its first faults."""
    console = console or plain_console()
    for look in proposal.looks:
        _print_look(look, console)
        _print_reading(look, proposal, console)
        console.print()
    for problem in proposal.problems:
        _say(console, f"Problem: {problem}", style="bold")
    tables = ", ".join(proposal.tables) or "none"
    lacking = "" if proposal.makes_study else "; a study needs one of firms, labs, patents, records"
    _say(console, f"Tables of a study: {tables}{lacking}")


def print_findings(
    proposal: Proposal, label: Callable[[Look], str], console: Console | None = None
) -> None:
    """Print in short what each file is taken for, and which of its columns is which.

    Parameters
    ----------
    proposal
        Files that were inspected.
    label
        What a file or sheet is called.
    """
    console = console or plain_console()
    for look in proposal.looks:
        if look.table is None:
            _say(console, f"{label(look)}: not used", style="bold")
            _say_narrow(console, (look.problem or look.why).removeprefix(f"{look.path}: "))
            continue
        rows = f"{look.rows:,} row" + ("" if look.rows == 1 else "s")
        _say(console, f"{label(look)}: {look.table}, {rows}", style="bold")
        _say_narrow(console, f"{100 * look.confidence:.0f} % sure: {look.why}")
        columns = ", ".join(f"{one.name} from {one.own[:CELL]!r}" for one in look.columns)
        unused = _unused(look)
        lines = [columns, f"not used: {unused}" if unused else "", *look.remarks]
        for line in filter(None, lines):
            _say_narrow(console, line)


def print_reservations(proposal: Proposal, console: Console | None = None) -> None:
    """Print what a user should know of tables before they are run: rows set aside, warnings."""
    console = console or plain_console()
    for row in proposal.counts.to_dict("records"):
        if row["rejected"]:
            _say(
                console,
                f"{row['file']}: {row['rejected']:,} of {row['rows']:,} rows will be set aside; "
                f"{_first_fault(proposal, str(row['file']))}geoclust check lists them all",
            )
    notes = proposal.notes
    for note in notes[notes["level"] == "warning"].to_dict("records"):
        file = f"{note['file']}: " if note["file"] else ""
        _say(console, f"Warning: {file}{note['message']}")
    for problem in proposal.problems:
        _say(console, f"Problem: {problem}", style="bold")


def _first_fault(proposal: Proposal, file: str) -> str:
    for fault in proposal.faults[proposal.faults["file"] == file].to_dict("records"):
        place = f"row {fault['row']}, {fault['column'] or 'record'}"
        return f"the first is {place} {str(fault['value'])[:60]!r}: {fault['reason']}; "
    return ""


def summarise_proposal(proposal: Proposal) -> dict[str, Any]:
    """The proposal as plain values, for JSON."""
    return {
        "files": [_plain_look(look) for look in proposal.looks],
        "tables": {table: source_values(source) for table, source in proposal.tables.items()},
        "counts": plain_rows(proposal.counts),
        "faults": plain_rows(proposal.faults),
        "notes": plain_rows(proposal.notes),
        "problems": list(proposal.problems),
    }


def _print_look(look: Look, console: Console) -> None:
    size = f"{look.rows:,} rows, {len(look.header)} columns" if look.header else ""
    what = ", ".join(part for part in (look.format, size) if part)
    sheet = f", sheet {look.fields['sheet']!r}" if "sheet" in look.fields else ""
    _say(console, f"{look.path}{sheet}: {what}" if what else f"{look.path}{sheet}", style="bold")
    if look.problem is not None:
        _say(console, f"  cannot be read: {look.problem.removeprefix(f'{look.path}: ')}")
        return
    verdict = f"{look.table} ({100 * look.confidence:.0f} % sure)" if look.table else "no table"
    preset = f", preset {look.preset!r}" if look.preset else ""
    _say(console, f"  {verdict}{preset}: {look.why}")
    for remark in look.remarks:
        _say(console, f"  check: {remark}")
    if look.columns:
        console.print(_mapping(look))
    if look.table is not None or look.columns:
        unused = _unused(look)
        if unused:
            _say(console, f"  not used: {unused}")
    if look.sample:
        console.print(_sample(look))


def _mapping(look: Look) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("  column", "from", "sure", "because", "or"):
        table.add_column(heading, overflow="fold")
    for guess in look.columns:
        cells = (
            f"  {guess.name}",
            repr(guess.own[:CELL]),
            f"{100 * guess.confidence:.0f} %",
            guess.why,
            ", ".join(repr(other[:CELL]) for other in guess.alternatives),
        )
        table.add_row(*(Text(printable(cell)) for cell in cells))
    return table


def _sample(look: Look) -> Table:
    chosen = [guess.own for guess in look.columns] or list(look.header)[:COLUMNS_SHOWN]
    table = Table(box=None, pad_edge=False, header_style="dim")
    for at, name in enumerate(chosen):
        table.add_column(Text(("  " if at == 0 else "") + printable(name, CELL)), no_wrap=True)
    for row in look.sample:
        cells = [printable(row.get(name, ""), CELL) for name in chosen]
        table.add_row(*(Text(("  " if at == 0 else "") + cell) for at, cell in enumerate(cells)))
    return table


def _unused(look: Look) -> str:
    if look.preset is not None:
        return ""
    used = {guess.own for guess in look.columns}
    rest = [repr(name[:CELL]) for name in look.header if name not in used]
    return ", ".join(rest[:COLUMNS_SHOWN]) + (" ..." if len(rest) > COLUMNS_SHOWN else "")


def _print_reading(look: Look, proposal: Proposal, console: Console) -> None:
    name = Path(look.path).as_posix()
    counts = proposal.counts
    mine = (counts["file"] == name) & (counts["table"] == look.table)
    for row in counts[mine if "sheet" in look.fields else counts["file"] == name].to_dict(
        "records"
    ):
        _say(
            console,
            f"  as {row['table']}: {row['rows']:,} rows = {row['accepted']:,} accepted + "
            f"{row['rejected']:,} rejected + {row['merged']:,} merged; "
            f"{row['left_out']:,} left out",
        )
    faults = proposal.faults
    for fault in faults[faults["file"] == name].to_dict("records"):
        place = f"row {fault['row']}, {fault['column'] or 'record'}"
        _say(console, f"    {place} {str(fault['value'])[:60]!r}: {fault['reason']}")
    notes = proposal.notes
    for note in notes[notes["file"] == name].to_dict("records"):
        _say(console, f"  {str(note['level']).capitalize()}: {note['message']}")


def _say_narrow(console: Console, text: str) -> None:
    for line in textwrap.wrap(text, NARROW - 4):
        _say(console, f"    {line}")


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(printable(text), style=style), soft_wrap=True)


def _plain_look(look: Look) -> dict[str, Any]:
    columns = [
        {
            "column": guess.name,
            "from": guess.own,
            "confidence": guess.confidence,
            "why": guess.why,
            "alternatives": list(guess.alternatives),
        }
        for guess in look.columns
    ]
    names = ("path", "format", "rows", "preset", "role", "table", "confidence", "why", "problem")
    found: dict[str, Any] = {name: getattr(look, name) for name in names}
    return found | {
        "header": list(look.header),
        "columns": columns,
        "sample": [dict(row) for row in look.sample],
        "remarks": list(look.remarks),
    }
