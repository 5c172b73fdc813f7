"""Places given to regions again and again: what a footprint holds and is near to is kept.

For whoever tries many settings on one study: most footprints stay as they are.
"""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geoclust.indicators.context import near_footprint, serve
from geoclust.sphere import Floats, Ints

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from shapely import Geometry

KEPT: Final = 50_000
"""Footprints remembered before all are forgotten."""


class Serving:
    """The places of a study, and the footprints seen so far.

    Parameters
    ----------
    places
        Columns name, longitude, latitude (degrees).

    Examples
    --------
    >>> import shapely
    >>> places = pd.DataFrame({"name": ["A", "B"], "longitude": [0.5, 9], "latitude": [0.5, 9]})
    >>> square = shapely.box(0, 0, 1, 1)
    >>> Serving(places).served([square], ["square"], ["x"], reach_km=10.0).tolist()
    [0, -1]
    """

    def __init__(self, places: pd.DataFrame) -> None:
        import shapely  # noqa: PLC0415 - heavy

        order = places.reset_index(drop=True).sort_values(["longitude", "latitude", "name"]).index
        self._order = order.to_numpy(dtype=np.int64)
        self._x = places["longitude"].to_numpy(dtype=np.float64)[self._order]
        self._y = places["latitude"].to_numpy(dtype=np.float64)[self._order]
        self._tree = shapely.STRtree(shapely.points(self._x, self._y))
        self._inside: dict[Hashable, Ints] = {}
        self._near: dict[tuple[float, Hashable], tuple[Ints, Floats]] = {}

    def served(
        self,
        footprints: "Sequence[Geometry]",
        keys: "Sequence[Hashable]",
        names: "Sequence[str]",
        *,
        reach_km: float,
    ) -> Ints | None:
        """Number of the region that each place serves, -1 for none: what `serve` finds.

        None where a place lies in several footprints: then it takes the members to say.

        Parameters
        ----------
        footprints
            In degrees.
        keys
            Of the footprints: equal for equal ones.
        names
            Ids of the regions.
        reach_km
            As `serve`.
        """
        self._learn(footprints, keys)
        held = [self._inside[key] for key in keys]
        taken = np.concatenate([np.zeros(0, np.int64), *held])
        if len(np.unique(taken)) < len(taken):
            return None
        label = np.full(len(self._x), -1, dtype=np.int64)
        for number, places in enumerate(held):
            label[places] = number
        waiting = sorted((names[n], n) for n, places in enumerate(held) if not len(places))
        self._offer([n for _, n in waiting], footprints, keys, label, reach_km)
        found = np.empty_like(label)
        found[self._order] = label
        return found

    def _learn(self, footprints: "Sequence[Geometry]", keys: "Sequence[Hashable]") -> None:
        """Which places lie in footprints not seen before."""
        if len(self._inside) + len(self._near) > KEPT:
            self._inside, self._near = {}, {}
        new = [number for number, key in enumerate(keys) if key not in self._inside]
        if not new:
            return
        shapes = np.array([footprints[number] for number in new], dtype=object)
        shape, place = self._tree.query(shapes, predicate="intersects")
        order = np.lexsort((place, shape))
        ends = np.searchsorted(shape[order], np.arange(len(new) + 1))
        for at, number in enumerate(new):
            self._inside[keys[number]] = place[order][ends[at] : ends[at + 1]].astype(np.int64)

    def _offer(  # noqa: PLR0917 - what is offered to whom
        self,
        waiting: list[int],
        footprints: "Sequence[Geometry]",
        keys: "Sequence[Hashable]",
        label: Ints,
        reach_km: float,
    ) -> None:
        """Give the nearest free place within reach to each region that has none, nearest first."""
        offers: list[tuple[float, int, int, int]] = []
        free = label < 0
        for order, number in enumerate(waiting):
            key = reach_km, keys[number]
            if key not in self._near:
                self._near[key] = near_footprint(footprints[number], self._x, self._y, reach_km)
            places, km = self._near[key]
            offers += [
                (distance, order, place, number)
                for place, distance in zip(places.tolist(), km.tolist(), strict=True)
                if free[place]
            ]
        settled: set[int] = set()
        for _, _, place, number in sorted(offers):
            if number not in settled and label[place] < 0:
                label[place] = number
                settled.add(number)


def served_by_members(
    places: pd.DataFrame,
    regions: pd.DataFrame,
    records: pd.DataFrame,
    region_of: pd.Series,
    *,
    reach_km: float,
) -> Ints:
    """The same where footprints overlap, by `serve` itself."""
    found = serve(places, regions, records, region_of, reach_km=reach_km)["region_id"]
    return regions.index.get_indexer(pd.Index(found)).astype(np.int64)
