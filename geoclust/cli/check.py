"""`geoclust check`."""

from pathlib import Path

from geoclust.cli.app import app
from geoclust.cli.options import Flag, Strict
from geoclust.cli.support import load, print_json, stem
from geoclust.errors import EXIT_INPUT


@app.command
def check(
    study: Path,
    /,
    *,
    faults: Path | None = None,
    strict: Strict = False,
    json: Flag = False,
) -> int:
    """Check a study's settings and tables, and say what a run will need of memory and time.

    Writes nothing but the fault report.

    Parameters
    ----------
    study
        A study file (TOML), or a folder of tables.
    faults
        Where rejected rows are written, when there are any; without it NAME-faults.csv in the
        current folder.
    json
        Print the counts as JSON on standard output.
    """
    from geoclust.report import summarise_inputs, write_faults  # noqa: PLC0415
    from geoclust.report.terminal.summaries import print_inputs  # noqa: PLC0415
    from geoclust.study import check_study, estimate_needs  # noqa: PLC0415

    inputs = check_study(load(study, strict=False))
    needs = estimate_needs(inputs)
    report = write_faults(inputs, faults or Path(f"{stem(study)}-faults.csv"))
    if json:
        print_json(summarise_inputs(inputs) | {"needs": needs.plain})
    else:
        print_inputs(inputs, report, needs)
    return EXIT_INPUT if strict and len(inputs.rejected) else 0
