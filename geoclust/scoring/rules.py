"""Which steps of scoring go together, and which way is better after each."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geoclust.scoring.aggregating import AGGREGATE
from geoclust.scoring.normalising import NORMALISE

if TYPE_CHECKING:
    from geoclust.scoring.framework import Framework


@dataclass(frozen=True)
class Numbers:
    """What is known of the numbers between two steps."""

    less_is_better: bool
    at_least_zero: bool
    unit_scale: bool
    """Between 0 and 1, 0 included."""


@dataclass(frozen=True)
class Level:
    """One step from many numbers to one: of a dimension, or of the total."""

    where: str
    numbers: Numbers
    weighting: str
    aggregate: str

    @property
    def floored(self) -> bool:
        """Whether the numbers are lifted off 0 first."""
        return AGGREGATE[self.aggregate].wants_positive and self.numbers.unit_scale

    @property
    def result(self) -> Numbers:
        """What comes out."""
        if AGGREGATE[self.aggregate].pairwise:
            return Numbers(less_is_better=False, at_least_zero=False, unit_scale=False)
        kept = self.aggregate in {"arithmetic", "rank_mean"} and self.numbers.unit_scale
        return replace(self.numbers, unit_scale=kept)

    @property
    def faults(self) -> list[str]:
        """What does not go together, a sentence each."""
        numbers, how = self.numbers, AGGREGATE[self.aggregate]
        found = []
        if how.wants_ranks and not numbers.less_is_better:
            found.append("aggregate 'rank_mean' wants ranks; want normalise 'competition_rank', "
                         "or aggregate 'arithmetic'")  # fmt: skip
        if how.wants_positive and not numbers.at_least_zero:
            found.append(
                f"aggregate {self.aggregate!r} wants numbers of at least 0, which z-scores and "
                "Copeland scores are not; want another normalise, or aggregate 'arithmetic'"
            )
        if self.weighting == "benefit_of_the_doubt":
            if numbers.less_is_better or not numbers.at_least_zero:
                found.append(
                    "weighting 'benefit_of_the_doubt' wants numbers of at least 0 of which more "
                    "is better; want normalise 'min_max', 'percentile' or 'goalposts'"
                )
            if self.aggregate != "sum":
                found.append("weighting 'benefit_of_the_doubt' wants aggregate 'sum'")
        return [f"{self.where}: {fault}" for fault in found]


def levels(framework: "Framework") -> tuple[Level, Level]:
    """The two steps of a framework: indicators to dimensions, and to the total."""
    composite = framework.composite
    normalised = _normalised(framework.normalise)
    first = Level("dimensions", normalised, framework.weighting, framework.aggregate)
    numbers = normalised if composite.of == "indicators" else first.result
    numbers = _normalised(composite.normalise) if composite.normalise else numbers
    aggregate = composite.aggregate or framework.aggregate
    return first, Level("composite", numbers, composite.weighting, aggregate)


def less_is_better(framework: "Framework") -> tuple[bool, bool]:
    """Whether less is better in the scores of the dimensions, and in the total."""
    first, second = levels(framework)
    return first.result.less_is_better, second.result.less_is_better


def faults_of_levels(framework: "Framework") -> list[str]:
    """What in a framework does not go together, a sentence each."""
    first, second = levels(framework)
    faults = first.faults + second.faults
    if framework.normalise == "world_share":
        faults += [
            f"indicator {spec.name!r} has direction -1; normalise 'world_share' wants 1"
            for spec in framework.indicators
            if spec.direction < 0
        ]
    if framework.normalise == "goalposts":
        faults += [
            f"indicator {spec.name!r} has no goalposts; want two numbers, the lower first"
            for spec in framework.indicators
            if not spec.goalposts
        ]
    below = first.result
    unfit = below.less_is_better or not below.at_least_zero
    if framework.composite.normalise == "world_share" and unfit:
        faults.append("composite: normalise 'world_share' wants scores of at least 0, not ranks")
    return faults


def _normalised(name: str) -> Numbers:
    how = NORMALISE[name]
    return Numbers(how.less_is_better, name != "z_score", how.unit_scale)
