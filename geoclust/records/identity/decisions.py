"""Decisions somebody wrote beside pairs of records: read, checked against the records, grouped."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from geoclust.errors import InputError, ParameterError
from geoclust.records.files import open_table
from geoclust.records.sources import TableSource

NEEDED: Final = ("record_a", "record_b", "decision")
WORDS: Final = ("same", "different", "unsure")
SHOWN: Final = 10
"""Stale decisions that a message names."""

_TRIGGERS: Final = r"(?:[=+\-@\t\r\n＝＋－＠])"  # noqa: RUF001 - the full-width ones are meant


@dataclass(frozen=True, eq=False)
class Decisions:
    """Pairs decided, and where they come from.

    Attributes
    ----------
    table
        Columns record_a, record_b, decision, and what else the file has, as text; `row` is the
        record number in the file.
    file
        Its name, for messages.
    sha256, bytes
        Its fingerprint and size; "" and 0 for a table in memory.
    accept_above
        Score from which pairs suggested "same" count without a decision; None: never.
    """

    table: pd.DataFrame
    file: str
    sha256: str = ""
    bytes: int = 0
    accept_above: float | None = None

    @property
    def same(self) -> pd.DataFrame:
        """Pairs that are one organisation, by decision or by `accept_above`."""
        table = self.table
        chosen = table["decision"].eq("same")
        if self.accept_above is not None:
            score = pd.to_numeric(table["score"], errors="coerce")
            open_ = table["decision"].isna() & table["suggested"].eq("same")
            chosen |= open_ & (score >= self.accept_above)
        return table[chosen]

    @property
    def different(self) -> pd.DataFrame:
        """Pairs decided to be two."""
        return self.table[self.table["decision"].eq("different")]


def read_decisions(
    source: str | Path | pd.DataFrame,
    *,
    folder: Path | None = None,
    accept_above: float | None = None,
) -> Decisions:
    """Read a table of decisions, as `geoclust identity` writes it.

    Parameters
    ----------
    source
        Path of the file, or a table.
    folder
        Folder that a relative path starts from.
    accept_above
        Score from which pairs suggested "same" count without a decision (0 to 1).

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, has a word for a decision that is none, or
        contradicts itself.
    ParameterError
        If `accept_above` is not within 0 to 1.
    """
    if accept_above is not None and not 0 <= accept_above <= 1:
        raise ParameterError(f"accept_above is {accept_above}, wanted 0 to 1")
    if isinstance(source, pd.DataFrame):
        table, file, sha256, size = source.astype("str"), "identity", "", 0
        table = table.assign(row=range(2, len(table) + 2))
    else:
        raw = open_table(Path(source), TableSource(allow_empty=True), folder)
        twice = sorted({name for name in raw.header if raw.header.count(name) > 1})
        if twice:
            raise InputError(f"{raw.file}: has the columns {twice} more than once; leave one each")
        table = raw.text.set_axis(list(raw.header), axis=1).assign(row=raw.row)
        table = table.apply(_unguarded, axis=0)
        file, sha256, size = raw.file, raw.sha256, raw.bytes
    wanted = [*NEEDED, *(("suggested", "score") if accept_above is not None else ())]
    lacking = [name for name in wanted if name not in table]
    if lacking:
        raise InputError(
            f"{file}: lacks the columns {lacking}; geoclust identity writes such a file"
        )
    words = table["decision"].str.strip().str.casefold()
    table = table.assign(decision=words.mask(words.eq("").fillna(value=False)))
    _check_words(table, file)
    _check_pairs(table, file)
    return Decisions(table, file, sha256, size, accept_above)


def groups_of(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Records that pairs join, directly or through others; each group sorted, groups too.

    Examples
    --------
    >>> groups_of([("a", "b"), ("c", "b"), ("x", "y")])
    [('a', 'b', 'c'), ('x', 'y')]
    """
    leader: dict[str, str] = {}

    def find(one: str) -> str:
        while leader.setdefault(one, one) != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    for one, other in pairs:
        low, high = sorted((find(one), find(other)))
        leader[high] = low
    groups: dict[str, list[str]] = {}
    for one in sorted(leader):
        groups.setdefault(find(one), []).append(one)
    return sorted(tuple(group) for group in groups.values())


def check_against(decisions: Decisions, records: pd.DataFrame, rejected: pd.Index) -> None:
    """Raise `InputError` where a decision names a record that is not there, or is contradicted.

    Parameters
    ----------
    decisions
        What was read.
    records
        Organisations that were accepted, by id, with `name`.
    rejected
        Ids of rejected records, to say so.
    """
    decided = pd.concat([decisions.same, decisions.different])
    stale = []
    for row in decided.sort_values("row").to_dict("records"):
        for end in ("a", "b"):
            own = str(row[f"record_{end}"])
            if own not in records.index:
                told = _nearest(own, row.get(f"name_{end}"), records)
                why = "was rejected" if own in rejected else "is no organisation that was accepted"
                stale.append(f"row {row['row']}: record_{end} {own!r} {why}{told}")
    if stale:
        more = f"\n  and {len(stale) - SHOWN} more" if len(stale) > SHOWN else ""
        lines = "".join(f"\n  {line}" for line in stale[:SHOWN])
        raise InputError(
            f"{decisions.file}: {len(stale)} decided records are not there; correct their ids, or "
            f"empty their decision{lines}{more}"
        )
    _check_groups(decisions)


def _check_groups(decisions: Decisions) -> None:
    """Two records of one group must not be decided to be different."""
    pairs = decisions.same[["record_a", "record_b"]].itertuples(index=False, name=None)
    group = {one: at for at, members in enumerate(groups_of(pairs)) for one in members}
    clashes = [
        f"row {row['row']}: {row['record_a']!r} and {row['record_b']!r}"
        for row in decisions.different.to_dict("records")
        if group.get(row["record_a"], -1) == group.get(row["record_b"], -2)
    ]
    if clashes:
        raise InputError(
            f"{decisions.file}: decided to be different, but joined by other pairs that are the "
            f"same: {'; '.join(clashes[:SHOWN])}"
        )


def _check_words(table: pd.DataFrame, file: str) -> None:
    odd = table[table["decision"].notna() & ~table["decision"].isin(WORDS)]
    if len(odd):
        first = odd.iloc[0]
        raise InputError(
            f"{file}: {len(odd)} decisions are none of {', '.join(WORDS)} or empty, first in row "
            f"{first['row']}: {first['decision']!r}"
        )
    decided = table[table["decision"].notna()]
    bare = decided[decided["record_a"].isna() | decided["record_b"].isna()]
    if len(bare):
        raise InputError(f"{file}: row {bare.iloc[0]['row']} has a decision but lacks a record")


def _check_pairs(table: pd.DataFrame, file: str) -> None:
    decided = table[table["decision"].isin(["same", "different"])]
    seen: dict[tuple[str, ...], tuple[str, int]] = {}
    for row in decided.to_dict("records"):
        pair = tuple(sorted((str(row["record_a"]), str(row["record_b"]))))
        if pair[0] == pair[1]:
            raise InputError(f"{file}: row {row['row']} pairs {pair[0]!r} with itself")
        before = seen.setdefault(pair, (str(row["decision"]), int(row["row"])))
        if before[0] != row["decision"]:
            raise InputError(
                f"{file}: rows {before[1]} and {row['row']} decide differently on {pair[0]!r} and "
                f"{pair[1]!r}"
            )


def _nearest(own: str, name: object, records: pd.DataFrame) -> str:
    """What may be meant: the record of that name, else the nearest id."""
    if isinstance(name, str):
        by_name = records.index[records["name"].eq(name).fillna(value=False)]
        if len(by_name):
            return f"; {by_name[0]!r} has its name, {name!r}"
    close = difflib.get_close_matches(own, list(map(str, records.index)), n=2, cutoff=0.6)
    return f"; nearest are {', '.join(map(repr, close))}" if close else ""


def _unguarded(column: pd.Series) -> pd.Series:
    """Text as it was before it was kept from being taken for a formula."""
    if column.name == "row":
        return column
    return column.str.replace(rf"^'(?='*{_TRIGGERS})", "", regex=True)
