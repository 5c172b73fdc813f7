"""A table as a file holds it: text only, nothing judged."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geoclust.errors import InputError
from geoclust.records.cells import sound_text
from geoclust.records.draft import FAULT_COLUMNS


@dataclass(frozen=True, eq=False)
class RawTable:
    """Text of one file.

    Parameters
    ----------
    file
        Name for messages.
    header
        Column names as the file has them, trimmed; may recur.
    text
        Columns 0, 1... of text, trimmed, missing where empty; RangeIndex.
    row
        Record number of each row in the file.
    points
        Longitude and latitude (degrees, WGS84) from the file's geometry, where it has one.
    faults
        Rows that could not be split or located: position, column, value, reason.
    notes
        Pairs of keyword arguments for `Draft.note`.
    sha256, bytes
        Fingerprint and size of the file.
    left_out
        Rows of the file that a preset leaves out, as its notes say; they are not among the rows.
    """

    file: str
    header: tuple[str, ...]
    text: pd.DataFrame
    row: npt.NDArray[np.int64]
    faults: pd.DataFrame
    points: pd.DataFrame | None = None
    notes: list[dict[str, object]] = field(default_factory=list)
    sha256: str = ""
    bytes: int = 0
    left_out: int = 0

    def note(self, level: str, message: str, *, column: str = "", count: int = 0) -> None:
        """Add a remark on the file."""
        entry = {"level": level, "file": self.file, "column": column, "count": count}
        self.notes.append({**entry, "message": message})


def raw_table(
    file: str,
    header: Sequence[str],
    text: pd.DataFrame,
    row: npt.NDArray[np.int64] | None = None,
    *,
    faults: pd.DataFrame | None = None,
    points: pd.DataFrame | None = None,
) -> RawTable:
    """Trim all text and put the parts together; rows are numbered from 2 unless `row` says."""
    trimmed = {at: _trimmed(text[at]) for at in range(len(header))}
    return RawTable(
        file=file,
        header=tuple(sound_text(str(name).strip()) for name in header),
        text=pd.DataFrame(trimmed, index=pd.RangeIndex(len(text))),
        row=np.arange(len(text), dtype=np.int64) + 2 if row is None else row,
        faults=faults_table([]) if faults is None else faults,
        points=points,
    )


def raw_of_rows(file: str, rows: Sequence[Sequence[str | float]], header_row: int) -> RawTable:
    """A table of rows of equal length, the header among them; blank rows are numbered but left out.

    Raises
    ------
    InputError
        If there is no header.

    Examples
    --------
    >>> raw_of_rows("a.xlsx", [["id"], [""], ["0012"]], 1).row.tolist()
    [3]
    """
    filled = [at for at, row in enumerate(rows) if any(_says(cell) for cell in row)]
    filled = [at for at in filled if at >= header_row - 1]
    if not filled:
        raise InputError(f"{file}: has no header in row {header_row}")
    header = [cell if isinstance(cell, str) else "" for cell in rows[filled[0]]]
    body = [rows[at] for at in filled[1:]]
    columns = {at: pd.Series([row[at] for row in body], dtype="str") for at in range(len(header))}
    text = pd.DataFrame(columns, index=pd.RangeIndex(len(body)))
    return raw_table(file, header, text, np.asarray(filled[1:], dtype=np.int64) + 1)


def text_frame(chunks: Sequence[Sequence[pa.Array]], width: int) -> pd.DataFrame:
    """Columns 0, 1... of text from chunks of columns, below each other."""
    columns = {}
    for at in range(width):
        parts = pa.chunked_array([chunk[at] for chunk in chunks], pa.string())
        columns[at] = pd.Series(pd.array(parts, dtype="str"))
    return pd.DataFrame(columns)


def faults_table(faults: Sequence[tuple[int, str, str, str]]) -> pd.DataFrame:
    """Rows that could not be read, as (position, column, value, reason)."""
    table = pd.DataFrame(list(faults), columns=list(FAULT_COLUMNS))
    return table.astype({"position": "int64"})


def _says(cell: str | float) -> bool:
    return isinstance(cell, str) and bool(cell.strip())


def _trimmed(column: pd.Series) -> pd.Series:
    trimmed = column.astype("str").str.strip()
    return trimmed.mask(trimmed.eq("").fillna(value=False))
