"""What the bench comes to, bit by bit: regions at once, then their ground, then the verdicts.

The numbers are those of the ordinary stages, which `Bench.found` walks; a test holds both to each
other on settings drawn at random.  Here nothing is worked out twice: footprints are kept by who is
in a region, counts are sums by label, and what no page asks for is left out.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import pandas as pd

from geoclust.classification.bars import DENSITY, judge
from geoclust.clustering import Clustering
from geoclust.explorer.ground import Alone, Footprint, Ground
from geoclust.indicators.serving import Serving, served_by_members
from geoclust.robustness.chain import sound_ties
from geoclust.robustness.gauging import Drawn
from geoclust.robustness.quick import (
    PLACE_COLUMNS,
    QUICK,
    Facts,
    people_and_money,
    quick_columns,
    with_parts,
)
from geoclust.schema import Indicators, Places, weight_units
from geoclust.scoring import score_matrix
from geoclust.scoring.ranking import rank_labels
from geoclust.sphere import Floats, Ints, coordinate_keys

if TYPE_CHECKING:
    from geoclust.explorer.bench import Found
    from geoclust.records import Inputs
    from geoclust.study import StudyConfig

BETWEENNESS: Final = "betweenness"
ALWAYS: Final = ("firm_count", "lab_count", "patent_count", "reach_area_km2", DENSITY)
"""Columns that judging, gaps and the page ask for, whatever the study's criteria."""


@dataclass(frozen=True, eq=False)
class Basis:
    """What no setting changes: records by id, ties, places, and the ground drawn so far."""

    records: pd.DataFrame
    """By id."""
    keys: Ints
    """Coordinate key of each record."""
    units: Floats
    """Weight of each record, its kind's factor included."""
    facts: Facts
    places: Places
    tables: frozenset[str]
    serving: Serving
    ground: Ground

    @classmethod
    def of(cls, inputs: "Inputs", config: "StudyConfig") -> Self:
        """Gather it once."""
        records = inputs.records.sort_index()
        ties, ends = sound_ties(inputs.ties, records)
        factor = records["kind"].map(config.clustering.kind_weights.model_dump())
        return cls(
            records=records,
            keys=coordinate_keys(records["longitude"], records["latitude"]),
            units=weight_units(records["weight"], factor.astype("float64")).astype(np.float64),
            facts=Facts.of(records, ties, ends),
            places=inputs.places,
            tables=inputs.tables,
            serving=Serving(inputs.places),
            ground=Ground(),
        )

    def serves(self, config: "StudyConfig", given: Mapping[str, Any]) -> bool:
        """Whether the short way gives all that the study's criteria and framework ask for."""
        quick = QUICK if config.network.brokerage == BETWEENNESS else QUICK - {"brokerage"}
        return wanted(config) <= quick and not config.indicators.shrinkage and not given


@dataclass(frozen=True, eq=False)
class Measured:
    """What depends on regions and ground alone; rows and entries in the order of the regions."""

    footprints: list[Footprint]
    indicators: pd.DataFrame
    """Index `region_id`: all that criteria and framework ask for."""


@dataclass(frozen=True, eq=False)
class Verdicts(Measured):
    """What a sketch comes to in the end."""

    judged: pd.DataFrame
    """Index `region_id`: status, tier, capability, density."""
    rank_label: list[str]
    """Of the clusters; "" for others."""


class Sketch:
    """Regions of the bench, and what has been worked out of them so far.

    Parameters
    ----------
    basis
        What no setting changes.
    config
        The settings.
    clustering
        The regions with these settings, decided on.
    found
        The ordinary way, for those who must take it.
    before
        The last sketch: what holds still is taken from it.
    """

    def __init__(
        self,
        basis: Basis,
        config: "StudyConfig",
        clustering: Clustering,
        found: "Callable[[], Found]",
        *,
        before: "Sketch | None" = None,
    ) -> None:
        self.basis, self.config, self.clustering = basis, config, clustering
        self._found = found
        self.regions = clustering.regions
        self.verdicts: Verdicts | None = None
        self._measured: Measured | None = None
        self.label, self.keys = self._members(before)
        same_ground = before is not None and before.config.delineation == config.delineation
        if before is not None and same_ground and self.keys is before.keys:
            self.alone: list[Alone | None] = before.alone
            self._measured = before._measured  # noqa: SLF001 - one of us
        else:
            known = basis.ground.known
            self.alone = [known(config.delineation, keys) for keys in self.keys]

    def _members(self, before: "Sketch | None") -> tuple[Ints, list[Ints]]:
        """Region of each record, by number, and the coordinate keys in each region."""
        if before is not None and before.clustering is self.clustering:
            return before.label, before.keys
        names = self.regions.index
        region_of = self.clustering.region_of.reindex(self.basis.records.index)
        label = names.get_indexer(pd.Index(region_of)).astype(np.int64)
        same = before is not None and before.regions.index.equals(names)
        if before is not None and same and np.array_equal(before.label, label):
            return before.label, before.keys
        return label, _by_label(label, self.basis.keys, len(names))

    @property
    def reach_km(self) -> float:
        """How far footprints go beyond their members."""
        rules = self.config.delineation
        return rules.reach_km if rules.method == "reach" else rules.margin_km

    def work(
        self, seconds: float = np.inf, *, first: Iterable[int] = (), grace: float = np.inf
    ) -> bool:
        """Draw what is not drawn, then judge; True once all is done.

        Parameters
        ----------
        seconds
            How long to draw at most; judging comes on top.
        first
            Numbers of the regions that somebody is looking at.
        grace
            How long what nobody is looking at may hold up the others; if it is likely to take
            longer, it is left for the next time.
        """
        if self.verdicts is not None:
            return True
        until = time.perf_counter() + seconds
        if not self._draw(first, until):
            return False
        left = sum(one is None for one in self.alone)
        if left * self.basis.ground.usual_s > grace:
            return False
        if not self._draw(range(len(self.alone)), until):
            return False
        if time.perf_counter() < until:
            self.verdicts = self._judged()
        return self.verdicts is not None

    def _draw(self, numbers: Iterable[int], until: float) -> bool:
        """Draw those not drawn; False if the time was not enough."""
        for number in numbers:
            if self.alone[number] is None:
                if time.perf_counter() >= until:
                    return False
                self.draw(number)
        return True

    def draw(self, number: int) -> bool:
        """Draw a region as if it were alone; whether it had not been drawn."""
        new = self.alone[number] is None
        if new:
            keys = self.keys[number]
            self.alone[number] = self.basis.ground.draw(self.config.delineation, keys)
        return new

    def footprint(self, number: int) -> Footprint | None:
        """Of a region, as far as it is known: settled, or as if alone, or not yet."""
        if self.verdicts is not None:
            return self.verdicts.footprints[number]
        alone = self.alone[number]
        return None if alone is None else alone.footprint

    def _judged(self) -> Verdicts:
        if self._measured is None:
            self._measured = self._measure([one for one in self.alone if one is not None])
        footprints, table = self._measured.footprints, self._measured.indicators
        _, judged = judge(Indicators(table), self.config.thresholds)
        labels = _ranked(table, judged["status"].to_numpy() == "cluster", self.config)
        return Verdicts(footprints, table, judged, labels)

    def _measure(self, drawn: list[Alone]) -> Measured:
        config, basis, names = self.config, self.basis, self.regions.index
        footprints = self._settled(drawn)
        needed = with_parts(wanted(config))
        ground = {"reach_area_km2": np.array([one.reach_area_km2 for one in drawn], np.float64)}
        if needed & set(PLACE_COLUMNS):
            ground |= people_and_money(
                basis.places,
                self._served(footprints),
                len(drawn),
                gdp_per_head=config.indicators.gdp_per_head,
            )
        drawn_records = Drawn(
            basis.records, np.ones(len(basis.records), np.int64), self.label, tuple(names)
        )
        columns = quick_columns(
            basis.facts,
            drawn_records,
            basis.units,
            ground,
            tables=basis.tables,
            needed=needed,
        )
        table = pd.DataFrame({name: columns[name] for name in sorted(needed)}, index=names)
        return Measured(footprints, table)

    def _settled(self, drawn: list[Alone]) -> list[Footprint]:
        """Disputed ground is settled in the order of `delineate`: by plain weight, then by id."""
        plain = weight_units(self.basis.records["weight"]).astype(np.float64)
        inside = self.label >= 0
        units = np.bincount(self.label[inside], plain[inside], len(drawn))
        by_id = np.argsort(self.regions.index.to_numpy(dtype=object), kind="stable")
        order = by_id[np.argsort(-units[by_id], kind="stable")].tolist()
        disjoint = self.config.delineation.disjoint
        settled = self.basis.ground.settle([drawn[n] for n in order], disjoint=disjoint)
        back = dict(zip(order, settled, strict=True))
        return [back[number] for number in range(len(drawn))]

    def _served(self, footprints: list[Footprint]) -> Ints:
        """Number of the region that each place serves, -1 for none."""
        reach_km, names = self.config.delineation.reach_km, self.regions.index
        shapes = [one.shape for one in footprints]
        found = self.basis.serving.served(
            shapes, [one.token for one in footprints], names.tolist(), reach_km=reach_km
        )
        if found is not None:
            return found
        import geopandas as gpd  # noqa: PLC0415 - heavy

        regions = gpd.GeoDataFrame(index=names, geometry=gpd.GeoSeries(shapes, index=names))
        region_of = self.clustering.region_of
        records = self.basis.records
        return served_by_members(self.basis.places, regions, records, region_of, reach_km=reach_km)


class Slow(Sketch):
    """The same for studies that ask for more than counts: by the ordinary stages, in one go."""

    def work(
        self, seconds: float = np.inf, *, first: Iterable[int] = (), grace: float = np.inf
    ) -> bool:
        """Walk the stages."""
        del seconds, first, grace
        if self.verdicts is None:
            found, ground = self._found(), self.basis.ground
            parts = zip(found.regions.geometry, found.regions["area_km2"], strict=True)
            footprints = [ground.token_of(shape, float(area)) for shape, area in parts]
            labels = found.scores.table["rank_label"].reindex(found.regions.index)
            ranks = labels.fillna("").tolist()
            self.verdicts = Verdicts(footprints, found.indicators, found.judged, ranks)
        return True


def wanted(config: "StudyConfig") -> frozenset[str]:
    """Indicators that the study's criteria, framework and page ask for."""
    ranked = [spec.name for spec in config.scoring.indicators]
    judged = [criterion.indicator for criterion in config.thresholds.criteria]
    return frozenset({*ranked, *judged, *ALWAYS, "activity"})


def _by_label(label: Ints, keys: Ints, count: int) -> list[Ints]:
    """Distinct coordinate keys of the members of each region, ascending."""
    inside = np.flatnonzero(label >= 0)
    order = inside[np.lexsort((keys[inside], label[inside]))]
    own, at = label[order], keys[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (own[1:] != own[:-1]) | (at[1:] != at[:-1])
    ends = np.searchsorted(own[new], np.arange(1, count))
    return [np.ascontiguousarray(part) for part in np.split(at[new], ends)][:count]


def _ranked(table: pd.DataFrame, clusters: Any, config: "StudyConfig") -> list[str]:  # noqa: ANN401
    """Rank of each cluster as text, "" for other regions."""
    found = np.full(len(table), "", dtype=object)
    if clusters.any():
        names = [spec.name for spec in config.scoring.indicators]
        values = table.loc[clusters, names].to_numpy(dtype=np.float64)
        values = np.where(np.isinf(values), np.nan, values)
        rank = pd.Series(score_matrix(values, config.scoring).rank).astype("Int64")
        found[clusters] = rank_labels(rank).fillna("").to_numpy(dtype=object)
    return found.tolist()
