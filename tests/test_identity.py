"""One organisation in several sources: found, decided by somebody, merged, accounted for."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import geoclust as gc
from geoclust.batch.keys import study_key
from geoclust.cli.main import _status as command
from geoclust.errors import ConfigError, InputError, ParameterError
from geoclust.records import Inputs, read_inputs
from geoclust.records.identity import find_duplicates, read_decisions
from geoclust.records.identity.names import name_words
from geoclust.schema import as_records
from geoclust.study import StudyConfig

COLUMNS = [
    "record_id",
    "name",
    "kind",
    "place",
    "longitude",
    "latitude",
    "country",
    "website",
    "source",
]

OXFORD, CAMBRIDGE, MUNICH = (-1.2577, 51.7520), (0.1218, 52.2053), (11.5755, 48.1374)

WORLD = [
    # one organisation, told by two or three sources
    ("r1", "University of Oxford", "lab", "Oxford", *OXFORD, "GB", "http://www.ox.ac.uk/", "ROR"),
    ("c1", "THE CHANCELLOR, MASTERS AND SCHOLARS OF THE UNIVERSITY OF OXFORD", "lab", "OXFORD",
     -1.2620, 51.7590, "GB", "http://www.ox.ac.uk", "CORDIS"),
    ("o1", "Univ. Oxford", "lab", "Oxford", *OXFORD, "GB", None, "OpenAlex"),
    ("r2", "Ludwig-Maximilians-Universität München", "lab", "Munich", *MUNICH, "DE",
     "https://www.lmu.de", "ROR"),
    ("c2", "Ludwig Maximilians Universitaet Muenchen", "lab", "MUENCHEN", 11.58, 48.15, "DE", None,
     "CORDIS"),
    ("r3", "Яндекс", "firm", "Moscow", 37.6173, 55.7558, "RU", None, "ROR"),
    ("b3", "Yandeks OOO", "firm", "Moskva", 37.6, 55.75, "RU", None, "Crunchbase"),
    ("r4", "Nu Quantum (United Kingdom)", "firm", "Cambridge", *CAMBRIDGE, "GB", None, "ROR"),
    ("b4", "Nu Quantum Ltd.", "firm", "Cambridge", *CAMBRIDGE, "GB", "nu-quantum.com",
     "Crunchbase"),
    # hard negatives
    ("r5", "Oxford Brookes University", "lab", "Oxford", *OXFORD, "GB", "brookes.ac.uk", "ROR"),
    ("r6", "Technical University of Munich", "lab", "Munich", *MUNICH, "DE", "tum.de", "ROR"),
    ("c6", "Munich University of Applied Sciences", "lab", "Munich", *MUNICH, "DE", "hm.edu",
     "CORDIS"),
    ("r7", "Siemens (Germany)", "firm", "Munich", *MUNICH, "DE", "siemens.com", "ROR"),
    ("b7", "Siemens (Austria)", "firm", "Vienna", 16.3721, 48.2085, "AT", "siemens.com",
     "Crunchbase"),
    ("r8", "University Paris 7", "lab", "Paris", 2.3488, 48.8534, "FR", None, "ROR"),
    ("c8", "University Paris 8", "lab", "Paris", 2.3488, 48.8534, "FR", None, "CORDIS"),
    ("r9", "Kyorin University", "lab", "Mitaka", 139.56, 35.68, "JP", "kyorin-u.ac.jp", "ROR"),
    ("c9", "Kyorin University Hospital", "lab", "Mitaka", 139.56, 35.68, "JP", "kyorin-u.ac.jp",
     "CORDIS"),
    ("r0", "Trinity College", "lab", "Oxford", *OXFORD, "GB", None, "ROR"),
    ("c0", "Trinity College", "lab", "Cambridge", *CAMBRIDGE, "GB", None, "CORDIS"),
]  # fmt: skip
SAME = {("c1", "r1"), ("o1", "r1"), ("c2", "r2"), ("b3", "r3"), ("b4", "r4"), ("c1", "o1")}
CERTAIN = SAME - {("c1", "r1"), ("c1", "o1")}
"""Pairs that names, places and domains prove; a legal name of eight words needs somebody's eyes."""


def world() -> pd.DataFrame:
    return pd.DataFrame(WORLD, columns=COLUMNS)


def records() -> pd.DataFrame:
    return as_records(world().set_index("record_id"))


def pairs(found: pd.DataFrame, suggested: str) -> set[tuple[str, str]]:
    chosen = found[found["suggested"] == suggested]
    return {tuple(sorted(pair)) for pair in chosen[["record_a", "record_b"]].to_numpy().tolist()}


def test_known_truth_with_hard_negatives():
    found = find_duplicates(records())
    assert pairs(found, "same") == CERTAIN
    assert ("c9", "r9") in pairs(found, "unsure")  # a hospital of the university
    assert ("b7", "r7") in pairs(found, "different")  # branches in two countries
    seen = pairs(found, "same") | pairs(found, "unsure")
    assert ("c8", "r8") not in seen  # a number sets them apart
    negatives = {("r1", "r5"), ("c6", "r6"), ("r2", "r6"), ("c0", "r0")}
    assert ("c1", "r1") in pairs(found, "unsure")  # one domain, names unlike
    assert not negatives & pairs(found, "same")
    assert found["decision"].isna().all()  # nothing is decided by itself
    assert found["reason"].str.contains("alike").all()


def test_the_table_does_not_depend_on_the_order_of_rows():
    table = records()
    found = find_duplicates(table)
    for seed in range(3):
        pd.testing.assert_frame_equal(
            find_duplicates(table.sample(frac=1, random_state=seed)), found
        )


def test_nothing_to_compare():
    assert find_duplicates(records().iloc[:1]).empty
    assert find_duplicates(records().assign(name=np.nan)).empty
    assert name_words("GmbH") == ("gmbh",)  # a name of nothing but a legal form stays one
    assert name_words("清华大学") != ()


# ------------------------------------------------------------------------------------- applying


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study of two sources whose organisations overlap, with ties, a spinout and a project."""
    table = world().assign(
        year=[1096 + at for at in range(len(WORLD))],
        funding_usd=[float(at) if at % 2 else np.nan for at in range(len(WORLD))],
        precision=["city" if row[0].startswith("r") else "address" for row in WORLD],
        parent_id=["c1" if row[0] == "b4" else None for row in WORLD],
    )
    table[~table["record_id"].str.startswith("r")].to_csv(tmp_path / "records_b.csv", index=False)
    table[table["record_id"].str.startswith("r")].to_csv(tmp_path / "records_a.csv", index=False)
    ties = [
        ("c1", "r2", "p1"),
        ("r1", "o1", ""),
        ("o1", "c2", ""),
        ("c2", "r6", "p1"),
        ("r1", "r2", "p1"),
    ]
    frame = pd.DataFrame(ties, columns=["organisation_a", "organisation_b", "project"])
    frame.to_csv(tmp_path / "ties.csv", index=False)
    (tmp_path / "study.toml").write_text("[report]\nfigures = false\nsurvival = false\n", "utf-8")
    return tmp_path


def decide(folder: Path, *rows: tuple[str, str, str], name: str = "identity.csv") -> None:
    table = pd.DataFrame(rows, columns=["record_a", "record_b", "decision"])
    table.to_csv(folder / name, index=False)


def read(folder: Path, **given) -> Inputs:
    inputs = read_inputs(folder, identity="identity.csv", **given)
    files = inputs.files
    assert (files["rows"] == files["accepted"] + files["rejected"] + files["merged"]).all()
    kept = len(inputs.records) + len(inputs.ties) + len(inputs.places)
    assert files["accepted"].sum() == kept
    return inputs


def test_decided_pairs_are_merged_and_accounted_for(study):
    plain = read_inputs(study)
    decide(study, ("r1", "c1", "same"), ("o1", "c1", "same"), ("r2", "c2", "SAME"),
           ("r1", "r5", "different"), ("r6", "c6", ""))  # fmt: skip
    inputs = read(study)
    assert len(inputs.records) == len(plain.records) - 3
    assert inputs.merged_count == 3 + 1  # and a tie within Oxford
    kept = inputs.records.loc["c1"]  # the fewest gaps, then the first by id
    assert kept["source"] == "CORDIS; OpenAlex; ROR"
    assert kept["year"] == 1096  # the earliest
    assert kept["funding_usd"] == 1.0
    assert (kept["longitude"], kept["precision"]) == (-1.2620, "address")
    assert kept["website"] == "http://www.ox.ac.uk"
    assert inputs.records.loc["b4", "parent_id"] == "c1"
    merges = inputs.merges
    assert merges[["record_id", "merged_id"]].to_numpy().tolist() == [
        ["c1", "o1"], ["c1", "r1"], ["r2", "c2"],
    ]  # fmt: skip
    assert merges.loc[1, "file"] == "records_a.csv"
    assert "year: 1097 / 1096" in merges.loc[1, "conflicts"]
    assert "precision: address / city" in merges.loc[1, "conflicts"]
    ties = inputs.ties[["organisation_a", "organisation_b"]].to_numpy().tolist()
    assert ties.count(["c1", "r2"]) == 2  # of the project once, and one without
    assert ["r2", "r6"] in ties
    assert set(inputs.ties["project"].dropna()) == {"p1"}
    project = inputs.ties[inputs.ties["project"] == "p1"]
    assert set(project["partner_count"]) == {3}  # Oxford, Munich, TUM: not five
    decisions = inputs.files.set_index("table").loc["identity"]
    assert (decisions["file"], decisions["rows"]) == ("identity.csv", 0)
    assert len(decisions["sha256"]) == 64
    assert any(
        "3 records merged into 2 by identity.csv; 1 pairs" in m for m in inputs.notes["message"]
    )


def test_nothing_merges_unless_decided(study):
    found = find_duplicates(read_inputs(study).records)
    found.to_csv(study / "identity.csv", index=False)
    assert read(study).merges.empty
    inputs = read(study, accept_above=0.8)
    merged = {
        tuple(sorted(p)) for p in inputs.merges[["record_id", "merged_id"]].to_numpy().tolist()
    }
    sure = found[(found["suggested"] == "same") & (found["score"] >= 0.8)]
    assert 0 < len(merged) <= len(sure) < len(CERTAIN) + 1
    assert merged <= CERTAIN
    found["decision"] = "different"
    found.to_csv(study / "identity.csv", index=False)
    assert read(study, accept_above=0.0).merges.empty  # a decision stands above any score


def test_merging_does_not_depend_on_the_order_of_rows(study):
    decide(study, ("r1", "c1", "same"), ("o1", "c1", "same"), ("r2", "c2", "same"))
    one = read(study)
    for name in ("records_a.csv", "records_b.csv", "ties.csv", "identity.csv"):
        pd.read_csv(study / name).iloc[::-1].to_csv(study / name, index=False)
    other = read(study)
    pd.testing.assert_frame_equal(one.records, other.records)
    pd.testing.assert_frame_equal(one.ties, other.ties)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([("r1", "gone", "same")], r"row 2: record_b 'gone' is no organisation"),
        ([("r1", "c1x", "different")], "nearest are 'c1'"),
        ([("r1", "c1", "maybe")], "none of same, different, unsure"),
        ([("r1", "r1", "same")], "with itself"),
        ([("r1", "c1", "same"), ("c1", "r1", "different")], "rows 2 and 3 decide differently"),
        (
            [("r1", "c1", "same"), ("c1", "o1", "same"), ("o1", "r1", "different")],
            "joined by other",
        ),
        ([("", "c1", "same")], "lacks a record"),
    ],
)
def test_decisions_that_do_not_hold_are_refused(study, rows, why):
    decide(study, *rows)
    with pytest.raises(InputError, match=why):
        read(study)


def test_a_stale_decision_names_the_record_of_that_name(study):
    table = {
        "record_a": ["old-7"],
        "name_a": ["University of Oxford"],
        "record_b": ["c1"],
        "decision": ["same"],
    }
    pd.DataFrame(table).to_csv(study / "identity.csv", index=False)
    with pytest.raises(InputError, match="'r1' has its name"):
        read(study)
    pd.DataFrame({"record_a": ["r1"], "name": ["x"]}).to_csv(study / "identity.csv", index=False)
    with pytest.raises(InputError, match="lacks the columns"):
        read(study)


def test_settings_are_checked(study):
    with pytest.raises(ParameterError, match="accept_above is 2"):
        read_decisions(pd.DataFrame(), accept_above=2)
    with pytest.raises(ParameterError, match="only with identity"):
        read_inputs(study, accept_above=0.5)
    with pytest.raises(ConfigError, match="only with identity"):
        StudyConfig.from_text("[inputs]\naccept_above = 0.9")


# -------------------------------------------------------------------------------------- command


def test_the_command_writes_for_review_and_the_study_applies_it(study, capsys):
    file = str(study / "study.toml")
    assert command(["identity", file]) == 0
    said = capsys.readouterr().out
    assert "suggested: 4 same" in said
    assert "pairs left empty stay apart" in said
    table = pd.read_csv(study / "identity.csv", dtype="str")
    assert list(table.columns[:2]) == ["decision", "suggested"]
    assert table["decision"].isna().all()
    assert command(["identity", file]) == 2  # it may hold decisions by now
    assert "not overwritten" in capsys.readouterr().err
    chosen = (table["suggested"] == "same") & table["record_a"].isin(["o1", "c2"])
    table.loc[chosen, ["decision", "comment"]] = ["same", "=looked up"]
    table.to_csv(study / "identity.csv", index=False)
    with (study / "study.toml").open("a", encoding="utf-8") as stream:
        stream.write('[inputs]\nidentity = "identity.csv"\n')
    assert command(["identity", file, "-o", str(study / "next.csv")]) == 0
    assert "Decided so far: 2 same" in capsys.readouterr().out
    carried = pd.read_csv(study / "next.csv", dtype="str")
    assert carried["decision"].value_counts().to_dict() == {"same": 2}
    assert carried["comment"].dropna().unique().tolist() == ["'=looked up"]  # no formula
    assert command(["run", file, "-o", str(study / "out"), "-q"]) == 0
    merged = pd.read_csv(study / "out" / "merged.csv")
    assert merged["merged_id"].tolist() == ["c2", "o1"] or len(merged) == 2
    found = gc.read_results(study / "out") if hasattr(gc, "read_results") else None
    assert found is None or len(found.records) == len(WORLD) - 2


def test_ids_that_look_like_formulas_survive_the_review(tmp_path):
    frame = world().replace({"record_id": {"r1": "=r1", "o1": "'-o1"}})
    frame.to_csv(tmp_path / "records.csv", index=False)
    (tmp_path / "study.toml").write_text("[report]\nfigures = false\n", encoding="utf-8")
    assert command(["identity", str(tmp_path / "study.toml"), "--json"]) == 0
    path = tmp_path / "identity.csv"
    assert "'=r1" in path.read_text("utf-8")
    table = pd.read_csv(path, dtype="str")
    table.loc[
        table["record_b"].isin(["'=r1", "=r1"]) | table["record_a"].isin(["'=r1"]), "decision"
    ] = "same"
    table.to_csv(path, index=False)
    inputs = read_inputs(tmp_path, identity="identity.csv")
    assert {"=r1", "'-o1"} & set(inputs.merges["merged_id"])


def test_a_changed_decision_is_a_changed_input_of_a_batch(study):
    decide(study, ("r1", "c1", "same"))
    config = StudyConfig.from_text('[inputs]\nidentity = "identity.csv"', base=study)
    before = study_key(config, study / "out")
    assert study_key(config, study / "out") == before
    decide(study, ("r1", "c1", "different"))
    assert study_key(config, study / "out") != before


# --------------------------------------------------------------------------------- real measure


@pytest.fixture(scope="module")
def registry(shared_data) -> pd.DataFrame:
    """Organisations of ROR, by id."""
    source = gc.TableSource(path=shared_data / "ror_labs.csv.gz", preset="ror")
    return pd.DataFrame(read_inputs({"records": source}).records)


def perturbed(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The same organisations as another source would tell of them."""
    names = [_other_name(name, rng) for name in table["name"]]
    jitter = rng.normal(0, 0.02, (len(table), 2))
    keep = rng.random(len(table)) < 0.5
    return table.assign(
        name=names,
        longitude=(table["longitude"] + jitter[:, 0]).clip(-180, 180),
        latitude=(table["latitude"] + jitter[:, 1]).clip(-90, 90),
        website=table["website"].where(keep),
        source="other",
    ).set_axis([f"x-{own}" for own in table.index], axis=0)


def _other_name(name: str, rng: np.random.Generator) -> str:
    kind = rng.integers(6)
    if kind == 0:
        return name.upper()
    if kind == 1:
        return f"{name} {rng.choice(['Ltd', 'GmbH', 'S.A.', 'Inc.'])}"
    if kind == 2:
        return name.replace("University", "Univ.").replace("Institute", "Inst.")
    if kind == 3 and len(name) > 8:
        at = int(rng.integers(2, len(name) - 2))
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]  # two letters swapped
    if kind == 4:
        words = name.split()
        return " ".join([*words[1:], words[0]]) if len(words) > 1 else name
    return name.replace("é", "e").replace("ü", "ue").replace("ó", "o")


@pytest.mark.shared
def test_precision_and_recall_on_a_perturbed_registry(registry):
    rng = np.random.default_rng(6)
    chosen = registry.sample(6000, random_state=6)
    twins = perturbed(chosen.iloc[:2000], rng)
    table = as_records(pd.concat([chosen, twins]))
    found = find_duplicates(table)
    truth = {tuple(sorted((own, f"x-{own}"))) for own in chosen.index[:2000]}
    same, unsure = pairs(found, "same"), pairs(found, "unsure")
    precision = len(same & truth) / len(same)
    recall = len(same & truth) / len(truth)
    seen = len((same | unsure) & truth) / len(truth)
    assert precision >= 0.995
    assert recall >= 0.9
    assert seen >= 0.97


@pytest.mark.shared
def test_five_thousand_against_twenty_thousand_take_seconds(registry):
    rng = np.random.default_rng(1)
    chosen = registry.sample(20_000, random_state=1)
    table = as_records(pd.concat([chosen, perturbed(chosen.iloc[:5000], rng)]))
    start = time.process_time()
    found = find_duplicates(table)
    assert len(pairs(found, "same")) > 4000
    assert time.process_time() - start < 60
