"""Footprints: valid, complete, disjoint, and the same wherever on Earth they lie."""

import resource
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoclust.delineation import delineate, shapes
from geoclust.delineation.globe import GLOBE_M2, area_km2
from geoclust.errors import ParameterError, SchemaError
from geoclust.sphere import (
    coordinate_keys,
    from_plane,
    great_circle_km,
    key_coordinates,
    longitude_latitude,
    plane_frame,
    to_plane,
    unit_vectors,
)

SHARED = Path(__file__).parents[1].parent / "shared" / "data"
COLUMNS = ["geometry", "area_km2", "reach_area_km2", "label_longitude", "label_latitude"]
METHODS = ["reach", "concave_hull", "convex_hull"]
DISC = np.pi * 100
GROUP = np.array([[0, 0], [12, 1], [30, 9], [4, 14], [28, -20], [-6, 3]], dtype=float)
"""A group of places, km east and north of its middle."""


def world(rows):
    """Records and their regions from rows of longitude, latitude, region and perhaps weight."""
    table = pd.DataFrame(rows)
    index = pd.Index([f"r{i:04d}" for i in range(len(table))], name="record_id")
    records = pd.DataFrame(
        {
            "longitude": table[0].astype(float).to_numpy(),
            "latitude": table[1].astype(float).to_numpy(),
            "weight": table[3].to_numpy() if 3 in table else 1.0,
        },
        index=index,
    )
    return records, pd.Series(table[2].to_numpy(), index=index, dtype="str", name="region_id")


def moved(longitude, latitude, shape=GROUP):
    """The group moved to a place: coordinates on the 1e-7 degree grid."""
    vectors = from_plane(shape.T, plane_frame(longitude, latitude))
    return key_coordinates(coordinate_keys(*longitude_latitude(vectors)))


def at(longitude, latitude, region="a", shape=GROUP):
    lon, lat = moved(longitude, latitude, shape)
    return [(x, y, region) for x, y in zip(lon, lat, strict=True)]


def check(regions, records, region_of):
    """What every delineation must give; returns the largest overlap in square degrees."""
    assert isinstance(regions, gpd.GeoDataFrame)
    assert list(regions.columns) == COLUMNS
    assert regions.crs == "EPSG:4326"
    assert regions.index.name == "region_id"
    assert set(regions.index) == set(region_of.dropna())
    shapes = regions.geometry.to_numpy()
    assert regions.geometry.is_valid.all()
    assert not regions.geometry.is_empty.any()
    assert set(regions.geom_type) <= {"Polygon", "MultiPolygon"}
    if regions.empty:
        return 0.0
    west, south, east, north = regions.total_bounds
    assert west >= -180
    assert east <= 180
    assert south >= -90
    assert north <= 90
    members = records.loc[region_of.dropna().index]
    own = regions.geometry.loc[region_of.dropna()].to_numpy()
    assert shapely.covers(own, shapely.points(members["longitude"], members["latitude"])).all()
    labels = regions[["label_longitude", "label_latitude"]].to_numpy()
    assert shapely.contains_xy(shapes, *labels.T).all()
    assert np.isfinite(regions[COLUMNS[1:]].to_numpy()).all()
    assert (regions["area_km2"] > 0).all()
    grid = shapely.get_coordinates(shapes) * 1e7
    assert np.abs(grid - grid.round()).max() < 1e-3
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    return shapely.area(shapely.intersection(shapes[a[a < b]], shapes[b[a < b]])).max(initial=0)


PLACES = [(0, 0), (10, 50), (180, -16.5), (-179.95, 60), (0, 90), (77, -90), (40, 89.9), (0, -89.8)]


@pytest.mark.parametrize("place", PLACES)
def test_one_place_has_the_area_of_its_disc_everywhere(place):
    records, region_of = world([(*place, "a")])
    regions = delineate(records, region_of)
    check(regions, records, region_of)
    assert regions["area_km2"].iloc[0] == pytest.approx(DISC, rel=1e-4)
    assert regions["reach_area_km2"].iloc[0] == regions["area_km2"].iloc[0]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("method", METHODS)
def test_a_group_is_one_region_with_the_area_it_has_inland(place, method):
    records, region_of = world(at(*place))
    regions = delineate(records, region_of, method=method)
    check(regions, records, region_of)
    inland, inland_of = world(at(20, place[1] if abs(place[1]) < 85 else 60))
    expected = delineate(inland, inland_of, method=method)["area_km2"].iloc[0]
    # the same kilometres on the sphere are up to 0.5 % more ground at a pole than at 60 degrees
    tolerance = 0.005 if method == "reach" or abs(place[1]) < 85 else 0.006
    assert regions["area_km2"].iloc[0] == pytest.approx(expected, rel=tolerance)


def test_fiji_is_split_at_the_antimeridian_and_no_wider_than_it_is():
    records, region_of = world(at(180, -17.5))
    shape = delineate(records, region_of).geometry.iloc[0]
    assert shape.geom_type == "MultiPolygon"
    assert len(shape.geoms) == 2
    west, east = sorted(shape.geoms, key=lambda part: part.bounds[0])
    assert west.bounds[0] == -180
    assert west.bounds[2] < -179
    assert east.bounds[2] == 180
    assert east.bounds[0] > 179


def test_a_member_on_the_meridian_is_covered_on_both_sides():
    records, region_of = world([(180, 10, "a"), (-180, 10, "a")])
    regions = delineate(records, region_of)
    check(regions, records, region_of)
    assert regions["area_km2"].iloc[0] == pytest.approx(DISC, rel=1e-4)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "rows",
    [
        [(5, 50, "a")],
        [(5, 50, "a"), (5, 50, "a"), (5, 50, "a")],
        [(5, 50, "a"), (5.3, 50.1, "a")],
        [(5, 50, "a"), (5.1, 50, "a"), (5.2, 50, "a"), (5.4, 50, "a")],
        [(5, 50, "a"), (5.0000001, 50, "a")],
        [(5, 50, "a"), (5.000001, 50, "a"), (5, 50.000001, "a")],
    ],
    ids=["one", "identical", "two", "collinear", "a centimetre", "a metre"],
)
def test_degenerate_groups_have_areas(method, rows):
    records, region_of = world(rows)
    regions = delineate(records, region_of, method=method)
    assert check(regions, records, region_of) == 0
    least = DISC if method == "reach" else np.pi * 25
    assert regions["area_km2"].iloc[0] >= least * 0.9999


def test_reach_is_the_union_of_geodesic_discs_and_the_closing_only_adds():
    gap = np.array([[0, 0], [24, 0], [100, 0]], dtype=float)
    records, region_of = world(at(7, 47, shape=gap))
    shape = delineate(records, region_of).geometry.iloc[0]
    assert len(shape.geoms) == 2  # 24 km apart: closed; 76 km: apart
    from geoclust.delineation.shapes import disc_corners

    lon, lat = moved(7, 47, gap)
    corners = disc_corners(lon, lat, 10.0)
    rims = longitude_latitude(corners.reshape(3, -1))
    away = great_circle_km(np.repeat(lon, 64), np.repeat(lat, 64), *rims)
    assert away == pytest.approx(10.0, rel=0.005)
    assert shapely.distance(shape, shapely.points(np.column_stack(rims))).max() < 1e-6
    assert area_km2(shape) > 3 * DISC
    assert area_km2(shape) < 3 * DISC + 24 * 20 - DISC


def test_closing_leaves_a_convex_footprint_as_it_is():
    near, near_of = world([(5, 50, "a"), (5.000001, 50, "a")])
    assert delineate(near, near_of)["area_km2"].iloc[0] == pytest.approx(DISC, rel=2e-5)


def test_hulls_hold_the_discs_of_their_margin_and_the_convex_holds_the_concave():
    records, region_of = world(at(7, 47))
    concave, convex = (
        delineate(records, region_of, method=method, margin_km=3).geometry.iloc[0]
        for method in ("concave_hull", "convex_hull")
    )
    assert concave.difference(convex).area < 1e-5 * convex.area
    whole = delineate(records, region_of, method="concave_hull", ratio=1.0, margin_km=3)
    assert whole["area_km2"].iloc[0] == pytest.approx(area_km2(convex), rel=1e-4)
    wider = delineate(records, region_of, method="convex_hull", margin_km=6)
    assert wider["area_km2"].iloc[0] > area_km2(convex)


def test_disputed_ground_goes_to_the_nearest_member():
    records, region_of = world([(0, 50, "a"), (0.1, 50, "b"), (0.22, 50.03, "b"), (3, 50, "c")])
    apart = delineate(records, region_of)
    assert check(apart, records, region_of) < 1e-8
    whole = delineate(records, region_of, disjoint=False)
    assert check(whole, records, region_of) > 1e-3
    joint = shapely.union_all(whole.geometry.to_numpy())
    assert shapely.union_all(apart.geometry.to_numpy()).symmetric_difference(joint).area < 1e-6
    assert apart.loc["c"].geometry.equals(whole.loc["c"].geometry)
    assert (apart["reach_area_km2"] == whole["reach_area_km2"]).all()
    assert apart["area_km2"].sum() < whole["area_km2"].sum()
    rng = np.random.default_rng(1)
    longitude, latitude = rng.uniform(-0.1, 0.3, 2000), rng.uniform(49.9, 50.1, 2000)
    away = great_circle_km(
        longitude[:, None], latitude[:, None], records["longitude"], records["latitude"]
    )
    nearest = region_of.to_numpy()[away.argmin(axis=1)]
    gap = np.abs(away[:, 0] - away[:, 1:3].min(axis=1))
    for name in ("a", "b"):
        inside = shapely.contains_xy(apart.geometry[name], longitude, latitude)
        assert inside.any()
        assert (nearest[inside & (gap > 0.05)] == name).all()


def test_a_location_that_regions_share_is_divided_between_them():
    records, region_of = world([(5, 50, name) for name in "abcde"] + [(5.05, 50, "a")])
    regions = delineate(records, region_of)
    assert check(regions, records, region_of) < 1e-8
    for name in "bcde":
        assert regions["area_km2"][name] > 4
    shares = [delineate(*world([(5, 50, n) for n in "ab"]))["area_km2"]]
    assert shares[0].to_numpy() == pytest.approx([DISC / 2] * 2, rel=1e-3)


@pytest.mark.parametrize("pole", [90, -90])
def test_a_border_through_a_pole(pole):
    near = pole - np.sign(pole) * 0.05
    records, region_of = world([(0, near, "a"), (180, near, "b"), (90, near, "c")])
    regions = delineate(records, region_of)
    assert check(regions, records, region_of) < 1e-4  # degrees shrink to nothing at a pole
    joint, joint_of = world([(0, near, "a"), (180, near, "a"), (90, near, "a")])
    whole = delineate(records, region_of, disjoint=False)
    assert regions["area_km2"].sum() < whole["area_km2"].sum()
    assert regions["area_km2"].sum() <= delineate(joint, joint_of)["area_km2"].sum() + 0.01


def test_overlaps_across_the_antimeridian_are_divided():
    records, region_of = world([(179.98, -16, "a"), (-179.98, -16, "b")])
    regions = delineate(records, region_of)
    assert check(regions, records, region_of) < 1e-9
    inland = delineate(*world([(9.98, -16, "a"), (10.02, -16, "b")]))
    assert regions["area_km2"].to_numpy() == pytest.approx(inland["area_km2"].to_numpy(), rel=1e-4)


def test_an_enclave_keeps_its_ground():
    ring = np.array([[6 * np.cos(t), 6 * np.sin(t)] for t in np.arange(12) * np.pi / 6])
    records, region_of = world(at(30, 40, "ring", ring) + at(30, 40, "core", ring[:1] * 0))
    regions = delineate(records, region_of)
    assert check(regions, records, region_of) < 1e-9
    assert len(regions.geometry["ring"].interiors) == 1
    assert regions["area_km2"]["core"] == pytest.approx(np.pi * 9, rel=0.1)


def test_noise_is_left_out_and_no_region_is_a_stated_result():
    records, region_of = world([(0, 50, "a"), (1, 50, None)])
    assert list(delineate(records, region_of).index) == ["a"]
    nothing = delineate(records, region_of.where(region_of == "nobody"))
    check(nothing, records, region_of.where(region_of == "nobody"))
    assert len(nothing) == 0
    assert len(delineate(records.iloc[:0], region_of.iloc[:0])) == 0


def test_order_is_heaviest_first_then_by_id():
    rows = [(0, 50, "b", 1.0), (3, 50, "a", 1.0), (6, 50, "c", 2.0), (9, 50, "d", 0.5)]
    records, region_of = world(rows)
    assert list(delineate(records, region_of).index) == ["c", "a", "b", "d"]
    assert list(delineate(records.drop(columns="weight"), region_of).index) == list("abcd")


def test_the_callers_frames_are_left_alone():
    records, region_of = world(at(0, 0) + at(0.1, 0, "b"))
    before = pd.util.hash_pandas_object(records).sum(), region_of.copy()
    delineate(records, region_of)
    assert pd.util.hash_pandas_object(records).sum() == before[0]
    pd.testing.assert_series_equal(region_of, before[1])


def test_faults_are_named():
    records, region_of = world([(0, 50, "a")])
    for fault in ({"method": "alpha"}, {"reach_km": 0.0}, {"reach_km": np.nan}, {"ratio": 1.5}):
        with pytest.raises(ParameterError, match=next(iter(fault))):
            delineate(records, region_of, **fault)
    with pytest.raises(ParameterError, match="margin_km is -1"):
        delineate(records, region_of, margin_km=-1.0)
    with pytest.raises(SchemaError, match="'x'"):
        delineate(records, pd.Series({"x": "a"}))
    with pytest.raises(SchemaError, match="longitude"):
        delineate(records.drop(columns="longitude"), region_of)


@pytest.mark.parametrize("method", METHODS)
def test_rows_in_any_order_give_the_same_bytes(method):
    rng = np.random.default_rng(5)
    rows = [
        (x, y, "abcdef"[i % 6]) for i, (x, y) in enumerate(rng.normal([180, -17], 0.3, (80, 2)))
    ]
    rows = [((x + 180) % 360 - 180, y, name) for x, y, name in rows]
    records, region_of = world(rows)
    once = delineate(records, region_of, method=method)
    check(once, records, region_of)
    for seed in range(3):
        shuffled = records.sample(frac=1, random_state=seed)
        again = delineate(shuffled, region_of.sample(frac=1, random_state=seed + 9), method=method)
        assert once.to_wkb().equals(again.to_wkb())


@pytest.mark.parametrize("method", METHODS)
def test_regions_round_the_globe_are_valid(method):
    rng = np.random.default_rng(3)
    lon, sine = rng.uniform(-180, 180, 60), rng.uniform(-1, 1, 60)
    rows = list(zip(lon, np.degrees(np.arcsin(sine)), ["wide"] * 60, strict=True))
    records, region_of = world(rows)
    for disjoint in (True, False):
        regions = delineate(records, region_of, method=method, disjoint=disjoint)
        check(regions, records, region_of)
        assert 60 * np.pi * 25 * 0.99 < regions["area_km2"].iloc[0] < GLOBE_M2 / 1e6
    assert regions["reach_area_km2"].iloc[0] == pytest.approx(60 * DISC, rel=1e-3)


def test_a_ring_round_a_pole_has_a_hole_at_the_pole():
    records, region_of = world([(x, 89.3, "a") for x in range(-180, 180, 9)])
    regions = delineate(records, region_of)
    check(regions, records, region_of)
    assert regions.total_bounds[3] < 89.5
    assert regions["area_km2"].iloc[0] < 10_000


coordinate = st.tuples(
    st.integers(-3_000_000, 3_000_000), st.integers(-3_000_000, 3_000_000), st.sampled_from("abcd")
)


@settings(deadline=None, max_examples=30)
@given(
    rows=st.lists(coordinate, min_size=1, max_size=14),
    middle=st.sampled_from([(0, 0), (180, 65), (-180, -17), (12, 48), (0, 89.7), (5, -89.7)]),
    method=st.sampled_from(METHODS),
)
def test_any_partition_is_delineated(rows, middle, method):
    placed = [
        ((middle[0] + x / 1e7 + 180) % 360 - 180, middle[1] + y / 1e7, name) for x, y, name in rows
    ]
    records, region_of = world(placed)
    records[["longitude", "latitude"]] = records[["longitude", "latitude"]].round(7)
    regions = delineate(records, region_of, method=method)
    overlap = check(regions, records, region_of)
    assert overlap < (1e-7 if abs(middle[1]) < 85 else 1e-2)


def test_the_plane_keeps_areas_and_comes_back():
    frame = plane_frame(-70.0, 65.0)
    rng = np.random.default_rng(0)
    vectors = unit_vectors(rng.uniform(-180, 180, 500), rng.uniform(-90, 90, 500))
    assert np.abs(from_plane(to_plane(vectors, frame), frame) - vectors).max() < 1e-7
    cap = from_plane(500 * np.array([np.cos(np.arange(400)), np.sin(np.arange(400))]), frame)
    height = 1 - (cap * frame[2][:, None]).sum(axis=0)
    assert 2 * np.pi * 6371.0088**2 * height == pytest.approx(np.pi * 500**2, rel=1e-12)


@pytest.mark.shared
@pytest.mark.slow
def test_ten_thousand_real_locations():
    path = SHARED / "ror_labs.csv.gz"
    if not path.exists():
        pytest.skip("needs the shared data")
    labs = pd.read_csv(path, keep_default_na=False)
    records = pd.DataFrame(
        {"longitude": labs["lng"].astype(float), "latitude": labs["lat"].astype(float)}
    ).round(7)
    grid = (records // 3).astype(int).astype(str)
    region_of = grid["longitude"] + "_" + grid["latitude"]
    regions = delineate(records, region_of)
    assert check(regions, records, region_of) < 1e-7
    assert len(regions) > 1000


def test_regions_mixed_at_random_in_shared_places_keep_all_their_members():
    rng = np.random.default_rng(2)
    places = np.round(rng.normal([-1, 52], [3, 1.5], (60, 2)), 5)
    rows = [
        (*places[i], name) for i, name in zip(rng.integers(0, 60, 240), "abcde" * 48, strict=True)
    ]
    records, region_of = world(rows)
    regions = delineate(records, region_of)
    assert check(regions, records, region_of) < 1e-7
    whole = delineate(records, region_of, disjoint=False)
    joint = shapely.union_all(whole.geometry.to_numpy())
    assert shapely.union_all(regions.geometry.to_numpy()).symmetric_difference(joint).area < 1e-4


def test_cutting_edges_fills_no_hole():
    from geoclust.delineation.globe import even_edges

    ring = shapely.Point(0, 0).buffer(20).difference(shapely.Point(0, 0).buffer(3))
    cut = even_edges(ring, 0.5)
    assert cut.area == pytest.approx(ring.area, rel=1e-12)
    assert len(cut.geoms[0].interiors) == 1
    corners = shapely.get_coordinates(cut.geoms[0].exterior)
    assert np.hypot(*np.diff(corners, axis=0).T).max() < 0.51


@pytest.mark.parametrize("seed", range(12))
def test_parts_without_listing_pairs_are_those_of_all_pairs(seed, monkeypatch):
    rng = np.random.default_rng(seed)
    spread = 10 ** rng.uniform(-2, 1)
    middle = [(0, 0), (180, 0), (20, 89.9), (-70, -30)][seed % 4]
    size = int(rng.integers(2, 400 if seed % 2 else shapes._HANDFUL))
    longitude = middle[0] + rng.normal(0, spread, size)
    latitude = np.clip(middle[1] + rng.normal(0, spread, size), -90, 90)
    vectors = unit_vectors((longitude + 180) % 360 - 180, latitude)
    for link_km in (1.0, 30.0, 300.0):
        few = shapes._parts(vectors, link_km)
        monkeypatch.setattr(shapes, "_HANDFUL", 0)
        plain = shapes._parts(vectors, link_km)
        monkeypatch.setattr(shapes, "MOST_PAIRS", 0)
        cells = shapes._parts(vectors, link_km)
        monkeypatch.undo()
        assert [part.tolist() for part in plain] == [part.tolist() for part in cells]
        assert [part.tolist() for part in plain] == [part.tolist() for part in few]


def test_a_dense_city_is_parted_in_little_memory():
    rng = np.random.default_rng(0)
    vectors = unit_vectors(rng.normal(0, 0.2, 60_000), rng.normal(50, 0.15, 60_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    parts = shapes._parts(vectors, 30.0)
    assert sum(map(len, parts)) == 60_000
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 200
