"""The page of a run as its reader uses it: search, links, pairs, tables saved, paper, axe.

In a real browser with the network off; every name in the study is a script or a formula.
"""

import base64
import csv
import io
import json
from urllib.parse import quote

import pandas as pd
import pytest
from accessibility import findings
from test_report_browser import (
    BARS,
    SCRIPTS,
    Visit,
    idle,
    write_odd_world,
)

import geoclust as gc
from geoclust.report.page import page_bytes
from geoclust.study.guarded import unguard_text

pytestmark = pytest.mark.browser

FORMULAS = ("=1+1", "@SUM(A1)", "'-2", "+3")
PICTURE = base64.b64decode(  # one grey pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
LAPTOP = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Clusters and quasi-clusters, an experiment on them, and no honest name."""
    folder = tmp_path_factory.mktemp("page")
    found = gc.run_study(write_odd_world(folder, BARS))
    names = [f"{(*FORMULAS, *SCRIPTS)[i % 9]} {i}" for i in range(len(found.regions))]
    found = type(found)(**{**vars(found), "regions": found.regions.assign(name=names)})
    robustness = gc.run_robustness(found, draws=4)
    report = folder / "report.html"
    report.write_bytes(page_bytes(found, picture=PICTURE, robustness=robustness))
    return found, report, robustness


@pytest.fixture(scope="module")
def visit(browser, world):
    """One visit for all tests: opening a page anew is what costs most."""
    found = Visit(browser, world[1], viewport=LAPTOP)
    yield found
    found.check()
    found.context.close()


@pytest.fixture
def page(visit):
    """The page as it was when opened."""
    visit.page.emulate_media(media="screen", color_scheme="light", reduced_motion="reduce")
    visit.page.evaluate(
        "() => { location.hash = '#show=all'; document.activeElement.blur(); scrollTo(0, 0);"
        "document.querySelectorAll('details').forEach((one) => { one.open = false; }); }"
    )
    visit.page.keyboard.press("Escape")
    visit.page.wait_for_selector("#card:not(.open)")
    visit.page.evaluate("document.activeElement.blur()")
    return visit.page


def fragment(page):
    return page.evaluate("location.hash")


def opened(page):
    """Names in the card and in the heads of the pair, as read."""
    return (
        page.locator("#card.open h3").all_inner_texts(),
        page.locator("#pair .side h4").all_inner_texts(),
    )


def test_search_finds_regions_records_places_countries_and_codes(page, world):
    study = world[0]
    options = page.locator("#search-list [role=option]")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    first = study.regions.index[0]
    for text, groups in (
        (study.regions.at[first, "name"], ["Regions"]),
        (first, ["Regions"]),
        ("tokyo-07", ["Organisations and patents"]),
        ("TAVEUNI 9", ["Organisations and patents"]),
        ("netherlands", ["Countries"]),
        ("nl", ["Countries"]),
    ):
        page.locator("#search").fill(text)
        heads = page.locator("#search-list [role=group]").evaluate_all(
            "nodes => nodes.map((one) => one.getAttribute('aria-label').split(',')[0])"
        )
        assert set(groups) <= set(heads), text
        assert options.count() >= 1
    page.locator("#search").fill("no such thing")
    assert "Nothing" in options.inner_text()
    page.keyboard.press("Escape")
    assert page.locator("#search-list").is_hidden()
    assert page.locator("#search").get_attribute("aria-expanded") == "false"


def test_search_is_worked_by_keys_and_leads_to_the_record(page, world):
    study = world[0]
    page.keyboard.press("/")
    page.keyboard.type("tokyo-07")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#search").get_attribute("aria-activedescendant")
    assert page.locator(f"#{chosen}").get_attribute("aria-selected") == "true"
    page.keyboard.press("Enter")
    page.wait_for_selector("#card.open")
    home = study.clustering.region_of["tokyo-07"]
    assert opened(page)[0] == [study.regions.at[home, "name"]]
    assert "record=tokyo-07" in fragment(page)
    assert "Tokyo 7" in page.locator("#told").inner_text()
    page.wait_for_selector("#tip:not([hidden])")
    assert "Tokyo 7" in page.locator("#tip").inner_text()


def test_an_address_opens_the_same_state_in_another_visit(page, browser, world):
    a, b = world[0].regions.index[:2]
    page.get_by_role("checkbox", name="Labs").uncheck()
    page.get_by_role("checkbox", name="Ties between regions").check()
    page.evaluate("id => geoclust.choose(geoclust.numbers.get(id))", a)
    page.locator("#card").get_by_role("button", name="Compare with another").click()
    page.evaluate("id => geoclust.choose(geoclust.numbers.get(id))", b)
    page.wait_for_selector("#pair:not([hidden])")
    idle(page)
    box = page.locator("#map").bounding_box()
    page.evaluate("document.getElementById('map-section').scrollIntoView({ behavior: 'instant' })")
    page.locator("#map .maplibregl-ctrl-zoom-in").click()
    page.wait_for_function("location.hash.includes('view=')")
    assert box["width"] > 600
    for part in (f"region={quote(a)}", f"with={quote(b)}", "hide=lab", "also=ties"):
        assert part in fragment(page)
    before = (opened(page), page.evaluate("geoclust.map.view()"), fragment(page))
    context = browser.new_context(offline=True, reduced_motion="reduce", viewport=LAPTOP)
    other = context.new_page()
    other.goto(page.url)
    other.wait_for_selector(".map-frame[data-drawn=true]", timeout=90_000)
    assert (opened(other), other.evaluate("geoclust.map.view()"), fragment(other)) == before
    assert not other.get_by_role("checkbox", name="Labs").is_checked()
    assert other.get_by_role("checkbox", name="Ties between regions").is_checked()
    assert "lab" not in json.dumps(other.evaluate("geoclust.map.live.getFilter('record-dots')"))
    context.close()


def test_back_and_forward_go_through_what_was_done(page, world):
    a, b = world[0].regions.index[:2]
    names = world[0].regions["name"]
    page.evaluate("id => geoclust.choose(geoclust.numbers.get(id))", a)
    page.evaluate("id => geoclust.choose(geoclust.numbers.get(id), true)", b)
    page.get_by_role("checkbox", name="Firms").uncheck()
    page.go_back()
    page.wait_for_function("!location.hash.includes('hide')")
    assert page.get_by_role("checkbox", name="Firms").is_checked()
    assert len(opened(page)[1]) == 2
    page.go_back()
    page.wait_for_selector("#pair", state="hidden")
    assert opened(page)[0] == [names[a]]
    page.go_back()
    page.wait_for_selector("#card:not(.open)")
    page.go_forward()
    page.wait_for_selector("#card.open")
    page.locator(".contents").get_by_role("link", name="Method").click()
    assert opened(page)[0] == [names[a]]  # a way to a section closes nothing


SENSELESS = (
    "region=<img src=x onerror=alert(1)>&with=javascript:alert(1)",
    "region=%E0%A4%A&view=NaN,1,2&also=constructor&hide=__proto__",
    "record=%3Cscript%3Ealert(1)%3C/script%3E&view=1e400,0,3&globe=2",
    "=&&==&region",
)


def test_an_address_that_makes_no_sense_opens_the_page(page):
    for text in SENSELESS:
        page.evaluate("text => { location.hash = text; }", text)
        page.wait_for_timeout(50)
        assert opened(page) == ([], []), text
        assert page.locator("img[src=x]").count() == 0
        assert page.evaluate("document.scripts.length") == 4


def test_two_regions_are_chosen_from_a_table_and_told_apart_in_words(page, world):
    study, _, robustness = world
    first, second = study.scores.table.index[:2]
    names = study.regions["name"]
    rows = page.locator("#ranking-table tbody tr")
    rows.nth(0).get_by_role("button").click()
    tray = page.locator("#picking")
    assert names[first] in tray.inner_text()
    page.keyboard.press("Escape")
    assert tray.is_hidden()
    rows.nth(0).get_by_role("button").click()
    rows.nth(1).get_by_role("button").click()
    page.wait_for_selector("#pair:not([hidden])")
    assert opened(page)[1] == [names[first], names[second]]
    assert page.evaluate("document.activeElement.id") == "pair"
    assert names[second] in page.locator("#live").inner_text()
    told = page.locator(".differences").inner_text()
    ranks = study.scores.table["rank_label"]
    assert f"{names[first]} ranks {ranks[first]} and {names[second]} {ranks[second]}" in told
    assert "In the middle nine tenths of 4 draws" in told
    for region, verb in ((first, "is a cluster in"), (second, "in")):
        share = 100 * robustness.status.at[region, "cluster"]
        assert f"{names[region]} {verb} {share:.3g} %" in told.replace("\u202f", " ")
        firms = int(study.indicators.at[region, "firm_count"])
        assert f"{names[region]} holds {firms} firms" in told
    page.locator("#pair").get_by_role("button", name="Copy link").click()
    page.locator("#pair").get_by_text("Link copied").or_(page.locator("#pair .address")).wait_for()
    field = page.locator("#pair .address")  # where the clipboard may not be written
    assert field.count() == 0 or field.input_value() == page.url
    page.locator("#pair").get_by_role("button", name="Swap").click()
    assert opened(page)[1] == [names[second], names[first]]
    page.locator("#pair").get_by_role("button", name="Close").click()
    assert page.locator("#pair").is_hidden()


def test_a_click_on_the_map_makes_a_pair_with_the_open_card(page, world):
    study = world[0]
    a = study.regions.index[0]
    number = study.regions.index.get_loc("is-reykjavik")
    page.evaluate("id => geoclust.choose(geoclust.numbers.get(id))", a)
    page.locator("#reset-view").click()
    idle(page)
    at = page.evaluate(
        "n => { document.getElementById('map-section').scrollIntoView({ behavior: 'instant' });"
        "const map = geoclust.map.live; const at = map.project(geoclust.data.regions[n].at);"
        "const box = map.getCanvas().getBoundingClientRect(); return [box.x + at.x, box.y + at.y];"
        "}",
        number,
    )
    page.keyboard.down("Control")
    page.mouse.click(*at)
    page.keyboard.up("Control")
    page.wait_for_selector("#pair:not([hidden])")
    assert fragment(page) == f"#region={a}&with=is-reykjavik"
    shown = page.evaluate(
        "['line-chosen', 'line-other'].map((id) => geoclust.map.live.getFilter(id)[2])"
    )
    assert shown == [0, number]


def test_profiles_stand_where_the_numbers_say_with_their_intervals(page, world):
    study = world[0]
    a, b = study.scores.table.index[:2]
    page.evaluate("id => geoclust.choose(geoclust.numbers.get(id))", a)
    page.evaluate("id => geoclust.choose(geoclust.numbers.get(id), true)", b)
    page.wait_for_selector(".profiles svg")
    rows = page.evaluate(
        "() => geoclust.plot.rows([0, 1].map((n) => geoclust.data.regions[geoclust.numbers.get("
        "new URLSearchParams(location.hash.slice(1)).get(n ? 'with' : 'region'))]))"
        ".filter((row) => !row.head).map((row) => ({ ...row,"
        " stands: row.values.map((one) => one === null ? null : geoclust.plot.stand(row, one)) }))"
    )
    by_label = {row["label"]: row for row in rows}
    for row in rows:
        known = [s for s in row["stands"] if s is not None]
        assert all(-1e-9 <= s <= 1 + 1e-9 for s in known), row["label"]
        if len(known) == 2 and row["values"][0] != row["values"][1]:
            better = (row["values"][0] > row["values"][1]) != row["less"]
            assert (row["stands"][0] > row["stands"][1]) == better, row["label"]
    drawn = page.locator(".profiles .interval").count()
    assert drawn == sum(one is not None for row in rows for one in row["intervals"])
    assert drawn > 2
    rank = by_label["Overall rank"]
    assert rank["less"]
    assert rank["intervals"][0] is not None


def saved(page, button):
    """A saved table, as another reader of CSV reads it."""
    with page.expect_download() as download:
        button.click()
    text = download.value.path().read_text("utf-8")
    return download.value.suggested_filename, list(csv.reader(io.StringIO(text, newline="")))


READ = """table => [...table.rows].map((row) => [...row.cells].map((cell) => {
  const copy = cell.cloneNode(true);
  copy.querySelectorAll("[aria-hidden=true], button.versus").forEach((one) => one.remove());
  return copy.textContent.replace(/[\\s\\u00a0\\u202f]/g, "");
}))"""


def test_every_table_is_saved_as_it_reads_and_no_cell_is_a_formula(page, world):
    ranked = list(world[0].scores.table.index)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    tables = page.locator(".scroll > table")
    buttons = page.locator("main .table-tools .csv")
    assert tables.count() == buttons.count() > 8
    guarded = 0
    for name in ("ranking", "coverage", "statuses", "settings", "bars"):
        table = page.locator(f"#{name}-table")
        button = table.locator("xpath=../following-sibling::div[1]").locator(".csv")
        file, rows = saved(page, button)
        assert file == f"{name}.csv"
        read = table.evaluate(READ)
        assert len(rows) == len(read)
        for row, cells in zip(rows, read, strict=True):
            plain = unguard_text(pd.Series(row, dtype="str")).to_list()
            assert ["".join(cell.split()) for cell in plain] == cells
            for cell in row:
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
            guarded += sum(a != b for a, b in zip(row, plain, strict=True))
    a, b = names = ranked[:2]
    page.evaluate("id => geoclust.choose(geoclust.numbers.get(id))", a)
    page.evaluate("id => geoclust.choose(geoclust.numbers.get(id), true)", b)
    file, rows = saved(page, page.locator("#pair .csv"))
    assert file == "two-regions.csv"
    head = unguard_text(pd.Series(rows[0], dtype="str")).to_list()
    assert head[1:3] == [world[0].regions.at[one, "name"] for one in names]
    assert guarded > 0


def test_axe_finds_nothing_serious_with_card_pair_and_search_open(page, world):
    study = world[0]
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.evaluate("id => geoclust.choose(geoclust.numbers.get(id))", study.regions.index[0])
    page.evaluate("id => geoclust.choose(geoclust.numbers.get(id), true)", study.regions.index[1])
    page.locator("#card").get_by_role("button", name="Compare with another").click()
    page.keyboard.press("/")
    page.keyboard.type("delft")
    page.keyboard.press("ArrowDown")
    assert page.locator("#picking").is_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert findings(page) == [], scheme


def test_the_keys_reach_everything_in_order_and_show_where_they_are(page):
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.className") != "skip":
        page.keyboard.press("Shift+Tab")
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "() => { const one = document.activeElement; const style = getComputedStyle(one);"
                "return [one.id || one.className || one.textContent.slice(0, 20),"
                " style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2]; }"
            )
        )
        if seen[-1][0] == "region-link":
            break
    names = [name for name, _ in seen]
    order = [names.index(one) for one in ("search", "reset-view", "globe")]
    assert order == sorted(order)
    assert any("maplibregl-canvas" in name for name in names)
    assert names[-1] == "region-link"  # of the list of leading clusters
    assert [name for name, shown in seen if not shown] == []
    page.keyboard.press("Enter")
    page.wait_for_selector("#card.open")
    assert page.evaluate("document.activeElement.id") == "card"
    assert "open" in page.locator("#live").inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Close comes first in the card
    page.wait_for_selector("#card:not(.open)")
    assert page.evaluate("document.activeElement !== document.body")


def test_the_map_is_told_in_words(page, world):
    study = world[0]
    words = page.locator("#map-words").inner_text()
    assert f"Map of {len(study.regions)} regions" in words
    canvas = page.locator("#map .maplibregl-canvas")
    assert canvas.get_attribute("aria-describedby") == "map-words"


def test_the_story_is_on_one_screen_of_a_laptop(page):
    for part in ("h1", ".lede", ".figures", "#search", ".map-frame", ".legend", "#card h3"):
        box = page.locator(part).first.bounding_box()
        assert box["y"] >= 0, part
        assert box["y"] + box["height"] <= 900, part


def test_paper_holds_everything_and_the_map_as_a_picture(page, world):
    study = world[0]
    a, b = study.regions.index[:2]
    page.evaluate("id => geoclust.choose(geoclust.numbers.get(id))", a)
    page.evaluate("id => geoclust.choose(geoclust.numbers.get(id), true)", b)
    page.wait_for_selector(".profiles svg")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    hidden = page.evaluate(
        "() => [...document.querySelectorAll('main table tr, main section > details > "
        "*:not(.table-tools, .show-all)')]"
        ".filter((one) => !one.getClientRects().length).map((one) => one.outerHTML.slice(0, 80))"
    )
    assert hidden == []
    for part in (".still", "#card .members", "#pair .profiles svg", "#settings-table"):
        assert page.locator(part).first.is_visible(), part
    for part in ("#map", "#search", ".csv", ".versus", ".contents", "#picking"):
        assert not page.locator(part).first.is_visible(), part
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("main section > details[open]").count() == 0
    assert page.pdf()[:5] == b"%PDF-"
