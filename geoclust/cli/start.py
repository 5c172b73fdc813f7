"""`geoclust init` and `geoclust warm-up`: what is done once, before the first study."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from geoclust.cli.app import app
from geoclust.cli.options import Count, Flag, Named
from geoclust.cli.support import stdout


@app.command
def init(
    folder: Path = Path(),
    /,
    *,
    named: Annotated[Named, Parameter(name="*")] = Named(),  # noqa: B008 - a frozen value
    country: str | None = None,
    name: str | None = None,
    smallest: Count = None,
    yes: Annotated[bool, Parameter(name=["--yes", "-y"], negative="")] = False,
    empty: Flag = False,
) -> int:
    """Make a study file for the tables you have, by three questions; Enter accepts each guess.

    The tables of the folder (else of the current one) are looked at: what each holds, which of
    its columns is which, in which country it lies.  The study file runs as it is written, with
    the reason for every guess beside it.  Nothing is ever overwritten.  Where there are no tables,
    a commented study file and empty tables are made to be filled in.

    Parameters
    ----------
    folder
        Where study.toml is to stand; made if it is not there.  The current folder without it.
    country
        Country of rows that name none, as a code or in English.
    name
        What the study is called.
    smallest
        How many organisations make a region, at least.
    yes
        Ask nothing: take the guesses, and what is said here.
    empty
        Make empty tables whatever tables there are.
    """
    from geoclust.cli.beginning import begin  # noqa: PLC0415 - keeps --help fast

    begin(folder, named, country=country, name=name, smallest=smallest, yes=yes, empty=empty)
    return 0


@app.command
def warm_up() -> int:
    """Compile what large inputs need ahead of time; once per installation, about 20 seconds."""
    from geoclust.clustering.warmup import warm_up as compile_ahead  # noqa: PLC0415

    folder = compile_ahead()
    said = (
        f"Compiled loops are ready in {folder}"
        if folder
        else ("Compiled, but no folder can be written to keep the loops in: set NUMBA_CACHE_DIR")
    )
    stdout().print(said, highlight=False, markup=False, soft_wrap=True)
    return 0
