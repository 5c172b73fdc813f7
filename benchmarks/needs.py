"""Memory and processor time of whole runs, beside what `geoclust check` says they need.

usage: needs.py [RECORDS ...]

Without arguments 1,000, 10,000, 100,000 and 1,000,000 records in towns of a continent, three tenths
of them patents, with half as many ties.  Each run is a process of its own with figures and survival
as by default; the table says measured, estimated and their ratio.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd


class Measured(NamedTuple):
    """One run and what was said before it."""

    records: int
    regions: int
    peak_mb: float
    said_mb: float
    seconds: float
    said_seconds: float


def write_world(folder: Path, size: int, seed: int = 0) -> None:
    """Towns of very different sizes, one record in seven anywhere."""
    rng = np.random.default_rng(seed)
    towns = min(60 + size // 400, 400)
    centres = np.column_stack([rng.uniform(-10, 30, towns), rng.uniform(36, 60, towns)])
    share = rng.pareto(1.1, towns) + 0.2

    def table(count: int, prefix: str) -> pd.DataFrame:
        at = centres[rng.choice(towns, count, p=share / share.sum())]
        at = at + rng.normal(0, [0.12, 0.07], (count, 2))
        stray = rng.random(count) < 1 / 7
        at[stray] = np.column_stack([rng.uniform(-10, 30, count), rng.uniform(36, 60, count)])[
            stray
        ]
        columns = {
            "record_id": [f"{prefix}{number}" for number in range(count)],
            "name": [f"{prefix} organisation {number}" for number in range(count)],
            "longitude": at[:, 0].round(4),
            "latitude": at[:, 1].round(4),
        }
        return pd.DataFrame(columns).assign(country="FR")

    firms = table(size // 2, "f").assign(category="startup", year=2010)
    labs = table(size // 5, "l").assign(category="university")
    patents = table(size - len(firms) - len(labs), "p").assign(year=2015)
    organisations = np.concatenate([firms["record_id"], labs["record_id"]])
    ends = rng.choice(organisations, (size // 2, 2))
    ties = pd.DataFrame(ends, columns=["organisation_a", "organisation_b"])
    for name, frame in {"firms": firms, "labs": labs, "patents": patents, "ties": ties}.items():
        frame.to_csv(folder / f"{name}.csv", index=False)


def measure(size: int) -> Measured:
    """Check and run one world of `size` records."""
    with tempfile.TemporaryDirectory() as folder:
        world, out = Path(folder) / "world", Path(folder) / "out"
        world.mkdir()
        write_world(world, size)
        needs = json.loads(_geoclust("check", world, "--json")[0])["needs"]
        summary, peak, seconds = _geoclust("run", world, "--out", out, "--json")
        regions = json.loads(summary)["counts"]["regions"]
    return Measured(size, regions, peak, needs["memory_mb"], seconds, needs["seconds"])


def _geoclust(*arguments: object) -> tuple[str, float, float]:
    """Standard output, peak of memory (MB) and processor time (s) of one command."""
    command = [sys.executable, "-m", "geoclust", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} failed")
    peak = usage.ru_maxrss / 1024 if sys.platform != "darwin" else usage.ru_maxrss / 1e6
    return told, peak, usage.ru_utime + usage.ru_stime


def main() -> None:
    """Print the table."""
    sizes = [int(text) for text in sys.argv[1:]] or [1_000, 10_000, 100_000, 1_000_000]
    print("| records | regions | peak MB | said MB | ratio | seconds | said | ratio |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|")
    for size in sizes:
        found = measure(size)
        print(
            f"| {size:,} | {found.regions} | {found.peak_mb:,.0f} | {found.said_mb:,.0f} "
            f"| {found.peak_mb / found.said_mb:.2f} | {found.seconds:,.1f} "
            f"| {found.said_seconds:,.1f} | {found.seconds / found.said_seconds:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
