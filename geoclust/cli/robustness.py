"""`geoclust robustness`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from geoclust.cli.app import app
from geoclust.cli.interruption import resumable, take_interruption
from geoclust.cli.options import Count, CountOrNone, Json, Quiet, Scheduler, Strict
from geoclust.cli.support import load, print_json, stem


@app.command
def robustness(
    study: Path,
    /,
    *,
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    draws: Count = None,
    points: CountOrNone = None,
    seed: CountOrNone = None,
    workers: Count = None,
    scheduler: Scheduler = None,
    strict: Strict = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Run a study, draw it anew many times, and write all with the tables of the draws.

    Interrupted or killed, the same command goes on where it stopped.

    Parameters
    ----------
    study
        A study file (TOML), or a folder of tables; [robustness] says what varies and how far.
    out
        Folder for the results; without it NAME-results in the current folder.
    draws
        How often the whole chain is drawn; without it as the study file says (500).
    points
        Base points of the sensitivity analysis; 0 for none; without it as the study file says (64).
    seed
        Of the draws; without it the study's own.
    workers
        Processes; without it one per usable core. The results do not depend on it.
    """
    from geoclust.report import (  # noqa: PLC0415
        reserved,
        summarise,
        summarise_robustness,
        write_study,
    )
    from geoclust.report.robustness.terminal import print_robustness  # noqa: PLC0415
    from geoclust.report.terminal.progress import draws_shown, stage_shown  # noqa: PLC0415
    from geoclust.robustness import remove_checkpoints, run_configured  # noqa: PLC0415
    from geoclust.study import run_study  # noqa: PLC0415

    config = load(study, strict=strict)
    folder = out or Path(f"{stem(study)}-results")
    with reserved(folder) as reservation, resumable():
        with stage_shown(take_interruption, quiet=quiet) as announce:
            found = run_study(config, progress=announce, scheduler=scheduler)
        with draws_shown(take_interruption, quiet=quiet) as told:
            drawn = run_configured(
                found,
                draws=draws,
                points=points,
                seed=seed,
                workers=workers,
                scheduler=scheduler,
                beside=reservation.folder,
                progress=told,
            )
        write_study(found, reservation, robustness=drawn[0], sensitivity=drawn[1])
        remove_checkpoints(reservation.folder)
    if json:
        print_json(summarise(found, folder) | summarise_robustness(found, *drawn))
    elif not quiet:
        print_robustness(found, *drawn, folder)
    return 0
