"""Which places serve which region, and the people and GDP they bring."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import pandas as pd

from geoclust.errors import ParameterError
from geoclust.sphere import Floats, Ints, great_circle_km

if TYPE_CHECKING:
    from shapely import Geometry

KM_PER_DEGREE: Final = 111.1
"""A degree of latitude, a little short of its 111.19 km: to discard what is surely too far."""
OUTLINE_STEP_DEGREES: Final = 0.005
"""Distances to a footprint are measured to points of its outline at most this far apart
(about half a kilometre), so they are too long by at most 0.3 km."""


def serve(
    places: pd.DataFrame,
    regions: pd.DataFrame,
    records: pd.DataFrame,
    region_of: pd.Series,
    *,
    reach_km: float = 10.0,
) -> pd.DataFrame:
    """Give each place to at most one region.

    A place inside a footprint serves that region; inside several (footprints that overlap), the
    one with the nearest member record.  A region without a place inside takes the nearest place
    within `reach_km` of its footprint that serves no other; where two regions want one place the
    nearer gets it and the other looks further.  Ties go to the smaller region id, then to
    the place further west.

    Parameters
    ----------
    places
        Columns name, longitude, latitude (degrees), country.
    regions
        GeoDataFrame of footprints, index `region_id`.
    records, region_of
        Members of the regions; only asked where footprints overlap.
    reach_km
        How far a region looks beyond its footprint, km.

    Returns
    -------
    DataFrame
        Same index as `places`: region_id (missing where it serves none), distance_km (0 inside).

    Raises
    ------
    ParameterError
        If `reach_km` is negative or not a number.

    Examples
    --------
    >>> import geopandas, shapely
    >>> square = geopandas.GeoDataFrame(
    ...     geometry=[shapely.box(0, 0, 1, 1)], index=pd.Index(["x"], name="region_id"), crs=4326
    ... )
    >>> places = pd.DataFrame({"name": ["A", "B"], "longitude": [0.5, 9], "latitude": [0.5, 9]})
    >>> serve(places, square, pd.DataFrame(), pd.Series(dtype="str"))["region_id"].tolist()
    ['x', nan]
    """
    if not reach_km >= 0:
        raise ParameterError(f"reach_km is {reach_km!r}; want a length of at least 0 km")
    claims = _inside(places, regions, records, region_of)
    waiting = regions.index.difference(pd.Index(claims["region_id"]))
    free = places.loc[places.index.difference(claims.index)]
    free = free.sort_values(["longitude", "latitude", "name"])
    offers = [_within_reach(name, regions, free, reach_km) for name in waiting]
    near = _nearest_first(pd.concat([claims.iloc[:0], *offers]))
    served = pd.concat([claims, near]).reindex(places.index)
    return served.astype({"region_id": "str", "distance_km": "float64"})


def population(places: pd.DataFrame, served: pd.DataFrame, regions: pd.Index) -> pd.DataFrame:
    """People of the places that serve each region, and on what they rest.

    Returns
    -------
    DataFrame
        Index `region_id`: population (people; missing where no place is known),
        population_basis ("inside: 2 of 3 places", "nearest: Port Merrin, 4.2 km").

    Examples
    --------
    >>> places = pd.DataFrame({"name": ["A", "B"], "population": [3e5, None]})
    >>> served = pd.DataFrame({"region_id": ["x", "x"], "distance_km": [0.0, 0.0]})
    >>> population(places, served, pd.Index(["x"])).to_dict("list")
    {'population': [300000.0], 'population_basis': ['inside: 1 of 2 places']}
    """
    return _summed(places["population"].rename("population"), places, served, regions)


def gdp_usd(
    places: pd.DataFrame,
    served: pd.DataFrame,
    regions: pd.Index,
    *,
    gdp_per_head: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """GDP of the places that serve each region, estimated per place where allowed.

    Parameters
    ----------
    places
        Columns name, country, population, gdp_usd.
    served
        What `serve` returned for them.
    regions
        Index of the result.
    gdp_per_head
        Country code -> USD per head: where a place's GDP is missing, its population times this
        stands in.  Empty: nothing is estimated.

    Returns
    -------
    DataFrame
        Index `region_id`: gdp_usd, gdp_usd's basis as `gdp_basis`, and gdp_estimated: True
        where at least one place's GDP is an estimate.

    Examples
    --------
    >>> places = pd.DataFrame({"name": ["A"], "country": "IE", "population": 1e5, "gdp_usd": None})
    >>> served = pd.DataFrame({"region_id": ["x"], "distance_km": [0.0]})
    >>> table = gdp_usd(places, served, pd.Index(["x"]), gdp_per_head={"IE": 9e4})
    >>> table[["gdp_usd", "gdp_estimated"]].to_dict("list")
    {'gdp_usd': [9000000000.0], 'gdp_estimated': [True]}
    """
    own = places["gdp_usd"].astype("float64")
    per_head = places["country"].astype("str").map(dict(gdp_per_head or {})).astype("float64")
    stand_in = own.isna() & (places["population"] * per_head).notna()
    value = own.where(~stand_in, places["population"] * per_head)
    table = _summed(value.rename("gdp_usd"), places, served, regions)
    table = table.rename(columns={"gdp_usd_basis": "gdp_basis"})
    estimated = regions.isin(served["region_id"][stand_in].dropna())
    return table.assign(gdp_estimated=estimated)


def _inside(
    places: pd.DataFrame, regions: pd.DataFrame, records: pd.DataFrame, region_of: pd.Series
) -> pd.DataFrame:
    """Places that lie in a footprint, each once."""
    import shapely  # noqa: PLC0415 - heavy

    points = shapely.points(places["longitude"].to_numpy(), places["latitude"].to_numpy())
    tree = shapely.STRtree(regions["geometry"].to_numpy())
    place, region = tree.query(points, predicate="intersects")
    claims = pd.DataFrame(
        {"region_id": regions.index[region], "distance_km": 0.0}, index=places.index[place]
    )
    contested = claims.index.duplicated(keep=False)
    if contested.any():
        at = places.loc[claims.index]
        claims["member_km"] = [
            _member_km(longitude, latitude, records[region_of.reindex(records.index) == region_id])
            for longitude, latitude, region_id in zip(
                at["longitude"], at["latitude"], claims["region_id"], strict=True
            )
        ]
        claims = claims.sort_values(["member_km", "region_id"], kind="stable")
        claims = claims[~claims.index.duplicated()].drop(columns="member_km")
    return claims


def _member_km(longitude: float, latitude: float, members: pd.DataFrame) -> float:
    km = great_circle_km(longitude, latitude, members["longitude"], members["latitude"])
    return float(km.min()) if len(km) else np.inf


def _within_reach(
    region_id: str, regions: pd.DataFrame, free: pd.DataFrame, reach_km: float
) -> pd.DataFrame:
    """Free places within reach of a footprint's outline, with their distance."""
    at, km = near_footprint(
        cast("Geometry", regions.at[region_id, "geometry"]),
        free["longitude"].to_numpy(dtype=np.float64),
        free["latitude"].to_numpy(dtype=np.float64),
        reach_km,
    )
    return pd.DataFrame({"region_id": region_id, "distance_km": km}, index=free.index[at])


def near_footprint(
    footprint: "Geometry", longitude: Floats, latitude: Floats, reach_km: float
) -> tuple[Ints, Floats]:
    """Numbers of the places within reach of a footprint's outline, and how far they are, km."""
    outline = _outline(footprint)
    start = outline[:1]
    extent = great_circle_km(start[:, 0], start[:, 1], outline[:, 0], outline[:, 1]).max()
    at = np.flatnonzero(np.abs(latitude - start[0, 1]) * KM_PER_DEGREE <= extent + reach_km)
    to_start = great_circle_km(start[:, 0], start[:, 1], longitude[at], latitude[at])
    at = at[to_start <= extent + reach_km]
    km = np.array(
        [
            great_circle_km(x, y, outline[:, 0], outline[:, 1]).min()
            for x, y in zip(longitude[at], latitude[at], strict=True)
        ],
        dtype=np.float64,
    )
    close = km <= reach_km
    return at[close].astype(np.int64), km[close]


def _outline(footprint: "Geometry") -> Floats:
    """Longitude and latitude of points along a footprint's edges, shape (n, 2)."""
    import shapely  # noqa: PLC0415 - heavy

    return np.asarray(shapely.get_coordinates(shapely.segmentize(footprint, OUTLINE_STEP_DEGREES)))


def _nearest_first(offers: pd.DataFrame) -> pd.DataFrame:
    """Settle offers by distance: each place and each region once."""
    ordered = offers.rename_axis("place").reset_index()
    ordered = ordered.sort_values(["distance_km", "region_id"], kind="stable")
    taken_places: set[object] = set()
    taken_regions: set[object] = set()
    chosen = []
    for row in ordered.itertuples(index=False):
        if row.place not in taken_places and row.region_id not in taken_regions:
            taken_places.add(row.place)
            taken_regions.add(row.region_id)
            chosen.append(row)
    settled = pd.DataFrame(chosen, columns=ordered.columns)
    return settled.set_index("place").astype({"distance_km": "float64"})


def _summed(
    value: pd.Series, places: pd.DataFrame, served: pd.DataFrame, regions: pd.Index
) -> pd.DataFrame:
    """Sum of known values per region and a few words on what they rest on."""
    facts = served.assign(value=value, place=places["name"]).dropna(subset="region_id")
    known = facts.dropna(subset="value").groupby("region_id")["value"].agg(math.fsum)
    table = pd.DataFrame(index=regions)
    table[str(value.name)] = known.reindex(regions).astype("float64")
    table[f"{value.name}_basis"] = _basis(facts).reindex(regions)
    return table


def _basis(facts: pd.DataFrame) -> pd.Series:
    """Per region the words on what its sum rests on."""
    by = facts["region_id"]
    first = facts[~by.duplicated()].set_index("region_id")
    table = pd.DataFrame(
        {
            "known": facts["value"].notna().groupby(by).sum(),
            "all": facts["value"].groupby(by).size(),
            "outside": (facts["distance_km"] > 0).groupby(by).any(),
            "place": first["place"],
            "km": first["distance_km"],
        }
    )
    words = {
        str(row.Index): f"nearest: {row.place}, {row.km:.1f} km"
        if row.outside
        else f"inside: {row.known} of {row.all} places"
        for row in table.itertuples()
    }
    return pd.Series(words, dtype="str")
