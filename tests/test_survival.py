"""Gaps filled: with membership held they make a cluster, and nothing cheaper does; and the column
that says whether the region survives clustering again is what clustering everything again gives.
"""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import geoclust as gc
from geoclust.study import survival

QUANTUM = Path(__file__).parents[1] / "data" / "quantum"
KINDS = {"firms": "firm", "labs": "lab", "patents": "patent"}
COUNTS = {"firms": "firm_count", "labs": "lab_count", "patents": "patent_count"}


@pytest.fixture(scope="module")
def study():
    return gc.run_study(QUANTUM / "study.toml")


def with_gap_filled(study, region_id):
    """All records and those of the gap, at the region's heaviest location; funding on a firm."""
    gap, region = study.gaps.loc[region_id], study.regions.loc[region_id]
    kinds = [kind for column, kind in KINDS.items() for _ in range(int(gap[column]))]
    added = pd.DataFrame(
        {
            "kind": kinds,
            "longitude": region["longitude"],
            "latitude": region["latitude"],
            "weight": 1.0,
            "simulated": True,
        },
        index=[f"new-{number}" for number in range(len(kinds))],
    )
    added["funding_usd"] = np.nan
    if gap["funding_usd"] > 0:
        assert kinds[0] == "firm"
        added.loc["new-0", "funding_usd"] = gap["funding_usd"]
    return gc.as_records(pd.concat([study.inputs.records, added])), added.index


def measured(study, records, region_of):
    regions = gc.delineate(records, region_of, **study.config.delineation.model_dump())
    return gc.measure(
        records,
        region_of,
        regions,
        tables=study.inputs.tables - {"ties", "places"},
        kind_weights=study.config.clustering.kind_weights.model_dump(),
        reach_km=study.config.delineation.reach_km,
    )


def status_again(study, region_id):
    """Everything clustered again: the status of what holds most of the region, and its members."""
    records, added = with_gap_filled(study, region_id)
    clustering = study.config.clustering
    arguments = clustering.hierarchy_arguments | {"resolution_km": study.hierarchy.resolution_km}
    hierarchy = gc.build_hierarchy(records, **arguments)
    found = gc.extract_regions(hierarchy, **clustering.selection_arguments)
    old = study.clustering.region_of == region_id
    old = old.index[old]
    weight = records["weight"][old] * records["kind"][old].map(clustering.kind_weights.model_dump())
    share = weight.groupby(found.region_of[old]).sum() / weight.sum()
    share = share[share > 0.5]
    if share.empty:
        return "gone", set(), 0
    region_of = found.region_of.where(found.region_of == share.index[0])
    judged = gc.classify(
        measured(study, records, region_of),
        study.config.thresholds,
        kind_weights=clustering.kind_weights.model_dump(),
    )
    members = set(region_of.dropna().index)
    return judged.status.iloc[0], members - set(added), len(set(old) - members)


def quasi(study):
    judged = study.classification
    return judged.is_quasi.index[judged.is_quasi]


def test_every_gap_of_a_quasi_cluster_makes_it_pass_both_bars_with_membership_held(study):
    assert len(quasi(study)) == 22
    for region_id in quasi(study):
        records, added = with_gap_filled(study, region_id)
        own = study.clustering.region_of.where(study.clustering.region_of == region_id)
        region_of = own.reindex(records.index)
        region_of[added] = region_id
        after = measured(study, records, region_of)
        judged = gc.classify(after, study.config.thresholds).table.loc[region_id]
        assert judged["status"] == "cluster", region_id
        gap = study.gaps.loc[region_id]
        assert after.loc[region_id, "reach_area_km2"] == pytest.approx(
            study.indicators.loc[region_id, "reach_area_km2"]
        )
        assert judged["activity_density_per_100km2"] == pytest.approx(gap["density_after"])
        assert judged["capability"] == pytest.approx(gap["capability_after"])


def combinations(study, region_id, budget):
    """The region with every affordable number of firms, labs and patents (where these were given),
    the rest spent as funding."""
    prices = study.config.thresholds.unit_costs
    given = study.indicators["patent_count"].notna().any()
    price = np.array([prices.firm, prices.lab, prices.patent if given else np.inf])
    axes = [np.arange(int(budget / one) + 1) for one in price]
    counts = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    left = budget - counts @ np.where(np.isfinite(price), price, 0.0)
    counts, left = counts[left >= 0], left[left >= 0]
    one = study.indicators.loc[[region_id]]
    table = one.loc[one.index.repeat(len(counts))]
    table.index = pd.Index(["-".join(map(str, row)) for row in counts], name="region_id")
    weight = study.config.clustering.kind_weights.model_dump()
    gained = counts @ [weight[kind] for kind in KINDS.values()]
    added = dict(zip(COUNTS.values(), counts.T, strict=True))
    table = table.assign(
        activity=table["activity"] + gained,
        funding_usd=table["funding_usd"].fillna(0.0) + left / prices.funding_usd,
        **{name: table[name] + added[name] for name in COUNTS.values()},
    )
    density = 100 * table["activity"] / table["reach_area_km2"]
    return table.assign(activity_density_per_100km2=density)


def passes_both_bars(study, table):
    """By the definition, rounding aside: density, and the mean of min(1, value / target)."""
    rules = study.config.thresholds
    capability = sum(
        one.weight * (table[one.indicator].fillna(0.0) / one.target).clip(upper=1.0)
        for one in rules.criteria
    ) / sum(one.weight for one in rules.criteria)
    dense = table["activity_density_per_100km2"] >= rules.cluster.min_density * (1 - 1e-12)
    return dense & (capability >= rules.cluster.min_capability * (1 - 1e-12))


@pytest.mark.parametrize("file", ["study.toml", "study_with_simulated_patents.toml"])
def test_no_cheaper_combination_does(study, file):
    """All of them, by brute force; a lack of patents is no lack in a study without patents."""
    if file != "study.toml":
        study = gc.run_study(QUANTUM / file)
    assert study.indicators["patent_count"].isna().all() == (file == "study.toml")
    tried = 0
    assert len(quasi(study)) > 10
    for region_id in quasi(study):
        cost = study.gaps.at[region_id, "cost"]
        table = combinations(study, region_id, cost * (1 - 1e-6))
        passing = passes_both_bars(study, table)
        assert not passing.any(), (region_id, table.index[passing])
        just = combinations(study, region_id, cost * (1 + 1e-9))
        assert passes_both_bars(study, just).any(), region_id
        tried += len(table)
    assert tried > 100


def run_from_tables(study, region_id, folder):
    """The whole chain run on tables to which the rows of the gap were written."""
    gap, region = study.gaps.loc[region_id], study.regions.loc[region_id]
    shutil.copytree(QUANTUM, folder, ignore=shutil.ignore_patterns("simulated", "*.md"))
    funding = gap["funding_usd"]
    for table in ("firms", "labs"):
        path = folder / f"{table}.csv"
        rows = pd.read_csv(path, dtype="str", keep_default_na=False)
        new = pd.DataFrame(index=range(int(gap[table])), columns=rows.columns).fillna("")
        new["record_id"] = [f"new-{table}-{number}" for number in new.index]
        new["country"] = region["country"]
        new["longitude"], new["latitude"] = map(repr, map(float, region[["longitude", "latitude"]]))
        if table == "firms" and funding > 0:
            new.loc[0, "funding_usd"] = repr(float(funding))
        pd.concat([rows, new]).to_csv(path, index=False)
    config = gc.StudyConfig.from_toml(folder / "study.toml")
    report = config.report.model_copy(update={"survival": False})
    return gc.run_study(config.model_copy(update={"report": report}))


@pytest.mark.slow
def test_survival_is_what_the_whole_chain_gives_from_tables_with_the_rows_added(study, tmp_path):
    """Every quasi-cluster, from reading to the verdict; nothing of `survival` is used."""
    before = study.clustering.region_of
    size = before.value_counts()
    for region_id in quasi(study):
        gap = study.gaps.loc[region_id]
        assert (study.inputs.records["weight"] == 1).all()
        again = run_from_tables(study, region_id, tmp_path / region_id)
        added = int(gap["firms"] + gap["labs"])
        assert len(again.inputs.records) == len(study.inputs.records) + added
        assert again.hierarchy.resolution_km == study.hierarchy.resolution_km
        now = again.clustering.region_of[before.index]
        share = now[before == region_id].value_counts() / size[region_id]
        survives = bool(len(share)) and share.iloc[0] > 0.5
        if survives:
            survives = again.classification.status[share.index[0]] == "cluster"
            held = before[now == share.index[0]].value_counts()
            joined = held.index[(held > size[held.index] / 2) & (held.index != region_id)]
            survives &= not (size[joined] > size[region_id] + added).any()
        assert bool(gap["survives"]) == survives, (region_id, gap["survival"])


def check_again(study, region_ids):
    for region_id in region_ids:
        gap = study.gaps.loc[region_id]
        status, members, lost = status_again(study, region_id)
        assert bool(gap["survives"]) == (status == "cluster"), (region_id, status, gap["survival"])
        before = set(study.clustering.region_of.index[study.clustering.region_of == region_id])
        assert (gap["survival"] == "nothing else changes") == (
            members == before and status == "cluster"
        ), region_id
        if members and lost:
            assert "loses" in gap["survival"] or "splits" in gap["survival"]


def test_survival_is_what_clustering_everything_again_gives(study):
    assert study.gaps.loc[quasi(study), "survives"].notna().all()
    check_again(study, quasi(study))


@pytest.mark.slow
def test_so_it_is_for_the_regions_below_quasi_cluster(study):
    rest = study.gaps.index.difference(quasi(study))
    assert not study.gaps.loc[rest, "survives"].all()
    check_again(study, rest)


def test_added_patents_count_in_a_study_without_patents(study):
    """Nothing else suffices here, so they are asked for; the table not given is then theirs."""
    criteria = [
        {"name": "firms", "indicator": "firm_count", "target": 10},
        {"name": "patents", "indicator": "patent_count", "target": 4},
    ]
    bars = {"min_density": 0.75, "min_capability": 0.9}
    quasi_bars = {"min_density": 0.45, "min_capability": 0.2}
    thresholds = gc.Thresholds.from_mapping(
        {"cluster": bars, "quasi": quasi_bars, "criteria": criteria}
    )
    config = study.config.model_copy(update={"thresholds": thresholds})
    judged = gc.classify(study.indicators, thresholds)
    gaps = survival.with_survival(judged, study.clustering, study.inputs, config=config)
    assert (gaps["patents"] > 0).all()
    inputs = replace(study.inputs, tables=study.inputs.tables | {"patents"})
    other = replace(study, config=config, classification=judged, gaps=gaps, inputs=inputs)
    some = gaps.index[:12]
    assert gaps.loc[some, "survives"].any()
    check_again(other, some)


def strewn_study(folder, seed, **clustering):
    """Clumps at distances about `max_link_km`, so that additions join, split and shed them."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform([0.0, 46.0], [1.6, 47.1], size=(14, 2))
    parts = []
    for number, (x, y) in enumerate(centres):
        size = int(rng.integers(2, 14))
        spread = rng.choice([0.0, 0.02, 0.08])
        places = np.column_stack(
            [x + rng.normal(size=size) * spread, y + rng.normal(size=size) * spread]
        )
        rows = pd.DataFrame(places.round(2), columns=["longitude", "latitude"])
        rows["record_id"] = [f"{number:02d}-{n:02d}" for n in range(size)]
        rows["kind"] = rng.choice(["firm", "lab"], size=size)
        rows["weight"] = rng.choice([1.0, 0.5, 2.0], size=size)
        parts.append(rows)
    records = pd.concat(parts).assign(country="FR", precision="city")
    records["category"] = rng.choice(["university", "startup", ""], size=len(records))
    folder.mkdir()
    for kind, rows in records.groupby("kind"):
        wrong = {"firm": "university", "lab": "startup"}[kind]
        table = rows.drop(columns="kind").replace({"category": {wrong: ""}})
        table.to_csv(folder / f"{kind}s.csv", index=False)
    config = gc.StudyConfig.from_directory(folder)
    rules = config.clustering.model_copy(
        update={"max_link_km": 18.0, "resolution_km": 1.0, "min_cluster_size": 6} | clustering
    )
    bars = {
        "cluster": {"min_density": 6, "min_capability": 0.6},
        "quasi": {"min_density": 1, "min_capability": 0.2},
        "criteria": [
            {"name": "firms", "indicator": "firm_count", "target": 10},
            {"name": "labs", "indicator": "lab_count", "target": 6},
        ],
    }
    thresholds = gc.Thresholds.from_mapping(bars)
    return gc.run_study(config.model_copy(update={"clustering": rules, "thresholds": thresholds}))


@pytest.mark.parametrize("seed", range(6))
def test_a_window_gives_what_everything_gives(tmp_path, seed):
    study = strewn_study(tmp_path / "strewn", seed)
    assert len(study.gaps)
    joins = study.gaps["survival"].fillna("").str.contains("joins")
    check_again(study, study.gaps.index[study.gaps["cost"].notna() & ~joins])


def test_the_window_is_a_part_of_the_study(study):
    before = survival._Before(study.clustering, study.inputs)
    sizes = [len(before.window(region_id)[0]) for region_id in study.gaps.index]
    assert min(sizes) > 5
    assert max(sizes) < len(study.inputs.records) / 4


def run_again(study, **report):
    settings = study.config.report.model_copy(update=report)
    config = study.config.model_copy(update={"report": settings})
    return survival.with_survival(
        study.classification, study.clustering, study.inputs, config=config
    )


def test_the_study_says_where_it_was_not_run_and_why(study, monkeypatch):
    off = run_again(study, survival=False)
    assert off["survives"].isna().all()
    assert (off["survival"] == "not run: report.survival is false").all()
    monkeypatch.setattr(survival, "MOST_RECORDS", 100)
    few = run_again(study)
    ran = few["survives"].notna()
    assert 0 < ran.sum() < len(few)
    assert study.classification.table.loc[few.index[ran], "status"].eq("quasi-cluster").all()
    assert (
        few.loc[~ran, "survival"]
        .str.fullmatch(r"not run: \d+ records would have to be clustered again")
        .all()
    )
    assert few.loc[ran, "survival"].equals(study.gaps.loc[ran, "survival"])
    monkeypatch.undo()
    monkeypatch.setattr(survival, "MOST_REGIONS", 3)
    three = run_again(study)
    assert three["survives"].notna().sum() == 3
    rest = three["survives"].isna()
    assert three.loc[rest, "survival"].str.contains("not run: only the first").all()


def test_a_criterion_beyond_a_regions_own_records_is_not_guessed(study):
    bars = {"criteria": [{"name": "ties", "indicator": "tie_count", "target": 5}]}
    config = study.config.model_copy(update={"thresholds": gc.Thresholds.from_mapping(bars)})
    judged = gc.classify(study.indicators, config.thresholds)
    gaps = survival.with_survival(judged, study.clustering, study.inputs, config=config)
    assert gaps["survives"].isna().all()
    lacking = gaps["cost"].notna()
    assert lacking.any()
    assert gaps.loc[lacking, "survival"].str.contains("tie_count depends on more than").all()
    assert gaps.loc[~lacking, "survival"].isna().all()


def test_regions_that_join_split_or_dissolve_are_told_apart(study):
    before = survival._Before(study.clustering, study.inputs)
    small, large = "gb-cambridge", "gb-london"
    rows = [np.flatnonzero(before.region == before.names.get_loc(name)) for name in (small, large)]
    near = np.concatenate(rows)
    added = before.added(small, study.gaps.loc[small])

    def part(label):
        return before.part(small, near, np.append(label, np.zeros(len(added), int)), added=added)

    of = np.repeat([0, 1], [len(ids) for ids in rows])
    alone = part(of)
    assert (alone.changes, alone.absorbed, alone.funded) == ((), False, True)
    assert sorted(alone.members) == sorted(rows[0])
    assert len(alone.added) == len(added)
    joined = part(0 * of)
    assert (joined.changes, joined.absorbed) == ((f"joins {large}",), True)
    gone = part(of - 1)
    assert gone.changes[0].startswith("dissolves")
    assert len(gone.members) == 0
    split = part(np.where(of == 0, np.arange(len(of)) % 3, 3))
    assert split.changes[0].startswith("splits: no part")
    apart = part(np.where(of == 0, 1, 2))
    assert (apart.changes, apart.funded) == (("the additions stand apart",), True)
