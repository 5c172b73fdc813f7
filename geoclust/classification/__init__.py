"""Indicators + Thresholds -> status, tests passed, margins, gaps.

The only room that may say *cluster*.  `bars` judges, `gaps` says what is lacking, `frontier` says
how much the verdicts hang on the bars, `drivers` what goes with them; `thresholds` are the bars.
"""

from geoclust.classification.bars import Classification, classify
from geoclust.classification.drivers import Drivers, find_drivers
from geoclust.classification.frontier import knife_edge, threshold_frontier
from geoclust.classification.gaps import find_gaps
from geoclust.classification.thresholds import Bars, Criterion, Thresholds, UnitCosts

__all__ = [
    "Bars",
    "Classification",
    "Criterion",
    "Drivers",
    "Thresholds",
    "UnitCosts",
    "classify",
    "find_drivers",
    "find_gaps",
    "knife_edge",
    "threshold_frontier",
]
