"""Jobs on an existing Dask cluster: sent a few at a time, taken back in order, repeated if lost.

Every job carries its own input and depends on no other, so a job whose worker dies is simply run
again on another, by Dask itself, which keeps each job until its result has arrived here.  As jobs
are pure functions of what they carry, the repeated one gives the same answer.

Nothing here opens a port: the client only connects to the scheduler it is given.  Dask moves
pickles, so connect only to a cluster you trust; TLS is configured in Dask's own settings.

Importing this module does not load `dask`, which is an optional extra.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version as installed
from itertools import islice
from typing import Any, Final, TypeVar

from geoclust.errors import ParameterError, SchedulerError

Job = TypeVar("Job")
Result = TypeVar("Result")

CONNECT_SECONDS: Final = 30
"""How long to wait for the scheduler, and then for a first worker."""

RETRIES: Final = 3
"""How often a job that failed is tried again; jobs of dead workers are besides."""

AHEAD: Final = 3
"""Jobs under way per thread of the cluster, so that none waits for us."""

_one_at_a_time = threading.Lock()

_log = logging.getLogger(__name__)


@contextmanager
def connected(scheduler: Any) -> Iterator[Any]:  # noqa: ANN401 - dask has no types
    """Yield a client of a cluster that has workers; close it if it was opened here.

    Parameters
    ----------
    scheduler
        Address such as "tcp://127.0.0.1:8786", or a `dask.distributed.Client`, left open.

    Raises
    ------
    ParameterError
        If `dask.distributed` is not installed or the address is none.
    SchedulerError
        If no scheduler or worker answers in time.
    """
    client_type = _client_type()
    if isinstance(scheduler, client_type):
        yield _with_workers(scheduler)
        return
    if not isinstance(scheduler, str) or "://" not in scheduler:
        raise ParameterError(
            f"scheduler is {scheduler!r}; it must be the address of a running Dask scheduler, "
            "such as 'tcp://127.0.0.1:8786', or a dask.distributed.Client"
        )
    try:
        client = client_type(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise SchedulerError(
            f"no Dask scheduler answers at {scheduler} ({error}): start one, or mend the address"
        ) from error
    with client:
        yield _with_workers(client)


@dataclass(frozen=True)
class JobRunner:
    """Does jobs that depend on no other: in this process, or on a cluster."""

    client: Any = None
    """Of the cluster, from `connected`; None: this process."""

    def __call__(
        self,
        function: Callable[..., Result],
        jobs: Iterable[Job],
        *,
        common: Any = None,  # noqa: ANN401 - whatever the function takes
    ) -> Iterator[Result]:
        """Yield the results in the order of the jobs, which are drawn as they are needed.

        Parameters
        ----------
        function
            Of this package, so that workers can import it; pure.
        jobs
            Each with all that the function needs.
        common
            What all jobs need besides; the function takes it behind the job.

        Examples
        --------
        >>> list(JobRunner()(pow, [2, 3], common=2))
        [4, 9]
        """
        if self.client is None:
            more = () if common is None else (common,)
            return (function(job, *more) for job in jobs)
        return run_on_cluster(self.client, function, jobs, common=common)


@contextmanager
def job_runner(scheduler: Any) -> Iterator[JobRunner]:  # noqa: ANN401 - dask has no types
    """Yield what does jobs: this process where `scheduler` is None, else its cluster.

    Examples
    --------
    >>> with job_runner(None) as run:
    ...     list(run(abs, [-1, 2]))
    [1, 2]
    """
    if scheduler is None:
        yield JobRunner()
        return
    with connected(scheduler) as client:
        yield JobRunner(client)


def _client_type() -> Any:  # noqa: ANN401
    try:
        from distributed import Client  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise ParameterError(
            "a scheduler was given, but dask.distributed is not installed: install the extra "
            "'geoclust[dask]'"
        ) from error
    return Client


def _with_workers(client: Any) -> Any:  # noqa: ANN401
    try:
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except TimeoutError as error:
        raise SchedulerError(
            f"the Dask scheduler at {client.scheduler.address} has no workers: start some"
        ) from error
    return client


def run_on_cluster(
    client: Any,  # noqa: ANN401
    function: Callable[..., Result],
    jobs: Iterable[Job],
    *,
    common: Any = None,  # noqa: ANN401
) -> Iterator[Result]:
    """Apply a function to jobs on the cluster; yield the results in the order of the jobs.

    Jobs are drawn from their iterable as workers need them, so never all are held at once.  Per
    worker process one job runs at a time, on as many threads as its code starts itself.

    Parameters
    ----------
    client
        From `connected`.
    function
        Of this package, so that workers can import it; pure.
    jobs
        Each with all that the function needs.
    common
        What all jobs need besides, sent once; the function takes it behind the job.  The
        scheduler keeps it, so that it outlives the workers that hold it.

    Raises
    ------
    SchedulerError
        If a job fails in spite of retries, or the cluster is lost.
    """
    pending = iter(jobs)
    under_way: deque[Any] = deque()
    more = () if common is None else (_kept(client, common),)
    while True:
        with _told_as_ours():
            wanted = AHEAD * max(1, sum(client.nthreads().values())) - len(under_way)
        for job in islice(pending, max(0, wanted)):
            with _told_as_ours():
                under_way.append(_submit(client, function, job, *more))
        if not under_way:
            return
        with _told_as_ours():
            result = under_way.popleft().result()
        yield result


def _submit(client: Any, function: Callable[..., Result], job: Job, *more: Any) -> Any:  # noqa: ANN401
    sent = function, job, installed("geoclust"), *more
    return _send(client, run_job, *sent)


def _kept(client: Any, common: Any) -> Any:  # noqa: ANN401
    """A value on the cluster: a job that returns it, done again where its worker died."""
    with _told_as_ours():
        return _send(client, returned, common)


def _send(client: Any, function: Callable[..., Any], *sent: Any) -> Any:  # noqa: ANN401
    import dask  # noqa: PLC0415 - an optional extra

    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GiB"}):
        return client.submit(function, *sent, pure=False, retries=RETRIES)


@contextmanager
def _told_as_ours() -> Iterator[None]:
    """Tell what the cluster does to jobs in words of ours; what jobs raise passes as it is."""
    from distributed import KilledWorker  # noqa: PLC0415 - an optional extra
    from distributed.comm import CommClosedError  # noqa: PLC0415

    try:
        yield
    except KilledWorker as error:
        raise SchedulerError(
            f"several Dask workers died of the same job ({error}): give them more memory, or "
            "make tiles smaller"
        ) from error
    except (CancelledError, CommClosedError) as error:
        raise SchedulerError(
            f"the Dask cluster was lost ({error}): start it and try again"
        ) from error


def returned(value: Result) -> Result:
    """The value itself.

    Examples
    --------
    >>> returned(3)
    3
    """
    return value


def run_job(function: Callable[..., Result], job: Job, version: str, *more: Any) -> Result:  # noqa: ANN401
    """Run a job, as a worker does: by the same version as the sender's, one at a time.

    Compiled code starts threads of its own, and not every threading layer bears being entered
    from two at once.

    Examples
    --------
    >>> run_job(abs, -1, installed("geoclust"))
    1
    """
    if version != installed("geoclust"):
        raise SchedulerError(
            f"a Dask worker has geoclust {installed('geoclust')}, the sender {version}: install "
            "the same on all machines"
        )
    with _one_at_a_time:
        return function(job, *more)
