"""Sweeps: every row is a run of the study with these settings; what is said of them is so."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

import geoclust as gc
from geoclust.errors import ConfigError, ParameterError
from geoclust.robustness.axes import Axis, Grid, read_grid
from geoclust.robustness.lots import MEASURES, Found
from geoclust.robustness.plateaus import LEVEL, Results, range_table, step_table
from geoclust.robustness.settings import varied_settings, with_values
from geoclust.robustness.sweeping import lean
from geoclust.study import StudyConfig
from geoclust.study.agreement import adjusted_rand

SAMPLE = Path(__file__).parents[1] / "data" / "quantum" / "study.toml"
MOVED = {
    "clustering.min_cluster_size": (3, 5, 8, 10, 14, 20),
    "clustering.min_samples": (1, 2, 4, 5, 9),
    "clustering.max_link_km": (8.0, 30.0, 100.0, 250.0, math.inf),
    "clustering.resolution_km": (0.1, 2.0, 6.0),
    "clustering.cluster_selection_method": ("eom", "leaf"),
    "clustering.density_scale": ("log", "inverse"),
    "clustering.cluster_selection_epsilon_km": (0.0, 3.0, 20.0),
    "clustering.max_cluster_size": (None, 25.0, 60.0),
    "clustering.max_extent_km": (20.0, 200.0, math.inf),
    "clustering.min_membership": (0.0, 0.25, 0.7),
    "clustering.kind_weights.patent": (0.25, 1.0),
    "delineation.reach_km": (4.0, 10.0, 25.0),
    "delineation.method": ("reach", "concave_hull", "convex_hull"),
    "delineation.disjoint": (True, False),
    "network.brokerage": ("betweenness", "bridgeness", "constraint", "participation"),
    "indicators.shrinkage": (True, False),
    "thresholds.cluster.min_density": (3.0, 6.0),
    "thresholds.cluster.min_capability": (0.4, 0.6),
    "thresholds.quasi.min_density": (0.5, 1.5),
    "thresholds.criteria.firms.target": (5.0, 10.0),
    "scoring.min_share": (0.3, 0.7),
    "scoring.indicators.funding_usd.weight": (0.5, 1.0, 3.0),
}
"""Settings, and the values that random grids are made of."""


def lean_study(folder, seed):
    gc.synthetic.write_toy_world(folder, seed=seed)
    return lean(StudyConfig.from_directory(folder))


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return lean_study(tmp_path_factory.mktemp("toy"), seed=1)


@pytest.fixture(scope="module")
def toy(config):
    return gc.run_study(config)


def random_grids(seed, settings):
    """Grids of two or three settings with two values each, until there are `settings` points."""
    rng = np.random.default_rng(seed)
    grids, count = [], 0
    while count < settings:
        keys = rng.choice(list(MOVED), size=rng.integers(2, 4), replace=False).tolist()
        grid = {}
        for key in keys:
            places = rng.choice(len(MOVED[key]), size=2, replace=False)
            grid[key] = [MOVED[key][place] for place in places]
        grids.append(grid)
        count += 2 ** len(keys)
    return grids


def row_of(study, setting):
    """What a row should say, from a finished run with the setting, by the definitions."""
    records = setting.inputs.records.index
    regions, status = setting.regions, setting.classification.status
    kinds = setting.config.clustering.kind_weights.model_dump()
    weight = setting.inputs.records["weight"] * setting.inputs.records["kind"].map(kinds)
    nowhere = setting.clustering.region_of.reindex(records).isna()
    expected = {
        "regions": len(regions),
        "clusters": int((status == "cluster").sum()),
        "quasi_clusters": int((status == "quasi-cluster").sum()),
        "noise": int(nowhere.sum()),
        "noise_share": weight[nowhere].sum() / weight.sum(),
        "agreement": adjusted_rand_score(alone(study, records), alone(setting, records)),
        "area_km2": regions["area_km2"].sum(),
    }
    if len(regions):
        known = regions[regions["persistence"].notna()]
        weighed = (known["persistence"] * known["weight"]).sum()
        expected["persistence"] = weighed / known["weight"].sum() if len(known) else math.nan
        expected["largest_extent_km"] = regions["extent_km"].max()
    return expected


def alone(study, records):
    """Region of each record; one that is in none has a label of its own."""
    region_of = study.clustering.region_of.reindex(records).astype(object)
    return region_of.where(region_of.notna(), records).to_numpy()


def assert_rows_are_runs(study, found, config):
    """Every row, and every region of it, against a fresh run of the whole study."""
    checked = 0
    for number, row in found.settings.iterrows():
        values = {key: row[key] for key in found.varied}
        if row["note"]:
            with pytest.raises((ParameterError, ConfigError, ValueError)):
                gc.run_study(with_values(config, values))
            continue
        fresh = gc.run_study(with_values(config, values))
        for name, value in row_of(study, fresh).items():
            assert row[name] == pytest.approx(value, rel=1e-9, nan_ok=True), (values, name)
        own = found.found[found.found["setting"] == number].set_index("region_id")
        assert own.index.tolist() == fresh.regions.index.tolist()
        if len(own):
            exact = ["weight", "persistence", "area_km2", "extent_km", "longitude"]
            pd.testing.assert_frame_equal(
                own[exact], pd.DataFrame(fresh.regions[exact]), check_exact=True
            )
            assert own["status"].tolist() == fresh.classification.status[own.index].tolist()
            rank = fresh.scores.table["rank"].reindex(own.index)
            assert own["rank"].fillna(0).tolist() == rank.fillna(0).tolist()
        checked += 1
    return checked


@pytest.mark.filterwarnings("ignore::geoclust.GeoclustWarning")
@pytest.mark.parametrize("settings", [10, pytest.param(30, marks=pytest.mark.slow)])
def test_every_row_is_a_fresh_run_on_random_settings(toy, config, settings):
    checked = 0
    for grid in random_grids(seed=7, settings=settings):
        found = gc.sweep(toy, vary=grid)
        checked += assert_rows_are_runs(toy, found, config)
    assert checked >= settings


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::geoclust.GeoclustWarning")
def test_every_row_is_a_fresh_run_on_the_sample():
    config = lean(StudyConfig.from_toml(SAMPLE))
    study = gc.run_study(config)
    vary = {
        "clustering.min_cluster_size": [5, 9],
        "clustering.min_samples": [3, 5],
        "delineation.reach_km": [12, 20],
        "thresholds.cluster.min_density": [0.6, 1.0],
    }
    found = gc.sweep(study, vary=vary)
    assert assert_rows_are_runs(study, found, config) == 16


def test_a_range_is_counted_in_decimals_and_holds_its_stop(config):
    def values(text):
        return read_grid({"delineation.reach_km": text}, config).axes[0].values

    assert values("0.1:0.5:0.1") == (0.1, 0.2, 0.3, 0.4, 0.5)
    assert values("5:40:5")[-1] == 40
    assert values("5:42:5")[-1] == 40
    assert values("20:5:-5") == (5, 10, 15, 20)
    assert values("5") == (5,)
    assert values("20, 5:9:2, 1e1") == (5, 7, 9, 10, 20)


@given(
    start=st.decimals(1, 50, places=2),
    step=st.decimals("0.01", 9, places=2),
    count=st.integers(1, 40),
)
def test_ranges_hold_what_counting_by_hand_holds(start, step, count):
    stop = start + step * (count - 1)
    grid = read_grid({"delineation.reach_km": f"{start}:{stop}:{step}"}, StudyConfig(), most=40)
    assert grid.axes[0].values == tuple(float(start + step * at) for at in range(count))


def test_every_setting_set_to_its_own_value_leaves_the_study_as_it_is():
    config = StudyConfig.from_toml(SAMPLE)
    for key, value in varied_settings(config).items():
        same = with_values(config, {key: value})
        assert same == config, key
    assert len(varied_settings(config)) > 60


@pytest.mark.parametrize(
    ("vary", "words"),
    [
        ({"clustering.min_cluster_sise": 5}, "did you mean 'clustering.min_cluster_size'?"),
        ({"MIN_SAMPLES": 5}, "did you mean 'clustering.min_samples'?"),
        ({"clustering.max_link": 5}, "did you mean 'clustering.max_link_km'?"),
        ({"report.figures": True}, "changes no region, status or rank"),
        ({"inputs.strict": True}, "makes another study"),
        ({"edits": 1}, "makes another study"),
        ({"network.rewirings": 300}, "compares brokerage with chance"),
        ({"thresholds.unit_costs.lab": 3}, "price what a region lacks"),
        ({"clustering.min_samples": [5, "5"]}, "5 is given twice"),
        ({"clustering.min_samples": []}, "no values"),
        ({"clustering.min_samples": "2.5"}, "found 2.5; it must be a whole number"),
        ({"clustering.min_samples": "1:5"}, "write start:stop:step"),
        ({"clustering.min_samples": "1:5:0"}, "write start:stop:step"),
        ({"clustering.min_samples": "1:nan:1"}, "write start:stop:step"),
        ({"delineation.reach_km": "inf"}, "it must be a finite number"),
        ({"scoring.normalise": "minmax"}, "normalise is 'minmax'"),
        (["clustering.min_samples=3", "clustering.min_samples=4"], "given twice"),
        (
            {"clustering.min_samples": "1:900:1", "delineation.reach_km": "1:2:0.5"},
            "2,700 settings",
        ),
        ({}, "nothing is varied"),
    ],
)
def test_what_cannot_be_varied_is_told(vary, words):
    with pytest.raises(ConfigError) as told:
        read_grid(vary, StudyConfig())
    assert words in str(told.value)
    assert len(told.value.faults) == 1


def test_contradictions_are_rows_that_say_why_and_values_that_never_do_are_faults(toy):
    bars = {"thresholds.cluster.min_density": "1,3", "thresholds.quasi.min_density": "0.5,2,9"}
    with pytest.raises(
        ConfigError, match=r"quasi\.min_density = 9: thresholds: quasi\.min_density"
    ):
        gc.sweep(toy, vary=bars)
    bars["thresholds.quasi.min_density"] = "0.5,2"
    found = gc.sweep(toy, vary=bars)
    assert (found.settings["note"] != "").tolist() == [False, True, False, False]
    assert (
        "quasi.min_density is 2.0, above cluster.min_density 1.0" in found.settings["note"].iloc[1]
    )
    assert found.settings.loc[2, "regions"] is pd.NA
    assert set(found.found["setting"]) == {1, 3, 4}
    lengths = {"clustering.resolution_km": [0.5, 20], "clustering.max_link_km": [10, 50]}
    found = gc.sweep(toy, vary=lengths)
    assert "must be above resolution_km" in found.settings["note"].iloc[2]
    assert (found.settings["note"] == "").sum() == 3
    with pytest.raises(ParameterError, match="none of the settings can be run: max_link_km is 4"):
        gc.sweep(toy, vary={"clustering.resolution_km": 5, "clustering.max_link_km": 4})


@given(st.lists(st.tuples(st.integers(-1, 4), st.integers(-1, 4)), min_size=1, max_size=40))
def test_agreement_is_the_adjusted_rand_index_with_noise_alone(pairs):
    one, two = np.array(pairs).T
    places = np.arange(len(pairs))
    apart = [np.where(labels < 0, 100 + places, labels) for labels in (one, two)]
    assert adjusted_rand(one, two) == pytest.approx(adjusted_rand_score(*apart), abs=1e-12)


def test_regions_of_the_study_are_counted_as_they_are_found(toy):
    found = gc.sweep(
        toy, vary={"clustering.min_cluster_size": "8:32:4", "delineation.reach_km": [5, 10, 20]}
    )
    own = found.found.dropna(subset="study_region")
    for region_id, row in found.regions.iterrows():
        mine = own[own["study_region"] == region_id]
        assert mine["setting"].is_unique
        assert row["found"] == len(mine) / 21
        assert row["cluster"] == (mine["status"] == "cluster").sum() / 21
        assert row["quasi_cluster"] + row["none"] + row["cluster"] == pytest.approx(row["found"])
        assert row["gone"] == pytest.approx(1 - row["found"])
        assert row["jaccard"] == mine["jaccard"].median()
        assert (row["best_rank"] is pd.NA) == mine["rank"].isna().all()
    counts = own.groupby("setting").size().reindex(found.settings.index, fill_value=0)
    assert found.settings["kept_regions"].tolist() == counts.tolist()
    members = toy.clustering.region_of
    ids = set(members.dropna())
    tight = gc.sweep(toy, vary={"clustering.min_membership": [0.25, 0.9]}).found
    weight = toy.inputs.records["weight"]
    fresh = gc.run_study(with_values(toy.config, {"clustering.min_membership": 0.9}))
    for row in tight[tight["setting"] == 2].to_dict("records"):
        a = fresh.clustering.region_of == row["region_id"]
        b = members.reindex(a.index) == row["study_region"]
        assert row["study_region"] in ids
        union = weight.reindex(a.index)[a | b].sum()
        assert row["jaccard"] == pytest.approx(weight.reindex(a.index)[a & b].sum() / union)


def a_row(number, regions, clusters, status, *, rank=(1, 2, 3)):
    measures = dict.fromkeys(MEASURES, 0.0) | {"regions": regions, "clusters": clusters}
    return Found(number, "", measures, pd.DataFrame(), np.array(status), np.array(rank))


def swept(key, values, rows, labels):
    axis = Axis(key, tuple(values), values[0])
    grid = Grid((axis,), (None,) * len(values), ("",) * len(values))
    results = Results(rows, list(range(len(rows))), [np.array(label) for label in labels])
    steps = step_table(grid, results)
    return steps, range_table(grid, steps, level=LEVEL).iloc[0]


def test_the_longest_range_whose_regions_agree_is_named():
    same, other, third = [0] * 6 + [1] * 6, [0] * 5 + [1] * 7, [0, 1, 2] * 4
    labels = [third, same, same, same, other, third, third]
    rows = [a_row(at, 2, 1, [0, 0, 0]) for at in range(7)]
    steps, found = swept("clustering.min_samples", [2, 3, 4, 5, 8, 9, 10], rows, labels)
    assert steps["agreement"].iloc[1] == steps["agreement"].iloc[2] == 1
    assert (found["judged_by"], found["low"], found["high"]) == ("agreement", 3, 5)
    assert (found["values"], found["worst"], found["holds_study"]) == (3, 1.0, False)
    assert found["why"].startswith("3 to 5 (3 values): neighbouring values give the same regions")
    assert found["why"].endswith("with 2 regions; the study's own 2 lies below it")
    rows[4] = a_row(4, 2, 1, [0, 0, 0])
    crowded = [a_row(at, count, 1, [0, 0, 0]) for at, count in enumerate((2, 2, 9, 2, 9, 2, 9))]
    _, found = swept("clustering.min_samples", [2, 3, 4, 5, 8, 9, 10], crowded, [same] * 7)
    assert found["values"] == 0
    assert "number of regions hardly moves. It goes from 2 at 2 to 9 at 10" in found["why"]


def test_settings_that_move_no_region_are_judged_by_statuses_and_else_by_ranks():
    label = [[0] * 6 + [1] * 6] * 4
    status = ([2, 2, 2], [2, 2, 2], [2, 2, 2], [2, 1, 0])
    rows = [a_row(at, 3, 3, one) for at, one in enumerate(status)]
    _, found = swept("delineation.reach_km", [5, 10, 15, 20], rows, label)
    assert (found["judged_by"], found["low"], found["high"]) == ("same_status", 5, 15)
    assert "all of the study's regions keep their status" in found["why"]
    ranks = ([1, 2, 3], [1, 2, 3], [3, 2, 1], [1, 2, 3])
    rows = [a_row(at, 3, 3, [2, 2, 2], rank=rank) for at, rank in enumerate(ranks)]
    steps, found = swept("scoring.min_share", [0.1, 0.2, 0.3, 0.4], rows, label)
    assert steps["same_order"].tolist() == [1.0, 0.0, 0.0]
    assert (found["judged_by"], found["values"]) == ("same_order", 0)
    assert "agree to between 0.00 (0.2 and 0.3) and 1.00 (0.1 and 0.2)" in found["why"]


def test_choices_have_no_range_and_words_say_so(toy):
    found = gc.sweep(toy, vary={"clustering.cluster_selection_method": ["leaf", "eom"]})
    assert found.ranges.empty
    assert found.steps[["value", "next"]].values.tolist() == [["leaf", "eom"]]
    same = found.steps["agreement"].iloc[0] == 1
    words = "none of its values changes a region" if same else "leaf and eom agree in regions"
    assert words in found.advice[0]
    assert found.own == 2
    assert found.settings.loc[2, "agreement"] == 1
    assert repr(found).startswith("<Sweep of clustering.cluster_selection_method: 2 settings, ")
    assert found.advice[0] in found._repr_html_()


@pytest.mark.filterwarnings("ignore::geoclust.GeoclustWarning")
def test_a_sweep_leaves_the_study_as_it_was_and_finds_the_same_twice(toy):
    before = pd.util.hash_pandas_object(toy.inputs.records).sum(), toy.regions.copy()
    vary = {"clustering.min_cluster_size": [200, 5], "clustering.min_samples": [3, 4]}
    one, two = gc.sweep(toy, vary=vary), gc.sweep(toy, vary=vary)
    for name in ("settings", "regions", "found", "steps", "ranges"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), check_exact=True)
    assert before[0] == pd.util.hash_pandas_object(toy.inputs.records).sum()
    pd.testing.assert_frame_equal(before[1], toy.regions)
    nothing = one.settings[one.settings["clustering.min_cluster_size"] == 200]
    assert nothing["regions"].tolist() == [0, 0]
    assert nothing["noise_share"].tolist() == [1.0, 1.0]
    assert nothing["persistence"].isna().all()


def test_edits_are_applied_at_every_setting_they_match_and_can_be_left_aside(toy, tmp_path):
    heaviest = toy.regions.index[0]
    gc.synthetic.write_toy_world(tmp_path, seed=1)
    edit = f"[[edits]]\naction = 'drop'\nregion = '{heaviest}'\nreason = 'a test'\nby = 'us'\n"
    (tmp_path / "study.toml").write_text(edit)
    config = lean(StudyConfig.from_toml(tmp_path / "study.toml"))
    vary = {"clustering.min_cluster_size": [10, 20, 60]}
    found = gc.sweep(config, vary=vary)
    assert heaviest not in found.study.regions.index
    assert found.settings["note"].str.contains(heaviest).tolist() == [False, False, True]
    assert_rows_are_runs(found.study, found, config)
    assert "1 edit is applied at every setting" in found.remarks[0]
    plain, own = gc.sweep(config, vary=vary, undecided=True), gc.sweep(toy, vary=vary)
    pd.testing.assert_frame_equal(plain.settings, own.settings, check_exact=True)
    assert plain.remarks == []


@pytest.mark.parametrize("mode", ["instead", "join"])
def test_given_polygons_stand_at_every_setting(toy, tmp_path, mode):
    gc.synthetic.write_toy_world(tmp_path, seed=1)
    polygons = toy.regions[["name", "geometry"]].iloc[:3].copy()
    polygons["geometry"] = polygons["geometry"].to_crs(3857).buffer(6000).to_crs(4326)
    polygons.reset_index().to_file(tmp_path / "drawn.gpkg")
    text = f"[boundaries]\nfile = 'drawn.gpkg'\nmode = '{mode}'\n"
    (tmp_path / "study.toml").write_text(text)
    config = lean(StudyConfig.from_toml(tmp_path / "study.toml"))
    vary = {"clustering.min_cluster_size": [8, 20], "delineation.reach_km": [5, 12]}
    found = gc.sweep(config, vary=vary)
    assert assert_rows_are_runs(found.study, found, config) == 4
    if mode == "instead":
        assert found.settings["regions"].tolist() == [3, 3, 3, 3]
        assert "clustering.min_cluster_size cannot move them" in found.remarks[0]
    else:
        assert "The given polygons join what is found" in found.remarks[0]
