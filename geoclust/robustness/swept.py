"""One setting of a sweep: the stages of a study with it, and what they come to.

The stages are those of `study.stages`, which `run_study` walks: what a setting finds is what a run
with it finds.  A stage whose own settings are the same as before is not run again.
"""

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import pandas as pd

from geoclust.classification import Classification
from geoclust.clustering import Clustering
from geoclust.errors import ConfigError, GeoclustWarning, ParameterError
from geoclust.records import Inputs
from geoclust.robustness.forests import Forests
from geoclust.robustness.lots import MEASURES, Found, Lot, unrun
from geoclust.robustness.matching import match_regions
from geoclust.robustness.outcome import VANISHED
from geoclust.schema import STATUSES, WEIGHT_UNIT, Indicators, Regions
from geoclust.scoring import Scores
from geoclust.sphere import Floats, Ints
from geoclust.study import Study, StudyConfig
from geoclust.study.agreement import adjusted_rand
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

TEN: Final = 10
Job = list[tuple[int, StudyConfig]]
"""Numbers of settings and the study with them, all with the same `[clustering]`."""


@dataclass(frozen=True, eq=False)
class Sweeper:
    """What a setting needs of a study, and the forests: all that a worker has to know."""

    inputs: Inputs
    decisions: Decisions
    forests: Forests
    names: tuple[str, ...]
    """Ids of the study's regions."""
    region: Ints
    """Region of each record in the study, by id; -1 for none."""
    units: Floats
    """Weight of each record in the study."""
    status: Ints
    rank: Ints
    min_shared: float

    @classmethod
    def of(cls, study: Study, forests: Forests, *, min_shared: float) -> Self:
        """Take from a study what its settings are compared with."""
        region, units, status, rank = own_numbers(study)
        return cls(
            inputs=study.inputs,
            decisions=study.decisions,
            forests=forests,
            names=tuple(study.regions.index),
            region=region,
            units=units,
            status=status,
            rank=rank,
            min_shared=min_shared,
        )

    def run_all(self, job: Job) -> Lot:
        """The settings of a job, one clustering for all of them."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", GeoclustWarning)
            try:
                hierarchy = self.forests.hierarchy(job[0][1])
                found = choose_regions(job[0][1], hierarchy)
                clustering, decided = decide_regions(job[0][1], self.decisions, self.inputs, found)
            except (ParameterError, ConfigError) as error:
                why = "; ".join(error.faults) if isinstance(error, ConfigError) else str(error)
                return Lot(None, [unrun(number, why, len(self.status)) for number, _ in job])
            label = region_numbers(clustering, clustering.regions.index)
            stages = _Stages(self.inputs, clustering, decided.partition.footprints)
            home = self._match(label, len(clustering.regions))
            overlap = self._overlap(label, home)
            parts = [
                self._found(number, config, stages, label=label, home=home, overlap=overlap)
                for number, config in job
            ]
        return Lot(label.astype(np.int32), parts)

    def _found(
        self,
        number: int,
        config: StudyConfig,
        stages: "_Stages",
        *,
        label: Ints,
        home: Ints,
        overlap: Floats,
    ) -> Found:
        try:
            regions, judged, scores = stages.judged(config)
        except ParameterError as error:
            return unrun(number, str(error), len(self.status))
        names = regions.index
        status = _status_numbers(judged, names)
        ranks = _ranks(scores, names)
        own_status = self._of_study(status, home, VANISHED)
        own_rank = self._of_study(ranks, home, 0)
        table = pd.DataFrame(regions[["name", "country", "longitude", "latitude", "weight"]])
        same = np.array([*self.names, None], dtype=object)[home]
        table = table.assign(
            **{name: regions[name] for name in ("persistence", "area_km2", "extent_km")},
            status=judged.status.reindex(names),
            rank=pd.array(np.where(ranks > 0, ranks, np.nan), dtype="Int64"),
            study_region=pd.array(same, dtype="str"),
            jaccard=np.where(home >= 0, overlap, np.nan),
        )
        measures = {
            **_measures(regions, status, label, stages.noise_share),
            "agreement": adjusted_rand(self.region, label),
            "kept_regions": int((own_status != VANISHED).sum()),
            "new_regions": int((home < 0).sum()),
            "same_status": _share(own_status == self.status),
            "top_ten": _share(_in_ten(own_rank)[_in_ten(self.rank)]),
        }
        ordered = {name: measures[name] for name in MEASURES}
        return Found(number, "", ordered, table, own_status, own_rank)

    def _match(self, label: Ints, count: int) -> Ints:
        return match_regions(
            self.region,
            label,
            self.units / WEIGHT_UNIT,
            own_count=len(self.status),
            drawn_count=count,
            min_shared=self.min_shared,
        )

    def _overlap(self, label: Ints, home: Ints) -> Floats:
        """Weight that each region and its match share, over that of both together."""
        numbers = np.append(home, -1)[label]
        shared = (numbers == self.region) & (label >= 0) & (self.region >= 0)
        own = np.bincount(self.region + 1, self.units, len(self.status) + 1)[1:]
        now = np.bincount(label + 1, self.units, len(home) + 1)[1:]
        both = np.bincount(label[shared], self.units[shared], len(home))
        other = np.append(own, 0.0)[home]
        return np.asarray(both / np.maximum(now + other - both, 1.0), dtype=np.float64)

    def _of_study(self, values: Ints, home: Ints, absent: int) -> Ints:
        """Values of a setting's regions on the study's."""
        found = np.full(len(self.status), absent, dtype=np.int64)
        found[home[home >= 0]] = values[home >= 0]
        return found


class _Stages:
    """The stages behind one clustering; each run once for the same settings of its own."""

    def __init__(self, inputs: Inputs, clustering: Clustering, given: Mapping[str, Any]) -> None:
        self.inputs, self.clustering, self.given = inputs, clustering, given
        self._done: dict[tuple[str, ...], Any] = {}
        weight = clustering.hierarchy.locations.records["weight"]
        inside = clustering.region_of.reindex(weight.index).notna()
        total, held = int(weight.sum()), int(weight[inside].sum())
        self.noise_share = (total - held) / total if total else 0.0

    def judged(self, config: StudyConfig) -> tuple[Regions, Classification, Scores]:
        """Footprints, statuses and ranks with these settings."""
        drawing, joining = repr(config.delineation), config.network.brokerage
        measuring = (drawing, joining, repr(config.indicators))
        judging = (*measuring, repr(config.thresholds))
        inputs, clustering = self.inputs, self.clustering
        regions: Regions = self._once(
            ("draw", drawing),
            lambda: draw_footprints(config, inputs, clustering, given=self.given),
        )
        network = self._once(("join", joining), lambda: join_regions(config, inputs, clustering))
        indicators: Indicators = self._once(
            ("measure", *measuring),
            lambda: measure_regions(config, inputs, clustering, regions, network=network),
        )
        judged: Classification = self._once(
            ("judge", *judging), lambda: judge_regions(config, indicators)
        )
        scores: Scores = self._once(
            ("rank", *judging, repr(config.scoring)),
            lambda: rank_regions(config, indicators, judged.is_cluster),
        )
        return regions, judged, scores

    def _once(self, key: tuple[str, ...], make: Callable[[], Any]) -> Any:  # noqa: ANN401
        if key not in self._done:
            self._done[key] = make()
        return self._done[key]


def own_numbers(study: Study) -> tuple[Ints, Floats, Ints, Ints]:
    """Of a study: region and weight of each record by id, status and rank of each region."""
    names = study.regions.index
    weight = study.hierarchy.locations.records["weight"].sort_index()
    return (
        region_numbers(study.clustering, names),
        weight.to_numpy(dtype=np.float64),
        _status_numbers(study.classification, names),
        _ranks(study.scores, names),
    )


def region_numbers(clustering: Clustering, names: pd.Index) -> Ints:
    """Number of each record's region among `names`, records by id; -1 for none."""
    region_of = clustering.region_of.sort_index()
    return names.get_indexer(pd.Index(region_of)).astype(np.int64)


def _ranks(scores: Scores, names: pd.Index) -> Ints:
    """Rank of each region; 0 where it has none."""
    rank = scores.table["rank"].reindex(names).astype("Int64").fillna(0)
    return np.asarray(rank, dtype=np.int64)


def _status_numbers(judged: Classification, names: pd.Index) -> Ints:
    found = judged.status.reindex(names)
    return pd.Index(STATUSES).get_indexer(pd.Index(found)).astype(np.int64)


def _measures(regions: Regions, status: Ints, label: Ints, noise_share: float) -> dict[str, float]:
    weight = regions["weight"].to_numpy(dtype=np.float64)
    counts = np.bincount(status[status >= 0], minlength=len(STATUSES)).tolist()
    persistence = regions["persistence"].to_numpy(dtype=np.float64)
    known = ~np.isnan(persistence)  # regions that somebody made have none
    return {
        "regions": len(regions),
        "clusters": counts[STATUSES.index("cluster")],
        "quasi_clusters": counts[STATUSES.index("quasi-cluster")],
        "noise": int((label < 0).sum()),
        "noise_share": noise_share,
        "persistence": math.fsum(weight[known] * persistence[known]) / math.fsum(weight[known])
        if known.any()
        else math.nan,
        "area_km2": math.fsum(regions["area_km2"]),
        "largest_extent_km": float(regions["extent_km"].max()) if len(weight) else math.nan,
    }


def _in_ten(rank: Ints) -> Any:  # noqa: ANN401 - a mask
    return (rank > 0) & (rank <= TEN)


def _share(chosen: Any) -> float:  # noqa: ANN401 - a mask
    return float(np.mean(chosen)) if len(chosen) else math.nan
