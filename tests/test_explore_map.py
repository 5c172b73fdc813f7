"""The map for a notebook, in a real browser with the network off, framed as notebooks do."""

from dataclasses import replace

import numpy as np
import pytest

import geoclust as gc
from geoclust.errors import OutputError, ParameterError

HOSTILE = '<img src=x onerror="parent.struck = 1; alert(1)">'
HOST = """<!doctype html><meta charset="utf-8"><title>A notebook</title>
<body style="width: {width}px"><h1>A notebook</h1>{results}<p id="end">The next cell</p></body>"""
DRAWN = ".map-frame[data-drawn=true]"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """The toy world; all its regions, records and the study itself are called a script."""
    folder = tmp_path_factory.mktemp("toy")
    gc.synthetic.write_toy_world(folder)
    bars = (
        "[thresholds]\ncluster = { min_density = 4.0, min_capability = 0.5 }\n"
        "quasi = { min_density = 1.0, min_capability = 0.2 }\n"
    )
    (folder / "study.toml").write_text(f"[study]\nname = '{HOSTILE}'\n{bars}")
    found = gc.run_study(folder / "study.toml")
    names = found.regions["name"] + HOSTILE
    records = found.inputs.records
    called = records.assign(name=records["name"] + HOSTILE)
    return replace(
        found,
        inputs=replace(found.inputs, records=called),
        regions=found.regions.assign(name=names),
        clustering=replace(found.clustering, regions=found.clustering.regions.assign(name=names)),
    )


@pytest.fixture
def notebook(browser, study, tmp_path):
    """A page with the map and every result in it, and a record of all that must not happen."""
    shown = [study, study.inputs, study.clustering, study.scores, gc.explore_map(study)]
    results = "".join(one._repr_html_() for one in shown)
    (tmp_path / "notebook.html").write_text(HOST.format(width=900, results=results))
    context = browser.new_context(
        viewport={"width": 940, "height": 900}, offline=True, reduced_motion="reduce"
    )
    page = context.new_page()
    faults, requests = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: message.type == "error" and faults.append(message.text))
    page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
    page.goto((tmp_path / "notebook.html").as_uri())
    page.locator("iframe").scroll_into_view_if_needed()  # frames out of sight are not drawn
    frame = page.frame_locator("iframe")
    frame.locator(DRAWN).wait_for(timeout=90_000)
    yield page, frame
    assert faults == []
    assert [url for url in requests if not url.startswith("blob:")] == [page.url]
    assert page.evaluate("window.struck") is None
    context.close()


def colours(page, tmp_path):
    from matplotlib.image import imread

    page.locator("iframe").screenshot(path=tmp_path / "frame.png")
    pixels = imread(tmp_path / "frame.png")[..., :3].reshape(-1, 3)
    return {tuple(np.rint(255 * colour).astype(int)) for colour in np.unique(pixels, axis=0)}


@pytest.mark.browser
def test_the_map_appears_in_the_notebook_and_a_hostile_name_does_nothing(notebook, study, tmp_path):
    page, frame = notebook
    assert {(233, 238, 242), (251, 250, 246), (29, 91, 156)} <= colours(page, tmp_path)
    assert frame.locator("h1").inner_text() == HOSTILE
    assert page.locator("img").count() == 0
    assert HOSTILE in page.locator("body > .geoclust-result").first.inner_text()
    link = frame.locator("#card .region-link").first
    name = link.inner_text()
    assert HOSTILE in name
    link.click()
    frame.locator("#card.open").wait_for()
    assert frame.locator("#card h3").inner_text() == name
    frame.locator("#card summary").first.click()
    assert HOSTILE in frame.locator("#card .members").first.inner_text()
    assert frame.locator("img").count() == 0
    assert page.locator("h1").inner_text() == "A notebook"  # the notebook itself did not move
    assert "#" not in page.url


@pytest.mark.browser
def test_the_frame_cannot_reach_the_notebook(notebook):
    page, _ = notebook
    inside = page.frames[1]
    assert inside.evaluate("window.origin") == "null"
    reach = (
        "() => { try { return parent.document.title; } catch (refused) { return refused.name; } }"
    )
    assert inside.evaluate(reach) == "SecurityError"


@pytest.mark.browser
def test_map_legend_and_card_stand_in_the_frame_without_scrolling_it_sideways(notebook):
    page, frame = notebook
    inside = page.frames[1]
    width = inside.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    box = page.locator("iframe").bounding_box()
    for part in (".map-frame", "#card", ".legend"):
        found = frame.locator(part).bounding_box()
        assert box["x"] <= found["x"]
        assert found["x"] + found["width"] <= box["x"] + box["width"]
    for part in (".map-frame", ".legend"):
        found = frame.locator(part).bounding_box()
        assert found["y"] + found["height"] <= box["y"] + box["height"]


@pytest.mark.browser
def test_where_there_is_no_notebook_it_is_a_file(browser, study, tmp_path):
    found = gc.explore_map(study, height=500)
    path = found.save(tmp_path / "map.html")
    assert path.read_text("utf-8") == found.document
    assert [one.name for one in tmp_path.iterdir()] == ["map.html"]
    page = browser.new_page(viewport={"width": 390, "height": 800}, color_scheme="dark")
    page.goto(path.as_uri())
    page.wait_for_selector(DRAWN, timeout=90_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#card .region-link").first.click()
    page.wait_for_selector("#card.open")
    assert "#region=" in page.url
    page.close()


def test_the_same_study_gives_the_same_map(study):
    one, two = gc.explore_map(study), gc.explore_map(study)
    assert one.document == two.document
    assert one._repr_html_() == two._repr_html_()


def test_a_map_too_low_to_see_is_refused(study):
    with pytest.raises(ParameterError, match="want at least 300"):
        gc.explore_map(study, height=20)


def test_what_cannot_be_written_is_said_and_nothing_is_left(study, tmp_path):
    found = gc.explore_map(study)
    (tmp_path / "map.html").mkdir()
    with pytest.raises(OutputError, match=r"map\.html"):
        found.save(tmp_path / "map.html")
    assert [one.name for one in tmp_path.iterdir()] == ["map.html"]
