"""Figures of a comparison: both outlines on one map, ranks from A to B, weights from A to B."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from geoclust.report.drawing import COLOURS, INK, MOST_ROWS, QUIET, new_figure
from geoclust.report.figures import figure_files
from geoclust.report.maps import box_of, draw_outlines, sheet, spread

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from geoclust.comparison import Comparison

SIDES: Final = {"a": COLOURS["quasi-cluster"], "b": COLOURS["cluster"]}
"""Colour of A and of B; A's lines are dashed besides."""

TINTS: Final = {
    "kept": "#8a9097",
    "grown": "#1d5b9c",
    "shrunk": "#6fa3d8",
    "merged": "#5a3d8a",
    "split": "#96266f",
    "reshuffled": "#7a5230",
    "new": "#00694f",
    "gone": "#b4460f",
}


def comparison_figures(found: "Comparison") -> dict[str, Callable[[], bytes]]:
    """File name to the function that draws it: `figures/map` and, if there are any, ranks.

    Parameters
    ----------
    found
        The comparison; left unchanged.
    """
    draws: dict[str, Callable[[], Figure]] = {"map": partial(draw_both, found)}
    if len(ranked(found)):
        draws["ranks"] = partial(draw_ranks, found)
    return figure_files(draws)


def draw_both(found: "Comparison") -> "Figure":
    """Footprints of both sides on country outlines, and the fate of each region."""
    table = found.fates
    at = positions(found)
    window = box_of(at["longitude"].to_numpy(), at["latitude"].to_numpy())
    figure, axes, squeeze = sheet(window)
    for end, side, dashes in (("b", found.b, "-"), ("a", found.a, (0, (3, 1.5)))):
        draw_outlines(axes, side.regions, SIDES[end], window, dashes=dashes)
        axes.plot([], [], color=SIDES[end], linestyle=dashes, label=_short(side.name))
    for fate in TINTS:
        chosen = at[(table["fate"] == fate).to_numpy()]
        if len(chosen):
            points = spread(chosen[["longitude", "latitude"]].to_numpy(), window)
            axes.scatter(points[:, 0], points[:, 1], s=16, color=TINTS[fate], zorder=3,
                         marker=_MARKS[fate], label=f"{fate} ({len(chosen)})")  # fmt: skip
    axes.set_aspect(1 / squeeze)
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    return figure


_MARKS: Final = {
    "kept": "o",
    "grown": "^",
    "shrunk": "v",
    "merged": ">",
    "split": "<",
    "reshuffled": "D",
    "new": "P",
    "gone": "X",
}


def positions(found: "Comparison") -> "pd.DataFrame":
    """Where each row of the fates is: its region in B, or in A where it is gone."""
    names = ["longitude", "latitude"]
    table = found.fates
    there = found.b.regions[names].reindex(table["region_b"]).set_axis(table.index)
    at: pd.DataFrame = there.fillna(
        found.a.regions[names].reindex(table["region_a"]).set_axis(table.index)
    )
    return at


def ranked(found: "Comparison") -> "pd.DataFrame":
    """Regions with a rank on a side, if both sides have ranks; best in B first, then in A."""
    table = found.fates
    if table["rank_a"].isna().all() or table["rank_b"].isna().all():
        return table.iloc[:0]
    known = table[table["rank_a"].notna() | table["rank_b"].notna()]
    return known.sort_values(["rank_b", "rank_a", "name"], kind="stable", na_position="last")


def draw_ranks(found: "Comparison") -> "Figure":
    """Each leading region's rank in A and in B, joined by a line."""
    rows = ranked(found).head(MOST_ROWS)
    left, right = (heights(rows, end) for end in "ab")
    deepest = float(np.nanmax(np.concatenate([left, right])))
    figure, axes = new_figure(7, 1.2 + 0.22 * deepest)
    for (_, row), from_, to in zip(rows.iterrows(), left, right, strict=True):
        _draw_line(axes, row, from_, to)
    axes.set(xlim=(-0.75, 1.75), ylim=(deepest + 0.7, 0.3), xticks=[0, 1], yticks=[])
    axes.set_xticklabels([f"A: {_short(found.a.name)}", f"B: {_short(found.b.name)}"])
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def heights(rows: "pd.DataFrame", end: str) -> np.ndarray:
    """Heights of labels on one side: by rank, those that share one below each other."""
    ranks = rows[f"rank_{end}"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    heights = np.full(len(ranks), np.nan)
    order = np.argsort(ranks, kind="stable")
    for place, row in enumerate(order[~np.isnan(ranks[order])]):
        heights[row] = place + 1
    return heights


def _draw_line(axes: "Axes", row: "pd.Series", from_: float, to: float) -> None:
    both = not (np.isnan(from_) or np.isnan(to))
    tint = _way(row["rank_shift"]) if both else QUIET
    if both:
        axes.plot([0, 1], [from_, to], "-", color=tint, linewidth=1.4)
    for x, y, words, side in (
        (0, from_, f"{row['name']}  {row['rank_a']}", "right"),
        (1, to, f"{row['rank_b']}  {row['name']}", "left"),
    ):
        if not np.isnan(y):
            axes.plot([x], [y], "o", color=tint, markersize=4)
            axes.text(x + (0.05 if x else -0.05), y, words, ha=side, va="center", fontsize=8,
                      color=INK if both else QUIET)  # fmt: skip


def _way(shift: int) -> str:
    """Blue for better, orange for worse, ink for level."""
    return INK if not shift else COLOURS["cluster"] if shift > 0 else COLOURS["quasi-cluster"]


def _short(name: str) -> str:
    """A long name without its middle: names of two sides often differ at the end only."""
    return name if len(name) <= 30 else f"{name[:13]}…{name[-15:]}"  # noqa: PLR2004 - letters
