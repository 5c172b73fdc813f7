"""`geoclust inspect`: files nobody described are recognised, mapped, checked and drafted."""

import gzip
import json
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from geoclust.cli.main import _status as command
from geoclust.errors import ParameterError, printable
from geoclust.records.inspecting import inspect_files, look_at
from geoclust.records.presets import KNOWN
from geoclust.study import StudyConfig, run_study

SAMPLES = Path(__file__).parent / "samples" / "presets"

STUDIES = {
    "ror": ("ror_v2.json",),
    "ror, csv": ("ror_v2.csv",),
    "openalex": ("openalex_institutions/part_000.gz", "openalex_works/part_000.gz"),
    "cordis": ("cordis_organization.csv", "cordis_project.csv"),
    "patentsview": (
        "g_inventor_disambiguated.tsv",
        "g_location_disambiguated.tsv",
        "g_application.tsv",
    ),
    "patentsview, applicants": ("g_assignee_disambiguated.tsv", "g_location_disambiguated.tsv"),
    "regpat": ("202401_EPO_Inv_reg.txt", "202401_EPO_IPC.txt"),
    "regpat, applicants": ("202401_EPO_App_reg.txt",),
    "crunchbase": ("crunchbase_organizations.csv",),
    "geonames": ("crunchbase_organizations.csv", "geonames_NL.txt"),
}
"""Samples that make a study, by the preset they show; a gazetteer needs records beside it."""

QUICK = "\n[report]\nfigures = false\nsurvival = false\n\n[clustering]\nmin_cluster_size = 6\n"


def test_every_preset_has_a_sample_that_makes_a_study():
    assert {name.split(",")[0] for name in STUDIES} == set(KNOWN)


@pytest.mark.parametrize("name", STUDIES)
def test_one_command_makes_a_study_of_a_sample(name, tmp_path, capsys):
    files = [str(SAMPLES / file) for file in STUDIES[name]]
    assert command(["inspect", *files, "--write", str(tmp_path / "made")]) == 0
    assert "then: geoclust run" in capsys.readouterr().out
    study = tmp_path / "made" / "study.toml"
    config = StudyConfig.from_toml(study)
    assert name.split(",")[0] in {source.preset for source in config.inputs.sources.values()}
    with study.open("a", encoding="utf-8") as stream:
        stream.write(QUICK)
    found = run_study(study)
    assert len(found.regions) >= 1
    assert found.inputs.rejected_count <= 7  # as test_records_presets says of each


def test_the_drafted_study_runs_by_the_command(tmp_path, capsys):
    files = [str(SAMPLES / file) for file in STUDIES["crunchbase"]]
    assert command(["inspect", *files, "--write", str(tmp_path)]) == 0
    with (tmp_path / "study.toml").open("a", encoding="utf-8") as stream:
        stream.write(QUICK)
    assert command(["run", str(tmp_path / "study.toml"), "-o", str(tmp_path / "out"), "-q"]) == 0
    assert (tmp_path / "out" / "report.html").stat().st_size > 0


@pytest.mark.shared
def test_the_real_files_are_mapped_without_help(shared_data):
    names = ("ror_labs.csv.gz", "copublication_ties.csv.gz", "oecd_metros.csv")
    others = (
        "wup2018_agglomerations.csv",
        "worldbank_gdp_by_country.csv",
        "naturalearth_lowres_pop_gdp.geojson",
        "countries-110m.json",
        "land-50m.json",
    )
    found = inspect_files([shared_data / name for name in (*names, *others)])
    looks = {Path(look.path).name: look for look in found.looks}
    assert {name: look.table for name, look in looks.items()} == {
        "ror_labs.csv.gz": "records",
        "copublication_ties.csv.gz": "ties",
        "oecd_metros.csv": "places",
        "wup2018_agglomerations.csv": "places",
        **dict.fromkeys(others[1:]),
    }
    assert looks["ror_labs.csv.gz"].preset == "ror"
    assert _mapping(looks["copublication_ties.csv.gz"]) == {
        "organisation_a": "ror_a",
        "organisation_b": "ror_b",
        "weight": "papers",
    }
    metros = looks["oecd_metros.csv"]
    assert _mapping(metros) == {
        "name": "METRO_ID",
        "longitude": "lon",
        "latitude": "lat",
        "population": "Population",
        "gdp_usd": "GDP",
    }
    assert metros.fields["factors"] == {"gdp_usd": 1e6}
    towns = looks["wup2018_agglomerations.csv"]
    assert _mapping(towns) == {
        "name": "Urban Agglomeration",
        "longitude": "Longitude",
        "latitude": "Latitude",
        "country": "Country or area",
        "population": "2018",
    }
    assert towns.fields == {
        "header_row": 17,
        "constants": {"year": 2018},
        "factors": {"population": 1000.0},
    }
    assert "by country and year" in looks["worldbank_gdp_by_country.csv"].why
    assert "177 outlines" in looks["naturalearth_lowres_pop_gdp.geojson"].why
    assert "countries (177)" in looks["countries-110m.json"].why
    assert "TopoJSON" in looks["land-50m.json"].why
    relations = look_at(shared_data / "ror_relationships.csv.gz")
    assert (relations.table, relations.preset, relations.role) == ("ties", "ror", "relations")
    # two tables of places of different layouts: one is taken, the other told
    assert len(found.problems) == 1
    assert "second table of places" in found.problems[0]
    counts = found.counts.set_index("table")
    assert counts.loc["records", ["accepted", "left_out"]].tolist() == [44_550, 6_820]
    assert counts.loc["ties", "accepted"] == 34_475  # though the ids of organisations are longer


def _mapping(look) -> dict[str, str]:
    return {guess.name: guess.own for guess in look.columns}


LANGUAGES = {
    "de": "Kennung;Firma;Breitengrad;Längengrad;Ort;Land;Gründungsjahr;Webseite",
    "fr": "identifiant;Raison sociale;Latitude;Longitude;Ville;Pays;Année de création;Site web",
    "es": "identificador;Razón social;latitud;longitud;Municipio;País;Año;Sitio web",
    "it": "codice;Ragione Sociale;latitudine;longitudine;Comune;Paese;Anno di fondazione;Sito",
    "pl": "KRS;Nazwa firmy;Szerokość geograficzna;Długość geograficzna;Miasto;Kraj;Rok;Strona WWW",
    "zh": "编号;企业名称;纬度;经度;城市;国家;成立年份;网站",
    "ja": "番号;会社名;緯度;経度;都市;国;設立年;ウェブサイト",
    "code": "org_id;companyName;geo_lat;geo_lng;hq_city;iso3;yearFounded;homepage_url",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_headers_in_several_languages(language, tmp_path):
    header = LANGUAGES[language]
    rows = [
        f"x{at:03d};Example {at} GmbH;{48 + at / 100:.3f};{11.5 + at / 90:.4f};München;DEU;"
        f"{1990 + at};www.example{at}.de"
        for at in range(30)
    ]
    path = tmp_path / "table.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    look = look_at(path)
    assert look.table == "firms"  # by the legal form in its names
    wanted = (
        "record_id", "name", "latitude", "longitude", "place", "country", "year", "website",
    )  # fmt: skip
    assert _mapping(look) == dict(zip(wanted, header.split(";"), strict=True))
    found = inspect_files([path])
    assert found.counts.loc[0, "accepted"] == 30


def test_kinds_of_table(tmp_path):
    def written(name: str, text: str) -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    labs = written(
        "a.csv",
        "name,lat,lon\n"
        + "".join(f"University of Place {i},{50 + i / 9:.3f},{i / 7:.3f}\n" for i in range(9)),
    )
    assert look_at(labs).table == "labs"
    patents = written("b.csv", "patent_no,inventor,lat,lon\nEP1,A,50.1,4.1\nEP2,B,50.2,4.2\n")
    assert look_at(patents).table == "patents"
    kinds = written("c.csv", "id,kind,lat,lon\na,firm,50.1,4.1\nb,Labs,50.2,4.2\n")
    assert look_at(kinds).table == "records"
    ties = written("d.csv", "from_id,to_id,joint papers\na,b,3\nb,c,1\n")
    assert look_at(ties).table == "ties"
    points = written("firms_2020.csv", "x,y,name\n4.15,50.25,A\n4.25,50.35,B\n")
    assert look_at(points).table == "firms"  # x and y are coordinates, not two ends
    assert _mapping(look_at(points)) == {"name": "name", "longitude": "x", "latitude": "y"}
    bare = written("e.csv", "1,50.25,4.5\n2,50.35,4.6\n")
    assert "no header" in look_at(bare).why
    empty = written("f.csv", "name,lat,lon\n")
    assert "no rows" in look_at(empty).why
    nothing = written("g.csv", "colour,size\nred,2\nblue,3\n")
    assert "nothing places its rows" in look_at(nothing).why
    unsure = written("h.csv", "who,lat,lon\nA,50.1,4.1\nB,50.2,4.2\n")
    assert look_at(unsure).confidence < 0.5


def test_words_of_categories_are_translated_and_faults_shown(tmp_path, capsys):
    path = tmp_path / "firms.csv"
    rows = [f"F{i},{50 + i / 10},{4 + i / 10},{'Start-up' if i % 2 else 'VC'}" for i in range(8)]
    path.write_text("\n".join(["name,lat,lon,type", *rows, "Bad,95,4,VC"]) + "\n", "utf-8")
    assert command(["inspect", str(path), "--write", str(tmp_path / "made")]) == 0
    said = capsys.readouterr().out
    assert "9 rows = 8 accepted + 1 rejected" in said
    assert "row 10, latitude '95': is beyond 90 degrees" in said
    values = tomllib.loads((tmp_path / "made" / "study.toml").read_text("utf-8"))
    assert values["inputs"]["firms"]["values"]["category"] == {
        "Start-up": "startup",
        "VC": "investor",
    }
    assert values["inputs"]["firms"]["path"] == "../firms.csv"


def test_a_guess_can_be_overruled_within_reason(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("who,lat,lon\nA,50.1,4.1\nB,50.2,4.2\n", encoding="utf-8")
    assert list(inspect_files([path], table="labs").tables) == ["labs"]
    with pytest.raises(ParameterError, match="cannot be read as ties"):
        inspect_files([path], table="ties")
    with pytest.raises(ParameterError, match="no table is called 'lab'"):
        inspect_files([path], table="lab")


def test_nothing_is_overwritten_and_nothing_half_written(tmp_path, capsys, monkeypatch):
    files = [str(SAMPLES / "ror_v2.csv")]
    target = tmp_path / "study.toml"
    target.write_text("mine", encoding="utf-8")
    assert command(["inspect", *files, "--write", str(tmp_path)]) == 2
    assert "not overwritten" in capsys.readouterr().err
    assert target.read_text("utf-8") == "mine"
    other = tmp_path / "other"
    monkeypatch.setattr("os.fsync", _full_disk)
    assert command(["inspect", *files, "--write", str(other)]) == 6
    assert list(other.iterdir()) == []
    monkeypatch.undo()
    assert command(["inspect", str(SAMPLES / "geonames_NL.txt"), "--write", str(other)]) == 2
    assert "a table of firms, labs, patents or records is needed" in capsys.readouterr().err


def _full_disk(_handle: int) -> None:
    raise OSError(28, "No space left on device")


def test_unreadable_files_are_told_beside_the_others(tmp_path, capsys):
    bomb = tmp_path / "firms.csv.gz"
    bomb.write_bytes(gzip.compress(b"0,0\n" * (20 * 1024**2)))
    page = tmp_path / "labs.csv"
    page.write_text("<!DOCTYPE html><html></html>", encoding="utf-8")
    good = str(SAMPLES / "ror_v2.csv")
    status = command(["inspect", str(bomb), str(page), str(tmp_path / "no.csv"), good])
    said = capsys.readouterr().out
    assert status == 2
    assert "compression bomb" in said
    assert "HTML page" in said
    assert "there is no such file" in said
    assert "preset 'ror'" in said


HOSTILE = (
    "<script>alert(1)</script>",
    "\x1b]0;owned\x07",
    "[bold]x[/bold]",
    "a\u202eb",
    "=cmd|'x'",
)


def test_hostile_headers_and_values_are_shown_as_text(tmp_path, capsys):
    path = tmp_path / "firms\x1b[2J.csv"
    frame = pd.DataFrame({"name": ["\x1b[31mred", '"""\n[inputs]\nfolder = "/etc"']})
    frame = frame.assign(**{name: [f"{name}1", f"{name}2"] for name in HOSTILE})
    frame["lat"], frame["lon"] = [50.1, 50.2], [4.1, 444.2]
    frame.to_csv(path, index=False)
    assert command(["inspect", str(path), "--write", str(tmp_path / "made")]) == 0
    said = capsys.readouterr().out
    assert not {letter for letter in said if not letter.isprintable()} - {"\n"}
    assert "[bold]x[/bold]" in said
    assert "\\x1b[31mred" in said
    text = (tmp_path / "made" / "study.toml").read_text("utf-8")
    values = tomllib.loads(text)
    assert set(values) == {"study", "inputs"}
    assert set(values["inputs"]) == {"firms"}
    assert values["inputs"]["firms"]["path"] == "../firms\x1b[2J.csv"
    assert command(["inspect", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["files"][0]["header"][1:3] == ["<script>alert(1)</script>", "\x1b]0;owned\x07"]
    assert told["faults"][0]["row"] == 3


def test_halves_of_letters_in_json_are_named_and_shown(tmp_path, capsys):
    """Found by mutation: JSON may hold one half of a surrogate pair, which no file can."""
    path = tmp_path / "firms.jsonl"
    lines = [
        '{"name": "a\\ud800", "lat": 50.1, "lon": 4.1, "\\ud800": 1}',
        '{"name": "b", "lat": 50.2, "lon": 4.2, "extra": {"x": "\\udfff"}}',
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert command(["inspect", str(path), "--write", str(tmp_path / "made")]) == 0
    said = capsys.readouterr().out
    assert "2 rows = 1 accepted + 1 rejected" in said
    assert "could not be decoded" in said


def test_tables_that_cannot_be_read_are_told_and_drafted_as_such(tmp_path, capsys):
    """Found by mutation: a known source of which a needed file is missing."""
    name = str(SAMPLES / "g_inventor_disambiguated.tsv")
    assert command(["inspect", name, "--write", str(tmp_path / "made")]) == 2
    assert "needs the file of locations" in capsys.readouterr().out
    assert "could not be read so" in (tmp_path / "made" / "study.toml").read_text("utf-8")


def test_printable_leaves_words_of_all_scripts():
    assert printable("Zürich 東京 Київ") == "Zürich 東京 Київ"
    assert printable("\ufeff\u2028\x00\x7f") == "\\ufeff\\u2028\\x00\\x7f"
