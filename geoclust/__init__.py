"""geoclust: innovation clusters from data instead of from administrative borders.

The walk, each line using only names from the lines above it::

    import geoclust as gc

    inputs     = gc.read_inputs("data/quantum")            # records, ties, places
    hierarchy  = gc.build_hierarchy(inputs.records, min_samples=5)
    clustering = gc.extract_regions(hierarchy, min_cluster_size=10)
    regions    = gc.delineate(inputs.records, clustering.region_of, reach_km=10)
    network    = gc.build_network(inputs.ties, clustering.region_of, inputs.records)
    indicators = gc.measure(inputs.records, clustering.region_of, regions,
                            network=network, places=inputs.places)
    status     = gc.classify(indicators, gc.Thresholds())
    scores     = gc.score(indicators[status.is_cluster], gc.Framework.quantum())

`gc.run_study("study.toml")` walks it in one call, `gc.write_study(study, "results")` writes what
came of it, and the command ``geoclust run study.toml`` does both.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geoclust import synthetic
    from geoclust.batch import Batch, BatchConfig, run_batch
    from geoclust.classification import (
        Classification,
        Thresholds,
        classify,
        find_drivers,
        threshold_frontier,
    )
    from geoclust.clustering import (
        Clustering,
        Hierarchy,
        build_hierarchies,
        build_hierarchy,
        build_hierarchy_tiled,
        extract_regions,
        load_hierarchy,
        locate_records,
        region_counts,
        warm_up,
    )
    from geoclust.comparison import Comparison, PublishedRegions, compare_studies
    from geoclust.delineation import delineate
    from geoclust.errors import GeoclustError, GeoclustWarning
    from geoclust.explanation import Explanation, audit_region, explain, explain_record
    from geoclust.explorer import explore
    from geoclust.gazetteer import geocode
    from geoclust.indicators import measure
    from geoclust.network import (
        Network,
        bridgeness,
        brokerage,
        brokerage_z,
        build_network,
        constraint,
        key_partners,
        participation,
        project_ties,
    )
    from geoclust.network.roles import roles
    from geoclust.records import (
        Inputs,
        TableSource,
        find_duplicates,
        read_inputs,
        read_places,
        read_records,
        read_ties,
    )
    from geoclust.report import StudyMap, explore_map, write_study
    from geoclust.report.comparing import write_comparison
    from geoclust.report.sweeping import write_sweep
    from geoclust.report.timing import write_timeline
    from geoclust.robustness import (
        Bases,
        Centroids,
        Robustness,
        Sensitivity,
        Sweep,
        Variation,
        compare_bases,
        jitter_records,
        rank_sensitivity,
        run_robustness,
        sobol_indices,
        sweep,
        what_hangs_on_centroids,
    )
    from geoclust.schema import as_records
    from geoclust.scoring import (
        Framework,
        Scores,
        benchmark_peers,
        diagnose,
        score,
        strengths_and_weaknesses,
        what_if,
    )
    from geoclust.study import (
        Results,
        Study,
        StudyConfig,
        check_study,
        cluster_table,
        explore_region,
        read_results,
        run_study,
    )
    from geoclust.timeline import Timeline, run_timeline

__version__ = "0.1.0"

_HOMES = {
    "Inputs": "records",
    "TableSource": "records",
    "read_inputs": "records",
    "read_records": "records",
    "read_ties": "records",
    "read_places": "records",
    "find_duplicates": "records",
    "as_records": "schema",
    "geocode": "gazetteer",
    "Hierarchy": "clustering",
    "Clustering": "clustering",
    "build_hierarchy": "clustering",
    "extract_regions": "clustering",
    "region_counts": "clustering",
    "locate_records": "clustering",
    "load_hierarchy": "clustering",
    "build_hierarchies": "clustering",
    "build_hierarchy_tiled": "clustering",
    "warm_up": "clustering",
    "delineate": "delineation",
    "Network": "network",
    "build_network": "network",
    "brokerage": "network",
    "brokerage_z": "network",
    "bridgeness": "network",
    "constraint": "network",
    "participation": "network",
    "roles": "network",
    "key_partners": "network",
    "project_ties": "network",
    "measure": "indicators",
    "Thresholds": "classification",
    "Classification": "classification",
    "classify": "classification",
    "threshold_frontier": "classification",
    "find_drivers": "classification",
    "Framework": "scoring",
    "Scores": "scoring",
    "score": "scoring",
    "diagnose": "scoring",
    "strengths_and_weaknesses": "scoring",
    "what_if": "scoring",
    "benchmark_peers": "scoring",
    "StudyConfig": "study",
    "Study": "study",
    "run_study": "study",
    "check_study": "study",
    "cluster_table": "study",
    "explore_region": "study",
    "run_robustness": "robustness",
    "jitter_records": "robustness",
    "compare_bases": "robustness",
    "Bases": "robustness",
    "what_hangs_on_centroids": "robustness",
    "rank_sensitivity": "robustness",
    "sobol_indices": "robustness",
    "sweep": "robustness",
    "Robustness": "robustness",
    "Centroids": "robustness",
    "Sensitivity": "robustness",
    "Sweep": "robustness",
    "Variation": "robustness",
    "explain": "explanation",
    "explain_record": "explanation",
    "audit_region": "explanation",
    "Explanation": "explanation",
    "compare_studies": "comparison",
    "Comparison": "comparison",
    "PublishedRegions": "comparison",
    "write_study": "report",
    "write_comparison": "report.comparing",
    "run_timeline": "timeline",
    "write_timeline": "report.timing",
    "Timeline": "timeline",
    "publish_study": "report",
    "write_sweep": "report.sweeping",
    "Results": "study",
    "read_results": "study",
    "explore": "explorer",
    "explore_map": "report",
    "StudyMap": "report",
    "BatchConfig": "batch",
    "Batch": "batch",
    "run_batch": "batch",
    "GeoclustError": "errors",
    "GeoclustWarning": "errors",
}

__all__ = [  # noqa: RUF022 - in walking order
    "Inputs",
    "TableSource",
    "read_inputs",
    "read_records",
    "read_ties",
    "read_places",
    "find_duplicates",
    "as_records",
    "geocode",
    "Hierarchy",
    "Clustering",
    "build_hierarchy",
    "build_hierarchies",
    "build_hierarchy_tiled",
    "extract_regions",
    "region_counts",
    "locate_records",
    "load_hierarchy",
    "warm_up",
    "delineate",
    "Network",
    "build_network",
    "brokerage",
    "brokerage_z",
    "bridgeness",
    "constraint",
    "participation",
    "roles",
    "key_partners",
    "project_ties",
    "measure",
    "Thresholds",
    "Classification",
    "classify",
    "threshold_frontier",
    "find_drivers",
    "Framework",
    "Scores",
    "score",
    "diagnose",
    "strengths_and_weaknesses",
    "what_if",
    "benchmark_peers",
    "StudyConfig",
    "Study",
    "run_study",
    "check_study",
    "cluster_table",
    "explore_region",
    "run_robustness",
    "jitter_records",
    "compare_bases",
    "what_hangs_on_centroids",
    "rank_sensitivity",
    "sobol_indices",
    "sweep",
    "Robustness",
    "Centroids",
    "Bases",
    "Sensitivity",
    "Sweep",
    "Variation",
    "explain",
    "explain_record",
    "audit_region",
    "Explanation",
    "compare_studies",
    "Comparison",
    "PublishedRegions",
    "run_timeline",
    "Timeline",
    "write_timeline",
    "write_study",
    "write_comparison",
    "publish_study",
    "write_sweep",
    "Results",
    "read_results",
    "explore",
    "explore_map",
    "StudyMap",
    "BatchConfig",
    "Batch",
    "run_batch",
    "synthetic",
    "GeoclustError",
    "GeoclustWarning",
]


def __getattr__(name: str) -> object:
    """Import a public name from its room when it is first used (the rooms are heavy)."""
    if name == "synthetic":
        return import_module("geoclust.synthetic")
    if name not in _HOMES:
        raise AttributeError(f"module 'geoclust' has no attribute {name!r}")
    return getattr(import_module(f"geoclust.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
