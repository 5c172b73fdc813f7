"""Towns without a country: the country that most of them are in."""

from typing import Final

import pandas as pd

from geoclust.gazetteer import geocode

ASKED: Final = 200
"""Distinct towns that are looked up."""

AGREEING: Final = 0.5
"""Share of the towns that must be largest in one country, for it to be tried."""

FOUND: Final = 0.7
"""Share of the towns that must be found there."""


def country_of_towns(towns: pd.Series) -> tuple[str | None, float]:
    """The country a column of towns is in, and the share of them found there.

    Parameters
    ----------
    towns
        Names as written; missing ones do not count.

    Returns
    -------
    country, share
        Alpha-2 code, None where the towns do not agree on one.

    Examples
    --------
    >>> country_of_towns(pd.Series(["Berlin", "M\u00fcnchen", "Hamburg", "Aachen"]))
    ('DE', 1.0)
    >>> country_of_towns(pd.Series(["Berlin", "Paris", "Tokyo", "Lima"]))
    (None, 0.0)
    """
    counts = towns.dropna().value_counts(sort=False).sort_index()
    names = counts.sort_values(ascending=False, kind="stable").index[:ASKED]
    if names.empty:
        return None, 0.0
    asked = pd.DataFrame({"place": names, "country": pd.Series(pd.NA, range(len(names)), "str")})
    shares = geocode(asked)["country"].value_counts(sort=False).sort_index() / len(names)
    if shares.empty or shares.max() < AGREEING:
        return None, 0.0
    code = str(shares.idxmax())
    found = float(geocode(asked.assign(country=code))["longitude"].notna().mean())
    return (code, found) if found >= FOUND else (None, 0.0)
