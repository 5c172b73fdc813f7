"""The network of a study: its section of the study file, its measures, partners and files."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import geoclust as gc
from geoclust.errors import ConfigError
from geoclust.network import bridgeness, brokerage_z, constraint, key_partners, participation, roles
from geoclust.study.connecting import COUNTS, network_measures
from geoclust.synthetic import write_toy_world

ROLES = ["coordinator", "itinerant", "gatekeeper_representative", "liaison"]
CHANCE = ["brokerage_z", "brokerage_null_mean", "brokerage_null_share"]
COLUMNS = [*COUNTS, "brokerage", *CHANCE, "bridgeness", "constraint", "participation", *ROLES]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("toy")
    write_toy_world(path, seed=1)
    return path


def run(folder: Path, text: str) -> gc.Study:
    return gc.run_study(gc.StudyConfig.from_text(text, base=folder))


@pytest.fixture(scope="module")
def study(folder):
    return run(folder, "[study]\nseed = 7")


def test_defaults():
    section = gc.StudyConfig().network
    assert (section.brokerage, section.rewirings) == ("betweenness", 200)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("brokerage = 'degree'", "'bridgeness'"),
        ("rewirings = 20", "200"),
        ("rewirings = 199", "0 for no comparison"),
        ("rewirings = -1", "it must be at least 0"),
        ("rewirings = 2.5", "it must be a whole number"),
        ("rewirings = 1000000", "100000"),
        ("rewireings = 200", "did you mean 'rewirings'"),
    ],
)
def test_what_is_refused(text, words):
    with pytest.raises(ConfigError) as caught:
        gc.StudyConfig.from_text(f"[network]\n{text}")
    assert caught.value.faults[0].startswith("line 2, network.")
    assert len(caught.value.faults) == 1
    assert words in caught.value.faults[0]


def test_measures_are_those_of_the_room(study):
    table, network = study.network_measures, study.network
    assert list(table) == COLUMNS
    assert table.index.equals(study.regions.index)
    by_room = pd.concat(
        [bridgeness(network), constraint(network), participation(network)], axis=1
    ).reindex(table.index)
    pd.testing.assert_frame_equal(table[list(by_room)], by_room)
    pd.testing.assert_frame_equal(
        table[ROLES].astype("int64"), roles(network).reindex(table.index)[ROLES]
    )
    assert table[list(COUNTS)].eq(network.table.loc[table.index, list(COUNTS)]).all(axis=None)
    assert (table["brokerage"] == study.indicators["brokerage"]).all()
    found = brokerage_z(network, rewirings=200, seed=7).reindex(table.index)
    np.testing.assert_array_equal(table["brokerage_z"], found["z"])
    np.testing.assert_array_equal(table["brokerage_null_share"], found["null_share_at_least"])
    partners = key_partners(network, study.inputs.records)
    pd.testing.assert_frame_equal(study.key_partners, partners)


def test_rewirings_may_be_turned_off(folder, study):
    quiet = run(folder, "[network]\nrewirings = 0")
    assert quiet.network_measures[CHANCE].isna().all(axis=None)
    rest = study.network_measures.drop(columns=CHANCE)
    pd.testing.assert_frame_equal(quiet.network_measures.drop(columns=CHANCE), rest)


@pytest.mark.parametrize("measure", ["bridgeness", "constraint", "participation"])
def test_another_brokerage_reaches_the_indicators(folder, measure):
    other = run(folder, f'[network]\nbrokerage = "{measure}"\nrewirings = 0')
    table = other.network_measures
    wanted = 1 - table[measure] if measure == "constraint" else table[measure]
    pd.testing.assert_series_equal(table["brokerage"], wanted, check_names=False)
    pd.testing.assert_series_equal(other.indicators["brokerage"], wanted, check_names=False)
    assert other.network.brokerage_measure == measure


def test_the_robustness_experiment_knows_the_measure(folder):
    text = '[scoring]\nname = "one"\n[[scoring.indicators]]\nname = "brokerage"\ndimension = "x"\n'
    text += "[network]\nbrokerage = 'participation'\nrewirings = 0"
    other = run(folder, text)
    ranks = other.scores.table["rank"]
    assert ranks.max() > 1
    firm = gc.run_robustness(other, draws=2, vary=gc.Variation.none())
    assert firm.ranks["median"].reindex(ranks.index).tolist() == ranks.tolist()


def test_unknown_ties_give_missing_measures(folder, tmp_path):
    for name in ("firms.csv", "labs.csv", "patents.csv"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    unknown = gc.run_study(tmp_path)
    assert list(unknown.network_measures) == COLUMNS
    assert unknown.network_measures.isna().all(axis=None)
    assert unknown.key_partners.empty
    (tmp_path / "ties.csv").write_text("organisation_a,organisation_b\n")
    ties = gc.TableSource(path="ties.csv", allow_empty=True)
    tables = {name: f"{name}.csv" for name in ("firms", "labs", "patents")}
    sources = {name: gc.TableSource(path=path) for name, path in tables.items()} | {"ties": ties}
    section = gc.StudyConfig().inputs.model_copy(update=sources)
    config = gc.StudyConfig(base=tmp_path).model_copy(update={"inputs": section})
    empty = gc.run_study(config).network_measures
    assert empty[[*COUNTS, *ROLES, "brokerage"]].eq(0).all(axis=None)
    assert empty[["constraint", "participation", "brokerage_z"]].isna().all(axis=None)


def test_no_region_at_all(folder):
    nothing = run(folder, "[clustering]\nmin_cluster_size = 100000")
    assert nothing.network_measures.empty
    assert list(nothing.network_measures) == COLUMNS
    assert nothing.key_partners.empty


def test_two_regions_have_no_brokerage():
    """Below three regions every kind of brokerage by paths is missing."""
    world = gc.synthetic.toy_world()
    first = sorted(world.town_of.dropna().unique())[:2]
    two = world.town_of.where(world.town_of.isin(first))
    table = network_measures(
        gc.build_network(world.ties, two, world.records), rewirings=200, seed=0
    )
    assert len(table) == 2
    assert table[["brokerage", *CHANCE, "bridgeness"]].isna().all(axis=None)


def test_the_sample_needs_no_compiler():
    code = (
        "import sys, geoclust as gc\n"
        "study = gc.run_study('data/quantum/study.toml')\n"
        "print(int(study.network_measures['brokerage_z'].notna().sum()), 'numba' in sys.modules)"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    count, compiled = done.stdout.split()
    assert int(count) > 30
    assert compiled == "False"
