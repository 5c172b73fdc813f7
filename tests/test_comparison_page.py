"""A comparison written out: the folder, the command, published regions, the page in a browser."""

import json
import shutil
import subprocess
import sys

import pandas as pd
import pytest
from worlds import road, town, write_world

import geoclust as gc
from geoclust.errors import InputError, ParameterError
from geoclust.report import check_results

HOSTILE = "</script><img src=x onerror=alert(1)>"
FILES = {
    *("compare.html", "fates.csv", "records.csv", "pairs.csv", "statuses.csv"),
    *("figures/map.png", "figures/map.svg", "figures/ranks.png", "figures/ranks.svg"),
}


@pytest.fixture(scope="module")
def sides(tmp_path_factory):
    """Two folders of results; a town is merged, another is gone, and a name is a script."""
    folder = tmp_path_factory.mktemp("sides")
    one, two = town("one", (0, 0), 40), town("two", (60, 0), 30)
    one.loc[0, "name"] = HOSTILE
    lone, gone = town("lone", (200, 100), 44), town("gone", (100, 200), 20)
    fresh = one.assign(longitude=one["longitude"].where(one.index > 0, 5.0))
    a = gc.run_study(write_world(folder / "a", [one, two, lone, gone]))
    b = gc.run_study(write_world(folder / "b", [fresh, two, road("road", (0, 0), (60, 0)), lone]))
    return gc.write_study(a, folder / "A"), gc.write_study(b, folder / "B")


@pytest.fixture(scope="module")
def found(sides):
    return gc.compare_studies(*sides)


@pytest.fixture(scope="module")
def out(found, tmp_path_factory):
    return gc.write_comparison(found, tmp_path_factory.mktemp("out") / "comparison")


def geoclust(*arguments, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "geoclust", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_folder_is_whole_and_says_what_it_is(found, out):
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert set(manifest["outputs"]) == FILES
    assert check_results(out) == []
    assert manifest["fates"]["merged"] == 2
    assert manifest["comparison"]["a"]["regions"] == 4
    fates = pd.read_csv(out / "fates.csv")
    assert len(fates) == len(found.fates)
    assert fates["story"].str.endswith(".").all()
    moved = pd.read_csv(out / "records.csv", index_col="record_id")
    assert moved.loc["one-000", "how"] == "left"
    assert moved.loc["one-000", "name"] == HOSTILE


def test_the_same_comparison_gives_the_same_bytes(found, out, tmp_path):
    again = gc.write_comparison(found, tmp_path / "again")
    for name in FILES:
        assert (again / name).read_bytes() == (out / name).read_bytes(), name


def test_a_comparison_is_no_study_and_says_so(out):
    with pytest.raises(InputError, match="without study"):
        gc.read_results(out)


def test_names_reach_the_page_as_text_only(out):
    page = (out / "compare.html").read_text("utf-8")
    assert HOSTILE not in page
    assert "&lt;img src=x" in page
    assert "default-src &#39;none&#39;" in page


def test_the_command_compares_and_ends_well(sides, tmp_path):
    done = geoclust("compare", *sides, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["changed"] is True
    assert told["fates"]["gone"] == 1
    assert (tmp_path / "A-vs-B" / "compare.html").is_file()
    bad = geoclust("compare", sides[0], tmp_path / "none.toml", cwd=tmp_path)
    assert bad.returncode == 2
    assert "wanted a study file" in bad.stderr


def test_what_the_terminal_says(found, out, capsys):
    from rich.console import Console

    from geoclust.report.comparing.terminal import print_comparison

    print_comparison(found, out, Console(width=140, highlight=False))
    words = capsys.readouterr().out
    assert "Merged" in words
    assert "compare.html" in words
    assert "Adjusted Rand index" in words


def test_footprints_that_moved_alone_are_told_with_their_ground(sides, tmp_path, capsys):
    """Hulls instead of discs: the records, and so densities and verdicts, are the same."""
    from rich.console import Console

    from geoclust.delineation.globe import area_km2
    from geoclust.report.comparing.terminal import print_comparison
    from geoclust.report.comparing.writing import summarise_comparison

    a = gc.read_results(sides[0])
    file = shutil.copytree(sides[0].parent / "a", tmp_path / "hulls") / "study.toml"
    text = file.read_text("utf-8").replace("reach_km = 5", 'reach_km = 5\nmethod = "convex_hull"')
    file.write_text(text, "utf-8")
    b = gc.run_study(file)
    found = gc.compare_studies(a, b)
    assert not found.changed
    assert len(found.redrawn) == len(found.fates) == 4
    for row in found.fates.itertuples():
        one, two = a.regions.geometry[row.region_a], b.regions.geometry[row.region_b]
        assert (row.area_a_km2, row.area_b_km2) == (area_km2(one), area_km2(two))
        shared = area_km2(one.intersection(two)) / area_km2(one.union(two))
        assert row.jaccard_footprints == pytest.approx(shared, rel=1e-5)
    assert summarise_comparison(found)["redrawn"] == 4
    print_comparison(found, tmp_path, Console(width=400, highlight=False))
    told = capsys.readouterr().out
    assert "Only footprints differ: both have the same 4 regions" in told
    first = found.redrawn.iloc[0]
    assert f"{first['area_a_km2']:,.0f} to {first['area_b_km2']:,.0f} km2" in told
    same = gc.compare_studies(a, a)
    assert same.redrawn.empty
    print_comparison(same, tmp_path, Console(width=400, highlight=False))
    assert "Nothing differs: both have the same 4 regions" in capsys.readouterr().out


def test_published_regions_hold_what_lies_in_them(sides, tmp_path):
    results = gc.read_results(sides[0])
    drawn = results.regions[["name", "geometry"]].reset_index(drop=True)
    drawn.assign(position=[3, 1, 2, 4]).to_file(tmp_path / "atlas.geojson", driver="GeoJSON")
    found = gc.compare_studies(results, tmp_path / "atlas.geojson")
    assert found.b.kind == "polygons"
    assert found.fate_counts["kept"] == 4
    by_name = found.b.regions.set_index("name")["rank"]
    assert by_name.reindex(drawn["name"]).tolist() == [3, 1, 2, 4]
    assert found.statuses["not judged"].sum() == 4
    named = gc.PublishedRegions(path=tmp_path / "atlas.geojson", rank_column="place")
    with pytest.raises(InputError, match="no attribute 'place'; there are"):
        gc.compare_studies(results, named)
    with pytest.raises(ParameterError, match="both polygons without records"):
        gc.compare_studies(named, named)


def test_ranks_of_published_regions_must_be_ranks(sides, tmp_path):
    results = gc.read_results(sides[0])
    drawn = results.regions[["name", "geometry"]].reset_index(drop=True)
    drawn.assign(rank=["1", "second", "3", "4"]).to_file(tmp_path / "a.geojson", driver="GeoJSON")
    with pytest.raises(InputError, match="'second'; wanted ranks"):
        gc.compare_studies(results, tmp_path / "a.geojson")


@pytest.mark.browser
@pytest.mark.parametrize("phone", [False, True])
def test_the_page_in_a_browser(out, browser, phone):
    size = {"width": 390, "height": 844} if phone else {"width": 1300, "height": 900}
    faults, requests = [], []
    context = browser.new_context(offline=True, reduced_motion="reduce", viewport=size)
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda text: faults.append(text.text) if text.type == "error" else None)
    page.on("dialog", lambda dialog: (faults.append("dialog"), dialog.dismiss()))
    page.on("request", lambda request: requests.append(request.url))
    page.goto((out / "compare.html").as_uri())
    page.wait_for_selector(".map-frame[data-drawn=true]", timeout=90_000)
    assert page.locator("#fates-table tbody tr").count() == 4
    page.locator("#fates-table .region-link").first.click()
    page.wait_for_selector("#card.open")
    assert "weight" in page.locator("#card").inner_text().lower()
    page.locator("#card .close").click()
    assert "What changed" in page.locator("#card").inner_text()
    page.locator("#fate-filter input").first.uncheck()
    page.locator("#side-filter input").first.uncheck()
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert faults == []
    assert wide <= 0
    assert all(url.startswith(("file:", "blob:", "data:")) for url in requests)
