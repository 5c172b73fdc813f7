"""Footprints kept by who is in a region: only what is new is drawn, only what is new is settled.

A footprint depends on the coordinates of the members and on `[delineation]` alone, one that
disputes ground with others on those others too.  Whoever drags a setting meets most of them again.
"""

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, NamedTuple

import numpy as np

from geoclust.delineation.division import Region, groups_of, settled, share_ground
from geoclust.delineation.globe import area_km2
from geoclust.delineation.regions import draw_alone, reach_area
from geoclust.sphere import Ints
from geoclust.study.sections import DelineationSection

KEPT: Final = 8_000
"""Drawn regions that are kept at least."""

KEPT_PAIRS: Final = 400_000

AVERAGED: Final = 10
"""Regions drawn last, from which it is told how long the next takes."""


class Footprint(NamedTuple):
    """A footprint in degrees."""

    token: int
    """Another for every footprint."""
    shape: Any
    area_km2: float


@dataclass(frozen=True, eq=False)
class Alone:
    """A region drawn as if there were no others."""

    region: Region
    footprint: Footprint
    reach_area_km2: float


@dataclass(eq=False)
class Ground:
    """What has been drawn so far."""

    _alone: "OrderedDict[tuple[Any, ...], Alone]" = field(default_factory=OrderedDict)
    _shared: dict[tuple[int, int], bool] = field(default_factory=dict)
    _groups: dict[tuple[int, ...], list[Footprint]] = field(default_factory=dict)
    _others: dict[bytes, Footprint] = field(default_factory=dict)
    _tokens: Any = field(default_factory=count)
    usual_s: float = 0.0
    """Seconds that a region takes to be drawn, the last ones counting most."""

    def known(self, rules: DelineationSection, keys: Ints) -> Alone | None:
        """A region with members at these coordinate keys, if it has been drawn."""
        key = _key(rules, keys)
        found = self._alone.get(key)
        if found is not None:
            self._alone.move_to_end(key)
        return found

    def draw(self, rules: DelineationSection, keys: Ints) -> Alone:
        """Draw such a region."""
        start = time.perf_counter()
        region, area = draw_alone(rules.method, rules.reach_km, rules.margin_km, rules.ratio, keys)
        reach = area if rules.method == "reach" else reach_area(keys, rules.reach_km)
        made = Alone(region, Footprint(next(self._tokens), region.footprint, area), reach)
        self._alone[_key(rules, keys)] = made
        took = time.perf_counter() - start
        self.usual_s += (took - self.usual_s) / AVERAGED if self.usual_s else took
        return made

    def settle(self, drawn: Sequence[Alone], *, disjoint: bool) -> list[Footprint]:
        """Footprints of regions side by side, as `delineate` divides ground between them."""
        found = [one.footprint for one in drawn]
        if disjoint and len(drawn) > 1:
            regions = [one.region for one in drawn]
            for pairs in groups_of(self._overlaps(found), len(drawn)):
                numbers = np.unique(pairs).tolist()
                key = tuple(found[number].token for number in numbers)
                if key not in self._groups:
                    shapes = settled(regions, pairs)
                    self._groups[key] = [
                        Footprint(next(self._tokens), shapes[n], area_km2(shapes[n]))
                        for n in numbers
                    ]
                for number, footprint in zip(numbers, self._groups[key], strict=True):
                    found[number] = footprint
        self._forget(len(drawn))
        return found

    def token_of(self, shape: Any, area_km2: float) -> Footprint:  # noqa: ANN401 - shapely
        """A footprint that was drawn elsewhere; the same token for the same shape."""
        key = shape.wkb
        if key not in self._others:
            self._others[key] = Footprint(next(self._tokens), shape, area_km2)
        return self._others[key]

    def _overlaps(self, footprints: list[Footprint]) -> Ints:
        """Pairs that overlap, lower number first, ascending; shape (n, 2)."""
        import shapely  # noqa: PLC0415 - heavy

        shapes = np.array([one.shape for one in footprints], dtype=object)
        a, b = shapely.STRtree(shapes).query(shapes)
        a, b = a[a < b], b[a < b]
        order = np.lexsort((b, a))
        pairs = np.column_stack([a, b])[order].astype(np.int64)
        tokens = [(footprints[one].token, footprints[other].token) for one, other in pairs.tolist()]
        new = [number for number, key in enumerate(tokens) if key not in self._shared]
        if new:
            one, other = (shapes[pairs[new, side]] for side in (0, 1))
            meet = shapely.intersects(one, other)
            shared = np.zeros(len(new), np.bool_)
            shared[meet] = share_ground(one[meet], other[meet])
            for number, answer in zip(new, shared.tolist(), strict=True):
                self._shared[tokens[number]] = answer
        return np.asarray(pairs[[self._shared[key] for key in tokens]]).reshape(-1, 2)

    def _forget(self, regions: int) -> None:
        """Let go of what was not met for longest."""
        while len(self._alone) > max(KEPT, 3 * regions):
            self._alone.popitem(last=False)
        if len(self._shared) > KEPT_PAIRS or len(self._groups) > KEPT:
            self._shared, self._groups = {}, {}


def _key(rules: DelineationSection, keys: Ints) -> tuple[Any, ...]:
    return rules.method, rules.reach_km, rules.margin_km, rules.ratio, keys.tobytes()
