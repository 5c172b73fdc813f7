"""Studies on an existing Dask cluster; a worker that dies costs its study another try, no more."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from importlib.metadata import version as installed
from typing import Any, Final

from geoclust.batch.work import Failed, Job, Outcome, pack, work
from geoclust.clustering.distributed import AHEAD, connected, run_job
from geoclust.errors import GeoclustError, SchedulerError

PATIENCE: Final = 60.0
"""Seconds to wait for a first worker to come back when all are gone."""

TICK: Final = 2.0
"""Seconds between two looks at the cluster."""


def run_on_scheduler(
    jobs: Sequence[Job],
    scheduler: Any,  # noqa: ANN401 - dask has no types
    *,
    stop: Callable[[], bool],
    began: Callable[[Job], None],
) -> Iterator[Outcome]:
    """As `run_in_processes`, on the workers of a scheduler; input files travel with each study.

    Raises
    ------
    SchedulerError
        If the cluster cannot be reached or is lost, or has another version of geoclust.
    """
    from distributed.comm import CommClosedError  # noqa: PLC0415 - an optional extra

    waiting = deque(jobs)
    under_way: dict[Any, Job] = {}
    with connected(scheduler) as client:
        try:
            while True:
                room = AHEAD * max(1, sum(client.nthreads().values())) - len(under_way)
                while waiting and room > 0 and not stop():
                    job = waiting.popleft()
                    began(job)
                    try:
                        under_way[_sent(client, pack(job))] = job
                        room -= 1
                    except OSError as error:
                        yield Failed(job.folder, "input", f"an input cannot be opened: {error}")
                if not under_way:
                    return
                for future in _finished(client, list(under_way)):
                    yield _outcome(future, under_way.pop(future))
        except (CancelledError, CommClosedError, TimeoutError) as error:
            raise SchedulerError(
                f"the Dask cluster was lost ({error}): start it and go on with --resume"
            ) from error
        finally:
            client.cancel(list(under_way))


def _sent(client: Any, job: Job) -> Any:  # noqa: ANN401
    import dask  # noqa: PLC0415 - an optional extra

    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GiB"}):
        return client.submit(run_job, work, job, installed("geoclust"), pure=False)


def _finished(client: Any, futures: list[Any]) -> list[Any]:  # noqa: ANN401
    """Futures that are done, waiting for one; gives up when no worker is left."""
    from distributed import wait  # noqa: PLC0415 - an optional extra

    alone = 0.0
    while True:
        try:
            with client.as_current():
                found = wait(futures, timeout=TICK, return_when="FIRST_COMPLETED")
            return list(found.done)
        except TimeoutError:
            alone = 0.0 if client.nthreads() else alone + TICK
            if alone > PATIENCE:
                raise TimeoutError("no worker is left") from None


def _outcome(future: Any, job: Job) -> Outcome:  # noqa: ANN401
    from distributed import KilledWorker  # noqa: PLC0415 - an optional extra

    try:
        outcome: Outcome = future.result()
    except KilledWorker:
        reason = "several Dask workers died of it: probably not enough memory for it"
        return Failed(job.folder, "worker", reason)
    except GeoclustError as error:
        raise SchedulerError(str(error)) from error
    return outcome
