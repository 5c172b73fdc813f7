"""Delimited text: encoding and delimiter found out, every record numbered, faults kept apart.

Rules: the header is a record like others (number 1 unless lines of explanation come first); blank
records are numbered but are no rows; surplus fields that are empty are ignored; a record with
another number of fields than the header is rejected; a record whose quotes do not close properly
is rejected alone, and reading resumes at the next line.
"""

import codecs
import contextlib
import csv
import io
import itertools
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from geoclust.errors import InputError
from geoclust.records.raw import RawTable, faults_table, raw_table, text_frame
from geoclust.records.safety import MAX_LINE_BYTES, blocks, open_bytes
from geoclust.records.sources import TableSource

DELIMITERS: Final = (",", ";", "\t", "|")
SNIFFED_RECORDS: Final = 50

_QUOTES: Final = "quotes that do not close properly"
_TOO_LONG: Final = f"{_QUOTES}, or a field of more than {csv.field_size_limit():,} characters"
_CHUNK: Final = 65_536
_CHUNK_AFTER_FAULT: Final = 16
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORDS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(frozen=True)
class _Encoding:
    name: str
    errors: str = "strict"
    remark: str = ""


@dataclass(frozen=True)
class _Dialect:
    delimiter: str
    quotes: bool = True

    def reader(self, lines: Iterable[str]) -> Iterator[list[str]]:
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            skipinitialspace=self.quotes,
            quoting=csv.QUOTE_MINIMAL if self.quotes else csv.QUOTE_NONE,
            strict=True,
        )


@dataclass(frozen=True)
class _Chunk:
    """Consecutive records; `broken` maps the index of a broken one to its first line and why."""

    records: list[list[str]]
    broken: dict[int, tuple[str, str]]


def read_delimited(path: Path, name: str, source: TableSource) -> RawTable:
    """Read a file of delimited text, packed with gzip or not.

    Raises
    ------
    InputError
        If it has no rows, one single column, a line longer than `MAX_LINE_BYTES`, or cannot be
        decoded as the encoding given.
    """
    encoding = _find_encoding(path, name, source.encoding)
    delimiter = source.delimiter or _find_delimiter(path, name, encoding, source.header_row)
    dialect = _Dialect(delimiter, quotes=source.quotes)
    with _open_text(path, encoding) as stream:
        chunks = _read_chunks(stream, dialect)
        try:
            table = _assemble(chunks, name, source)
        except UnicodeError as error:
            raise InputError(f"{name}: is not {encoding.name} ({error}); give encoding") from error
    remark = encoding.remark or f"read as {encoding.name}"
    table.note("info", f"{remark}, delimiter {_WORDS.get(delimiter, delimiter)}")
    if encoding.errors == "replace":
        table.note("warning", "some bytes are not UTF-8; rows that use them are rejected")
    return table


def first_records(path: Path, name: str, source: TableSource, count: int) -> list[list[str]]:
    """The first records of a file of delimited text, header and lines of explanation among them.

    Raises
    ------
    InputError
        As `read_delimited`; a file is not of one single column if any of its first lines has more.
    """
    encoding = _find_encoding(path, name, source.encoding)
    delimiter = source.delimiter
    for row in range(1, 1 if delimiter else count + 1):
        with contextlib.suppress(InputError):
            delimiter = _find_delimiter(path, name, encoding, row)
            break
    dialect = _Dialect(delimiter or _find_delimiter(path, name, encoding, 1), quotes=source.quotes)
    with _open_text(path, encoding) as stream, contextlib.suppress(csv.Error, UnicodeError):
        found: list[list[str]] = []
        for record in itertools.islice(dialect.reader(stream), count):
            found.append([field.strip() for field in record])  # noqa: PERF401 - kept up to a fault
    return found


def _open_text(path: Path, encoding: _Encoding) -> io.TextIOWrapper:
    raw = open_bytes(path)
    return io.TextIOWrapper(raw, encoding.name, encoding.errors, newline="")


def _find_encoding(path: Path, name: str, given: str | None) -> _Encoding:
    """Read the whole file once: encoding, length of lines, size once unpacked."""
    head = next(blocks(path, name), b"")[:65_536]
    guess = given or _wide_encoding(head) or "utf-8"
    decoder = codecs.getincrementaldecoder(guess)("strict")
    damaged = False
    run = 0
    for block in blocks(path, name):
        run = _longest_line(block, run, name)
        try:
            if not damaged:
                decoder.decode(block)
        except UnicodeError:
            damaged = True
    try:
        if not damaged:
            decoder.decode(b"", final=True)
            return _Encoding(guess)
    except UnicodeError:
        pass
    if given or guess != "utf-8":
        raise InputError(f"{name}: is not wholly {guess}; give the right encoding")
    return _eight_bit(path, name)


def _wide_encoding(head: bytes) -> str | None:
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) <= 0.4 * len(head) / 2:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _longest_line(block: bytes, run: int, name: str) -> int:
    ends = [at for at in (block.find(b"\n"), block.find(b"\r")) if at >= 0]
    before = run + (min(ends) if ends else len(block))
    if before > MAX_LINE_BYTES:
        raise InputError(
            f"{name}: has a line of more than {MAX_LINE_BYTES // 1024**2} MiB; is it a table?"
        )
    last = max(block.rfind(b"\n"), block.rfind(b"\r"))
    return len(block) - last - 1 if ends else before


def _eight_bit(path: Path, name: str) -> _Encoding:
    """UTF-8 with a few damaged bytes, or else Windows Latin-1."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    damaged = whole = 0
    cp1252 = True
    for block in blocks(path, name):
        text = decoder.decode(block)
        bad = text.count("\ufffd")
        damaged += bad
        whole += len(re.findall(r"[^\x00-\x7f]", text)) - bad
        cp1252 = cp1252 and not re.search(rb"[\x81\x8d\x8f\x90\x9d]", block)
    if whole > damaged:
        return _Encoding("utf-8", "replace", "read as UTF-8 with damaged bytes")
    if cp1252:
        return _Encoding("cp1252", remark="not UTF-8, read as cp1252 (Windows Latin-1)")
    return _Encoding("latin-1", remark="not UTF-8, read as latin-1")


def _find_delimiter(path: Path, name: str, encoding: _Encoding, header_row: int) -> str:
    """The delimiter that splits the first records into the most columns, evenly."""
    with _open_text(path, encoding) as stream:
        lines = list(itertools.islice(stream, header_row - 1 + 4 * SNIFFED_RECORDS))
    stated = re.fullmatch(r"sep=(.)\s*", lines[0]) if lines else None
    if stated:
        return stated[1]
    scores = {delimiter: _score(lines, delimiter, header_row) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    if scores[best] <= 1:
        first = lines[header_row - 1].strip()[:80] if len(lines) >= header_row else ""
        raise InputError(
            f"{name}: has one single column, {first!r}; tried comma, semicolon, tab and bar: "
            "give the delimiter"
        )
    return best


def _score(lines: list[str], delimiter: str, header_row: int) -> float:
    reader = csv.reader(lines[header_row - 1 :], delimiter=delimiter, skipinitialspace=True)
    widths: list[int] = []
    with contextlib.suppress(csv.Error):
        widths.extend(len(record) for record in itertools.islice(reader, SNIFFED_RECORDS) if record)
    if not widths or widths[0] <= 1:
        return 0
    return widths[0] * (widths.count(widths[0]) / len(widths))


def _read_chunks(stream: Iterator[str], dialect: _Dialect) -> Iterator[_Chunk]:
    records: list[list[str]] = []
    broken: dict[int, tuple[str, str]] = {}
    for more, fault in _read_runs(stream, dialect):
        records += more
        if fault is not None:
            broken[len(records)] = fault
            records.append([])
        if len(records) >= _CHUNK:
            yield _Chunk(records, broken)
            records, broken = [], {}
    if records:
        yield _Chunk(records, broken)


def _read_runs(
    stream: Iterator[str], dialect: _Dialect
) -> Iterator[tuple[list[list[str]], tuple[str, str] | None]]:
    """Runs of sound records, each with the broken one that ends it: its first line and why."""
    pending: deque[str] = deque()
    size = _CHUNK
    while True:
        kept: list[str] = []
        reader = dialect.reader(_feed(pending, stream, kept))
        try:
            records = list(itertools.islice(reader, size))
        except csv.Error as error:
            records, start = _until_fault(kept, dialect)
            pending.extendleft(reversed(kept[start + 1 :]))
            size = _CHUNK_AFTER_FAULT
            reason = _TOO_LONG if "limit" in str(error) else _QUOTES
            yield records, (kept[start].rstrip("\r\n"), reason)
            continue
        if not records:
            return
        yield records, None
        size = min(4 * size, _CHUNK)


def _feed(pending: deque[str], stream: Iterator[str], kept: list[str]) -> Iterator[str]:
    while pending:
        kept.append(pending.popleft())
        yield kept[-1]
    for line in stream:
        kept.append(line)
        yield line


def _until_fault(lines: list[str], dialect: _Dialect) -> tuple[list[list[str]], int]:
    """Records before the first broken one, and the line at which that one starts."""
    reader: Any = dialect.reader(lines)
    records = []
    start = 0
    try:
        for record in reader:
            records.append(record)
            start = reader.line_num
    except csv.Error:
        pass
    return records, start


def _assemble(chunks: Iterator[_Chunk], name: str, source: TableSource) -> RawTable:
    header = list(source.header)
    columns: list[list[pa.Array]] = []
    numbers: list[np.ndarray] = []
    faults: list[tuple[int, str, str, str]] = []
    seen = kept = blank = 0
    for chunk in chunks:
        skip = 0
        if not header:
            header, skip = _header(chunk, seen, source.header_row)
        records, number, bad = _even_out(chunk, skip, len(header))
        faults += [(kept + at, "", value, reason) for at, value, reason in bad]
        blank += len(chunk.records) - skip - len(records) if header else 0
        numbers.append(number + seen + 1)
        columns.append([pa.array(column, pa.string()) for column in zip(*records, strict=True)])
        seen += len(chunk.records)
        kept += len(records)
    if not header:
        raise InputError(f"{name}: has no header in record {source.header_row}")
    text = text_frame([column for column in columns if column], len(header))
    row = np.concatenate(numbers).astype(np.int64)
    table = raw_table(name, header, text, row, faults=faults_table(faults))
    if blank:
        table.note("info", f"{blank} blank records skipped", count=blank)
    return table


def _header(chunk: _Chunk, seen: int, header_row: int) -> tuple[list[str], int]:
    """Header of the table and the number of records up to it; [] where it comes later."""
    at = header_row - 1 - seen
    first = chunk.records[0] if chunk.records else []
    if seen == 0 and header_row == 1 and len(first) <= 2 and re.match("sep=", "".join(first[:1])):  # noqa: PLR2004
        at += 1
    while at < len(chunk.records) and not any(chunk.records[at]):
        at += 1
    if at >= len(chunk.records):
        return [], len(chunk.records)
    return [field.strip() for field in chunk.records[at]], at + 1


def _even_out(
    chunk: _Chunk, skip: int, width: int
) -> tuple[list[list[str]], np.ndarray, list[tuple[int, str, str]]]:
    """Rows of `width` fields, their places in the chunk, and (index, value, reason) of the bad."""
    records = chunk.records[skip:]
    lengths = np.fromiter(map(len, records), np.int64, len(records))
    filled = np.fromiter(map(any, records), bool, len(records))
    filled[[at - skip for at in chunk.broken if at >= skip]] = True
    faults = []
    for at in np.flatnonzero((lengths != width) & filled).tolist():
        record = records[at]
        if at + skip in chunk.broken:
            line, reason = chunk.broken[at + skip]
            faults.append((at, line[:200], reason))
        elif any(record[width:]) or len(record) < width:
            reason = f"{len(record)} fields, the header has {width}"
            faults.append((at, str(record)[:200], reason))
        records[at] = [*record, *[""] * width][:width]
    place = np.flatnonzero(filled)
    order = np.cumsum(filled) - 1
    rows = [records[at] for at in place] if len(place) < len(records) else records
    return rows, place + skip, [(int(order[at]), value, reason) for at, value, reason in faults]
