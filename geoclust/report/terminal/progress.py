"""Progress on a terminal: the running stage, and how many draws are done.

Nothing is shown where standard error is no terminal.  `check` is called before each message and
may end the run.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

WORDS = {
    "draws": "drawing the study anew",
    "sobol": "runs of the sensitivity analysis",
    "settings": "settings of the sweep",
}


@contextmanager
def stage_shown(check: Callable[..., None], *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show a stage's name on standard error until the next is announced."""
    if quiet or not sys.stderr.isatty():
        yield check
        return
    with Console(stderr=True).status("starting") as status:

        def announce(stage: str) -> None:
            check()
            status.update(f"{stage} ...")

        yield announce


@contextmanager
def draws_shown(
    check: Callable[..., None], *, quiet: bool
) -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar on standard error for each kind of runs."""
    if quiet or not sys.stderr.isatty():
        yield check
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    console = Console(stderr=True)
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bars:
        tasks = {kind: bars.add_task(words, visible=False) for kind, words in WORDS.items()}

        def told(kind: str, done: int, count: int) -> None:
            check()
            bars.update(tasks[kind], completed=done, total=count, visible=True)

        yield told
