"""What ranks mean: strengths, evidence, factors, diagnostics, what if, peers."""

import numpy as np
import pandas as pd
import pytest

from geoclust.catalogue import FACTORS, INDICATORS
from geoclust.errors import ParameterError
from geoclust.scoring import (
    Composite,
    Framework,
    IndicatorSpec,
    benchmark_peers,
    correlation_ratio,
    cronbach_alpha,
    diagnose,
    rank_path,
    score,
    score_matrix,
    strengths_and_weaknesses,
    what_if,
)

NAN = np.nan


def framework_of(*dimensions: str, **changes: object) -> Framework:
    specs = tuple(IndicatorSpec(name=f"i{n}", dimension=d) for n, d in enumerate(dimensions))
    return Framework(name="test", indicators=specs, **changes)


def table_of(**rows: list[float]) -> pd.DataFrame:
    table = pd.DataFrame(rows).T.astype(float).rename_axis("region_id")
    return table.set_axis([f"i{n}" for n in range(table.shape[1])], axis=1)


def random_table(rows: int, columns: int, seed: int = 0) -> pd.DataFrame:
    values = np.random.default_rng(seed).normal(size=(rows, columns))
    return table_of(**{f"r{n:02d}": list(row) for n, row in enumerate(values)})


SCALED = {"normalise": "z_score", "aggregate": "arithmetic", "outliers": "off"}


@pytest.mark.parametrize(
    ("changes", "scale"),
    [
        (SCALED, lambda x: x),
        ({"normalise": "min_max", "aggregate": "sum", "outliers": "off"}, lambda x: x),
        ({"normalise": "percentile", "aggregate": "geometric"}, np.log),
        ({"normalise": "percentile", "aggregate": "harmonic"}, lambda x: -1 / x),
    ],
)
def test_contributions_add_up_on_the_scale_of_the_aggregation(changes, scale):
    found = score(random_table(8, 3), framework_of(*"ddd", **changes))
    total = found.contributions.groupby("region_id")["contribution"].sum()
    lead = scale(found.table["score"].astype(float)) - scale(found.table["score"])[:0].sum()
    centred = lead - lead.mean()
    assert (total - total.mean()).to_dict() == pytest.approx(centred.to_dict())
    assert total.mean() == pytest.approx(0, abs=1e-9)


def test_contributions_to_copeland_are_duels_won():
    table = table_of(a=[3, 1], b=[2, 2], c=[1, 3])
    found = score(table, framework_of("d", "d", aggregate="copeland")).contributions
    rows = found.set_index(["region_id", "indicator"])["contribution"]
    assert rows.to_dict() == {
        ("a", "i0"): 0.5,
        ("b", "i0"): 0.0,
        ("c", "i0"): -0.5,
        ("a", "i1"): -0.5,
        ("b", "i1"): 0.0,
        ("c", "i1"): 0.5,
    }


def test_strengths_and_weaknesses_by_hand():
    table = table_of(
        a=[9, 1, 5, 7, NAN],
        b=[8, 2, 5, 7, 1],
        c=[7, 3, 5, 1, 2],
        d=[1, 4, 5, 1, 3],
    )
    found = strengths_and_weaknesses(score(table, framework_of(*"xxxyy")), n=2)
    rows = found.groupby("region_id").apply(
        lambda group: [
            (row.kind, row.indicator, row.rank, row.of) for row in group.itertuples(index=False)
        ]
    )
    assert rows.to_dict() == {
        "a": [("strength", "i0", 1, 4), ("strength", "i3", 1, 4), ("weakness", "i1", 4, 4)],
        "b": [
            *[("strength", "i3", 1, 4), ("strength", "i0", 2, 4)],
            *[("weakness", "i4", 3, 3), ("weakness", "i1", 3, 4)],
        ],
        "c": [("strength", "i1", 2, 4), ("weakness", "i3", 3, 4), ("weakness", "i0", 3, 4)],
        "d": [
            *[("strength", "i1", 1, 4), ("strength", "i4", 1, 3)],
            *[("weakness", "i0", 4, 4), ("weakness", "i3", 3, 4)],
        ],
    }
    with pytest.raises(ParameterError, match="n is 0"):
        strengths_and_weaknesses(score(table, framework_of(*"xxxyy")), n=0)
    assert strengths_and_weaknesses(score(table[:1], framework_of(*"xxxyy"))).empty


def test_ranks_on_thin_evidence_are_marked():
    table = table_of(a=[1, 1, 1], b=[2, 2, 2], c=[3, NAN, 3], d=[4, 4, 4])
    table["i0_evidence"] = ["thin", "ample", "ample", "ample"]
    table["i1_evidence"] = ["thin", "ample", NAN, "ample"]
    table["i2_evidence"] = ["ample", "thin", "ample", "ample"]
    found = score(table, framework_of("x", "y", "y", min_share=0.5)).table
    assert found["thin"].dropna().to_dict() == {"a": "i0;i1", "b": "i2"}
    want = {"a": "thin", "b": "thin", "c": "thin", "d": "ample"}
    assert found["evidence"].to_dict() == want, "a third of the weight, missing values included"
    assert found["x_evidence"].to_dict() == {**dict.fromkeys("bcd", "ample"), "a": "thin"}
    assert found["y_evidence"].to_dict() == want
    weights = framework_of("x", "y", "y", composite=Composite(of="dimensions"), aggregate="sum")
    assert score(table, weights).table["evidence"]["d"] == "ample"
    unflagged = score(table[["i0", "i1", "i2"]], framework_of("x", "y", "y")).table
    assert unflagged["thin"].isna().all()
    assert unflagged["evidence"].to_dict() == {**dict.fromkeys("abd", "ample"), "c": "thin"}


def test_an_indicator_nobody_has_is_no_evidence_either_way():
    found = score(table_of(a=[1, NAN], b=[2, NAN]), framework_of("x", "y")).table
    assert found["evidence"].tolist() == ["ample", "ample"]
    assert found["y_evidence"].isna().all()


def test_every_indicator_speaks_of_a_kind_of_factor():
    assert set(FACTORS) == {"firm", "institutional", "external"}
    assert {indicator.factor for indicator in INDICATORS.values()} == set(FACTORS)
    scored = [INDICATORS[spec.name].factor for spec in Framework.quantum().indicators]
    assert {factor: scored.count(factor) for factor in FACTORS} == {
        "firm": 4,
        "institutional": 3,
        "external": 2,
    }


def test_results_read_by_factor():
    names = ["funding_usd", "lab_count", "mine"]
    specs = tuple(IndicatorSpec(name=name, dimension="d") for name in names)
    table = pd.DataFrame(
        [[1.0, 9, 5], [2.0, 8, 6]], columns=names, index=pd.Index(["a", "b"], name="region_id")
    )
    table["lab_count_evidence"] = ["thin", "ample"]
    found = score(table, Framework(indicators=specs)).by_factor()
    assert found.framework.dimensions == ("firm", "institutional", "unstated")
    assert found.table.loc["a", ["firm_rank", "institutional_rank", "unstated_rank"]].tolist() == [
        *(2, 1, 2)
    ]
    assert found.table["institutional_evidence"].to_dict() == {"a": "thin", "b": "ample"}
    whole = score(table, Framework(indicators=specs))
    assert whole.contributions["factor"].tolist() == ["firm", "institutional", "unstated"] * 2
    by_kind = whole.contributions.groupby(["region_id", "factor"])["contribution"].sum()
    assert by_kind["a", "firm"] == pytest.approx(-1 / 6)
    own = IndicatorSpec(name="mine", dimension="d", factor="external")
    assert own.factor_of == "external"


def test_cronbach_alpha_by_covariances():
    values = np.random.default_rng(1).normal(size=(30, 4)) + np.arange(30)[:, None] / 10
    covariance = np.cov(values.T)
    off = covariance.sum() - np.trace(covariance)
    assert cronbach_alpha(values) == pytest.approx(4 / 3 * off / covariance.sum())
    assert cronbach_alpha(np.column_stack([np.arange(5.0)] * 3)) == pytest.approx(1)
    assert np.isnan(cronbach_alpha(values[:, :1]))
    assert np.isnan(cronbach_alpha(values[:1]))
    assert np.isnan(cronbach_alpha(np.ones((4, 2))))


def test_correlation_ratio_of_known_curves():
    rng = np.random.default_rng(2)
    x = rng.normal(size=200)
    noise = rng.normal(size=200)
    assert correlation_ratio(x, 3 - 2 * x) == pytest.approx(1)
    assert correlation_ratio(x, x + noise) == pytest.approx(0.5, abs=0.1)
    assert correlation_ratio(x, x**2) > 0.95, "where correlation sees nothing"
    assert correlation_ratio(x, noise) < 0.1
    assert correlation_ratio(x, np.ones(200)) == 0
    few = np.array([1.0, 2, 4, 7])
    assert correlation_ratio(few, few**2) == pytest.approx(np.corrcoef(few, few**2)[0, 1] ** 2)
    tied = np.repeat([1.0, 2.0, 3.0], 5)
    assert 0 <= correlation_ratio(tied, rng.normal(size=15)) <= 1


def test_diagnostics_of_a_weighted_mean():
    """Independent indicators of equal spread: they decide by the squares of their weights."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(400, 3))
    values = np.linalg.qr(values - values.mean(axis=0))[0]
    table = table_of(**{f"r{n:03d}": list(row) for n, row in enumerate(values)})
    specs = tuple(
        IndicatorSpec(name=f"i{n}", dimension="xxy"[n], weight=w) for n, w in enumerate((1, 2, 3))
    )
    found = diagnose(score(table, Framework(indicators=specs, **SCALED)))
    shares = np.array([1, 4, 9]) / 14
    assert found.weights["weight"].tolist() == pytest.approx([1 / 6, 2 / 6, 3 / 6])
    assert found.weights["correlation"].tolist() == pytest.approx(np.sqrt(shares))
    assert found.weights["variance_share"].tolist() == pytest.approx(shares)
    assert found.weights["correlation_ratio"].tolist() == pytest.approx(shares, abs=0.06)
    assert found.weights["effective_weight"].sum() == pytest.approx(1)
    assert found.correlation.to_numpy() == pytest.approx(np.eye(3), abs=1e-9)
    assert found.alpha.loc["y", "note"] == "wants two indicators and regions that vary"
    assert found.alpha.loc["x", "alpha"] == pytest.approx(0, abs=1e-9)


def test_diagnostics_take_more_as_better_and_pairs_that_are_known():
    table = table_of(a=[1, 9, 1], b=[2, 8, NAN], c=[3, 7, 2], d=[4, 6, 3])
    specs = tuple(
        IndicatorSpec(name=f"i{n}", dimension="d", direction=way)
        for n, way in enumerate((1, -1, 1))
    )
    found = diagnose(score(table, Framework(name="t", indicators=specs)))
    assert found.correlation.loc["i0", "i1"] == pytest.approx(1)
    assert found.pair_counts.loc["i0", "i2"] == 3
    assert found.alpha.loc["overall", "region_count"] == 3
    assert found.weights["correlation"].gt(0.7).all()
    assert repr(found).startswith("Diagnostics(t: alpha 0.9")


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_diagnostics_of_next_to_nothing(rows):
    table = table_of(a=[7, NAN, 1], b=[7, NAN, 2])[:rows]
    found = diagnose(score(table, framework_of(*"xxy")))
    assert found.weights["weight"].sum() == pytest.approx(1) or not rows
    assert found.alpha["alpha"].isna().all()
    assert "Diagnostics(test: alpha not defined" in repr(found)


def test_what_if_moves_the_region_and_tells_who_else_moves():
    table = table_of(a=[9, 3], b=[7, 2], c=[5, 1])
    found = what_if(
        table, region_id="c", changes={"i0": 10.0, "i1": 9.0}, framework=framework_of(*"dd")
    )
    assert found.moves.index.tolist() == ["c", "a", "b"]
    assert found.moves["rank_before"].tolist() == [3, 1, 2]
    assert found.moves["rank_after"].tolist() == [1, 2, 3]
    assert found.changes.loc["i0"].tolist() == [5, 10, 3, 1]
    assert repr(found) == "WhatIf(c: i0 5 -> 10, i1 1 -> 9; rank 3 -> 1)"
    assert table.loc["c"].tolist() == [5, 1], "the caller's table is left alone"
    hidden = what_if(table, region_id="a", changes={"i0": NAN}, framework=framework_of(*"dd"))
    assert pd.isna(hidden.moves.loc["a", "rank_after"]), "half of a dimension is not enough"


def test_what_if_names_what_it_does_not_know():
    table = table_of(a=[9, 3], b=[7, 2])
    with pytest.raises(ParameterError, match=r"no region 'x'.*'i00' is no indicator.*did you mean"):
        what_if(table, region_id="x", changes={"i00": 1.0}, framework=framework_of(*"dd"))
    with pytest.raises(ParameterError, match="no changes"):
        what_if(table, region_id="a", changes={}, framework=framework_of(*"dd"))


def test_rank_path_equals_what_if():
    table = random_table(12, 3)
    framework = framework_of(*"ddd")
    path = rank_path(
        table, region_id="r05", indicator="i1", values=[-9, 0, 0.5, 9, NAN], framework=framework
    )
    for row in path.itertuples():
        other = what_if(
            table, region_id="r05", changes={"i1": row.value}, framework=framework
        ).after
        assert other.table.loc["r05", "rank"] == row.rank
    assert path["rank"].iloc[:4].is_monotonic_decreasing


def test_peers_by_hand():
    table = table_of(q=[1, 1], r=[9, NAN], a=[1, 3], b=[3, 1], c=[9, 9], d=[5, NAN])
    framework = framework_of("x", "x", min_share=0.6)
    field = table.loc[[*"qabcdr"]]
    spread = (field["i0"].std(ddof=0), field["i1"].std(ddof=0))
    found = benchmark_peers(table, regions=["q", "r"], among=[*"abcd"], framework=framework, n=2)
    assert found["region_id"].tolist() == ["q", "q"], "r shares half of the weight with nobody"
    assert found["peer"].tolist() == ["b", "a"]
    assert found["distance"].tolist() == pytest.approx([2**0.5 / spread[0], 2**0.5 / spread[1]])
    assert found.set_index("peer")["ahead"].to_dict() == {"a": "i1", "b": "i0"}
    assert found["behind"].isna().all()
    assert found["shared_count"].tolist() == [2, 2]


def test_peers_edge_cases():
    table = table_of(a=[1, 2], b=[1, 2], c=[1, 2])
    framework = framework_of("x", "x")
    same = benchmark_peers(table, regions=["b"], among=["a", "b", "c"], framework=framework)
    assert same[["peer", "distance"]].to_numpy().tolist() == [["a", 0.0], ["c", 0.0]]
    nobody = benchmark_peers(table, regions=["b"], among=["b"], framework=framework)
    assert nobody.empty
    assert list(nobody) == list(same)
    with pytest.raises(ParameterError, match=r"no region 'z'.*n is 0"):
        benchmark_peers(table, regions=["z"], among=["a"], framework=framework, n=0)


def test_row_order_does_not_matter():
    table = random_table(20, 4)
    for changes in ({}, {**SCALED, "weighting": "pca"}):
        framework = framework_of(*"xxyy", **changes)
        mixed = table.sample(frac=1, random_state=3)
        base, other = score(table, framework), score(mixed, framework)
        pd.testing.assert_frame_equal(base.table, other.table, check_exact=True)
        pd.testing.assert_frame_equal(base.normalised, other.normalised, check_exact=True)
        pd.testing.assert_frame_equal(
            strengths_and_weaknesses(base), strengths_and_weaknesses(other)
        )
        peers = [
            benchmark_peers(t, regions=["r01"], among=t.index, framework=framework)
            for t in (table, mixed)
        ]
        pd.testing.assert_frame_equal(*peers)


def test_a_hundred_regions_take_next_to_no_time():
    """Robustness calls this thousands of times; the bound is many times what it takes."""
    import timeit

    values = random_table(100, 9).to_numpy()
    framework = framework_of(*"xxxyyyzzz")
    best = min(timeit.repeat(lambda: score_matrix(values, framework), number=5, repeat=10)) / 5
    assert best < 2e-3
