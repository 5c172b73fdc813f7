"""Studies in processes of this machine, each told from the others, so that one may die.

A worker that dies takes only its own study with it, which is tried again; whoever asked for the
work may be killed, too, and its workers end with it.
"""

import logging
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Final

from geoclust.batch.work import Failed, Job, Outcome, work
from geoclust.robustness.processes import interruption_held_back, usable_cores

logger = logging.getLogger(__name__)

TRIES: Final = 3
"""How often a study is begun whose worker dies."""

THREADS: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
)


@dataclass(eq=False)
class Worker:
    """A process, the pipe to it, and what it is at."""

    process: SpawnProcess
    pipe: Connection
    job: Job | None = None


def run_in_processes(
    jobs: Sequence[Job],
    workers: int,
    *,
    stop: Callable[[], bool],
    began: Callable[[Job], None],
) -> Iterator[Outcome]:
    """Outcomes as they come; what they are does not depend on the number of workers.

    Parameters
    ----------
    jobs
        Begun in this order.
    workers
        Processes at a time.
    stop
        Asked before a study is begun; where it says so none is begun any more, and those under
        way are finished.
    began
        Called with each study that is begun.
    """
    waiting = deque(jobs)
    tries = dict.fromkeys((job.folder for job in jobs), 0)
    crew: list[Worker] = []
    try:
        while True:
            missing = 0 if stop() else min(workers, len(waiting)) - len(crew)
            crew += _hired(missing, workers)
            for worker in crew:
                if worker.job is None and waiting and not stop():
                    _give(worker, waiting.popleft(), tries, began)
            busy = [worker for worker in crew if worker.job is not None]
            if not busy:
                return
            for worker in _ready(busy):
                outcome = _taken(worker)
                if outcome is None:
                    crew.remove(worker)
                    outcome = _again(worker, tries, waiting)
                if outcome is not None:
                    yield outcome
    finally:
        for worker in crew:
            worker.process.kill()
        for worker in crew:
            worker.process.join()
            worker.pipe.close()


def _hired(missing: int, workers: int) -> list[Worker]:
    """New workers; each starts with its share of the cores for threads of libraries."""
    context = multiprocessing.get_context("spawn")
    made: list[Worker] = []
    if missing > 0:
        resource_tracker.ensure_running()  # else the first start would undo the mask below
    with interruption_held_back(), _shared_cores(workers):
        for _ in range(missing):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            made.append(Worker(process, ours))
    return made


@contextmanager
def _shared_cores(workers: int) -> Iterator[None]:
    """Environment of processes started now; what the user has set stays."""
    share = str(max(1, usable_cores() // max(1, workers)))
    ours = [name for name in THREADS if name not in os.environ]
    os.environ.update(dict.fromkeys(ours, share))
    try:
        yield
    finally:
        for name in ours:
            os.environ.pop(name, None)


def _give(worker: Worker, job: Job, tries: dict[str, int], began: Callable[[Job], None]) -> None:
    worker.job = job
    tries[job.folder] += 1
    began(job)
    with suppress(OSError):  # it died idle; noticed when waited for
        worker.pipe.send(job)


def _ready(busy: list[Worker]) -> list[Worker]:
    """Workers that have answered or died."""
    signs: dict[object, Worker] = {}
    for worker in busy:
        signs[worker.pipe] = signs[worker.process.sentinel] = worker
    seen = multiprocessing.connection.wait(list(signs))  # type: ignore[arg-type]
    return list(dict.fromkeys(signs[sign] for sign in seen))


def _taken(worker: Worker) -> Outcome | None:
    """What a worker answers; None if it died instead."""
    try:
        if not worker.pipe.poll():
            return None
        outcome: Outcome = worker.pipe.recv()
    except (EOFError, OSError):
        return None
    worker.job = None
    return outcome


def _again(worker: Worker, tries: dict[str, int], waiting: deque[Job]) -> Failed | None:
    """Put a dead worker's study back in line, or give it up."""
    worker.process.kill()
    worker.process.join()
    worker.pipe.close()
    job = worker.job
    assert job is not None
    how = _how_it_ended(worker.process.exitcode)
    if tries[job.folder] < TRIES:
        logger.warning("the worker of %s died (%s); it is begun again", job.folder, how)
        waiting.appendleft(job)
        return None
    reason = (
        f"its worker process died {TRIES} times ({how}): probably not enough memory for it; use "
        "fewer --jobs, or run it alone"
    )
    return Failed(job.folder, "worker", reason)


def _how_it_ended(code: int | None) -> str:
    if code is not None and code < 0:
        with suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
    return f"exit status {code}"


def _serve(pipe: Connection) -> None:
    """Take studies from a pipe until it closes, as a worker does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal tells the workers, too
    logging.getLogger("geoclust").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    while True:
        try:
            job = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(work(job))


def _leave_with_parent() -> None:
    """End with the process that asked for the work, which killed says nothing."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
