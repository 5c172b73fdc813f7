"""A point's records: drawn anew, and moved within what their precision allows."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from geoclust.robustness.schemes import SEEDS
from geoclust.schema import Ties
from geoclust.sphere import Floats, Ints, coordinate_keys, destination
from geoclust.study.variation import Variation

COPY: Final = "\x1f"
"""Stands between a record's id and the number of its copy; no id of a file has that character."""


def drawn_copies(count: int, variation: Variation, point: Mapping[str, float]) -> Ints:
    """How often each of `count` records is in a draw.

    Examples
    --------
    >>> copies = drawn_copies(100, Variation.only("resample"), {"resample": 0.3})
    >>> int(copies.sum()), int(copies.max()) > 1
    (100, True)
    """
    if "resample" not in point or variation.resample is None or count == 0:
        return np.ones(count, dtype=np.int64)
    rng = np.random.default_rng(int(point["resample"] * SEEDS))
    if variation.resample == "bootstrap":
        return np.bincount(rng.integers(count, size=count), minlength=count).astype(np.int64)
    kept = rng.permutation(count)[: max(1, round(variation.subsample_share * count))]
    return np.bincount(kept, minlength=count).astype(np.int64)


def repeated(records: pd.DataFrame, copies: Ints) -> pd.DataFrame:
    """A row for each copy of each record; further copies have ids of their own.

    Examples
    --------
    >>> len(repeated(pd.DataFrame({"x": [1, 2, 3]}, index=["a", "b", "c"]), np.array([2, 0, 1])))
    3
    """
    row = np.repeat(np.arange(len(records)), copies)
    table = records.iloc[row]
    table.index = pd.Index(_ids(records.index, row, _numbers(copies)), name="record_id")
    return table


def repeated_ties(ties: pd.DataFrame, ends: tuple[Ints, Ints], ids: pd.Index, copies: Ints) -> Ties:
    """A tie between every copy of one end and every copy of the other.

    Under a bootstrap a tie then counts as often as in the study on average, as each end is
    drawn once on average.

    Parameters
    ----------
    ties
        Ties between records.
    ends
        Numbers of the records at their two ends.
    ids
        Ids of the records.
    copies
        How often each record is there.

    Examples
    --------
    >>> ties = pd.DataFrame({"organisation_a": ["p"], "organisation_b": ["q"], "weight": [1.0]})
    >>> ids, ends = pd.Index(["p", "q"]), (np.array([0]), np.array([1]))
    >>> len(repeated_ties(ties, ends, ids, np.array([2, 3])))
    6
    """
    a, b = ends
    many = copies[a] * copies[b]
    row, number = np.repeat(np.arange(len(ties)), many), _numbers(many)
    across = np.maximum(copies[b][row], 1)
    table = ties.iloc[row].reset_index(drop=True)
    for end, at, copy in (("a", a, number // across), ("b", b, number % across)):
        table[f"organisation_{end}"] = pd.Series(_ids(ids, at[row], copy), dtype="str")
    return Ties(table)


def _numbers(many: Ints) -> Ints:
    """0, 1, ... within each run of `many`."""
    start = np.repeat(np.cumsum(many) - many, many)
    return np.asarray(np.arange(many.sum()) - start, dtype=np.int64)


def _ids(ids: pd.Index, row: Ints, copy: Ints) -> pd.Index:
    named = ids.to_numpy(dtype=object)[row]
    for place in np.flatnonzero(copy):
        named[place] = f"{named[place]}{COPY}{copy[place]}"
    found: pd.Index = pd.Index(named, dtype="str")
    return found


def moving_together(records: pd.DataFrame, *, together: bool) -> Ints:
    """Number of the group that each record moves with, whatever the order of rows.

    Parameters
    ----------
    records
        Sorted by id; columns longitude, latitude, precision.
    together
        Whether records of one coordinate pair and precision move as one.

    Examples
    --------
    >>> table = pd.DataFrame({"longitude": [5, 5, 6], "latitude": 50, "precision": "city"})
    >>> moving_together(table, together=True).tolist()
    [0, 0, 1]
    """
    if not together:
        return np.arange(len(records), dtype=np.int64)
    keys = coordinate_keys(records["longitude"], records["latitude"])
    pairs = pd.MultiIndex.from_arrays([keys, records["precision"].astype("str")])
    return np.asarray(pairs.factorize(sort=True)[0], dtype=np.int64)


def moved(
    longitude: Floats, latitude: Floats, radius_km: Floats, group: Ints, *, u: float
) -> tuple[Floats, Floats, Floats]:
    """Coordinates moved at random, evenly over a disc, and by how many km each.

    Parameters
    ----------
    longitude, latitude
        Degrees.
    radius_km
        Radius of each one's disc; 0 leaves it as it is.
    group
        Those of one group are moved by the same bearing and share of the radius.
    u
        0 to 1; the draw.

    Examples
    --------
    >>> here, group = np.zeros(3), np.array([0, 0, 1])
    >>> east, north, km = moved(here, here, np.array([5.0, 5.0, 0.0]), group, u=0.5)
    >>> bool(0 < km[0] <= 5), bool(east[0] == east[1]), float(km[2]), float(east[2])
    (True, True, 0.0, 0.0)
    """
    rng = np.random.default_rng(int(u * SEEDS))
    share, turn = rng.random((2, int(group.max()) + 1 if len(group) else 0))
    km = radius_km * np.sqrt(share[group])
    new_longitude, new_latitude = destination(longitude, latitude, 360.0 * turn[group], km)
    still = km == 0
    return np.where(still, longitude, new_longitude), np.where(still, latitude, new_latitude), km
