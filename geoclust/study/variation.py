"""What a robustness experiment varies, and how far: `Variation`, `[robustness]` of a study file.

Every kind of change is one *input* between 0 and 1; a draw is a point of the unit cube.  So the
same code serves random draws and the designed runs of a sensitivity analysis.  It stands here and
not with the experiment because a study file may say it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, field_validator

from geoclust.catalogue import nearest
from geoclust.errors import ParameterError
from geoclust.schema import PRECISIONS
from geoclust.scoring import AGGREGATE, NORMALISE
from geoclust.study.section import Section, Share

INPUTS: Final = {
    "resample": "resampling",
    "jitter": "coordinates",
    "min_samples": "clustering",
    "min_cluster_size": "clustering",
    "max_link_km": "clustering",
    "resolution_km": "clustering",
    "min_membership": "clustering",
    "reach_km": "delineation",
    "density_bars": "thresholds",
    "capability_bars": "thresholds",
    "targets": "thresholds",
    "normalise": "normalisation",
    "aggregate": "aggregation",
    "weights": "weights",
    "left_out": "left out",
}
"""Inputs in the order of a point's coordinates, each with the group it belongs to."""

FACTORS: Final = (
    "min_samples",
    "min_cluster_size",
    "max_link_km",
    "resolution_km",
    "reach_km",
    "density_bars",
    "capability_bars",
    "targets",
)
RESAMPLES: Final = ("bootstrap", "subsample")
JITTER_KM: Final = {"address": 0.1, "postcode": 1.0, "city": 5.0, "region": 25.0, "unknown": 5.0}

Range = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Variation:
    """How far each choice may stray from the study's; None leaves it as it is.

    Factors multiply the study's own value and are drawn evenly on a logarithmic scale, so that
    half and double are equally likely; whole numbers are rounded.  The defaults are a fifth down
    and a quarter up, what two careful analysts might disagree by; the exceptions say why.

    Examples
    --------
    >>> Variation(reach_km=(0.5, 2.0)).reach_km
    (0.5, 2.0)
    >>> Variation.only("weights").inputs
    ('weights',)
    >>> Variation(reach_km=(2.0, 0.5))
    Traceback (most recent call last):
    geoclust.errors.ParameterError: variation: reach_km is (2.0, 0.5); want two positive factors, \
the lower first, or None
    """

    resample: str | None = "bootstrap"
    """"bootstrap": as many records as there are, drawn with replacement (a record drawn twice
    counts as two, its ties with it); "subsample": `subsample_share` of them, each once (so counts
    fall in proportion, which the bias shows)."""
    subsample_share: float = 0.9
    """Share of the records in a subsample."""
    jitter_km: Mapping[str, float] | None = field(default_factory=lambda: dict(JITTER_KM))
    """Per precision, how far a coordinate may be off, km: it is moved to a random place within
    that distance, evenly over the disc.  Not named: not moved."""
    jitter_together: bool = True
    """Records with the same coordinates and precision move together, as they share the error of
    their geocode; False moves each by itself, which spreads a city's records and so lowers
    its density."""
    min_samples: Range | None = (0.8, 1.25)
    """Factor on `clustering.min_samples`."""
    min_cluster_size: Range | None = (0.8, 1.25)
    """Factor on `clustering.min_cluster_size`."""
    max_link_km: Range | None = (0.8, 1.25)
    """Factor on `clustering.max_link_km`."""
    resolution_km: Range | None = (0.5, 2.0)
    """Factor on the resolution used; wider, because it is judged by rule of thumb."""
    min_membership: Range | None = (-0.1, 0.1)
    """Added, not multiplied; the result stays within 0 and 1."""
    reach_km: Range | None = (0.8, 1.25)
    """Factor on `delineation.reach_km`."""
    density_bars: Range | None = (0.8, 1.25)
    """One factor on both density bars."""
    capability_bars: Range | None = (0.9, 1.1)
    """One factor on both capability bars, which end at 1; narrower, because they do."""
    targets: Range | None = (0.8, 1.25)
    """One factor on the targets of all criteria."""
    normalise: tuple[str, ...] | None = ("competition_rank", "percentile", "min_max", "z_score")
    """Drawn from, with the study's own added; those that no aggregation can follow are left out."""
    aggregate: tuple[str, ...] | None = ("rank_mean", "arithmetic", "geometric", "copeland")
    """Drawn from those that can follow the normalisation, with the study's own added."""
    weight_concentration: float | None = 10.0
    """Weights are drawn from a Dirichlet distribution round the study's; with k equally weighted
    indicators, each strays by about 1 / sqrt(concentration) of itself: 10 is 30 %."""
    leave_out: float | None = 0.5
    """Probability that one indicator, any, is left out of a draw."""

    def __post_init__(self) -> None:
        faults = [fault for name in FACTORS for fault in self._faults_of_factor(name)]
        faults += [*self._faults_of_records(), *self._faults_of_scoring()]
        if faults:
            raise ParameterError("variation: " + "; ".join(faults))
        for name in ("normalise", "aggregate"):
            given = getattr(self, name)
            object.__setattr__(self, name, None if given is None else tuple(given))

    @classmethod
    def none(cls) -> Self:
        """Vary nothing."""
        kept = {"subsample_share", "jitter_together"}
        return cls(**{each.name: None for each in fields(cls) if each.name not in kept})  # type: ignore[arg-type]

    @classmethod
    def only(cls, *inputs: str) -> Self:
        """Vary the named inputs (of `INPUTS`) as by default, nothing else."""
        unknown = [name for name in inputs if name not in INPUTS]
        if unknown:
            raise ParameterError(f"no input {unknown[0]!r}; {nearest(unknown[0], tuple(INPUTS))}")
        default, names = cls(), [_FIELD_OF.get(name, name) for name in inputs]
        off = {name: None for name in map(_field_of, INPUTS) if name not in names}
        return cls(**{**{name: getattr(default, name) for name in names}, **off})

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs that vary, in the order of `INPUTS`."""
        return tuple(name for name in INPUTS if getattr(self, _field_of(name)) is not None)

    def _faults_of_factor(self, name: str) -> list[str]:
        given = getattr(self, name)
        if given is None or (len(given) == 2 and 0 < given[0] <= given[1] < math.inf):  # noqa: PLR2004
            return []
        return [f"{name} is {given!r}; want two positive factors, the lower first, or None"]

    def _faults_of_records(self) -> list[str]:
        faults = []
        if self.resample not in {None, *RESAMPLES}:
            faults.append(f"resample is {self.resample!r}; want one of {RESAMPLES} or None")
        if not 0 < self.subsample_share <= 1:
            faults.append(f"subsample_share is {self.subsample_share!r}; want above 0, at most 1")
        for precision, km in (self.jitter_km or {}).items():
            if precision not in PRECISIONS:
                faults.append(f"jitter_km: {precision!r}; {nearest(precision, PRECISIONS)}")
            if not 0 <= km < 1000:  # noqa: PLR2004 - beyond, it is no geocode
                faults.append(f"jitter_km.{precision} is {km!r}; want 0 to 1000 km")
        shift = self.min_membership
        if shift is not None and not (len(shift) == 2 and -1 <= shift[0] <= shift[1] <= 1):  # noqa: PLR2004
            faults.append(f"min_membership is {shift!r}; want two shifts within -1 and 1, or None")
        return faults

    def _faults_of_scoring(self) -> list[str]:
        faults = [
            f"{field_name}: {word!r}; {nearest(word, tuple(known))}"
            for field_name, known in (("normalise", NORMALISE), ("aggregate", AGGREGATE))
            for word in getattr(self, field_name) or ()
            if word not in known
        ]
        concentration, leave_out = self.weight_concentration, self.leave_out
        if concentration is not None and not 0 < concentration < math.inf:
            faults.append(f"weight_concentration is {concentration!r}; want a positive number")
        if leave_out is not None and not 0 <= leave_out <= 1:
            faults.append(f"leave_out is {leave_out!r}; want a probability, 0 to 1")
        return faults


_FIELD_OF: Final = {
    "jitter": "jitter_km",
    "weights": "weight_concentration",
    "left_out": "leave_out",
}


def switched_off(values: Any) -> Any:  # noqa: ANN401 - whatever stands in a study file
    """A table of a study file with `false`, which TOML has for nothing, as None.

    Examples
    --------
    >>> switched_off({"reach_km": False, "leave_out": 0.25, "jitter_together": False})
    {'reach_km': None, 'leave_out': 0.25, 'jitter_together': False}
    """
    if not isinstance(values, Mapping):
        return values
    off = {name for name, value in values.items() if value is False and name != "jitter_together"}
    return {name: None if name in off else value for name, value in values.items()}


def _field_of(name: str) -> str:
    """Field of `Variation` that says how far an input strays."""
    return _FIELD_OF.get(name, name)


class RobustnessSection(Section):
    """`[robustness]`: how `geoclust robustness` draws the study anew."""

    draws: int = Field(default=500, ge=1)
    """How often the whole chain is drawn; the standard error of a probability is at most
    0.5 / sqrt(draws), 2 % at 500."""

    sensitivity_points: int = Field(default=64, ge=0)
    """Base points n of the Sobol design, best a power of two, at least 2; it takes n (k + 2) runs
    for k groups or inputs.  0: no sensitivity analysis."""

    by: Literal["group", "input"] = "group"
    """Sensitivity to groups of choices (nine by default), or to every input by itself."""

    min_shared: Share = 0.5
    """A region of a draw is the study's only if they share this part of the lighter one, 0 to 1."""

    vary: Annotated[Variation, BeforeValidator(switched_off)] = Variation()
    """What varies and how far.  Two numbers are the lowest and highest factor on the study's own
    value, drawn evenly on a logarithmic scale; min_membership is shifted instead.  jitter_km: how
    far a coordinate of each precision may be off, km.  false leaves a choice as it is."""

    @field_validator("sensitivity_points")
    @classmethod
    def _enough_points(cls, points: int) -> int:
        if points == 1:
            raise ValueError("want at least 2 points, or 0 for no sensitivity analysis")
        return points
