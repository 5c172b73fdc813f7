"""The bundled sample keeps what its birth certificate says."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import geoclust as gc

QUANTUM = Path(__file__).parents[1] / "data" / "quantum"
CERTIFICATE = (QUANTUM / "README.md").read_text(encoding="utf-8")
CONTINENTS = {
    "Africa": {"ZA", "EG", "MA", "KE", "NG", "GH"},
    "Asia": {"CN", "JP", "IN", "KR", "SG"},
    "Europe": {"DE", "FR", "GB", "NL", "FI"},
    "North America": {"US", "CA", "MX"},
    "Oceania": {"AU", "NZ"},
    "South America": {"BR", "AR", "CL", "CO", "UY"},
}


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(QUANTUM / f"{name}.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def study():
    return gc.run_study(QUANTUM / "study.toml")


@pytest.mark.parametrize(
    ("name", "least"), [("firms", 350), ("labs", 200), ("ties", 300), ("places", 150)]
)
def test_size_and_a_basis_for_every_row(name, least):
    rows = table(name)
    assert len(rows) >= least
    assert (rows["source"].str.len() > 5).all()
    assert re.search(rf"`{name}.csv` \| {len(rows)} ", CERTIFICATE)


def test_countries_and_continents():
    organisations = pd.concat([table("firms"), table("labs")])
    assert organisations["country"].nunique() >= 35
    for continent, some in CONTINENTS.items():
        assert organisations["country"].isin(some).any(), continent
    assert organisations["record_id"].is_unique


def test_nothing_is_rejected_and_every_place_is_found(study):
    assert study.inputs.rejected.empty
    assert len(study.inputs.records) == len(table("firms")) + len(table("labs"))
    assert len(study.inputs.ties) == len(table("ties"))
    assert study.inputs.records[["longitude", "latitude"]].notna().all(axis=None)


def test_the_numbers_of_the_certificate_are_those_of_the_study(study):
    counts = study.status_counts
    assert f"the same {len(study.regions)} regions" in CERTIFICATE
    assert f"gives the same {counts['cluster']}," in CERTIFICATE
    assert f"the same {counts['quasi-cluster']};" in CERTIFICATE
    density = study.classification.table["activity_density_per_100km2"]
    assert f"from {density.min():.2f} to {density.max():.2f} per 100 km2" in CERTIFICATE
    assert not density.between(0.42, 0.477).any()
    assert not density.between(0.69, 0.77).any()
    scored = study.scores.table["market_orientation_rank"].notna().sum()
    assert f"scored for {scored} of the {counts['cluster']} clusters" in CERTIFICATE


def test_least_sizes_of_four_to_six_give_the_same_regions(study):
    rules = study.config.clustering.selection_arguments
    for size in (4, 5):
        other = gc.extract_regions(study.hierarchy, **rules | {"min_cluster_size": size})
        assert set(other.regions.index) == set(study.regions.index)
        moved = other.region_of.fillna("") != study.clustering.region_of.fillna("")
        assert moved.sum() <= 2


def test_the_script_makes_the_simulated_patents_again(tmp_path):
    (tmp_path / "simulated").mkdir()
    for name in ("firms.csv", "labs.csv", "simulated/make_patents_simulated.py"):
        shutil.copy(QUANTUM / name, tmp_path / name)
    script = [sys.executable, "simulated/make_patents_simulated.py"]
    subprocess.run(script, cwd=tmp_path, check=True, capture_output=True)
    made = (tmp_path / "simulated" / "patents_simulated.csv").read_bytes()
    assert made == (QUANTUM / "simulated" / "patents_simulated.csv").read_bytes()
    assert (table("simulated/patents_simulated")["simulated"] == "true").all()


def test_a_study_with_simulated_records_says_so_in_its_page_and_summary(tmp_path):
    study = gc.run_study(QUANTUM / "study_with_simulated_patents.toml")
    patents = int((study.inputs.records["kind"] == "patent").sum())
    assert int(study.inputs.records["simulated"].sum()) == patents > 1000
    page = (gc.write_study(study, tmp_path / "out") / "report.html").read_text(encoding="utf-8")
    assert "simulated" in page[: page.index("</header>")].lower()
    assert f"{patents:,}" in page
