"""Large tables, a batch of rows at a time: Parquet and CSV, a few columns, never whole in memory.

For tables too long for `read_records`, which looks at every cell and tells every fault.  Here
columns are typed by the file or by their use, and nothing is geocoded, merged or repaired; what
may be opened is judged by the same rules (`safety`).
"""

from collections.abc import Iterator, Sequence
from csv import reader
from pathlib import Path
from typing import Any, Final

import numpy as np

from geoclust.errors import InputError
from geoclust.records.parquet import MAX_ROWS
from geoclust.records.safety import MAX_LINE_BYTES, checked_format, checked_path, open_bytes
from geoclust.sphere import Floats

BATCH_ROWS: Final = 1_000_000
BATCH_BYTES: Final = 32 * 1024**2
"""Of text, per batch."""


def read_batches(
    path: Path, columns: Sequence[str], *, numbers: Sequence[str] = ()
) -> Iterator[Any]:
    """Yield the rows of a table in their order, as `pyarrow.RecordBatch`es of some columns.

    Parameters
    ----------
    path
        A Parquet or CSV file (also .tsv, and either gzipped); CSV in UTF-8 with a header.
    columns
        Names of the columns to read.
    numbers
        Those of them that a CSV must hold numbers in; empty cells are missing.

    Raises
    ------
    InputError
        If the file is of another kind, damaged or too long, lacks a column, or has text where a
        number must be.
    """
    real = checked_path(path)
    kind = checked_format(real, path.name)
    if kind not in _OPENERS:
        raise InputError(
            f"{path.name}: only Parquet and CSV are read in batches; convert it, or use "
            "read_records, which reads it whole"
        )
    wanted = list(dict.fromkeys(columns))
    rows = 0
    for batch in _told(_OPENERS[kind](real, path.name, wanted, list(numbers)), path.name):
        rows += batch.num_rows
        if rows > MAX_ROWS:
            raise InputError(f"{path.name}: more than {MAX_ROWS:,} rows; split it")
        yield batch


def _told(batches: Iterator[Any], name: str) -> Iterator[Any]:
    """Yield the batches; what pyarrow raises is told as ours."""
    import pyarrow as pa  # noqa: PLC0415 - only large tables need it

    try:
        yield from batches
    except (pa.ArrowException, EOFError, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{name}: {str(error).splitlines()[0][:300]}") from error


def _parquet(path: Path, name: str, columns: list[str], _: list[str]) -> Iterator[Any]:
    import pyarrow.parquet as pq  # noqa: PLC0415 - only this format needs it

    with pq.ParquetFile(path) as file:
        _require(columns, file.schema_arrow.names, name)
        yield from file.iter_batches(BATCH_ROWS, columns=columns)


def _text(path: Path, name: str, columns: list[str], numbers: list[str]) -> Iterator[Any]:
    import pyarrow as pa  # noqa: PLC0415 - only this format needs it
    from pyarrow import csv  # noqa: PLC0415

    with open_bytes(path) as stream:
        head = stream.readline(MAX_LINE_BYTES).decode("utf-8-sig")
    delimiter = max(",;\t|", key=head.count)
    _require(columns, next(reader([head], delimiter=delimiter)), name)
    with csv.open_csv(
        path,
        read_options=csv.ReadOptions(block_size=BATCH_BYTES),
        parse_options=csv.ParseOptions(delimiter=delimiter),
        convert_options=csv.ConvertOptions(
            include_columns=columns,
            column_types={c: pa.float64() if c in numbers else pa.string() for c in columns},
            strings_can_be_null=True,
            null_values=[""],
        ),
    ) as batches:
        yield from batches


_OPENERS: Final = {"parquet": _parquet, "text": _text}


def _require(columns: list[str], found: list[str], name: str) -> None:
    absent = [column for column in columns if column not in found]
    if absent:
        raise InputError(f"{name}: lacks the columns {absent}; it has {found}")


def number_column(batch: Any, name: str) -> Floats:  # noqa: ANN401 - pyarrow has no types
    """A column as float64, missing values NaN.

    Raises
    ------
    InputError
        If it holds something else than numbers.

    Examples
    --------
    >>> import pyarrow as pa
    >>> number_column(pa.RecordBatch.from_pydict({"x": [1, None]}), "x")
    array([ 1., nan])
    """
    import pyarrow as pa  # noqa: PLC0415 - only large tables need it

    try:
        column = batch.column(name).cast(pa.float64(), safe=False)
    except pa.ArrowException as error:
        raise InputError(f"column {name!r} holds no numbers: {error}") from error
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)
