"""The one light value that explanation works from, whether a study is live or read from a folder.

It holds what went in (records with their regions, ties, places, settings) and what was reported.
Nothing is computed until it is asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self, TypeVar

import numpy as np
import pandas as pd

from geoclust.classification import Classification, Thresholds, classify, find_drivers
from geoclust.classification.gaps import find_gaps
from geoclust.clustering import Clustering, build_hierarchy, extract_regions, regroup
from geoclust.clustering.field import Field
from geoclust.clustering.labels import choose_regions
from geoclust.clustering.rules import Rules
from geoclust.clustering.selection import Choice
from geoclust.explanation.alike import PEER, peer_value
from geoclust.explanation.drawn import DRAWS, draw_value
from geoclust.explanation.reading import read_back
from geoclust.gazetteer import name_regions
from geoclust.indicators import serve
from geoclust.network import Network, brokerage_z, build_network
from geoclust.records import Inputs
from geoclust.schema import (
    ORGANISATION_KINDS,
    WEIGHT_UNIT,
    Indicators,
    Places,
    Records,
    Ties,
    weight_units,
)
from geoclust.scoring import Framework
from geoclust.scoring.matrix import ScoreMatrix, score_matrix
from geoclust.study import Results, Study, StudyConfig, with_survival

T = TypeVar("T")


@dataclass(frozen=True, eq=False, kw_only=True)
class Evidence:
    """What went into a study and what it reported."""

    config: StudyConfig
    records: Records
    """Accepted records, by id."""
    region_of: pd.Series
    """Region of each record, missing for noise."""
    membership: pd.DataFrame
    """By record: membership, outlier_score, nearest_region."""
    ties: Ties
    places: Places
    tables: frozenset[str]
    """Tables that were given."""
    regions: pd.DataFrame
    """By region, with its footprint: all that was reported of it (as `regions.csv`)."""
    scores: pd.DataFrame
    """By ranked region (as `scores.csv`)."""
    network_measures: pd.DataFrame
    """By region (as `network.csv`)."""
    gaps: pd.DataFrame
    """By region below cluster (as `gaps.csv`)."""
    settings: pd.DataFrame
    """Columns setting, value, why."""
    peers: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Benchmark peers (as `peers.csv`)."""
    drivers: pd.DataFrame = field(default_factory=pd.DataFrame)
    """By indicator: what separates clusters from quasi-clusters (as `drivers.csv`)."""
    draws: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """Tables of the draws (as in `robustness/`), by name; empty where none were made."""
    origins: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """As `Inputs.origins`; empty where not known."""
    found: Clustering | None = None
    """What clustering found, where it is at hand."""

    @classmethod
    def of(cls, study: Study | Results) -> Self:
        """The evidence of a live study, or of a folder of results read back."""
        if isinstance(study, Results):
            return cls(**read_back(study))
        inputs, found = study.inputs, study.clustering
        order = inputs.records.index
        loose = {
            "membership": found.membership,
            "outlier_score": found.outlier_score,
            "nearest_region": found.nearest_region,
        }
        return cls(
            config=study.config,
            records=inputs.records,
            region_of=found.region_of.reindex(order),
            membership=pd.DataFrame({name: part.reindex(order) for name, part in loose.items()}),
            ties=inputs.ties,
            places=inputs.places,
            tables=inputs.tables,
            regions=_reported(study),
            scores=_ranked(study),
            network_measures=study.network_measures,
            gaps=study.gaps,
            settings=study.settings,
            peers=study.peers,
            drivers=study.drivers.table,
            origins=inputs.origins,
            found=found,
        )

    @property
    def thresholds(self) -> Thresholds:
        """Bars, criteria and unit costs."""
        return self.config.thresholds

    @property
    def decided(self) -> bool:
        """Whether somebody's edits or polygons had a say in which regions there are."""
        config = self.config
        return bool(config.edits or config.study.edits or config.boundaries.file)

    @property
    def framework(self) -> Framework:
        """The scheme of the ranking."""
        return self.config.scoring

    @cached_property
    def kind_weights(self) -> dict[str, float]:
        """Weight of a firm, lab, patent in activity."""
        return dict(self.config.clustering.kind_weights.model_dump())

    @cached_property
    def units(self) -> pd.Series:
        """Kind weight x weight of each record, in whole units."""
        factor = self.records["kind"].map(self.kind_weights).astype("float64")
        return pd.Series(weight_units(self.records["weight"], factor), index=self.records.index)

    @cached_property
    def organisations(self) -> pd.DataFrame:
        """Firms and labs, with their region."""
        kinds = self.records["kind"].isin(ORGANISATION_KINDS)
        return self.records[kinds].assign(region_id=self.region_of[kinds])

    @cached_property
    def network(self) -> Network:
        """The network of regions, built anew from ties and records."""
        measure = self.config.network.brokerage
        return build_network(self.ties, self.region_of, self.records, brokerage_measure=measure)

    @cached_property
    def rewired(self) -> pd.DataFrame:
        """Brokerage of every region against rewired networks, drawn again from the seed."""
        rules = self.config.network
        return brokerage_z(
            self.network,
            measure=rules.brokerage,
            rewirings=rules.rewirings,
            seed=self.config.study.seed,
        )

    @cached_property
    def served(self) -> pd.DataFrame:
        """Which place serves which region; index as `places`."""
        reach_km = self.config.delineation.reach_km
        return serve(self.places, self.regions, self.records, self.region_of, reach_km=reach_km)

    @cached_property
    def clustering(self) -> Clustering:
        """What clustering found; found anew where only its results are at hand."""
        if self.found is not None:
            return self.found
        rules = self.config.clustering
        hierarchy = build_hierarchy(self.records, **rules.hierarchy_arguments)
        found = extract_regions(hierarchy, **rules.selection_arguments)
        if not self.decided:
            return found
        order = found.region_of.index
        return regroup(
            found,
            self.region_of.reindex(order),
            pd.DataFrame(self.regions[["name", "persistence", "birth_km"]]),
            membership=self.membership["membership"].reindex(order),
            nearest_region=self.membership["nearest_region"].reindex(order),
        )

    @cached_property
    def lacking(self) -> pd.DataFrame:
        """Gaps worked out anew from the reported indicators."""
        return find_gaps(
            pd.DataFrame(self.regions),
            pd.DataFrame(self.regions[["status"]]),
            self.thresholds,
            kind_weights=self.kind_weights,
        )

    @cached_property
    def chosen(self) -> tuple[Field, Choice]:
        """The condensed tree laid out, and which clusters of it became regions."""
        found = self.clustering
        rules = {name: found.parameters[name] for name in Rules.__dataclass_fields__}
        return choose_regions(found.hierarchy, Rules(**rules))

    @cached_property
    def judged(self) -> Classification:
        """Verdicts worked out anew from the reported indicators."""
        table = Indicators(pd.DataFrame(self.regions))
        return classify(table, self.thresholds, kind_weights=self.kind_weights)

    @cached_property
    def driven(self) -> pd.DataFrame:
        """What separates clusters from quasi-clusters, resampled again from the seed."""
        table = Indicators(pd.DataFrame(self.regions))
        names = [str(name) for name in self.drivers.index]
        return find_drivers(table, self.judged, names=names, seed=self.config.study.seed).table

    @cached_property
    def survival(self) -> pd.DataFrame:
        """Gaps, and whether each survives clustering again, worked out anew."""
        nothing = pd.DataFrame()
        inputs = Inputs(
            self.records, self.ties, self.places, nothing, nothing, nothing, nothing, self.tables
        )
        return with_survival(self.judged, self.clustering, inputs, config=self.config)

    @cached_property
    def named(self) -> pd.DataFrame:
        """Name, country and countries of each region, found anew from its members."""
        inside = self.region_of.notna().to_numpy()
        members = self.records[inside][["longitude", "latitude", "country"]]
        members = members.assign(
            weight=self.units[inside] / WEIGHT_UNIT, group=self.region_of[inside]
        )
        return name_regions(members) if len(members) else members

    @cached_property
    def clusters(self) -> pd.DataFrame:
        """Reported indicators of the regions that are ranked."""
        return pd.DataFrame(self.regions[self.regions["status"] == "cluster"])

    @cached_property
    def matrix(self) -> ScoreMatrix:
        """The ranking made anew from the reported indicators."""
        columns = [spec.name for spec in self.framework.indicators]
        return score_matrix(self.clusters[columns].to_numpy(dtype=np.float64), self.framework)

    @cached_property
    def memo(self) -> dict[tuple[str, str], Any]:
        """What has been worked out already, by what it is and of which region."""
        return {}

    def once(self, what: str, region_id: str, make: Callable[["Evidence", str], T]) -> T:
        """What `make` gives for a region, worked out once."""
        key = what, region_id
        if key not in self.memo:
            self.memo[key] = make(self, region_id)
        found: T = self.memo[key]
        return found

    def members(self, region_id: str) -> pd.DataFrame:
        """Records of a region, by id."""
        return self.once("members", region_id, _members)

    def value(self, region_id: str, name: str) -> object:
        """A number as it was reported."""
        for table in (self.regions, self.scores, self.network_measures):
            if name in table and region_id in table.index:
                return plain(table.at[region_id, name])
        if name.startswith(PEER):
            return plain(peer_value(self, region_id, name))
        if name.startswith(DRAWS):
            return plain(draw_value(self, region_id, name))
        gap = name.removeprefix(GAP)
        if name.startswith(GAP) and gap in self.gaps and region_id in self.gaps.index:
            return plain(self.gaps.at[region_id, gap])
        return None

    def origin(self, table: str, index: pd.Index) -> pd.DataFrame:
        """File and row of some rows of a table, missing where not known."""
        return self.once(f"origin of {table}", "", _origin_of(table)).reindex(index)


GAP = "gap_"
"""Goes before the name of a column of `gaps.csv`."""


def _members(evidence: Evidence, region_id: str) -> pd.DataFrame:
    inside = (evidence.region_of == region_id).fillna(False).to_numpy(dtype=bool)
    return evidence.records[inside].sort_index()


def _origin_of(table: str) -> Callable[[Evidence, str], pd.DataFrame]:
    """File and row by record, or by number of a tie or place; empty where not known."""

    def make(evidence: Evidence, _: str) -> pd.DataFrame:
        known = evidence.origins.get(table)
        length = len({"ties": evidence.ties, "places": evidence.places}.get(table, ()))
        if known is None or (table != "records" and len(known) != length):
            known = pd.DataFrame({"file": [], "row": []})
        return known.astype({"file": "str", "row": "Int64"})

    return make


def plain(value: object) -> object:
    """A cell as a value of Python."""
    if value is None or value is pd.NA:
        return None
    return value.item() if hasattr(value, "item") else value


def _reported(study: Study) -> pd.DataFrame:
    """As the table of regions that is written, with the footprints."""
    joined = study.regions
    ranks = study.scores.table.rename(columns={"score": "mean_rank", "note": "scoring_note"})
    for part in (study.classification.table, study.indicators, ranks):
        joined = joined.join(part[part.columns.difference(joined.columns, sort=False)])
    return joined


def _ranked(study: Study) -> pd.DataFrame:
    """As the table of scores that is written."""
    ranks = study.scores.indicator_ranks.add_suffix("_rank")
    fresh = ranks.columns.difference(study.scores.table.columns, sort=False)
    return study.scores.table.join(ranks[fresh])
