"""What a place as written may mean: a name to look up, and where it may lie."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from geoclust.gazetteer.divisions import divisions_named

ANYWHERE: Final = ("", "")
"""Any country, any division."""

_BRACKETS: Final = re.compile(r"\s*\(([^()]*)\)\s*$")


class Reading(NamedTuple):
    """One way to read a place as written."""

    attempt: int
    """0 for the plainest reading; a later one counts only where all earlier ones find nothing."""

    name: str
    """The name to look up."""

    country: str
    """Alpha-2 code, "" for any."""

    admin1: str
    """GeoNames' code of the first-level division, "" for any."""

    doubt: str
    """A part of the text that is not understood and was left aside, "" if none."""


def readings(place: str, country: str | None) -> list[Reading]:
    """Ways to read a place as written, the plainest first.

    What follows a comma or stands in brackets at the end is a hint (country, division or a
    division's code).  A text without either is a name; if nothing is called so, its last one or
    two words are tried as a hint ("Boston MA").

    Parameters
    ----------
    place
        As written, such as "Cambridge, MA, USA" or "Frankfurt (Oder)".
    country
        Alpha-2 code, None where it is not known.

    Examples
    --------
    >>> [reading[1:4] for reading in readings("Cambridge, MA", None)][:2]
    [('Cambridge', 'MA', ''), ('Cambridge', 'US', 'MA')]
    >>> readings("Cambridge, MA", "US")[0][1:4]
    ('Cambridge', 'US', 'MA')
    """
    within = (country or "", "")
    found: list[Reading] = []
    for attempt, (name, hints) in enumerate(_splits(place)):
        guess = bool(hints) and not re.search(r"[,)]", place)
        bracketed = bool(country) and "," not in place  # "Frankfurt (Oder)" in a known country
        areas, doubt = _areas(hints, within, plain=guess or bracketed)
        if not name or (doubt and (guess or not country)):
            continue
        found += [Reading(attempt, name, *area, doubt) for area in areas]
    return found


def _splits(place: str) -> Iterator[tuple[str, list[str]]]:
    """Name and hints, in the order in which they are tried."""
    whole = place.strip()
    parts = [part.strip() for part in whole.split(",") if part.strip()]
    if len(parts) > 1:
        yield parts[0], parts[1:]
        yield whole, []
        return
    yield whole, []
    if bracket := _BRACKETS.search(whole):
        yield whole[: bracket.start()], [bracket[1]]
        return
    words = whole.split()
    for count in (1, 2):
        if len(words) > count:
            yield " ".join(words[:-count]), [" ".join(words[-count:])]


def _areas(
    hints: list[str], within: tuple[str, str], *, plain: bool
) -> tuple[list[tuple[str, str]], str]:
    """Areas that all hints allow, the last hint first, and the hint that is not understood."""
    areas, doubt = [within], ""
    for hint in reversed(hints):
        country = areas[0][0] if len({area[0] for area in areas}) == 1 else ""
        meant = divisions_named(hint, country or None, plain=plain)
        if not meant and not divisions_named(hint, plain=plain):
            doubt = hint
            continue
        areas = [joint for area in areas for other in meant if (joint := _joint(area, other))]
        if not areas:
            return [], doubt
    return sorted(set(areas)), doubt


def _joint(area: tuple[str, str], other: tuple[str, str]) -> tuple[str, str] | None:
    """The area within both, None if they exclude each other."""
    pairs = list(zip(area, other, strict=True))
    if any(a and b and a != b for a, b in pairs):
        return None
    country, admin1 = (a or b for a, b in pairs)
    return country, admin1
