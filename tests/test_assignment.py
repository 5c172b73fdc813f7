"""Given polygons: each record is in exactly the polygon that covers it, whatever the polygons."""

import itertools
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import geoclust as gc
from geoclust.assignment import Partition, bound_by, check_polygons, join_within, split_along
from geoclust.assignment.covering import cover, smallest_first
from geoclust.assignment.polygons import slug
from geoclust.clustering import build_hierarchy, extract_regions
from geoclust.delineation import delineate, delineate_given
from geoclust.errors import InputError
from geoclust.records import read_boundaries


def table(*shapes, **columns):
    """Features as the door hands them on."""
    frame = pd.DataFrame({name: pd.Series(v, dtype="str") for name, v in columns.items()})
    return frame.reindex(range(len(shapes))).assign(geometry=pd.Series(shapes, dtype=object))


def records_at(*pairs, weight=1.0, country="GB"):
    rows = pd.DataFrame(list(pairs), columns=["longitude", "latitude"], dtype="float64")
    rows.index = pd.Index([f"r{at}" for at in range(len(rows))], dtype="str", name="record_id")
    return rows.assign(kind="firm", weight=weight, country=country)


def blank(records):
    nothing = pd.Series(np.nan, index=records.index, dtype="str")
    columns = {"name": pd.Series(dtype="str"), "persistence": 0.0, "birth_km": 0.0}
    regions = pd.DataFrame(columns, index=pd.Index([], dtype="str", name="region_id"))
    return Partition(nothing, pd.Series(0.0, index=records.index), nothing, regions)


def homes(records, *shapes, ids=None, **how):
    ids = ids or [chr(97 + at) for at in range(len(shapes))]
    polygons = check_polygons(table(*shapes, region_id=ids, name=ids), file="x", **how)
    found = bound_by(records, blank(records), polygons)
    return [one if isinstance(one, str) else None for one in found.partition.region_of], found


def test_boundary_points_gaps_holes_and_parts():
    ring = shapely.box(0, 0, 4, 4).difference(shapely.box(1, 1, 3, 3))
    parts = shapely.MultiPolygon([shapely.box(6, 0, 7, 1), shapely.box(8, 0, 9, 1)])
    records = records_at(
        (0.5, 0.5), (2, 2), (1, 2), (0, 0), (5, 0.5), (6.5, 1), (8.5, 0.5), (7.5, 0.5)
    )
    assert homes(records, ring, parts)[0] == ["a", None, "a", "a", None, "b", "b", None]


def test_a_shared_border_goes_to_the_smaller_then_to_the_lesser_id():
    records = records_at((1, 0.5), (2, 0.5))
    squares = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(2, 0, 5, 1)
    assert homes(records, *squares, ids=["z", "a", "m"])[0] == ["a", "a"]
    assert homes(records, *squares[::-1], ids=["m", "a", "z"])[0] == ["a", "a"]


def test_overlaps_are_the_smaller_ones_and_told():
    records = records_at((0.5, 0.5), (3, 3))
    found, bounded = homes(records, shapely.box(0, 0, 4, 4), shapely.box(0, 0, 1, 1))
    assert found == ["b", "a"]
    assert any("polygons overlap: 1 records" in text for text in bounded.remarks)
    ground = bounded.partition.footprints
    assert ground["a"].intersection(ground["b"]).area == 0
    assert ground["a"].area == pytest.approx(15)
    assert "shares" in bounded.account.set_index("region_id").at["a", "note"]


def test_a_polygon_under_a_smaller_one_has_no_ground_and_is_no_region():
    found, bounded = homes(
        records_at((0.5, 0.5)), shapely.box(0, 0, 1, 1), shapely.box(0, 0, 1, 1), ids=["a", "b"]
    )
    assert found == ["a"]
    note = bounded.account.set_index("region_id").at["b", "note"]
    assert "all its ground" in note
    assert "no region" in note


def test_the_antimeridian_is_crossed_however_it_is_written():
    records = records_at((179.5, -17), (-179.5, -17), (180, -17), (-180, -17), (0, -17), (178, -17))
    crossing = shapely.Polygon([(179, -18), (-179, -18), (-179, -16), (179, -16)])  # jumps
    beyond = shapely.box(179, -18, 181, -16)
    before = shapely.box(-181, -18, -179, -16)
    cut = shapely.MultiPolygon([shapely.box(179, -18, 180, -16), shapely.box(-180, -18, -179, -16)])
    for shape in (crossing, beyond, before, cut):
        found, bounded = homes(records, shape)
        assert found == ["a", "a", "a", "a", None, None], shape.wkt
        footprint = bounded.partition.footprints["a"]
        assert footprint.is_valid
        assert footprint.area == pytest.approx(4)
        assert -180 <= footprint.bounds[0] <= footprint.bounds[2] <= 180


def test_a_hole_across_the_antimeridian_stays_a_hole():
    shape = shapely.Polygon(
        [(178, -19), (-178, -19), (-178, -15), (178, -15)],
        [[(179.5, -17.5), (-179.5, -17.5), (-179.5, -16.5), (179.5, -16.5)]],
    )
    records = records_at((180, -17), (178.5, -17), (-178.5, -17))
    assert homes(records, shape)[0] == [None, "a", "a"]


def test_poles_are_one_place_and_a_band_round_the_globe_is_no_crossing():
    cap = shapely.box(-180, 80, 180, 90)
    band = shapely.box(-180, -10, 180, 10)
    records = records_at((0, 90), (123, 90), (-180, 85), (0, 0), (180, 5), (0, -90))
    assert homes(records, cap, band)[0] == ["a", "a", "a", "b", "b", None]
    wedge = shapely.box(20, 80, 40, 90)
    assert homes(records_at((-100, 90), (-100, 89)), wedge)[0] == ["a", None]


coordinate = st.integers(0, 12).map(lambda n: n / 2)
corner = st.tuples(coordinate, coordinate)


@settings(max_examples=40)
@given(
    st.lists(st.lists(corner, min_size=3, max_size=6, unique=True), min_size=1, max_size=5),
    st.lists(corner, min_size=1, max_size=12),
)
def test_every_record_is_in_a_polygon_that_an_independent_check_says_covers_it(rings, pairs):
    shapes = [shapely.Polygon(ring).convex_hull for ring in rings]
    shapes = [one for one in shapes if one.geom_type == "Polygon" and one.area > 0]
    if not shapes:
        return
    found, _ = homes(records_at(*pairs), *shapes)
    for (x, y), home in zip(pairs, found, strict=True):
        covering = {chr(97 + at): one.area for at, one in enumerate(shapes) if holds(one, x, y)}
        assert home in covering if covering else home is None
        if covering and len(set(covering.values())) == len(covering):
            on_globe = smallest_first(np.array(shapes, dtype=object))
            assert home == min(covering, key=lambda one: on_globe[ord(one) - 97])


def holds(shape, x, y):
    """A convex polygon by its half-planes, in whole numbers: no library of geometry."""
    ring = [(round(4 * a), round(4 * b)) for a, b in shape.exterior.coords]
    x, y = round(4 * x), round(4 * y)
    turns = [
        (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        for (ax, ay), (bx, by) in itertools.pairwise(ring)
    ]
    return min(turns) >= 0 or max(turns) <= 0


def test_the_order_of_features_and_records_counts_for_nothing():
    rng = np.random.default_rng(1)
    records = records_at(*rng.integers(0, 20, (40, 2)) / 2)
    shapes = [shapely.box(x, y, x + 3, y + 2) for x, y in rng.integers(0, 7, (6, 2))]
    ids = list("abcdef")
    first, _ = homes(records, *shapes, ids=ids)
    order = rng.permutation(6)
    again, _ = homes(
        records.iloc[::-1], *[shapes[at] for at in order], ids=[ids[at] for at in order]
    )
    assert again[::-1] == first


def test_cover_tells_border_from_inside():
    found = cover(
        np.array([0.0]), np.array([0.5]), np.array([shapely.box(0, 0, 1, 1)]), np.array([0])
    )
    assert found["inside"].tolist() == [False]


# -- faulty polygons ----------------------------------------------------------------------------

BOW = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])


def test_every_fault_of_a_file_is_told_at_once_with_its_place():
    features = table(BOW, shapely.Point(1, 1), shapely.box(5, 5, 6, 6), name=["Bow", None, "Good"])
    with pytest.raises(InputError) as caught:
        check_polygons(features, file="areas.gpkg")
    text = str(caught.value)
    assert "areas.gpkg: 2 faults" in text
    assert "feature 2 is a Point, wanted a polygon" in text
    assert "feature 1 (Bow) is not valid: self-intersection at longitude 1, latitude 1" in text
    assert "repair = true" in text


def test_mending_is_said():
    polygons = check_polygons(table(BOW, name=["Bow"]), file="x", repair=True)
    assert polygons.table.geometry[0].is_valid
    assert polygons.table.geometry[0].area == pytest.approx(2)
    assert "feature 1 (Bow) was not valid" in polygons.remarks[0]


def test_empty_and_missing_geometry_is_left_out_and_told():
    features = table(None, shapely.Polygon(), shapely.box(0, 0, 1, 1), name=["a", "b", "c"])
    polygons = check_polygons(features, file="x")
    assert polygons.table["region_id"].tolist() == ["c"]
    assert polygons.remarks == (
        "2 of its features have no geometry, left out: feature 1 (a), feature 2 (b)",
    )
    with pytest.raises(InputError, match="holds no polygon"):
        check_polygons(table(None), file="x")


def test_nameless_polygons_are_called_after_their_records():
    records = records_at((0.12, 52.2), (0.13, 52.2), (-1.26, 51.75))
    shapes = shapely.box(0, 52, 0.5, 52.5), shapely.box(-1.5, 51.5, -1, 52)
    polygons = check_polygons(table(*shapes), file="x")
    found = bound_by(records, blank(records), polygons)
    assert found.partition.region_of.tolist() == ["gb-cambridge", "gb-cambridge", "gb-oxford"]
    assert found.partition.regions["name"].to_dict() == {
        "gb-cambridge": "Cambridge",
        "gb-oxford": "Oxford",
    }
    assert any("neither id nor name" in text for text in found.remarks)


def test_ids_that_recur_are_refused_joined_or_told_apart():
    shapes = shapely.box(0, 0, 1, 1), shapely.box(5, 0, 8, 1), shapely.box(9, 9, 10, 10)
    features = table(*shapes, id=["X1", "X1", "Y"])
    with pytest.raises(InputError, match=r"x1 \(features 1, 2\).*duplicates = \"join\""):
        check_polygons(features, file="x")
    joined = check_polygons(features, file="x", duplicates="join").table
    assert dict(zip(joined.region_id, joined.geometry.map(lambda one: one.area), strict=True)) == {
        "x1": pytest.approx(4),
        "y": 1,
    }
    apart = check_polygons(features, file="x", duplicates="apart").table
    assert apart["region_id"].tolist() == ["x1-2", "x1", "y"]  # the larger keeps it


def test_columns_asked_for_must_be_there_and_usual_ones_are_found():
    with pytest.raises(InputError, match="no column 'code'; there are NUTS_ID, NUTS_NAME"):
        check_polygons(
            table(BOW, NUTS_ID=["A"], NUTS_NAME=["B"]), file="x", id_column="code", repair=True
        )
    found = check_polygons(
        table(shapely.box(0, 0, 1, 1), NUTS_ID=["FRK2"], NUTS_NAME=["Rhône-Alpes"]), file="x"
    )
    assert found.table[["region_id", "name"]].to_numpy().tolist() == [["frk2", "Rhône-Alpes"]]


def test_hostile_names_become_harmless_ids():
    assert slug("<img src=x onerror=alert(1)>") == "img-src-x-onerror-alert-1"
    assert slug("../../etc/passwd") == "etc-passwd"
    assert slug("北京") == ""


# -- files --------------------------------------------------------------------------------------


@pytest.fixture
def squares():
    shapes = [shapely.box(0, 51, 1, 52), shapely.box(1, 51, 2, 52)]
    return gpd.GeoDataFrame({"id": ["A", "B"], "name": ["Aa", "Bb"]}, geometry=shapes, crs=4326)


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "parquet"])
def test_each_format_and_another_reference_system(squares, tmp_path, ending):
    path = tmp_path / f"areas.{ending}"
    if ending == "geojson":
        squares.to_file(path)
    else:
        metres = squares.to_crs(3035)
        metres.to_parquet(path) if ending == "parquet" else metres.to_file(path, layer="areas")
    read = read_boundaries(path)
    polygons = check_polygons(read.features, file=read.file)
    assert polygons.table["region_id"].tolist() == ["a", "b"]
    corners = shapely.points(shapely.get_coordinates(squares.geometry[0]))
    outline = polygons.table.geometry[0].exterior
    assert shapely.distance(outline, corners).max() < 1e-6
    assert outline.hausdorff_distance(squares.geometry[0].exterior) < 0.02
    assert any("EPSG:3035" in text for text in read.remarks) == (ending != "geojson")


def test_long_projected_edges_bend_as_they_should(tmp_path):
    square = gpd.GeoSeries([shapely.box(3_000_000, 3_000_000, 4_000_000, 4_000_000)], crs=3035)
    square.to_frame("geometry").to_file(tmp_path / "a.gpkg")
    read = read_boundaries(tmp_path / "a.gpkg").features.geometry[0]
    middle = gpd.GeoSeries([shapely.Point(3_500_000, 4_000_000 - 100)], crs=3035).to_crs(4326)[0]
    assert read.covers(middle)  # 100 m inside an edge of 1,000 km, whose chord is off by kilometres
    plain = square.to_crs(4326)[0]
    assert not plain.covers(middle)


def test_files_that_are_not_what_they_say_are_refused(squares, tmp_path):
    vrt = tmp_path / "areas.geojson"
    vrt.write_text("<OGRVRTDataSource></OGRVRTDataSource>")
    with pytest.raises(InputError, match="virtual format"):
        read_boundaries(vrt)
    with pytest.raises(InputError, match="virtual paths are not opened"):
        read_boundaries("/vsicurl/http://127.0.0.1/a.gpkg")
    wrong = tmp_path / "wrong.gpkg"
    squares.to_crs(3035).set_crs(4326, allow_override=True).to_file(wrong)
    with pytest.raises(InputError, match="those of a projected system in metres"):
        read_boundaries(wrong)
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="holds no polygons"):
        read_boundaries(tmp_path / "t.csv")
    infinite = {"type": "Polygon", "coordinates": [[[0, 0], [1e400, 0], [1, 1], [0, 0]]]}
    feature = {"type": "Feature", "properties": {}, "geometry": infinite}
    bad = tmp_path / "bad.geojson"
    bad.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    with pytest.raises(InputError, match="features"):
        read_boundaries(bad)


def test_layers_are_named_where_there_are_several(squares, tmp_path):
    path = tmp_path / "two.gpkg"
    squares.to_file(path, layer="one")
    squares.to_file(path, layer="two")
    with pytest.raises(InputError, match="2 layers, wanted one"):
        read_boundaries(path)
    assert len(read_boundaries(path, layer="two").features) == 2
    squares.iloc[:1].to_file(path, layer="regions")
    assert len(read_boundaries(path).features) == 1


# -- splitting and joining ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def towns():
    """Three dense towns, two of them 30 km apart, and their clustering."""
    rng = np.random.default_rng(3)
    centres = np.repeat([(0.0, 52.0), (0.45, 52.0), (3.0, 50.0)], [40, 25, 20], axis=0)
    records = records_at(*(centres + rng.normal(0, 0.01, centres.shape)))
    clustering = extract_regions(build_hierarchy(records, resolution_km=1))
    assert len(clustering.regions) == 3
    return records, Partition.of(clustering)


def test_regions_are_split_along_borders(towns):
    records, before = towns
    first = before.regions.index[0]
    west = shapely.box(-1, 51, 0.0, 53)
    east = shapely.box(0.0, 51, 0.2, 53)
    polygons = check_polygons(table(west, east, id=["W", "E"], name=["West", "East"]), file="x")
    found = split_along(records, before, polygons, least=3)
    after = found.partition
    assert len(after.regions) == 4
    members = before.members(first)
    in_west = records.loc[members, "longitude"] <= 0.0
    sizes = sorted([int(in_west.sum()), int((~in_west).sum())], reverse=True)
    assert [
        (after.region_of == first).sum(),
        len(members) - (after.region_of == first).sum(),
    ] == sizes
    other = next(iter(set(after.regions.index) - set(before.regions.index)))
    assert other in {f"{first}-w", f"{first}-e"}
    assert after.regions.at[other, "name"].endswith((": West", ": East"))
    assert after.membership.equals(before.membership)
    none = split_along(records, before, polygons, least=1000)
    assert none.partition.region_of.equals(before.region_of)


def test_regions_are_joined_within_a_polygon(towns):
    records, before = towns
    county = shapely.box(-1, 51, 1, 53)
    polygons = check_polygons(table(county, id=["C"], name=["County"]), file="x")
    after = join_within(records, before, polygons).partition
    assert len(after.regions) == 2
    heaviest = before.regions.index[0]
    assert (after.region_of == heaviest).sum() == 65
    assert after.regions.at[heaviest, "name"] == "County"


# -- footprints ---------------------------------------------------------------------------------


def test_given_footprints_are_taken_as_they_are_and_others_keep_off():
    records = records_at((0.0, 52.0), (0.12, 52.0))
    region_of = pd.Series(["a", "b"], index=records.index)
    given = shapely.box(-0.1, 51.9, 0.06, 52.1)
    found = delineate_given(records, region_of, {"a": given})
    assert found.geometry["a"].equals(given)
    assert found.geometry["b"].intersection(given).area < 1e-9
    drawn = delineate(records, region_of, disjoint=False)
    assert found["reach_area_km2"].equals(drawn["reach_area_km2"])
    assert found.at["a", "area_km2"] == pytest.approx(11 * 22.25, rel=0.01)


def test_members_outside_and_guests_inside_are_still_covered():
    records = records_at((0.0, 52.0), (0.5, 52.0), (0.02, 52.0))
    region_of = pd.Series(["a", "a", "b"], index=records.index)
    given = shapely.box(-0.1, 51.9, 0.1, 52.1)  # holds a member of b, not the second of a
    found = delineate_given(records, region_of, {"a": given})
    for at, region_id in enumerate(region_of):
        point = shapely.Point(records.iloc[at][["longitude", "latitude"]].astype(float))
        assert found.geometry[region_id].covers(point)
    assert found.geometry["a"].intersection(found.geometry["b"]).area < 1e-9
    assert found.geometry.is_valid.all()


def test_the_study_file_says_what_polygons_do(tmp_path):
    gc.synthetic.write_toy_world(tmp_path, seed=1)
    counties = gpd.GeoDataFrame(
        {"code": ["N", "S", "X"], "label": ["North", "South", "Sea"]},
        geometry=[
            shapely.box(-9, 53.2, 0, 56),
            shapely.box(-9, 49, 0, 53.2),
            shapely.box(30, 0, 31, 1),
        ],
        crs=4326,
    )
    counties.to_crs(3035).to_file(tmp_path / "counties.gpkg")
    text = '[boundaries]\nfile = "counties.gpkg"\n[report]\nfigures = false\n'
    study = gc.run_study(gc.StudyConfig.from_text(text, base=tmp_path))
    assert set(study.regions.index) == {"n", "s"}
    assert study.regions["name"].to_dict() == {"n": "North", "s": "South"}
    assert study.clustering.region_of.notna().sum() == study.regions["record_count"].sum()
    told = " ".join(study.warnings)
    assert "EPSG:3035" in told
    assert "1 polygons hold no record and are no regions: x" in told
    assert study.regions["persistence"].isna().all()
    assert study.gaps["survives"].isna().all()
    assert study.clustering.before is not None
    with pytest.raises(gc.GeoclustError, match=r"clustering\.before"):
        gc.locate_records(study.clustering, study.inputs.records.head(2))
