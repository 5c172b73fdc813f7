"""Rows with a place and a country but no coordinates: looked up, offline, never guessed."""

from typing import Final

import numpy as np
import pandas as pd

from geoclust.gazetteer import geocode
from geoclust.records.draft import Draft

GEOCODED_DTYPES: Final = {
    "place": "str",
    "country": "str",
    "matched": "str",
    "geoname_id": "Int64",
    "how": "str",
    "ambiguous": "bool",
    "alternatives": "str",
}
"""Columns of `Inputs.geocoded`."""


def geocode_rows(draft: Draft) -> pd.DataFrame:
    """Fill in coordinates of good rows without, with precision "city"; reject what is not found.

    Returns
    -------
    DataFrame
        Per row filled in (index: position in the draft), columns `GEOCODED_DTYPES`.
    """
    table = draft.table
    asked = table[draft.good & table["longitude"].isna().to_numpy()]
    if asked.empty:
        return _typed(pd.DataFrame(columns=list(GEOCODED_DTYPES)))
    queries = asked[["place", "country"]].astype("str")
    found = geocode(queries)
    missed = np.zeros(len(table), bool)
    missed[asked.index[found["longitude"].isna()]] = True
    draft.reject(missed, "place", "is not in the gazetteer for its country; give coordinates")
    found = found[found["longitude"].notna()]
    table.loc[found.index, ["longitude", "latitude"]] = found[["longitude", "latitude"]]
    table.loc[found.index, "precision"] = "city"
    _note(draft, found, missed)
    asked_for = queries.loc[found.index]
    return _typed(found.assign(place=asked_for["place"], country=asked_for["country"]))


def _note(draft: Draft, found: pd.DataFrame, missed: np.ndarray) -> None:
    if len(found):
        message = f"{len(found):,} rows geocoded from place and country"
        draft.note("info", message, column="place", count=len(found), file="")
    doubtful = int(found["ambiguous"].astype(bool).sum())
    if doubtful:
        message = (
            f"{doubtful:,} of the {len(found):,} places geocoded are ambiguous: the larger town of "
            "that name is taken; the page lists them"
        )
        draft.note("warning", message, column="place", count=doubtful, file="")
    if missed.any():
        names = sorted(set(draft.table.loc[missed, "place"]))
        shown = ", ".join(repr(name[:40]) for name in names[:5])
        message = f"{int(missed.sum()):,} rows with places not in the gazetteer ({shown}), rejected"
        draft.note("warning", message, column="place", count=int(missed.sum()), file="")


def _typed(found: pd.DataFrame) -> pd.DataFrame:
    return found[list(GEOCODED_DTYPES)].astype(GEOCODED_DTYPES)
