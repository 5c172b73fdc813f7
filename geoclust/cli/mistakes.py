"""Mistakes on the command line in plain words: what was found, what is wanted, where to look."""

import difflib
import re
from typing import Final

from cyclopts import CoercionError, CycloptsError, MissingArgumentError
from cyclopts.exceptions import (
    RepeatArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
    ValidationError,
)

_BOUNDS: Final = {">=": "at least", ">": "above", "<=": "at most", "<": "below"}
_KINDS: Final = {int: "a whole number", float: "a number"}


def told(error: CycloptsError, commands: list[str]) -> tuple[str, str]:
    """The message, and where to look.

    Parameters
    ----------
    error
        What the reader of arguments found.
    commands
        Names of all commands.
    """
    chain = " ".join(error.command_chain or ())
    look = f"geoclust {chain} --help" if chain else "geoclust --help"
    return _message(error, chain, commands), f"What it takes: {look}"


def _message(error: CycloptsError, chain: str, commands: list[str]) -> str:
    if isinstance(error, UnknownCommandError):
        word = next(iter(error.unused_tokens or [""]))
        return f"there is no command {word!r}{_near(word, commands)}"
    if isinstance(error, MissingArgumentError) and error.argument is not None:
        return f"{chain}: {_missing(error)}"
    return f"{chain}: {_value(error) or _surplus(error)}"


def _surplus(error: CycloptsError) -> str:
    """What is too much."""
    if isinstance(error, UnknownOptionError):
        word = error.token.keyword or error.token.value
        names = [name for one in error.argument_collection for name in one.names]
        return f"there is no option {word}{_near(word, names)}"
    if isinstance(error, UnusedCliTokensError):
        return f"{' '.join(map(repr, error.unused_tokens or ()))} is left over; nothing takes it"
    if isinstance(error, RepeatArgumentError):
        return f"{error.token.keyword} is given twice; give it once"
    return str(error)


def _value(error: CycloptsError) -> str:
    """What a value is and must be; "" where it is not about a value."""
    if isinstance(error, CoercionError) and error.token is not None:
        return _no_value(error)
    if isinstance(error, ValidationError) and error.argument is not None:
        said = re.sub(r"[<>]=?", lambda sign: _BOUNDS[sign.group()], error.exception_message)
        said = said[:1].lower() + said[1:].rstrip(".")
        given = " ".join(token.value for token in error.argument.tokens)
        return f"{error.argument.name} is {given}; it {said}"
    return ""


def _described(error: CycloptsError) -> str:
    """First sentence on the argument, from the docstring that --help shows."""
    argument, doc = error.argument, getattr(error.target, "__doc__", None) or ""
    name = argument.field_info.name if argument is not None else ""
    found = re.search(rf"^ *{re.escape(name)}\n((?: {{8,}}.*\n?)+)", doc, re.MULTILINE)
    text = " ".join(found.group(1).split()) if found else ""
    return re.split(r"(?<=[a-z)])[.;] ", text)[0]


def _missing(error: MissingArgumentError) -> str:
    argument = error.argument
    if argument is None:
        return str(error)
    told = _described(error)
    what = f": {told[:1].lower()}{told[1:].rstrip('.')}" if told else ""
    if error.tokens_so_far or argument.tokens or error.keyword:
        return f"{error.keyword or argument.name} is given without a value{what}"
    name = argument.name if argument.name.startswith("--") else argument.name.upper()
    return f"{name} is missing{what}"


def _no_value(error: CoercionError) -> str:
    token, argument = error.token, error.argument
    if token is None:
        return str(error)
    name = token.keyword or (argument.name.upper() if argument else "a value")
    choices = [str(one) for one in getattr(error.target_type, "__args__", ())]
    if choices:
        wanted = f"one of {', '.join(choices)}{_near(token.value, choices, otherwise='')}"
    else:
        wanted = _KINDS.get(error.target_type or str, "of another kind")
    return f"{name} is {token.value!r}; it must be {wanted}"


def _near(word: str, known: list[str], otherwise: str | None = None) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]}?"
    return "" if otherwise is not None or not known else f"; there are {', '.join(sorted(known))}"
