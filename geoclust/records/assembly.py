"""All tables together: ids settled, places looked up, ties judged, every row accounted for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from geoclust.records.draft import (
    Draft,
    draft_of,
    join,
    notes_table,
    rejected_rows,
)
from geoclust.records.duplicates import merge_identical, settle_ids
from geoclust.records.geocoding import geocode_rows
from geoclust.records.identity.decisions import Decisions
from geoclust.records.identity.merging import merge_decided, repoint_ties
from geoclust.records.inputs import Inputs, no_merges
from geoclust.records.remarks import remark_on_records
from geoclust.records.sources import RECORD_TABLES
from geoclust.records.ties import judge_ties
from geoclust.schema import (
    PLACE_DTYPES,
    RECORD_DTYPES,
    TIE_DTYPES,
    Places,
    Records,
    Ties,
    conform,
)

FILE_DTYPES: Final = {
    "file": "str",
    "table": "str",
    "rows": "int64",
    "accepted": "int64",
    "rejected": "int64",
    "merged": "int64",
    "left_out": "int64",
    "sha256": "str",
    "bytes": "int64",
}
"""Columns of `Inputs.files`."""


@dataclass(frozen=True, eq=False)
class Part:
    """One file of one table, checked row by row but not yet against the other files."""

    table: str
    draft: Draft
    file: str
    sha256: str
    bytes: int
    left_out: int = 0


def assemble(
    parts: Sequence[Part],
    *,
    kinds: pd.Series | None = None,
    decisions: Decisions | None = None,
) -> Inputs:
    """Settle what only shows across files, and keep account.

    Parameters
    ----------
    parts
        Files in the order of reading.
    kinds
        Kinds of accepted records by id, for ties read alone.
    decisions
        Which records are one organisation.
    """
    groups = {name: [p for p in parts if _group(p.table) == name] for name in _GROUPS}
    drafts = {name: _join(groups[name], dtypes) for name, dtypes in _GROUPS.items()}
    records, geocoded, origin, merges = _settle_records(drafts["records"], decisions)
    repoint_ties(drafts["ties"], dict(zip(merges["merged_id"], merges["record_id"], strict=True)))
    alone = not groups["records"]
    judge_ties(
        drafts["ties"],
        kinds if alone else records["kind"],
        pd.Index(drafts["records"].table.loc[drafts["records"].bad, "record_id"].dropna()),
    )
    merge_identical(drafts["places"])
    rejected = [
        rejected_rows(draft, "record_id" if name == "records" else None)
        for name, draft in drafts.items()
    ]
    ties, origin_of_ties = _accepted(drafts["ties"], TIE_DTYPES)
    places, origin_of_places = _accepted(drafts["places"], PLACE_DTYPES)
    return Inputs(
        records=records,
        ties=Ties(ties),
        places=Places(places),
        rejected=pd.concat(rejected, ignore_index=True),
        notes=notes_table([note for draft in drafts.values() for note in draft.notes]),
        geocoded=geocoded,
        files=_account(groups, drafts, decisions),
        tables=_tables(parts),
        merges=merges,
        origins={"records": origin, "ties": origin_of_ties, "places": origin_of_places},
    )


_GROUPS: Final = {
    "records": {"record_id": "str", **RECORD_DTYPES},
    "ties": TIE_DTYPES,
    "places": PLACE_DTYPES,
}


def _group(table: str) -> str:
    return table if table in {"ties", "places"} else "records"


def _join(parts: list[Part], dtypes: dict[str, str]) -> Draft:
    if parts:
        return join([part.draft for part in parts])
    return draft_of(conform(pd.DataFrame(), dtypes), "", np.empty(0, np.int64))


def _settle_records(
    draft: Draft, decisions: Decisions | None
) -> tuple[Records, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    settle_ids(draft)
    geocoded = geocode_rows(draft)
    merges = no_merges() if decisions is None else merge_decided(draft, decisions)
    good = draft.table[draft.good]
    records = conform(good.set_index("record_id").sort_index(), RECORD_DTYPES)
    geocoded.index = pd.Index(draft.table["record_id"].reindex(geocoded.index), name="record_id")
    remark_on_records(draft, records)
    origin = _origin(draft).set_index(good["record_id"]).reindex(records.index)
    geocoded = geocoded[geocoded.index.isin(records.index)]
    return Records(records), geocoded.sort_index(), origin, merges


def _accepted(draft: Draft, dtypes: dict[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Good rows in an order of their own, and where each comes from."""
    table = conform(draft.table[draft.good], dtypes).sort_values(list(dtypes), kind="stable")
    return table.reset_index(drop=True), _origin(draft).loc[table.index].reset_index(drop=True)


def _origin(draft: Draft) -> pd.DataFrame:
    """File and record number of each good row."""
    at = draft.table.index[draft.good]
    files = pd.Categorical(draft.file[draft.good])
    return pd.DataFrame({"file": files, "row": draft.row[draft.good]}, index=at)


def _account(
    groups: dict[str, list[Part]], drafts: dict[str, Draft], decisions: Decisions | None
) -> pd.DataFrame:
    lines = []
    for name, parts in groups.items():
        draft, start = drafts[name], 0
        for part in parts:
            here = slice(start, start := start + len(part.draft.table))
            lines.append(
                {
                    "file": part.file,
                    "table": part.table,
                    "rows": here.stop - here.start,
                    "accepted": int(draft.good[here].sum()),
                    "rejected": int(draft.bad[here].sum()),
                    "merged": int((draft.merged & ~draft.bad)[here].sum()),
                    "left_out": part.left_out,
                    "sha256": part.sha256,
                    "bytes": part.bytes,
                }
            )
    if decisions is not None:  # read for what it says of records: no rows of its own
        own = dict.fromkeys(("rows", "accepted", "rejected", "merged", "left_out"), 0)
        told = {"file": decisions.file, "table": "identity", "sha256": decisions.sha256}
        lines.append({**told, **own, "bytes": decisions.bytes})
    files = pd.DataFrame(lines, columns=list(FILE_DTYPES)).astype(FILE_DTYPES)
    assert (files["rows"] == files[["accepted", "rejected", "merged"]].sum(axis=1)).all()
    return files


def _tables(parts: Sequence[Part]) -> frozenset[str]:
    given = {part.table for part in parts} - {"records"}
    names = {kind: table for table, kind in RECORD_TABLES.items()}
    for part in parts:
        if part.table == "records":
            given |= {names[kind] for kind in part.draft.table["kind"].dropna().unique()}
    return frozenset(given)
