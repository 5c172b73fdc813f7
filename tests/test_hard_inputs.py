"""The corpus of hard inputs: every line has its test, every file its stated answer."""

import ast
import csv
import io
import json
import re
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hard_inputs.corpus import SECTIONS, Line
from hard_inputs.generator import Danger, bombs, refused_files
from hypothesis import example, given, settings
from hypothesis import strategies as st

import geoclust as gc
from geoclust.errors import ConfigError, InputError
from geoclust.records import Inputs, TableSource, read_inputs
from geoclust.report.stores.partitions import partition_files
from geoclust.report.tables.files import csv_bytes
from geoclust.report.tables.frames import study_frames
from geoclust.study import StudyConfig
from geoclust.study.guarded import unguard_text

TESTS = Path(__file__).parent
DOCUMENT = TESTS.parents[1] / "shared" / "design" / "hard-inputs.md"
LINES = [(section, line) for section, lines in SECTIONS.items() for line in lines]


# The list itself ---------------------------------------------------------------------------------


def running_tests(name: str) -> set[str]:
    """Functions of a test file that are tests and are not skipped."""
    tree = ast.parse((TESTS / f"{name}.py").read_text(encoding="utf-8"))
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {
        node.name
        for node in found
        if node.name.startswith("test_")
        and not any("mark.skip(" in ast.unparse(mark) for mark in node.decorator_list)
    }


@pytest.mark.parametrize(("section", "line"), LINES, ids=lambda part: str(part)[:40])
def test_every_line_has_a_test_that_exists(section: str, line: Line) -> None:
    assert line.must
    assert line.tests, line.input
    for named in line.tests:
        file, _, function = named.partition("::")
        assert function in running_tests(file), named


def test_every_line_of_the_design_is_in_the_list() -> None:
    """Where the document is at hand; a line is known by its place and what it must get."""
    if not DOCUMENT.is_file():
        return
    found: dict[str, list[str]] = {}
    section = ""
    for text in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if text.startswith("## "):
            section = text.removeprefix("## ")
        elif text.startswith("| ") and not text.startswith(("| input", "| fault")):
            found.setdefault(section, []).append(text.split("|")[1])
    assert list(found) == list(SECTIONS)
    for name, lines in found.items():
        assert len(lines) == len(SECTIONS[name]), name
        for text, line in zip(lines, SECTIONS[name], strict=True):
            words = set(re.findall(r"[a-z0-9]{3,}", line.input.casefold()))
            told = set(re.findall(r"[a-z0-9]{3,}", text.casefold()))
            assert len(words & told) >= min(3, len(words)) / 2, (text, line.input)


# Files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", refused_files())
def test_every_file_of_the_generator_gets_its_stated_answer(name: str, tmp_path: Path) -> None:
    content, words = refused_files()[name]
    (tmp_path / name).write_bytes(content)
    start = time.process_time()
    with pytest.raises(InputError, match=re.escape(words)) as error:
        read_inputs({"firms": name}, folder=tmp_path)
    assert time.process_time() - start < 2
    assert name in str(error.value)
    assert error.value.exit_status == 2
    assert (tmp_path / name).read_bytes() == content


def test_the_danger_is_real() -> None:
    """What the generator hides in pickles does run where somebody unpickles it."""
    function, arguments = Danger().__reduce__()
    with pytest.raises(SystemExit, match="unpickled"):
        function(*arguments)


READ_ALL = """
import json, resource, sys, time
from pathlib import Path
from geoclust.errors import InputError
from geoclust.records import read_inputs
import geoclust.records.delimited, geoclust.records.workbooks, geoclust.records.parquet
import pyarrow.parquet
folder = Path(sys.argv[1])
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
told, before = {}, peak()
for path in sorted(folder.iterdir()):
    start = time.process_time()
    try:
        read_inputs({"firms": path.name}, folder=folder)
        said = "read"
    except InputError as error:
        said = str(error)
    told[path.name] = [said, time.process_time() - start, peak() - before]
print(json.dumps(told))
"""


def test_bombs_are_refused_in_a_second_and_two_hundred_megabytes(tmp_path: Path) -> None:
    for name, (write, _) in bombs().items():
        write(tmp_path / name)
    command = [sys.executable, "-c", READ_ALL, tmp_path]
    for _ in range(3):  # beside other work a second of processor does less: the best counts
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        told = json.loads(done.stdout)
        if all(seconds < 1 for _, seconds, _ in told.values()):
            break
    assert set(told) == set(bombs())
    for name, (said, seconds, mib) in told.items():
        assert bombs()[name][1] in said, (name, said)
        assert seconds < 1, (name, seconds)
        assert mib < 200, (name, mib)


# Rows --------------------------------------------------------------------------------------------

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
NUMBERS = st.one_of(
    st.floats().map(repr),
    st.integers(-(10**25), 10**25).map(str),
    st.sampled_from(["nan", "NA", "1e400", "-inf", "52,5", "1.234,5", "52°12'N", "٥٢", "½", "1_0"]),
    CELLS,
)


def written(rows: list[list[str]], header: list[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode()


def accounted(inputs: Inputs, rows: int) -> None:
    files = inputs.files
    assert files["rows"].sum() == rows
    assert (files["rows"] == files["accepted"] + files["rejected"] + files["merged"]).all()
    assert (inputs.rejected["reason"].str.len() > 0).all()


@settings(max_examples=20)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=20, max_size=30))
def test_any_text_in_a_coordinate_is_a_finite_degree_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    rows = [[f"f{at}", *pair] for at, pair in enumerate(pairs)]
    header = ["record_id", "longitude", "latitude"]
    (folder / "firms.csv").write_bytes(written([["sound", "0.5", "52"], *rows], header))
    inputs = read_inputs(folder)
    accounted(inputs, len(rows) + 1)
    found = inputs.records[["longitude", "latitude"]]
    assert "sound" in found.index
    assert np.isfinite(found.to_numpy()).all()
    assert found["longitude"].between(-180, 180).all()
    assert found["latitude"].between(-90, 90).all()
    assert len(inputs.records) + inputs.rejected_count == len(rows) + 1


@settings(max_examples=20)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=10, max_size=20))
@example([("=1+1", '"'), ("a\r\nb", ",;\t|"), ("NA", "nan"), ("0012", "1e5")])
def test_any_text_of_a_name_comes_through_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, names: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("names")
    rows = [[f"f{at}", name, place, "1", "2"] for at, (name, place) in enumerate(names)]
    header = ["record_id", "name", "place", "longitude", "latitude"]
    (folder / "firms.csv").write_bytes(written(rows, header))
    inputs = read_inputs({"firms": TableSource(path="firms.csv", delimiter=",")}, folder=folder)
    accounted(inputs, len(rows))
    for at, pair in enumerate(names):
        if f"f{at}" not in inputs.records.index:
            reason = inputs.rejected.loc[inputs.rejected["record_id"] == f"f{at}", "reason"]
            assert "\ufffd" in "".join(pair), reason.tolist()
            continue
        for column, text in zip(("name", "place"), pair, strict=True):
            told = inputs.records.loc[f"f{at}", column]
            assert (told if isinstance(told, str) else "") == text.strip()


VALUES = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-(2**63), 2**63),
        st.floats(),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abyz_", max_size=5), inner)
    ),
    max_leaves=5,
)
SETTINGS = sorted(
    f"{section}.{name}"
    for section, field in StudyConfig.model_fields.items()
    for name in getattr(field.annotation, "model_fields", {})
)


def assert_told(error: ConfigError) -> None:
    assert error.faults
    assert str(error).startswith("study file: ")


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(SETTINGS), VALUES, min_size=1, max_size=4))
def test_any_value_of_a_setting_is_taken_or_refused_with_its_place(
    values: dict[str, object],
) -> None:
    import tomli_w

    tables: dict[str, dict[str, object]] = {}
    for name, value in values.items():
        section, _, key = name.partition(".")
        tables.setdefault(section, {})[key] = value
    text = tomli_w.dumps(tables)
    try:
        config = StudyConfig.from_text(text)
    except ConfigError as error:
        assert_told(error)
        return
    assert StudyConfig.from_text(config.to_toml()) == config


def test_a_hundred_thousand_records_at_one_point_cluster_exactly() -> None:
    size = 100_000
    here = pd.DataFrame({"longitude": 0.125, "latitude": 52.25}, index=range(size))
    there = pd.DataFrame({"longitude": 3.0 + 0.001 * np.arange(30), "latitude": 48.0})
    bare = pd.concat([here, there]).assign(kind="firm", country="GB")
    records = gc.as_records(bare.set_axis([f"f{at:06d}" for at in range(len(bare))]))
    found = gc.extract_regions(gc.build_hierarchy(records, resolution_km=0.1))
    assert sorted(found.regions["record_count"]) == [30, size]
    assert found.region_of.notna().all()
    for column in (found.membership, found.outlier_score, found.regions["persistence"]):
        assert np.isfinite(column.astype(float)).all()
    assert (found.membership.iloc[:size] == 1).all()


# Names -------------------------------------------------------------------------------------------

TRIGGERS = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001 - the full-width ones are meant


@settings(max_examples=200)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
@example(["=1+1", "＝1", "'=1", "''@x", "\tx", "\r=", "\n-", "-5", "+49 30", "@a", "'"])  # noqa: RUF001
def test_a_cell_that_is_a_formula_is_stored_as_text_and_comes_back(texts: list[str]) -> None:
    table = pd.DataFrame({"name": pd.Series(texts, dtype="str"), "x": 0.5})
    content = csv_bytes(table, index=False).decode()
    cells = [row[0] for row in csv.reader(io.StringIO(content, newline=""))][1:]
    assert not any(cell.startswith(TRIGGERS) for cell in cells)
    assert unguard_text(pd.Series(cells, dtype="str")).tolist() == texts


HOSTILE = (
    "../../x",
    "..",
    "/etc/passwd",
    "CON",
    "nul\\x",
    "x" * 300,
    "a/b",
    "Å",
    "é",
    "é",
    ".",
    "",
)


def test_names_of_countries_and_studies_stay_inside_the_folder(tmp_path: Path) -> None:
    names = [unicodedata.normalize("NFD", "é") if at == 9 else n for at, n in enumerate(HOSTILE)]
    frame = pd.DataFrame({"record_id": [str(at) for at in range(len(names))], "country": names})
    files = list(partition_files({"records": frame}))
    assert len(files) == len(set(names))
    for file in files:
        parts = Path(file).parts
        assert parts[0] == "records"
        assert len(parts) == 3
        assert not set(parts) & {"..", ".", "CON", ""}
    (tmp_path / "world").mkdir()
    gc.synthetic.write_toy_world(tmp_path / "world", seed=1)
    text = "[study]\nname = '../../../x<b>'\n[report]\nfigures = false\nsurvival = false\n"
    (tmp_path / "world" / "study.toml").write_text(text)
    gc.write_study(gc.run_study(tmp_path / "world" / "study.toml"), tmp_path / "out" / "results")
    assert {path.name for path in tmp_path.iterdir()} == {"world", "out"}
    assert {path.name for path in (tmp_path / "out").iterdir()} <= {"results", ".results.lock"}


# Geometry and statistics -------------------------------------------------------------------------


def spread(size: int, km: float = 300.0) -> pd.DataFrame:
    """Firms far from each other."""
    at = np.arange(size)
    return pd.DataFrame(
        {"longitude": -170.0 + (at % 40) * km / 40, "latitude": -60.0 + (at // 40) * km / 60}
    )


WORLDS = {
    "nothing": (spread(0), 0, "no region was found among 0 records"),
    "one": (spread(1), 0, "no region was found among 1 record:"),
    "two": (spread(2), 0, "no region was found among 2 records"),
    "fewer than a region needs": (spread(1).loc[[0] * 9], 0, "a weight of 10"),
    "all noise": (spread(120), 0, "no region was found among 120 records"),
    "all identical": (spread(1).loc[[0] * 40], 1, ""),
    "collinear": (
        pd.DataFrame({"longitude": 10 + 0.001 * np.arange(60), "latitude": 0.0}),
        1,
        "",
    ),
    "at a pole": (
        pd.DataFrame({"longitude": np.linspace(-180, 180, 40), "latitude": 89.99}),
        1,
        "",
    ),
}


@pytest.mark.parametrize("name", WORLDS)
def test_a_degenerate_world_has_a_stated_result(name: str, tmp_path: Path) -> None:
    points, regions, words = WORLDS[name]
    firms = points.reset_index(drop=True).assign(country="GB")
    firms.insert(0, "record_id", [f"f{at:03d}" for at in range(len(firms))])
    firms.to_csv(tmp_path / "firms.csv", index=False)
    empty = "allow_empty = true\n" if firms.empty else ""
    (tmp_path / "study.toml").write_text(
        "[report]\nfigures = false\nsurvival = true\n"
        f"[inputs.firms]\npath = 'firms.csv'\n{empty}[clustering]\nresolution_km = 0.1\n"
    )
    study = gc.run_study(tmp_path / "study.toml")
    assert len(study.regions) == regions
    assert words in " ".join(study.warnings)
    out = gc.write_study(study, tmp_path / "out")
    import geopandas as gpd

    for layer in ("regions.gpkg", "regions.geojson", "regions.parquet"):
        packed = {"layer": "regions"} if layer.endswith("gpkg") else {}
        read = gpd.read_parquet if layer.endswith("parquet") else gpd.read_file
        found = read(out / layer, **packed)
        assert len(found) == regions
        assert set(found.geom_type) <= {"Polygon", "MultiPolygon"}
        assert found.is_valid.all()
    for table, frame in study_frames(study).items():
        for column in frame.select_dtypes("float"):
            values = frame[column].dropna()
            assert np.isfinite(values).all(), (table, column)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert not re.search(r">\s*(nan|NaN|None|<NA>|inf)\s*<", page)
    assert ("no region" in page.casefold()) or regions
