"""Two studies side by side: one study and another, its results of before, published regions.

`opening` makes both sides alike (`side`, `published`); `overlapping` finds what they share;
`fates` says which regions are the same and what became of each; `moves`, `standing` and
`agreement` tell the rest; `comparing` puts it together.
"""

from geoclust.comparison.comparing import Comparison, compare_studies
from geoclust.comparison.fates import FATES, judge_fates
from geoclust.comparison.opening import published_or
from geoclust.comparison.published import PublishedRegions
from geoclust.comparison.side import Side

__all__ = [
    "FATES",
    "Comparison",
    "PublishedRegions",
    "Side",
    "compare_studies",
    "judge_fates",
    "published_or",
]
