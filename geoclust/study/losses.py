"""What clustering left without a region, why, and which settings would change it: in words."""

from typing import Any, Final

import pandas as pd

from geoclust.clustering import Clustering, Hierarchy, extract_regions, lost_groups
from geoclust.study.config import StudyConfig
from geoclust.study.wording import counted, listed

NAMED: Final = 3
"""Groups told one by one; of the rest the number is told."""


def tell_losses(config: StudyConfig, clustering: Clustering) -> list[str]:
    """Sentences about groups that a limit kept from being regions, and about no region at all.

    Parameters
    ----------
    config
        The study's settings.
    clustering
        As found, before anybody's decisions.

    Returns
    -------
    list of str
        Empty where nothing was lost.
    """
    lost = lost_groups(clustering)
    told = [] if lost.empty else [_tell(lost, config)]
    if clustering.regions.empty and lost.empty:
        told.append(_no_region(config, clustering.hierarchy, len(clustering.region_of)))
    return told


def tell_no_cluster(config: StudyConfig, indicators: pd.DataFrame, clusters: int) -> list[str]:
    """Why no region is a cluster, where criteria have no data in any region.

    Parameters
    ----------
    config
        The study's settings.
    indicators
        Of the regions.
    clusters
        How many regions were judged clusters.
    """
    idle = [
        one.name for one in config.thresholds.criteria if indicators[one.indicator].isna().all()
    ]
    if clusters or indicators.empty or not idle:
        return []
    one = len(idle) == 1
    what = (
        f"no region is judged a cluster, and {'the criterion' if one else 'the criteria'} "
        f"{listed([repr(name) for name in idle])} {'has' if one else 'have'} no data in any "
        "region and therefore count as zero in capability: give those data, or state in the study "
        "file the [[thresholds.criteria]] that your data can answer"
    )
    return [what]


def what_helps(config: StudyConfig, hierarchy: Hierarchy, wanted: int) -> str:
    """The largest smaller min_cluster_size that gives as many regions, tried on the hierarchy."""
    rules = config.clustering
    for size in range(rules.min_cluster_size - 1, 1, -1):
        if size > 5 and size not in {rules.min_cluster_size // 2, 3 * rules.min_cluster_size // 4}:  # noqa: PLR2004
            continue
        arguments = rules.selection_arguments | {"min_cluster_size": size}
        count = len(extract_regions(hierarchy, **arguments).regions)
        if count >= wanted:
            return (
                f"clustering.min_cluster_size = {size} (now {rules.min_cluster_size}) would give "
                f"{counted(count, 'region')}"
            )
    return (
        f"no smaller clustering.min_cluster_size gives {'any' if wanted == 1 else 'more'}; try a "
        f"smaller clustering.min_samples (now {rules.min_samples}) or a greater "
        f"clustering.max_link_km (now {rules.max_link_km:g})"
    )


def _no_region(config: StudyConfig, hierarchy: Hierarchy, records: int) -> str:
    rules = config.clustering
    if records < rules.min_cluster_size:
        return (
            f"no region was found among {counted(records, 'record')}: a region needs a weight of "
            f"{rules.min_cluster_size} (clustering.min_cluster_size); add records, or lower it"
        )
    return (
        f"no region was found among {records:,} records: nowhere does a weight of "
        f"{rules.min_cluster_size} hold together by links of at most {rules.max_link_km:g} km; "
        f"{what_helps(config, hierarchy, 1)}"
    )


def _tell(lost: pd.DataFrame, config: StudyConfig) -> str:
    rows = lost.to_dict("records")
    groups = [_group(row, config) for row in rows[:NAMED]]
    rest = f"; and {len(rows) - NAMED:,} lighter ones" if len(rows) > NAMED else ""
    one = len(rows) == 1
    return (
        f"{counted(len(rows), 'group')} of records {'is' if one else 'are'} dense enough for a "
        f"region but became none, because a limit forbids it and "
        f"{'it has' if one else 'they have'} no smaller parts to fall back on: "
        f"{'; '.join(groups)}{rest}"
    )


def _group(row: dict[Any, Any], config: StudyConfig) -> str:
    country = "" if pd.isna(row["country"]) else f" ({row['country']})"
    heading = f"{row['name']}{country}, weight {row['weight']:g}"
    return f"{heading}, {_why(row, config)}{_remedy(row)}"


def _why(row: dict[Any, Any], config: StudyConfig) -> str:
    rules = config.clustering
    if row["limit"] == "max_extent_km":
        return (
            f"is {row['extent_km']:,.1f} km wide, more than clustering.max_extent_km = "
            f"{rules.max_extent_km:g}"
        )
    if row["limit"] == "max_cluster_size":
        return f"more than clustering.max_cluster_size = {rules.max_cluster_size:g}"
    return (
        f"which is less than clustering.min_cluster_size = {rules.min_cluster_size} once members "
        f"weaker than clustering.min_membership = {rules.min_membership:g} are left out"
    )


def _remedy(row: dict[Any, Any]) -> str:
    """The settings that were tried and would make it a region, each alone."""
    names = ("min_membership", "max_extent_km", "max_cluster_size", "min_cluster_size")
    able = [f"clustering.{name} = {row[name]:g}" for name in names if not pd.isna(row[name])]
    if not able:
        return ""
    return f" ({listed(able).replace(' and ', ' or ')} would make it a region)"
