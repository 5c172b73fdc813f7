"""How tables of ours are told from others': by the note that each carries."""

from collections.abc import Iterable, Mapping
from typing import Final

import pandas as pd

from geoclust.errors import ParameterError

MARK: Final = "written by geoclust"
"""How the comment or description of a table of ours begins."""

Tables = Mapping[str, pd.DataFrame]
"""Tables by name; geometry in EPSG:4326."""


def marked(note: str) -> str:
    """What a table of ours carries: the mark, then version and study.

    Examples
    --------
    >>> marked("geoclust 0.1.0, quantum")
    'written by geoclust: geoclust 0.1.0, quantum'
    """
    return f"{MARK}: {note}"


def is_ours(note: object) -> bool:
    """Whether a comment or description is ours.

    Examples
    --------
    >>> is_ours(marked("quantum")), is_ours(None)
    (True, False)
    """
    return str(note).startswith(MARK)


def refuse_others(path: object, notes: Iterable[object], what: str) -> None:
    """Raise `ParameterError` unless a file holds something and all of it is ours.

    Parameters
    ----------
    path
        The file, for the message.
    notes
        Comments or descriptions of what it holds.
    what
        What that is: "tables", say.
    """
    found = list(notes)
    if not found or not all(map(is_ours, found)):
        raise ParameterError(
            f"{path}: holds {what} not written by geoclust: left as it is; give another file"
        )


def rows_of(tables: Tables) -> dict[str, int]:
    """Number of rows of each table."""
    return {name: len(table) for name, table in tables.items()}
