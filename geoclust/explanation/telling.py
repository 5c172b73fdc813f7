"""An explanation as plain text, for terminals and notebooks.  Names from data stay text."""

import textwrap
import unicodedata
from typing import TYPE_CHECKING, Final

import pandas as pd

from geoclust.explanation.working import missing, said

if TYPE_CHECKING:
    from geoclust.explanation.outcome import Explanation

WIDEST: Final = 44
"""Characters of a cell shown; the whole stands in the data (`to_dict`, --json)."""
LINE: Final = 96
PLAIN: Final = ("year", "row")
"""Columns of numbers that are not amounts."""
MISMATCH: Final = "MISMATCH"


def as_text(explanation: "Explanation", rows: int | None) -> str:
    """The explanation, lists cut to `rows` (None: all)."""
    parts = [_heading(explanation), *_formula(explanation)]
    parts += [_listed(one.title, one.table, rows) for one in explanation.listings]
    if len(explanation.settings):
        told = [f"  {row.setting} = {tame(str(row.value))} ({tame(str(row.why))})"
                for row in explanation.settings.itertuples()]  # fmt: skip
        parts.append("Settings that mattered\n" + "\n".join(told))
    if explanation.definition:
        parts.append(_wrapped(f"Definition: {explanation.definition}"))
    if explanation.made_of:
        follow = ", ".join(dict.fromkeys(explanation.made_of))
        parts.append(_wrapped(f"Made of, and explained in the same way: {follow}"))
    return "\n\n".join(part for part in parts if part)


def _heading(explanation: "Explanation") -> str:
    name = tame(explanation.subject_name)
    label = (
        explanation.label
        if explanation.label == explanation.indicator
        else (f"{explanation.label} ({explanation.indicator})")
    )
    unit = f", in {explanation.unit}" if explanation.unit and not _is_text(explanation) else ""
    lines = [
        f"{name} ({tame(explanation.subject)}): {label}{unit}",
        f"  reported   {tame(said(explanation.value))}",
        f"  worked out {tame(said(explanation.recomputed))}",
    ]
    if explanation.agrees:
        lines[2] += "  the same"
        return "\n".join(lines)
    warning = (
        f"  {MISMATCH}: what the records give is not what was reported; the results were changed "
        "since they were written, or this is a fault of ours"
    )
    return "\n".join([*lines, _wrapped(warning)])


def _is_text(explanation: "Explanation") -> bool:
    return isinstance(explanation.value, (str, bool)) or explanation.unit == "text"


def _formula(explanation: "Explanation") -> list[str]:
    lines = [f"  {explanation.meaning}", f"  {tame(explanation.filled)}"]
    told = ["Formula\n" + "\n".join(_wrapped(line, "  ") for line in lines if line.strip())]
    return [*told, "\n".join(_wrapped(tame(note)) for note in explanation.notes)]


def _wrapped(line: str, indent: str = "") -> str:
    return textwrap.fill(line.strip(), LINE, initial_indent=indent, subsequent_indent=indent)


def _listed(title: str, table: pd.DataFrame, rows: int | None) -> str:
    """A heading with the number of rows, and the rows in columns."""
    heading = f"{tame(title)} ({len(table):,})"
    if table.empty:
        return heading
    shown = _where_it_stands(table if rows is None else table.head(rows))
    filled = [str(name) for name in shown if not all(map(missing, shown[name]))]
    numbers = [pd.api.types.is_numeric_dtype(shown[name].dtype) for name in filled]
    columns = [[name, *(_cell(one, name) for one in shown[name])] for name in filled]
    widths = [max(map(len, column)) for column in columns]
    lines = [_line(row, widths, numbers) for row in zip(*columns, strict=True)]
    more = len(table) - len(shown)
    lines += [f"  and {more:,} more: --all shows them"] if more else []
    return "\n".join([heading, *lines])


def _where_it_stands(table: pd.DataFrame) -> pd.DataFrame:
    """The columns file and row as one."""
    if not {"file", "row"} <= set(table):
        return table
    told = table.drop(columns=["file", "row"])
    told["stands_at"] = [
        None if missing(file) or not str(file) else f"{file}:{row}"
        for file, row in zip(table["file"], table["row"], strict=True)
    ]
    return told


def _line(cells: tuple[str, ...], widths: list[int], numbers: list[bool]) -> str:
    padded = [cell.rjust(width) if right else cell.ljust(width)
              for cell, width, right in zip(cells, widths, numbers, strict=True)]  # fmt: skip
    return ("  " + "  ".join(padded)).rstrip()


def _cell(value: object, column: str) -> str:
    if missing(value):
        return ""
    text = value if isinstance(value, str) else said(value)
    if column in PLAIN:
        text = text.replace(",", "")
    text = tame(text)
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def tame(text: str) -> str:
    r"""Text without characters that would move the cursor, colour or reverse what follows.

    Examples
    --------
    >>> tame("Quantum\x1b[31m\n\u202eLtd")
    'Quantum�[31m��Ltd'
    """
    return "".join("\ufffd" if unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else one
                   for one in text)  # fmt: skip
