"""Records to distinct locations with whole-number weights, in an order of their own.

Whatever comes after sees a set, not a table: locations are numbered by coordinate and weigh whole
multiples of a small unit, whose sums are exact in any order.  So the order of rows cannot change
anything, and w copies of a record are one of weight w.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoclust import sphere
from geoclust.clustering.ids import all_distinct
from geoclust.clustering.kernels import compiled_pays
from geoclust.clustering.spanning_tree import LARGEST_PLAIN
from geoclust.errors import ParameterError
from geoclust.schema import (
    KINDS,
    RECORD_DTYPES,
    REQUIRED_RECORD_COLUMNS,
    WEIGHT_UNIT,
    as_records,
    conform,
    require_columns,
    weight_units,
)
from geoclust.sphere import Floats, Ints

COARSE_PRECISIONS = ("city", "region", "unknown")
COARSE_KM, POSTCODE_KM, ADDRESS_KM = 5.0, 1.0, 0.1
LARGEST_TOTAL = 2**53
"""Weight units that sums in float64 can still count one by one."""

_USED_COLUMNS = (*REQUIRED_RECORD_COLUMNS, "weight", "country")


@dataclass(frozen=True, eq=False)
class Locations:
    """Distinct coordinates and what is on them, numbered from south to north, west to east.

    Attributes
    ----------
    longitude, latitude
        Degrees, shape (n,).
    positions
        Whole-number positions of `sphere.grid_positions`, shape (3, n).
    weight
        Weight on each location in units of 1/`schema.WEIGHT_UNIT`, shape (n,), int64.
    records
        Index `record_id`; columns `location` (number), `weight` (units) and `country`.
    """

    longitude: Floats
    latitude: Floats
    positions: Floats
    weight: Ints
    records: pd.DataFrame

    def __len__(self) -> int:
        return len(self.weight)

    def __repr__(self) -> str:
        total = self.weight.sum() / WEIGHT_UNIT
        return (
            f"<Locations: {len(self.records):,} records of weight {total:,.6g} on "
            f"{len(self):,} locations>"
        )


def collapse_records(
    records: pd.DataFrame, *, kind_weights: Mapping[str, float] | None = None
) -> Locations:
    """Collapse records to weighted locations, whatever the order of their rows.

    Coordinates that agree to 1e-7 degree are one location; its weight is the sum of
    `kind_weights[kind] * weight` over its records, each rounded once to 1/`WEIGHT_UNIT`.

    Parameters
    ----------
    records
        Index of record ids; columns `kind`, `longitude`, `latitude` (degrees), and `weight`
        and `country` where known.
    kind_weights
        Factor per kind, 1 where not named.

    Raises
    ------
    SchemaError
        If a column is missing or a value is not what a record may hold.
    ParameterError
        If a kind weight is unknown or not positive, or all weights together are too large.

    Examples
    --------
    >>> rows = {"kind": ["firm", "firm"], "longitude": [0.1, 0.1], "latitude": [52.2, 52.2]}
    >>> collapse_records(pd.DataFrame(rows, index=["a", "b"]))
    <Locations: 2 records of weight 2 on 1 locations>
    """
    factors = checked_kind_weights(kind_weights)
    clean = _sound(records)
    units = _record_units(clean, factors)
    keys = sphere.coordinate_keys(clean["longitude"].to_numpy(), clean["latitude"].to_numpy())
    distinct, location = _numbered(keys)
    longitude, latitude = sphere.key_coordinates(distinct)
    weight = np.bincount(location, units, len(distinct)).astype(np.int64)
    table = {"location": location, "weight": units, "country": clean["country"]}
    return Locations(
        longitude=longitude,
        latitude=latitude,
        positions=_positions(longitude, latitude),
        weight=weight,
        records=pd.DataFrame(table, index=clean.index),
    )


def _positions(longitude: Floats, latitude: Floats) -> Floats:
    """`sphere.grid_positions`, compiled where that pays; the same bits either way."""
    if not compiled_pays(len(longitude), LARGEST_PLAIN):
        return sphere.grid_positions(longitude, latitude)
    from geoclust.clustering.positions import fill_positions  # noqa: PLC0415 - loads numba

    found = np.empty((3, len(longitude)))
    fill_positions(longitude, latitude, found)
    return found


def _numbered(keys: Ints) -> tuple[Ints, NDArray[np.int32]]:
    """Distinct keys, ascending, and the place of each key among them."""
    order = np.argsort(keys)  # in any order among equals: they are one location
    ranked = keys[order]
    fresh = np.ones(len(keys), np.bool_)
    np.not_equal(ranked[1:], ranked[:-1], out=fresh[1:])
    number = np.cumsum(fresh, dtype=np.int32)
    place = np.empty(len(keys), np.int32)
    place[order] = number - 1
    return ranked[fresh], place


def _sound(records: pd.DataFrame) -> pd.DataFrame:
    """Typed copy of what clustering uses of the records; raises where `as_records` would."""
    require_columns(records, REQUIRED_RECORD_COLUMNS, "records")
    used = {name: RECORD_DTYPES[name] for name in _USED_COLUMNS}
    table = conform(records[[name for name in used if name in records]], used)
    ids = records.index
    if ids.dtype != "str":
        ids = pd.Index(ids.astype("str"))
    table.index = ids.rename("record_id")
    weight = table["weight"]
    sound = (
        all_distinct(table.index)
        and table["kind"].isin(KINDS).all()
        and table["longitude"].between(-180, 180).all()
        and table["latitude"].between(-90, 90).all()
        and ((weight > 0) & (weight < np.inf)).all()
    )
    return table if sound else as_records(records)


def checked_kind_weights(kind_weights: Mapping[str, float] | None) -> dict[str, float]:
    """Return the factor of every kind, 1 where not given.

    Examples
    --------
    >>> checked_kind_weights({"patent": 0.1})
    {'firm': 1.0, 'lab': 1.0, 'patent': 0.1}
    """
    given = dict(kind_weights or {})
    unknown = sorted(set(given) - set(KINDS))
    bad = {kind: value for kind, value in given.items() if not 0 < value < np.inf}
    if unknown:
        raise ParameterError(f"kind_weights names {unknown}; the kinds are {list(KINDS)}")
    if bad:
        raise ParameterError(
            f"kind_weights must be positive and finite, found {bad}; "
            "to leave a kind out, drop its records"
        )
    return {kind: float(given.get(kind, 1.0)) for kind in KINDS}


def _record_units(records: pd.DataFrame, factors: dict[str, float]) -> Ints:
    weight, factor = records["weight"].to_numpy(), np.ones(len(records))
    if set(factors.values()) != {1.0}:
        factor = np.asarray(records["kind"].map(factors), np.float64)
    largest = float((weight * factor).sum())
    if largest * WEIGHT_UNIT >= LARGEST_TOTAL:
        raise ParameterError(
            f"all weights together are {largest:.3g}; sums stay exact only below "
            f"{LARGEST_TOTAL / WEIGHT_UNIT:.3g}: divide every weight by a common factor"
        )
    return weight_units(weight, factor)


def default_resolution(records: pd.DataFrame, units: Ints) -> tuple[float, str]:
    """How exact the coordinates are, in km, by the precision of most of the weight, and why.

    5 km where more than half the weight has precision city, region or unknown, else 1 km where
    more than half has postcode or coarser, else 0.1 km.

    Parameters
    ----------
    records
        Column `precision`; without it every precision counts as unknown.
    units
        Weight of each record, shape (n,).

    Examples
    --------
    >>> default_resolution(pd.DataFrame({"precision": ["address"]}), np.array([1]))
    (0.1, '0 % of the weight has a precision of postcode or coarser')
    """
    if not len(units):
        return ADDRESS_KM, "there are no records"
    total = int(units.sum())
    precision = records.get("precision", pd.Series(dtype="str").reindex(records.index))
    coarse = int(units[(precision.isin(COARSE_PRECISIONS) | precision.isna()).to_numpy()].sum())
    if 2 * coarse > total:
        share = f"{100 * coarse / total:.0f} %"
        return COARSE_KM, f"{share} of the weight has precision city, region or unknown"
    coarse += int(units[(precision == "postcode").to_numpy(dtype=bool)].sum())
    share = f"{100 * coarse / total:.0f} %"
    why = f"{share} of the weight has a precision of postcode or coarser"
    return (POSTCODE_KM if 2 * coarse > total else ADDRESS_KM), why
