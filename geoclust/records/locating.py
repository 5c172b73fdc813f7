"""Coordinates of rows: parsed, reprojected, judged; whole columns diagnosed, never repaired."""

from typing import Final

import numpy as np
import pandas as pd

from geoclust.records.coordinates import Axis, parse_degree_column
from geoclust.records.diagnoses import diagnose
from geoclust.records.draft import Draft
from geoclust.records.points import check_system
from geoclust.records.projecting import check_known, is_degrees, to_degrees
from geoclust.records.quantities import parse_quantities
from geoclust.records.sources import TableSource

LIMITS: Final[dict[Axis, float]] = {"longitude": 180.0, "latitude": 90.0}


def locate(
    draft: Draft,
    source: TableSource,
    country: pd.Series,
    *,
    geocodable: pd.Series | None = None,
) -> tuple[pd.Series, pd.Series]:
    """Longitude and latitude (degrees, WGS84) of every row; NaN where still to be geocoded.

    Parameters
    ----------
    draft
        Text by schema column; bad rows are marked.
    source
        Reference system, decimal sign, whether longitudes of 180 to 360 are wrapped.
    country
        ISO alpha-2, where known.
    geocodable
        Rows with a place name; None where nothing may be geocoded.
    """
    check_known(source.crs, draft.name)
    found = pd.DataFrame({name: _parse(draft, source, name) for name in LIMITS})
    found = _project(draft, source, found)
    found = _wrap(draft, source, found)
    diagnosis = diagnose(found, country)
    if diagnosis:
        draft.note("warning", diagnosis, column="longitude, latitude", count=len(found))
    _check_range(draft, found, f"; {diagnosis}" if diagnosis else "")
    _check_missing(draft, found, country, geocodable)
    _note_origin(draft, found)
    return found["longitude"], found["latitude"]


def _parse(draft: Draft, source: TableSource, name: Axis) -> pd.Series:
    if name not in draft.table:
        return pd.Series(np.nan, index=draft.table.index, dtype="float64")
    column = draft.table[name]
    if column.dtype.kind == "f":
        draft.reject(np.isinf(column), name, "is not finite")
        return column.where(np.isfinite(column))
    if is_degrees(source.crs):
        values, reasons = parse_degree_column(column, name)
    else:
        values, reasons = parse_quantities(column, decimal=source.decimal)
    draft.reject(reasons.notna(), name, reasons)
    odd = values.notna() & column.str.contains("[,\u00b0\u00ba'\u2019\u2032]", na=False)
    message = "decimal commas or degrees, minutes and seconds read as degrees"
    draft.note_values(odd, name, message, "info")
    return values * source.factor(name)


def _project(draft: Draft, source: TableSource, found: pd.DataFrame) -> pd.DataFrame:
    stated = source.crs
    geometry = "longitude" in draft.table and draft.table["longitude"].dtype.kind == "f"
    if stated is None or geometry:
        return found
    check_system(found, stated, draft.name)
    degrees, name = to_degrees(found, stated)
    if name:
        draft.note("info", f"coordinates reprojected from {name} to WGS84")
    lost = found.notna().all(axis=1) & degrees.isna().any(axis=1)
    draft.reject(lost, "longitude", f"lies outside the area of {name}")
    return degrees


def _wrap(draft: Draft, source: TableSource, found: pd.DataFrame) -> pd.DataFrame:
    east = found["longitude"].between(180, 360, inclusive="right")
    if not source.wrap_longitude or not east.any():
        return found
    count = int(east.sum())
    draft.note("info", f"{count} longitudes of 180 to 360 wrapped", column="longitude", count=count)
    return found.assign(longitude=found["longitude"].mask(east, found["longitude"] - 360))


def _check_range(draft: Draft, found: pd.DataFrame, diagnosis: str) -> None:
    wrappable = found["longitude"].between(180, 360, inclusive="right")
    for name, limit in LIMITS.items():
        beyond = found[name].abs() > limit
        reason = pd.Series(f"is beyond {limit:.0f} degrees{diagnosis}", index=found.index)
        if name == "longitude":
            hint = "is beyond 180 degrees; if 180 to 360 means west, say wrap_longitude"
            reason = reason.mask(wrappable, hint + diagnosis)
        draft.reject(beyond, name, reason)


def _check_missing(
    draft: Draft, found: pd.DataFrame, country: pd.Series, geocodable: pd.Series | None
) -> None:
    """Reject rows that lack a coordinate; what was refused above has its reason already."""
    lacking = found.isna() & ~draft.faulty(LIMITS)
    for name, other in (("longitude", "latitude"), ("latitude", "longitude")):
        half = lacking[name] & found[other].notna()
        draft.reject(half, name, f"is missing, but {other} is given")
    neither = lacking.all(axis=1)
    if geocodable is None:
        draft.reject(neither, "longitude", "is missing, and so is latitude")
        return
    reason = "is missing, and there is no place to geocode from"
    draft.reject(neither & ~geocodable, "longitude", reason)
    stateless = neither & geocodable & country.isna()
    draft.reject(stateless, "country", "is missing or not known, so the place is not geocoded")


def _note_origin(draft: Draft, found: pd.DataFrame) -> None:
    origin = (found["longitude"] == 0) & (found["latitude"] == 0) & draft.good
    if origin.any():
        count = int(origin.sum())
        message = f"{count} rows at longitude 0, latitude 0: missing coordinates written as zero?"
        draft.note("warning", message, column="longitude, latitude", count=count)
