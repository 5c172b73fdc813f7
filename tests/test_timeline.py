"""Histories that are known, told right: born, died, grown, merged, split, returned."""

import pandas as pd
import pytest
from worlds import STUDY, road, town, write_world

import geoclust as gc
from geoclust.errors import ConfigError, ParameterError
from geoclust.study.periods import TimeSection, Window
from geoclust.timeline.following import follow, pairs_by_ground
from geoclust.timeline.slicing import account_of, counts_in, slice_inputs

WINDOWS = ("2000-2004", "2005-2009", "2010-2014")
TIME = f"""
[time]
windows = {list(WINDOWS)}
"""


def patents(name, at, count, window):
    """Records of a town in one window; in each window others, as patents are."""
    first = int(WINDOWS[window][:4])
    table = town(f"{name}{window}", at, count, seed=window)
    return table.assign(year=[first + n % 5 for n in range(len(table))])


def history(*windows):
    """Towns of each window: name to (place, count)."""
    return [
        patents(name, at, count, number)
        for number, towns in enumerate(windows)
        for name, (at, count) in towns.items()
    ]


def way(name, start, end, window):
    first = int(WINDOWS[window][:4])
    return road(f"{name}{window}", start, end).assign(year=first)


WEST, EAST, NORTH, SOUTH = (0, 0), (40, 0), (0, 300), (40, 300)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    steady = {"steady": ((400, 0), 30)}
    first = steady | {"dies": ((0, 600), 20), "grows": ((400, 300), 12), "wa": (WEST, 20)}
    first |= {"wb": (EAST, 14), "na": (NORTH, 20), "nb": (SOUTH, 14), "back": ((400, 600), 20)}
    second = steady | {"grows": ((400, 300), 40), "born": ((700, 0), 20), "wa": (WEST, 20)}
    second |= {"wb": (EAST, 14), "na": (NORTH, 20), "nb": (SOUTH, 14)}
    third = second | {"back": ((400, 600), 20)}
    towns = history(first, second, third)
    towns += [way("join", WEST, EAST, 1), way("join", WEST, EAST, 2), way("link", NORTH, SOUTH, 0)]
    folder = tmp_path_factory.mktemp("history")
    path = write_world(folder, towns, settings=STUDY + TIME)
    return gc.run_timeline(path)


def steps(found, number):
    """Towns of the region before and after, to the fate, of one step."""
    sides = found.sides[number], found.sides[number + 1]

    def names(side, region):
        if not isinstance(region, str):
            return ""
        ids = side.records.index[side.records["region_id"] == region].str.split("-").str[0]
        return "+".join(sorted({one.rstrip("012") for one in ids} - {"join", "link"}))

    chosen = found.steps[found.steps["to_window"] == WINDOWS[number + 1]]
    return {
        (names(sides[0], row.region_a), names(sides[1], row.region_b)): row.fate
        for row in chosen.itertuples()
    }


def test_births_deaths_merges_and_splits_are_named(told):
    assert told.followed_by == "ground"
    assert steps(told, 0) == {
        ("steady", "steady"): "kept",
        ("grows", "grows"): "grown",
        ("dies", ""): "gone",
        ("back", ""): "gone",
        ("", "born"): "new",
        ("wa", "wa+wb"): "merged",
        ("wb", ""): "merged",
        ("na+nb", "na"): "split",
        ("", "nb"): "split",
    }
    assert steps(told, 1) == {
        ("steady", "steady"): "kept",
        ("grows", "grows"): "kept",
        ("born", "born"): "kept",
        ("wa+wb", "wa+wb"): "kept",
        ("na", "na"): "kept",
        ("nb", "nb"): "kept",
        ("", "back"): "returned",
    }


def test_tracks_follow_a_region_through_all_windows(told):
    tracks, table = told.tracks, told.table
    lived = tracks.groupby(["began", "ended"]).size().to_dict()
    assert lived == {
        ("first", "alive"): 5,  # steady, grows, wa, na, and back, which was away
        ("first", "gone"): 1,
        ("first", "merged"): 1,
        ("new", "alive"): 1,
        ("split", "alive"): 1,
    }
    merged = tracks[tracks["ended"] == "merged"]
    assert tracks.loc[merged["ended_into"].iloc[0], "ended"] == "alive"
    split = tracks[tracks["began"] == "split"]
    assert tracks.loc[split["began_from"].iloc[0], "windows"] == 3
    away = table[table["came"] == "returned"]["track"].iloc[0]
    assert table.loc[table["track"] == away, "window"].tolist() == [WINDOWS[0], WINDOWS[2]]
    assert len(table) == sum(len(side.regions) for side in told.sides)
    assert not table.duplicated(["window", "region_id"]).any()


def test_windows_are_accounted_for(told):
    windows = told.windows
    assert windows.index.tolist() == list(WINDOWS)
    assert windows["records"].tolist() == [len(side.records) for side in told.sides]
    assert windows["regions"].tolist() == [len(side.regions) for side in told.sides]
    assert windows["new"].tolist() == [0, 1, 0]
    assert windows["gone"].tolist() == [0, 2, 0]
    assert windows["returned"].tolist() == [0, 0, 1]
    assert any("absolute" in remark for remark in told.remarks)


def test_ranks_are_followed(told):
    ranked = told.table.dropna(subset=["rank"])
    assert len(ranked)
    for row in told.table.dropna(subset=["rank_shift"]).itertuples():
        before = told.table[told.table["track"] == row.track].set_index("window")["rank"]
        at = WINDOWS.index(row.window)
        assert row.rank_shift == before[WINDOWS[at - 1]] - row.rank


def test_a_window_is_the_study_of_its_records(told, tmp_path):
    """Nothing is approximated: a study of the window's records alone finds the same."""
    chosen = told.sides[1].records
    table = pd.read_csv(told.config.base / "firms.csv")
    path = write_world(tmp_path / "alone", [table[table["record_id"].isin(chosen.index)]])
    alone = gc.run_study(path)
    assert alone.clustering.region_of.reindex(chosen.index).equals(chosen["region_id"])
    side = told.sides[1].regions
    assert alone.classification.status.reindex(side.index).tolist() == side["status"].tolist()
    assert (
        alone.scores.table["rank"].reindex(side.index).astype("Int64").tolist()
        == side["rank"].tolist()
    )


def test_cumulative_windows_follow_records(tmp_path):
    towns = history(
        {"a": ((0, 0), 20)}, {"a": ((0, 0), 4), "b": ((200, 0), 20)}, {"a": ((0, 0), 9)}
    )
    settings = STUDY + TIME + 'cumulative = ["firm"]\n'
    found = gc.run_timeline(write_world(tmp_path, towns, settings=settings))
    assert found.followed_by == "records"
    assert found.windows["records"].tolist() == [20, 44, 53]
    assert found.windows["regions"].tolist() == [1, 2, 2]
    assert found.steps["fate"].tolist().count("gone") == 0
    assert found.tracks["windows"].tolist() == [3, 2]


def test_what_has_no_year_is_left_out_or_in_everywhere_and_told(tmp_path):
    towns = history({"a": ((0, 0), 20)}, {"a": ((0, 0), 20)}, {"a": ((0, 0), 20)})
    towns.append(town("old", (300, 0), 20).assign(year=pd.NA))
    towns.append(town("early", (0, 300), 5).assign(year=1990))
    path = write_world(tmp_path, towns, settings=STUDY + TIME)
    found = gc.run_timeline(path)
    assert found.windows["records"].tolist() == [20, 20, 20]
    assert any("20 of 85 records have no year (20 firms)" in one for one in found.remarks)
    assert any("5 records have a year that is in no window" in one for one in found.remarks)
    settings = STUDY + TIME + 'undated = "every_window"\n'
    everywhere = gc.run_timeline(write_world(tmp_path, towns, settings=settings))
    assert everywhere.windows["records"].tolist() == [40, 40, 40]
    assert everywhere.windows["regions"].tolist() == [2, 2, 2]


def test_an_empty_window_is_a_window(tmp_path):
    towns = history({"a": ((0, 0), 20)}, {}, {"a": ((0, 0), 20)})
    found = gc.run_timeline(write_world(tmp_path, towns, settings=STUDY + TIME))
    assert found.windows["regions"].tolist() == [1, 0, 1]
    assert found.steps["fate"].tolist() == ["gone", "returned"]
    assert found.tracks["windows"].tolist() == [2]


def test_ties_count_where_both_ends_do():
    firms = pd.DataFrame({"id": list("abc"), "lon": 0.1, "lat": 52.2, "year": [2001, 2006, pd.NA]})
    ties = pd.DataFrame(
        {"organisation_a": ["a", "a"], "organisation_b": ["b", "c"], "year": [2006, 2001]}
    )
    inputs = gc.read_inputs({"firms": firms, "ties": ties})
    sliced = slice_inputs(inputs, Window(2005, 2009), TimeSection())
    assert (list(sliced.records.index), len(sliced.ties)) == (["b"], 0)
    account = account_of(inputs, sliced, Window(2005, 2009), TimeSection())
    assert account["loose_ties"] == 1
    both = TimeSection(cumulative=("firm",))
    assert len(slice_inputs(inputs, Window(2005, 2009), both).ties) == 1
    assert counts_in(inputs.records, Window(2001, 2001), both).tolist() == [True, False, False]


def test_faults_of_windows_are_told_all_at_once():
    with pytest.raises(ConfigError) as caught:
        gc.StudyConfig.from_text('[time]\nwindows = ["2010-2004", "x", "2005"]\n')
    words = str(caught.value)
    assert "line 2, time.windows" in words
    assert "'2010-2004' ends before it begins" in words
    assert "'x' is no window" in words
    with pytest.raises(ConfigError, match="in the order of time"):
        gc.StudyConfig.from_text('[time]\nwindows = ["2010-2014", "2000-2004"]\n')
    with pytest.raises(ParameterError, match="no windows: give"):
        gc.run_timeline(gc.StudyConfig())
    with pytest.raises(ParameterError, match="ends before it begins"):
        gc.run_timeline(gc.StudyConfig(), windows=("2010-2004",))


def test_following_does_not_depend_on_the_order_of_anything(told):
    sides = list(told.sides)
    shuffled = [
        type(side)(
            name=side.name, kind=side.kind, regions=side.regions,
            records=side.records.sample(frac=1, random_state=3),
        )
        for side in sides
    ]  # fmt: skip
    one, two = (follow(each, pairs_by_ground) for each in (sides, shuffled))
    assert [track.regions for track in one[0]] == [track.regions for track in two[0]]
    for step, again in zip(one[1], two[1], strict=True):
        assert step.equals(again)
