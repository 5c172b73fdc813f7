"""What the page draws of the bench, and of that only what has changed since it was last told.

A scene is plain values: what was found of each region, its verdict, what became of it against the
study, and the footprints that can be seen.  Coordinates are those of the report's page: whole
steps, differences, thinned.
"""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from geoclust.explorer.bench import Bench
from geoclust.explorer.fates import fates_of
from geoclust.explorer.ground import Footprint
from geoclust.explorer.places import TILE
from geoclust.explorer.sketch import Sketch
from geoclust.report.payload import STEP, footprint_shapes
from geoclust.schema import STATUSES
from geoclust.sphere import Floats

FOUND: Final = (
    "id",
    "name",
    "country",
    "x",
    "y",
    "weight",
    "records",
    "persistence",
    "birth_km",
    "extent_km",
)
"""What a region is as soon as it is found; x and y in whole steps."""

JUDGED: Final = ("id", "status", "rank", "density", "capability", "area_km2", "fates")
"""What is known of it in the end."""

LEAST_PIXELS: Final = 8.0
"""Smaller footprints lie under the region's dot: they are drawn once a reader is nearer."""

MOST_SHAPES: Final = 20_000
"""Shapes kept as the page draws them."""

MOST_NAMED: Final = 12
"""Regions named by fate; the others are counted."""

EQUATOR_KM: Final = 40_075.0


@dataclass(frozen=True)
class View:
    """What a page shows of the globe."""

    longitude: float
    latitude: float
    """Of its middle."""
    width: float
    height: float
    """Degrees."""
    zoom: float

    @classmethod
    def of(cls, asked: object) -> Self | None:
        """From what a page says: west, south, east, north, zoom; None if it says nothing."""
        if not isinstance(asked, list) or len(asked) != 5:  # noqa: PLR2004 - four sides and the zoom
            return None
        west, south, east, north, zoom = (float(one) for one in asked)
        if not np.isfinite([west, south, east, north, zoom]).all():
            return None
        middle = ((west + east) / 2, (south + north) / 2)
        return cls(*middle, min(east - west, 360.0), north - south, zoom)

    def shows(self, longitude: Floats, latitude: Floats, size_km: Floats) -> Any:  # noqa: ANN401
        """Whether footprints of this breadth can be seen, and are large enough to be."""
        upright = np.maximum(np.cos(np.radians(latitude)), 0.05)
        pixels = size_km * TILE * 2.0**self.zoom / (EQUATOR_KM * upright)
        degrees = size_km / 111.0
        aside = np.abs((longitude - self.longitude + 540.0) % 360.0 - 180.0)
        within = aside <= self.width / 2 + degrees / upright
        within &= np.abs(latitude - self.latitude) <= self.height / 2 + degrees
        return within & (pixels >= LEAST_PIXELS)


class Scene:
    """A bench as its page sees it; remembers what the page has been told."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.view: View | None = None
        self._shapes: dict[int, dict[str, Any]] = {}
        self.forget()

    def forget(self) -> None:
        """Tell everything next time: the page is new."""
        self._found: dict[str, list[Any]] = {}
        self._judged: dict[str, list[Any]] = {}
        self._drawn: dict[str, int] = {}

    def patch(self, seconds: float = np.inf, *, grace: float = np.inf) -> dict[str, Any]:
        """What has changed since the last patch.

        Parameters
        ----------
        seconds
            How long to draw footprints, those in view first.
        grace
            How long those out of view may hold up the others.

        Returns
        -------
        dict
            `found` and, once all is drawn, `judged` (rows of `FOUND` and `JUDGED`, only those that
            differ from what was told), `gone` (ids), `shapes` and `stale` (ids whose shape holds
            no more), `counts`, `fates` (by what became of regions against the study, the first of
            them) and `fate_counts`, `values` (of the sliders), `changed` (names of the settings
            that are not the study's), `seen` (whether all that is in view is drawn) and `done`.
        """
        sketch = self.bench.sketch()
        seen = self.seen(sketch)
        done = sketch.work(seconds, first=seen, grace=grace)
        found = _found_rows(sketch)
        gone = [name for name in self._found if name not in found]
        told = [row for name, row in found.items() if self._found.get(name) != row]
        self._found = found
        patch = {
            "found": told,
            "gone": gone,
            **self._shapes_of(sketch, seen),
            "counts": _counts(sketch),
            "values": self.values(),
            "changed": list(self.bench.changes),
            "seen": all(sketch.alone[number] is not None for number in seen) or done,
            "done": done,
        }
        return patch | self._verdicts(sketch) if done else patch

    def looked(self, seconds: float = np.inf) -> dict[str, Any]:
        """Footprints that have come into view."""
        sketch = self.bench.sketch()
        seen = self.seen(sketch)
        sketch.work(seconds, first=seen)
        return self._shapes_of(sketch, seen)

    def values(self) -> dict[str, float]:
        """Where the sliders stand."""
        changed = self.bench.changes
        return {
            one.name: changed[one.name][1] if one.name in changed else one.value
            for one in self.bench.controls
        }

    def seen(self, sketch: Sketch) -> list[int]:
        """Numbers of the regions whose footprint can be seen, heaviest first."""
        if self.view is None:
            return list(range(len(sketch.regions)))
        regions = sketch.regions
        size_km = regions["extent_km"].to_numpy() + 2 * sketch.reach_km
        x, y = (regions[name].to_numpy() for name in ("longitude", "latitude"))
        seen: list[int] = np.flatnonzero(self.view.shows(x, y, size_km)).tolist()
        return seen

    def _shapes_of(self, sketch: Sketch, seen: list[int]) -> dict[str, Any]:
        """Shapes in view that the page does not have, and those it has that hold no more."""
        names = sketch.regions.index.tolist()
        at = {name: number for number, name in enumerate(names)}
        now = {name: sketch.footprint(at[name]) for name in self._drawn if name in at}
        self._drawn = {
            name: token
            for name, token in self._drawn.items()
            if name in now and (now[name] is None or now[name].token == token)  # type: ignore[union-attr]
        }
        stale = [name for name, one in now.items() if name not in self._drawn or one is None]
        self._drawn = {name: token for name, token in self._drawn.items() if name not in set(stale)}
        known = [(names[n], one) for n in seen if (one := sketch.footprint(n)) is not None]
        new = [(name, one) for name, one in known if self._drawn.get(name) != one.token]
        self._drawn |= {name: one.token for name, one in new}
        shapes = self._as_drawn([one for _, one in new])
        told = {name: shape for (name, _), shape in zip(new, shapes, strict=True)}
        return {"shapes": told, "stale": [name for name in stale if name not in told]}

    def _as_drawn(self, footprints: list[Footprint]) -> list[dict[str, Any]]:
        if len(self._shapes) > MOST_SHAPES:
            self._shapes = {}
        new = [one for one in footprints if one.token not in self._shapes]
        shapes = footprint_shapes([one.shape for one in new]) if new else []
        self._shapes |= {one.token: shape for one, shape in zip(new, shapes, strict=True)}
        return [self._shapes[one.token] for one in footprints]

    def _verdicts(self, sketch: Sketch) -> dict[str, Any]:
        """Rows of verdicts that the page does not have, and what became of the study's regions."""
        self.bench.origin.work()
        fates, marks = fates_of(self.bench.origin, sketch)
        judged = _judged_rows(sketch, marks)
        told = [row for name, row in judged.items() if self._judged.get(name) != row]
        self._judged = judged
        return {
            "judged": told,
            "fates": {fate: names[:MOST_NAMED] for fate, names in fates.items()},
            "fate_counts": {fate: len(names) for fate, names in fates.items()},
        }


def _found_rows(sketch: Sketch) -> dict[str, list[Any]]:
    """Rows of `FOUND` by id, heaviest first."""
    regions = sketch.regions
    columns: list[list[Any]] = [regions.index.tolist()]
    columns += [regions[name].fillna("").tolist() for name in ("name", "country")]
    columns += [
        np.rint(regions[name].to_numpy() / STEP).astype(np.int64).tolist()
        for name in ("longitude", "latitude")
    ]
    columns += [_short(regions["weight"].to_numpy()), regions["record_count"].tolist()]
    columns += [_short(regions[name].to_numpy()) for name in FOUND[7:]]
    return {str(row[0]): list(row) for row in zip(*columns, strict=True)}


def _judged_rows(sketch: Sketch, marks: dict[str, list[str]]) -> dict[str, list[Any]]:
    """Rows of `JUDGED` by id."""
    verdicts = sketch.verdicts
    assert verdicts is not None
    names = sketch.regions.index.tolist()
    judged = verdicts.judged.loc[names]
    columns = (
        names,
        judged["status"].tolist(),
        verdicts.rank_label,
        _short(judged["activity_density_per_100km2"].to_numpy()),
        _short(judged["capability"].to_numpy()),
        _short(np.array([one.area_km2 for one in verdicts.footprints], dtype=np.float64)),
        [marks.get(name, []) for name in names],
    )
    return {str(row[0]): list(row) for row in zip(*columns, strict=True)}


def _counts(sketch: Sketch) -> dict[str, int]:
    """Regions and records in none; by status once they are judged."""
    counts = {
        "regions": len(sketch.regions),
        "noise": int((sketch.label < 0).sum()),
        "records": len(sketch.label),
    }
    if sketch.verdicts is None:
        return counts
    status = sketch.verdicts.judged["status"].value_counts()
    return counts | {name: int(status.get(name, 0)) for name in STATUSES}


def _short(values: Floats) -> list[float | None]:
    """Six significant digits; None where missing."""
    return [
        float(f"{value:.6g}") if known else None
        for value, known in zip(values.tolist(), np.isfinite(values).tolist(), strict=True)
    ]
