"""Plots of how firm the results are: rank ranges, what moves ranks, the frontier, profiles."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geoclust.report.doubt import varied_words
from geoclust.report.drawing import COLOURS, INK, MARKERS, MOST_ROWS, QUIET, new_figure
from geoclust.report.frontier import chosen_value
from geoclust.report.words import capital, dimensions_of, number, spaced

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    from geoclust.robustness import Robustness, Sensitivity
    from geoclust.study import Study

PALE: Final = "#e3e0d9"


def draw_rank_intervals(study: "Study", robustness: "Robustness") -> "Figure":
    """Median and 5 to 95 % of each leading cluster's rank over the draws, beside its own."""
    best = study.scores.table.head(MOST_ROWS)
    ranks = robustness.ranks.reindex(best.index)
    rows = np.arange(len(best))
    figure, axes = new_figure(7.6, 1.1 + 0.24 * len(best))
    tint = COLOURS["cluster"]
    axes.hlines(rows, ranks["low"], ranks["high"], color=tint, alpha=0.45, linewidth=4)
    axes.plot(ranks["median"], rows, "o", color=tint, markersize=5, label="median of the draws")
    axes.plot(best["rank"].astype("float64"), rows, "|", color=INK, markersize=11,
              markeredgewidth=1.6, label="rank in the study")  # fmt: skip
    axes.plot([], [], "-", color=tint, alpha=0.45, linewidth=4, label="5 to 95 %")
    _name_rows(axes, _names(study, best.index))
    shares = robustness.status["cluster"].reindex(best.index)
    right = axes.secondary_yaxis("right")
    right.set_yticks(rows, [f"a cluster in {100 * share:.0f} %" for share in shares])
    right.tick_params(length=0, labelcolor=QUIET)
    right.spines["right"].set_visible(False)
    axes.set_xlim(0.5, max(2.0, float(ranks["high"].max())) + 0.5)
    axes.xaxis.set_major_locator(_whole())
    axes.set_xlabel(f"rank in {len(robustness.draws):,} draws (1 is best; no cluster: behind all)")
    figure.legend(loc="outside upper right", ncols=3, frameon=False)
    return figure


def draw_sensitivity(sensitivity: "Sensitivity") -> "Figure":
    """First-order and total Sobol indices with their intervals, the strongest on top."""
    table = sensitivity.table.sort_values("total", ascending=False, kind="stable")
    rows = np.arange(len(table))
    figure, axes = new_figure(7, 1.1 + 0.42 * len(table))
    for kind, shift, tint, label in (
        ("first", -0.19, COLOURS["cluster"], "by itself"),
        ("total", 0.19, "#9fb9d6", "with all its interplay"),
    ):
        axes.barh(rows + shift, table[kind].clip(0, 1), height=0.34, color=tint, label=label)
        ends = (table[f"{kind}_{end}"].clip(0, 1) for end in ("low", "high"))
        axes.hlines(rows + shift, *ends, color=INK, linewidth=1)
    _name_rows(axes, [varied_words(str(name)) for name in table.index])
    axes.set(
        xlim=(0, 1),
        xlabel="share of the variance of the mean rank change, cut at 0 and 1 (line: 95 %)",
    )
    figure.legend(loc="outside upper right", ncols=2, frameon=False)
    return figure


def draw_frontier(study: "Study") -> "Figure":
    """Numbers of clusters and quasi-clusters as each bar moves, the others held."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy

    figure = Figure(figsize=(7, 4.6), layout="constrained")
    panels = figure.subplots(2, 2, sharey=True).ravel()
    for axes, (bar, part) in zip(panels, study.frontier.groupby("bar", sort=False), strict=False):
        _draw_panel(axes, str(bar), part)
    for axes in panels[::2]:
        axes.set_ylabel("regions")
    top = study.frontier[["cluster", "quasi-cluster"]].to_numpy().max(initial=1)
    panels[0].set_ylim(0, 1.05 * float(top))
    panels[0].yaxis.set_major_locator(_whole())
    lines, labels = panels[0].get_legend_handles_labels()
    figure.legend(lines, labels, loc="outside upper right", ncols=3, frameon=False)
    return figure


def _draw_panel(axes: "Axes", bar: str, part: "pd.DataFrame") -> None:
    for status, dashes in (("cluster", "-"), ("quasi-cluster", "--")):
        look: dict[str, Any] = {"marker": MARKERS[status], "markersize": 4, "linewidth": 1.3}
        look |= {"color": COLOURS[status], "label": f"{status}s", "clip_on": False}
        axes.plot(part["value"], part[status], dashes, **look)
    chosen = chosen_value(part)
    axes.axvline(chosen, color=INK, linewidth=1, label="bar as chosen")
    axes.set_title(f"{capital(bar)}: {number(chosen)}", loc="left", fontsize=9)


def draw_profiles(study: "Study") -> "Figure":
    """Standing of each leading cluster in each dimension; ticks are the dimension's indicators."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy

    best = study.scores.table.head(MOST_ROWS).index
    dimensions = dimensions_of(study)
    figure = Figure(figsize=(1.6 + 1.9 * len(dimensions), 1.3 + 0.24 * len(best)),
                    layout="constrained")  # fmt: skip
    panels = figure.subplots(1, len(dimensions), sharey=True, squeeze=False)[0]
    table = study.profiles[study.profiles["region_id"].isin(best)]
    for axes, dimension in zip(panels, dimensions, strict=True):
        part = table[table["dimension"] == dimension]
        _draw_profile(axes, part, {region_id: row for row, region_id in enumerate(best)})
        axes.set_title(capital(spaced(dimension)), loc="left", fontsize=9)
        _name_rows(axes, _names(study, best))
        axes.tick_params(axis="y", labelleft=axes is panels[0])
    figure.supxlabel("share of the clusters it is ahead of (line: the median cluster; "
                     "ticks: single indicators)", fontsize=9)  # fmt: skip
    return figure


def _draw_profile(axes: "Axes", part: "pd.DataFrame", row_of: dict[Any, int]) -> None:
    rows = part["region_id"].map(row_of).to_numpy()
    whole = part["indicator"].isna().to_numpy()
    standing = part["standing"].to_numpy(dtype=np.float64)
    axes.hlines(rows[whole], 0, standing[whole], color=COLOURS["cluster"], linewidth=5)
    for row in rows[whole & np.isnan(standing)]:
        axes.text(0.98, row, "not scored", color=QUIET, fontsize=7, ha="right", va="center",
                  bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5})  # fmt: skip
    axes.plot(standing[~whole], rows[~whole], "|", color=INK, markersize=7, alpha=0.7)
    middle = part.loc[whole, "median_standing"]
    if middle.notna().any():
        axes.axvline(float(middle.iloc[0]), color=QUIET, linewidth=0.9, linestyle="--")
    axes.set(xlim=(0, 1), xticks=[0, 0.5, 1])


def _whole() -> "MaxNLocator":
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415 - heavy

    return MaxNLocator(nbins="auto", integer=True)


def _names(study: "Study", ids: "pd.Index[str]") -> list[str]:
    labels = study.scores.table["rank_label"].reindex(ids).fillna("")
    names = study.regions["name"].reindex(ids)
    return [f"{name}  {label}" for name, label in zip(names, labels, strict=True)]


def _name_rows(axes: "Axes", names: list[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(axis="y", color=PALE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
