"""Indicator table + Framework -> normalise -> weight -> aggregate -> ranks.

Ranks run from 1, best.  Ties share the better rank and the next one is skipped ("1224").

`normalising`, `weighting` and `aggregating` hold the schemes, `treating` the outliers; `matrix` is
the whole on bare arrays, `ranking` the same with names.  `framework` says what is done: its parts
are in `specs` and `scheme`, `shipped` holds two, `reading` takes them from files, `rules` says what
goes together.  What the ranks mean: `contributing`, `standing` (strengths and weaknesses),
`evidence`, `diagnosing`, `changing` (what if), `peers`.
"""

from geoclust.scoring.aggregating import AGGREGATE
from geoclust.scoring.changing import WhatIf, rank_path, what_if
from geoclust.scoring.diagnosing import (
    Diagnostics,
    correlation_ratio,
    cronbach_alpha,
    diagnose,
)
from geoclust.scoring.framework import Framework
from geoclust.scoring.matrix import ScoreMatrix, score_matrix
from geoclust.scoring.normalising import NORMALISE, competition_rank
from geoclust.scoring.peers import benchmark_peers
from geoclust.scoring.ranking import Scores, rank_labels, score
from geoclust.scoring.shipped import SHIPPED, expand
from geoclust.scoring.specs import OVERALL, Composite, IndicatorSpec
from geoclust.scoring.standing import strengths_and_weaknesses
from geoclust.scoring.treating import treat
from geoclust.scoring.weighting import WEIGHTINGS

__all__ = [
    "AGGREGATE",
    "NORMALISE",
    "OVERALL",
    "SHIPPED",
    "WEIGHTINGS",
    "Composite",
    "Diagnostics",
    "Framework",
    "IndicatorSpec",
    "ScoreMatrix",
    "Scores",
    "WhatIf",
    "benchmark_peers",
    "competition_rank",
    "correlation_ratio",
    "cronbach_alpha",
    "diagnose",
    "expand",
    "rank_labels",
    "rank_path",
    "score",
    "score_matrix",
    "strengths_and_weaknesses",
    "treat",
    "what_if",
]
