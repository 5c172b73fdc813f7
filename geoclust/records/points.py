"""Geometry to points in WGS84 degrees: the reference system checked against the coordinates."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoclust.errors import InputError
from geoclust.records.projecting import crs_name, is_degrees, to_degrees

LARGEST_DEGREES: Final = 360.0
"""Beyond this in either coordinate, a number is no degree of any convention."""

BELIEVABLE_SHARE: Final = 0.1
"""Where more of the points than this are no degrees, the reference system is wrong, not they."""

UNREADABLE: Final = "is damaged or a curve"
"""Said of a geometry that `read_wkb` loses."""

Faults = list[tuple[int, str, str, str]]


@dataclass(frozen=True, eq=False)
class Located:
    """Points of a file in degrees, faults of rows that are no point, and notes."""

    points: pd.DataFrame
    faults: Faults
    notes: tuple[tuple[str, str], ...]


def read_wkb(blobs: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.object_], list[int]]:
    """Shapely geometries of well-known binary, and the rows of which none can be made.

    Parameters
    ----------
    blobs
        One per row, None where missing.

    Returns
    -------
    ndarray, list of int
        Geometries, None where missing or lost; numbers of the rows that are lost: damaged, or
        curves, which shapely has not.
    """
    import shapely  # noqa: PLC0415 - only files with geometry need it

    try:
        shapes = shapely.from_wkb(blobs, on_invalid="ignore")
    except NotImplementedError:  # of a curve, whatever is said of what is invalid
        shapes = np.array([None, *map(_shape, blobs)], dtype=object)[1:]
    there = np.array([blob is not None for blob in blobs], dtype=np.bool_)
    return shapes, np.flatnonzero(there & (shapes == None)).tolist()  # noqa: E711 - of each


def _shape(blob: bytes | None) -> Any:  # noqa: ANN401 - shapely has no types
    import shapely  # noqa: PLC0415 - only files with geometry need it

    try:
        return shapely.from_wkb(blob, on_invalid="ignore")
    except NotImplementedError:
        return None


def locate_wkb(
    blobs: npt.NDArray[np.object_], *, crs: str | None, stated: str | None, file: str
) -> Located:
    """Points of well-known binary; what cannot be read is a fault.  See `locate_geometries`."""
    shapes, lost = read_wkb(blobs)
    located = locate_geometries(shapes, crs=crs, stated=stated, file=file)
    faults = [(at, "geometry", "", UNREADABLE) for at in lost]
    return Located(located.points, [*located.faults, *faults], located.notes)


def locate_geometries(
    geometries: npt.NDArray[np.object_], *, crs: str | None, stated: str | None, file: str
) -> Located:
    """Points of shapely geometries; what is no single point is a fault.

    Parameters
    ----------
    geometries
        One per row, None where missing.
    crs, stated
        Reference system by the file, and by the table's source.
    file
        Name for messages.

    Raises
    ------
    InputError
        If the reference system is missing, unknown, or contradicts the source or the coordinates.
    """
    import shapely  # noqa: PLC0415 - only files with geometry need it

    kinds = shapely.get_type_id(geometries)
    lone = (kinds == 4) & (shapely.get_num_geometries(geometries) == 1)  # noqa: PLR2004 - multipoint
    singles = geometries.copy()
    singles[lone] = shapely.get_geometry(geometries[lone], 0)
    point = (kinds == 0) | lone
    singles[~point | shapely.is_empty(singles)] = None
    x, y = shapely.get_x(singles), shapely.get_y(singles)
    faults = [
        (int(at), "geometry", str(geometries[at].geom_type), "is no point; give one per record")
        for at in np.flatnonzero(~point & (kinds >= 0))
    ]
    return locate_points(x, y, crs=crs, stated=stated, file=file, faults=faults)


def locate_points(
    x: Any,  # noqa: ANN401 - anything numpy takes
    y: Any,  # noqa: ANN401
    *,
    crs: str | None,
    stated: str | None,
    file: str,
    faults: Faults,
) -> Located:
    """Points from x and y in the file's reference system; see `locate_geometries`."""
    raw = pd.DataFrame({"longitude": x, "latitude": y}, dtype="float64")
    system, notes = _agree(crs, stated, raw, file)
    check_system(raw, system, file)
    degrees, changed = to_degrees(raw, system)
    if changed:
        notes = (*notes, ("info", f"coordinates reprojected from {changed} to WGS84"))
    finite = _finite(raw)
    lost = finite & ~_finite(degrees)
    infinite = np.isinf(raw.to_numpy()).any(axis=1)
    for mask, reason in ((lost, f"is outside the area of {changed}"), (infinite, "is not finite")):
        faults += [
            (at, "geometry", str(raw.to_numpy()[at].tolist()), reason)
            for at in np.flatnonzero(mask).tolist()
        ]
    degrees = degrees.copy()
    degrees.loc[~finite] = np.nan
    return Located(degrees, faults, notes)


def _finite(points: pd.DataFrame) -> npt.NDArray[np.bool_]:
    return np.asarray(np.isfinite(points.to_numpy()).all(axis=1))


def _far(points: pd.DataFrame) -> npt.NDArray[np.bool_]:
    return np.asarray((np.abs(points.to_numpy()) > LARGEST_DEGREES).any(axis=1))


def check_system(raw: pd.DataFrame, system: str, file: str) -> None:
    """Refuse metres labelled as degrees, and degrees labelled as metres.

    Examples
    --------
    >>> metres = pd.DataFrame({"longitude": [4321000.0], "latitude": [3210000.0]})
    >>> check_system(metres, "EPSG:4326", "labs.gpkg")
    Traceback (most recent call last):
    geoclust.errors.InputError: labs.gpkg: is labelled EPSG:4326 (WGS 84), in degrees, but its \
coordinates, such as (4321000.0, 3210000.0), are those of a projected system in metres; state the \
right one in crs
    """
    finite = raw[_finite(raw)]
    if finite.empty:
        return
    far = _far(finite)
    first = finite[far] if is_degrees(system) else finite
    if is_degrees(system) and far.mean() > BELIEVABLE_SHARE:
        kind, found = "degrees", "those of a projected system in metres"
    elif not is_degrees(system) and _like_degrees(finite):
        kind, found = "a projected system", "degrees"
    else:
        return
    x, y = first.iloc[0]
    raise InputError(
        f"{file}: is labelled {crs_name(system)}, in {kind}, but its coordinates, such as "
        f"({x}, {y}), are {found}; state the right one in crs"
    )


def _like_degrees(finite: pd.DataFrame) -> bool:
    inside = (finite["longitude"].abs() <= 180) & (finite["latitude"].abs() <= 90)  # noqa: PLR2004
    return bool(inside.all() and np.any(finite.to_numpy() != 0))


def _agree(
    crs: str | None, stated: str | None, raw: pd.DataFrame, file: str
) -> tuple[str, tuple[tuple[str, str], ...]]:
    if crs is not None and stated is not None and crs_name(crs) != crs_name(stated):
        raise InputError(
            f"{file}: is in {crs_name(crs)} by its own account and in {crs_name(stated)} by the "
            "study's; remove one"
        )
    if crs is not None or stated is not None:
        return str(crs or stated), ()
    finite = raw[_finite(raw)]
    far = _far(finite)
    if len(finite) and far.mean() > BELIEVABLE_SHARE:
        x, y = finite[far].iloc[0]
        raise InputError(
            f"{file}: names no reference system and its coordinates, such as ({x}, {y}), are no "
            "WGS84 degrees; state it in crs"
        )
    return "EPSG:4326", (("warning", "names no reference system; taken as WGS84 degrees"),)
