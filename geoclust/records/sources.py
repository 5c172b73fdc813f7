"""Where a table comes from and how its columns, units and words translate into the schema."""

import codecs
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Final

from geoclust.errors import ParameterError
from geoclust.records.addresses import Address, is_address, parse_address
from geoclust.records.conditions import Wanted, condition_faults
from geoclust.schema import APPLICANT_DTYPES, KINDS, PLACE_DTYPES, RECORD_DTYPES, TIE_DTYPES

RECORD_TABLES: Final = {"firms": "firm", "labs": "lab", "patents": "patent"}
"""Names of the tables of one kind, and that kind."""

TABLES: Final = (*RECORD_TABLES, "records", "ties", "places")
"""Every name a table may have; `records` has a column `kind`."""

MONEY_COLUMNS: Final = ("funding_usd", "equity_funding_usd", "gdp_usd")
NUMBER_COLUMNS: Final = (
    "longitude",
    "latitude",
    *APPLICANT_DTYPES,
    "weight",
    "publications",
    "population",
    *MONEY_COLUMNS,
)
PRESETS: Final = (
    "generic",
    "ror",
    "openalex",
    "cordis",
    "patentsview",
    "regpat",
    "crunchbase",
    "geonames",
)
"""Known sources whose own layout is understood; see `records.presets`."""

BASES: Final = ("inventor", "applicant")

COLUMNS: Final = tuple(
    dict.fromkeys(("record_id", *RECORD_DTYPES, *APPLICANT_DTYPES, *TIE_DTYPES, *PLACE_DTYPES))
)


@dataclass(frozen=True, kw_only=True)
class TableSource:
    """One table in the world: its file or files, and how to read them.

    A country's own column names are mapped here, not by renaming the data.  Everything is
    optional but the path.

    Parameters
    ----------
    path, paths
        The file, or several files of one layout.  Local files, a folder of Parquet files (its
        subfolders may be partitions, ``country=GB``), or the address of a PostgreSQL database
        (``postgresql://USER@HOST:PORT/DATABASE``; the password never stands in it, but in
        PGPASSWORD, ~/.pgpass or a service file).
    columns
        Schema column to the file's own column, such as ``{"longitude": "lng"}``.
    constants
        Schema column to one value for all rows, such as ``{"country": "FR"}``.
    values
        Schema column to translations of its words: ``{"kind": {"company": "firm"}}``.
    factors
        Schema column to the number its values are multiplied by: ``{"population": 1000}``.
    kind
        ``firm``, ``lab`` or ``patent``, for tables that do not say.
    sheet, layer
        Sheet of a workbook, layer of a GeoPackage; needed where there is more than one.
    table, geometry
        Table or view of a database (``schema.table``) and its geometry column; needed where there
        is more than one.
    where
        Conditions on columns of a database, DuckDB file or folder of Parquet, all of which must
        hold: one value, any of several, or bounds, both included, such as
        ``{"country": ["GB", "IE"], "year": {"from": 2010, "to": 2020}}``.
    encoding
        Such as ``cp1251``; found out (UTF-8, UTF-16, else Windows Latin-1) where not given.
    delimiter
        One character; found out (comma, semicolon, tab, bar) where not given.
    decimal
        ``.`` or ``,``.  Where not given, "1,5" is understood and "1,234" is refused as ambiguous.
    header_row
        Record number of the header, 1 unless lines of explanation come before it.
    crs
        Reference system of the coordinates, such as ``EPSG:3035``; WGS84 where nothing says else.
    currency, usd_per_unit
        What the money columns are in and what one unit is worth; USD and 1 unless given.
    wrap_longitude
        Take longitudes of 180 to 360 degrees as west; they are rejected otherwise.
    preset
        Name of a known source (`PRESETS`) whose own layout is read, such as ``ror``; everything
        else given here stands above what it says.
    basis
        ``inventor`` or ``applicant``: whose address places a patent, for presets of patents.
    include_closed
        Keep organisations that a preset leaves out because they are closed or inactive.
    header
        Names of the columns, for a file without a row of them.
    quotes
        Whether quotation marks enclose fields; if not, they are characters like others.
    allow_empty
        A file with a header and no rows is an error unless this says that it means zero.

    Raises
    ------
    ParameterError
        With every fault found.

    Examples
    --------
    >>> TableSource(path="labs.csv", columns={"longitude": "lng"}, kind="lab").files
    (PosixPath('labs.csv'),)
    >>> TableSource(path="labs.csv", columns={"longtude": "lng"})
    Traceback (most recent call last):
    geoclust.errors.ParameterError: table source: columns: unknown column 'longtude'; \
did you mean 'longitude'?
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    path: str | Path | None = None
    paths: tuple[str | Path, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)
    kind: str | None = None
    sheet: str | None = None
    layer: str | None = None
    table: str | None = None
    geometry: str | None = None
    where: Mapping[str, Wanted] = field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    header_row: int = 1
    crs: str | None = None
    currency: str = "USD"
    usd_per_unit: float | None = None
    wrap_longitude: bool = False
    preset: str | None = None
    basis: str | None = None
    include_closed: bool = False
    header: tuple[str, ...] = ()
    quotes: bool = True
    allow_empty: bool = False

    def __post_init__(self) -> None:
        """Check every field, and report all faults at once."""
        faults = [
            *_mapping_faults(self),
            *_preset_faults(self),
            *_word_faults(self),
            *_number_faults(self),
            *_store_faults(self),
        ]
        if faults:
            raise ParameterError.listing("table source", faults)

    @property
    def files(self) -> tuple[Path, ...]:
        """All paths, in the order given; none where the source is a database."""
        if self.address is not None:
            return ()
        given = (self.path, *self.paths) if self.path is not None else self.paths
        return tuple(Path(path) for path in given)

    @property
    def address(self) -> Address | None:
        """The database, where the source is one."""
        return parse_address(str(self.path)) if is_address(self.path) else None

    def factor(self, column: str) -> float:
        """Number the values of `column` are multiplied by.

        Examples
        --------
        >>> TableSource(path="a.csv", currency="EUR", usd_per_unit=1.08).factor("funding_usd")
        1.08
        """
        money = self.usd_per_unit or 1.0 if column in MONEY_COLUMNS else 1.0
        return money * self.factors.get(column, 1.0)


def nearest(name: str, known: Iterable[str]) -> str:
    """End a message with the nearest known name, or with nothing.

    Examples
    --------
    >>> nearest("longtude", ["longitude", "latitude"])
    "; did you mean 'longitude'?"
    """
    close = difflib.get_close_matches(name.casefold(), list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def _store_faults(source: TableSource) -> list[str]:
    faults = condition_faults(source.where)
    if any(is_address(path) for path in source.paths):
        faults.append("paths: a database is given in path, one table each")
    if not is_address(source.path):
        return faults
    try:
        parse_address(str(source.path))
    except ParameterError as error:
        faults.append(f"path: {error}")
    if source.paths:
        faults.append("paths: not together with a database in path")
    if source.table is None:
        faults.append("table: say which table or view of the database, such as 'public.firms'")
    return faults


def _mapping_faults(source: TableSource) -> list[str]:
    faults: list[str] = []
    for what in ("columns", "constants", "values", "factors"):
        faults.extend(
            f"{what}: unknown column {name!r}{nearest(name, COLUMNS)}"
            for name in getattr(source, what)
            if name not in COLUMNS
        )
    both = sorted(set(source.columns) & set(source.constants))
    if both:
        faults.append(f"{both} are in both columns and constants; say one")
    wordless = sorted(set(source.factors) - set(NUMBER_COLUMNS))
    if wordless:
        faults.append(f"factors: {wordless} are no numbers")
    return faults


def _preset_faults(source: TableSource) -> list[str]:
    faults = []
    if source.preset is not None and source.preset not in PRESETS:
        hint = nearest(source.preset, PRESETS) or f"; there are {', '.join(PRESETS)}"
        faults.append(f"preset {source.preset!r} is not known{hint}")
    if source.basis is not None and source.basis not in BASES:
        faults.append(f"basis {source.basis!r} is neither 'inventor' nor 'applicant'")
    return faults


def _word_faults(source: TableSource) -> list[str]:
    faults = []
    if source.kind is not None and source.kind not in KINDS:
        faults.append(f"kind {source.kind!r} is none of {KINDS}")
    if source.decimal not in {None, ".", ","}:
        faults.append(f"decimal {source.decimal!r} is neither '.' nor ','")
    if source.delimiter is not None and len(source.delimiter) != 1:
        faults.append(f"delimiter {source.delimiter!r} is not one character")
    if source.delimiter is not None and source.delimiter == source.decimal:
        faults.append(f"delimiter and decimal are both {source.delimiter!r}")
    if source.encoding is not None and not _is_encoding(source.encoding):
        faults.append(f"encoding {source.encoding!r} is not known; try 'utf-8' or 'cp1252'")
    return faults


def _number_faults(source: TableSource) -> list[str]:
    faults = []
    if source.header_row < 1:
        faults.append(f"header_row is {source.header_row}, wanted 1 or more")
    if source.usd_per_unit is not None and not 0 < source.usd_per_unit < float("inf"):
        faults.append(f"usd_per_unit is {source.usd_per_unit}, wanted a positive number")
    if source.currency.upper() != "USD" and source.usd_per_unit is None:
        faults.append(f"currency is {source.currency!r}: give usd_per_unit, the USD of one unit")
    faults.extend(
        f"factors: {name} is {factor}, wanted a positive number"
        for name, factor in source.factors.items()
        if not 0 < factor < float("inf")
    )
    return faults


def _is_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
        "a".encode(name)
    except (LookupError, TypeError, ValueError):
        return False
    return True
