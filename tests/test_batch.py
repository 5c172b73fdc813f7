"""Batches as planned and as written: names, settings, tables, ranking, page, what failed."""

import json
import re
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from batches import COUNTRIES, FAST, country, no_figures, run_here, write_countries
from hypothesis import given, settings
from hypothesis import strategies as st

import geoclust as gc
from geoclust.batch import running
from geoclust.batch.accounts import failure_table
from geoclust.batch.guidance import guidance
from geoclust.batch.naming import folder_names
from geoclust.batch.plan import make_plan
from geoclust.batch.splitting import split_by_country
from geoclust.batch.terminal import batch_shown, print_batch
from geoclust.cli import app
from geoclust.errors import ConfigError, InputError, ParameterError
from geoclust.report import check_results
from geoclust.report.writing import render_study

STUDY_FILES = {"study.toml", "regions.csv", "records.csv", "report.html", "manifest.json"}
HOSTILE = (
    "../../x",
    "..",
    "CON",
    "con",
    "a" * 300,
    "a" * 299 + "b",
    "",
    "日本",
    "日本語",
    "/etc/passwd",
)
SPELLINGS = ("São Tomé", "Sao Tome", "SÃO TOMÉ", "são  tomé", "sao-tome", "Sa\u0303o Tome\u0301")


@pytest.mark.parametrize("order", [1, -1])
def test_names_become_safe_folders_all_distinct_whatever_the_order(order):
    names = [*HOSTILE, *SPELLINGS, "nul.txt", "com1", ".hidden", "x\0y", "a\nb", "<img onerror=1>"]
    folders = dict(zip(names[::order], folder_names(names[::order]), strict=True))
    assert folders == dict(zip(names, folder_names(names), strict=True))
    assert len(set(folders.values())) == len(names)
    for folder in folders.values():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", folder), folder
        assert len(folder) <= 80
        assert folder not in {"con", "nul", "com1"}
    assert folder_names(["Germany", "United States"]) == ["germany", "united-states"]


@settings(max_examples=40)
@given(st.lists(st.text(max_size=80), unique=True, max_size=12))
def test_any_names_become_distinct_folders(names):
    folders = folder_names(names)
    assert len(set(folders)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", folder) for folder in folders)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no studies: give split_by, files or [[studies]]"),
        ("[batch]\nfile = 3", "line 2, batch.file: no such key; did you mean 'files'?"),
        ("[batch]\nsplit_by = 'city'", "line 2, batch.split_by"),
        ("[batch]\nfiles = ['*.csv']\nsplit_by = 'country'", "leave out files"),
        ("[batch]\nfiles = ['nowhere/*.csv']", "'nowhere/*.csv' finds nothing"),
        ("[batch]\nfiles = ['countries/*.csv']\ncountries = ['DE']", "goes with split_by"),
        ("[[studies]]\nname = 'X'", "[[studies]] no. 1 has neither file nor [studies.inputs]"),
        ("[[studies]]\nfile = 'nowhere.csv'", "nowhere.csv: no such file or folder"),
        (
            "[batch]\nfiles = ['countries/*.csv']\n[defaults.clustering]\nmin_smaples = 3",
            "clustering.min_smaples: no such key; did you mean 'min_samples'?",
        ),
        (
            "[batch]\nfiles = ['countries/*.csv']\n[overrides.bora.clustering]\nmin_samples = 0",
            "study 'bora': clustering.min_samples: found 0",
        ),
        (
            "[batch]\nfiles = ['countries/*.csv']\n[overrides.boar]\n",
            "overrides.boar: no study of that name; did you mean 'bora'?",
        ),
        (
            "[[studies]]\nfile='countries/bora.csv'\n[[studies]]\nfile='./countries/bora.csv'",
            "2 studies are called 'bora'",
        ),
        ("[batch]\ntemplate = 'none.toml'\nfiles = ['countries/*.csv']", "none.toml"),
    ],
)
def test_every_fault_of_a_batch_file_is_found_before_anything_is_written(text, words, tmp_path):
    path = write_countries(tmp_path)
    path.write_text(text)
    with pytest.raises((ConfigError, InputError), match=re.escape(words)):
        gc.run_batch(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_settings_come_from_template_defaults_overrides_and_the_study_itself(tmp_path):
    write_countries(tmp_path)
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "study.toml").write_text(
        "[study]\nname = 'ignored'\nauthor = 'A'\n[inputs.records]\npath = 'x.csv'\n"
        "columns = { name = 'Firma' }\n[inputs.places]\npath = 'places.csv'\n"
        "[clustering]\nmin_samples = 3\nmin_cluster_size = 7\n"
    )
    text = """
[batch]
template = "common/study.toml"
files = ["countries/al*.csv", "countries/bora.csv"]
[defaults.clustering]
min_cluster_size = 9
[overrides."ALBA.csv".clustering]
min_samples = 4
[[studies]]
name = "The rest"
file = "countries/cora.csv"
[studies.clustering]
min_cluster_size = 20
[studies.inputs.records]
columns = { name = "Name" }
"""
    batch = gc.BatchConfig.from_text(text, base=tmp_path)
    rest, alba, bora = make_plan(batch, tmp_path / "out").units
    assert (rest.name, alba.name, bora.name) == ("The rest", "alba", "bora")
    assert [unit.folder for unit in (rest, alba)] == ["the-rest", "alba"]
    found = [
        (u.config.clustering.min_samples, u.config.clustering.min_cluster_size)
        for u in (rest, alba, bora)
    ]
    assert found == [(3, 20), (4, 9), (3, 9)]
    assert alba.config.inputs.records.path == "countries/alba.csv"
    assert alba.config.inputs.records.columns == {"name": "Firma"}
    assert rest.config.inputs.records.columns == {"name": "Name"}
    assert alba.config.inputs.places.path == "common/places.csv"
    assert alba.config.study.author == "A"
    assert alba.config.name == "alba"
    assert not alba.config.report.figures


def test_folders_of_tables_are_studies_too(tmp_path):
    for name in ("north", "south"):
        (tmp_path / name).mkdir()
    (tmp_path / "study.toml").write_text("[inputs.firms]\npath = 'companies.csv'\n")
    batch = gc.BatchConfig.from_files(
        tmp_path / "study.toml", [tmp_path / "north", tmp_path / "south"]
    )
    for unit in make_plan(batch, tmp_path / "out").units:
        config = unit.config
        assert config.base / config.inputs.folder / config.inputs.firms.path == (
            tmp_path / unit.name / "companies.csv"
        )


@pytest.fixture
def done(batch_done):
    return batch_done


def test_it_writes_studies_combined_tables_a_page_and_a_journal(done):
    process, out = done
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    summary = json.loads(process.stdout)
    assert [study["study"] for study in summary["studies"]] == list(COUNTRIES)
    assert {study["state"] for study in summary["studies"]} == {"done"}
    assert summary["failures"] == []
    assert {path.name for path in out.iterdir()} == {
        *("studies", "figures", "index.html", "journal.jsonl", "manifest.json", "failures.csv"),
        *(f"regions.{kind}" for kind in ("csv", "gpkg", "parquet")),
        *("ranking.csv", "studies.csv", "rejected.csv"),
    }
    assert check_results(out) == []
    assert {path.name for path in (out / "studies").iterdir()} == set(COUNTRIES)
    for name in COUNTRIES:
        assert {path.name for path in (out / "studies" / name).iterdir()} >= STUDY_FILES
        assert check_results(out / "studies" / name) == []
    assert [path.name for path in out.parent.iterdir() if path.name.startswith(".")] == []
    assert len((out / "failures.csv").read_text().splitlines()) == 1
    assert json.loads((out / "manifest.json").read_text())["history"][0]["event"] == "start"


def test_the_ranking_is_of_all_clusters_from_their_studies_indicators(done, batch_file):
    _, out = done
    units = make_plan(gc.BatchConfig.from_toml(batch_file), out).units
    studies = {unit.folder: gc.run_study(unit.config) for unit in units}
    parts = []
    for folder, study in studies.items():
        part = study.indicators[study.classification.is_cluster]
        parts.append(part.set_axis(f"{folder}/" + part.index))
    scores = gc.score(pd.concat(parts))
    ranking = pd.read_csv(out / "ranking.csv", index_col=0)
    assert len(ranking) >= 3
    assert ranking["rank"].to_dict() == scores.table["rank"].astype("int64").to_dict()
    assert ranking["rank"].is_monotonic_increasing
    regions = gpd.read_file(out / "regions.gpkg").set_index("batch_region_id")
    assert len(regions) == sum(len(study.regions) for study in studies.values())
    for folder, study in studies.items():
        own = regions[regions["study_folder"] == folder].set_index("region_id")
        assert set(own.index) == set(study.regions.index)
        assert np.allclose(own["area_km2"], study.regions["area_km2"].reindex(own.index))
        expected = study.scores.table["rank"].astype("float64")
        assert own["study_rank"].reindex(expected.index).tolist() == expected.tolist()
        assert own.geometry.geom_equals(study.regions.geometry.reindex(own.index)).all()
    table = pd.read_csv(out / "studies.csv", index_col=0)
    assert table["records"].to_dict() == dict.fromkeys(COUNTRIES, 40)
    assert table.at["cora", "own_settings"] == "clustering.min_cluster_size = 8"


def test_a_study_of_a_batch_is_that_of_a_run_of_its_own(done):
    _, out = done
    folder = out / "studies" / "bora"
    files = render_study(gc.run_study(folder / "study.toml"), folder=folder)
    for name in sorted(set(files) - {"manifest.json"}):
        assert files[name] == (folder / name).read_bytes(), name


def test_the_page_has_everything_inside_and_leads_to_pages_that_exist(done):
    _, out = done
    html = (out / "index.html").read_text("utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)[1]
    assert "default-src &#39;none&#39;" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"']https?:", html)
    assert not re.search(r"\sstyle=\"", html.split("<script type=")[0])
    links = set(re.findall(r'href="(studies/[^"#]*)', html))
    assert len(links) == len(COUNTRIES)
    assert all((out / link).is_file() for link in links)
    assert "120 records are simulated" in html
    assert "clustering.min_cluster_size = 8" in html


@pytest.fixture
def here(monkeypatch):
    """Studies run in this process, one after the other, and the map is not drawn."""
    monkeypatch.setattr(running, "run_in_processes", run_here)
    monkeypatch.setattr("geoclust.batch.writing._figures", no_figures)


def broken(folder):
    write_countries(folder)
    (folder / "countries" / "bora.csv").write_text("<!doctype html><html>404</html>")
    (folder / "countries" / "alba.csv").write_text("record_id,kind,longitude,latitude\n")
    return folder / "batch.toml"


def test_with_keep_going_the_others_are_done_and_what_failed_is_told(here, tmp_path, capsys):
    batch = gc.run_batch(broken(tmp_path), tmp_path / "out", keep_going=True)
    assert batch.studies["state"].to_dict() == {"alba": "failed", "bora": "failed", "cora": "done"}
    failures = pd.read_csv(tmp_path / "out" / "failures.csv", index_col=0)
    assert failures["kind"].to_dict() == {"alba": "input", "bora": "input"}
    assert "looks like an HTML page" in failures.at["bora", "reason"]
    assert check_results(tmp_path / "out") == []
    assert "2 studies failed" in (tmp_path / "out" / "index.html").read_text("utf-8")
    print_batch(batch)
    printed = capsys.readouterr().out
    assert "looks like an HTML page" in printed
    assert "--resume" in printed
    assert str(tmp_path / "out" / "index.html") in printed
    assert set(batch.ranking["study"]) == {"cora"}
    assert repr(batch) == "<Batch 'Three countries': 3 studies (2 failed, 1 done)>"


def test_without_it_none_is_begun_after_a_failure_and_nothing_is_combined(here, tmp_path, capsys):
    path = broken(tmp_path)
    begun = []
    batch = gc.run_batch(
        path,
        tmp_path / "out",
        progress=lambda event, study, *_: begun.append(study) if event == "begin" else None,
    )
    # the largest table first: cora is done, bora fails, alba is not begun
    assert begun in (["cora", "alba"], ["cora", "bora"])
    assert not batch.whole
    assert not (tmp_path / "out" / "index.html").exists()
    assert not (tmp_path / "out" / "manifest.json").exists()
    assert len(pd.read_csv(tmp_path / "out" / "failures.csv")) == 1
    print_batch(batch)
    assert "1 studies not run" in capsys.readouterr().out.replace("\n", " ")
    batch = gc.run_batch(path, tmp_path / "out", keep_going=True, resume=True)
    assert batch.studies.at["cora", "state"] == "kept"
    assert batch.whole


def test_the_command_says_3_when_some_failed(here, tmp_path, capsys):
    path = broken(tmp_path)
    (tmp_path / "countries" / "cora.csv").unlink()
    path.write_text(path.read_text().partition("[overrides")[0])
    arguments = ["batch", str(path), "--out", str(tmp_path / "out"), "--keep-going", "--json"]
    assert app(arguments) == 3
    summary = json.loads(capsys.readouterr().out)
    assert [failure["study"] for failure in summary["failures"]] == ["alba", "bora"]
    assert summary["ranking"] == []
    assert "nothing to rank" in (tmp_path / "out" / "index.html").read_text("utf-8")


def test_studies_without_any_region_are_written(here, tmp_path):
    path = write_countries(tmp_path)
    shared = path.read_text().partition("[overrides")[0]
    path.write_text(f"{shared}[defaults.clustering]\nmin_cluster_size = 41\n")
    batch = gc.run_batch(path, tmp_path / "out")
    assert batch.studies["regions"].tolist() == [0, 0, 0]
    assert gpd.read_file(tmp_path / "out" / "regions.gpkg").empty
    assert check_results(tmp_path / "out") == []
    assert all("no region" in text for text in batch.warnings)
    assert len(batch.warnings) == 3


def test_one_table_is_cut_by_country_and_every_row_accounted_for(here, tmp_path):
    tables = {code: country(code, *at, seed) for seed, (code, at) in enumerate(COUNTRIES.items())}
    names = {"alba": "United Kingdom", "bora": "CHE", "cora": "PL"}
    rows = pd.concat(table.assign(Land=names[code]) for code, table in tables.items())
    rows = pd.concat([rows, rows.tail(2).assign(record_id=["x1", "x2"], Land=[None, "Atlantis"])])
    rows = rows.rename(columns={"longitude": "Lng"}).sample(frac=1, random_state=1)
    rows["Lng"] = rows["Lng"].astype("str").mask(rows["record_id"] == "bora-03", "east")
    rows.to_csv(tmp_path / "world.csv", sep=";", index=False)
    ends = [("alba-00", "alba-03"), ("alba-00", "bora-00"), ("cora-00", "nobody")]
    pd.DataFrame(ends, columns=["organisation_a", "organisation_b"]).to_csv(
        tmp_path / "ties.csv", index=False
    )
    places = {
        "name": ["A", "B"],
        "longitude": [-4.0, 9],
        "latitude": [56.0, 47],
        "Land": ["GB", "CH"],
    }
    pd.DataFrame({**places, "population": 1e5}).to_csv(tmp_path / "places.csv", index=False)
    columns = "columns = { country = 'Land' }"
    text = f"""
[batch]
split_by = "country"
[defaults.inputs.records]
path = "world.csv"
columns = {{ longitude = "Lng", country = "Land" }}
[defaults.inputs.ties]
path = "ties.csv"
[defaults.inputs.places]
path = "places.csv"
{columns}
[overrides.PL.clustering]
min_cluster_size = 8
{FAST}
"""
    config = gc.BatchConfig.from_text(text, base=tmp_path)
    batch = gc.run_batch(config, tmp_path / "out")
    assert batch.studies["folder"].to_dict() == {
        "Poland": "studies/poland",
        "Switzerland": "studies/switzerland",
        "United Kingdom": "studies/united-kingdom",
    }
    assert batch.studies["records"].tolist() == [40, 39, 40]
    assert batch.studies.at["Poland", "own_settings"] == "clustering.min_cluster_size = 8"
    rejected = pd.read_csv(tmp_path / "out" / "rejected.csv", dtype=str, keep_default_na=False)
    told = rejected.set_index(["study", "file", "record_id"])
    original = pd.read_csv(tmp_path / "world.csv", sep=";")
    row = original.index[original["record_id"] == "bora-03"][0] + 2
    assert told.at[("Switzerland", "world.csv", "bora-03"), "row"] == str(row)
    assert told.at[("Switzerland", "world.csv", "bora-03"), "value"] == "east"
    assert told.at[("", "world.csv", "x1"), "reason"].startswith("no country")
    assert told.at[("", "world.csv", "x2"), "value"] == "Atlantis"
    crossing = pd.read_csv(tmp_path / "out" / "crossing_ties.csv")
    assert crossing[["country_a", "country_b", "original_row"]].to_numpy().tolist() == [
        ["GB", "CH", 3]
    ]
    aside = rejected[(rejected["study"] == "") & (rejected["file"] == "ties.csv")]
    assert aside["row"].tolist() == ["4"]
    assert len(batch.studies) * 40 + 2 == len(original)
    assert any("cross a border" in text for text in batch.warnings)
    uk = tmp_path / "out" / "inputs" / "gb"
    assert len(pd.read_parquet(uk / "ties.parquet")) == 1
    assert pd.read_parquet(uk / "places.parquet")["name"].tolist() == ["A"]
    before = batch.studies.drop(columns="state")
    again = gc.run_batch(config, tmp_path / "out", resume=True)
    assert set(again.studies["state"]) == {"kept"}
    pd.testing.assert_frame_equal(again.studies.drop(columns="state"), before)


def test_a_table_without_countries_cannot_be_cut(tmp_path):
    country("alba", 0, 50, 1).to_csv(tmp_path / "records.csv", index=False)
    config = gc.BatchConfig.from_text('[batch]\nsplit_by = "country"', base=tmp_path)
    with pytest.raises(InputError, match="records: names no country to cut by"):
        split_by_country(config, tmp_path / "out")
    country("alba", 0, 50, 1).assign(country="GB").to_csv(tmp_path / "records.csv", index=False)
    text = '[batch]\nsplit_by = "country"\ncountries = ["Poland"]'
    with pytest.raises(ConfigError, match="'Poland' is no country in the tables"):
        split_by_country(gc.BatchConfig.from_text(text, base=tmp_path), tmp_path / "out")


@pytest.mark.parametrize(
    ("rows", "settings", "words"),
    [
        (40, "min_cluster_size = 10", []),
        (26, "min_cluster_size = 10", ["one region only", "no smaller"]),
        (40, "min_cluster_size = 22", ["one region only", "clustering.min_cluster_size = 5"]),
        (
            40,
            "max_link_km = 20\nmin_cluster_size = 30",
            ["no region among 40", "clustering.min_cluster_size = 22"],
        ),
        (7, "min_cluster_size = 10", ["no region: 7 records", "a weight of 10"]),
    ],
)
def test_a_country_with_no_or_one_region_gets_guidance_that_holds(rows, settings, words, tmp_path):
    table = country("alba", -4.0, 56.0, 0)
    table.head(rows).to_csv(tmp_path / "records.csv", index=False)
    fast = "[network]\nrewirings = 0\n[report]\nsurvival = false\n"
    text = f"[clustering]\nmin_samples = 3\n{settings}\n{fast}"
    study = gc.run_study(gc.StudyConfig.from_text(text, base=tmp_path))
    found = guidance(study)
    assert len(found) == bool(words)
    assert all(word in found[0] for word in words), found
    advised = re.search(
        r"min_cluster_size = (\d+) \(now .* would give (\d+) region", *found or [""]
    )
    if advised:
        clustering = gc.extract_regions(study.hierarchy, min_cluster_size=int(advised[1]))
        assert len(clustering.regions) == int(advised[2])


def test_progress_is_shown_on_a_terminal_only(monkeypatch, capsys):
    checks = []
    with batch_shown(lambda: checks.append(1), quiet=False) as told:
        told("done", "alba", 1, 3)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with batch_shown(lambda: checks.append(1), quiet=False) as told:
        for event, study in (("plan", ""), ("begin", "[red]x"), ("failed", "x"), ("combine", "")):
            told(event, study, 1, 3)
    assert len(checks) == 5
    assert "1/3" in capsys.readouterr().err


def test_the_command_wants_one_batch_file_or_a_template(tmp_path):
    with pytest.raises(ParameterError, match=r"--template STUDY\.toml"):
        app(["batch"])
    with pytest.raises(ParameterError, match="jobs is 0"):
        gc.run_batch(write_countries(tmp_path), tmp_path / "out", jobs=0)


def test_failures_are_listed_in_the_order_of_the_plan(batch_file, done):
    from geoclust.batch.work import Failed

    plan = make_plan(gc.BatchConfig.from_toml(batch_file), done[1])
    failures = {name: Failed(name, "input", "why") for name in ("cora", "alba")}
    assert failure_table(plan, failures).index.tolist() == ["alba", "cora"]


@pytest.mark.browser
def test_the_page_in_a_browser(done, browser):
    from test_report_browser import DRAWN

    _, out = done
    problems = []
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda told: problems.append(told.text))
    page.on("dialog", lambda dialog: problems.append(dialog.message))
    page.set_default_timeout(120_000)
    page.goto((out / "index.html").as_uri())
    page.wait_for_selector(DRAWN, timeout=180_000)
    assert page.locator("#ranking-table tbody tr").count() >= 3
    page.get_by_role("button", name="Records").first.click()
    page.locator("#find").select_option(index=1)
    page.get_by_role("link", name="Open its card").click()
    page.wait_for_url("**/studies/*/report.html#region=*")
    page.wait_for_selector("#card .status", timeout=180_000)
    assert problems == []


def test_all_that_a_study_reads_counts_and_travels(tmp_path):
    from geoclust.batch.keys import input_files, study_key
    from geoclust.batch.work import Job, _unpacked, pack

    write_countries(tmp_path)
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "study.toml").write_text(
        "[study]\nedits = 'edits.toml'\n[boundaries]\nfile = '../drawn.gpkg'\n"
    )
    (tmp_path / "common" / "edits.toml").write_text("")
    (tmp_path / "drawn.gpkg").write_bytes(b"drawn")
    (tmp_path / "batches").mkdir()
    text = '[batch]\ntemplate = "../common/study.toml"\nfiles = ["../countries/alba.csv"]'
    batch = gc.BatchConfig.from_text(text, base=tmp_path / "batches")
    (unit,) = make_plan(batch, tmp_path / "out").units
    wanted = {"../countries/alba.csv", "../drawn.gpkg", "../common/edits.toml"}
    assert set(input_files(unit.config)) == wanted
    target = tmp_path / "out" / "studies" / "alba"
    key = study_key(unit.config, target)
    job = pack(Job("alba", "alba", unit.config, key, target))
    scratch = tmp_path / "elsewhere"
    config = _unpacked(job, scratch)
    assert set(input_files(config)) == wanted
    for name, path in input_files(config).items():
        assert path.resolve().is_relative_to(scratch)
        assert path.read_bytes() == job.inputs[name]
    (tmp_path / "drawn.gpkg").write_bytes(b"redrawn")
    assert study_key(unit.config, target) != key
