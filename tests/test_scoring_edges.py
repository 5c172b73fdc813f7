"""Ties, constants, nothing known, one region, two, none, infinite: every scheme states a value."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from geoclust.scoring import (
    AGGREGATE,
    NORMALISE,
    WEIGHTINGS,
    Composite,
    Framework,
    IndicatorSpec,
    diagnose,
    score,
    score_matrix,
    treat,
)
from geoclust.scoring.treating import MOST_POINTS, keeps_rule
from geoclust.scoring.weighting import benefit_of_the_doubt, principal_components

NAN, INF = np.nan, np.inf

FIELDS = {
    "ties": [7, 7, 2],
    "constant": [7, 7, 7],
    "zeros": [0, 0, 0],
    "nobody has it": [NAN, NAN, NAN],
    "one has it": [NAN, 7, NAN],
    "one region": [7],
    "one region, unknown": [NAN],
    "two regions": [7, 2],
    "two regions, one unknown": [7, NAN],
    "no region": [],
    "infinite is unknown": [INF, 7, 2],
    "minus infinite too": [7, -INF, 2],
}
SD = 2**-0.5
STATED = {
    "competition_rank": [
        *([1, 1, 3], [1, 1, 1], [1, 1, 1], [NAN] * 3, [3, 1.5, 3], [1], [NAN], [1, 2], [1, 2]),
        *([], [3, 1, 2], [1, 3, 2]),
    ],
    "percentile": [
        *([1, 1, 0], [1, 1, 1], [1, 1, 1], [NAN] * 3, [0, 0.75, 0], [1], [NAN], [1, 0], [1, 0]),
        *([], [0, 1, 0.5], [1, 0, 0.5]),
    ],
    "min_max": [
        *([1, 1, 0], [0.5] * 3, [0.5] * 3, [NAN] * 3, [0, 0.5, 0], [0.5], [NAN], [1, 0], [0.5, 0]),
        *([], [0, 1, 0], [1, 0, 0]),
    ],
    "z_score": [
        *([SD, SD, -2 * SD], [0, 0, 0], [0, 0, 0], [NAN] * 3, [0, 0, 0], [0], [NAN], [1, -1]),
        *([0, 0], [], [-1, 1, -1], [1, -1, -1]),
    ],
    "goalposts": [
        *([0.7, 0.7, 0.2], [0.7] * 3, [0, 0, 0], [NAN] * 3, [0, 0.7, 0], [0.7], [NAN]),
        *([0.7, 0.2], [0.7, 0], [], [0, 0.7, 0.2], [0.7, 0, 0.2]),
    ],
    "world_share": [
        *([7 / 16, 7 / 16, 1 / 8], [1 / 3] * 3, [0, 0, 0], [NAN] * 3, [0, 1, 0], [1], [NAN]),
        *([7 / 9, 2 / 9], [1, 0], [], [0, 7 / 9, 2 / 9], [7 / 9, 0, 2 / 9]),
    ],
}


def framework_of(*dimensions: str, **changes: object) -> Framework:
    specs = tuple(
        IndicatorSpec(name=f"i{n}", dimension=d, goalposts=(0.0, 10.0))
        for n, d in enumerate(dimensions)
    )
    return Framework(name="test", indicators=specs, **changes)


def table_of(values: object) -> pd.DataFrame:
    array = np.asarray(values, dtype=float)
    names = pd.Index([f"r{n}" for n in range(len(array))], name="region_id")
    return pd.DataFrame(array, index=names, columns=[f"i{n}" for n in range(array.shape[1])])


@pytest.mark.parametrize(
    ("normalise", "field"), list(itertools.product(NORMALISE, range(len(FIELDS)))), ids=str
)
def test_every_normalisation_of_every_odd_field(normalise: str, field: int):
    values = np.array([*FIELDS.values()][field], dtype=float).reshape(-1, 1)
    aggregate = "rank_mean" if normalise == "competition_rank" else "arithmetic"
    framework = framework_of("d", normalise=normalise, aggregate=aggregate, min_share=1.0)
    found = score_matrix(values, framework)
    assert found.normalised.ravel().tolist() == pytest.approx(
        STATED[normalise][field], abs=1e-12, nan_ok=True
    )
    unknown = ~np.isfinite(values).ravel()
    assert np.isnan(found.score).tolist() == unknown.tolist(), "not scored where not known"
    assert np.isnan(found.rank).tolist() == unknown.tolist()


ROWS = {
    "one region": [[0.2, 0.8]],
    "two that mirror each other": [[0.2, 0.8], [0.8, 0.2]],
    "ties": [[0.5, 0.5], [0.5, 0.5], [0.2, 0.8]],
    "constant": [[0.4, 0.4], [0.4, 0.4]],
    "zeros": [[0.0, 0.0], [0.0, 1.0]],
    "no region": np.empty((0, 2)),
}
# Weights 1 and 3.
G, H = 0.2**0.25 * 0.8**0.75, 4 / (1 / 0.2 + 3 / 0.8)
G2, H2 = 0.8**0.25 * 0.2**0.75, 4 / (1 / 0.8 + 3 / 0.2)
AGGREGATED = {
    "rank_mean": [[0.65], [0.65, 0.35], [0.5, 0.5, 0.65], [0.4, 0.4], [0, 0.75], []],
    "arithmetic": [[0.65], [0.65, 0.35], [0.5, 0.5, 0.65], [0.4, 0.4], [0, 0.75], []],
    "geometric": [[G], [G, G2], [0.5, 0.5, G], [0.4, 0.4], [0, 0], []],
    "harmonic": [[H], [H, H2], [0.5, 0.5, H], [0.4, 0.4], [0, 0], []],
    "sum": [[2.6], [2.6, 1.4], [2, 2, 2.6], [1.6, 1.6], [0, 3], []],
    "copeland": [[0], [1, -1], [-1, -1, 2], [0, 0], [-1, 1], []],
}


@pytest.mark.parametrize(
    ("aggregate", "case"), list(itertools.product(AGGREGATE, range(len(ROWS))))
)
def test_every_aggregation_of_every_odd_field(aggregate: str, case: int):
    values = np.array([*ROWS.values()][case], dtype=float)
    found = AGGREGATE[aggregate].apply(values, np.array([1.0, 3.0]))
    assert found.tolist() == pytest.approx(AGGREGATED[aggregate][case])
    even = AGGREGATE[aggregate].apply(values, np.ones(2))
    assert even.shape == (len(values),)
    assert np.isfinite(even).all()
    if case == 1:
        assert even[0] == even[1], "a tied duel, too"


@pytest.mark.parametrize("aggregate", AGGREGATE)
def test_an_indicator_of_no_weight_does_not_count(aggregate: str):
    values, weight = np.array([[0.3, 0.0], [0.6, 0.0], [0.6, 1.0]]), np.array([1.0, 0.0])
    found = AGGREGATE[aggregate].apply(values, weight)
    assert found[0] < found[1] == found[2]


def test_principal_components_at_the_edges():
    for values in (
        np.full((5, 3), 0.5),
        np.array([[1.0, 2, 3]]),
        np.array([[1.0, 2, 3], [3, 1, 2]]),
    ):
        assert principal_components(values).tolist() == pytest.approx([1 / 3] * 3)
    assert principal_components(np.array([[1.0], [1.0], [4.0]])).tolist() == [1]
    tied = np.array([[1.0, 1], [1, 1], [0, 0], [0, 0]])
    assert principal_components(tied).tolist() == pytest.approx([0.5, 0.5])
    assert principal_components(tied * [1.0, -1.0]).tolist() == pytest.approx([0.5, 0.5])


def test_benefit_of_the_doubt_at_the_edges():
    def scores(rows: list[list[float]]) -> list[float]:
        values = np.array(rows, dtype=float)
        return (benefit_of_the_doubt(values) * values).sum(axis=1).round(9).tolist()

    assert scores([[0.2, 0.6]]) == [1], "a region alone is its own best"
    assert scores([[0.0, 0.0]]) == [0]
    assert scores([[0.5, 0.5], [0.5, 0.5]]) == [1, 1]
    assert scores([[0, 0], [0, 0]]) == [0, 0]
    assert scores([[0.5, 0.9], [0.5, 0.3]]) == pytest.approx([1, 1 / 3]), "no points for a constant"
    assert scores([[0.8], [0.4], [0.4]]) == pytest.approx([1, 0.5, 0.5])


ALONE = {"min_max": 0.5, "percentile": 1.0, "goalposts": 0.7, "world_share": 1.0}


@pytest.mark.parametrize(("normalise", "weighting"), list(itertools.product(ALONE, WEIGHTINGS)))
def test_one_region_under_every_weighting(normalise: str, weighting: str):
    """A constant column gives the same value whatever its weight; benefit of the doubt gives 1."""
    doubt = weighting == "benefit_of_the_doubt"
    framework = framework_of(
        *"ddd",
        normalise=normalise,
        weighting=weighting,
        aggregate="sum" if doubt else "arithmetic",
        composite=Composite(of="dimensions", aggregate="arithmetic"),
        min_share=0.5,
    )
    table = table_of([[7, 7, NAN]])
    found = score(table, framework).table.iloc[0]
    assert found["score"] == pytest.approx(1.0 if doubt else ALONE[normalise])
    assert found["rank_label"] == "1"
    nothing = score(table * NAN, framework)
    assert nothing.table["score"].isna().all()
    assert nothing.table["note"].tolist() == ["d not scored: 0 of 3 indicators known"]
    assert (nothing.weights.sum(axis=1) == 0).all()


@pytest.mark.parametrize(
    ("field", "action", "after"),
    [
        ([], "none", []),
        ([NAN, NAN], "none", [NAN, NAN]),
        ([7], "none", [7]),
        ([7, 2], "none", [7, 2]),
        ([0, 0, 1e9], "none", [0, 0, 1e9]),
        ([7] * 6, "none", [7] * 6),
        ([0.1 + 0.2, 0.3, 0.3, 0.3, 0.3], "none", [0.1 + 0.2, 0.3, 0.3, 0.3, 0.3]),
        ([0, 0, 0, 1, 9], "winsorised", [0, 0, 0, 1, 1]),
        ([1, 2, 3, 4, 5, 6, 99, NAN], "winsorised", [1, 2, 3, 4, 5, 6, 6, NAN]),
        ([-99, 1, 2, 3, 4, 5, 6], "winsorised", [1, 1, 2, 3, 4, 5, 6]),
        ([*range(1, 21), 900, 900, 900, 900, 900], "none", [*range(1, 21), *[900] * 5]),
    ],
)
def test_treatment_of_every_odd_field(field: list[float], action: str, after: list[float]):
    treated, (told,) = treat(np.array(field, dtype=float).reshape(-1, 1))
    assert told.action == action
    assert treated.ravel().tolist() == pytest.approx(after, nan_ok=True)
    assert told.passed


@pytest.mark.parametrize("field", [[0, 0, 0, 1], [0, 0, 0, 0, 9], [5] * 30 + [9] * 2])
def test_values_are_not_drawn_in_until_all_are_alike(field: list[float]):
    """Skewness of one apart among four is 2, not below it by rounding."""
    _, (told,) = treat(np.array(field, dtype=float)[:, None])
    assert (told.action, told.passed) == ("logarithm", False)
    framework = framework_of("d", normalise="min_max", aggregate="arithmetic")
    found = score_matrix(np.array(field, dtype=float)[:, None], framework).normalised.ravel()
    assert found.tolist() == [float(value == max(field)) for value in field]


def test_what_even_the_logarithm_does_not_mend_says_so():
    """Two thousand alike and ten far away: whatever is done, it is two points."""
    value = np.concatenate([np.zeros(2000), np.full(10, 1e6)])
    treated, (told,) = treat(value[:, None])
    assert (told.action, told.passed) == ("logarithm", False)
    assert np.isfinite(treated).all()


HEAVY = st.lists(st.floats(-1e3, 1e3).map(lambda x: round(x**3, 3)), min_size=4, max_size=40)


@settings(max_examples=150)
@given(HEAVY)
def test_treatment_keeps_the_rule_as_the_handbook_has_it(field: list[float]):
    """By scipy's moments: nothing is done without need, what is drawn in is drawn to the farthest
    left alone and keeps the rule, the logarithm moves no point, and order is kept."""
    value = np.array(field)
    treated, (told,) = treat(value[:, None])
    after = treated.ravel()

    def kept(x: np.ndarray) -> bool:
        if np.ptp(x) <= 1e-12 * np.abs(x).max():
            return True
        skew, kurtosis = stats.skew(x, bias=False), stats.kurtosis(x, bias=False)
        return round(abs(skew), 9) < 2 or round(kurtosis, 9) < 3.5

    assert (told.action == "none") == kept(value)
    order = np.argsort(value, kind="stable")
    assert (np.diff(after[order]) >= 0).all()
    if told.action == "winsorised":
        assert 1 <= len(told.moved) <= 2 * MOST_POINTS, "ties at an end are drawn in together"
        assert kept(after)
        still = np.setdiff1d(np.arange(len(value)), told.moved)
        np.testing.assert_array_equal(after[still], value[still])
        assert set(after[told.moved]) <= {value[still].min(), value[still].max()}
    if told.action == "logarithm":
        assert not len(told.moved)


def test_the_rule_at_its_bounds():
    assert keeps_rule(2.0, 3.4999)
    assert keeps_rule(1.9999, 99.0)
    assert keeps_rule(-1.9999, 99.0)
    assert not keeps_rule(2.0, 3.5)
    assert not keeps_rule(-2.0, 3.5)
    assert keeps_rule(NAN, NAN)


@pytest.mark.parametrize(
    ("normalise", "method"), [("z_score", "pearson"), ("competition_rank", "spearman")]
)
def test_correlations_equal_pandas(normalise: str, method: str):
    """Pearson's of the values, Spearman's under ranks; pairs known in both, as pandas has it."""
    rng = np.random.default_rng(7)
    values = rng.normal(size=(40, 4)) @ rng.normal(size=(4, 4))
    table = table_of(values)
    aggregate = "rank_mean" if method == "spearman" else "arithmetic"
    framework = framework_of(*"xxyy", normalise=normalise, aggregate=aggregate, outliers="off")
    found = diagnose(score(table, framework))
    pd.testing.assert_frame_equal(found.correlation, table.corr(method=method), check_names=False)
    if method == "pearson":
        framework = replace(framework, min_share=0.01)
        table = table.mask(rng.random(table.shape) < 0.2)
        found = diagnose(score(table, framework))
        pd.testing.assert_frame_equal(found.correlation, table.corr(), check_names=False)
        known = table.notna().astype(int)
        assert (found.pair_counts.to_numpy() == (known.T @ known).to_numpy()).all()


def test_effective_weights_follow_what_moves_the_total():
    """One indicator with all the spread decides alone, whatever its weight on paper."""
    rng = np.random.default_rng(8)
    values = np.column_stack([rng.uniform(0, 10, 60), 5 + rng.uniform(0, 0.01, 60)])
    framework = framework_of("d", "d", normalise="goalposts", aggregate="arithmetic")
    told = diagnose(score(table_of(values), framework)).weights
    assert told["weight"].tolist() == [0.5, 0.5]
    assert told.loc["i0", "variance_share"] == pytest.approx(1, abs=1e-3)
    assert told.loc["i0", "effective_weight"] > 0.9
    assert told["ratio"].tolist() == pytest.approx((told["effective_weight"] / 0.5).tolist())
    lead = np.cov(values[:, 0] / 20, values.sum(axis=1) / 20)
    assert told.loc["i0", "variance_share"] == pytest.approx(lead[0, 1] / lead[1, 1])
