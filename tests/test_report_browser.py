"""The page in a real browser with the network off: drawn, clickable, sortable, never run by a name.

The world is odd on purpose: a region astride 180 degrees, one at the South Pole, one of a single
place, and organisations whose names are scripts.
"""

import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import geoclust as gc

pytestmark = pytest.mark.browser

SCRIPTS = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "${alert(1)}",
    "javascript:alert(1)",
    "{{ 7 * 7 }}",
)
TITLE = "<img src=x onerror=alert(2)> study"
TOWNS = (
    ("Delft", "NL", 4.36, 52.01, 40, 5.0),
    ("Cambridge", "GB", 0.12, 52.20, 30, 4.0),
    ("Taveuni", "FJ", 179.99, -16.80, 24, 12.0),
    ("Pole", "AQ", 10.0, -89.98, 20, 3.0),
    ("Reykjavik", "IS", -21.94, 64.14, 18, 0.0),
    ("Tokyo", "JP", 139.70, 35.68, 35, 8.0),
)
DRAWN = ".map-frame[data-drawn=true]"


def write_odd_world(folder, settings=""):
    rng = np.random.default_rng(3)
    parts = []
    for name, country, longitude, latitude, count, spread_km in TOWNS:
        north, east = rng.normal(size=(2, count)) * spread_km / 111.2
        y = latitude + north
        x = longitude + east / np.cos(np.radians(min(abs(latitude), 89.0)))
        beyond = np.abs(y) > 90
        x = np.where(beyond, x + 180, x)
        y = np.where(beyond, np.sign(y) * (180 - np.abs(y)), y)
        own = [SCRIPTS[i] if i < len(SCRIPTS) else f"{name} {i}" for i in range(count)]
        ids = [f"{name.lower()}-{i:02d}" for i in range(count)]
        kinds = [("firm", "firm", "lab", "patent")[i % 4] for i in range(count)]
        parts.append(
            pd.DataFrame(
                {
                    "record_id": ids,
                    "name": own,
                    "longitude": (x + 180) % 360 - 180,
                    "latitude": y,
                    "country": country,
                    "kind": kinds,
                }
            )
        )
    records = pd.concat(parts)
    for kind, rows in records.groupby("kind"):
        rows.drop(columns="kind").to_csv(folder / f"{kind}s.csv", index=False)
    firms = records.loc[records["kind"] == "firm", "record_id"].tolist()
    ties = pd.DataFrame({"organisation_a": firms[:-3], "organisation_b": firms[3:]})
    ties.to_csv(folder / "ties.csv", index=False)
    (folder / "study.toml").write_text(f"[study]\nname = {json.dumps(TITLE)}\n{settings}")
    return folder / "study.toml"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return gc.run_study(write_odd_world(tmp_path_factory.mktemp("odd")))


@pytest.fixture(scope="module")
def report(study, tmp_path_factory):
    return gc.write_study(study, tmp_path_factory.mktemp("out") / "odd") / "report.html"


class Visit:
    """An open page and everything that must not happen on it."""

    def __init__(self, browser, report, **options):
        self.context = browser.new_context(offline=True, reduced_motion="reduce", **options)
        self.page = self.context.new_page()
        self.requests, self.faults, self.dialogs = [], [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self.note)
        self.page.on("dialog", self.answer)
        self.page.goto(report.as_uri())
        self.page.wait_for_selector(DRAWN, timeout=90_000)

    def note(self, message):
        if message.type == "error" or "Content Security Policy" in message.text:
            self.faults.append(message.text)

    def answer(self, dialog):
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def region(self, start):
        return self.page.evaluate(
            "start => geoclust.data.regions.findIndex((one) => one.id.startsWith(start))", start
        )

    def check(self):
        assert self.faults == []
        assert self.dialogs == []
        assert [
            url for url in self.requests if not url.startswith(("file:", "blob:", "data:"))
        ] == []
        assert sum(url.startswith("file:") for url in self.requests) == 1


@pytest.fixture
def laptop(browser, report):
    visit = Visit(browser, report, viewport={"width": 1440, "height": 900})
    yield visit
    visit.check()
    visit.context.close()


def idle(page):
    """Wait until the map has drawn all it has; ask again, as its event may fail to come."""
    page.evaluate(
        """() => new Promise((done, failed) => {
          const map = geoclust.map.live;
          const again = setInterval(() => map.triggerRepaint(), 250);
          const late = setTimeout(() => end(failed, Error("the map was never idle")), 60000);
          function end(how, what) { clearInterval(again); clearTimeout(late); how(what); }
          map.once("idle", () => end(done));
          map.triggerRepaint();
        })"""
    )


COLOURS = """() => {
  const live = geoclust.map.live.getCanvas();
  const copy = document.createElement("canvas");
  copy.width = live.width; copy.height = live.height;
  const pen = copy.getContext("2d");
  pen.drawImage(live, 0, 0);
  const data = pen.getImageData(0, 0, copy.width, copy.height).data;
  const found = new Set();
  for (let i = 0; i < data.length; i += 4) {
    found.add((data[i] << 16) + (data[i + 1] << 8) + data[i + 2]);
  }
  return found.size;
}"""


def test_the_map_is_drawn(laptop):
    assert laptop.page.evaluate(COLOURS) > 50
    assert laptop.page.locator("#map-failure").is_hidden()


def test_a_click_on_a_region_opens_its_card(laptop, study):
    page = laptop.page
    number = laptop.region("is-")
    at = page.evaluate(
        "number => { const map = geoclust.map.live; document.getElementById('map-section')"
        ".scrollIntoView({ behavior: 'instant' }); "
        "const at = map.project(geoclust.data.regions[number].at); "
        "const box = map.getCanvas().getBoundingClientRect();"
        "return [box.x + at.x, box.y + at.y]; }",
        number,
    )
    page.mouse.move(*at)
    page.wait_for_selector("#tip:not([hidden])")
    assert "Reykjavík" in page.locator("#tip").inner_text()
    page.mouse.click(*at)
    page.wait_for_selector("#card.open")
    card = page.locator("#card").inner_text()
    assert "Reykjavík" in card
    assert "Why this status" in card
    assert "18" in card
    assert page.evaluate("document.activeElement.id") == "card"
    assert page.url.endswith("#region=is-reykjavik")
    page.get_by_role("button", name="Close the card").click()
    page.wait_for_selector("#card:not(.open)")


def test_a_card_tells_the_brief_and_what_becomes_of_the_gap(laptop, study):
    page = laptop.page
    for region_id in (study.gaps.index[0], study.regions.index[0]):
        page.evaluate("id => { location.hash = '#region=' + encodeURIComponent(id); }", region_id)
        page.wait_for_selector("#card.open")
        page.wait_for_function(
            "name => document.querySelector('#card h3').textContent === name",
            arg=study.regions.at[region_id, "name"],
        )
        paragraphs = page.locator("#card .brief p").all_inner_texts()
        plain = [text.replace("\u202f", " ").replace("\u00a0", " ") for text in paragraphs]
        assert plain == study.briefs[region_id].split("\n")
        again = page.locator("#card .again").all_inner_texts()
        survival = study.gaps["survival"].get(region_id)
        assert bool(again) == isinstance(survival, str)
        assert not again or survival in again[0]


def test_names_that_are_scripts_are_text(laptop):
    page = laptop.page
    assert page.locator("h1").inner_text() == TITLE
    page.evaluate("location.hash = '#region=' + geoclust.data.regions[0].id")
    page.wait_for_selector("#card.open")
    for summary in page.locator("#card details summary").all():
        summary.click()
    from playwright.sync_api import expect

    expect(page.locator("#card .members")).to_have_count(3)
    members = page.locator("#card .members").all_inner_texts()
    shown = "\n".join(members)
    for script in SCRIPTS:
        assert script in shown
    assert page.locator("img[src=x]").count() == 0
    assert page.evaluate("document.scripts.length") == 4


def test_the_tables_sort_by_mouse_and_keyboard(laptop):
    page = laptop.page
    table = page.locator("#coverage-table")
    heading = table.get_by_role("button", name="Country")
    heading.click()
    names = table.locator("tbody td:first-child").all_inner_texts()
    assert names == sorted(names, key=str.casefold)
    assert table.locator("th").first.get_attribute("aria-sort") == "ascending"
    heading.press("Enter")
    again = table.locator("tbody td:first-child").all_inner_texts()
    assert again == names[::-1]
    table.get_by_role("button", name="Records").click()
    counts = [int(text) for text in table.locator("tbody td:nth-child(2)").all_inner_texts()]
    assert counts == sorted(counts, reverse=True)


def test_a_region_astride_180_degrees_is_one_piece(laptop):
    page = laptop.page
    number = laptop.region("fj-")
    page.evaluate(
        "number => { location.hash = '#region=' + encodeURIComponent("
        "geoclust.data.regions[number].id); }",
        number,
    )
    page.wait_for_selector("#card.open")
    idle(page)
    west, _, east, _ = page.evaluate("n => geoclust.data.regions[n].bounds", number)
    assert 0 < east - west < 2
    assert west < 180 < east
    pieces = page.evaluate(
        "n => { const map = geoclust.map.live;"
        "const [w, s, e, b] = geoclust.data.regions[n].bounds;"
        "return [w + 0.05, e - 0.05].map((x) => Math.abs(map.project([x, (s + b) / 2]).x"
        " - map.getContainer().clientWidth / 2)); }",
        number,
    )
    assert max(pieces) < 400  # both sides of the meridian are on the screen, side by side
    seam = page.evaluate(
        "n => geoclust.data.regions[n].outline.flatMap((line) => line.slice(1).map((end, i) =>"
        " [line[i], end])).filter(([a, b]) => Math.abs(a[0]) > 179.999 && a[0] === b[0]).length",
        number,
    )
    assert seam == 0


def test_a_region_at_the_pole_is_on_the_globe(laptop):
    page = laptop.page
    number = next(
        i
        for i, at in enumerate(page.evaluate("geoclust.data.regions.map((one) => one.at)"))
        if at[1] < -89
    )
    page.evaluate(
        "number => { location.hash = '#region=' + encodeURIComponent("
        "geoclust.data.regions[number].id); }",
        number,
    )
    page.wait_for_selector(".polar-region path[d^=M]")
    idle(page)
    assert page.locator("#globe").get_attribute("aria-pressed") == "true"
    mark = page.locator(".polar-region circle").bounding_box()
    frame = page.locator(".map-frame").bounding_box()
    assert frame["x"] < mark["x"] < frame["x"] + frame["width"]
    assert frame["y"] < mark["y"] < frame["y"] + frame["height"]


def test_filters_hide_what_they_say(laptop):
    page = laptop.page
    visible = "geoclust.map.live.getLayoutProperty('fill-cluster', 'visibility')"
    box = page.get_by_role("checkbox", name="Clusters", exact=False).first
    box.uncheck()
    assert page.evaluate(visible) == "none"
    box.check()
    assert page.evaluate(visible) == "visible"
    page.get_by_role("checkbox", name="Labs").uncheck()
    assert "lab" not in json.dumps(page.evaluate("geoclust.map.live.getFilter('record-dots')"))


def test_a_phone_shows_no_sideways_scroll(browser, report):
    visit = Visit(browser, report, viewport={"width": 390, "height": 844}, color_scheme="dark")
    wide = visit.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    ground = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(map(int, ground[4:-1].split(","))) < 150
    visit.check()
    visit.context.close()


def test_without_webgl_the_still_map_is_shown(launch, report):
    found = launch(args=["--no-sandbox", "--disable-gpu", "--disable-3d-apis"])
    page = found.new_page()
    page.goto(report.as_uri())
    page.wait_for_selector(".map-off .still")
    assert page.locator("#map-failure").is_visible()
    page.locator("td .region-link").first.click()
    page.wait_for_selector("#card.open")
    found.close()


BARS = """
[thresholds.cluster]
min_density = 2.0
min_capability = 0.45
[thresholds.quasi]
min_density = 1.0
min_capability = 0.3
[scoring]
name = "quantum"
min_share = 0.3
"""


@pytest.fixture(scope="module")
def doubted(tmp_path_factory):
    """The odd world with clusters, experiments, and regions whose names are scripts."""
    folder = tmp_path_factory.mktemp("doubted")
    file = write_odd_world(folder, BARS)
    with (folder / "ties.csv").open("a") as ties:  # over 180 degrees
        ties.write("tokyo-00,taveuni-00\ntokyo-01,taveuni-00\n")
    found = gc.run_study(file)
    names = [f"{SCRIPTS[i % len(SCRIPTS)]} {i}" for i in range(len(found.regions))]
    found = type(found)(**{**vars(found), "regions": found.regions.assign(name=names)})
    robustness = gc.run_robustness(found, draws=6)
    sensitivity = gc.rank_sensitivity(found, n=2, vary=gc.Variation.only("weights", "reach_km"))
    out = gc.write_study(found, folder / "out", robustness=robustness, sensitivity=sensitivity)
    return found, robustness, out / "report.html"


@pytest.fixture
def wide(browser, doubted):
    visit = Visit(browser, doubted[2], viewport={"width": 1440, "height": 900})
    yield visit
    visit.check()
    visit.context.close()


def open_card(page, region_id):
    page.evaluate("id => geoclust.choose(geoclust.numbers.get(id))", region_id)
    page.wait_for_function(
        "id => document.getElementById('card').classList.contains('open') && "
        "document.querySelector('#card h3').textContent === "
        "geoclust.data.regions[geoclust.numbers.get(id)].name",
        arg=region_id,
    )


def visible(page, layer):
    return page.evaluate(
        "id => geoclust.map.live.getLayoutProperty(id, 'visibility') !== 'none'", layer
    )


def test_hostile_names_are_text_in_every_new_part(wide, doubted):
    study, _, _ = doubted
    page = wide.page
    names = study.regions["name"]
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    for table, region_ids in (
        ("#ranking-table", study.scores.table.index),
        ("#factors-table", study.scores.table.index),
        ("#statuses-table", study.regions.index),
        ("#left-out-table", study.scores.table.index),
        ("#dominance-table", study.scores.table.index),
        ("#partners-table", study.key_partners["region_id"].unique()),
        ("#places-table", study.regions.index),
    ):
        shown = page.locator(table).inner_text()
        assert all(names[region_id] in shown for region_id in region_ids), table
    partners = page.locator("#partners-table").inner_text()
    told = study.key_partners["name"][study.key_partners["name"].isin(SCRIPTS)]
    assert len(told)
    assert all(name in partners for name in told)
    changed = study.frontier["changed"].str.split(";").explode()
    some = next(region_id for region_id in changed if region_id)
    assert names[some] in page.locator("#frontier-table").inner_text()
    for region_id in study.regions.index:
        open_card(page, region_id)
        card = page.locator("#card").inner_text()
        for peer in study.peers.loc[study.peers["region_id"] == region_id, "peer"]:
            assert names[peer] in card
        own = study.key_partners[study.key_partners["region_id"] == region_id]
        assert all(name in card for name in own["name"])
    assert page.locator("img[src=x]").count() == 0
    assert page.evaluate("document.scripts.length") == 4


def test_the_card_tells_range_verdicts_profile_and_network(wide, doubted):
    study, robustness, _ = doubted
    page = wide.page
    for region_id in (study.scores.table.index[0], study.regions.index[-1]):
        open_card(page, region_id)
        card = page.locator("#card").inner_text().replace("\u202f", " ")
        row = robustness.ranks.loc[region_id]
        assert f"median {row['median']:g}, 5 to 95 %: {row['low']:g} to {row['high']:g}" in card
        for name, word in (("cluster", "cluster"), ("quasi_cluster", "quasi-cluster")):
            share = robustness.status.at[region_id, name]
            assert share == 0 or f"{word} {100 * share:.3g} %" in card
        own = study.profiles[study.profiles["region_id"] == region_id]
        known = own["standing"].dropna()
        bars = page.locator("#card .profile li")
        assert bars.count() == len(own)
        assert card.count("ahead of ") == len(known)
        widths = page.eval_on_selector_all(
            "#card .profile .fill", "nodes => nodes.map((one) => parseFloat(one.style.width))"
        )
        np.testing.assert_allclose(widths, 100 * own["standing"].fillna(0), atol=0.01)
        assert "Place in the network" in card
        external = study.network_measures.at[region_id, "external_tie_count"]
        assert f"Leading out\n{external}" in card


def test_a_peer_leads_to_its_own_card(wide, doubted):
    study, _, _ = doubted
    page = wide.page
    open_card(page, study.peers["region_id"].iloc[0])
    page.locator("#card .peers .region-link").first.click()
    page.wait_for_function(
        "id => location.hash === '#region=' + encodeURIComponent(id)",
        arg=study.peers["peer"].iloc[0],
    )


def test_ties_are_drawn_on_request_and_cut_at_180_degrees(wide):
    page = wide.page
    assert not visible(page, "ties")
    before = page.evaluate(COLOURS)
    page.get_by_role("checkbox", name="Ties between regions").check()
    assert visible(page, "ties")
    assert page.locator("#ties-note").is_visible()
    idle(page)
    assert page.evaluate(COLOURS) != before
    lines = page.evaluate(
        "() => geoclust.overlays.sources().ties.data.features.flatMap("
        "(one) => one.geometry.coordinates)"
    )
    assert len(lines) > page.evaluate("geoclust.data.ties.length")  # one crosses the meridian
    for line in lines:
        assert max(abs(b[0] - a[0]) for a, b in pairwise(line)) < 180


def test_the_ties_of_a_chosen_region_stand_out_and_a_tie_says_whom_it_joins(wide, doubted):
    study, _, _ = doubted
    page = wide.page
    page.get_by_role("checkbox", name="Ties between regions").check()
    number = study.regions.index.get_loc("nl-rotterdam")
    open_card(page, "nl-rotterdam")
    idle(page)
    assert str(number) in json.dumps(page.evaluate("geoclust.map.live.getFilter('ties-chosen')"))
    page.evaluate("document.getElementById('map-section').scrollIntoView({ behavior: 'instant' })")
    tip = page.locator("#tip")
    for _ in range(60):  # the map may still be on its way to the chosen region
        page.evaluate("() => { geoclust.map.live.jumpTo({ center: [2.2, 52.1], zoom: 6 }); }")
        page.wait_for_timeout(250)
        spot = page.evaluate(
            "() => { const map = geoclust.map.live; const [a, b] = geoclust.data.ties.find((tie) =>"
            " geoclust.data.regions[tie[0]].id.startsWith('gb-') !=="
            " geoclust.data.regions[tie[1]].id.startsWith('gb-') &&"
            " [tie[0], tie[1]].some((one) => geoclust.data.regions[one].id.startsWith('nl-')));"
            " const ends = [a, b].map((one) => map.project(geoclust.data.regions[one].at));"
            " const box = map.getCanvas().getBoundingClientRect();"
            " return [box.x + (ends[0].x + ends[1].x) / 2, box.y + (ends[0].y + ends[1].y) / 2]; }"
        )
        page.mouse.move(spot[0] + 2, spot[1])
        page.mouse.move(*spot)
        if "tied pairs" in (tip.text_content() or ""):
            break
    told = tip.inner_text()
    assert study.regions.at["nl-rotterdam", "name"] in told
    assert study.regions.at["gb-cambridge", "name"] in told
    assert "3 tied pairs" in told


def test_how_firmly_records_belong_is_a_layer_of_its_own(wide, doubted):
    _, robustness, _ = doubted
    page = wide.page
    box = page.get_by_role("checkbox", name="How firmly records belong")
    box.focus()
    page.keyboard.press("Space")
    assert box.is_checked()
    assert visible(page, "stays")
    assert not visible(page, "record-dots")
    assert not visible(page, "record-icons")
    assert page.locator("#stays-key").is_visible()
    idle(page)
    shown = page.evaluate(
        "() => geoclust.map.live.queryRenderedFeatures({ layers: ['stays'] })"
        ".map((one) => one.properties.stays)"
    )
    assert shown
    assert set(np.rint(shown)) <= set((100 * robustness.records["stays"]).round().dropna())
    page.get_by_role("checkbox", name="Labs").uncheck()
    assert "lab" not in json.dumps(page.evaluate("geoclust.map.live.getFilter('stays')"))
    box.uncheck()
    assert visible(page, "record-dots")
    assert page.locator("#stays-key").is_hidden()


def test_ranges_and_probabilities_sort(wide):
    page = wide.page
    table = page.locator("#ranking-table")
    values = "rows => rows.map((row) => Number(row.dataset.sort))"
    table.get_by_role("button", name="Rank in the draws").click()
    medians = table.locator("tbody td:nth-child(3)").evaluate_all(values)
    assert medians == sorted(medians)
    table.get_by_role("button", name="Top ten").click()
    shares = table.locator("tbody td:nth-child(5)").evaluate_all(values)
    assert shares == sorted(shares, reverse=True)


def test_bars_of_ranges_are_drawn_where_the_numbers_say(wide):
    drawn = wide.page.evaluate(
        "() => [...document.querySelectorAll('#ranking-table svg.span')].map((one) => {"
        " const box = one.querySelector('.middle').getBoundingClientRect();"
        " const rail = one.querySelector('.rail').getBoundingClientRect();"
        " return [(box.x + box.width / 2 - rail.x) / rail.width,"
        " Number(one.closest('td').dataset.sort)]; })"
    )
    places = [place for place, _ in sorted(drawn, key=lambda pair: pair[1])]
    assert places == sorted(places)
    assert all(-0.01 <= place <= 1.01 for place in places)


def test_the_frontier_is_drawn_and_says_what_it_shows(wide, doubted):
    page = wide.page
    panels = page.locator("figure.panel svg")
    assert panels.count() == 4
    for panel in panels.all():
        assert "clusters" in panel.get_attribute("aria-label")
        assert panel.bounding_box()["width"] > 250
        for status in ("cluster", "quasi-cluster"):
            line = panel.locator(f".line.{status}")
            assert line.evaluate("one => getComputedStyle(one).stroke") != "none"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_of_it_makes_a_phone_scroll_sideways(browser, doubted, scheme):
    study, _, report = doubted
    visit = Visit(browser, report, viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page = visit.page
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.get_by_role("checkbox", name="Ties between regions").check()
    page.get_by_role("checkbox", name="How firmly records belong").check()
    open_card(page, study.scores.table.index[0])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert visible(page, "stays")
    visit.check()
    visit.context.close()


def test_print_holds_the_new_parts(wide, doubted):
    study, _, _ = doubted
    page = wide.page
    open_card(page, study.scores.table.index[0])
    page.emulate_media(media="print")
    for part in ("#ranking-table svg.span", "figure.panel svg", "#sobol-table", "#card .profile"):
        assert page.locator(part).first.is_visible(), part
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
