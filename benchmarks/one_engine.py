"""One engine on one input, in a process of its own; prints what it took as JSON.

usage: python benchmarks/one_engine.py ENGINE INPUT.npy LABELS.npy

The input has rows longitude and latitude in degrees.  Compiled code is loaded first, on a small
part of the input; then one run is timed, from coordinates in memory to labels.  All engines are
asked for the same: a record's 10 nearest others make it dense (scikit-learn and hdbscan-rs count
the record itself, so they are given 11), and 50 records make a cluster.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

MIN_SAMPLES, MIN_CLUSTER_SIZE = 10, 50
SMALL = 25_000
SIZES = {"min_cluster_size": MIN_CLUSTER_SIZE, "min_samples": MIN_SAMPLES}
OTHER_SIZES = {"min_cluster_size": MIN_CLUSTER_SIZE, "min_samples": MIN_SAMPLES + 1}
RADIUS_KM = 6371.0088
LIKE_HDBSCAN = {"density_scale": "inverse", "max_extent_km": None, "min_membership": 0.0}
FINEST_KM = 1e-4

Labels = np.ndarray
Run = Callable[[], Labels]


def vectors(degrees: np.ndarray) -> np.ndarray:
    """Unit vectors times the Earth's radius in km, shape (n, 3)."""
    longitude, latitude = np.radians(degrees)
    parts = np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude)
    return RADIUS_KM * np.column_stack([*parts, np.sin(latitude)])


def radians(degrees: np.ndarray) -> np.ndarray:
    """Latitude and longitude in radians, shape (n, 2), as haversine wants them."""
    return np.ascontiguousarray(np.radians(degrees[::-1].T))


def records(degrees: np.ndarray) -> "object":
    """Records as `build_hierarchy` takes them."""
    import pandas as pd

    rows = {"kind": "firm", "longitude": degrees[0], "latitude": degrees[1]}
    index = pd.RangeIndex(degrees.shape[1], name="record_id").astype("str")
    return pd.DataFrame(rows, index=index).astype({"kind": "str"})


def geoclust(degrees: np.ndarray) -> Run:
    """Our engine, asked for what hdbscan finds: no longest link, no resolution, density 1/km."""
    from geoclust.clustering.build import build_hierarchy
    from geoclust.clustering.labels import label_records

    table = records(degrees)

    def run() -> Labels:
        hierarchy = build_hierarchy(
            table, min_samples=MIN_SAMPLES, resolution_km=FINEST_KM, max_link_km=np.inf
        )
        found = label_records(hierarchy, min_cluster_size=MIN_CLUSTER_SIZE, **LIKE_HDBSCAN)
        return found["label"].to_numpy()

    return run


def geoclust_regions(degrees: np.ndarray) -> Run:
    """Our engine by its own rules, to regions with names, centres and extents."""
    from geoclust import build_hierarchy, extract_regions

    table = records(degrees)

    def run() -> Labels:
        hierarchy = build_hierarchy(table, min_samples=MIN_SAMPLES, resolution_km=1.0)
        found = extract_regions(hierarchy, min_cluster_size=MIN_CLUSTER_SIZE)
        return found.region_of.astype("category").cat.codes.to_numpy()

    return run


def hdbscan_haversine(degrees: np.ndarray) -> Run:
    """The upstream package on haversine distances, with its defaults."""
    from hdbscan import HDBSCAN

    points = radians(degrees)
    return lambda: HDBSCAN(**SIZES, metric="haversine").fit_predict(points)


def hdbscan_vectors(degrees: np.ndarray) -> Run:
    """The upstream package on unit vectors, with its exact tree and all cores."""
    from hdbscan import HDBSCAN

    points = vectors(degrees)
    exact = {"approx_min_span_tree": False, "core_dist_n_jobs": -1}
    return lambda: HDBSCAN(**SIZES, **exact).fit_predict(points)


def fast_hdbscan(degrees: np.ndarray) -> Run:
    """fast_hdbscan on unit vectors."""
    from fast_hdbscan import HDBSCAN

    points = vectors(degrees)
    return lambda: HDBSCAN(**SIZES).fit_predict(points)


def sklearn_haversine(degrees: np.ndarray) -> Run:
    """scikit-learn on haversine distances."""
    from sklearn.cluster import HDBSCAN

    points = radians(degrees)
    options = {"metric": "haversine", "algorithm": "ball_tree", "n_jobs": -1, "copy": True}
    return lambda: HDBSCAN(**OTHER_SIZES, **options).fit_predict(points)


def sklearn_vectors(degrees: np.ndarray) -> Run:
    """scikit-learn on unit vectors."""
    from sklearn.cluster import HDBSCAN

    points = vectors(degrees)
    return lambda: HDBSCAN(**OTHER_SIZES, n_jobs=-1, copy=True).fit_predict(points)


def hdbscan_rs(degrees: np.ndarray) -> Run:
    """hdbscan-rs on unit vectors."""
    from hdbscan_rs import HDBSCAN

    points = vectors(degrees)
    return lambda: np.asarray(HDBSCAN(**OTHER_SIZES).fit_predict(points))


def geoclust_tree(degrees: np.ndarray) -> Run:
    """Our spanning tree with core distances alone, on distinct locations; no labels."""
    from geoclust import sphere
    from geoclust.clustering.spanning_tree import spanning_forest

    points = sphere.grid_positions(*degrees)
    one = np.ones(points.shape[1], np.int64)
    longest = (2 * sphere.RADIUS) ** 2
    return lambda: np.sort(
        spanning_forest(points, one, need=MIN_SAMPLES + 1, longest=longest).squared
    )


def quitefastmst_tree(degrees: np.ndarray) -> Run:
    """Quitefastmst's spanning tree alone, on the same positions; no labels."""
    import quitefastmst

    from geoclust import sphere

    points = np.ascontiguousarray(sphere.grid_positions(*degrees).T)
    return lambda: np.rint(quitefastmst.mst_euclid(points, M=MIN_SAMPLES)[0] ** 2)


ENGINES = {
    "geoclust": geoclust,
    "geoclust, numpy alone": geoclust,
    "geoclust, own rules, named regions": geoclust_regions,
    "hdbscan, haversine": hdbscan_haversine,
    "hdbscan, vectors, exact tree": hdbscan_vectors,
    "fast_hdbscan, vectors": fast_hdbscan,
    "scikit-learn, haversine": sklearn_haversine,
    "scikit-learn, vectors": sklearn_vectors,
    "hdbscan-rs, vectors": hdbscan_rs,
    "geoclust, tree alone": geoclust_tree,
    "quitefastmst, tree alone": quitefastmst_tree,
}


def peak_mb() -> float:
    """Peak memory of this process; getrusage would carry over the peak of the parent's copy."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines())
    return int(lines["VmHWM"].split()[0]) / 1024


def main(engine: str, source: str, labels: str) -> None:
    """Warm up, run once, save the labels, print seconds and peak memory."""
    degrees = np.load(source)
    prepare = ENGINES[engine]
    if "numpy alone" not in engine:
        if engine.startswith("geoclust"):
            from geoclust.clustering.warmup import warm_up

            warm_up()
        few = min(SMALL, degrees.shape[1])
        prepare(degrees[:, :: max(1, degrees.shape[1] // few)])()
    else:
        prepare(degrees[:, :500])()
    run = prepare(degrees)
    start, worked = time.perf_counter(), time.process_time()
    found = run()
    seconds, cpu = time.perf_counter() - start, time.process_time() - worked
    np.save(labels, found)
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
