"""Which indicators separate clusters from quasi-clusters."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from geoclust.classification import (
    Bars,
    Criterion,
    Thresholds,
    classify,
    find_drivers,
)
from geoclust.classification.drivers import WARNING, cliffs_delta
from geoclust.errors import ParameterError

NAN = np.nan
THRESHOLDS = Thresholds(
    cluster=Bars(min_density=4, min_capability=0.6),
    quasi=Bars(min_density=2, min_capability=0.3),
    criteria=(Criterion(name="labs", indicator="lab_count", target=5),),
)


def table_of(clusters: int, quasi: int, **columns: list[float]) -> pd.DataFrame:
    """Regions c00 ... and q00 ...; on 100 km2, density equals activity."""
    names = [f"c{n:02d}" for n in range(clusters)] + [f"q{n:02d}" for n in range(quasi)]
    table = pd.DataFrame(index=pd.Index(names, name="region_id"))
    table["activity"] = [9.0] * clusters + [3.0] * quasi
    table["reach_area_km2"] = 100.0
    table["activity_density_per_100km2"] = table["activity"]
    table["lab_count"] = [5.0] * clusters + [2.0] * quasi
    for name in ("firm_count", "patent_count", "funding_usd"):
        table[name] = 0.0
    return table.assign(**{name: np.asarray(values) for name, values in columns.items()})


def drivers_of(table: pd.DataFrame, *names: str, **options: object):
    return find_drivers(table, classify(table, THRESHOLDS), names=list(names) or None, **options)


def test_cliffs_delta_by_hand_and_by_the_u_statistic():
    assert cliffs_delta(np.array([3.0, 5.0]), np.array([1.0, 3.0, 4.0])) == pytest.approx(3 / 6)
    rng = np.random.default_rng(0)
    for _ in range(20):
        a, b = rng.integers(0, 6, 9).astype(float), rng.integers(0, 6, 13).astype(float)
        u = stats.mannwhitneyu(a, b).statistic
        assert cliffs_delta(a, b) == pytest.approx(2 * u / (9 * 13) - 1)
    assert np.isnan(cliffs_delta(np.array([]), np.array([1.0])))


def test_effects_intervals_and_order():
    rng = np.random.default_rng(1)
    strong = np.concatenate([rng.normal(1.5, 1, 15), rng.normal(0, 1, 20)])
    noise = rng.normal(size=35)
    table = table_of(15, 20, tie_count=strong, brokerage=noise, population=-strong)
    found = drivers_of(table, "brokerage", "tie_count", "population").table
    assert found.index.tolist() == ["population", "tie_count", "brokerage"]
    assert found.loc["tie_count", "effect"] == pytest.approx(-found.loc["population", "effect"])
    assert found["separates"].to_dict() == {
        "population": True,
        "tie_count": True,
        "brokerage": False,
    }
    assert ((found["low"] <= found["effect"]) & (found["effect"] <= found["high"])).all()
    assert found.loc["tie_count", ["cluster_count", "quasi_count"]].tolist() == [15, 20]
    assert found.loc["tie_count", "cluster_median"] == np.median(strong[:15])
    assert found.loc["tie_count", ["factor", "dimension"]].tolist() == [
        *("institutional", "collaboration_intensity")
    ]


def test_the_interval_covers_the_true_effect_about_as_often_as_it_says():
    """Two normals a standard deviation apart: delta = 2 Phi(1 / sqrt 2) - 1 = 0.52."""
    truth = 2 * stats.norm.cdf(1 / np.sqrt(2)) - 1
    rng = np.random.default_rng(2)
    names = ["area_km2", "population", "gdp_usd", "tie_count", "tie_weight", "brokerage"]
    hits = total = 0
    for _ in range(25):
        columns = {n: np.r_[rng.normal(1, 1, 18), rng.normal(0, 1, 22)] for n in names}
        found = drivers_of(table_of(18, 22, **columns), *names, draws=500).table
        hits += int(((found["low"] <= truth) & (truth <= found["high"])).sum())
        total += len(names)
    assert 0.88 <= hits / total <= 0.99


def test_what_enters_the_verdict_is_said_to():
    found = drivers_of(
        table_of(6, 6, institutions_per_million=range(12), tie_count=range(12))
    ).table
    verdict = found["in_verdict"].to_dict()
    assert verdict["lab_count"] == verdict["activity_density_per_100km2"] == "direct"
    assert verdict["activity"] == verdict["reach_area_km2"] == "in part"
    assert verdict["institutions_per_million"] == "in part", "by way of institution_count"
    assert verdict["tie_count"] == verdict["firm_count"] == "no"


def test_stated_values_at_the_edges():
    table = table_of(
        6,
        6,
        tie_count=[9, 9, 9, 9, 9, 9, 1, 1, 1, 1, 1, 1],
        tie_weight=[1, 1, 1, 1, 1, 1, 9, 9, 9, 9, 9, 9],
        brokerage=[3] * 12,
        population=[NAN] * 6 + [1] * 6,
        gdp_usd=[1, 2, 3, NAN, NAN, NAN, 2, 3, 4, 5, 6, 7],
        area_km2=[np.inf, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6],
    )
    names = ["tie_count", "tie_weight", "brokerage", "population", "gdp_usd", "area_km2"]
    found = drivers_of(table, *names).table
    bound = 2 * 0.025 ** (1 / 6) - 1
    want = {"tie_count": [1, bound, 1], "tie_weight": [-1, -1, -bound], "brokerage": [0, 0, 0]}
    for name, numbers in want.items():
        assert found.loc[name, ["effect", "low", "high"]].tolist() == pytest.approx(numbers)
    assert found.loc["tie_count", "note"].startswith("no overlap")
    assert found.index[-1] == "population"
    assert found.loc["population", ["effect", "low"]].isna().all()
    assert found.loc["population", "note"] == "no value in a group"
    assert not found.loc["population", "separates"]
    assert found.loc["gdp_usd", "note"] == "fewer than 5 values in a group: no interval"
    assert found.loc["gdp_usd", "effect"] == pytest.approx(-14 / 18)
    assert pd.isna(found.loc["gdp_usd", "low"])
    assert found.loc["area_km2", "cluster_count"] == 5, "infinite is missing"


@pytest.mark.parametrize(("clusters", "quasi"), [(0, 0), (3, 0), (0, 3), (1, 1)])
def test_without_a_group_nothing_is_told(clusters, quasi):
    found = drivers_of(table_of(clusters, quasi), "firm_count")
    assert not found.table["separates"].any()
    assert found.table.loc["firm_count", "note"]
    assert "0 of 1 indicators separate" in repr(found)


def test_row_order_does_not_matter_and_the_warning_goes_with_it():
    rng = np.random.default_rng(3)
    table = table_of(8, 9, tie_count=rng.normal(size=17), brokerage=rng.normal(size=17))
    base = drivers_of(table, "tie_count", "brokerage")
    mixed = drivers_of(table.sample(frac=1, random_state=1), "tie_count", "brokerage")
    pd.testing.assert_frame_equal(base.table, mixed.table, check_exact=True)
    assert base.warning == WARNING
    assert "association, not cause" in repr(base)
    draws = [drivers_of(table, "tie_count", seed=n, draws=20).table.iloc[0] for n in range(4)]
    assert len({(row["low"], row["high"]) for row in draws}) > 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"names": ["tie_cuont"]}, "lack 'tie_cuont'; did you mean 'tie_count'"),
        ({"draws": 0}, "draws is 0"),
        ({"confidence": 95}, "confidence is 95; want between 0 and 1"),
    ],
)
def test_faults_are_named(options, words):
    table = table_of(2, 2, tie_count=[1, 2, 3, 4])
    with pytest.raises(ParameterError, match=words):
        find_drivers(table, classify(table, THRESHOLDS), **options)
