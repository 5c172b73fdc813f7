"""Rows on their way in: what was read, where each row stood, and what is wrong with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Mask = npt.NDArray[np.bool_]

FAULT_COLUMNS: Final = ("position", "column", "value", "reason")
NOTE_COLUMNS: Final = ("level", "file", "column", "count", "message")
REJECTED_COLUMNS: Final = ("file", "row", "record_id", "column", "value", "reason")

EXAMPLES: Final = 3
"""How many examples a note quotes."""

LONGEST_VALUE: Final = 200
"""Characters of an offending value that are quoted."""


_NO_FAULTS: Final = pd.DataFrame(
    {
        "position": pd.Series(dtype="int64"),
        **dict.fromkeys(FAULT_COLUMNS[1:], pd.Series(dtype="str")),
    }
)


@dataclass(eq=False)
class Draft:
    """Rows of one table, good and bad; `table` has a RangeIndex.

    A row is never removed: it is marked `bad` (with at least one fault that says why) or `merged`.
    """

    table: pd.DataFrame
    file: npt.NDArray[np.object_]
    row: npt.NDArray[np.int64]
    bad: Mask
    merged: Mask
    unreadable: Mask
    faults: list[pd.DataFrame] = field(default_factory=list)
    notes: list[dict[str, object]] = field(default_factory=list)

    @property
    def good(self) -> Mask:
        """Rows that are neither rejected nor merged."""
        return ~(self.bad | self.merged)

    @property
    def name(self) -> str:
        """Name of the file, where all rows are of one."""
        names = set(self.file)
        return str(self.file[0]) if len(names) == 1 else ""

    def faulty(self, columns: Iterable[str]) -> pd.DataFrame:
        """Per row and column, whether a fault was found there."""
        names = list(columns)
        table = pd.DataFrame(data=False, index=self.table.index, columns=names)
        for faults in self.faults:
            for name in set(faults["column"]) & set(names):
                table.loc[faults.loc[faults["column"] == name, "position"], name] = True
        return table

    def reject(
        self, mask: Mask | pd.Series, column: str, reason: str | pd.Series, value: object = None
    ) -> None:
        """Mark the rows of `mask` as bad; rows that could not even be split stay as they are.

        `reason` and `value` are one text for all, or a Series over all rows; without a `value`
        the column's own is quoted.
        """
        where = np.flatnonzero(np.asarray(mask, dtype=bool) & ~self.unreadable)
        if not where.size:
            return
        if value is None:
            value = self.table.get(column, "")
        self.bad[where] = True
        self.faults.append(
            pd.DataFrame(
                {
                    "position": where,
                    "column": column,
                    "value": _at(value, where),
                    "reason": _at(reason, where),
                }
            )
        )

    def note(
        self, level: str, message: str, *, column: str = "", count: int = 0, file: str | None = None
    ) -> None:
        """Add a warning or an info that rejects nothing."""
        if file is None:
            file = self.name
        entry = {"level": level, "file": file, "column": column, "count": count}
        self.notes.append({**entry, "message": message})

    def note_values(self, mask: Mask | pd.Series, column: str, message: str, level: str) -> None:
        """Note how many rows `mask` names, with the first few values of `column`."""
        chosen = np.asarray(mask, dtype=bool) & self.good
        if chosen.any():
            distinct = sorted({str(value) for value in self.table.loc[chosen, column].unique()})
            shown = ", ".join(repr(value[:40]) for value in distinct[:EXAMPLES])
            count = int(chosen.sum())
            self.note(level, f"{count} rows: {message} ({shown})", column=column, count=count)


def draft_of(table: pd.DataFrame, file: str, row: npt.NDArray[np.int64]) -> Draft:
    """A draft of `table`, nothing judged yet."""
    size = len(table)
    return Draft(
        table=table,
        file=np.full(size, file, dtype=object),
        row=row,
        bad=np.zeros(size, bool),
        merged=np.zeros(size, bool),
        unreadable=np.zeros(size, bool),
    )


def join(drafts: Sequence[Draft]) -> Draft:
    """All rows of several drafts of the same columns, below each other."""
    starts = np.cumsum([0, *(len(draft.table) for draft in drafts)])
    return Draft(
        table=pd.concat([draft.table for draft in drafts], ignore_index=True),
        file=np.concatenate([draft.file for draft in drafts]),
        row=np.concatenate([draft.row for draft in drafts]),
        bad=np.concatenate([draft.bad for draft in drafts]),
        merged=np.concatenate([draft.merged for draft in drafts]),
        unreadable=np.concatenate([draft.unreadable for draft in drafts]),
        faults=[
            faults.assign(position=faults["position"] + start)
            for draft, start in zip(drafts, starts, strict=False)
            for faults in draft.faults
        ],
        notes=[note for draft in drafts for note in draft.notes],
    )


def rejected_rows(draft: Draft, id_column: str | None = None) -> pd.DataFrame:
    """One line per rejected row, by file and row: its first fault, and the others in `reason`."""
    faults = pd.concat([_NO_FAULTS, *draft.faults], ignore_index=True)
    first = faults.drop_duplicates("position").set_index("position")
    more = faults[faults.duplicated("position")]
    also = "; also " + more["column"] + " " + more["value"].map(repr) + " " + more["reason"]
    first["reason"] += (
        also.groupby(more["position"]).agg("".join).reindex(first.index, fill_value="")
    )
    position = first.index.to_numpy()
    ids = draft.table[id_column].to_numpy()[position] if id_column else np.nan
    lines = first.assign(file=draft.file[position], row=draft.row[position], record_id=ids)
    lines = lines[list(REJECTED_COLUMNS)].sort_values(["file", "row"], kind="stable")
    texts = {name: "str" for name in REJECTED_COLUMNS if name != "row"}
    return lines.astype({**texts, "row": "int64"}).reset_index(drop=True)


def notes_table(notes: Sequence[dict[str, object]]) -> pd.DataFrame:
    """Notes as a table, warnings first, then by file and column."""
    table = pd.DataFrame(list(notes), columns=list(NOTE_COLUMNS))
    table = table.astype({"count": "int64", "file": "str", "column": "str", "message": "str"})
    table = table.sort_values(["level", "file", "column", "message"], ascending=True, kind="stable")
    warnings_first = table["level"].eq("info").sort_values(kind="stable").index
    return table.loc[warnings_first].reset_index(drop=True).astype({"level": "str"})


def _at(values: object, where: npt.NDArray[np.intp]) -> object:
    if isinstance(values, pd.Series):
        return values.iloc[where].astype("str").str.slice(0, LONGEST_VALUE).to_numpy(dtype=object)
    return values
