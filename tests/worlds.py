"""Small worlds of towns whose regions are known, for comparisons and timelines."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

KM = 111.195
Town = tuple[float, float]

STUDY = """
[clustering]
min_samples = 3
min_cluster_size = 6
max_link_km = 12
resolution_km = 0.1
max_extent_km = inf
[delineation]
reach_km = 5
[network]
rewirings = 0
[report]
survival = false
figures = false
max_links_km = [12]
resolutions_km = [0.1]
[thresholds.cluster]
min_density = 8
min_capability = 0.5
[thresholds.quasi]
min_density = 3
min_capability = 0.2
[[thresholds.criteria]]
name = "firms"
indicator = "firm_count"
target = 10
[scoring]
name = "size"
[[scoring.indicators]]
name = "firm_count"
dimension = "size"
"""
"""Regions are whatever hangs together by links of 12 km and weighs 6."""


def town(
    name: str, at: Town, count: int, *, seed: int = 0, spread_km: float = 1.5, year: int = 2020
) -> pd.DataFrame:
    """Records strewn about a point given in km east and north of 0 E, 50 N.

    A town's first n records are the same whatever their number: so towns grow and shrink.
    """
    rng = np.random.default_rng([seed, *name.encode()])
    offsets = rng.uniform(-spread_km, spread_km, (400, 2))[:count]
    north = 50 + (at[1] + offsets[:, 1]) / KM
    east = (at[0] + offsets[:, 0]) / (KM * np.cos(np.radians(50)))
    return pd.DataFrame(
        {
            "record_id": [f"{name}-{n:03d}" for n in range(count)],
            "name": [f"{name} {n}" for n in range(count)],
            "longitude": east.round(6),
            "latitude": north.round(6),
            "country": "FR",
            "year": year,
        }
    )


def road(name: str, start: Town, end: Town, *, step_km: float = 3.0, year: int = 2020):
    """Records along a line between two towns, dense enough to join them."""
    length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
    shares = np.linspace(0, 1, max(2, int(length / step_km)))
    parts = []
    for n, share in enumerate(shares):
        at = (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
        parts.append(town(f"{name}-{n:02d}", at, 2, spread_km=0.3, year=year))
    return pd.concat(parts)


def write_world(
    folder: Path, towns: Sequence[pd.DataFrame], *, settings: str = STUDY, **tables: pd.DataFrame
) -> Path:
    """A folder with firms.csv, other tables, and study.toml; the path of the latter."""
    folder.mkdir(parents=True, exist_ok=True)
    pd.concat(list(towns)).to_csv(folder / "firms.csv", index=False, lineterminator="\n")
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    (folder / "study.toml").write_text(settings, encoding="utf-8")
    return folder / "study.toml"


def towns_in(region_of: pd.Series) -> Mapping[str, set[str]]:
    """Names of the towns of each region."""
    inside = region_of.dropna()
    names = pd.Series(inside.index.str.split("-").str[0], index=inside.index)
    return {str(region): set(group) for region, group in names.groupby(inside)}
