"""`geoclust init`: three questions, or options, and a study file that runs as it is written."""

import io
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xlsxwriter

from geoclust.cli import beginning
from geoclust.cli.app import GROUPS, app
from geoclust.cli.main import _status as command
from geoclust.study import StudyConfig, check_study
from geoclust.study.beginning import tables_in

TOWNS = {
    "Berlin": (13.405, 52.52),
    "München": (11.575, 48.137),
    "Hamburg": (9.993, 53.551),
    "Köln": (6.96, 50.938),
    "Aachen": (6.084, 50.775),
    "Jena": (11.586, 50.927),
}


def firms(*, rows: int = 60, decimal: str = ",") -> pd.DataFrame:
    """Firms as a German registry lists them, with headers of its own."""
    random = np.random.default_rng(3)
    towns = random.choice(list(TOWNS)[:4], rows)
    near = random.normal(0, 0.02, (rows, 2))

    def degrees(axis: int) -> list[str]:
        values = [TOWNS[town][axis] + near[at, axis] for at, town in enumerate(towns)]
        return [f"{value:.5f}".replace(".", decimal) for value in values]

    return pd.DataFrame(
        {
            "Firmennummer": [f"HRB {1000 + at}" for at in range(rows)],
            "Firmenname": [f"Beispiel {at} GmbH" for at in range(rows)],
            "Ort": towns,
            "Breitengrad": degrees(1),
            "Längengrad": degrees(0),
            "Gründungsjahr": 1990 + np.arange(rows) % 30,
        }
    )


def institutes(rows: int = 24) -> pd.DataFrame:
    """Institutes with a town and no country."""
    return pd.DataFrame(
        {
            "Kennung": [f"inst{at:02d}" for at in range(rows)],
            "Einrichtung": [f"Institut für Versuche {at}" for at in range(rows)],
            "Stadt": [list(TOWNS)[at % len(TOWNS)] for at in range(rows)],
        }
    )


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A newcomer's folder, current: two tables in dialects of their own, and a note."""
    mine = tmp_path / "daten"
    mine.mkdir()
    firms().to_csv(mine / "unternehmen.csv", sep=";", index=False, encoding="latin-1")
    institutes().to_csv(mine / "institute.csv", sep=";", index=False, encoding="utf-8-sig")
    (mine / "notiz.txt").write_text("Quelle: Handelsregister\n", encoding="utf-8")
    monkeypatch.chdir(mine)
    return mine


def answered(monkeypatch, answers: str) -> None:
    """Let `init` believe in a terminal that answers so."""
    monkeypatch.setattr(beginning, "can_ask", lambda: True)
    monkeypatch.setattr(sys, "stdin", io.StringIO(answers))


def at_a_terminal(arguments: list[str], answers: str, cwd: Path) -> tuple[int, str]:
    """Status and everything shown of a command at a real (pseudo) terminal of 80 columns."""
    master, slave = os.openpty()
    environment = {**os.environ, "COLUMNS": "80", "TERM": "xterm"}
    process = subprocess.Popen(
        [sys.executable, "-m", "geoclust", *arguments],
        stdin=slave, stdout=slave, stderr=slave, cwd=cwd, env=environment,
    )  # fmt: skip
    os.close(slave)
    os.write(master, answers.encode())
    shown = b""
    try:
        while part := os.read(master, 65536):
            shown += part
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(master)
    return process.wait(timeout=120), shown.decode("utf-8").replace("\r\n", "\n")


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals as on POSIX")
def test_three_enters_make_a_study_that_runs_unchanged(folder):
    status, shown = at_a_terminal(["init"], "\n\n\n", folder)
    assert status == 0, shown
    for words in ("1. Which tables", "2. In which country", "3. How many organisations"):
        assert shown.count(words) == 1
    assert "[institute.csv=labs unternehmen.csv=firms]" in shown
    assert "latitude from 'Breitengrad'" in shown.replace("\n    ", " ")
    assert "Wrote study.toml. Look through it, then: geoclust run study.toml" in shown
    text = (folder / "study.toml").read_text(encoding="utf-8")
    assert command(["run", "study.toml", "-o", "out", "-q"]) == 0
    assert (folder / "study.toml").read_text(encoding="utf-8") == text
    criteria = tomllib.loads(text)["thresholds"]["criteria"]
    assert [one["name"] for one in criteria] == ["firms", "labs"]  # of what the tables say
    assert "without patents, funding, kinds of organisation, on which" in text
    regions = pd.read_csv(folder / "out" / "regions.csv")
    assert {"de-berlin", "de-munich"} <= set(regions["region_id"])


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals as on POSIX")
def test_the_end_of_answers_writes_nothing(folder):
    status, shown = at_a_terminal(["init"], "\n\x04", folder)
    assert status == 2
    assert "the answers ended; nothing was written" in shown
    assert not (folder / "study.toml").exists()


def test_an_answer_that_is_not_understood_is_asked_again(folder, monkeypatch, capsys):
    answered(monkeypatch, "unternemen.csv\nunternehmen.csv=labbs\nunternehmen\nMy title\nfew\n4\n")
    assert command(["init"]) == 0
    shown = capsys.readouterr().out
    assert "no file here is called 'unternemen.csv'; did you mean 'unternehmen.csv'?" in shown
    assert "no table is called 'labbs'; did you mean 'labs'?" in shown
    assert "'few' is no whole number of at least 2" in shown
    config = StudyConfig.from_toml("study.toml")
    assert list(config.inputs.sources) == ["firms"]
    assert (config.study.name, config.clustering.min_cluster_size) == ("My title", 4)


def test_a_country_is_asked_for_where_rows_name_none(folder, monkeypatch, capsys):
    answered(monkeypatch, "institute=labs\nGermny\nDeutschland\n\n")
    assert command(["init"]) == 0
    shown = capsys.readouterr().out
    assert "no country is called 'Germny'" in shown
    assert StudyConfig.from_toml("study.toml").inputs.labs.constants == {"country": "DE"}


def test_none_begins_with_empty_tables_in_a_new_folder(folder, monkeypatch):
    answered(monkeypatch, "none\n")
    assert command(["init", "neu"]) == 0
    assert (folder / "neu" / "firms.csv").read_text().startswith("record_id,name")


def test_without_a_terminal_it_says_what_to_say(folder, capsys):
    assert command(["init"]) == 2
    said = capsys.readouterr().err
    assert "found: institute.csv (labs), unternehmen.csv (firms)" in said
    assert "--yes" in said
    assert "--firms FILE" in said
    assert not (folder / "study.toml").exists()


def test_options_answer_without_a_terminal(folder, capsys):
    words = ["init", "elsewhere", "--firms", "unternehmen.csv", "--labs", "institute.csv"]
    assert command([*words, "--smallest", "5", "--name", "Zwei Tabellen", "--country", "DE"]) == 0
    assert "geoclust run elsewhere/study.toml" in capsys.readouterr().out
    config = StudyConfig.from_toml("elsewhere/study.toml")
    assert (config.study.name, config.clustering.min_cluster_size) == ("Zwei Tabellen", 5)
    inputs = check_study("elsewhere/study.toml")
    assert inputs.files.set_index("table")["accepted"].to_dict() == {"firms": 60, "labs": 24}
    assert inputs.records["country"].dropna().unique().tolist() == ["DE"]


def test_a_study_file_beside_its_tables_runs_from_its_own_folder(folder, monkeypatch):
    assert command(["init", "sub", "--firms", "unternehmen.csv", "--smallest", "5"]) == 0
    monkeypatch.chdir(folder / "sub")
    assert len(check_study("study.toml").records) == 60  # whose path is ../unternehmen.csv


def test_nothing_is_overwritten(folder, capsys):
    (folder / "study.toml").write_text("# mine\n")
    assert command(["init", "--yes"]) == 2
    assert "study.toml: is there already and is not overwritten" in capsys.readouterr().err
    assert (folder / "study.toml").read_text() == "# mine\n"


def test_sheets_of_a_workbook_are_tables(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with xlsxwriter.Workbook("daten.xlsx") as book:
        for name, table in {
            "Lies mich": pd.DataFrame({"Hinweis": ["Stand 2024"]}),
            "Firmen": firms(decimal="."),
            "Hochschulen": institutes(),
        }.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate([list(table.columns), *table.astype(str).to_numpy().tolist()]):
                sheet.write_row(at, 0, row)
    assert command(["init", "--yes", "--smallest", "5"]) == 0
    shown = capsys.readouterr().out
    assert "daten.xlsx#Lies mich: not used" in shown
    config = StudyConfig.from_toml("study.toml")
    assert {name: one.sheet for name, one in config.inputs.sources.items()} == {
        "firms": "Firmen",
        "labs": "Hochschulen",
    }
    assert len(check_study("study.toml").records) == 84
    assert command(["init", "one", "--firms", "daten.xlsx#Firmen", "--smallest", "5"]) == 0
    assert list(StudyConfig.from_toml("one/study.toml").inputs.sources) == ["firms"]


def test_swapped_coordinates_are_told_with_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    swapped = {"Breitengrad": "Längengrad", "Längengrad": "Breitengrad"}
    firms().rename(columns=swapped).assign(Land="DE").to_csv("firmen.csv", sep=";", index=False)
    assert command(["init", "--yes"]) == 0
    shown = capsys.readouterr().out
    assert "100 % of the rows fall in their country if longitude and latitude are swapped" in shown
    assert "exchange the two in columns" in shown


def test_no_table_in_the_folder_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("thesis.docx").write_text("years of work")
    assert command(["init"]) == 2
    said = capsys.readouterr().err
    assert "no table was found" in said
    assert "--firms FILE" in said


def test_money_of_another_currency_is_not_taken_as_dollars(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = firms().assign(**{"Finanzierung (Mio. EUR)": "1,5"})
    table.to_csv("firmen.csv", sep=";", index=False)
    assert command(["init", "--yes"]) == 0
    text = Path("study.toml").read_text(encoding="utf-8")
    assert "funding_usd" not in tomllib.loads(text)["inputs"]["firms"]["columns"]
    assert "is in EUR by its name and therefore not used" in text
    assert "factors = { funding_usd = 1e+06 }" in text


def test_too_many_files_must_be_named(tmp_path):
    for at in range(41):
        (tmp_path / f"t{at}.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="more than 40"):
        tables_in(tmp_path)


def test_names_that_attack_do_nothing_to_the_terminal(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    table = firms().rename(columns={"Firmenname": "Firma \x1b[31mrot"})
    table.to_csv("firmen\x1b[2J.csv", sep=";", index=False)
    assert command(["init", "--yes"]) == 0
    assert "\x1b[2J" not in capsys.readouterr().out
    StudyConfig.from_toml("study.toml")


def test_every_command_stands_under_a_heading():
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(name for name in app if not name.startswith("-"))
