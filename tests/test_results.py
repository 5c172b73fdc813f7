"""Results read back: as they were written, or refused."""

import json

import pandas as pd
import pytest

import geoclust as gc
from geoclust.errors import InputError
from geoclust.report.manifest import manifest_bytes


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    gc.synthetic.write_toy_world(folder)
    (folder / "study.toml").write_text("[report]\nfigures = false\nsurvival = false\n")
    study = gc.run_study(folder / "study.toml")
    return study, gc.write_study(study, folder / "results")


@pytest.fixture
def copied(made, tmp_path):
    for path in made[1].iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_tables_come_back_as_they_were(made):
    study, out = made
    found = gc.read_results(out)
    same = pd.testing.assert_frame_equal
    inputs = study.inputs
    same(found.records[list(inputs.records)], inputs.records)
    same(found.ties[list(inputs.ties)], inputs.ties)
    same(found.places[list(inputs.places)], inputs.places)
    assert found.records["region_id"].equals(
        study.clustering.region_of.reindex(found.records.index).rename("region_id")
    )
    assert found.regions.index.equals(study.regions.index)
    assert found.regions.geometry.equals(study.regions.geometry)
    assert found.regions.crs == 4326
    assert found.regions["status"].equals(study.classification.status)
    assert found.scores["rank"].tolist() == study.scores.table["rank"].tolist()
    assert found.config.name == study.config.name
    assert found.status_counts == study.status_counts
    assert "5 regions" in repr(found)


def test_ties_and_places_carry_their_regions(made):
    study, out = made
    found = gc.read_results(out)
    region_of = study.clustering.region_of
    for end in "ab":
        expected = [region_of.get(name) for name in found.ties[f"organisation_{end}"]]
        assert found.ties[f"region_{end}"].isna().tolist() == pd.isna(pd.Series(expected)).tolist()
        known = found.ties[f"region_{end}"].dropna()
        assert known.tolist() == [region for region in expected if pd.notna(region)]
    people = found.places.groupby("region_id")["population"].sum()
    measured = found.regions["population"].dropna()
    assert len(measured)
    assert people.reindex(measured.index).tolist() == measured.tolist()


def test_the_study_file_written_makes_the_same_results(made, tmp_path):
    _, out = made
    again = gc.write_study(gc.run_study(out / "study.toml"), out.parent / "again")
    for name in ("regions.csv", "records.csv", "scores.csv", "gaps.csv", "ties.csv", "study.toml"):
        assert (again / name).read_bytes() == (out / name).read_bytes(), name


def test_an_unfinished_folder_is_refused(copied):
    (copied / "manifest.json").unlink()
    with pytest.raises(InputError, match=r"holds no manifest\.json of geoclust"):
        gc.read_results(copied)
    with pytest.raises(InputError, match="no such folder"):
        gc.read_results(copied / "none")


def test_an_altered_or_missing_file_is_named(copied):
    (copied / "scores.csv").write_bytes((copied / "scores.csv").read_bytes() + b"x")
    (copied / "ties.csv").unlink()
    with pytest.raises(InputError, match=r"scores\.csv, ties\.csv are missing or not as written"):
        gc.read_results(copied)


def test_a_file_that_is_not_read_may_be_edited_and_is_named(copied):
    (copied / "regions.gpkg").write_bytes(b"opened in a GIS")
    (copied / "network.csv").unlink()
    found = gc.read_results(copied)
    assert set(found.altered) == {"regions.gpkg", "network.csv"}
    assert "2 other files altered since" in repr(found)
    told = gc.compare_studies(found, found).remarks
    assert any("not as written, and was not read: " in one for one in told)


def test_a_manifest_that_was_edited_is_refused(copied):
    text = (copied / "manifest.json").read_text().replace('"regions": 5', '"regions": 6')
    (copied / "manifest.json").write_text(text)
    with pytest.raises(InputError, match=r"manifest\.json is missing or not as written"):
        gc.read_results(copied)


def test_an_older_folder_is_told_to_run_again(copied):
    manifest = json.loads((copied / "manifest.json").read_text())
    del manifest["outputs"]["ties.csv"], manifest["checksum"]
    (copied / "manifest.json").write_bytes(manifest_bytes(manifest))
    with pytest.raises(InputError, match=r"without ties\.csv; run the study again"):
        gc.read_results(copied)


def test_hostile_names_survive_the_round_trip(tmp_path):
    world = gc.synthetic.toy_world()
    records = world.records.copy()
    names = ["=1+1", "'-x", "NA", "null", 'a"b,c\nd', "<script>"]
    records.loc[records.index[: len(names)], "name"] = names
    for kind in ("firm", "lab", "patent"):
        chosen = records[records["kind"] == kind].drop(columns="kind")
        chosen.to_csv(tmp_path / f"{kind}s.csv", lineterminator="\n")
    ties = world.ties.assign(source=(names * 10)[: len(world.ties)])
    ties.to_csv(tmp_path / "ties.csv", index=False, lineterminator="\n")
    (tmp_path / "study.toml").write_text("[report]\nfigures = false\nsurvival = false\n")
    study = gc.run_study(tmp_path / "study.toml")
    found = gc.read_results(gc.write_study(study, tmp_path / "results"))
    pd.testing.assert_frame_equal(found.ties[list(study.inputs.ties)], study.inputs.ties)
    assert found.records["name"].equals(study.inputs.records["name"])
    assert len(found.places) == 0
