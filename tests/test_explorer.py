"""The explorer's bench and what its page is told; the page itself is in test_explorer_browser."""

import subprocess
import sys
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest

import geoclust as gc
from geoclust.assignment import Edit
from geoclust.errors import ConfigError, GeoclustError, OutputError, ParameterError
from geoclust.explorer import Bench, controls_of
from geoclust.explorer.cards import card_of
from geoclust.explorer.choices import MOST_KEPT
from geoclust.explorer.editing import edit_of
from geoclust.explorer.forest import Forest, look
from geoclust.explorer.ground import Ground
from geoclust.explorer.places import CLOSEST, places_of, zooms_of
from geoclust.explorer.scene import Scene, View
from geoclust.explorer.sketch import Sketch
from geoclust.explorer.widget import Explorer, module_text
from geoclust.robustness.forests import Forests


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    gc.synthetic.write_toy_world(folder, seed=2)
    (folder / "study.toml").write_text("[clustering]\nmin_cluster_size = 8\n")
    return folder


@pytest.fixture
def bench(world):
    return Bench(world / "study.toml")


def lean_run(config):
    report = config.report.model_copy(update={"survival": False, "figures": False})
    network = config.network.model_copy(update={"rewirings": 0})
    return gc.run_study(config.model_copy(update={"report": report, "network": network}))


def test_what_the_bench_finds_is_what_a_run_finds(bench):
    rng = np.random.default_rng(5)
    seen = set()
    for _ in range(6):
        for one in rng.choice(bench.controls, 3, replace=False):
            steps = rng.integers(0, round((one.high - one.low) / one.step) + 1)
            try:
                bench.set({one.name: one.low + steps * one.step})
            except ConfigError:
                continue  # a quasi bar above the cluster's: refused, nothing changed
        found, run = bench.found(), lean_run(bench.config)
        assert found.regions.index.tolist() == run.regions.index.tolist()
        assert found.clustering.region_of.equals(run.clustering.region_of)
        assert found.regions.drop(columns="geometry").equals(run.regions.drop(columns="geometry"))
        assert found.regions.geometry.equals(run.regions.geometry)
        assert found.judged["status"].equals(run.classification.status)
        assert found.scores.table["rank"].equals(run.scores.table["rank"])
        seen.add(len(found.regions))
    assert len(seen) > 1


def same(found, verdicts):
    """What the stages of a run find, and what the page is told: bit by bit."""
    shapes = [one.shape.wkb for one in verdicts.footprints]
    assert [one.wkb for one in found.regions.geometry] == shapes
    assert found.regions["area_km2"].tolist() == [one.area_km2 for one in verdicts.footprints]
    for name, told in verdicts.indicators.select_dtypes("number").items():
        np.testing.assert_array_equal(found.indicators[name].astype("float64"), told, str(name))
    assert found.judged.equals(verdicts.judged[found.judged.columns])
    ranks = found.scores.table["rank_label"].reindex(found.regions.index).fillna("")
    assert ranks.tolist() == verdicts.rank_label


def crowded_world(folder):
    """Towns 15 to 45 km apart, astride the antimeridian, some of several kinds and weights."""
    rng = np.random.default_rng(3)
    centres = rng.uniform((178.6, -17.6), (181.2, -16.2), (14, 2))
    spots = centres[rng.integers(0, 14, 330)] + rng.normal(0, 0.03, (330, 2))
    kind = rng.choice(["firm", "lab", "patent"], 330, p=[0.5, 0.2, 0.3])
    table = pd.DataFrame(
        {
            "record_id": [f"r{i:03d}" for i in rng.permutation(330)],
            "longitude": (spots[:, 0] + 180) % 360 - 180,
            "latitude": spots[:, 1].round(2),
            "country": "FJ",
            "weight": rng.choice([1.0, 0.5, 1 / 3], 330),
            "category": rng.choice(["startup", "corporate", "university"], 330),
            "funding_usd": np.where(kind == "firm", rng.lognormal(12, 2, 330), np.nan),
        }
    )
    for name in ("firm", "lab", "patent"):
        table[kind == name].to_csv(folder / f"{name}s.csv", index=False)
    known = table["record_id"][kind != "patent"].to_numpy()
    ties = pd.DataFrame(rng.choice(known, (300, 2)), columns=["organisation_a", "organisation_b"])
    ties[ties["organisation_a"] != ties["organisation_b"]].to_csv(folder / "ties.csv", index=False)
    places = pd.DataFrame(
        {"name": [f"P{i}" for i in range(14)], "longitude": (centres[:, 0] + 180.2) % 360 - 180}
    ).assign(latitude=centres[:, 1] - 0.1, country="FJ", population=1e5, gdp_usd=np.nan)
    places.to_csv(folder / "places.csv", index=False)
    (folder / "study.toml").write_text(
        "[clustering]\nmin_cluster_size = 6\nkind_weights = { patent = 0.5 }\n"
        "[indicators.gdp_per_head]\nFJ = 5000\n"
        "[thresholds.cluster]\nmin_density = 1.0\nmin_capability = 0.2\n"
        "[thresholds.quasi]\nmin_density = 0.5\nmin_capability = 0.1\n"
    )
    return folder / "study.toml"


@pytest.mark.parametrize("seed", range(4))
def test_the_short_way_finds_what_the_stages_find(tmp_path, seed):
    """On a crowded world and settings drawn at random, in one bench that remembers the others."""
    bench = Bench(crowded_world(tmp_path))
    rng = np.random.default_rng(seed)
    assert type(bench.sketch()) is Sketch
    sizes = set()
    for _ in range(4):
        for one in rng.choice(bench.controls, 4, replace=False):
            steps = rng.integers(0, round((one.high - one.low) / one.step) + 1)
            with suppress(GeoclustError):
                bench.set({one.name: one.low + steps * one.step})
        sketch = bench.sketch()
        while not sketch.work(0.02):
            pass
        same(bench.found(), sketch.verdicts)
        sizes.add(len(sketch.regions))
    assert max(sizes) > 1


@pytest.mark.parametrize(
    "more",
    [
        "[indicators]\nshrinkage = true\n",
        '[network]\nbrokerage = "bridgeness"\n',
        "[delineation]\ndisjoint = false\nreach_km = 30\n",
        '[delineation]\nmethod = "concave_hull"\nmargin_km = 20\n',
    ],
)
def test_whatever_a_study_asks_for_the_page_is_told_the_same(tmp_path, more):
    path = crowded_world(tmp_path)
    about = "[indicators.gdp_per_head]"
    path.write_text(path.read_text().replace(about, more + about))
    bench = Bench(path)
    for name, value in (("clustering.min_cluster_size", 9), ("delineation.reach_km", 22)):
        bench.set({name: value})
        assert bench.sketch().work()
        same(bench.found(), bench.sketch().verdicts)


def test_a_study_that_has_run_is_explored_as_it_is(world):
    study = gc.run_study(gc.StudyConfig.from_toml(world / "study.toml"))
    bench = Bench(study)
    bench.sketch().work()
    assert bench.study is study
    assert bench.sketch().verdicts.judged["status"].equals(study.classification.status)


def test_faulty_settings_change_nothing(bench):
    with pytest.raises(ConfigError, match="min_cluster_size"):
        bench.set({"clustering.min_cluster_size": 1})
    assert not bench.changes
    assert not bench.can_undo


def test_undo_goes_back_step_by_step(bench):
    first = bench.found().regions.index
    bench.set({"clustering.min_cluster_size": 20})
    bench.set({"delineation.reach_km": 25})
    assert set(bench.changes) == {"clustering.min_cluster_size", "delineation.reach_km"}
    bench.undo()
    assert set(bench.changes) == {"clustering.min_cluster_size"}
    bench.undo()
    assert bench.found().regions.index.equals(first)
    bench.undo()  # nothing left: nothing happens
    bench.set({"delineation.reach_km": 25})
    bench.reset()
    assert not bench.changes
    assert bench.can_undo


def test_a_saved_study_runs_to_the_same_bytes(bench, world, tmp_path):
    bench.set({"clustering.min_cluster_size": 12, "delineation.reach_km": 15})
    bench.set({"thresholds.cluster.min_density": 0.4, "thresholds.quasi.min_density": 0.2})
    path = bench.save(tmp_path / "new.toml")
    with pytest.raises(OutputError, match="exists"):
        bench.save(path)
    assert bench.save().name == "study-explored.toml"
    assert bench.save().name == "study-explored-2.toml"
    for each in world.glob("study-explored*"):
        each.unlink()
    gc.write_study(lean_run(bench.saved_config()), tmp_path / "own")
    command = [sys.executable, "-m", "geoclust", "run", path, "-o", tmp_path / "cli", "-q"]
    subprocess.run(command, check=True)
    for name in ("regions.csv", "scores.csv", "records.csv"):
        assert (tmp_path / "own" / name).read_bytes() == (tmp_path / "cli" / name).read_bytes()


def test_sliders_hold_the_studys_own_values():
    config = gc.StudyConfig.from_text(
        "[clustering]\nmin_cluster_size = 300\nmax_link_km = inf\nallow_single_cluster = true\n"
    )
    for one in controls_of(config):
        assert one.low <= one.value or one.name.endswith("max_link_km")
        assert one.low < one.high < np.inf
    size = next(one for one in controls_of(config) if one.name.endswith("min_cluster_size"))
    assert size.high == 600


# -- what the page is told ------------------------------------------------------------------------


def ids(rows):
    return {row[0] for row in rows}


def test_only_what_changed_is_told(bench):
    scene = Scene(bench)
    first = scene.patch()
    names = set(bench.found().regions.index)
    assert ids(first["found"]) == ids(first["judged"]) == set(first["shapes"]) == names
    again = scene.patch()
    assert not any(again[part] for part in ("found", "judged", "shapes", "gone", "stale"))
    bench.set({"thresholds.cluster.min_density": 1e-3, "thresholds.quasi.min_density": 1e-4})
    patch = scene.patch()
    assert not any(patch[part] for part in ("found", "shapes", "gone", "stale"))
    before = {row[0]: row for row in first["judged"]}
    status = bench.found().judged["status"]
    told = {row[0]: row for row in patch["judged"]}
    assert set(told) == {name for name, row in before.items() if status[name] != row[1]} | {
        name for name, row in told.items() if row[2] != before[name][2]
    }
    assert told
    scene.forget()
    assert ids(scene.patch()["found"]) == names


class Reader:
    """Adds patches up as the page does."""

    def __init__(self):
        self.found, self.judged, self.shapes = {}, {}, {}

    def take(self, patch):
        for name in patch["gone"]:
            for held in (self.found, self.judged, self.shapes):
                held.pop(name, None)
        for name in patch["stale"]:
            self.shapes.pop(name, None)
        self.found |= {row[0]: row for row in patch["found"]}
        self.judged |= {row[0]: row for row in patch.get("judged", [])}
        self.shapes |= patch["shapes"]


@pytest.mark.parametrize("seconds", [np.inf, 0.0, 0.004])
def test_patches_add_up_to_the_whole(bench, seconds):
    """Whole or in turns, with what is in view or with all: in the end the page has it all."""
    scene, held = Scene(bench), Reader()
    moves = [("clustering.min_cluster_size", size) for size in (8, 14, 5, 30, 8)]
    for name, value in (*moves, ("delineation.reach_km", 60), ("delineation.reach_km", 14)):
        bench.set({name: value})
        patch = scene.patch(seconds)
        held.take(patch)
        turns = 0
        while not patch["done"]:
            turns += 1
            patch = scene.patch(0.002)  # a reader who moves on asks for no more; this one does
            held.take(patch)
        whole = Reader()
        whole.take(Scene(bench).patch())
        assert held.found == whole.found
        assert held.judged == whole.judged
        assert held.shapes == whole.shapes


def test_turns_that_are_cut_short_leave_nothing_behind(bench):
    scene, held = Scene(bench), Reader()
    for reach in (14, 60, 35, 10):
        bench.set({"delineation.reach_km": reach})
        held.take(scene.patch(0.0))
    held.take(scene.patch())
    whole = Reader()
    whole.take(Scene(bench).patch())
    assert (held.found, held.judged, held.shapes) == (whole.found, whole.judged, whole.shapes)


def test_only_what_can_be_seen_is_drawn(bench):
    """Alderbrook lies at 52.9 N, 1.5 W; from afar all footprints are smaller than their dots."""
    scene = Scene(bench)
    scene.view = View.of([-2.0, 52.5, -1.0, 53.3, 9.0])
    first = scene.patch()
    assert len(first["found"]) == len(first["judged"]) == 5
    assert list(first["shapes"]) == ["gb-tutbury"] or len(first["shapes"]) == 1
    scene.view = View.of([-180.0, -60.0, 180.0, 75.0, 0.5])
    assert not scene.looked()["shapes"]
    scene.view = View.of([-15.0, 45.0, 8.0, 60.0, 7.0])
    assert len(scene.looked()["shapes"]) == 4
    assert View.of(None) is None
    assert View.of([0, 0, 1, 1, float("nan")]) is None


def test_what_is_in_view_is_not_held_up_by_the_rest(bench):
    """It is told as soon as it is drawn, however much time there is; without a limit all is."""
    scene = Scene(bench)
    scene.view = View.of([-2.0, 52.5, -1.0, 53.3, 9.0])
    bench.set({"delineation.reach_km": 21})
    patch = scene.patch(60.0, grace=0.0)
    assert patch["seen"]
    assert not patch["done"]
    assert len(patch["shapes"]) == 1
    bench.set({"delineation.reach_km": 22})
    assert scene.patch()["done"]


class Asked(Explorer):
    """The page's component, asked as its script asks."""

    def ask(self, act, **content):
        self.request = {"act": act, "number": self.request.get("number", 0) + 1, **content}
        return self.reply

    def move(self, name, value):
        reply = self.ask("set", name=name, value=value, done=True)
        while not reply["patch"]["done"]:
            reply = self.ask("more")

    def rest(self):
        turns = 1
        while self.ask("ahead")["ahead"]:
            turns += 1
        return turns


@pytest.fixture
def made(monkeypatch):
    """What is worked out: footprints drawn, forests built."""
    counts = {"draw": 0, "of": 0}

    def counted(cls, name):
        real = getattr(cls, name)

        def count(*given):
            counts[name] += 1
            return real(*given)

        monkeypatch.setattr(cls, name, count)

    counted(Ground, "draw")
    counted(Forests, "of")
    return counts


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("delineation.reach_km", (21, 22, 23)),  # on
        ("delineation.reach_km", (22, 24, 26)),  # by as much as last time
        ("delineation.reach_km", (26, 24, 23)),  # on by a step
        ("delineation.reach_km", (23, 24, 23)),  # back
        ("clustering.min_samples", (4, 5, 6)),
        ("clustering.min_samples", (6, 5, 4)),
        ("clustering.max_link_km", (85, 80, 75)),
    ],
)
def test_at_rest_the_next_move_is_worked_out(bench, made, name, values):
    page = Asked(bench)
    for value in values[:2]:
        page.move(name, value)
    config = bench.config
    assert made["draw"] > 0
    page.rest()
    assert bench.config == config
    before = dict(made)
    assert page.ask("set", name=name, value=values[2], done=True)["patch"]["done"]
    assert made == before
    same(bench.found(), bench.sketch().verdicts)


def test_work_ahead_is_done_in_small_turns_and_ends(bench, monkeypatch):
    monkeypatch.setattr("geoclust.explorer.widget.AHEAD_S", 0.0)
    page = Asked(bench)
    assert page.rest() == 1  # nothing was moved yet
    page.move("delineation.reach_km", 21)
    assert page.rest() > 5
    assert page.rest() == 1


def test_bars_and_ends_of_a_slider_leave_nothing_to_do_ahead(bench, made):
    page = Asked(bench)
    page.move("thresholds.quasi.min_density", 0.3)
    page.rest()
    assert made == {"draw": made["draw"], "of": 0}
    top = next(one.high for one in bench.controls if one.name == "delineation.reach_km")
    page.move("delineation.reach_km", top)
    drawn = made["draw"]
    page.rest()
    page.move("delineation.reach_km", top - 1)
    assert made["draw"] - drawn == len(bench.found().regions)  # one step back, none beyond


def test_a_forest_that_takes_long_is_not_built_ahead(bench, made, monkeypatch):
    page = Asked(bench)
    page.move("clustering.min_samples", 6)
    monkeypatch.setattr("geoclust.explorer.ahead.LONGEST_STEP_S", 0.0)
    page.move("clustering.min_samples", 7)
    built = made["of"]
    page.rest()
    assert made["of"] == built


def test_settings_that_an_edit_does_not_match_are_left_to_who_moves_there(bench):
    names = bench.found().regions.index.tolist()
    bench.edit(Edit(action="merge", regions=tuple(names[:2]), **WHY))
    page = Asked(bench)
    page.move("clustering.min_cluster_size", 9)
    top = max(one.high for one in bench.controls if one.name == "clustering.min_cluster_size")
    page.ahead.moved("clustering.min_cluster_size", top)  # no two regions are left to merge there
    page.rest()
    assert "fault" in page.ask("set", name="clustering.min_cluster_size", value=top, done=True)


def test_the_last_answers_are_kept_and_no_more(bench):
    bench.set({"clustering.min_cluster_size": 9})
    nine = bench.clustering()
    bench.set({"clustering.min_cluster_size": 10})
    bench.set({"clustering.min_cluster_size": 9})
    assert bench.clustering() is nine
    for size in range(10, 10 + MOST_KEPT):
        bench.set({"clustering.min_cluster_size": size})
    bench.set({"clustering.min_cluster_size": 9})
    assert bench.clustering() is not nine
    assert bench.clustering().region_of.equals(nine.region_of)


def test_one_place_of_each_pixel_is_drawn_and_stays_drawn():
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.uniform(-180, 180, 300), rng.normal(2.3, 0.01, 300)])
    y = np.concatenate([rng.uniform(-90, 90, 300), rng.normal(48.9, 0.01, 300)])
    zooms = zooms_of(x, y)
    turn = np.radians(np.clip(y, -85.051129, 85.051129))
    across, up = (x + 180) / 360, np.log(np.tan(turn) + 1 / np.cos(turn)) / (2 * np.pi)
    for zoom in range(CLOSEST):
        pixels = 512 * 2.0**zoom
        at = list(zip(np.floor(across * pixels), np.floor(up * pixels), strict=True))
        drawn = [spot for spot, own in zip(at, zooms, strict=True) if own <= zoom]
        assert len(drawn) == len(set(drawn)) == len(set(at))
    assert zooms.max() == CLOSEST
    assert places_of(pd.DataFrame({"longitude": [], "latitude": []})) == {"x": [], "y": [], "z": []}


def test_a_view_astride_the_antimeridian_sees_both_sides():
    view = View.of([170.0, -20.0, 190.0, -10.0, 6.0])
    x, y = np.array([-175.0, 175.0, 0.0]), np.full(3, -15.0)
    assert view.shows(x, y, np.full(3, 40.0)).tolist() == [True, True, False]


def records_at(groups):
    rows = [
        {"kind": "firm", "name": f"{name}-{i}", "longitude": x + 0.01 * (i % 5), "latitude": y}
        for name, x, y, count in groups
        for i in range(count)
    ]
    return pd.DataFrame(rows, index=[f"r{i:04d}" for i in range(len(rows))])


def test_fates_are_named_against_the_study(tmp_path):
    """Two towns 19 km apart that a longer link joins; a small one that a larger size drops."""
    table = records_at([("a", 4.36, 52.01, 21), ("b", 4.49, 52.16, 20), ("c", 9.0, 45.0, 8)])
    table.rename_axis("record_id").to_csv(tmp_path / "firms.csv")
    text = "[clustering]\nmin_cluster_size = 8\nmax_link_km = 10\nresolution_km = 1\n"
    (tmp_path / "study.toml").write_text(text)
    bench = Bench(tmp_path / "study.toml")
    scene = Scene(bench)
    assert not any(scene.patch()["fates"].values())
    bench.set({"clustering.min_cluster_size": 15})
    fates = scene.patch()["fates"]
    assert [len(fates["gone"]), len(fates["new"]), len(fates["merged"])] == [1, 0, 0]
    bench.reset()
    bench.set({"clustering.cluster_selection_epsilon_km": 40, "clustering.max_link_km": 50})
    fates = scene.patch()["fates"]
    assert [len(fates["gone"]), len(fates["merged"]), len(fates["split"])] == [0, 1, 0]


def test_the_other_way_round_it_is_a_split(tmp_path):
    table = records_at([("a", 4.36, 52.01, 21), ("b", 4.49, 52.16, 20)])
    table.rename_axis("record_id").to_csv(tmp_path / "firms.csv")
    (tmp_path / "study.toml").write_text(
        "[clustering]\nmin_cluster_size = 8\nmax_link_km = 50\nresolution_km = 1\n"
        "cluster_selection_epsilon_km = 40\n"
    )
    bench = Bench(tmp_path / "study.toml")
    bench.set({"clustering.cluster_selection_epsilon_km": 0})
    fates = Scene(bench).patch()["fates"]
    assert [len(fates["split"]), len(fates["new"]), len(fates["gone"])] == [1, 0, 0]


def test_blocks_lie_within_their_parents_and_name_the_regions(bench):
    bench.set({"clustering.min_cluster_size": 5})
    forest = Forest.of(bench.hierarchy(), bench.clustering())
    blocks = {one["n"]: one for one in forest.blocks()}
    assert {one["region"] for one in blocks.values()} - {""} == set(bench.found().regions.index)
    for one in blocks.values():
        assert one["to_km"] <= one["from_km"]
        if one["parent"] >= 0:
            above = blocks[one["parent"]]
            assert above["x"] - 1e-6 <= one["x"]
            assert one["x"] + one["width"] <= above["x"] + above["width"] + 1e-5
            assert one["from_km"] == pytest.approx(above["to_km"], rel=1e-4)


def test_a_block_shows_its_ground_and_what_it_would_join(bench):
    bench.set({"clustering.min_cluster_size": 4, "clustering.min_samples": 2})
    forest = Forest.of(bench.hierarchy(), bench.clustering())
    region_of = bench.clustering().region_of
    joined = 0
    for block in forest.blocks():
        seen = look(bench, forest, block["n"])
        assert seen["weight"] == block["weight"]
        if block["region"]:
            assert block["region"] in seen["regions"]
            assert seen["records"] >= (region_of == block["region"]).sum()
        assert (seen["joins"] is None) == (block["parent"] < 0)
        joined += seen["joins"] is not None
    assert joined


def test_a_card_says_why(bench):
    found = bench.found()
    for region in found.regions.index:
        card = card_of(bench, region)
        assert card["count"] == (found.clustering.region_of == region).sum()
        passed = [one["passed"] for one in card["tests"]]
        assert len(passed) == 4
        assert all(passed[:2]) == (found.judged.at[region, "status"] == "cluster")
        assert bool(card["gap"]) == (found.judged.at[region, "status"] != "cluster")


# -- edits ----------------------------------------------------------------------------------------


def two_towns(folder):
    table = records_at([("a", 4.36, 52.01, 21), ("b", 4.49, 52.16, 20), ("c", 9.0, 45.0, 9)])
    table.rename_axis("record_id").to_csv(folder / "firms.csv")
    text = "[clustering]\nmin_cluster_size = 8\nmax_link_km = 10\nresolution_km = 1\n"
    (folder / "study.toml").write_text(text)
    return folder / "study.toml"


WHY = {"reason": "one labour market", "by": "the test"}


def test_edits_are_applied_undone_and_saved(tmp_path):
    bench = Bench(two_towns(tmp_path))
    names = bench.found().regions.index.tolist()
    bench.edit(Edit(action="merge", regions=tuple(names[:2]), **WHY))
    merged = bench.found()
    assert merged.regions.index.tolist() == [names[0], names[2]]
    assert Scene(bench).patch()["fates"]["merged"] == [names[0]]
    bench.edit(Edit(action="rename", region=names[2], name="Lake towns", **WHY))
    bench.edit(Edit(action="split", region=names[0], line=((4.0, 52.1), (5.0, 52.1)), **WHY))
    assert len(bench.found().regions) == 3
    bench.undo()
    path = bench.save(tmp_path / "edited.toml")
    run = lean_run(gc.StudyConfig.from_toml(path))
    assert run.clustering.region_of.equals(merged.clustering.region_of)
    assert run.regions.at[names[2], "name"] == "Lake towns"
    assert [one.action for one in gc.StudyConfig.from_toml(path).edits] == ["merge", "rename"]


def test_an_edit_that_does_not_match_changes_nothing(tmp_path):
    bench = Bench(two_towns(tmp_path))
    names = bench.found().regions.index.tolist()
    with pytest.raises(ConfigError, match="nowhere"):
        bench.edit(Edit(action="drop", region="nowhere", **WHY))
    assert not bench.edits
    bench.edit(Edit(action="drop", region=names[2], **WHY))
    with pytest.raises(ConfigError, match=names[2]):
        bench.set({"clustering.min_cluster_size": 15})  # that region would not be there to drop
    assert not bench.changes
    assert len(bench.found().regions) == 2


def test_edits_of_a_file_come_first_and_are_saved_with_the_others(tmp_path):
    path = two_towns(tmp_path)
    names = Bench(path).found().regions.index.tolist()
    (tmp_path / "edits.toml").write_text(
        f'[[edits]]\naction = "drop"\nregion = "{names[2]}"\nreason = "x"\nby = "y"\n'
    )
    path.write_text('[study]\nedits = "edits.toml"\n' + path.read_text())
    bench = Bench(path)
    assert len(bench.found().regions) == 2
    bench.edit(Edit(action="merge", regions=tuple(names[:2]), **WHY))
    saved = gc.StudyConfig.from_toml(bench.save(tmp_path / "saved.toml"))
    assert [one.action for one in saved.edits] == ["drop", "merge"]
    assert saved.study.edits == ""
    assert len(lean_run(saved).regions) == 1


@pytest.mark.parametrize(
    "asked",
    [
        {"action": "explode", "region": "x", **WHY},
        {"action": "drop", "region": "x", "reason": "", "by": ""},
        {"action": "drop", "region": "x", "records": ["r1"], **WHY},
        {"action": "split", "region": "x", "line": [[1, "north"], [2, 3]], **WHY},
        {"action": "split", "region": "x", "line": [[1, float("nan")], [2, 3]], **WHY},
    ],
)
def test_edits_from_the_page_are_checked(asked):
    with pytest.raises((ParameterError, ValueError)):
        edit_of(asked)


# -- the component --------------------------------------------------------------------------------


class Page:
    """Asks the component as its page does."""

    def __init__(self, bench):
        self.widget, self.number = Explorer(bench), 0

    def ask(self, act, **content):
        self.number += 1
        self.widget.request = {"act": act, "number": self.number, **content}
        assert self.widget.reply["number"] == self.number
        reply = self.widget.reply
        while not reply.get("patch", {"done": True})["done"]:
            more = self.ask("more")["patch"]
            told = {name: reply["patch"][name] + more[name] for name in ("found", "gone")}
            reply = {"patch": {**reply["patch"], **more, **told}}
        return reply


def test_the_component_answers(bench):
    page = Page(bench)
    start = page.ask("start")["patch"]
    assert start["blocks"]
    assert not start["can_undo"]
    moved = page.ask("set", name="clustering.min_cluster_size", value=20)["patch"]
    assert moved["can_undo"]
    assert moved["changed"] == ["clustering.min_cluster_size"]
    assert "blocks" in moved
    assert "blocks" not in page.ask("set", name="delineation.reach_km", value=12)["patch"]
    region = page.widget.bench.found().regions.index[0]
    assert page.ask("card", id=region)["card"]["id"] == region
    assert page.ask("look", n=moved["blocks"][0]["n"])["looked"]["weight"] > 0
    assert "no region" in page.ask("card", id="nowhere")["fault"]
    fault = page.ask("set", name="clustering.min_cluster_size", value=1)
    assert "min_cluster_size" in fault["fault"]
    assert "patch" not in fault
    edit = {"action": "drop", "region": region, **WHY}
    dropped = page.ask("edit", edit=edit)["patch"]
    assert region in dropped["gone"]
    assert dropped["edits"] == [{"words": f"drop {region}", "reason": WHY["reason"]}]
    assert "gone" in dropped["fates"]
    assert region in ids(page.ask("undo")["patch"]["found"])
    assert page.ask("reset")["patch"]["changed"] == []


def test_a_drag_is_one_act(bench):
    page = Page(bench)
    page.ask("start")
    for size in (9, 10, 11):
        page.ask("set", name="clustering.min_cluster_size", value=size)
    page.ask("set", name="clustering.min_cluster_size", value=12, done=True)
    page.ask("set", name="clustering.min_cluster_size", value=13, done=True)
    assert page.ask("undo")["patch"]["values"]["clustering.min_cluster_size"] == 12
    assert page.ask("undo")["patch"]["values"]["clustering.min_cluster_size"] == 8


def test_acts_that_are_none_are_left_alone(bench):
    widget = Explorer(bench)
    widget.request = {"act": "__init__", "number": 1}
    assert widget.reply == {}


def test_a_reader_without_a_kernel_sees_the_map(bench):
    bundle = Explorer(bench, static=True)._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "sandbox" in data["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "text/html" not in (Explorer(bench)._repr_mimebundle_() or [{}])[0]


def test_its_script_asks_nobody():
    own = module_text().split("return module.exports; })();")[-1]
    for word in (
        "http://",
        "https://",
        "fetch(",
        "XMLHttpRequest",
        "innerHTML",
        "eval(",
        "import(",
    ):
        assert word not in own.replace("http://www.w3.org/2000/svg", ""), word
