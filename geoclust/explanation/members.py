"""Numbers that come from a region's own records: counts, sums, activity, and where they lie."""

import math
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geoclust.explanation.evidence import plain
from geoclust.explanation.listing import record_listing
from geoclust.explanation.working import Listing, Worker, Working, added_up, all_of, said, unknown
from geoclust.schema import ORGANISATION_KINDS, WEIGHT_UNIT
from geoclust.sphere import arc_km, coordinate_keys, grid_positions

if TYPE_CHECKING:
    from geoclust.explanation.evidence import Evidence

TABLE_OF: Final = {"firm": "firms", "lab": "labs", "patent": "patents"}
KIND_WEIGHTS: Final = ("clustering.kind_weights.",)
BLOCK: Final = 500
"""Locations compared with all others at a time."""


def _not_given(evidence: "Evidence", *kinds: str) -> str:
    """Which tables of these kinds were not given, in words; empty where all were."""
    absent = [TABLE_OF[kind] for kind in kinds if TABLE_OF[kind] not in evidence.tables]
    return f"no table of {' or '.join(absent)} was given" if absent else ""


def _kind_count(evidence: "Evidence", region_id: str, name: str) -> Working:
    kinds = ORGANISATION_KINDS if name == "institution_count" else (name.removesuffix("_count"),)
    absent = _not_given(evidence, *kinds)
    if absent:
        return unknown(absent)
    members = evidence.members(region_id)
    chosen = members[members["kind"].isin(kinds)]
    parts = tuple(f"{kind}_count" for kind in kinds)
    counts = [int((chosen["kind"] == kind).sum()) for kind in kinds]
    filled = f"{len(chosen)} records of kind {' or '.join(kinds)}"
    if len(kinds) > 1:
        filled = f"{added_up(counts)} = {len(chosen)} firms and labs"
    listing = record_listing(evidence, "records counted", chosen)
    return Working(
        value=len(chosen),
        filled=filled,
        listings=(listing,),
        made_of=parts if len(kinds) > 1 else (),
    )


def _category_count(evidence: "Evidence", region_id: str, name: str) -> Working:
    absent = _not_given(evidence, "firm")
    if absent:
        return unknown(absent)
    members = evidence.members(region_id)
    firms = members[members["kind"] == "firm"]
    if len(firms) and firms["category"].isna().all():
        return unknown(f"none of the {len(firms)} firms has a category")
    category = name.removesuffix("_count")
    chosen = firms[(firms["category"] == category).fillna(False).to_numpy(dtype=bool)]
    known = int(firms["category"].notna().sum())
    return Working(
        value=len(chosen),
        filled=f"{len(chosen)} of {len(firms)} firms have category {category}",
        listings=(
            record_listing(evidence, "records counted", chosen, category=chosen["category"]),
        ),
        notes=(f"The category of {known} of {len(firms)} firms is known.",),
    )


def _kinds_of_organisation(evidence: "Evidence", region_id: str, _name: str) -> Working:
    absent = _not_given(evidence, *ORGANISATION_KINDS)
    if absent:
        return unknown(absent)
    members = evidence.members(region_id)
    organisations = members[members["kind"].isin(ORGANISATION_KINDS)]
    if len(organisations) and organisations["category"].isna().all():
        return unknown(f"none of the {len(organisations)} organisations has a category")
    telling = organisations[organisations["category"].notna()]
    telling = telling[telling["category"] != "other"]
    found = sorted({f"{row.category} ({row.kind})" for row in telling.itertuples()})
    return Working(
        value=len(found),
        filled=f"{len(found)} kinds: {', '.join(found) or 'none'}",
        listings=(
            record_listing(evidence, "organisations of these kinds", telling,
                           category=telling["category"]),
        ),
    )  # fmt: skip


def _amount(evidence: "Evidence", region_id: str, name: str) -> Working:
    """Sums of funding and publications, and how many state them."""
    counts = name.endswith("_disclosed_count")
    column = {"publication_count": "publications"}.get(name, name)
    column = column.removesuffix("_disclosed_count") + ("_usd" if counts else "")
    if counts and _not_given(evidence, "firm"):
        return unknown(_not_given(evidence, "firm"))
    kinds = ORGANISATION_KINDS if column == "publications" else ("firm",)
    members = evidence.members(region_id)
    asked = members[members["kind"].isin(kinds)]
    stated = asked[asked[column].notna()].sort_values(column, ascending=False, kind="stable")
    amounts = stated[column].astype("float64")
    told = f"{len(stated)} of {len(asked)} {' and '.join(f'{kind}s' for kind in kinds)}"
    listing = record_listing(evidence, "amounts added", stated, **{column: amounts})
    if counts:
        return Working(value=len(stated), filled=f"{told} state {column}", listings=(listing,))
    if stated.empty:
        return unknown(f"{told} state {column}")
    return Working(
        value=math.fsum(amounts),
        filled=added_up(amounts),
        listings=(listing,),
        notes=(f"{told} state it; the others count nothing: missing is not zero.",),
    )


def _activity(evidence: "Evidence", region_id: str, _name: str) -> Working:
    members = evidence.members(region_id)
    units = evidence.units[members.index]
    counted = units / WEIGHT_UNIT
    factor = members["kind"].map(evidence.kind_weights).astype("float64")
    total = int(units.sum()) / WEIGHT_UNIT
    used = sorted(set(zip(members["kind"], factor, strict=True)))
    weights = ", ".join(f"{kind} {said(weight)}" for kind, weight in used)
    listing = record_listing(
        evidence, "records added", members, kind_weight=factor, weight=members["weight"],
        counts_as=counted,
    )  # fmt: skip
    return Working(
        value=total,
        filled=f"{added_up(counted)} = {said(total)}; kind weights: {weights}",
        listings=(listing,),
        settings=KIND_WEIGHTS,
    )


def _record_count(evidence: "Evidence", region_id: str, _name: str) -> Working:
    members = evidence.members(region_id)
    membership = evidence.membership.loc[members.index, "membership"]
    return Working(
        value=len(members),
        filled=f"{len(members)} records",
        listings=(record_listing(evidence, "members", members, membership=membership),),
        settings=("clustering.",),
    )


def locations(evidence: "Evidence", region_id: str) -> pd.DataFrame:
    """Distinct coordinates of a region's members, heaviest first: weight, records, names."""
    return evidence.once("locations", region_id, _locations)


def _locations(evidence: "Evidence", region_id: str) -> pd.DataFrame:
    members = evidence.members(region_id)
    key = coordinate_keys(members["longitude"], members["latitude"])
    rows = pd.DataFrame(
        {
            "key": key,
            "longitude": members["longitude"].to_numpy(),
            "latitude": members["latitude"].to_numpy(),
            "units": evidence.units[members.index].to_numpy(),
            "precision": members["precision"].to_numpy(),
            "place": members["place"].to_numpy(),
        }
    )
    groups = rows.groupby("key", sort=True)
    table = groups[["longitude", "latitude"]].first()
    table["weight"] = groups["units"].sum() / WEIGHT_UNIT
    table["records"] = groups.size()
    table["precision"] = groups["precision"].agg(lambda words: ", ".join(sorted(set(words))))
    table["place"] = groups["place"].agg(lambda words: ", ".join(sorted(set(words.dropna()))))
    table = table.reset_index().sort_values(["weight", "key"], ascending=[False, True])
    return table.drop(columns="key").reset_index(drop=True)


def _location_count(evidence: "Evidence", region_id: str, _name: str) -> Working:
    table = locations(evidence, region_id)
    return Working(
        value=len(table),
        filled=f"{len(table)} distinct coordinates",
        listings=(Listing("locations, heaviest first", table),),
    )


def _centre(evidence: "Evidence", region_id: str, name: str) -> Working:
    table = locations(evidence, region_id)
    first = table.iloc[0]
    return Working(
        value=float(first[name]),
        filled=f"of the heaviest of {len(table)} locations, weight {said(first['weight'])}",
        listings=(Listing("locations, heaviest first", table),),
        settings=KIND_WEIGHTS,
    )


def _named(evidence: "Evidence", region_id: str, name: str) -> Working:
    members = evidence.members(region_id)
    units = evidence.units[members.index].groupby(members["country"].fillna("not stated")).sum()
    table = pd.DataFrame(
        {"country": units.index.astype("str"), "weight": units.to_numpy() / WEIGHT_UNIT}
    )
    table = table.sort_values(["weight", "country"], ascending=[False, True], ignore_index=True)
    shares = ", ".join(f"{row.country} {said(row.weight)}" for row in table.itertuples())
    found = evidence.named
    value = plain(found.at[region_id, name]) if region_id in found.index else None
    reported = evidence.value(region_id, name)
    named_so = name == "name" and evidence.decided and value != reported
    filled = f"the place that carries most weight: {said(value)}"
    return Working(
        value=reported if named_so else value,
        filled=filled if name == "name" else f"weight by country: {shares}",
        notes=("Named otherwise by an edit or a polygon.",) if named_so else (),
        listings=(
            Listing("weight by country", table),
            Listing("locations, heaviest first", locations(evidence, region_id)),
        ),
    )


def _extent(evidence: "Evidence", region_id: str, _name: str) -> Working:
    table = locations(evidence, region_id)
    at = grid_positions(table["longitude"], table["latitude"])
    best, ends = 0.0, (0, 0)
    for first in range(0, len(table), BLOCK):
        part = at[:, first : first + BLOCK]
        squared = ((part[:, :, None] - at[:, None, :]) ** 2).sum(axis=0)
        row, column = np.unravel_index(int(np.argmax(squared)), squared.shape)
        if squared[row, column] > best:
            best, ends = float(squared[row, column]), (first + int(row), int(column))
    listing = Listing("the two members furthest apart", table.iloc[sorted(set(ends))])
    return Working(
        value=float(arc_km(best)),
        filled=f"greatest of the great-circle distances between {len(table)} locations",
        listings=(listing,),
        settings=("clustering.max_extent_km", "clustering.min_membership"),
        notes=("Measured on the grid that clustering works on, to within a step of 0.3 m.",),
    )


WORKERS: Final[dict[str, Worker]] = {
    **all_of(("firm_count", "lab_count", "patent_count", "institution_count"), _kind_count),
    **all_of(("startup_count", "spinout_count"), _category_count),
    "category_count": _kinds_of_organisation,
    **all_of(
        ("funding_usd", "equity_funding_usd", "funding_disclosed_count",
         "equity_funding_disclosed_count", "publication_count"),
        _amount,
    ),
    **all_of(("activity", "weight"), _activity),
    "record_count": _record_count,
    "location_count": _location_count,
    **all_of(("longitude", "latitude"), _centre),
    **all_of(("name", "country", "countries"), _named),
    "extent_km": _extent,
}  # fmt: skip
