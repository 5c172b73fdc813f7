"""The documentation site: built without a warning, whole, closed to the outside, for everybody.

What is tested is the built pages, as files in a browser without a network.  Chapters are not run
here (the notebooks' own tests do); `.ci/full` builds the site with all of them run.
"""

import os
import re
import subprocess
import sys
from collections import defaultdict
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag

import pytest
from accessibility import findings
from printed import ROOT, blocks

import geoclust as gc
from geoclust.cli import app

DOCS = ROOT / "docs"
sys.path.append(str(DOCS / "_extensions"))

LOADS = {
    ("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"),
    ("object", "data"), ("embed", "src"), ("video", "src"), ("audio", "src"), ("use", "href"),
}  # fmt: skip
"""Attributes whose address a browser fetches by itself."""

JUDGED = (
    "index",
    "tutorial/own-data",
    "how-to/index",
    "how-to/thresholds",
    "reference/indicators",
    "reference/functions/delineate",
    "explanation/clustering",
    "search",
)
"""A page of every kind; the long ones are judged with all others by the slow test."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Folder of the site, built as CONTRIBUTING says but for the chapters' output."""
    out = tmp_path_factory.mktemp("site") / "html"
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-D", "nb_execution_mode=off"]
    done = subprocess.run(
        [*command, str(DOCS), str(out)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "http_proxy": "http://127.0.0.1:9",
             "https_proxy": "http://127.0.0.1:9"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def pages(site):
    """Address within the site to what its page has."""
    found = {}
    for path in site.rglob("*.html"):
        if "_static" in path.parts:
            continue  # a template of the theme's
        page = _Page()
        page.feed(path.read_text("utf-8"))
        found[path.relative_to(site).as_posix()] = page
    assert len(found) > 50
    return found


class _Page(HTMLParser):
    """Ids, links and what is fetched of one page."""

    def __init__(self):
        super().__init__()
        self.ids, self.links, self.loads = set(), [], []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                self.ids.add(value)
            elif tag == "a" and name == "href":
                self.links.append(value)
            elif (tag, name) in LOADS:
                self.loads.append(value)
            elif name == "srcset":
                self.loads += [part.split()[0] for part in value.split(",")]


def test_every_public_name_is_documented(pages):
    ids = {name for at, page in pages.items() if "functions/" in at for name in page.ids}
    wanted = {f"geoclust.{name}" for name in gc.__all__} - {"geoclust.synthetic"}
    assert wanted - ids == set()
    assert "module-geoclust.synthetic" in ids
    assert {f"geoclust.{name}" for name in ids if "." not in name} & set(pages) == set()


def test_every_command_and_option_is_documented_with_words(site):
    import commands

    text = (site / "reference" / "command-line.html").read_text("utf-8")
    names = [name for name in app if not name.startswith("-")]
    said = commands.told_of_each()
    assert set(said) == set(names)
    for name in names:
        assert f'id="command-{name}"' in text
        bullets = dict(re.findall(r"^\* `([^`]+)`:? *(.*)", said[name], re.MULTILINE))
        words = {word: told for shown, told in bullets.items() for word in re.split("[ ,]+", shown)}
        for argument in app[name].assemble_argument_collection():
            for flag in argument.names if argument.show else ():
                if flag.startswith(("--no-", "--empty-")) and flag not in words:
                    continue  # the other side of a flag or list
                assert words.get(flag), f"geoclust {name}: nothing is said of {flag}"
                assert flag in text


def test_every_setting_is_documented_with_words(pages):
    import settings

    from geoclust.study.template import study_template

    known = settings.all_settings()
    assert [name for name, words in known.items() if not words] == []
    ids = pages["reference/settings.html"].ids
    shared = re.compile(r"inputs\.(firms|labs|patents|ties|places)\.")
    marks = {f"setting-{settings.anchor(name)}" for name in known if not shared.match(name)}
    assert marks - ids == set()
    keys = set(re.findall(r"^# \(?(\w+)(?: = |: not set)", study_template(), re.MULTILINE))
    assert keys - {part for name in known for part in name.split(".")} == set()
    assert len(known) > 150


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A folder of results of an invented world."""
    folder = tmp_path_factory.mktemp("world")
    gc.synthetic.write_toy_world(folder)
    quick = "[report]\nfigures = false\nsurvival = false\n[network]\nrewirings = 200\n"
    (folder / "study.toml").write_text(quick)
    return gc.write_study(gc.run_study(folder / "study.toml"), folder / "results")


def test_every_column_of_every_file_is_documented(results):
    import columns

    from geoclust.assignment.bounding import ACCOUNT
    from geoclust.assignment.editing import ECHO
    from geoclust.records.inputs import MERGE_DTYPES

    files = columns.TOLD["files"]
    written = {path.name for path in results.iterdir() if path.is_file()}
    assert {name for name in written if name.rpartition(".")[0] != "regions"} - {
        "records.parquet"
    } <= set(files)
    for name in written & {name for name in files if name.endswith(".csv")}:
        heading = (results / name).read_text("utf-8").splitlines()[0].split(",")
        assert heading == files[name]["columns"], name
    assert files["boundaries.csv"]["columns"] == list(ACCOUNT)
    assert files["edits.csv"]["columns"] == [*ECHO, "state"]
    assert files["merged.csv"]["columns"] == list(MERGE_DTYPES)
    for name, told in files.items():
        for column in told.get("columns", []):
            assert columns.meaning(name, column)[1], f"{name}: {column}"


def test_nothing_is_fetched_from_elsewhere(site, pages):
    told = {at: page.loads for at, page in pages.items()}
    outside = [(at, to) for at, loads in told.items() for to in loads if re.match(r"(\w+:)?//", to)]
    assert [each for each in outside if not each[1].startswith("data:")] == []
    for path in site.rglob("*.css"):
        for to in re.findall(r"url\(['\"]?([^'\")]+)|@import", path.read_text("utf-8")):
            assert not re.match(r"(https?:)?//", to), f"{path.name}: {to}"


def test_every_link_within_the_site_leads_somewhere(site, pages):
    dead = defaultdict(set)
    for at, page in pages.items():
        for link in {*page.links, *page.loads}:
            if re.match(r"[a-z]+:|//", link):
                continue
            target, mark = urldefrag(unquote(link))
            path = (site / at).parent / target.partition("?")[0] if target else site / at
            path = path.resolve()
            if not path.is_file():
                dead[at].add(link)
            elif mark and path.suffix == ".html":
                whole = pages[path.relative_to(site.resolve()).as_posix()]
                if mark not in whole.ids:
                    dead[at].add(link)
    assert dead == {}


def test_the_walk_of_the_reference_is_that_of_the_readme():
    page = DOCS / "reference" / "functions" / "index.md"
    (walk,) = [block.text for block in blocks(page) if block.kind == "python"]
    assert walk in (ROOT / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def browser(launch):
    with launch(args=["--no-sandbox"]) as opened:
        yield opened


def page_of(browser, scheme="light", width=1280):
    """A page without a network that notes what it asks for and what goes wrong."""
    context = browser.new_context(
        offline=True, color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    asked, faults = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    return page, asked, faults


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_of_every_kind_is_accessible_and_asks_for_nothing(site, browser, scheme):
    page, asked, faults = page_of(browser, scheme)
    told = {}
    for name in JUDGED:
        page.goto((site / f"{name}.html").as_uri())
        assert page.locator("html").get_attribute("data-theme") == scheme
        told[name] = findings(page)
    assert {name: found for name, found in told.items() if found} == {}
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert faults == []


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible(site, pages, browser, scheme):
    page, asked, _ = page_of(browser, scheme)
    told = {}
    for name in pages:
        page.goto((site / name).as_uri())
        told[name] = findings(page)
    assert {name: found for name, found in told.items() if found} == {}
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


@pytest.mark.browser
def test_the_search_works_from_files_alone(site, browser):
    page, asked, faults = page_of(browser)
    page.goto((site / "search.html").as_uri() + "?q=betweenness")
    page.locator("#search-results li").first.wait_for(timeout=15_000)
    found = page.locator("#search-results li a").all_inner_texts()
    assert any("brokerage" in text.casefold() or "connect" in text.casefold() for text in found)
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert faults == []


@pytest.mark.browser
def test_on_a_phone_no_page_is_wider_than_the_screen(site, browser):
    page, _, _ = page_of(browser, width=390)
    for name in JUDGED:
        page.goto((site / f"{name}.html").as_uri())
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{name} is {width} pixels wide"


def test_output_of_chapters_is_kept_for_one_state_of_the_code_alone(tmp_path):
    import chapters

    (tmp_path / "geoclust").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "geoclust" / "a.py").write_text("a = 1\n")
    before = chapters.state(tmp_path)
    assert chapters.state(tmp_path) == before
    (tmp_path / "geoclust" / "a.py").write_text("a = 2\n")
    changed = chapters.state(tmp_path)
    (tmp_path / "data" / "b.csv").write_text("b\n")
    assert len({before, changed, chapters.state(tmp_path)}) == 3
