"""+180 and -180 are one meridian and a pole is one place, from the table read to the footprint."""

import numpy as np
import pandas as pd
import pytest

import geoclust as gc
from geoclust import sphere
from geoclust.clustering.locations import collapse_records
from geoclust.clustering.streaming import Batch, collapse_batches

N = 60


def world(folder, seam, polar):
    """A town on the seam, whose longitudes are `seam` (n,), and one at a pole, at `polar` (n,)."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    beside = (180 + rng.normal(0, 0.02, N) + 180) % 360 - 180
    tables = [
        (seam, np.full(N, -16.8), 0),
        (beside, -16.8 + rng.normal(0, 0.02, N), N),
        (polar, np.full(N, 90.0), 2 * N),
        (rng.uniform(-180, 180, N), 90 - np.abs(rng.normal(0, 0.02, N)), 3 * N),
    ]
    rows = [
        pd.DataFrame(
            {
                "record_id": [f"f{start + i:03d}" for i in range(N)],
                "name": [f"Firm {start + i}" for i in range(N)],
                "longitude": longitude,
                "latitude": latitude,
                "precision": "address",
            }
        )
        for longitude, latitude, start in tables
    ]
    pd.concat(rows).to_csv(folder / "firms.csv", index=False)
    ends = [(f"f{i:03d}", f"f{i + 2 * N:03d}") for i in range(9)]
    ties = pd.DataFrame(ends, columns=["organisation_a", "organisation_b"])
    ties.to_csv(folder / "ties.csv", index=False)
    return folder


def walked(folder):
    """Locations, clustering and footprints of a world, and what new records are told."""
    inputs = gc.read_inputs(folder)
    assert len(inputs.records) == 4 * N
    built = gc.build_hierarchy(inputs.records)
    clustering = gc.extract_regions(built)
    regions = gc.delineate(inputs.records, clustering.region_of)
    new = pd.DataFrame(
        {"longitude": [180.0, -180.0, 7.0, -7.0], "latitude": [-16.8] * 2 + [90] * 2}
    )
    return built.locations, clustering, regions, gc.locate_records(clustering, new)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain") / "world"
    return walked(world(folder, np.full(N, -180.0), np.zeros(N)))


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    rng = np.random.default_rng(1)
    seam = rng.choice([180.0, -180.0, 180 - 3e-8, -180 + 3e-8], N)
    folder = tmp_path_factory.mktemp("mixed") / "world"
    return walked(world(folder, seam, rng.uniform(-180, 180, N).round(3)))


def test_the_whole_walk_sees_one_place(plain, mixed):
    (one, clustering, regions, told), (other, again, redrawn, retold) = plain, mixed
    assert len(clustering.regions) == 2
    for name in ("longitude", "latitude", "positions", "weight"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    for name in ("region_of", "membership", "outlier_score", "nearest_region"):
        pd.testing.assert_series_equal(getattr(clustering, name), getattr(again, name))
    pd.testing.assert_frame_equal(clustering.regions, again.regions)
    assert regions.drop(columns="geometry").equals(redrawn.drop(columns="geometry"))
    assert [a.wkb for a in regions.geometry] == [b.wkb for b in redrawn.geometry]
    pd.testing.assert_frame_equal(told, retold)


def test_records_on_them_are_one_location_and_one_region(mixed):
    locations, clustering, regions, told = mixed
    at, ids = locations.records["location"], [f"f{i:03d}" for i in range(4 * N)]
    for low in (0, 2 * N):
        for facts in (at, clustering.region_of, clustering.membership):
            assert len(set(facts[ids[low : low + N]])) == 1
    assert told["region_id"].notna().all()
    assert told.iloc[0].equals(told.iloc[1].rename(0))
    assert told.iloc[2].equals(told.iloc[3].rename(2))
    assert regions.geometry.is_valid.all()
    assert (regions.area_km2 < 1e5).all()


def test_the_two_ways_to_collapse_agree():
    """A table held whole and one read in batches number the same places alike."""
    rng = np.random.default_rng(2)
    longitude = rng.choice([180.0, -180.0, 12.5, 180 - 4e-8], 200)
    latitude = rng.choice([90.0, -90.0, 5.0, 90 - 4e-8], 200)
    rows = pd.DataFrame({"kind": "firm", "longitude": longitude, "latitude": latitude})
    whole = collapse_records(rows)
    spots = collapse_batches(
        [Batch(longitude[:70], latitude[:70]), Batch(longitude[70:], latitude[70:])]
    )
    assert len(whole) == len(spots.records) == 4
    assert np.array_equal(whole.records["location"], spots.spot_of)
    assert np.array_equal(whole.longitude, spots.records["longitude"])


@pytest.mark.parametrize("latitude", [90.0, -90.0])
def test_no_distance_at_a_pole_or_across_the_seam(latitude):
    assert sphere.great_circle_km(10.0, latitude, -120.0, latitude) < 1e-9
    assert sphere.great_circle_km(180.0, 10.0, -180.0, 10.0) < 1e-9
