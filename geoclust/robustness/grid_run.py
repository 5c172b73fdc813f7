"""Every setting of a sweep run, wherever there is room, and kept as it is done."""

import logging
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geoclust.robustness.axes import Grid
from geoclust.robustness.checkpoint import Checkpoint, fingerprint
from geoclust.robustness.forests import Forests
from geoclust.robustness.lots import Found, Lot, unrun
from geoclust.robustness.plateaus import Results
from geoclust.robustness.processes import usable_cores
from geoclust.robustness.running import Progress, results_of
from geoclust.robustness.swept import Job, Sweeper, own_numbers
from geoclust.study import Study, StudyConfig

if TYPE_CHECKING:
    from geoclust.sphere import Ints

logger = logging.getLogger(__name__)

MOST_IN_LOT: Final = 16
"""Settings handed to a worker at once, and written to the checkpoint together."""

WORTH_PROCESSES: Final = 20.0
"""Seconds of work from which several processes pay."""

STAGES: Final = ("cluster", "delineate", "connect", "measure", "judge")
"""Stages of a study that a setting may run."""


def run_grid(
    study: Study,
    grid: Grid,
    *,
    min_shared: float,
    workers: int | None,
    scheduler: Any,  # noqa: ANN401 - dask has no types
    checkpoint: str | Path | None,
    progress: Progress | None,
) -> Results:
    """Every setting, those of one clustering together; lots in the checkpoint are not run again.

    Parameters
    ----------
    study
        What settings are compared with.
    grid
        The settings.
    min_shared, workers, scheduler, checkpoint, progress
        As `sweep`.

    Raises
    ------
    InputError
        If the checkpoint is of another sweep.
    ParameterError, OutputError, SchedulerError
        As `run_robustness`.
    """
    start = time.perf_counter()
    mark = grid_fingerprint(study, grid, min_shared=min_shared)
    kept = Checkpoint(checkpoint, mark, Lot)
    jobs = jobs_of(grid.configs)
    lots = _still_wanted(kept.read(), jobs)
    left = [job for job in jobs if job[0][0] not in lots]
    everything = sum(map(len, jobs))
    workers = _workers(study, sum(map(len, left))) if workers is None else workers
    told = progress or (lambda *_: None)
    told(resumed := sum(len(lot.found) for lot in lots.values()), everything)
    if left:
        configs = [config for config in grid.configs if config is not None]
        forests = Forests.of(study.inputs.records, configs, study.hierarchy)
        sweeper = Sweeper.of(study, forests, min_shared=min_shared)
        with closing(results_of(sweeper, left, workers, scheduler)) as running:
            for lot in running:
                kept.add([lot])
                lots[lot.number] = lot
                told(sum(len(each.found) for each in lots.values()), everything)
    seconds = time.perf_counter() - start
    logger.info("%d settings, %d of them resumed, in %.1f s", everything, resumed, seconds)
    return _gathered(lots.values(), grid, len(study.regions))


def grid_fingerprint(study: Study, grid: Grid, *, min_shared: float) -> str:
    """Of everything that the results of settings depend on."""
    inputs = study.inputs
    idle = {"report", "robustness", "study"}
    dumped = [
        note if config is None else config.model_dump_json(exclude=idle)
        for config, note in zip(grid.configs, grid.notes, strict=True)
    ]
    return fingerprint(
        "sweep",
        version("geoclust"),
        study.config.model_dump_json(exclude=idle),
        dumped,
        inputs.records.sort_index(),
        inputs.ties,
        inputs.places,
        sorted(inputs.tables),
        study.decisions.mark,
        study.regions.index.tolist(),
        *own_numbers(study),
        min_shared,
    )


def jobs_of(configs: Sequence[StudyConfig | None]) -> list[Job]:
    """Settings that share their clustering together, in lots of `MOST_IN_LOT` at most.

    Examples
    --------
    >>> from geoclust.robustness.settings import with_values
    >>> values = [(reach, size) for reach in (5, 10) for size in (8, 9)]
    >>> names = "delineation.reach_km", "clustering.min_cluster_size"
    >>> configs = [with_values(StudyConfig(), dict(zip(names, each))) for each in values]
    >>> [[number for number, _ in job] for job in jobs_of(configs)]
    [[0, 2], [1, 3]]
    """
    alike: dict[str, Job] = {}
    for number, config in enumerate(configs):
        if config is not None:
            alike.setdefault(repr(config.clustering), []).append((number, config))
    return [
        job[at : at + MOST_IN_LOT]
        for job in alike.values()
        for at in range(0, len(job), MOST_IN_LOT)
    ]


def _still_wanted(lots: dict[int, Lot], jobs: list[Job]) -> dict[int, Lot]:
    """Lots that are of the same settings as a job."""
    wanted = [[number for number, _ in job] for job in jobs]
    return {
        job[0]: lots[job[0]] for job in wanted if job[0] in lots and lots[job[0]].settings == job
    }


def _workers(study: Study, settings: int) -> int:
    """Processes that pay, by what the study's own stages took."""
    stages = study.stages.set_index("stage")["seconds"]
    seconds = float(stages.reindex(list(STAGES)).fillna(0.0).sum()) * settings
    return usable_cores() if seconds > WORTH_PROCESSES else 1


def _gathered(lots: Iterable[Lot], grid: Grid, count: int) -> Results:
    """Results by number of setting, whatever order they came in."""
    found: list[Found] = [unrun(number, note, count) for number, note in enumerate(grid.notes)]
    partition = [-1] * len(found)
    labels: list[Ints] = []
    for lot in sorted(lots, key=lambda lot: lot.number):
        for one in lot.found:
            found[one.number] = one
            if not one.note:
                partition[one.number] = len(labels)
        if lot.label is not None:
            labels.append(lot.label)
    return Results(found, partition, labels)
