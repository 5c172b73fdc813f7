"""The study file: defaults, every fault at once with its place, the template."""

import inspect
import tomllib

import pytest

import geoclust as gc
from geoclust.errors import ConfigError, InputError
from geoclust.study.sections import ClusteringSection, DelineationSection
from geoclust.study.template import TABLES, study_template, write_template
from geoclust.study.variation import RobustnessSection


def faults_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        gc.StudyConfig.from_text(text)
    return caught.value.faults


def test_every_fault_is_reported_with_its_line():
    text = """
[study]
nam = "x"

[clustering]
min_samples = 0
min_clustersize = 4
density_scale = "linear"

[clustering.kind_weights]
firm = -1

[nonsense]
a = 1
"""
    faults = faults_of(text)
    assert len(faults) == 6
    assert faults[0].startswith("line 3, study.nam: no such key; did you mean 'name'?")
    assert faults[1].startswith("line 6, clustering.min_samples: found 0; ")
    assert (
        faults[2]
        == "line 7, clustering.min_clustersize: no such key; did you mean 'min_cluster_size'?"
    )
    assert "'log' or 'inverse'" in faults[3]
    assert faults[4].startswith("line 11, clustering.kind_weights.firm: found -1; ")
    assert faults[5].startswith(
        "line 13, nonsense: no such key; there are study, inputs, clustering"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[inputs.firms]\npaht = 'a.csv'", "path"),
        ("[[thresholds.criteria]]\nname = 'x'\ntargett = 3", "target"),
        ("[thresholds.cluster]\nmin_densty = 3", "min_density"),
    ],
)
def test_nearest_key_is_named_inside_nested_tables(text, words):
    assert any(f"did you mean '{words}'" in fault for fault in faults_of(text)), faults_of(text)


def test_bars_in_the_wrong_order_are_refused():
    faults = faults_of(
        "[thresholds.cluster]\nmin_density = 1.0\nmin_capability = 0.5\n"
        "[thresholds.quasi]\nmin_density = 2.0\nmin_capability = 0.3\n"
    )
    assert len(faults) == 1
    assert "quasi" in faults[0]


def test_broken_toml_says_where():
    assert "line 2" in faults_of("[study]\nname = \n")[0]


@pytest.mark.parametrize("value", ["nan", "-inf", "-3.0"])
def test_lengths_must_be_positive_and_finite(value):
    assert faults_of(f"[delineation]\nreach_km = {value}")


def test_infinite_max_link_is_classic_hdbscan():
    config = gc.StudyConfig.from_text(
        "[clustering]\nmax_link_km = inf\nallow_single_cluster = true"
    )
    assert config.clustering.max_link_km == float("inf")
    assert "allow_single_cluster" in faults_of("[clustering]\nallow_single_cluster = true")[0]


def test_reader_fields_cannot_be_set_in_the_file():
    assert faults_of("base = '/etc'")


def test_missing_and_binary_study_files(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        gc.StudyConfig.from_toml(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InputError, match="is no text in UTF-8"):
        gc.StudyConfig.from_toml(tmp_path / "binary.toml")
    with pytest.raises(InputError, match="no such folder"):
        gc.StudyConfig.from_directory(tmp_path / "none")


@pytest.mark.parametrize(
    ("section", "function", "names"),
    [
        (
            ClusteringSection(),
            gc.build_hierarchy,
            ("engine", "min_samples", "resolution_km", "max_link_km"),
        ),
        (ClusteringSection(), gc.extract_regions, tuple(ClusteringSection().selection_arguments)),
        (DelineationSection(), gc.delineate, tuple(DelineationSection.model_fields)),
    ],
)
def test_defaults_of_file_and_functions_agree(section, function, names):
    signature = inspect.signature(function)
    for name in names:
        assert signature.parameters[name].default == getattr(section, name), name


def test_defaults_of_robustness_and_its_functions_agree():
    section = RobustnessSection()
    drawn = inspect.signature(gc.run_robustness).parameters
    ranked = inspect.signature(gc.rank_sensitivity).parameters
    assert drawn["draws"].default == section.draws
    assert ranked["n"].default == section.sensitivity_points
    assert ranked["by"].default == section.by
    assert drawn["min_shared"].default == ranked["min_shared"].default == section.min_shared
    assert section.vary == gc.Variation()


def test_what_varies_is_read_with_false_for_nothing():
    text = """
[robustness.vary]
reach_km = [0.5, 2]
resample = false
leave_out = false
jitter_together = false
normalise = ["min_max"]
jitter_km = { city = 3 }
"""
    vary = gc.StudyConfig.from_text(text).robustness.vary
    assert vary.reach_km == (0.5, 2.0)
    assert vary.resample is None
    assert vary.leave_out is None
    assert vary.jitter_together is False
    assert vary.normalise == ("min_max",)
    assert vary.jitter_km == {"city": 3.0}
    assert vary.density_bars == gc.Variation().density_bars
    assert "resample" not in vary.inputs


def test_every_fault_of_what_varies_is_told():
    faults = faults_of("[robustness.vary]\nreach_km = [2, 1]\nresample = 'x'\nleave_out = 2\n")
    assert len(faults) == 1
    for words in ("line 1, robustness.vary: ", "reach_km is (2.0, 1.0)", "'x'", "leave_out is 2.0"):
        assert words in faults[0]


def test_template_is_a_valid_study_file_with_every_setting(tmp_path):
    made = write_template(tmp_path / "new")
    assert set(made) == {"study.toml", *TABLES}
    config = gc.StudyConfig.from_toml(tmp_path / "new" / "study.toml")
    assert config.clustering == gc.StudyConfig().clustering
    text = study_template()
    for name in (
        "min_cluster_size",
        "reach_km",
        "min_evidence",
        "min_density",
        "seed",
        "draws",
        "leave_out",
    ):
        assert f"# {name} = " in text


def test_template_lines_are_right_when_the_comment_mark_is_taken_away():
    lines = []
    for line in study_template().splitlines():
        bare = line.removeprefix("# ")
        setting = line.startswith("# ") and " = " in bare and bare.split(" = ")[0].isidentifier()
        header = line.startswith("# [")
        lines.append(bare if setting or header else line)
    text = "\n".join(lines)
    head, body = text.split("[study]", 1)
    assert head
    tomllib.loads("[study]" + body)
    assert gc.StudyConfig.from_text("[study]" + body).delineation == DelineationSection()


def test_template_refuses_a_folder_with_something_in_it(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(gc.GeoclustError, match="not empty"):
        write_template(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_shipped_framework_is_chosen_by_name():
    for text in ('scoring = "wipo"', '[scoring]\nname = "wipo"'):
        assert gc.StudyConfig.from_text(text).scoring == gc.Framework.wipo()
    changed = gc.StudyConfig.from_text(
        '[scoring]\nname = "quantum"\naggregate = "arithmetic"\nnormalise = "min_max"'
    ).scoring
    assert changed.aggregate == "arithmetic"
    assert [spec.name for spec in changed.indicators] == [
        spec.name for spec in gc.Framework.quantum().indicators
    ]
