"""GeoJSON, parsed as the JSON it is: no driver is asked, so none can be tricked."""

import json
import math
import re
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geoclust.errors import InputError
from geoclust.records.cells import cell_text
from geoclust.records.objects import array_objects, objects_table
from geoclust.records.points import Faults, locate_points
from geoclust.records.raw import RawTable, faults_table, raw_table
from geoclust.records.sources import TableSource

MAX_JSON_BYTES: Final = 1024**3
"""JSON is read whole."""


def read_geojson(path: Path, name: str, source: TableSource) -> RawTable:
    """Read a FeatureCollection, or an array of objects; numbered from 2, as rows below a header.

    Raises
    ------
    InputError
        If it is no GeoJSON, too large, or its reference system cannot be used.
    """
    content = _text(path, name)
    if content.lstrip().startswith("["):
        return objects_table(array_objects(content, name), name, source)
    document = _document(content, name)
    features = _features(document, name)
    faults: Faults = []
    pairs = [_pair(feature, at, faults) for at, feature in enumerate(features)]
    located = locate_points(
        [pair[0] for pair in pairs],
        [pair[1] for pair in pairs],
        crs=_crs(document, name),
        stated=source.crs,
        file=name,
        faults=faults,
    )
    header, text = _properties(features)
    raw = raw_table(name, header, text, faults=faults_table(located.faults), points=located.points)
    for level, message in located.notes:
        raw.note(level, message)
    return raw


def read_features(path: Path, name: str) -> tuple[pd.DataFrame, str]:
    """Features of a FeatureCollection with their whole geometry, and its reference system.

    Returns
    -------
    DataFrame
        Attributes as text; `geometry` as shapely has it, None where missing.
    str
        Reference system.

    Raises
    ------
    InputError
        As `read_geojson`; and with every feature whose geometry cannot be read.
    """
    document = _document(_text(path, name), name)
    features = _features(document, name)
    broken: list[str] = []
    shapes = [_shape(feature.get("geometry"), at, broken) for at, feature in enumerate(features, 1)]
    if broken:
        told = "; ".join(broken[:10])
        raise InputError(f"{name}: the geometry of {len(broken)} features cannot be read: {told}")
    header, text = _properties(features)
    table = text.set_axis(header, axis=1).drop(columns="geometry", errors="ignore")
    return table.assign(geometry=pd.Series(shapes, dtype=object)), _crs(document, name)


def _shape(geometry: Any, feature: int, broken: list[str]) -> Any:  # noqa: ANN401
    import shapely  # noqa: PLC0415 - only polygons need it

    if geometry is None:
        return None
    try:
        found = shapely.from_geojson(json.dumps(geometry, allow_nan=False))
    except (shapely.errors.GEOSException, ValueError, RecursionError) as error:
        broken.append(f"feature {feature} ({str(error)[:60]})")
        return None
    return found


def _text(path: Path, name: str) -> str:
    if path.stat().st_size > MAX_JSON_BYTES:
        raise InputError(f"{name}: JSON of more than {MAX_JSON_BYTES // 1024**2} MiB; use Parquet")
    try:
        return path.read_text(encoding="utf-8-sig")
    except ValueError as error:
        raise InputError(
            f"{name}: damaged or cut short JSON ({str(error)[:200]}); get it anew"
        ) from error


def _document(text: str, name: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{name}: damaged or cut short JSON ({str(error)[:200]}); get it anew"
        ) from error
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        kind = document.get("type") if isinstance(document, dict) else type(document).__name__
        raise InputError(
            f"{name}: is JSON but no GeoJSON FeatureCollection (its type is {str(kind)[:60]!r}); "
            "save it as GeoJSON or GeoPackage"
        )
    return document


def _features(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    features = document.get("features")
    if not isinstance(features, list) or not all(isinstance(item, dict) for item in features):
        raise InputError(f"{name}: its features are no list of objects")
    return features


def _pair(feature: dict[str, Any], at: int, faults: Faults) -> tuple[float, float]:
    geometry = feature.get("geometry")
    missing = (math.nan, math.nan)
    if geometry is None:
        return missing
    kind = geometry.get("type") if isinstance(geometry, dict) else type(geometry).__name__
    if kind != "Point":
        faults.append((at, "geometry", str(kind)[:60], "is no point; give one per record"))
        return missing
    pair = geometry.get("coordinates")
    numbers = isinstance(pair, list) and [
        value
        for value in pair[:2]
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    if not numbers or len(numbers) != 2 or not all(map(math.isfinite, numbers)):  # noqa: PLR2004
        faults.append((at, "geometry", str(pair)[:60], "is no pair of finite numbers"))
        return missing
    return float(numbers[0]), float(numbers[1])


def _crs(document: dict[str, Any], name: str) -> str:
    """WGS84 (RFC 7946), unless the older member `crs` says else."""
    crs = document.get("crs")
    if crs is None:
        return "OGC:CRS84"
    properties = crs.get("properties") if isinstance(crs, dict) else None
    text = str(properties.get("name")) if isinstance(properties, dict) else str(crs)
    found = re.fullmatch(r"(?:urn:ogc:def:crs:)?([A-Za-z]+):[\d.]*:?(\w+)", text)
    if found is None:
        raise InputError(f"{name}: reference system {text[:80]!r} is not known; state it in crs")
    return f"{found[1].upper()}:{found[2]}"


def _properties(features: list[dict[str, Any]]) -> tuple[list[str], pd.DataFrame]:
    rows = [feature.get("properties") or {} for feature in features]
    rows = [row if isinstance(row, dict) else {} for row in rows]
    header = list(dict.fromkeys(str(key) for row in rows for key in row))
    columns: dict[int, list[Any]] = {
        at: [cell_text(row.get(key)) for row in rows] for at, key in enumerate(header)
    }
    if "id" not in header and "record_id" not in header and any("id" in f for f in features):
        columns[len(header)] = [cell_text(feature.get("id")) for feature in features]
        header.append("id")
    texts = {at: pd.Series(values, dtype="str") for at, values in columns.items()}
    return header, pd.DataFrame(texts, index=pd.RangeIndex(len(features)))
