"""The spanning forest, plain and compiled, against the dense definition."""

import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.sparse.csgraph import minimum_spanning_tree

from geoclust.clustering import kernels, warmup
from geoclust.clustering import spanning_tree as trees

UNIT = 30
KINDS = ["lattice", "line", "clumps", "gauss"]


def world(kind, n, rng):
    """Distinct whole-number positions (3, n') and weights in 1/UNIT, with heavy ties."""
    if kind == "lattice":
        points = rng.integers(0, 8, (n, 3)) * 1000.0
    elif kind == "line":
        points = np.outer(rng.integers(0, 3 * n, n), [1.0, 0, 0])
    elif kind == "clumps":
        points = np.rint(rng.normal(0, 40, (n, 3)) + rng.integers(0, 4, (n, 1)) * 5000)
    else:
        points = np.rint(rng.normal(0, 1e6, (n, 3)))
    points = np.unique(points, axis=0)
    shares = [[UNIT], [UNIT, 5 * UNIT, 25 * UNIT], [1, 3, 10, 15, UNIT]][rng.integers(3)]
    return np.ascontiguousarray(points.T), rng.choice(shares, len(points))


def dense(positions, weight, need):
    """Core distances and the sorted edge lengths of a minimum spanning tree."""
    points = positions.T
    squared = ((points[:, None] - points[None]) ** 2).sum(-1)
    order = np.argsort(squared, axis=1, kind="stable")
    enough = np.cumsum(weight[order], axis=1) >= need
    core = np.take_along_axis(squared, order, 1)[np.arange(len(points)), enough.argmax(1)]
    core = np.where(enough[:, -1], core, np.inf)
    reach = np.maximum(squared, np.maximum(core[:, None], core[None]))
    upper = np.triu(reach, 1)
    return core, np.sort(minimum_spanning_tree(upper).data) if len(core) > 1 else np.empty(0)


@pytest.fixture(params=["plain", "compiled"])
def path(request, monkeypatch):
    monkeypatch.setattr(trees, "LARGEST_PLAIN", 0 if request.param == "compiled" else 10**9)
    monkeypatch.setattr(kernels, "_loaded", set())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(15))
def test_forest_is_the_definition(kind, seed, path):
    rng = np.random.default_rng(seed)
    positions, weight = world(kind, int(rng.integers(1, 220)), rng)
    need = int(rng.integers(2, 15)) * UNIT
    core, lengths = dense(positions, weight, need)
    found = trees.spanning_forest(positions, weight, need=need, longest=1e17)
    assert np.array_equal(found.core, core)
    if weight.sum() < need:
        assert np.isinf(core).all()
        assert len(found.a) == 0
        return
    assert np.array_equal(np.sort(found.squared), lengths)
    squared = ((positions[:, found.a] - positions[:, found.b]) ** 2).sum(0)
    assert np.array_equal(
        found.squared, np.maximum(squared, np.maximum(core[found.a], core[found.b]))
    )
    longest = float(np.median(lengths)) if len(lengths) else 1.0
    part = trees.spanning_forest(positions, weight, need=need, longest=longest)
    assert np.array_equal(np.sort(part.squared), lengths[lengths <= longest])
    assert np.array_equal(np.sort(found.up_to(longest).squared), np.sort(part.squared))


@pytest.mark.parametrize("kind", ["lattice", "clumps", "gauss"])
def test_paths_agree_on_thousands(kind, monkeypatch):
    monkeypatch.setattr(kernels, "_loaded", set())
    positions, weight = world(kind, 4000, np.random.default_rng(5))
    plain = trees.spanning_forest(positions, weight, need=11 * UNIT, longest=1e17)
    monkeypatch.setattr(trees, "LARGEST_PLAIN", 0)
    fast = trees.spanning_forest(positions, weight, need=11 * UNIT, longest=1e17)
    assert np.array_equal(np.sort(plain.squared), np.sort(fast.squared))
    assert np.array_equal(plain.core, fast.core)


def test_light_locations_widen_the_search(path):
    """Hundreds of hundredths must be gathered to make up the weight of a few records."""
    rng = np.random.default_rng(0)
    positions = np.rint(rng.normal(0, 1e5, (3, 700)))
    weight = np.where(np.arange(700) < 350, 100, 1)
    core, lengths = dense(positions, weight, 600)
    heavy_far = positions.copy()
    heavy_far[0, :350] += 1e7
    for place in (positions, heavy_far):
        core, lengths = dense(place, weight, 300)
        found = trees.spanning_forest(place, weight, need=300, longest=1e17)
        assert np.array_equal(found.core, core)
        assert np.array_equal(np.sort(found.squared), lengths)


@pytest.mark.parametrize("kind", KINDS)
def test_several_needs_from_one_search(kind, path):
    """Lists long enough for the greatest need give every core distance and forest."""
    positions, weight = world(kind, 150, np.random.default_rng(3))
    needs = [9 * UNIT, 2 * UNIT, 100 * 25 * 150 * UNIT, 31 * UNIT]
    found = trees.spanning_forests(positions, weight, needs=needs, longest=1e17)
    for need, forest in zip(needs, found, strict=True):
        if weight.sum() < need:
            assert np.isinf(forest.core).all()
            assert len(forest.a) == 0
        else:
            core, lengths = dense(positions, weight, need)
            assert np.array_equal(forest.core, core)
            assert np.array_equal(np.sort(forest.squared), lengths)


def test_compiled_loops_serve_smaller_inputs_once_loaded(monkeypatch):
    monkeypatch.setattr(kernels, "_loaded", set())
    assert not kernels.compiled_pays(20_000, 20_000)
    assert kernels.compiled_pays(20_001, 20_000)
    kernels.note_loaded()
    assert kernels.compiled_pays(2_000, 20_000)
    assert not kernels.compiled_pays(1_000, 20_000)


def test_loops_are_loaded_where_they_were_compiled_as_they_are_now(monkeypatch, tmp_path):
    loaded = []
    monkeypatch.setattr(kernels, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(warmup, "warm_up", lambda: loaded.append(1))
    assert not warmup.load_compiled()
    mark = warmup._mark(tmp_path)
    mark.touch()
    assert warmup.load_compiled()
    monkeypatch.setattr(warmup, "version", lambda _: "another numba")
    assert not warmup.load_compiled()
    monkeypatch.setattr(kernels, "cache_folder", lambda: None)
    assert not warmup.load_compiled()
    assert loaded == [1]


WARM = """
import os
import subprocess
import sys
from geoclust.clustering import build_hierarchy, label_records, warm_up
from geoclust.clustering import boruvka, kdtree, kernels, loops
import numpy as np, pandas as pd
def compiled():
    made = [f for m in (boruvka, kdtree) for f in vars(m).values() if hasattr(f, "signatures")]
    made += [kernels.compiled_loop(f) for f in vars(loops).values()
             if getattr(f, "__module__", "") == loops.__name__]
    return sum(len(f.signatures) for f in made), sum(
        sum(f.stats.cache_misses.values()) for f in made)
folder = warm_up()
before, missed = compiled()
rng = np.random.default_rng(0)
at = rng.normal(0, 1, (2, 30_000))
table = pd.DataFrame({"kind": "firm", "longitude": at[0], "latitude": at[1]})
for longest in (100.0, np.inf):
    for rules in ({}, {"cluster_selection_method": "leaf", "cluster_selection_epsilon_km": 5.0}):
        label_records(build_hierarchy(table, max_link_km=longest), **rules)
after, missed_since = compiled()
print(folder, before > 10, after - before, missed, missed_since - missed)
"""


@pytest.mark.slow
def test_warming_up_leaves_nothing_to_compile(tmp_path):
    """What was compiled ahead is all that a large input needs, in this process and the next."""
    folder = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kept")}
    told = [
        subprocess.run(
            [sys.executable, "-c", WARM], capture_output=True, text=True, check=True, env=folder
        ).stdout.split()
        for _ in range(2)
    ]
    assert [words[0] for words in told] == [str(tmp_path / "kept")] * 2
    assert [words[1:3] for words in told] == [["True", "0"]] * 2
    assert int(told[0][3]) > 10
    assert told[1][3:] == ["0", "0"]
    assert len(list((tmp_path / "kept").glob("ready-*"))) == 1


def test_nothing_within_the_longest_link(path):
    positions = np.arange(90.0).reshape(3, 30) ** 2
    found = trees.spanning_forest(positions, np.ones(30, np.int64), need=2, longest=1e-3)
    assert len(found.a) == 0
    assert np.isfinite(found.core).all()


def test_kernels_are_cached_where_the_user_may_write(monkeypatch, tmp_path):
    from numba.core import config

    monkeypatch.setattr(config, "CACHE_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    double = kernels.kernel()(_double)
    assert double(21) == 42
    if sys.platform == "linux":
        assert list(tmp_path.rglob("*.nbi"))
    assert config.CACHE_DIR == ""


def test_kernels_compile_where_nothing_can_be_written(monkeypatch, tmp_path):
    from numba.core import config

    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setattr(config, "CACHE_DIR", str(blocked / "cache"))
    assert kernels.kernel()(_double)(4) == 8


def _double(x):
    return x + x
