"""Numbers that come from the ground: areas of footprints, and the places inside them."""

import math
from typing import TYPE_CHECKING, Final, cast

import pandas as pd

from geoclust.delineation import delineate
from geoclust.delineation.globe import GRID_DEGREES
from geoclust.explanation.evidence import plain
from geoclust.explanation.listing import place_listing
from geoclust.explanation.members import locations
from geoclust.explanation.working import (
    Listing,
    Worker,
    Working,
    added_up,
    all_of,
    said,
    same,
    unknown,
)
from geoclust.schema import Records

if TYPE_CHECKING:
    import geopandas as gpd

    from geoclust.explanation.evidence import Evidence

DRAWING: Final = ("delineation.",)
NEIGHBOURS: Final = 20
"""Other regions named that ground is given to."""


def _alone(evidence: "Evidence", region_id: str) -> pd.DataFrame:
    """The region drawn by itself, nothing clipped; one row."""
    return evidence.once("drawn alone", region_id, _drawn_alone)


def _drawn_alone(evidence: "Evidence", region_id: str) -> pd.DataFrame:
    members = evidence.members(region_id)
    choices = evidence.config.delineation.model_dump() | {"disjoint": False}
    own = pd.Series(region_id, index=members.index, dtype="str")
    return delineate(Records(members), own, **choices)


def _reach_area(evidence: "Evidence", region_id: str, _name: str) -> Working:
    drawn = _alone(evidence, region_id)
    value = float(drawn["reach_area_km2"].iloc[0])
    spots = locations(evidence, region_id)
    reach_km = evidence.config.delineation.reach_km
    disc = math.pi * reach_km**2
    filled = (
        f"union of {len(spots)} discs of {said(reach_km)} km ({said(round(disc, 3))} km2 each), "
        f"gaps under one reach closed: {said(value)} km2"
    )
    return Working(
        value=value,
        filled=filled,
        listings=(Listing("locations, a disc round each", spots),),
        settings=("delineation.reach_km",),
    )


def _area(evidence: "Evidence", region_id: str, _name: str) -> Working:
    shape = evidence.regions.at[region_id, "geometry"]
    value = _geodesic_km2(shape)
    drawn = _alone(evidence, region_id)
    whole = float(drawn["area_km2"].iloc[0])
    lost = _given_up(evidence, region_id, drawn)
    rules = evidence.config.delineation
    how = f"{rules.method}, {said(rules.reach_km)} km" if rules.method == "reach" else rules.method
    given = max(whole - value, 0.0)
    filled = f"geodesic area of the footprint that was given: {said(value)} km2"
    if not evidence.config.boundaries.file:
        filled = (
            f"drawn round {len(locations(evidence, region_id))} locations ({how}): {said(whole)} "
            f"km2, less {said(round(given, 6))} km2 nearer to members of other regions = "
            f"{said(value)} km2"
        )
    return Working(
        value=value,
        filled=filled,
        listings=(
            Listing("locations drawn round", locations(evidence, region_id)),
            Listing("regions whose ground overlapped it before it was settled", lost),
        ),
        settings=DRAWING,
    )


def _geodesic_km2(shape: object) -> float:
    """Area on the ellipsoid, straight from the footprint as it was written."""
    import pyproj  # noqa: PLC0415 - heavy

    area, _ = pyproj.Geod(ellps="WGS84").geometry_area_perimeter(shape)
    return abs(float(area)) / 1e6


def _given_up(evidence: "Evidence", region_id: str, drawn: pd.DataFrame) -> pd.DataFrame:
    """Regions that now hold ground within the undivided footprint, and how much."""
    alone = cast("gpd.GeoDataFrame", drawn)["geometry"].iloc[0]
    others = cast("gpd.GeoDataFrame", evidence.regions)["geometry"].drop(index=region_id)
    near = others[others.intersects(alone)]
    rows = [
        {"region_id": str(other), "km2": _geodesic_km2(shape.intersection(alone))}
        for other, shape in near.items()
    ]
    table = pd.DataFrame(rows, columns=["region_id", "km2"])
    order = table.sort_values(["km2", "region_id"], ascending=[False, True], ignore_index=True)
    return order.head(NEIGHBOURS)


def _label(evidence: "Evidence", region_id: str, name: str) -> Working:
    import shapely  # noqa: PLC0415 - heavy

    parts = shapely.get_parts(evidence.regions.at[region_id, "geometry"])
    largest = parts[int(shapely.area(parts).argmax())]
    reported = evidence.value(region_id, name)
    # a footprint read from a file has lost the grid it was drawn on
    for shape in (shapely.set_precision(largest, GRID_DEGREES), largest):
        point = shapely.point_on_surface(shape)
        value = float(shapely.get_x(point) if name == "label_longitude" else shapely.get_y(point))
        if same(reported, value):
            break
    return Working(
        value=value,
        filled=f"a point inside the largest of {len(parts)} parts of the footprint: {said(value)}",
        settings=DRAWING,
    )


def _places(evidence: "Evidence", region_id: str) -> pd.DataFrame:
    """Places that serve a region, with distance, GDP (estimated where allowed), and how."""
    return evidence.once("places", region_id, _found_places)


def _found_places(evidence: "Evidence", region_id: str) -> pd.DataFrame:
    served = evidence.served
    mine = served[(served["region_id"] == region_id).fillna(False).to_numpy(dtype=bool)]
    places = pd.DataFrame(evidence.places.loc[mine.index])
    heads = dict(evidence.config.indicators.gdp_per_head)
    estimate = places["population"] * places["country"].map(heads).astype("float64")
    stated = places["gdp_usd"].astype("float64")
    estimated = stated.isna() & estimate.notna()
    return places.assign(
        distance_km=mine["distance_km"],
        gdp_usd=stated.where(~estimated, estimate),
        gdp_estimated=estimated,
    )


def _sum(evidence: "Evidence", region_id: str, name: str) -> Working:
    if "places" not in evidence.tables:
        return unknown("no table of places was given")
    places = _places(evidence, region_id)
    reach_km = evidence.config.delineation.reach_km
    settings = ("delineation.reach_km", "indicators.gdp_per_head")
    known = places[places[name].notna()].sort_values(name, ascending=False, kind="stable")
    told = {"distance_km": places["distance_km"], name: places[name]}
    if name == "gdp_usd":
        told["estimated"] = places["gdp_estimated"]
    listing = place_listing(evidence, "places that serve the region", places, **told)
    if known.empty:
        why = f"no place lies inside, nor within {said(reach_km)} km that serves no other region"
        if len(places):
            why = f"no {name} is stated for {', '.join(places['name'].astype('str'))}"
        return unknown(why, listings=(listing,), settings=settings)
    nearest = bool((places["distance_km"] > 0).any())
    how = "the nearest place" if nearest else f"{len(places)} inside"
    return Working(
        value=math.fsum(known[name]),
        filled=f"{added_up(known[name])} ({how})",
        listings=(listing,),
        settings=settings,
    )


def _basis(evidence: "Evidence", region_id: str, name: str) -> Working:
    column = "population" if name == "population_basis" else "gdp_usd"
    working = _sum(evidence, region_id, column)
    places = _places(evidence, region_id) if "places" in evidence.tables else pd.DataFrame()
    value = None
    if len(places):
        first = places.iloc[0]
        value = f"inside: {int(places[column].notna().sum())} of {len(places)} places"
        if (places["distance_km"] > 0).any():
            value = f"nearest: {plain(first['name'])}, {first['distance_km']:.1f} km"
    return Working(
        value=value,
        filled=said(value),
        listings=working.listings,
        made_of=(column,),
        settings=working.settings,
    )


def _estimated(evidence: "Evidence", region_id: str, _name: str) -> Working:
    working = _sum(evidence, region_id, "gdp_usd")
    places = _places(evidence, region_id) if "places" in evidence.tables else pd.DataFrame()
    count = int(places["gdp_estimated"].sum()) if len(places) else 0
    return Working(
        value=count > 0,
        filled=f"{count} of {len(places)} places have a GDP estimated from people and GDP per head",
        listings=working.listings,
        made_of=("gdp_usd",),
        settings=("indicators.gdp_per_head",),
    )


WORKERS: Final[dict[str, Worker]] = {
    "reach_area_km2": _reach_area,
    "area_km2": _area,
    **all_of(("label_longitude", "label_latitude"), _label),
    **all_of(("population", "gdp_usd"), _sum),
    **all_of(("population_basis", "gdp_basis"), _basis),
    "gdp_estimated": _estimated,
}
