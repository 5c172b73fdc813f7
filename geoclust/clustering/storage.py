"""Hierarchies on disk: one file without code in it, that notices its own damage.

The file is a line that names the format, a line with the SHA-256 of all that follows, and an
uncompressed NumPy archive: arrays of numbers, and a JSON header with the versions, the parameters
and the SHA-256 of the records.  Nothing is ever unpickled, arrays of objects are refused, and
every number that serves as an index is checked, so a file from elsewhere can be wrong but not
harmful.  Merges and positions are not stored: they follow, bit for bit, from what is.  Records
stand in the order of their ids, and of all forests with the same components one is stored that no
choice among ties has touched: equal records give equal files, whatever the order of rows or the
number of threads.
"""

import hashlib
import json
import math
import os
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoclust import sphere
from geoclust.clustering.build import Hierarchy, floor_squared
from geoclust.clustering.hierarchy import canonical_forest, merge_levels
from geoclust.clustering.locations import Locations, collapse_records
from geoclust.clustering.spanning_tree import Forest
from geoclust.errors import InputError, OutputError, ParameterError

FORMAT: Final = 1
MAGIC: Final = b"geoclust hierarchy\n"
DIGEST_LENGTH: Final = 65
"""Sixty-four hexadecimal digits and a line break."""

_CHUNK: Final = 1 << 20
_DTYPES: Final = {
    "header": "uint8",
    "longitude": "float64",
    "latitude": "float64",
    "weight": "int64",
    "core": "float64",
    "a": "int32",
    "b": "int32",
    "squared": "float64",
    "id_bytes": "uint8",
    "id_ends": "int64",
    "location": "int32",
    "units": "int64",
    "country": "int32",
}
_BUILT_WITH: Final = ("min_samples", "resolution_km", "resolution_reason", "kind_weights", "engine")


def save_hierarchy(hierarchy: Hierarchy, path: str | Path) -> Path:
    """Write a hierarchy to a file, whole or not at all.

    An object fitted by the upstream package is not stored; it is fitted anew when needed.

    Parameters
    ----------
    hierarchy
        From `build_hierarchy`.
    path
        The file; one that exists is replaced.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    path = Path(path)
    arrays = _arrays(hierarchy)
    held = ""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            held = file.name
            file.write(MAGIC + b"0" * (DIGEST_LENGTH - 1) + b"\n")
            with zipfile.ZipFile(file, "w") as archive:
                for name, array in arrays.items():
                    entry = zipfile.ZipInfo(f"{name}.npy")  # without the time of day
                    with archive.open(entry, "w", force_zip64=True) as part:
                        np.lib.format.write_array(part, array, allow_pickle=False)
            file.write(_digest_of_rest(file))
            file.flush()
            os.fsync(file.fileno())
        Path(held).replace(path)
    except OSError as error:
        Path(held).unlink(missing_ok=True) if held else None
        raise OutputError(f"{path}: the hierarchy cannot be written ({error})") from error
    return path


def load_hierarchy(path: str | Path, records: pd.DataFrame | None = None) -> Hierarchy:
    """Read a hierarchy that `Hierarchy.save` wrote.

    Parameters
    ----------
    path
        The file.
    records
        The records it should have been built from, checked against their checksum; results then
        come in the order of their rows instead of that of their ids.

    Returns
    -------
    Hierarchy
        Regions extracted from it are those of the hierarchy that was saved.

    Raises
    ------
    InputError
        If the file cannot be read, is damaged, or belongs to other records.

    Examples
    --------
    >>> import tempfile
    >>> from geoclust.clustering.build import build_hierarchy
    >>> rows = {"kind": "firm", "longitude": [0.1] * 12, "latitude": [52.2] * 12}
    >>> hierarchy = build_hierarchy(pd.DataFrame(rows), min_samples=3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     saved = hierarchy.save(f"{folder}/firms.hierarchy")
    ...     load_hierarchy(saved, pd.DataFrame(rows)).min_samples
    3
    """
    path = Path(path)
    arrays = _read(path)
    try:
        header = json.loads(arrays.pop("header").tobytes())
        hierarchy = _hierarchy(header, arrays)
    except (KeyError, TypeError, ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a sound hierarchy ({error}); build it anew") from error
    if records is None:
        return hierarchy
    locations = collapse_records(records, kind_weights=hierarchy.kind_weights)
    if records_checksum(locations) != header["records_sha256"]:
        raise InputError(
            f"{path}: built from other records than the {len(records):,} given (it has "
            f"{len(hierarchy.locations.records):,}; ids, coordinates, weights or countries "
            "differ); build it anew with build_hierarchy"
        )
    return replace(hierarchy, locations=locations)


def records_checksum(locations: Locations) -> str:
    """SHA-256 of records: ids, coordinates, weights and countries, in the order of their ids."""
    import pyarrow.compute as pc  # noqa: PLC0415 - heavy

    records, ids = locations.records, _ids(locations)
    order = pc.sort_indices(ids).to_numpy()
    code, countries = pd.factorize(records["country"], sort=True)
    at = records["location"].to_numpy()[order]
    digest = hashlib.sha256(json.dumps(list(map(str, countries))).encode())
    for part in (*_text_arrays(ids.take(order)), locations.longitude[at], locations.latitude[at]):
        digest.update(np.ascontiguousarray(part).data)
    for part in (records["weight"].to_numpy()[order], code[order].astype(np.int32)):
        digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()


def _arrays(hierarchy: Hierarchy) -> dict[str, NDArray[Any]]:
    """What is stored, by the names of `_DTYPES`."""
    import pyarrow.compute as pc  # noqa: PLC0415 - heavy

    locations, ids = hierarchy.locations, _ids(hierarchy.locations)
    forest = canonical_forest(hierarchy.forest, locations.weight)
    order = pc.sort_indices(ids).to_numpy()
    records = locations.records.iloc[order]
    code, countries = pd.factorize(records["country"], sort=True)
    header = {
        "format": FORMAT,
        "geoclust": version("geoclust"),
        "records_sha256": records_checksum(locations),
        **{name: getattr(hierarchy, name) for name in _BUILT_WITH},
        "max_link_km": None if math.isinf(hierarchy.max_link_km) else hierarchy.max_link_km,
        "longest": forest.longest,
        "countries": list(map(str, countries)),
    }
    text = json.dumps(header, allow_nan=False, default=dict)
    id_bytes, id_ends = _text_arrays(ids.take(order))
    arrays: dict[str, Any] = {
        "header": np.frombuffer(text.encode(), np.uint8),
        **{name: getattr(locations, name) for name in ("longitude", "latitude", "weight")},
        **{name: getattr(forest, name) for name in ("core", "a", "b", "squared")},
        "id_bytes": id_bytes,
        "id_ends": id_ends,
        "location": records["location"].to_numpy(),
        "units": records["weight"].to_numpy(),
        "country": code,
    }
    return {name: np.ascontiguousarray(arrays[name], dtype) for name, dtype in _DTYPES.items()}


def _ids(locations: Locations) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Arrow array of the record ids."""
    import pyarrow as pa  # noqa: PLC0415 - heavy

    ids = pa.array(locations.records.index, type=pa.large_string(), from_pandas=True)
    ids = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    if ids.null_count:
        raise ParameterError(f"{ids.null_count} records have no id; give every record one")
    return ids


def _text_arrays(texts: Any) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:  # noqa: ANN401
    """UTF-8 bytes of an Arrow array of text, and where each text ends."""
    if not len(texts):
        return np.empty(0, np.uint8), np.empty(0, np.int64)
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    whole = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    return whole[ends[0] : ends[-1]], ends[1:] - ends[0]


def _read(path: Path) -> dict[str, NDArray[Any]]:
    """The stored arrays, once the checksum and their types are found right."""
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise InputError(f"{path}: not a hierarchy saved by geoclust")
            told = file.read(DIGEST_LENGTH)
            if told != _digest_of_rest(file):
                raise InputError(
                    f"{path}: damaged, its contents do not have the checksum written in it; "
                    "copy it again or build it anew"
                )
            return _unpacked(file)
    except OSError as error:
        raise InputError(f"{path}: the hierarchy cannot be read ({error})") from error
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: not a sound hierarchy ({error}); build it anew") from error


def _unpacked(file: BinaryIO) -> dict[str, NDArray[Any]]:
    """Arrays of the archive, none of them of objects, none compressed or of another type."""
    file.seek(len(MAGIC) + DIGEST_LENGTH)
    with np.load(file, allow_pickle=False) as archive:
        packed = [entry.filename for entry in archive.zip.infolist() if entry.compress_type]
        if packed or set(archive.files) != set(_DTYPES):
            raise ValueError(f"it holds {sorted(archive.files)}")
        arrays = {name: archive[name] for name in _DTYPES}
    odd = [name for name, a in arrays.items() if a.ndim != 1 or a.dtype != _DTYPES[name]]
    if odd:
        raise ValueError(f"{', '.join(odd)} of an unexpected type")
    return arrays


def _digest_of_rest(file: Any) -> bytes:  # noqa: ANN401 - open for reading, in bytes
    """Line with the SHA-256 of what follows that line; leaves the file at its place."""
    file.seek(len(MAGIC) + DIGEST_LENGTH)
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    file.seek(len(MAGIC))
    return digest.hexdigest().encode() + b"\n"


def _hierarchy(header: dict[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Hierarchy:
    if header["format"] != FORMAT:
        raise ValueError(
            f"format {header['format']}, of geoclust {header['geoclust']}; this version reads "
            f"format {FORMAT}"
        )
    _check_indices(header, arrays)
    locations = _locations(header, arrays)
    ends = arrays["a"], arrays["b"], arrays["squared"]
    forest = Forest(*ends, arrays["core"], float(header["longest"]))
    floor = floor_squared(float(header["resolution_km"]))
    link = header["max_link_km"]
    return Hierarchy(
        locations=locations,
        forest=forest,
        merges=merge_levels(forest, locations.weight, floor=floor),
        max_link_km=math.inf if link is None else float(link),
        **{name: header[name] for name in _BUILT_WITH},
    )


def _check_indices(header: dict[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Refuse arrays of the wrong length and numbers that point outside of theirs."""
    n, m, rows = (len(arrays[name]) for name in ("weight", "a", "location"))
    sizes = [
        *((name, n) for name in ("longitude", "latitude", "core")),
        *((name, m) for name in ("b", "squared")),
        *((name, rows) for name in ("id_ends", "units", "country")),
    ]
    if any(len(arrays[name]) != size for name, size in sizes) or (n and m >= n):
        raise ValueError("arrays of unequal length")
    ranges = {"a": n, "b": n, "location": n, "country": len(header["countries"])}
    for name, size in ranges.items():
        least = -1 if name == "country" else 0
        if ((arrays[name] < least) | (arrays[name] >= size)).any():
            raise ValueError(f"{name} out of range")
    from scipy.sparse import coo_array  # noqa: PLC0415 - heavy
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    graph = coo_array((np.ones(m, np.int8), (arrays["a"], arrays["b"])), shape=(n, n))
    if n and connected_components(graph, directed=False)[0] != n - m:
        raise ValueError("its edges close a cycle")


def _locations(header: dict[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Locations:
    import pyarrow as pa  # noqa: PLC0415 - heavy

    ends = np.append(np.zeros(1, np.int64), arrays["id_ends"])
    buffers = pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(arrays["id_bytes"]))
    ids = pa.LargeStringArray.from_buffers(len(ends) - 1, *buffers)
    ids.validate(full=True)
    countries = np.append(np.array(header["countries"], dtype=object), np.nan)
    table = {
        "location": arrays["location"],
        "weight": arrays["units"],
        "country": pd.Series(countries[arrays["country"]], dtype="str").array,
    }
    index = pd.Index(ids.to_pandas(), dtype="str", name="record_id")
    return Locations(
        longitude=arrays["longitude"],
        latitude=arrays["latitude"],
        positions=sphere.grid_positions(arrays["longitude"], arrays["latitude"]),
        weight=arrays["weight"],
        records=pd.DataFrame(table, index=index),
    )
