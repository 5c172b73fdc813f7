"""Edits do what they say, are echoed with their reason, and fail aloud where they do not fit."""

import json
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import geoclust as gc
from geoclust.assignment import Edit
from geoclust.errors import ConfigError, ParameterError
from geoclust.report import write_study
from geoclust.robustness.chain import Chain
from geoclust.study import survival

QUANTUM = Path(__file__).parents[1] / "data" / "quantum"
SAID = 'reason = "one labour market"\nby = "A. Smith"\ndate = 2026-11-01\n'


def edits(*tables):
    return "".join(f"\n[[edits]]\n{table.strip()}\n{SAID}" for table in tables)


@pytest.fixture(scope="module")
def text():
    return (QUANTUM / "study.toml").read_text("utf-8")


def config(text, *tables, survival=False, more=""):
    extra = f"\n[report]\nfigures = false\nsurvival = {str(survival).lower()}\n" + more
    extra += "\n[network]\nrewirings = 0\n"
    return gc.StudyConfig.from_text(text + extra + edits(*tables), base=QUANTUM)


@pytest.fixture(scope="module")
def plain(text):
    return gc.run_study(config(text))


def run(text, *tables, **kinds):
    return gc.run_study(config(text, *tables, **kinds))


def members(study, region_id):
    found = study.clustering.region_of
    return set(found.index[found == region_id])


def test_merge_drop_rename_move_and_freeze_in_order(text, plain):
    delft, paris = members(plain, "nl-delft"), members(plain, "fr-paris")
    moved, left = sorted(delft)[:2], sorted(delft)[2:]
    frozen = sorted(members(plain, "jp-tokyo"))[:9]
    study = run(
        text,
        'action = "merge"\nregions = ["fr-paris", "gb-oxford"]\nname = "Seine and Thames"',
        'action = "drop"\nregion = "de-munich"',
        'action = "rename"\nregion = "fr-paris"\nid = "seine-thames"',
        f'action = "move"\nrecords = {json.dumps(moved)}\nto = "seine-thames"',
        f'action = "freeze"\nregion = "jp-tokyo"\nrecords = {json.dumps(frozen)}',
        f'action = "move"\nrecords = {json.dumps(left[:1])}\nto = "none"',
    )
    assert members(study, "seine-thames") == paris | members(plain, "gb-oxford") | set(moved)
    assert study.regions.at["seine-thames", "name"] == "Seine and Thames"
    assert study.regions.at["seine-thames", "countries"].split(";") == ["FR", "GB", "NL"]
    assert members(study, "nl-delft") == set(left[1:])
    assert members(study, "jp-tokyo") == set(frozen)
    assert not {"fr-paris", "gb-oxford", "de-munich"} & set(study.regions.index)
    gone = study.clustering.region_of.loc[sorted(members(plain, "de-munich"))]
    assert gone.isna().all()
    membership = study.clustering.membership
    assert (membership.loc[moved] == 1).all()
    assert membership.loc[left[0]] == 0
    kept = sorted(paris)
    assert membership.loc[kept].equals(plain.clustering.membership.loc[kept])
    assert np.isnan(study.regions.at["seine-thames", "persistence"])
    same = study.regions.index.intersection(plain.regions.index).drop(["jp-tokyo", "nl-delft"])
    columns = ["weight", "persistence", "birth_km", "extent_km", "reach_area_km2"]
    assert study.regions.loc[same, columns].equals(plain.regions.loc[same, columns])
    assert study.edits["state"].eq("applied").all()
    for region_id, own in study.clustering.region_of.dropna().groupby(study.clustering.region_of):
        points = study.inputs.records.loc[own.index]
        shape = study.regions.geometry[region_id]
        assert shape.covers(shapely.points(points["longitude"], points["latitude"])).all()


@pytest.mark.parametrize(
    ("how", "parts"),
    [
        ("line = [[4.4, 51.0], [4.4, 53.0]]", {12, 3}),
        ("line = [[4.4, 53.0], [4.4, 51.0]]", {12, 3}),
        ('records = ["{0}", "{1}"]', {13, 2}),
    ],
)
def test_split_by_a_line_and_by_records(text, plain, how, parts):
    own = sorted(members(plain, "nl-delft"))
    spec = how.format(*own)
    study = run(text, f'action = "split"\nregion = "nl-delft"\n{spec}\nnames = ["Rest"]')
    new = [one for one in study.edits.at[0, "result"].split() if one.startswith("nl-")]
    ids = {one.strip("(),") for one in new}
    found = {one: members(study, one) for one in ids}
    assert set().union(*found.values()) == set(own)
    assert sum(len(one) for one in found.values()) == len(own)
    assert len(found) >= 2
    assert study.regions.at["nl-delft", "name"] == "Rest"
    assert {len(one) for one in found.values()} == parts
    if "line" in how:
        east = study.inputs.records.loc[sorted(own), "longitude"] > 4.4
        assert {frozenset(one) for one in found.values()} == {
            frozenset(east.index[east]),
            frozenset(east.index[~east]),
        }


def test_all_edits_that_do_not_match_are_told_at_once_with_candidates(text, plain):
    record = min(members(plain, "fr-paris"))
    with pytest.raises(ConfigError) as caught:
        run(
            text,
            'action = "merge"\nregions = ["fr-paris", "gb-oxfrod"]',
            'action = "drop"\nregion = "de-munich"',
            'action = "rename"\nregion = "de-munich"\nname = "x"',
            f'action = "move"\nrecords = ["{record}x"]\nto = "jp-tokyo"',
            f'action = "move"\nrecords = ["{record}"]\nto = "fr-paris"',
            'action = "split"\nregion = "nl-delft"\nline = [[14.4, 51], [14.4, 53]]',
            'action = "rename"\nregion = "jp-tokyo"\nid = "fr-paris"',
            f'action = "split"\nregion = "nl-delft"\nrecords = ["{record}"]',
            'action = "split"\nregion = "au-sydney"\nchildren = true',
        )
    faults = caught.value.faults
    assert caught.value.exit_status == 2
    assert len(faults) == 8
    told = dict(zip([1, 3, 4, 5, 6, 7, 8, 9], faults, strict=True))
    assert "no region 'gb-oxfrod'; nearest are gb-oxford (Oxford-Reading, 12 records)" in told[1]
    assert told[3] == (
        "edit 3 (rename): there is no region 'de-munich' any more: an earlier edit has it dropped"
    )
    assert f"no record '{record}x' (did you mean '{record}" in told[4]
    assert "is in fr-paris already" in told[5]
    assert "leaves all 15 records of nl-delft on one side; they lie at longitude" in told[6]
    assert "'fr-paris' is that of another region, Paris" in told[7]
    assert f"record '{record}' is in fr-paris, not in nl-delft" in told[8]
    assert "explore-region" in told[9]


def test_faults_of_the_file_itself_have_their_lines():
    broken = """
[[edits]]
action = "merge"
regions = ["a"]
by = "me"

[[edits]]
action = "dorp"
reason = "x"
by = "me"

[[edits]]
action = "rename"
region = "a"
nmae = "B"
reason = "x"
by = "me"
"""
    with pytest.raises(ConfigError) as caught:
        gc.StudyConfig.from_text(broken)
    faults = "\n".join(caught.value.faults)
    assert "reason is missing" in faults
    assert "wanted two or more" in faults
    assert "did you mean 'drop'" in faults
    assert "did you mean 'name'" in faults


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"action": "split", "region": "a"}, "one of line, records, at_km, children; found none"),
        ({"action": "split", "region": "a", "at_km": -1.0}, "wanted a positive length"),
        ({"action": "split", "region": "a", "line": ((0.0, 1.0),)}, "1 point"),
        ({"action": "split", "region": "a", "line": ((0.0, 99.0), (0.0, 1.0))}, "leaves the globe"),
        ({"action": "rename", "region": "a"}, "rename needs a name"),
        ({"action": "rename", "region": "a", "id": "A b"}, "lower-case"),
        ({"action": "move", "records": ("r", "r"), "to": "a"}, "'r' twice"),
        ({"action": "drop", "region": "a", "at_km": 3.0}, "at_km means nothing to drop"),
        ({"action": "freeze", "region": "a"}, "records is missing"),
    ],
)
def test_an_edit_is_checked_when_made(fields, words):
    with pytest.raises(ParameterError, match=words):
        Edit(reason="x", by="me", **fields)


def test_a_file_of_edits_comes_after_those_of_the_study(text, tmp_path):
    path = tmp_path / "edits.toml"
    path.write_text(edits('action = "rename"\nregion = "fr-paris"\nname = "Second"'), "utf-8")
    named = text.replace("[study]", f'[study]\nedits = "{path}"', 1)
    study = run(named, 'action = "rename"\nregion = "fr-paris"\nname = "First"')
    assert study.regions.at["fr-paris", "name"] == "Second"
    assert study.edits["where"].tolist() == ["study file", "edits.toml"]
    path.write_text("[[edits]]\naction = 'drop'\n[other]\n", "utf-8")
    with pytest.raises(ConfigError, match=r"edits\.toml: 2 faults"):
        gc.check_study(config(named))
    path.write_text(edits('action = "drop"\nregion = "xx-nowhere"'), "utf-8")
    with pytest.raises(ConfigError, match=r"\(edits\.toml\)"):
        run(named)


def test_edits_are_echoed_in_tables_manifest_and_page(text, tmp_path):
    hostile = "<img src=x onerror=alert(1)>"
    study = run(text, f'action = "rename"\nregion = "fr-paris"\nname = "{hostile}"')
    out = write_study(study, tmp_path / "results")
    table = pd.read_csv(out / "edits.csv")
    assert table.loc[0, ["action", "reason", "by", "date", "state"]].tolist() == [
        "rename",
        "one labour market",
        "A. Smith",
        "2026-11-01",
        "applied",
    ]
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["decisions"]["edits"][0]["name"] == hostile
    page = (out / "report.html").read_text("utf-8")
    assert "one labour market" in page
    assert "A. Smith" in page
    assert hostile not in page
    assert "boundaries.csv" not in manifest["outputs"]


def test_a_study_without_decisions_has_no_trace_of_them(plain, tmp_path):
    out = write_study(plain, tmp_path / "results")
    assert not (out / "edits.csv").exists()
    assert "decisions" not in json.loads((out / "manifest.json").read_text("utf-8"))
    assert "decide" not in set(plain.stages["stage"])


EDITED = (
    'action = "merge"\nregions = ["fr-paris", "gb-oxford"]',
    'action = "drop"\nregion = "de-munich"',
    'action = "split"\nregion = "nl-delft"\nline = [[4.4, 51.0], [4.4, 53.0]]',
)


def test_survival_takes_the_edits_again_as_clustering_everything_would(text, monkeypatch):
    monkeypatch.setattr(survival, "MOST_REGIONS", 9)
    study = run(text, *EDITED, survival=True)
    asked = study.gaps["survives"].notna()
    assert asked.sum() == 9
    assert asked["nl-delft"]

    def everything(self, region_id):
        return np.arange(len(self.at)), np.ones(len(self.at), dtype=bool)

    monkeypatch.setattr(survival._Before, "window", everything)
    whole = survival.with_survival(
        study.classification,
        study.clustering,
        study.inputs,
        config=study.config,
        decisions=study.decisions,
    )
    pd.testing.assert_frame_equal(
        whole[["survives", "survival"]], study.gaps[["survives", "survival"]]
    )


def test_draws_that_vary_nothing_are_the_edited_study(text):
    study = run(text, *EDITED)
    chain = Chain.of(study, gc.Variation.none(), min_shared=0.5)
    (outcome,) = chain.run_all([(0, {})])
    assert (outcome.rank == chain.rank).all()
    assert (outcome.status == chain.status).all()
    assert outcome.facts["regions"] == len(study.regions)
    assert outcome.facts["new_regions"] == 0
    assert outcome.echo["edits_left_out"] == 0
    table = gc.run_robustness(study, draws=3, vary=gc.Variation.only("min_cluster_size", "weights"))
    assert "edits_left_out" in table.draws


def test_draws_hold_given_boundaries(tmp_path, plain):
    plain_out = tmp_path / "regions.geojson"
    shapes = gpd.GeoDataFrame(plain.regions[["name", "geometry"]], crs=4326).reset_index()
    shapes.to_file(plain_out)
    text = (QUANTUM / "study.toml").read_text("utf-8")
    study = run(text, more=f'[boundaries]\nfile = "{plain_out}"\n')
    chain = Chain.of(study, gc.Variation.none(), min_shared=0.5)
    (outcome,) = chain.run_all([(0, {})])
    assert (outcome.rank == chain.rank).all()
    assert (outcome.status == chain.status).all()


def test_a_sweep_row_is_a_fresh_run_with_the_edits(text):
    from geoclust.robustness.sweeping import lean, sweep

    study = run(text, EDITED[0])
    found = sweep(study, vary={"clustering.min_cluster_size": [6, 8]}, workers=1)
    fresh = gc.run_study(
        lean(config(text.replace("min_cluster_size = 6", "min_cluster_size = 8"), EDITED[0]))
    )
    assert found.settings.iloc[1]["regions"] == len(fresh.regions)
    assert found.settings.iloc[0]["agreement"] == 1


def test_the_command_says_what_does_not_match_and_ends_with_2(text, tmp_path):
    path = tmp_path / "study.toml"
    here = text.replace('path = "', f'path = "{QUANTUM}/')
    path.write_text(here + edits('action = "drop"\nregion = "fr-pari"'), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "geoclust", "run", str(path), "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "nearest are fr-paris (Paris, 34 records)" in done.stderr
    assert not (tmp_path / "out").exists()
