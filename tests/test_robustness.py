"""The whole chain drawn anew: the same numbers however it is run, and what they say."""

import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from geoclust import synthetic
from geoclust.clustering import label_records
from geoclust.errors import InputError, ParameterError
from geoclust.robustness import Variation, dominance, leave_one_out, rank_sensitivity
from geoclust.robustness import run_robustness as run
from geoclust.robustness.chain import Chain
from geoclust.robustness.changing import change_at
from geoclust.robustness.experiment import drawn_point
from geoclust.robustness.gauging import Drawn, full_gauge
from geoclust.robustness.matching import match_regions
from geoclust.robustness.outcome import Outcome
from geoclust.robustness.quick import QUICK, quick_gauge
from geoclust.robustness.resampling import drawn_copies, moved, repeated_ties
from geoclust.scoring import Framework, IndicatorSpec, score
from geoclust.sphere import great_circle_km
from geoclust.study import StudyConfig, run_study
from geoclust.study.variation import INPUTS

ROOT = Path(__file__).parents[1]
TABLES = ("bias", "status", "ranks", "pairwise", "records", "draws", "leave_one_out", "dominance")


SIZE = """
[thresholds.cluster]
min_density = 0.1
min_capability = 0.01
[thresholds.quasi]
min_density = 0.1
min_capability = 0.01
[scoring]
name = "size"
[[scoring.indicators]]
name = "firm_count"
dimension = "size"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("toy")
    synthetic.write_toy_world(path, seed=1)
    return path


@pytest.fixture(scope="module")
def toy(folder):
    return run_study(folder)


@pytest.fixture(scope="module")
def sample():
    return run_study(ROOT / "data" / "quantum" / "study.toml")


@pytest.fixture(scope="module")
def found(toy):
    return run(toy, draws=12, seed=5)


def equal(one, two):
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), check_exact=True)


def test_a_draw_that_changes_nothing_is_the_study(toy, sample):
    for study in (toy, sample):
        chain = Chain.of(study, Variation(), min_shared=0.5)
        outcome = chain.run(0, {})
        assert (outcome.status == chain.status).all()
        assert (outcome.rank == chain.rank).all()
        assert (outcome.stays == 1).all()
        assert outcome.facts["new_regions"] == 0
        assert outcome.facts["regions"] == len(study.regions)


@pytest.fixture(scope="module")
def projects(tmp_path_factory):
    """The toy world with every second tie in one of nine projects of many partners."""
    path = tmp_path_factory.mktemp("projects")
    synthetic.write_toy_world(path, seed=1)
    ties = pd.read_csv(path / "ties.csv")
    ties["project"] = [f"p{n % 9}" if n % 2 else None for n in range(len(ties))]
    ties.to_csv(path / "ties.csv", index=False)
    return run_study(path)


def test_the_quick_way_is_the_long_way(toy, sample, projects):
    weights = [study.network.table["tie_weight"].sum() for study in (toy, projects)]
    assert weights[1] < weights[0]
    for study, numbers in ((toy, range(4)), (sample, range(2)), (projects, range(2))):
        chain = Chain.of(study, Variation(), min_shared=0.5)
        for number in numbers:
            point = drawn_point(Variation(), 11, number)
            change = change_at(point, chain.config, chain.resolution_km, chain.variation)
            copies = drawn_copies(len(chain.records), chain.variation, point)
            placed, _ = chain._moved(point)
            label, _ = chain._labels(placed, copies, change)
            drawn = Drawn(placed, copies, label, chain._names(chain._match(label, copies)))
            full = full_gauge(chain, drawn, change)[sorted(QUICK)].astype("float64")
            assert len(full) > 2
            quick = quick_gauge(chain, drawn, change, QUICK)
            pd.testing.assert_frame_equal(quick, full, check_exact=True, check_names=False)


def test_an_indicator_that_has_no_quick_way_goes_the_long_way(toy):
    text = '[scoring]\nname = "area"\n[[scoring.indicators]]\nname = "area_km2"\ndimension = "x"\n'
    study = run_study(StudyConfig.from_text(text, base=toy.config.base))
    assert "area_km2" not in QUICK
    assert (run(study, draws=2, vary=Variation.none()).status["same"] == 1).all()


def test_nothing_varied_gives_certainty(toy):
    none = run(toy, draws=3, vary=Variation.none())
    assert (none.status["same"] == 1).all()
    assert (none.records["stays"] == 1).all()
    assert not none.bias["off_centre"].any()
    ranked = none.ranks.dropna(subset="study")
    assert (ranked["low"] == ranked["high"]).all()
    assert (ranked["median"] == ranked["study"].astype(float)).all()


def test_tables_hold_together(toy, found):
    assert set(found.status.index) == set(toy.regions.index) == set(found.ranks.index)
    shares = found.status[["cluster", "quasi_cluster", "none", "vanished"]]
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert (found.ranks["low"] <= found.ranks["median"]).all()
    assert (found.ranks["median"] <= found.ranks["high"]).all()
    assert (found.ranks["top_ten"] <= found.ranks["ranked"]).all()
    assert (found.ranks["ranked"] <= found.status["cluster"].reindex(found.ranks.index)).all()
    both = found.pairwise + found.pairwise.to_numpy().T
    assert (both <= 1).all().all()
    assert (np.diag(found.pairwise) == 0).all()
    assert found.records["stays"].between(0, 1).all()
    assert (found.records.index == toy.inputs.records.sort_index().index).all()
    assert "12 draws" in repr(found)


def test_every_draw_echoes_what_it_changed(found):
    assert len(found.draws) == 12
    for name in ("min_samples", "max_link_km", "reach_km", "normalise", "aggregate", "left_out"):
        assert found.draws[name].notna().all(), name
    weights = found.draws.filter(like="weight_")
    assert weights.sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert (found.draws["left_out"] != "").any()
    assert (weights.to_numpy() == 0).sum() == (found.draws["left_out"] != "").sum()
    assert len(set(found.draws["records_drawn"])) > 1
    assert (found.draws["mean_jitter_km"] > 0).all()
    assert (found.draws["max_link_km"] > found.draws["resolution_km"]).all()


def test_seeds_make_the_numbers(toy, found):
    equal(found, run(toy, draws=12, seed=5))
    other = run(toy, draws=12, seed=6)
    assert not other.draws.equals(found.draws)
    longer = run(toy, draws=14, seed=5)
    pd.testing.assert_frame_equal(longer.draws.iloc[:12], found.draws, check_exact=True)


def test_the_order_of_rows_changes_nothing(toy, found):
    inputs = replace(
        toy.inputs,
        records=toy.inputs.records.sample(frac=1, random_state=3),
        ties=toy.inputs.ties.sample(frac=1, random_state=3),
    )
    equal(found, run(replace(toy, inputs=inputs), draws=12, seed=5))


def test_two_workers_give_what_one_gives(toy, found):
    told = []
    two = run(toy, draws=12, seed=5, workers=2, progress=lambda *at: told.append(at))
    equal(found, two)
    assert told[-1] == (12, 12)


def test_a_torn_checkpoint_goes_on_with_the_same_numbers(toy, found, tmp_path):
    path = tmp_path / "draws.jsonl"
    equal(found, run(toy, draws=12, seed=5, checkpoint=path))
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    assert len(lines) == 13
    for cut in (len(whole), len(b"".join(lines[:6])) + 40, len(lines[0]) + 5, 9, 0):
        path.write_bytes(whole[:cut])
        equal(found, run(toy, draws=12, seed=5, checkpoint=path))
        assert sorted(path.read_bytes().splitlines()) == sorted(whole.splitlines())


def test_a_damaged_draw_is_drawn_again(toy, found, tmp_path):
    path = tmp_path / "draws.jsonl"
    run(toy, draws=12, seed=5, checkpoint=path)
    lines = path.read_text().splitlines(keepends=True)
    lines[4] = lines[4].replace("rank", "rink", 1)
    path.write_text("".join(lines))
    told = []
    equal(found, run(toy, draws=12, seed=5, checkpoint=path, progress=lambda *at: told.append(at)))
    assert told[0] == (11, 12)


def test_a_checkpoint_serves_more_draws_and_refuses_others(toy, found, tmp_path):
    path = tmp_path / "draws.jsonl"
    run(toy, draws=5, seed=5, checkpoint=path)
    equal(found, run(toy, draws=12, seed=5, checkpoint=path))
    kept = path.read_bytes()
    with pytest.raises(InputError, match="another"):
        run(toy, draws=5, seed=6, checkpoint=path)
    with pytest.raises(InputError, match="another"):
        run(toy, draws=5, seed=5, vary=Variation.only("weights"), checkpoint=path)
    assert path.read_bytes() == kept


KILLED = """
import sys, time
from geoclust.robustness import run_robustness
from geoclust.study import run_study

if __name__ == "__main__":
    study = run_study(sys.argv[1])
    run_robustness(study, draws=40, seed=5, workers=2, checkpoint=sys.argv[2])
"""


def alive(pid):
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.slow
def test_a_killed_run_goes_on_with_the_same_numbers(toy, folder, tmp_path):
    script, path = tmp_path / "killed.py", tmp_path / "draws.jsonl"
    script.write_text(textwrap.dedent(KILLED))
    process = subprocess.Popen([sys.executable, str(script), str(folder), str(path)])
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        if path.exists() and len(path.read_bytes().splitlines()) > 9:
            break
        time.sleep(0.05)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    started = children.read_text().split() if children.exists() else []
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    done = len(path.read_bytes().splitlines()) - 1
    assert 0 < done < 40
    until = time.monotonic() + 30
    while any(map(alive, started)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not any(map(alive, started)), "workers outlive what started them"
    resumed = run(toy, draws=40, seed=5, workers=2, checkpoint=path)
    equal(resumed, run(toy, draws=40, seed=5))


def test_a_line_comes_back_as_it_was(toy):
    outcome = Chain.of(toy, Variation(), min_shared=0.5).run(3, drawn_point(Variation(), 1, 3))
    back = Outcome.from_line(outcome.to_line())
    assert back.to_line() == outcome.to_line()
    assert (back.stays == outcome.stays).all()
    assert Outcome.from_line(outcome.to_line()[:-1]) is None
    assert Outcome.from_line("") is None


def test_no_clusters_at_all(folder):
    config = StudyConfig.from_text("[clustering]\nmin_cluster_size = 90\n", base=folder)
    study = run_study(config)
    assert study.regions.empty
    empty = run(study, draws=4)
    assert empty.ranks.empty
    assert empty.status.empty
    assert empty.pairwise.empty
    assert empty.bias.loc["regions", "study"] == 0
    assert empty.bias.loc["noise_share", "study"] == 1
    assert (empty.records["stays"].dropna() == 1).all()
    table = rank_sensitivity(study, n=2, vary=Variation.only("weights", "reach_km")).table
    assert (table == 0).all().all()


def test_a_constant_study(tmp_path):
    rows = [
        f"{town}-{n},{x},52.0,GB,startup,5000000,4000000"
        for town, x in (("a", 0.0), ("b", -2.0), ("c", -4.0))
        for n in range(12)
    ]
    head = "record_id,longitude,latitude,country,category,funding_usd,equity_funding_usd\n"
    (tmp_path / "firms.csv").write_text(head + "\n".join(rows) + "\n")
    study = run_study(StudyConfig.from_text(SIZE, base=tmp_path))
    assert study.scores.table["rank"].tolist() == [1, 1, 1]
    names = [name for name in INPUTS if name not in {"resample", "jitter"}]
    same = run(study, draws=6, vary=Variation.only(*names))
    assert (same.status["cluster"] == 1).all()
    assert (same.ranks[["median", "low", "high"]] == 1).all().all()
    assert (same.pairwise == 0).all().all()
    assert (same.dominance["dominates"] == 0).all()
    assert same.leave_one_out.columns.tolist() == ["all"]


TRUTH = (60, 51, 42, 33, 24)
"""Firms of five towns, two degrees apart, so that the rank of each is known."""


def samples_of_truth(tmp_path, count):
    """Studies of bootstrap samples of the true world, ranked by the number of firms."""
    town = np.repeat(np.arange(len(TRUTH)), TRUTH)
    for seed in range(count):
        drawn = town[np.random.default_rng(seed).integers(len(town), size=len(town))]
        rows = [f"f{n:03d},{-1.0 - 2.0 * t},52.0,GB" for n, t in enumerate(drawn.tolist())]
        text = "record_id,longitude,latitude,country\n" + "\n".join(rows) + "\n"
        (tmp_path / "firms.csv").write_text(text)
        study = run_study(StudyConfig.from_text(SIZE, base=tmp_path))
        assert len(study.regions) == len(TRUTH)
        where = np.rint((-1.0 - study.regions["longitude"]) / 2.0).astype(int)
        yield seed, study, drawn, where


def test_coverage_of_rank_intervals_on_a_world_with_known_truth(tmp_path):
    """Samples of one true world: does the 5-95 % interval of a rank hold the true rank?

    Nominal coverage is 90 %; ranks are coarse, so intervals hold more than that or, where sampling
    moves the median itself, a little less.  They must not buy it by width: five ranks wide they
    would hold everything.
    """
    held = exact = 0
    widths = []
    for seed, study, _, where in samples_of_truth(tmp_path, 8):
        ranks = run(study, draws=24, seed=seed, vary=Variation.only("resample")).ranks
        true_rank = (where + 1).reindex(ranks.index)
        held += int(((ranks["low"] <= true_rank) & (true_rank <= ranks["high"])).sum())
        exact += int((ranks["study"] == true_rank).sum())
        widths += (ranks["high"] - ranks["low"]).tolist()
    assert held / len(widths) >= 0.85
    assert exact < held, "the intervals hold true ranks that the sample's own ranks miss"
    assert np.mean(widths) < 2.0


def test_rank_intervals_are_those_of_counting_the_records_drawn(tmp_path):
    """Where regions stay whole, ranks follow from how often each town's firms were drawn."""
    draws, vary = 30, Variation.only("resample")
    for seed, study, town, where in samples_of_truth(tmp_path, 2):
        copies = [drawn_copies(len(town), vary, drawn_point(vary, seed, at)) for at in range(draws)]
        counts = np.array([np.bincount(town, each, len(TRUTH)) for each in copies])
        rank = 1 + (counts[:, None, :] > counts[:, :, None]).sum(axis=2)
        found = run(study, draws=draws, seed=seed, vary=vary)
        assert (found.status["same"] == 1).all()
        for region, row in found.ranks.iterrows():
            mine = np.sort(rank[:, where[region]])
            known = (row["low"], row["median"], row["high"])
            assert known == tuple(mine[[1, 14, 28]]), region  # first with 5, 50, 95 % behind it
        for one in found.pairwise.index:
            for other in found.pairwise.columns:
                beats = np.mean(rank[:, where[one]] < rank[:, where[other]])
                assert found.pairwise.loc[one, other] == pytest.approx(beats)


def test_sensitivity_names_what_moves_the_ranks(sample):
    vary = Variation(**{**vars(Variation.only("weights", "targets")), "targets": (1.0, 1.0)})
    table = rank_sensitivity(sample, n=4, vary=vary, by="input").table
    assert table.loc["targets", ["first", "total"]].tolist() == [0, 0]
    assert table.loc["weights", "total"] > 0.5


def test_regions_are_matched_by_shared_weight():
    own = np.array([0, 0, 0, 0, 1, 1, 2, 2, -1])
    drawn = np.array([0, 0, 1, 1, 1, 1, -1, -1, 2])
    weight = np.array([3.0, 1, 1, 1, 1, 1, 1, 1, 9])
    found = match_regions(own, drawn, weight, own_count=3, drawn_count=3, min_shared=0.5)
    assert found.tolist() == [0, 1, -1]
    strict = match_regions(own, drawn, weight, own_count=3, drawn_count=3, min_shared=1.01)
    assert strict.tolist() == [-1, -1, -1]


def test_a_merged_region_goes_to_the_heavier_and_the_other_vanishes():
    own, drawn = np.array([0, 0, 1, 1, 1]), np.zeros(5, dtype=np.int64)
    found = match_regions(own, drawn, np.ones(5), own_count=2, drawn_count=1, min_shared=0.5)
    assert found.tolist() == [1]


def test_jitter_is_even_over_the_disc_and_keeps_groups_together():
    n = 4000
    group = np.arange(n)
    lon, lat = np.full(n, 179.99), np.full(n, 65.0)
    east, north, km = moved(lon, lat, np.full(n, 5.0), group, u=0.3)
    there = great_circle_km(lon, lat, east, north)
    assert there == pytest.approx(km, abs=1e-6)
    assert km.max() <= 5
    assert np.mean(km < 5 / np.sqrt(2)) == pytest.approx(0.5, abs=0.03)
    assert np.abs(east).max() <= 180
    assert np.mean(north > 65) == pytest.approx(0.5, abs=0.03)
    one = moved(lon, lat, np.full(n, 5.0), np.zeros(n, dtype=np.int64), u=0.3)
    assert np.ptp(one[0]) == 0


def test_copies_of_ends_are_tied_with_each_other():
    ids = pd.Index(["p", "q", "r"])
    ties = pd.DataFrame({"organisation_a": ["p", "q"], "organisation_b": ["q", "r"], "weight": 1.0})
    drawn = repeated_ties(ties, (np.array([0, 1]), np.array([1, 2])), ids, np.array([2, 2, 0]))
    assert len(drawn) == 4
    assert len(drawn.drop_duplicates()) == 4
    assert not (drawn == "r").any().any()


def test_a_subsample_has_its_share_once():
    vary = replace(Variation.only("resample"), resample="subsample", subsample_share=0.8)
    copies = drawn_copies(200, vary, {"resample": 0.1})
    assert copies.sum() == 160
    assert copies.max() == 1


def test_a_bootstrap_changes_the_partition_only_by_weights(toy):
    chain = Chain.of(toy, Variation(), min_shared=0.5)
    label = label_records(toy.hierarchy, **toy.config.clustering.selection_arguments)["label"]
    assert label.nunique() == toy.clustering.region_of.nunique(dropna=False)
    outcome = chain.run(0, {"resample": 0.4})
    copies = drawn_copies(len(chain.records), chain.variation, {"resample": 0.4})
    assert ((outcome.stays == 2) == (copies == 0)).all()
    assert outcome.echo["records_drawn"] == int((copies > 0).sum())


def test_leaving_out_one_indicator_is_scoring_without_it(sample):
    left = leave_one_out(sample)
    specs = sample.config.scoring.indicators
    assert list(left.columns) == ["all", *(spec.name for spec in specs)]
    assert left["all"].equals(sample.scores.table["rank"].rename("all"))
    for spec in specs:
        rest = tuple(other for other in specs if other.name != spec.name)
        scored = score(
            sample.indicators.loc[left.index], replace(sample.config.scoring, indicators=rest)
        )
        assert left[spec.name].tolist() == scored.table["rank"].reindex(left.index).tolist()
    assert (left.drop(columns="all").ne(left["all"], axis=0)).any().any()


def test_dominance_by_its_definition():
    names = ["funding_usd", "tie_count"]
    specs = tuple(IndicatorSpec(name=name, dimension="x") for name in names)
    framework = Framework(name="two", indicators=specs)
    values = [[5.0, 5.0], [5.0, 4.0], [6.0, 1.0], [1.0, np.nan], [5.0, 5.0]]
    indicators = pd.DataFrame(values, index=list("abcde"), columns=names)
    study = SimpleNamespace(scores=score(indicators, framework), indicators=indicators)
    over = dominance(study).loc[list("abcde")]
    # a and e are equal and beat b and d; b and c beat d; the missing value is the last place
    assert over["dominates"].tolist() == [2, 1, 1, 0, 2]
    assert over["dominated_by"].tolist() == [0, 2, 0, 4, 0]
    assert over["best_rank"].tolist() == [1, 3, 1, 5, 1]
    assert over["worst_rank"].tolist() == [3, 4, 4, 5, 3]


def test_no_weights_lead_out_of_what_dominance_allows(sample):
    over = dominance(sample)
    index, specs = over.index, sample.config.scoring.indicators
    rng = np.random.default_rng(1)
    for _ in range(20):
        weighted = tuple(replace(spec, weight=float(rng.gamma(0.3)) + 1e-6) for spec in specs)
        framework = replace(sample.config.scoring, indicators=weighted)
        rank = score(sample.indicators.loc[index], framework).table["rank"].reindex(index)
        assert (over["best_rank"] <= rank).all()
        assert (rank <= over["worst_rank"]).all()
    assert over["dominates"].sum() == over["dominated_by"].sum()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"resample": "jackknife"}, "resample"),
        ({"jitter_km": {"street": 1.0}}, "street"),
        ({"jitter_km": {"city": -1.0}}, "city"),
        ({"reach_km": (0.0, 1.0)}, "reach_km"),
        ({"min_membership": (-2.0, 0.0)}, "min_membership"),
        ({"normalise": ("ranks",)}, "ranks"),
        ({"weight_concentration": 0.0}, "weight_concentration"),
        ({"leave_out": 1.5}, "leave_out"),
        ({"subsample_share": 0.0}, "subsample_share"),
    ],
)
def test_faults_of_a_variation_are_told(wrong, message):
    with pytest.raises(ParameterError, match=message):
        Variation(**wrong)


def test_faults_of_a_run_are_told(toy):
    with pytest.raises(ParameterError, match="draws is 0"):
        run(toy, draws=0)
    with pytest.raises(ParameterError, match="workers is 0"):
        run(toy, draws=1, workers=0)
    with pytest.raises(ParameterError, match="min_shared"):
        run(toy, draws=1, min_shared=2.0)
    with pytest.raises(ParameterError, match="no input 'wieghts'"):
        Variation.only("wieghts")
    with pytest.raises(ParameterError, match="at least one"):
        rank_sensitivity(toy, n=2, vary=Variation.none())
    upstream = toy.config.clustering.model_copy(update={"engine": "hdbscan"})
    config = toy.config.model_copy(update={"clustering": upstream})
    with pytest.raises(ParameterError, match='engine "geoclust" only'):
        run(replace(toy, config=config), draws=1)
    with pytest.raises(ParameterError, match="by is"):
        rank_sensitivity(toy, n=2, by="region")
