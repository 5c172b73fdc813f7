"""Static maps and plots for papers: PNG at 200 dpi and SVG, from matplotlib, without a display.

Colours tell statuses apart for every kind of colour vision, and so do shapes.  The same study
gives the same bytes: no dates, no random ids.
"""

import io
import json
import logging
import warnings
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geoclust.report.payload import outlines
from geoclust.report.words import country_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from geoclust.study import Study

INK: Final = "#1d2126"
QUIET: Final = "#5c646d"
LAND: Final = "#e9e6df"
COLOURS: Final = {"cluster": "#1d5b9c", "quasi-cluster": "#b45f06", "none": "#6b7177"}
MARKERS: Final = {"cluster": "o", "quasi-cluster": "D", "none": "o"}
WORDS: Final = {"cluster": "cluster", "quasi-cluster": "quasi-cluster", "none": "neither"}
MOST_ROWS: Final = 30
"""Clusters or countries in one plot."""

STYLE: Final = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "text.parse_math": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "geoclust",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": QUIET,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": QUIET,
    "ytick.color": INK,
}


def study_figures(study: "Study") -> dict[str, Callable[[], bytes]]:
    """File name to the function that draws it: a map, the judgement, the ranking, the coverage.

    Parameters
    ----------
    study
        The study; left unchanged.

    Returns
    -------
    dict
        `figures/<name>.png` and `.svg`; a plot without anything to show is left out.
    """
    plots = {"map": draw_map}
    if len(study.regions):
        plots["judgement"] = draw_judgement
    if len(study.scores.table):
        plots["ranking"] = draw_ranking
    if len(study.coverage):
        plots["coverage"] = draw_coverage
    drawn = {name: cache(partial(_drawn, draw, study)) for name, draw in plots.items()}
    return {
        f"figures/{name}.{kind}": partial(_picture, drawn[name], kind)
        for name in plots
        for kind in ("png", "svg")
    }


def _drawn(draw: "Callable[[Study], Figure]", study: "Study") -> "Figure":
    import matplotlib as mpl  # noqa: PLC0415 - heavy

    with mpl.rc_context(STYLE):
        return draw(study)


def _picture(drawn: "Callable[[], Figure]", kind: str) -> bytes:
    """Save; names in scripts the font lacks appear as boxes, without a warning."""
    import matplotlib as mpl  # noqa: PLC0415 - heavy

    target = io.BytesIO()
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+")
        metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
        drawn().savefig(target, format=kind, dpi=200, metadata=metadata)
    return target.getvalue()


def _new_figure(width: float, height: float) -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy

    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def draw_map(study: "Study") -> "Figure":
    """Regions by status on country outlines; size tells weight.

    A world is drawn in the Equal Earth projection, anything smaller in longitude and latitude,
    scaled at its middle, with the footprints.
    """
    west, south, east, north = window = _window(study)
    world = east - west >= 360  # noqa: PLR2004 - degrees
    project = _equal_earth() if world else _plain
    (left, right), (bottom, top) = _edges(window, project)
    squeeze = 1.0 if world else max(0.3, float(np.cos(np.radians((south + north) / 2))))
    shape = np.clip((top - bottom) / (right - left) / squeeze, 0.35, 1.1)
    figure, axes = _new_figure(10, 10 * shape + 0.5)
    _draw_ground(axes, project, across=east > 180)  # noqa: PLR2004 - degrees
    for status in ("none", "quasi-cluster", "cluster"):
        chosen = study.regions[study.classification.status.reindex(study.regions.index) == status]
        if not world:
            _draw_footprints(axes, chosen, status, west)
        x = np.where(chosen["longitude"] < west, chosen["longitude"] + 360, chosen["longitude"])
        at = project(np.column_stack([x, chosen["latitude"]]))
        _draw_symbols(axes, status, at, chosen["weight"] / study.regions["weight"].max())
    axes.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[])
    axes.set_aspect(1 / squeeze)
    axes.spines[:].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return figure


def _window(study: "Study") -> tuple[float, float, float, float]:
    """The box to draw, in degrees; over the antimeridian where that is much narrower."""
    table = study.regions if len(study.regions) else study.inputs.records
    if table.empty:
        return -180.0, -58.0, 180.0, 80.0
    x, y = table["longitude"].to_numpy(), table["latitude"].to_numpy()
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


def draw_judgement(study: "Study") -> "Figure":
    """Activity density against capability, with the bars a cluster must reach."""
    figure, axes = _new_figure(7, 5)
    table = study.classification.table
    for status in ("none", "quasi-cluster", "cluster"):
        chosen = table[table["status"] == status]
        axes.scatter(
            chosen["activity_density_per_100km2"],
            chosen["capability"],
            marker=MARKERS[status],
            facecolor=COLOURS[status] if status != "none" else "none",
            edgecolor=COLOURS[status],
            s=26,
            alpha=0.8,
            label=f"{WORDS[status]} ({len(chosen)})",
        )
    for name, dashes in (("cluster", "-"), ("quasi", "--")):
        _draw_bars(axes, study, name, dashes)
    if (table["activity_density_per_100km2"] > 0).any():
        axes.set_xscale("log")
    axes.set(
        xlabel="activity density (weighted records per 100 km²)",
        ylabel="capability (0 to 1)",
        ylim=(-0.03, 1.03),
    )
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.xaxis.set_minor_formatter(lambda value, _: f"{value:g}" if f"{value:g}"[0] in "25" else "")
    axes.legend(frameon=False, loc="lower right")
    return figure


def _draw_bars(axes: "Axes", study: "Study", name: str, dashes: str) -> None:
    tests = study.classification.tests.drop_duplicates("test").set_index("test")["bar"]
    style: dict[str, Any] = {"color": QUIET, "linewidth": 0.9, "linestyle": dashes, "zorder": 0}
    axes.axvline(float(tests[f"{name} density"]), **style)
    axes.axhline(float(tests[f"{name} capability"]), **style)


def draw_ranking(study: "Study") -> "Figure":
    """Rank of each leading cluster: overall as a dot, indicators as small ticks round it."""
    best = study.scores.table.head(MOST_ROWS)
    figure, axes = _new_figure(7, 0.9 + 0.24 * len(best))
    ranks = study.scores.indicator_ranks.loc[best.index]
    for row, region_id in enumerate(best.index):
        known = ranks.loc[region_id].dropna().to_numpy(dtype="float64")
        axes.plot(known, np.full(len(known), row), "|", color=QUIET, markersize=7, alpha=0.7)
    axes.plot(best["score"], range(len(best)), "o", color=COLOURS["cluster"], label="mean rank")
    axes.plot([], [], "|", color=QUIET, label="rank by one indicator")
    names = study.regions["name"].reindex(best.index)
    labels = [f"{name}  {label}" for name, label in zip(names, best["rank_label"], strict=True)]
    axes.set_yticks(range(len(best)), labels)
    axes.set(ylim=(len(best) - 0.4, -0.6), xlabel="rank among clusters (1 is best)")
    axes.grid(axis="y", color="#e3e0d9", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    figure.legend(loc="outside upper right", ncols=2, frameon=False)
    return figure


def draw_coverage(study: "Study") -> "Figure":
    """Records by country: inside regions, and outside."""
    table = study.coverage.head(MOST_ROWS)
    figure, axes = _new_figure(7, 0.9 + 0.22 * len(table))
    rows = np.arange(len(table))
    inside = table["in_regions"].to_numpy()
    axes.barh(rows, inside, color=COLOURS["cluster"], height=0.66, label="in a region")
    axes.barh(
        rows,
        table["records"].to_numpy() - inside,
        left=inside,
        color="#d9d6cf",
        height=0.66,
        label="in no region",
    )
    axes.set_yticks(rows, [country_words(code) or str(code) for code in table.index])
    axes.set(ylim=(len(table) - 0.4, -0.6), xlabel="records")
    axes.tick_params(axis="y", length=0)
    figure.legend(loc="outside upper right", ncols=2, frameon=False)
    return figure
