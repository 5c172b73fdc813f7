"""Comparisons: known histories are told right, both ways; nothing changes where nothing does."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import road, town, towns_in, write_world

import geoclust as gc
from geoclust.comparison import FATES, Side
from geoclust.comparison.agreement import adjusted_rand_weighted, partition_agreement
from geoclust.comparison.fates import MIRRORED
from geoclust.comparison.opening import renamed
from geoclust.errors import InputError, ParameterError
from geoclust.schema import WEIGHT_UNIT
from geoclust.study.agreement import adjusted_rand

WEST, EAST, NORTH, SOUTH, FAR = (0, 0), (60, 0), (0, 200), (60, 200), (300, 0)


def told(found):
    """Fate by the towns of A and of B, such as {("paris", "paris+lyon"): "merged"}."""
    inside = [towns_in(side.records["region_id"]) for side in (found.a, found.b)]

    def word(region, towns):
        return (
            "+".join(sorted(towns[region] - {"road", "trail"})) if isinstance(region, str) else ""
        )

    ends = zip(found.fates["region_a"], found.fates["region_b"], strict=True)
    return {
        (word(a, inside[0]), word(b, inside[1])): fate
        for (a, b), fate in zip(ends, found.fates["fate"], strict=True)
    }


@pytest.fixture
def worlds(tmp_path):
    def make(a, b):
        paths = [write_world(tmp_path / end, towns) for end, towns in (("a", a), ("b", b))]
        return gc.compare_studies(*paths)

    return make


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2, 3))])
def test_every_fate_is_named(worlds, seed):
    def at(name, place, count):
        return town(name, place, count, seed=seed)

    alike = [at("kept", (500, 500), 30)]
    before = [
        at("grown", (500, 0), 20),
        at("shrunk", (600, 0), 30),
        at("merga", WEST, 20),
        at("mergb", EAST, 14),
        at("splita", NORTH, 20),
        at("splitb", SOUTH, 14),
        road("road", NORTH, SOUTH),
        at("gone", FAR, 20),
    ]
    after = [
        at("grown", (500, 0), 40),
        at("shrunk", (600, 0), 15),
        at("merga", WEST, 20),
        at("mergb", EAST, 14),
        road("trail", WEST, EAST),
        at("splita", NORTH, 20),
        at("splitb", SOUTH, 14),
        at("new", (300, 300), 20),
    ]
    found = worlds(alike + before, alike + after)
    # roads end in towns, so the ends of a road that is no more are only in A
    assert told(found) == {
        ("kept", "kept"): "kept",
        ("grown", "grown"): "grown",
        ("shrunk", "shrunk"): "shrunk",
        ("merga", "merga+mergb"): "merged",
        ("mergb", ""): "merged",
        ("splita+splitb", "splita"): "split",
        ("", "splitb"): "split",
        ("gone", ""): "gone",
        ("", "new"): "new",
    }
    assert found.changed
    row = found.fates.set_index("region_a")
    into = dict(zip(found.fates["region_a"], found.fates["also_into"], strict=True))
    merged = found.fates[(found.fates["fate"] == "merged") & found.fates["region_b"].isna()]
    whole = found.fates[(found.fates["fate"] == "merged") & found.fates["region_b"].notna()]
    assert into[merged["region_a"].iloc[0]] == whole["region_b"].iloc[0]
    assert row["weight_a"].notna().sum() == len(found.a.regions)


def test_a_reshuffle_is_called_one(worlds):
    one, two, three = town("one", (0, 0), 20), town("two", (60, 0), 16), town("three", (120, 0), 10)
    a = [one, two, road("road", (0, 0), (60, 0)), three]
    b = [one, two, road("trail", (60, 0), (120, 0)), three]
    assert told(worlds(a, b)) == {
        ("one+two", "one"): "reshuffled",
        ("three", "three+two"): "reshuffled",
    }


def test_a_study_compared_with_itself_shows_no_change(tmp_path):
    world = [town("a", (0, 0), 30), town("b", (200, 0), 20), town("c", (0, 300), 9)]
    study = gc.run_study(write_world(tmp_path / "world", world))
    results = gc.write_study(study, tmp_path / "results")
    for other in (study, results, tmp_path / "world" / "study.toml"):
        found = gc.compare_studies(study, other)
        assert not found.changed
        assert found.fate_counts == {fate: 3 * (fate == "kept") for fate in FATES}
        assert found.moves.empty
        assert (found.fates["jaccard_members"] == 1).all()
        assert (found.fates["jaccard_footprints"] == 1).all()
        assert (found.fates["rank_shift"].dropna() == 0).all()
        assert found.agreement["adjusted_rand"] == found.agreement["adjusted_rand_weighted"] == 1
        assert found.agreement["weight_stayed_share"] == 1
        off = found.statuses.to_numpy().copy()
        np.fill_diagonal(off, 0)
        assert not off.any()


def test_what_moved_is_listed_with_how(worlds):
    a = [town("one", (0, 0), 20), town("two", (200, 0), 20), town("lost", (0, 200), 8)]
    b = [town("one", (0, 0), 20), town("two", (200, 0), 26), town("lost", (0, 200), 8)]
    moved = b[0].copy()
    moved.loc[0, "longitude"] = float(b[1]["longitude"].iloc[0])  # one record changes towns
    far = b[2].copy()
    far["longitude"] = far["longitude"] + np.arange(8)  # a town is strewn to the winds
    found = worlds(a, [moved, b[1], far])
    how = found.moves["how"]
    assert how["one-000"] == "moved"
    assert how.reindex([f"lost-{n:03d}" for n in range(8)]).eq("left").all()
    assert how.reindex([f"two-{n:03d}" for n in range(20, 26)]).eq("only in B").all()
    assert found.agreement["records_elsewhere"] == 8  # the first of the lost stays in place
    assert len(found.moves) == 1 + 8 + 6


def test_weights_are_shares_of_all_there_is(worlds):
    found = worlds(
        [town("one", (0, 0), 20), town("two", (60, 0), 14)],
        [town("one", (0, 0), 25), town("two", (60, 0), 14), road("road", (0, 0), (60, 0))],
    )
    for end in "ab":
        flows = found.fates[[f"{end}_{way}" for way in ("same", "others", "none", "absent")]]
        known = flows.dropna()
        assert len(known) == len(getattr(found, end).regions)
        assert np.allclose(known.sum(axis=1), 1)


# -- random partitions --------------------------------------------------------------------------


def side_of(labels, units, name="x"):
    """A side with these regions; footprints do not matter and are all the same square."""
    import geopandas as gpd
    import shapely

    ids = pd.Index([f"r{n:03d}" for n in range(len(labels))], name="record_id")
    region = pd.Series([f"{label}" if label else None for label in labels], ids, dtype="str")
    records = pd.DataFrame(
        {"kind": "firm", "name": ids, "longitude": 0.0, "latitude": 0.0, "country": "FR"}, ids
    ).assign(units=np.asarray(units, dtype=np.int64) * WEIGHT_UNIT, region_id=region)
    weight = records.groupby("region_id")["units"].sum() / WEIGHT_UNIT
    regions = gpd.GeoDataFrame(
        {
            "name": weight.index,
            "country": "FR",
            "longitude": 0.0,
            "latitude": 0.0,
            "weight": weight,
            "record_count": records.groupby("region_id").size(),
            "status": "none",
            "rank": pd.array([pd.NA] * len(weight), dtype="Int64"),
        },
        geometry=[shapely.box(0, 0, 1, 1)] * len(weight),
        index=pd.Index(weight.index.astype("str"), name="region_id"),
        crs=4326,
    )
    return Side(name=name, kind="study", records=records, regions=regions)


partitions = st.integers(1, 40).flatmap(
    lambda n: st.tuples(
        st.lists(st.sampled_from(["", "p", "q", "r", "s"]), min_size=n, max_size=n),
        st.lists(st.sampled_from(["", "p", "q", "t", "u"]), min_size=n, max_size=n),
        st.lists(st.integers(1, 5), min_size=n, max_size=n),
    )
)


def compared(a, b):
    from geoclust.comparison import comparing

    original = comparing.open_sides
    comparing.open_sides = lambda *_args, **_options: (a, b)
    try:
        return gc.compare_studies(a, b, names=(a.name, b.name))
    finally:
        comparing.open_sides = original


@settings(max_examples=10)
@given(partitions)
def test_what_is_seen_from_a_to_b_is_mirrored_from_b_to_a(drawn):
    labels_a, labels_b, units = drawn
    a, b = side_of(labels_a, units, "a"), side_of(labels_b, units, "b")
    there, back = compared(a, b), compared(b, a)
    seen = there.fates[["region_a", "region_b", "fate"]].fillna("")
    mirrored = back.fates[["region_b", "region_a", "fate"]].fillna("")
    assert sorted(map(tuple, seen.to_numpy())) == sorted(
        (one, two, MIRRORED.get(fate, fate)) for one, two, fate in mirrored.to_numpy()
    )
    for name in ("adjusted_rand", "adjusted_rand_weighted", "weight_stayed_share"):
        assert there.agreement[name] == pytest.approx(back.agreement[name], abs=1e-12)
    assert there.statuses.equals(back.statuses.T.rename_axis(index="status_a", columns="status_b"))
    regions = [*there.fates["region_a"].dropna()], [*there.fates["region_b"].dropna()]
    assert sorted(regions[0]) == sorted(a.regions.index)
    assert sorted(regions[1]) == sorted(b.regions.index)


@settings(max_examples=15)
@given(partitions)
def test_the_definitions_of_fates_hold_by_brute_force(drawn):
    labels_a, labels_b, units = drawn
    found = compared(side_of(labels_a, units), side_of(labels_b, units))
    weight = np.array(units)
    a, b = np.array(labels_a), np.array(labels_b)
    linked = {
        (one, two)
        for one in set(labels_a) - {""}
        for two in set(labels_b) - {""}
        if 2 * weight[(a == one) & (b == two)].sum()
        > min(weight[a == one].sum(), weight[b == two].sum())
    }
    assert linked == set(
        found.pairs.loc[found.pairs["linked"], ["region_a", "region_b"]].itertuples(
            index=False, name=None
        )
    )
    for row in found.fates.itertuples():
        into = {two for one, two in linked if one == row.region_a}
        from_ = {one for one, two in linked if two == row.region_b}
        alone = len(into) <= 1 and len(from_) <= 1
        if row.fate in {"kept", "grown", "shrunk"}:
            assert into == {row.region_b}
            assert from_ == {row.region_a}
        elif row.fate == "gone":
            assert not into
        elif row.fate == "new":
            assert not from_
        elif isinstance(row.region_a, str) and isinstance(row.region_b, str):
            assert not alone
            assert (len(into) > 1) == (
                row.fate in {"split", "reshuffled"}
            ) or row.fate == "reshuffled"


@settings(max_examples=40)
@given(partitions)
def test_weighted_agreement_is_that_of_its_definition(drawn):
    labels_a, labels_b, units = drawn
    one, two = (pd.factorize(pd.Series(x).replace({"": None}))[0] for x in (labels_a, labels_b))
    same = partition_agreement(
        pd.Series(labels_a).replace({"": None}),
        pd.Series(labels_b).replace({"": None}),
        np.array(units),
    )
    assert same["adjusted_rand"] == adjusted_rand(one, two)
    ones = np.full(len(one), 7)
    assert adjusted_rand_weighted(one, two, ones) == pytest.approx(
        adjusted_rand(one, two), abs=1e-12
    )

    def pairs(group):
        return sum(units[i] * units[j] for i in range(len(units)) for j in range(i) if group(i, j))

    in_one = pairs(lambda i, j: one[i] == one[j] >= 0)
    in_two = pairs(lambda i, j: two[i] == two[j] >= 0)
    in_both = pairs(lambda i, j: one[i] == one[j] >= 0 and two[i] == two[j] >= 0)
    chance = in_one * in_two / max(pairs(lambda *_: True), 1)
    most = (in_one + in_two) / 2
    expected = 1.0 if most == chance else (in_both - chance) / (most - chance)
    assert same["adjusted_rand_weighted"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.slow
@settings(max_examples=400)
@given(partitions)
def test_mirrors_and_definitions_on_many_partitions(drawn):
    test_what_is_seen_from_a_to_b_is_mirrored_from_b_to_a.hypothesis.inner_test(drawn)
    test_the_definitions_of_fates_hold_by_brute_force.hypothesis.inner_test(drawn)


# -- what cannot be compared, and names ------------------------------------------------------------


def test_nothing_in_common_is_refused_with_what_to_do(tmp_path):
    world = [town("one", (0, 0), 20)]
    other = [town("one", (0, 0), 20).assign(record_id=lambda t: "x" + t["record_id"])]
    paths = [write_world(tmp_path / end, towns) for end, towns in (("a", world), ("b", other))]
    with pytest.raises(ParameterError, match=r"no record_id is in both .* name_and_place"):
        gc.compare_studies(*paths)
    found = gc.compare_studies(*paths, match="name_and_place")
    assert found.agreement["records_common"] == 20
    assert found.fate_counts["kept"] == 1


def test_what_cannot_be_told_apart_is_counted_and_not_guessed(tmp_path):
    world = [town("one", (0, 0), 20)]
    twins = pd.concat([world[0], world[0].iloc[:2].assign(record_id=["t1", "t2"])])
    other = twins.assign(record_id="x" + twins["record_id"])
    paths = [write_world(tmp_path / end, [t]) for end, t in (("a", world[0]), ("b", other))]
    agreement = gc.compare_studies(*paths, match="name_and_place").agreement
    assert agreement["records_common"] == 18
    assert agreement["records_ambiguous"] == 6  # two of A, four of B
    assert (agreement["records_only_a"], agreement["records_only_b"]) == (2, 4)


@pytest.mark.parametrize(
    ("options", "words"),
    [({"min_shared": 0.4}, "0.5 to less than 1"), ({"tolerance": 1}, "0 to less than 1"),
     ({"match": "name"}, "record_id")],
)  # fmt: skip
def test_numbers_out_of_range_are_refused(options, words):
    side = "unread"
    with pytest.raises(ParameterError, match=words):
        gc.compare_studies(side, side, **options)


def test_a_path_that_is_not_there_says_what_was_wanted(tmp_path):
    with pytest.raises(InputError, match="wanted a study file, a folder of tables"):
        gc.compare_studies(tmp_path / "none.toml", tmp_path)


def test_sides_of_one_name_are_told_apart(tmp_path):
    one = side_of(["p"] * 3, [1] * 3)
    paths = tmp_path / "first" / "study.toml", tmp_path / "second" / "study.toml"
    assert [side.name for side in renamed((one, one), paths, None)] == ["x (first)", "x (second)"]
    assert [side.name for side in renamed((one, one), (one, one), None)] == ["x (A)", "x (B)"]
    assert [side.name for side in renamed((one, one), paths, ("m", "n"))] == ["m", "n"]


def test_a_comparison_tells_its_story_in_a_line_and_in_a_notebook(worlds):
    found = worlds([town("one", (0, 0), 20)], [town("one", (0, 0), 40)])
    assert "1 grown" in repr(found)
    text = found._repr_html_()
    assert "grown" in text
    assert "<script" not in text
