"""Indicators of the regions of a draw."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoclust.delineation import delineate
from geoclust.indicators import measure
from geoclust.network import build_network
from geoclust.robustness.changing import Change
from geoclust.robustness.quick import DENSITY, QUICK, quick_gauge
from geoclust.robustness.resampling import repeated, repeated_ties
from geoclust.schema import Records, Regions
from geoclust.sphere import Floats, Ints

if TYPE_CHECKING:
    from geoclust.robustness.chain import Chain


@dataclass(frozen=True, eq=False)
class Drawn:
    """The records of a draw and their regions."""

    placed: pd.DataFrame
    """Every record of the study, where the draw puts it."""
    copies: Ints
    """How often the draw has it."""
    label: Ints
    """Number of its region; -1 for none."""
    names: tuple[str, ...]
    """Ids of the regions, by number."""


@dataclass(eq=False)
class Ground:
    """A draw up to its regions, and what has been measured of them so far."""

    drawn: Drawn
    home: Ints
    """Region of the study that each region is; -1 for a new one."""
    km: Floats
    """How far each record was moved."""
    skipped: int = 0
    """Edits that do not match the draw's regions."""
    _table: pd.DataFrame | None = None

    def measured(self, chain: "Chain", change: Change) -> pd.DataFrame:
        """What a change's judging and ranking need, one row per region, by number."""
        wanted = {spec.name for spec in change.framework.indicators}
        wanted |= {criterion.indicator for criterion in change.thresholds.criteria}
        wanted |= {DENSITY}
        known = set() if self._table is None else set(self._table.columns.astype("str"))
        if self._table is None or not wanted <= known:
            wanted |= known
            self._table = gauge(chain, self.drawn, change, frozenset(wanted))
        return self._table


def gauge(chain: "Chain", drawn: Drawn, change: Change, wanted: frozenset[str]) -> pd.DataFrame:
    """The columns wanted (or more), one row per region of the draw, by number."""
    betweenness = chain.config.network.brokerage == "betweenness"
    quick = QUICK if betweenness else QUICK - {"brokerage"}
    if wanted <= quick and not chain.config.indicators.shrinkage:
        return quick_gauge(chain, drawn, change, wanted)
    return full_gauge(chain, drawn, change)


def full_gauge(chain: "Chain", drawn: Drawn, change: Change) -> pd.DataFrame:
    """Everything measured, by the rooms themselves, on a row for each copy of a record."""
    of_label = np.array([*drawn.names, np.nan], dtype=object)
    rows = Records(repeated(drawn.placed, drawn.copies))
    region = np.repeat(of_label[drawn.label], drawn.copies)
    region_of = pd.Series(region, index=rows.index, dtype="str", name="region_id")
    drawing = chain.config.delineation.model_dump() | {"reach_km": change.reach_km}
    regions = Regions(delineate(rows, region_of, **drawing))
    ties = repeated_ties(chain.ties, chain.ends, chain.records.index, drawn.copies)
    table = measure(
        rows,
        region_of,
        regions,
        network=build_network(
            ties, region_of, rows, brokerage_measure=chain.config.network.brokerage
        ),
        places=chain.places,
        tables=chain.tables,
        kind_weights=chain.config.clustering.kind_weights.model_dump(),
        reach_km=change.reach_km,
        min_evidence=chain.config.indicators.min_evidence,
        shrinkage=chain.config.indicators.shrinkage,
        gdp_per_head=chain.config.indicators.gdp_per_head,
    )
    return table.reindex(list(drawn.names))
