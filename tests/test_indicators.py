"""Records, footprints, ties and places -> indicators."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from geoclust.catalogue import INDICATORS
from geoclust.errors import ParameterError, SchemaError
from geoclust.indicators import (
    disclosed_sum,
    gdp_usd,
    measure,
    poisson_interval,
    population,
    serve,
    wilson_interval,
)
from geoclust.network import build_network
from geoclust.schema import PLACE_DTYPES, as_records, conform
from geoclust.synthetic import TOWNS, toy_world

NAN = np.nan


def regions_of(**boxes: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    geometry = [shapely.box(*box) for box in boxes.values()]
    return gpd.GeoDataFrame(
        {"area_km2": 400.0, "reach_area_km2": 500.0},
        geometry=geometry,
        index=pd.Index(list(boxes), name="region_id"),
        crs=4326,
    )


def places_of(*rows: tuple[object, ...]) -> pd.DataFrame:
    names = ["name", "longitude", "latitude", "country", "population", "gdp_usd"]
    return conform(pd.DataFrame(rows, columns=names), PLACE_DTYPES)


def small_world() -> tuple[pd.DataFrame, pd.Series, gpd.GeoDataFrame]:
    """Region x with a bit of everything, y with one uncategorised firm, z with a patent only."""
    columns = ["kind", "category", "weight", "funding_usd", "equity_funding_usd", "region"]
    rows = {
        "f1": ("firm", "startup", 1, 4e6, 3e6, "x"),
        "f2": ("firm", "spinout", 1, 0.0, NAN, "x"),
        "f3": ("firm", "startup", 1, NAN, NAN, "x"),
        "f4": ("firm", "other", 1, NAN, NAN, "x"),
        "l1": ("lab", "university", 1, 9e9, NAN, "x"),
        "l2": ("lab", "university", 1, NAN, NAN, "x"),
        "p1": ("patent", None, 0.5, NAN, NAN, "x"),
        "f5": ("firm", None, 1, NAN, NAN, "y"),
        "p2": ("patent", None, 0.25, NAN, NAN, "z"),
        "f6": ("firm", "startup", 1, 1e9, 1e9, None),
    }
    table = pd.DataFrame(rows, index=columns).T
    table = table.astype({"weight": float, "funding_usd": float, "equity_funding_usd": float})
    table["longitude"], table["latitude"] = 0.5, 0.5
    region_of = table.pop("region").astype("str").rename("region_id")
    regions = regions_of(x=(0, 0, 1, 1), y=(2, 0, 3, 1), z=(4, 0, 5, 1))
    return as_records(table), region_of, regions


PLACES = (("X-town", 0.5, 0.5, "IE", 2e6, 50e9), ("Y-town", 2.5, 0.5, "IE", 1e5, NAN))


def row(table: pd.DataFrame, region: str, *names: str) -> list[float]:
    return table.loc[region, list(names)].tolist()


def test_hand_computed_counts():
    table = measure(*small_world())
    names = ["firm_count", "lab_count", "patent_count", "institution_count", "startup_count"]
    names += ["spinout_count", "category_count", "funding_disclosed_count", "activity"]
    names += ["activity_density_per_100km2", "funding_usd", "equity_funding_usd"]
    want = {
        "x": [4, 2, 1, 6, 2, 1, 3, 2, 6.5, 1.3, 4e6, 3e6],
        "y": [1, 0, 0, 1, NAN, NAN, NAN, 0, 1.0, 0.2, NAN, NAN],
        "z": [0, 0, 1, 0, 0, 0, 0, 0, 0.25, 0.05, NAN, NAN],
    }
    expected = pd.DataFrame(want, index=names).T.rename_axis("region_id")
    pd.testing.assert_frame_equal(table[names], expected, check_index_type=False)


def test_kind_weights_scale_activity_only():
    table = measure(*small_world(), kind_weights={"patent": 0.1, "firm": 2})
    assert table["activity"].tolist() == [8 + 2 + 0.05, 2.0, 0.025]
    assert table["patent_count"].tolist() == [1, 0, 1]


def test_ratios_by_hand():
    network = SimpleNamespace(
        table=pd.DataFrame(
            {
                "tie_count": [8, 0],
                "tie_weight": [9.0, 0.0],
                "internal_tie_count": [2, 0],
                "external_tie_count": [6, 0],
                "industry_tie_count": [5, 0],
                "external_tie_share": [0.75, NAN],
                "brokerage": [0.5, 0.0],
            },
            index=pd.Index(["x", "y"], name="region_id"),
        )
    )
    table = measure(*small_world(), network=network, places=places_of(*PLACES))
    assert row(table, "x", "equity_funding_to_gdp", "industry_ties_to_gdp_bn") == [6e-5, 0.1]
    assert row(table, "x", "institutions_per_million", "spinouts_per_lab") == [3.0, 0.5]
    assert row(table, "x", "startups_per_institution", "external_tie_share") == [1 / 3, 0.75]
    assert row(table, "x", "external_tie_share_low", "external_tie_share_high") == pytest.approx(
        [0.4093, 0.9285], abs=1e-4
    )
    flags = [name for name in table if name.endswith("_evidence")]
    assert dict(zip(flags, row(table, "x", *flags), strict=True)) == {
        "industry_ties_to_gdp_bn_evidence": "ample",
        "external_tie_share_evidence": "ample",
        "institutions_per_million_evidence": "ample",
        "spinouts_per_lab_evidence": "thin",
        "startups_per_institution_evidence": "ample",
    }
    assert table["tie_count"].tolist() == [8, 0, 0], "a region without organisations has no ties"
    assert table["brokerage"].tolist() == [0.5, 0, 0]
    assert np.isnan(table.loc["y", "external_tie_share"])
    assert pd.isna(table.loc["y", "external_tie_share_evidence"])


def test_table_not_given_is_missing_and_empty_is_zero():
    world, no_places = small_world(), places_of()
    unknown = measure(*world, tables={"firms"})
    assert (
        unknown[["lab_count", "patent_count", "institution_count", "category_count"]]
        .isna()
        .all(axis=None)
    )
    assert unknown["firm_count"].tolist() == [4, 1, 0]
    assert unknown[["tie_count", "brokerage", "population", "gdp_usd"]].isna().all(axis=None)
    no_ties = pd.DataFrame(columns=["organisation_a", "organisation_b", "weight"])
    network = build_network(no_ties, world[1], world[0])
    empty = measure(*world, network=network, places=no_places)
    assert empty["tie_count"].tolist() == [0, 0, 0]
    assert empty["brokerage"].tolist() == [0, 0, 0]
    assert empty["population"].isna().all(), "no place says nothing about people"
    hidden = measure(*world, network=network, places=no_places, tables={"firms", "labs"})
    assert hidden["tie_count"].isna().all(), "a network of a table that was not given"
    assert measure(*world, tables={"labs"})["funding_usd"].notna().sum() == 1


def test_columns_are_those_of_the_catalogue():
    table = measure(*small_world(), places=places_of(*PLACES))
    extras = {"population_basis", "gdp_basis", "gdp_estimated"}
    for name, indicator in INDICATORS.items():
        extras |= (
            {f"{name}_{end}" for end in ("low", "high", "evidence")}
            if indicator.interval
            else set()
        )
    assert set(table.columns) == set(INDICATORS) | extras
    assert table.index.name == "region_id"


def test_a_place_serves_one_region_and_the_nearest_unclaimed_stands_in():
    regions = regions_of(a=(0, 0, 1, 1), b=(1.1, 0, 2, 1), c=(5, 0, 6, 1))
    places = places_of(
        ("In A", 0.5, 0.5, "GB", 1, 1),
        ("In A too", 0.9, 0.5, "GB", 2, 1),
        ("Between", 1.04, 0.5, "GB", 4, 1),  # 6.7 km from b, outside of a
        ("Nearer but claimed", 0.999, 0.5, "GB", 8, 1),
        ("Far", 6.2, 0.5, "GB", 16, 1),  # 22 km from c
    )
    served = serve(places, regions, pd.DataFrame(), pd.Series(dtype="str"), reach_km=12)
    assert served["region_id"].fillna("-").tolist() == ["a", "a", "b", "a", "-"]
    assert served["distance_km"].round(1).tolist() == [
        0,
        0,
        6.7,
        0,
        pytest.approx(NAN, nan_ok=True),
    ]
    people = population(places, served, regions.index)
    assert people["population"].tolist() == [11, 4, pytest.approx(NAN, nan_ok=True)]
    assert people["population_basis"].fillna("-").tolist() == [
        "inside: 3 of 3 places",
        "nearest: Between, 6.7 km",
        "-",
    ]


def test_two_regions_that_want_one_place():
    """The nearer gets it, the other its next nearest."""
    regions = regions_of(a=(0, 0, 1, 1), b=(1.1, 0, 2, 1))
    places = places_of(("P", 1.04, 0.5, "GB", 1, 1), ("Q", -0.08, 0.5, "GB", 2, 1))
    served = serve(places, regions, pd.DataFrame(), pd.Series(dtype="str"))
    assert served["region_id"].fillna("-").tolist() == ["a", "-"]
    nearer_b = places_of(("P", 1.06, 0.5, "GB", 1, 1), ("Q", -0.08, 0.5, "GB", 2, 1))
    served = serve(nearer_b, regions, pd.DataFrame(), pd.Series(dtype="str"))
    assert served["region_id"].tolist() == ["b", "a"]


def test_distance_is_to_the_edge_not_to_the_corners():
    square = regions_of(a=(10, 50, 11, 51))
    places = places_of(("P", 11.1, 50.5, "DE", 1, 1))
    served = serve(places, square, pd.DataFrame(), pd.Series(dtype="str"))
    assert served["distance_km"].iloc[0] == pytest.approx(7.07, abs=0.05)


def test_footprints_that_overlap_share_no_place():
    regions = regions_of(a=(0, 0, 2, 1), b=(1, 0, 3, 1))
    places = places_of(("P", 1.5, 0.5, "GB", 1, 1))
    records = pd.DataFrame({"longitude": [0.5, 1.6], "latitude": 0.5}, index=["r", "s"])
    region_of = pd.Series(["a", "b"], index=records.index)
    assert serve(places, regions, records, region_of)["region_id"].tolist() == ["b"]


def test_split_footprint_at_the_antimeridian():
    fiji = shapely.MultiPolygon(
        [shapely.box(179, -18, 180, -17), shapely.box(-180, -18, -179, -17)]
    )
    regions = gpd.GeoDataFrame(geometry=[fiji], index=pd.Index(["fj"], name="region_id"), crs=4326)
    places = places_of(
        ("West", 179.5, -17.5, "FJ", 1, 1),
        ("East", -179.5, -17.5, "FJ", 1, 1),
        ("Away", 0.0, -17.5, "FJ", 1, 1),
    )
    served = serve(places, regions, pd.DataFrame(), pd.Series(dtype="str"))
    assert served["region_id"].fillna("-").tolist() == ["fj", "fj", "-"]


def test_gdp_is_estimated_only_where_allowed_and_flagged():
    places = places_of(
        ("A", 0.1, 0.1, "IE", 1e5, 3e9), ("B", 0.2, 0.2, "IE", 2e5, NAN), ("C", 9, 9, "FR", 1, NAN)
    )
    served = pd.DataFrame({"region_id": ["x", "x", "y"], "distance_km": 0.0}).astype(
        {"region_id": "str"}
    )
    index = pd.Index(["x", "y"])
    known = gdp_usd(places, served, index)
    assert known["gdp_usd"].tolist() == [3e9, pytest.approx(NAN, nan_ok=True)]
    assert known["gdp_basis"].tolist() == ["inside: 1 of 2 places", "inside: 0 of 1 places"]
    assert known["gdp_estimated"].tolist() == [False, False]
    filled = gdp_usd(places, served, index, gdp_per_head={"IE": 1e4})
    assert filled["gdp_usd"].tolist() == [5e9, pytest.approx(NAN, nan_ok=True)]
    assert filled["gdp_estimated"].tolist() == [True, False]


def test_funding_sums_are_exact_in_any_order():
    amounts = [1e16, 1.0, -1e16] * 3
    records = pd.DataFrame({"kind": "firm", "funding_usd": amounts})
    region_of = pd.Series("x", index=records.index)
    for seed in range(5):
        mixed = records.sample(frac=1, random_state=seed)
        total = disclosed_sum(mixed, region_of, pd.Index(["x"]), column="funding_usd")
        assert total["x"] == 3.0


@given(st.integers(0, 60), st.integers(1, 60))
def test_wilson_interval_inverts_the_score_test(successes: int, extra: int):
    trials = successes + extra
    bounds = wilson_interval(pd.Series([successes]), pd.Series([trials]), name="s").iloc[0]
    want = stats.binomtest(successes, trials).proportion_ci(method="wilson")
    assert bounds.tolist() == pytest.approx([want.low, want.high], abs=1e-9)
    assert 0 <= bounds["s_low"] <= successes / trials <= bounds["s_high"] <= 1


@given(st.integers(0, 200), st.floats(0.01, 1e4))
def test_poisson_interval_is_exact(events: int, exposure: float):
    bounds = poisson_interval(pd.Series([events]), pd.Series([exposure]), name="r").iloc[0]
    low, high = bounds["r_low"] * exposure, bounds["r_high"] * exposure
    assert stats.poisson.cdf(events, high) == pytest.approx(0.025, abs=1e-9)
    if events:
        assert stats.poisson.sf(events - 1, low) == pytest.approx(0.025, abs=1e-9)
    else:
        assert low == 0


def test_intervals_of_nothing_are_missing():
    empty = pd.Series([NAN, 1.0, 0.0])
    base = pd.Series([5.0, NAN, 0.0])
    assert wilson_interval(empty, base, name="s").isna().all(axis=None)
    assert poisson_interval(empty, base, name="r").isna().all(axis=None)


def toy_regions(world: object) -> gpd.GeoDataFrame:
    boxes = {
        f"{town.country.lower()}-{town.name.lower().replace(' ', '-')}": (
            town.longitude - 0.2,
            town.latitude - 0.2,
            town.longitude + 0.2,
            town.latitude + 0.2,
        )
        for town in TOWNS
    }
    return regions_of(**boxes)


def test_toy_world_is_measured_as_it_was_made():
    world = toy_world(5)
    regions = toy_regions(world)
    network = build_network(world.ties, world.town_of, world.records)
    table = measure(world.records, world.town_of, regions, network=network, places=world.places)
    assert table["firm_count"].tolist() == [town.firms for town in TOWNS]
    assert table["lab_count"].tolist() == [town.labs for town in TOWNS]
    assert table["patent_count"].tolist() == [town.patents for town in TOWNS]
    assert table["population"].tolist() == [town.population for town in TOWNS]
    assert table["gdp_usd"].tolist() == [town.gdp_usd for town in TOWNS]


def test_row_order_does_not_matter_and_inputs_are_unchanged():
    world = toy_world(1)
    regions = toy_regions(world)
    network = build_network(world.ties, world.town_of, world.records)
    tables = (world.records, world.town_of, world.places, network.table)
    before = [pd.util.hash_pandas_object(table).sum() for table in tables]
    shapes = regions.geometry.to_wkb().tolist()
    base = measure(world.records, world.town_of, regions, network=network, places=world.places)
    assert before == [pd.util.hash_pandas_object(table).sum() for table in tables]
    assert shapes == regions.geometry.to_wkb().tolist()
    other = measure(
        world.records.sample(frac=1, random_state=1),
        world.town_of.sample(frac=1, random_state=2),
        regions.sample(frac=1, random_state=3),
        network=network,
        places=world.places.sample(frac=1, random_state=4),
    )
    pd.testing.assert_frame_equal(base, other.loc[base.index], check_exact=True)


def test_no_region():
    records, region_of, regions = small_world()
    nowhere = region_of.where(region_of == "")
    table = measure(records, nowhere, regions.iloc[:0], places=places_of(*PLACES))
    full = measure(records, region_of, regions, places=places_of(*PLACES))
    assert table.empty
    assert list(table.columns) == list(full.columns)


def test_refusals():
    records, region_of, regions = small_world()
    with pytest.raises(ParameterError, match="1 regions that have no footprint, first 'x'"):
        measure(records, region_of, regions.drop(index="x"))
    with pytest.raises(ParameterError, match=r"found \['firm'\]"):
        measure(records, region_of, regions, tables={"firm"})
    with pytest.raises(ParameterError, match="min_evidence is 0"):
        measure(records, region_of, regions, min_evidence=0)
    with pytest.raises(ParameterError, match="kind_weights"):
        measure(records, region_of, regions, kind_weights={"firm": 0})
    with pytest.raises(ParameterError, match="reach_km is -1"):
        measure(records, region_of, regions, places=places_of(*PLACES), reach_km=-1)
    with pytest.raises(SchemaError, match="reach_area_km2"):
        measure(records, region_of, regions.drop(columns="reach_area_km2"))


def test_shrinkage_is_off_by_default_and_changes_ratios_only():
    world = small_world()
    options = {"places": places_of(*PLACES)}
    plain, shrunk = measure(*world, **options), measure(*world, **options, shrinkage=True)
    same = [name for name in plain if not INDICATORS.get(name) or not INDICATORS[name].interval]
    pd.testing.assert_frame_equal(plain[same], shrunk[same])
    assert not [name for name in plain if name.endswith("_observed")]
    pd.testing.assert_series_equal(
        shrunk["institutions_per_million_observed"],
        plain["institutions_per_million"],
        check_names=False,
    )
    found = shrunk["institutions_per_million"]
    assert plain["institutions_per_million"].tolist()[:2] == [3, 10]
    assert found.tolist()[:2] == pytest.approx([7 / 2.1] * 2), "one firm more is chance"
    assert np.isnan(found["z"])
