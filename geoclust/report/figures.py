"""Static maps and plots for papers: PNG at 200 dpi and SVG, from matplotlib, without a display.

Colours tell statuses apart for every kind of colour vision, and so do shapes.  The same study
gives the same bytes: no dates, no random ids.
"""

import io
import warnings
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from geoclust.report import plots
from geoclust.report.drawing import COLOURS, MARKERS, MOST_ROWS, QUIET, STYLE, WORDS, new_figure
from geoclust.report.maps import draw_map, draw_network
from geoclust.report.ties import region_edges
from geoclust.report.words import country_words, has_mean_rank

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from geoclust.robustness import Robustness, Sensitivity
    from geoclust.study import Study


def study_figures(
    study: "Study",
    *,
    robustness: "Robustness | None" = None,
    sensitivity: "Sensitivity | None" = None,
) -> dict[str, Callable[[], bytes]]:
    """File name to the function that draws it: maps, judgement, ranking, profiles, doubt.

    Parameters
    ----------
    study
        The study; left unchanged.
    robustness, sensitivity
        What the experiments on it found, where there were any.

    Returns
    -------
    dict
        `figures/<name>.png` and `.svg`; a plot without anything to show is left out.
    """
    return figure_files({**_of_study(study), **_of_experiments(study, robustness, sensitivity)})


def figure_files(draws: "dict[str, Callable[[], Figure]]") -> dict[str, Callable[[], bytes]]:
    """`figures/<name>.png` and `.svg` to the function that makes it, by name of drawing."""
    drawn = {name: cache(partial(_drawn, draw)) for name, draw in draws.items()}
    return {
        f"figures/{name}.{kind}": partial(_picture, drawn[name], kind)
        for name in draws
        for kind in ("png", "svg")
    }


def _of_study(study: "Study") -> "dict[str, Callable[[], Figure]]":
    ranked, regions = len(study.scores.table) > 0, len(study.regions) > 0
    shown: dict[str, tuple[bool, Callable[[Study], Figure]]] = {
        "map": (True, draw_map),
        "judgement": (regions, draw_judgement),
        "frontier": (regions, plots.draw_frontier),
        "ranking": (ranked, draw_ranking),
        "dimension_profiles": (ranked, plots.draw_profiles),
        "network_map": (len(region_edges(study)) > 0, draw_network),
        "coverage": (len(study.coverage) > 0, draw_coverage),
    }
    return {name: partial(draw, study) for name, (wanted, draw) in shown.items() if wanted}


def _of_experiments(
    study: "Study", robustness: "Robustness | None", sensitivity: "Sensitivity | None"
) -> "dict[str, Callable[[], Figure]]":
    found: dict[str, Callable[[], Figure]] = {}
    if robustness is not None and len(study.scores.table):
        found["rank_intervals"] = partial(plots.draw_rank_intervals, study, robustness)
    if sensitivity is not None:
        found["sensitivity"] = partial(plots.draw_sensitivity, sensitivity)
    return found


def _drawn(draw: "Callable[[], Figure]") -> "Figure":
    """A figure with its parts laid out once, for both of its files."""
    import matplotlib as mpl  # noqa: PLC0415 - heavy

    with mpl.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+")
        figure = draw()
        engine = figure.get_layout_engine()
        if engine is not None:
            engine.execute(figure)
            figure.set_layout_engine(None)  # else each file is drawn twice
    return figure


def _picture(drawn: "Callable[[], Figure]", kind: str) -> bytes:
    """Save; names in scripts the font lacks appear as boxes, without a warning."""
    import matplotlib as mpl  # noqa: PLC0415 - heavy

    target = io.BytesIO()
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+")
        metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
        drawn().savefig(target, format=kind, dpi=200, metadata=metadata)
    return target.getvalue()


def draw_judgement(study: "Study") -> "Figure":
    """Activity density against capability, with the bars a cluster must reach."""
    figure, axes = new_figure(7, 5)
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
    figure, axes = new_figure(7, 0.9 + 0.24 * len(best))
    ranks = study.scores.indicator_ranks.loc[best.index]
    for row, region_id in enumerate(best.index):
        known = ranks.loc[region_id].dropna().to_numpy(dtype="float64")
        axes.plot(known, np.full(len(known), row), "|", color=QUIET, markersize=7, alpha=0.7)
    mean_rank = has_mean_rank(study.scores.framework)
    total = best["score"] if mean_rank else best["rank"].astype("float64")
    label = "mean rank" if mean_rank else "overall rank"
    axes.plot(total, range(len(best)), "o", color=COLOURS["cluster"], label=label)
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
    figure, axes = new_figure(7, 0.9 + 0.22 * len(table))
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
