"""Excel workbooks (.xlsx), through python-calamine; bombs refused before it sees them."""

import datetime as dt
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

import pandas as pd

from geoclust.errors import InputError
from geoclust.records.cells import cell_text
from geoclust.records.raw import RawTable, raw_of_rows
from geoclust.records.safety import BLOCK, check_unpacked
from geoclust.records.sources import TableSource

MAX_CELLS: Final = 50_000_000
"""Cells of the rectangle that holds everything on a sheet (two far cells can span 17 thousand
million, all of which a reader would set up)."""

EXACT_DIGITS: Final = 10**15
"""From here on a spreadsheet has rounded a number's digits."""

_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    NotImplementedError,
    UnicodeError,  # the name of a member
    struct.error,
)
_LOCAL_HEADER: Final = 30
_FEED: Final = 65_536
_CELL: Final = re.compile(rb'r="([A-Z]{1,3})([0-9]{1,7})"')
_ODD_XML: Final = (b"'", *(bytes(pair) for c in b" \t\r\n" for pair in ((c, 61), (61, c))))


def read_workbook(path: Path, name: str, source: TableSource) -> RawTable:
    """Read one sheet of an .xlsx workbook; cells keep what they say.

    Raises
    ------
    InputError
        If it is damaged, a bomb, has several sheets and none is chosen, or lacks the sheet.
    """
    check_workbook(path, name)
    rows = _rows(path, name, source.sheet)
    texts = [[cell_text(cell) for cell in row] for row in rows]
    raw = raw_of_rows(name, texts, source.header_row)
    body = rows[source.header_row :]
    _note_dates(raw, body)
    _note_digits(raw, body)
    return raw


def sheet_names(path: Path, name: str) -> list[str]:
    """Names of the sheets of an .xlsx workbook, in its order.

    Raises
    ------
    InputError
        As `read_workbook`.
    """
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - rarely needed

    check_workbook(path, name)
    try:
        with CalamineWorkbook.from_path(str(path)) as workbook:
            return list(workbook.sheet_names)
    except (CalamineError, OSError) as error:
        raise InputError(f"{name}: damaged or cut short workbook ({error}); get it anew") from error


def check_workbook(path: Path, name: str) -> None:
    """Refuse what unpacks to too much, by declared and by actual size, or spans too many cells.

    Raises
    ------
    InputError
        If it does, or is no workbook.
    """
    packed = path.stat().st_size
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as stream:
            members = archive.infolist()
            check_unpacked(sum(member.file_size for member in members), packed, name)
            if "xl/workbook.xml" not in {member.filename for member in members}:
                raise InputError(f"{name}: is a zip archive but no Excel workbook; unpack it")
            _check_sizes(stream, members, packed, name)
            for member in members:
                _check_cells(stream, member, name)
    except _DAMAGE as error:
        raise InputError(f"{name}: damaged or cut short workbook ({error}); get it anew") from error


def _check_sizes(stream: IO[bytes], members: list[zipfile.ZipInfo], packed: int, name: str) -> None:
    """Refuse by the unpacked bytes of all members, whatever they declare."""
    total = 0
    for member in members:
        for block in _inflate(stream, member):
            total += len(block)
            check_unpacked(total, packed, name)


def _check_cells(stream: IO[bytes], member: zipfile.ZipInfo, name: str) -> None:
    """Refuse by the furthest cell that a member names."""
    widest = longest = 1
    tail = b""
    for block in _inflate(stream, member):
        for letters, digits in set(_CELL.findall(_plain_xml(tail + block))):
            widest, longest = max(widest, _column_number(letters)), max(longest, int(digits))
        tail = block[-32:]
    if widest * longest > MAX_CELLS:
        raise InputError(
            f"{name}: {member.filename} spans {longest:,} rows x {widest:,} columns, more than "
            f"{MAX_CELLS:,} cells; clear the stray far cells or save it as CSV"
        )


def _plain_xml(block: bytes) -> bytes:
    """Attributes written as Excel writes them, so that one pattern finds all cells."""
    if not any(odd in block for odd in _ODD_XML):
        return block
    return re.sub(rb"\s*=\s*", b"=", block).replace(b"'", b'"')


def _inflate(stream: IO[bytes], member: zipfile.ZipInfo) -> Iterator[bytes]:
    stream.seek(member.header_offset)
    header = stream.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER:
        raise zipfile.BadZipFile("a member's header is cut short")
    stream.seek(int.from_bytes(header[26:28], "little"), 1)
    stream.seek(int.from_bytes(header[28:30], "little"), 1)
    if member.compress_type == zipfile.ZIP_STORED:
        left = member.compress_size
        while left > 0 and (block := stream.read(min(BLOCK, left))):
            left -= len(block)
            yield block
        return
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile("a member is packed in an uncommon way")
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    left = member.compress_size
    while not inflater.eof:
        feed = inflater.unconsumed_tail
        if not feed:
            feed = stream.read(min(_FEED, left))
            left -= len(feed)
        if not feed:
            return
        yield inflater.decompress(feed, BLOCK)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _rows(path: Path, name: str, sheet: str | None) -> list[list[object]]:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - rarely needed

    try:
        with CalamineWorkbook.from_path(str(path)) as workbook:
            chosen = _sheet(workbook.sheet_names, name, sheet)
            rows: list[list[object]] = workbook.get_sheet_by_name(chosen).to_python(
                skip_empty_area=False
            )
    except (CalamineError, OSError) as error:
        raise InputError(f"{name}: damaged or cut short workbook ({error}); get it anew") from error
    return rows


def _sheet(sheets: list[str], name: str, wanted: str | None) -> str:
    if wanted in sheets:
        return str(wanted)
    if not sheets:
        raise InputError(f"{name}: a workbook without a sheet; save the table in one anew")
    if wanted is not None or len(sheets) != 1:
        what = f"no sheet {wanted!r}" if wanted is not None else "several sheets and none chosen"
        there = ", ".join(map(repr, sheets))
        raise InputError(
            f"{name}: {what}; there are {there}: say which in the study file, as "
            f"sheet = {sheets[0]!r}"
        )
    return sheets[0]


def _note_dates(raw: RawTable, body: list[list[object]]) -> None:
    """Names such as MARCH1 that a spreadsheet turned into dates cannot be turned back."""
    for at, header in enumerate(raw.header):
        cells = [row[at] for row in body if at < len(row)]
        dates = sum(isinstance(cell, dt.date) for cell in cells)
        if 0 < dates < sum(cell not in {"", None} for cell in cells):
            message = f"{dates} cells of {header!r} are dates among other values: names turned?"
            raw.note("warning", message, column=header, count=dates)


def _note_digits(raw: RawTable, body: list[list[object]]) -> None:
    for at, header in enumerate(raw.header):
        cells = pd.Series([row[at] for row in body if at < len(row)], dtype=object)
        numbers = pd.to_numeric(cells[cells.map(type).isin([int, float])])
        count = int((numbers.abs() >= EXACT_DIGITS).sum())
        if count:
            message = f"{count} numbers of {header!r} have lost digits in the spreadsheet; use text"
            raw.note("warning", message, column=header, count=count)
