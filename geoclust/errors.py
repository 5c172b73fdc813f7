"""What can go wrong, by whose doing.

`GeoclustError` is the only base a caller needs to catch.  The command turns each kind into an
exit status: the user's input or configuration is 2, writing is 6.
"""

import re
from collections.abc import Sequence
from typing import Final, Self

EXIT_OURS: Final = 1
EXIT_INPUT: Final = 2
EXIT_FAILURES: Final = 3
EXIT_INTERRUPTED: Final = 130


_IN_ADDRESS: Final = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*:/{1,2}[^\s/:@'\"]*):[^\s'\"]*@")
_IN_OPTION: Final = re.compile(r"(?i)(password=)[^\s&'\"]+")


def redacted(text: str) -> str:
    """Text in which no password stands where an address or a connection option has one.

    Examples
    --------
    >>> redacted("postgresql://ada:secret@db.example/x: no such folder; password=secret")
    'postgresql://ada:***@db.example/x: no such folder; password=***'
    """
    return _IN_OPTION.sub(r"\1***", _IN_ADDRESS.sub(r"\1:***@", text))


class GeoclustError(Exception):
    """Base of all errors raised on purpose; the message says what to do, and no password."""

    exit_status = 2

    def __str__(self) -> str:
        return redacted(super().__str__())


class SchemaError(GeoclustError):
    """A table lacks a column, an index or a dtype that the data model asks for."""


class ParameterError(GeoclustError, ValueError):
    """A parameter is outside its range or contradicts another.

    Attributes
    ----------
    faults
        One sentence per fault where there may be several, each beginning with its parameter.
    """

    faults: Sequence[str] = ()

    @classmethod
    def listing(cls, what: str, faults: Sequence[str]) -> Self:
        """One error that tells all faults of something.

        Examples
        --------
        >>> str(ParameterError.listing("bars", ["a is 1; want 2", "b is 3; want 4"]))
        'bars: a is 1; want 2; b is 3; want 4'
        """
        error = cls(f"{what}: " + "; ".join(faults))
        error.faults = tuple(faults)
        return error


class FrameworkError(ParameterError):
    """A scoring framework has faults; all of them are in `faults`.

    Parameters
    ----------
    faults
        One sentence per fault, beginning with its place, such as ``indicators[2].weight``.
    what
        What has them, for the heading.
    """

    def __init__(self, faults: list[str], what: str = "framework") -> None:
        self.faults, self.what = list(faults), what
        super().__init__(f"{what}: " + "; ".join(self.faults))

    def __reduce__(self) -> tuple[type, tuple[list[str], str]]:
        return type(self), (list(self.faults), self.what)


class InputError(GeoclustError):
    """An input file cannot be read, or is not what its name says."""


class SchedulerError(GeoclustError):
    """The machines that were to share the work cannot be reached, or were lost."""


class RejectedRowsError(GeoclustError):
    """Rows were rejected and the study is strict."""


class ConfigError(GeoclustError):
    """A study file has faults; all of them are in `faults`.

    Parameters
    ----------
    faults
        One sentence per fault, each with its place in the file.
    source
        The file's name, for the heading.
    """

    def __init__(self, faults: list[str], source: str = "study file") -> None:
        self.faults = list(faults)
        noun = "fault" if len(self.faults) == 1 else "faults"
        lines = "".join(f"\n  - {fault}" for fault in self.faults)
        super().__init__(f"{source}: {len(self.faults)} {noun}{lines}")


class OutputError(GeoclustError):
    """Writing failed once it had begun; nothing half-written is left in place."""

    exit_status = 6


class UnwritableError(OutputError):
    """Nothing can be written where results are to go, seen before anything was computed."""

    exit_status = 2


class GeoclustWarning(UserWarning):
    """Something the user should know, that does not stop the run."""


def printable(text: object, longest: int = 0) -> str:
    r"""The text with every character that is not shown written out as an escape.

    Parameters
    ----------
    text
        Anything; its `str` is taken.
    longest
        Characters after which it is cut short; 0: never.

    Examples
    --------
    >>> printable("Rot\x1b[31m"), printable("abc\u202edef"), printable("too long", 4)
    ('Rot\\x1b[31m', 'abc\\u202edef', 'too ...')
    """
    word = str(text)
    if longest and len(word) > longest:
        word = word[:longest] + "..."
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in word
    )
