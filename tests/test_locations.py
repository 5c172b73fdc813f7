"""Records to weighted locations."""

import numpy as np
import pandas as pd
import pytest

from geoclust import sphere
from geoclust.clustering.locations import collapse_records, default_resolution
from geoclust.errors import ParameterError
from geoclust.schema import WEIGHT_UNIT


def table(longitude, latitude, **columns):
    return pd.DataFrame(
        {"kind": "firm", "longitude": longitude, "latitude": latitude, **columns},
        index=[f"r{i}" for i in range(len(longitude))],
    )


def test_records_of_one_coordinate_share_a_location():
    rows = table([2.0, 1.0, 2.0, 2.0 + 4e-8], [5.0, 5.0, 5.0, 5.0], weight=[1, 2, 0.5, 0.1])
    found = collapse_records(rows)
    assert len(found) == 2
    assert found.records["location"].tolist() == [1, 0, 1, 1]
    assert found.weight.tolist() == [2 * WEIGHT_UNIT, round(1.6 * WEIGHT_UNIT)]
    assert found.longitude.tolist() == [1.0, 2.0]
    assert np.array_equal(found.positions, sphere.grid_positions([1.0, 2.0], [5.0, 5.0]))
    assert repr(found) == "<Locations: 4 records of weight 3.6 on 2 locations>"


def test_locations_do_not_depend_on_row_order():
    rng = np.random.default_rng(0)
    rows = table(*rng.integers(-50, 50, (2, 400)) / 10, weight=rng.choice([1, 1 / 3, 0.7], 400))
    back = rows.sample(frac=1, random_state=1)
    a, b = collapse_records(rows), collapse_records(back)
    assert np.array_equal(a.weight, b.weight)
    assert np.array_equal(a.positions, b.positions)
    pd.testing.assert_frame_equal(a.records, b.records.loc[a.records.index])


def test_poles_and_date_line_are_one_place():
    found = collapse_records(table([180.0, -180.0, 12.0, -77.0], [10.0, 10.0, 90.0, 90.0]))
    assert len(found) == 2
    assert found.weight.tolist() == [2 * WEIGHT_UNIT] * 2


def test_shares_sum_to_whole_weights():
    rows = table([0.0] * 30, [0.0] * 30, weight=[1 / 3] * 30)
    assert collapse_records(rows).weight.tolist() == [10 * WEIGHT_UNIT]
    tenth = collapse_records(rows.assign(weight=1.0), kind_weights={"firm": 0.1})
    assert tenth.weight.tolist() == [3 * WEIGHT_UNIT]


def test_countries_stay_with_their_records():
    rows = table([0.0, 0.0], [0.0, 0.0], country=["FR", None])
    assert collapse_records(rows).records["country"].tolist()[0] == "FR"
    assert collapse_records(rows).records["country"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("precision", "km", "said"),
    [
        (["city", "address", "region", "unknown"], 5.0, "75 % of the weight"),
        (["city", "postcode", "address", "postcode"], 1.0, "75 % of the weight"),
        (["city", "address", "address", "city"], 0.1, "50 % of the weight"),
        ([None, None, None, "address"], 5.0, "75 %"),
    ],
)
def test_resolution_follows_the_precision_of_most_weight(precision, km, said):
    found = default_resolution(pd.DataFrame({"precision": precision}), np.full(4, WEIGHT_UNIT))
    assert found[0] == km
    assert said in found[1]


def test_resolution_goes_by_weight_not_by_rows():
    rows = pd.DataFrame({"precision": ["city", "address"]})
    assert default_resolution(rows, np.array([3, 1]))[0] == 5.0
    assert default_resolution(rows, np.array([1, 3]))[0] == 0.1
    assert default_resolution(rows.iloc[:0], np.array([], np.int64)) == (
        0.1,
        "there are no records",
    )
    assert default_resolution(rows[[]], np.array([1, 3]))[0] == 5.0


def test_weights_too_large_to_count_are_refused():
    with pytest.raises(ParameterError, match="divide every weight"):
        collapse_records(table([0.0, 1.0], [0.0, 1.0], weight=[2e9, 2e9]))


def test_kind_weights_are_checked_before_anything():
    with pytest.raises(ParameterError, match="the kinds are"):
        collapse_records(pd.DataFrame(), kind_weights={"startup": 2})
    with pytest.raises(ParameterError, match="drop its records"):
        collapse_records(pd.DataFrame(), kind_weights={"lab": -1})


def test_compiled_positions_are_the_plain_ones_to_the_last_bit():
    from geoclust.clustering.positions import fill_positions

    rng = np.random.default_rng(0)
    odd = [0.0, -0.0, 1e-12, -1e-12, 45.0, -45.0, 90.0, -90.0, 135.0, -135.0, 180.0, -180.0]
    longitude = np.concatenate([odd, rng.uniform(-180, 180, 20_000)])
    latitude = np.concatenate([np.clip(odd, -90, 90)[::-1], rng.uniform(-90, 90, 20_000)])
    found = np.full((3, len(longitude)), np.nan)
    fill_positions(longitude, latitude, found)
    plain = sphere.grid_positions(longitude, latitude)
    assert np.array_equal(found.view(np.int64), plain.view(np.int64))
