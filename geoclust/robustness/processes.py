"""Jobs in processes of this machine, which end when their work does, or whoever asked for it."""

import logging
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, Final, Protocol, TypeVar

from geoclust.errors import SchedulerError

logger = logging.getLogger(__name__)

MOST_LOSSES: Final = 3
"""How often in a row workers may die before a single job is done."""

Job = TypeVar("Job")
Result = TypeVar("Result")
Job_contra = TypeVar("Job_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)


class Chain(Protocol[Job_contra, Result_co]):
    """What all jobs need, and what does them; is sent to each worker once."""

    def run_all(self, job: Job_contra, /) -> Result_co:
        """Do a job; depends on nothing but itself and the job."""


_chain: Any = None
"""In a worker: the chain it was sent."""


def usable_cores() -> int:
    """Number of cores that this process may use.

    Examples
    --------
    >>> usable_cores() >= 1
    True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_in_processes(
    chain: Chain[Job, Result], jobs: Sequence[Job], workers: int
) -> Iterator[Result]:
    """Jobs as they are finished, by fresh processes (spawned, as on every system).

    A job whose worker dies is run again; as it depends on nothing but itself, it gives the same.

    Raises
    ------
    SchedulerError
        If workers die again and again and no job is done in between.
    """
    waiting = dict(enumerate(jobs))
    losses = 0
    while waiting:
        try:
            for number, result in _done(chain, dict(waiting), min(workers, len(waiting))):
                del waiting[number]
                losses = 0
                yield result
        except BrokenProcessPool as error:
            losses += 1
            if losses >= MOST_LOSSES:
                raise SchedulerError(
                    f"worker processes died {losses} times in a row (killed, or out of memory): "
                    "use fewer workers; finished draws stay in the checkpoint, if there is one"
                ) from error
            logger.warning("a worker process died; its work is done again")


def _done(
    chain: Chain[Job, Result], jobs: dict[int, Job], workers: int
) -> Iterator[tuple[int, Result]]:
    context = multiprocessing.get_context("spawn")
    watched, held = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_take, initargs=(chain, watched)
    )
    try:
        with interruption_held_back():  # workers are started here
            of_future: dict[Future[Result], int] = {
                pool.submit(_work, job): number for number, job in jobs.items()
            }
        pending: set[Future[Result]] = set(of_future)
        while pending:
            finished, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in finished:
                yield of_future[future], future.result()
        pool.shutdown()
    finally:
        held.close()  # whoever is still at a draw leaves it
        pool.shutdown(cancel_futures=True)
        watched.close()


@contextmanager
def interruption_held_back() -> Iterator[None]:
    """Start workers undisturbed and deaf to Ctrl-C, which a terminal sends to them, too.

    The mask is what they inherit.  It does not shield this process, where another thread may take
    the signal: hence the handler, which puts off what a half-started worker would not survive.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    taken: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: taken.append(number))
    masks = hasattr(signal, "pthread_sigmask")
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if masks else set()
    try:
        yield
    finally:
        if masks:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, before)
    if taken and callable(before):
        before(signal.SIGINT, None)


def _take(chain: Chain[Any, Any], watched: Connection) -> None:
    global _chain  # noqa: PLW0603 - a worker's own, set once as it starts
    _chain = chain
    threading.Thread(target=_leave_with_parent, args=(watched,), daemon=True).start()


def _leave_with_parent(watched: Connection) -> None:
    """End when told to, or with the process that asked for the work, which killed says nothing."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel, watched])
        os._exit(1)


def _work(job: Any) -> Any:  # noqa: ANN401 - whatever the chain takes and gives
    return _chain.run_all(job)
