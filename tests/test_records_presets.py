"""Presets: each on a small hand-made file in the true layout of its source."""

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest

from geoclust.errors import ConfigError, InputError, ParameterError
from geoclust.records import Inputs, TableSource, read_inputs, read_places, read_records, read_ties
from geoclust.records.presets import KNOWN
from geoclust.records.sources import PRESETS
from geoclust.study import StudyConfig

SAMPLES = Path(__file__).parent / "samples" / "presets"


def source(preset: str, *names: str, **given) -> TableSource:
    return TableSource(preset=preset, paths=tuple(SAMPLES / name for name in names), **given)


def read(**tables: TableSource) -> Inputs:
    inputs = read_inputs(tables)
    files = inputs.files
    assert (files["rows"] == files["accepted"] + files["rejected"] + files["merged"]).all()
    return inputs


def told(inputs: Inputs, text: str) -> str:
    """The one note that has `text` in it."""
    found = [note for note in inputs.notes["message"] if text in note]
    assert len(found) == 1, inputs.notes["message"].tolist()
    return found[0]


def test_every_name_of_a_preset_has_one():
    assert set(KNOWN) | {"generic"} == set(PRESETS)


def test_a_name_misspelt_is_answered_with_the_nearest():
    with pytest.raises(ParameterError, match="did you mean 'crunchbase'"):
        TableSource(path="a.csv", preset="crunchbse")
    text = '[inputs.firms]\npath = "a.csv"\npreset = "opanalex"\nbasis = "lawyer"'
    with pytest.raises(ConfigError, match=r"did you mean 'openalex'(.|\n)*neither 'inventor'"):
        StudyConfig.from_text(text)


def test_generic_is_the_schemas_own_names(tmp_path):
    (tmp_path / "firms.csv").write_text("id,lon,lat\na,1,2\n", encoding="utf-8")
    plain = read_records(TableSource(path=tmp_path / "firms.csv"), kind="firm")
    named = read_records(TableSource(path=tmp_path / "firms.csv", preset="generic"), kind="firm")
    pd.testing.assert_frame_equal(plain.records, named.records)


# ------------------------------------------------------------------------------------------- ROR


@pytest.mark.parametrize("name", ["ror_v2.json", "ror_v2.csv"])
def test_ror_in_both_layouts_of_the_dump(name):
    inputs = read(records=source("ror", name), ties=source("ror", name))
    found = inputs.records.loc["000000100"]
    assert found["kind"] == "lab"
    assert found["category"] == "university"
    assert found["name"] == "Alpine University"
    assert (found["longitude"], found["latitude"]) == (5.71667, 45.16667)
    assert (found["place"], found["country"], found["year"]) == ("Grenoble", "FR", 1901)
    assert found["website"] == "https://www.example1.org/en"
    assert found["precision"] == "city"
    assert inputs.records.loc["000000200", "parent_id"] == "000000100"
    assert inputs.records.loc["000000500", "website"] == "example5.org"  # no link, a domain
    assert inputs.records["kind"].value_counts().to_dict() == {"lab": 10, "firm": 3}
    said = told(inputs, "left out by the preset")
    assert said == (
        "3 of 16 rows left out by the preset: 1 withdrawn, 1 inactive, "
        "1 whose type is not mapped ('archive')"
    )
    assert inputs.left_out_count == 3
    ties = inputs.ties[["organisation_a", "organisation_b", "kind"]].to_numpy().tolist()
    assert ties == [  # each pair once a kind, though both ends name it
        ["000000100", "000000200", "parent"],
        ["000000100", "000001100", "parent"],
        ["000000100", "000002400", "related"],
    ]


def test_ror_both_layouts_say_the_same():
    one, other = (read(records=source("ror", name)) for name in ("ror_v2.json", "ror_v2.csv"))
    pd.testing.assert_frame_equal(one.records, other.records)


def test_ror_by_table_and_with_the_study_files_word_above(tmp_path):
    labs = read(labs=source("ror", "ror_v2.json"), firms=source("ror", "ror_v2.json"))
    assert labs.records["kind"].value_counts().to_dict() == {"lab": 10, "firm": 3}
    assert labs.left_out_count == 6 + 13
    more = source(
        "ror",
        "ror_v2.json",
        include_closed=True,
        values={"kind": {"archive": "lab", "nonprofit": "firm"}},
        constants={"country": "DE"},
        columns={"name": "id"},
    )
    inputs = read(records=more)
    assert set(inputs.records.index) > {"000002100", "000002200"}
    assert "000002300" not in inputs.records.index  # withdrawn: entered by mistake
    assert inputs.records.loc["000000600", "kind"] == "firm"
    assert set(inputs.records["country"]) == {"DE"}
    assert inputs.records.loc["000000100", "name"] == "https://ror.org/000000100"


def test_ror_one_object_a_line_is_the_array(tmp_path):
    objects = json.loads((SAMPLES / "ror_v2.json").read_text(encoding="utf-8"))
    lines = [json.dumps(found) for found in objects]
    lines[3:3] = ["[1, 2]", '{"id": ']
    path = tmp_path / "ror.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    inputs = read(records=TableSource(path=path, preset="ror"))
    assert inputs.rejected[["row", "reason"]].to_numpy().tolist() == [
        [4, "is no JSON object"],
        [5, "is no JSON object"],
    ]
    whole = read(records=source("ror", "ror_v2.json"))
    pd.testing.assert_frame_equal(inputs.records, whole.records)


@pytest.mark.parametrize(
    ("preset", "name", "column"),
    [
        ("ror", "ror_v2.csv", "links.type.website"),
        ("ror", "ror_v2.csv", "domains"),
        ("ror", "ror_v2.csv", "relationships"),
        ("crunchbase", "crunchbase_organizations.csv", "roles"),
        ("crunchbase", "crunchbase_organizations.csv", "updated_at"),
        ("crunchbase", "crunchbase_organizations.csv", "founded_on"),
        ("cordis", "cordis_organization.csv", "geolocation"),
        ("cordis", "cordis_organization.csv", "SME"),
        ("cordis", "cordis_organization.csv", "ecContribution"),
    ],
)
def test_a_column_that_is_not_there_or_empty_is_missing(preset, name, column, tmp_path):
    """Found by mutation of the samples."""
    separator = ";" if preset == "cordis" else ","
    table = pd.read_csv(SAMPLES / name, sep=separator, dtype="str", keep_default_na=False)
    whole = read(records=source(preset, name))
    for changed in (table.drop(columns=column), table.assign(**{column: ""})):
        changed.to_csv(tmp_path / name, sep=separator, index=False)
        told = TableSource(path=tmp_path / name, preset=preset, currency="EUR", usd_per_unit=1.0)
        assert len(read(records=told).records) == len(whole.records)


# -------------------------------------------------------------------------------------- OpenAlex


def test_openalex_institutions_works_and_ties():
    works, institutions = "openalex_works/part_000.gz", "openalex_institutions/part_000.gz"
    inputs = read(records=source("openalex", institutions, works), ties=source("openalex", works))
    assert inputs.records["kind"].value_counts().to_dict() == {"lab": 9, "firm": 3}
    found = inputs.records.loc["I1002"]
    assert (found["name"], found["category"]) == ("Institute of Cold Atoms", "institute")
    assert (found["parent_id"], found["website"]) == ("I1001", "https://www.example2.org")
    # a work given twice counts once, a retracted one not at all, two authors of one house once
    counts = inputs.records["publications"]
    assert counts[["I1001", "I1002", "I1003", "I1009", "I1012", "I1004"]].tolist() == [
        3, 2, 1, 1, 1, 0,
    ]  # fmt: skip
    ties = inputs.ties[["organisation_a", "organisation_b", "weight", "year"]]
    assert ties.to_numpy().tolist() == [
        ["I1001", "I1002", 1.5, 2023],  # 1 alone, 1/2 with a third
        ["I1001", "I1003", 0.5, 2023],
        ["I1002", "I1003", 0.5, 2023],
        ["I1009", "I1012", 1.0, 2024],
    ]
    alone = read(records=source("openalex", institutions))
    assert alone.records.loc["I1004", "publications"] == 400  # works_count
    assert "all fields and years" in told(alone, "works_count")


# ---------------------------------------------------------------------------------------- CORDIS


def test_cordis_participants_and_joint_projects():
    name = "cordis_organization.csv"
    inputs = read(
        records=source("cordis", name, currency="EUR", usd_per_unit=2.0),
        ties=source("cordis", name, "cordis_project.csv"),
    )
    found = inputs.records.loc["999900001"]
    assert (found["kind"], found["category"]) == ("lab", "university")
    assert (found["longitude"], found["latitude"]) == (5.71967, 45.16867)  # "(lat,lon)"
    assert found["funding_usd"] == 2 * (1000.5 + 500.25)  # a decimal comma and a dot
    assert inputs.records.loc["999900003", "category"] == "other"  # a small firm
    assert inputs.records.loc["999900007", "category"] == "corporate"
    assert inputs.geocoded.index.tolist() == ["999900004"]  # no geolocation: its town
    assert "1 whose activityType is not mapped ('OTH')" in told(inputs, "left out by the preset")
    joint = inputs.ties[inputs.ties["project"] == "101000002"]
    assert joint[["organisation_a", "organisation_b", "year"]].to_numpy().tolist() == [
        ["999900001", "999900003", 2022]
    ]
    first = inputs.ties[inputs.ties["project"] == "101000001"]
    assert len(first) == 10
    assert set(first["partner_count"]) == {5}
    # who left early is no partner
    assert "999900002" not in set(inputs.ties.loc[inputs.ties["year"] == 2023, "organisation_a"])


def test_cordis_funding_needs_a_rate():
    inputs = read(records=source("cordis", "cordis_organization.csv"))
    assert inputs.records["funding_usd"].isna().all()
    assert "usd_per_unit" in told(inputs, "in euros")


def test_cordis_does_not_depend_on_the_order_of_rows(tmp_path):
    header, *rows = (SAMPLES / "cordis_organization.csv").read_text("utf-8").splitlines()
    path = tmp_path / "organization.csv"
    path.write_text("\n".join([header, *reversed(rows)]) + "\n", encoding="utf-8")
    tables = [
        read(
            records=TableSource(path=name, preset="cordis", currency="EUR", usd_per_unit=1.1),
            ties=TableSource(path=name, preset="cordis"),
        )
        for name in (path, SAMPLES / "cordis_organization.csv")
    ]
    pd.testing.assert_frame_equal(tables[0].records, tables[1].records)
    pd.testing.assert_frame_equal(tables[0].ties, tables[1].ties)


# --------------------------------------------------------------------------------------- patents

PATENTSVIEW = (
    "g_inventor_disambiguated.tsv",
    "g_assignee_disambiguated.tsv",
    "g_location_disambiguated.tsv",
    "g_application.tsv",
    "g_patent.tsv",
)


def test_patentsview_counts_fractions_by_inventor_or_applicant():
    inventors = read(patents=source("patentsview", *PATENTSVIEW))
    assert len(inventors.records) == 23
    weight = inventors.records.groupby("name")["weight"].sum()
    assert weight.round(12).to_dict() == dict.fromkeys(weight.index, 1.0)
    assert inventors.rejected["record_id"].tolist() == ["11000000-0"]  # no location
    assert "shares worth 1 patents have no location" in told(inventors, "counted by inventor")
    found = inventors.records.loc["11000002-2"]
    assert (found["longitude"], found["latitude"]) == (-105.2211, 39.75554)
    assert (found["place"], found["country"], found["year"]) == ("Golden", "US", 2018)
    assert found["organisation_id"] == "00000002-aaaa-4444-bbbb-cccccccccccc"
    applicants = read(patents=source("patentsview", *PATENTSVIEW, basis="applicant"))
    assert applicants.records["weight"].sum() == 12
    assert applicants.records.loc[["11000000-0", "11000000-1"], "weight"].tolist() == [0.5, 0.5]
    assert set(applicants.records["country"]) == {"US", "DE"}
    granted = read(patents=source("patentsview", *PATENTSVIEW[:3], PATENTSVIEW[4]))
    assert set(granted.records["year"]) == {2021}


def test_patentsview_without_its_locations_says_so():
    with pytest.raises(InputError, match="needs the file of locations"):
        read(patents=source("patentsview", PATENTSVIEW[0]))


def test_regpat_shares_quotes_and_regions():
    names = ("202401_EPO_Inv_reg.txt", "202401_EPO_App_reg.txt", "202401_EPO_IPC.txt")
    inputs = read(patents=source("regpat", *names))
    weight = inputs.records.groupby("name")["weight"].sum()
    assert weight.round(9).to_dict() == dict.fromkeys(weight.index, 1.0)
    assert inputs.records.loc["400002-5004-NL32B", "weight"] == 0.5  # half in another region
    assert inputs.records.loc["400000-5000-NL333", "year"] == 2016
    assert len(inputs.geocoded) == len(inputs.records) == 22
    placed = read(patents=source("regpat", *names, "regpat_region_points.csv"))
    assert placed.geocoded.empty
    assert placed.records.loc["400002-5004-NL32B", "longitude"] == 4.89
    assert set(placed.records["precision"]) == {"region"}
    applicants = read(patents=source("regpat", *names, basis="applicant"))
    assert set(applicants.records["place"]) == {"Eindhoven"}


# ---------------------------------------------------------------------------- firms, and places


def test_crunchbase_categories_status_and_funding():
    inputs = read(records=source("crunchbase", "crunchbase_organizations.csv"))
    named = inputs.records.set_index("name")
    assert named["category"].to_dict() | {} == {
        "Delft Qubits 1": "other",  # founded more than ten years before the file
        **{f"Delft Qubits {at}": "startup" for at in range(2, 10)},
        "Large Chips": "corporate",
        "Listed Optics": "corporate",
        "Delft Ventures": "investor",
        "Technical School": "university",
        "Boston Dilutions": "startup",
        "Bought Startup": "startup",
    }
    assert named.loc["Technical School", "kind"] == "lab"
    assert named.loc["Delft Qubits 3", "funding_usd"] == 300_000
    assert named["funding_usd"].isna().sum() == 3  # not disclosed, the investor's, the school's
    assert named.loc["Boston Dilutions", "longitude"] == pytest.approx(-71.1, abs=0.05)
    said = told(inputs, "left out by the preset")
    assert "1 closed" in said
    assert "'event'" in said
    closed = source("crunchbase", "crunchbase_organizations.csv", include_closed=True)
    assert "Gone Startup" in set(read(records=closed).records["name"])


def test_crunchbase_equity_funding_comes_from_the_rounds():
    names = ("crunchbase_organizations.csv", "crunchbase_funding_rounds.csv")
    inputs = read(records=source("crunchbase", *names))
    equity = inputs.records.set_index("name")["equity_funding_usd"]
    assert equity.dropna().to_dict() == {"Delft Qubits 1": 60_000, "Delft Qubits 2": 170_000}
    said = told(inputs, "read for equity_funding_usd")
    assert said.startswith("8 rows read for")
    assert "3 of other types left out ('grant', 'secondary_market'), 2 without an amount" in said
    alone = read(records=source("crunchbase", names[0]))
    assert alone.records["equity_funding_usd"].isna().all()
    assert "grants, too; give funding_rounds.csv" in told(alone, "equity_funding_usd stays empty")


def test_geonames_towns_without_header_or_quotes():
    inputs = read_places(source("geonames", "geonames_NL.txt"))
    assert inputs.places["name"].tolist() == ["Delft", "Grenoble", "The Hague"]
    assert inputs.places["population"].tolist() == [95_060, 158_552, 474_292]
    assert inputs.left_out_count == 4


@pytest.mark.parametrize(
    ("preset", "table", "why"),
    [
        ("geonames", "firms", "makes places, no firms"),
        ("crunchbase", "ties", "makes records, no ties"),
        ("ror", "places", "makes records, ties, no places"),
        ("patentsview", "labs", "makes patents, no labs"),
        ("openalex", "records", "is no file of OpenAlex"),
    ],
)
def test_a_file_or_table_that_is_none_of_the_presets_is_refused(preset, table, why):
    name = "geonames_NL.txt" if preset == "geonames" else "g_inventor_disambiguated.tsv"
    with pytest.raises(InputError, match=why):
        read_inputs(
            {table: source(preset, name), **({"firms": _firms()} if table != "firms" else {})}
        )


def _firms() -> pd.DataFrame:
    return pd.DataFrame({"id": ["a"], "lon": [1.0], "lat": [2.0]})


def test_hostile_names_come_through_as_text(tmp_path):
    text = (SAMPLES / "ror_v2.json").read_text(encoding="utf-8")
    path = tmp_path / "ror.json"
    path.write_text(text.replace("Photon", "<b>\u202e=cmd"), encoding="utf-8")
    inputs = read(records=TableSource(path=path, preset="ror"))
    assert inputs.records.loc["000000300", "name"] == "<b>\u202e=cmd Works"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[{"id": 1}, {"id": ', "damaged JSON in element 2"),
        ('[{"id": 1}', "the array does not end"),
        ('[ [{"id": 1}] ]', "looks like text"),
        ("[]", "no JSON objects"),
        ('[{"id": ' + "[" * 100_000, "damaged JSON in element 1"),
        ("[" + ",".join(f'{{"k{at}": 1}}' for at in range(3000)) + "]", "different keys"),
    ],
)
def test_json_that_is_no_table_is_refused(tmp_path, text, why):
    path = tmp_path / "labs.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=why):
        read_records(path, kind="lab")


def test_json_lines_bombs_and_long_lines_are_refused(tmp_path):
    bomb = tmp_path / "works.jsonl.gz"
    bomb.write_bytes(gzip.compress(b'{"id": 1}\n' * 7_500_000))
    with pytest.raises(InputError, match="compression bomb"):
        read_records(bomb, kind="lab")
    long = tmp_path / "works.jsonl"
    long.write_bytes(b'{"id": "' + b"a" * (5 * 1024**2) + b'"}')
    with pytest.raises(InputError, match="line of more than 4 MiB"):
        read_records(long, kind="lab")


def test_relations_written_from_both_sides_are_one(tmp_path):
    path = tmp_path / "relations.csv"
    rows = ["ror_a,ror_b,type", "0006s4z66,02916qm60,parent", "02916qm60,0006s4z66,child"]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    inputs = read_ties(TableSource(path=path, preset="ror"))
    assert inputs.ties["kind"].tolist() == ["parent"]
    assert inputs.merged_count == 1
