"""Ties judged against the organisations that were accepted.

A tie is kept where both ends are accepted firms or labs and differ.  Ends are put in alphabetical
order, since ties have no direction.  Rows identical in every column count once; rows of the same
pair that differ (another year, another weight) are all kept: the network counts the pair once and
sums the weights.
"""

import pandas as pd

from geoclust.records.draft import Draft
from geoclust.records.duplicates import merge_identical
from geoclust.records.references import names_one_of
from geoclust.schema import ORGANISATION_KINDS

_ENDS = ("organisation_a", "organisation_b")


def judge_ties(draft: Draft, kinds: pd.Series | None, rejected: pd.Index) -> None:
    """Reject ties to nobody, to patents and to oneself; count identical ones once.

    Parameters
    ----------
    draft
        Typed ties.
    kinds
        Kind of every accepted record, by record id; None where ends cannot be checked.
    rejected
        Ids of rejected records.
    """
    a, b = (draft.table[name] for name in _ENDS)
    for name in _ENDS:
        if kinds is not None:
            _check_end(draft, name, kinds, rejected)
    draft.reject((a == b).fillna(value=False), "organisation_b", "is the same as organisation_a")
    swap = (a > b).fillna(value=False)
    draft.table = draft.table.assign(
        organisation_a=a.where(~swap, b), organisation_b=b.where(~swap, a)
    )
    merge_identical(draft)


def _check_end(draft: Draft, name: str, kinds: pd.Series, rejected: pd.Index) -> None:
    ends = draft.table[name]
    known = names_one_of(ends, kinds.index)
    given = ends.notna()
    lost = given & ~known & names_one_of(ends, rejected)
    draft.reject(lost, name, "is a record that was itself rejected")
    draft.reject(given & ~known & ~lost, name, "is the id of no organisation")
    outsiders = kinds.index[~kinds.isin(ORGANISATION_KINDS)]
    other = names_one_of(ends, outsiders)
    draft.reject(other, name, "is a patent; ties are between firms and labs")
