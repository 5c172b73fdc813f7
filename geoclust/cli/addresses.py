"""`geoclust precision` and `geoclust basis`: what hangs on the coordinates of records."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from geoclust.cli.app import app
from geoclust.cli.options import Count, CountOrNone, Flag, Quiet
from geoclust.cli.support import load, print_json


@app.command
def precision(
    study: Path,
    /,
    *,
    draws: Count = None,
    seed: CountOrNone = None,
    together: Flag = False,
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    json: Flag = False,
    quiet: Quiet = False,
) -> int:
    """Spread records within the precision of their geocodes, and see which regions stay.

    Parameters
    ----------
    study
        A study file (TOML), or a folder of tables; [precision] says how far.
    draws
        How often all records are spread; without it as the study file says (25).
    seed
        Of the first draw; without it the study's own.
    together
        Move the records of one place together: the error they share, not their spread.
    out
        File for the table of regions, such as precision.csv; without it none is written.
    json
        Print both tables as JSON on standard output.
    """
    from geoclust.report.addresses.files import centroids_json, write_table  # noqa: PLC0415
    from geoclust.report.addresses.terminal import print_centroids  # noqa: PLC0415
    from geoclust.robustness import what_hangs_on_centroids  # noqa: PLC0415
    from geoclust.study import run_study  # noqa: PLC0415

    found = run_study(load(study, strict=False))
    told = what_hangs_on_centroids(found, draws=draws, seed=seed, together=together or None)
    write_table(told.regions, out)
    if json:
        print_json(centroids_json(told))
    elif not quiet:
        print_centroids(found, told, out)
    return 0


@app.command
def basis(
    study: Path,
    /,
    *,
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    json: Flag = False,
    quiet: Quiet = False,
) -> int:
    """Place patents at their inventors' and at their applicants' addresses, and show what differs.

    Parameters
    ----------
    study
        A study file (TOML), or a folder of tables.
    out
        File for the table of regions, such as basis.csv; without it none is written.
    json
        Print the counts and both tables as JSON on standard output.
    """
    from geoclust.report.addresses.files import bases_json, write_table  # noqa: PLC0415
    from geoclust.report.addresses.terminal import print_bases  # noqa: PLC0415
    from geoclust.robustness import compare_bases  # noqa: PLC0415

    told = compare_bases(load(study, strict=False))
    write_table(told.regions, out, index=False)
    if json:
        print_json(bases_json(told))
    elif not quiet:
        print_bases(told, out)
    return 0
