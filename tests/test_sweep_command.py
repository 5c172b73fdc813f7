"""`geoclust sweep` as its user meets it: its words, its folder, its page, its faults, Ctrl-C."""

import json
import re
import shlex
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

import geoclust as gc
from geoclust.report import check_results
from geoclust.report.sweeping import writing as sweeping
from geoclust.robustness import swept

HOSTILE = "<script>alert('a town')</script>"
VARY = ("--vary", "clustering.min_cluster_size=6:14:4", "--vary", "delineation.reach_km=8,10,14")
TABLES = ("sweep", "sweep_regions", "sweep_found", "sweep_steps", "sweep_ranges")
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals")


def geoclust(*arguments, cwd=None):
    command = [sys.executable, "-m", "geoclust", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    gc.synthetic.write_toy_world(folder, seed=1)
    (folder / "study.toml").write_text(f'[study]\nname = "{HOSTILE}"\n')
    return folder / "study.toml"


@pytest.fixture(scope="module")
def done(world, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "results"
    return geoclust("sweep", world, *VARY, "--out", out), out


def test_it_says_what_it_will_run_then_prints_every_setting_and_what_is_stable(done):
    process, out = done
    assert process.returncode == 0, process.stderr
    assert process.stderr == (
        "9 settings: clustering.min_cluster_size (3) x delineation.reach_km (3); 3 clusterings\n"
    )
    lines = process.stdout.splitlines()
    assert "9 of 9 settings" in lines[0]
    assert sum(bool(re.match(r"\s*(6|10|14)\*?\s+(8|10|14)\s", line)) for line in lines) == 9
    assert [line.split()[0] for line in lines if "*" in line.split()[0]] == ["10*"]
    assert any(line.startswith("clustering.min_cluster_size: ") for line in lines)
    assert any(line.startswith("delineation.reach_km: ") for line in lines)
    assert lines[-1] == f"Report: {out / 'sweep.html'}"


def test_the_folder_is_whole_and_its_tables_are_those_of_the_library(done, world):
    _, out = done
    assert check_results(out) == []
    assert [path.name for path in out.parent.iterdir()] == ["results"]
    figures = {path.stem for path in (out / "figures").iterdir()}
    along = {"along_clustering_min_cluster_size", "along_delineation_reach_km"}
    assert figures == {"heat_maps", "maps", *along}
    assert all((out / "figures" / f"{name}.svg").stat().st_size < 2e6 for name in figures)
    vary = {"clustering.min_cluster_size": range(6, 15, 4), "delineation.reach_km": [14, 8, 10]}
    again = sweeping._tables(gc.sweep(world, vary=vary))
    assert list(again) == [f"{name}.csv" for name in TABLES]
    for name, make in again.items():
        assert (out / name).read_bytes() == make(), name
    table = pd.read_csv(out / "sweep.csv")
    assert table[["clustering.min_cluster_size", "delineation.reach_km"]].values.tolist() == [
        [size, reach] for size in (6, 10, 14) for reach in (8, 10, 14)
    ]
    own = table.loc[4]
    assert (own["agreement"], own["same_status"], own["top_ten"]) == (1, 1, 1)
    facts = json.loads((out / "manifest.json").read_text())["sweep"]
    assert facts["own_setting"] == 5
    assert facts["varied"]["delineation.reach_km"] == {"values": [8.0, 10.0, 14.0], "own": 10.0}


@pytest.mark.slow
def test_the_same_sweep_is_the_same_files(done, world, tmp_path):
    _, out = done
    study = gc.run_study(world)
    vary = {"clustering.min_cluster_size": [6, 10, 14], "delineation.reach_km": [8, 10, 14]}
    again = sweeping.write_sweep(gc.sweep(study, vary=vary, workers=2), tmp_path / "again")
    for path in out.rglob("*.*"):
        if path.name != "manifest.json":
            assert path.read_bytes() == (again / path.relative_to(out)).read_bytes(), path


@pytest.mark.slow
def test_the_sweep_of_the_readme_runs_as_printed(tmp_path):
    root = Path(__file__).parents[1]
    readme = (root / "README.md").read_text(encoding="utf-8")
    line = re.search(r"^geoclust (sweep .+)$", readme.replace("\\\n", " "), re.MULTILINE).group(1)
    done = geoclust(*shlex.split(line), "--out", tmp_path / "out", cwd=root)
    assert done.returncode == 0, done.stderr
    assert check_results(tmp_path / "out") == []


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_the_page_reaches_for_nothing_and_takes_names_as_text(done):
    _, out = done
    html = (out / "sweep.html").read_text(encoding="utf-8")
    page = Page(html)
    policy = next(a["content"] for t, a in page.found if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert sum(tag == "script" for tag, _ in page.found) == 1  # ours
    assert HOSTILE in page.text
    assert HOSTILE not in html
    for tag, attributes in page.found:
        assert not {name for name in attributes if name.startswith("on") or name == "style"}
        for name in ("src", "href"):
            value = attributes.get(name) or "#"
            assert value.startswith(("#", "data:")), (tag, value)
    images = [attributes for tag, attributes in page.found if tag == "img"]
    assert len(images) == 4
    assert all(attributes["alt"] for attributes in images)
    targets = {attributes.get("id") for _, attributes in page.found}
    links = {a["href"][1:] for t, a in page.found if t == "a" and a["href"].startswith("#")}
    assert links <= targets


@pytest.mark.filterwarnings("ignore::geoclust.GeoclustWarning")
def test_a_sweep_that_finds_nothing_is_written_too(world, tmp_path):
    vary = {"clustering.min_cluster_size": [100, 200], "clustering.max_link_km": [0.05, 9]}
    found = gc.sweep(world, vary=vary)
    assert found.settings["regions"].fillna(-1).tolist() == [-1, 0, -1, 0]
    assert found.found.empty
    out = sweeping.write_sweep(found, tmp_path / "out")
    assert check_results(out) == []
    page = Page((out / "sweep.html").read_text(encoding="utf-8"))
    assert "2 settings could not be run" in page.text
    assert pd.read_csv(out / "sweep_found.csv").empty


@pytest.mark.browser
def test_the_page_sorts_fits_a_phone_and_complains_of_nothing(done, browser):
    _, out = done
    told = []
    size = {"width": 390, "height": 800}
    page = browser.new_context(viewport=size, offline=True).new_page()
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: told.append(request.url[:40]))
    page.goto(f"file://{out / 'sweep.html'}")
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    loaded = "images => images.every((one) => one.complete && one.naturalWidth > 300)"
    assert page.locator("img").evaluate_all(loaded)
    page.locator("#settings-table .sort", has_text="Area").click()
    areas = page.locator("#settings-table tbody tr").evaluate_all(
        "rows => rows.map((row) => Number(row.cells[document.querySelector("
        "'#settings-table th[aria-sort]').cellIndex].dataset.sort))"
    )
    assert areas == sorted(areas, reverse=True)
    assert len(set(areas)) > 2
    assert [text for text in told if not text.startswith(("file:", "data:"))] == []


def test_json_is_plain_and_quiet_is_silent(world, tmp_path):
    found = geoclust(
        "sweep", world, "--vary", "clustering.max_link_km=60,inf", "--json", cwd=tmp_path
    )
    assert (found.returncode, found.stderr) == (0, "")
    told = json.loads(found.stdout)
    assert [row["clustering.max_link_km"] for row in told["settings"]] == [60.0, "inf"]
    assert told["out"] == f"{world.parent.name}-sweep"
    assert (tmp_path / told["report"]).exists()
    assert {row["region_id"] for row in told["regions"]} == set(gc.run_study(world).regions.index)
    assert told["sweep"]["advice"][0].startswith("clustering.max_link_km: fewer than 3 values")


def test_all_faults_are_told_before_anything_is_run(world, tmp_path):
    wrong = (
        *("--vary", "clustering.min_cluster_sise=5:40:5"),
        *("--vary", "delineation.reach_km=0,10"),
        *("--vary", "clustering.cluster_selection_method=eom,leav"),
        *("--vary", "report.figures=true"),
        *("--vary", "clustering.min_samples=5:1:1"),
    )
    found = geoclust("sweep", world, *wrong, "--out", tmp_path / "out")
    assert found.returncode == 2
    assert found.stdout == ""
    assert found.stderr.startswith("geoclust: sweep: 5 faults\n")
    assert "did you mean 'clustering.min_cluster_size'?" in found.stderr
    assert "delineation.reach_km = 0: found 0; it must be above 0" in found.stderr
    assert (
        "leav: found 'leav'; it must be 'eom', 'leaf' or 'distance'; did you mean 'leaf'?"
        in found.stderr
    )
    assert "report.figures: it changes no region, status or rank" in found.stderr
    assert "'5:1:1' is no range; write start:stop:step" in found.stderr
    assert list(tmp_path.iterdir()) == []
    many = geoclust("sweep", world, "--vary", "clustering.min_samples=1:2000:1", cwd=tmp_path)
    assert many.returncode == 2
    assert "2,000 values, more than 1,000" in many.stderr
    nothing = geoclust("sweep", world, cwd=tmp_path)
    assert nothing.returncode == 2
    assert "--vary" in nothing.stderr


def kept(out):
    """Lots of settings in the checkpoint beside a folder."""
    files = list(out.parent.glob(f".{out.name}.settings-*"))
    return len(files[0].read_bytes().splitlines()) - 1 if files else 0


def wait_for_lots(out, count, process):
    patience = time.monotonic() + 120
    while kept(out) < count:
        assert process.poll() is None, "it was done before it could be stopped"
        assert time.monotonic() < patience
        time.sleep(0.01)


def contents(out):
    """Every file; of the manifest all but what holds times of a clock."""
    found = {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*.*")}
    manifest = json.loads(found.pop("manifest.json"))
    del manifest["sweep"]["seconds"], manifest["stages"], manifest["checksum"]
    return found | manifest


@posix
def test_killed_interrupted_and_run_again_it_gives_the_same_bytes(done, world, tmp_path):
    out = tmp_path / "results"
    command = [sys.executable, "-m", "geoclust", "sweep", str(world), *VARY, "--out", str(out)]
    for lots, number in ((1, signal.SIGKILL), (2, signal.SIGINT)):
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        wait_for_lots(out, lots, process)
        process.send_signal(number)
        _, told = process.communicate(timeout=120)
        assert not out.exists()
        assert kept(out) >= lots
    assert process.returncode == 130, told
    assert "interrupted; nothing half-written was left behind; what was done is kept" in told
    (checkpoint,) = tmp_path.glob(".results.settings-*")
    with checkpoint.open("ab") as file:  # as a kill in the middle of a line leaves it
        file.write(checkpoint.read_bytes()[-200:-20])
    again = geoclust("sweep", world, *VARY, "--out", out, "--quiet")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert contents(out) == contents(done[1])
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


def test_a_checkpoint_is_read_instead_of_running_and_only_by_its_own_sweep(
    world, tmp_path, monkeypatch
):
    study = gc.run_study(world)
    vary = {"clustering.max_link_km": [0.05, 60], "delineation.reach_km": [8, 10]}
    path = tmp_path / "checkpoint"
    told = []
    one = gc.sweep(study, vary=vary, checkpoint=path)
    assert one.settings["note"].ne("").tolist() == [True, True, False, False]
    monkeypatch.setattr(swept.Sweeper, "run_all", None)
    two = gc.sweep(study, vary=vary, checkpoint=path, progress=lambda *many: told.append(many))
    assert told == [(4, 4)]
    for name in ("settings", "regions", "found", "steps", "ranges"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), check_exact=True)
    other = {**vary, "delineation.reach_km": [8, 11]}
    with pytest.raises(gc.GeoclustError, match="holds work on another study"):
        gc.sweep(study, vary=other, checkpoint=path)
    with pytest.raises(gc.GeoclustError, match="holds work on another study"):
        gc.sweep(study, vary=vary, checkpoint=path, min_shared=0.6)
