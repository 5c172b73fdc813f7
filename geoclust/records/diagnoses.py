"""What is wrong with a whole column of coordinates: said, never repaired.

The test is the share of rows whose nearest town lies in the country they name; where no country is
given, only what the numbers alone show.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from geoclust.gazetteer import nearest_place

LEAST_ROWS: Final = 20
"""Columns shorter than this are not diagnosed."""

SAMPLED_ROWS: Final = 1000
"""Rows that are compared with their countries."""

CONVINCING: Final = 0.5
"""Share of rows in their own country from which on a reading of the column is believed."""

LARGEST_METRES: Final = 2.1e7
"""No projected coordinate is larger: half the equator is 20,037,508 m."""

_Reading = Callable[[pd.DataFrame], pd.DataFrame]


def _swapped(points: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"longitude": points["latitude"], "latitude": points["longitude"]})


_READINGS: Final[dict[str, _Reading]] = {
    "if longitude and latitude are swapped": _swapped,
    "if they are radians": lambda points: points * (180 / np.pi),
    "if they are degrees times 10,000,000 (E7)": lambda points: points / 1e7,
    "if they are degrees times 1,000,000 (E6)": lambda points: points / 1e6,
    "if the sign of the longitude is turned": lambda points: points * np.array([-1.0, 1.0]),
}


_EXCHANGE: Final = "exchange the two in columns"
_RADIANS: Final = "factors = { longitude = 57.29577951308232, latitude = 57.29577951308232 }"
_E7: Final = "factors = { longitude = 1e-7, latitude = 1e-7 }"
_REMEDIES: Final[dict[str, str]] = {
    "if longitude and latitude are swapped": _EXCHANGE,
    "if they are radians": f"say {_RADIANS}",
    "if they are degrees times 10,000,000 (E7)": f"say {_E7}",
    "if they are degrees times 1,000,000 (E6)": f"say {_E7.replace('1e-7', '1e-6')}",
    "if the sign of the longitude is turned": "mend the signs in the file",
}
"""What to do in the study file where a reading is true."""


def diagnose(found: pd.DataFrame, country: pd.Series) -> str:
    """One sentence on a pair of columns that look swapped, in radians, E7 or metres; else "".

    Parameters
    ----------
    found
        Columns `longitude` and `latitude` as read, in whatever unit, NaN where missing.
    country
        ISO alpha-2 of each row, where known.

    Examples
    --------
    >>> lon, lat = np.linspace(51, 53, 40), np.linspace(-2, 0, 40)
    >>> points = pd.DataFrame({"longitude": lon, "latitude": lat})
    >>> said = diagnose(points, pd.Series(["GB"] * 40))
    >>> said.split(" if ")[0]
    '100 % of the rows fall in their country'
    """
    points = found.dropna()
    if len(points) < LEAST_ROWS:
        return ""
    named = points[country.reindex(points.index).notna()]
    if len(named) >= LEAST_ROWS:
        said = _by_country(named, country)
        if said is not None:
            return said
    return _by_numbers(points)


def _by_country(points: pd.DataFrame, country: pd.Series) -> str | None:
    """The reading that puts most rows in their country; "" if the plain one does, else None."""
    ordered = points.assign(country=country).sort_values(["longitude", "latitude", "country"])
    step = max(1, len(ordered) // SAMPLED_ROWS)
    sample = ordered.iloc[::step]
    plain = _share_at_home(sample[["longitude", "latitude"]], sample["country"])
    if plain >= CONVINCING:
        return ""
    shares = {
        words: _share_at_home(reading(sample[["longitude", "latitude"]]), sample["country"])
        for words, reading in _READINGS.items()
    }
    best = max(shares, key=lambda words: shares[words])
    if shares[best] < CONVINCING:
        return None
    share = f"{100 * shares[best]:.0f} % of the rows fall in their country {best}"
    return f"{share} ({100 * plain:.0f} % as they are): {_REMEDIES[best]}"


def _share_at_home(points: pd.DataFrame, country: pd.Series) -> float:
    possible = _in_range(points)
    if not possible.any():
        return 0.0
    there = points[possible]
    near = nearest_place(there["longitude"].to_numpy(), there["latitude"].to_numpy())
    home = near["country"].to_numpy() == country[possible].to_numpy(dtype=object)
    return float(home.sum() / len(points))


def _in_range(points: pd.DataFrame) -> pd.Series:
    return points["longitude"].between(-180, 180) & points["latitude"].between(-90, 90)


def _by_numbers(points: pd.DataFrame) -> str:
    size = points.abs()
    beyond = ~_in_range(points)
    swappable = beyond & _in_range(_swapped(points))
    if swappable.mean() > 0.1:  # noqa: PLR2004 - a tenth of all rows is no slip of the pen
        share = f"{100 * swappable.mean():.0f} % of the rows are in range only if"
        return f"{share} longitude and latitude are swapped: {_EXCHANGE}"
    if (size.max(axis=1) > 360).mean() > CONVINCING:  # noqa: PLR2004 - degrees of a circle
        if (points % 1 == 0).all(axis=None) and size.max(axis=1).median() > LARGEST_METRES:
            return f"the columns look like degrees times 10,000,000 (E7): say {_E7}"
        return (
            "the columns look like metres of a projected system: state it, such as "
            'crs = "EPSG:25832"'
        )
    radians = (size["longitude"] <= np.pi).all() and (size["latitude"] <= np.pi / 2).all()
    if radians and (np.ptp(points.to_numpy(), axis=0) > [1.0, 0.2]).all():
        return f"the columns look like radians: say {_RADIANS}"
    return ""
