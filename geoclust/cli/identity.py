"""`geoclust identity`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from geoclust.cli.app import app
from geoclust.cli.options import Flag
from geoclust.cli.support import load, print_json


@app.command
def identity(
    study: Path,
    /,
    *,
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    json: Flag = False,
) -> int:
    """Find organisations that may be one, in one source or several, and write them for review.

    They are compared by name, place and web domain.  Nothing is merged: somebody writes same or
    different beside each pair, and the study file says identity = "identity.csv" under [inputs].

    Parameters
    ----------
    study
        A study file (TOML), or a folder of tables.
    out
        The table to be written; without it identity.csv beside the study's tables.  Decisions of
        the table the study names are carried over.
    json
        Print counts and pairs as JSON on standard output.
    """
    from geoclust.report.terminal.identities import (  # noqa: PLC0415 - keeps --help fast
        print_identities,
        summarise_identities,
        write_identities,
    )
    from geoclust.study.identifying import find_study_duplicates  # noqa: PLC0415

    config = load(study, strict=False)
    table, _ = find_study_duplicates(config)
    target = out or config.base / config.inputs.folder / "identity.csv"
    write_identities(table, target)
    if json:
        print_json(summarise_identities(table, target))
    else:
        print_identities(table, target)
    return 0
