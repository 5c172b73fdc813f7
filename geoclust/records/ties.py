"""Ties judged against the organisations that were accepted.

A tie is kept where both ends are accepted firms or labs and differ.  Ends are put in alphabetical
order, since ties have no direction.  Rows identical in every column count once; rows of the same
pair that differ (another year, another weight) are all kept: the network counts the pair once and
sums the weights.

A row that names its project counts 1/(n-1) of its weight, n being the project's partners: all the
organisations that its rows name, those of rejected rows too, or `partner_count` where that is more.
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
    _count_partners(draft)
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


def _count_partners(draft: Draft) -> None:
    """Set `partner_count` of every row of a project, while all its rows are there."""
    table = draft.table
    project = table["project"]
    if not project.notna().any():
        return
    ends = [table[["project", name]].set_axis(["project", "end"], axis=1) for name in _ENDS]
    named = pd.concat(ends).dropna().drop_duplicates().groupby("project").size().astype("Float64")
    stated = table.groupby("project")["partner_count"].max().astype("Float64")
    partners = named.reindex(stated.index)
    partners = partners.where((partners >= stated).fillna(value=False) | stated.isna(), stated)
    counted = project.map(partners).astype("Int64")
    _tell_projects(draft, project, (counted > table["partner_count"]).fillna(value=False))
    draft.table = table.assign(partner_count=counted.fillna(table["partner_count"]))


def _tell_projects(draft: Draft, project: pd.Series, short: pd.Series) -> None:
    rows, count = int(project.notna().sum()), project.nunique()
    message = f"{rows} rows name {count} projects: each counts 1/(n-1) of its weight for n partners"
    draft.note("info", message, column="project", count=rows)
    message = "partner_count is less than their project's partners; the greater number counts"
    draft.note_values(short, "partner_count", message, "warning")


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
