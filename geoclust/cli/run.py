"""`geoclust run`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from geoclust.cli.app import app
from geoclust.cli.interruption import take_interruption
from geoclust.cli.options import Json, Quiet, Scheduler, Strict
from geoclust.cli.support import load, print_json, stem


@app.command
def run(
    study: Path,
    /,
    *,
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    boundaries: Path | None = None,
    strict: Strict = False,
    scheduler: Scheduler = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Run a study and write its tables, maps and page.

    Parameters
    ----------
    study
        A study file (TOML), or a folder with firms.*, labs.*, patents.*, ties.*, places.*.
    out
        Folder for the results; without it NAME-results in the current folder.
    boundaries
        Polygons that are the regions instead of clustering (GeoPackage, GeoJSON, GeoParquet), such
        as the regions.gpkg of an earlier run, edited; in place of the study's own [boundaries].
    """
    from geoclust.report import reserved, summarise, write_study  # noqa: PLC0415 - keeps --help fast
    from geoclust.report.terminal.progress import stage_shown  # noqa: PLC0415
    from geoclust.report.terminal.summaries import print_summary  # noqa: PLC0415
    from geoclust.study import run_study  # noqa: PLC0415

    config = load(study, strict=strict, boundaries=boundaries)
    folder = out or Path(f"{stem(study)}-results")
    with reserved(folder) as reservation, stage_shown(take_interruption, quiet=quiet) as announce:
        found = run_study(config, progress=announce, scheduler=scheduler)
        announce("write")
        write_study(found, reservation)
    if json:
        print_json(summarise(found, folder))
    elif not quiet:
        print_summary(found, folder)
    return 0
