"""Hard rows and hard texts, each with its stated answer.

A case is a table of firms as bytes; what must be accepted, what rejected (record number, column,
part of the reason) and what noted.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geoclust.errors import RejectedRowsError
from geoclust.records import Inputs, TableSource, read_inputs

HEAD = "record_id,name,longitude,latitude,country\n"
GOOD = "good,Good,0.1,52.2,GB\n"


@dataclass(frozen=True)
class Case:
    """One hard input and its answer."""

    name: str
    content: bytes
    accepted: tuple[str, ...] = ("good",)
    rejected: tuple[tuple[int, str, str], ...] = ()
    merged: int = 0
    noted: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)


def one_bad(name: str, line: str, column: str, reason: str) -> Case:
    """A good row below a bad one: the bad one is named, the good one kept."""
    return Case(name, (HEAD + line + "\n" + GOOD).encode(), rejected=((2, column, reason),))


def both_good(name: str, head: str, line: str, **more: Any) -> Case:
    return Case(name, f"{head}\n{line}\n".encode(), **more)


CASES = [
    *[
        one_bad(f"longitude {word!r}", f"b,Bad,{word},52,GB", "longitude", reason)
        for word, reason in {
            "nan": "missing, but latitude is given",
            "NA": "missing, but latitude is given",
            "": "missing, but latitude is given",
            "inf": "not finite",
            "-Infinity": "not finite",
            "1e400": "not finite",
            "east": "not a number",
            "181": "wrap_longitude",
            "-181": "beyond 180",
            "2e9": "beyond 180",
            "51°N": "no longitude",
        }.items()
    ],
    one_bad("latitude 95", "b,Bad,0,95,GB", "latitude", "beyond 90"),
    one_bad("no latitude", "b,Bad,0,,GB", "latitude", "missing, but longitude is given"),
    one_bad("no coordinates, no place", "b,Bad,,,GB", "longitude", "no place to geocode"),
    one_bad("too few fields", "b,Bad,0.1", "", "3 fields, the header has 5"),
    one_bad("too many fields", "b,Bad,0.1,52,GB,x", "", "6 fields, the header has 5"),
    one_bad("unterminated quote", 'b,"Bad,0.1,52,GB', "", "quotes"),
    one_bad("quotes within quotes", 'b,"The "Bad" one",0.1,52,GB', "", "quotes"),
    one_bad("NUL byte", "b,B\0d,0.1,52,GB", "name", "NUL"),
    Case(
        "unterminated quote at the end",
        (HEAD + GOOD + 'b,"Bad,0.1,52,GB').encode(),
        rejected=((3, "", "quotes"),),
    ),
    Case(
        "two unterminated quotes swallow nothing",
        (HEAD + 'b,"Bad,0,52,GB\n' + GOOD + 'c,"Bad,0,52,GB\nd,D,0.1,52,GB\n').encode(),
        accepted=("d", "good"),
        rejected=((2, "", "quotes"), (4, "", "quotes")),
    ),
    Case("empty surplus fields", (HEAD + "good,Good,0.1,52.2,GB,,\n").encode()),
    Case("blank records", (HEAD + "\n,,,,\n" + GOOD).encode(), noted=("2 blank records",)),
    Case("quoted newline", (HEAD + 'good,"Go\nod",0.1,52.2,GB\n').encode()),
    Case(
        "mixed newlines",
        b"record_id,longitude,latitude\r\na,0.1,52\rb,0.2,52\nc,0.3,52",
        accepted=("a", "b", "c"),
    ),
    Case("UTF-8 with mark", ("\ufeff" + HEAD + GOOD).encode(), noted=("utf-8-sig",)),
    Case("UTF-16 with mark", (HEAD + GOOD).encode("utf-16"), noted=("utf-16",)),
    Case("UTF-16 without mark", (HEAD + GOOD).encode("utf-16-le"), noted=("utf-16-le",)),
    Case("UTF-16 big-endian", (HEAD + GOOD).encode("utf-16-be"), noted=("utf-16-be",)),
    Case("UTF-32", (HEAD + GOOD).encode("utf-32"), noted=("utf-32",)),
    Case(
        "Windows Latin-1",
        (HEAD + "good,Société\u0080,0.1,52.2,GB\n").encode("latin-1"),
        noted=("cp1252",),
    ),
    Case(
        "one damaged byte in UTF-8",
        (HEAD + "good,Société é è,0.1,52.2,GB\n").encode() + b"b,B\xffd,0.1,52,GB\n",
        rejected=((3, "name", "could not be decoded"),),
        noted=("not UTF-8",),
    ),
    Case(
        "another code page, stated",
        (HEAD + "good,Привет,0.1,52.2,GB\n").encode("cp1251"),
        options={"encoding": "cp1251"},
    ),
    both_good("semicolons", "record_id;longitude;latitude", "good;0.1;52.2", noted=("semicolon",)),
    both_good(
        "semicolons and decimal commas",
        "record_id;longitude;latitude",
        "good;0,1;52,2",
        noted=("semicolon", "decimal commas"),
    ),
    both_good("tabs", "record_id\tlongitude\tlatitude", "good\t0.1\t52.2", noted=("tab",)),
    both_good("bars", "record_id|longitude|latitude", "good|0.1|52.2", noted=("bar",)),
    both_good("sep line", "sep=;\nrecord_id;longitude;latitude", "good;0.1;52.2"),
    both_good(
        "degrees, minutes, seconds",
        "record_id;longitude;latitude",
        "good;0°06'00\"E;52°12'00\"N",
        noted=("minutes",),
    ),
    both_good("quoted decimal commas", "record_id,longitude,latitude", 'good,"0,1","52,2"'),
    both_good("lat and lng", "id,lat,lng", "good,52.2,0.1", noted=("'lng' taken as longitude",)),
    both_good("x and y", "id,x,y", "good,0.1,52.2", noted=("'x' taken as longitude",)),
    both_good("capitals and spaces", "Record ID,LONGITUDE , Latitude", "good,0.1,52.2"),
    both_good(
        "east of 180, wrapped on request",
        "record_id,longitude,latitude",
        "good,359.9,52.2",
        options={"wrap_longitude": True},
        noted=("wrapped",),
    ),
    both_good(
        "metres, with their system",
        "record_id,x,y",
        "good,3500000,3300000",
        options={"crs": "EPSG:3035"},
        noted=("reprojected from EPSG:3035",),
    ),
    Case("origin", (HEAD + "good,G,0,0,\n").encode(), noted=("longitude 0, latitude 0",)),
    Case(
        "identical rows",
        (HEAD + GOOD + GOOD + GOOD).encode(),
        merged=2,
        noted=("2 rows identical",),
    ),
    Case(
        "an id twice, with other content",
        (HEAD + "good,,0.1,52.2,\n" + GOOD).encode(),
        rejected=((2, "record_id", "firms.csv row 3"),),
    ),
    *[
        Case(
            f"{column} {word!r}",
            f'record_id,longitude,latitude,{column}\nb,0,52,"{word}"\ngood,0.1,52.2,\n'.encode(),
            rejected=((2, column, reason),),
        )
        for column, word, reason in [
            ("weight", "0", "not above 0"),
            ("weight", "-1", "not above 0"),
            ("weight", "heavy", "not a number"),
            ("year", "20205", "serial date"),
            ("year", "43831", "serial date"),
            ("year", "499", "outside 500 to 2100"),
            ("year", "2101", "outside 500 to 2100"),
            ("year", "2020.5", "no whole year"),
            ("year", "MMXX", "not a number"),
            ("funding_usd", "1,234", "ambiguous"),
            ("funding_usd", "€5m", "is in EUR"),
            ("funding_usd", "-5", "negative"),
            ("funding_usd", "lots", "not a number"),
            ("simulated", "perhaps", "neither true nor false"),
            ("kind", "lab", "is not 'firm'"),
        ]
    ],
    Case(
        "category and precision not known",
        b"record_id,longitude,latitude,category,precision\ngood,0.1,52.2,unicorn,roof\n",
        noted=("set to 'other' ('unicorn')", "set to 'unknown' ('roof')"),
    ),
    Case(
        "country not known",
        (HEAD + "good,Good,0.1,52.2,Atlantis\n").encode(),
        noted=("country not known", "'Atlantis'"),
    ),
    Case(
        "one organisation in two spellings",
        (HEAD + "good,Société Générale,0.1,52.2,GB\nh,SOCIETE GENERALE,0.1,52.2,GB\n").encode(),
        accepted=("good", "h"),
        noted=("2 organisations share their name",),
    ),
    Case(
        "lost references",
        b"record_id,longitude,latitude,parent_id\ngood,0.1,52.2,nobody\n",
        noted=("1 rows whose parent_id is no accepted record",),
    ),
    Case(
        "simulated rows",
        b"record_id,longitude,latitude,simulated\ngood,0.1,52.2,yes\n",
        noted=("1 rows are simulated",),
    ),
    Case(
        "lines of explanation first",
        b"Our list,,\nas of 2020,,\nrecord_id,longitude,latitude\ngood,0.1,52.2\nb,0,99\n",
        rejected=((5, "latitude", "beyond 90"),),
        options={"header_row": 3},
    ),
]


def read_case(case: Case, folder: Path) -> Inputs:
    path = folder / "firms.csv"
    path.write_bytes(case.content)
    return read_inputs({"firms": TableSource(path="firms.csv", **case.options)}, folder=folder)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_hard_row_gets_its_stated_answer(case: Case, tmp_path: Path) -> None:
    inputs = read_case(case, tmp_path)
    assert tuple(inputs.records.index) == case.accepted
    found = list(inputs.rejected[["row", "column", "reason"]].itertuples(index=False, name=None))
    assert len(found) == len(case.rejected), found
    for (row, column, reason), wanted in zip(found, case.rejected, strict=True):
        assert (row, column) == wanted[:2]
        assert wanted[2] in reason
    for message in case.noted:
        assert inputs.notes["message"].str.contains(message, regex=False).any(), message
    files = inputs.files
    assert files["merged"].sum() == case.merged
    assert files["rejected"].sum() == len(case.rejected) == len(inputs.rejected)
    assert (files["rows"] == files["accepted"] + files["rejected"] + files["merged"]).all()


@pytest.mark.parametrize("case", [case for case in CASES if case.rejected], ids=lambda c: c.name)
def test_strict_makes_any_rejected_row_an_error(case: Case, tmp_path: Path) -> None:
    (tmp_path / "firms.csv").write_bytes(case.content)
    source = {"firms": TableSource(path="firms.csv", **case.options)}
    with pytest.raises(RejectedRowsError, match=f"{len(case.rejected)} rows? rejected") as error:
        read_inputs(source, folder=tmp_path, strict=True)
    assert error.value.exit_status == 2
    assert f"row {case.rejected[0][0]}" in str(error.value)


def test_text_stays_what_it_is(tmp_path: Path) -> None:
    ids = ["0012", "12345678901234567890", "MARCH1", "1e5", "TRUE", "NA", "nan", "-", "=A1"]
    lines = [f"{value},{value},{0.1 + at},52.2,NA" for at, value in enumerate(ids)]
    (tmp_path / "firms.csv").write_text(HEAD + "\n".join(lines))
    records = read_inputs(tmp_path).records
    assert sorted(records.index) == sorted(ids)
    assert (records["name"] == records.index).all()
    assert set(records["country"]) == {"NA"}, "Namibia, not missing"


def test_names_keep_accents_newlines_and_quotes(tmp_path: Path) -> None:
    text = HEAD + 'a,"Go\nod, ""Ltd""",0.1,52.2,GB\nb,Société,0.2,52.2,FR\n'
    (tmp_path / "firms.csv").write_bytes(text.encode("cp1252"))
    names = read_inputs(tmp_path).records["name"]
    assert names.to_dict() == {"a": 'Go\nod, "Ltd"', "b": "Société"}


def test_numbers_are_read_by_the_stated_rule(tmp_path: Path) -> None:
    cells = {"a": "$12.5m", "b": "12 M", "c": "1 234 567", "d": "undisclosed", "e": "1.2bn"}
    lines = "".join(f"{key},0.1,52.2,{cell}\n" for key, cell in cells.items())
    (tmp_path / "firms.csv").write_text("record_id,longitude,latitude,funding_usd\n" + lines)
    funding = read_inputs(tmp_path).records["funding_usd"]
    assert funding.drop("d").to_dict() == {"a": 12.5e6, "b": 12e6, "c": 1234567, "e": 1.2e9}
    assert pd.isna(funding["d"])


def test_years_may_be_dates(tmp_path: Path) -> None:
    text = "record_id,longitude,latitude,year\na,0,52,2020\nb,0,52,2019-05-01\nc,0,52,2018.0\n"
    (tmp_path / "firms.csv").write_text(text)
    assert read_inputs(tmp_path).records["year"].tolist() == [2020, 2019, 2018]


def test_all_faults_of_a_row_are_told_at_once(tmp_path: Path) -> None:
    text = "record_id,longitude,latitude,weight,year\na,x,99,0,1\ngood,0,52,1,2020\n"
    (tmp_path / "firms.csv").write_text(text)
    rejected = read_inputs(tmp_path).rejected
    assert len(rejected) == 1
    for words in ("'99' is beyond 90", "weight '0' is not above 0", "year '1' is outside"):
        assert words in rejected["reason"][0]


def town_rows(size: int = 60) -> pd.DataFrame:
    """Firms near London and Manchester."""
    at = range(size)
    return pd.DataFrame(
        {
            "record_id": [f"f{i:03d}" for i in at],
            "longitude": [-0.1 - 0.01 * i for i in at],
            "latitude": [51.5 + 0.005 * i for i in at],
            "country": "GB",
        }
    )


@pytest.mark.parametrize("countries", [True, False])
@pytest.mark.parametrize(
    ("damage", "words", "rejects"),
    [
        (lambda t: t.rename(columns={"longitude": "latitude", "latitude": "longitude"}), "swap", 0),
        (lambda t: t.assign(**(t[["longitude", "latitude"]] / 57.29577951)), "radians", 0),
        (
            lambda t: t.assign(**(t[["longitude", "latitude"]] * 1e7).round().astype(int)),
            "E7",
            60,
        ),
        (
            lambda t: t.assign(longitude=530000 + 7 * t.index, latitude=180000 + 9 * t.index),
            "metres",
            60,
        ),
        (lambda t: t.assign(longitude=-t["longitude"] + 40), "", 0),
    ],
)
def test_a_whole_column_is_diagnosed_never_repaired(
    tmp_path: Path, damage: Any, *, words: str, rejects: int, countries: bool
) -> None:
    table = damage(town_rows())
    if not countries:
        table = table.drop(columns="country")
        if words in {"swap", "radians"}:
            words = ""
    table.to_csv(tmp_path / "firms.csv", index=False)
    inputs = read_inputs(tmp_path)
    warned = " ".join(inputs.warnings)
    assert (words in warned) if words else not warned
    assert len(inputs.rejected) == rejects
    assert inputs.rejected["reason"].str.contains(words).all()
    if not rejects:
        kept = inputs.records[["longitude", "latitude"]].reset_index(drop=True)
        given = table[["longitude", "latitude"]].astype(float)
        pd.testing.assert_frame_equal(kept, given, check_exact=True)


def test_swapped_columns_show_without_countries_where_out_of_range(tmp_path: Path) -> None:
    table = town_rows().drop(columns="country")
    swapped = table.assign(longitude=table["latitude"], latitude=120 + table["longitude"])
    swapped.to_csv(tmp_path / "firms.csv", index=False)
    inputs = read_inputs(tmp_path)
    assert "100 % of the rows are in range only if longitude and latitude are swapped" in (
        " ".join(inputs.warnings)
    )
    assert inputs.rejected["reason"].str.contains("swapped").all()
    assert inputs.records.empty


def test_a_pile_on_the_middle_of_a_country_is_warned_of(tmp_path: Path) -> None:
    table = town_rows(30)
    table.loc[:19, ["longitude", "latitude"]] = [-3.4, 57.0]
    table.to_csv(tmp_path / "firms.csv", index=False)
    assert any("20 of 30 records of GB lie at" in words for words in read_inputs(tmp_path).warnings)
    table.loc[:19, ["longitude", "latitude"]] = [-0.12574, 51.50853]
    table.to_csv(tmp_path / "firms.csv", index=False)
    assert not read_inputs(tmp_path).warnings, "a town may hold most of a country's firms"


def test_a_hundred_thousand_records_at_one_point_are_kept(tmp_path: Path) -> None:
    lines = "\n".join(f"f{at},0.1,52.2" for at in range(100_000))
    (tmp_path / "firms.csv").write_text("record_id,longitude,latitude\n" + lines)
    inputs = read_inputs(tmp_path)
    assert len(inputs.records) == 100_000
    assert inputs.rejected.empty
