"""All indicators of all regions in one table."""

import logging
from collections.abc import Collection, Mapping
from typing import Final, Protocol

import numpy as np
import pandas as pd

from geoclust.catalogue import INDICATORS
from geoclust.errors import ParameterError
from geoclust.indicators.context import gdp_usd, population, serve
from geoclust.indicators.counts import (
    activity,
    category_count,
    disclosed_count,
    disclosed_sum,
    firm_category_count,
    kind_count,
    publication_count,
)
from geoclust.indicators.ratios import evidence, poisson_interval, ratio, wilson_interval
from geoclust.indicators.shrinking import RATIOS, shrink
from geoclust.schema import (
    PLACE_DTYPES,
    Indicators,
    Places,
    Records,
    Regions,
    require_columns,
)

logger = logging.getLogger(__name__)

TABLES: Final = frozenset({"firms", "labs", "patents", "ties", "places"})
TIE_COLUMNS: Final = (
    "tie_count",
    "tie_weight",
    "internal_tie_count",
    "external_tie_count",
    "industry_tie_count",
    "external_tie_share",
    "brokerage",
)
NEEDS: Final = {
    "firms": (
        "firm_count",
        "startup_count",
        "spinout_count",
        "institution_count",
        "category_count",
        "funding_disclosed_count",
        "equity_funding_disclosed_count",
    ),
    "labs": ("lab_count", "institution_count", "category_count"),
    "patents": ("patent_count",),
}
"""Columns that are unknown without a table."""


class TiesByRegion(Protocol):
    """What a network of regions tells: one row of tie counts per region."""

    @property
    def table(self) -> pd.DataFrame:
        """Index `region_id`, columns `TIE_COLUMNS`."""
        ...


def measure(
    records: Records,
    region_of: pd.Series,
    regions: Regions,
    *,
    network: TiesByRegion | None = None,
    places: Places | None = None,
    tables: Collection[str] | None = None,
    kind_weights: Mapping[str, float] | None = None,
    reach_km: float = 10.0,
    min_evidence: int = 5,
    gdp_per_head: Mapping[str, float] | None = None,
    shrinkage: bool = False,
) -> Indicators:
    """Measure every region.

    Parameters
    ----------
    records
        Index `record_id`; the columns of the data model.
    region_of
        Region of each record, NaN for noise.
    regions
        GeoDataFrame, index `region_id`: geometry, area_km2, reach_area_km2.
    network
        What `build_network` returned; without it the tie indicators are missing.
    places
        Towns with population and GDP; without them population and GDP are missing.
    tables
        Which of firms, labs, patents, ties, places were given.  A table not given is unknown
        (NaN), an empty one is zero.  Default: the three kinds of record, and ties and places
        where the arguments above are there.
    kind_weights
        Weight of each kind in activity, default 1.
    reach_km
        How far beyond its footprint a region without a place looks for one, km.
    min_evidence
        Ratios on fewer cases are flagged "thin".
    gdp_per_head
        Country code -> USD per head, to estimate the GDP of places that lack it.
    shrinkage
        Draw shares and rates of small numbers towards those of all regions, see `shrink`; the
        observed ones are kept beside them.

    Returns
    -------
    Indicators
        Rows as `regions`; the columns of `INDICATORS`, `<ratio>_low`, `<ratio>_high` (95 %),
        `<ratio>_evidence` ("thin" | "ample"), population_basis, gdp_basis, gdp_estimated.

    Raises
    ------
    ParameterError
        If `region_of` names a region that `regions` lacks, a table is unknown, or a number is
        out of range.
    SchemaError
        If a table lacks a column.

    Examples
    --------
    >>> import geopandas, shapely
    >>> from geoclust.synthetic import toy_world
    >>> world = toy_world()
    >>> shape = shapely.box(-1.7, 52.8, -1.3, 53.0)
    >>> regions = geopandas.GeoDataFrame(
    ...     {"area_km2": [600.0], "reach_area_km2": [500.0]}, geometry=[shape], crs=4326,
    ...     index=pd.Index(["gb-alderbrook"], name="region_id"),
    ... )
    >>> region_of = world.town_of.where(world.town_of == "gb-alderbrook")
    >>> table = measure(world.records, region_of, regions, places=world.places)
    >>> row = table.loc["gb-alderbrook"]
    >>> float(row["activity_density_per_100km2"]), float(row["institutions_per_million"])
    (8.4, 45.0)
    """
    _check(records, region_of, regions, tables)
    given = _given(tables, network, places)
    index = pd.Index(regions.index, name="region_id")
    columns = _counts(records, region_of, index, kind_weights)
    columns |= _areas(regions.set_axis(index), columns["activity"])
    columns |= _context(
        places, regions, records, region_of, reach_km=reach_km, gdp_per_head=gdp_per_head
    )
    columns |= _ties(network, index)
    unknown = [name for table in NEEDS if table not in given for name in NEEDS[table]]
    unknown += TIE_COLUMNS if "ties" not in given else ()
    unknown += ("population", "gdp_usd") if "places" not in given else ()
    columns |= {name: pd.Series(np.nan, index=index) for name in unknown}
    columns |= _ratios(columns, min_evidence)
    table = Indicators(_in_order(pd.DataFrame(columns, index=index)))
    table = shrink(table) if shrinkage else table
    logger.info("measured %d regions, %d columns", *table.shape)
    return table


def _check(
    records: pd.DataFrame, region_of: pd.Series, regions: pd.DataFrame, tables: object
) -> None:
    require_columns(
        records, ["kind", "weight", "category", "funding_usd", "equity_funding_usd"], "records"
    )
    require_columns(regions, ["geometry", "area_km2", "reach_area_km2"], "regions")
    stray = pd.Index(region_of.dropna().unique()).difference(regions.index)
    if len(stray):
        raise ParameterError(
            f"region_of names {len(stray)} regions that have no footprint, first {stray[0]!r}; "
            "delineate the same region_of"
        )
    unknown = sorted(set(tables or ()) - TABLES) if isinstance(tables, Collection) else []
    if unknown:
        raise ParameterError(f"tables: found {unknown}; want some of {sorted(TABLES)}")


def _given(tables: Collection[str] | None, network: object, places: object) -> frozenset[str]:
    """Tables that are known: named by the caller and, for ties and places, at hand."""
    absent = {"ties"} if network is None else set()
    absent |= {"places"} if places is None else set()
    return frozenset(TABLES if tables is None else tables) - absent


def _counts(
    records: pd.DataFrame,
    region_of: pd.Series,
    index: pd.Index,
    kind_weights: Mapping[str, float] | None,
) -> dict[str, pd.Series]:
    kinds = [kind_count(records, region_of, index, kind=kind) for kind in ("firm", "lab", "patent")]
    firms = [
        firm_category_count(records, region_of, index, category=category)
        for category in ("startup", "spinout")
    ]
    amounts = [
        count(records, region_of, index, column=column)
        for column in ("funding_usd", "equity_funding_usd")
        for count in (disclosed_sum, disclosed_count)
    ]
    organisations = (kinds[0] + kinds[1]).rename("institution_count")
    rest = [
        publication_count(records, region_of, index),
        category_count(records, region_of, index),
        activity(records, region_of, index, kind_weights=kind_weights),
    ]
    return {str(s.name): s for s in (*kinds, organisations, *firms, *amounts, *rest)}


def _areas(regions: pd.DataFrame, region_activity: pd.Series) -> dict[str, pd.Series]:
    reach_area = regions["reach_area_km2"].astype("float64")
    density = ratio(100.0 * region_activity, reach_area, name="activity_density_per_100km2")
    return {
        "area_km2": regions["area_km2"].astype("float64"),
        "reach_area_km2": reach_area,
        "activity_density_per_100km2": density,
    }


def _context(
    places: pd.DataFrame | None,
    regions: pd.DataFrame,
    records: pd.DataFrame,
    region_of: pd.Series,
    *,
    reach_km: float,
    gdp_per_head: Mapping[str, float] | None,
) -> dict[str, pd.Series]:
    index = pd.Index(regions.index, name="region_id")
    if places is None:
        missing, text = pd.Series(np.nan, index=index), pd.Series(np.nan, index=index, dtype="str")
        return {
            "population": missing,
            "population_basis": text,
            "gdp_usd": missing,
            "gdp_basis": text,
            "gdp_estimated": pd.Series(False, index=index),
        }
    require_columns(places, PLACE_DTYPES, "places")
    served = serve(places, regions, records, region_of, reach_km=reach_km)
    people = population(places, served, index)
    money = gdp_usd(places, served, index, gdp_per_head=gdp_per_head)
    return {str(name): table[name] for table in (people, money) for name in table}


def _ties(network: TiesByRegion | None, index: pd.Index) -> dict[str, pd.Series]:
    """Columns of the network's table; a region it does not know has no organisation, so no tie."""
    if network is None:
        return {name: pd.Series(np.nan, index=index) for name in TIE_COLUMNS}
    table = network.table.reindex(index)
    absent = ~index.isin(network.table.index)
    table.loc[absent, list(TIE_COLUMNS[:5])] = 0
    if network.table["brokerage"].notna().any():
        table.loc[absent, "brokerage"] = 0
    return {name: table[name].astype("float64") for name in TIE_COLUMNS}


def _ratios(columns: Mapping[str, pd.Series], min_evidence: int) -> dict[str, pd.Series]:
    equity, gdp = columns["equity_funding_usd"], columns["gdp_usd"]
    found = {"equity_funding_to_gdp": ratio(equity, gdp, name="equity_funding_to_gdp")}
    for name, parts in RATIOS.items():
        counted, base = columns[parts.events], columns[parts.exposure] / parts.unit
        cases = counted if parts.exposure in {"gdp_usd", "population"} else base
        interval = wilson_interval if INDICATORS[name].interval == "Wilson" else poisson_interval
        value = ratio(counted, base, name=name)
        flags = evidence(cases.where(value.notna()), min_evidence=min_evidence, name=name)
        found[name] = value
        bounds = interval(counted, base, name=name)
        found |= {str(bound): bounds[bound] for bound in bounds}
        found[str(flags.name)] = flags
    return found


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Columns as the catalogue lists them, each followed by what belongs to it."""
    extras = {"population": ["population_basis"], "gdp_usd": ["gdp_basis", "gdp_estimated"]}
    order: list[str] = []
    for name, indicator in INDICATORS.items():
        ends = ("low", "high", "evidence") if indicator.interval else ()
        order += [name, *extras.get(name, []), *(f"{name}_{end}" for end in ends)]
    return table[order]
