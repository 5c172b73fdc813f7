"""Coordinates within their precision, and patents at either address: worlds with known answers."""

import io
import json

import numpy as np
import pandas as pd
import pytest

import geoclust as gc
from geoclust.cli.main import _status
from geoclust.errors import ConfigError, ParameterError, SchemaError
from geoclust.records import place_at_applicants
from geoclust.report.addresses.terminal import print_bases
from geoclust.schema import WEIGHT_UNIT, as_records, weight_units
from geoclust.sphere import great_circle_km
from geoclust.study.variation import JITTER_KM

# ---- spreading within the precision ----------------------------------------------------------


def at(longitude, latitude, precision="city", count=4000):
    table = pd.DataFrame(
        {"kind": "firm", "longitude": longitude, "latitude": latitude, "precision": precision},
        index=[f"r{number:05d}" for number in range(count)],
    )
    return as_records(table)


def distance(one, two):
    return np.asarray(
        great_circle_km(one["longitude"], one["latitude"], two["longitude"], two["latitude"])
    )


@pytest.mark.parametrize("place", [(5.0, 52.0), (180.0, -17.0), (0.0, 90.0), (33.0, -90.0)])
def test_records_are_spread_evenly_over_the_disc_of_their_precision(place):
    """Area within r grows as r squared: (r / R)^2 is uniform; so are bearings."""
    records = at(*place)
    moved = gc.jitter_records(records, seed=3)
    km = distance(records, moved)
    assert km.max() <= JITTER_KM["city"] * (1 + 1e-9)
    share = np.sort((km / JITTER_KM["city"]) ** 2)
    expected = (np.arange(len(share)) + 0.5) / len(share)
    assert np.abs(share - expected).max() < 1.63 / np.sqrt(len(share))  # Kolmogorov, 1 %
    assert moved["longitude"].between(-180, 180).all()
    assert moved["latitude"].between(-90, 90).all()
    centre = moved[["longitude", "latitude"]]
    if abs(place[1]) < 60 and place[0] < 90:
        north = np.sign(centre["latitude"] - place[1]).sum()
        east = np.sign(centre["longitude"] - place[0]).sum()
        assert max(abs(north), abs(east)) < 3.3 * np.sqrt(len(records))


def test_each_precision_has_its_own_radius_and_what_is_not_named_stays():
    for precision, radius in JITTER_KM.items():
        records = at(5.0, 52.0, precision, count=400)
        km = distance(records, gc.jitter_records(records))
        assert 0.8 * radius < km.max() <= radius * (1 + 1e-9)
        still = gc.jitter_records(records, jitter_km={"region": 1.0} if radius < 20 else {})
        pd.testing.assert_frame_equal(still, records)


def test_where_a_record_goes_hangs_on_its_id_and_the_seed_alone():
    records = at(5.0, 52.0, count=60)
    moved = gc.jitter_records(records, seed=1)
    part = records.iloc[::-3]
    pd.testing.assert_frame_equal(gc.jitter_records(part, seed=1), moved.loc[part.index])
    assert (gc.jitter_records(records, seed=2)["longitude"] != moved["longitude"]).all()
    assert (records["longitude"] == 5.0).all(), "the caller's table is left alone"
    as_one = gc.jitter_records(records, seed=1, together=True)
    assert as_one["longitude"].eq(as_one["longitude"].iloc[0]).all()


def test_wrong_radii_are_named():
    with pytest.raises(ParameterError, match=r"'ctiy'; did you mean 'city'.*city is -1"):
        gc.jitter_records(at(5.0, 52.0, count=2), jitter_km={"ctiy": 1.0, "city": -1.0})
    with pytest.raises(SchemaError):
        gc.jitter_records(at(5.0, 52.0, count=2).drop(columns="precision"))
    with pytest.raises(ConfigError, match="did you mean 'city'"):
        gc.StudyConfig.from_text("[precision.jitter_km]\nctiy = 1")


# ---- what hangs on centroids -----------------------------------------------------------------

FALSE_PEAK = """
[study]
seed = 7
[clustering]
min_samples = 3
min_cluster_size = 8
max_link_km = 15
resolution_km = 1
[thresholds.cluster]
min_density = 3
min_capability = 0.2
[thresholds.quasi]
min_density = 1.5
min_capability = 0.1
[[thresholds.criteria]]
name = "firms"
indicator = "firm_count"
target = 20
[report]
survival = false
[precision]
draws = 6
"""


def peaks(folder):
    """A city of real addresses, and a land whose firms are known by their land alone."""
    rng = np.random.default_rng(0)
    rows = [
        (f"real-{n}", -1.5 + rng.normal(0, 0.01), 52.9 + rng.normal(0, 0.01), "address")
        for n in range(25)
    ]
    rows += [(f"false-{n}", -3.9, 50.6, "region") for n in range(25)]
    table = pd.DataFrame(rows, columns=["record_id", "longitude", "latitude", "precision"])
    table.assign(country="GB", name=table["record_id"]).to_csv(folder / "firms.csv", index=False)
    (folder / "study.toml").write_text(FALSE_PEAK)
    return folder / "study.toml"


def test_a_peak_made_by_the_geocoder_goes_and_a_real_one_stays(tmp_path, capsys):
    study = gc.run_study(peaks(tmp_path))
    assert study.status_counts["cluster"] == 2
    found = gc.what_hangs_on_centroids(study)
    table = found.regions
    real, false = (study.clustering.region_of[name] for name in ("real-0", "false-0"))
    assert (
        table.loc[real, ["share_address", "same_status_share", "kept_weight"]].tolist() == [1] * 3
    )
    assert table.loc[false, "share_region"] == 1
    assert table.loc[false, "heaviest_share"] == 1
    assert table.loc[real, "heaviest_share"] == pytest.approx(1 / 25)
    assert table.loc[false, "cluster_share"] == 0
    assert table["hangs"].to_dict() == {real: False, false: True}
    assert len(found.draws) == 6
    assert found.draws["agreement"].median() < 1
    unmoved = gc.what_hangs_on_centroids(study, draws=2, jitter_km={})
    assert unmoved.draws["agreement"].tolist() == [1.0, 1.0]
    assert not unmoved.regions["hangs"].any()
    assert (unmoved.regions[["same_status_share", "kept_weight", "jaccard"]] == 1).all(axis=None)
    out = tmp_path / "precision.csv"
    assert _status(["precision", str(tmp_path / "study.toml"), "--draws", "2", "-o", str(out)]) == 0
    assert "hang on where geocodes put their records" in capsys.readouterr().out
    assert pd.read_csv(out, index_col="region_id")["hangs"].to_dict() == {real: False, false: True}


def test_draws_do_not_hang_on_the_order_of_rows(tmp_path):
    path = peaks(tmp_path)
    one = gc.what_hangs_on_centroids(gc.run_study(path), draws=2)
    firms = pd.read_csv(tmp_path / "firms.csv")
    firms.iloc[::-1].to_csv(tmp_path / "firms.csv", index=False)
    two = gc.what_hangs_on_centroids(gc.run_study(path), draws=2)
    pd.testing.assert_frame_equal(one.regions, two.regions)
    pd.testing.assert_frame_equal(one.draws, two.draws)


# ---- inventor or applicant -------------------------------------------------------------------

BASES = """
[clustering]
min_samples = 3
min_cluster_size = 6
[thresholds.cluster]
min_density = 2
min_capability = 0.5
[thresholds.quasi]
min_density = 1
min_capability = 0.2
[[thresholds.criteria]]
name = "patents"
indicator = "patent_count"
target = 12
[report]
survival = false
figures = false
"""


def two_towns(folder, text=BASES, columns=None):
    """Firms in a town of seats and a town of inventors, whose patents the first town's firms own.

    Twelve thirds are owned by a seat, three by nobody known, three by nobody named.
    """
    seats, homes = (-1.5, 52.9), (-3.9, 50.6)
    firms = [(f"seat-{n}", *seats) for n in range(8)] + [(f"home-{n}", *homes) for n in range(8)]
    firms = pd.DataFrame(firms, columns=["record_id", "longitude", "latitude"])
    firms.assign(country="GB", name="x").to_csv(folder / "firms.csv", index=False)
    owner = ["seat-0"] * 12 + ["nobody"] * 3 + [None] * 3
    patents = pd.DataFrame(
        {"record_id": [f"p{n:02d}" for n in range(18)], "organisation_id": owner}
    )
    patents = patents.assign(longitude=homes[0], latitude=homes[1], country="GB", weight=1 / 3)
    if columns is not None:
        patents = columns(patents)
    patents.to_csv(folder / "patents.csv", index=False)
    (folder / "study.toml").write_text(text)
    return folder / "study.toml"


APPLICANT = f'[inputs]\npatent_basis = "applicant"\n{BASES}'


def patents_of(study, record_id):
    region = study.clustering.region_of[record_id]
    return float(study.indicators.at[region, "patent_count"])


def test_patents_stand_at_their_applicants_and_what_stays_is_told(tmp_path):
    study = gc.run_study(two_towns(tmp_path, APPLICANT))
    assert patents_of(study, "seat-0") == 12
    assert patents_of(study, "home-0") == 6
    told = [one for one in study.inputs.warnings if "patent_basis" in one]
    assert len(told) == 1
    assert "6 of 18 patents (weight 2 of 6) stay at their own address" in told[0]
    assert "3 name no applicant, 3 an applicant without known coordinates" in told[0]
    inventor = gc.run_study(two_towns(tmp_path))
    assert patents_of(inventor, "home-0") == 18
    assert not any("patent_basis" in one for one in inventor.inputs.warnings)
    units = [weight_units(one.inputs.records["weight"]).sum() for one in (study, inventor)]
    assert units[0] == units[1] == 22 * WEIGHT_UNIT, "fractional counts keep their sum"


def test_an_applicants_address_in_the_table_of_patents_needs_no_organisation(tmp_path):
    def columns(patents):
        known = patents["organisation_id"].eq("nobody")
        return patents.assign(
            applicant_longitude=np.where(known, -1.5, np.nan),
            applicant_latitude=np.where(known, 52.9, np.nan),
        )

    study = gc.run_study(two_towns(tmp_path, APPLICANT, columns))
    assert patents_of(study, "seat-0") == 15
    assert "3 name no applicant, 0 an applicant" in " ".join(study.inputs.warnings)
    records = study.inputs.records
    assert records.at["p12", "precision"] == "unknown"
    assert records.at["p00", "precision"] == records.at["seat-0", "precision"]


@pytest.mark.parametrize(
    ("longitude", "latitude", "reason"),
    [("200", "52", "beyond 180"), ("abc", "52", "is not"), ("5", None, "without the other")],
)
def test_an_applicants_coordinate_that_cannot_be_is_rejected_by_name(longitude, latitude, reason):
    frame = pd.DataFrame(
        {"record_id": ["p", "q"], "lon": [0.1, 0.1], "lat": [52.2, 52.2],
         "applicant_longitude": [longitude, "1"], "applicant_latitude": [latitude, "2"]}
    )  # fmt: skip
    inputs = gc.read_inputs({"patents": frame})
    assert inputs.records.index.tolist() == ["q"]
    rejected = inputs.rejected.iloc[0]
    assert rejected["column"].startswith("applicant_")
    assert reason in rejected["reason"]


def test_ids_made_from_content_are_as_before_where_no_applicant_is_given():
    frame = pd.DataFrame({"name": ["A", "B"], "lon": [0.1, 0.2], "lat": [52.2, 52.2]})
    plain = gc.read_inputs({"firms": frame}).records.index
    patents = pd.DataFrame({"record_id": ["p"], "lon": [0.1], "lat": [52.2],
                            "applicant_longitude": ["1"], "applicant_latitude": ["2"]})  # fmt: skip
    both = gc.read_inputs({"firms": frame, "patents": patents}).records
    assert set(plain) <= set(both.index)


def test_nobodys_table_is_changed(tmp_path):
    study = gc.run_study(two_towns(tmp_path))
    before = study.inputs.records.copy()
    moved, account = place_at_applicants(study.inputs.records)
    pd.testing.assert_frame_equal(study.inputs.records, before)
    kept = moved.index[moved["kind"] != "patent"]
    pd.testing.assert_frame_equal(moved.loc[kept], before.loc[kept])
    assert account["basis"].value_counts().to_dict() == {
        "applicant": 12,
        "no applicant named": 3,
        "applicant without known coordinates": 3,
    }


def test_the_difference_is_shown_by_region(tmp_path, capsys):
    path = two_towns(tmp_path)
    found = gc.compare_bases(path)
    table = found.regions.set_index("region_inventor")
    seats, homes = (found.inventor.clustering.region_of[one] for one in ("seat-0", "home-0"))
    told = ["patents_inventor", "patents_applicant", "patents_lost", "patents_gained"]
    assert table.loc[homes, told].tolist() == [6, 2, 4, 0]
    assert table.loc[seats, told].tolist() == [0, 4, 0, 4]
    statuses = ["status_inventor", "status_applicant"]
    assert table.loc[seats, statuses].tolist() == ["none", "cluster"]
    assert table.loc[homes, statuses].tolist() == ["cluster", "cluster"]
    assert found.moves.to_numpy().tolist() == [[homes, seats, 12, 4.0]]
    counts = found.counts
    assert counts[["patents", "moved", "without_applicant"]].tolist() == [18, 12, 6]
    assert counts["moved_weight"] == pytest.approx(4)
    assert counts["median_km"] == pytest.approx(great_circle_km(-1.5, 52.9, -3.9, 50.6))
    out = tmp_path / "basis.csv"
    print_bases(found, None)
    said = capsys.readouterr().out
    assert "12 of 18 patents (weight 4 of 6) stand elsewhere" in said
    assert "6 patents (weight 2) have no applicant's address" in said
    assert _status(["basis", str(path), "--json", "-o", str(out)]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["moved"] == 12
    assert pd.read_csv(out)["patents_gained"].sum() == 4


def test_a_study_without_patents_has_no_basis(tmp_path):
    path = two_towns(tmp_path)
    (tmp_path / "patents.csv").unlink()
    with pytest.raises(ParameterError, match="no patents"):
        gc.compare_bases(path)


REGPAT = """
[inputs]
patent_basis = "{basis}"
[inputs.patents]
preset = "regpat"
paths = ["EPO_Inv_reg.txt", "EPO_App_reg.txt", "regions.csv"]
{more}
"""


def regpat(folder, basis, more=""):
    head = "Appln_id|Person_id|{0}_name|City|Ctry_code|Reg_code|Reg_share|{0}_share\n"
    inventors = head.format("Inv") + "1|11|A|Exeter|GB|UKK|1|0.5\n1|12|B|Derby|GB|UKF|1|0.5\n"
    (folder / "EPO_Inv_reg.txt").write_text(inventors)
    (folder / "EPO_App_reg.txt").write_text(head.format("App") + "1|21|C|Derby|GB|UKF|1|1\n")
    places = "reg_code,longitude,latitude\nUKK,-3.9,50.6\nUKF,-1.5,52.9\n"
    (folder / "regions.csv").write_text(places)
    (folder / "study.toml").write_text(REGPAT.format(basis=basis, more=more))
    return folder / "study.toml"


def test_regpat_reads_the_files_of_the_studys_basis(tmp_path):
    inventor = gc.check_study(regpat(tmp_path, "inventor")).records
    assert inventor["weight"].tolist() == [0.5, 0.5]
    applicant = gc.check_study(regpat(tmp_path, "applicant")).records
    assert applicant["longitude"].tolist() == [-1.5]
    assert applicant["weight"].sum() == inventor["weight"].sum() == 1
    with pytest.raises(ParameterError, match="say one"):
        gc.check_study(regpat(tmp_path, "applicant", 'basis = "inventor"'))
    with pytest.raises(ParameterError, match="rows of their own"):
        gc.compare_bases(regpat(tmp_path, "applicant"))


def test_the_applicants_columns_are_written_and_read_back(tmp_path):
    def columns(patents):
        return patents.assign(applicant_longitude=-1.5, applicant_latitude=52.9)

    study = gc.run_study(two_towns(tmp_path, APPLICANT, columns))
    out = gc.write_study(study, tmp_path / "results")
    table = pd.read_csv(io.BytesIO((out / "records.csv").read_bytes()), index_col="record_id")
    assert table.loc["p00", "applicant_longitude"] == -1.5
    assert gc.explain(gc.read_results(out), study.regions.index[0], "patent_count").agrees
