"""Rows that are there twice.  Nothing here depends on the order of rows or files.

* Rows identical in every column are one record; the others count as merged.
* Rows with one id and different content: the most complete is kept (then the first by content);
  the others are rejected, naming it.
* Rows without an id get one made from their content.  Of those, identical rows with a name are one
  record; identical rows without a name are as many records, told apart by -2, -3...
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoclust.records.draft import Draft
from geoclust.schema import APPLICANT_DTYPES

LATER: Final = frozenset({"publications", "website", *APPLICANT_DTYPES})
"""Columns that the schema did not always have: where empty they leave made ids as they were."""

_PRIME = np.uint64(1_099_511_628_211)


def content_hash(table: pd.DataFrame) -> npt.NDArray[np.uint64]:
    """A 64-bit hash of each row's values, the same on every machine.

    Examples
    --------
    >>> twice = pd.DataFrame({"name": ["A", "A", "B"], "longitude": [0.0, -0.0, 0.0]})
    >>> a, b, c = content_hash(twice)
    >>> bool(a == b), bool(a == c)
    (True, False)
    """
    total = np.full(len(table), 14_695_981_039_346_656_037, dtype=np.uint64)
    for name in table.columns:
        column = table[name]
        if isinstance(column.dtype, pd.StringDtype):
            values: npt.NDArray[np.generic] = column.fillna("").to_numpy(dtype=object)
        else:
            values = column.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan) + 0.0
        hashed = (total ^ pd.util.hash_array(values)) * _PRIME
        hashed ^= hashed >> np.uint64(29)
        total = np.where(column.notna(), hashed, total) if name in LATER else hashed
    return total


def settle_ids(draft: Draft) -> None:
    """Give ids to rows without, merge identical rows, reject those whose id is taken."""
    table = draft.table
    content = content_hash(table.drop(columns="record_id"))
    lacking = table["record_id"].isna() & draft.good
    if lacking.any():
        table["record_id"] = table["record_id"].where(~lacking, _made_ids(draft, content))
        count = int(lacking.sum())
        draft.note("info", f"{count} rows without a record_id: made from content", count=count)
    _merge(draft, table["record_id"], content)
    _reject_taken(draft)


def merge_identical(draft: Draft) -> None:
    """Count identical rows once."""
    content = content_hash(draft.table)
    _merge(draft, pd.Series(content), content)


def _made_ids(draft: Draft, content: npt.NDArray[np.uint64]) -> pd.Series:
    table = draft.table
    hashes = pd.Series([f"-{value:016x}" for value in content], index=table.index, dtype="str")
    ids = table["kind"].fillna("row") + hashes
    anonymous = table["record_id"].isna() & table["name"].isna() & draft.good
    number = ids[anonymous].groupby(ids[anonymous]).cumcount() + 1
    again = number[number > 1]
    suffix = ("-" + again.astype("str")).reindex(table.index, fill_value="")
    return ids + suffix


def _merge(draft: Draft, key: pd.Series, content: npt.NDArray[np.uint64]) -> None:
    frame = pd.DataFrame({"key": key, "content": content})[draft.good]
    again = frame.index[frame.duplicated()]
    draft.merged[again] = True
    if len(again):
        draft.note("info", f"{len(again)} rows identical to another, merged", count=len(again))


def _reject_taken(draft: Draft) -> None:
    good = draft.table[draft.good]
    clashing = good[good["record_id"].duplicated(keep=False)]
    if clashing.empty:
        return
    ordered = clashing.iloc[_by_content(clashing)]
    kept = ordered[~ordered["record_id"].duplicated()]
    where = kept.index.to_numpy()
    named = [f"{draft.file[at]} row {draft.row[at]}" for at in where]
    keeper = dict(zip(kept["record_id"], named, strict=True))
    losers = np.setdiff1d(clashing.index.to_numpy(), where)
    mask = np.zeros(len(draft.table), bool)
    mask[losers] = True
    reason = draft.table["record_id"].map(keeper)
    reason = "is also the id of " + reason + ", which differs and is kept as the more complete"
    draft.reject(mask, "record_id", reason.astype("str"))


def _by_content(table: pd.DataFrame) -> npt.NDArray[np.intp]:
    keys = table.drop(columns="record_id").astype("str").fillna("")
    keys.insert(0, "missing", table.isna().sum(axis=1))
    keys = keys.reset_index(drop=True)
    return keys.sort_values(list(keys.columns), kind="stable").index.to_numpy()
