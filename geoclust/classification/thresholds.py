"""The bars a region is judged by: absolute, checked when made, the researcher's to change."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Self, TypeVar, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoclust.catalogue import unknown_indicators, unknown_keys
from geoclust.errors import ParameterError
from geoclust.sphere import Floats

AT_THE_BAR: Final = 1e-9
"""A value that misses its bar by this share or less passes: only rounding lies between."""

K = TypeVar("K")

ADDITIONS: Final = ("firms", "labs", "patents", "funding_usd")
"""What a gap is made of."""


def _refuse(faults: list[str], what: str) -> None:
    if faults:
        raise ParameterError.listing(what, faults)


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Two bars that go together."""

    min_density: float
    """Activity per 100 km2 of reach area."""
    min_capability: float
    """0 to 1."""

    def __post_init__(self) -> None:
        faults = []
        if not 0 < self.min_density < math.inf:
            faults.append(f"min_density is {self.min_density!r}; want a positive number")
        if not 0 < self.min_capability <= 1:
            faults.append(f"min_capability is {self.min_capability!r}; want above 0, at most 1")
        _refuse(faults, "bars")


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One thing that a mature cluster has, and how much of it is enough."""

    name: str
    """What it is called in results; each has its own."""
    indicator: str
    """Column of the indicators."""
    target: float
    """Value at which the criterion is met in full; below, it counts in proportion."""
    weight: float = 1.0
    """Share in capability, relative to the other criteria."""

    def __post_init__(self) -> None:
        faults = [
            f"{field} is {value!r}; want a positive number"
            for field, value in (("target", self.target), ("weight", self.weight))
            if not 0 < value < math.inf
        ]
        _refuse(faults, f"criterion {self.name!r}")


@dataclass(frozen=True, kw_only=True)
class UnitCosts:
    """What one more of each costs, in units of one firm: prices of the gap, not of the world.

    The defaults rank additions by how hard they are to bring about: a lab is an institution and
    takes years, two or three patents are the filed work of a young firm, and four million dollars
    is about one early financing round.  Against the default targets no two of them give the
    same capability per cost, so that ties are rare.
    """

    firm: float = 1.0
    """Of one more firm: the unit."""
    lab: float = 3.0
    """Of one more lab."""
    patent: float = 0.4
    """Of one more patent."""
    funding_usd: float = 2.5e-7
    """Per US dollar; 2.5e-7 makes four million dollars equal to one firm."""

    def __post_init__(self) -> None:
        faults = [
            f"{field.name} is {value!r}; want a positive number"
            for field in fields(self)
            if not 0 < (value := getattr(self, field.name)) < math.inf
        ]
        _refuse(faults, "unit costs")


CRITERIA: Final = (
    Criterion(name="firms", indicator="firm_count", target=10),
    Criterion(name="labs", indicator="lab_count", target=3),
    Criterion(name="patents", indicator="patent_count", target=20),
    Criterion(name="funding", indicator="funding_usd", target=50e6),
    Criterion(name="kinds of organisation", indicator="category_count", target=4),
)
"""Default criteria, equally weighted because nothing published ranks them.

* ten firms: enough for suppliers and rivals to find each other and for one failure not to end it;
* three labs: knowledge from more than one house, so that no single director's choice decides;
* twenty patents: two per firm of that size, a sustained record rather than one lucky filing;
* 50 million USD of disclosed funding: some ten early rounds, or one firm grown beyond them;
* four kinds of organisation out of eight: about half of the chain from university to investor.

No published thresholds exist for these (see `catalogue.ECIPE`); they are ours and the
threshold frontier shows what hangs on them.
"""


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Everything the judgement hangs on.  Bars are absolute: one country is judged like the world.

    The default density bars are half a dozen records within ten kilometres of one place (1.5 per
    100 km2 of a disc of 314 km2 is 4.7) for a quasi-cluster, and twice that for a cluster; the
    default capability bars ask for three and for one and a half of the five criteria in full.

    Examples
    --------
    >>> Thresholds().cluster.min_density, Thresholds().quasi.min_capability
    (3.0, 0.3)
    >>> Thresholds(quasi=Bars(min_density=4.0, min_capability=0.3))
    Traceback (most recent call last):
    geoclust.errors.ParameterError: thresholds: quasi.min_density is 4.0, above \
cluster.min_density 3.0; want 0 < quasi <= cluster
    """

    cluster: Bars = Bars(min_density=3.0, min_capability=0.6)
    """Both are passed by a cluster."""
    quasi: Bars = Bars(min_density=1.5, min_capability=0.3)
    """Both are passed by a quasi-cluster; each at most the bar of a cluster."""
    criteria: tuple[Criterion, ...] = CRITERIA
    """What capability is the weighted mean of; see `CRITERIA` for the reasons."""
    unit_costs: UnitCosts = UnitCosts()
    """What one more of each costs when the cheapest way to close a gap is looked for."""

    def __post_init__(self) -> None:
        faults = [
            f"quasi.{bar} is {getattr(self.quasi, bar)!r}, above cluster.{bar} "
            f"{getattr(self.cluster, bar)!r}; want 0 < quasi <= cluster"
            for bar in ("min_density", "min_capability")
            if getattr(self.quasi, bar) > getattr(self.cluster, bar)
        ]
        names = [criterion.name for criterion in self.criteria]
        faults += [
            f"criterion {name!r} is named twice; give each its own name"
            for name in sorted({name for name in names if names.count(name) > 1})
        ]
        if not names:
            faults.append("no criteria; want at least one")
        _refuse(faults, "thresholds")

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Self:
        """Make thresholds from plain values, such as a table of a TOML study file.

        Parameters
        ----------
        mapping
            Keys cluster, quasi (min_density, min_capability), criteria (a list of name,
            indicator, target, weight), unit_costs (firm, lab, patent, funding_usd); what is
            absent keeps its default.

        Raises
        ------
        ParameterError
            With all faults at once: unknown keys and indicators with the nearest known name.

        Examples
        --------
        >>> bars = {"min_density": 5, "min_capability": 0.7}
        >>> Thresholds.from_mapping({"cluster": bars}).cluster.min_density
        5
        >>> Thresholds.from_mapping({"clutser": bars})
        Traceback (most recent call last):
        geoclust.errors.ParameterError: thresholds: unknown key 'clutser'; did you mean 'cluster'?
        """
        faults = unknown_keys(mapping, cls)
        made: dict[str, Any] = {}
        for key, kind in (("cluster", Bars), ("quasi", Bars), ("unit_costs", UnitCosts)):
            if key in mapping:
                made[key] = _make(kind, mapping[key], key, faults)
        if "criteria" in mapping:
            rows = [
                _make(Criterion, row, f"criteria[{place}]", faults)
                for place, row in enumerate(mapping["criteria"])
            ]
            made["criteria"] = tuple(rows)
            faults += unknown_indicators(row.indicator for row in rows if row is not None)
        _refuse(faults, "thresholds")
        return cls(**made)


@overload
def passes(value: pd.Series, bar: float) -> "pd.Series[bool]": ...
@overload
def passes(value: Floats, bar: float | Floats) -> NDArray[np.bool_]: ...
def passes(value: pd.Series | Floats, bar: float | Floats) -> "pd.Series[bool] | NDArray[np.bool_]":
    """Say where values reach their bar, rounding aside; nowhere where they are missing.

    Examples
    --------
    >>> passes(np.array([0.2 + 0.2 + 0.2, 0.6 - 1e-12, 0.59, np.nan]), 0.6).tolist()
    [True, True, False, False]
    """
    return value >= bar * (1 - AT_THE_BAR)


def _make(kind: type[K], values: object, where: str, faults: list[str]) -> K | None:
    """An instance of `kind`, or None with the reasons added to `faults`."""
    if not isinstance(values, Mapping):
        faults.append(f"{where} is {values!r}; want a table")
        return None
    wrong = unknown_keys(values, kind, f"{where}.")
    faults += wrong
    try:
        return None if wrong else kind(**values)
    except (ParameterError, TypeError) as error:
        faults.append(f"{where}: {error}")
        return None
