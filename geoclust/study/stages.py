"""The stages of a study as a configuration asks for them, each from what those above it made.

`run` walks them once; a sweep walks them again and again with other settings, and so can only
find what a run with these settings finds.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from geoclust.assignment import Partition
from geoclust.classification import Classification, classify
from geoclust.clustering import Clustering, Hierarchy, extract_regions, mark_of, regroup
from geoclust.delineation import delineate, delineate_given
from geoclust.indicators import measure, serve
from geoclust.network import Network, build_network
from geoclust.records import Inputs
from geoclust.schema import Indicators, Regions
from geoclust.scoring import Scores, score
from geoclust.study.config import StudyConfig
from geoclust.study.deciding import Decided, Decisions, decide, no_decisions, refuse_faults

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def choose_regions(config: StudyConfig, hierarchy: Hierarchy) -> Clustering:
    """Regions from a hierarchy, by the rules of `[clustering]`."""
    return extract_regions(hierarchy, **config.clustering.selection_arguments)


def decide_regions(
    config: StudyConfig, decisions: Decisions, inputs: Inputs, clustering: Clustering
) -> tuple[Clustering, Decided]:
    """What boundaries and edits make of the regions found.

    Raises
    ------
    ConfigError
        With every edit that does not match these regions.
    """
    if not decisions:
        return clustering, no_decisions()
    here = replace(decisions, min_cluster_size=config.clustering.min_cluster_size)
    found, mark = Partition.of(clustering), mark_of(clustering)
    decided = decide(here, inputs.records, found, clustering.hierarchy, mark=mark)
    refuse_faults(decided, config)
    made = decided.partition.settled(found)
    regrouped = regroup(
        clustering,
        made.region_of,
        made.regions,
        membership=made.membership,
        nearest_region=made.nearest_region,
    )
    return regrouped, decided


def draw_footprints(
    config: StudyConfig,
    inputs: Inputs,
    clustering: Clustering,
    *,
    given: "Mapping[str, Any] | None" = None,
) -> Regions:
    """The table of regions with a footprint each, as `[delineation]` says; heaviest first.

    Footprints that are `given`, by region id, are taken as they are.
    """
    drawing = config.delineation.model_dump()
    drawn = (
        delineate_given(inputs.records, clustering.region_of, given, **drawing)
        if given
        else delineate(inputs.records, clustering.region_of, **drawing)
    )
    drawn = drawn.loc[clustering.regions.index]
    joined = drawn[["geometry"]].join(clustering.regions)
    for column in drawn.columns.difference(joined.columns, sort=False):
        joined[column] = drawn[column]
    return Regions(joined)


def join_regions(config: StudyConfig, inputs: Inputs, clustering: Clustering) -> Network:
    """Regions joined by the ties of their organisations; `[network]` says what brokerage is."""
    return build_network(
        inputs.ties,
        clustering.region_of,
        inputs.records,
        brokerage_measure=config.network.brokerage,
    )


def measure_regions(
    config: StudyConfig,
    inputs: Inputs,
    clustering: Clustering,
    regions: Regions,
    *,
    network: Network,
) -> Indicators:
    """Everything measured of each region, as `[indicators]` says."""
    return measure(
        inputs.records,
        clustering.region_of,
        regions,
        network=network,
        places=inputs.places,
        tables=inputs.tables,
        kind_weights=config.clustering.kind_weights.model_dump(),
        reach_km=config.delineation.reach_km,
        min_evidence=config.indicators.min_evidence,
        shrinkage=config.indicators.shrinkage,
        gdp_per_head=config.indicators.gdp_per_head,
    )


def serve_regions(
    config: StudyConfig, inputs: Inputs, clustering: Clustering, regions: Regions
) -> "pd.DataFrame":
    """The region that each place serves, and how far it is from its footprint."""
    reach_km = config.delineation.reach_km
    return serve(inputs.places, regions, inputs.records, clustering.region_of, reach_km=reach_km)


def judge_regions(config: StudyConfig, indicators: Indicators) -> Classification:
    """Status of each region by the bars of `[thresholds]`."""
    kind_weights = config.clustering.kind_weights.model_dump()
    return classify(indicators, config.thresholds, kind_weights=kind_weights)


def rank_regions(config: StudyConfig, indicators: Indicators, chosen: "pd.Series[bool]") -> Scores:
    """Ranks of the chosen regions by the framework of `[scoring]`."""
    return score(Indicators(indicators[chosen]), config.scoring)
