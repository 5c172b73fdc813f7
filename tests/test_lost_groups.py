"""No group that is dense enough for a region is lost without a word."""

import numpy as np
import pandas as pd
import pytest

from geoclust.clustering import build_hierarchy, extract_regions, lost_groups
from geoclust.study import StudyConfig, run_study
from geoclust.study.losses import tell_losses

REMEDIES = ("max_extent_km", "max_cluster_size", "min_membership", "min_cluster_size")


def city_and_country(seed: int = 47, *, far: bool = False) -> pd.DataFrame:
    """160 firms in one place and 40 strewn around it; with 47 the group is 210 km wide."""
    random = np.random.default_rng(seed)
    east, north = random.normal(0, 60, 40), random.normal(0, 60, 40)
    latitude = np.r_[np.full(160, 48.1), 48.1 + north / 111.2]
    longitude = np.r_[np.full(160, 11.6), 11.6 + east / 111.2 / np.cos(np.radians(48.1))]
    if far:
        latitude = np.r_[latitude, np.full(20, 40.4)]
        longitude = np.r_[longitude, np.full(20, -3.7)]
    index = pd.Index([f"r{at:03d}" for at in range(len(latitude))], name="record_id")
    columns = {"kind": "firm", "longitude": longitude, "latitude": latitude, "country": "DE"}
    return pd.DataFrame(columns, index=index)


@pytest.mark.parametrize("far", [False, True])
def test_a_group_too_wide_with_no_parts_is_told(far):
    clustering = extract_regions(build_hierarchy(city_and_country(far=far)))
    assert len(clustering.regions) == far  # the city abroad is a region, the one at home is not
    (row,) = lost_groups(clustering).to_dict("records")
    assert row["limit"] == "max_extent_km"
    assert row["weight"] == 190
    assert row["extent_km"] == pytest.approx(209.99, abs=0.01)
    assert (row["max_extent_km"], row["min_membership"]) == (210, 0.3)


def test_what_is_said_names_the_group_the_limit_and_what_helps():
    clustering = extract_regions(build_hierarchy(city_and_country()))
    (said,) = tell_losses(StudyConfig(), clustering)
    assert "weight 190, is 210.0 km wide, more than clustering.max_extent_km = 200" in said
    assert "clustering.min_membership = 0.3 or clustering.max_extent_km = 210 would" in said


def test_a_run_warns_of_it(tmp_path):
    city_and_country().to_csv(tmp_path / "firms.csv")
    (tmp_path / "study.toml").write_text(
        "[report]\nfigures = false\nsurvival = false\n[network]\nrewirings = 0\n", "utf-8"
    )
    found = run_study(tmp_path / "study.toml")
    assert len([line for line in found.warnings if "210.0 km wide" in line]) == 1
    assert not any("no region was found" in line for line in found.warnings)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "selection",
    [
        {},
        {"max_extent_km": 60.0},
        {"max_cluster_size": 30},
        {"min_membership": 0.8},
        {"cluster_selection_method": "leaf", "max_extent_km": 25.0},
        {
            "cluster_selection_method": "distance",
            "cluster_selection_epsilon_km": 40.0,
            "max_extent_km": 80.0,
        },
    ],
)
def test_every_remedy_holds_and_nothing_kept_is_called_lost(seed, selection):
    random = np.random.default_rng(seed)
    middles = random.uniform(-1.5, 1.5, (4, 2))
    points = np.concatenate(
        [middle + random.normal(0, random.uniform(0.02, 0.5), (30, 2)) for middle in middles]
    )
    frame = pd.DataFrame(
        {
            "kind": "firm",
            "longitude": 11 + points[:, 0].round(2),
            "latitude": 48 + points[:, 1].round(2),
            "country": "DE",
        },
        index=[f"r{at:03d}" for at in range(len(points))],
    )
    hierarchy = build_hierarchy(frame)
    clustering = extract_regions(hierarchy, **selection)
    noise = int(clustering.region_of.isna().sum())
    lost = lost_groups(clustering)
    assert lost["record_count"].sum() <= noise
    for row in lost.to_dict("records"):
        for name in REMEDIES:
            if not pd.isna(row[name]):
                value = int(row[name]) if name == "min_cluster_size" else row[name]
                again = extract_regions(hierarchy, **{**selection, name: value})
                assert again.region_of.isna().sum() < noise


def test_all_is_said_however_the_limits_lie():
    """A group of the tree is a region, within one, holds one, or is told."""
    hierarchy = build_hierarchy(city_and_country(far=True))
    for extent in (20.0, 100.0, 209.0, 210.0, None):
        clustering = extract_regions(hierarchy, max_extent_km=extent)
        told = len(clustering.regions) + len(lost_groups(clustering))
        assert told == 2


def test_no_region_says_what_helps():
    frame = city_and_country().iloc[:6]
    clustering = extract_regions(build_hierarchy(frame))
    (said,) = tell_losses(StudyConfig(), clustering)
    assert "among 6 records: a region needs a weight of 10" in said
    spread = city_and_country().iloc[160:]
    (said,) = tell_losses(StudyConfig(), extract_regions(build_hierarchy(spread, max_link_km=8)))
    assert "no region was found among 40 records" in said
    assert "clustering.min_" in said
