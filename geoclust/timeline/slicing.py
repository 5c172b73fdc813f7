"""Which records and ties count in a window, and an account of those that do not."""

from dataclasses import replace
from typing import Any

import pandas as pd

from geoclust.records import Inputs
from geoclust.schema import KINDS, Records, Ties
from geoclust.study.periods import TimeSection, Window


def slice_inputs(inputs: Inputs, window: Window, time: TimeSection) -> Inputs:
    """The inputs as they are in one window; places are those of the study.

    A record or tie counts where its year is in the window; of a kind in `cumulative`, where its
    year is not after the window's last.  Without a year it counts as `undated` says.  A tie counts
    only where both its organisations do.

    Examples
    --------
    >>> from geoclust.records import read_inputs
    >>> firms = pd.DataFrame({"id": ["a", "b"], "lon": 0.1, "lat": 52.2, "year": [2011, 2016]})
    >>> inputs = read_inputs({"firms": firms})
    >>> slice_inputs(inputs, Window(2015, 2019), TimeSection()).records.index.tolist()
    ['b']
    >>> both = TimeSection(cumulative=("firm",))
    >>> slice_inputs(inputs, Window(2015, 2019), both).records.index.tolist()
    ['a', 'b']
    """
    records = inputs.records[counts_in(inputs.records, window, time)]
    ties = inputs.ties[ties_in(inputs.ties, window, time)]
    ends = ties["organisation_a"].isin(records.index) & ties["organisation_b"].isin(records.index)
    return replace(inputs, records=Records(records), ties=Ties(ties[ends].reset_index(drop=True)))


def counts_in(records: pd.DataFrame, window: Window, time: TimeSection) -> "pd.Series[bool]":
    """Whether each record counts in a window."""
    return _within(records["year"], window, records["kind"].isin(time.cumulative), time)


def ties_in(ties: pd.DataFrame, window: Window, time: TimeSection) -> "pd.Series[bool]":
    """Whether each tie counts in a window by its own year."""
    always = pd.Series("tie" in time.cumulative, index=ties.index, dtype=bool)
    return _within(ties["year"], window, always, time)


def _within(
    year: pd.Series, window: Window, cumulative: "pd.Series[bool]", time: TimeSection
) -> "pd.Series[bool]":
    begun = (year <= window.last).fillna(value=False).astype(bool)
    inside = begun & (cumulative | (year >= window.first).fillna(value=False).astype(bool))
    if time.undated == "every_window":
        inside |= year.isna()
    return inside


def account_of(inputs: Inputs, sliced: Inputs, window: Window, time: TimeSection) -> dict[str, Any]:
    """Counts of one window: records by kind, ties, ties that lack an organisation there.

    Returns
    -------
    dict
        `window`, `first`, `last`, `years`, `records`, `firms`, `labs`, `patents`, `ties` and
        `loose_ties`: those of its years of which an organisation is not in the window.
    """
    kinds = sliced.records["kind"].value_counts()
    return {
        "window": window.label,
        "first": window.first,
        "last": window.last,
        "years": window.last - window.first + 1,
        "records": len(sliced.records),
        **{f"{kind}s": int(kinds.get(kind, 0)) for kind in KINDS},
        "ties": len(sliced.ties),
        "loose_ties": int(ties_in(inputs.ties, window, time).sum()) - len(sliced.ties),
    }


def coverage_remarks(inputs: Inputs, time: TimeSection) -> list[str]:
    """What of the study is in no window, and why, in sentences."""
    records, ties, periods = inputs.records, inputs.ties, time.periods
    told = []
    undated = records["year"].isna()
    if undated.any():
        kinds = records.loc[undated, "kind"].value_counts()
        parts = [f"{kinds[kind]:,} {kind}s" for kind in KINDS if kind in kinds]
        rule = "in no window" if time.undated == "leave_out" else "in every window"
        other = "every_window" if time.undated == "leave_out" else "leave_out"
        told.append(
            f"{int(undated.sum()):,} of {len(records):,} records have no year ({', '.join(parts)}) "
            f"and count {rule} (time.undated = {time.undated!r}; the other choice is {other!r})"
        )
    seen = pd.Series(False, index=records.index)
    for window in periods:
        seen |= counts_in(records, window, time)
    outside = int((~seen & ~undated).sum())
    if outside:
        told.append(
            f"{outside:,} records have a year that is in no window; those of kinds in "
            "time.cumulative count from their year on"
        )
    loose = int(ties["year"].isna().sum())
    if loose:
        rule = "in no window" if time.undated == "leave_out" else "in every window"
        told.append(f"{loose:,} of {len(ties):,} ties have no year and count {rule}")
    return told


def loose_remarks(accounts: list[dict[str, Any]]) -> list[str]:
    """A sentence on ties that lack an organisation in their window, if there are any.

    Examples
    --------
    >>> loose_remarks([{"window": "2010-2014", "loose_ties": 3}])[0][:46]
    'ties whose organisations are not both in their'
    """
    told = [f"{one['window']}: {one['loose_ties']:,}" for one in accounts if one["loose_ties"]]
    if not told:
        return []
    return [
        f"ties whose organisations are not both in their window do not count ({', '.join(told)})"
    ]
