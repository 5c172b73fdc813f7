"""The costly step beyond one machine: the same hierarchy, its forest grown tile by tile."""

import logging
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from geoclust import sphere
from geoclust.clustering.build import Hierarchy, grow_hierarchies, longest_squared
from geoclust.clustering.distributed import job_runner
from geoclust.clustering.locations import Locations
from geoclust.clustering.rules import is_number
from geoclust.clustering.spanning_tree import Forest
from geoclust.clustering.tiles import GRID_SIDE, MOST_OWN, Runner, tiled_forest
from geoclust.errors import ParameterError
from geoclust.schema import WEIGHT_UNIT

LEAST_OWN, WANTED_TILES = 20_000, 16
"""Tiles are sized to be about this many, but none split below so many locations."""

_log = logging.getLogger(__name__)


def build_hierarchy_tiled(
    records: pd.DataFrame,
    *,
    min_samples: int = 5,
    resolution_km: float | None = None,
    max_link_km: float = 100.0,
    kind_weights: Mapping[str, float] | None = None,
    tile_km: float | None = None,
    scheduler: Any = None,  # noqa: ANN401 - dask has no types
) -> Hierarchy:
    """Build the hierarchy of `build_hierarchy` from overlapping tiles, here or on a Dask cluster.

    Lengths, core distances, regions and scores equal those of `build_hierarchy` to the last bit;
    `clustering/tiles.py` proves it.  Tiles whose worker dies are run again.  On one machine this
    is slower: it is for inputs whose forest no one machine should grow.

    Parameters
    ----------
    records, min_samples, resolution_km, max_link_km, kind_weights
        As for `build_hierarchy`; `max_link_km` must be finite, since tiles overlap by twice it.
    tile_km
        Greatest side of a tile in km, at least `max_link_km`; by default only the number of
        locations splits tiles.
    scheduler
        Address of a running Dask scheduler, such as "tcp://127.0.0.1:8786", or a client of one;
        its machines have this version of geoclust.  None: tile after tile in this process.

    Returns
    -------
    Hierarchy
        As from `build_hierarchy`.

    Raises
    ------
    ParameterError
        If a parameter is outside its range, or Dask is not installed.
    SchedulerError
        If the cluster cannot be reached, has no workers, or is lost.
    SchemaError
        If the records lack a column or hold an impossible value.

    Examples
    --------
    >>> rows = {"kind": "firm", "longitude": [0.1] * 12, "latitude": [52.2] * 12}
    >>> build_hierarchy_tiled(pd.DataFrame(rows), resolution_km=1)
    <Hierarchy: 12 records on 1 locations, 0 links up to 100 km; min_samples 5, \
resolution 1 km (as given)>
    """
    _check(max_link_km, tile_km)
    with job_runner(scheduler) as run:
        built = grow_hierarchies(
            partial(_grow, tile_km=tile_km, run=run),
            records,
            min_samples=[min_samples],
            resolution_km=resolution_km,
            max_link_km=max_link_km,
            kind_weights=kind_weights,
        )
    return built[int(min_samples)]


def _check(max_link_km: float, tile_km: float | None) -> None:
    if not (is_number(max_link_km) and 0 < max_link_km < np.inf):
        raise ParameterError(
            f"max_link_km is {max_link_km!r}; tiles overlap by twice the longest link, so it must "
            "be positive and finite: 100 is the default; without a limit use build_hierarchy"
        )
    if tile_km is not None and not (is_number(tile_km) and tile_km >= max_link_km):
        raise ParameterError(
            f"tile_km is {tile_km!r}; it must be at least max_link_km, {max_link_km:g}, or "
            "neighbouring tiles would share most of their locations; None goes by their number"
        )


def _grow(
    locations: Locations,
    min_samples: Sequence[int],
    max_link_km: float,
    *,
    tile_km: float | None,
    run: Runner,
) -> list[Forest]:
    """Minimum spanning forests of locations up to a length in km, per `min_samples`."""
    start = time.perf_counter()
    forests = [
        tiled_forest(
            locations.positions,
            locations.weight,
            need=(int(value) + 1) * WEIGHT_UNIT,
            longest=longest_squared(max_link_km),
            largest=GRID_SIDE if tile_km is None else tile_km * sphere.RADIUS / sphere.RADIUS_KM,
            most=min(max(LEAST_OWN, len(locations) // WANTED_TILES), MOST_OWN),
            run=run,
        )
        for value in min_samples
    ]
    links = sum(len(forest.a) for forest in forests)
    _log.info("forests of %d links from tiles in %.3f s", links, time.perf_counter() - start)
    return forests
