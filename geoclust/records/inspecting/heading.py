"""Where a table begins: lines of explanation above the header, or no header at all."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geoclust.records.delimited import first_records
from geoclust.records.presets.geonames import HEADER as GEONAMES_HEADER
from geoclust.records.sources import TableSource

LOOKED_AT: Final = 60
"""Records that are looked at for a header."""

_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_YEAR: Final = re.compile(r"(?:1[5-9]|20)\d\d")


@dataclass(frozen=True)
class Heading:
    """The record number of the header, what stands above it, and whether there is one."""

    row: int = 1
    above: tuple[str, ...] = ()
    headerless: bool = False
    geonames: bool = False


def find_heading(path: Path, name: str) -> Heading:
    """Look for the header of a file of delimited text.

    A header is the first record that fills most of the columns that the records below it fill,
    each with a text of its own and none with a number (years aside).

    Raises
    ------
    InputError
        As `read_delimited`.
    """
    records = first_records(path, name, TableSource(), LOOKED_AT)
    if _is_geonames(records):
        return Heading(headerless=True, geonames=True)
    width = _common_width(records)
    for at, record in enumerate(records):
        if _filled(record) >= max(2, 0.6 * width) and _is_header(record):
            above = tuple(cell for line in records[:at] for cell in line if cell)
            return Heading(row=at + 1 if above or at else 1, above=above)
    return Heading(headerless=bool(records))


def _is_header(record: list[str]) -> bool:
    named = [cell for cell in record if cell]
    numbers = [cell for cell in named if _NUMBER.fullmatch(cell) and not _YEAR.fullmatch(cell)]
    small = [cell for cell in numbers if cell.isdigit() and len(cell) <= 3]  # noqa: PLR2004 - ranks
    odd = len(numbers) - len(small)
    years = [cell for cell in named if _YEAR.fullmatch(cell)]
    words = len(named) - len(numbers) - len(years)
    return odd == 0 and words >= 2 and len(set(named)) >= 0.9 * len(named)  # noqa: PLR2004


def _filled(record: list[str]) -> int:
    return sum(bool(cell) for cell in record)


def _common_width(records: list[list[str]]) -> float:
    counts = sorted(_filled(record) for record in records if any(record))
    return counts[(3 * len(counts)) // 4 if len(counts) > 1 else 0] if counts else 0.0


def _is_geonames(records: list[list[str]]) -> bool:
    whole = [record for record in records if len(record) == len(GEONAMES_HEADER)]
    if not whole or len(whole) < 0.9 * len(records):
        return False
    fits = [
        record[0].isdigit()
        and all(_NUMBER.fullmatch(cell) for cell in record[4:6])
        and bool(re.fullmatch(r"[A-Z]", record[6]))
        and bool(re.fullmatch(r"[A-Z]{2}", record[8]))
        for record in whole
    ]
    return sum(fits) >= 0.9 * len(fits)
