"""`geoclust timeline`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from geoclust.cli.app import app
from geoclust.cli.interruption import take_interruption
from geoclust.cli.options import Json, Quiet, Strict
from geoclust.cli.support import load, print_json, stem

Part = Annotated[float, Parameter(validator=Number(gte=0.5, lt=1))]
Tolerance = Annotated[float, Parameter(validator=Number(gte=0, lt=1))]


@app.command
def timeline(
    study: Path,
    /,
    *,
    windows: str = "",
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    min_shared: Part = 0.5,
    tolerance: Tolerance = 0.1,
    strict: Strict = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Run a study in windows of years and follow its regions: births, deaths, merges, ranks.

    Parameters
    ----------
    study
        A study file (TOML) with [time], or a folder of tables.
    windows
        Instead of the study file's: 2010-2014,2015-2019,2020-2024.
    out
        Folder for the timeline; without it NAME-timeline in the current folder.
    min_shared
        Regions of two windows are linked where more than this share of one is in the other.
    tolerance
        A region is kept while its weights differ by at most this share of the heavier.
    """
    from geoclust.report import reserved  # noqa: PLC0415 - keeps --help fast
    from geoclust.report.terminal.progress import stage_shown  # noqa: PLC0415
    from geoclust.report.timing import summarise_timeline, write_timeline  # noqa: PLC0415
    from geoclust.report.timing.terminal import print_timeline  # noqa: PLC0415
    from geoclust.timeline import run_timeline  # noqa: PLC0415

    config = load(study, strict=strict)
    chosen = tuple(part.strip() for part in windows.split(",")) if windows else None
    folder = out or Path(f"{stem(study)}-timeline")
    with reserved(folder) as held, stage_shown(take_interruption, quiet=quiet) as announce:
        found = run_timeline(
            config, windows=chosen, min_shared=min_shared, tolerance=tolerance, progress=announce
        )
        announce("write")
        write_timeline(found, held)
    if json:
        print_json(summarise_timeline(found, folder))
    elif not quiet:
        print_timeline(found, folder)
    return 0
