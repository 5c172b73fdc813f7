"""Reference systems: which one, and from it to WGS84 degrees."""

import numpy as np
import pandas as pd

from geoclust.errors import InputError

WGS84_NAMES = ("EPSG:4326", "OGC:CRS84", "WGS84", "WGS 84")


def is_degrees(crs: str | None) -> bool:
    """Whether coordinates in this reference system are degrees (as when none is stated).

    Raises
    ------
    InputError
        If the reference system is not known.

    Examples
    --------
    >>> is_degrees(None), is_degrees("EPSG:3035")
    (True, False)
    """
    if crs is None or crs.upper() in WGS84_NAMES:
        return True
    return bool(_parse_crs(crs).is_geographic)


def to_degrees(points: pd.DataFrame, crs: str) -> tuple[pd.DataFrame, str]:
    """Longitude and latitude in WGS84, and the name of the system where that meant a change.

    Parameters
    ----------
    points
        Columns `longitude` and `latitude`, holding x and y (or east and north) of `crs`.
    crs
        Anything pyproj understands: "EPSG:3035", WKT, PROJJSON.

    Returns
    -------
    DataFrame
        Degrees, NaN where a point lies outside the area of the system.
    str
        Empty where `crs` is WGS84 already.

    Examples
    --------
    >>> point = pd.DataFrame({"longitude": [4321000.0], "latitude": [3210000.0]})
    >>> to_degrees(point, "EPSG:3035")[0].round(6).to_numpy().tolist()
    [[10.0, 52.0]]
    """
    if crs.upper() in WGS84_NAMES:
        return points, ""
    from pyproj import CRS, Transformer  # noqa: PLC0415 - heavy

    parsed = _parse_crs(crs)
    if parsed.equals(CRS.from_epsg(4326), ignore_axis_order=True):
        return points, ""
    change = Transformer.from_crs(parsed, CRS.from_epsg(4326), always_xy=True)
    east, north = change.transform(points["longitude"].to_numpy(), points["latitude"].to_numpy())
    degrees = pd.DataFrame({"longitude": east, "latitude": north}, index=points.index)
    return degrees.where(np.isfinite(degrees)), crs_name(crs)


def crs_name(crs: str) -> str:
    """A reference system in a few words, such as "EPSG:3035 (ETRS89-extended / LAEA Europe)".

    Examples
    --------
    >>> crs_name("EPSG:3035")
    'EPSG:3035 (ETRS89-extended / LAEA Europe)'
    """
    parsed = _parse_crs(crs)
    authority = parsed.to_authority()
    return f"{':'.join(authority)} ({parsed.name})" if authority else str(parsed.name)


def check_known(crs: str | None, file: str) -> None:
    """Refuse a reference system that nobody knows, in the name of the file it is stated for.

    Raises
    ------
    InputError
        If it is not known.
    """
    try:
        is_degrees(crs)
    except InputError as error:
        raise InputError(f"{file}: {error}") from error


def _parse_crs(crs: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - pyproj loads late
    from pyproj import CRS  # noqa: PLC0415 - heavy
    from pyproj.exceptions import CRSError  # noqa: PLC0415 - heavy

    try:
        return CRS.from_user_input(crs)
    except (CRSError, UnicodeError) as error:
        raise InputError(
            f"reference system {str(crs)[:80]!r} is not known; give one such as EPSG:4326"
        ) from error
