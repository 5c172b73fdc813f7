"""A point's scoring scheme: normalisation, aggregation, weights, one indicator left out."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

import numpy as np

from geoclust.errors import ParameterError
from geoclust.scoring import Framework
from geoclust.sphere import Floats
from geoclust.study.variation import Variation

Option = TypeVar("Option")

SEEDS = 2**53
"""An input of 0 to 1 that stands for a seed is taken to one of so many."""


def drawn_framework(
    own: Framework, variation: Variation, point: Mapping[str, float]
) -> tuple[Framework, dict[str, object]]:
    """The framework of a draw, and an echo of how it is made.

    Examples
    --------
    >>> framework, echo = drawn_framework(
    ...     Framework.quantum(), Variation.only("normalise"), {"normalise": 0.99})
    >>> framework.normalise, framework.aggregate, echo["left_out"]
    ('z_score', 'arithmetic', '')
    """
    framework = _drawn_scheme(own, variation, point)
    framework = _drawn_weights(framework, variation, point)
    left_out = ""
    if "left_out" in point and variation.leave_out and len(own.indicators) > 1:
        u = point["left_out"] / variation.leave_out
        if u < 1:
            left_out = pick(tuple(spec.name for spec in own.indicators), u)
            framework = without(framework, left_out)
    total = sum(spec.weight for spec in framework.indicators)
    weights = {spec.name: spec.weight / total for spec in framework.indicators}
    echo = {f"weight_{spec.name}": weights.get(spec.name, 0.0) for spec in own.indicators}
    made = {"normalise": framework.normalise, "aggregate": framework.aggregate}
    return framework, {**made, "left_out": left_out, **echo}


def without(framework: Framework, name: str) -> Framework:
    """The framework without one indicator (and its dimension, if nothing else is in it).

    Examples
    --------
    >>> len(without(Framework.quantum(), "brokerage").indicators)
    8
    """
    kept = tuple(spec for spec in framework.indicators if spec.name != name)
    dimensions = {spec.dimension for spec in kept}
    given = framework.composite.weights.items()
    weights = {dimension: weight for dimension, weight in given if dimension in dimensions}
    composite = replace(framework.composite, weights=weights)
    return replace(framework, indicators=kept, composite=composite)


def pick(options: tuple[Option, ...], u: float) -> Option:
    """The option at `u` of the way through, 0 <= u <= 1.

    Examples
    --------
    >>> pick(("a", "b"), 0.5), pick(("a", "b"), 1.0)
    ('b', 'b')
    """
    return options[min(int(u * len(options)), len(options) - 1)]


def _drawn_scheme(own: Framework, variation: Variation, point: Mapping[str, float]) -> Framework:
    """Normalisation first, then an aggregation that can follow it."""
    normalisations = variation.normalise if "normalise" in point else None
    aggregations = variation.aggregate if "aggregate" in point else None
    schemes = _schemes(own, normalisations or (), aggregations or ())
    chosen = pick(schemes, point.get("normalise", 0.0))
    return pick(chosen, point.get("aggregate", 0.0))


@lru_cache(maxsize=64)
def _schemes(
    own: Framework, normalisations: tuple[str, ...], aggregations: tuple[str, ...]
) -> tuple[tuple[Framework, ...], ...]:
    """Per normalisation (the study's first), the frameworks that go together.

    Where none of the aggregations can follow a normalisation, plain means stand in for it: so a
    normalisation may be varied by itself.
    """
    found = []
    for normalise in dict.fromkeys((own.normalise, *normalisations)):
        wanted = dict.fromkeys((own.aggregate, *aggregations))
        possible = _possible(own, normalise, tuple(wanted))
        possible = possible or _possible(own, normalise, ("arithmetic",))
        if possible:
            found.append(possible)
    return tuple(found)


def _possible(
    own: Framework, normalise: str, aggregations: tuple[str, ...]
) -> tuple[Framework, ...]:
    found = []
    for aggregate in aggregations:
        changed = aggregate != own.aggregate
        composite = replace(own.composite, aggregate="") if changed else own.composite
        try:
            framework = replace(own, normalise=normalise, aggregate=aggregate, composite=composite)
        except ParameterError:
            continue
        found.append(framework)
    return tuple(found)


def _drawn_weights(
    framework: Framework, variation: Variation, point: Mapping[str, float]
) -> Framework:
    """Dirichlet weights round the given ones, of indicators and of dimensions."""
    concentration = variation.weight_concentration
    if "weights" not in point or concentration is None:
        return framework
    rng = np.random.default_rng(int(point["weights"] * SEEDS))
    given = np.array([spec.weight for spec in framework.indicators])
    drawn = _dirichlet(given, concentration, rng)
    indicators = tuple(
        replace(spec, weight=float(weight))
        for spec, weight in zip(framework.indicators, drawn, strict=True)
    )
    composite = framework.composite
    if composite.of == "dimensions":
        names = framework.dimensions
        outer = np.array([composite.weights.get(name, 1.0) for name in names])
        drawn = _dirichlet(outer, concentration, rng)
        composite = replace(composite, weights=dict(zip(names, drawn.tolist(), strict=True)))
    return replace(framework, indicators=indicators, composite=composite)


def _dirichlet(given: Floats, concentration: float, rng: np.random.Generator) -> Floats:
    """Weights with the mean of those given and the same sum, none of them 0."""
    shape = concentration * given / given.mean()
    drawn = np.maximum(rng.gamma(shape), 1e-12)
    return np.asarray(given.sum() * drawn / drawn.sum())
