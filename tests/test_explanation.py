"""Any number can be followed: explained from records and ties, equal to what was reported."""

import io
import json
import math
import re
import shutil
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest

import geoclust as gc
from geoclust.cli.main import _status
from geoclust.errors import ParameterError
from geoclust.explanation import Evidence, audit_region, explain, explain_record, explainable
from geoclust.explanation.answering import Audit, answer
from geoclust.explanation.asking import workers
from geoclust.explanation.driving import explain_driver
from geoclust.report.manifest import fingerprint
from geoclust.report.tables.files import study_tables
from geoclust.study.manifests import MANIFEST, sealed

ROOT = Path(__file__).parents[1]

BARS = """
[report]
figures = false
[thresholds.cluster]
min_density = 2.0
min_capability = 0.4
"""

SHRUNK = """
[indicators]
shrinkage = true
[indicators.gdp_per_head]
GB = 45000
[clustering.kind_weights]
patent = 0.25
[delineation]
method = "concave_hull"
[network]
brokerage = "constraint"
[scoring]
normalise = "min_max"
aggregate = "geometric"
[scoring.composite]
of = "dimensions"
aggregate = "arithmetic"
[scoring.composite.weights]
market_orientation = 2.0
[thresholds.cluster]
min_density = 1.0
min_capability = 0.2
[thresholds.quasi]
min_density = 0.5
min_capability = 0.1
"""


def toy_study(folder: Path, text: str = "", seed: int = 0, change=None) -> gc.Study:
    gc.synthetic.write_toy_world(folder, seed=seed)
    if change:
        change(folder)
    (folder / "study.toml").write_text(text or BARS)
    return gc.run_study(folder / "study.toml")


def rewrite(path: Path, change) -> None:
    table = pd.read_csv(path)
    change(table).to_csv(path, index=False)


def thinner(folder: Path) -> None:
    """Missing GDP, no category in one town, projects, fractional weights, a lab without country."""
    rewrite(folder / "places.csv", lambda t: t.assign(gdp_usd=t["gdp_usd"].where(t.index > 0)))
    firms = lambda t: t.assign(  # noqa: E731
        category=t["category"].where(~t["name"].str.startswith("Dunavere"))
    )
    rewrite(folder / "firms.csv", firms)
    rewrite(folder / "patents.csv", lambda t: t.assign(weight=1 / 3))
    ties = lambda t: t.assign(project=["p"] * 3 + ["q"] * 4 + [None] * (len(t) - 7))  # noqa: E731
    rewrite(folder / "ties.csv", ties)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return toy_study(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="module")
def evidence(study):
    return Evidence.of(study)


@pytest.fixture(scope="module")
def results(study, tmp_path_factory):
    return gc.write_study(study, tmp_path_factory.mktemp("out") / "results")


@pytest.fixture(scope="module")
def shrunk(tmp_path_factory):
    return toy_study(tmp_path_factory.mktemp("shrunk"), SHRUNK, seed=3, change=thinner)


def written(study, name):
    content = study_tables(study)[name]()
    return pd.read_csv(io.BytesIO(content), index_col="region_id", keep_default_na=False,
                       na_values=[""])  # fmt: skip


def assert_all_explained(study, regions):
    """Every column of every table of regions, as printed."""
    evidence = Evidence.of(study)
    audits = {region_id: audit_region(evidence, region_id) for region_id in regions}
    for name, prefix in (("regions", ""), ("scores", ""), ("network", ""), ("gaps", "gap_")):
        table = written(study, f"{name}.csv")
        also = {"name", "country", "status", "tier"}
        for region_id in table.index.intersection(regions):
            audit = audits[region_id]
            assert audit["agrees"].all(), audit[~audit["agrees"]]
            for column in table:
                key = column if name != "gaps" or column in also else f"{prefix}{column}"
                printed, told = table.at[region_id, column], audit.at[key, "recomputed"]
                assert same_as_printed(printed, told), (region_id, key, printed, told)


def same_as_printed(printed, told):
    if pd.isna(printed):
        return told is None or told == ""
    if isinstance(printed, str) or isinstance(told, str):
        return str(printed).removesuffix(".0") == str(told)  # "3" of a label is read as a number
    return f"{float(printed):.8g}" == f"{float(told):.8g}" or math.isclose(
        float(printed), float(told), rel_tol=6e-9
    )


def test_every_number_of_a_toy_world_is_explained_and_equal(study):
    assert_all_explained(study, study.regions.index)


def test_so_it_is_with_other_choices_at_every_step(shrunk):
    assert len(shrunk.scores.table) >= 2
    assert_all_explained(shrunk, shrunk.regions.index)


@pytest.fixture(scope="module")
def sample():
    config = gc.StudyConfig.from_toml(ROOT / "data" / "quantum" / "study.toml")
    plain = config.report.model_copy(update={"figures": False})
    return gc.run_study(config.model_copy(update={"report": plain}))


def test_so_it_is_for_the_sample(sample):
    assert_all_explained(sample, sample.regions.index[::19])


@pytest.mark.slow
def test_so_it_is_for_all_of_the_sample(sample):
    assert_all_explained(sample, sample.regions.index)


def test_the_commands_of_the_readme_work_as_printed(sample, tmp_path, monkeypatch, capsys):
    text = re.sub(r"\s+", " ", (ROOT / "README.md").read_text(encoding="utf-8"))
    commands = re.findall(r"`geoclust (explain [^`]+)`", text)
    assert len(commands) >= 3
    gc.write_study(sample, tmp_path / "quantum-results")
    monkeypatch.chdir(tmp_path)
    for command in commands:
        assert _status(command.split()) == 0, command
        assert "MISMATCH" not in capsys.readouterr().out


def test_peers_are_worked_out_anew_from_what_each_region_is(study, evidence, results):
    for row in study.peers.itertuples():
        told = explain(evidence, row.region_id, f"peer_{row.place}_distance")
        assert told.agrees
        assert told.recomputed == pytest.approx(row.distance, rel=1e-9)
        known = told.listings[1].table.dropna(subset=["lead"])
        assert len(known) == row.shared_count
        squares = math.fsum(known["weight"] * known["lead"] ** 2) / math.fsum(known["weight"])
        assert math.sqrt(squares) == pytest.approx(row.distance, rel=1e-8)
    back = Evidence.of(gc.read_results(results))
    first = study.regions.index[0]
    names = [name for name in explainable(back) if name.startswith("peer_")]
    assert names
    assert all(explain(back, first, name).agrees for name in names)
    wrong = replace(evidence, peers=study.peers.assign(distance=study.peers["distance"] + 0.01))
    assert not explain(wrong, first, "peer_1_distance").agrees


def test_what_separates_verdicts_is_counted_pair_by_pair(sample, results, capsys):
    evidence = Evidence.of(sample)
    every = answer(sample, "drivers")
    assert isinstance(every, Audit)
    assert len(every.table) == len(evidence.drivers)
    assert every.agrees
    one = "tie_count"
    status = sample.classification.status
    clusters, quasi = (sample.indicators.loc[status == verdict, one].dropna()
                       for verdict in ("cluster", "quasi-cluster"))  # fmt: skip
    apart = np.sign(clusters.to_numpy()[:, None] - quasi.to_numpy()).mean()
    assert explain_driver(evidence, one).recomputed == pytest.approx(apart)
    table = evidence.drivers.assign(effect=0.123)
    assert not explain_driver(replace(evidence, drivers=table), one).agrees
    table = evidence.drivers.assign(low=-0.123)
    assert not explain_driver(replace(evidence, drivers=table), one).agrees
    with pytest.raises(ParameterError, match="did you mean 'firm_count'"):
        explain_driver(evidence, "firm_counts")
    assert _status(["explain", str(results), "drivers"]) == 0
    assert "all agree" in capsys.readouterr().out


@pytest.mark.parametrize("table", ["regions.csv", "scores.csv", "network.csv", "gaps.csv"])
def test_no_column_is_left_unexplained(study, shrunk, table):
    """A new column of the results must come with its explanation."""
    for one in (study, shrunk):
        known = set(workers(Evidence.of(one)))
        known |= {name.removeprefix("gap_") for name in known}
        assert [name for name in written(one, table) if name not in known] == []


def test_counts_and_sums_are_those_of_the_rows_listed(study, evidence):
    for region_id in study.regions.index:
        told = {name: explain(evidence, region_id, name) for name in COUNTED}
        for name, column in COUNTED.items():
            table = told[name].listings[0].table
            value = len(table) if column is None else math.fsum(table[column])
            assert (None if told[name].value is None else told[name].value) == pytest.approx(value)
        members = study.inputs.records[study.clustering.region_of == region_id]
        assert set(told["record_count"].listings[0].table["record_id"]) == set(members.index)


COUNTED = {
    "firm_count": None,
    "lab_count": None,
    "patent_count": None,
    "institution_count": None,
    "record_count": None,
    "location_count": None,
    "tie_count": None,
    "internal_tie_count": None,
    "external_tie_count": None,
    "industry_tie_count": None,
    "tie_weight": "weight",
    "activity": "counts_as",
    "funding_usd": "funding_usd",
    "population": "population",
    "gdp_usd": "gdp_usd",
    "liaison": None,
}
"""Numbers, and the column of their first list that adds up to them (None: its rows are counted)."""


def test_ties_listed_are_those_of_the_table(study, evidence):
    """By brute force from the rows of ties.csv, not by the network room."""
    region_of, kinds = study.clustering.region_of, study.inputs.records["kind"]
    for region_id in study.regions.index:
        pairs = {}
        for row in study.inputs.ties.itertuples():
            ends = {row.organisation_a, row.organisation_b}
            if region_id in {region_of[end] for end in ends} and len(ends) == 2:
                key = tuple(sorted(ends))
                pairs[key] = pairs.get(key, 0.0) + row.weight
        assert "patent" not in {kinds[end] for key in pairs for end in key}
        listed = explain(evidence, region_id, "tie_count").listings[0].table
        told = {
            tuple(sorted((row.organisation_a, row.organisation_b))): row.weight
            for row in listed.itertuples()
        }
        assert told == pytest.approx(pairs)
        assert listed["source"].eq("simulated").all()
        assert listed["file"].eq("ties.csv").all()
        assert listed["row"].astype(int).between(2, 61).all()


def test_file_and_row_lead_back_to_the_input(study, evidence):
    region_id = study.regions.index[0]
    firms = pd.read_csv(study.config.base / "firms.csv")
    listed = explain(evidence, region_id, "firm_count").listings[0].table
    assert len(listed)
    for row in listed.itertuples():
        assert row.file == "firms.csv"
        assert firms.loc[row.row - 2, "record_id"] == row.record_id


def test_brokerage_is_the_share_of_paths_through_it_by_brute_force(study, evidence):
    network = study.network
    graph = nx.Graph()
    graph.add_nodes_from(network.nodes.index)
    for edge in network.edges.itertuples():
        graph.add_edge(edge.node_a, edge.node_b, length=1 / edge.weight)
    regions = set(study.regions.index)
    n, some = len(regions), 0
    for region_id in regions:
        told = explain(evidence, region_id, "brokerage")
        listed = {
            frozenset((row.node_a, row.node_b)): row.share_of_paths
            for row in told.listings[0].table.itertuples()
        }
        found = {}
        for a, b in combinations(sorted(set(graph) - {region_id}), 2):
            share = share_through(graph, a, b, region_id, regions=regions)
            if share:
                found[frozenset((a, b))] = share
        assert listed == pytest.approx(found)
        some += len(found)
        assert told.value == pytest.approx(math.fsum(found.values()) / ((n - 1) * (n - 2) / 2))
    assert some


def share_through(graph, a, b, through, *, regions):
    """Share of the shortest paths from a to b, past regions only, that pass through one."""
    part = graph.subgraph((regions | {a, b}) & set(graph))
    if not nx.has_path(part, a, b):
        return 0.0
    paths = list(nx.all_shortest_paths(part, a, b, weight="length"))
    return sum(through in path for path in paths) / len(paths)


def test_what_is_not_given_is_unknown_and_says_so(tmp_path):
    def change(folder):
        for name in ("ties", "places", "patents"):
            (folder / f"{name}.csv").unlink()

    study = toy_study(tmp_path, change=change)
    region_id = study.regions.index[0]
    for name, word in (("tie_count", "ties"), ("population", "places"), ("patent_count", "patents"),
                       ("brokerage", "ties"), ("external_tie_share", "missing")):  # fmt: skip
        told = explain(study, region_id, name)
        assert told.agrees, name
        assert math.isnan(told.recomputed)
        assert word in told.filled
    assert audit_region(study, region_id)["agrees"].all()


def test_a_difference_is_told_loudly(study, evidence):
    region_id = study.regions.index[0]
    altered = evidence.regions.copy()
    altered.loc[region_id, "funding_usd"] += 1e6
    told = explain(replace(evidence, regions=altered), region_id, "funding_usd")
    assert not told.agrees
    assert "MISMATCH" in told.to_text()
    assert told.recomputed == evidence.regions.loc[region_id, "funding_usd"]
    assert "MISMATCH" in answer_text(replace(evidence, regions=altered), region_id)


def answer_text(evidence, region_id):
    table = audit_region(evidence, region_id)
    return Audit(region_id, region_id, table).to_text()


def test_a_membership_is_explained_and_a_record_knows_what_it_enters(study, evidence):
    records = study.inputs.records
    for record_id in records.index[::7]:
        told = explain_record(evidence, record_id)
        assert told.agrees, (record_id, told.value, told.recomputed)
        region_id = study.clustering.region_of[record_id]
        if isinstance(region_id, str):
            entered = told.listings[1].table.set_index("indicator")
            kind = records.at[record_id, "kind"]
            assert entered.at[f"{kind}_count", "adds"] == 1
            assert entered.at["activity", "of"] == study.indicators.at[region_id, "activity"]
            disclosed = kind == "firm" and not np.isnan(records.at[record_id, "funding_usd"])
            assert ("funding_usd" in entered.index) == disclosed


def test_what_all_records_enter_adds_up_to_the_number(study, evidence):
    region_id = study.regions.index[1]
    members = evidence.members(region_id).index
    tables = [explain_record(evidence, one).listings[1].table for one in members]
    total = pd.concat(tables).astype({"adds": float}).groupby("indicator")["adds"].sum()
    for name in ("firm_count", "activity", "funding_usd", "startup_count", "record_count"):
        if name in total:
            assert total[name] == pytest.approx(study.indicators.join(
                study.regions[["record_count"]]).at[region_id, name])  # fmt: skip


def test_unknown_names_get_the_nearest(study, evidence):
    region_id = study.regions.index[0]
    with pytest.raises(ParameterError, match="did you mean 'external_tie_share'"):
        explain(evidence, region_id, "external_tie_shar")
    with pytest.raises(ParameterError, match=f"did you mean '{region_id}'"):
        explain(evidence, region_id[:-1], "tie_count")
    with pytest.raises(ParameterError, match="did you mean 'alderbrook-firm-0"):
        explain_record(evidence, "alderbrook-firm-01")
    with pytest.raises(ParameterError, match="did you mean"):
        answer(study, region_id[:-1])
    with pytest.raises(ParameterError, match="is a record"):
        answer(study, "alderbrook-firm-001", "firm_count")


def test_a_folder_of_results_explains_as_the_study_did(study, results):
    evidence = Evidence.of(gc.read_results(results))
    live = Evidence.of(study)
    assert explainable(evidence) == explainable(live)
    for region_id in study.regions.index[:2]:
        mine, theirs = audit_region(evidence, region_id), audit_region(live, region_id)
        assert mine["agrees"].all(), mine[~mine["agrees"]]
        assert mine["filled"].equals(theirs["filled"])
        told = explain(evidence, region_id, "tie_count").listings[0].table
        pd.testing.assert_frame_equal(told, explain(live, region_id, "tie_count").listings[0].table)


def test_rows_are_not_guessed_where_the_input_has_changed(tmp_path):
    study = toy_study(tmp_path)
    out = gc.write_study(study, tmp_path / "results")
    rewrite(tmp_path / "ties.csv", lambda table: table.iloc[1:])
    for name in ("tie_count", "firm_count"):
        told = explain(gc.read_results(out), study.regions.index[0], name)
        assert told.agrees
        assert len(told.listings[0].table)
        assert told.listings[0].table["file"].replace("", None).isna().all()


HOSTILE = "<script>alert(1)</script>\u202e\x1b]0;x\x07[bold]"


def test_regions_that_somebody_decided_on_are_explained_as_decided(tmp_path):
    before = toy_study(tmp_path)
    first, second, third = before.regions.index[:3]
    edits = f"""
[[edits]]
action = "rename"
region = "{first}"
name = "The Midlands"
reason = "as the council calls it"
by = "a test"
[[edits]]
action = "merge"
regions = ["{second}", "{third}"]
reason = "one labour market"
by = "a test"
"""
    (tmp_path / "study.toml").write_text(BARS + edits)
    study = gc.run_study(tmp_path / "study.toml")
    assert len(study.regions) == len(before.regions) - 1
    assert_all_explained(study, study.regions.index)
    told = explain(study, first, "name")
    assert told.value == "The Midlands"
    assert "edit" in " ".join(told.notes)
    out = gc.write_study(study, tmp_path / "results")
    (tmp_path / "study.toml").write_text(BARS + "[boundaries]\nfile = 'results/regions.gpkg'\n")
    given = gc.run_study(tmp_path / "study.toml")
    assert given.regions.index.tolist() == study.regions.index.tolist()
    for one in (gc.read_results(out), given):
        for region_id in given.regions.index[:1]:
            audit = audit_region(one, region_id)
            assert audit["agrees"].all(), audit[~audit["agrees"]]


def test_what_an_indicator_adds_to_a_rank_is_its_contribution(study, evidence):
    contributions = study.scores.contributions.set_index(["region_id", "indicator"])
    for region_id in study.scores.table.index:
        parts = explain(evidence, region_id, "mean_rank").listings[0].table
        assert parts["adds"].sum() == pytest.approx(study.scores.table.at[region_id, "score"])
        for row in parts.itertuples():
            key = region_id, row.follow.removesuffix("_rank")
            assert row.lead == pytest.approx(contributions.at[key, "contribution"])


def test_settings_that_mattered_are_those_of_the_study(study, evidence):
    region_id = study.regions.index[0]
    bars = explain(evidence, region_id, "status").settings.set_index("setting")
    assert bars.loc["thresholds.cluster.min_density"].tolist() == ["2", "study file"]
    told = explain(evidence, region_id, "persistence").settings.set_index("setting")
    assert told.at["clustering.max_link_km", "value"] == "100"
    assert explain(evidence, region_id, "firm_count").settings.empty


def test_hostile_names_stay_text(tmp_path):
    def change(folder):
        rewrite(folder / "firms.csv", lambda t: t.assign(name=HOSTILE, source="=cmd()\x1b[2J"))

    study = toy_study(tmp_path, change=change)
    told = explain(study, study.regions.index[0], "firm_count")
    text = told.to_text(rows=None)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]" in text
    assert json.loads(json.dumps(told.to_dict()))["agrees"] is True


def run_command(capsys, *arguments):
    status = _status(["explain", *map(str, arguments)])
    return status, *capsys.readouterr()


def test_the_command(study, results, capsys):
    region_id = study.regions.index[0]
    status, out, _ = run_command(capsys, results, region_id, "external_tie_share", "--rows", 2)
    assert status == 0
    assert "external_tie_count / tie_count" in out
    assert "more: --all shows them" in out
    status, out, _ = run_command(capsys, results, region_id, "tie_count", "--all", "--json")
    told = json.loads(out)
    assert told["value"] == told["listings"][0]["count"] == len(told["listings"][0]["rows"])
    status, _, err = run_command(capsys, results, region_id, "no_such")
    assert status == 2
    assert "known are" in err
    status, out, _ = run_command(capsys, results, region_id)
    assert status == 0
    assert "all agree" in out
    status, out, _ = run_command(capsys, study.config.base, "alderbrook-firm-001")
    assert status == 0
    assert "numbers of" in out


def test_the_command_ends_with_status_one_where_numbers_differ(study, results, tmp_path, capsys):
    """Results altered and sealed again, as by a fault of ours: nothing else would notice."""
    out = Path(shutil.copytree(results, tmp_path / "altered"))
    regions = gpd.read_parquet(out / "regions.parquet")
    regions.loc[regions.index[0], "lab_count"] += 1
    regions.to_parquet(out / "regions.parquet")
    facts = json.loads((out / MANIFEST).read_text())
    del facts["checksum"]
    content = (out / "regions.parquet").read_bytes()
    facts["outputs"]["regions.parquet"] = fingerprint(content)
    (out / MANIFEST).write_bytes(sealed(json.dumps(facts, indent=1, ensure_ascii=False)))
    status, told, _ = run_command(capsys, out, study.regions.index[0], "lab_count")
    assert status == 1
    assert "MISMATCH" in told


def test_rows_are_found_as_the_study_placed_its_patents(tmp_path: Path) -> None:
    """PatentsView read by applicants has other rows, of another file, than by inventors."""
    samples = ROOT / "tests" / "samples" / "presets"
    names = [path.as_posix() for path in sorted(samples.glob("g_*.tsv"))]
    found = {}
    for basis in ("inventor", "applicant"):
        text = f'[inputs]\npatent_basis = "{basis}"\n[inputs.patents]\npreset = "patentsview"\n'
        (tmp_path / "study.toml").write_text(f"{text}paths = {json.dumps(names)}\n{BARS}")
        study = gc.run_study(tmp_path / "study.toml")
        gc.write_study(study, tmp_path / basis)
        origins = Evidence.of(gc.read_results(tmp_path / basis)).origins["records"]
        assert set(origins.index) == set(study.inputs.records.index)
        found[basis] = set(origins["file"].map(lambda path: Path(path).name))
    assert found == {
        "inventor": {"g_inventor_disambiguated.tsv"},
        "applicant": {"g_assignee_disambiguated.tsv"},
    }
