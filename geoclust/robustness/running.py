"""Many draws, here or in other processes; the numbers do not depend on which."""

import logging
import multiprocessing
import multiprocessing.connection
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import Final

from geoclust.errors import ParameterError
from geoclust.robustness.chain import Chain
from geoclust.robustness.checkpoint import Checkpoint
from geoclust.robustness.outcome import Outcome

logger = logging.getLogger(__name__)

Point = Mapping[str, float]
Progress = Callable[[int, int], None]
Job = list[tuple[int, Point]]

JOB: Final = 4
"""Draws handed to a worker at once, and written to the checkpoint together."""

_chain: Chain | None = None
"""In a worker: what it draws from, sent once."""


def run_points(
    chain: Chain,
    points: Sequence[Point],
    *,
    workers: int,
    checkpoint: Checkpoint,
    progress: Progress | None,
) -> list[Outcome]:
    """One outcome per point, in their order; those in the checkpoint are not run again.

    Raises
    ------
    ParameterError
        If `workers` is not a whole number of at least 1.
    """
    if workers < 1:
        raise ParameterError(f"workers is {workers!r}; want a whole number of at least 1")
    start = time.perf_counter()
    done = {n: found for n, found in checkpoint.read().items() if n < len(points)}
    resumed = len(done)
    waiting = [(number, point) for number, point in enumerate(points) if number not in done]
    jobs = [waiting[at : at + JOB] for at in range(0, len(waiting), JOB)]
    if progress and resumed:
        progress(resumed, len(points))
    for outcomes in _here(chain, jobs) if workers == 1 else _elsewhere(chain, jobs, workers):
        checkpoint.add(outcomes)
        done |= {outcome.number: outcome for outcome in outcomes}
        if progress:
            progress(len(done), len(points))
    seconds = time.perf_counter() - start
    logger.info("%d draws, %d of them resumed, in %.1f s", len(points), resumed, seconds)
    return [done[number] for number in range(len(points))]


def _here(chain: Chain, jobs: list[Job]) -> Iterator[list[Outcome]]:
    for job in jobs:
        yield [chain.run(number, point) for number, point in job]


def _elsewhere(chain: Chain, jobs: list[Job], workers: int) -> Iterator[list[Outcome]]:
    """Jobs as they are finished, by fresh processes (spawned, as on every system)."""
    if not jobs:
        return
    pool = ProcessPoolExecutor(
        min(workers, len(jobs)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_take,
        initargs=(chain,),
    )
    try:
        pending: set[Future[list[Outcome]]] = {pool.submit(_work, job) for job in jobs}
        while pending:
            finished, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _take(chain: Chain) -> None:
    global _chain  # noqa: PLW0603 - a worker's own, set once as it starts
    _chain = chain
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """End with the process that asked for the work; one that is killed cannot say so."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def _work(job: Job) -> list[Outcome]:
    assert _chain is not None
    return [_chain.run(number, point) for number, point in job]
