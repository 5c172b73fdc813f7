"""Our engine beside the others: seconds, ratios, memory, agreement; and its growth with size.

    pip install -r benchmarks/requirements.txt
    python benchmarks/engines.py            # about a quarter of an hour on two cores
    python benchmarks/engines.py --full     # slow engines at larger sizes, 20,000,000 rows
    python benchmarks/engines.py --strict   # a failure, or data that are missing, end it with 1

Every run is a process of its own (`one_engine.py`), and engines take turns, so that a busy moment
hits all alike.  Seconds and CPU seconds are medians over rounds; a ratio is the median over rounds
of another engine's seconds by ours in the same round.  On a busy machine engines that use all
cores wait for the slowest, and CPU seconds say more.  An engine too slow for a size is left out by
a stated limit and says so in its row.
Writes results.json, results.md and growth.png.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

import numpy as np
import worlds
from one_engine import ENGINES, SMALL

HERE = Path(__file__).parent
OURS, OUR_TREE, PLAIN = "geoclust", "geoclust, tree alone", "geoclust, numpy alone"
TREES = (OUR_TREE, "quitefastmst, tree alone")
SLOW_SECONDS = 60.0
"""A run beyond it is not repeated."""

LIMITS = {
    PLAIN: (SMALL, SMALL, "compiled code takes over"),
    "hdbscan, haversine": (100_000, 100_000, "memory grows with the square"),
    "hdbscan, vectors, exact tree": (100_000, 1_000_000, "minutes"),
    "fast_hdbscan, vectors": (100_000, 1_000_000, "minutes"),
    "scikit-learn, haversine": (10_000, 100_000, "time grows with the square"),
    "scikit-learn, vectors": (10_000, 100_000, "time grows with the square"),
    "hdbscan-rs, vectors": (1_000_000, 1_000_000, "not needed beyond"),
    "quitefastmst, tree alone": (1_000_000, 1_000_000, "not needed beyond"),
}
"""Most records by default, with --full, and why not more."""

GROWTH = (10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 5_000_000)
PACKAGES = (
    "geoclust", "numpy", "numba", "hdbscan", "fast_hdbscan", "scikit-learn", "hdbscan-rs",
    "quitefastmst",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """An input: its title, its file and how many records it has."""

    title: str
    path: Path
    size: int
    distinct: bool


def main() -> None:
    """Run all, write the tables and the plot."""
    options = _options()
    options.out.mkdir(parents=True, exist_ok=True)
    loads, found = [os.getloadavg()], {"cases": {}, "growth": {}, "tables": {}}
    for case in _cases(options):
        print(f"-- {case.title}", flush=True)
        found["cases"][case.title] = _compare(case, options)
        loads.append(os.getloadavg())
        _write(found, loads, options)
    for duplicates in (0.7, 0.0):
        found["growth"][f"{duplicates:.0%} duplicates"] = _growth(duplicates, options)
        _write(found, loads, options)
    for rows in options.rows or (2_000_000, *((20_000_000,) if options.full else ())):
        found["tables"][f"{rows:,}"] = _table(rows, options)
    loads.append(os.getloadavg())
    _write(found, loads, options)
    print((options.out / "results.md").read_text(encoding="utf-8"))
    if options.strict and (wrong := _failures(found, options)):
        raise SystemExit("\n".join(wrong))


def _failures(found: dict, options: argparse.Namespace) -> list[str]:
    """What did not run, other than engines left out by their stated limit."""
    wrong = [
        f"{title}: {engine}: {row['skipped']}"
        for title, rows in found["cases"].items()
        for engine, row in rows.items()
        if row.get("skipped", "").startswith("failed")
    ]
    for title, seconds in found["growth"].items():
        wrong += [f"growth, {title}: {n:,} failed" for n in options.growth if n not in seconds]
    for rows, told in found["tables"].items():
        wrong += [f"{rows} rows: {told['failed']}"] if "failed" in told else []
    if worlds.registry(options.data) is None:
        wrong.append(f"no registry of research organisations in {options.data}")
    return wrong


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="slow engines at larger sizes too")
    parser.add_argument("--strict", action="store_true", help="end with 1 if anything failed")
    parser.add_argument("--out", type=Path, default=HERE / "results")
    parser.add_argument("--data", type=Path, default=HERE.parents[1] / "shared" / "data")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--engines", nargs="*", default=list(ENGINES), help="names, exactly")
    parser.add_argument("--growth", type=int, nargs="*", default=list(GROWTH))
    parser.add_argument("--rows", type=int, nargs="*", help="of long tables")
    return parser.parse_args()


def _cases(options: argparse.Namespace) -> list[Case]:
    cases = []
    for size in options.sizes:
        for duplicates in (0.7, 0.0):
            path = _world(size, duplicates, options)
            title = f"{size:,} records, {duplicates:.0%} on shared postcodes"
            cases.append(Case(title, path, size, distinct=not duplicates))
    registry = worlds.registry(options.data)
    if registry is None:
        print(f"no registry of research organisations in {options.data}: left out")
    else:
        path = options.out / "registry.npy"
        np.save(path, registry)
        size = registry.shape[1]
        title = f"{size:,} research organisations (ROR), city coordinates"
        cases.append(Case(title, path, size, distinct=False))
    return cases


def _world(size: int, duplicates: float, options: argparse.Namespace) -> Path:
    path = options.out / f"world-{size}-{duplicates:g}.npy"
    if not path.exists():
        made = worlds.world(size, duplicates)
        np.save(path, made if duplicates else np.unique(made.round(7), axis=1))
    return path


def _compare(case: Case, options: argparse.Namespace) -> dict[str, dict]:
    """Runs of every engine on one input, in turns."""
    rows: dict[str, dict] = {}
    for turn in range(options.rounds):
        for engine in [name for name in ENGINES if name in options.engines]:
            row = rows.setdefault(engine, {"seconds": {}, "cpu_seconds": [], "peak_mb": []})
            if (engine in TREES and not case.distinct) or "skipped" in row:
                continue
            limit = LIMITS.get(engine, (np.inf, np.inf, ""))
            if case.size > limit[options.full]:
                row["skipped"] = f"beyond its limit of {limit[options.full]:,}: {limit[2]}"
            elif max(row["seconds"].values(), default=0.0) <= SLOW_SECONDS:
                labels = options.out / f"labels-{len(rows)}-{turn}.npy"
                _add_run(row, turn, _run("one_engine.py", engine, case.path, labels))
                if turn == 0 and "skipped" not in row:
                    row.update(_agreement(engine, labels, rows, options))
                labels.unlink(missing_ok=True)
    return {name: row for name, row in rows.items() if row["seconds"] or "skipped" in row}


def _add_run(row: dict, turn: int, told: dict) -> None:
    if "failed" in told:
        row["skipped"] = told["failed"]
    else:
        row["seconds"][turn] = told["seconds"]
        row["cpu_seconds"].append(told["cpu_seconds"])
        row["peak_mb"].append(told["peak_mb"])


def _run(script: str, *arguments: object) -> dict:
    """What a process of its own prints, or why it failed."""
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        print(f"   {arguments[0]}: failed: {last}", flush=True)
        return {"failed": f"failed: {last[:120]}"}
    told = json.loads(done.stdout.strip().splitlines()[-1])
    whole = time.perf_counter() - start
    print(f"   {arguments[0]}: {told['seconds']:.3f} s ({whole:.0f} s in all)", flush=True)
    return told


def _agreement(engine: str, path: Path, rows: dict, options: argparse.Namespace) -> dict:
    """Regions, share of noise and adjusted Rand index with our labels; of trees, their length."""
    from sklearn.metrics import adjusted_rand_score

    found, ours = np.load(path), options.out / "labels-of-ours.npy"
    if engine in TREES:
        if engine != OUR_TREE and "squared" in rows.get(OUR_TREE, {}):
            same = float(found.sum()) == rows[OUR_TREE]["squared"]
            return {"note": "lengths equal to ours" if same else "lengths differ from ours"}
        return {"squared": float(found.sum())}
    told = {"regions": int(found.max(initial=-1)) + 1, "noise": float((found < 0).mean())}
    if engine == OURS:
        np.save(ours, found)
    elif ours.exists():
        told["rand"] = float(adjusted_rand_score(np.load(ours), found))
    return told


def _growth(duplicates: float, options: argparse.Namespace) -> dict[int, float]:
    """Seconds of our engine by number of records."""
    seconds = {}
    for size in options.growth:
        path = _world(size, duplicates, options)
        told = _run("one_engine.py", OURS, path, options.out / "labels.npy")
        if "seconds" in told:
            seconds[size] = told["seconds"]
    (options.out / "labels.npy").unlink(missing_ok=True)
    return seconds


def _table(rows: int, options: argparse.Namespace) -> dict:
    source, out = options.out / f"cities-{rows}.parquet", options.out / "answers.parquet"
    if not source.exists():
        worlds.write_city_table(source, rows)
    told = _run("one_table.py", source, out)
    out.unlink(missing_ok=True)
    return told


def _write(found: dict, loads: list, options: argparse.Namespace) -> None:
    found = {**found, "load_averages": loads, "machine": _machine()}
    text = json.dumps(found, indent=1)
    (options.out / "results.json").write_text(text + "\n", encoding="utf-8")
    lines = [_about(loads), ""]
    for title, rows in found["cases"].items():
        lines += [f"### {title}", "", *_rows(rows), ""]
    lines += _growth_rows(found["growth"]) + _table_rows(found["tables"])
    (options.out / "results.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    _plot(found["growth"], options.out / "growth.png")


def _machine() -> dict[str, str]:
    found = {"python": platform.python_version(), "cores": str(os.cpu_count())}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _about(loads: list) -> str:
    busy = [round(load[0], 1) for load in loads]
    said = ", ".join(f"{name} {number}" for name, number in _machine().items())
    return (
        f"min_samples 10, min_cluster_size 50; from coordinates in memory to labels, compiled code "
        f"loaded. Load average between {min(busy)} and {max(busy)} while measured. CPU seconds are "
        f"of the engine's own process, without helpers that it starts (hdbscan). {said}."
    )


def _rows(rows: dict[str, dict]) -> list[str]:
    """A Markdown table of one input."""
    lines = [
        "| engine | seconds | by ours | CPU s | peak MB | runs | regions | noise | agreement |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, row in rows.items():
        if "skipped" in row:
            lines.append(f"| {name} | left out, {row['skipped']} | | | | | | | |")
            continue
        base = rows.get(OUR_TREE if name in TREES else OURS, row)["seconds"]
        shared = [spent / base[turn] for turn, spent in row["seconds"].items() if turn in base]
        regions = f"{row['regions']:,}" if "regions" in row else ""
        noise = f"{row['noise']:.1%}" if "noise" in row else ""
        agreement = f"{row['rand']:.3f}" if "rand" in row else row.get("note", "")
        seconds, ratio = median(row["seconds"].values()), median(shared) if shared else np.nan
        lines.append(
            f"| {name} | {seconds:.3g} | {ratio:.2f} | {median(row['cpu_seconds']):.3g} | "
            f"{max(row['peak_mb']):,.0f} | "
            f"{len(row['seconds'])} | {regions} | {noise} | {agreement} |"
        )
    return lines


def _growth_rows(growth: dict[str, dict[int, float]]) -> list[str]:
    """Seconds by size, and the exponent of growth between the ends."""
    lines = [
        "### Growth of our engine's time with records",
        "",
        "| records | seconds |",
        "|--:|--:|",
    ]
    for title, seconds in growth.items():
        lines += [f"| {size:,} ({title}) | {spent:.3g} |" for size, spent in seconds.items()]
        if len(seconds) > 1:
            (n, first), (m, last) = min(seconds.items()), max(seconds.items())
            power = np.log(last / first) / np.log(m / n)
            lines.append(f"| {title}: time grows as records to the power | {power:.2f} |")
    return [*lines, "", "![growth](growth.png)", ""]


def _table_rows(tables: dict[str, dict]) -> list[str]:
    """Long tables, from Parquet to labels in Parquet."""
    lines = [
        "### Rows at city coordinates, from Parquet to labels in Parquet", "",
        "| rows | seconds | peak MB | spots | regions |", "|--:|--:|--:|--:|--:|",
    ]  # fmt: skip
    for rows, told in tables.items():
        if "failed" in told:
            lines.append(f"| {rows} | {told['failed']} | | | |")
        else:
            lines.append(
                f"| {rows} | {told['seconds']:.1f} | {told['peak_mb']:,.0f} | "
                f"{told['spots']:,} | {told['regions']:,} |"
            )
    return lines


def _plot(growth: dict[str, dict[int, float]], path: Path) -> None:
    """Time against records, both logarithmic, with a line of linear growth."""
    if not any(len(seconds) > 1 for seconds in growth.values()):
        return
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 5), layout="constrained")
    for title, seconds in growth.items():
        axes.plot(list(seconds), list(seconds.values()), marker="o", label=title)
    sizes = np.array([min(min(s) for s in growth.values()), max(max(s) for s in growth.values())])
    last = max(next(reversed(seconds.values())) for seconds in growth.values())
    axes.plot(sizes, last * sizes / sizes[1], "--", color="grey", label="linear")
    axes.set(xscale="log", yscale="log", xlabel="records", ylabel="seconds, records to labels")
    axes.set_title("geoclust: time from records to labels")
    axes.legend()
    figure.savefig(path, dpi=150)
    plt.close(figure)


if __name__ == "__main__":
    main()
