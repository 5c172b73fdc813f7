"""The same bits whatever the rows' order, the threads, the instruction set or fast arithmetic.

Each setting runs in a process of its own and prints digests of everything it found.
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


def digests(environment=None, *, compiled=False, **asked):
    """What the script prints under some environment variables."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps({"compiled": compiled, **asked})],
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
