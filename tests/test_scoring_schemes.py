"""Every normalisation, weighting, aggregation and treatment: by hand, and against others."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from geoclust.errors import ParameterError
from geoclust.scoring import (
    AGGREGATE,
    NORMALISE,
    Composite,
    Framework,
    IndicatorSpec,
    score,
    score_matrix,
    treat,
)
from geoclust.scoring.aggregating import arithmetic, copeland, geometric, harmonic, weighted_sum
from geoclust.scoring.normalising import (
    competition_rank,
    goalposts,
    min_max,
    percentile,
    world_share,
    z_score,
)
from geoclust.scoring.treating import keeps_rule, moments
from geoclust.scoring.weighting import benefit_of_the_doubt, principal_components, varimax

NAN = np.nan
POSTS = np.array([[0.0, 10.0], [0.0, 10.0]])
UP = np.ones(2)

# Five regions; the second indicator is better when less, and one region lacks it.
VALUES = np.array([[8.0, 1.0], [4.0, 3.0], [4.0, 5.0], [0.0, 5.0], [2.0, NAN]])
WAYS = np.array([1.0, -1.0])


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
    ("normalise", "first", "second"),
    [
        (competition_rank, [1, 2, 2, 5, 4], [1, 2, 3, 3, 5]),
        (percentile, [1, 0.75, 0.75, 0, 0.25], [1, 0.75, 0.5, 0.5, 0]),
        (min_max, [1, 0.5, 0.5, 0, 0.25], [1, 0.5, 0, 0, 0]),
        (
            z_score,
            np.array([4.4, 0.4, 0.4, -3.6, -1.6]) / np.sqrt(7.04),
            np.array([2.5, 0.5, -1.5, -1.5, -1.5]) / np.sqrt(2.75),
        ),
        (
            lambda values, ways: goalposts(values, ways, posts=POSTS),
            [0.8, 0.4, 0.4, 0, 0.2],
            [0.9, 0.7, 0.5, 0.5, 0],
        ),
    ],
    ids=["competition_rank", "percentile", "min_max", "z_score", "goalposts"],
)  # fmt: skip
def test_normalisations_by_hand(normalise, first, second):
    found = normalise(VALUES, WAYS)
    assert found[:, 0] == pytest.approx(first)
    assert found[:, 1] == pytest.approx(second)


def test_world_share_by_hand():
    found = world_share(np.array([[6.0, 1.0], [3.0, 1.0], [1.0, NAN]]), UP)
    assert found.tolist() == [[0.6, 0.5], [0.3, 0.5], [0.1, 0.0]]


@pytest.mark.parametrize(
    ("normalise", "constant", "alone", "tie"),
    [
        (competition_rank, 1.0, 1.0, [1.0, 1.0, 3.0]),
        (percentile, 1.0, 1.0, [1.0, 1.0, 0.0]),
        (min_max, 0.5, 0.5, [1.0, 1.0, 0.0]),
        (z_score, 0.0, 0.0, [0.5**0.5, 0.5**0.5, -(2**0.5)]),
        (lambda v, d: goalposts(v, d, posts=POSTS[:1]), 0.7, 0.7, [0.7, 0.7, 0.2]),
        (world_share, 1 / 3, 1.0, [7 / 16, 7 / 16, 2 / 16]),
    ],
    ids=["competition_rank", "percentile", "min_max", "z_score", "goalposts", "world_share"],
)
def test_constants_ties_single_regions_and_nothing_known(normalise, constant, alone, tie):
    one = np.ones(1)
    assert normalise(np.full((3, 1), 7.0), one).ravel() == pytest.approx([constant] * 3)
    assert np.ptp(normalise(np.array([[0.1 + 0.2], [0.3], [0.3]]), one)) == 0, "rounding ties"
    assert normalise(np.array([[7.0]]), one).ravel() == pytest.approx([alone])
    assert normalise(np.array([[7.0], [7.0], [2.0]]), one).ravel() == pytest.approx(tie)
    assert np.isnan(normalise(np.full((3, 1), NAN), one)).all()
    assert normalise(np.empty((0, 1)), one).shape == (0, 1)
    assert not np.isnan(normalise(np.array([[7.0], [NAN]]), one)).any()


def test_all_zero_shares_are_zero_and_negative_ones_are_refused():
    assert world_share(np.zeros((2, 1)), np.ones(1)).tolist() == [[0.0], [0.0]]
    with pytest.raises(ParameterError, match="found the value -3"):
        world_share(np.array([[1.0], [-3.0]]), np.ones(1))
    with pytest.raises(ParameterError, match="direction -1"):
        world_share(np.array([[1.0]]), -np.ones(1))


COLUMNS = st.lists(st.integers(-5, 5).map(float), min_size=2, max_size=12)


@settings(max_examples=60)
@given(COLUMNS, st.sampled_from([1.0, -1.0]))
def test_normalisations_equal_scipy(column: list[float], way: float):
    values, ways = np.array(column)[:, None], np.array([way])
    ranks = stats.rankdata(-way * values, method="min", axis=0)
    assert (competition_rank(values, ways) == ranks).all()
    if np.ptp(values):
        assert z_score(values, ways) == pytest.approx(stats.zscore(way * values))
        low, high = (way * values).min(), (way * values).max()
        assert min_max(values, ways) == pytest.approx((way * values - low) / (high - low))


SCORES = np.array([[0.2, 0.8, 0.5], [1.0, 0.1, 0.4], [0.5, 0.5, 0.5], [0.9, 0.0, 0.9]])


def test_aggregations_by_hand():
    weight = np.array([2.0, 1.0, 1.0])
    assert arithmetic(SCORES, weight) == pytest.approx([0.425, 0.625, 0.5, 0.675])
    assert weighted_sum(SCORES, weight) == pytest.approx([1.7, 2.5, 2.0, 2.7])
    assert geometric(SCORES, weight) == pytest.approx([0.016**0.25, 0.04**0.25, 0.5, 0.0])
    assert harmonic(SCORES, weight) == pytest.approx(
        [4 / (2 / 0.2 + 1 / 0.8 + 1 / 0.5), 4 / (2 / 1 + 1 / 0.1 + 1 / 0.4), 0.5, 0.0]
    )
    # Of weight 4: the last beats the first and the third, 3 to 1 each, and loses to the second by
    # as much; the second ties with the first and the third, 2 to 2; the third beats the first.
    assert copeland(SCORES, weight).tolist() == [-2.0, 1.0, 0.0, 1.0]


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.integers(1, 9), min_size=3, max_size=3), min_size=1, max_size=6),
    st.lists(st.integers(1, 5), min_size=3, max_size=3),
)
def test_aggregations_equal_scipy_and_brute_force(rows: list[list[int]], weights: list[int]):
    values, weight = np.array(rows) / 10, np.array(weights, dtype=float)
    assert geometric(values, weight) == pytest.approx(stats.gmean(values, axis=1, weights=weight))
    assert harmonic(values, weight) == pytest.approx(stats.hmean(values, axis=1, weights=weight))
    assert arithmetic(values, weight) == pytest.approx(np.average(values, axis=1, weights=weight))
    duels = [sum(duel(a, b, weights) for b in rows) for a in rows]
    assert copeland(values, weight).tolist() == duels


def duel(a: list[int], b: list[int], weights: list[int]) -> int:
    margin = 0
    for x, y, weight in zip(a, b, weights, strict=True):
        margin += weight * ((x > y) - (x < y))
    return (margin > 0) - (margin < 0)


def test_one_zero_takes_all_only_without_a_floor():
    table = table_of([[10, 10], [0, 10], [5, 0]])
    base = framework_of("d", "d", normalise="min_max", aggregate="geometric", outliers="off")
    lifted = score(table, base).table["score"].to_dict()
    half = 0.01 + 0.99 * 0.5
    assert lifted == pytest.approx(
        {"r0": 1.0, "r1": (0.01 * 1.0) ** 0.5, "r2": (half * 0.01) ** 0.5}
    )
    bare = framework_of(
        "d", "d", normalise="min_max", aggregate="harmonic", outliers="off", floor=0.0
    )
    assert score(table, bare).table["score"].to_dict() == {"r0": 1.0, "r1": 0.0, "r2": 0.0}


def test_composite_of_dimensions_by_hand():
    """Arithmetic within, geometric across with weights 2 to 1: a dimension of one indicator
    counts as much as its weight says, whatever the number of indicators in the other."""
    table = table_of([[10, 6, 8], [4, 8, 2], [0, 0, 10]])
    framework = framework_of(
        *("x", "x", "y"),
        normalise="goalposts",
        aggregate="arithmetic",
        floor=0.0,
        composite=Composite(of="dimensions", aggregate="geometric", weights={"x": 2.0}),
    )
    found = score(table, framework)
    x, y = np.array([0.8, 0.6, 0.0]), np.array([0.8, 0.2, 1.0])
    want = dict(zip(["r0", "r1", "r2"], (x**2 * y) ** (1 / 3), strict=True))
    assert found.table["score"].to_dict() == pytest.approx(want)
    assert found.table["x_score"].to_dict() == pytest.approx({"r0": 0.8, "r1": 0.6, "r2": 0.0})
    assert found.table.loc["r2", ["x_rank", "y_rank", "rank"]].tolist() == [3, 1, 3]
    assert found.weights.loc["r0"].tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3])


def test_mean_of_dimension_ranks():
    """The other way to a total by ranks: b leads x and y, though a leads more indicators."""
    table = table_of([[3, 1, 3, 3], [2, 3, 2, 2], [1, 2, 1, 1]])
    composite = Composite(of="dimensions", normalise="competition_rank")
    found = score(table, framework_of("x", "x", "y", "y", composite=composite)).table
    assert found["x_score"].to_dict() == {"r0": 2.0, "r1": 1.5, "r2": 2.5}
    assert found["y_score"].to_dict() == {"r0": 1.0, "r1": 2.0, "r2": 3.0}
    assert found["score"].to_dict() == {"r0": 1.5, "r1": 1.5, "r2": 3.0}
    assert found["rank_label"].to_dict() == {"r0": "1=", "r1": "1=", "r2": "3"}


def test_copeland_of_ranks_and_of_shares_agree():
    rng = np.random.default_rng(3)
    table = table_of(rng.integers(0, 5, (9, 4)))
    by_rank = score(table, framework_of(*"dddd", aggregate="copeland"))
    by_share = score(table, framework_of(*"dddd", normalise="percentile", aggregate="copeland"))
    pd.testing.assert_frame_equal(by_rank.table, by_share.table)
    assert by_rank.table["score"].iloc[0] >= by_rank.table["score"].iloc[-1], "more is better"


def test_equal_weighting_ignores_given_weights():
    specs = tuple(IndicatorSpec(name=f"i{n}", dimension="d", weight=n + 1.0) for n in range(2))
    table = table_of([[2, 1], [1, 2]])
    given_weights = Framework(indicators=specs, composite=Composite(weighting="equal"))
    found = score(table, given_weights).table
    assert found["score"].tolist() == [1.5, 1.5]
    assert found.loc["r0", "d_score"] == round(5 / 3, 9)
    equal = score(table, Framework(indicators=specs, weighting="equal")).table
    assert equal["d_score"].tolist() == [1.5, 1.5]


def test_principal_components_by_hand_and_against_scikit_learn():
    """Two pairs that move together and not with each other: two components, equal weights."""
    cross = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]], dtype=float)
    assert principal_components(cross[:, [0, 0, 1, 1]]) == pytest.approx([0.25] * 4)
    rng = np.random.default_rng(1)
    values = rng.normal(size=(40, 5)) @ rng.normal(size=(5, 5))
    values[:, 1] = values[:, 0] + 0.3 * rng.normal(size=40)
    size, vectors = np.linalg.eigh(np.corrcoef(values.T))
    loadings = (vectors * np.sqrt(np.maximum(size, 0)))[:, size > 1]
    from sklearn.decomposition._factor_analysis import _ortho_rotation

    theirs = _ortho_rotation(loadings, method="varimax", tol=1e-14, max_iter=5000).T
    theirs = theirs if theirs.shape == loadings.shape else theirs.T
    largest = (theirs**2).max(axis=1)
    assert principal_components(values) == pytest.approx(largest / largest.sum(), abs=1e-5)
    ours = varimax(loadings)
    assert np.linalg.norm(ours, axis=1) == pytest.approx(np.linalg.norm(loadings, axis=1))


def test_principal_components_of_constants_and_few_regions():
    values = np.array([[1.0, 5, 2], [2.0, 5, 1], [3.0, 5, 3]])
    assert principal_components(values)[1] == 0
    assert principal_components(values).sum() == pytest.approx(1)
    assert principal_components(np.full((4, 2), 3.0)).tolist() == [0.5, 0.5]
    assert principal_components(values[:2]).tolist() == pytest.approx([1 / 3] * 3)
    assert principal_components(values[:, [0, 1, 1]]).tolist() == [1, 0, 0]


def test_benefit_of_the_doubt_by_hand_and_by_its_dual():
    """Midway between two leaders of one indicator each, 0.6 + 0.4 lies on the frontier, 0.3 + 0.3
    at three fifths of it."""
    values = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.4], [0.3, 0.3], [0.0, 0.0]])
    found = (benefit_of_the_doubt(values) * values).sum(axis=1)
    assert found == pytest.approx([1, 1, 1, 0.6, 0])
    rng = np.random.default_rng(2)
    values = rng.random((12, 4)).round(2)
    found = (benefit_of_the_doubt(values) * values).sum(axis=1)
    for row, best in zip(values, found, strict=True):
        dual = optimize.linprog(np.ones(12), A_ub=-values.T, b_ub=-row, method="highs")
        assert best == pytest.approx(dual.fun, abs=1e-8)


def test_benefit_of_the_doubt_through_a_framework():
    framework = framework_of(
        *("x", "x", "y"),
        normalise="min_max",
        weighting="benefit_of_the_doubt",
        aggregate="sum",
        outliers="off",
        composite=Composite(of="dimensions", aggregate="arithmetic"),
    )
    found = score(table_of([[10, 0, 1], [0, 10, 3], [3, 3, 2], [0, 0, 1]]), framework)
    assert found.table["x_score"].to_dict() == pytest.approx({"r0": 1, "r1": 1, "r2": 0.6, "r3": 0})
    assert found.table["score"].to_dict() == pytest.approx(
        {"r0": 0.5, "r1": 1, "r2": 0.55, "r3": 0}
    )
    constant = score(table_of([[5, 1, 1], [5, 2, 1]]), framework).table["x_score"]
    assert constant.to_dict() == pytest.approx({"r0": 0.0, "r1": 1.0}), "no points for all alike"


def test_moments_equal_scipy():
    rng = np.random.default_rng(4)
    for sample in (rng.normal(size=9), rng.lognormal(size=30), np.array([1.0, 1, 1, 9])):
        want = (stats.skew(sample, bias=False), stats.kurtosis(sample, bias=False))
        assert moments(sample) == pytest.approx(want)
    assert moments(np.full(6, 0.1)) == (0.0, 0.0)
    assert all(np.isnan(moments(np.arange(3.0))))


def test_outliers_are_drawn_in_one_by_one():
    value = np.array([*range(1, 19), 900, 1000, NAN])
    treated, (told,) = treat(value[:, None])
    want = value.copy()
    for count in range(1, 6):
        want[np.argsort(value)[20 - count : 20]] = np.sort(value)[19 - count]
        if keeps_rule(*moments(want[:20])):
            break
    assert told.action == "winsorised"
    assert len(told.moved) == count == 2
    np.testing.assert_array_equal(treated.ravel(), want)
    assert told.passed
    low, (other,) = treat(-value[:, None])
    np.testing.assert_array_equal(low.ravel(), -want)
    assert other.skewness == pytest.approx(-told.skewness)


def test_what_five_points_do_not_mend_is_taken_in_logarithms():
    value = np.concatenate([np.full(60, 1.0), np.geomspace(10, 1e6, 8)])
    treated, (told,) = treat(value[:, None])
    assert (told.action, len(told.moved)) == ("logarithm", 0)
    want = np.log(value - 1.0 + 0.01 * (1e6 - 1.0))
    assert treated.ravel() == pytest.approx(want)
    mirrored, _ = treat(-value[:, None])
    assert mirrored.ravel() == pytest.approx(-want), "a long lower tail is mirrored"
    assert (np.diff(treated.ravel()[60:]) > 0).all(), "order is kept"


def test_what_keeps_the_rule_is_untouched_to_the_last_bit():
    rng = np.random.default_rng(5)
    values = np.column_stack([rng.random(20), np.full(20, 3.0), np.full(20, NAN)])
    values = np.vstack([values, [[NAN, NAN, 7.0]]])
    before = values.copy()
    treated, told = treat(values)
    np.testing.assert_array_equal(treated, before)
    np.testing.assert_array_equal(values, before)
    assert [t.action for t in told] == ["none"] * 3


def test_outliers_are_left_alone_under_ranks_and_treated_under_scales():
    table = table_of([[n] for n in [*range(1, 10), 900]])
    assert score(table, framework_of("d")).treatments.empty
    ranks = {"normalise": "percentile", "aggregate": "arithmetic"}
    assert score(table, framework_of("d", **ranks)).treatments.empty
    scaled = score(table, framework_of("d", normalise="min_max", aggregate="arithmetic"))
    assert scaled.treatments.loc["i0", ["action", "moved", "passed"]].tolist() == [
        *("winsorised", "r9", True)
    ]
    assert scaled.table["rank_label"].tolist()[:2] == ["1=", "1="]
    off = framework_of("d", normalise="min_max", aggregate="arithmetic", outliers="off")
    assert score(table, off).table["score"].iloc[1] < 0.01
    asked = framework_of("d", outliers="handbook")
    assert score(table, asked).table["rank_label"].tolist()[:2] == ["1=", "1="]


COMPOSITES = (
    Composite(),
    Composite(of="dimensions", aggregate="copeland"),
    Composite(weighting="pca"),
    *(
        Composite(of="dimensions", normalise=again, aggregate="arithmetic")
        for again in NORMALISE
        if again not in {"goalposts", "world_share"}
    ),
)
COMBINATIONS = [
    (normalise, aggregate, composite)
    for normalise, aggregate in itertools.product(NORMALISE, AGGREGATE)
    for composite in (COMPOSITES if aggregate in {"rank_mean", "arithmetic"} else COMPOSITES[:2])
    if (aggregate != "rank_mean" or normalise == "competition_rank")
    and (aggregate not in {"geometric", "harmonic"} or normalise != "z_score")
]


@pytest.mark.parametrize(("normalise", "aggregate", "composite"), COMBINATIONS)
def test_no_scheme_gives_missing_numbers_by_accident(normalise, aggregate, composite):
    """Ties, constants, indicators nobody has, missing cells, one region, none."""
    framework = framework_of(
        *"xxyyz", normalise=normalise, aggregate=aggregate, composite=composite, min_share=0.5
    )
    table = table_of(
        [
            [9, 3, 3, NAN, NAN],
            [9, 3, 0, NAN, NAN],
            [1, 3, NAN, NAN, NAN],
            [NAN, 3, 5, NAN, NAN],
            [NAN] * 5,
        ]
    )
    found = score(table, framework).table
    assert found["rank"].isna().to_dict() == {f"r{n}": n == 4 for n in range(5)}
    assert found["score"].isna().to_dict() == {f"r{n}": n == 4 for n in range(5)}
    assert found["x_score"].isna().to_dict() == {f"r{n}": n == 4 for n in range(5)}
    assert found["z_score"].isna().all()
    assert (found.loc[["r0", "r1"], "x_rank"] == 1).all(), "ties share the better rank"
    alone = score(table.iloc[:1], framework).table
    assert alone.loc["r0", ["rank", "x_rank"]].tolist() == [1, 1]
    assert np.isfinite(alone.loc["r0", "score"])
    nobody = score(table.iloc[4:], framework)
    assert nobody.table["rank"].isna().all()
    assert nobody.contributions.empty
    assert len(score(table.iloc[:0], framework).table) == 0


@pytest.mark.parametrize("normalise", ["percentile", "min_max", "goalposts", "world_share"])
@pytest.mark.parametrize("rows", [[9, 9, 1, NAN], [3, 3, 3], [NAN, NAN], [7], [7, 2], []], ids=str)
def test_benefit_of_the_doubt_gives_no_missing_numbers_by_accident(normalise, rows):
    framework = framework_of(
        *"xxy",
        normalise=normalise,
        weighting="benefit_of_the_doubt",
        aggregate="sum",
        composite=Composite(of="dimensions", weighting="benefit_of_the_doubt"),
        min_share=0.5,
    )
    field = np.array([[value, 3.0, NAN] for value in rows], dtype=float).reshape(-1, 3)
    found = score_matrix(field, framework)
    assert np.isfinite(found.score).all(), "one of two is known, the other a constant"
    assert ((found.score >= 0) & (found.score <= 1 + 1e-9)).all()
    assert np.isnan(found.dimension_score[:, 1]).all()
    assert not len(rows) or found.rank.min() == 1


FIELD = st.lists(
    st.lists(st.one_of(st.just(NAN), st.integers(0, 5).map(float)), min_size=2, max_size=2),
    min_size=2,
    max_size=7,
)


@settings(max_examples=80)
@given(FIELD, st.sampled_from(["percentile", "goalposts", "world_share"]))
def test_missing_never_helps_under_shares_and_goalposts(field: list[list[float]], normalise: str):
    """Hiding a value gains on nobody, whatever the value."""
    aggregate = "sum" if normalise == "world_share" else "arithmetic"
    framework = framework_of("d", "d", normalise=normalise, aggregate=aggregate, min_share=0.01)
    hidden = [[NAN, field[0][1]], *field[1:]]
    if not any(np.isfinite(row[0]) for row in hidden):
        return
    before = score_matrix(np.array(field), framework).score
    after = score_matrix(np.array(hidden), framework).score
    if np.isnan(after[0]) or np.isnan(before[0]):
        assert np.isnan(after[0]), "hiding never brings a score"
        return
    lead, later = before - before[0], after - after[0]
    ranked = np.isfinite(lead) & np.isfinite(later)
    assert (later[ranked] >= lead[ranked] - 1e-9).all()


def test_under_min_max_the_last_can_draw_the_field_together():
    """The stated limit: scales taken from the values are not proof against hiding the worst."""
    framework = framework_of(
        "d", "d", normalise="min_max", aggregate="arithmetic", min_share=0.5, outliers="off"
    )
    field = np.array([[-90.0, 10.0], [8.0, 4.0], [10.0, 0.0]])
    assert score_matrix(field, framework).rank.tolist() == [2.0, 1.0, 2.0]
    field[0, 0] = NAN
    found = score_matrix(field, framework)
    assert found.normalised[0, 0] == 0, "never above the worst known"
    assert found.rank.tolist() == [1.0, 3.0, 1.0]


@pytest.mark.parametrize("normalise", ["min_max", "z_score"])
def test_a_missing_value_counts_as_the_worst_known(normalise):
    found = NORMALISE[normalise].apply(np.array([[5.0], [1.0], [NAN], [3.0]]), np.ones(1)).ravel()
    assert found[2] == found[1] == found.min()


def test_bare_arrays_give_what_score_gives():
    rng = np.random.default_rng(6)
    values = rng.lognormal(size=(30, 5))
    values[rng.random(values.shape) < 0.1] = NAN
    before = values.copy()
    for framework in (
        framework_of(*"xxyyy"),
        framework_of(*"xxyyy", normalise="z_score", aggregate="arithmetic", weighting="pca"),
    ):
        found = score_matrix(values, framework)
        labelled = score(table_of(values), framework)
        order = [f"r{n}" for n in range(30)]
        table = labelled.table.loc[order]
        np.testing.assert_array_equal(found.rank, table["rank"].to_numpy(dtype=float))
        np.testing.assert_array_equal(found.score, table["score"])
        np.testing.assert_array_equal(found.dimension_rank[:, 0], table["x_rank"].astype(float))
        np.testing.assert_array_equal(found.normalised, labelled.normalised.loc[order])
    np.testing.assert_array_equal(values, before)
