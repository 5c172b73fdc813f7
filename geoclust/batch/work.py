"""One study of a batch, run wherever there is room: here, in another process, on a cluster.

Nothing is written where the work is done: the finished files travel back as bytes, so that a
worker that dies leaves nothing half-written, and only one process ever writes.
"""

import tempfile
import traceback
from dataclasses import dataclass, field, replace
from pathlib import Path

from geoclust.batch.guidance import guidance
from geoclust.batch.keys import input_files
from geoclust.errors import EXIT_INPUT, EXIT_OURS, GeoclustError
from geoclust.report.writing import render_study
from geoclust.study import StudyConfig, run_study

OURS = "a fault of ours, not of your data; please report it"


@dataclass(frozen=True)
class Job:
    """A study to run."""

    folder: str
    """Name of its folder in the batch."""

    name: str
    config: StudyConfig
    key: str
    """See `study_key`; kept in the study's manifest."""

    target: Path
    """Where its files will stand, absolute: `study.toml` tells its paths from there."""

    inputs: dict[str, bytes] | None = None
    """Content of the input files, for workers that cannot reach them."""


@dataclass(frozen=True)
class Done:
    """A finished study."""

    folder: str
    files: dict[str, bytes] = field(repr=False)
    """Name to content, the manifest last."""


@dataclass(frozen=True)
class Failed:
    """A study that could not be run."""

    folder: str
    kind: str
    """`input` (data or configuration), `worker` (its process died) or `fault` (of ours)."""

    reason: str
    trace: str = ""
    exit_status: int = EXIT_INPUT


Outcome = Done | Failed


def work(job: Job) -> Outcome:
    """Run a study; whatever goes wrong becomes a `Failed`."""
    try:
        if job.inputs is None:
            return _done(job, job.config)
        with tempfile.TemporaryDirectory() as scratch:
            return _done(job, _unpacked(job, Path(scratch)))
    except GeoclustError as error:
        return Failed(job.folder, "input", str(error), exit_status=error.exit_status)
    except MemoryError:
        return Failed(job.folder, "worker", "not enough memory: use fewer --jobs")
    except Exception as error:  # noqa: BLE001 - one study must not end the others
        reason = f"{OURS}: {type(error).__name__}: {error}"
        return Failed(job.folder, "fault", reason, traceback.format_exc(), EXIT_OURS)


def _done(job: Job, config: StudyConfig) -> Done:
    study = replace(run_study(config), config=job.config)
    facts = {"study": job.name, "key": job.key, "guidance": guidance(study)}
    files = render_study(study, folder=job.target, facts={"batch": facts})
    return Done(job.folder, files)


def pack(job: Job) -> Job:
    """The same job with its input files inside, for workers elsewhere.

    Files with absolute paths are not moved: workers must see them where they are.
    """
    files = input_files(job.config)
    near = {name: path for name, path in files.items() if not Path(name).is_absolute()}
    return replace(job, inputs={name: path.read_bytes() for name, path in near.items()})


def _unpacked(job: Job, scratch: Path) -> StudyConfig:
    """The configuration in a folder of its own, deep enough for every `..` of a path."""
    depth = max((Path(name).parts.count("..") for name in job.inputs or {}), default=0)
    base = scratch.joinpath(*["inner"] * (depth + 1))
    (base / job.config.inputs.folder).mkdir(parents=True, exist_ok=True)
    for name, content in (job.inputs or {}).items():
        target = base / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return job.config.model_copy(update={"base": base})
