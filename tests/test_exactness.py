"""The same bits whatever the rows' order, the threads, the instruction set or fast arithmetic.

Each setting runs in a process of its own and prints digests of everything it found: lengths, core
distances, regions with their persistence, and each record's region, membership, outlier score and
nearest region; then, of a study, every file it wrote.
"""

import json
import os
import subprocess
import sys
from functools import cache

import numpy as np
import pytest

SCRIPT = """
import hashlib, json, sys
asked = json.loads(sys.argv[1])
if asked.get("fastmath"):
    import numba
    plain = numba.njit
    numba.njit = lambda *loop, **options: plain(*loop, **{**options, "fastmath": True})
import numpy as np, pandas as pd
from geoclust.clustering import build_hierarchies, extract_regions, hierarchy, locate_records
from geoclust.clustering import spanning_tree
if asked["compiled"]:
    from geoclust.clustering import compiled
    spanning_tree.LARGEST_PLAIN = hierarchy.LARGEST_PLAIN = 0
    compiled.POINTS_PER_THREAD = 100
rng = np.random.default_rng(1)
n = 4000
home = rng.integers(0, 40, n)
spread = rng.choice([0.003, 0.03, 0.3], n)[:, None]
at = np.stack([home % 8 * 1.3 - 3, 45 + home // 8 * 0.9], axis=1)
at = at + rng.normal(0, 1, (n, 2)) * spread
coarse = rng.random(n) < 0.3
at[coarse] = at[coarse].round(1)
table = {"kind": rng.choice(["firm", "lab"], n), "longitude": at[:, 0], "latitude": at[:, 1],
         "weight": rng.choice([1, 1 / 3, 2.5], n), "country": "FR"}
records = pd.DataFrame(table, index=[f"r{i:04d}" for i in range(n)])
if asked.get("shuffle"):
    records = records.sample(frac=1, random_state=asked["shuffle"])
digest = {}
def tell(name, value):
    if isinstance(value, (pd.Series, pd.DataFrame)):
        value = value.to_csv(float_format="%.17g").encode()
    digest[name] = hashlib.sha256(value).hexdigest()[:16]
built = build_hierarchies(records, min_samples=(3, 8), resolution_km=0.1,
                          kind_weights={"lab": 0.7})
for least, found in built.items():
    tell(f"lengths {least}", np.sort(found.forest.squared).tobytes())
    tell(f"cores {least}", found.core_km.sort_index())
    for scale in ("log", "inverse"):
        regions = extract_regions(found, density_scale=scale)
        assert len(regions.regions) > 5
        for name in ("region_of", "membership", "outlier_score", "nearest_region"):
            tell(f"{name} {least} {scale}", getattr(regions, name).sort_index())
        tell(f"regions {least} {scale}", regions.regions)
        new = pd.DataFrame({"longitude": at[:, 0] + 0.01, "latitude": at[:, 1]})
        tell(f"new {least} {scale}", locate_records(regions, new))
assert ("numba" in sys.modules) == asked["compiled"]
print(json.dumps(digest, sort_keys=True))
"""


STUDY = """
import hashlib, json, sys
from pathlib import Path
asked = json.loads(sys.argv[1])
import numpy as np, pandas as pd
import geoclust as gc
from geoclust.clustering import hierarchy, spanning_tree
if asked["compiled"]:
    from geoclust.clustering import compiled
    spanning_tree.LARGEST_PLAIN = hierarchy.LARGEST_PLAIN = 0
    compiled.POINTS_PER_THREAD = 100
folder = Path(asked["folder"])
folder.mkdir(exist_ok=True)
rng = np.random.default_rng(0)
towns = [(179.9, -17, 120, 0.25), (0, 89.9, 60, 0.05), (2.35, 48.85, 200, 0.2),
         (2.9, 48.9, 150, 0.2), (139.7, 35.7, 200, 0.3), (-122.3, 37.7, 200, 0.2),
         (-121.9, 37.4, 150, 0.2)]
at = []
for longitude, latitude, n, spread in towns:
    north, east = rng.normal(0, spread, (2, n))
    shrink = max(0.01, np.cos(np.radians(min(abs(latitude), 89.9))))
    at.append([(longitude + east / shrink + 180) % 360 - 180, np.clip(latitude + north, -90, 90)])
longitude, latitude = np.concatenate(at, axis=1).round(4)
n = len(longitude)
table = pd.DataFrame({"record_id": [f"r{i:04d}" for i in range(n)], "longitude": longitude,
                      "latitude": latitude, "precision": "address",
                      "weight": rng.choice([1, 0.5], n)})
table["name"] = "Name of " + table["record_id"]
is_lab = rng.random(n) < 0.3
ends = rng.choice(table["record_id"], (2, 900))
ends = ends[:, ends[0] != ends[1]]
ties = pd.DataFrame({"organisation_a": ends[0], "organisation_b": ends[1]})
firms = table[~is_lab].assign(funding_usd=rng.integers(1, 999, (~is_lab).sum()) * 1000)
for name, rows in (("firms", firms), ("labs", table[is_lab]), ("ties", ties)):
    if asked.get("shuffle"):
        rows = rows.sample(frac=1, random_state=asked["shuffle"])
    rows.to_csv(folder / f"{name}.csv", index=False)
study = gc.run_study(folder)
assert len(study.regions) >= 5, len(study.regions)
out = folder / "out"
gc.write_study(study, out)
assert ("numba" in sys.modules) == asked["compiled"]
digest = {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()[:16]
          for path in sorted(out.rglob("*")) if path.is_file()}
manifest = json.loads((out / "manifest.json").read_bytes())
digest["manifest.json"] = {name: manifest[name] for name in ("outputs", "counts", "settings")}
print(json.dumps(digest, sort_keys=True))
"""


def digests(environment=None, *, compiled=False, script=SCRIPT, **asked):
    """What a script prints under some environment variables."""
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps({"compiled": compiled, **asked})],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@cache
def reference():
    """Numpy alone, rows in order, whatever instructions this machine has."""
    return digests()


def lesser_instructions():
    """Names of the instruction sets that numpy would choose from while running."""
    from numpy._core import _multiarray_umath as numpys

    able = [name for name in numpys.__cpu_dispatch__ if numpys.__cpu_features__.get(name)]
    if not able:
        pytest.skip("numpy has no instructions to choose from on this machine")
    return {"NPY_DISABLE_CPU_FEATURES": " ".join(able)}


def test_row_order():
    assert digests(shuffle=5) == reference()


def test_numpy_without_vector_instructions():
    assert digests(lesser_instructions()) == reference()


def test_another_matrix_product():
    assert digests({"OPENBLAS_CORETYPE": "Prescott"}) == reference()


@pytest.mark.parametrize("threads", ["1", "2"])
def test_compiled_on_threads(threads):
    assert digests({"NUMBA_NUM_THREADS": threads}, compiled=True, shuffle=7) == reference()


@pytest.mark.slow
def test_compiled_for_any_processor_of_the_kind():
    """Kernels for the oldest x86-64, without fused multiplication or wide vectors."""
    plain = {"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": "", **lesser_instructions()}
    assert digests(plain, compiled=True) == reference()


@pytest.mark.slow
@pytest.mark.parametrize("threads", ["1", "2"])
def test_compiled_with_fast_arithmetic(threads, tmp_path):
    """Every sum and square in the kernels is a whole number: no freedom changes it."""
    own_cache = {"NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_NUM_THREADS": threads}
    assert digests(own_cache, compiled=True, fastmath=True) == reference()


OTHER_MACHINE = {
    "OPENBLAS_CORETYPE": "Prescott",
    # sines and logarithms of the C library without fused multiplication
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX,-FMA4,-AVX512F",
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Digests of every file of a study with the seam, a pole and overlapping footprints."""
    folder = tmp_path_factory.mktemp("reference")
    found = digests(script=STUDY, folder=str(folder / "hard"))
    assert {"regions.gpkg", "regions.geojson", "records.parquet", "report.html"} <= set(found)
    return found


def test_every_file_on_another_machine(files, tmp_path):
    """With the least instructions that numpy, BLAS and the C library can do with."""
    other = {**lesser_instructions(), **OTHER_MACHINE}
    found = digests(other, script=STUDY, folder=str(tmp_path / "hard"))
    assert found == files


def test_every_file_from_rows_in_another_order(files, tmp_path):
    found = digests(script=STUDY, folder=str(tmp_path / "hard"), shuffle=3)
    given = {"manifest.json", "report.html"}  # both name the checksums of what went in
    assert {name for name in files if found[name] != files[name]} <= given


@pytest.mark.slow
@pytest.mark.parametrize("threads", ["1", "2"])
def test_every_file_from_kernels_for_any_processor_of_the_kind(files, tmp_path, threads):
    plain = {"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": "", "NUMBA_NUM_THREADS": threads}
    own_cache = {"NUMBA_CACHE_DIR": str(tmp_path / "kernels")}
    other = {**plain, **own_cache, **lesser_instructions(), **OTHER_MACHINE}
    found = digests(other, script=STUDY, folder=str(tmp_path / "hard"), compiled=True)
    assert found == files


def test_elementary_functions_are_exact_enough():
    """Arcs, logarithms and exponentials in plain arithmetic, against numpy's."""
    from geoclust.clustering.density import exponential, logarithm
    from geoclust.sphere import RADIUS, RADIUS_KM, arc_km, chord_squared

    km = np.concatenate([np.geomspace(1e-4, 20_000, 5000), np.linspace(0.1, 20_000, 5000)])
    chord = 2 * RADIUS * np.sin(km / (2 * RADIUS_KM))
    assert np.allclose(chord_squared(km), chord**2, rtol=4e-15, atol=0)
    part = chord / (2 * RADIUS)
    assert np.allclose(arc_km(chord**2), 2 * RADIUS_KM * np.arcsin(part), rtol=4e-15, atol=0)
    assert np.allclose(logarithm(km), np.log(km), rtol=4e-16, atol=4e-16)
    assert np.allclose(exponential(-km[km < 700]), np.exp(-km[km < 700]), rtol=1e-15, atol=0)
    assert logarithm(np.inf) == np.inf
    assert exponential(0.0) == 1.0
