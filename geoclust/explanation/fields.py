"""The field of clusters that is ranked: its indicators, scored anew, and places among it."""

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from geoclust.catalogue import INDICATORS
from geoclust.explanation.working import missing
from geoclust.scoring import Framework
from geoclust.scoring.matrix import ScoreMatrix
from geoclust.scoring.normalising import NORMALISE
from geoclust.scoring.rules import Level, levels
from geoclust.sphere import Floats

if TYPE_CHECKING:
    from geoclust.explanation.evidence import Evidence

SIGNIFICANT: Final = 12
"""Values equal to so many significant digits tie."""


class Field(NamedTuple):
    """The clusters, as they are ranked."""

    names: list[str]
    titles: dict[str, str]
    values: pd.DataFrame
    """Clusters x indicators of the framework."""
    matrix: ScoreMatrix
    """The scores made anew."""
    framework: Framework
    levels: tuple[Level, Level]

    def score(self, region_id: str, dimension: str) -> float:
        """A cluster's score in a dimension, or in total."""
        at = self.names.index(region_id)
        if not dimension:
            return float(self.matrix.score[at])
        return float(self.matrix.dimension_score[at, self.framework.dimensions.index(dimension)])

    def value(self, region_id: str, indicator: str) -> float:
        """A cluster's value of an indicator, NaN where missing."""
        return float(self.values[indicator][region_id])

    def dimension_numbers(self) -> Floats:
        """Scores of the dimensions as they go into the total."""
        again = self.framework.composite.normalise
        if not again:
            return self.matrix.dimension_score
        sense = -1.0 if self.levels[0].result.less_is_better else 1.0
        given = np.full(len(self.framework.dimensions), sense)
        return NORMALISE[again].apply(self.matrix.dimension_score, given)

    def ranks(self, indicator: str) -> pd.DataFrame:
        """Every cluster's value, place among those known, and rank; best first."""
        spec = next(one for one in self.framework.indicators if one.name == indicator)
        values = [round_significant(one) for one in self.values[indicator]]
        known = [one for one in values if not math.isnan(one)]
        n, m = len(values), len(known)
        places = [
            m + 1 if math.isnan(one) else place_among(one, known, less=spec.direction < 0)[0]
            for one in values
        ]
        scale = n / (m + 1) if m < n else 1.0
        table = pd.DataFrame(
            {
                "name": [self.titles[name] for name in self.names],
                "value": self.values[indicator].to_numpy(),
                "place": places,
                "rank": [place * scale for place in places],
            },
            index=pd.Index(self.names, name="region_id"),
        )
        return table.assign(id=self.names).sort_values(["place", "id"]).drop(columns="id")

    def flagged(self, indicator: str) -> bool:
        """Whether an indicator carries a flag of its evidence."""
        known = INDICATORS.get(indicator)
        return bool(known and known.interval)


def field_of(evidence: "Evidence") -> Field:
    """The clusters of a study, scored anew from their reported indicators."""
    return evidence.once("field", "", lambda *_: _field_of(evidence))


def _field_of(evidence: "Evidence") -> Field:
    framework, clusters = evidence.framework, evidence.clusters
    columns = [spec.name for spec in framework.indicators]
    values = clusters[columns].astype("float64").replace([np.inf, -np.inf], np.nan)
    return Field(
        names=[str(name) for name in clusters.index],
        titles={str(name): str(title) for name, title in clusters["name"].items()},
        values=values,
        matrix=evidence.matrix,
        framework=framework,
        levels=levels(framework),
    )


def place_among(own: float, all_of_them: list[float], *, less: bool) -> tuple[int, list[int]]:
    """Competition rank of a number, and the positions of all that share it.

    Examples
    --------
    >>> place_among(2.0, [1.0, 2.0, 2.0, 5.0], less=True)
    (2, [1, 2])
    """
    better = sum(
        1 for one in all_of_them if not missing(one) and (one < own if less else one > own)
    )
    return better + 1, [at for at, one in enumerate(all_of_them) if one == own]


def round_significant(value: float) -> float:
    """A value to twelve significant digits.

    Examples
    --------
    >>> round_significant(0.1 + 0.2)
    0.3
    """
    number = float(value)
    return number if math.isnan(number) else float(f"{number:.{SIGNIFICANT - 1}e}")
