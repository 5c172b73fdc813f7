"""Writing a study: whole or not at all, the same bytes for the same study, text kept as text."""

import errno
import io
import json
import multiprocessing
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import geoclust as gc
from geoclust.errors import OutputError, ParameterError
from geoclust.report import check_results, guard_text, reserved, unguard_text, write_faults
from geoclust.report.folders import placing
from geoclust.report.payload import page_data, script_json
from geoclust.report.tables.files import csv_bytes, study_tables

FILES = {
    "regions.csv",
    "regions.gpkg",
    "regions.parquet",
    "regions.geojson",
    "records.csv",
    "records.parquet",
    "scores.csv",
    "gaps.csv",
    "briefs.csv",
    "network.csv",
    "network_edges.csv",
    "partners.csv",
    "peers.csv",
    "drivers.csv",
    "places.csv",
    "study.toml",
    "ties.csv",
    "rejected.csv",
    "report.html",
}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    gc.synthetic.write_toy_world(folder, seed=1)
    return gc.run_study(folder)


@pytest.fixture(scope="module")
def plain(study):
    """The same study without figures: quicker to write many times."""
    report = study.config.report.model_copy(update={"figures": False})
    config = study.config.model_copy(update={"report": report})
    return type(study)(**{**vars(study), "config": config})


@pytest.fixture(scope="module")
def out(study, tmp_path_factory):
    return gc.write_study(study, tmp_path_factory.mktemp("results") / "out")


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_every_file_is_there_and_as_the_manifest_says(study, out):
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    figures = {f"figures/{path.name}" for path in (out / "figures").iterdir()}
    assert set(manifest["outputs"]) == FILES | figures
    assert {"figures/map.png", "figures/map.svg", "figures/ranking.svg"} <= figures
    assert check_results(out) == []
    assert manifest["counts"]["records"] == len(study.inputs.records)
    assert manifest["counts"]["clusters"] == study.status_counts["cluster"]
    assert {"setting", "value", "why"} == set(manifest["settings"][0])
    assert [stage["stage"] for stage in manifest["stages"]] == study.stages["stage"].tolist()
    assert re.fullmatch("[0-9a-f]{64}", manifest["inputs"][0]["sha256"])


def test_a_changed_or_missing_file_is_noticed(plain, tmp_path):
    out = gc.write_study(plain, tmp_path / "out")
    flipped = bytearray((out / "regions.csv").read_bytes())
    flipped[10] ^= 1
    (out / "regions.csv").write_bytes(bytes(flipped))
    (out / "gaps.csv").unlink()
    assert sorted(check_results(out)) == ["gaps.csv", "regions.csv"]
    (out / "manifest.json").unlink()
    with pytest.raises(ParameterError, match="nothing in it counts as done"):
        check_results(out)


def test_the_same_study_gives_the_same_bytes(study, out, tmp_path):
    time.sleep(1.1)  # a GeoPackage would store the second
    again = contents(gc.write_study(study, tmp_path / "again"))
    assert again == contents(out)


def test_regions_read_back_alike_from_every_format(study, out):
    kept = gpd.read_parquet(out / "regions.parquet")
    package = gpd.read_file(out / "regions.gpkg", layer="regions", use_arrow=True)
    feature_collection = json.loads((out / "regions.geojson").read_text("utf-8"))
    table = pd.read_csv(out / "regions.csv", keep_default_na=False, dtype=str)
    ids = study.regions.index.tolist()
    assert (
        kept.index.tolist() == package["region_id"].tolist() == table["region_id"].tolist() == ids
    )
    assert [one["properties"]["region_id"] for one in feature_collection["features"]] == ids
    assert kept.crs.to_epsg() == package.crs.to_epsg() == 4326
    assert package.geometry.geom_type.unique().tolist() == ["MultiPolygon"]
    assert kept["tier"].dtype == "Int64"
    assert package["record_count"].dtype.kind == "i"
    np.testing.assert_allclose(package["capability"], study.classification.table["capability"])
    numbers = re.findall(r"-?\d+\.(\d+)", json.dumps(feature_collection["features"][0]["geometry"]))
    assert max(map(len, numbers)) <= 7
    assert "crs" not in feature_collection


def test_records_carry_region_status_and_membership(study, out):
    table = pd.read_csv(out / "records.csv", keep_default_na=False)
    assert len(table) == len(study.inputs.records)
    assert table["record_id"].is_monotonic_increasing
    inside = table[table["region_id"] != ""]
    expected = study.classification.status[inside["region_id"]].tolist()
    assert inside["status"].tolist() == expected
    points = gpd.read_parquet(out / "records.parquet")
    assert points.crs.to_epsg() == 4326
    np.testing.assert_allclose(points.geometry.x, points["longitude"])
    assert points["year"].dtype == "Int64"


def test_gaps_and_briefs_are_written_as_the_study_has_them(study, out):
    gaps = pd.read_csv(out / "gaps.csv", index_col="region_id", keep_default_na=False, dtype=str)
    assert set(gaps.index) == set(study.gaps.index)
    survives = study.gaps["survives"].map({True: "true", False: "false"}).astype("str").fillna("")
    assert gaps["survives"].to_dict() == survives.to_dict()
    assert gaps["survival"].to_dict() == study.gaps["survival"].fillna("").to_dict()
    briefs = pd.read_csv(out / "briefs.csv", index_col="region_id")
    assert briefs.index.tolist() == study.regions.index.tolist()
    assert briefs["brief"].tolist() == study.briefs.str.replace("\n", " ").tolist()
    assert briefs["status"].to_dict() == study.classification.status.to_dict()


def test_the_network_is_written_as_the_study_has_it(study, out):
    def read(name):
        return pd.read_csv(out / name, keep_default_na=False, na_values={"": [""]})

    table = read("network.csv").set_index("region_id")
    assert table.index.tolist() == study.regions.index.tolist()
    assert table["name"].tolist() == study.regions["name"].tolist()
    measures = study.network_measures
    assert list(table) == ["name", "country", *measures]
    for name in measures:
        digits = measures[name].astype("float64").map(lambda value: float(f"{value:.9g}"))
        np.testing.assert_array_equal(pd.to_numeric(table[name]), digits, name)
    edges, drawn = read("network_edges.csv"), study.network.edges
    assert edges[["node_a", "node_b", "pair_count"]].equals(
        drawn[["node_a", "node_b", "pair_count"]]
    )
    np.testing.assert_allclose(edges["weight"].astype(float), drawn["weight"], rtol=1e-8)
    names = study.regions["name"].to_dict()
    names |= {"country:GB": "United Kingdom (in no region)", "country:IE": "Ireland (in no region)"}
    assert edges["name_b"].tolist() == drawn["node_b"].map(names).tolist()
    assert edges["name_b"].str.contains("in no region").any()
    partners = read("partners.csv")
    assert partners["region_id"].drop_duplicates().tolist() == [
        one for one in study.regions.index if one in set(study.key_partners["region_id"])
    ]
    assert partners["region_name"].tolist() == partners["region_id"].map(names).tolist()
    assert partners["node_name"].tolist() == partners["node"].map(names).tolist()
    own = partners.drop(columns=["region_name", "node_name"]).sort_values(
        "region_id", kind="stable", ignore_index=True
    )
    assert own["record_id"].tolist() == study.key_partners["record_id"].tolist()
    assert list(own) == list(study.key_partners)
    page = (out / "report.html").read_text()
    assert all(name in page for name in ("network.csv", "network_edges.csv", "partners.csv"))


def test_floats_have_nine_digits_and_lines_end_in_line_feeds(out):
    text = (out / "regions.csv").read_bytes()
    assert b"\r" not in text
    digits = [
        len(found.replace(b".", b"").lstrip(b"0")) for found in re.findall(rb"\d+\.\d+", text)
    ]
    assert 9 in digits
    assert max(digits) == 9


@given(st.lists(st.text(alphabet="'=+-@\t\r\n\uff1d\uff0b\uff0d\uff20a1 ", max_size=6), min_size=1))
def test_guarded_text_is_no_formula_and_comes_back(texts):
    series = pd.Series(texts, dtype="str")
    guarded = guard_text(series)
    assert not guarded.str.match("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]").any()
    assert unguard_text(guarded).tolist() == texts
    read = pd.read_csv(
        io.BytesIO(csv_bytes(pd.DataFrame({"name": series, "n": 1}), index=False)),
        keep_default_na=False,
        dtype=str,
    )
    assert unguard_text(read["name"]).tolist() == texts


def test_numbers_are_not_guarded_but_headings_are():
    table = pd.DataFrame({"=bad": [-1.5], "x": ["-2"]})
    assert csv_bytes(table, index=False) == b"'=bad,x\n-1.5,'-2\n"


def test_a_folder_of_others_is_refused_and_left_alone(plain, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ParameterError, match="holds no manifest of geoclust"):
        gc.write_study(plain, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    file = tmp_path / "thesis.txt"
    with pytest.raises(ParameterError, match="is a file"):
        gc.write_study(plain, file)
    with pytest.raises(ParameterError, match="root of a file system"):
        gc.write_study(plain, "/")


def test_a_foreign_manifest_does_not_open_the_folder(plain, tmp_path):
    (tmp_path / "manifest.json").write_text('{"name": "a web app"}')
    with pytest.raises(ParameterError, match="holds no manifest"):
        gc.write_study(plain, tmp_path)


def test_results_are_replaced_and_files_of_others_kept(plain, tmp_path):
    out = gc.write_study(plain, tmp_path / "out")
    (out / "notes.md").write_text("mine")
    (out / "regions.csv").write_text("spoiled")
    gc.write_study(plain, out)
    assert (out / "notes.md").read_text() == "mine"
    assert check_results(out) == []
    assert names(tmp_path) == ["out"]


def test_a_second_run_is_refused_and_names_the_first(plain, tmp_path):
    with reserved(tmp_path / "out") as held:
        with pytest.raises(ParameterError, match=rf"process {os.getpid()}, started \d{{4}}-"):
            gc.write_study(plain, tmp_path / "out")
        assert gc.write_study(plain, held) == tmp_path / "out"
    assert gc.write_study(plain, tmp_path / "out") == tmp_path / "out"


def _hold_and_die(folder):
    with reserved(folder):
        os.kill(os.getpid(), 9)


def test_a_killed_run_leaves_no_lock_behind(plain, tmp_path):
    process = multiprocessing.get_context("fork").Process(
        target=_hold_and_die, args=(tmp_path / "out",)
    )
    process.start()
    process.join()
    assert process.exitcode == -9
    assert gc.write_study(plain, tmp_path / "out").is_dir()


def test_a_run_killed_while_swapping_is_put_right(plain, tmp_path):
    out = gc.write_study(plain, tmp_path / "out")
    before = contents(out)
    out.rename(tmp_path / ".out.previous")
    (tmp_path / ".out.staging-abc").mkdir()
    with reserved(tmp_path / "out"):
        assert contents(out) == before
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize(
    "code",
    [
        errno.ENOSPC,
        pytest.param(errno.EIO, marks=pytest.mark.slow),
        pytest.param(errno.EACCES, marks=pytest.mark.slow),
    ],
)
def test_any_fault_while_writing_leaves_the_previous_results(plain, tmp_path, monkeypatch, code):
    out = gc.write_study(plain, tmp_path / "out")
    before = contents(out)
    messages = []
    for point in range(1, 40):
        counter = {"left": point}

        def faulty(real, counter=counter):
            def act(*arguments, **options):
                counter["left"] -= 1
                if counter["left"] == 0:
                    raise OSError(code, os.strerror(code))
                return real(*arguments, **options)

            return act

        with monkeypatch.context() as patch:
            patch.setattr(placing.os, "fsync", faulty(os.fsync))
            patch.setattr(Path, "rename", faulty(Path.rename))
            patch.setattr(placing.tempfile, "mkdtemp", faulty(placing.tempfile.mkdtemp))
            try:
                gc.write_study(plain, out)
            except OutputError as error:
                messages.append(str(error))
        if counter["left"] > 0:
            break
        assert check_results(out) == []
        assert set(contents(out)) == set(before)
        assert names(tmp_path) == ["out"]
    assert len(messages) >= len(FILES)
    assert all(str(out) in text and "MB free in" in text for text in messages)
    assert OutputError.exit_status == 6


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_full_disk(plain, tmp_path):
    mount = tmp_path / "small"
    mount.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(mount)], check=False
    )
    if made.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        with pytest.raises(OutputError, match=r"No space left on device; 0\.\d MB free"):
            gc.write_study(plain, mount / "out")
        assert names(mount) == []
        with pytest.raises(ParameterError, match="root of a file system"):
            gc.write_study(plain, mount)
    finally:
        subprocess.run(["umount", str(mount)], check=True)


def test_a_study_without_any_region_is_written(tmp_path):
    (tmp_path / "firms.csv").write_text(
        "record_id,name,longitude,latitude,country\na,One,4.3,52.0,NL\nb,Two,-3.7,40.4,ES\n"
    )
    study = gc.run_study(tmp_path)
    out = gc.write_study(study, tmp_path / "out")
    assert check_results(out) == []
    assert gpd.read_file(out / "regions.gpkg", layer="regions").empty
    assert json.loads((out / "regions.geojson").read_text())["features"] == []
    assert "no region dense enough" in (out / "report.html").read_text("utf-8")


def test_writing_leaves_the_study_unchanged(study, tmp_path):
    frames = {
        "regions": study.regions,
        "records": study.inputs.records,
        "tests": study.classification.tests,
    }
    before = {name: frame.copy(deep=True) for name, frame in frames.items()}
    gc.write_study(study, tmp_path / "out")
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before[name]))


def test_faults_are_written_only_where_there_are_any(study, tmp_path):
    assert write_faults(study.inputs, tmp_path / "faults.csv") is None
    rejected = pd.DataFrame(
        [["firms.csv", 2, "a", "latitude", "=95", "beyond 90"]],
        columns=["file", "row", "record_id", "column", "value", "reason"],
    )
    inputs = type(study.inputs)(**{**vars(study.inputs), "rejected": rejected})
    path = write_faults(inputs, tmp_path / "faults.csv")
    assert path.read_text().splitlines()[1] == "firms.csv,2,a,latitude,'=95,beyond 90"
    assert names(tmp_path) == ["faults.csv"]
    with pytest.raises(OutputError, match="could not write"):
        write_faults(inputs, path / "faults.csv")


def test_the_page_has_everything_inside_and_no_address(out):
    html = (out / "report.html").read_text("utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)[1]
    assert "default-src &#39;none&#39;" in policy
    assert "unsafe" not in policy
    ours = html.split("<script>")[-1]
    assert "innerHTML" not in ours
    assert "setHTML" not in ours
    assert not re.search(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"']https?:", html)
    assert not re.search(r"\sstyle=\"", html.split("<script type=")[0])
    assert len(html) < 3_000_000


def test_the_page_says_how_much_is_simulated(study, out):
    html = (out / "report.html").read_text("utf-8")
    simulated = int(study.inputs.records["simulated"].sum())
    assert simulated > 0
    assert "Simulated data" in html
    assert f"of {len(study.inputs.records):,} records are simulated" in html


def test_json_in_the_page_cannot_end_its_element():
    hostile = {"a": "</script><!-- \u2028 & <b>"}
    text = script_json(hostile)
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == hostile


def test_the_payload_is_plain_and_complete(study):
    data = page_data(study)
    json.dumps(data, allow_nan=False)
    assert [region["id"] for region in data["regions"]] == study.regions.index.tolist()
    assert len(data["records"]["x"]) == len(data["records"]["kind"]) == len(study.inputs.records)
    region = data["regions"][0]
    assert len(region["values"]) == len(data["indicators"])
    assert len(region["tests"]) == len(data["tests"]) == 4


def test_tables_do_not_depend_on_the_order_of_records(study, tmp_path):
    shuffled = study.inputs.records.sample(frac=1, random_state=3)
    inputs = type(study.inputs)(**{**vars(study.inputs), "records": shuffled})
    other = type(study)(**{**vars(study), "inputs": inputs})
    name = "records.csv"
    assert study_tables(other)[name]() == study_tables(study)[name]()


def test_importing_the_report_loads_no_drawing_library():
    code = (
        "import sys, geoclust.report; print('matplotlib' in sys.modules, 'jinja2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
