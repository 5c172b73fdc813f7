"""A timeline written out: the folder, the command, the page in a browser."""

import json
import subprocess
import sys

import pandas as pd
import pytest
from worlds import STUDY, town, write_world

import geoclust as gc
from geoclust.report import check_results

HOSTILE = "</script><img src=x onerror=alert(1)>"
WINDOWS = "2000-2004,2005-2009"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    towns = [
        town("one", (0, 0), 30).assign(year=2001),
        town("two", (0, 0), 40, seed=4).assign(year=2006),
        town("three", (200, 0), 20).assign(year=2007),
        town("four", (0, 300), 20).assign(year=2002),
    ]
    settings = f"[study]\nname = {json.dumps(HOSTILE)}\n{STUDY}"
    return write_world(folder, towns, settings=settings)


@pytest.fixture(scope="module")
def done(world, tmp_path_factory):
    cwd = tmp_path_factory.mktemp("cwd")
    ran = subprocess.run(
        [sys.executable, "-m", "geoclust", "timeline", str(world), "--windows", WINDOWS,
         "--out", str(cwd / "out"), "--json"],
        cwd=cwd, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return ran, cwd / "out"


def test_the_command_writes_a_whole_folder(done):
    ran, out = done
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["followed_by"] == "ground"
    assert [window["regions"] for window in told["windows"]] == [2, 2]
    assert told["tracks"] == {"all": 3, "alive": 2, "in_all_windows": 1}
    assert check_results(out) == []
    table = pd.read_csv(out / "timeline.csv")
    assert len(table) == 4
    assert set(pd.read_csv(out / "tracks.csv")["ended"]) == {"alive", "gone"}
    assert set(pd.read_csv(out / "steps.csv")["fate"]) == {"grown", "new", "gone"}
    figures = {path.name for path in (out / "figures").glob("*.png")}
    assert figures == {"lives.png", "trajectories.png", "counts.png"}


def test_the_folder_makes_the_same_folder_again(done, tmp_path):
    _, out = done
    found = gc.run_timeline(out / "study.toml")
    again = gc.write_timeline(found, tmp_path / "again")
    for name in ("timeline.csv", "tracks.csv", "steps.csv", "windows.csv", "figures/lives.png"):
        assert (again / name).read_bytes() == (out / name).read_bytes(), name


def test_without_windows_the_command_says_what_to_give(world, tmp_path):
    ran = subprocess.run(
        [sys.executable, "-m", "geoclust", "timeline", str(world)],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert ran.returncode == 2
    assert "--windows 2010-2014,2015-2019" in ran.stderr
    assert not list(tmp_path.iterdir())


def test_what_the_terminal_and_a_notebook_show(world, done, capsys):
    from rich.console import Console

    from geoclust.report.timing.terminal import print_timeline

    found = gc.run_timeline(world, windows=tuple(WINDOWS.split(",")))
    print_timeline(found, done[1], Console(width=160, highlight=False))
    words = capsys.readouterr().out
    assert "There from the beginning (2000-2004); still there" in words
    assert "New in 2005-2009" in words
    assert "gone after 2000-2004" in words
    assert "followed by ground" in repr(found)
    assert "<img" not in found._repr_html_()


@pytest.mark.browser
def test_the_page_in_a_browser(done, browser):
    faults = []
    for width in (1300, 390):
        context = browser.new_context(offline=True, viewport={"width": width, "height": 800})
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda told: faults.append(told.text))
        page.on("dialog", lambda dialog: (faults.append("dialog"), dialog.dismiss()))
        page.goto((done[1] / "timeline.html").as_uri())
        assert page.locator("#tracks-table tbody tr").count() == 3
        page.locator("#tracks-table .sort").first.click()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        drawn = "[...document.images].every((one) => one.complete && one.naturalWidth > 0)"
        page.wait_for_function(drawn)
        assert page.title().startswith(HOSTILE)
    assert faults == []
