"""A table of tens of millions of rows to a region per row, without ever holding it.

Three walks: the door reads batches (`records/batches.py`), clustering groups them into spots and
clusters those (`clustering/streaming.py`), and the answers are written batch by batch.  It stands
in `study`, where rooms are joined; there is no page and no score, only regions.
"""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.clustering.build import build_hierarchy
from geoclust.clustering.build_tiled import build_hierarchy_tiled
from geoclust.clustering.extract import Clustering, extract_regions
from geoclust.clustering.streaming import NOWHERE, Batch, Spots, collapse_batches
from geoclust.errors import OutputError, ParameterError
from geoclust.records.batches import BATCH_ROWS, number_column, read_batches

USED_COLUMNS: Final = ("longitude", "latitude", "weight", "country")
ANSWERS: Final = ("region_id", "membership", "outlier_score", "nearest_region")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class TableClustering:
    """What `cluster_table` found.

    Attributes
    ----------
    regions
        As `Clustering.regions`; `record_count` counts rows of the table.
    clustering
        Of the spots: one record per coordinate (and country).
    row_count
        Rows of the table.
    nowhere_count
        Rows without usable coordinates or weight; their answers are missing.
    out
        The file written.
    """

    regions: pd.DataFrame
    clustering: Clustering
    row_count: int
    nowhere_count: int
    out: Path

    def __repr__(self) -> str:
        return (
            f"<TableClustering: {self.row_count:,} rows on {len(self.clustering.region_of):,} "
            f"spots, {len(self.regions):,} regions, {self.nowhere_count:,} rows nowhere; "
            f"in {self.out.name}>"
        )


def cluster_table(
    path: str | Path,
    out: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    kind: str = "firm",
    keep: Sequence[str] = (),
    scheduler: Any = None,  # noqa: ANN401 - dask has no types
    **parameters: Any,  # noqa: ANN401 - the keywords of build_hierarchy and extract_regions
) -> TableClustering:
    """Cluster a long table from file to file.

    Memory: 4 bytes per row, some 300 bytes per distinct coordinate, and one batch of a million
    rows: 20,000,000 rows on 190,000 coordinates take 0.8 GB in all.

    Parameters
    ----------
    path
        Parquet or CSV (also gzipped).
    out
        File to be written, .parquet or .csv: the columns of `keep`, then `region_id`,
        `membership`, `outlier_score` and `nearest_region`; the rows of `path`, in its order.
    columns
        Column of the file for each of `longitude` and `latitude` (degrees, WGS84; their own
        names by default), `weight` (1 by default) and `country` (ISO alpha-2; not known by
        default, regions are then named without).
    kind
        What the rows are: "firm", "lab" or "patent".
    keep
        Columns of the file to be copied.
    scheduler
        Of a Dask cluster, as for `build_hierarchy_tiled`.
    **parameters
        As for `build_hierarchy` and `extract_regions`.

    Returns
    -------
    TableClustering
        Regions and scores equal those of `build_hierarchy` over all rows.

    Raises
    ------
    InputError
        If the file cannot be read, or lacks a column.
    ParameterError
        If a parameter is outside its range or unknown.
    OutputError
        If `out` cannot be written; nothing half-written is left.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> rows = pd.DataFrame({"longitude": [0.1] * 12, "latitude": 52.2, "firm": range(12)})
    >>> with TemporaryDirectory() as folder:
    ...     rows.to_parquet(f"{folder}/firms.parquet")
    ...     found = cluster_table(f"{folder}/firms.parquet", f"{folder}/regions.csv", keep=["firm"])
    >>> found.regions["record_count"].to_dict(), found.nowhere_count
    ({'gb-cambridge': 12}, 0)
    """
    source, target = Path(path), Path(out)
    build, select = _sorted_out(parameters, target)
    start = time.perf_counter()
    spots = collapse_batches(_batches(source, dict(columns or {})), kind=kind)
    _log.info("%r in %.3f s", spots, time.perf_counter() - start)
    hierarchy = (
        build_hierarchy(spots.records, **build)
        if scheduler is None
        else build_hierarchy_tiled(spots.records, scheduler=scheduler, **build)
    )
    clustering = extract_regions(hierarchy, **select)
    start = time.perf_counter()
    _write(target, _answers(source, list(keep), spots, clustering))
    _log.info("wrote %s in %.3f s", target.name, time.perf_counter() - start)
    return TableClustering(
        regions=_count_rows(clustering, spots),
        clustering=clustering,
        row_count=len(spots.spot_of),
        nowhere_count=int((spots.spot_of == NOWHERE).sum()),
        out=target,
    )


def _sorted_out(parameters: dict[str, Any], target: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Keywords of the two steps, apart; all checked before the table is read."""
    steps = [set(signature(step).parameters) for step in (build_hierarchy, extract_regions)]
    known = (steps[0] | steps[1]) - {"records", "hierarchy", "engine"}
    unknown = sorted(set(parameters) - known)
    if unknown:
        raise ParameterError(f"unknown parameters {unknown}; known are {sorted(known)}")
    if target.suffix not in (".parquet", ".csv"):
        raise ParameterError(f"out is {str(target)!r}; its name must end in .parquet or .csv")
    build, select = ({k: v for k, v in parameters.items() if k in step} for step in steps)
    nobody = collapse_batches([]).records
    extract_regions(build_hierarchy(nobody, **{"resolution_km": 1e-3, **build}), **select)
    return build, select


def _batches(source: Path, columns: dict[str, str]) -> Iterator[Batch]:
    """Yield what clustering needs of the table."""
    unknown = sorted(set(columns) - set(USED_COLUMNS))
    if unknown:
        raise ParameterError(f"columns names {unknown}; used are {list(USED_COLUMNS)}")
    named = {"longitude": "longitude", "latitude": "latitude", **columns}
    numbers = [named[name] for name in USED_COLUMNS[:3] if name in named]
    for batch in read_batches(source, list(named.values()), numbers=numbers):
        weight, country = named.get("weight"), named.get("country")
        yield Batch(
            longitude=number_column(batch, named["longitude"]),
            latitude=number_column(batch, named["latitude"]),
            weight=None if weight is None else number_column(batch, weight),
            country=None if country is None else _coded(batch.column(country)),
        )


def _coded(column: Any) -> tuple[Any, list[str]]:  # noqa: ANN401 - pyarrow has no types
    """Codes of a text column, -1 where missing or empty, and its distinct values."""
    import pyarrow as pa  # noqa: PLC0415 - only large tables need it
    import pyarrow.compute as pc  # noqa: PLC0415

    text = column.cast(pa.string())
    coded = pc.if_else(pc.equal(text, ""), None, text).dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes.astype(np.int32), coded.dictionary.to_pylist()


def _count_rows(clustering: Clustering, spots: Spots) -> pd.DataFrame:
    rows = pd.Series(spots.rows).groupby(clustering.region_of.to_numpy()).sum()
    return clustering.regions.assign(record_count=rows.reindex(clustering.regions.index))


def _write(target: Path, batches: Iterator[Any]) -> None:
    """Write the answers row by row, whole or not at all."""
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        _write_batches(unfinished, target.suffix, batches)
        unfinished.replace(target)
    except OSError as error:
        raise OutputError(f"{target}: cannot be written ({error.strerror or error})") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _write_batches(path: Path, suffix: str, batches: Iterator[Any]) -> None:
    import pyarrow.csv  # noqa: PLC0415 - only large tables need it
    import pyarrow.parquet as pq  # noqa: PLC0415

    first = next(batches)
    new = pq.ParquetWriter if suffix == ".parquet" else pyarrow.csv.CSVWriter
    with new(path, first.schema) as writer:
        writer.write_batch(first)
        for batch in batches:
            writer.write_batch(batch)


def _answers(source: Path, keep: list[str], spots: Spots, clustering: Clustering) -> Iterator[Any]:
    """Yield batches of kept columns and answers, in the order of the table's rows."""
    import pyarrow as pa  # noqa: PLC0415 - only large tables need it

    told = (
        clustering.region_of,
        clustering.membership,
        clustering.outlier_score,
        clustering.nearest_region,
    )
    by_spot = [pa.array(values, from_pandas=True) for values in told]
    low = 0
    for kept in _kept(source, keep, len(spots.spot_of)):
        part = spots.spot_of[low : low + kept.num_rows]
        at = pa.array(part, mask=part == NOWHERE)
        answers = [values.take(at) for values in by_spot]
        yield pa.RecordBatch.from_arrays(
            [*kept.columns, *answers], names=[*kept.schema.names, *ANSWERS]
        )
        low += kept.num_rows


def _kept(source: Path, keep: list[str], rows: int) -> Iterator[Any]:
    """Yield the kept columns; batches without columns where none are."""
    import pyarrow as pa  # noqa: PLC0415 - only large tables need it

    if keep:
        yield from read_batches(source, keep)
        return
    for low in range(0, max(rows, 1), BATCH_ROWS):
        bare = pa.RecordBatch.from_arrays([pa.nulls(min(BATCH_ROWS, rows - low))], names=["row"])
        yield bare.select([])
