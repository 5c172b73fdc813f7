"""Every message says what was found, what was wanted or what to do, and where; in plain words.

A table of mistakes, each made on the command line by a user who means well, with the words that
the answer must have.
"""

import io
import re
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from geoclust.cli.main import _status as command
from geoclust.errors import ParameterError
from geoclust.study import StudyConfig
from geoclust.synthetic import write_toy_world

JARGON = re.compile(
    r"Traceback|NoneType|dtype|pydantic|pandas|numpy|\bint64\b|Errno|Input should|input should|"
    r"valid integer|field required|instance of|dict\b|tuple|\bstr\b|UNSET|Unused Tokens|"
    r"requires an argument|table source|<class|object at 0x|datetime\.|\bNone\b",
)
"""Words of libraries, which a user need not know."""

ACTS = re.compile(
    r"did you mean|there are|it must be|must be|give|say |make |map |save|want|choose|leave|name |"
    r"rename|state|wait|copy|unpack|exchange|lower|raise|mend|fill|write|take|get |"
    r"is missing: |What it takes"
)
"""What to do, or what was wanted, is said with one of these."""

HEADER = "record_id,name,longitude,latitude\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with a small world in `w`, and files that are broken each in its way."""
    home = tmp_path_factory.mktemp("mistakes")
    (home / "w").mkdir()
    write_toy_world(home / "w")
    broken: dict[str, str | bytes] = {
        "empty.csv": "",
        "header.csv": HEADER,
        "page.csv": "<!doctype html><html><body>404</body></html>",
        "one.csv": "abc\nx\ny\n",
        "nowhere.csv": "record_id,name\na,A\nb,B\n",
        "twice.csv": "name,name,longitude,latitude\nA,B,1,2\n",
        "cut.xlsx": b"PK\x03\x04" + b"\0" * 50,
        "old.xls": b"\xd0\xcf\x11\xe0" + b"\0" * 60,
        "renamed.xlsx": b"\xd0\xcf\x11\xe0" + b"\0" * 60,
        "shapes.shp": b"\0\0\x27\x0a",
        "cut.geojson": '{"type":"FeatureColl',
        "base.geojson": '{"type":"Topology","objects":{}}',
        "plain.csv.gz": "a,b\n",
        "zip.csv": b"PK\x03\x04" + b"\0" * 60,
        "mine.csv": HEADER + "a,A,0.1,52.2\n",
    }
    for name, content in broken.items():
        raw = content if isinstance(content, bytes) else content.encode()
        (home / name).write_bytes(raw)
    return home


def said(arguments: list[str]) -> tuple[int, str]:
    """Status of a command, and its words on standard error."""
    errors = io.StringIO()
    with redirect_stdout(io.StringIO()), redirect_stderr(errors):
        status = command(arguments)
    return status, errors.getvalue()


LINE: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "a command": (["rnu", "x"], ("no command 'rnu'", "did you mean run?")),
    "no study": (["run"], ("STUDY is missing: a study file", "geoclust run --help")),
    "too much": (["run", "w", "extra"], ("'extra' is left over",)),
    "an option": (["run", "w", "--boundries", "x"], ("--boundries", "did you mean --boundaries?")),
    "no value": (["run", "w", "--out"], ("--out is given without a value: folder for",)),
    "a word for a number": (["explain", "w", "x", "--rows", "many"], ("--rows is 'many'", "whole")),
    "a number too small": (["explain", "w", "x", "--rows", "0"], ("--rows is 0", "at least 1")),
    "a choice": (
        ["compare", "w", "w", "--match", "record-id"],
        ("--match is 'record-id'", "record_id, name_and_place"),
    ),
    "no such file": (["run", "mine.tml"], ("mine.tml: there is no such file",)),
    "no such folder": (["check", "xyz"], ("no such file or folder", "geoclust init")),
    "a table as study": (["run", "mine.csv"], ("is a table", "geoclust init --firms mine.csv")),
    "no batch file": (["batch", "none.toml"], ("none.toml: there is no such file", "batch file")),
    "no files": (["batch"], ("found 0 files", "--template STUDY.toml")),
    "sweep": (["sweep", "w"], ("--vary is missing: a setting of the study file",)),
    "a setting": (
        ["sweep", "w", "--vary", "clustering.min_cluser=1:2:1"],
        ("did you mean 'clustering.min_cluster_size'?",),
    ),
    "values": (
        ["sweep", "w", "--vary", "clustering.min_samples=a"],
        ("found 'a'; it must be a whole number",),
    ),
    "windows": (["timeline", "w", "--windows", "abc"], ("'abc' is no window", "'2010-2014'")),
    "no windows": (["timeline", "w"], ("no windows", "--windows 2010-2014,2015-2019")),
    "inspect nothing": (["inspect"], ("no file is given", "name one or more")),
    "inspect twice": (["inspect", "mine.csv", "mine.csv"], ("mine.csv: is given more than once",)),
    "a table's name": (["inspect", "mine.csv", "--table", "firmz"], ("did you mean 'firms'?",)),
    "a country": (["inspect", "mine.csv", "--country", "Germny"], ("'Germny'", "ISO code")),
    "a store": (["publish", "w", "x.csv"], ("no known kind", ".duckdb")),
    "no results": (["publish", "nowhere", "x.gpkg"], ("no such folder of results", "geoclust run")),
    "init without file": (["init", "--firms", "non.csv"], ("non.csv: there is no such file",)),
    "a file as folder": (["run", "w", "-o", "mine.csv"], ("is a file; give the name of a folder",)),
    "our own data": (["run", "w", "-o", "w"], ("not empty", "it is left as it is")),
    "a scheduler": (["run", "w", "--scheduler", "nonsense"], ("'nonsense'", "tcp://")),
    "no polygons": (["run", "w", "--boundaries", "mine.csv"], ("no polygons", "GeoPackage")),
    "not there": (["run", "w", "--boundaries", "w/firmen.csv"], ("did you mean 'firms.csv'?",)),
}

FILES: dict[str, tuple[str, ...]] = {
    "empty.csv": ("is empty (0 bytes)",),
    "header.csv": ("a header and no rows", "allow_empty = true"),
    "page.csv": ("looks like an HTML page", "give the file itself"),
    "one.csv": ("one single column, 'abc'", "give the delimiter"),
    "nowhere.csv": (
        "no column for latitude, longitude, nor for place and country",
        "geoclust init",
    ),
    "twice.csv": ("the column 'name' is there more than once (columns [1, 2])", "rename"),
    "cut.xlsx": ("damaged or cut short workbook",),
    "old.xls": ("an old Excel workbook; save it as .xlsx",),
    "renamed.xlsx": ("an old Excel workbook; save it as .xlsx",),
    "shapes.shp": ("a Shapefile; save it as GeoPackage",),
    "cut.geojson": ("damaged or cut short JSON", "line 1 column"),
    "base.geojson": ("no GeoJSON FeatureCollection (its type is 'Topology')",),
    "plain.csv.gz": ("is named .gz but is no gzip; rename it, for it looks like text",),
    "zip.csv": ("is named as text but looks like zip archive", "give the file itself"),
    "mne.csv": ("there is no such file; did you mean 'mine.csv'?",),
}

STUDIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "bracket": ("[clustering\nmin_samples=3", ("line 1: ", "without its closing bracket")),
    "twice": ("[study]\nseed=1\nseed=2", ("line 3: ", "given before: seed=2")),
    "no quotes": ("[study]\nname = Quantum", ("line 2: ", "in quotation marks", "name = Quantum")),
    "key": ("[clustering]\nmin_smaples=3", ("line 2, clustering.min_smaples: no such key", "sam")),
    "section": ("[clusterin]\nmin_samples=3", ("line 1, clusterin", "did you mean 'clustering'?")),
    "word": ("[clustering]\nmin_samples='x'", ("line 2", "found 'x'; it must be a whole number")),
    "fraction": ("[clustering]\nmin_samples=3.5", ("found 3.5; it must be a whole number",)),
    "too small": ("[clustering]\nmin_cluster_size=1", ("found 1; it must be at least 2",)),
    "negative": ("[delineation]\nreach_km=-5", ("found -5; it must be above 0",)),
    "choice": ("[delineation]\nmethod='reech'", ("'reech'; it must be", "did you mean 'reach'?")),
    "truth": ("[inputs]\nstrict='maybe'", ("found 'maybe'; it must be true or false",)),
    "no table": ("clustering=5", ("line 1, clustering: found 5; it must be a table", "[clusterin")),
    "no list": (
        "[report]\nmax_links_km=100",
        ("found 100; it must be a list, in square",),
    ),
    "date": (
        "[study]\nname=2020-01-01",
        ("found 2020-01-01; it must be text, in",),
    ),
    "second entry": (
        "[[edits]]\naction='drop'\nregion='a'\nreason='r'\nby='b'\n[[edits]]\naction='mrge'",
        ("line 6, entry 2 of edits", "did you mean 'merge'?"),
    ),
    "target": (
        "[[thresholds.criteria]]\nname='x'\nindicator='firm_count'",
        ("line 1, entry 1 of thresholds.criteria, target: is missing",),
    ),
    "indicator": (
        "[[thresholds.criteria]]\nname='x'\nindicator='firm_cout'\ntarget=3",
        ("line 3: unknown indicator 'firm_cout'; did you mean 'firm_count'?",),
    ),
    "bar": ("[thresholds.cluster]\nmin_density=-1", ("line 2", "min_density is -1.0; want a")),
    "single": ("[clustering]\nallow_single_cluster=true", ("line 2: ", "max_link_km = inf")),
    "column": (
        "[inputs.firms]\npath='mine.csv'\ncolumns={longtude='x'}",
        ("line 3, inputs.firms: columns: unknown column 'longtude'", "did you mean 'longitude'?"),
    ),
    "foreign column": (
        "[inputs.firms]\npath='mine.csv'\ncolumns={name='Nmae'}",
        ("mine.csv: no column 'Nmae' (for name); found 'record_id', 'name'",),
    ),
    "two faults": (
        "[inputs.firms]\npath='mine.csv'\ncurrency='EUR'\nencoding='utf-99'",
        ("line 3, inputs.firms: currency is 'EUR': give usd_per_unit", "line 4, inputs.firms: enc"),
    ),
    "preset": ("[inputs.firms]\npath='mine.csv'\npreset='rorr'", ("did you mean 'ror'?",)),
    "sheet": (
        "[inputs.firms]\npath='mine.csv'\nsheet='A'",
        ("no Excel workbook; leave sheet",),
    ),
    "system": (
        "[inputs.firms]\npath='mine.csv'\ncrs='EPSG:99999'",
        ("mine.csv: reference",),
    ),
    "delimiter": ("[inputs.firms]\npath='mine.csv'\ndelimiter=';'", ("one single column",)),
    "password": (
        "[inputs.firms]\npath='postgresql://u" + ":geheim" + "@127.0.0.1:1/x'\ntable='t'",
        ("holds a password: take it out", "PGPASSWORD"),
    ),
    "all at once": (
        "[clustering]\nmin_samples=0\nmin_smples=3\n[delineation]\nreach_km=0",
        ("3 faults", "line 2", "line 3", "line 5"),
    ),
}


def judged(status: int, text: str, words: tuple[str, ...]) -> None:
    assert status == 2, text
    assert text.startswith("geoclust: ")
    for word in words:
        assert word in text, text
    assert not JARGON.search(text), text
    assert ACTS.search(text), text
    assert len(text) < 900, text


def made(folder: Path, name: str, text: str) -> str:
    path = folder / f"{re.sub('[^a-z]', '_', name)}.toml"
    path.write_text(text, encoding="utf-8")
    return path.name


@pytest.mark.parametrize("mistake", LINE)
def test_on_the_line(mistake, folder, monkeypatch):
    arguments, words = LINE[mistake]
    monkeypatch.chdir(folder)
    judged(*said(arguments), words)


@pytest.mark.parametrize("name", FILES)
def test_in_a_file(name, folder, monkeypatch):
    monkeypatch.chdir(folder)
    study = made(folder, f"of {name}", f"[inputs.firms]\npath = '{name}'\n")
    status, text = said(["check", study])
    judged(status, text, FILES[name])
    assert name in text


@pytest.mark.parametrize("mistake", STUDIES)
def test_in_a_study_file(mistake, folder, monkeypatch):
    text, words = STUDIES[mistake]
    monkeypatch.chdir(folder)
    name = made(folder, mistake, text)
    status, told = said(["check", name])
    judged(status, told, words)
    assert "geheim" not in told
    assert name in told or "mine.csv" in told


def test_a_pair_of_bars_may_say_one():
    config = StudyConfig.from_text("[thresholds.cluster]\nmin_density = 2\n")
    default = StudyConfig().thresholds.cluster
    assert config.thresholds.cluster.min_density == 2
    assert config.thresholds.cluster.min_capability == default.min_capability


def test_check_shows_the_first_rows_that_are_wrong(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    (folder / "bad.csv").write_text(HEADER + "a,A,200,95\nb,B,abc,3\nc,C,,\n", encoding="utf-8")
    name = made(folder, "rows", "[inputs.firms]\npath = 'bad.csv'\n")
    assert command(["check", name]) == 0
    shown = capsys.readouterr().out
    assert "bad.csv, row 3, longitude 'abc': is not a number" in shown
    assert "bad.csv, row 4, longitude ''" in shown or "is missing" in shown


FORBIDDEN: tuple[Callable[[], object], ...] = (
    lambda: StudyConfig.from_text("[clustering]\nmin_samples = 0"),
    lambda: ParameterError.listing("bars", ["min_density is 0; want a positive number"]),
)


def test_faults_are_told_alike_in_python():
    with pytest.raises(Exception, match=r"line 2, clustering\.min_samples: found 0; it must be"):
        FORBIDDEN[0]()
    assert list(FORBIDDEN[1]().faults) == ["min_density is 0; want a positive number"]
