"""A second field: nothing is wired to the first, and its birth certificate holds."""

import re
from pathlib import Path

import pandas as pd
import pytest

import geoclust as gc

SPACE = Path(__file__).parents[1] / "data" / "space"
CERTIFICATE = (SPACE / "README.md").read_text(encoding="utf-8")


def table(name):
    return pd.read_csv(SPACE / f"{name}.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def study():
    config = gc.StudyConfig.from_toml(SPACE / "study.toml")
    network = config.network.model_copy(update={"rewirings": 0})
    report = config.report.model_copy(update={"figures": False, "survival": False})
    return gc.run_study(config.model_copy(update={"network": network, "report": report}))


@pytest.mark.parametrize("name", ["firms", "labs", "ties"])
def test_every_row_has_a_basis_and_is_counted_in_the_certificate(name):
    rows = table(name)
    assert (rows["source"].str.len() > 5).all()
    assert re.search(rf"`{name}.csv` \| {len(rows)} ", CERTIFICATE)
    told = CERTIFICATE.split(f"`{name}.csv` | {len(rows)} ")[1].split("\n")[0]
    column = "kind" if name == "ties" else "category"
    assert sorted(rows[column].value_counts().tolist()) == sorted(
        int(n) for n in re.findall(r"\b(\d+) ", told)
    )


def test_the_counts_of_the_certificate():
    firms, labs = table("firms"), table("labs")
    countries = pd.concat([firms, labs])["country"].nunique()
    assert f"{len(firms)} firms, {len(labs)} labs and {len(table('ties'))} ties" in CERTIFICATE
    assert f"in {countries} countries" in CERTIFICATE
    years = f"{(firms['year'] != '').sum()} of {len(firms)} firms and {(labs['year'] != '').sum()}"
    assert years in CERTIFICATE.replace("\n", " ")
    assert pd.concat([firms, labs])["record_id"].is_unique


def test_nothing_is_rejected_nor_simulated(study):
    assert study.inputs.rejected.empty
    assert len(study.inputs.records) == len(table("firms")) + len(table("labs"))
    assert len(study.inputs.ties) == len(table("ties"))
    assert not study.inputs.records["simulated"].fillna(value=False).any()


def test_what_the_certificate_says_is_what_the_study_finds(study):
    status = study.classification.status
    names = study.regions["name"]
    found = CERTIFICATE.replace("\n", " ").split("compact cities (")[1].split(")")[0]
    assert sorted(found.split(", ")) == sorted(names[status == "cluster"])
    for name in ("Denver", "Los Angeles"):
        region = names.index[names == name][0]
        assert status[region] == "quasi-cluster"
        assert study.regions.loc[region, "record_count"] > 20


def test_each_dimension_is_scored_without_money(study):
    names = ("market_orientation_rank", "collaboration_intensity_rank", "ecosystem_maturity_rank")
    assert study.scores.table[list(names)].notna().all(axis=None)
    assert "funding_usd" not in study.scores.indicator_ranks
