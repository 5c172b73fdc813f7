"""Frameworks as data: the shipped ones, TOML, what goes together, the study file."""

import itertools
import pickle
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

from geoclust.catalogue import INDICATORS
from geoclust.errors import ConfigError, FrameworkError, InputError, ParameterError
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
from geoclust.study import StudyConfig, run_study


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


def wipo_with_totals(patents: float, publications: float) -> Framework:
    specs = (
        IndicatorSpec(name="patent_count", dimension="technology", total=patents),
        IndicatorSpec(name="publication_count", dimension="science", total=publications),
    )
    return replace(Framework.wipo(), indicators=specs)


# Global Innovation Index 2023, appendix table 3: PCT applications, publications, shares of the
# world's in per cent, and their sum as printed.
WIPO_2023 = pd.DataFrame(
    [
        ("Tokyo-Yokohama", 127_418, 115_020, 10.1, 1.5, 11.7),
        ("Shenzhen-Hong Kong-Guangzhou", 113_482, 153_180, 9.0, 2.1, 11.1),
        ("Seoul", 63_447, 133_604, 5.1, 1.8, 6.8),
        ("Beijing", 38_067, 279_485, 3.0, 3.7, 6.8),
        ("Shanghai-Suzhou", 32_924, 162_635, 2.6, 2.2, 4.8),
        ("San Jose-San Francisco", 47_269, 58_575, 3.8, 0.8, 4.6),
        ("Osaka-Kobe-Kyoto", 38_413, 51_948, 3.1, 0.7, 3.8),
        ("Boston-Cambridge", 18_184, 76_378, 1.4, 1.0, 2.5),
    ],
    columns=["region_id", "patent_count", "publication_count", "of_patents", "of_pubs", "printed"],
).set_index("region_id")


def test_wipo_with_the_worlds_totals_is_the_printed_table():
    """The totals of the world are not printed: those that the rounded shares agree with are."""
    found = score(WIPO_2023, wipo_with_totals(1_256_000, 7_460_000))
    shares = 100 * found.normalised.loc[WIPO_2023.index]
    assert shares["patent_count"].tolist() == pytest.approx(WIPO_2023["of_patents"], abs=0.06)
    assert shares["publication_count"].tolist() == pytest.approx(WIPO_2023["of_pubs"], abs=0.06)
    assert found.table.index.tolist() == WIPO_2023.index.tolist()
    total = 100 * found.table["score"]
    assert total.tolist() == pytest.approx(WIPO_2023["printed"], abs=0.06)
    among_these = score(WIPO_2023, Framework.wipo()).table
    assert among_these.index[2] == "Beijing", "shares of the eight favour who publishes"
    assert among_these["score"].sum() == pytest.approx(2)


def test_with_totals_who_else_is_ranked_does_not_matter():
    framework = wipo_with_totals(1_256_000, 7_460_000)
    whole = score(WIPO_2023, framework).table["score"]
    part = score(WIPO_2023.iloc[2:5], framework).table["score"]
    assert part.to_dict() == whole[part.index].to_dict()
    with pytest.raises(ParameterError, match="together have 127418, more than the total of 1000"):
        score(WIPO_2023.iloc[:1], wipo_with_totals(1000, 7_460_000))
    alone = WIPO_2023.iloc[:1].assign(publication_count=np.nan)
    assert score(alone, framework).table["score"].iloc[0] == pytest.approx(127_418 / 1_256_000)


def test_wipo_from_tables_to_ranks(tmp_path):
    """Publications stated by labs and firms, patents as records: two towns, by hand."""
    labs = "record_id,name,place,country,publications\n"
    labs += "".join(f"l{n},Lab {n},Lyon,FR,{30 if n else ''}\n" for n in range(6))
    firms = "record_id,name,place,country,publications\n"
    firms += "".join(f"f{n},Firm {n},Nantes,FR,{50 if n == 0 else ''}\n" for n in range(6))
    patents = "record_id,place,country\n"
    patents += "".join(f"p{n},{'Lyon' if n < 5 else 'Nantes'},FR\n" for n in range(20))
    for name, text in {"labs": labs, "firms": firms, "patents": patents}.items():
        (tmp_path / f"{name}.csv").write_text(text)
    config = StudyConfig.from_text(
        '[scoring]\nname = "wipo"\n'
        "[thresholds.cluster]\nmin_density = 0.1\nmin_capability = 0.01\n"
        "[thresholds.quasi]\nmin_density = 0.1\nmin_capability = 0.01\n",
        base=tmp_path,
    )
    study = run_study(config)
    counts = study.indicators[["patent_count", "publication_count"]]
    assert counts.loc[["fr-lyon", "fr-nantes"]].to_numpy().tolist() == [[5, 150], [15, 50]]
    found = study.scores.table
    assert found["score"].to_dict() == pytest.approx(
        {"fr-lyon": 5 / 20 + 150 / 200, "fr-nantes": 15 / 20 + 50 / 200}
    )
    assert found["rank_label"].tolist() == ["1=", "1="]


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


BAD = """
name = "bad"
normalise = "minmax"
floor = 1.5
min_share = "most"
agregate = "sum"

[composite]
of = "dimensions"
normalise = "goalposts"
weights = { size = -1, other = 0 }

[[indicators]]
name = "firm_cuont"
dimension = "size"
weight = -2

[[indicators]]
name = "lab_count"
dimension = "overall"
direction = "up"

[[indicators]]
name = "lab_count"
goalposts = [3, 1]
total = 0
"""


def test_all_faults_of_a_file_at_once_each_with_its_place(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text(BAD)
    with pytest.raises(FrameworkError) as caught:
        Framework.from_toml(path)
    want = {
        "normalise is 'minmax'; did you mean 'min_max'?",
        "floor is 1.5; want at least 0, below 1",
        "min_share is 'most'; want a number",
        "unknown key 'agregate'; did you mean 'aggregate'?",
        "composite.weights.size is -1; want a positive number",
        "composite.weights.other is 0; want a positive number",
        "indicators[0].name: unknown indicator 'firm_cuont'; did you mean 'firm_count'?",
        "indicators[0].weight is -2; want a positive number",
        "indicators[1].direction is 'up'; want a whole number",
        "indicators[1].dimension is 'overall', which names the total",
        "indicators[2].dimension is missing; want text",
        "indicators[2].goalposts are [3, 1]; want two numbers, the lower first",
        "indicators[2].total is 0; want a positive number",
        "indicators[2].name: 'lab_count' is named twice; name it once",
    }
    found = set(caught.value.faults)
    assert want <= found
    (rest,) = found - want
    assert rest.startswith("composite.normalise is 'goalposts'; known are:")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.faults) == (str(caught.value), caught.value.faults)


def test_a_study_file_tells_the_line_of_each_fault_of_its_framework():
    lines = BAD.replace("[composite]", "[scoring.composite]").replace("[indi", "[scoring.indi")
    with pytest.raises(ConfigError) as caught:
        StudyConfig.from_text(f"[study]\nnam = 3\n[scoring]{lines}")
    faults = caught.value.faults
    assert len(faults) == 16
    assert faults[0].startswith("line 2, study.nam: no such key")
    assert "line 5, scoring: normalise is 'minmax'; did you mean 'min_max'?" in faults
    assert "line 13, scoring: composite.weights.size is -1; want a positive number" in faults


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (3, "it is 3; want a table"),
        ({"indicators": 3}, "indicators is 3; want a list of tables"),
        ({"indicators": []}, "indicators are none"),
        ({"indicators": [{}]}, r"\[0\].name is missing; want text; indicators\[0\].dimension is m"),
        ({"composite": "sum"}, "composite is 'sum'; want a table"),
        ({"composite": {"weights": [1]}}, r"composite.weights is \[1\]; want a table of numbers"),
        ({"normalise": ["z_score"]}, r"normalise is \['z_score'\]; want text"),
        ({"min_share": True}, "min_share is True; want a number"),
        ({"min_share": float("nan")}, "min_share is nan"),
    ],
)
def test_values_of_the_wrong_kind_are_named(values, words):
    with pytest.raises(FrameworkError, match=words):
        Framework.from_mapping(values)


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
        (
            {"normalise": "min_max"},
            "aggregate is 'rank_mean', which wants ranks; want normalise 'com",
        ),
        ({"normalise": "z_score", "aggregate": "geometric"}, "'geometric', which wants numbers"),
        (
            {"aggregate": "sum", "weighting": "benefit_of_the_doubt"},
            "'benefit_of_the_doubt', which wants numbers of at least 0",
        ),
        (
            {
                "normalise": "min_max",
                "aggregate": "arithmetic",
                "weighting": "benefit_of_the_doubt",
            },
            "wants aggregate 'sum'",
        ),
        ({"normalise": "goalposts", "aggregate": "sum"}, r"indicators\[0\].goalposts are missing"),
        (
            {"composite": Composite(of="dimensions", normalise="world_share", aggregate="sum")},
            "composite.normalise is 'world_share', which wants scores of at least 0",
        ),
        (
            {
                "aggregate": "copeland",
                "composite": Composite(of="dimensions", aggregate="harmonic"),
            },
            "composite.aggregate is 'harmonic'",
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
        ({"of": "dimensions", "normalise": "goalposts"}, "composite: normalise is 'goalposts'"),
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
    with pytest.raises(ParameterError, match=r"indicators\[0\].direction is -1 \('x'\)"):
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


def test_a_framework_taken_apart_and_put_together_is_the_same():
    for made in (Framework.quantum(), wipo_with_totals(10.0, 20.0)):
        assert Framework.from_mapping(asdict(made)) == made
        assert StudyConfig(scoring=made).scoring is made
        assert StudyConfig(scoring=asdict(made)).scoring == made


def test_two_thirds_may_be_written_with_six_digits():
    table = pd.DataFrame({"x": [1.0, 2], "y": [1.0, 2], "z": [np.nan, 1]}, index=["a", "b"])
    specs = tuple(IndicatorSpec(name=name, dimension="d") for name in table)
    for min_share in (2 / 3, 0.666667, 0.6667):
        found = score(table, Framework(indicators=specs, min_share=min_share))
        assert found.table["rank"].notna().all()
