"""The walk: read, cluster, delineate, connect, measure, judge, score.

Every stage takes only what the stages above it made.  A stage's warnings are collected in
`Study.warnings` and logged; nothing is silent, nothing stops a good row.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from geoclust.classification import Classification
from geoclust.clustering import (
    Clustering,
    Hierarchy,
    build_hierarchy,
    build_hierarchy_tiled,
    region_counts,
)
from geoclust.clustering.distributed import JobRunner, job_runner
from geoclust.errors import GeoclustWarning, ParameterError
from geoclust.network import Network
from geoclust.records import Inputs
from geoclust.schema import Indicators, Regions
from geoclust.scoring import Scores
from geoclust.study.accounts import coverage_by_country, settings_with_reasons
from geoclust.study.briefs import write_briefs
from geoclust.study.comparing import Comparisons, compare_regions
from geoclust.study.config import StudyConfig
from geoclust.study.connecting import Connected, connect
from geoclust.study.deciding import (
    Decided,
    Decisions,
    load_decisions,
    no_decisions,
)
from geoclust.study.journal import Journal
from geoclust.study.losses import tell_losses, tell_no_cluster
from geoclust.study.needs import estimate_needs
from geoclust.study.outcome import Study
from geoclust.study.reading import read_configured
from geoclust.study.stages import (
    choose_regions,
    decide_regions,
    draw_footprints,
    judge_regions,
    measure_regions,
    rank_regions,
    serve_regions,
)
from geoclust.study.survival import with_survival


def run_study(
    study: StudyConfig | str | Path,
    *,
    progress: Callable[[str], None] | None = None,
    scheduler: str | None = None,
) -> Study:
    """Run the whole chain once.

    Parameters
    ----------
    study
        A configuration, the path of a study file, or a folder with tables.
    progress
        Called with the name of each stage as it begins.
    scheduler
        Address of a running Dask scheduler, such as ``tcp://127.0.0.1:8786``, whose workers grow
        the spanning forest, rewire the network, cluster again with gaps filled and count regions;
        the results are the same without.

    Returns
    -------
    Study

    Raises
    ------
    ConfigError, InputError
        If the study file or a table cannot be understood.
    RejectedRowsError
        If rows were rejected and `inputs.strict` is set.

    Examples
    --------
    >>> import geoclust as gc, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder, seed=1)
    ...     study = gc.run_study(folder)
    >>> len(study.regions) > 0
    True
    """
    config = load_config(study)
    journal = Journal(progress or (lambda _: None))
    inputs, decisions = _read(config, journal)
    _refuse_upstream_elsewhere(config, scheduler)
    with job_runner(scheduler) as run:
        return _walk(config, inputs, decisions, journal=journal, run=run)


def _walk(
    config: StudyConfig, inputs: Inputs, decisions: Decisions, *, journal: Journal, run: JobRunner
) -> Study:
    """Everything behind the reading; what can be shared is done by `run`."""
    hierarchy, clustering = _cluster(config, inputs, journal, run=run, by=decisions)
    clustering, decided = _decide(config, decisions, inputs, clustering, journal=journal)
    regions = _delineate(config, inputs, clustering, journal, given=decided.partition.footprints)
    connected = _connect(config, inputs, clustering, journal, run=run)
    indicators = _measure(
        config, inputs, clustering, regions, network=connected.network, journal=journal
    )
    classification, scores, shadow = _judge(config, indicators, journal)
    compared = _compare(config, indicators, classification, scores, journal=journal)
    gaps = _fill_gaps(
        config, inputs, clustering, classification, by=decisions, journal=journal, run=run
    )
    counts, coverage = _account(
        config, inputs, clustering, classification, journal=journal, run=run
    )
    found = Study(
        config=config,
        inputs=inputs,
        hierarchy=hierarchy,
        clustering=clustering,
        regions=regions,
        network=connected.network,
        network_measures=connected.measures,
        key_partners=connected.partners,
        indicators=indicators,
        places_served=serve_regions(config, inputs, clustering, regions),
        classification=classification,
        gaps=gaps,
        scores=scores,
        shadow=shadow,
        **compared._asdict(),
        coverage=coverage,
        region_counts=counts,
        settings=settings_with_reasons(config, hierarchy),
        stages=pd.DataFrame(journal.rows, columns=["stage", "seconds", "detail"]),
        warnings=tuple(journal.told),
        **decided.accounts(decisions),
    )
    return replace(found, briefs=write_briefs(found))


def check_study(study: StudyConfig | str | Path) -> Inputs:
    """Read and check the inputs of a study; compute and write nothing.

    Parameters
    ----------
    study
        As `run_study`.

    Returns
    -------
    Inputs
        Accepted records, ties and places; every rejected row with its reason.

    Raises
    ------
    ConfigError, InputError, RejectedRowsError
        As `run_study`.

    Examples
    --------
    >>> import geoclust as gc, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder)
    ...     len(check_study(folder).rejected)
    0
    """
    config = load_config(study)
    return _read(config, Journal(lambda _: None))[0]


def load_config(study: StudyConfig | str | Path) -> StudyConfig:
    """A configuration from whatever names one: itself, a study file, a folder with one or tables.

    A folder that holds a `study.toml` is that study; another is its tables with every default.
    """
    if isinstance(study, StudyConfig):
        return study
    path = Path(study)
    if path.is_dir() and not (path / "study.toml").is_file():
        return StudyConfig.from_directory(path)
    return StudyConfig.from_toml(path / "study.toml" if path.is_dir() else path)


def _read(config: StudyConfig, journal: Journal) -> tuple[Inputs, Decisions]:
    with journal.stage("read") as note:
        decisions = load_decisions(config)
        inputs = read_configured(config)
        note(
            f"{len(inputs.records):,} records, {len(inputs.ties):,} ties, "
            f"{len(inputs.places):,} places, {len(inputs.rejected):,} rows rejected"
        )
        needs = estimate_needs(inputs)
        if not needs.fits:
            warnings.warn(f"this run needs {needs}", GeoclustWarning, stacklevel=2)
    return inputs, decisions


def _cluster(
    config: StudyConfig, inputs: Inputs, journal: Journal, *, run: JobRunner, by: Decisions
) -> tuple[Hierarchy, Clustering]:
    with journal.stage("cluster") as note:
        hierarchy = _hierarchy(config, inputs, run)
        clustering = choose_regions(config, hierarchy)
        noise = int(clustering.region_of.isna().sum())
        for remark in () if by.replaces_clustering else tell_losses(config, clustering):
            warnings.warn(remark, GeoclustWarning, stacklevel=2)
        note(f"{len(clustering.regions)} regions, {noise:,} records in none")
    return hierarchy, clustering


def _decide(
    config: StudyConfig,
    decisions: Decisions,
    inputs: Inputs,
    clustering: Clustering,
    *,
    journal: Journal,
) -> tuple[Clustering, Decided]:
    """What boundaries and edits make of the regions found."""
    if not decisions:
        return clustering, no_decisions()
    with journal.stage("decide") as note:
        made, decided = decide_regions(config, decisions, inputs, clustering)
        for remark in decided.remarks:
            warnings.warn(remark, GeoclustWarning, stacklevel=2)
        note(
            f"{len(decided.boundaries)} polygons, {len(decided.edits)} edits: "
            f"{len(clustering.regions)} regions found, {len(made.regions)} decided on"
        )
    return made, decided


def _hierarchy(config: StudyConfig, inputs: Inputs, run: JobRunner) -> Hierarchy:
    arguments = config.clustering.hierarchy_arguments
    if run.client is None:
        return build_hierarchy(inputs.records, **arguments)
    del arguments["engine"]
    return build_hierarchy_tiled(inputs.records, scheduler=run.client, **arguments)


def _refuse_upstream_elsewhere(config: StudyConfig, scheduler: str | None) -> None:
    if scheduler is not None and config.clustering.engine != "geoclust":
        raise ParameterError(
            "a scheduler and clustering.engine = 'hdbscan' do not go together: the upstream "
            "package runs in one process; leave one of them out"
        )


def _account(
    config: StudyConfig,
    inputs: Inputs,
    clustering: Clustering,
    classification: Classification,
    *,
    journal: Journal,
    run: JobRunner,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    with journal.stage("account") as note:
        counts = _count_regions(config, clustering.hierarchy, run)
        coverage = coverage_by_country(inputs.records, clustering, classification.status)
        note(f"{len(coverage)} countries")
    return counts, coverage


def _count_regions(config: StudyConfig, hierarchy: Hierarchy, run: JobRunner) -> pd.DataFrame:
    return region_counts(
        hierarchy,
        max_links_km=config.report.max_links_km,
        resolutions_km=config.report.resolutions_km,
        scheduler=run.client,
        **config.clustering.selection_arguments,
    )


def _delineate(
    config: StudyConfig,
    inputs: Inputs,
    clustering: Clustering,
    journal: Journal,
    *,
    given: Mapping[str, Any],
) -> Regions:
    with journal.stage("delineate") as note:
        regions = draw_footprints(config, inputs, clustering, given=given)
        note(f"{len(regions)} footprints")
    return regions


def _connect(
    config: StudyConfig,
    inputs: Inputs,
    clustering: Clustering,
    journal: Journal,
    *,
    run: JobRunner,
) -> Connected:
    with journal.stage("connect") as note:
        found = connect(config, inputs, clustering, run=run)
        rewired = f", {config.network.rewirings} rewired" if config.network.rewirings else ""
        note(
            f"{len(found.network.pairs):,} tied pairs, {len(found.network.edges):,} edges{rewired}"
        )
    return found


def _measure(
    config: StudyConfig,
    inputs: Inputs,
    clustering: Clustering,
    regions: Regions,
    *,
    network: Network,
    journal: Journal,
) -> Indicators:
    with journal.stage("measure") as note:
        indicators = measure_regions(config, inputs, clustering, regions, network=network)
        note(f"{indicators.shape[1]} indicators")
    return indicators


def _judge(
    config: StudyConfig, indicators: Indicators, journal: Journal
) -> tuple[Classification, Scores, Scores]:
    with journal.stage("judge") as note:
        classification = judge_regions(config, indicators)
        clusters = classification.is_cluster
        for remark in tell_no_cluster(config, indicators, int(clusters.sum())):
            warnings.warn(remark, GeoclustWarning, stacklevel=2)
        ranked = clusters | classification.is_quasi
        scores = rank_regions(config, indicators, clusters)
        shadow = rank_regions(config, indicators, ranked)
        note(f"{int(clusters.sum())} clusters, {int(ranked.sum() - clusters.sum())} quasi-clusters")
    return classification, scores, shadow


def _compare(
    config: StudyConfig,
    indicators: Indicators,
    classification: Classification,
    scores: Scores,
    *,
    journal: Journal,
) -> Comparisons:
    with journal.stage("compare") as note:
        found = compare_regions(config, indicators, classification, scores)
        clear = int(found.drivers.table["separates"].sum())
        note(f"{clear} indicators separate clusters from quasi-clusters")
    return found


def _fill_gaps(
    config: StudyConfig,
    inputs: Inputs,
    clustering: Clustering,
    classification: Classification,
    *,
    by: Decisions,
    journal: Journal,
    run: JobRunner,
) -> pd.DataFrame:
    with journal.stage("fill gaps") as note:
        gaps = with_survival(
            classification, clustering, inputs, config=config, decisions=by, run=run
        )
        survives = gaps["survives"]
        note(f"{int(survives.sum())} of {int(survives.notna().sum())} survive clustering again")
    return gaps
