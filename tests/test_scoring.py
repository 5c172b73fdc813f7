"""Indicator table + Framework -> ranks."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoclust.catalogue import INDICATORS
from geoclust.errors import ParameterError
from geoclust.scoring import Framework, IndicatorSpec, score

NAN = np.nan


def framework_of(*dimensions: str, **changes: object) -> Framework:
    """Indicators i0, i1, ... in the given dimensions."""
    specs = tuple(IndicatorSpec(name=f"i{n}", dimension=d) for n, d in enumerate(dimensions))
    return Framework(name="test", indicators=specs, **changes)


def table_of(**rows: list[float]) -> pd.DataFrame:
    table = pd.DataFrame(rows).T.astype(float).rename_axis("region_id")
    return table.set_axis([f"i{n}" for n in range(table.shape[1])], axis=1)


def test_hand_computed_ranks():
    table = table_of(
        a=[9, 10, 1, 3],
        b=[9, 30, 2, 3],
        c=[5, 20, 3, 3],
        d=[1, 20, 4, 3],
    )
    framework = Framework(
        name="test",
        indicators=(
            IndicatorSpec(name="i0", dimension="size"),
            IndicatorSpec(name="i1", dimension="size"),
            IndicatorSpec(name="i2", dimension="cost", direction=-1),
            IndicatorSpec(name="i3", dimension="cost"),
        ),
    )
    found = score(table, framework)
    ranks = found.indicator_ranks
    assert ranks.loc[list("abcd")].to_numpy().tolist() == [
        [1, 4, 1, 1],
        [1, 1, 2, 1],
        [3, 2, 3, 1],
        [4, 2, 4, 1],
    ]
    want = pd.DataFrame(
        {
            "rank": [1, 2, 3, 4],
            "rank_label": ["1", "2", "3", "4"],
            "score": [1.25, 1.75, 2.25, 2.75],
            "size_rank": [1, 2, 2, 4],
            "size_rank_label": ["1", "2=", "2=", "4"],
            "size_score": [1.0, 2.5, 2.5, 3.0],
            "cost_rank": [2, 1, 3, 4],
            "cost_rank_label": ["2", "1", "3", "4"],
            "cost_score": [1.5, 1.0, 2.0, 2.5],
            "missing_count": [0, 0, 0, 0],
        },
        index=pd.Index(list("bacd"), name="region_id"),
    )
    got = found.table[want.columns]
    marks = ["note", "thin", "evidence", "size_evidence", "cost_evidence"]
    assert found.table.columns.tolist() == [*want.columns, *marks]
    pd.testing.assert_frame_equal(got, want, check_dtype=False, check_index_type=False)
    assert found.table["note"].isna().all()


def test_competition_ranks_skip_after_a_tie():
    table = table_of(**{f"r{n:02d}": [v] for n, v in enumerate([9, 8, 8, 8, 5, 5, 1])})
    found = score(table, framework_of("d"))
    assert found.table["rank_label"].tolist() == ["1", "2=", "2=", "2=", "5=", "5=", "7"]
    assert found.table["rank"].tolist() == [1, 2, 2, 2, 5, 5, 7]


def test_total_is_over_indicators_not_over_dimensions():
    """b leads the dimension of three indicators, a that of one: all indicators count alike."""
    found = score(table_of(a=[2, 1, 1, 1], b=[1, 2, 2, 2]), framework_of("x", "y", "y", "y"))
    assert found.table.index.tolist() == ["b", "a"]
    assert found.table["score"].tolist() == [1.25, 1.75]


def test_weights():
    specs = (
        IndicatorSpec(name="i0", dimension="x", weight=4.0),
        IndicatorSpec(name="i1", dimension="x"),
        IndicatorSpec(name="i2", dimension="y"),
    )
    found = score(table_of(a=[2, 1, 1], b=[1, 2, 2]), Framework(indicators=specs))
    assert found.table["score"].round(9).to_dict() == {
        "a": round((4 + 2 + 2) / 6, 9),
        "b": round((8 + 1 + 1) / 6, 9),
    }


def test_equal_means_tie_whatever_the_order_of_the_ranks():
    """Means of sevenths, summed in different orders, differ in the last bit."""
    rng = np.random.default_rng(0)
    values = np.array([rng.permutation(7) for _ in range(7)]).astype(float)
    latin = pd.DataFrame([np.roll(np.arange(7.0), n) for n in range(7)])
    for table in (latin, pd.DataFrame(values)):
        table.columns = [f"i{n}" for n in range(7)]
        table.index = pd.Index([f"r{n}" for n in range(7)], name="region_id")
        found = score(table, framework_of(*"xxxxxxx"))
        exact = {
            name: sum(Fraction(int(r)) for r in found.indicator_ranks.loc[name]) / 7
            for name in table.index
        }
        want = {name: 1 + sum(e < exact[name] for e in exact.values()) for name in exact}
        assert found.table["rank"].to_dict() == want


def test_values_that_differ_by_rounding_only_tie():
    found = score(table_of(a=[0.1 + 0.2], b=[0.3], c=[0.3 + 1e-9]), framework_of("d"))
    assert found.table["rank_label"].to_dict() == {"c": "1", "a": "2=", "b": "2="}


def test_missing_shares_the_last_place_and_ranks_are_rescaled():
    table = table_of(a=[3], b=[2], c=[1], d=[NAN], e=[NAN], f=[NAN])
    ranks = score(table, framework_of("d")).indicator_ranks["i0"]
    assert ranks.to_dict() == {"a": 1.5, "b": 3.0, "c": 4.5, "d": 6.0, "e": 6.0, "f": 6.0}


def test_alone_with_a_value_among_many_is_not_first_by_far():
    table = table_of(**{"a": [1.0, 5], **{f"r{n}": [NAN, 9] for n in range(19)}})
    ranks = score(table, framework_of("d", "d")).indicator_ranks
    assert ranks.loc["a"].tolist() == [10, 20]


FIELD = st.lists(
    st.lists(st.one_of(st.just(NAN), st.integers(0, 4).map(float)), min_size=3, max_size=3),
    min_size=2,
    max_size=7,
)


@settings(max_examples=100)
@given(FIELD, st.integers(0, 2))
def test_missing_never_helps(field: list[list[float]], column: int):
    """Hiding a value gains on nobody: neither in the total nor in rank, whatever the value."""
    table = pd.DataFrame(field, columns=["i0", "i1", "i2"])
    table.index = pd.Index([f"r{n}" for n in range(len(table))], name="region_id")
    framework = framework_of("d", "d", "e", min_share=0.01)
    hidden = table.copy()
    hidden.iloc[0, column] = NAN
    before, after = score(table, framework).table, score(hidden, framework).table
    if pd.isna(before.loc["r0", "rank"]) or pd.isna(after.loc["r0", "rank"]):
        assert pd.isna(after.loc["r0", "rank"]), "hiding never brings a rank"
        return
    assert after.loc["r0", "rank"] >= before.loc["r0", "rank"]
    if table.iloc[1:, column].notna().any():
        lead = (before["score"] - before.loc["r0", "score"]).sort_index()
        later = (after["score"] - after.loc["r0", "score"]).sort_index()
        ranked = lead.notna() & later.notna()
        assert (later[ranked] <= lead[ranked] + 1e-8).all(), "r0 gained on someone"


def test_a_dimension_needs_two_thirds_of_its_indicators():
    table = table_of(
        a=[1, 1, 1, 5],
        b=[2, 2, NAN, 4],
        c=[3, NAN, NAN, 3],
    )
    found = score(table, framework_of("three", "three", "three", "one")).table
    assert found["three_rank"].isna().to_dict() == {"a": False, "b": False, "c": True}
    assert pd.isna(found.loc["c", "three_rank_label"])
    assert found.loc["c", "note"] == "three not scored: 1 of 3 indicators known"
    assert found["rank"].notna().all(), "the total still ranks a region scored in one dimension"
    assert found["missing_count"].to_dict() == {"a": 0, "b": 1, "c": 2}


def test_a_region_without_any_dimension_is_not_ranked_and_says_so():
    found = score(table_of(a=[1, 1, 1], b=[2, NAN, NAN], c=[NAN] * 3), framework_of("d", "d", "d"))
    table = found.table
    assert table.index.tolist() == ["a", "b", "c"]
    assert table["rank"].isna().tolist() == [False, True, True]
    assert table.loc["c", "note"] == "d not scored: 0 of 3 indicators known"
    assert "1 of 3 regions ranked" in repr(found)


def test_an_indicator_that_nobody_has_is_left_out():
    table = table_of(a=[1, 2, NAN], b=[2, 1, NAN])
    found = score(table, framework_of("d", "d", "d"))
    assert found.table["score"].tolist() == [1.5, 1.5]
    assert found.indicator_ranks["i2"].isna().all()
    assert set(found.contributions["indicator"]) == {"i0", "i1"}


def test_all_missing():
    found = score(table_of(a=[NAN, NAN], b=[NAN, NAN]), framework_of("x", "y"))
    assert found.table["rank"].isna().all()
    assert found.table["note"].str.contains("x not scored.*y not scored").all()
    assert found.contributions.empty
    assert found.top().empty
    assert "0 of 2 regions ranked" in repr(found)


def test_constants_tie_at_the_top():
    found = score(table_of(a=[7], b=[7], c=[7]), framework_of("d")).table
    assert found["rank_label"].tolist() == ["1=", "1=", "1="]


def test_one_region_and_none():
    alone = score(table_of(a=[7, NAN]), framework_of("d", "e"))
    assert alone.table.loc["a", ["rank", "rank_label", "score"]].tolist() == [1, "1", 1.0]
    assert alone.table.loc["a", "note"] == "e not scored: 0 of 1 indicators known"
    nobody = score(table_of(a=[7, 1]).iloc[:0], framework_of("d", "e"))
    assert nobody.table.columns.tolist() == alone.table.columns.tolist()
    assert nobody.table["rank"].dtype == "Int64"
    assert (len(nobody.table), len(nobody.contributions), len(nobody.top("d"))) == (0, 0, 0)
    assert repr(nobody) == "Scores(0 of 0 regions ranked by 2 indicators, test)"


def test_infinite_values_count_as_missing():
    found = score(table_of(a=[np.inf], b=[1], c=[2]), framework_of("d"))
    assert found.table["rank"].isna().to_dict() == {"c": False, "b": False, "a": True}


def test_top_shows_all_of_a_tie_at_the_last_place():
    values = [50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 41, 41, 3]
    table = table_of(**{f"r{n:02d}": [float(v)] for n, v in enumerate(values)})
    found = score(table, framework_of("d"))
    top = found.top("d")
    assert top.index.tolist() == [f"r{n:02d}" for n in range(12)]
    assert top["rank_label"].tolist()[-4:] == ["9", "10=", "10=", "10="]
    assert found.top(n=1).index.tolist() == ["r00"]
    with pytest.raises(ParameterError, match="dimension is 'dim'; known are: d, overall"):
        found.top("dim")
    with pytest.raises(ParameterError, match="n is 0"):
        found.top(n=0)


def test_contributions_add_up_to_the_lead_over_the_middle():
    table = table_of(a=[9, 1, NAN], b=[5, 5, 5], c=[1, 9, 7])
    specs = tuple(
        IndicatorSpec(name=f"i{n}", dimension="d", weight=w) for n, w in enumerate((1.0, 2.0, 3.0))
    )
    found = score(table, Framework(indicators=specs))
    by_region = found.contributions.groupby("region_id")["contribution"].sum()
    assert (by_region + found.table["score"]).round(9).eq(2.0).all()
    rows = found.contributions.set_index(["region_id", "indicator"])
    assert rows.loc[("a", "i0"), "effect"] == "carries"
    assert rows.loc[("a", "i1"), "effect"] == "holds back"
    assert rows.loc[("b", "i0"), "effect"] == "neutral"
    assert rows.loc[("a", "i2"), ["missing", "rank", "effect"]].tolist() == [True, 3, "holds back"]
    assert rows.loc[("a", "i0"), "contribution"] == pytest.approx(1 / 6)


def test_row_order_does_not_matter_and_inputs_are_unchanged():
    rng = np.random.default_rng(1)
    values = rng.integers(0, 4, (12, 4)).astype(float)
    values[rng.random(values.shape) < 0.2] = NAN
    table = table_of(**{f"r{n:02d}": list(row) for n, row in enumerate(values)})
    before = pd.util.hash_pandas_object(table).sum()
    framework = framework_of("x", "x", "y", "y", min_share=0.5)
    base = score(table, framework)
    assert pd.util.hash_pandas_object(table).sum() == before
    mixed = score(table.sample(frac=1, random_state=2), framework)
    pd.testing.assert_frame_equal(base.table, mixed.table)
    pd.testing.assert_frame_equal(base.contributions, mixed.contributions)


def test_the_quantum_framework_has_its_nine_indicators():
    framework = Framework.quantum()
    by_dimension = {
        d: [spec.name for spec in framework.indicators if spec.dimension == d]
        for d in framework.dimensions
    }
    assert by_dimension == {
        "market_orientation": ["funding_usd", "equity_funding_to_gdp", "industry_ties_to_gdp_bn"],
        "collaboration_intensity": ["tie_count", "external_tie_share", "brokerage"],
        "ecosystem_maturity": [
            "institutions_per_million",
            "spinouts_per_lab",
            "startups_per_institution",
        ],
    }
    assert all(spec.title == INDICATORS[spec.name].label for spec in framework.indicators)


def test_framework_from_a_mapping():
    made = Framework.from_mapping(
        {
            "name": "small",
            "min_share": 0.5,
            "indicators": [
                {"name": "firm_count", "dimension": "size", "weight": 2, "label": "companies"},
                {"name": "area_km2", "dimension": "size", "direction": -1},
            ],
        }
    )
    assert made.directions.to_dict() == {"firm_count": 1, "area_km2": -1}
    assert made.weights.to_dict() == {"firm_count": 2.0, "area_km2": 1.0}
    assert [spec.title for spec in made.indicators] == ["companies", "footprint"]
    assert Framework.from_mapping({}) == Framework.quantum()


def test_faults_of_a_mapping_all_at_once():
    with pytest.raises(ParameterError) as caught:
        Framework.from_mapping(
            {
                "agregate": "sum",
                "indicators": [
                    {"name": "firms_count", "dimension": "size"},
                    {"name": "lab_count", "dimenson": "size"},
                    {"name": "lab_count", "dimension": "size", "direction": 0},
                    "lab_count",
                    {"name": "lab_count"},
                ],
            }
        )
    for words in (
        "'agregate'; did you mean 'aggregate'?",
        "'firms_count'; did you mean 'firm_count'?",
        "'indicators[1].dimenson'; did you mean 'dimension'?",
        "direction is 0; want 1 or -1",
        "indicators[3] is 'lab_count'; want a table",
        "indicators[4]",
    ):
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"normalise": "zscore"}, "normalise is 'zscore'; did you mean 'z_score'"),
        ({"aggregate": "rank_maen"}, "aggregate is 'rank_maen'; did you mean 'rank_mean'"),
        ({"min_share": 0}, "min_share is 0"),
        ({"indicators": ()}, "indicators are none"),
        ({"indicators": framework_of("d").indicators * 2}, "'i0' is named twice"),
        ({"indicators": (IndicatorSpec(name="x", dimension="overall"),)}, "names the total"),
    ],
)
def test_bad_frameworks_are_refused(changes: dict[str, object], words: str):
    with pytest.raises(ParameterError, match=words):
        Framework(**changes)


def test_score_names_the_indicator_it_misses():
    with pytest.raises(ParameterError, match="lack 'i1'; known are: i0"):
        score(table_of(a=[1]), framework_of("d", "d"))
    with pytest.raises(ParameterError, match="weight is 0"):
        IndicatorSpec(name="x", dimension="d", weight=0)
    with pytest.raises(ParameterError, match="dimension is ''"):
        IndicatorSpec(name="x", dimension="")
