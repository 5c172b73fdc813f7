"""Static maps: regions by status, and the network of regions."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from geoclust.report.drawing import COLOURS, LAND, MARKERS, WORDS, new_figure
from geoclust.report.payload import outlines
from geoclust.report.ties import drawn_ties

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from geoclust.study import Study
TIE: Final = "#5a3d8a"
Window = tuple[float, float, float, float]
"""West, south, east, north in degrees; east may be beyond 180."""


def draw_map(study: "Study") -> "Figure":
    """Regions by status on country outlines; size tells weight.

    A world is drawn in the Equal Earth projection, anything smaller in longitude and latitude,
    scaled at its middle, with the footprints.
    """
    west, _, east, _ = window = _window(study)
    world = east - west >= 360  # noqa: PLR2004 - degrees
    project = _equal_earth() if world else _plain
    figure, axes, squeeze = _sheet(window, project, world=world)
    for status in ("none", "quasi-cluster", "cluster"):
        chosen = study.regions[study.classification.status.reindex(study.regions.index) == status]
        if not world:
            _draw_footprints(axes, chosen, status, west)
        at = project(_shifted(chosen[["longitude", "latitude"]].to_numpy(), west))
        _draw_symbols(axes, status, at, chosen["weight"] / study.regions["weight"].max())
    axes.set_aspect(1 / squeeze)
    if axes.get_legend_handles_labels()[0]:
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return figure


def sheet(window: tuple[float, float, float, float]) -> "tuple[Figure, Axes, float]":
    """A figure with the land of a window, and how far its longitudes are squeezed."""
    world = _is_world(window)
    return _sheet(window, _equal_earth() if world else _plain, world=world)


def spread(points: Any, window: tuple[float, float, float, float]) -> Any:  # noqa: ANN401
    """Longitudes and latitudes where they stand on the sheet of a window."""
    project = _equal_earth() if _is_world(window) else _plain
    return project(_shifted(points, window[0]))


def _is_world(window: tuple[float, float, float, float]) -> bool:
    return window[2] - window[0] >= 360  # noqa: PLR2004 - degrees


def draw_outlines(
    axes: "Axes",
    regions: "pd.DataFrame",
    tint: str,
    window: tuple[float, float, float, float],
    *,
    dashes: Any = "-",  # noqa: ANN401 - as matplotlib takes them
) -> None:
    """The outlines of footprints on the sheet of a window."""
    import shapely  # noqa: PLC0415 - heavy
    from matplotlib.collections import LineCollection  # noqa: PLC0415 - heavy

    lines = []
    for part in shapely.get_parts(np.asarray(regions["geometry"])):
        shift = 360 if part.bounds[2] < window[0] else 0
        rings = (part.exterior, *part.interiors)
        lines += [spread(np.asarray(one.coords)[:, :2] + (shift, 0), window) for one in rings]
    axes.add_collection(
        LineCollection(lines, colors=tint, linewidths=0.9, linestyles=[dashes], alpha=0.9)
    )


def _sheet(
    window: Window, project: Callable[[Any], Any], *, world: bool
) -> "tuple[Figure, Axes, float]":
    """A figure with the land of a window, and how far its longitudes are squeezed."""
    shape, squeeze = _shape(window, project, world=world)
    figure, axes = new_figure(10, 10 * shape + 0.5)
    _lay_ground(axes, window, project)
    return figure, axes, squeeze


def _shape(window: Window, project: Callable[[Any], Any], *, world: bool) -> tuple[float, float]:
    """Height of a window for a width of 1, and how far its longitudes are squeezed."""
    _, south, _, north = window
    (left, right), (bottom, top) = _edges(window, project)
    squeeze = 1.0 if world else max(0.3, float(np.cos(np.radians((south + north) / 2))))
    return float(np.clip((top - bottom) / (right - left) / squeeze, 0.35, 1.1)), squeeze


def _lay_ground(axes: "Axes", window: Window, project: Callable[[Any], Any]) -> None:
    (left, right), (bottom, top) = _edges(window, project)
    _draw_ground(axes, project, across=window[2] > 180)  # noqa: PLR2004 - degrees
    axes.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


@dataclass(frozen=True)
class Ground:
    """Where the regions of a study lie, for many small maps of the same ground."""

    window: Window
    project: Callable[[Any], Any]
    shape: float
    """Height of a map for a width of 1."""
    squeeze: float

    @classmethod
    def of(cls, study: "Study") -> Self:
        """The ground of a study's own map."""
        window = _window(study)
        world = window[2] - window[0] >= 360  # noqa: PLR2004 - degrees
        project = _equal_earth() if world else _plain
        return cls(window, project, *_shape(window, project, world=world))

    def lay(self, axes: "Axes") -> None:
        """Draw the land, as an image where a file is of lines: a dozen would be megabytes."""
        _lay_ground(axes, self.window, self.project)
        for drawn in axes.collections:
            drawn.set_rasterized(True)
        axes.set_aspect(1 / self.squeeze)

    def place(self, points: Any) -> Any:  # noqa: ANN401 - array-likes of shape (n, 2)
        """Where longitudes and latitudes, in degrees, come to lie."""
        return self.project(_shifted(points, self.window[0]))


def _window(study: "Study") -> tuple[float, float, float, float]:
    """The box to draw, in degrees; over the antimeridian where that is much narrower."""
    table = study.regions if len(study.regions) else study.inputs.records
    return box_of(table["longitude"].to_numpy(), table["latitude"].to_numpy())


def box_of(x: Any, y: Any) -> tuple[float, float, float, float]:  # noqa: ANN401 - arrays
    """West, south, east, north round some points, degrees, with room; or the world."""
    if not len(x):
        return -180.0, -58.0, 180.0, 80.0
    turned = np.where(x < 0, x + 360, x)
    if np.ptp(turned) < np.ptp(x) / 2:
        x = turned
    if np.ptp(x) > 120 or np.abs(y).max() > 85:  # noqa: PLR2004 - degrees
        low = -90.0 if y.min() < -58 else -58.0  # noqa: PLR2004 - Antarctica only where needed
        return -180.0, low, 180.0, max(83.0, y.max())
    room = max(0.6, 0.12 * max(np.ptp(x), np.ptp(y)))
    return x.min() - room, max(-90, y.min() - room), x.max() + room, min(90, y.max() + room)


def _plain(points: Any) -> Any:  # noqa: ANN401 - array-likes of shape (n, 2)
    return np.asarray(points, dtype=np.float64)


def _equal_earth() -> Callable[[Any], Any]:
    from pyproj import Proj  # noqa: PLC0415 - heavy

    projection = Proj(proj="eqearth", R=1)

    def project(points: Any) -> Any:  # noqa: ANN401 - array-likes of shape (n, 2)
        degrees = np.asarray(points, dtype=np.float64)
        return np.column_stack(projection(degrees[:, 0], degrees[:, 1]))

    return project


def _edges(
    window: tuple[float, float, float, float], project: Callable[[Any], Any]
) -> tuple[tuple[float, float], tuple[float, float]]:
    west, south, east, north = window
    middle = (south + north) / 2 if east - west < 360 else 0.0  # noqa: PLR2004 - degrees
    across = project([(west, middle), (east, middle)])[:, 0]
    along = project([((west + east) / 2, south), ((west + east) / 2, north)])[:, 1]
    return (float(across[0]), float(across[1])), (float(along[0]), float(along[1]))


def _draw_ground(axes: "Axes", project: Callable[[Any], Any], *, across: bool) -> None:
    from matplotlib.collections import LineCollection, PathCollection  # noqa: PLC0415 - heavy
    from matplotlib.path import Path  # noqa: PLC0415 - heavy

    land, borders = _ground()
    for shift in (0, 360) if across else (0,):
        moved = [Path(project(np.add(ring, (shift, 0)))) for ring in land]
        axes.add_collection(PathCollection(moved, facecolors=LAND, linewidths=0))
        lines = [project(np.add(line, (shift, 0))) for line in borders]
        axes.add_collection(LineCollection(lines, colors="#ffffff", linewidths=0.6))


@cache
def _ground() -> tuple[list[Any], list[Any]]:
    """Outer rings of the land and lines of the borders, degrees."""
    by_name = {
        feature["properties"]["what"]: feature["geometry"]["coordinates"]
        for feature in json.loads(outlines())["features"][:2]
    }
    return [polygon[0] for polygon in by_name["land"]], by_name["borders"]


def _draw_footprints(axes: "Axes", regions: "pd.DataFrame", status: str, west: float) -> None:
    import shapely  # noqa: PLC0415 - heavy
    from matplotlib.collections import PathCollection  # noqa: PLC0415 - heavy
    from matplotlib.path import Path  # noqa: PLC0415 - heavy

    paths = []
    for part in shapely.get_parts(np.asarray(regions["geometry"])):
        shift = 360 if part.bounds[2] < west else 0
        rings = [
            np.asarray(ring.coords)[:, :2] + (shift, 0) for ring in (part.exterior, *part.interiors)
        ]
        paths.append(Path.make_compound_path(*map(Path, rings)))
    fill = (*_rgb(status), 0.18)
    axes.add_collection(
        PathCollection(paths, facecolors=fill, edgecolors=COLOURS[status], linewidths=0.8)
    )


def _rgb(status: str) -> tuple[float, ...]:
    from matplotlib.colors import to_rgb  # noqa: PLC0415 - heavy

    return tuple(to_rgb(COLOURS[status]))


def _draw_symbols(axes: "Axes", status: str, at: Any, size: "pd.Series") -> None:  # noqa: ANN401
    if size.empty:
        return
    hollow = status == "none"
    axes.scatter(
        at[:, 0],
        at[:, 1],
        s=14 + 190 * size,
        marker=MARKERS[status],
        facecolor="none" if hollow else COLOURS[status],
        edgecolor=COLOURS[status] if hollow else "#ffffff",
        linewidth=0.7,
        alpha=0.9,
        label=f"{WORDS[status]} ({len(size)})",
        zorder=3,
        clip_on=False,
    )


def draw_network(study: "Study") -> "Figure":
    """Ties between regions, the shortest way round the Earth, wider where stronger."""
    from matplotlib.collections import LineCollection  # noqa: PLC0415 - heavy

    window = _window(study)
    world = window[2] - window[0] >= 360  # noqa: PLR2004 - degrees
    project = _equal_earth() if world else _plain
    figure, axes, squeeze = _sheet(window, project, world=world)
    ties = drawn_ties(study)
    strongest = max(tie.weight for tie in ties)
    lines, widths = [], []
    for tie in reversed(ties):
        for line in tie.lines:
            lines.append(project(_shifted(line, window[0])))
            widths.append(0.4 + 3.2 * float(np.sqrt(tie.weight / strongest)))
    axes.add_collection(LineCollection(lines, colors=TIE, linewidths=widths, alpha=0.5))
    heaviest = study.regions["weight"].max()
    for status in ("none", "quasi-cluster", "cluster"):
        chosen = study.regions[study.classification.status.reindex(study.regions.index) == status]
        at = project(_shifted(chosen[["longitude", "latitude"]].to_numpy(), window[0]))
        _draw_symbols(axes, status, at, 0.35 * chosen["weight"] / heaviest)
    axes.set_aspect(1 / squeeze)
    axes.plot([], [], color=TIE, alpha=0.5, linewidth=2, label=f"ties ({len(ties)})")
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    return figure


def _shifted(points: Any, west: float) -> Any:  # noqa: ANN401 - array-likes of shape (n, 2)
    """Points west of the window moved round to its east."""
    moved = np.array(points, dtype=np.float64)
    if west > -180:  # noqa: PLR2004 - degrees
        moved[:, 0] = np.where(moved[:, 0] < west, moved[:, 0] + 360, moved[:, 0])
    return moved
