"""Parquet and GeoParquet, through pyarrow, batch by batch under a limit."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.errors import InputError
from geoclust.records.cells import column_text
from geoclust.records.partitions import wanted_rows, with_told
from geoclust.records.points import UNREADABLE, Located, locate_points, locate_wkb, read_wkb
from geoclust.records.raw import RawTable, faults_table, raw_table
from geoclust.records.safety import MAX_UNPACKED_BYTES, check_unpacked
from geoclust.records.sources import TableSource

MAX_ROWS: Final = 100_000_000
"""Rows a file may declare."""

_BATCH: Final = 65_536


def read_parquet(
    path: Path, name: str, source: TableSource, told: dict[str, str | None] | None = None
) -> RawTable:
    """Read a Parquet file; the geometry of a GeoParquet file provides the coordinates.

    Parameters
    ----------
    path, name, source
        The file, its name for messages, how to read it.
    told
        Columns and values that the folders of a partitioned table say.

    Raises
    ------
    InputError
        If it is damaged, cut short, too large once unpacked, or its geometry or reference system
        cannot be used.
    """
    import pyarrow as pa  # noqa: PLC0415 - only this format needs it
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        with pq.ParquetFile(path) as file:
            table = _read_batches(file, path, name)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{name}: damaged or cut short Parquet ({_first_line(error)}); get it anew"
        ) from error
    row = np.arange(table.num_rows, dtype=np.int64) + 2
    mask = wanted_rows(table, told or {}, source, name)
    if mask is not None:
        table, row = table.filter(mask), row[np.asarray(mask)]
    located = _locate(table, name, source)
    flat = [at for at, field in enumerate(table.schema) if not _nested(field.type)]
    text = pd.DataFrame({new: _text(table.column(at)) for new, at in enumerate(flat)})
    text = text.set_axis(pd.RangeIndex(table.num_rows), axis=0)
    header, text = with_told(tuple(table.schema.names[at] for at in flat), text, told or {})
    raw = raw_table(
        name,
        header,
        text,
        row,
        faults=faults_table(located.faults if located else []),
        points=located.points if located else None,
    )
    for level, message in located.notes if located else ():
        raw.note(level, message)
    return raw


def read_shapes(path: Path, name: str) -> tuple[pd.DataFrame, str | None]:
    """Features of a GeoParquet file with their whole geometry, and its reference system.

    Returns
    -------
    DataFrame
        Attributes as text; `geometry` as shapely has it, None where missing.
    str or None
        Reference system; None where the file says that it is not known.

    Raises
    ------
    InputError
        As `read_parquet`; and if it has no geometry.
    """
    import pyarrow as pa  # noqa: PLC0415 - only this format needs it
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        with pq.ParquetFile(path) as file:
            table = _read_batches(file, path, name)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{name}: damaged or cut short Parquet ({_first_line(error)}); get it anew"
        ) from error
    about, column = _geometry(table, name)
    if about.get("encoding", "WKB") != "WKB":
        raise InputError(f"{name}: holds {about['encoding']} geometry; wanted WKB polygons")
    wkb = np.asarray(column.to_pylist(), dtype=object)
    shapes, lost = read_wkb(wkb)
    if lost:
        numbers = ", ".join(str(at + 1) for at in lost[:10])
        raise InputError(f"{name}: the geometry of features {numbers} {UNREADABLE}")
    flat = [at for at, field in enumerate(table.schema) if not _nested(field.type)]
    columns = {table.schema.names[at]: _text(table.column(at)) for at in flat}
    features = pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows))
    return features.assign(geometry=pd.Series(list(shapes), dtype=object)), _crs(about, name)


def _read_batches(file: Any, path: Path, name: str) -> Any:  # noqa: ANN401 - pyarrow has no types
    import pyarrow as pa  # noqa: PLC0415

    if file.metadata.num_rows > MAX_ROWS:
        raise InputError(f"{name}: declares {file.metadata.num_rows:,} rows; refused as a bomb")
    groups = (file.metadata.row_group(at) for at in range(file.metadata.num_row_groups))
    check_unpacked(sum(group.total_byte_size for group in groups), path.stat().st_size, name)
    batches = []
    total = 0
    for batch in file.iter_batches(_BATCH):
        total += batch.nbytes
        if total > MAX_UNPACKED_BYTES:
            check_unpacked(total, path.stat().st_size, name)
        batches.append(batch)
    return pa.Table.from_batches(batches, file.schema_arrow)


def _nested(kind: Any) -> bool:  # noqa: ANN401
    import pyarrow.types as pt  # noqa: PLC0415

    return bool(pt.is_nested(kind) or pt.is_binary(kind) or pt.is_large_binary(kind))


def _text(column: Any) -> pd.Series:  # noqa: ANN401
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.types as pt  # noqa: PLC0415

    if pt.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pt.is_floating(column.type):
        return column_text(column.cast(pa.float64()).to_pandas())
    if pt.is_null(column.type):
        return pd.Series(np.nan, index=pd.RangeIndex(len(column)), dtype="str")
    return pd.Series(pd.array(column.cast(pa.string()), dtype="str"))


def _locate(table: Any, name: str, source: TableSource) -> Located | None:  # noqa: ANN401
    if b"geo" not in (table.schema.metadata or {}):
        return None
    about, column = _geometry(table, name)
    crs = _crs(about, name)
    if about.get("encoding", "WKB") == "point":
        x, y = (column.field(axis).to_numpy(zero_copy_only=False) for axis in ("x", "y"))
        return locate_points(x, y, crs=crs, stated=source.crs, file=name, faults=[])
    if about.get("encoding", "WKB") != "WKB":
        raise InputError(f"{name}: holds {about['encoding']} geometry; records are points")
    wkb = np.asarray(column.to_pylist(), dtype=object)
    return locate_wkb(wkb, crs=crs, stated=source.crs, file=name)


def _geometry(table: Any, name: str) -> tuple[dict[str, Any], Any]:  # noqa: ANN401
    """What a GeoParquet file says of its geometry column, and the column."""
    metadata = (table.schema.metadata or {}).get(b"geo")
    if metadata is None:
        raise InputError(f"{name}: is Parquet without geometry (no GeoParquet metadata)")
    try:
        geo = json.loads(metadata)
        primary = geo["primary_column"]
        about = geo["columns"][primary]
        return dict(about), table.column(primary).combine_chunks()
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{name}: its GeoParquet metadata is damaged ({error})") from error


def _crs(about: dict[str, Any], name: str) -> str | None:
    """The column's reference system: CRS84 where the key is absent, unknown where it is null."""
    if "crs" not in about:
        return "OGC:CRS84"
    crs = about["crs"]
    if crs is None:
        return None
    if not isinstance(crs, dict):
        raise InputError(f"{name}: its reference system is damaged ({str(crs)[:80]!r})")
    identity = crs.get("id") or {}
    if {"authority", "code"} <= set(identity):
        return f"{identity['authority']}:{identity['code']}"
    return json.dumps(crs)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
