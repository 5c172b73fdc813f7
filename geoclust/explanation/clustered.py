"""Numbers that come from the density hierarchy: persistence, birth, membership, outlier score."""

import math
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geoclust.explanation.evidence import plain
from geoclust.explanation.listing import record_listing
from geoclust.explanation.working import Listing, Worker, Working, said, unknown
from geoclust.schema import WEIGHT_UNIT
from geoclust.sphere import arc_km

if TYPE_CHECKING:
    from geoclust.explanation.evidence import Evidence

ELSEWHERE: Final = "as another engine, an edit or a file of regions has it: not worked out anew"
SETTINGS: Final = ("clustering.",)
"""All of clustering matters."""


def lives(evidence: "Evidence", region_id: str) -> tuple[pd.DataFrame, float] | None:
    """Length down to which each member location holds, and the length at which the region is born.

    From the condensed tree: locations of the region, those whose membership is too low included.

    Returns
    -------
    tuple or None
        Table of longitude, latitude, weight, leaves_km, kept; birth in km.  None where the region
        was not found by our own clustering.
    """
    found = evidence.clustering
    if found.hierarchy.engine != "geoclust":
        return None
    field, choice = evidence.chosen
    at = found.hierarchy.locations.records["location"]
    members = set(np.unique(at[evidence.members(region_id).index]).tolist())
    number = int(choice.owner[min(members)]) if members else -1
    held = np.flatnonzero(choice.owner == number)
    if number < 0 or members != set(held[choice.kept[held]].tolist()):
        return None  # an edit, or a polygon, says who is in it
    spots = found.hierarchy.locations
    table = pd.DataFrame(
        {
            "longitude": spots.longitude[held],
            "latitude": spots.latitude[held],
            "weight": spots.weight[held] / WEIGHT_UNIT,
            "leaves_km": arc_km(field.tree.leave[held]),
            "kept": choice.kept[held],
        }
    )
    birth = float(arc_km(np.minimum(field.tree.birth[number], field.cut)))
    order = table.sort_values(["leaves_km", "longitude", "latitude"], ignore_index=True)
    return order, birth


def _of_tree(evidence: "Evidence", region_id: str, name: str) -> Working:
    found = lives(evidence, region_id)
    if found is None:
        given = evidence.value(region_id, name)
        if given is None:
            return unknown("the hierarchy has no such region: an edit or a polygon made it")
        return Working(value=given, filled=ELSEWHERE)
    table, birth = found
    listing = Listing("locations: the length down to which each holds together", table)
    if name == "birth_km":
        return Working(
            value=birth,
            filled=f"the region parts from the rest, or its tree begins, at {said(birth)} km",
            listings=(listing,),
            settings=SETTINGS,
        )
    weight, km = table["weight"], table["leaves_km"]
    if evidence.config.clustering.density_scale == "inverse":
        mean, word = float(weight.sum() / (weight / km).sum()), "harmonic"
    else:
        mean, word = math.exp(float((weight * np.log(km)).sum() / weight.sum())), "geometric"
    value = min(max(1.0 - mean / birth, 0.0), 1.0)
    return Working(
        value=value,
        filled=f"1 - {said(mean)} km ({word} mean of the lengths at which its records leave, "
        f"weighted) / {said(birth)} km (its birth) = {said(value)}",
        listings=(listing,),
        made_of=("birth_km",),
        settings=SETTINGS,
    )


def membership(evidence: "Evidence", record_id: str) -> Working:
    """Membership of a record in its region, worked out anew."""
    region_id = plain(evidence.region_of[record_id])
    row = evidence.records.loc[[record_id]]
    listing = record_listing(evidence, "the record", row)
    if not isinstance(region_id, str):
        near = plain(evidence.membership.at[record_id, "nearest_region"])
        beside = f"; next to {near}" if isinstance(near, str) else ""
        return Working(value=0.0, filled=f"in no region{beside}", listings=(listing,),
                       settings=SETTINGS)  # fmt: skip
    found = lives(evidence, region_id)
    if found is None:
        value = plain(evidence.membership.at[record_id, "membership"])
        return Working(value=value, filled=ELSEWHERE,
                       listings=(listing,), settings=SETTINGS)  # fmt: skip
    table, birth = found
    near = (table["longitude"] - float(row["longitude"].iloc[0])).abs() < NEAR
    near &= (table["latitude"] - float(row["latitude"].iloc[0])).abs() < NEAR
    leaves, least = float(table.loc[near, "leaves_km"].iloc[0]), float(table["leaves_km"].min())
    if evidence.config.clustering.density_scale == "inverse":
        value, words = least / leaves, f"{said(least)} / {said(leaves)}"
    elif least >= birth:
        value, words = 1.0, "all leave where the region is born"
    else:
        value = math.log(birth / leaves) / math.log(birth / least)
        words = f"ln({said(birth)} / {said(leaves)}) / ln({said(birth)} / {said(least)})"
    value = max(value, 1e-6)
    return Working(
        value=value,
        filled=f"life in {region_id} over the longest there: {words} = {said(value)}",
        listings=(listing, Listing("locations of the region", table)),
        settings=SETTINGS,
    )


NEAR: Final = 1e-6
"""Coordinates that agree to this are one location, degrees."""

WORKERS: Final[dict[str, Worker]] = {"persistence": _of_tree, "birth_km": _of_tree}
