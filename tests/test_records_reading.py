"""The whole walk: folders, mappings, frames; ids, duplicates, geocoding, ties, the account."""

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoclust.errors import InputError, ParameterError, RejectedRowsError
from geoclust.network import build_network
from geoclust.records import (
    Inputs,
    TableSource,
    read_inputs,
    read_places,
    read_records,
    read_ties,
)
from geoclust.schema import PLACE_DTYPES, RECORD_DTYPES, TIE_DTYPES, as_records

SIZE = 60


def firms(size: int = SIZE) -> pd.DataFrame:
    at = np.arange(size)
    return pd.DataFrame(
        {
            "record_id": [f"f{i:04d}" for i in at],
            "name": [f"Firm {i}" for i in at],
            "longitude": (at % 7) / 100,
            "latitude": 52 + (at % 5) / 100,
            "country": "GB",
            "funding_usd": np.where(at % 3, at * 1000.0, np.nan),
        }
    )


def same(one: Inputs, other: Inputs) -> None:
    pd.testing.assert_frame_equal(one.records, other.records)
    pd.testing.assert_frame_equal(one.ties, other.ties)
    pd.testing.assert_frame_equal(one.places, other.places)
    pd.testing.assert_frame_equal(one.geocoded, other.geocoded)
    assert one.tables == other.tables


def check_account(inputs: Inputs) -> None:
    files = inputs.files
    assert (files["rows"] == files["accepted"] + files["rejected"] + files["merged"]).all()
    assert inputs.rejected_count == len(inputs.rejected)
    kept = len(inputs.records) + len(inputs.ties) + len(inputs.places)
    assert files["accepted"].sum() == kept


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study's folder in several formats, with faults in every table."""
    firms().to_csv(tmp_path / "Firms.csv", index=False)
    labs = [("l1", "Lab One", "Cambridge", "GB", "university"), ("l2", "Lab Two", "X", "GB", "")]
    columns = ["record_id", "name", "place", "country", "category"]
    pd.DataFrame(labs, columns=columns).to_parquet(tmp_path / "labs.parquet")
    for year in (2020, 2021):
        patents = pd.DataFrame(
            {
                "record_id": [f"p{year}a", f"p{year}b"],
                "longitude": [0.1, 400],
                "latitude": [52.0, 52.0],
                "weight": [1 / 3, 1],
                "organisation_id": ["f0001", "l1"],
                "year": year,
            }
        )
        patents.to_csv(tmp_path / f"patents_{year}.csv", index=False)
    ties = "organisation_a,organisation_b,weight\nf0001,l1,2\nl1,f0001,2\nf0001,l1,3\nf0002,zz,1\n"
    more = "f0003,f0003,1\nf0004,p2020a,1\nf0004,l2,1\nf0005,,1\nf0006,f0007,0\n"
    (tmp_path / "ties.tsv").write_text((ties + more).replace(",", "\t"))
    places = "name,longitude,latitude,population\nCambridge,0.12,52.2,145 700\nNowhere,0,95,1\n"
    (tmp_path / "places.csv").write_text(places)
    (tmp_path / "notes.docx").write_text("not a table")
    return tmp_path


def test_a_folder_is_read_and_every_row_accounted_for(folder: Path) -> None:
    inputs = read_inputs(folder)
    check_account(inputs)
    assert inputs.tables == {"firms", "labs", "patents", "ties", "places"}
    assert inputs.records["kind"].value_counts().to_dict() == {"firm": SIZE, "patent": 2, "lab": 1}
    counts = inputs.files.set_index("file")[["rows", "accepted", "rejected", "merged"]]
    assert counts.loc["Firms.csv"].tolist() == [SIZE, SIZE, 0, 0]
    assert counts.loc["labs.parquet"].tolist() == [2, 1, 1, 0]
    assert counts.loc["patents_2020.csv"].tolist() == [2, 1, 1, 0]
    assert counts.loc["ties.tsv"].tolist() == [9, 2, 6, 1]
    assert counts.loc["places.csv"].tolist() == [2, 1, 1, 0]
    assert "60 firms, 1 labs, 2 patents, 2 ties, 1 places, 10 rows rejected" in repr(inputs)


def test_tables_come_out_in_the_schemas_form(folder: Path) -> None:
    inputs = read_inputs(folder)
    for table, dtypes in (
        (inputs.records, RECORD_DTYPES),
        (inputs.ties, TIE_DTYPES),
        (inputs.places, PLACE_DTYPES),
    ):
        assert {name: str(dtype) for name, dtype in table.dtypes.items()} == dtypes
    assert inputs.records.index.name == "record_id"
    assert inputs.records.index.is_monotonic_increasing
    pd.testing.assert_frame_equal(as_records(inputs.records), inputs.records)
    assert inputs.places["population"].tolist() == [145_700]


def test_publications_are_read_as_quantities(tmp_path: Path) -> None:
    rows = {
        "Many": ("lab", "1 234,5", 1234.5),
        "None": ("lab", "0", 0.0),
        "Silent": ("firm", "", math.nan),
        "Unknown": ("firm", "n/a", math.nan),
        "Patent": ("patent", "7", math.nan),
        "Below": ("lab", "-1", None),
        "Word": ("lab", "many", None),
    }
    lines = [f"{name};{kind};0;50;{text}" for name, (kind, text, _) in rows.items()]
    path = tmp_path / "records.csv"
    path.write_text("\n".join(["name;kind;longitude;latitude;publications", *lines]))
    inputs = read_inputs(tmp_path)
    found = inputs.records.set_index("name")["publications"]
    want = {name: value for name, (_, _, value) in rows.items() if value is not None}
    assert found.to_dict() == pytest.approx(want, nan_ok=True)
    reasons = dict(zip(inputs.rejected["value"], inputs.rejected["reason"], strict=True))
    assert reasons == {"-1": "is negative", "many": "is not a number"}
    notes = inputs.notes.loc[inputs.notes["column"] == "publications", "message"]
    assert notes.tolist() == ["1 rows: publications are those of firms and labs; left out ('7')"]


def test_ties_are_judged_with_the_organisations(folder: Path) -> None:
    inputs = read_inputs(folder)
    kept = inputs.ties[["organisation_a", "organisation_b", "weight"]]
    assert kept.to_numpy().tolist() == [["f0001", "l1", 2.0], ["f0001", "l1", 3.0]]
    reasons = inputs.rejected[inputs.rejected["file"] == "ties.tsv"].set_index("row")["reason"]
    for row, words in {
        5: "no organisation",
        6: "same as organisation_a",
        7: "is a patent",
        8: "itself rejected",
        9: "a tie has two ends",
        10: "not above 0",
    }.items():
        assert words in reasons[row]


def test_places_without_coordinates_are_geocoded_or_rejected(folder: Path) -> None:
    inputs = read_inputs(folder)
    lab = inputs.records.loc["l1"]
    assert (round(lab["longitude"], 1), round(lab["latitude"], 1)) == (0.1, 52.2)
    assert lab["precision"] == "city"
    assert inputs.geocoded.loc["l1", ["place", "country", "matched", "how"]].tolist() == [
        "Cambridge",
        "GB",
        "Cambridge",
        "primary",
    ]
    missed = inputs.rejected.set_index("record_id").loc["l2"]
    assert (missed["column"], missed["value"]) == ("place", "X")
    assert "not in the gazetteer" in missed["reason"]
    assert inputs.notes["message"].str.startswith("1 rows geocoded").any()


def test_a_row_with_coordinates_keeps_them(tmp_path: Path) -> None:
    text = "record_id,longitude,latitude,place,country,precision\na,5,50,London,GB,address\n"
    (tmp_path / "firms.csv").write_text(text)
    inputs = read_inputs(tmp_path)
    assert inputs.records.loc["a", ["longitude", "latitude", "precision"]].tolist() == [
        5,
        50,
        "address",
    ]
    assert inputs.geocoded.empty


def test_ambiguous_places_are_counted_and_listed(tmp_path: Path) -> None:
    (tmp_path / "firms.csv").write_text("record_id,place,country\na,Springfield,US\n")
    inputs = read_inputs(tmp_path)
    assert bool(inputs.geocoded.loc["a", "ambiguous"])
    assert "Springfield" in inputs.geocoded.loc["a", "alternatives"]
    assert any("places geocoded are ambiguous" in words for words in inputs.warnings)


@pytest.mark.parametrize("country", ["", "Atlantis"])
def test_a_place_without_a_known_country_is_not_guessed(country: str, tmp_path: Path) -> None:
    (tmp_path / "firms.csv").write_text(f"record_id,place,country\na,Paris,{country}\n")
    rejected = read_inputs(tmp_path).rejected
    assert rejected["column"].tolist() == ["country"]
    assert "not geocoded" in rejected["reason"][0]


@pytest.mark.parametrize(
    ("written", "code"),
    [("Germany", "DE"), ("DEU", "DE"), ("de", "DE"), ("NA", "NA"), ("Namibia", "NA"), ("UK", "GB")],
)
def test_countries_become_alpha_2(written: str, code: str) -> None:
    frame = pd.DataFrame({"id": ["a"], "lon": [0.1], "lat": [52], "country": [written]})
    assert read_records(frame, kind="lab").records["country"].tolist() == [code]


# Order, files and duplicates --------------------------------------------------------------------


def dirty(seed: int) -> pd.DataFrame:
    """Firms with duplicates of every sort, rejects, missing ids and places to geocode."""
    table = firms().astype({"longitude": object, "record_id": object})
    clash = table.iloc[:5].assign(name="Other")
    no_id = table.iloc[10:15].assign(record_id="")
    anonymous = table.iloc[20:22].assign(record_id="", name="")
    town = pd.DataFrame({"record_id": ["t"], "name": "T", "place": "Oslo", "country": "Norway"})
    bad = table.iloc[30:33].assign(longitude="x", record_id=["b1", "b2", "b3"])
    parts = [table, table.iloc[40:45], clash, no_id, no_id, anonymous, anonymous, town, bad]
    return pd.concat(parts).sample(frac=1, random_state=seed)


def test_order_of_rows_and_files_changes_nothing(tmp_path: Path) -> None:
    results = []
    for seed, pieces in ((0, 1), (1, 1), (2, 2), (3, 5)):
        home = tmp_path / str(seed)
        home.mkdir()
        table = dirty(seed)
        edges = np.linspace(0, len(table), pieces + 1).astype(int)
        for number, (start, stop) in enumerate(pairwise(edges)):
            table.iloc[start:stop].to_csv(home / f"firms-{number}.csv", index=False)
        results.append(read_inputs(home))
        check_account(results[-1])
    for other in results[1:]:
        same(results[0], other)
        for name in ("record_id", "column", "value"):
            assert sorted(results[0].rejected[name].fillna("")) == sorted(
                other.rejected[name].fillna("")
            )


def test_identical_rows_are_merged_and_clashing_ids_settled(tmp_path: Path) -> None:
    dirty(0).to_csv(tmp_path / "firms.csv", index=False)
    inputs = read_inputs(tmp_path)
    assert inputs.files.loc[0, "merged"] == 5 + 5
    assert inputs.records["name"].isna().sum() == 4, "anonymous rows are told apart"
    assert len(inputs.records) == SIZE + 5 + 4 + 1
    clashes = inputs.rejected[inputs.rejected["column"] == "record_id"]
    assert len(clashes) == 5
    assert clashes["reason"].str.contains(r"is also the id of firms\.csv row \d+").all()


def test_the_most_complete_of_clashing_rows_is_kept(tmp_path: Path) -> None:
    text = "record_id,name,longitude,latitude,year\na,,0,52,\na,A,0,52,2000\na,A,0,52,\n"
    (tmp_path / "firms.csv").write_text(text)
    inputs = read_inputs(tmp_path)
    assert inputs.records["year"].tolist() == [2000]
    assert inputs.rejected["row"].tolist() == [2, 4]


def test_ids_clash_across_kinds(tmp_path: Path) -> None:
    for table in ("firms", "labs"):
        (tmp_path / f"{table}.csv").write_text("record_id,longitude,latitude\na,0,52\n")
    inputs = read_inputs(tmp_path)
    assert len(inputs.records) == 1
    assert inputs.rejected["column"].tolist() == ["record_id"]


def test_made_ids_come_from_content_alone(tmp_path: Path) -> None:
    table = firms().drop(columns="record_id")
    one = read_records(table, kind="firm").records
    two = read_records(table.iloc[::-1], kind="firm").records
    pd.testing.assert_frame_equal(one, two)
    assert one.index.str.fullmatch("firm-[0-9a-f]{16}").all()
    as_labs = read_records(table, kind="lab").records
    assert not set(one.index) & set(as_labs.index)
    golden = one.index[one["name"] == "Firm 0"].tolist()
    assert golden == ["firm-3c72d1c79ada8089"], (
        "made ids must never change: other files may quote them"
    )
    stated = read_records(table.assign(publications=3), kind="firm").records
    assert not set(one.index) & set(stated.index)


# Sources ----------------------------------------------------------------------------------------


def test_records_of_all_kinds_in_one_table(tmp_path: Path) -> None:
    text = "record_id,kind,longitude,latitude\na,Firm,0,52\nb,labs,0,52\nc,beer,0,52\nd,,0,52\n"
    (tmp_path / "records.csv").write_text(text)
    inputs = read_inputs(tmp_path)
    assert inputs.records["kind"].tolist() == ["firm", "lab"]
    assert inputs.tables == {"firms", "labs"}, "patents were not given: unknown, not zero"
    assert inputs.rejected["reason"].str.contains("firm, lab, patent").all()


def test_a_table_without_kinds_needs_one(tmp_path: Path) -> None:
    (tmp_path / "records.csv").write_text("record_id,longitude,latitude\na,0,52\n")
    with pytest.raises(InputError, match="no column for kind"):
        read_inputs(tmp_path)
    source = {"records": TableSource(path=tmp_path / "records.csv", kind="lab")}
    assert read_inputs(source).tables == {"labs"}


def test_no_table_of_records_says_what_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "ties.csv").write_text("organisation_a,organisation_b\na,b\n")
    with pytest.raises(InputError, match=r"ties\.csv.*looked for firms, labs, patents or records"):
        read_inputs(tmp_path)
    with pytest.raises(InputError, match="is no folder"):
        read_inputs(tmp_path / "absent")
    with pytest.raises(InputError, match="no table of records"):
        read_inputs({"ties": tmp_path / "ties.csv"})


def test_a_table_in_a_format_not_read_is_not_passed_over(tmp_path: Path) -> None:
    firms().to_csv(tmp_path / "firms.csv", index=False)
    (tmp_path / "firms.csv.bak").write_text("an old copy")
    (tmp_path / "labs_2020").mkdir()
    assert len(read_inputs(tmp_path).records) == SIZE
    (tmp_path / "labs.xls").write_bytes(b"old")
    with pytest.raises(InputError, match=r"labs\.xls: named as a table"):
        read_inputs(tmp_path)


def test_missing_values_are_counted(tmp_path: Path) -> None:
    firms().to_csv(tmp_path / "firms.csv", index=False)
    notes = read_inputs(tmp_path).notes
    assert "20 of 60 firms have no funding_usd" in notes["message"].tolist()
    assert set(notes["level"]) == {"info"}


def test_unknown_tables_are_named_with_the_nearest() -> None:
    with pytest.raises(ParameterError, match="'firm'; did you mean 'firms'"):
        read_inputs({"firm": firms()})


def test_an_empty_table_is_zero_only_if_said(tmp_path: Path) -> None:
    firms().to_csv(tmp_path / "firms.csv", index=False)
    (tmp_path / "ties.csv").write_text("organisation_a,organisation_b\n")
    with pytest.raises(InputError, match="allow_empty"):
        read_inputs(tmp_path)
    ties = TableSource(path="ties.csv", allow_empty=True)
    inputs = read_inputs({"firms": "firms.csv", "ties": ties}, folder=tmp_path)
    assert inputs.tables == {"firms", "ties"}
    assert inputs.ties.empty
    empty = firms().iloc[:0]
    assert read_records(empty, kind="firm").records.empty


def test_a_path_twice_is_refused(tmp_path: Path) -> None:
    firms().to_csv(tmp_path / "firms.csv", index=False)
    source = TableSource(path="firms.csv", paths=("firms.csv",))
    with pytest.raises(InputError, match="given twice"):
        read_inputs({"firms": source}, folder=tmp_path)


def test_foreign_columns_constants_values_and_units(tmp_path: Path) -> None:
    text = "Nr;Name der Firma;Laenge;Breite;Art;Kapital\n1;Ä;8,5;47,4;company;1.500,50\n"
    (tmp_path / "liste.csv").write_text(text, encoding="cp1252")
    source = TableSource(
        path="liste.csv",
        columns={
            "record_id": "Nr",
            "name": "Name der Firma",
            "longitude": "laenge",
            "latitude": "Breite",
            "kind": "Art",
            "funding_usd": "Kapital",
        },
        constants={"country": "Switzerland", "simulated": True, "source": "register"},
        values={"kind": {"Company": "firm"}},
        decimal=",",
        currency="EUR",
        usd_per_unit=1.1,
        factors={"funding_usd": 1000},
    )
    record = read_inputs({"records": source}, folder=tmp_path).records.loc["1"]
    assert record[["kind", "name", "country", "source"]].tolist() == ["firm", "Ä", "CH", "register"]
    assert (record["longitude"], record["latitude"]) == (8.5, 47.4)
    assert record["funding_usd"] == pytest.approx(1500.5 * 1.1 * 1000)
    assert bool(record["simulated"])


@pytest.mark.parametrize(
    ("header", "options", "words"),
    [
        ("id,lat,lon,lng", {}, "lon and lng may both be longitude"),
        ("id,latitude,latitude,lon", {}, "'latitude' is there more than once (columns [2, 3])"),
        ("id,lat,lat,lon", {}, "'lat' is there more than once"),
        ("id,lat,Lat,lon", {}, "'lat' is there more than once"),
        (
            "id,latitude,name,other",
            {},
            "no column for longitude, nor for place and country; found 'id', 'latitude'",
        ),
        ("id,longtude,latitude,b", {}, "did you mean 'longtude'?"),
        ("id,lat,lon,b", {"columns": {"name": "Nmae"}}, "no column 'Nmae' (for name)"),
        ("id,lat,lon,Name", {"columns": {"name": "Names"}}, "did you mean 'Name'?"),
        ("id,lat,a,a", {"columns": {"longitude": "a"}}, "'a' (for longitude) is there twice"),
    ],
)
def test_columns_that_cannot_be_told_are_refused(
    header: str, options: dict[str, Any], words: str, tmp_path: Path
) -> None:
    (tmp_path / "firms.csv").write_text(f"{header}\n1,52,0,0\n")
    source = TableSource(path="firms.csv", **options)
    with pytest.raises(InputError) as error:
        read_inputs({"firms": source}, folder=tmp_path)
    assert words in str(error.value)
    assert "firms.csv" in str(error.value)


def test_the_exact_name_beats_an_alias_and_x_alone_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "firms.csv").write_text("id,longitude,lng,latitude,y\na,1,2,3,4\n")
    record = read_inputs(tmp_path).records.iloc[0]
    assert (record["longitude"], record["latitude"]) == (1, 3)
    (tmp_path / "firms.csv").write_text("id,x,latitude\na,1,2\n")
    with pytest.raises(InputError, match="no column for longitude"):
        read_inputs(tmp_path)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"columns": {"longtude": "x"}}, "did you mean 'longitude'"),
        ({"constants": {"nme": "x"}}, "constants: unknown column"),
        ({"values": {"x": {}}}, "values: unknown column"),
        ({"factors": {"name": 2}}, "are no numbers"),
        ({"factors": {"weight": 0}}, "wanted a positive number"),
        ({"columns": {"name": "a"}, "constants": {"name": "b"}}, "both columns and constants"),
        ({"kind": "company"}, "is none of"),
        ({"decimal": ";"}, "neither '.' nor ','"),
        ({"delimiter": ",,"}, "not one character"),
        ({"delimiter": ",", "decimal": ","}, "are both ','"),
        ({"encoding": "latin-99"}, "is not known"),
        ({"encoding": "zlib"}, "is not known"),
        ({"header_row": 0}, "wanted 1 or more"),
        ({"currency": "EUR"}, "give usd_per_unit"),
        ({"usd_per_unit": -1}, "positive number"),
    ],
)
def test_a_source_is_checked_when_made(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError) as error:
        TableSource(path="a.csv", **fields)
    assert words in str(error.value)


def test_a_source_reports_all_its_faults_at_once() -> None:
    with pytest.raises(ParameterError) as error:
        TableSource(path="a.csv", kind="x", decimal="x", header_row=0)
    assert str(error.value).count(";") == 2


def test_a_source_can_be_part_of_a_study_file() -> None:
    from pydantic import TypeAdapter, ValidationError

    adapter = TypeAdapter(TableSource)
    source = adapter.validate_python({"paths": ["a.csv", "b.csv"], "columns": {"name": "n"}})
    assert source.files == (Path("a.csv"), Path("b.csv"))
    with pytest.raises(ValidationError, match="pathh"):
        adapter.validate_python({"pathh": "a.csv"})
    with pytest.raises(ValidationError, match="wanted 1 or more"):
        adapter.validate_python({"path": "a.csv", "header_row": 0})


# Frames -----------------------------------------------------------------------------------------


def test_frames_are_read_and_left_alone() -> None:
    table = firms().set_index("record_id")
    before = table.copy(deep=True)
    inputs = read_records(table, kind="firm")
    pd.testing.assert_frame_equal(table, before)
    assert inputs.records.index.tolist() == before.index.tolist()
    assert inputs.files.loc[0, ["file", "rows"]].tolist() == ["firms", SIZE]
    np.testing.assert_array_equal(inputs.records["longitude"], before["longitude"])


def test_read_records_wants_a_known_kind() -> None:
    with pytest.raises(ParameterError, match="'company'"):
        read_records(firms(), kind="company")


def test_ties_alone_and_with_records() -> None:
    frame = pd.DataFrame({"organisation_a": ["b", "f0001"], "organisation_b": ["a", "f0002"]})
    assert len(read_ties(frame).ties) == 2
    records = read_records(firms(), kind="firm").records
    inputs = read_ties(frame, records=records)
    assert inputs.ties["organisation_a"].tolist() == ["f0001"]
    assert len(inputs.rejected) == 1
    assert inputs.tables == {"ties"}
    with pytest.raises(RejectedRowsError):
        read_ties(frame, records=records, strict=True)


def project_ties(*rows: tuple[Any, ...], columns: str = "") -> pd.DataFrame:
    names = ["organisation_a", "organisation_b", "project", *columns.split()]
    return pd.DataFrame(list(rows), columns=names)


def read_projects(ties: pd.DataFrame) -> Inputs:
    return read_inputs({"firms": firms(), "ties": ties})


def test_ties_of_a_project_know_its_partners() -> None:
    """Of five partners of p one is unknown, and one only in a row rejected for its weight."""
    rows = project_ties(
        ("f0001", "f0002", "p", 1),
        ("f0003", "f0001", "p", 1),
        ("f0001", "abroad", "p", 1),
        ("f0001", "f0004", "p", -1),
        ("f0001", "f0002", "q", 1),
        ("f0001", "f0002", None, 1),
        columns="weight",
    )
    inputs = read_projects(rows)
    check_account(inputs)
    kept = inputs.ties[["organisation_a", "organisation_b", "project", "partner_count"]]
    assert kept.astype(object).where(kept.notna(), None).to_numpy().tolist() == [
        ["f0001", "f0002", "p", 5],
        ["f0001", "f0002", "q", 2],
        ["f0001", "f0002", None, None],
        ["f0001", "f0003", "p", 5],
    ]
    assert "5 rows name 2 projects" in " ".join(inputs.notes["message"])
    region_of = pd.Series(np.nan, index=inputs.records.index, dtype="str")
    pairs = build_network(inputs.ties, region_of, inputs.records).pairs
    assert pairs["weight"].tolist() == [1 / 4 + 1 + 1, 1 / 4]


def test_one_pair_in_two_projects_counts_in_both_and_twice_in_one_once() -> None:
    twice = project_ties(("f0001", "f0002", "p"), ("f0002", "f0001", "p"), ("f0002", "f0001", "q"))
    inputs = read_projects(twice)
    assert inputs.merged_count == 1
    assert inputs.ties["project"].tolist() == ["p", "q"]


def test_a_word_for_nothing_is_no_project() -> None:
    words = ("", "  ", "n/a", "None", "-", None)
    rows = [(f"f{n:04d}", "f0020", word) for n, word in enumerate(words)]
    inputs = read_projects(project_ties(*rows))
    assert inputs.ties["project"].isna().all()
    assert inputs.ties["partner_count"].isna().all()
    assert "3 rows: project left out" in " ".join(inputs.notes["message"])


def test_names_of_projects_are_kept_as_text() -> None:
    names = ("0012", "12345678901234567890", "=1+1", "<b>", "MARCH1", "Ünï/..")
    rows = [(f"f{n:04d}", "f0020", name) for n, name in enumerate(names)]
    assert read_projects(project_ties(*rows)).ties["project"].tolist() == list(names)
    bad = read_projects(project_ties(("f0001", "f0002", "p\0q"), ("f0001", "f0003", "p")))
    assert bad.rejected[["column", "reason"]].to_numpy().tolist() == [
        ["project", "contains a NUL byte"]
    ]


def test_partner_count_may_be_stated() -> None:
    """The greatest of a project's rows; never less than the partners named; also without a name."""
    rows = project_ties(
        ("f0001", "f0002", "p", 9),
        ("f0001", "f0003", "p", None),
        ("f0001", "f0002", "q", 2),
        ("f0001", "f0003", "q", 2),
        ("f0001", "f0004", None, 5),
        columns="partner_count",
    )
    inputs = read_projects(rows)
    kept = inputs.ties.set_index(["organisation_b", "project"])["partner_count"]
    assert kept.tolist() == [9, 3, 9, 3, 5]
    assert "2 rows: partner_count is less" in " ".join(inputs.warnings)


@pytest.mark.parametrize(
    ("count", "reason"),
    [
        ("1", "no whole number from 2 to 10,000"),
        ("2.5", "no whole number"),
        ("20000", "no whole number"),
        ("-3", "no whole number"),
        ("inf", "is not finite"),
        ("many", "is not a number"),
    ],
)
def test_partner_counts_that_are_none(count: str, reason: str) -> None:
    rows = project_ties(("f0001", "f0002", "p", count), columns="partner_count")
    rejected = read_projects(rows).rejected
    assert rejected["column"].tolist() == ["partner_count"]
    assert reason in rejected["reason"][0]


def test_projects_do_not_depend_on_the_order_of_rows() -> None:
    rng = np.random.default_rng(3)
    ends = rng.integers(0, SIZE, (80, 2))
    rows = [(f"f{a:04d}", f"f{b:04d}", f"p{n % 9}") for n, (a, b) in enumerate(ends)]
    ties = project_ties(*rows)
    same(read_projects(ties), read_projects(ties.sample(frac=1, random_state=1)))


def test_the_column_project_may_have_a_name_of_its_own(tmp_path: Path) -> None:
    firms().to_csv(tmp_path / "firms.csv", index=False)
    text = "organisation_a,organisation_b,project_id\nf0001,f0002,7\n"
    (tmp_path / "ties.csv").write_text(text)
    assert read_inputs(tmp_path).ties["project"].tolist() == ["7"]
    (tmp_path / "ties.csv").write_text(text.replace("project_id", "grant"))
    source = TableSource(path="ties.csv", columns={"project": "grant"})
    inputs = read_inputs({"firms": "firms.csv", "ties": source}, folder=tmp_path)
    assert inputs.ties["project"].tolist() == ["7"]


def test_places_of_their_own() -> None:
    frame = pd.DataFrame(
        {
            "name": ["Oslo", "Oslo", "Bad"],
            "lon": [10.75, 10.75, 0],
            "lat": [59.9, 59.9, 0.5],
            "country": "Norway",
            "population": ["0.7m", "700 000", "-1"],
            "year": 2020,
        }
    )
    inputs = read_places(frame)
    assert inputs.places[["name", "country", "population"]].to_numpy().tolist() == [
        ["Oslo", "NO", 700_000.0]
    ]
    assert inputs.merged_count == 1
    assert inputs.rejected["reason"].tolist() == ["is negative"]


def test_strict_tells_the_first_reasons_and_the_count(tmp_path: Path) -> None:
    table = firms().assign(latitude=99)
    with pytest.raises(RejectedRowsError) as error:
        read_records(table, kind="firm", strict=True)
    text = str(error.value)
    assert "60 rows rejected" in text
    assert "row 2, latitude '99'" in text
    assert "and 55 more" in text


# Real data --------------------------------------------------------------------------------------


@pytest.mark.shared
def test_fifty_thousand_real_labs_through_a_mapping(shared_data: Path) -> None:
    source = TableSource(
        path="ror_labs.csv.gz",
        columns={
            "record_id": "id",
            "place": "city",
            "longitude": "lng",
            "latitude": "lat",
            "country": "country_code",
            "year": "established",
        },
        constants={"precision": "city", "source": "ROR"},
    )
    inputs = read_inputs({"labs": source}, folder=shared_data)
    check_account(inputs)
    assert inputs.files.loc[0, "rows"] == 51_370
    assert len(inputs.records) == 51_370
    assert inputs.rejected.empty
    assert inputs.records["year"].min() == 970
    assert not any("swapped" in words or "lie at" in words for words in inputs.warnings)
    assert inputs.records["country"].notna().all()
    assert "NA" in set(inputs.records["country"])


@pytest.mark.shared
def test_real_places_with_lines_of_explanation_and_spaced_thousands(shared_data: Path) -> None:
    lines = (shared_data / "wup2018_agglomerations.csv").read_bytes().splitlines()
    header = next(at for at, line in enumerate(lines, 1) if line.startswith(b"Index,"))
    source = TableSource(
        path="wup2018_agglomerations.csv",
        header_row=header,
        columns={
            "name": "Urban Agglomeration",
            "country": "Country or area",
            "population": "2015",
        },
        factors={"population": 1000},
    )
    inputs = read_inputs({"firms": firms(), "places": source}, folder=shared_data)
    check_account(inputs)
    tokyo = inputs.places.set_index("name").loc["Tokyo"]
    assert tokyo["country"] == "JP"
    assert tokyo["population"] == pytest.approx(37_256_000, rel=0.01)
    assert len(inputs.places) > 1800
