"""Indicator table + Framework -> normalise -> weight -> aggregate -> ranks.

Ranks run from 1, best.  Ties share the better rank and the next one is skipped ("1224").
"""

from geoclust.scoring.aggregating import AGGREGATE, rank_mean
from geoclust.scoring.framework import OVERALL, Framework, IndicatorSpec
from geoclust.scoring.normalising import NORMALISE, competition_rank
from geoclust.scoring.ranking import Scores, rank_labels, score

__all__ = [
    "AGGREGATE",
    "NORMALISE",
    "OVERALL",
    "Framework",
    "IndicatorSpec",
    "Scores",
    "competition_rank",
    "rank_labels",
    "rank_mean",
    "score",
]
