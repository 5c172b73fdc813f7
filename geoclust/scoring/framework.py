"""A scoring scheme as data: which indicators, which way is better, how they are put together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import pandas as pd

from geoclust.catalogue import INDICATORS, nearest, unknown_indicators, unknown_keys
from geoclust.errors import ParameterError
from geoclust.scoring.aggregating import AGGREGATE
from geoclust.scoring.normalising import NORMALISE

OVERALL: Final = "overall"


def _refuse(faults: list[str], what: str) -> None:
    if faults:
        raise ParameterError(f"{what}: " + "; ".join(faults))


@dataclass(frozen=True, kw_only=True)
class IndicatorSpec:
    """One indicator of a framework."""

    name: str
    """Column of the indicators."""
    dimension: str
    direction: int = 1
    """+1: more is better; -1: less is better."""
    weight: float = 1.0
    """Relative to the other indicators, in its dimension and overall."""
    label: str = ""
    """For tables and axes; empty takes the catalogue's."""

    def __post_init__(self) -> None:
        faults = []
        if self.direction not in {1, -1}:
            faults.append(f"direction is {self.direction!r}; want 1 or -1")
        if not 0 < self.weight < np.inf:
            faults.append(f"weight is {self.weight!r}; want a positive number")
        if not self.dimension:
            faults.append("no dimension; want a word such as 'market_orientation'")
        _refuse(faults, f"indicator {self.name!r}")

    @property
    def title(self) -> str:
        """The label, or what the catalogue calls it, or its name."""
        known = INDICATORS.get(self.name)
        return self.label or (known.label if known else self.name)


QUANTUM: Final = tuple(
    IndicatorSpec(name=indicator.name, dimension=indicator.dimension, direction=indicator.direction)
    for indicator in INDICATORS.values()
    if indicator.dimension
)
"""The nine indicators of `catalogue.ECIPE` in three dimensions."""


@dataclass(frozen=True, kw_only=True)
class Framework:
    """A scoring scheme as data.

    Examples
    --------
    >>> Framework.quantum().dimensions
    ('market_orientation', 'collaboration_intensity', 'ecosystem_maturity')
    >>> Framework(normalise="logarithm")
    Traceback (most recent call last):
    geoclust.errors.ParameterError: framework: normalise is 'logarithm'; known are: competition_rank
    """

    name: str = "quantum"
    indicators: tuple[IndicatorSpec, ...] = QUANTUM
    normalise: str = "competition_rank"
    aggregate: str = "rank_mean"
    min_share: float = 2 / 3
    """Least share of a dimension's indicators that must be known for it to be scored."""

    def __post_init__(self) -> None:
        faults = [
            f"{choice} is {value!r}; {nearest(value, known)}"
            for choice, value, known in (
                ("normalise", self.normalise, NORMALISE),
                ("aggregate", self.aggregate, AGGREGATE),
            )
            if value not in known
        ]
        if not 0 < self.min_share <= 1:
            faults.append(f"min_share is {self.min_share!r}; want above 0, at most 1")
        names = [spec.name for spec in self.indicators]
        if not names:
            faults.append("no indicators; want at least one")
        twice = sorted({name for name in names if names.count(name) > 1})
        faults += [f"indicator {name!r} is named twice; name it once" for name in twice]
        if OVERALL in self.dimensions:
            faults.append(f"a dimension is called {OVERALL!r}, which names the total")
        _refuse(faults, "framework")

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions, in the order of their first indicators."""
        return tuple(dict.fromkeys(spec.dimension for spec in self.indicators))

    @property
    def directions(self) -> pd.Series:
        """Direction of each indicator, by name."""
        return pd.Series({spec.name: spec.direction for spec in self.indicators}, dtype="int64")

    @property
    def weights(self) -> pd.Series:
        """Weight of each indicator, by name."""
        return pd.Series({spec.name: spec.weight for spec in self.indicators}, dtype="float64")

    @classmethod
    def quantum(cls) -> Self:
        """Nine indicators in three dimensions, after Erixon et al. (2025), `catalogue.ECIPE`."""
        return cls()

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Self:
        """Make a framework from plain values, such as a table of a TOML study file.

        Parameters
        ----------
        mapping
            Keys name, normalise, aggregate, min_share, indicators (a list of name, dimension,
            direction, weight, label); what is absent keeps its default.

        Raises
        ------
        ParameterError
            With all faults at once: unknown keys and indicators with the nearest known name.

        Examples
        --------
        >>> Framework.from_mapping({"indicators": [{"name": "firm_cuont", "dimension": "size"}]})
        Traceback (most recent call last):
        geoclust.errors.ParameterError: framework: unknown indicator 'firm_cuont'; \
did you mean 'firm_count'?
        """
        faults = unknown_keys(mapping, cls)
        made = dict(mapping)
        if "indicators" in mapping:
            rows = [
                _make_spec(row, f"indicators[{place}]", faults)
                for place, row in enumerate(mapping["indicators"])
            ]
            made["indicators"] = tuple(row for row in rows if row is not None)
            faults += unknown_indicators(spec.name for spec in made["indicators"])
        _refuse(faults, "framework")
        return cls(**made)


def _make_spec(values: object, where: str, faults: list[str]) -> IndicatorSpec | None:
    if not isinstance(values, Mapping):
        faults.append(f"{where} is {values!r}; want a table")
        return None
    wrong = unknown_keys(values, IndicatorSpec, f"{where}.")
    faults += wrong
    try:
        return None if wrong else IndicatorSpec(**values)
    except (ParameterError, TypeError) as error:
        faults.append(f"{where}: {error}")
        return None
