"""Records and the region of each -> one footprint per region."""

import logging
from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from geoclust.delineation.division import Region, divided
from geoclust.delineation.globe import GRID_DEGREES, Drawn, area_km2, on_globe
from geoclust.delineation.shapes import hull, reach
from geoclust.errors import ParameterError, SchemaError
from geoclust.schema import Records, Regions, require_columns, weight_units
from geoclust.sphere import Floats, Ints, coordinate_keys, key_coordinates

logger = logging.getLogger(__name__)

Method = Literal["reach", "concave_hull", "convex_hull"]

METHODS: Final = ("reach", "concave_hull", "convex_hull")
KEPT: Final = 1_024
"""Drawn regions that are kept for whoever draws them again."""

LARGEST_KM: Final = 1000.0
"""Largest reach and margin."""


def delineate(
    records: Records,
    region_of: pd.Series,
    *,
    method: Method = "reach",
    reach_km: float = 10.0,
    margin_km: float = 5.0,
    ratio: float = 0.3,
    disjoint: bool = True,
) -> Regions:
    """Draw the footprint of each region round its members.

    Footprints are valid, non-empty, contain all their members and are split at the 180th
    meridian as RFC 7946 asks.  They depend on the members' coordinates only, and not on the
    order of rows.

    * `reach`: union of geodesic discs of `reach_km` round the members, closed with half of it
      (buffer out, then in), so that gaps of less than one reach are filled.
    * `concave_hull`, `convex_hull`: hull of the members with a margin of `margin_km`.

    Shapes are drawn in a Lambert azimuthal equal-area plane centred on the region (for `reach` on
    each part of it) and brought to the globe with edges of 5 km at most.  Discs are geodesic
    whatever their distance from the centre; the closing, and the margin along a hull's edges,
    are stretched as lengths in the plane are, by 0.3 % at 1,000 km from the centre and 1.2 % at
    2,000 km.

    Where footprints overlap and `disjoint` is true, disputed ground goes to the region of the
    nearest member.  A location that several regions share is divided between them by angle.
    Detached pieces under 0.001 km2 without a member are dropped.

    Parameters
    ----------
    records
        `longitude`, `latitude` (degrees, WGS84) and, for the order, `weight`.
    region_of
        Region of each record; index of record ids, missing for noise.  Any partition will do.
    method
        One of `METHODS`.
    reach_km
        Radius of the discs; also of the area that density is counted on.  0 < reach_km <= 1000.
    margin_km
        Margin round hulls, so that a region of one place has an area.  0 < margin_km <= 1000.
    ratio
        Concavity from 0 (closest) to 1 (convex), for `concave_hull`.
    disjoint
        False leaves overlaps as they are.

    Returns
    -------
    Regions
        GeoDataFrame (EPSG:4326), index `region_id`, heaviest first, then by id; geometry, area_km2
        (geodesic, WGS84), reach_area_km2 (of the undivided `reach` footprint, whatever the
        method), label_longitude, label_latitude (a point inside the footprint's largest part).

    Raises
    ------
    ParameterError
        If a parameter is out of its range.
    SchemaError
        If a column is missing, or `region_of` names records that are not there.

    Examples
    --------
    >>> records = pd.DataFrame({"longitude": [0.1, 0.2], "latitude": [52.2, 52.2]})
    >>> regions = delineate(records, pd.Series("gb-cambridge", index=records.index))
    >>> regions.area_km2.round().tolist(), regions.geometry.iloc[0].geom_type
    ([449.0], 'Polygon')
    """
    _check(method, reach_km, margin_km, ratio)
    locations = _locations(records, region_of)
    drawn = [
        _undivided(method, reach_km, margin_km, ratio, keys.tobytes()) for keys in locations["keys"]
    ]
    regions = [region for region, _ in drawn]
    whole = [region.footprint for region in regions]
    areas = [area for _, area in drawn]
    reach_areas = areas
    if method != "reach":
        reach_areas = [reach_area(keys, reach_km) for keys in locations["keys"]]
    footprints = divided(regions) if disjoint and len(regions) > 1 else whole
    areas = [
        area if new is old else area_km2(new)
        for area, new, old in zip(areas, footprints, whole, strict=True)
    ]
    table = _table(locations, footprints, areas, reach_areas)
    logger.info("drew %d footprints of %d locations", len(table), locations["keys"].map(len).sum())
    return table


def _check(method: str, reach_km: float, margin_km: float, ratio: float) -> None:
    if method not in METHODS:
        raise ParameterError(f"method is {method!r}; wanted one of {', '.join(METHODS)}")
    for name, value in (("reach_km", reach_km), ("margin_km", margin_km)):
        if not 0 < value <= LARGEST_KM:
            raise ParameterError(f"{name} is {value}; wanted above 0 and at most {LARGEST_KM:g} km")
    if not 0 <= ratio <= 1:
        raise ParameterError(f"ratio is {ratio}; wanted 0 (closest) to 1 (convex)")


def _locations(records: pd.DataFrame, region_of: pd.Series) -> pd.DataFrame:
    """Index region_id, heaviest first: `units` of weight and ascending coordinate `keys`."""
    require_columns(records, ("longitude", "latitude"), "records")
    named = region_of.dropna()
    absent = named.index.difference(records.index)
    if len(absent):
        raise SchemaError(
            f"region_of names {len(absent)} records that are not in records, such as "
            f"{absent[0]!r}; pass the records that were clustered"
        )
    members = records.loc[named.index]
    weight = members["weight"] if "weight" in members else pd.Series(1.0, index=members.index)
    rows = pd.DataFrame(
        {
            "region_id": named.astype("str").to_numpy(),
            "key": coordinate_keys(members["longitude"], members["latitude"]),
            "units": weight_units(weight),
        }
    ).sort_values(["region_id", "key"])
    regions = rows.groupby("region_id", sort=True)
    table = pd.DataFrame({"units": regions["units"].sum()})
    table["keys"] = pd.Series({name: np.unique(keys) for name, keys in regions["key"]})
    return table.sort_values("units", ascending=False, kind="stable")


def _drawn(  # noqa: PLR0917 - the method and what it takes
    method: str,
    reach_km: float,
    margin_km: float,
    ratio: float,
    longitude: Floats,
    latitude: Floats,
) -> list[Drawn]:
    if method == "reach":
        return reach(longitude, latitude, reach_km)
    return hull(longitude, latitude, margin_km, ratio if method == "concave_hull" else None)


@lru_cache(maxsize=KEPT)
def _undivided(  # noqa: PLR0917 - the method, what it takes, and where
    method: str, reach_km: float, margin_km: float, ratio: float, keys: bytes
) -> tuple[Region, float]:
    return draw_alone(method, reach_km, margin_km, ratio, np.frombuffer(keys, np.int64))


def draw_alone(  # noqa: PLR0917 - the method, what it takes, and where
    method: str, reach_km: float, margin_km: float, ratio: float, places: Ints
) -> tuple[Region, float]:
    """A region drawn round members at these coordinate keys, and its area in km2.

    It depends on nothing else, and whoever tries other settings draws most regions again.
    """
    drawn = _drawn(method, reach_km, margin_km, ratio, *key_coordinates(places))
    region = Region(places, drawn, on_globe(drawn))
    return region, area_km2(region.footprint)


def reach_area(keys: Ints, reach_km: float) -> float:
    """Area in km2 of the undivided `reach` footprint round these coordinate keys."""
    return area_km2(on_globe(reach(*key_coordinates(keys), reach_km)))


def _table(
    locations: pd.DataFrame, footprints: list[Any], areas: list[float], reach_areas: list[float]
) -> Regions:
    import geopandas as gpd  # noqa: PLC0415 - heavy

    east, north = label_points(footprints)
    columns = {
        "area_km2": np.array(areas, dtype=np.float64),
        "reach_area_km2": np.array(reach_areas, dtype=np.float64),
        "label_longitude": east,
        "label_latitude": north,
    }
    index = pd.Index(locations.index.astype("str"), name="region_id")
    geometry = gpd.GeoSeries(footprints, index=index, crs="EPSG:4326")
    return Regions(
        gpd.GeoDataFrame(columns, index=index, geometry=geometry)[["geometry", *columns]]
    )


def label_points(footprints: list[Any]) -> tuple[Floats, Floats]:
    """Longitude and latitude of a point inside the largest part of each, on the grid of footprints.

    Footprints that were drawn carry that grid with them and those read from a file do not.
    """
    import shapely  # noqa: PLC0415 - heavy

    parts = shapely.set_precision([largest(one) for one in footprints], GRID_DEGREES)
    labels = shapely.point_on_surface(parts)
    return shapely.get_x(labels).astype(np.float64), shapely.get_y(labels).astype(np.float64)


def largest(footprint: Any) -> Any:  # noqa: ANN401 - shapely has no types
    """The polygon of a footprint with the largest area in degrees, the first among equals."""
    import shapely  # noqa: PLC0415 - heavy

    parts = shapely.get_parts(footprint)
    return parts[int(np.argmax(shapely.area(parts)))]
