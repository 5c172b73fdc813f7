"""Coordinates -> place names: what a region is called, and its id."""

from collections.abc import Hashable, Iterable, Iterator
from itertools import count
from typing import Final, NamedTuple, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from geoclust.gazetteer.gravity import NEAR_KM, NamingPlaces, coordinate_slug, naming_places
from geoclust.schema import require_columns, weight_units
from geoclust.sphere import coordinate_keys, great_circle_km, key_coordinates

Key = TypeVar("Key", bound=Hashable)

TWIN_RATIO: Final = 0.5
"""A second place is named too if it carries at least this share of the first one's weight."""

MAJORITY: Final = 0.5
"""Share of a region's weight from which a place speaks for it without its suburbs."""

_DIGITS: Final = 7


class _Part(NamedTuple):
    """The records of a group at one location and of one country."""

    key: int
    country: str
    units: int
    place: int


class _Named(NamedTuple):
    name: str
    countries: list[str]
    stem: str
    """The id, or its country only where no place is near."""
    place: int
    """The place that names the region, -1 where none is near."""
    longitude: float
    latitude: float
    """Of the heaviest location."""


def name_regions(members: pd.DataFrame) -> pd.DataFrame:
    """Names and ids of groups of records, after the places that carry most of their weight.

    Each location counts for its nearest place among the 34,006 of 15,000 inhabitants and more (and
    capitals), if one is within 50 km; a place in the core of a larger city counts as that city
    (Islington as London), the core being a disc of 15,000 inhabitants per km2.  The place with
    the greatest weight names the region.  Where it has less than half of the weight, suburbs
    first count for the largest town within 30 km that is at least three times their size
    (Palo Alto for San Jose).  A second place with at least half the weight of the first is named
    too ("Denver-Boulder"); the id follows the first alone.

    The set is fixed and small on purpose: ids do not depend on how records were geocoded, and a
    town below 15,000 is rarely what a region is known for.

    The country is the one with most weight, a record without country having that of its nearest
    place; only places of that country name the region, if it has any.  An id is the country and
    the name, with the first-level division where the name recurs in its country among places of
    5,000 inhabitants and more (Cambridge, Massachusetts), with coordinates where it recurs in the
    division too, and coordinates alone where no place is near.  Should several groups be called
    after one place, the one whose heaviest location is nearest to it has the plain id, and the
    others bear the coordinates of theirs.

    Parameters
    ----------
    members
        One row per record; `longitude`, `latitude` (degrees), `country` (alpha-2, may be
        missing), `weight` (positive), `group` (any label; rows without one are left out).

    Returns
    -------
    DataFrame
        Index `group`, sorted; region_id (lower-case ASCII, distinct), name, country (alpha-2,
        missing where nobody knows), countries (";"-joined, heaviest first).

    Raises
    ------
    SchemaError
        If a column is missing.

    Examples
    --------
    >>> rows = [(0.12, 52.21, "GB", 3.0, "a"), (-71.09, 42.37, None, 1.0, "b")]
    >>> names = ["longitude", "latitude", "country", "weight", "group"]
    >>> name_regions(pd.DataFrame(rows, columns=names))[["region_id", "name"]].values.tolist()
    [['gb-cambridge', 'Cambridge'], ['us-ma-cambridge', 'Cambridge']]
    """
    require_columns(members, ("longitude", "latitude", "country", "weight", "group"), "members")
    locations = _locations(members)
    world = naming_places()
    columns = [locations[name].tolist() for name in _Part.__annotations__]
    parts: dict[Hashable, list[_Part]] = {}  # in the order of the groups
    for group, part in zip(locations["group"].tolist(), map(_Part, *columns), strict=True):
        parts.setdefault(group, []).append(part)
    named = [_name(rows, world) for rows in parts.values()]
    table = pd.DataFrame(
        {
            "region_id": _told_apart(named, world),
            "name": [region.name for region in named],
            "country": [region.countries[0] if region.countries else None for region in named],
            "countries": [";".join(region.countries) or None for region in named],
        },
        index=pd.Index(parts, name="group"),
    )
    return table.astype("str")


def nearest_place(longitude: ArrayLike, latitude: ArrayLike) -> pd.DataFrame:
    """Nearest naming place of each coordinate.

    Parameters
    ----------
    longitude, latitude
        Degrees (WGS84), of equal length.

    Returns
    -------
    DataFrame
        name, country (alpha-2), admin1 (GeoNames' code), geoname_id, distance_km.

    Examples
    --------
    >>> nearest_place([8.55], [47.37])[["name", "country"]].values.tolist()
    [['Zürich', 'CH']]
    """
    world = naming_places()
    index, km = world.nearest(
        np.atleast_1d(np.asarray(longitude, dtype=np.float64)),
        np.atleast_1d(np.asarray(latitude, dtype=np.float64)),
    )
    columns = {
        name: [getattr(world, name)[i] for i in index]
        for name in ("name", "country", "admin1", "geoname_id")
    }
    return pd.DataFrame({**columns, "distance_km": km})


def _locations(members: pd.DataFrame) -> pd.DataFrame:
    """One row per group, coordinates and country: summed units of weight, nearest place (or -1)."""
    rows = pd.DataFrame(
        {
            "group": members["group"],
            "key": coordinate_keys(members["longitude"], members["latitude"]),
            "country": members["country"].astype("str").fillna(""),
            "units": weight_units(members["weight"]),
        }
    )
    sums = rows.groupby(["group", "key", "country"], sort=True)["units"].sum()
    table = sums.reset_index()
    longitude, latitude = key_coordinates(table["key"].to_numpy())
    world = naming_places()
    near, km = world.nearest(longitude, latitude)
    table["place"] = np.where(km <= NEAR_KM, world.city[near], -1)
    countries = np.array([*world.country, ""], dtype=object)[table["place"]]
    table["country"] = table["country"].where(table["country"] != "", countries)
    return table


def _name(parts: list[_Part], world: NamingPlaces) -> _Named:
    countries = _ranked((part.country, part.units) for part in parts if part.country)
    country = countries[0] if countries else ""
    heaviest = _ranked((part.key, part.units) for part in parts)[0]
    longitude, latitude = (float(x[0]) for x in key_coordinates(np.array([heaviest])))
    places = _naming(parts, country, world)
    if not places:
        name = f"{_degrees(latitude, 'SN')} {_degrees(longitude, 'WE')}"
        stem = country.lower() or "xx"
        return _Named(name, countries, stem, -1, longitude, latitude)
    first = places[0]
    name = "-".join(world.name[place] for place in places)
    stem = (country or world.country[first]).lower() + world.region_id(first)[2:]
    return _Named(name, countries, stem, first, longitude, latitude)


def _naming(parts: list[_Part], country: str, world: NamingPlaces) -> list[int]:
    """The place or two places that name a region; none where none is near."""
    near = [(part.place, part.units) for part in parts if part.place >= 0]
    home = [pair for pair in near if world.country[pair[0]] == country]
    weights = _sums(home or near)
    if weights and max(weights.values()) < MAJORITY * sum(weights.values()):
        weights = _sums((world.centre_of(place), units) for place, units in weights.items())
    order = sorted(weights, key=lambda place: (-weights[place], -world.population[place], place))
    twins = [place for place in order[1:2] if weights[place] >= TWIN_RATIO * weights[order[0]]]
    return order[:1] + twins


def _sums(pairs: Iterable[tuple[Key, int]]) -> dict[Key, int]:
    sums: dict[Key, int] = {}
    for key, units in pairs:
        sums[key] = sums.get(key, 0) + units
    return sums


def _ranked(pairs: Iterable[tuple[Key, int]]) -> list[Key]:
    """Distinct keys, heaviest first, then in their own order."""
    sums = _sums(pairs)
    return sorted(sorted(sums), key=lambda key: -sums[key])  # type: ignore[type-var]


def _degrees(value: float, signs: str) -> str:
    return f"{abs(value):.1f}°{signs[value >= 0]}"


def _told_apart(named: list[_Named], world: NamingPlaces) -> list[str]:
    """Ids; where they recur, all but the nearest to its place get coordinates, then numbers."""
    off_km = _off_km(named, world)
    nearest = sorted(range(len(named)), key=lambda at: (off_km[at], at))
    ids: dict[int, str] = {}
    taken = {region.stem for region in named if region.place >= 0}
    plain: set[str] = set()
    for at in nearest:
        region = named[at]
        if region.place >= 0 and region.stem not in plain:
            ids[at] = region.stem
            plain.add(region.stem)
        else:
            ids[at] = next(name for name in _variants(region) if name not in taken)
            taken.add(ids[at])
    return [ids[at] for at in range(len(named))]


def _off_km(named: list[_Named], world: NamingPlaces) -> list[float]:
    """Distance of each heaviest location from the place that names its region, 0 without one."""
    places = np.array([region.place for region in named], dtype=np.int64)
    here = [(region.longitude, region.latitude) for region in named]
    longitude, latitude = np.array(here, dtype=np.float64).reshape(-1, 2).T
    off_km = great_circle_km(longitude, latitude, world.longitude[places], world.latitude[places])
    return np.where(places >= 0, off_km, 0.0).tolist()  # type: ignore[no-any-return]


def _variants(region: _Named) -> Iterator[str]:
    for digits in range(1, _DIGITS + 1):
        yield f"{region.stem}-{coordinate_slug(region.longitude, region.latitude, digits)}"
    for number in count(2):
        yield f"{region.stem}-{number}"
