"""The explorer in a real browser: served by its command, dragged, clicked, cut, merged, saved."""

import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from accessibility import findings
from test_report_browser import SCRIPTS, write_odd_world

import geoclust as gc

pytestmark = pytest.mark.browser

ROOT = ".gc-explorer"


@contextmanager
def served(study):
    """The command itself, its address read from what it prints."""
    command = [sys.executable, "-m", "geoclust", "explore", str(study), "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explored")
    bars = "[thresholds.{}]\nmin_density = {}\nmin_capability = {}\n"
    settings = "[clustering]\nmin_cluster_size = 8\nmax_extent_km = 20000\n"
    bars = bars.format("cluster", 2.0, 0.5) + bars.format("quasi", 1.0, 0.2)
    return write_odd_world(folder, settings + bars)


class Bench:
    """The page, and what is asked of it."""

    def __init__(self, page):
        self.page = page
        self.root = page.locator(ROOT)

    def told(self):
        return self.root.get_attribute("data-scene")

    def wait(self, done, seconds=60.0):
        """Until something holds; the page lies in a shadow, where only locators reach."""
        deadline = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < deadline, self.texts(".gc-status")
            self.page.wait_for_timeout(50)

    def after(self, act):
        """Do something that redraws; wait until it has."""
        before = self.told()
        act()
        self.wait(lambda: self.told() != before and self.root.get_attribute("data-busy") == "false")

    def drag(self, name, value):
        slider = self.page.locator(f'input[name="{name}"]')
        script = (
            "(n, v) => { n.value = v; n.dispatchEvent(new Event('input'));"
            " n.dispatchEvent(new Event('change')); }"
        )
        self.after(lambda: slider.evaluate(script, str(value)))

    def counts(self):
        return [int(text.replace(",", "")) for text in self.texts(".gc-counts b")]

    def texts(self, selector):
        return self.page.locator(selector).all_inner_texts()

    def fates(self):
        return [text.split(" ", 1) for text in self.texts(".gc-fates summary")]

    def regions(self):
        options = self.page.locator(".gc-bar select option").all()
        return {one.inner_text(): one.get_attribute("value") for one in options[1:]}

    def choose(self, region_id):
        self.page.locator(".gc-bar select").select_option(region_id)
        self.page.wait_for_selector(".gc-members li", timeout=60_000)

    def act(self, words, **fields):
        self.page.get_by_role("button", name=words, exact=True).click()
        for name, value in (fields | {"reason": "seen on the ground", "by": "the test"}).items():
            field = self.page.locator(f'.gc-form [name="{name}"]')
            if name == "other":
                field.select_option(value)
            else:
                field.fill(value)

    def apply(self):
        self.after(lambda: self.page.get_by_role("button", name="Apply").click())


@pytest.fixture(scope="module")
def bench(browser, study):
    with served(study) as address:
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        asked, dialogs, faults = [], [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address)
        page.wait_for_selector(f"{ROOT}[data-drawn]", timeout=180_000)
        found = Bench(page)
        found.asked, found.dialogs, found.faults, found.address = asked, dialogs, faults, address
        yield found
        page.close()


@pytest.fixture(autouse=True)
def from_the_study(bench):
    """Every test begins with the study as it is."""
    back = bench.page.get_by_role("button", name="Back to the study")
    if back.is_enabled() and (
        bench.fates() or bench.texts(".gc-edits li") or bench.texts(".gc-own")
    ):
        bench.after(back.click)


def test_it_shows_the_study(bench, study):
    run = gc.run_study(gc.StudyConfig.from_toml(study))
    assert set(bench.regions().values()) == set(run.regions.index)
    status = run.status_counts
    assert bench.counts()[:3] == [status["cluster"], status["quasi-cluster"], status["none"]]
    assert bench.fates() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("clustering.min_cluster_size", 22),
        ("clustering.min_samples", 12),
        ("clustering.cluster_selection_epsilon_km", 30),
        ("clustering.max_link_km", 10),
        ("delineation.reach_km", 25),
        ("thresholds.cluster.min_density", 1.2),
        ("thresholds.cluster.min_capability", 0.9),
        ("thresholds.quasi.min_density", 0.2),
        ("thresholds.quasi.min_capability", 0.05),
    ],
)
def test_every_slider_redraws_and_goes_back(bench, name, value):
    bench.drag(name, value)
    section, key = name.rsplit(".", 1)
    assert bench.page.locator(".gc-own:not([hidden])").count() == 1, (section, key)
    assert bench.page.locator(".gc-status").is_hidden()
    bench.after(bench.page.locator(".gc-own:not([hidden])").click)
    assert bench.fates() == []


def test_what_cannot_be_is_said_and_the_slider_goes_back(bench):
    slider = bench.page.locator('input[name="clustering.max_link_km"]')
    before = slider.input_value()
    script = "n => { n.value = 5; n.dispatchEvent(new Event('change')); }"
    slider.evaluate(script)  # below the resolution of city coordinates
    bench.wait(lambda: "must be above resolution_km" in bench.texts(".gc-status")[0])
    assert slider.input_value() == before


def test_what_changed_is_named_and_undone(bench):
    whole = bench.counts()
    bench.drag("clustering.min_cluster_size", 22)
    gone = {words: int(count) for count, words in bench.fates()}["gone"]
    assert gone >= 1
    assert sum(bench.counts()[:3]) == sum(whole[:3]) - gone
    bench.after(bench.page.get_by_role("button", name="Undo").click)
    assert bench.counts() == whole


def test_a_block_of_the_tree_lights_its_region(bench):
    block = bench.page.locator(".gc-tree rect.is-none, .gc-tree rect.is-quasi-cluster").first
    name = block.get_attribute("aria-label").split(":")[0]
    block.dispatch_event("click")
    bench.wait(lambda: bench.texts(".gc-looked") != [""])
    assert bench.page.locator(".gc-card h3").inner_text() == name
    assert "apart from others" in bench.page.locator(".gc-looked").inner_text()


INK = """
canvas => {
  const { width, height } = canvas;
  const pixels = canvas.getContext("2d").getImageData(0, 0, width, height);
  return pixels.data.filter((value, i) => i % 4 === 3 && value > 128).length;
}
"""


def test_names_stand_beside_their_dots_and_go_with_their_regions(bench):
    names = bench.page.locator(".gc-names")
    several, inked = int(names.get_attribute("data-shown")), names.evaluate(INK)
    assert 1 < several <= len(bench.regions())
    bench.drag("clustering.min_cluster_size", 40)
    assert len(bench.regions()) == 1
    bench.wait(lambda: names.get_attribute("data-shown") == "1")
    assert 50 < names.evaluate(INK) < inked


def test_names_are_text(bench):
    regions = bench.regions()
    for region_id in regions.values():
        bench.choose(region_id)
    assert any(SCRIPTS[0] in text for text in bench.texts(".gc-members li"))
    assert bench.page.locator(".gc-explorer img").count() == 0
    assert bench.dialogs == []


def test_edited_saved_and_run_to_the_same_bytes(bench, study, tmp_path):
    regions = bench.regions()
    first, second = sorted(regions.values())[:2]
    before = len(regions)
    bench.choose(first)
    bench.act("Rename", name="Old town & new")
    bench.apply()
    assert "Old town & new" in bench.regions()
    bench.choose(second)
    bench.act("Merge", other=sorted(regions.values())[2])
    bench.apply()
    assert len(bench.regions()) == before - 1
    bench.after(bench.page.get_by_role("button", name="Undo").click)
    assert len(bench.regions()) == before
    bench.choose(first)
    bench.page.wait_for_timeout(1500)  # the map is flying there
    bench.act("Cut")
    bench.page.locator(".gc-map").scroll_into_view_if_needed()
    box = bench.page.locator(".gc-map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for shift in (-180, 180):
        bench.page.mouse.click(x, y + shift)
    bench.apply()
    assert len(bench.regions()) == before + 1
    assert len(bench.texts(".gc-edits li")) == 2
    bench.drag("delineation.reach_km", 12)
    bench.page.get_by_role("button", name="Save as a study file").click()
    bench.wait(lambda: bench.texts(".gc-saved") != [""])
    saved = study.parent / bench.page.locator(".gc-saved").inner_text().removeprefix("saved: ")
    out = tmp_path / "run"
    subprocess.run([sys.executable, "-m", "geoclust", "run", saved, "-o", out, "-q"], check=True)
    table = pd.read_csv(out / "regions.csv", index_col="region_id", keep_default_na=False)
    assert dict(zip(table["name"], table.index, strict=True)) == bench.regions()
    counts = table["status"].value_counts()
    statuses = ("cluster", "quasi-cluster", "none")
    assert [int(counts.get(one, 0)) for one in statuses] == bench.counts()[:3]


def test_a_keyboard_drags_walks_and_chooses(bench):
    """Arrows move a slider; in the tree one block is a stop, arrows go on, Enter chooses."""
    slider = bench.page.locator('input[name="clustering.min_cluster_size"]')
    slider.focus()
    value = float(slider.input_value())
    bench.after(lambda: bench.page.keyboard.press("ArrowRight"))
    assert float(slider.input_value()) == value + 1
    bench.wait(lambda: bench.root.get_attribute("data-busy") == "false")
    stops = bench.page.locator('.gc-tree rect[tabindex="0"]')
    assert stops.count() == 1
    stops.focus()
    seen = set()
    for key in ("ArrowUp",) * 5 + ("Home",) + ("ArrowRight", "ArrowDown") * 5:
        bench.page.keyboard.press(key)
        assert stops.count() == 1
        seen.add(stops.get_attribute("data-n"))
    assert len(seen) > 1
    bench.page.keyboard.press("Enter")
    bench.wait(lambda: bench.page.locator(".gc-tree rect.chosen").count() == 1)
    bench.wait(lambda: bench.texts(".gc-looked") != [""])
    assert "focus" not in str(bench.faults)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_axe_finds_nothing_serious(browser, bench, scheme, width):
    """With a card and a block of the tree open; the page around the component, too."""
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    page.goto(bench.address)
    page.wait_for_selector(f'{ROOT}[data-shown="all"]', timeout=180_000)
    page.locator(".gc-bar select").select_option(index=1)
    page.wait_for_selector(".gc-members li", timeout=60_000)
    page.locator(".gc-tree rect").first.dispatch_event("click")
    page.locator(".gc-looked").filter(has_text="apart from others").wait_for(timeout=60_000)
    assert findings(page) == []
    assert page.get_by_test_id("notebook-actions-dropdown").is_hidden()
    page.close()


def test_without_its_token_nothing_is_served(bench, browser):
    bare = bench.address.split("?")[0]
    page = browser.new_page()
    page.goto(bare)
    page.wait_for_timeout(1500)
    assert page.locator(ROOT).count() == 0
    page.close()


def test_it_listens_on_this_machine_alone(bench):
    port = int(bench.address.split(":")[2].split("/")[0])
    listening = set()
    for name in ("tcp", "tcp6"):
        path = Path("/proc/net") / name
        lines = path.read_text().splitlines()[1:] if path.exists() else []
        for line in lines:
            local, state = line.split()[1], line.split()[3]
            if int(local.split(":")[1], 16) == port and state == "0A":
                listening.add(local.split(":")[0])
    assert listening == {"0100007F"}


def test_no_request_left_and_no_fault(bench):
    host = bench.address.split("/")[2]
    outside = [url for url in bench.asked if not url.startswith(("data:", "blob:"))]
    assert {url.split("/")[2] for url in outside} == {host}
    assert bench.faults == []
