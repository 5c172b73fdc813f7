"""Indicators of the regions of a draw."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoclust.delineation import delineate
from geoclust.indicators import measure
from geoclust.network import build_network
from geoclust.robustness.changing import Change
from geoclust.robustness.resampling import repeated, repeated_ties
from geoclust.schema import Records, Regions
from geoclust.sphere import Ints

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


def gauge(chain: "Chain", drawn: Drawn, change: Change) -> pd.DataFrame:
    """Everything measured, one row per region of the draw, in the order of their numbers."""
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
        network=build_network(ties, region_of, rows),
        places=chain.places,
        tables=chain.tables,
        kind_weights=chain.config.clustering.kind_weights.model_dump(),
        reach_km=change.reach_km,
        min_evidence=chain.config.indicators.min_evidence,
        gdp_per_head=chain.config.indicators.gdp_per_head,
    )
    return table.reindex(list(drawn.names))
