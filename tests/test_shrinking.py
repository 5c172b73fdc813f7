"""Shares and rates drawn towards what is usual."""

import numpy as np
import pandas as pd
import pytest

from geoclust.catalogue import INDICATORS
from geoclust.errors import ParameterError, SchemaError
from geoclust.indicators import empirical_bayes, publication_count, shrink
from geoclust.indicators.shrinking import RATIOS

NAN = np.nan


def test_rates_by_hand():
    """m = 16/12, s2 = 5/9, A = 5/9 - (4/3)/6 = 1/3; own weights 1/3 / (1/3 + (4/3)/n)."""
    found = empirical_bayes(pd.Series([6.0, 10.0]), pd.Series([2.0, 10.0]), name="r")
    assert found["r_own_weight"].tolist() == pytest.approx([1 / 3, 5 / 7])
    assert found["r"].tolist() == pytest.approx([4 / 3 + 1 / 3 * 5 / 3, 4 / 3 - 5 / 7 / 3])


def test_shares_by_hand():
    """8 of 10 and 0 of 10: m = 0.4, v = 0.24, s2 = 0.16, A = 0.136."""
    found = empirical_bayes(pd.Series([8.0, 0.0]), pd.Series([10.0, 10.0]), name="s", share=True)
    own = 0.136 / (0.136 + 0.024)
    assert found["s_own_weight"].tolist() == pytest.approx([own, own])
    assert found["s"].tolist() == pytest.approx([0.4 + own * 0.4, 0.4 - own * 0.4])


@pytest.mark.parametrize("share", [False, True])
def test_stated_values_at_the_edges(share):
    def shrunk(events, exposure):
        table = empirical_bayes(
            pd.Series(events, dtype=float), pd.Series(exposure, dtype=float), name="x", share=share
        )
        return table["x"].tolist()

    assert shrunk([3], [4]) == [0.75], "a region alone keeps its ratio"
    assert shrunk([0, 0], [4, 9]) == [0, 0]
    assert shrunk([1, 2], [4, 8]) == [0.25, 0.25]
    assert shrunk([4, 4], [4, 4]) == [1, 1]
    assert shrunk([1, 3], [4, 4]) == [0.5, 0.5], "no more apart than chance has them"
    missing = shrunk([1, NAN, 3, 5], [4, 4, 0, NAN])
    assert missing[0] == 0.25
    assert np.isnan(missing[1:]).all(), "missing stays missing"
    assert np.isnan(shrunk([NAN], [NAN])).all()
    assert shrunk([], []) == []


def test_estimates_are_nearer_the_truth_than_the_observed_rates():
    rng = np.random.default_rng(0)
    nearer = 0
    for _ in range(50):
        exposure = pd.Series(rng.integers(1, 40, 40).astype(float))
        truth = rng.gamma(8, 0.1, 40)
        events = pd.Series(rng.poisson(truth * exposure).astype(float))
        estimate = empirical_bayes(events, exposure, name="r")["r"]
        observed = events / exposure
        nearer += ((estimate - truth) ** 2).sum() < ((observed - truth) ** 2).sum()
    assert nearer >= 47


def table_of_ratios() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    table = pd.DataFrame(index=pd.Index([*"abcdef"], name="region_id"))
    for parts in RATIOS.values():
        table[parts.events] = rng.integers(0, 8, 6).astype(float)
    for parts in RATIOS.values():
        table[parts.exposure] = rng.integers(8, 30, 6) * parts.unit
    for name, parts in RATIOS.items():
        table[name] = table[parts.events] / (table[parts.exposure] / parts.unit)
        table[f"{name}_low"] = 0.0
    return table


def test_shrink_replaces_and_keeps_the_observed():
    table = table_of_ratios()
    before = table.copy()
    found = shrink(table)
    pd.testing.assert_frame_equal(table, before)
    assert set(found) == set(table) | {
        f"{name}_{what}" for name in RATIOS for what in ("observed", "own_weight")
    }
    for name, parts in RATIOS.items():
        at = found.columns.get_loc(name)
        assert found.columns[at : at + 3].tolist() == [
            *(name, f"{name}_observed", f"{name}_own_weight")
        ]
        pd.testing.assert_series_equal(found[f"{name}_observed"], table[name], check_names=False)
        whole = table[parts.events].sum() / (table[parts.exposure].sum() / parts.unit)
        low, high = np.minimum(table[name], whole), np.maximum(table[name], whole)
        assert ((found[name] >= low - 1e-12) & (found[name] <= high + 1e-12)).all()
        assert found[f"{name}_own_weight"].between(0, 1).all()
    some = shrink(table, names=["external_tie_share"])
    assert "spinouts_per_lab_observed" not in some


def test_every_ratio_with_an_interval_can_be_shrunk():
    assert list(RATIOS) == [name for name, entry in INDICATORS.items() if entry.interval]


def test_what_cannot_be_shrunk_is_refused():
    table = table_of_ratios()
    with pytest.raises(ParameterError, match="'spinout_per_lab' is no share or rate"):
        shrink(table, names=["spinout_per_lab"])
    with pytest.raises(ParameterError, match="has been shrunk already"):
        shrink(shrink(table))
    with pytest.raises(SchemaError, match="lab_count"):
        shrink(table.drop(columns="lab_count"))


def test_publications_are_summed_where_records_state_them():
    table = {"kind": ["lab", "firm", "patent", "lab"], "publications": [10.0, 0.5, 99.0, NAN]}
    records = pd.DataFrame(table, index=[*"abcd"])
    region_of = pd.Series(["x", "x", "x", "y"], index=records.index)
    found = publication_count(records, region_of, pd.Index(["x", "y", "z"]))
    assert found.iloc[0] == 10.5, "of organisations only"
    assert found.iloc[1:].isna().all(), "not stated is not zero"
    bare = publication_count(records[["kind"]], region_of, pd.Index(["x"]))
    assert bare.isna().all()
