"""GeoNames dumps: towns with their population, as places.

Layout: `allCountries.txt`, `cities500.txt` ... `cities15000.txt` or a country's (`FR.txt`): 19
columns, tabs, no header, no quotes, UTF-8.  https://download.geonames.org/export/dump/readme.txt

Populated places only (feature class P), without parts of towns (PPLX), abandoned, historical and
destroyed ones (PPLQ, PPLH, PPLCH, PPLW) and those without a population.  GeoNames has no GDP.
"""

from collections.abc import Mapping
from typing import Any, Final

from geoclust.errors import InputError
from geoclust.records.presets.preset import Preset
from geoclust.records.presets.shaping import required, shaped, text_column, text_series
from geoclust.records.raw import RawTable
from geoclust.records.sources import TableSource

HEADER: Final = (
    "geonameid",
    "name",
    "asciiname",
    "alternatenames",
    "latitude",
    "longitude",
    "feature class",
    "feature code",
    "country code",
    "cc2",
    "admin1 code",
    "admin2 code",
    "admin3 code",
    "admin4 code",
    "population",
    "elevation",
    "dem",
    "timezone",
    "modification date",
)

NO_TOWNS: Final = frozenset({"PPLX", "PPLQ", "PPLH", "PPLCH", "PPLW"})
"""Feature codes of class P that are left out."""


def shape(raws: list[RawTable], _source: TableSource, table: str) -> list[RawTable]:
    """Towns as places."""
    if table != "places":
        raise InputError(f"{raws[0].file}: preset 'geonames' makes places, no {table}")
    return [_places(raw) for raw in required(GEONAMES.by_role(raws), "places", "geonames")]


def _places(raw: RawTable) -> RawTable:
    index = raw.text.index
    population = text_column(raw, "population")
    code = text_column(raw, "feature_code")
    return shaped(
        raw,
        {
            "name": text_column(raw, "name"),
            "longitude": text_column(raw, "longitude"),
            "latitude": text_column(raw, "latitude"),
            "country": text_column(raw, "country_code"),
            "population": population,
            "year": text_column(raw, "modification_date").str[:4],
            "source": text_series(["GeoNames"] * len(index), index),
        },
        [
            ((text_column(raw, "feature_class") != "P").to_numpy(), "of no populated place"),
            (code.isin(NO_TOWNS).to_numpy(), "parts of towns or towns no more"),
            ((population.isna() | population.eq("0")).to_numpy(), "without a population"),
        ],
    )


def _reading(_path: str) -> Mapping[str, Any]:
    return {"header": HEADER, "delimiter": "\t", "quotes": False}


GEONAMES: Final = Preset(
    name="geonames",
    title="GeoNames dump of places",
    roles={"places": (frozenset({"geonameid", "asciiname", "feature_class", "feature_code"}),)},
    fills={"places": ("places",)},
    shape=shape,
    reading=_reading,
)
