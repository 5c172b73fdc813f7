"""Many draws, here, in other processes or on a cluster; the numbers do not depend on which."""

import logging
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from typing import Any, Final, TypeVar

from geoclust.clustering.distributed import connected, run_on_cluster
from geoclust.errors import ParameterError
from geoclust.robustness.chain import Chain, Job, ground_of
from geoclust.robustness.checkpoint import Checkpoint
from geoclust.robustness.outcome import Outcome
from geoclust.robustness.processes import Chain as Runs
from geoclust.robustness.processes import run_in_processes

logger = logging.getLogger(__name__)

Point = Mapping[str, float]
Progress = Callable[[int, int], None]
JobOf = TypeVar("JobOf")
Result = TypeVar("Result")

JOB: Final = 4
"""Draws handed to a worker at once, and written to the checkpoint together."""

MOST: Final = 16
"""The same for draws on the same ground, which need to be clustered only once."""


def run_points(
    chain: Chain,
    points: Sequence[Point],
    *,
    workers: int,
    scheduler: Any = None,  # noqa: ANN401 - dask has no types
    checkpoint: Checkpoint[Outcome],
    progress: Progress | None,
) -> list[Outcome]:
    """One outcome per point, in their order; those in the checkpoint are not run again.

    Raises
    ------
    ParameterError
        If `workers` is not a whole number of at least 1, or Dask is not installed.
    SchedulerError
        If the cluster cannot be reached or is lost, or workers die again and again.
    """
    if workers < 1:
        raise ParameterError(f"workers is {workers!r}; want a whole number of at least 1")
    start = time.perf_counter()
    done = {n: found for n, found in checkpoint.read().items() if n < len(points)}
    resumed = len(done)
    jobs = jobs_of([each for each in enumerate(points) if each[0] not in done])
    if progress:
        progress(resumed, len(points))
    with closing(results_of(chain, jobs, workers, scheduler)) as results:
        for outcomes in results:
            checkpoint.add(outcomes)
            done |= {outcome.number: outcome for outcome in outcomes}
            if progress:
                progress(len(done), len(points))
    seconds = time.perf_counter() - start
    logger.info("%d draws, %d of them resumed, in %.1f s", len(points), resumed, seconds)
    return [done[number] for number in range(len(points))]


def jobs_of(points: Sequence[tuple[int, Point]]) -> list[Job]:
    """Points in small lots; those on the same ground together.

    Examples
    --------
    >>> points = [(n, {"reach_km": 0.5 * (n % 2), "weights": n / 8}) for n in range(8)]
    >>> [[number for number, _ in job] for job in jobs_of(points)]
    [[0, 2, 4, 6], [1, 3, 5, 7]]
    """
    alike: dict[tuple[float, ...], Job] = {}
    for number, point in points:
        alike.setdefault(ground_of(point), []).append((number, point))
    jobs: list[Job] = []
    for lot in alike.values():
        if jobs and len(jobs[-1]) + len(lot) <= JOB:
            jobs[-1] += lot
        else:
            jobs += [lot[at : at + MOST] for at in range(0, len(lot), MOST)]
    return jobs


def results_of(
    chain: Runs[JobOf, Result],
    jobs: Sequence[JobOf],
    workers: int,
    scheduler: Any,  # noqa: ANN401 - dask has no types
) -> Generator[Result, None, None]:
    """Results of jobs as they are finished: in this process, in several, or on a cluster.

    Parameters
    ----------
    chain
        What all jobs need, and what does them.
    jobs
        What is to be done.
    workers
        Processes, at least 1.
    scheduler
        Address of a Dask scheduler, or a client of one; None: on this machine.
    """
    if workers < 1:
        raise ParameterError(f"workers is {workers!r}; want a whole number of at least 1")
    if scheduler is not None:
        with connected(scheduler) as client:
            yield from run_on_cluster(client, draw, jobs, common=chain)
    elif workers > 1 and len(jobs) > 1:
        yield from run_in_processes(chain, jobs, workers)
    else:
        yield from map(chain.run_all, jobs)


def draw(job: JobOf, chain: Runs[JobOf, Result]) -> Result:
    """A job as a worker of a cluster does it."""
    return chain.run_all(job)
