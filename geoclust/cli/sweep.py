"""`geoclust sweep`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from geoclust.cli.app import app
from geoclust.cli.interruption import resumable, take_interruption
from geoclust.cli.options import Count, Flag, Json, Quiet, Scheduler, Strict
from geoclust.cli.support import announce_to_user, load, print_json, stem


@app.command
def sweep(
    study: Path,
    /,
    *,
    vary: Annotated[list[str], Parameter(negative="")],
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    level: float = 0.9,
    undecided: Flag = False,
    most: Count = None,
    workers: Count = None,
    scheduler: Scheduler = None,
    strict: Strict = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Run a study at every combination of some values of its settings, and say what changes.

    Interrupted or killed, the same command goes on where it stopped.

    Parameters
    ----------
    study
        A study file (TOML), or a folder of tables.
    vary
        A setting of the study file and its values, as often as there are settings to vary:
        clustering.min_cluster_size=5:40:5 (start:stop:step), delineation.reach_km=5,10,20,
        clustering.cluster_selection_method=eom,leaf.
    out
        Folder for the results; without it NAME-sweep in the current folder.
    level
        Neighbouring values agree from here on, 0 to 1, when stable ranges are looked for.
    undecided
        Leave the study's given boundaries and edits aside; without it they are applied at every
        setting, and one they do not match is not run.
    most
        Greatest number of combinations (1,000).
    workers
        Processes; without it as many as pay. The results do not depend on it.
    """
    from geoclust.report import reserved  # noqa: PLC0415 - keeps --help fast
    from geoclust.report.sweeping import summarise_sweep, write_sweep  # noqa: PLC0415
    from geoclust.report.sweeping.terminal import print_sweep  # noqa: PLC0415
    from geoclust.report.terminal.progress import draws_shown, stage_shown  # noqa: PLC0415
    from geoclust.robustness import remove_checkpoints, sweep_beside  # noqa: PLC0415
    from geoclust.robustness.sweeping import lean, planned, without_decisions  # noqa: PLC0415
    from geoclust.study import run_study  # noqa: PLC0415

    config = load(study, strict=strict)
    config = without_decisions(config) if undecided else config
    announce_to_user(planned(config, vary, most=most), quiet=quiet or json)
    folder = out or Path(f"{stem(study)}-sweep")
    with reserved(folder) as reservation, resumable():
        with stage_shown(take_interruption, quiet=quiet) as announce:
            found = run_study(lean(config), progress=announce, scheduler=scheduler)
        with draws_shown(take_interruption, quiet=quiet) as told:
            done = sweep_beside(
                found,
                vary=vary,
                beside=reservation.folder,
                level=level,
                most=most,
                workers=workers,
                scheduler=scheduler,
                progress=told,
            )
        write_sweep(done, reservation)
        remove_checkpoints(reservation.folder)
    if json:
        print_json(summarise_sweep(done, folder))
    elif not quiet:
        print_sweep(done, folder)
    return 0
