"""The finder of barriers finds the barriers it should, under a strict policy and in frames too."""

import pytest
from accessibility import findings

pytestmark = pytest.mark.browser

POLICY = (
    "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; "
    "style-src 'unsafe-inline'\">"
)
GOOD = (
    f"<!doctype html><html lang='en'><head>{POLICY}<title>A page</title></head>"
    "<body><main><h1>Regions</h1><p>Text</p></main></body></html>"
)
PALE = "<p style='color: #bbb; background: #fff'>pale</p>"


@pytest.fixture(scope="module")
def page(browser):
    return browser.new_page()


def test_a_good_page_has_no_findings(page):
    page.set_content(GOOD)
    assert findings(page, serious_only=False) == []
    assert findings(page) == [], "and may be asked again"


@pytest.mark.parametrize(
    ("barrier", "told"),
    [
        (PALE, "serious: color-contrast at p"),
        ("<img src='map.png'>", "critical: image-alt at img"),
        ("<button></button>", "critical: button-name at button"),
        ("<select><option>a</option></select>", "critical: select-name at select"),
    ],
)
def test_a_barrier_is_told_with_its_place(page, barrier, told):
    page.set_content(GOOD.replace("<p>Text</p>", barrier))
    found = findings(page)
    assert len(found) == 1
    assert found[0].startswith(told)


def test_a_lesser_finding_is_told_only_when_asked_for(page):
    page.set_content(GOOD.replace("h1", "h3").replace("main", "div"))
    assert findings(page) == []
    assert any("region at" in line for line in findings(page, serious_only=False))


def test_frames_are_looked_into(page):
    inner = f"<html lang='en'><head><title>Inner</title></head><body><main>{PALE}</main></body>"
    page.set_content(
        f"<!doctype html><html lang='en'><title>A page</title><main><h1>Map</h1>"
        f'<iframe title="map" name="map" srcdoc="{inner}"></iframe></main>'
    )
    page.frames[-1].wait_for_selector("p")
    (line,) = findings(page)
    assert "color-contrast at p in frame map" in line
