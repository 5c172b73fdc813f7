"""The costly step: records to a density hierarchy, once per study.

Records become weighted locations (`locations`), these a minimum spanning forest of mutual
reachability (`spanning_tree`, `compiled`), and the forest its components at all levels
(`hierarchy`).  Each step is exact, and none depends on the order of rows.
"""

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geoclust import sphere
from geoclust.clustering.hierarchy import Merges, merge_levels
from geoclust.clustering.locations import Locations, collapse_records, default_resolution
from geoclust.clustering.rules import Rules, is_number, is_whole
from geoclust.clustering.spanning_tree import Forest, spanning_forests
from geoclust.clustering.upstream import check_upstream, fit_upstream
from geoclust.display import card
from geoclust.errors import ParameterError
from geoclust.schema import WEIGHT_UNIT

ENGINES = ("geoclust", "hdbscan")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Which records are joined at which distance; regions are extracted from it cheaply.

    Attributes
    ----------
    locations
        Distinct coordinates with their weights, and the records on them.
    forest
        Exact minimum spanning forest of mutual reachability up to `max_link_km`.
    merges
        The forest's components at all levels.
    min_samples
        Records that must lie within a record's core distance, itself not counted.
    resolution_km
        Distances below it count as it.
    resolution_reason
        Why it is what it is.
    max_link_km
        Nothing longer joins two records.
    kind_weights
        Factor of each kind's weights.
    engine
        Whose tree regions are extracted from: "geoclust" or "hdbscan".
    upstream
        With engine "hdbscan" the fitted `hdbscan.HDBSCAN`, else None.  A clustering's
        `hierarchy.upstream` is fitted as its regions were: `.condensed_tree_.plot()` shows them.
    """

    locations: Locations
    forest: Forest
    merges: Merges
    min_samples: int
    resolution_km: float
    resolution_reason: str
    max_link_km: float
    kind_weights: Mapping[str, float]
    engine: str = ENGINES[0]
    upstream: Any = None

    @property
    def core_km(self) -> pd.Series:
        """Core distance of each record in km; infinite where all records weigh too little."""
        core = self.forest.core[self.locations.records["location"].to_numpy()]
        km = np.where(np.isinf(core), np.inf, sphere.arc_km(core))
        return pd.Series(km, index=self.locations.records.index, name="core_km")

    def save(self, path: str | Path) -> Path:
        """Write the hierarchy to a file, whole or not at all; `load_hierarchy` reads it.

        Parameters
        ----------
        path
            The file; one that exists is replaced.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        from geoclust.clustering.storage import save_hierarchy  # noqa: PLC0415 - it imports us

        return save_hierarchy(self, path)

    def __repr__(self) -> str:
        return (
            f"<Hierarchy: {len(self.locations.records):,} records on {len(self.locations):,} "
            f"locations, {len(self.forest.a):,} links up to {self.max_link_km:g} km; "
            f"min_samples {self.min_samples}, resolution {self.resolution_km:g} km "
            f"({self.resolution_reason})>"
        )

    def _repr_html_(self) -> str:
        facts = {
            "records": len(self.locations.records),
            "locations": len(self.locations),
            "links": len(self.forest.a),
            "none longer than": f"{self.max_link_km:g} km",
            "min_samples": self.min_samples,
            "resolution": f"{self.resolution_km:g} km",
        }
        remarks = [f"Resolution: {self.resolution_reason}."]
        return card("Hierarchy", facts=facts, remarks=remarks)


def build_hierarchy(
    records: pd.DataFrame,
    *,
    min_samples: int = 5,
    resolution_km: float | None = None,
    max_link_km: float = 100.0,
    kind_weights: Mapping[str, float] | None = None,
    engine: str = "geoclust",
) -> Hierarchy:
    """Join records by mutual reachability on the sphere, exactly, up to `max_link_km`.

    The result depends on nothing but the records as a set: not on the order of rows, the number
    of threads or the choice among equal distances.

    Parameters
    ----------
    records
        Index of record ids; columns `kind`, `longitude`, `latitude` (degrees, WGS84); `weight`,
        `country` and `precision` where known.  See `geoclust.as_records`.
    min_samples
        Weight that must lie within a record's core distance, one record not counted: as in
        `hdbscan`, one less than in scikit-learn.  The default 5 asks for six organisations close
        by before a place counts as dense: fewer let two or three neighbours found a region, many
        more drown small university towns.
    resolution_km
        How exact the coordinates are; shorter distances count as it.  By default 5 where more
        than half the weight has precision city, region or unknown, 1 for postcode, else 0.1.
    max_link_km
        Nothing longer joins two records, and every group that remains is a candidate region
        born at this length.  100 km is what a long commute or a day's meeting spans.
        `math.inf` is classic HDBSCAN.
    kind_weights
        Factor on the weights of each kind, such as ``{"patent": 0.1}``; 1 where not named.
    engine
        "geoclust", or "hdbscan" for the upstream package, for comparison.

    Returns
    -------
    Hierarchy
        The forest and what it was built from; regions are extracted from it.

    Raises
    ------
    ParameterError
        If a parameter is outside its range.
    SchemaError
        If the records lack a column or hold an impossible value.

    References
    ----------
    Campello et al. (2015), ACM TKDD 10(1); mutual reachability: definition 4.

    Examples
    --------
    >>> rows = {"kind": "firm", "longitude": [0.1] * 12, "latitude": [52.2] * 12}
    >>> hierarchy = build_hierarchy(pd.DataFrame(rows))
    >>> hierarchy.resolution_km, hierarchy.resolution_reason
    (5.0, '100 % of the weight has precision city, region or unknown')
    """
    built = build_hierarchies(
        records,
        min_samples=[min_samples],
        resolution_km=resolution_km,
        max_link_km=max_link_km,
        kind_weights=kind_weights,
        engine=engine,
    )
    return built[int(min_samples)]


def build_hierarchies(
    records: pd.DataFrame,
    *,
    min_samples: Sequence[int] = (3, 5, 10),
    resolution_km: float | None = None,
    max_link_km: float = 100.0,
    kind_weights: Mapping[str, float] | None = None,
    engine: str = "geoclust",
) -> dict[int, Hierarchy]:
    """Build one hierarchy per `min_samples`, from one collapse and one neighbour search.

    Parameters
    ----------
    records, resolution_km, max_link_km, kind_weights, engine
        As for `build_hierarchy`.
    min_samples
        The values to build for, at least one.

    Returns
    -------
    dict
        By `min_samples`, in the order given; regions extracted from each are those of
        `build_hierarchy` with that value.

    Raises
    ------
    ParameterError, SchemaError
        As by `build_hierarchy`.

    Examples
    --------
    >>> rows = {"kind": "firm", "longitude": [0.1] * 12, "latitude": [52.2] * 12}
    >>> list(build_hierarchies(pd.DataFrame(rows), min_samples=[3, 10]))
    [3, 10]
    """
    return grow_hierarchies(
        forests_up_to,
        records,
        min_samples=min_samples,
        resolution_km=resolution_km,
        max_link_km=max_link_km,
        kind_weights=kind_weights,
        engine=engine,
    )


def grow_hierarchies(
    grow: Callable[[Locations, Sequence[int], float], Sequence[Forest]],
    records: pd.DataFrame,
    *,
    min_samples: Sequence[int],
    resolution_km: float | None,
    max_link_km: float,
    kind_weights: Mapping[str, float] | None,
    engine: str = "geoclust",
) -> dict[int, Hierarchy]:
    """Build hierarchies from forests that `grow` finds, here or elsewhere.

    Parameters
    ----------
    grow
        `forests_up_to`, or another way to the same forests.
    records, min_samples, resolution_km, max_link_km, kind_weights, engine
        As for `build_hierarchies`.
    """
    wanted = list(min_samples)
    if not wanted:
        raise ParameterError("min_samples names no value: give at least one, such as (3, 5, 10)")
    for value in wanted:
        _check(value, resolution_km, max_link_km, engine)
    start = time.perf_counter()
    locations = collapse_records(records, kind_weights=kind_weights)
    _log.info("%r in %.3f s", locations, time.perf_counter() - start)
    floor_km, reason = _resolution(records, locations, resolution_km, max_link_km)
    forests = grow(locations, wanted, max_link_km)
    return {
        int(value): Hierarchy(
            locations=locations,
            forest=forest,
            merges=merge_levels(forest, locations.weight, floor=floor_squared(floor_km)),
            min_samples=int(value),
            resolution_km=floor_km,
            resolution_reason=reason,
            max_link_km=float(max_link_km),
            kind_weights=dict(kind_weights or {}),
            engine=engine,
            upstream=_upstream(locations, value, max_link_km) if engine == "hdbscan" else None,
        )
        for value, forest in zip(wanted, forests, strict=True)
    }


def _resolution(
    records: pd.DataFrame, locations: Locations, given_km: float | None, max_link_km: float
) -> tuple[float, str]:
    """Resolution in km and why; below the longest link."""
    floor_km, reason = (
        default_resolution(records, locations.records["weight"].to_numpy())
        if given_km is None
        else (float(given_km), "as given")
    )
    check_lengths(floor_km, max_link_km, reason)
    return floor_km, reason


def check_lengths(resolution_km: float, max_link_km: float, reason: str = "as given") -> None:
    """Refuse a resolution that is not below the longest link.

    Examples
    --------
    >>> check_lengths(5.0, 100.0)
    """
    if resolution_km >= max_link_km:
        raise ParameterError(
            f"max_link_km is {max_link_km:g} and must be above resolution_km, {resolution_km:g} "
            f"({reason}): raise the one or set the other lower"
        )


def _upstream(locations: Locations, min_samples: int, max_link_km: float) -> Any:  # noqa: ANN401
    """Return the upstream package's object fitted with default rules."""
    check_upstream(locations, max_link_km)
    return fit_upstream(locations, min_samples, Rules())


def forests_up_to(
    locations: Locations, min_samples: Sequence[int], max_link_km: float
) -> list[Forest]:
    """Minimum spanning forests of locations, one per `min_samples`, up to a length in km."""
    start = time.perf_counter()
    forests = spanning_forests(
        locations.positions,
        locations.weight,
        needs=[(int(value) + 1) * WEIGHT_UNIT for value in min_samples],
        longest=longest_squared(max_link_km),
    )
    links = ", ".join(str(len(forest.a)) for forest in forests)
    _log.info("forest of %s links in %.3f s", links, time.perf_counter() - start)
    return forests


def longest_squared(max_link_km: float) -> float:
    """Squared chord of the longest link in grid steps.

    Examples
    --------
    >>> longest_squared(math.inf) == (2 * sphere.RADIUS) ** 2
    True
    """
    return float(sphere.chord_squared(max_link_km))


def floor_squared(resolution_km: float) -> float:
    """Squared chord of the resolution in grid steps, a whole number of at least 1.

    Examples
    --------
    >>> floor_squared(0.001)
    16.0
    """
    return max(1.0, float(np.rint(sphere.chord_squared(resolution_km))))


def _check(min_samples: int, resolution_km: float | None, max_link_km: float, engine: str) -> None:
    if not (is_whole(min_samples) and min_samples >= 1):
        raise ParameterError(
            f"min_samples is {min_samples!r}; it must be a whole number of at least 1: "
            "the records close by that make a place dense"
        )
    floor = 1.0 if resolution_km is None else resolution_km
    if not (is_number(floor) and 0 < floor < math.inf):
        raise ParameterError(
            f"resolution_km is {resolution_km!r}; it must be positive and finite: how exact "
            "the coordinates are, or None to judge by their precision"
        )
    if not (is_number(max_link_km) and max_link_km > 0):
        raise ParameterError(
            f"max_link_km is {max_link_km!r}; it must be positive: the longest distance in km "
            "that may join two records, or math.inf"
        )
    if engine not in ENGINES:
        raise ParameterError(f"engine is {engine!r}; it must be one of {ENGINES}")
