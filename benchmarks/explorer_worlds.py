"""Studies for the explorer's benchmark: the bundled sample, and generated worlds of any size.

A generated world has firms, labs and patents around the world's towns (`worlds.world`), ties that
are mostly near, funding of half the firms, and the towns above 100,000 people as places.  The
seed fixes every bit.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from worlds import towns, world

SAMPLE = Path(__file__).parents[1] / "data" / "quantum"
SAMPLE_SIZE = 1215
LEAST_PLACE = 100_000
GDP_PER_HEAD = 20_000.0
KINDS = ("firm", "lab", "patent")
CATEGORIES = ("startup", "spinout", "corporate", "supplier")


def study_of(records: int, folder: Path) -> Path:
    """A study of so many records; 1,215 is the bundled sample."""
    if records == SAMPLE_SIZE:
        return SAMPLE / "study.toml"
    write_world(folder, records)
    (folder / "study.toml").write_text(f'[study]\nname = "{records:,} records"\n', "utf-8")
    return folder / "study.toml"


def write_world(folder: Path, n: int, seed: int = 7) -> None:
    """Write firms, labs, patents, ties and places of a generated world."""
    rng = np.random.default_rng(seed)
    longitude, latitude = world(n, 0.7, seed)
    country = _countries(longitude, latitude)
    kind = rng.choice(KINDS, n, p=(0.45, 0.15, 0.4))
    table = pd.DataFrame(
        {
            "record_id": [f"r{i:07d}" for i in range(n)],
            "kind": kind,
            "name": [f"Organisation {i}" for i in range(n)],
            "longitude": longitude.round(5),
            "latitude": latitude.round(5),
            "country": country,
            "category": np.where(kind == "firm", rng.choice(CATEGORIES, n), "university"),
            "funding_usd": rng.lognormal(15, 2, n).round(),
            "precision": "postcode",
        }
    )
    table.loc[rng.random(n) < 0.5, "funding_usd"] = np.nan
    for name in KINDS:
        own = table[kind == name].drop(columns="kind")
        own = own if name == "firm" else own.drop(columns="funding_usd")
        own = own.drop(columns="category") if name == "patent" else own
        own.to_csv(folder / f"{name}s.csv", index=False)
    _ties(table[kind != "patent"], rng).to_csv(folder / "ties.csv", index=False)
    _places().to_csv(folder / "places.csv", index=False)


def _countries(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Country of the nearest town."""
    from scipy.spatial import cKDTree

    table = towns()
    near = cKDTree(table[["longitude", "latitude"]].to_numpy())
    _, at = near.query(np.column_stack([longitude, latitude]))
    return table["country"].to_numpy()[at]


def _ties(organisations: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """As many ties as organisations: half to one that is near, half to any other."""
    from scipy.spatial import cKDTree

    n = len(organisations)
    points = organisations[["longitude", "latitude"]].to_numpy()
    _, near = cKDTree(points).query(points, k=20)
    first = np.arange(n)
    second = np.where(
        rng.random(n) < 0.5, near[first, rng.integers(1, 20, n)], rng.integers(0, n, n)
    )
    ids = organisations["record_id"].to_numpy()
    other = first != second
    return pd.DataFrame(
        {
            "organisation_a": ids[first[other]],
            "organisation_b": ids[second[other]],
            "weight": rng.integers(1, 5, int(other.sum())),
        }
    )


def _places() -> pd.DataFrame:
    table = towns()
    table = table[table["population"] >= LEAST_PLACE].reset_index(drop=True)
    return pd.DataFrame(
        {
            "name": [f"Town {i}" for i in table.index],
            "longitude": table["longitude"],
            "latitude": table["latitude"],
            "country": table["country"],
            "population": table["population"],
            "gdp_usd": table["population"] * GDP_PER_HEAD,
        }
    )
