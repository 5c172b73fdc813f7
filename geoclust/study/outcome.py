"""What a study is once it has run: its choices and everything they produced."""

from dataclasses import dataclass, field

import pandas as pd

from geoclust.classification import Classification, Drivers
from geoclust.clustering import Clustering, Hierarchy
from geoclust.network import Network
from geoclust.records import Inputs
from geoclust.schema import Indicators, Regions
from geoclust.scoring import Scores
from geoclust.study.config import StudyConfig
from geoclust.study.deciding import Decisions, no_decisions


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

    places_served: pd.DataFrame
    """Index as `inputs.places`: `region_id` of the region each place serves, missing where none,
    and `distance_km` from its footprint, 0 inside."""

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

    decisions: Decisions = field(default_factory=Decisions)
    """Given boundaries and edits, as read."""

    edits: pd.DataFrame = field(default_factory=lambda: no_decisions().edits)
    """Every edit, in order: what it says, what it did, why, and who decided."""

    boundaries: pd.DataFrame = field(default_factory=lambda: no_decisions().boundaries)
    """Every given polygon: what it is, its records, what joined and left."""

    decided: tuple[str, ...] = ()
    """What boundaries and edits did, in sentences."""

    def __repr__(self) -> str:
        counts = self.status_counts
        return (
            f"<Study {self.config.name!r}: {len(self.inputs.records):,} records, "
            f"{len(self.regions)} regions ({counts['cluster']} clusters, "
            f"{counts['quasi-cluster']} quasi-clusters), "
            f"{len(self.inputs.rejected)} rows rejected>"
        )

    def _repr_html_(self) -> str:
        from geoclust.study.showing import study_html  # noqa: PLC0415 - it imports us

        return study_html(self)

    @property
    def status_counts(self) -> dict[str, int]:
        """Number of regions by status."""
        found = self.classification.status.value_counts()
        return {name: int(found.get(name, 0)) for name in ("cluster", "quasi-cluster", "none")}
