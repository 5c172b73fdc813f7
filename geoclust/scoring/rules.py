"""Which steps of scoring go together, and which way is better after each."""

from dataclasses import dataclass, replace
from typing import Final

from geoclust.scoring.aggregating import AGGREGATE
from geoclust.scoring.normalising import NORMALISE
from geoclust.scoring.scheme import Scheme
from geoclust.scoring.specs import OVERALL, unknown_choice
from geoclust.scoring.weighting import WEIGHTINGS

OUTLIERS: Final = ("auto", "off", "handbook")


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
        chosen = f"{self.where}aggregate is {self.aggregate!r}, which"
        found = []
        if how.wants_ranks and not numbers.less_is_better:
            found.append(f"{chosen} wants ranks; want normalise 'competition_rank', or aggregate "
                         "'arithmetic'")  # fmt: skip
        if how.wants_positive and not numbers.at_least_zero:
            found.append(
                f"{chosen} wants numbers of at least 0, which z-scores and Copeland scores are "
                "not; want another normalise, or aggregate 'arithmetic'"
            )
        if self.weighting == "benefit_of_the_doubt":
            chosen = f"{self.where}weighting is {self.weighting!r}, which"
            if numbers.less_is_better or not numbers.at_least_zero:
                found.append(
                    f"{chosen} wants numbers of at least 0 of which more is better; want "
                    "normalise 'min_max', 'percentile' or 'goalposts'"
                )
            if self.aggregate != "sum":
                found.append(f"{chosen} wants aggregate 'sum'")
        return found


def levels(scheme: Scheme) -> tuple[Level, Level]:
    """The two steps of a framework: indicators to dimensions, and to the total."""
    composite = scheme.composite
    normalised = _normalised(scheme.normalise)
    first = Level("", normalised, scheme.weighting, scheme.aggregate)
    numbers = normalised if composite.of == "indicators" else first.result
    numbers = _normalised(composite.normalise) if composite.normalise else numbers
    aggregate = composite.aggregate or scheme.aggregate
    return first, Level("composite.", numbers, composite.weighting, aggregate)


def less_is_better(scheme: Scheme) -> tuple[bool, bool]:
    """Whether less is better in the scores of the dimensions, and in the total."""
    first, second = levels(scheme)
    return first.result.less_is_better, second.result.less_is_better


def faults_of_scheme(scheme: Scheme) -> list[str]:
    """Everything that is wrong with a scheme, a sentence each that begins with its place.

    Examples
    --------
    >>> from geoclust.scoring.specs import IndicatorSpec
    >>> one = (IndicatorSpec(name="firm_count", dimension="size"),)
    >>> for fault in faults_of_scheme(Scheme(normalise="min_max", floor=2.0, indicators=one)):
    ...     print(fault)
    floor is 2.0; want at least 0, below 1
    aggregate is 'rank_mean', which wants ranks; want normalise 'competition_rank', or aggregate \
'arithmetic'
    """
    choices = [
        unknown_choice("normalise", scheme.normalise, NORMALISE),
        unknown_choice("weighting", scheme.weighting, WEIGHTINGS),
        unknown_choice("aggregate", scheme.aggregate, AGGREGATE),
        unknown_choice("outliers", scheme.outliers, OUTLIERS),
    ]
    faults = [fault for fault in choices if fault]
    together = [] if faults else _of_levels(scheme)
    if not 0 < scheme.min_share <= 1:
        faults.append(f"min_share is {scheme.min_share!r}; want above 0, at most 1")
    if not 0 <= scheme.floor < 1:
        faults.append(f"floor is {scheme.floor!r}; want at least 0, below 1")
    return faults + _of_indicators(scheme) + together


def _of_indicators(scheme: Scheme) -> list[str]:
    """What is wrong with the indicators taken together, and with the dimensions they name."""
    names = [spec.name for spec in scheme.indicators]
    faults = [] if names else ["indicators are none; want at least one"]
    for at, spec in enumerate(scheme.indicators):
        if spec.name in names[:at]:
            faults.append(f"indicators[{at}].name: {spec.name!r} is named twice; name it once")
        if spec.dimension == OVERALL:
            faults.append(f"indicators[{at}].dimension is {OVERALL!r}, which names the total")
        if scheme.normalise == "world_share" and spec.direction < 0:
            faults.append(f"indicators[{at}].direction is -1 ({spec.name!r}); normalise "
                          "'world_share' wants 1")  # fmt: skip
        if scheme.normalise == "goalposts" and not spec.goalposts:
            faults.append(f"indicators[{at}].goalposts are missing ({spec.name!r}); want two "
                          "numbers, the lower first")  # fmt: skip
    known = scheme.dimensions
    strays = [unknown_choice("composite.weights", d, known) for d in scheme.composite.weights]
    return faults + [fault for fault in strays if fault]


def _of_levels(scheme: Scheme) -> list[str]:
    """What does not go together, step by step."""
    first, second = levels(scheme)
    faults = first.faults
    told = faults if not scheme.composite.aggregate else []
    faults = faults + [f for f in second.faults if f.removeprefix("composite.") not in told]
    below = first.result
    unfit = below.less_is_better or not below.at_least_zero
    if scheme.composite.normalise == "world_share" and unfit:
        faults.append("composite.normalise is 'world_share', which wants scores of at least 0, "
                      "not ranks")  # fmt: skip
    return faults


def _normalised(name: str) -> Numbers:
    how = NORMALISE[name]
    return Numbers(how.less_is_better, name != "z_score", how.unit_scale)
