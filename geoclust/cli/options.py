"""Kinds of options that several commands take, and what help says of those that are the same."""

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

Count = Annotated[int | None, Parameter(validator=Number(gte=1))]
CountOrNone = Annotated[int | None, Parameter(validator=Number(gte=0))]
Flag = Annotated[bool, Parameter(negative="")]
Quiet = Annotated[
    bool,
    Parameter(name=["--quiet", "-q"], negative="", help="Print nothing but errors."),
]
Strict = Annotated[
    bool,
    Parameter(negative="", help="Make any rejected row an error (exit status 2)."),
]
Scheduler = Annotated[
    str | None,
    Parameter(
        help="Address of a running Dask scheduler (tcp://127.0.0.1:8786) whose workers do the "
        "work; the results are the same without."
    ),
]
Json = Annotated[
    bool,
    Parameter(negative="", help="Print a summary as JSON on standard output instead."),
]


@dataclass(frozen=True)
class Named:
    """Tables that somebody names.

    Parameters
    ----------
    firms
        File of firms, whatever its columns are called; FILE.xlsx#SHEET for one sheet; once for
        each file.
    labs
        File of laboratories, universities, institutes.
    patents
        File of patents.
    records
        File of firms, labs and patents together, with a column that says which.
    ties
        File of collaborations between them.
    places
        File of towns with population or GDP.
    """

    firms: tuple[str, ...] = ()
    labs: tuple[str, ...] = ()
    patents: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    ties: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
