"""The walk: read, cluster, delineate, connect, measure, judge, score.

Every stage takes only what the stages above it made.  A stage's warnings are collected in
`Study.warnings` and logged; nothing is silent, nothing stops a good row.
"""

import logging
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from geoclust.classification import Classification, Drivers, classify
from geoclust.clustering import (
    Clustering,
    Hierarchy,
    build_hierarchy,
    build_hierarchy_tiled,
    extract_regions,
    region_counts,
)
from geoclust.delineation import delineate
from geoclust.errors import GeoclustWarning, ParameterError
from geoclust.indicators import measure
from geoclust.network import Network
from geoclust.records import Inputs, read_inputs
from geoclust.schema import Indicators, Regions
from geoclust.scoring import Scores, score
from geoclust.study.accounts import coverage_by_country, settings_with_reasons
from geoclust.study.briefs import write_briefs
from geoclust.study.comparing import Comparisons, compare_regions
from geoclust.study.config import StudyConfig
from geoclust.study.connecting import Connected, connect
from geoclust.study.survival import with_survival

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False, kw_only=True)
class Study:
    """One configured run and everything it produced.

    The tables are indexed by `record_id` or `region_id`; regions come heaviest first.
    """

    config: StudyConfig
    """The choices made."""

    inputs: Inputs
    """Accepted records, ties and places; rejected rows with reasons."""

    hierarchy: Hierarchy
    """Density hierarchy of all locations."""

    clustering: Clustering
    """Region of each record, membership, outlier score."""

    regions: Regions
    """Footprint, name, country, weight, persistence and area (km2) of each region."""

    network: Network
    """Regions joined by ties."""

    network_measures: pd.DataFrame
    """Per region: ties, brokerage in its several meanings and against chance, roles; all missing
    where no table of ties was given.  See `network_measures` in `study.connecting`."""

    key_partners: pd.DataFrame
    """The firms and labs elsewhere that each region works with most; see `key_partners`."""

    indicators: Indicators
    """Everything measured, one row per region."""

    classification: Classification
    """Status, tests, margins and gaps."""

    gaps: pd.DataFrame
    """`classification.gaps`, and whether each survives clustering again; see `with_survival`."""

    scores: Scores
    """Ranking of the clusters."""

    shadow: Scores
    """Ranking of clusters and quasi-clusters together, for orientation only."""

    factors: Scores
    """The ranking read by kind of factor: firm-level, institutional, external."""

    profiles: pd.DataFrame
    """Where each region stands among the clusters; see `profile_table`."""

    peers: pd.DataFrame
    """The clusters most like each region; see `benchmark_peers`."""

    drivers: Drivers
    """Which indicators separate clusters from quasi-clusters: association, not cause."""

    frontier: pd.DataFrame
    """Numbers of regions by status as each bar moves; see `threshold_frontier`."""

    coverage: pd.DataFrame
    """Per country: records, in regions, regions by status."""

    region_counts: pd.DataFrame
    """Number of regions by `max_link_km` (rows) and `resolution_km` (columns)."""

    settings: pd.DataFrame
    """Columns `setting`, `value`, `why`."""

    stages: pd.DataFrame
    """Columns `stage`, `seconds`, `detail`."""

    warnings: tuple[str, ...] = ()
    """What the user should know."""

    briefs: pd.Series = field(default_factory=lambda: pd.Series(dtype="str", name="brief"))
    """A few plain sentences on each region; see `write_briefs`."""

    def __repr__(self) -> str:
        counts = self.status_counts
        return (
            f"<Study {self.config.name!r}: {len(self.inputs.records):,} records, "
            f"{len(self.regions)} regions ({counts['cluster']} clusters, "
            f"{counts['quasi-cluster']} quasi-clusters), "
            f"{len(self.inputs.rejected)} rows rejected>"
        )

    @property
    def status_counts(self) -> dict[str, int]:
        """Number of regions by status."""
        found = self.classification.status.value_counts()
        return {name: int(found.get(name, 0)) for name in ("cluster", "quasi-cluster", "none")}


@dataclass
class _Journal:
    """Seconds, details and warnings of the stages so far."""

    announce: Callable[[str], None]
    rows: list[dict[str, object]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[str], None]]:
        """Time one stage; the value yielded takes its one-line detail."""
        self.announce(name)
        detail: list[str] = []
        start = time.perf_counter()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", GeoclustWarning)
            yield detail.append
        seconds = time.perf_counter() - start
        for warning in caught:
            self._take(warning)
        self.rows.append({"stage": name, "seconds": seconds, "detail": " ".join(detail)})
        logger.info("%s: %s (%.2f s)", name, " ".join(detail), seconds)

    def _take(self, warning: warnings.WarningMessage) -> None:
        message = str(warning.message)
        if not issubclass(warning.category, GeoclustWarning):
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
        elif message not in self.told:
            logger.warning(message)
            self.told.append(message)


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
        the spanning forest; the results are the same without.

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
    journal = _Journal(progress or (lambda _: None))
    inputs = _read(config, journal)
    hierarchy, clustering = _cluster(config, inputs, journal, scheduler=scheduler)
    regions = _delineate(config, inputs, clustering, journal)
    connected = _connect(config, inputs, clustering, journal)
    indicators = _measure(
        config, inputs, clustering, regions, network=connected.network, journal=journal
    )
    classification, scores, shadow = _judge(config, indicators, journal)
    compared = _compare(config, indicators, classification, scores, journal=journal)
    gaps = _fill_gaps(config, inputs, clustering, classification, journal=journal)
    with journal.stage("account") as note:
        counts = _count_regions(config, hierarchy)
        coverage = coverage_by_country(inputs.records, clustering, classification.status)
        note(f"{len(coverage)} countries")
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
    return _read(load_config(study), _Journal(lambda _: None))


def load_config(study: StudyConfig | str | Path) -> StudyConfig:
    """A configuration from whatever names one: itself, a study file or a folder of tables."""
    if isinstance(study, StudyConfig):
        return study
    path = Path(study)
    return StudyConfig.from_directory(path) if path.is_dir() else StudyConfig.from_toml(path)


def _read(config: StudyConfig, journal: _Journal) -> Inputs:
    with journal.stage("read") as note:
        folder = config.base / config.inputs.folder
        inputs = read_inputs(
            config.inputs.sources or folder, folder=folder, strict=config.inputs.strict
        )
        note(
            f"{len(inputs.records):,} records, {len(inputs.ties):,} ties, "
            f"{len(inputs.places):,} places, {len(inputs.rejected):,} rows rejected"
        )
    return inputs


def _cluster(
    config: StudyConfig, inputs: Inputs, journal: _Journal, *, scheduler: str | None
) -> tuple[Hierarchy, Clustering]:
    with journal.stage("cluster") as note:
        hierarchy = _hierarchy(config, inputs, scheduler)
        clustering = extract_regions(hierarchy, **config.clustering.selection_arguments)
        noise = int(clustering.region_of.isna().sum())
        if clustering.regions.empty:
            warnings.warn(_no_region(config, len(inputs.records)), GeoclustWarning, stacklevel=2)
        note(f"{len(clustering.regions)} regions, {noise:,} records in none")
    return hierarchy, clustering


def _hierarchy(config: StudyConfig, inputs: Inputs, scheduler: str | None) -> Hierarchy:
    arguments = config.clustering.hierarchy_arguments
    if scheduler is None:
        return build_hierarchy(inputs.records, **arguments)
    if arguments.pop("engine") != "geoclust":
        raise ParameterError(
            "a scheduler and clustering.engine = 'hdbscan' do not go together: the upstream "
            "package runs in one process; leave one of them out"
        )
    return build_hierarchy_tiled(inputs.records, scheduler=scheduler, **arguments)


def _count_regions(config: StudyConfig, hierarchy: Hierarchy) -> pd.DataFrame:
    return region_counts(
        hierarchy,
        max_links_km=config.report.max_links_km,
        resolutions_km=config.report.resolutions_km,
        **config.clustering.selection_arguments,
    )


def _no_region(config: StudyConfig, records: int) -> str:
    rules = config.clustering
    return (
        f"no region was found among {records:,} records: nowhere does a weight of "
        f"{rules.min_cluster_size} hold together by links of at most {rules.max_link_km:g} km; "
        "lower clustering.min_cluster_size or min_samples, or raise max_link_km"
    )


def _delineate(
    config: StudyConfig, inputs: Inputs, clustering: Clustering, journal: _Journal
) -> Regions:
    with journal.stage("delineate") as note:
        drawn = delineate(inputs.records, clustering.region_of, **config.delineation.model_dump())
        drawn = drawn.loc[clustering.regions.index]
        joined = drawn[["geometry"]].join(clustering.regions)
        for column in drawn.columns.difference(joined.columns, sort=False):
            joined[column] = drawn[column]
        note(f"{len(joined)} footprints")
    return Regions(joined)


def _connect(
    config: StudyConfig, inputs: Inputs, clustering: Clustering, journal: _Journal
) -> Connected:
    with journal.stage("connect") as note:
        found = connect(config, inputs, clustering)
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
    journal: _Journal,
) -> Indicators:
    with journal.stage("measure") as note:
        indicators = measure(
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
        note(f"{indicators.shape[1]} indicators")
    return indicators


def _judge(
    config: StudyConfig, indicators: Indicators, journal: _Journal
) -> tuple[Classification, Scores, Scores]:
    with journal.stage("judge") as note:
        kind_weights = config.clustering.kind_weights.model_dump()
        classification = classify(indicators, config.thresholds, kind_weights=kind_weights)
        clusters = classification.is_cluster
        ranked = clusters | classification.is_quasi
        scores = score(Indicators(indicators[clusters]), config.scoring)
        shadow = score(Indicators(indicators[ranked]), config.scoring)
        note(f"{int(clusters.sum())} clusters, {int(ranked.sum() - clusters.sum())} quasi-clusters")
    return classification, scores, shadow


def _compare(
    config: StudyConfig,
    indicators: Indicators,
    classification: Classification,
    scores: Scores,
    *,
    journal: _Journal,
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
    journal: _Journal,
) -> pd.DataFrame:
    with journal.stage("fill gaps") as note:
        gaps = with_survival(classification, clustering, inputs, config=config)
        survives = gaps["survives"]
        note(f"{int(survives.sum())} of {int(survives.notna().sum())} survive clustering again")
    return gaps
