"""Counts and sums over the records of a region."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from geoclust.errors import ParameterError
from geoclust.schema import KINDS, ORGANISATION_KINDS, WEIGHT_UNIT, weight_units


def kind_count(
    records: pd.DataFrame, region_of: pd.Series, regions: pd.Index, *, kind: str
) -> pd.Series:
    """Number of records of one kind ("firm", "lab" or "patent") in each region.

    Examples
    --------
    >>> records = pd.DataFrame({"kind": ["firm", "firm", "lab"]}, index=["a", "b", "c"])
    >>> region_of = pd.Series(["x", "x", "y"], index=records.index)
    >>> kind_count(records, region_of, pd.Index(["x", "y"]), kind="firm").to_dict()
    {'x': 2.0, 'y': 0.0}
    """
    return _tally(records["kind"] == kind, region_of, regions).rename(f"{kind}_count")


def firm_category_count(
    records: pd.DataFrame, region_of: pd.Series, regions: pd.Index, *, category: str
) -> pd.Series:
    """Number of firms of one category; missing where the region has firms, none categorised.

    Examples
    --------
    >>> table = {"kind": ["firm", "firm"], "category": ["startup", None]}
    >>> records = pd.DataFrame(table, index=["a", "b"])
    >>> region_of = pd.Series(["x", "y"], index=records.index)
    >>> regions = pd.Index(["x", "y", "z"])
    >>> firm_category_count(records, region_of, regions, category="startup").to_dict()
    {'x': 1.0, 'y': nan, 'z': 0.0}
    """
    firms = records["kind"] == "firm"
    count = _tally(firms & (records["category"] == category), region_of, regions)
    known = _uncategorised_as_missing(records, firms, region_of, regions)
    return count.where(known).rename(f"{category}_count")


def category_count(records: pd.DataFrame, region_of: pd.Series, regions: pd.Index) -> pd.Series:
    """Number of kinds of organisation present, 0 to 8.

    Distinct categories among the firms (startup, spinout, corporate, supplier, investor) and the
    labs (university, institute, government); "other" says nothing about the kind and does not
    count.  Missing where the region has organisations, none of them categorised.

    Examples
    --------
    >>> table = {"kind": ["firm", "lab", "lab"], "category": ["startup", "university", "other"]}
    >>> records = pd.DataFrame(table, index=["a", "b", "c"])
    >>> region_of = pd.Series("x", index=records.index)
    >>> category_count(records, region_of, pd.Index(["x"])).to_dict()
    {'x': 2.0}
    """
    organisations = records["kind"].isin(ORGANISATION_KINDS)
    telling = organisations & records["category"].notna() & (records["category"] != "other")
    facts = pd.DataFrame(
        {"region": region_of.reindex(records.index), "kind": records["kind"]}
    ).assign(category=records["category"])[telling]
    count = facts.dropna().drop_duplicates()["region"].value_counts()
    known = _uncategorised_as_missing(records, organisations, region_of, regions)
    return _on(count, regions).where(known).rename("category_count")


def activity(
    records: pd.DataFrame,
    region_of: pd.Series,
    regions: pd.Index,
    *,
    kind_weights: Mapping[str, float] | None = None,
) -> pd.Series:
    """Sum of kind weight x weight over the records of each region, exact in any order.

    Parameters
    ----------
    records
        Columns kind, weight.
    region_of
        Region of each record.
    regions
        Index of the result.
    kind_weights
        Kind to weight, 1 where not given.

    Raises
    ------
    ParameterError
        If a kind is unknown or its weight is not positive and finite.

    Examples
    --------
    >>> table = {"kind": ["firm", "patent"], "weight": [1.0, 0.5]}
    >>> records = pd.DataFrame(table, index=["a", "b"])
    >>> region_of = pd.Series("x", index=records.index)
    >>> activity(records, region_of, pd.Index(["x"]), kind_weights={"patent": 0.1}).to_dict()
    {'x': 1.05}
    """
    weights = dict.fromkeys(KINDS, 1.0) | dict(kind_weights or {})
    wrong = {
        kind: weight
        for kind, weight in weights.items()
        if kind not in KINDS or not 0 < weight < math.inf
    }
    if wrong:
        raise ParameterError(f"kind_weights: found {wrong}; want positive weights of {KINDS}")
    factor = records["kind"].map(weights).astype("float64")
    units = pd.Series(weight_units(records["weight"], factor), index=records.index)
    total = units.groupby(region_of.reindex(records.index)).sum()
    return (_on(total, regions) / WEIGHT_UNIT).rename("activity")


def disclosed_sum(
    records: pd.DataFrame, region_of: pd.Series, regions: pd.Index, *, column: str
) -> pd.Series:
    """Sum of an amount over the firms that disclose it; missing where none does.

    Examples
    --------
    >>> table = {"kind": "firm", "funding_usd": [5e6, None, None]}
    >>> records = pd.DataFrame(table, index=["a", "b", "c"])
    >>> region_of = pd.Series(["x", "x", "y"], index=records.index)
    >>> disclosed_sum(records, region_of, pd.Index(["x", "y"]), column="funding_usd").to_dict()
    {'x': 5000000.0, 'y': nan}
    """
    amounts = records[column].where(records["kind"] == "firm").dropna().astype("float64")
    sums = amounts.groupby(region_of.reindex(amounts.index)).agg(math.fsum)
    return sums.reindex(regions).astype("float64").rename(column)


def disclosed_count(
    records: pd.DataFrame, region_of: pd.Series, regions: pd.Index, *, column: str
) -> pd.Series:
    """Number of firms that disclose an amount.

    Examples
    --------
    >>> records = pd.DataFrame({"kind": "firm", "funding_usd": [0.0, None]}, index=["a", "b"])
    >>> region_of = pd.Series("x", index=records.index)
    >>> disclosed_count(records, region_of, pd.Index(["x"]), column="funding_usd").to_dict()
    {'x': 1.0}
    """
    disclosed = (records["kind"] == "firm") & records[column].notna()
    name = column.removesuffix("_usd") + "_disclosed_count"
    return _tally(disclosed, region_of, regions).rename(name)


def publication_count(records: pd.DataFrame, region_of: pd.Series, regions: pd.Index) -> pd.Series:
    """Sum of the column `publications` over firms and labs; missing where none states any.

    Counts may be fractional.  A publication is no record: it has authors in several places and no
    seat of its own, so organisations state how many are theirs.

    Examples
    --------
    >>> table = {"kind": ["lab", "firm", "lab"], "publications": [120.5, None, None]}
    >>> records = pd.DataFrame(table, index=["a", "b", "c"])
    >>> region_of = pd.Series(["x", "x", "y"], index=records.index)
    >>> publication_count(records, region_of, pd.Index(["x", "y"])).to_dict()
    {'x': 120.5, 'y': nan}
    """
    name = "publication_count"
    if "publications" not in records:
        return pd.Series(np.nan, index=regions, name=name)
    stated = records["publications"].where(records["kind"].isin(ORGANISATION_KINDS)).dropna()
    stated = stated.astype("float64")
    sums = stated.groupby(region_of.reindex(stated.index)).agg(math.fsum)
    return sums.reindex(regions).astype("float64").rename(name)


def _tally(chosen: pd.Series, region_of: pd.Series, regions: pd.Index) -> pd.Series:
    region = region_of.reindex(chosen.index)
    return _on(region[chosen].value_counts(), regions)


def _on(values: pd.Series, regions: pd.Index) -> pd.Series:
    """`values` on the index of regions, 0 where there is none."""
    return values.reindex(regions).fillna(0).astype(np.float64)


def _uncategorised_as_missing(
    records: pd.DataFrame, chosen: pd.Series, region_of: pd.Series, regions: pd.Index
) -> pd.Series:
    """True for regions whose categories can be counted: some are known, or nobody is there."""
    present = _tally(chosen, region_of, regions)
    categorised = _tally(chosen & records["category"].notna(), region_of, regions)
    return (categorised > 0) | (present == 0)
