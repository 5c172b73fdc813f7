"""Records spread over the ground where their geocode says they may be.

A geocode to a city puts all its records on one point: a peak of density that nobody measured.
Here each record is put on a random place within its precision, evenly over a disc on the sphere.
Where a record goes depends on its id and the seed alone, not on the other records or their order.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from geoclust.catalogue import nearest
from geoclust.errors import ParameterError
from geoclust.schema import PRECISIONS, Records, require_columns
from geoclust.sphere import Floats, coordinate_keys, destination, unit_arc_km, unit_chord
from geoclust.study.variation import JITTER_KM

BITS: Final = 53
"""Of a random number between 0 and 1."""

FARTHEST_KM: Final = 1000.0
"""Beyond, it is no geocode."""


def jitter_records(
    records: Records,
    *,
    seed: int = 0,
    jitter_km: Mapping[str, float] | None = None,
    together: bool = False,
) -> Records:
    """Put every record on a random place within its precision.

    Parameters
    ----------
    records
        Index `record_id`; columns longitude, latitude, precision.
    seed
        Another seed puts them elsewhere.
    jitter_km
        Per precision ("address", "postcode", "city", "region", "unknown"), radius of the disc over
        which a record is spread evenly, km; not named: not moved.  Default: address 0.1, postcode
        1, city 5, region 25, unknown 5.
    together
        Records with the same coordinates and precision move as one: the error of a geocode that
        they share, not their spread.

    Returns
    -------
    Records
        The same rows in the same order, longitude and latitude changed.

    Raises
    ------
    ParameterError
        If a precision is unknown, or a radius is not 0 to 1000 km.
    SchemaError
        If a column is missing.

    Examples
    --------
    >>> from geoclust.synthetic import toy_world
    >>> records = toy_world().records.assign(precision="city")
    >>> moved = jitter_records(records, seed=1)
    >>> part = jitter_records(records.iloc[::-2], seed=1)
    >>> bool((moved.loc[part.index, "longitude"] == part["longitude"]).all())
    True
    """
    require_columns(records, ["longitude", "latitude", "precision"], "records")
    radii = dict(JITTER_KM if jitter_km is None else jitter_km)
    _check(radii)
    radius = np.asarray(records["precision"].map(radii).fillna(0.0), dtype=np.float64)
    share, turn = _draws(_keys(records, together=together), seed)
    km = _even_over_disc(radius, share)
    longitude, latitude = records["longitude"].to_numpy(), records["latitude"].to_numpy()
    east, north = destination(longitude, latitude, 360.0 * turn, km)
    still = km == 0
    return Records(
        records.assign(
            longitude=np.where(still, longitude, east), latitude=np.where(still, latitude, north)
        )
    )


def _check(radii: Mapping[str, float]) -> None:
    faults = [
        f"{precision!r}; {nearest(precision, PRECISIONS)}"
        for precision in radii
        if precision not in PRECISIONS
    ]
    faults += [
        f"{precision} is {km!r}; want 0 to {FARTHEST_KM:g} km"
        for precision, km in radii.items()
        if not 0 <= km < FARTHEST_KM
    ]
    if faults:
        raise ParameterError("jitter_km: " + "; ".join(faults))


def _keys(records: pd.DataFrame, *, together: bool) -> list[str]:
    """What decides where each record goes: its id, or its coordinates and precision."""
    if not together:
        return [str(name) for name in records.index]
    spots = coordinate_keys(records["longitude"], records["latitude"]).tolist()
    return [f"{a}/{b}" for a, b in zip(spots, records["precision"].astype("str"), strict=True)]


def _draws(keys: list[str], seed: int) -> tuple[Floats, Floats]:
    """Two numbers between 0 and 1 for each key, the same on every machine."""
    salt = hashlib.blake2b(f"geoclust jitter {seed}".encode(), digest_size=16).digest()
    digests = b"".join(
        hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16, key=salt).digest()
        for key in keys
    )
    words = np.frombuffer(digests, dtype="<u8").reshape(-1, 2) >> np.uint64(64 - BITS)
    share, turn = words.T.astype(np.float64) / 2.0**BITS
    return share, turn


def _even_over_disc(radius_km: Floats, share: Floats) -> Floats:
    """Distance from the centre below which a share of a spherical disc's area lies.

    The area within an angle is proportional to its squared chord, so the chord grows as the
    root of the share.
    """
    return unit_arc_km(unit_chord(radius_km) * np.sqrt(share))
