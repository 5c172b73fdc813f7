"""A batch from its file to its folder: plan, run what is not done, combine, account."""

import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from geoclust.batch.config import BatchConfig
from geoclust.batch.finished import STUDIES, Finished, finished
from geoclust.batch.holding import held, prepare
from geoclust.batch.journal import Journal
from geoclust.batch.keys import input_files, study_key
from geoclust.batch.outcome import Batch
from geoclust.batch.plan import Plan, make_plan, write_cut
from geoclust.batch.planning import Unit
from geoclust.batch.processes import run_in_processes
from geoclust.batch.work import Done, Failed, Job, Outcome
from geoclust.batch.writing import assemble, write_combined, write_failures
from geoclust.errors import OutputError, ParameterError
from geoclust.report.folders.placing import named_failure, place
from geoclust.robustness.processes import usable_cores
from geoclust.study.manifests import MANIFEST

logger = logging.getLogger(__name__)

Progress = Callable[[str, str, int, int], None]
"""Told what happened (`plan`, `begin`, `done`, `failed`, `combine`), of which study, how many
are finished, and of how many."""


@dataclass
class Course:
    """What has become of the studies so far."""

    plan: Plan
    keys: dict[str, str]
    kept: dict[str, Finished]
    failures: dict[str, Failed] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)

    @property
    def settled(self) -> int:
        """Studies that need no more work."""
        return len(self.kept) + len(self.done) + len(self.failures)


def run_batch(
    batch: BatchConfig | str | Path,
    out: str | Path,
    *,
    jobs: int | None = None,
    scheduler: Any = None,  # noqa: ANN401 - dask has no types
    keep_going: bool = False,
    resume: bool = False,
    progress: Progress | None = None,
) -> Batch:
    r"""Run many studies with shared settings, rank all their clusters, and write one folder.

    In a script, call it behind ``if __name__ == "__main__":``, for it starts processes.

    Parameters
    ----------
    batch
        A batch file, or what was read from one.
    out
        Folder of the results: `studies/<name>/` as `write_study` writes them, and the combined
        tables, map and `index.html`.
    jobs
        Processes; None: one per usable core.  The results do not depend on it.
    scheduler
        Address of a running Dask scheduler, or a client; instead of processes here.
    keep_going
        Run all other studies though some fail; without it none is begun after a failure, and
        nothing is combined.
    resume
        Keep studies of an earlier run that are whole and whose settings, input files and versions
        are as they were.
    progress
        See `Progress`.

    Returns
    -------
    Batch

    Raises
    ------
    ConfigError, InputError, ParameterError
        If the batch file has faults, or `out` cannot be used or is held by another run.
    OutputError
        If something cannot be written; finished studies are kept.
    SchedulerError
        If the cluster is lost; finished studies are kept.

    Examples
    --------
    >>> import tempfile
    >>> from geoclust import synthetic
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("north", "south"):
    ...         Path(folder, name).mkdir()
    ...         synthetic.write_toy_world(Path(folder, name))
    ...     text = '[batch]\nfiles = ["north", "south"]'
    ...     config = BatchConfig.from_text(text, base=folder)
    ...     run_batch(config, f"{folder}/out", jobs=1).studies["clusters"].to_dict()
    {'north': 4, 'south': 4}
    """
    if jobs is not None and jobs < 1:
        raise ParameterError(f"jobs is {jobs!r}; want a whole number of at least 1")
    start = time.perf_counter()
    config = batch if isinstance(batch, BatchConfig) else BatchConfig.from_toml(batch)
    told = progress or (lambda *_: None)
    with held(out) as folder:
        told("plan", "", 0, 0)
        plan = make_plan(config, folder)
        prepare(folder)
        write_cut(plan, folder)
        course = _begin(plan, folder, resume=resume)
        journal = Journal(folder)
        waiting = _jobs(course, folder / STUDIES)
        journal.add("start", studies=len(plan.units), kept=sorted(course.kept))
        if waiting:
            with named_failure(folder):
                (folder / MANIFEST).unlink(missing_ok=True)
        outcomes = _outcomes(course, waiting, jobs, scheduler, keep_going=keep_going, told=told)
        with closing(outcomes):
            for outcome in outcomes:
                _settle(outcome, course, folder, journal)
                what = "done" if isinstance(outcome, Done) else "failed"
                told(what, outcome.folder, course.settled, len(plan.units))
        return _finish(course, folder, journal, keep_going=keep_going, start=start, told=told)


def _begin(plan: Plan, folder: Path, *, resume: bool) -> Course:
    keys = {
        unit.folder: study_key(unit.config, folder / STUDIES / unit.folder) for unit in plan.units
    }
    found = {name: finished(folder, name, key) for name, key in keys.items()} if resume else {}
    return Course(plan, keys, {name: done for name, done in found.items() if done is not None})


def _jobs(course: Course, home: Path) -> list[Job]:
    """Studies that are not done, the largest inputs first, so that none is waited for alone."""
    wanted = [unit for unit in course.plan.units if unit.folder not in course.kept]
    wanted.sort(key=lambda unit: (-_size(unit), unit.folder))
    return [
        Job(unit.folder, unit.name, unit.config, course.keys[unit.folder], home / unit.folder)
        for unit in wanted
    ]


def _size(unit: Unit) -> int:
    paths = input_files(unit.config).values()
    return sum(path.stat().st_size for path in paths if path.is_file())


def _outcomes(
    course: Course,
    waiting: Sequence[Job],
    jobs: int | None,
    scheduler: Any,  # noqa: ANN401
    *,
    keep_going: bool,
    told: Progress,
) -> Generator[Outcome, None, None]:
    def stop() -> bool:
        return bool(course.failures) and not keep_going

    def began(job: Job) -> None:
        told("begin", job.name, course.settled, len(course.plan.units))

    if scheduler is not None:
        from geoclust.batch.cluster import run_on_scheduler  # noqa: PLC0415 - an optional extra

        yield from run_on_scheduler(waiting, scheduler, stop=stop, began=began)
    elif waiting:
        workers = min(jobs or usable_cores(), len(waiting))
        yield from run_in_processes(waiting, workers, stop=stop, began=began)


def _settle(outcome: Outcome, course: Course, folder: Path, journal: Journal) -> None:
    """Put a finished study in place, or note why it failed; then say so in the journal."""
    if isinstance(outcome, Done):
        place(outcome.files, folder / STUDIES / outcome.folder)
        course.done.add(outcome.folder)
        journal.add("done", study=outcome.folder, key=course.keys[outcome.folder])
        return
    course.failures[outcome.folder] = outcome
    facts = {"kind": outcome.kind, "reason": outcome.reason, "trace": outcome.trace}
    journal.add("failed", study=outcome.folder, **facts)


def _finish(
    course: Course,
    folder: Path,
    journal: Journal,
    *,
    keep_going: bool,
    start: float,
    told: Progress,
) -> Batch:
    """Combine what is done, unless the batch was stopped by a failure."""
    whole = keep_going or not course.failures
    if whole:
        told("combine", "", course.settled, len(course.plan.units))
    studies = dict(_verified(course, folder))
    made = assemble(course.plan, studies, course.failures, folder)
    if whole:
        write_combined(made, course.keys, studies, folder, history=journal.read())
        journal.close(_account(course))
    else:
        write_failures(made, folder)
        journal.add("stopped", failed=sorted(course.failures))
    states = made.batch.studies["state"].to_dict()
    kept = {unit.name for unit in course.plan.units if unit.folder in course.kept}
    states |= dict.fromkeys(kept, "kept")
    seconds = time.perf_counter() - start
    batch = replace(
        made.batch,
        studies=made.batch.studies.assign(state=pd.Series(states, dtype="str")),
        whole=whole,
        seconds=seconds,
    )
    logger.info("%r in %.1f s", batch, seconds)
    return batch


def _verified(course: Course, folder: Path) -> Iterator[tuple[str, Finished]]:
    """Finished studies in the order of the plan, each read back and checked."""
    for unit in course.plan.units:
        if unit.folder not in course.done and unit.folder not in course.kept:
            continue
        found = finished(folder, unit.folder, course.keys[unit.folder])
        if found is None:
            raise OutputError(
                f"{folder / STUDIES / unit.folder} was changed or removed while the batch ran: "
                "the same command with --resume runs it again"
            )
        yield unit.folder, found


def _account(course: Course) -> Iterator[dict[str, Any]]:
    for unit in course.plan.units:
        event = "failed" if unit.folder in course.failures else "done"
        yield {"event": event, "study": unit.folder, "key": course.keys[unit.folder]}
