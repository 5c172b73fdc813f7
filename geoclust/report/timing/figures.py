"""Figures of a timeline: the life of each region, window by window, and the paths of ranks."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geoclust.report.drawing import COLOURS, INK, MARKERS, QUIET, WORDS, new_figure
from geoclust.report.figures import figure_files

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from geoclust.timeline import Timeline

MOST_TRACKS: Final = 40
"""Regions drawn; all are in timeline.csv."""


def timeline_figures(found: "Timeline") -> dict[str, Callable[[], bytes]]:
    """File name to the function that draws it: `figures/lives`, `figures/trajectories`, `counts`.

    Parameters
    ----------
    found
        The timeline; left unchanged.
    """
    draws: dict[str, Callable[[], Figure]] = {"counts": partial(draw_counts, found)}
    if len(found.tracks):
        draws["lives"] = partial(draw_lives, found)
    if found.table["rank"].notna().any():
        draws["trajectories"] = partial(draw_trajectories, found)
    return figure_files(draws)


def _windows(found: "Timeline") -> dict[str, int]:
    return {str(window): at for at, window in enumerate(found.windows.index)}


def draw_lives(found: "Timeline") -> "Figure":
    """One row a region: where it is in each window, how heavy, how judged; merges and splits."""
    tracks = found.tracks.head(MOST_TRACKS)
    row_of = {track: row for row, track in enumerate(tracks.index)}
    at = _windows(found)
    figure, axes = new_figure(7.6, 1.3 + 0.24 * len(tracks))
    heaviest = found.table["weight"].max()
    for track, part in found.table.groupby("track", sort=False):
        if track in row_of:
            _draw_life(axes, part.assign(at=part["window"].map(at)), row_of[track])
    _draw_links(axes, tracks, row_of, at)
    shown = found.table[found.table["track"].isin(row_of)]
    places = shown.assign(
        x=shown["window"].map(at),
        y=shown["track"].map(row_of),
        size=20 + 150 * shown["weight"] / heaviest,
    )
    for status in ("none", "quasi-cluster", "cluster"):
        _draw_marks(axes, places[places["status"] == status], status)
    axes.set_yticks(range(len(tracks)), [_short(name) for name in tracks["name"]])
    axes.set(ylim=(len(tracks) - 0.4, -0.6), xlim=(-0.4, len(at) - 0.6))
    axes.set_xticks(range(len(at)), list(at))
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.plot([], [], color=QUIET, linestyle=(0, (1, 1.5)), label="away")
    axes.plot([], [], color="#5a3d8a", linewidth=1.2, label="merged or split")
    figure.legend(loc="outside lower center", ncols=5, frameon=False)
    return figure


def _draw_life(axes: "Axes", part: "pd.DataFrame", row: int) -> None:
    """A line from window to window; dotted where the region was away."""
    places = part["at"].to_numpy()
    for start, end in pairwise(places):
        away = end - start > 1
        axes.plot(
            [start, end],
            [row, row],
            color=QUIET,
            linewidth=1.2,
            linestyle=(0, (1, 1.5)) if away else "-",
            zorder=1,
        )


def _draw_links(
    axes: "Axes", tracks: "pd.DataFrame", row_of: dict[Any, int], at: dict[str, int]
) -> None:
    """Lines into the region that took one in, and out of the one that it was part of."""
    for track, one in tracks.iterrows():
        row = row_of[track]
        if one["ended_into"] in row_of:
            start = at[one["last"]]
            _draw_link(axes, (start, row), (start + 1, row_of[one["ended_into"]]))
        if one["began_from"] in row_of:
            end = at[one["first"]]
            _draw_link(axes, (end - 1, row_of[one["began_from"]]), (end, row))


def _draw_link(axes: "Axes", start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.plot(*zip(start, end, strict=True), color="#5a3d8a", linewidth=1.2, alpha=0.75, zorder=1)


def _draw_marks(axes: "Axes", part: "pd.DataFrame", status: str) -> None:
    hollow = status == "none"
    axes.scatter(
        part["x"],
        part["y"],
        s=part["size"],
        marker=MARKERS[status],
        facecolor="white" if hollow else COLOURS[status],
        edgecolor=COLOURS[status],
        linewidth=1.1,
        zorder=2,
    )
    face = "white" if hollow else COLOURS[status]
    axes.plot([], [], MARKERS[status], markerfacecolor=face, markeredgecolor=COLOURS[status],
              markersize=7, label=WORDS[status])  # fmt: skip


def draw_trajectories(found: "Timeline") -> "Figure":
    """The rank of every region that ever had one, from window to window; 1 is best."""
    at = _windows(found)
    ranked = found.table.dropna(subset=["rank"]).assign(
        at=lambda table: table["window"].map(at), rank=lambda table: table["rank"].astype(float)
    )
    best = ranked.groupby("track")["rank"].min().sort_values(kind="stable").head(MOST_TRACKS).index
    deepest = float(ranked.loc[ranked["track"].isin(best), "rank"].max())
    figure, axes = new_figure(7.6, 1.4 + 0.26 * max(deepest, len(best) * 0.8))
    strong = set(best[: max(5, len(best) // 4)])
    last: list[tuple[float, str, str]] = []
    for track in best:
        part = ranked[ranked["track"] == track].set_index("at")["rank"]
        tint = COLOURS["cluster"] if track in strong else QUIET
        line = part.reindex(range(len(at)))
        axes.plot(line.index, line, "-o", color=tint, linewidth=1.6 if track in strong else 1,
                  markersize=4, alpha=1 if track in strong else 0.75)  # fmt: skip
        name = _short(str(found.tracks.loc[track, "name"]))
        if part.index.max() == len(at) - 1:
            last.append((float(part.iloc[-1]), name, tint))
        else:
            axes.annotate(name, (part.index.max(), part.iloc[-1]), xytext=(6, -2),
                          textcoords="offset points", fontsize=7, color=tint)  # fmt: skip
    for place, rank, name, tint in _apart(last):
        axes.text(
            len(at) - 1 + 0.06, place, f"{rank:g}  {name}", va="center", fontsize=8, color=tint
        )
    axes.set(ylim=(deepest + 0.7, 0.3), xlim=(-0.2, len(at) - 1 + 0.9), ylabel="rank (1 is best)")
    axes.set_xticks(range(len(at)), list(at))
    axes.set_yticks(range(1, int(deepest) + 1))
    return figure


def _apart(labels: list[tuple[float, str, str]]) -> list[tuple[float, float, str, str]]:
    """Labels at their ranks, those that share one a little below each other."""
    found, lowest = [], -np.inf
    for rank, name, tint in sorted(labels):
        lowest = max(rank, lowest + 0.75)
        found.append((lowest, rank, name, tint))
    return found


def draw_counts(found: "Timeline") -> "Figure":
    """Regions by status in each window."""
    table = found.windows
    figure, axes = new_figure(7, 3)
    places = np.arange(len(table))
    rest = table["regions"] - table["clusters"] - table["quasi_clusters"]
    base = np.zeros(len(table))
    parts = (("cluster", table["clusters"]), ("quasi-cluster", table["quasi_clusters"]))
    for status, counts in (*parts, ("none", rest)):
        values = counts.to_numpy(dtype=np.float64)
        axes.bar(places, values, 0.6, bottom=base, color=COLOURS[status], label=WORDS[status],
                 alpha=0.45 if status == "none" else 1)  # fmt: skip
        base += values
    for place, records in zip(places, table["records"], strict=True):
        axes.text(float(place), base[place], f"{records:,} records", ha="center", va="bottom",
                  fontsize=7, color=INK)  # fmt: skip
    axes.set_xticks(places, list(table.index))
    axes.set_ylabel("regions")
    axes.set_ylim(0, max(1.0, float(base.max())) * 1.12)
    figure.legend(loc="outside upper right", ncols=3, frameon=False)
    return figure


def _short(name: str) -> str:
    return name if len(name) <= 28 else f"{name[:27]}…"  # noqa: PLR2004 - letters beside a line
