"""What all figures share: colours, markers, type, and the sheet they are drawn on."""

import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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


def new_figure(width: float, height: float) -> "tuple[Figure, Axes]":
    """One figure with one set of axes, in inches."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy

    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()
