"""Seeded toy worlds with known answers, for doctests, tests and notebooks.

The towns, firms and labs are invented and say so (`simulated` is True); the coordinates are real
ground in Ireland and Britain, so that maps have land under them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from geoclust.schema import (
    PLACE_DTYPES,
    TIE_DTYPES,
    Places,
    Records,
    Ties,
    as_records,
    conform,
)

KM_PER_DEGREE: Final = 111.195
"""Length of a degree of latitude, km; only for strewing records about a town."""

SOURCE: Final = "simulated"


@dataclass(frozen=True)
class Town:
    """An invented town and how many records of each kind it gets."""

    name: str
    country: str
    longitude: float
    latitude: float
    population: float
    gdp_usd: float
    firms: int
    labs: int
    patents: int
    spread_km: float = 2.0


TOWNS: Final = (
    Town("Alderbrook", "GB", -1.50, 52.90, 400e3, 20e9, firms=14, labs=4, patents=24),
    Town("Port Merrin", "GB", -3.90, 50.60, 150e3, 6e9, firms=12, labs=1, patents=6),
    Town("Tarnwick", "GB", -2.90, 54.60, 90e3, 3e9, firms=3, labs=6, patents=5),
    Town("Killoran", "IE", -8.30, 52.60, 200e3, 12e9, firms=8, labs=2, patents=10),
    Town("Dunavere", "IE", -7.90, 54.30, 60e3, 2e9, firms=7, labs=0, patents=4),
)
"""Five towns, strongest first; the nearest two lie some 190 km apart."""


@dataclass(frozen=True, eq=False)
class ToyWorld:
    """Records, ties and places of an invented world, with the town each record was put in."""

    records: Records
    ties: Ties
    places: Places
    town_of: pd.Series
    """Index `record_id`, name `region_id`: the town, or NaN for records strewn outside."""

    def __repr__(self) -> str:
        return (
            f"ToyWorld({len(self.records)} records in {self.town_of.nunique()} towns, "
            f"{int(self.town_of.isna().sum())} outside; {len(self.ties)} ties, "
            f"{len(self.places)} places; simulated)"
        )


def toy_world(seed: int = 0) -> ToyWorld:
    """Five towns of firms, labs and patents, some records outside them, ties and places.

    Parameters
    ----------
    seed
        Any whole number; moves the records a little, draws funding and ties anew.  The number of
        records of each kind in each town never changes (`TOWNS`).

    Returns
    -------
    ToyWorld
        Clean tables with every column of the data model.

    Examples
    --------
    >>> world = toy_world()
    >>> world
    ToyWorld(118 records in 5 towns, 12 outside; 60 ties, 5 places; simulated)
    >>> world.town_of.value_counts()["gb-alderbrook"]
    np.int64(42)
    """
    rng = np.random.default_rng(seed)
    rows = [row for town in TOWNS for row in _town_records(town, rng)]
    rows += _strewn_records(rng, count=12)
    table = pd.DataFrame(rows).set_index("record_id")
    town_of = table.pop("town").astype("str").rename("region_id")
    records = as_records(table)
    town_of.index = records.index
    return ToyWorld(records, _ties(records, rng, count=60), _places(TOWNS), town_of)


def write_toy_world(folder: str | Path, *, seed: int = 0) -> None:
    """Write `toy_world` as firms.csv, labs.csv, patents.csv, ties.csv and places.csv.

    Parameters
    ----------
    folder
        An existing folder; files of these names are replaced.
    seed
        As `toy_world`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_toy_world(folder)
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['firms.csv', 'labs.csv', 'patents.csv', 'places.csv', 'ties.csv']
    """
    world = toy_world(seed)
    for kind in ("firm", "lab", "patent"):
        table = world.records[world.records["kind"] == kind].drop(columns="kind")
        table.to_csv(Path(folder) / f"{kind}s.csv", lineterminator="\n")
    world.ties.to_csv(Path(folder) / "ties.csv", index=False, lineterminator="\n")
    world.places.to_csv(Path(folder) / "places.csv", index=False, lineterminator="\n")


def one_city_country(seed: int = 0) -> ToyWorld:
    """A country of one city: 200 firms in it and 200 scattered over 400 x 400 km.

    Plain HDBSCAN finds nothing here; a finite `max_link_km` finds the city.

    Examples
    --------
    >>> one_city_country()
    ToyWorld(400 records in 1 towns, 200 outside; 0 ties, 1 places; simulated)
    """
    rng = np.random.default_rng(seed)
    city = Town("Loneton", "IE", -7.6, 53.2, 500e3, 30e9, 200, 0, 0, spread_km=4.0)
    rows = [*_town_records(city, rng), *_scattered(city, rng, count=200, half_side_km=200.0)]
    table = pd.DataFrame(rows).set_index("record_id")
    town_of = table.pop("town").astype("str").rename("region_id")
    records = as_records(table)
    town_of.index = records.index
    ties = Ties(conform(pd.DataFrame(), TIE_DTYPES))
    return ToyWorld(records, ties, _places((city,)), town_of)


def _town_records(town: Town, rng: np.random.Generator) -> list[dict[str, object]]:
    slug = town.name.lower().replace(" ", "-")
    kinds = [("firm", town.firms), ("lab", town.labs), ("patent", town.patents)]
    rows = []
    for kind, count in kinds:
        for number in range(count):
            east, north = rng.normal(0.0, town.spread_km / 2, 2)
            row = _row(kind, number, rng)
            row |= _position(town, east, north)
            row |= {
                "record_id": f"{slug}-{kind}-{number + 1:03d}",
                "name": f"{town.name} {kind} {number + 1}",
                "place": town.name,
                "country": town.country,
                "town": f"{town.country.lower()}-{slug}",
            }
            if row["category"] == "spinout" and town.labs:
                row["parent_id"] = f"{slug}-lab-001"
            if kind == "patent" and town.firms:
                row["organisation_id"] = f"{slug}-firm-{number % town.firms + 1:03d}"
            rows.append(row)
    return rows


def _row(kind: str, number: int, rng: np.random.Generator) -> dict[str, object]:
    firms = ("startup", "spinout", "startup", "corporate", "supplier", "investor")
    labs = ("university", "institute", "government")
    category = {"firm": firms[number % 6], "lab": labs[number % 3], "patent": np.nan}[kind]
    millions = float(np.round(rng.lognormal(1.5, 1.0), 1))
    disclosed = kind == "firm" and number % 3 != 2  # noqa: PLR2004 - every third keeps silent
    return {
        "kind": kind,
        "category": category,
        "year": int(rng.integers(2008, 2025)),
        "funding_usd": millions * 1e6 if disclosed else np.nan,
        "equity_funding_usd": np.round(millions * 0.8, 2) * 1e6 if disclosed else np.nan,
        "precision": "address",
        "source": SOURCE,
        "simulated": True,
        "parent_id": np.nan,
        "organisation_id": np.nan,
    }


def _position(town: Town, east_km: float, north_km: float) -> dict[str, object]:
    shrink = float(np.cos(np.deg2rad(town.latitude)))
    return {
        "longitude": round(town.longitude + east_km / (KM_PER_DEGREE * shrink), 5),
        "latitude": round(town.latitude + north_km / KM_PER_DEGREE, 5),
    }


def _scattered(
    town: Town, rng: np.random.Generator, count: int, half_side_km: float
) -> list[dict[str, object]]:
    rows = []
    for number in range(count):
        east, north = rng.uniform(-half_side_km, half_side_km, 2)
        row = _row("firm", number, rng) | _position(town, east, north)
        name = {"record_id": f"scattered-firm-{number + 1:03d}", "name": f"Lone firm {number + 1}"}
        rows.append(row | name | {"place": np.nan, "country": town.country, "town": np.nan})
    return rows


def _strewn_records(rng: np.random.Generator, count: int) -> list[dict[str, object]]:
    """Lone organisations, every second one in each of two countries, far from each other."""
    anchors = {"GB": (-4.3, 56.6), "IE": (-9.3, 53.6)}
    rows = []
    for number in range(count):
        country = "GB" if number % 2 else "IE"
        longitude, latitude = anchors[country]
        row = _row("firm" if number % 3 else "lab", number, rng)
        row |= {
            "record_id": f"outside-{number + 1:03d}",
            "name": f"Outlying organisation {number + 1}",
            "longitude": round(longitude + 0.45 * (number // 2) * (-1) ** number, 5),
            "latitude": round(latitude + 0.02 * float(rng.normal()), 5),
            "place": np.nan,
            "country": country,
            "town": np.nan,
        }
        rows.append(row)
    return rows


def _ties(records: Records, rng: np.random.Generator, count: int) -> Ties:
    organisations = records.index[records["kind"] != "patent"].to_numpy()
    ends = [rng.choice(organisations, size=2, replace=False) for _ in range(count)]
    table = pd.DataFrame(
        {
            "organisation_a": [a for a, _ in ends],
            "organisation_b": [b for _, b in ends],
            "weight": rng.integers(1, 5, count).astype(float),
            "year": rng.integers(2015, 2025, count),
            "kind": "project",
            "source": SOURCE,
        }
    )
    return Ties(conform(table, TIE_DTYPES))


def _places(towns: tuple[Town, ...]) -> Places:
    table = pd.DataFrame(
        {
            "name": [town.name for town in towns],
            "longitude": [town.longitude for town in towns],
            "latitude": [town.latitude for town in towns],
            "country": [town.country for town in towns],
            "population": [town.population for town in towns],
            "gdp_usd": [town.gdp_usd for town in towns],
            "year": 2023,
            "source": SOURCE,
        }
    )
    return Places(conform(table, PLACE_DTYPES))
