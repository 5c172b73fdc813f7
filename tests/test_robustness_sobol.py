"""Sobol indices against functions whose indices are known in closed form."""

import numpy as np
import pytest

from geoclust.errors import ParameterError
from geoclust.robustness import sobol_indices
from geoclust.robustness.sobol import design, indices


def ishigami(points):
    x = np.pi * (2 * points - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def ishigami_truth():
    a, b = 7.0, 0.1
    one = 0.5 * (1 + b * np.pi**4 / 5) ** 2
    two = a**2 / 8
    interplay = b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    total = one + two + interplay
    first = np.array([one, two, 0.0]) / total
    return first, np.array([one + interplay, two, interplay]) / total, total


G = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0])


def g_function(points):
    return np.prod((np.abs(4 * points - 2) + G) / (1 + G), axis=1)


def g_truth():
    part = 1 / (3 * (1 + G) ** 2)
    total = np.prod(1 + part) - 1
    rest = np.array([np.prod(np.delete(1 + part, at)) for at in range(len(G))])
    return part / total, part * rest / total, total


@pytest.mark.parametrize(
    ("function", "truth", "k"), [(ishigami, ishigami_truth, 3), (g_function, g_truth, 6)]
)
def test_known_values_lie_in_the_intervals_and_near_the_estimates(function, truth, k):
    first, total, variance = truth()
    found = sobol_indices(function, [f"x{at}" for at in range(k)], n=4096, seed=3)
    table = found.table
    assert found.runs == 4096 * (k + 2)
    assert found.variance == pytest.approx(variance, rel=0.02)
    for kind, known in (("first", first), ("total", total)):
        slack = 1e-9
        assert (table[f"{kind}_low"] <= known + slack).all()
        assert (table[f"{kind}_high"] >= known - slack).all()
        assert np.abs(table[kind] - known).max() < 0.02
        assert (table[f"{kind}_high"] - table[f"{kind}_low"]).max() < 0.15, "wide enough for all"


@pytest.mark.parametrize(
    ("function", "truth", "k"), [(ishigami, ishigami_truth, 3), (g_function, g_truth, 6)]
)
def test_intervals_of_few_points_cover_the_known_values(function, truth, k):
    """Over 40 seeds; at 95 % each, points as if independent, nearly all of them must."""
    first, total, _ = truth()
    inside, widths = [], []
    for seed in range(40):
        table = sobol_indices(function, [f"x{at}" for at in range(k)], n=128, seed=seed).table
        for kind, known in (("first", first), ("total", total)):
            low, high = table[f"{kind}_low"].to_numpy(), table[f"{kind}_high"].to_numpy()
            inside.append((low <= known + 1e-9) & (known - 1e-9 <= high))
            widths.append(high - low)
    share = np.mean(inside, axis=0)
    assert np.mean(inside) >= 0.93
    assert share.min() >= 0.8, share
    assert np.mean(widths) < 0.4


def test_intervals_shrink_as_points_grow():
    def width(n):
        table = sobol_indices(ishigami, ["a", "b", "c"], n=n, seed=1).table
        return float((table["total_high"] - table["total_low"]).mean())

    assert width(4096) == pytest.approx(width(256) / 4, rel=0.3)


def test_an_index_worked_out_by_hand():
    """Two points a and b; y = x: (b - m)(m(x) - a) over the variance of all four values."""
    plan = design(["x"], n=2, seed=0)
    a, b = plan.points[:2, 0], plan.points[2:4, 0]
    found = indices(plan, plan.points[:, 0], seed=0).table.loc["x"]
    both = np.concatenate([a, b])
    variance = both.var()
    assert found["first"] == pytest.approx(np.mean((b - both.mean()) * (b - a)) / variance)
    assert found["total"] == pytest.approx(np.mean((a - b) ** 2) / 2 / variance)


def test_a_group_has_the_index_of_its_inputs_together():
    def additive(points):
        return points @ np.array([1.0, 2.0, 3.0])

    table = sobol_indices(additive, {"ab": 2, "c": 1}, n=1024).table
    assert table["first"].to_numpy() == pytest.approx([5 / 14, 9 / 14], abs=0.01)
    assert table["total"].to_numpy() == pytest.approx([5 / 14, 9 / 14], abs=0.01)


def test_a_constant_has_no_sensitivity_and_no_missing_value():
    found = sobol_indices(lambda points: np.full(len(points), 3.7), ["a", "b"], n=8)
    assert (found.table == 0).all().all()
    assert found.variance == 0


def test_same_seed_same_numbers_and_another_seed_others():
    one, two = (sobol_indices(ishigami, ["a", "b", "c"], n=64, seed=s).table for s in (1, 1))
    assert one.equals(two)
    assert not one.equals(sobol_indices(ishigami, ["a", "b", "c"], n=64, seed=2).table)


@pytest.mark.parametrize(
    ("function", "inputs", "n", "message"),
    [
        (ishigami, ["a"], 1, "n is 1"),
        (ishigami, [], 8, "at least one"),
        (lambda p: np.full(len(p), np.nan), ["a"], 8, "not finite"),
        (lambda p: p, ["a"], 8, "one finite number each"),
    ],
)
def test_faults_are_told(function, inputs, n, message):
    with pytest.raises(ParameterError, match=message):
        sobol_indices(function, inputs, n=n)
