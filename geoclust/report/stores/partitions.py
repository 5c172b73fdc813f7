"""A folder of Parquet files as a sink: tables with a country split by it, geometry as GeoParquet.

`records/country=GB/part-0.parquet`: what every reader of such folders understands, ours among them.
"""

import io
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final
from urllib.parse import quote

import pandas as pd

from geoclust.records.partitions import NOTHING
from geoclust.report.stores.marks import Tables
from geoclust.report.tables.columns import SHAPE, column_kinds

PARTITIONED: Final = ("records", "regions", "places")
"""Tables that are split by country."""


def partition_files(tables: Tables) -> dict[str, Callable[[], bytes]]:
    """File name to the function that makes the file, for every table; see `write_partitions`."""
    return {
        name: partial(_bytes, part)
        for name, table in tables.items()
        for name, part in _parts(name, table)
    }


def _parts(name: str, table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    if name not in PARTITIONED or "country" not in table:
        yield f"{name}/part-0.parquet", table
        return
    country = table["country"].fillna(NOTHING)
    for value in sorted(country.unique()) or [NOTHING]:
        folder = value if value == NOTHING else quote(value, safe="")
        rows = table[country == value].drop(columns="country").reset_index(drop=True)
        yield f"{name}/country={folder}/part-0.parquet", rows


def _bytes(table: pd.DataFrame) -> bytes:
    target = io.BytesIO()
    if SHAPE in column_kinds(table).values():
        table.to_parquet(target, index=False)  # a GeoDataFrame: GeoParquet
    else:
        table.to_parquet(target, index=False, engine="pyarrow")
    return target.getvalue()
