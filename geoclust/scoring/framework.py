"""A scoring scheme as data: which indicators, which way is better, how they are put together."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import pandas as pd

from geoclust.catalogue import FACTORS, unknown_indicators, unknown_keys
from geoclust.errors import InputError, ParameterError
from geoclust.scoring.aggregating import AGGREGATE
from geoclust.scoring.normalising import NORMALISE
from geoclust.scoring.rules import faults_of_levels, less_is_better
from geoclust.scoring.specs import (
    OVERALL,
    Composite,
    IndicatorSpec,
    refuse,
    unknown_choice,
)
from geoclust.scoring.weighting import WEIGHTINGS

SHIPPED: Final = ("quantum", "wipo")
"""Frameworks inside the package, `frameworks/<name>.toml`."""
OUTLIERS: Final = ("auto", "off", "handbook")

Part = TypeVar("Part")


@cache
def _shipped(name: str) -> Mapping[str, Any]:
    text = files("geoclust.scoring").joinpath("frameworks", f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


def _quantum_indicators() -> tuple[IndicatorSpec, ...]:
    return tuple(IndicatorSpec(**row) for row in _shipped("quantum")["indicators"])


@dataclass(frozen=True, kw_only=True)
class Framework:
    """A scoring scheme as data.

    Indicators are normalised over the regions given, weighted and put together to the score of
    each dimension, and, as `composite` says, to the total.  The defaults are competition ranks
    and their means throughout: a rank, and a score that is a mean rank, are better when less;
    every other score is better when more (`less_is_better`).

    Examples
    --------
    >>> Framework.quantum().dimensions
    ('market_orientation', 'collaboration_intensity', 'ecosystem_maturity')
    >>> Framework(normalise="logarithm")
    Traceback (most recent call last):
    geoclust.errors.ParameterError: framework: normalise is 'logarithm'; known are: \
competition_rank, goalposts, min_max, percentile, world_share, z_score
    """

    name: str = "quantum"
    """In a study file the name of a shipped framework ("quantum", "wipo"), given without
    indicators of one's own, stands for all of it; further keys change it."""
    normalise: str = "competition_rank"
    """Of indicators: competition_rank, percentile, min_max, z_score, goalposts, world_share."""
    weighting: str = "given"
    """Of the indicators in a dimension: given, equal, pca, benefit_of_the_doubt."""
    aggregate: str = "rank_mean"
    """Indicators to a dimension: rank_mean, arithmetic, geometric, harmonic, copeland, sum."""
    outliers: str = "auto"
    """"handbook": treat them, see `treat`; "off": never; "auto": under min_max and z_score, whose
    scale one far value would squeeze.  Ranks only see the order and need none."""
    min_share: float = 2 / 3
    """Least share of a dimension's indicators that must be known for it to be scored."""
    floor: float = 0.01
    """Geometric and harmonic means take 0 to 1 as `floor` to 1, so that the last place in one
    indicator does not make the whole 0; at 0, it does."""
    composite: Composite = field(default_factory=Composite)
    """How the total is made."""
    indicators: tuple[IndicatorSpec, ...] = field(default_factory=_quantum_indicators)

    def __post_init__(self) -> None:
        faults = [
            unknown_choice("normalise", self.normalise, NORMALISE),
            unknown_choice("weighting", self.weighting, WEIGHTINGS),
            unknown_choice("aggregate", self.aggregate, AGGREGATE),
            unknown_choice("outliers", self.outliers, OUTLIERS),
        ]
        if not 0 < self.min_share <= 1:
            faults.append(f"min_share is {self.min_share!r}; want above 0, at most 1")
        if not 0 <= self.floor < 1:
            faults.append(f"floor is {self.floor!r}; want at least 0, below 1")
        faults += self._faults_of_indicators()
        faults = [fault for fault in faults if fault]
        refuse(faults or faults_of_levels(self), "framework")

    def _faults_of_indicators(self) -> list[str]:
        names = [spec.name for spec in self.indicators]
        faults = [] if names else ["no indicators; want at least one"]
        twice = sorted({name for name in names if names.count(name) > 1})
        faults += [f"indicator {name!r} is named twice; name it once" for name in twice]
        if OVERALL in self.dimensions:
            faults.append(f"a dimension is called {OVERALL!r}, which names the total")
        known = self.dimensions
        strays = (unknown_choice("composite.weights", d, known) for d in self.composite.weights)
        return faults + [fault for fault in strays if fault]

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
        """Weight of each indicator as given, by name."""
        return pd.Series({spec.name: spec.weight for spec in self.indicators}, dtype="float64")

    @property
    def less_is_better(self) -> bool:
        """Whether the better total is the lesser (a mean rank) or the greater (a score)."""
        return less_is_better(self)[1]

    @property
    def treats_outliers(self) -> bool:
        """Whether indicators are treated by the handbook's rule before they are normalised."""
        auto = NORMALISE[self.normalise].treats_outliers
        return self.outliers == "handbook" or (self.outliers == "auto" and auto)

    @property
    def missing_rule(self) -> str:
        """What happens to missing values, in a sentence.

        Examples
        --------
        >>> Framework().missing_rule
        'A missing value counts as the place behind all that are known; a dimension with less \
than 67 % of its indicators known is not scored.'
        """
        return (
            f"A missing value counts as {NORMALISE[self.normalise].missing}; a dimension with "
            f"less than {self.min_share:.0%} of its indicators known is not scored."
        ).replace("%", " %")

    @classmethod
    def quantum(cls) -> Self:
        """Nine indicators in three dimensions, after Erixon et al. (2025), `catalogue.ECIPE`."""
        return cls.from_mapping(_shipped("quantum"))

    @classmethod
    def wipo(cls) -> Self:
        """Share of patents plus share of publications, after WIPO's Global Innovation Index.

        Examples
        --------
        >>> framework = Framework.wipo()
        >>> framework.normalise, framework.aggregate, framework.dimensions
        ('world_share', 'sum', ('technology', 'science'))
        """
        return cls.from_mapping(_shipped("wipo"))

    @classmethod
    def from_toml(cls, path: str | Path) -> Self:
        """Read a framework from a TOML file, such as those in `geoclust/scoring/frameworks`.

        Raises
        ------
        InputError
            If the file cannot be read as TOML in UTF-8.
        ParameterError
            With all faults of the framework.
        """
        try:
            values = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InputError(f"{path}: cannot be read as a framework: {error}") from error
        return cls.from_mapping(values)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Self:
        """Make a framework from plain values, such as a table of a TOML study file.

        Parameters
        ----------
        mapping
            Keys as the fields: composite a table, indicators a list of tables.  What is absent
            keeps its default, or takes it from the shipped framework named (see `expand`).

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
        made = dict(expand(mapping))
        faults = unknown_keys(made, cls)
        if "composite" in made:
            composite = _make(Composite, made["composite"], "composite", faults)
            made["composite"] = composite or Composite()
        if "indicators" in made:
            rows = [
                _make(IndicatorSpec, row, f"indicators[{place}]", faults)
                for place, row in enumerate(made["indicators"])
            ]
            made["indicators"] = tuple(row for row in rows if row is not None)
            faults += unknown_indicators(spec.name for spec in made["indicators"])
        refuse(faults, "framework")
        return cls(**made)

    def by_factor(self) -> "Framework":
        """The same scheme with the kinds of factor in place of the dimensions.

        Indicators are grouped as firm-level, institutional or external; what is computed per
        dimension is then computed per kind of factor (and so is a total that is made of
        dimensions).  Weights of dimensions are dropped.

        Examples
        --------
        >>> Framework.quantum().by_factor().dimensions
        ('firm', 'institutional', 'external')
        """
        order = (*FACTORS, "unstated")
        specs = sorted(self.indicators, key=lambda spec: order.index(spec.factor_of))
        return replace(
            self,
            composite=replace(self.composite, weights={}),
            indicators=tuple(replace(spec, dimension=spec.factor_of) for spec in specs),
        )


def expand(values: Any) -> Any:  # noqa: ANN401 - whatever stands in a study file
    """Fill in the shipped framework that plain values name; all else comes back as it is.

    Parameters
    ----------
    values
        A name ("wipo"), a mapping whose `name` is that of a shipped framework and that has no
        indicators of its own (its other keys change the framework), or anything else.

    Returns
    -------
    object
        A mapping for a name or such a mapping, else `values` itself.

    Raises
    ------
    ParameterError
        If a bare name is not that of a shipped framework.

    Examples
    --------
    >>> expand({"name": "wipo", "aggregate": "arithmetic"})["normalise"]
    'world_share'
    >>> expand({"name": "mine", "min_share": 0.5})
    {'name': 'mine', 'min_share': 0.5}
    """
    if isinstance(values, str):
        fault = unknown_choice("framework", values, SHIPPED)
        refuse([fault] if fault else [], "framework")
        return dict(_shipped(values))
    if not isinstance(values, Mapping) or "indicators" in values:
        return values
    return {**_shipped(values["name"]), **values} if values.get("name") in SHIPPED else values


def _make(kind: type[Part], values: object, where: str, faults: list[str]) -> Part | None:
    """An instance of `kind`, or None with the reasons added to `faults`."""
    if isinstance(values, kind):
        return values
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
