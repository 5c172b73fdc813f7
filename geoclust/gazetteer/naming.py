"""Coordinates -> place names: what a region is called, and its id."""

from collections.abc import Hashable, Iterator
from functools import lru_cache
from itertools import count
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from geoclust.gazetteer.gravity import NEAR_KM, NamingPlaces, coordinate_slug, naming_places
from geoclust.schema import require_columns, weight_units
from geoclust.sphere import Ints, coordinate_keys, great_circle_km, key_coordinates

TWIN_RATIO: Final = 0.5
"""A second place is named too if it carries at least this share of the first one's weight."""

MAJORITY: Final = 0.5
"""Share of a region's weight from which a place speaks for it without its suburbs."""

KEPT: Final = 8_192
"""Groups whose names are kept: whoever tries other settings meets most of them again."""

_DIGITS: Final = 7


class _Group(NamedTuple):
    """What a group of records weighs, by country and by place, and where most."""

    key: int
    """Of the heaviest location."""
    countries: dict[str, int]
    places: dict[int, int]


class _Named(NamedTuple):
    name: str
    countries: tuple[str, ...]
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
    world = naming_places()
    groups = _groups(members)
    named = [_name(group, world) for group in groups.values()]
    table = pd.DataFrame(
        {
            "region_id": _told_apart(named, world),
            "name": [region.name for region in named],
            "country": [region.countries[0] if region.countries else None for region in named],
            "countries": [";".join(region.countries) or None for region in named],
        },
        index=pd.Index(groups, name="group"),
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


def _groups(members: pd.DataFrame) -> dict[Hashable, _Group]:
    """The groups in their order, each with its sums of units of weight."""
    code, groups = pd.factorize(members["group"], sort=True)
    own = np.flatnonzero(code >= 0)
    group = code[own].astype(np.int64)
    key = coordinate_keys(members["longitude"], members["latitude"])[own]
    units = weight_units(members["weight"])[own]
    of_country, countries = pd.factorize(members["country"].astype("str"), sort=True)

    spots, at = np.unique(key, return_inverse=True)
    world = naming_places()
    near, km = world.nearest(*key_coordinates(spots))
    place = np.where(km <= NEAR_KM, world.city[near], -1)[at]

    found = {name: _Group(0, {}, {}) for name in groups.tolist()}
    by_number = list(found)
    names = [*countries.tolist(), *world.country]  # where nobody says it, that of the place
    country = np.where(of_country[own] >= 0, of_country[own], len(countries) + place)
    known = (of_country[own] >= 0) | (place >= 0)
    for number, value, weight in _summed(group[known], country[known], units[known]):
        held = found[by_number[number]].countries
        held[names[value]] = held.get(names[value], 0) + weight
    for number, value, weight in _summed(group, place, units):
        found[by_number[number]].places[value] = weight
    most: dict[int, tuple[int, int]] = {}
    for number, value, weight in _summed(group, at, units):  # ascending: the first among equals
        if number not in most or weight > most[number][0]:
            most[number] = weight, int(spots[value])
    return {
        name: found[name]._replace(key=most[number][1]) for number, name in enumerate(by_number)
    }


def _summed(group: Ints, value: Ints, units: Ints) -> Iterator[tuple[int, int, int]]:
    """Sums of units by group and value, ascending."""
    order = np.lexsort((value, group))
    group, value, units = group[order], value[order], units[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (group[1:] != group[:-1]) | (value[1:] != value[:-1])
    first = np.flatnonzero(new)
    sums = np.add.reduceat(units, first) if len(first) else units
    return zip(group[first].tolist(), value[first].tolist(), sums.tolist(), strict=True)


def _name(group: _Group, world: NamingPlaces) -> _Named:
    sums = tuple(group.countries.items()), tuple(group.places.items())
    return _name_from_sums(world, group.key, *sums)


@lru_cache(maxsize=KEPT)
def _name_from_sums(
    world: NamingPlaces,
    key: int,
    countries: tuple[tuple[str, int], ...],
    places: tuple[tuple[int, int], ...],
) -> _Named:
    group = _Group(key, dict(countries), dict(places))
    order = tuple(sorted(group.countries, key=lambda one: (-group.countries[one], one)))
    country = order[0] if order else ""
    longitude, latitude = (float(x[0]) for x in key_coordinates(np.array([key])))
    naming = _naming(group, country, world)
    if not naming:
        name = f"{_degrees(latitude, 'SN')} {_degrees(longitude, 'WE')}"
        stem = country.lower() or "xx"
        return _Named(name, order, stem, -1, longitude, latitude)
    first = naming[0]
    name = "-".join(world.name[place] for place in naming)
    stem = (country or world.country[first]).lower() + world.region_id(first)[2:]
    return _Named(name, order, stem, first, longitude, latitude)


def _naming(group: _Group, country: str, world: NamingPlaces) -> list[int]:
    """The place or two places that name a region; none where none is near."""
    near = {place: units for place, units in group.places.items() if place >= 0}
    home = {place: units for place, units in near.items() if world.country[place] == country}
    weights = home or near
    if weights and max(weights.values()) < MAJORITY * sum(weights.values()):
        weights = _by_centre(weights, world)
    order = sorted(weights, key=lambda place: (-weights[place], -world.population[place], place))
    twins = [place for place in order[1:2] if weights[place] >= TWIN_RATIO * weights[order[0]]]
    return order[:1] + twins


def _by_centre(weights: dict[int, int], world: NamingPlaces) -> dict[int, int]:
    """Weights of the largest towns whose suburbs the places may be."""
    sums: dict[int, int] = {}
    for place, units in weights.items():
        centre = world.centre_of(place)
        sums[centre] = sums.get(centre, 0) + units
    return sums


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
