"""Questions on a terminal: a guess to accept with Enter, an answer that is checked, asked again."""

import sys
from collections.abc import Callable
from typing import TypeVar

from geoclust.errors import GeoclustError, InputError, printable

Answer = TypeVar("Answer")


def can_ask() -> bool:
    """Whether somebody sits before a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask(question: str, guess: str, understand: Callable[[str], Answer]) -> Answer:
    """Ask until the answer is understood; Enter gives the guess.

    Parameters
    ----------
    question
        Its lines.
    guess
        What Enter answers.
    understand
        From the answer's text to its meaning; raises `GeoclustError` where it has none.

    Raises
    ------
    InputError
        If the answers end.
    """
    sys.stdout.write(f"\n{question}\n")
    while True:
        sys.stdout.write(f"[{printable(guess)}] > ")
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            raise InputError("the answers ended; nothing was written")
        try:
            return understand(line.strip() or guess)
        except GeoclustError as error:
            sys.stdout.write(f"  {printable(error)}\n")
