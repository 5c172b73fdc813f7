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
    publication_count,
)
from geoclust.indicators.measuring import measure
from geoclust.indicators.ratios import evidence, poisson_interval, ratio, wilson_interval
from geoclust.indicators.shrinking import empirical_bayes, shrink

__all__ = [
    "INDICATORS",
    "Indicator",
    "activity",
    "category_count",
    "disclosed_count",
    "disclosed_sum",
    "empirical_bayes",
    "evidence",
    "firm_category_count",
    "gdp_usd",
    "kind_count",
    "measure",
    "poisson_interval",
    "population",
    "publication_count",
    "ratio",
    "serve",
    "shrink",
    "wilson_interval",
]
