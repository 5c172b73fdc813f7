"""Records decided to be one organisation become one record, which keeps what all of them say.

The record kept is the one with the fewest gaps, then the first by id.  Its gaps are filled from the
others, in that order, and so:

* funding, publications and weight: the greatest, for two sources that tell of the same money must
  not count it twice;
* year: the earliest;
* place and coordinates: those of the most precise record;
* source: all of them;
* the rest: the kept record's.

Ties and references of the others point to the kept record.  What the sources say differently is
listed, never lost.
"""

from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.records.draft import Draft
from geoclust.records.identity.decisions import Decisions, check_against, groups_of
from geoclust.records.inputs import MERGE_DTYPES
from geoclust.schema import ORGANISATION_KINDS, PRECISIONS

GREATEST: Final = ("funding_usd", "equity_funding_usd", "publications", "weight")
PLACED: Final = ("longitude", "latitude", "place", "country", "precision")
REFERENCES: Final = ("organisation_id", "parent_id")

_UNTOLD: Final = frozenset({"record_id", "source", "simulated", "name"})
"""Columns whose differences are no conflicts, or are listed by themselves."""


def merge_decided(draft: Draft, decisions: Decisions) -> pd.DataFrame:
    """Merge records of a draft whose ids are settled.

    Parameters
    ----------
    draft
        Typed records; kept ones are changed, the others marked as merged.
    decisions
        Checked against the accepted records first.

    Returns
    -------
    DataFrame
        Columns `MERGE_DTYPES`.
    """
    table = draft.table
    known = table[draft.good & table["kind"].isin(ORGANISATION_KINDS).to_numpy()]
    positions = pd.Series(known.index, index=known["record_id"])
    rejected = pd.Index(table.loc[draft.bad, "record_id"].dropna())
    check_against(decisions, known.set_index("record_id"), rejected)
    pairs = decisions.same[["record_a", "record_b"]].itertuples(index=False, name=None)
    lines: list[dict[str, Any]] = []
    aliases: dict[str, str] = {}
    for group in groups_of(pairs):
        at = _by_completeness(table.loc[positions[list(group)]])
        lines += _lines(draft, at)
        aliases |= {str(own): str(at["record_id"].iloc[0]) for own in at["record_id"].iloc[1:]}
        _merge_one(draft, at)
    for name in REFERENCES:
        draft.table[name] = draft.table[name].replace(aliases)
    _tell(draft, decisions, lines)
    merges = pd.DataFrame(lines, columns=list(MERGE_DTYPES)).astype(MERGE_DTYPES)
    return merges.sort_values(["record_id", "merged_id"]).reset_index(drop=True)


def repoint_ties(ties: Draft, aliases: dict[str, str]) -> None:
    """Let ties meet the kept records; those within one organisation count as merged into it."""
    if not aliases:
        return
    before = ties.table[["organisation_a", "organisation_b"]]
    after = before.replace(aliases)
    ties.table = ties.table.assign(
        organisation_a=after["organisation_a"], organisation_b=after["organisation_b"]
    )
    own = (after["organisation_a"] == after["organisation_b"]) & (
        before["organisation_a"] != before["organisation_b"]
    )
    within = own.fillna(value=False).to_numpy() & ties.good
    ties.merged[within] = True
    moved = int((after.ne(before) & before.notna()).any(axis=1).sum())
    if moved:
        message = f"{moved} ties point to records that others were merged into"
        ties.note("info", message, count=moved, file="")
    if within.any():
        message = f"{int(within.sum())} ties joined records that are now one, counted as merged"
        ties.note("info", message, count=int(within.sum()), file="")


def _by_completeness(group: pd.DataFrame) -> pd.DataFrame:
    gaps = group.isna().sum(axis=1)
    order = group.assign(gaps=gaps).sort_values(["gaps", "record_id"], kind="stable")
    return group.loc[order.index]


def _merge_one(draft: Draft, group: pd.DataFrame) -> None:
    """Write what the group says together into its first row; mark the others."""
    kept = group.index[0]
    placed = _most_precise(group)
    for name in group.columns.difference(["record_id", "kind", *PLACED]):
        draft.table.loc[kept, name] = _together(name, group[name])
    for name in PLACED:
        draft.table.loc[kept, name] = group.loc[placed, name]
    draft.merged[group.index[1:]] = True


def _together(name: str, values: pd.Series) -> Any:  # noqa: ANN401 - a cell of any type
    given = values.dropna()
    if given.empty:
        return values.iloc[0]
    if name in GREATEST:
        return given.max()
    if name == "year":
        return given.min()
    if name == "simulated":
        return bool(given.any())
    if name == "source":
        parts = sorted({part for text in given for part in str(text).split("; ")})
        return "; ".join(parts)
    return given.iloc[0]


def _most_precise(group: pd.DataFrame) -> Any:  # noqa: ANN401 - a label of the index
    rank = group["precision"].map({word: at for at, word in enumerate(PRECISIONS)})
    return rank.fillna(len(PRECISIONS)).sort_values(kind="stable").index[0]


def _lines(draft: Draft, group: pd.DataFrame) -> list[dict[str, Any]]:
    first, *others = group.to_dict("records")
    positions = group.index.to_numpy(dtype=np.int64)[1:]
    return [
        {
            "record_id": first["record_id"],
            "merged_id": other["record_id"],
            "name": first["name"],
            "merged_name": other["name"],
            "source": first["source"],
            "merged_source": other["source"],
            "file": draft.file[at],
            "row": draft.row[at],
            "conflicts": _conflicts(first, other),
        }
        for at, other in zip(positions, others, strict=True)
    ]


def _conflicts(kept: dict[Any, Any], other: dict[Any, Any]) -> str:
    """Columns in which both say something, and not the same."""
    differing = [
        f"{name}: {kept[name]} / {other[name]}"
        for name in kept
        if name not in _UNTOLD
        and not pd.isna(kept[name])
        and not pd.isna(other[name])
        and kept[name] != other[name]
    ]
    return "; ".join(differing)


def _tell(draft: Draft, decisions: Decisions, lines: list[dict[str, Any]]) -> None:
    open_ = decisions.table["decision"].isna().sum() - (
        len(decisions.same) - decisions.table["decision"].eq("same").sum()
    )
    kept = len({line["record_id"] for line in lines})
    message = (
        f"{len(lines)} records merged into {kept} by {decisions.file}; {int(open_)} pairs in it "
        "are not decided and stay apart"
    )
    draft.note("info", message, count=len(lines), file=decisions.file)
    clashing = [line for line in lines if line["conflicts"]]
    if clashing:
        message = (
            f"{len(clashing)} merged records say something else than the record kept: see merges"
        )
        draft.note("info", message, count=len(clashing), file=decisions.file)
