"""The parts of a framework: one indicator of it, and how its total is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from geoclust.catalogue import FACTORS, INDICATORS, nearest
from geoclust.errors import FrameworkError
from geoclust.scoring.aggregating import AGGREGATE
from geoclust.scoring.normalising import NORMALISE
from geoclust.scoring.weighting import WEIGHTINGS

OVERALL: Final = "overall"
LEVELS: Final = ("indicators", "dimensions")
AS_BELOW: Final = ""
"""Stands for the choice of the level below."""


def refuse(faults: list[str], what: str) -> None:
    """Raise all faults at once, if there are any."""
    if faults:
        raise FrameworkError(faults, what)


def unknown_choice(name: str, value: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """One sentence if `value` is not among the known ones, else empty."""
    return "" if value in known else f"{name} is {value!r}; {nearest(value, tuple(known))}"


@dataclass(frozen=True, kw_only=True)
class IndicatorSpec:
    """One indicator of a framework."""

    name: str
    """Column of the indicators."""
    dimension: str
    """Group it belongs to, such as market_orientation; made by naming it."""
    direction: int = 1
    """+1: more is better; -1: less is better."""
    weight: float = 1.0
    """Relative to the other indicators, in its dimension and overall."""
    label: str = ""
    """For tables and axes; empty takes the catalogue's."""
    factor: str = ""
    """"firm", "institutional" or "external"; empty takes the catalogue's."""
    goalposts: tuple[float, ...] = ()
    """Two values, low and high, in the indicator's unit: 0 and 1 of `normalise = "goalposts"`."""
    total: float | None = None
    """What `normalise = "world_share"` takes shares of, in the indicator's unit, such as all
    patents of the world; without it, the sum over the regions that are ranked."""

    def __post_init__(self) -> None:
        faults = []
        if self.direction not in {1, -1}:
            faults.append(f"direction is {self.direction!r}; want 1 or -1")
        if not 0 < self.weight < np.inf:
            faults.append(f"weight is {self.weight!r}; want a positive number")
        if not self.dimension:
            faults.append("dimension is ''; want a word such as 'market_orientation'")
        if self.factor:
            faults += filter(None, [unknown_choice("factor", self.factor, FACTORS)])
        if self.goalposts and not _two_in_order(self.goalposts):
            faults.append(f"goalposts are {self.goalposts!r}; want two numbers, the lower first")
        if self.total is not None and not 0 < self.total < np.inf:
            faults.append(f"total is {self.total!r}; want a positive number")
        refuse(faults, f"indicator {self.name!r}")
        object.__setattr__(self, "goalposts", tuple(self.goalposts))

    @property
    def title(self) -> str:
        """The label, or what the catalogue calls it, or its name."""
        known = INDICATORS.get(self.name)
        return self.label or (known.label if known else self.name)

    @property
    def factor_of(self) -> str:
        """Its kind of factor, its own or the catalogue's; "unstated" where neither says."""
        known = INDICATORS.get(self.name)
        return self.factor or (known.factor if known else "") or "unstated"


def _two_in_order(posts: tuple[float, ...]) -> bool:
    return len(posts) == 2 and -np.inf < posts[0] < posts[1] < np.inf  # noqa: PLR2004


@dataclass(frozen=True, kw_only=True)
class Composite:
    """How the total is made: the second level of a framework.

    Examples
    --------
    >>> Composite(of="dimensions", aggregate="geometric", weights={"market_orientation": 2.0})
    Composite(of='dimensions', normalise='', weighting='given', aggregate='geometric', \
weights={'market_orientation': 2.0})
    """

    of: str = "indicators"
    """"indicators": of all indicators at once, whatever their dimension; "dimensions": of the
    scores of the dimensions."""
    normalise: str = AS_BELOW
    """Of the dimensions' scores before they are put together; empty: as they are."""
    weighting: str = "given"
    """"given", "equal", "pca" or "benefit_of_the_doubt"."""
    aggregate: str = AS_BELOW
    """Empty: as in the dimensions."""
    weights: Mapping[str, float] = field(default_factory=dict, hash=False)
    """Weight of each dimension under "given", 1 where not named."""

    def __post_init__(self) -> None:
        normalise = (AS_BELOW, *(name for name in NORMALISE if name != "goalposts"))
        faults = [
            unknown_choice("of", self.of, LEVELS),
            unknown_choice("normalise", self.normalise, normalise),
            unknown_choice("weighting", self.weighting, WEIGHTINGS),
            unknown_choice("aggregate", self.aggregate, (AS_BELOW, *AGGREGATE)),
        ]
        faults += [
            f"weights.{name} is {weight!r}; want a positive number"
            for name, weight in self.weights.items()
            if not 0 < weight < np.inf
        ]
        if self.of == "indicators":
            faults += [
                f"{name} is given, for of = 'dimensions' only"
                for name, value in (("weights", self.weights), ("normalise", self.normalise))
                if value
            ]
        refuse([fault for fault in faults if fault], "composite")
        object.__setattr__(self, "weights", dict(self.weights))
