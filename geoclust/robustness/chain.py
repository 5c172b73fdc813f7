"""The whole chain once more, at another point: what a worker runs, hundreds of times.

Nothing is approximated: clustering, footprints, places, ties, indicators, judgement and ranks come
from the same functions as the study's.  Left out is what no number of a draw depends on: names of
regions, gaps, tables of tests.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np
import pandas as pd

from geoclust.classification.bars import DENSITY, statuses
from geoclust.clustering import Hierarchy, build_hierarchy, label_records
from geoclust.errors import GeoclustWarning, ParameterError
from geoclust.robustness.changing import Change, change_at
from geoclust.robustness.gauging import Drawn, Ground
from geoclust.robustness.matching import match_regions
from geoclust.robustness.outcome import ABSENT, LEFT, STAYS, VANISHED, Outcome
from geoclust.robustness.quick import Facts
from geoclust.robustness.resampling import (
    drawn_copies,
    moved,
    moving_together,
)
from geoclust.schema import (
    ORGANISATION_KINDS,
    STATUSES,
    WEIGHT_UNIT,
    Places,
    weight_units,
)
from geoclust.scoring import score_matrix
from geoclust.sphere import Floats, Ints
from geoclust.study import Study, StudyConfig
from geoclust.study.deciding import Decisions
from geoclust.study.redeciding import decide_again, ids_of_labels, in_effect
from geoclust.study.variation import INPUTS, Variation

Job = list[tuple[int, Mapping[str, float]]]
"""Numbers of draws, and their points."""

ON_THE_GROUND: Final = tuple(
    name
    for name, group in INPUTS.items()
    if group in {"resampling", "coordinates", "clustering", "delineation"}
)
"""Inputs that regions and what is measured of them depend on; the others judge and rank."""


@dataclass(frozen=True, eq=False)
class Chain:
    """What a draw needs of a study; small enough to be sent to other processes."""

    config: StudyConfig
    variation: Variation
    min_shared: float
    resolution_km: float
    records: pd.DataFrame
    """Sorted by id."""
    units: Floats
    """Weight of each record in the study, its kind's factor included."""
    region: Ints
    """Region of each record in the study; -1 for none."""
    names: tuple[str, ...]
    """Ids of the study's regions."""
    decisions: Decisions
    """Given boundaries and edits, taken again in every draw."""
    as_found: Ints
    """Region of each record before them; -1 for none."""
    names_found: tuple[str, ...]
    """Ids of the regions before them."""
    status: Ints
    rank: Ints
    """Of the study's regions; 0 where not ranked."""
    radius_km: Floats
    group: Ints
    ties: pd.DataFrame
    ends: tuple[Ints, Ints]
    facts: Facts
    places: Places
    tables: frozenset[str]

    @classmethod
    def of(cls, study: Study, variation: Variation, *, min_shared: float) -> Self:
        """Take from a study what its draws need."""
        config = study.config
        if config.clustering.engine != "geoclust":
            raise ParameterError(
                f"the study's clustering.engine is {config.clustering.engine!r}; robustness runs "
                'on engine "geoclust" only: run the study with that one'
            )
        records = study.inputs.records.sort_index()
        names = pd.Index(study.regions.index.astype("str"))
        found = study.clustering.before or study.clustering
        as_found = pd.Index(found.regions.index.astype("str"))
        factor = records["kind"].map(config.clustering.kind_weights.model_dump())
        radius = records["precision"].map(dict(variation.jitter_km or {})).fillna(0.0)
        ties, ends = sound_ties(study.inputs.ties, records)
        status = study.classification.status.reindex(names)
        rank = study.scores.table["rank"].reindex(names).astype("Int64").fillna(0)
        return cls(
            config=config,
            variation=variation,
            min_shared=min_shared,
            resolution_km=study.hierarchy.resolution_km,
            records=records,
            units=weight_units(records["weight"], factor.astype("float64")).astype(np.float64),
            region=names.get_indexer(study.clustering.region_of.reindex(records.index)),
            names=tuple(names),
            status=pd.Index(STATUSES).get_indexer(pd.Index(status)).astype(np.int64),
            decisions=in_effect(study.decisions, study.clustering, study.inputs.records),
            as_found=as_found.get_indexer(found.region_of.reindex(records.index)),
            names_found=tuple(as_found),
            rank=np.asarray(rank, dtype=np.int64),
            radius_km=np.asarray(radius, dtype=np.float64),
            group=moving_together(records, together=variation.jitter_together),
            ties=ties,
            ends=ends,
            facts=Facts.of(records, ties, ends),
            places=study.inputs.places,
            tables=study.inputs.tables,
        )

    def run(self, number: int, point: Mapping[str, float]) -> Outcome:
        """One draw: the chain at a point of the unit cube."""
        return self.run_all([(number, point)])[0]

    def run_all(self, job: Job) -> list[Outcome]:
        """Some draws; neighbours on the same ground share it, to the same numbers."""
        outcomes: list[Outcome] = []
        at: tuple[float, ...] | None = None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", GeoclustWarning)
            for number, point in job:
                if at != ground_of(point):
                    at, ground = ground_of(point), self._ground(point)
                outcomes.append(self._outcome(number, self._change(point), ground))
        return outcomes

    def run_placed(self, number: int, placed: pd.DataFrame) -> tuple[Outcome, Ground]:
        """The study's own settings on its records put elsewhere, and the regions found there.

        Parameters
        ----------
        number
            Of the draw.
        placed
            `records` with other coordinates.
        """
        copies, change = np.ones(len(placed), dtype=np.int64), self._change({})
        label, skipped = self._labels(placed, copies, change)
        home = self._match(label, copies)
        drawn = Drawn(placed, copies, label, self._names(home))
        ground = Ground(drawn, home, np.zeros(len(placed)), skipped)
        return self._outcome(number, change, ground), ground

    def _change(self, point: Mapping[str, float]) -> Change:
        return change_at(point, self.config, self.resolution_km, self.variation)

    def _ground(self, point: Mapping[str, float]) -> Ground:
        """Records and regions of a draw."""
        copies = drawn_copies(len(self.records), self.variation, point)
        placed, km = self._moved(point)
        label, skipped = self._labels(placed, copies, self._change(point))
        home = self._match(label, copies)
        return Ground(Drawn(placed, copies, label, self._names(home)), home, km, skipped)

    def _outcome(self, number: int, change: Change, ground: Ground) -> Outcome:
        """What judging and ranking make of it."""
        home, copies, label = ground.home, ground.drawn.copies, ground.drawn.label
        status, rank = _judged(ground.measured(self, change), change)
        drawn = copies > 0
        share = float(self.units[drawn].astype(np.int64) @ copies[drawn]) or 1.0
        noise = float((self.units * copies)[label < 0].sum()) / share
        return Outcome(
            number=number,
            echo={
                "records_drawn": int(drawn.sum()),
                "mean_jitter_km": float(ground.km.mean()) if len(ground.km) else 0.0,
                **({"edits_left_out": ground.skipped} if self.decisions.edits else {}),
                **change.echo,
            },
            facts=_facts(status, rank, home, noise),
            status=_of_study(status, home, len(self.names), VANISHED),
            rank=_of_study(rank, home, len(self.names), 0),
            stays=self._stays(label, copies, home),
        )

    def _moved(self, point: Mapping[str, float]) -> tuple[pd.DataFrame, Floats]:
        """The records where the draw puts them, and how far that is."""
        if "jitter" not in point:
            return self.records, np.zeros(len(self.records))
        longitude, latitude = self.records["longitude"], self.records["latitude"]
        east, north, km = moved(
            longitude.to_numpy(), latitude.to_numpy(), self.radius_km, self.group, u=point["jitter"]
        )
        return self.records.assign(longitude=east, latitude=north), km

    def _labels(self, placed: pd.DataFrame, copies: Ints, change: Change) -> tuple[Ints, int]:
        """Number of each record's region in the draw; -1 for none, or not drawn.

        And the number of edits that do not match the draw's regions and so are left out of it.
        """
        drawn = copies > 0
        label = np.full(len(placed), -1, dtype=np.int64)
        if not drawn.any():
            return label, 0
        rows = placed[drawn].assign(weight=placed["weight"][drawn] * copies[drawn])
        made: list[Hierarchy] = []
        if not self.decisions or self.decisions.needs_hierarchy:
            made = [build_hierarchy(rows, **change.hierarchy)]
            label[drawn] = label_records(made[0], **change.selection)["label"].to_numpy()
        if not self.decisions:
            return label, 0
        return self._decided(rows, label, copies, change=change, hierarchies=made)

    def _decided(
        self,
        rows: pd.DataFrame,
        label: Ints,
        copies: Ints,
        *,
        change: Change,
        hierarchies: list[Hierarchy],
    ) -> tuple[Ints, int]:
        """The same once boundaries and edits have been applied to the draw's regions."""
        drawn = copies > 0
        weight = self.units * copies / WEIGHT_UNIT
        ids = ids_of_labels(label, self.as_found, weight, pd.Index(self.names_found, dtype="str"))
        named = np.array([*ids, np.nan], dtype=object)[label[drawn]]
        size = int(change.selection["min_cluster_size"])
        again, faults = decide_again(
            replace(self.decisions, min_cluster_size=size),
            rows,
            pd.Series(named, index=rows.index, dtype="str"),
            *hierarchies,
        )
        now = np.full(len(label), -1, dtype=np.int64)
        now[drawn], _ = pd.factorize(again.reindex(rows.index), sort=True)
        return now, len(faults)

    def _match(self, label: Ints, copies: Ints) -> Ints:
        return match_regions(
            self.region,
            label,
            self.units * copies / WEIGHT_UNIT,
            own_count=len(self.names),
            drawn_count=int(label.max(initial=-1)) + 1,
            min_shared=self.min_shared,
        )

    def _names(self, home: Ints) -> tuple[str, ...]:
        """Ids of the draw's regions: the study's where they are the same."""
        return tuple(self.names[at] if at >= 0 else f"new-{n:06d}" for n, at in enumerate(home))

    def _stays(self, label: Ints, copies: Ints, home: Ints) -> Any:  # noqa: ANN401 - small array
        now = np.append(home, -1)[label]
        same = (now == self.region) & ((label < 0) == (self.region < 0))
        stays = np.where(same, STAYS, LEFT)
        return np.where(copies > 0, stays, ABSENT).astype(np.uint8)


def ground_of(point: Mapping[str, float]) -> tuple[float, ...]:
    """Where a point lies as far as regions and their measures go.

    Examples
    --------
    >>> ground_of({"weights": 0.1, "reach_km": 0.2}) == ground_of({"weights": 0.3, "reach_km": 0.2})
    True
    """
    return tuple(point.get(name, -1.0) for name in ON_THE_GROUND)


def sound_ties(ties: pd.DataFrame, records: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Ints, Ints]]:
    """Ties between two different organisations of the records, and the numbers of these."""
    a, b = (records.index.get_indexer(pd.Index(ties[f"organisation_{end}"])) for end in "ab")
    is_organisation = records["kind"].isin(ORGANISATION_KINDS).to_numpy()
    sound = (a >= 0) & (b >= 0) & (a != b)
    sound[sound] = is_organisation[a[sound]] & is_organisation[b[sound]]
    return ties[sound].reset_index(drop=True), (a[sound], b[sound])


def _judged(measured: pd.DataFrame, change: Change) -> tuple[Ints, Ints]:
    """Number of each region's status, and its rank among the clusters, 0 for none."""
    criteria = change.thresholds.criteria
    weight = np.array([criterion.weight for criterion in criteria])
    target = np.array([criterion.target for criterion in criteria])
    values = measured[[criterion.indicator for criterion in criteria]].to_numpy(np.float64)
    share = np.nan_to_num(np.clip(values / target, 0.0, 1.0), nan=0.0)
    capability = pd.Series(share @ (weight / weight.sum()), index=measured.index)
    density = measured[DENSITY].astype("float64")
    found = statuses(density, capability, change.thresholds)["status"]
    status = pd.Index(STATUSES).get_indexer(pd.Index(found)).astype(np.int64)
    clusters = status == STATUSES.index("cluster")
    rank = np.zeros(len(measured), dtype=np.int64)
    names = [spec.name for spec in change.framework.indicators]
    if clusters.any():
        table = measured.loc[clusters, names].to_numpy(dtype=np.float64)
        rank[clusters] = np.nan_to_num(score_matrix(table, change.framework).rank).astype(np.int64)
    return status, rank


def _facts(status: Ints, rank: Ints, home: Ints, noise: float) -> dict[str, float]:
    counts = np.bincount(status, minlength=len(STATUSES))
    named = zip(("clusters", "quasi_clusters", "neither"), counts.tolist(), strict=True)
    return {
        "regions": len(status),
        **dict(named),
        "ranked": int((rank > 0).sum()),
        "new_regions": int((home < 0).sum()),
        "noise_share": noise,
    }


def _of_study(values: Ints, home: Ints, count: int, absent: int) -> Ints:
    """Values of the draw's regions on the study's; `absent` where it has none."""
    found = np.full(count, absent, dtype=np.int64)
    found[home[home >= 0]] = values[home >= 0]
    return found
