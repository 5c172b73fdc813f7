"""`[time]` of a study file: the windows in which a study is run, and what counts in each."""

import re
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import AfterValidator

from geoclust.study.section import Section

_WINDOW: Final = re.compile(r"\s*(\d{1,4})\s*(?:[-\u2013]\s*(\d{1,4})\s*)?")

Counted = Literal["firm", "lab", "patent", "tie"]


class Window(NamedTuple):
    """Years from the first to the last, both included."""

    first: int
    last: int

    @property
    def label(self) -> str:
        """As a study file says it.

        Examples
        --------
        >>> Window(2010, 2014).label, Window(2020, 2020).label
        ('2010-2014', '2020')
        """
        return f"{self.first}-{self.last}" if self.last > self.first else f"{self.first}"


def parse_window(text: str) -> Window:
    """A window from words such as "2010-2014" or "2020".

    Raises
    ------
    ValueError
        If it is not one, or ends before it begins.

    Examples
    --------
    >>> parse_window("2010-2014")
    Window(first=2010, last=2014)
    """
    found = _WINDOW.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no window; want two years such as '2010-2014', or one")
    first, last = int(found[1]), int(found[2] or found[1])
    if last < first:
        raise ValueError(f"{text!r} ends before it begins")
    return Window(first, last)


def _in_order(windows: tuple[str, ...]) -> tuple[str, ...]:
    faults, parsed = [], []
    for text in windows:
        try:
            parsed.append(parse_window(text))
        except ValueError as error:
            faults.append(str(error))
    if parsed != sorted(set(parsed)):
        faults.append("windows must be in the order of time, each once")
    if faults:
        raise ValueError("; ".join(faults))
    return windows


class TimeSection(Section):
    """`[time]`: the study in windows of years, by `geoclust timeline`."""

    windows: Annotated[tuple[str, ...], AfterValidator(_in_order)] = ()
    """Years from and to, such as ["2010-2014", "2015-2019", "2020-2024"], or one year each; in the
    order of time; they may overlap."""

    cumulative: tuple[Counted, ...] = ()
    """Kinds that count in every window from their year on (an organisation stays once founded):
    firm, lab, patent, tie; the others count in the windows that hold their year."""

    undated: Literal["leave_out", "every_window"] = "leave_out"
    """Records and ties without a year: in no window, or in every one."""

    @property
    def periods(self) -> tuple[Window, ...]:
        """The windows as years."""
        return tuple(parse_window(text) for text in self.windows)
