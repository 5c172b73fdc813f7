"""Being interrupted: noted when the signal comes, taken up between stages."""

from collections.abc import Iterator
from contextlib import contextmanager

_interruptions: list[int] = []
"""Signals that asked this process to stop."""


def interrupt(_signal: int, _frame: object) -> None:
    """Handle SIGINT: note it and unwind."""
    _interruptions.append(_signal)
    raise KeyboardInterrupt


def take_interruption(*_told: object) -> None:
    """Between stages and draws, what a library swallowed while it was loading is taken up."""
    if _interruptions:
        raise KeyboardInterrupt


@contextmanager
def resumable(
    words: str = "what was done is kept: the same command goes on where it stopped",
) -> Iterator[None]:
    """Say of an interruption that nothing done is lost."""
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"; {words}") from None
