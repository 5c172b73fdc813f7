"""JSON objects as rows: JSON lines, or one array; nested values stay JSON text in their cell.

An object is a row, its keys are the columns.  A line or element that is no object is rejected
alone, with its number; one that ends an array in the middle refuses the file.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.errors import InputError
from geoclust.records.cells import cell_text, sound_text
from geoclust.records.presets import preset_keys
from geoclust.records.raw import RawTable, faults_table, raw_table
from geoclust.records.safety import MAX_LINE_BYTES, blocks
from geoclust.records.sources import TableSource

MAX_KEYS: Final = 2_000
"""Different keys of the objects of one file."""

Numbered = tuple[int, "dict[str, Any] | str"]
"""Number of an object, and the object, or the text that is none."""


def read_json_lines(path: Path, name: str, source: TableSource) -> RawTable:
    """Read a file of one JSON object a line, packed with gzip or not.

    Raises
    ------
    InputError
        If a line is longer than `MAX_LINE_BYTES`, the file unpacks to too much, or has no objects.
    """
    for _ in blocks(path, name):  # a bomb is refused before any of it is parsed
        pass
    return objects_table(_line_objects(path, name), name, source)


def objects_table(objects: Iterable[Numbered], name: str, source: TableSource) -> RawTable:
    """Rows of objects; of a known source only the keys that its preset reads.

    Examples
    --------
    >>> raw = objects_table([(1, {"id": "a", "geo": {"lat": 1}})], "a.jsonl", TableSource())
    >>> raw.header, raw.text[1].tolist(), raw.row.tolist()
    (('id', 'geo'), ['{"lat": 1}'], [1])
    """
    keys = preset_keys(source.preset)
    wanted = None if keys is None else sorted(keys)
    rows: list[dict[str, str | float]] = []
    numbers: list[int] = []
    faults: list[tuple[int, str, str, str]] = []
    header: dict[str, None] = {}
    for number, found in objects:
        if isinstance(found, str):
            faults.append((len(rows), "", sound_text(found[:200]), "is no JSON object"))
            found = {}  # noqa: PLW2901 - the row is kept, empty, to be named
        kept = found.items() if wanted is None else ((k, found[k]) for k in wanted if k in found)
        cells = {sound_text(key): cell_text(value) for key, value in kept}
        header |= dict.fromkeys(cells)
        if len(header) > MAX_KEYS:
            raise InputError(f"{name}: objects of more than {MAX_KEYS} different keys; is it data?")
        rows.append(cells)
        numbers.append(number)
    if not header:
        raise InputError(f"{name}: no JSON objects that are read as rows")
    columns = {
        at: pd.Series([row.get(key) for row in rows], dtype="str") for at, key in enumerate(header)
    }
    text = pd.DataFrame(columns, index=pd.RangeIndex(len(rows)))
    row = np.asarray(numbers, dtype=np.int64)
    return raw_table(name, list(header), text, row, faults=faults_table(faults))


def array_objects(text: str, name: str) -> Iterator[Numbered]:
    """Elements of a JSON array one by one, numbered from 2 as rows below a header.

    Examples
    --------
    >>> list(array_objects('[{"a": 1}, 2]', "a.json"))
    [(2, {'a': 1}), (3, '2')]
    """
    decoder = json.JSONDecoder()
    at = _skip(text, text.index("[") + 1, "")
    number = 2
    while at < len(text) and text[at] != "]":
        try:
            found, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{name}: damaged JSON in element {number - 1} ({error})") from error
        yield number, found if isinstance(found, dict) else json.dumps(found)[:200]
        number += 1
        at = _skip(text, end, ",")
    if at >= len(text):
        raise InputError(f"{name}: damaged or cut short JSON (the array does not end); get it anew")


def _skip(text: str, at: int, separator: str) -> int:
    """Position of the next element: white space and one separator are passed."""
    passed = False
    while at < len(text) and (text[at].isspace() or (text[at] == separator and not passed)):
        passed = passed or text[at] == separator
        at += 1
    return at


def _line_objects(path: Path, name: str) -> Iterator[Numbered]:
    for number, line in enumerate(_lines(path, name), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        yield number, found if isinstance(found, dict) else line[:200].decode("utf-8", "replace")


def _lines(path: Path, name: str) -> Iterator[bytes]:
    rest = b""
    for block in blocks(path, name):
        *whole, rest = (rest + block).split(b"\n")
        if len(rest) > MAX_LINE_BYTES or any(len(line) > MAX_LINE_BYTES for line in whole):
            raise InputError(
                f"{name}: has a line of more than {MAX_LINE_BYTES // 1024**2} MiB; JSON lines?"
            )
        yield from whole
    yield rest
