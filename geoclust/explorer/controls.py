"""The sliders: which settings may be dragged, and how far."""

import math
from dataclasses import dataclass
from typing import Any, Final

from geoclust.robustness.settings import varied_settings
from geoclust.study import StudyConfig


@dataclass(frozen=True)
class Control:
    """One slider.

    Attributes
    ----------
    name
        The setting's name in the study file.
    label, unit
        What a reader sees.
    low, high, step
        Of the slider.
    value
        The study's own.
    """

    name: str
    label: str
    unit: str
    low: float
    high: float
    step: float
    value: float


SLIDERS: Final = (
    ("clustering.min_cluster_size", "Least weight of a region", "", 2, 40, 1),
    ("clustering.min_samples", "Neighbours that make a place dense", "", 1, 30, 1),
    ("clustering.cluster_selection_epsilon_km", "Keep together below", "km", 0, 60, 1),
    ("clustering.max_link_km", "Longest link", "km", 5, 200, 5),
    ("delineation.reach_km", "Reach of a footprint", "km", 2, 60, 1),
    ("thresholds.cluster.min_density", "Cluster: density bar", "per 100 km²", 0, 2, 0.01),
    ("thresholds.cluster.min_capability", "Cluster: capability bar", "", 0, 1, 0.01),
    ("thresholds.quasi.min_density", "Quasi-cluster: density bar", "per 100 km²", 0, 2, 0.01),
    ("thresholds.quasi.min_capability", "Quasi-cluster: capability bar", "", 0, 1, 0.01),
)


def controls_of(config: StudyConfig) -> list[Control]:
    """The sliders of a study; each reaches at least twice as far as the study's own value.

    Parameters
    ----------
    config
        The study.

    Examples
    --------
    >>> [(one.name, one.value, one.high) for one in controls_of(StudyConfig())][:2]
    [('clustering.min_cluster_size', 10.0, 40.0), ('clustering.min_samples', 5.0, 30.0)]
    """
    own = varied_settings(config)
    return [
        _control(own[name], name, label, unit, low, high, step)
        for name, label, unit, low, high, step in SLIDERS
    ]


def _control(  # noqa: PLR0917 - a row of the table
    own: Any,  # noqa: ANN401 - whatever a study file may hold
    name: str,
    label: str,
    unit: str,
    low: float,
    high: float,
    step: float,
) -> Control:
    value = float(own)
    reach = high if not math.isfinite(value) else max(high, 2 * value)
    if name.endswith("min_capability"):
        reach = 1.0
    top = float(math.ceil(round(reach / step, 9)) * step)
    return Control(name, label, unit, float(low), round(top, 9), step, value)
