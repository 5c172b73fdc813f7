"""Tables too long to hold: rows to distinct weighted spots, batch by batch, and back.

`w` rows on one coordinate are one spot of weight `w`: the hierarchy, regions and scores are the
same for both (`hierarchy.py`), so only spots need to be clustered, and a row's answer is its
spot's.  Of the rows nothing is kept but the number of each one's spot, 4 bytes.

Within a batch rows are grouped by hashing, without sorting them; spots of all batches are sorted
at the end, so their numbers do not depend on the order of rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoclust.clustering.locations import LARGEST_TOTAL
from geoclust.errors import ParameterError
from geoclust.schema import WEIGHT_UNIT
from geoclust.sphere import Floats, Ints, coordinate_keys, key_coordinates

Codes = NDArray[np.int32]

NOWHERE = -1
"""Spot of a row without usable coordinates or weight."""


class Batch(NamedTuple):
    """Some rows of a table; plain arrays of one length.

    Attributes
    ----------
    longitude, latitude
        Degrees, NaN where missing.
    weight
        NaN where missing, which counts as 1; None where all weigh 1.
    country
        Code of each row, -1 where missing, and the names by code; None where not known.
    """

    longitude: Floats
    latitude: Floats
    weight: Floats | None = None
    country: tuple[Codes, list[str]] | None = None


class _Part(NamedTuple):
    """The spots of one batch, in order of appearance, and each row's."""

    key: Ints
    country: Ints
    units: Ints
    rows: Ints
    spot: Codes


@dataclass(frozen=True, eq=False)
class Spots:
    """Distinct pairs of coordinate and country, numbered from south to north, west to east.

    Attributes
    ----------
    records
        One record per spot, fit for `build_hierarchy`.
    rows
        Number of table rows on each spot.
    spot_of
        Spot of each row of the table, in its order; `NOWHERE` if it has none.
    """

    records: pd.DataFrame
    rows: Ints
    spot_of: Codes

    def __repr__(self) -> str:
        lost = int((self.spot_of == NOWHERE).sum())
        return (
            f"<Spots: {len(self.spot_of):,} rows on {len(self.rows):,} spots; {lost:,} without "
            "usable coordinates or weight>"
        )


def collapse_batches(batches: Iterable[Batch], *, kind: str = "firm") -> Spots:
    """Collapse the rows of a table to weighted spots, holding one batch at a time.

    Rows whose coordinates are missing or out of range, or whose weight is not positive and
    finite, are nowhere.

    Parameters
    ----------
    batches
        The table, in its order.
    kind
        What its rows are.

    Raises
    ------
    ParameterError
        If all weights together are too large to be added exactly.

    Examples
    --------
    >>> batch = Batch(np.array([0.1, 0.1, np.nan]), np.array([52.2, 52.2, 0.0]))
    >>> spots = collapse_batches([batch])
    >>> spots.records["weight"].tolist(), spots.spot_of.tolist()
    ([2.0], [0, 0, -1])
    """
    names: dict[str, int] = {}
    parts = [_collapse(batch, names) for batch in batches] or [_nothing()]
    key, country = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    ranked = sorted(names)
    rank = np.array([-1, *(ranked.index(name) for name in names)], np.int64)
    country = rank[country + 1]
    order = np.lexsort((country, key))
    fresh = np.ones(len(key), np.bool_)
    fresh[1:] = (np.diff(key[order]) != 0) | (np.diff(country[order]) != 0)
    spot = np.empty(len(key), np.int32)
    spot[order] = np.cumsum(fresh) - 1
    first = order[fresh]
    units = _summed(spot, [part.units for part in parts], len(first))
    rows = _summed(spot, [part.rows for part in parts], len(first))
    _check_total(float(units.sum()))
    records = _as_records(key[first], units, kind=kind)
    records["country"] = np.array([*ranked, None], object)[country[first]]  # -1: the last
    records = records.astype({"country": "str"})
    return Spots(records, rows, _rows_to_spots(parts, spot))


def _collapse(batch: Batch, names: dict[str, int]) -> _Part:
    """Group the rows of a batch; names of countries are numbered as they appear in `names`."""
    usable = np.abs(batch.longitude) <= 180  # noqa: PLR2004 - degrees; False for NaN
    usable &= np.abs(batch.latitude) <= 90  # noqa: PLR2004
    units = None
    if batch.weight is not None:
        weight = np.where(np.isnan(batch.weight), 1.0, batch.weight)
        usable &= (weight > 0) & (weight < np.inf)
        _check_total(float(weight[usable].sum()) * WEIGHT_UNIT)
        units = np.maximum(np.rint(weight[usable] * WEIGHT_UNIT), 1)
    keys = coordinate_keys(batch.longitude[usable], batch.latitude[usable])
    code, distinct = pd.factorize(keys)
    home = np.full(len(distinct), -1, np.int64)
    if batch.country is not None:
        local, said = batch.country
        number = np.array([*(names.setdefault(name, len(names)) for name in said), -1], np.int64)
        pair = code * len(number) + local[usable] % len(number)  # -1 to the last: missing
        code, pairs = pd.factorize(pair)
        distinct, home = distinct[pairs // len(number)], number[pairs % len(number)]
    rows = np.bincount(code, minlength=len(distinct))
    total = rows * WEIGHT_UNIT if units is None else np.bincount(code, units, len(distinct))
    spot = np.full(len(usable), NOWHERE, np.int32)
    spot[usable] = code
    return _Part(distinct, home, total.astype(np.int64), rows, spot)


def _summed(spot: Codes, values: list[Ints], count: int) -> Ints:
    """Sums per spot; whole numbers below 2**53, so exact in any order."""
    return np.bincount(spot, np.concatenate(values).astype(np.float64), count).astype(np.int64)


def _check_total(units: float) -> None:
    if units >= LARGEST_TOTAL:
        raise ParameterError(
            f"all weights together are {units / WEIGHT_UNIT:.3g}; sums stay exact only below "
            f"{LARGEST_TOTAL / WEIGHT_UNIT:.3g}: divide every weight by a common factor"
        )


def _nothing() -> _Part:
    return _collapse(Batch(np.empty(0), np.empty(0)), {})


def _rows_to_spots(parts: list[_Part], spot: Codes) -> Codes:
    """Final spot of every row; the parts' own arrays are reused, so nothing is held twice."""
    low = 0
    for part in parts:
        last = np.append(spot[low : low + len(part.key)], np.int32(NOWHERE))  # what -1 maps to
        np.take(last, part.spot, out=part.spot, mode="wrap")
        low += len(part.key)
    return np.concatenate([part.spot for part in parts])


def _as_records(key: Ints, units: Ints, *, kind: str) -> pd.DataFrame:
    """One record per spot; weights are whole units and survive the division."""
    longitude, latitude = key_coordinates(key)
    columns = {
        "kind": pd.Series(kind, index=range(len(key)), dtype="str"),
        "longitude": longitude,
        "latitude": latitude,
        "weight": units / WEIGHT_UNIT,
    }
    return pd.DataFrame(columns).rename_axis("record_id")
