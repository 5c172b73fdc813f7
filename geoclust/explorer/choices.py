"""Regions at any settings: hierarchies are built once per forest, and the last answers are kept."""

import time
from dataclasses import replace
from typing import Final

from geoclust.clustering import Clustering, Hierarchy
from geoclust.explorer.keeping import Kept
from geoclust.records import Inputs
from geoclust.robustness.forests import Forests
from geoclust.robustness.settings import with_values
from geoclust.study import StudyConfig
from geoclust.study.deciding import Decided, Decisions
from geoclust.study.stages import choose_regions, decide_regions

LONGEST_KM: Final = 400.0
"""Forests are built up to this link at least, so that a longer one needs no new forest."""

MOST_KEPT: Final = 6
"""Answers of each kind that are kept."""

KEPT_RECORDS: Final = 1_000_000
"""Records that all kept answers of a kind tell of together, at most; one is always kept."""


class Choices:
    """What the stages up to the regions come to, for one study with many settings.

    Parameters
    ----------
    inputs
        Its tables.
    decisions
        Its partition; edits are those of each configuration.
    own
        Its own hierarchy.
    """

    def __init__(self, inputs: Inputs, decisions: Decisions, own: Hierarchy) -> None:
        self._inputs, self._decisions, self._own = inputs, decisions, own
        self._forests: dict[str, Forests] = {}
        self._last_s = 0.0
        records = max(1, len(inputs.records))
        self._kept = Kept(max(1, min(MOST_KEPT, KEPT_RECORDS // records)))

    def decided(self, config: StudyConfig) -> tuple[Clustering, Decided]:
        """Regions of each record, edited, and what was decided on the way.

        Raises
        ------
        ConfigError
            If an edit does not match the regions found.
        """
        rules = repr(config.clustering)
        found: Clustering = self._kept.once(
            "choose", rules, lambda: choose_regions(config, self.hierarchy(config))
        )

        def decide() -> tuple[Clustering, Decided]:
            where = ("the bench",) * len(config.edits)
            decisions = replace(self._decisions, edits=config.edits, where=where)
            return decide_regions(config, decisions, self._inputs, found)

        made: tuple[Clustering, Decided] = self._kept.once(
            "decide", rules + repr(config.edits), decide
        )
        return made

    def hierarchy(self, config: StudyConfig) -> Hierarchy:
        """The hierarchy that a run with these settings would build."""
        rules = config.clustering
        forests = self._forest(config)
        if forests is None:
            longest = max(LONGEST_KM, rules.max_link_km)
            wide = with_values(config, {"clustering.max_link_km": longest})
            start = time.perf_counter()
            forests = Forests.of(self._inputs.records, [wide], self._own)
            self._last_s = time.perf_counter() - start
            self._forests[_kinds(config)] = forests
        floor = repr((rules.max_link_km, rules.resolution_km))
        found: Hierarchy = self._kept.once(
            "hierarchy", _kinds(config) + floor, lambda: forests.hierarchy(config)
        )
        return found

    def forest_seconds(self, config: StudyConfig) -> float:
        """How long the last forest took, if these settings need another; 0 if they do not."""
        return 0.0 if self._forest(config) else self._last_s

    def _forest(self, config: StudyConfig) -> Forests | None:
        """The forest that serves these settings, if it has been built."""
        forests = self._forests.get(_kinds(config))
        if forests is None or _reach(forests) < config.clustering.max_link_km:
            return None
        return forests


def _kinds(config: StudyConfig) -> str:
    rules = config.clustering
    return repr((rules.kind_weights, rules.min_samples, rules.engine))


def _reach(forests: Forests) -> float:
    return max((base.max_link_km for base in forests.bases.values()), default=0.0)
