"""`geoclust batch`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from geoclust.cli.app import app
from geoclust.cli.interruption import resumable, take_interruption
from geoclust.cli.options import Count, Flag, Json, Quiet, Scheduler
from geoclust.cli.support import print_json, stem
from geoclust.errors import EXIT_FAILURES

GO_ON = "finished studies are kept: the same command with --resume goes on"


@app.command
def batch(
    *files: Path,
    template: Path | None = None,
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    jobs: Annotated[Count, Parameter(name=["--jobs", "-j"])] = None,
    scheduler: Scheduler = None,
    keep_going: Flag = False,
    resume: Flag = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Run one study per country or file, and rank all their clusters together.

    geoclust batch BATCH.toml, or geoclust batch --template study.toml countries/*.csv. Exit status
    3 when some studies failed; failures.csv says which and why.

    Parameters
    ----------
    files
        A batch file (TOML); or, with --template, one file or folder of tables per study.
    template
        Study file whose settings all studies share.
    out
        Folder for the results; without it NAME-batch in the current folder.
    jobs
        Processes; without it one per usable core. The results do not depend on it.
    keep_going
        Run all other studies though some fail.
    resume
        Run only what is missing or has changed since the last run, by checksum.
    """
    from geoclust.batch import BatchConfig, run_batch  # noqa: PLC0415 - keeps --help fast
    from geoclust.batch.terminal import batch_shown, print_batch  # noqa: PLC0415
    from geoclust.errors import ParameterError  # noqa: PLC0415

    if template is None and len(files) != 1:
        raise ParameterError(
            f"found {len(files)} files; give one batch file, or --template STUDY.toml and the files"
        )
    named = files[0] if template is None else template
    config = (
        BatchConfig.from_toml(named)
        if template is None
        else BatchConfig.from_files(template, list(files))
    )
    folder = out or Path(f"{stem(named)}-batch")
    with resumable(GO_ON), batch_shown(take_interruption, quiet=quiet) as told:
        found = run_batch(
            config,
            folder,
            jobs=jobs,
            scheduler=scheduler,
            keep_going=keep_going,
            resume=resume,
            progress=told,
        )
    if json:
        print_json(found.summary)
    elif not quiet:
        print_batch(found)
    return EXIT_FAILURES if len(found.failures) else 0
