"""Polygons that somebody drew, taken in from the world through the same door as tables.

GeoPackage, GeoJSON and GeoParquet are read as the files they are, and no driver is asked.  Nothing
is judged here but what the file is and where on Earth its numbers are meant to be.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.errors import InputError
from geoclust.records.cells import cell_text
from geoclust.records.geojson import read_features
from geoclust.records.geopackage import decode_blobs, open_geopackage, read_layer, table_rows
from geoclust.records.parquet import read_shapes
from geoclust.records.points import locate_points
from geoclust.records.projecting import is_degrees
from geoclust.records.safety import checked_format, checked_path, fingerprint

READ: Final = ("geopackage", "geojson", "parquet")
EDGE_M: Final = 1000.0
"""Longest edge of a projected polygon that is brought to degrees by its corners alone."""

MOST_CORNERS: Final = 50_000_000


@dataclass(frozen=True, eq=False)
class Boundaries:
    """Features of a file of polygons.

    Attributes
    ----------
    file
        Name for messages.
    features
        One row per feature: attributes as text (missing where empty) and `geometry` (shapely, in
        WGS84 degrees, two-dimensional; None where missing).
    tables
        Tables without geometry beside them, by name, of a GeoPackage.
    remarks
        Sentences on the file: its reference system.
    sha256, bytes
        Fingerprint and size.
    """

    file: str
    features: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    remarks: tuple[str, ...]
    sha256: str
    bytes: int


def read_boundaries(
    path: str | Path,
    *,
    folder: Path | None = None,
    layer: str | None = None,
    crs: str | None = None,
    beside: tuple[str, ...] = (),
) -> Boundaries:
    """Read the features of a GeoPackage, GeoJSON or GeoParquet file.

    Parameters
    ----------
    path
        A local file, relative to `folder` where that is given.
    folder
        Folder that symlinks must not leave.
    layer
        Layer of a GeoPackage; without it `regions` where there is one, else the only one.
    crs
        Reference system, for files that do not say.
    beside
        Tables of a GeoPackage that are read too, as far as they are there.

    Raises
    ------
    InputError
        If the file is not what its name says, damaged, dangerous, or in no known reference system.
    """
    path = Path(path)
    name, real = path.as_posix(), checked_path(path, folder)
    kind = checked_format(real, name)
    if kind not in READ:
        raise InputError(
            f"{name}: holds no polygons; give them as GeoPackage (.gpkg), GeoJSON (.geojson) or "
            "GeoParquet (.parquet)"
        )
    tables: dict[str, pd.DataFrame] = {}
    if kind == "geopackage":
        features, system, tables = _geopackage(real, name, layer, beside)
    elif kind == "geojson":
        features, system = read_features(real, name)
    else:
        features, system = read_shapes(real, name)
    shapes, remarks = _in_degrees(features["geometry"].to_numpy(dtype=object), system, crs, name)
    features = features.assign(geometry=pd.Series(shapes, dtype=object, index=features.index))
    sha256, size = fingerprint(real)
    return Boundaries(name, features, tables, remarks, sha256, size)


def _geopackage(
    path: Path, name: str, layer: str | None, beside: tuple[str, ...]
) -> tuple[pd.DataFrame, str | None, dict[str, pd.DataFrame]]:
    try:
        with closing(open_geopackage(path, name)) as connection:
            found = read_layer(connection, name, layer, prefer="regions")
            tables = {table: rows for table in beside for rows in table_rows(connection, table)}
    except (sqlite3.Error, UnicodeError) as error:
        raise InputError(
            f"{name}: damaged or cut short GeoPackage ({error}); get it anew"
        ) from error
    if found.geometry is None or found.geometry[0] not in found.header:
        raise InputError(f"{name}: its layer {found.name!r} has no geometry")
    at = found.header.index(found.geometry[0])
    shapes, broken = decode_blobs([row[at] for row in found.rows], found.geometry[1], name)
    _refuse_broken(broken, name)
    columns = {
        column: pd.Series([_text(row[n]) for row in found.rows], dtype="str")
        for n, column in enumerate(found.header)
        if n != at and column != "geometry"
    }
    features = pd.DataFrame(columns, index=pd.RangeIndex(len(found.rows)))
    return features.assign(geometry=pd.Series(list(shapes), dtype=object)), found.crs, tables


def _text(value: Any) -> str | float:  # noqa: ANN401 - cells of any type
    text = cell_text(value)
    return text if isinstance(text, str) and text.strip() else np.nan


def _refuse_broken(broken: list[tuple[int, str, str, str]], name: str) -> None:
    if broken:
        told = ", ".join(f"feature {at + 1} {why}" for at, _, _, why in broken[:10])
        raise InputError(
            f"{name}: the geometry of {len(broken)} features cannot be read: {told}; it is "
            "damaged, curved, or was written by SpatiaLite's SQL without AsGPB()"
        )


def _in_degrees(
    shapes: Any,  # noqa: ANN401 - shapely has no types
    crs: str | None,
    stated: str | None,
    name: str,
) -> tuple[list[Any], tuple[str, ...]]:
    """Geometries in WGS84 degrees, and what was done for that."""
    import shapely  # noqa: PLC0415 - heavy

    flat = shapely.force_2d(shapes)
    projected = not is_degrees(crs or stated)
    if projected:
        flat = np.array([_even(one) for one in flat], dtype=object)
    corners, of = shapely.get_coordinates(flat, return_index=True)
    located = locate_points(
        corners[:, 0], corners[:, 1], crs=crs, stated=stated, file=name, faults=[]
    )
    if located.faults:
        features = sorted({int(of[at]) + 1 for at, *_ in located.faults})
        raise InputError(
            f"{name}: corners of {len(features)} features are not finite or outside the area of "
            f"their reference system: features {', '.join(map(str, features[:10]))}"
        )
    degrees = located.points.to_numpy(dtype=np.float64)
    if np.isnan(degrees).any() or np.abs(degrees[:, 1]).max(initial=0.0) > 90:  # noqa: PLR2004
        raise InputError(f"{name}: has corners that are no longitude and latitude")
    told = tuple(text for _, text in located.notes)
    return list(shapely.set_coordinates(flat, degrees)), told


def _even(shape: Any) -> Any:  # noqa: ANN401
    """A projected shape with its edges cut, so that they stay where they are in degrees."""
    import shapely  # noqa: PLC0415 - heavy

    if shape is None or shape.geom_type not in {"Polygon", "MultiPolygon"}:
        return shape
    parts = []
    for part in shapely.get_parts(shape):
        rings = [_cut(shapely.get_coordinates(r)) for r in (part.exterior, *part.interiors)]
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _cut(ring: Any) -> Any:  # noqa: ANN401
    step = np.diff(ring, axis=0)
    length = np.sqrt((step**2).sum(axis=1))
    if not np.isfinite(length).all() or length.sum() > EDGE_M * MOST_CORNERS:
        return ring
    pieces = np.maximum(np.ceil(length / EDGE_M), 1).astype(np.int64)
    row = np.repeat(np.arange(len(pieces)), pieces)
    along = (np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[row]
    return np.vstack([ring[:-1][row] + along[:, None] * step[row], ring[-1:]])
