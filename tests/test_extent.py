"""The measuring of extents, by which regions are admitted."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoclust import sphere
from geoclust.clustering import extent
from geoclust.clustering.extent import wider_than, widest_of_each, widest_squared


@pytest.mark.parametrize("n", [0, 1, 2, 3, 50, 3000])
@pytest.mark.parametrize("spread", [0.01, 2.0, 60.0])
def test_extent_is_the_farthest_pair(n, spread):
    rng = np.random.default_rng(n)
    at = rng.normal(0, spread, (2, n)), rng.normal(0, spread, n)
    points = sphere.grid_positions(at[0][0] % 360 - 180, np.clip(at[1], -90, 90))
    squared = np.zeros((n, n))
    for axis in range(3):
        squared += (points[axis, :, None] - points[axis, None]) ** 2
    wanted = squared.max() if n else 0.0
    assert widest_squared(points) == wanted
    assert not wider_than(points, wanted)
    if wanted:
        assert wider_than(points, wanted - 1)


@pytest.mark.parametrize("block", [1, 10**6])
def test_extents_of_many_runs(block, monkeypatch):
    monkeypatch.setattr(extent, "BLOCK", block)
    rng = np.random.default_rng(0)
    size = np.concatenate([np.arange(1, 70), rng.integers(1, 9, 50), [200]])
    positions = np.rint(rng.normal(0, 1e4, (3, size.sum())))
    bounds = np.append(0, np.cumsum(size))
    wanted = [widest_squared(positions[:, low:high]) for low, high in itertools.pairwise(bounds)]
    assert widest_of_each(positions, bounds).tolist() == wanted
    assert len(widest_of_each(positions[:, :0], np.zeros(1, np.int64))) == 0


@given(st.lists(st.tuples(*[st.integers(-9, 9)] * 3), min_size=2, max_size=30))
def test_extent_on_lattices(points):
    array = np.array(points, float).T
    pairs = itertools.combinations(array.T, 2)
    assert widest_squared(array) == max(((p - q) ** 2).sum() for p, q in pairs)
