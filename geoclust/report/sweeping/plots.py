"""Figures of a sweep: lines along each setting, heat maps over two, small maps of settings."""

import textwrap
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geoclust.report.drawing import COLOURS, INK, MARKERS, QUIET
from geoclust.report.maps import Ground
from geoclust.report.words import MISSING, capital, counted
from geoclust.robustness.axes import value_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from geoclust.robustness.axes import Axis
    from geoclust.robustness.sweeping import Sweep

BAND: Final = "#f8f2e2"
LETTERS: Final = 14
"""That fit an inch above a small map."""
MOST_MAPS: Final = 12
"""Small maps in one figure."""
WRITTEN_IN: Final = 120
"""Heat maps of up to so many cells carry their numbers."""
MOST_TICKS: Final = 9
"""With so many values at most, each has its tick."""
WIDE: Final = 30.0
"""Values that reach over more than this factor stand on a logarithmic scale."""

CLUSTER, QUASI = COLOURS["cluster"], COLOURS["quasi-cluster"]
Line = tuple[str, str, str, str]
Limits = tuple[float, float] | None
PANELS: Final[tuple[tuple[str, tuple[Line, ...], Limits], ...]] = (
    (
        "number",
        (
            ("regions", "regions", INK, "s"),
            ("clusters", "clusters", CLUSTER, MARKERS["cluster"]),
            ("quasi_clusters", "quasi-clusters", QUASI, MARKERS["quasi-cluster"]),
        ),
        None,
    ),
    (
        "agreement with the study",
        (
            ("agreement", "regions (adjusted Rand)", INK, "s"),
            ("same_status", "statuses kept", QUASI, "D"),
            ("top_ten", "ten best kept", CLUSTER, "o"),
        ),
        (0.0, 1.0),
    ),
    ("share of weight in no region", (("noise_share", "", INK, "s"),), (0.0, 1.0)),
    ("mean persistence", (("persistence", "", INK, "s"),), (0.0, 1.0)),
    ("area of all regions, 1,000 km²", (("area_km2", "", INK, "s"),), None),
    ("widest region, km", (("largest_extent_km", "", INK, "s"),), None),
)
"""Title, what is drawn (column, label, colour, marker), limits."""

SHARE: Final = "{:.2f}"
"""Numbers between 0 and 1; their colours always span these."""

MAPPED: Final = (
    ("regions", "regions", "{:.0f}"),
    ("clusters", "clusters", "{:.0f}"),
    ("agreement", "agreement with the study", SHARE),
    ("noise_share", "share of weight in no region", SHARE),
    ("persistence", "mean persistence", SHARE),
    ("area_km2", "area, 1,000 km²", "{:.3g}"),
)
"""Column, title and numbers of each heat map."""


def draw_lines(sweep: "Sweep", axis: "Axis") -> "Figure":
    """What each value of one setting comes to.

    A band, where there is one line, spans the values of the other settings.  The line is the
    study's own value of the others where that is among them, else their median.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy

    figure = Figure(figsize=(9.6, 5.6), layout="constrained")
    for axes, (title, lines, limits) in zip(figure.subplots(2, 3).ravel(), PANELS, strict=True):
        for column, label, tint, marker in lines:
            if len(lines) == 1 and len(sweep.axes) > 1:
                _draw_band(axes, sweep, axis, column)
            _draw_line(axes, sweep, axis, column, label=label, tint=tint, marker=marker)
        _mark(axes, sweep, axis)
        axes.set_title(capital(title), loc="left", fontsize=9)
        top = axes.dataLim.y1 if np.isfinite(axes.dataLim.y1) and axes.dataLim.y1 > 0 else 1.0
        axes.set_ylim(*((min(-0.03, axes.dataLim.y0), 1.03) if limits else (0, 1.06 * top)))
        if len(lines) > 1:
            axes.legend(fontsize=7, facecolor="white", edgecolor="none", framealpha=0.85)
    figure.supxlabel(_axis_words(sweep, axis), fontsize=9)
    return figure


def _draw_line(
    axes: "Axes", sweep: "Sweep", axis: "Axis", column: str, *, label: str, tint: str, marker: str
) -> None:
    at, names = places_of(axis)
    middle = [_own_or_median(sweep, axis, group) for group in _by_value(sweep, axis, column)]
    look: dict[str, Any] = {"color": tint, "marker": marker, "markersize": 4, "clip_on": False}
    look["linestyle"] = "-" if axis.ordered else "none"
    axes.plot(at, middle, linewidth=1.3, label=label or None, **look)
    if names:
        axes.set_xlim(-0.4, len(at) - 0.6)
        axes.set_xticks(at, names)
        axes.tick_params(axis="x", labelrotation=0 if len("".join(names)) < 24 else 30)  # noqa: PLR2004
        return
    if _is_wide(axis):
        axes.set_xscale("log")
    if _is_wide(axis) or len(at) <= MOST_TICKS:
        axes.set_xticks(at, [value_words(value) for value in axis.values], minor=False)
        axes.minorticks_off()


def _draw_band(axes: "Axes", sweep: "Sweep", axis: "Axis", column: str) -> None:
    at, _ = places_of(axis)
    grouped = _by_value(sweep, axis, column)
    low, high = ([float(getattr(group, end)()) for group in grouped] for end in ("min", "max"))
    if axis.ordered:
        axes.fill_between(at, low, high, color=INK, alpha=0.12, linewidth=0)
    else:
        axes.vlines(at, low, high, color=INK, alpha=0.3, linewidth=4)


def _by_value(sweep: "Sweep", axis: "Axis", column: str) -> "list[pd.Series[float]]":
    """A column at each value of an axis, area in 1,000 km2."""
    values = sweep.settings[column].astype("float64") / (1000 if column == "area_km2" else 1)
    return [values[_has(sweep, axis, value)] for value in axis.values]


def places_of(axis: "Axis") -> tuple[list[float], list[str]]:
    """Where the values of a setting stand, and their names where the places do not tell them.

    Examples
    --------
    >>> from geoclust.robustness.axes import Axis
    >>> places_of(Axis("a", (5, 10), 5)), places_of(Axis("b", ("eom", "leaf"), "eom"))
    (([5.0, 10.0], []), ([0.0, 1.0], ['eom', 'leaf']))
    """
    if axis.ordered and all(np.isfinite(axis.values)):
        return [float(value) for value in axis.values], []
    return [float(at) for at in range(len(axis.values))], list(map(value_words, axis.values))


def _is_wide(axis: "Axis") -> bool:
    return bool(min(axis.values) > 0 and max(axis.values) / min(axis.values) > WIDE)


def _has(sweep: "Sweep", axis: "Axis", value: object) -> "pd.Series[bool]":
    """Settings with one value of an axis."""
    column = sweep.settings[axis.key]
    same = [each is None if value is None else each == value for each in column]
    return pd.Series(same, index=column.index)


def _own_or_median(sweep: "Sweep", axis: "Axis", group: "pd.Series[float]") -> float:
    """The value where all other settings are the study's own, else the median."""
    chosen = pd.Series(True, index=group.index)
    for other in sweep.axes:
        if other is not axis:
            chosen &= _has(sweep, other, other.own)[group.index]
    own = group[chosen]
    return float(own.iloc[0]) if len(own) == 1 else float(group.median())


def _mark(axes: "Axes", sweep: "Sweep", axis: "Axis") -> None:
    """The study's own value, and the stable range."""
    at, names = places_of(axis)
    if axis.key in sweep.ranges.index and sweep.ranges["values"].loc[axis.key]:
        row = sweep.ranges.loc[axis.key]
        ends = [at[axis.values.index(row[end])] for end in ("low", "high")]
        axes.axvspan(*ends, color=BAND, zorder=0, linewidth=0)
    own = axis.own_place
    if own is not None:
        axes.axvline(at[own], color=QUIET, linewidth=1, linestyle="--", zorder=1)
    elif axis.ordered and not names and isinstance(axis.own, int | float):
        axes.axvline(float(axis.own), color=QUIET, linewidth=1, linestyle="--", zorder=1)


def _axis_words(sweep: "Sweep", axis: "Axis") -> str:
    parts = [axis.key]
    if axis.own is not None:
        parts.append(f"dashed: the study's own, {value_words(axis.own)}")
    if axis.key in sweep.ranges.index and sweep.ranges["values"].loc[axis.key]:
        parts.append("shaded: stable")
    if len(sweep.axes) > 1:
        parts.append("bands: over the other settings")
    return parts[0] + (f"  ({'; '.join(parts[1:])})" if len(parts) > 1 else "")


def draw_heat_maps(sweep: "Sweep") -> "Figure":
    """What each combination of two settings comes to; the study's own is framed."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy

    down, across = sweep.axes
    rows, columns = len(down.values), len(across.values)
    width, height = np.clip(0.42 * columns + 1.1, 2.6, 5.5), np.clip(0.3 * rows + 0.9, 1.9, 5.0)
    figure = Figure(figsize=(3 * width, 2 * height), layout="constrained")
    for axes, (column, title, style) in zip(figure.subplots(2, 3).ravel(), MAPPED, strict=True):
        cells = sweep.settings[column].to_numpy(dtype=np.float64).reshape(rows, columns)
        cells = cells / 1000 if column == "area_km2" else cells
        _draw_cells(axes, cells, style)
        axes.set_title(capital(title), loc="left", fontsize=9)
        axes.set_xticks(range(columns), list(map(value_words, across.values)), fontsize=7)
        axes.set_yticks(range(rows), list(map(value_words, down.values)), fontsize=7)
        if columns > 8:  # noqa: PLR2004 - no room to stand level
            axes.tick_params(axis="x", labelrotation=90)
        if sweep.own is not None:
            _frame(axes, *divmod(sweep.own - 1, columns))
    figure.supxlabel(across.key, fontsize=9)
    figure.supylabel(down.key, fontsize=9)
    return figure


def _draw_cells(axes: "Axes", cells: Any, style: str) -> None:  # noqa: ANN401 - array
    known = cells[~np.isnan(cells)]
    top = 1.0 if style == SHARE else float(max(known.max(initial=0.0), 1e-9))
    axes.imshow(cells, cmap="Blues", vmin=-0.1 * top, vmax=1.1 * top, aspect="auto")
    axes.set_facecolor("#efece5")
    for (row, column), value in np.ndenumerate(cells):
        if np.isnan(value):
            axes.text(column, row, MISSING, color=QUIET, ha="center", va="center", fontsize=8)
        elif cells.size <= WRITTEN_IN:
            dark = value > 0.65 * top  # blue by then
            axes.text(column, row, style.format(value), ha="center", va="center", fontsize=7,
                      color="white" if dark else INK)  # fmt: skip
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def _frame(axes: "Axes", row: int, column: int) -> None:
    from matplotlib.patches import Rectangle  # noqa: PLC0415 - heavy

    corner = (column - 0.5, row - 0.5)
    axes.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=COLOURS["quasi-cluster"],
                             linewidth=2, clip_on=False))  # fmt: skip


def mapped_settings(sweep: "Sweep") -> list[int]:
    """Numbers of the settings that are drawn as small maps: evenly chosen, the study's with them.

    Parameters
    ----------
    sweep
        Its settings that could not be run are passed over.
    """
    run = sweep.settings.index[sweep.settings["note"] == ""].to_numpy()
    if len(run) <= MOST_MAPS:
        return [int(number) for number in run]
    places = np.unique(np.round(np.linspace(0, len(run) - 1, MOST_MAPS)).astype(int))
    chosen = [int(number) for number in run[places]]
    if sweep.own is not None and sweep.own not in chosen:
        inner = range(1, len(chosen) - 1)
        nearest = min(inner, key=lambda at: abs(chosen[at] - int(sweep.own or 0)))
        chosen[nearest] = sweep.own
    return chosen


def draw_small_maps(sweep: "Sweep") -> "Figure":
    """Regions by status at some settings, all on the same ground; size tells weight."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy

    chosen = mapped_settings(sweep)
    ground = Ground.of(sweep.study)
    across = min(len(chosen), 3 if ground.shape < 0.8 else 4)  # noqa: PLR2004 - wide or tall
    down = -(-len(chosen) // across)
    width = 10.5 / across
    lines = max(_map_words(sweep, one, letters=int(LETTERS * width)).count("\n") for one in chosen)
    size = (10.5, down * (width * ground.shape + 0.3 + 0.13 * lines) + 0.35)
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(down, across, squeeze=False).ravel()
    heaviest = float(sweep.found["weight"].max()) if len(sweep.found) else 1.0
    for axes, number in zip(panels, chosen, strict=False):
        ground.lay(axes)
        table = sweep.found[sweep.found["setting"] == number]
        _draw_regions(axes, table, ground, heaviest)
        words = _map_words(sweep, number, letters=int(LETTERS * width))
        axes.set_title(words, loc="left", fontsize=7.5)
    for axes in panels[len(chosen) :]:
        axes.set_axis_off()
    _legend(figure)
    return figure


def _draw_regions(axes: "Axes", table: pd.DataFrame, ground: Ground, heaviest: float) -> None:
    for status in ("none", "quasi-cluster", "cluster"):
        rows = table[table["status"] == status]
        if rows.empty:
            continue
        at = ground.place(rows[["longitude", "latitude"]].to_numpy())
        hollow = status == "none"
        axes.scatter(
            at[:, 0],
            at[:, 1],
            s=5 + 70 * rows["weight"] / heaviest,
            marker=MARKERS[status],
            facecolor="none" if hollow else COLOURS[status],
            edgecolor=COLOURS[status] if hollow else "#ffffff",
            linewidth=0.5,
            zorder=3,
        )


def _map_words(sweep: "Sweep", number: int, *, letters: int) -> str:
    """What a small map shows, in lines of so many letters."""
    row = sweep.settings.to_dict("index")[number]
    values = ", ".join(
        f"{short_name(axis.key)} {value_words(row[axis.key])}" for axis in sweep.axes
    )
    counts = f"{counted(int(row['regions']), 'region')}, {counted(int(row['clusters']), 'cluster')}"
    own = " (the study)" if number == sweep.own else ""
    return "\n".join([*textwrap.wrap(values + own, letters), counts])


def short_name(key: str) -> str:
    """A setting without its section.

    Examples
    --------
    >>> short_name("clustering.min_cluster_size"), short_name("thresholds.cluster.min_density")
    ('min_cluster_size', 'cluster.min_density')
    """
    return key.partition(".")[2]


def _legend(figure: "Figure") -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415 - heavy

    handles = [
        Line2D([], [], linestyle="", marker=MARKERS[status], color=COLOURS[status], label=words,
               markerfacecolor="none" if status == "none" else COLOURS[status], markersize=5)
        for status, words in (("cluster", "cluster"), ("quasi-cluster", "quasi-cluster"),
                              ("none", "neither"))
    ]  # fmt: skip
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False, fontsize=8)
