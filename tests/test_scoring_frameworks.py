"""Frameworks as data: the shipped ones, TOML, what goes together, the study file."""

import itertools

import numpy as np
import pandas as pd
import pytest

from geoclust.catalogue import INDICATORS
from geoclust.errors import InputError, ParameterError
from geoclust.scoring import (
    AGGREGATE,
    NORMALISE,
    SHIPPED,
    WEIGHTINGS,
    Composite,
    Framework,
    IndicatorSpec,
    expand,
    score,
)
from geoclust.study import StudyConfig


def test_shipped_frameworks_are_what_the_classmethods_say():
    assert SHIPPED == ("quantum", "wipo")
    assert Framework.quantum() == Framework() == Framework.from_mapping({"name": "quantum"})
    assert Framework.wipo() == Framework.from_mapping(expand("wipo"))


def test_the_quantum_file_is_the_catalogue():
    want = [(i.name, i.dimension, i.direction) for i in INDICATORS.values() if i.dimension]
    specs = Framework.quantum().indicators
    assert [(spec.name, spec.dimension, spec.direction) for spec in specs] == want


def test_wipo_is_share_of_patents_plus_share_of_publications():
    names = pd.Index(["a", "b", "c"], name="region_id")
    table = pd.DataFrame(
        {"patent_count": [60.0, 30, 10], "publication_count": [10.0, 25.0, 15.0]}, index=names
    )
    found = score(table, Framework.wipo())
    assert found.table["score"].to_dict() == pytest.approx({"a": 0.8, "b": 0.8, "c": 0.4})
    assert found.table["rank_label"].to_dict() == {"a": "1=", "b": "1=", "c": "3"}
    assert found.table.loc["a", ["technology_rank", "science_rank"]].tolist() == [1, 3]
    assert found.contributions["contribution"].sum() == pytest.approx(0, abs=1e-9)
    patents_only = score(table.assign(publication_count=np.nan), Framework.wipo()).table
    assert patents_only["score"].to_dict() == pytest.approx({"a": 0.6, "b": 0.3, "c": 0.1})
    assert (patents_only["note"] == "science not scored: 0 of 1 indicators known").all()


def test_a_framework_from_a_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'name = "mine"\nnormalise = "goalposts"\naggregate = "geometric"\n'
        '[composite]\nof = "dimensions"\nweights = { size = 2 }\n'
        '[[indicators]]\nname = "firm_count"\ndimension = "size"\ngoalposts = [0, 100]\n'
        '[[indicators]]\nname = "my_own"\ndimension = "other"\ngoalposts = [0, 1]\n'
    )
    with pytest.raises(ParameterError, match="unknown indicator 'my_own'"):
        Framework.from_toml(path)
    path.write_text(path.read_text().replace("my_own", "lab_count"))
    made = Framework.from_toml(path)
    assert made.composite == Composite(of="dimensions", weights={"size": 2})
    assert made.indicators[0].goalposts == (0, 100)
    path.write_text("name = ")
    with pytest.raises(InputError, match="cannot be read as a framework"):
        Framework.from_toml(path)
    with pytest.raises(InputError, match=r"none\.toml"):
        Framework.from_toml(tmp_path / "none.toml")


def test_a_shipped_name_stands_for_the_whole_and_can_be_changed():
    made = Framework.from_mapping({"name": "wipo", "min_share": 0.5})
    assert (made.normalise, made.min_share) == ("world_share", 0.5)
    own = [{"name": "firm_count", "dimension": "size"}]
    assert Framework.from_mapping({"name": "wipo", "indicators": own}).normalise != "world_share"
    assert expand({"name": "nobody's"}) == {"name": "nobody's"}
    assert expand(3) == 3
    with pytest.raises(ParameterError, match="framework is 'wippo'; did you mean 'wipo'"):
        expand("wippo")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"normalise": "min_max"}, "'rank_mean' wants ranks; want normalise 'competition_rank'"),
        ({"normalise": "z_score", "aggregate": "geometric"}, "'geometric' wants numbers of at lea"),
        (
            {"aggregate": "sum", "weighting": "benefit_of_the_doubt"},
            "'benefit_of_the_doubt' wants numbers of at least 0",
        ),
        (
            {
                "normalise": "min_max",
                "aggregate": "arithmetic",
                "weighting": "benefit_of_the_doubt",
            },
            "wants aggregate 'sum'",
        ),
        ({"normalise": "goalposts", "aggregate": "sum"}, "'funding_usd' has no goalposts"),
        (
            {"composite": Composite(of="dimensions", normalise="world_share", aggregate="sum")},
            "composite: normalise 'world_share' wants scores of at least 0",
        ),
        (
            {
                "aggregate": "copeland",
                "composite": Composite(of="dimensions", aggregate="harmonic"),
            },
            "composite: aggregate 'harmonic'",
        ),
        ({"composite": Composite(of="dimensions", weights={"x": 1.0})}, "composite.weights is 'x'"),
        ({"floor": 1.0}, "floor is 1.0"),
        ({"outliers": "on"}, "outliers is 'on'; known are: auto, handbook, off"),
        ({"weighting": "pcs"}, "did you mean 'pca'"),
    ],
)
def test_what_does_not_go_together_is_refused(changes, words):
    with pytest.raises(ParameterError, match=words):
        Framework(**changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"of": "dimension"}, "did you mean 'dimensions'"),
        ({"weights": {"x": 1.0}}, "for of = 'dimensions' only"),
        ({"of": "dimensions", "weights": {"x": 0.0}}, "weights.x is 0.0"),
        ({"of": "dimensions", "normalise": "goalposts"}, "composite.normalise is 'goalposts'"),
    ],
)
def test_bad_composites_are_refused(changes, words):
    with pytest.raises(ParameterError, match=words):
        Composite(**changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"goalposts": (3.0, 1.0)}, "the lower first"),
        ({"goalposts": (3.0,)}, "want two numbers"),
        ({"factor": "firms"}, "did you mean 'firm'"),
    ],
)
def test_bad_indicators_are_refused(changes, words):
    with pytest.raises(ParameterError, match=words):
        IndicatorSpec(name="x", dimension="d", **changes)


def test_shares_want_more_to_be_better():
    specs = (IndicatorSpec(name="x", dimension="d", direction=-1),)
    with pytest.raises(ParameterError, match="'x' has direction -1"):
        Framework(normalise="world_share", aggregate="sum", indicators=specs)


def test_every_framework_that_is_accepted_scores_every_region():
    """All combinations of the two levels: refused with a reason, or a rank for everyone."""
    rng = np.random.default_rng(0)
    specs = tuple(
        IndicatorSpec(name=f"i{n}", dimension="xxy"[n], goalposts=(0.0, 5.0)) for n in range(3)
    )
    table = pd.DataFrame(rng.integers(0, 6, (6, 3)), columns=["i0", "i1", "i2"])
    table = table.rename_axis("region_id").set_axis([*"abcdef"])
    accepted = 0
    for normalise, weighting, aggregate, of, above in itertools.product(
        NORMALISE,
        WEIGHTINGS,
        AGGREGATE,
        ("indicators", "dimensions"),
        ("", "copeland", "geometric"),
    ):
        try:
            framework = Framework(
                normalise=normalise,
                weighting=weighting,
                aggregate=aggregate,
                composite=Composite(of=of, aggregate=above),
                indicators=specs,
            )
        except ParameterError:
            continue
        accepted += 1
        found = score(table, framework).table
        assert found["rank"].notna().all(), framework
        assert np.isfinite(found["score"]).all(), framework
        best = found["score"].min() if framework.less_is_better else found["score"].max()
        assert found["score"].iloc[0] == best, framework
    assert accepted > 250


def test_a_study_file_may_choose_any_scheme():
    text = """
[scoring]
name = "mine"
normalise = "min_max"
weighting = "pca"
aggregate = "arithmetic"

[scoring.composite]
of = "dimensions"
aggregate = "geometric"
weights = { market_orientation = 2 }
"""
    made = StudyConfig.from_text(text).scoring
    assert made.composite.weights == {"market_orientation": 2.0}
    assert made == Framework(
        name="mine",
        normalise="min_max",
        weighting="pca",
        aggregate="arithmetic",
        composite=Composite(
            of="dimensions", aggregate="geometric", weights={"market_orientation": 2}
        ),
    )
    assert len({made, Framework.quantum(), Framework()}) == 2, "frameworks can be keys"


def test_two_thirds_may_be_written_with_six_digits():
    table = pd.DataFrame({"x": [1.0, 2], "y": [1.0, 2], "z": [np.nan, 1]}, index=["a", "b"])
    specs = tuple(IndicatorSpec(name=name, dimension="d") for name in table)
    for min_share in (2 / 3, 0.666667, 0.6667):
        found = score(table, Framework(indicators=specs, min_share=min_share))
        assert found.table["rank"].notna().all()
