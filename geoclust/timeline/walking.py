"""The study in one window: the same stages, the same settings, the same absolute bars."""

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geoclust.clustering import build_hierarchy
from geoclust.comparison.side import FACTS, Side, region_facts, side_records
from geoclust.errors import GeoclustWarning
from geoclust.records import Inputs
from geoclust.study import StudyConfig
from geoclust.study.deciding import Decisions
from geoclust.study.stages import (
    choose_regions,
    decide_regions,
    draw_footprints,
    join_regions,
    judge_regions,
    measure_regions,
    rank_regions,
)

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

JUDGED = ("tier", "capability", "activity_density_per_100km2")
"""What of the judgement a window keeps besides the status."""


def walk_window(config: StudyConfig, inputs: Inputs, decisions: Decisions, *, name: str) -> Side:
    """Cluster, delineate, measure, judge and rank the records of one window.

    Parameters
    ----------
    config
        The study's; its bars are absolute, so a short window is judged by the same numbers.
    inputs
        Of the window, from `slice_inputs`.
    decisions
        Given boundaries, without edits.
    name
        The window's.

    Returns
    -------
    Side
        As of a comparison, with `tier`, `capability`, `activity_density_per_100km2`, `area_km2`
        and `rank_label` of each region besides.
    """
    if inputs.records.empty:
        return _nothing(config, inputs, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GeoclustWarning)  # what the whole study has said
        hierarchy = build_hierarchy(inputs.records, **config.clustering.hierarchy_arguments)
        clustering = choose_regions(config, hierarchy)
        given = None
        if decisions:
            clustering, decided = decide_regions(config, decisions, inputs, clustering)
            given = decided.partition.footprints
        regions = draw_footprints(config, inputs, clustering, given=given)
        network = join_regions(config, inputs, clustering)
        indicators = measure_regions(config, inputs, clustering, regions, network=network)
        judged = judge_regions(config, indicators)
        scores = rank_regions(config, indicators, judged.is_cluster)
    facts = regions[[*FACTS, "area_km2", "geometry"]].assign(
        status=judged.status,
        **{fact: judged.table[fact] for fact in JUDGED},
        rank=scores.table["rank"],
        rank_label=scores.table["rank_label"],
    )
    return Side(
        name=name,
        kind="study",
        records=side_records(inputs.records, clustering.region_of, config),
        regions=region_facts(facts),
    )


def _nothing(config: StudyConfig, inputs: Inputs, name: str) -> Side:
    nowhere = pd.Series(index=inputs.records.index, dtype="str")
    return Side(
        name=name,
        kind="study",
        records=side_records(inputs.records, nowhere, config),
        regions=_no_regions(),
    )


def _no_regions() -> "GeoDataFrame":
    import geopandas as gpd  # noqa: PLC0415 - heavy

    texts = {name: pd.Series(dtype="str") for name in ("name", "country", "status", "rank_label")}
    numbers: dict[str, Any] = {
        name: pd.Series(dtype="float64")
        for name in ("longitude", "latitude", "weight", "area_km2", *JUDGED)
    }
    table = {**texts, **numbers, "record_count": pd.Series(dtype="int64")}
    facts = gpd.GeoDataFrame(table, geometry=np.array([], dtype=object), crs=4326)
    return region_facts(facts.assign(rank=pd.Series(dtype="Int64")))
