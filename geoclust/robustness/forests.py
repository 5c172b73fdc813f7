"""The hierarchies of many settings from as few forests as there must be.

A forest depends on the records' weights and on `min_samples`; up to the longest link wanted it
serves every shorter one, and every resolution (`clustering.reuse`).  Forests of several
`min_samples` share one neighbour search.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from geoclust.clustering import Hierarchy, at_lengths, build_hierarchies, build_hierarchy
from geoclust.clustering.build import check_lengths
from geoclust.clustering.locations import default_resolution
from geoclust.schema import Records
from geoclust.study import StudyConfig
from geoclust.study.sections import ClusteringSection

Key = tuple[tuple[float, ...], int]
"""Weights of the kinds, and `min_samples`."""

FINEST_KM = 1e-6
"""Resolution that forests are built with; each hierarchy takes its own."""


@dataclass(frozen=True, eq=False)
class Forests:
    """One hierarchy per forest, with the longest link that any setting asks for."""

    records: Records
    bases: dict[Key, Hierarchy]

    @classmethod
    def of(cls, records: Records, configs: Sequence[StudyConfig], own: Hierarchy) -> Self:
        """Build what the settings need and the study's own hierarchy does not give.

        Parameters
        ----------
        records
            Those of the study.
        configs
            The study at each setting.
        own
            The study's hierarchy.
        """
        longest: dict[tuple[float, ...], float] = {}
        samples: dict[tuple[float, ...], set[int]] = {}
        for rules in (config.clustering for config in configs):
            if rules.engine == "geoclust":
                kinds = _key(rules)[0]
                longest[kinds] = max(longest.get(kinds, 0.0), rules.max_link_km)
                samples.setdefault(kinds, set()).add(rules.min_samples)
        bases: dict[Key, Hierarchy] = {}
        for kinds, link in longest.items():
            names = ("firm", "lab", "patent")
            kind_weights = dict(zip(names, kinds, strict=True))
            if samples[kinds] == {own.min_samples} and _serves(own, kind_weights, link):
                bases[kinds, own.min_samples] = own
                continue
            built = build_hierarchies(
                records,
                min_samples=sorted(samples[kinds]),
                resolution_km=min(FINEST_KM, link / 2),
                max_link_km=link,
                kind_weights=kind_weights,
            )
            bases |= {(kinds, value): hierarchy for value, hierarchy in built.items()}
        return cls(records, bases)

    def hierarchy(self, config: StudyConfig) -> Hierarchy:
        """The hierarchy that a run of the study with these settings would build.

        Raises
        ------
        ParameterError
            If the longest link is not above the resolution.
        """
        rules = config.clustering
        if rules.engine != "geoclust":
            return build_hierarchy(self.records, **rules.hierarchy_arguments)
        base = self.bases[_key(rules)]
        floor_km, reason = rules.resolution_km, "as given"
        if floor_km is None:
            weight = base.locations.records["weight"].to_numpy()
            floor_km, reason = default_resolution(self.records, weight)
            check_lengths(floor_km, rules.max_link_km, reason)
        found = at_lengths(base, max_link_km=rules.max_link_km, resolution_km=floor_km)
        return replace(found, resolution_reason=reason)


def _key(rules: ClusteringSection) -> Key:
    kinds = rules.kind_weights
    return (kinds.firm, kinds.lab, kinds.patent), rules.min_samples


def _serves(own: Hierarchy, kind_weights: dict[str, float], link: float) -> bool:
    same = dict(own.kind_weights) == kind_weights
    return own.engine == "geoclust" and same and own.max_link_km >= link
