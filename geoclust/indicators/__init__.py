"""Records, footprints, ties and places -> one row of indicators per region.

Each indicator is one small pure function: tables in, a `Series` out, indexed by `region_id`.
`measure` computes them all; `INDICATORS` describes them.
"""

from geoclust.catalogue import INDICATORS, Indicator
from geoclust.indicators.context import gdp_usd, population, serve
from geoclust.indicators.counts import (
    activity,
    category_count,
    disclosed_count,
    disclosed_sum,
    firm_category_count,
    kind_count,
)
from geoclust.indicators.measuring import measure
from geoclust.indicators.ratios import evidence, poisson_interval, ratio, wilson_interval

__all__ = [
    "INDICATORS",
    "Indicator",
    "activity",
    "category_count",
    "disclosed_count",
    "disclosed_sum",
    "evidence",
    "firm_category_count",
    "gdp_usd",
    "kind_count",
    "measure",
    "poisson_interval",
    "population",
    "ratio",
    "serve",
    "wilson_interval",
]
