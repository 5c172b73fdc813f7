"""Seeded toy worlds."""

import pandas as pd
import pytest

from geoclust.schema import PLACE_DTYPES, RECORD_DTYPES, TIE_DTYPES
from geoclust.sphere import great_circle_km
from geoclust.synthetic import TOWNS, ToyWorld, one_city_country, toy_world


@pytest.mark.parametrize("make", [toy_world, one_city_country])
def test_same_seed_same_world(make: object):
    one, two, other = make(4), make(4), make(5)
    pd.testing.assert_frame_equal(one.records, two.records)
    pd.testing.assert_frame_equal(one.ties, two.ties)
    assert not one.records["longitude"].equals(other.records["longitude"])
    assert one.town_of.equals(other.town_of), "who belongs where does not depend on the seed"


@pytest.mark.parametrize("world", [toy_world(1), one_city_country(1)], ids=["towns", "city"])
def test_tables_have_the_columns_of_the_schema(world: ToyWorld):
    assert list(world.records.columns) == list(RECORD_DTYPES)
    assert list(world.ties.columns) == list(TIE_DTYPES)
    assert list(world.places.columns) == list(PLACE_DTYPES)
    assert world.records["simulated"].all()
    assert world.records.index.equals(world.town_of.index)
    assert not world.records.index.has_duplicates
    ends = pd.concat([world.ties["organisation_a"], world.ties["organisation_b"]])
    assert ends.isin(world.records.index[world.records["kind"] != "patent"]).all()
    for column in ("organisation_id", "parent_id"):
        assert world.records[column].dropna().isin(world.records.index).all()


def test_towns_are_tight_and_far_apart():
    world = toy_world(2)
    for town in TOWNS:
        members = world.records[world.records["place"] == town.name]
        assert len(members) == town.firms + town.labs + town.patents
        km = great_circle_km(
            town.longitude, town.latitude, members["longitude"], members["latitude"]
        )
        assert km.max() < 6
    for one in TOWNS:
        for two in TOWNS:
            if one is not two:
                km = great_circle_km(one.longitude, one.latitude, two.longitude, two.latitude)
                assert km > 180


def test_strewn_records_lie_outside_the_towns():
    world = toy_world(2)
    lone = world.records[world.town_of.isna()]
    for town in TOWNS:
        km = great_circle_km(town.longitude, town.latitude, lone["longitude"], lone["latitude"])
        assert km.min() > 50


def test_one_city_country_has_as_many_firms_outside():
    world = one_city_country(0)
    assert (world.records["kind"] == "firm").all()
    assert world.town_of.notna().sum() == world.town_of.isna().sum() == 200
