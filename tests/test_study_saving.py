"""A configuration written as a study file is read back as the same configuration."""

import tomllib
from math import inf
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import geoclust as gc
from geoclust.classification.thresholds import Bars, Criterion, UnitCosts
from geoclust.records.sources import COLUMNS
from geoclust.scoring.specs import Composite, IndicatorSpec
from geoclust.study import sections as parts
from geoclust.study.periods import TimeSection
from geoclust.study.variation import RobustnessSection

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
positive = st.floats(min_value=1e-6, max_value=1e9)
bars = st.tuples(positive, st.floats(min_value=1e-3, max_value=1))
factors = st.tuples(st.floats(0.1, 1), st.floats(1, 9))


@st.composite
def tables(draw):
    columns = draw(st.dictionaries(st.sampled_from(COLUMNS), texts, max_size=3))
    free = [name for name in COLUMNS if name not in columns]
    cells = st.one_of(texts, st.booleans(), st.integers(-9, 9), st.floats(-9, 9))
    return gc.TableSource(
        path=draw(texts),
        paths=tuple(draw(st.lists(texts, max_size=2))),
        columns=columns,
        constants=draw(st.dictionaries(st.sampled_from(free), cells, max_size=2)),
        values={"kind": draw(st.dictionaries(texts, texts, max_size=2))},
        factors=draw(st.dictionaries(st.just("population"), positive)),
        decimal=draw(st.sampled_from([None, ",", "."])),
        sheet=draw(st.one_of(st.none(), texts)),
        header_row=draw(st.integers(1, 9)),
        currency="EUR",
        usd_per_unit=draw(positive),
        allow_empty=draw(st.booleans()),
    )


@st.composite
def thresholds(draw):
    cluster, share = draw(bars), draw(st.floats(0.1, 1))
    names = draw(st.lists(texts, min_size=1, max_size=3, unique=True))
    return gc.Thresholds(
        cluster=Bars(min_density=cluster[0], min_capability=cluster[1]),
        quasi=Bars(min_density=cluster[0] * share, min_capability=cluster[1] * share),
        criteria=tuple(
            Criterion(name=name, indicator="lab_count", target=draw(positive)) for name in names
        ),
        unit_costs=UnitCosts(lab=draw(positive)),
    )


@st.composite
def frameworks(draw):
    chosen = draw(st.sampled_from(["quantum", "wipo", "own", "named as shipped"]))
    if chosen in {"quantum", "wipo"}:
        return gc.Framework.from_mapping({"name": chosen})
    spec = IndicatorSpec(
        name="firm_count",
        dimension=draw(texts.filter(bool)),
        direction=draw(st.sampled_from([1, -1])),
        weight=draw(positive),
        label=draw(texts),
        goalposts=draw(st.sampled_from([(), (0.5, 2.0)])),
        total=draw(st.one_of(st.none(), positive)),
    )
    return gc.Framework(
        name=draw(texts) if chosen == "own" else "wipo",
        min_share=draw(st.floats(0.1, 1)),
        composite=Composite(of="dimensions", weights={spec.dimension: draw(positive)}),
        indicators=(spec,),
    )


@st.composite
def variations(draw):
    return gc.Variation(
        resample=draw(st.sampled_from([None, "bootstrap", "subsample"])),
        jitter_km=draw(st.one_of(st.none(), st.just({}), st.just({"city": 3.25}))),
        jitter_together=draw(st.booleans()),
        reach_km=draw(st.one_of(st.none(), factors)),
        normalise=draw(st.one_of(st.none(), st.just(("min_max",)), st.just(()))),
        leave_out=draw(st.one_of(st.none(), st.floats(0, 1))),
    )


@st.composite
def configs(draw):
    codes = st.sampled_from(["DE", "FR", "NO"])
    return gc.StudyConfig(
        study=parts.AboutSection(
            name=draw(texts), description=draw(texts), seed=draw(st.integers(0, 2**60))
        ),
        inputs=parts.InputsSection(
            strict=draw(st.booleans()),
            firms=draw(st.one_of(st.none(), tables())),
            ties=draw(st.one_of(st.none(), tables())),
        ),
        clustering=parts.ClusteringSection(
            kind_weights=parts.KindWeights(patent=draw(positive)),
            max_link_km=draw(st.one_of(st.just(inf), positive)),
            resolution_km=draw(st.one_of(st.none(), positive)),
            max_extent_km=draw(st.one_of(st.just(inf), positive)),
        ),
        indicators=parts.IndicatorsSection(gdp_per_head=draw(st.dictionaries(codes, positive))),
        thresholds=draw(thresholds()),
        scoring=draw(frameworks()),
        report=parts.ReportSection(max_links_km=tuple(draw(st.lists(positive, max_size=3)))),
        time=TimeSection(
            windows=draw(st.sampled_from([(), ("2001-2004", "2005")])),
            cumulative=tuple(draw(st.lists(st.sampled_from(["firm", "tie"]), max_size=2))),
        ),
        robustness=RobustnessSection(draws=draw(st.integers(1, 99)), vary=draw(variations())),
    )


@given(configs())
def test_what_is_written_is_read_back(config):
    assert gc.StudyConfig.from_text(config.to_toml()) == config


def test_only_what_was_chosen_is_written():
    assert tomllib.loads(gc.StudyConfig().to_toml()) == {}
    text = "[clustering]\nmin_samples = 5\n"  # its default, but somebody said so
    assert tomllib.loads(gc.StudyConfig.from_text(text).to_toml()) == tomllib.loads(text)


def test_the_bundled_study_is_the_same_again():
    config = gc.StudyConfig.from_toml(Path(__file__).parents[1] / "data/quantum/study.toml")
    again = gc.StudyConfig.from_text(config.to_toml(), base=config.base, origin=config.origin)
    assert again == config
    assert again.to_toml() == config.to_toml()


@pytest.mark.parametrize(
    "hostile", ['"', "'''", '"""', "\\", "\n[x]\n", "# no", "\x00\x7f\t", "é\u2028"]
)
def test_strings_hostile_to_toml_come_back(hostile):
    source = gc.TableSource(
        path=hostile, columns={"name": hostile}, values={"kind": {hostile: "firm"}}
    )
    config = gc.StudyConfig(
        study=parts.AboutSection(name=hostile), inputs=parts.InputsSection(labs=source)
    )
    assert gc.StudyConfig.from_text(config.to_toml()) == config


def test_paths_are_told_from_where_the_file_is_to_stand(tmp_path):
    home = tmp_path / "studies" / "my study"
    home.mkdir(parents=True)
    gc.synthetic.write_toy_world(home)
    (home / "study.toml").write_text("[inputs.firms]\npath = 'firms.csv'\n", encoding="utf-8")
    config = gc.StudyConfig.from_toml(home / "study.toml")
    out = tmp_path / "results"
    text = config.to_toml(folder=out)
    assert tomllib.loads(text) == {
        "study": {"name": "my study"},
        "inputs": {"folder": "../studies/my study", "firms": {"path": "firms.csv"}},
    }
    moved = gc.StudyConfig.from_text(text, base=out)
    assert (moved.base / moved.inputs.folder).resolve() == home.resolve()
    assert moved.name == config.name
    assert str(tmp_path) not in text


def test_boundaries_and_edits_are_told_from_there_too(tmp_path):
    text = """
[study]
edits = "decisions/edits.toml"
[boundaries]
file = "drawn.gpkg"
[[edits]]
action = "merge"
regions = ["gb-a", "gb-b"]
reason = "One labour market: \\"commuting\\""
by = "A. Reader"
date = 2025-05-01
[[edits]]
action = "split"
region = "gb-c"
line = [[0.5, 52.0], [0.5, 53.0]]
reason = "a river"
by = "A. Reader"
"""
    config = gc.StudyConfig.from_text(text, base=tmp_path / "study")
    assert gc.StudyConfig.from_text(config.to_toml(), base=config.base) == config
    moved = tomllib.loads(config.to_toml(folder=tmp_path / "out"))
    assert moved["study"]["edits"] == "../study/decisions/edits.toml"
    assert moved["boundaries"]["file"] == "../study/drawn.gpkg"
    assert gc.StudyConfig.from_text(config.to_toml(folder=tmp_path / "out")).edits == config.edits


def test_absolute_folders_stay_absolute(tmp_path):
    config = gc.StudyConfig(inputs=parts.InputsSection(folder=str(tmp_path)))
    assert tomllib.loads(config.to_toml(folder="elsewhere"))["inputs"]["folder"] == str(tmp_path)
