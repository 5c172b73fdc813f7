"""The command: arguments to a study, a study to a folder.  A translation, no logic.

Exit status: 0 done (also with rejected rows, or with no region found, each with a warning), 1 a
fault of ours, 2 the user's input or configuration, 6 writing, 130 interrupted.
"""

import logging
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number

from geoclust import __version__
from geoclust.errors import GeoclustError

if TYPE_CHECKING:
    from rich.console import Console

    from geoclust.study import StudyConfig

EXIT_OURS = 1
EXIT_INPUT = 2
EXIT_INTERRUPTED = 130

_interruptions: list[int] = []
"""Signals that asked this process to stop."""

app = App(
    name="geoclust",
    help="Finds, delineates, judges and ranks innovation clusters from geocoded firms, labs and "
    "patents.",
    version=__version__,
    help_epilogue="A first look: geoclust init my-study, fill in the tables, geoclust run my-study."
    "\n\nExit status: 0 done, 1 a fault of ours, 2 your input or configuration, 6 writing failed, "
    "130 interrupted.",
    help_format="plaintext",
    result_action="return_value",
    print_error=False,
    exit_on_error=False,
    suppress_keyboard_interrupt=False,
)

Count = Annotated[int | None, Parameter(validator=Number(gte=1))]
CountOrNone = Annotated[int | None, Parameter(validator=Number(gte=0))]
Quiet = Annotated[bool, Parameter(name=["--quiet", "-q"], negative="")]
Flag = Annotated[bool, Parameter(negative="")]


@app.command
def run(
    study: Path,
    /,
    *,
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    strict: Flag = False,
    scheduler: str | None = None,
    json: Flag = False,
    quiet: Quiet = False,
) -> int:
    """Run a study and write its tables, maps and page.

    Parameters
    ----------
    study
        A study file (TOML), or a folder with firms.*, labs.*, patents.*, ties.*, places.*.
    out
        Folder for the results; without it NAME-results in the current folder.
    strict
        Make any rejected row an error (exit status 2).
    scheduler
        Address of a running Dask scheduler (tcp://127.0.0.1:8786) whose workers do the costly
        part; the results are the same without.
    json
        Print a summary as JSON on standard output instead of the ranked table.
    quiet
        Print nothing but errors.
    """
    from geoclust.report import reserved, summarise, write_study  # noqa: PLC0415 - keeps --help fast
    from geoclust.report.progress import stage_shown  # noqa: PLC0415
    from geoclust.report.terminal import print_summary  # noqa: PLC0415
    from geoclust.study import run_study  # noqa: PLC0415

    config = _load(study, strict=strict)
    folder = out or Path(f"{_stem(study)}-results")
    with reserved(folder) as reservation, stage_shown(_take_interruption, quiet=quiet) as announce:
        found = run_study(config, progress=announce, scheduler=scheduler)
        announce("write")
        write_study(found, reservation)
    if json:
        _print_json(summarise(found, folder))
    elif not quiet:
        print_summary(found, folder)
    return 0


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
    scheduler: str | None = None,
    strict: Flag = False,
    json: Flag = False,
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
    scheduler
        Address of a running Dask scheduler (tcp://127.0.0.1:8786) whose workers do the work; the
        results are the same without.
    strict
        Make any rejected row an error (exit status 2).
    json
        Print a summary as JSON on standard output instead of the tables.
    quiet
        Print nothing but errors.
    """
    from geoclust.report import (  # noqa: PLC0415
        reserved,
        summarise,
        summarise_robustness,
        write_study,
    )
    from geoclust.report.progress import draws_shown, stage_shown  # noqa: PLC0415
    from geoclust.report.terminal_robustness import print_robustness  # noqa: PLC0415
    from geoclust.robustness import remove_checkpoints, run_configured  # noqa: PLC0415
    from geoclust.study import run_study  # noqa: PLC0415

    config = _load(study, strict=strict)
    folder = out or Path(f"{_stem(study)}-results")
    with reserved(folder) as reservation, _resumable():
        with stage_shown(_take_interruption, quiet=quiet) as announce:
            found = run_study(config, progress=announce, scheduler=scheduler)
        with draws_shown(_take_interruption, quiet=quiet) as told:
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
        _print_json(summarise(found, folder) | summarise_robustness(found, *drawn))
    elif not quiet:
        print_robustness(found, *drawn, folder)
    return 0


@app.command
def check(
    study: Path,
    /,
    *,
    faults: Path | None = None,
    strict: Flag = False,
    json: Flag = False,
) -> int:
    """Check a study's settings and tables; write nothing but the fault report.

    Parameters
    ----------
    study
        A study file (TOML), or a folder of tables.
    faults
        Where rejected rows are written, when there are any; without it NAME-faults.csv in the
        current folder.
    strict
        Make any rejected row an error (exit status 2).
    json
        Print the counts as JSON on standard output.
    """
    from geoclust.report import summarise_inputs, write_faults  # noqa: PLC0415
    from geoclust.report.terminal import print_inputs  # noqa: PLC0415
    from geoclust.study import check_study  # noqa: PLC0415

    inputs = check_study(_load(study, strict=False))
    report = write_faults(inputs, faults or Path(f"{_stem(study)}-faults.csv"))
    if json:
        _print_json(summarise_inputs(inputs))
    else:
        print_inputs(inputs, report)
    return EXIT_INPUT if strict and len(inputs.rejected) else 0


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
    _stdout().print(f"Made {folder}: {', '.join(made)}", highlight=False, markup=False)
    _stdout().print(
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
    _stdout().print(said, highlight=False, markup=False, soft_wrap=True)
    return 0


def main() -> None:
    """Entry point of the command; ends the process with the exit status."""
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, format="%(message)s")
    logging.getLogger("geoclust").setLevel(logging.ERROR)  # the summary lists the warnings
    warnings.simplefilter("ignore", DeprecationWarning)
    signal.signal(signal.SIGINT, _interrupt)
    status = _status(sys.argv[1:])
    if status == EXIT_INTERRUPTED:
        # where the signal came inside code run by a library, Python would end itself by the signal
        # although it was handled; everything has been unwound by now
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def _interrupt(_signal: int, _frame: object) -> None:
    _interruptions.append(_signal)
    raise KeyboardInterrupt


def _status(arguments: list[str]) -> int:
    try:
        return int(app(arguments) or 0)
    except CycloptsError as error:
        _complain(str(error), hint="geoclust --help lists the commands and options.")
        return EXIT_INPUT
    except GeoclustError as error:
        _complain(str(error))
        return error.exit_status
    except KeyboardInterrupt as stopped:
        _complain(f"interrupted; nothing half-written was left behind{stopped}")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception:
        logging.getLogger("geoclust").exception(
            "geoclust: a fault of ours, not of your data; please report it with these lines"
        )
        return EXIT_OURS


def _complain(message: str, hint: str = "") -> None:
    sys.stderr.write(f"geoclust: {message}\n" + (f"{hint}\n" if hint else ""))


def _load(study: Path, *, strict: bool) -> "StudyConfig":
    from geoclust.study.run import load_config  # noqa: PLC0415

    config = load_config(study)
    if strict:
        inputs = config.inputs.model_copy(update={"strict": True})
        config = config.model_copy(update={"inputs": inputs})
    return config


def _stem(study: Path) -> str:
    """Name for outputs: the folder of a study.toml, or the file's own name."""
    resolved = study.resolve()
    return resolved.parent.name if resolved.name == "study.toml" else resolved.stem


def _stdout() -> "Console":
    from rich.console import Console  # noqa: PLC0415

    return Console()


def _print_json(summary: dict[str, object]) -> None:
    import json  # noqa: PLC0415

    sys.stdout.write(json.dumps(summary, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


@contextmanager
def _resumable() -> Iterator[None]:
    """Say of an interruption that nothing drawn is lost."""
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            "; what was drawn is kept: the same command goes on where it stopped"
        ) from None


def _take_interruption(*_told: object) -> None:
    """Between stages and draws, what a library swallowed while it was loading is taken up."""
    if _interruptions:
        raise KeyboardInterrupt
