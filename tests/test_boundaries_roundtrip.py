"""regions.gpkg edited outside geoclust, by GDAL's own tools in processes of their own, and back."""

import csv
import json
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

import geoclust as gc
from geoclust.cli.support import load
from geoclust.report import write_study

GDAL_PYTHON = "/usr/bin/python3"  # Debian's python3-gdal comes with gdal-bin
pytestmark = pytest.mark.skipif(
    shutil.which("ogr2ogr") is None, reason="GDAL's own tools (Debian: gdal-bin) are not here"
)

QUICK = "[report]\nfigures = false\n[network]\nrewirings = 0\n"
MERGED = """
[[edits]]
action = "merge"
regions = ["{0}", "{1}"]
name = "Two towns"
reason = "one market"
by = "A. Smith"
"""
NOT_ALIKE = {"manifest.json", "report.html", "study.toml", "boundaries.csv", "edits.csv"}
"""Files that say how the regions came about, and when."""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    gc.synthetic.write_toy_world(folder, seed=1)
    (folder / "study.toml").write_text(QUICK, "utf-8")
    return folder


@pytest.fixture(scope="module")
def first(world, tmp_path_factory):
    study = gc.run_study(world / "study.toml")
    return study, write_study(study, tmp_path_factory.mktemp("first") / "results")


def again(world, package, out=None):
    """`geoclust run STUDY --boundaries FILE`, without the process."""
    study = gc.run_study(load(world / "study.toml", strict=False, boundaries=Path(package)))
    return (study, write_study(study, out)) if out else study


def gdal(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ogr(package, code):
    """Run code in Debian's Python, with `layer` open for writing."""
    head = (
        "from osgeo import ogr\nogr.UseExceptions()\n"
        f"source = ogr.Open({str(package)!r}, 1)\nlayer = source.GetLayer('regions')\n"
        "def feature(name):\n"
        "    layer.SetAttributeFilter(f\"region_id = '{name}'\")\n"
        "    return layer.GetNextFeature()\n"
    )
    return gdal(GDAL_PYTHON, "-c", head + code)


def move_vertex(package, region_id, corner):
    at, x, y = corner
    ogr(
        package,
        f"f = feature({region_id!r})\n"
        "ring = f.GetGeometryRef().GetGeometryRef(0).GetGeometryRef(0)\n"
        f"assert {at} not in (0, ring.GetPointCount() - 1)\n"
        f"ring.SetPoint_2D({at}, {x!r}, {y!r})\nlayer.SetFeature(f)\n",
    )


def copied(first, tmp_path):
    return Path(shutil.copy(first[1] / "regions.gpkg", tmp_path / "edited.gpkg"))


def assert_alike(out, other):
    names = {path.name for path in out.iterdir() if path.is_file()} - NOT_ALIKE
    assert {"regions.csv", "records.csv", "scores.csv", "gaps.csv", "regions.gpkg"} <= names
    differing = [n for n in sorted(names) if (out / n).read_bytes() != (other / n).read_bytes()]
    assert differing == []


def outward(study, region_id, point, by):
    """The corner of a footprint nearest to a point (not its first), and where it is moved to."""
    shape = study.regions.geometry[region_id]
    ring = shapely.get_coordinates(gpd.GeoSeries([shape])[0].exterior)
    at = 1 + int(np.argmin(((ring[1:-1] - point) ** 2).sum(axis=1)))
    return at, *(ring[at] + by * (np.asarray(point) - ring[at])).tolist()


def noise_beside(study):
    """A record in no region, and the region whose footprint is nearest to it."""
    records, found = study.inputs.records, study.clustering.region_of
    free = records[found.isna().to_numpy()]
    points = shapely.points(free["longitude"], free["latitude"])
    best = None
    for region_id, shape in study.regions.geometry.items():
        outside = ~shapely.covers(shape, points)
        far = np.where(outside, shapely.distance(shape, points), np.inf)
        if best is None or far.min() < best[0]:
            best = far.min(), free.index[int(np.argmin(far))], region_id
    return best[1], best[2]


@pytest.mark.parametrize("how", ["as it is", "copied", "reprojected"])
def test_an_unedited_round_trip_changes_nothing(world, first, tmp_path, how):
    package = first[1] / "regions.gpkg"
    if how != "as it is":
        fresh = tmp_path / "fresh.gpkg"
        system = ["-t_srs", "EPSG:3035"] if how == "reprojected" else []
        gdal("ogr2ogr", *system, str(fresh), str(package))
        package = fresh
    study, out = again(world, package, tmp_path / "results")
    assert_alike(first[1], out)
    assert study.boundaries["state"].eq("as geoclust drew it").all()


def test_a_moved_vertex_takes_a_record_in_and_everything_is_made_anew(world, first, tmp_path):
    before, _ = first
    record, region_id = noise_beside(before)
    point = before.inputs.records.loc[record, ["longitude", "latitude"]].to_numpy(float)
    package = copied(first, tmp_path)
    move_vertex(package, region_id, outward(before, region_id, point, 1.2))
    study = again(world, package)
    drawn = gpd.read_file(package, layer="regions").set_index("region_id").geometry[region_id]
    records = study.inputs.records
    covered = shapely.covers(drawn, shapely.points(records["longitude"], records["latitude"]))
    found = study.clustering.region_of
    assert set(found.index[found == region_id]) == set(records.index[covered])
    assert found[record] == region_id
    assert study.regions.geometry[region_id].equals(drawn)
    area = abs(pyproj.Geod(ellps="WGS84").geometry_area_perimeter(drawn)[0]) / 1e6
    assert study.regions.at[region_id, "area_km2"] == pytest.approx(area, abs=1e-5)
    members = records[covered]
    for kind in ("firm", "lab", "patent"):
        assert study.indicators.at[region_id, f"{kind}_count"] == (members["kind"] == kind).sum()
    assert (
        study.regions.at[region_id, "reach_area_km2"]
        > before.regions.at[region_id, "reach_area_km2"]
    )
    others = before.regions.index.drop(region_id)
    pd.testing.assert_frame_equal(
        study.regions.loc[others].drop(columns="geometry"),
        before.regions.loc[others].drop(columns="geometry"),
    )
    row = study.boundaries.set_index("region_id").loc[region_id]
    joined = set(records.index[covered]) - set(
        before.clustering.region_of.index[before.clustering.region_of == region_id]
    )
    assert (row["state"], row["joined"], row["left"]) == ("edited", len(joined), 0)


def test_a_vertex_moved_inwards_lets_a_record_go(world, first, tmp_path):
    before, _ = first
    region_id = before.regions.index[0]
    found = before.clustering.region_of
    members = before.inputs.records.loc[found.index[found == region_id]]
    centre = members[["longitude", "latitude"]].mean().to_numpy()
    far = ((members[["longitude", "latitude"]] - centre) ** 2).sum(axis=1).idxmax()
    package = copied(first, tmp_path)
    cut = members.loc[far, ["longitude", "latitude"]].to_numpy(float)
    ogr(
        package,
        f"f = feature({region_id!r})\n"
        f"hole = ogr.CreateGeometryFromWkt('POINT({cut[0]} {cut[1]})').Buffer(0.0001)\n"
        "left = ogr.ForceToMultiPolygon(f.GetGeometryRef().Difference(hole))\n"
        "f.SetGeometry(left)\nlayer.SetFeature(f)\n",
    )
    study = again(world, package)
    assert pd.isna(study.clustering.region_of[far])
    assert study.clustering.membership[far] == 0
    assert study.boundaries.set_index("region_id").at[region_id, "left"] >= 1
    assert len(study.regions.geometry[region_id].interiors) == 1


def test_an_edited_run_round_trips_too(world, first, tmp_path):
    before, _ = first
    record, region_id = noise_beside(before)
    point = before.inputs.records.loc[record, ["longitude", "latitude"]].to_numpy(float)
    package = copied(first, tmp_path)
    move_vertex(package, region_id, outward(before, region_id, point, 1.2))
    _, out = again(world, package, tmp_path / "second")
    _, third = again(world, out / "regions.gpkg", tmp_path / "third")
    assert_alike(out, third)


def test_edits_are_not_applied_twice(world, first, tmp_path):
    ids = list(first[0].regions.index[:2])
    path = world / "edited.toml"
    path.write_text(QUICK + MERGED.format(*ids), "utf-8")
    study = gc.run_study(path)
    out = write_study(study, tmp_path / "results")
    assert len(study.regions) == len(first[0].regions) - 1
    back = gc.run_study(load(path, strict=False, boundaries=out / "regions.gpkg"))
    assert back.edits["state"].tolist() == ["in the boundaries"]
    assert_alike(out, write_study(back, tmp_path / "back"))


def test_attributes_edited_cut_and_deleted_features(world, first, tmp_path):
    before, _ = first
    renamed, cut, deleted = before.regions.index[:3]
    west, south, east, north = before.regions.geometry[cut].bounds
    package = copied(first, tmp_path)
    ogr(
        package,
        f"f = feature({renamed!r})\nf.SetField('name', 'Ålesund & Söhne')\nlayer.SetFeature(f)\n"
        f"f = feature({cut!r})\nwhole = f.GetGeometryRef().Clone()\n"
        f"half = ogr.CreateGeometryFromWkt('POLYGON(({west} {south},{west} {north},"
        f"{(west + east) / 2} {north},{(west + east) / 2} {south},{west} {south}))')\n"
        "new = ogr.Feature(layer.GetLayerDefn())\nnew.SetFrom(f)\nnew.SetFID(-1)\n"
        "new.SetGeometry(ogr.ForceToMultiPolygon(whole.Difference(half)))\n"
        "f.SetGeometry(ogr.ForceToMultiPolygon(whole.Intersection(half)))\n"
        "layer.SetFeature(f)\nlayer.CreateFeature(new)\n"
        f"f = feature({deleted!r})\nlayer.DeleteFeature(f.GetFID())\n",
    )
    study = again(world, package)
    assert study.regions.at[renamed, "name"] == "Ålesund & Söhne"
    assert deleted not in study.regions.index
    gone = before.clustering.region_of == deleted
    assert study.clustering.region_of[gone.to_numpy(dtype=bool)].isna().all()
    halves = study.clustering.region_of[study.clustering.region_of.isin([cut, f"{cut}-2"])]
    assert set(halves) == {cut, f"{cut}-2"}
    assert len(halves) >= (before.clustering.region_of == cut).sum()
    longitude = study.inputs.records.loc[halves.index, "longitude"]
    assert len(set(zip(halves, longitude > (west + east) / 2, strict=True))) == 2


def test_a_polygon_moved_onto_a_neighbour_takes_its_ground(world, first, tmp_path):
    before, _ = first
    taker, loser = before.regions.index[:2]
    part = before.regions.geometry[loser].centroid
    package = copied(first, tmp_path)
    ogr(
        package,
        f"f = feature({taker!r})\n"
        f"more = ogr.CreateGeometryFromWkt('POINT({part.x} {part.y})').Buffer(0.02)\n"
        "f.SetGeometry(ogr.ForceToMultiPolygon(f.GetGeometryRef().Union(more)))\n"
        "layer.SetFeature(f)\n",
    )
    study = again(world, package)
    ground = study.regions.geometry
    assert ground[taker].intersection(ground[loser]).area < 1e-9
    now, then = (one.clustering.region_of for one in (study, before))
    lost = then.index[(then == loser).to_numpy(bool) & (now != loser).to_numpy(bool)]
    assert len(lost) > 0
    assert (now[lost] == taker).all()
    inside = study.inputs.records.loc[lost]
    assert shapely.covers(
        ground[taker], shapely.points(inside["longitude"], inside["latitude"])
    ).all()


def test_a_record_that_is_new_goes_where_it_is_covered(world, first, tmp_path):
    folder = tmp_path / "world"
    shutil.copytree(world, folder)
    table = pd.read_csv(folder / "firms.csv", dtype=str)
    region_id = first[0].regions.index[0]
    point = first[0].regions.geometry[region_id].representative_point()
    new = table.iloc[:1].assign(record_id="newcomer", longitude=str(point.x), latitude=str(point.y))
    pd.concat([table, new]).to_csv(folder / "firms.csv", index=False)
    study = again(folder, first[1] / "regions.gpkg")
    assert study.clustering.region_of["newcomer"] == region_id
    kept = study.clustering.region_of.drop("newcomer")
    assert kept.sort_index().equals(first[0].clustering.region_of.sort_index())
    assert any("1 records are not in the file" in text for text in study.warnings)
    fresh = gc.run_study(folder / "study.toml")  # which finds a region of the same records
    assert fresh.clustering.region_of.sort_index().equals(study.clustering.region_of.sort_index())
    for name in ("persistence", "birth_km"):
        assert study.regions.at[region_id, name] == fresh.regions.at[region_id, name]
        assert study.regions.at[region_id, name] != first[0].regions.at[region_id, name] or (
            name == "birth_km"
        )
    membership = fresh.clustering.membership
    held = study.clustering.region_of == region_id
    assert study.clustering.membership[held].equals(membership.reindex(held.index)[held])


def test_polygons_alone_are_fences(world, first, tmp_path):
    path = tmp_path / "plain.geojson"
    gdal("ogr2ogr", str(path), str(first[1] / "regions.gpkg"), "regions")
    study = again(world, path)
    assert study.boundaries["state"].eq("given").all()
    records = study.inputs.records
    points = shapely.points(records["longitude"], records["latitude"])
    for region_id, shape in study.regions.geometry.items():
        inside = set(records.index[shapely.covers(shape, points)])
        found = study.clustering.region_of
        assert set(found.index[found == region_id]) == inside


def test_sql_of_gdal_edits_as_the_readme_says(world, first, tmp_path):
    package = copied(first, tmp_path)
    ids = first[0].regions.index[:2]
    gdal(
        "ogrinfo",
        "-q",
        str(package),
        "-sql",
        "UPDATE regions SET geom = AsGPB(CastToMultiPolygon(ST_Buffer(geom, 0.05))) "
        f"WHERE region_id IN ('{ids[0]}', '{ids[1]}')",
    )
    study = again(world, package)
    edited = study.boundaries.set_index("region_id")["state"].eq("edited")
    assert set(edited.index[edited]) == set(ids)
    assert (study.regions.loc[ids, "area_km2"] > first[0].regions.loc[ids, "area_km2"]).all()


def test_damaged_notes_are_refused_with_a_way_out(world, first, tmp_path):
    package = copied(first, tmp_path)
    gdal("ogrinfo", "-q", str(package), "-sql", "UPDATE geoclust_regions SET footprint = x'00'")
    with pytest.raises(gc.GeoclustError, match="remove the three tables geoclust_"):
        again(world, package)


def test_qgis_finds_a_style_with_status_and_names(first):
    told = gdal(
        "ogrinfo",
        "-q",
        str(first[1] / "regions.gpkg"),
        "-sql",
        "SELECT f_table_name, f_geometry_column, styleName, useAsDefault FROM layer_styles",
    )
    for line in (
        "f_table_name (String) = regions",
        "f_geometry_column (String) = geom",
        "useAsDefault (Integer(Boolean)) = 1",
    ):
        assert line in told
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(first[1] / "regions.gpkg")) as connection:
        (text,) = connection.execute("SELECT styleQML FROM layer_styles").fetchone()
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    style = ET.fromstring(text)
    renderer = style.find("renderer-v2")
    assert (renderer.get("type"), renderer.get("attr")) == ("categorizedSymbol", "status")
    values = {one.get("value") for one in renderer.iter("category")}
    assert set(first[0].classification.status) <= values
    assert {one.get("symbol") for one in renderer.iter("category")} == {
        one.get("name") for one in renderer.find("symbols")
    }
    assert style.find("labeling/settings/text-style").get("fieldName") == "name"


def test_the_command_takes_a_file_of_boundaries(world, first, tmp_path):
    from geoclust.cli import app

    status = app(
        [
            "run",
            str(world / "study.toml"),
            "--boundaries",
            str(first[1] / "regions.gpkg"),
            "--out",
            str(tmp_path / "out"),
            "--quiet",
        ]
    )
    assert status == 0
    assert_alike(first[1], tmp_path / "out")
    with (tmp_path / "out" / "boundaries.csv").open(encoding="utf-8", newline="") as file:
        assert {row["state"] for row in csv.DictReader(file)} == {"as geoclust drew it"}
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["decisions"]["files"][0]["file"] == "regions.gpkg"


@pytest.mark.slow
def test_the_afternoon_works_as_printed(tmp_path):
    root = Path(__file__).parents[1]
    text = (root / "docs" / "boundaries.md").read_text("utf-8")
    block = text.split("```sh\n")[1].split("```")[0]
    assert block.count("geoclust ") == 5
    (tmp_path / "data").symlink_to(root / "data")
    script = f'set -e\ngeoclust() {{ "{sys.executable}" -m geoclust "$@"; }}\n{block}'
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "2 are edited: nl-delft" in done.stdout
