"""`geoclust init` and `geoclust warm-up`: what is done once, before the first study."""

from pathlib import Path

from geoclust.cli.app import app
from geoclust.cli.support import stdout


@app.command
def init(folder: Path, /) -> int:
    """Make a folder with a commented study file and empty tables to fill in.

    Parameters
    ----------
    folder
        The folder to make; it must not exist yet, or be empty.
    """
    from geoclust.study.template import write_template  # noqa: PLC0415

    made = write_template(folder)
    stdout().print(f"Made {folder}: {', '.join(made)}", highlight=False, markup=False)
    stdout().print(
        f"Fill in the tables, then: geoclust run {folder / 'study.toml'}",
        highlight=False,
        markup=False,
    )
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
