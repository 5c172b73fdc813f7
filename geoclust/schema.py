"""Tables that flow between the rooms: their columns, words and checks.

Every table is a plain (Geo)DataFrame under a `NewType`, indexed by `record_id` or `region_id`.
"""

from collections.abc import Iterable
from typing import Final, NewType

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from geoclust.errors import SchemaError

Records = NewType("Records", pd.DataFrame)
"""One row per firm, lab or patent; index `record_id`; columns `RECORD_DTYPES`."""

Ties = NewType("Ties", pd.DataFrame)
"""One row per collaboration; columns `TIE_DTYPES`; a pair of organisations may recur."""

Places = NewType("Places", pd.DataFrame)
"""One row per town or metropolitan area; columns `PLACE_DTYPES`."""

Regions = NewType("Regions", pd.DataFrame)
"""One row per region with its footprint; a GeoDataFrame; index `region_id`."""

Indicators = NewType("Indicators", pd.DataFrame)
"""One row per region, one column per indicator; index `region_id`."""

KINDS: Final = ("firm", "lab", "patent")
ORGANISATION_KINDS: Final = ("firm", "lab")
FIRM_CATEGORIES: Final = ("startup", "spinout", "corporate", "supplier", "investor", "other")
LAB_CATEGORIES: Final = ("university", "institute", "government", "other")
PRECISIONS: Final = ("address", "postcode", "city", "region", "unknown")
STATUSES: Final = ("cluster", "quasi-cluster", "none")

WEIGHT_UNIT: Final = 3_603_600
"""Weights are whole multiples of 1/WEIGHT_UNIT: exact for 1/n up to 16 and for hundredths."""

RECORD_DTYPES: Final = {
    "kind": "str",
    "name": "str",
    "longitude": "float64",
    "latitude": "float64",
    "place": "str",
    "country": "str",
    "weight": "float64",
    "category": "str",
    "organisation_id": "str",
    "parent_id": "str",
    "year": "Int64",
    "funding_usd": "float64",
    "equity_funding_usd": "float64",
    "publications": "float64",
    "website": "str",
    "precision": "str",
    "source": "str",
    "simulated": "bool",
}
"""Columns of `Records` after reading, in order.  Empty text is missing (NaN), not ''."""

APPLICANT_DTYPES: Final = {"applicant_longitude": "float64", "applicant_latitude": "float64"}
"""Columns that `Records` have only where a table of patents gives them: the applicant's address,
degrees."""

TIE_DTYPES: Final = {
    "organisation_a": "str",
    "organisation_b": "str",
    "weight": "float64",
    "project": "str",
    "partner_count": "Int64",
    "year": "Int64",
    "kind": "str",
    "source": "str",
}
"""Columns of `Ties`.  A row of a project of n partners (`partner_count`, the organisations that its
rows name at least) counts 1/(n-1) of its weight."""

PLACE_DTYPES: Final = {
    "name": "str",
    "longitude": "float64",
    "latitude": "float64",
    "country": "str",
    "population": "float64",
    "gdp_usd": "float64",
    "year": "Int64",
    "source": "str",
}

REQUIRED_RECORD_COLUMNS: Final = ("kind", "longitude", "latitude")
DEFAULTS: Final = {"weight": 1.0, "simulated": False, "precision": "unknown"}


def conform(table: pd.DataFrame, dtypes: dict[str, str]) -> pd.DataFrame:
    """Return a copy of `table` with every column of `dtypes`, typed, defaults filled in.

    Columns not in `dtypes` are kept, behind.

    Parameters
    ----------
    table
        Any frame; left unchanged.
    dtypes
        Column name to dtype, such as `RECORD_DTYPES`.

    Returns
    -------
    DataFrame
        Same index, the columns of `dtypes` first and in their order.

    Examples
    --------
    >>> bare = pd.DataFrame({"kind": ["firm"], "longitude": [0.1], "latitude": [52.2]}, index=["a"])
    >>> full = conform(bare, RECORD_DTYPES)
    >>> float(full.loc["a", "weight"]), bool(full.loc["a", "simulated"])
    (1.0, False)
    """
    columns = {}
    for name, dtype in dtypes.items():
        if name not in table:
            columns[name] = _filled(name, dtype, table.index)
            continue
        column = table[name]
        if name in DEFAULTS and column.isna().any():
            column = column.astype(object).where(column.notna(), DEFAULTS[name])
        columns[name] = column.astype(dtype)  # type: ignore[call-overload]
    rest = {name: table[name] for name in table.columns if name not in dtypes}
    return pd.DataFrame({**columns, **rest}, index=table.index)


def _filled(name: str, dtype: str, index: pd.Index) -> pd.Series:
    """Return a column of its default, or of missing values where it has none."""
    if dtype == "str" and name not in DEFAULTS:  # without a text of its own for every row
        nothing = pa.nulls(len(index), pa.large_string())
        return pd.Series(pd.array(nothing, dtype="str"), index=index)
    missing = pd.NA if dtype == "Int64" else np.nan
    return pd.Series(DEFAULTS.get(name, missing), index=index, dtype=dtype)


def as_records(table: pd.DataFrame) -> Records:
    """Take a frame that is already clean as `Records`, checking what clustering relies on.

    Use `geoclust.read_records` for data from outside: this raises at the first fault.

    Parameters
    ----------
    table
        Index of unique record ids; columns `kind`, `longitude`, `latitude` (degrees, WGS84)
        at least.

    Returns
    -------
    DataFrame
        A copy with every column of `RECORD_DTYPES`, its index named `record_id`.

    Raises
    ------
    SchemaError
        If a column is missing, an id recurs, a kind is unknown, a coordinate is not finite or
        out of range, or a weight is not positive.

    Examples
    --------
    >>> bare = pd.DataFrame({"kind": ["firm"], "longitude": [0.1], "latitude": [52.2]}, index=["a"])
    >>> as_records(bare).index.name
    'record_id'
    """
    absent = [name for name in REQUIRED_RECORD_COLUMNS if name not in table]
    if absent:
        raise SchemaError(f"records lack the columns {absent}; found {list(table.columns)}")
    records = conform(table, RECORD_DTYPES)
    records.index = pd.Index(records.index.astype("str"), name="record_id")
    faults = _record_faults(records)
    if faults:
        raise SchemaError("records: " + "; ".join(faults))
    return Records(records)


def _record_faults(records: pd.DataFrame) -> list[str]:
    bad = {
        "record ids that recur": records.index.duplicated(),
        f"kinds not in {KINDS}": ~records["kind"].isin(KINDS),
        "longitudes not within -180 to 180": ~records["longitude"].between(-180, 180),
        "latitudes not within -90 to 90": ~records["latitude"].between(-90, 90),
        "weights not positive": ~((records["weight"] > 0) & np.isfinite(records["weight"])),
    }
    return [
        f"{int(mask.sum())} {what}, first at {records.index[mask][0]!r}"
        for what, mask in bad.items()
        if mask.any()
    ]


def require_columns(table: pd.DataFrame, names: Iterable[str], what: str) -> None:
    """Raise `SchemaError` naming the columns that `table` lacks.

    Examples
    --------
    >>> require_columns(pd.DataFrame({"a": []}), ["a", "b"], "ties")
    Traceback (most recent call last):
    geoclust.errors.SchemaError: ties lack the columns ['b']; found ['a']
    """
    absent = [name for name in names if name not in table]
    if absent:
        raise SchemaError(f"{what} lack the columns {absent}; found {list(table.columns)}")


def weight_units(weight: ArrayLike, factor: ArrayLike = 1.0) -> NDArray[np.int64]:
    """Weights times `factor` as whole multiples of 1/`WEIGHT_UNIT` (int64, at least 1).

    Rounded once, after the product, so that sums are exact in any order.

    Examples
    --------
    >>> int(weight_units(pd.Series([1 / 3])).sum()) * 3 == WEIGHT_UNIT
    True
    """
    units = np.asarray(weight, dtype=np.float64) * np.asarray(factor, dtype=np.float64)
    units *= WEIGHT_UNIT
    np.rint(units, out=units)
    return np.maximum(units, 1, out=units).astype(np.int64)
