"""Small batches for the tests: invented countries of a few dozen records, each in one file."""

import numpy as np
import pandas as pd

from geoclust.batch.work import work

FAST = """
[defaults.network]
rewirings = 0
[defaults.report]
survival = false
max_links_km = [100]
resolutions_km = [1]
"""
COUNTRIES = {"alba": (-4.0, 56.0), "bora": (9.0, 47.0), "cora": (21.0, 50.0)}
BATCH = f"""
[batch]
name = "Three countries"
files = ["countries/*.csv"]
{FAST}
[overrides.cora.clustering]
min_cluster_size = 8
"""


def country(code, longitude, latitude, seed):
    """Two towns 150 km apart and some records between, of all kinds."""
    rng = np.random.default_rng(seed)
    east, north = rng.normal(scale=0.02, size=(2, 40))
    east[26:36] += 2.0
    east[36:], north[36:] = rng.uniform(0.5, 1.5, 4), rng.uniform(0.3, 1.0, 4)
    kinds = [("firm", "lab", "patent")[number % 3] for number in range(40)]
    return pd.DataFrame(
        {
            "record_id": [f"{code}-{number:02d}" for number in range(40)],
            "kind": kinds,
            "name": [f"{code} <b>{number}</b>" for number in range(40)],
            "longitude": (longitude + east).round(5),
            "latitude": (latitude + north).round(5),
            "category": [{"firm": "startup", "lab": "university"}.get(kind) for kind in kinds],
            "funding_usd": [
                1e6 * (1 + number % 7) if number % 3 == 0 else None for number in range(40)
            ],
            "precision": "address",
            "source": "invented",
            "simulated": True,
        }
    )


def write_countries(folder):
    """`batch.toml` and one table per country."""
    (folder / "countries").mkdir()
    for seed, (code, (longitude, latitude)) in enumerate(COUNTRIES.items()):
        table = country(code, longitude, latitude, seed)
        table.to_csv(folder / "countries" / f"{code}.csv", index=False)
    (folder / "batch.toml").write_text(BATCH)
    return folder / "batch.toml"


def run_here(jobs, workers, *, stop, began):
    """In place of `run_in_processes`: one after the other, in this process."""
    for job in jobs:
        if stop():
            return
        began(job)
        yield work(job)


def no_figures(made):
    """In place of the drawn map, where nobody looks at it."""
    return {"figures/map.png": b"", "figures/map.svg": b""}
