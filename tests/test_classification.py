"""Indicators + Thresholds -> status, margins, gaps."""

import itertools
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoclust.classification import (
    Bars,
    Criterion,
    Thresholds,
    UnitCosts,
    classify,
    knife_edge,
    threshold_frontier,
)
from geoclust.errors import ParameterError, SchemaError

NAN = np.nan
COLUMNS = ("activity", "firm_count", "lab_count", "patent_count", "funding_usd", "category_count")
KINDS = ("firm", "lab", "patent")


def table_of(area_km2: float = 100.0, **rows: tuple[float, ...]) -> pd.DataFrame:
    """Indicators of regions; on 100 km2, density equals activity."""
    table = pd.DataFrame(rows, index=list(COLUMNS)).T.astype(float).rename_axis("region_id")
    table["reach_area_km2"] = area_km2
    table["activity_density_per_100km2"] = 100 * table["activity"] / area_km2
    return table


SIMPLE = Thresholds(
    cluster=Bars(min_density=4, min_capability=0.6),
    quasi=Bars(min_density=2, min_capability=0.3),
    criteria=(
        Criterion(name="firms", indicator="firm_count", target=10),
        Criterion(name="labs", indicator="lab_count", target=5),
    ),
)


def simple(density: float, capability: float) -> tuple[float, ...]:
    """A region of a given density and capability (half from each criterion)."""
    return (density, 10 * capability, 5 * capability, 0, 0, 0)


def test_every_combination_of_bars_by_hand():
    levels = (1.0, 2.0, 3.0, 4.0, 9.0)
    shares = (0.1, 0.3, 0.5, 0.6, 1.0)
    rows = {
        f"d{i}c{j}": simple(d, c)
        for (i, d), (j, c) in itertools.product(enumerate(levels), enumerate(shares))
    }
    table = classify(table_of(**rows), SIMPLE).table
    code = table["status"].str[:1].where(table["tier"].isna(), table["tier"].astype("str"))
    assert code.to_numpy().reshape(5, 5).tolist() == [
        ["n", "n", "n", "n", "n"],
        ["n", "2", "2", "1", "1"],
        ["n", "2", "2", "1", "1"],
        ["n", "1", "1", "c", "c"],
        ["n", "1", "1", "c", "c"],
    ]


def test_capability_by_hand():
    found = classify(table_of(x=(30, 5, 6, 0, 25e6, 1)))
    # 5/10, min(1, 6/3), 0/20, 25/50, 1/4, a fifth each
    assert found.table.loc["x", "capability"] == pytest.approx((0.5 + 1 + 0 + 0.5 + 0.25) / 5)
    assert found.criteria["share"].tolist() == [0.5, 1, 0, 0.5, 0.25]
    assert found.criteria["weight"].sum() == pytest.approx(1)


def test_weights_of_criteria():
    heavy = Thresholds(
        criteria=(
            Criterion(name="firms", indicator="firm_count", target=10, weight=3),
            Criterion(name="labs", indicator="lab_count", target=4),
        )
    )
    assert classify(table_of(x=(30, 5, 4, 0, 0, 0)), heavy).table.loc["x", "capability"] == 0.625


def test_margins_by_hand():
    found = classify(table_of(x=simple(5, 0.45)), SIMPLE)
    assert found.tests.drop(columns="region_id").round(9).to_numpy().tolist() == [
        ["cluster density", 5.0, 4.0, True, 0.25],
        ["cluster capability", 0.45, 0.6, False, -0.25],
        ["quasi density", 5.0, 2.0, True, 1.5],
        ["quasi capability", 0.45, 0.3, True, 0.5],
    ]


def test_a_value_on_the_bar_passes_whatever_the_rounding():
    """0.2 + 0.2 + 0.2 is more than 0.6 in floating point, 1 - 0.4 less."""
    three_of_five = table_of(x=(3, 10, 3, 20, 0, 0), y=(3, 10, 0, 0, 50e6, 4))
    assert (classify(three_of_five).status == "cluster").all()


def test_missing_counts_as_zero_for_the_status_and_one_above():
    rows = {
        "open": (9, 10, 3, 0, NAN, 0),  # 0.4, or 0.6 with funding
        "shut": (9, 10, 0, 0, NAN, 0),  # 0.2, or 0.4 with funding
        "sure": (9, 10, 3, 20, NAN, 4),  # 0.8, or 1
        "thin": (1, 10, 3, 0, NAN, 0),  # too thin whatever the funding
    }
    table = classify(table_of(**rows)).table
    assert table["capability"].round(9).tolist() == [0.4, 0.2, 0.8, 0.4]
    assert table["capability_upper"].round(9).tolist() == [0.6, 0.4, 1.0, 0.6]
    assert table["undetermined"].tolist() == [True, True, False, False]
    assert table["status"].tolist() == ["quasi-cluster", "none", "cluster", "none"]


def test_missing_density_fails_and_leaves_open():
    table = table_of(x=simple(9, 1), y=simple(9, 0.1))
    table["activity_density_per_100km2"] = NAN
    table["reach_area_km2"] = NAN
    found = classify(table, SIMPLE)
    assert found.status.tolist() == ["none", "none"]
    assert found.table["undetermined"].tolist() == [True, False]
    assert found.gaps["summary"].str.startswith("unknown").all()
    assert found.gaps["cost"].isna().all()


def test_nothing_to_judge():
    found = classify(table_of().reindex([]).rename_axis("region_id"))
    assert (len(found.table), len(found.tests), len(found.criteria), len(found.gaps)) == (
        0,
        0,
        0,
        0,
    )
    assert found.table["tier"].dtype == "Int64"
    assert found.is_cluster.dtype == bool
    assert threshold_frontier(table_of())["changed_count"].sum() == 0
    assert knife_edge(found).empty


def test_row_order_does_not_matter_and_inputs_are_unchanged():
    table = table_of(a=simple(5, 0.4), b=simple(1, 0.9), c=simple(9, 0.9), d=(3, 1, NAN, 0, 0, 0))
    before = pd.util.hash_pandas_object(table).sum()
    found, mixed = classify(table, SIMPLE), classify(table.loc[list("dbca")], SIMPLE)
    threshold_frontier(table, SIMPLE)
    assert pd.util.hash_pandas_object(table).sum() == before
    pd.testing.assert_frame_equal(found.table, mixed.table.loc[list("abcd")])
    pd.testing.assert_frame_equal(found.gaps, mixed.gaps.loc[found.gaps.index])
    assert found.is_cluster.tolist() == [False, False, True, False]
    assert found.is_quasi.tolist() == [True, False, False, False]


def test_gap_in_words():
    table = table_of(density=(1, 10, 5, 0, 0, 0), both=(0, 0, 0, 0, 0, 0), money=(9, 9, 0, 0, 0, 0))
    funded = (*SIMPLE.criteria, Criterion(name="funding", indicator="funding_usd", target=1e6))
    gaps = classify(table, SIMPLE).gaps
    # capability per cost: a firm 0.05 for 1, a lab 0.1 for 3; density per cost: a patent 1 for 0.4
    assert gaps["summary"].tolist() == [
        "3 more patents",
        "10 more firms and 1 lab",
        "1 more firm and 1 lab",
    ]
    assert gaps["cost"].tolist() == [pytest.approx(1.2), 13, 4]
    with_funding = classify(table, replace(SIMPLE, criteria=funded)).gaps
    assert with_funding["summary"].tolist()[2] == "USD 0.90 million of funding more"


def test_gap_of_one_kind_each_in_words():
    criteria = {
        "firm_count": "1 more firm",
        "lab_count": "1 more lab",
        "patent_count": "1 more patent",
        "funding_usd": "USD 0.01 million of funding more",
    }
    for indicator, words in criteria.items():
        one = (Criterion(name="it", indicator=indicator, target=1),)
        gaps = classify(table_of(x=(9, 0, 0, 0, 0, 0)), Thresholds(criteria=one)).gaps
        assert gaps["summary"].tolist() == [words]


def test_a_gap_that_no_addition_closes():
    only_kinds = (Criterion(name="kinds", indicator="category_count", target=4),)
    found = classify(table_of(x=(9, 0, 0, 0, 0, 1)), Thresholds(criteria=only_kinds))
    gap = found.gaps.loc["x"]
    assert gap.drop("summary").isna().all()
    assert "could reach 0.25 of 0.60" in gap["summary"]


def test_a_kind_without_a_table_is_asked_for_only_where_nothing_else_suffices():
    table = table_of(x=(1, 10, 5, NAN, 0, 0), y=(1, 0, 1, NAN, 0, 0))
    gaps = classify(table, SIMPLE).gaps
    assert gaps.loc["x", ["summary", "cost"]].tolist() == ["3 more firms", 3.0]
    assert (gaps["patents"] == 0).all()
    patents = (Criterion(name="patents", indicator="patent_count", target=5),)
    forced = classify(table, replace(SIMPLE, criteria=patents)).gaps
    assert forced.loc["x", "summary"] == "3 more patents"
    assert forced.loc["x", "cost"] == pytest.approx(1.2)
    assert classify(table.fillna(0.0), SIMPLE).gaps.loc["x", "summary"] == "3 more patents"


def test_clusters_have_no_gap():
    gaps = classify(table_of(a=simple(9, 1), b=simple(1, 0.1)), SIMPLE).gaps
    assert gaps.index.tolist() == ["b"]


def added(table: pd.DataFrame, gaps: pd.DataFrame, kind_weights: dict[str, float]) -> pd.DataFrame:
    """The indicators with the gaps filled."""
    after = table.loc[gaps.index].fillna(0.0)
    counts = gaps[["firms", "labs", "patents"]].astype(float).set_axis(KINDS, axis=1)
    for kind in KINDS:
        after[f"{kind}_count"] += counts[kind]
        after["activity"] += counts[kind] * kind_weights[kind]
    after["funding_usd"] += gaps["funding_usd"]
    if "institution_count" in after:
        after["institution_count"] += counts["firm"] + counts["lab"]
    after["activity_density_per_100km2"] = 100 * after["activity"] / after["reach_area_km2"]
    return after


SMALL = st.integers(0, 6)
TARGET = st.integers(1, 6)
COST = st.sampled_from([0.3, 0.5, 1.0, 1.5, 4.0])
KIND_WEIGHT = st.sampled_from([0.25, 1 / 3, 0.5, 1.0, 2.0])


@st.composite
def problems(draw: st.DrawFn) -> tuple[pd.DataFrame, Thresholds, dict[str, float]]:
    table = table_of(
        area_km2=draw(st.sampled_from([100.0, 314.159])), x=[draw(SMALL) for _ in COLUMNS]
    )
    table.loc["x", "funding_usd"] = draw(st.one_of(st.just(NAN), st.floats(0, 8)))
    table["institution_count"] = table["firm_count"] + table["lab_count"]
    criteria = [
        Criterion(name=name, indicator=name, target=draw(TARGET), weight=draw(COST))
        for name in (
            "firm_count",
            "lab_count",
            "patent_count",
            "funding_usd",
            "category_count",
            "institution_count",
        )
        if draw(st.booleans())
    ]
    criteria = criteria or [Criterion(name="firms", indicator="firm_count", target=draw(TARGET))]
    thresholds = Thresholds(
        cluster=Bars(
            min_density=draw(st.sampled_from([0.5, 1.0, 1.7, 4.0, 8.0])),
            min_capability=draw(st.sampled_from([0.1, 0.3, 0.5, 0.6, 0.75, 1.0])),
        ),
        quasi=Bars(min_density=0.5, min_capability=0.1),
        criteria=tuple(criteria),
        unit_costs=UnitCosts(
            firm=draw(COST), lab=draw(COST), patent=draw(COST), funding_usd=draw(COST)
        ),
    )
    return table, thresholds, {kind: draw(KIND_WEIGHT) for kind in KINDS}


def cheapest_by_brute_force(
    table: pd.DataFrame, thresholds: Thresholds, kind_weights: dict[str, float]
) -> tuple[float, tuple[int, ...]] | None:
    """Least cost over a box that holds every sensible combination, funding in closed form."""
    row = table.iloc[0].fillna(0.0)
    bars, costs = thresholds.cluster, thresholds.unit_costs
    lacking = max(0.0, bars.min_density * row["reach_area_km2"] / 100 - row["activity"])
    most = [int(max(6, np.ceil(lacking / kind_weights[kind]))) for kind in KINDS]
    firms, labs, patents = np.meshgrid(*[np.arange(n + 1) for n in most], indexing="ij")
    gained = (
        firms * kind_weights["firm"] + labs * kind_weights["lab"] + patents * kind_weights["patent"]
    )
    dense = gained >= lacking - 1e-9
    rises = {
        "firm_count": firms,
        "lab_count": labs,
        "patent_count": patents,
        "institution_count": firms + labs,
    }
    total = sum(criterion.weight for criterion in thresholds.criteria)
    capability, funding_criterion = np.zeros(firms.shape), None
    for criterion in thresholds.criteria:
        if criterion.indicator == "funding_usd":
            funding_criterion = criterion
        value = row[criterion.indicator] + rises.get(criterion.indicator, 0)
        capability += criterion.weight / total * np.minimum(1, value / criterion.target)
    lack = np.maximum(bars.min_capability - capability, 0)
    funding = np.where(lack > 1e-9, np.inf, 0.0)
    if funding_criterion is not None:
        share = lack / (funding_criterion.weight / total)
        room = max(0.0, 1 - row["funding_usd"] / funding_criterion.target)
        needed = share * funding_criterion.target + max(
            0.0, row["funding_usd"] - funding_criterion.target
        )
        funding = np.where(lack > 1e-9, np.where(share <= room + 1e-9, needed, np.inf), 0.0)
    spent = firms * costs.firm + labs * costs.lab + patents * costs.patent
    cost = np.where(dense, spent + funding * costs.funding_usd, np.inf)
    if np.isinf(cost.min()):
        return None
    best = np.argwhere(cost <= cost.min() + 1e-7)
    return float(cost.min()), tuple(int(n) for n in best[0])


@settings(max_examples=120)
@given(problems())
def test_no_cheaper_combination_passes(problem: tuple):
    """The gap passes both bars, costs the least there is, and ties go to the fewest firms."""
    table, thresholds, kind_weights = problem
    found = classify(table, thresholds, kind_weights=kind_weights)
    if not len(found.gaps):
        return
    gap, want = found.gaps.iloc[0], cheapest_by_brute_force(table, thresholds, kind_weights)
    if want is None:
        assert pd.isna(gap["cost"])
        return
    cost, counts = want
    assert gap["cost"] == pytest.approx(cost, abs=1e-6)
    assert (gap["firms"], gap["labs"], gap["patents"]) == counts
    after = classify(added(table, found.gaps, kind_weights), thresholds)
    assert after.status.tolist() == ["cluster"]
    assert gap["density_after"] == pytest.approx(after.table.iloc[0]["activity_density_per_100km2"])
    assert gap["capability_after"] == pytest.approx(after.table.iloc[0]["capability"])


def test_large_targets_stay_fast():
    criteria = (
        Criterion(name="firms", indicator="firm_count", target=1000),
        Criterion(name="labs", indicator="lab_count", target=100),
        Criterion(name="patents", indicator="patent_count", target=5000),
        Criterion(name="funding", indicator="funding_usd", target=1e9),
    )
    thresholds = Thresholds(criteria=criteria)
    table = table_of(area_km2=20_000, x=(40, 3, 1, 2, 1e6, 0))
    start = time.perf_counter()
    gaps = classify(table, thresholds, kind_weights={"firm": 1, "lab": 1, "patent": 0.1}).gaps
    assert time.perf_counter() - start < 20
    assert classify(
        added(table, gaps, {"firm": 1, "lab": 1, "patent": 0.1}), thresholds
    ).is_cluster.all()


def test_frontier_by_hand():
    table = table_of(a=simple(4, 0.6), b=simple(6, 0.9), c=simple(2, 0.3))
    moved = threshold_frontier(table, SIMPLE, factors=(0.4, 1, 1.5, 1.6))
    rows = moved.set_index(["bar", "factor"])
    assert rows.loc[("cluster density", 1.0), "changed_count"] == 0
    assert rows.loc[("cluster density", 1.5), ["cluster", "quasi-cluster", "none"]].tolist() == [
        1,
        2,
        0,
    ]
    assert rows.loc[("cluster density", 1.6), "changed"] == "a;b"
    assert ("cluster density", 0.4) not in rows.index, (
        "the cluster bar would be below the quasi bar"
    )
    assert ("cluster capability", 1.6) in rows.index
    assert rows.loc[("cluster capability", 1.6), "value"] == pytest.approx(0.96)
    assert rows.loc[("quasi density", 1.5), "changed"] == "c"


def random_regions(count: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = {
        f"r{n:04d}": simple(density, capability)
        for n, (density, capability) in enumerate(
            zip(rng.uniform(0.5, 8, count).round(2), rng.uniform(0, 1, count).round(2), strict=True)
        )
    }
    return table_of(**rows)


def judged_by_hand(density: float, capability: float, bars: dict[str, float]) -> str:
    if density >= bars["cluster density"] and capability >= bars["cluster capability"]:
        return "cluster"
    passed = density >= bars["quasi density"] and capability >= bars["quasi capability"]
    return "quasi-cluster" if passed else "none"


BARS = {
    "cluster density": 4.0,
    "cluster capability": 0.6,
    "quasi density": 2.0,
    "quasi capability": 0.3,
}


def test_frontier_is_judging_again_with_each_bar_moved():
    table = random_regions(60)
    capability = table["firm_count"] / 10
    frontier = threshold_frontier(table, SIMPLE, factors=(0.5, 0.85, 1.0, 1.2, 1.6, 2.0))
    before = [
        judged_by_hand(d, c, BARS) for d, c in zip(table["activity"], capability, strict=True)
    ]
    seen = set()
    for row in frontier.itertuples():
        bars = BARS | {row.bar: BARS[row.bar] * row.factor}
        assert row.value == pytest.approx(bars[row.bar])
        now = [
            judged_by_hand(d, c, bars) for d, c in zip(table["activity"], capability, strict=True)
        ]
        counts = frontier.loc[row.Index, ["cluster", "quasi-cluster", "none"]].tolist()
        assert counts == [now.count(name) for name in ("cluster", "quasi-cluster", "none")]
        changed = [r for r, old, new in zip(table.index, before, now, strict=True) if old != new]
        assert row.changed == ";".join(changed)
        assert row.changed_count == len(changed)
        seen.add((row.bar, row.factor))
    allowed = {
        (bar, factor)
        for bar, factor in itertools.product(BARS, (0.5, 0.85, 1.0, 1.2, 1.6, 2.0))
        if BARS[bar] * factor <= (1 if "capability" in bar else np.inf)
        and not (bar.startswith("quasi") and factor > 2)
    }
    assert seen == allowed


def test_knife_edges_are_the_regions_that_a_bar_moved_past_them_would_change():
    table = random_regions(80, seed=1)
    found = classify(table, SIMPLE)
    edges = knife_edge(found, within=0.1)
    want = {}
    for name, density in table["activity"].items():
        value = {"density": density, "capability": table.at[name, "firm_count"] / 10}
        for bar, at in BARS.items():
            own = value[bar.split()[1]]
            beyond = own * (1 + 1e-6) if own >= at else own * (1 - 1e-6)
            old = judged_by_hand(*value.values(), BARS)
            new = judged_by_hand(*value.values(), BARS | {bar: beyond})
            if abs(own / at - 1) <= 0.1 and old != new:
                want[name, bar] = (old, new)
    got = {(row.region_id, row.test): (row.status, row.status_if) for row in edges.itertuples()}
    assert got == want
    assert len(want) > 5
    assert edges["margin"].abs().round(9).is_monotonic_increasing


def test_a_thousand_regions_take_next_to_no_time():
    """The bound is many times what it takes."""
    table = random_regions(1000)
    start = time.perf_counter()
    frontier = threshold_frontier(table, SIMPLE)
    edges = knife_edge(classify(table, SIMPLE))
    assert time.perf_counter() - start < 20
    assert len(frontier) > 30
    assert len(edges) > 100


def test_knife_edge_names_regions_whose_status_hangs_on_a_bar():
    table = table_of(
        just_in=simple(4.2, 0.9),
        just_out=simple(3.8, 0.9),
        safe=simple(9, 0.9),
        irrelevant=simple(3.9, 0.1),  # near the density bar, but capability fails anyway
        lower=simple(2.1, 0.4),
    )
    edge = knife_edge(classify(table, SIMPLE)).set_index("region_id")
    assert edge["test"].to_dict() == {
        "just_in": "cluster density",
        "just_out": "cluster density",
        "lower": "quasi density",
    }
    assert edge["status_if"].to_dict() == {
        "just_in": "quasi-cluster",
        "just_out": "cluster",
        "lower": "none",
    }
    with pytest.raises(ParameterError, match="within"):
        knife_edge(classify(table, SIMPLE), within=-1)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Bars(min_density=0, min_capability=0.5), "min_density is 0"),
        (lambda: Bars(min_density=NAN, min_capability=0.5), "min_density is nan"),
        (lambda: Bars(min_density=1, min_capability=1.1), "min_capability is 1.1"),
        (lambda: Criterion(name="x", indicator="firm_count", target=0), "target is 0"),
        (lambda: Criterion(name="x", indicator="firm_count", target=1, weight=-1), "weight is -1"),
        (lambda: UnitCosts(firm=0, lab=-1), "firm is 0.*lab is -1"),
        (lambda: Thresholds(criteria=()), "no criteria"),
        (lambda: Thresholds(criteria=SIMPLE.criteria * 2), "'firms' is named twice.*'labs'"),
        (
            lambda: Thresholds(quasi=Bars(min_density=9, min_capability=0.9)),
            "quasi.min_density is 9.*quasi.min_capability is 0.9",
        ),
    ],
)
def test_bad_thresholds_are_refused(make: object, words: str):
    with pytest.raises(ParameterError, match=words):
        make()


def test_thresholds_from_a_mapping():
    made = Thresholds.from_mapping(
        {
            "cluster": {"min_density": 5, "min_capability": 0.7},
            "criteria": [{"name": "ties", "indicator": "tie_count", "target": 30}],
            "unit_costs": {"lab": 9.0},
        }
    )
    assert made.cluster == Bars(min_density=5, min_capability=0.7)
    assert made.quasi == Thresholds().quasi
    assert made.criteria == (Criterion(name="ties", indicator="tie_count", target=30),)
    assert made.unit_costs == UnitCosts(lab=9.0)
    assert Thresholds.from_mapping({}) == Thresholds()


def test_faults_of_a_mapping_all_at_once():
    with pytest.raises(ParameterError) as caught:
        Thresholds.from_mapping(
            {
                "clusters": {},
                "quasi": 3,
                "cluster": {"min_density": -1, "min_capability": 0.5},
                "criteria": [
                    {"name": "a", "indicator": "firms_count", "target": 1},
                    {"name": "b", "indicator": "lab_count", "traget": 1},
                    {"name": "c"},
                ],
            }
        )
    message = str(caught.value)
    for words in (
        "'clusters'; did you mean 'cluster'?",
        "quasi is 3; want a table",
        "min_density is -1",
        "'firms_count'; did you mean 'firm_count'?",
        "'criteria[1].traget'; did you mean 'target'?",
        "criteria[2]",
    ):
        assert words in message


def test_refusals():
    table = table_of(x=simple(1, 1))
    with pytest.raises(
        ParameterError, match=r"'firms' asks for 'firm_count'.*did you mean 'firm_conut'"
    ):
        classify(table.rename(columns={"firm_count": "firm_conut"}))
    with pytest.raises(SchemaError, match="activity_density"):
        classify(table.drop(columns="activity_density_per_100km2"))
    with pytest.raises(ParameterError, match="kind_weights"):
        classify(table, kind_weights={"firms": 1})
