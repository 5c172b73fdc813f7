"""The choices of a framework, unchecked: what `rules` judges and `Framework` is."""

from dataclasses import dataclass, field

from geoclust.scoring.shipped import shipped
from geoclust.scoring.specs import Composite, IndicatorSpec


def _quantum_indicators() -> tuple[IndicatorSpec, ...]:
    return tuple(IndicatorSpec(**row) for row in shipped("quantum")["indicators"])


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """The fields of a `Framework`."""

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
    """What is scored; naming one replaces those of the default."""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions, in the order of their first indicators."""
        return tuple(dict.fromkeys(spec.dimension for spec in self.indicators))
