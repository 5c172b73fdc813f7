"""A region in its surroundings, by brute force; and the edits it offers do what they say."""

import tomllib

import numpy as np
import pandas as pd
import pytest

import geoclust as gc
from geoclust.sphere import great_circle_km


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Three towns: two 30 km apart, one of them of two halves; and one far away."""
    folder = tmp_path_factory.mktemp("towns")
    rng = np.random.default_rng(5)
    centres = [(0.0, 52.0), (0.10, 52.0), (0.6, 52.0), (3.0, 50.0)]
    sizes = [30, 25, 20, 15]
    spots = np.repeat(centres, sizes, axis=0) + rng.normal(0, 0.004, (sum(sizes), 2))
    rows = pd.DataFrame(spots, columns=["longitude", "latitude"])
    rows.insert(0, "record_id", [f"f{at:03d}" for at in range(len(rows))])
    rows.assign(country="GB", precision="address").to_csv(folder / "firms.csv", index=False)
    text = "[clustering]\nmin_cluster_size = 12\nmax_extent_km = 50.0\nmax_link_km = 60.0\n"
    (folder / "study.toml").write_text(
        text + 'cluster_selection_method = "distance"\ncluster_selection_epsilon_km = 20.0\n'
        "[report]\nfigures = false\nsurvival = false\n",
        "utf-8",
    )
    return gc.run_study(folder / "study.toml")


def by_size(study, count):
    return study.regions.index[study.regions["record_count"] == count][0]


def least_apart(study, one, other):
    rows = study.inputs.records
    found = study.clustering.region_of
    a, b = (rows[(found == each).to_numpy(bool)] for each in (one, other))
    return min(
        float(great_circle_km(x, y, b["longitude"], b["latitude"]).min())
        for x, y in zip(a["longitude"], a["latitude"], strict=True)
    )


def test_children_joins_and_neighbours_are_those_of_the_map(study):
    halves, near, far = by_size(study, 55), by_size(study, 20), by_size(study, 15)
    view = gc.explore_region(study, halves)
    assert view.children["records"].tolist() == [30, 25]
    assert view.size == 12
    join = view.joins.iloc[0]
    assert (join["regions"], join["records"], join["in_no_region"]) == (near, 20, 0)
    assert join["join_km"] >= least_apart(study, halves, near) - 0.001
    assert join["join_km"] == pytest.approx(34.2, abs=1.5)
    assert view.neighbours["region_id"].tolist() == [near, far]
    assert view.neighbours.at[0, "apart_km"] == pytest.approx(
        least_apart(study, halves, near), abs=0.001
    )
    assert repr(view).startswith(f"<RegionView {halves} ")
    assert "joins" in repr(view)
    assert "<table" in view._repr_html_()
    alone = gc.explore_region(study, far)
    assert alone.joins.empty
    assert "joins nothing" in repr(alone)
    assert alone.facts["status"] == study.classification.status[far]
    assert alone.neighbours["apart_km"].min() > 50  # wider than a region may be: no merger
    assert "merge" not in alone.edits
    assert "merge" in view.edits


def test_the_edits_it_offers_can_be_pasted_and_do_what_they_say(study):
    halves, near = by_size(study, 55), by_size(study, 20)
    view = gc.explore_region(study, halves)
    text = study.config.origin.read_text("utf-8")

    def run(edit):
        pasted = edit.replace('reason = "..."', 'reason = "tried"').replace(
            'by = "..."', 'by = "me"'
        )
        assert tomllib.loads(pasted)
        return gc.run_study(gc.StudyConfig.from_text(text + pasted, base=study.config.base))

    assert sorted(run(view.edits["split"]).regions["record_count"]) == [15, 20, 25, 30]
    merged = run(view.edits["merge"])
    assert sorted(merged.regions["record_count"]) == [15, 75]
    assert near not in merged.regions.index
    frozen = run(view.edits["freeze"])
    assert frozen.clustering.region_of.equals(study.clustering.region_of)
    assert halves not in run(view.edits["drop"]).regions.index


def test_a_merged_region_joins_by_the_hierarchy_of_all_its_records(study):
    halves, near = by_size(study, 55), by_size(study, 20)
    view = gc.explore_region(study, halves)
    pasted = view.edits["merge"].replace("...", "x")
    text = study.config.origin.read_text("utf-8")
    config = gc.StudyConfig.from_text(text + pasted, base=study.config.base)
    merged = gc.explore_region(config, halves)
    assert merged.children["records"].tolist() == [55, 20]
    assert near not in str(merged.joins)
    assert "given or edited" in str(merged)


def test_an_unknown_region_is_told_with_the_nearest(study):
    known = study.regions.index[0]
    with pytest.raises(gc.GeoclustError, match=f"nearest are .*{known}"):
        gc.explore_region(study, known + "x")


def test_the_command_prints_it(study, capsys):
    from geoclust.cli import app

    halves = by_size(study, 55)
    assert app(["explore-region", str(study.config.origin), halves]) == 0
    told = capsys.readouterr().out
    assert "What it joins, going up the hierarchy" in told
    assert 'action = "split"' in told
    assert app(["explore-region", str(study.config.origin), halves, "--freeze"]) == 0
    assert len(tomllib.loads(capsys.readouterr().out)["edits"][0]["records"]) == 55
