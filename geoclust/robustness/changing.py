"""A point of the unit cube to the settings of a draw, and an echo of every one of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from geoclust.classification import Bars, Criterion, Thresholds
from geoclust.robustness.schemes import drawn_framework
from geoclust.scoring import Framework
from geoclust.study import StudyConfig
from geoclust.study.variation import Variation

LEAST_ABOVE = 1.01
"""The longest link stays above the resolution by this factor at least."""


@dataclass(frozen=True, eq=False)
class Change:
    """The settings of one draw."""

    hierarchy: Mapping[str, Any]
    """Keyword arguments of `build_hierarchy`."""
    selection: Mapping[str, Any]
    """Keyword arguments of `extract_regions`."""
    reach_km: float
    thresholds: Thresholds
    framework: Framework
    echo: Mapping[str, Any]
    """Every setting that may differ, by name, as used."""


def change_at(
    point: Mapping[str, float], config: StudyConfig, resolution_km: float, variation: Variation
) -> Change:
    """The settings at a point; inputs that it does not name stay the study's.

    Parameters
    ----------
    point
        Input to a number from 0 to 1.
    config
        The study's settings.
    resolution_km
        The resolution that the study used, km.
    variation
        What 0 and 1 mean.

    Examples
    --------
    >>> change = change_at({"reach_km": 1.0}, StudyConfig(), 5.0, Variation())
    >>> change.reach_km, change.echo["reach_km"], change.echo["min_samples"]
    (12.5, 12.5, 5)
    """
    clustering, rules = _clustering(point, config, resolution_km, variation)
    reach_km = config.delineation.reach_km * _factor(point, variation, "reach_km")
    factors = {
        name: _factor(point, variation, name)
        for name in ("density_bars", "capability_bars", "targets")
    }
    framework, scheme = drawn_framework(config.scoring, variation, point)
    named = ("min_samples", "max_link_km", "resolution_km")
    return Change(
        hierarchy=clustering,
        selection=rules,
        reach_km=reach_km,
        thresholds=_thresholds(config.thresholds, **factors),
        framework=framework,
        echo={
            **{name: clustering[name] for name in named},
            **{name: rules[name] for name in ("min_cluster_size", "min_membership")},
            "reach_km": reach_km,
            **{f"{name}_factor": factor for name, factor in factors.items()},
            **scheme,
        },
    )


def _factor(point: Mapping[str, float], variation: Variation, name: str) -> float:
    """Factor at the point, evenly spread on a logarithmic scale; 1 where it does not vary."""
    between = getattr(variation, name)
    if name not in point or between is None:
        return 1.0
    low, high = np.log(between[0]), np.log(between[1])
    return float(np.exp(low + point[name] * (high - low)).round(12))


def _clustering(
    point: Mapping[str, float], config: StudyConfig, resolution_km: float, variation: Variation
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Arguments of both steps, kept within what goes together."""
    own = config.clustering
    build, rules = own.hierarchy_arguments, own.selection_arguments
    floor = resolution_km * _factor(point, variation, "resolution_km")
    link = own.max_link_km * _factor(point, variation, "max_link_km")
    link = max(link, LEAST_ABOVE * floor)
    samples = round(own.min_samples * _factor(point, variation, "min_samples"))
    build |= {"min_samples": max(1, samples), "resolution_km": floor, "max_link_km": link}
    size = max(2, round(own.min_cluster_size * _factor(point, variation, "min_cluster_size")))
    if own.max_cluster_size is not None:
        size = min(size, int(own.max_cluster_size))
    shift = variation.min_membership
    membership = own.min_membership
    if "min_membership" in point and shift is not None:
        membership += shift[0] + point["min_membership"] * (shift[1] - shift[0])
        membership = float(np.clip(membership, 0.0, 1.0))
    rules |= {"min_cluster_size": size, "min_membership": membership}
    if own.cluster_selection_method == "distance":
        cut = rules["cluster_selection_epsilon_km"]
        rules["cluster_selection_epsilon_km"] = float(np.clip(cut, floor, link))
    return build, rules


def _thresholds(
    own: Thresholds, *, density_bars: float, capability_bars: float, targets: float
) -> Thresholds:
    def raised(bars: Bars) -> Bars:
        capability = min(1.0, bars.min_capability * capability_bars)
        return Bars(min_density=bars.min_density * density_bars, min_capability=capability)

    def scaled(criterion: Criterion) -> Criterion:
        return replace(criterion, target=criterion.target * targets)

    return replace(
        own,
        cluster=raised(own.cluster),
        quasi=raised(own.quasi),
        criteria=tuple(scaled(criterion) for criterion in own.criteria),
    )
