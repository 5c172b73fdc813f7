"""What the page draws of the bench, and of that only what has changed since it was last told.

A scene is plain values: each region with its footprint, status and rank, and what became of it
against the study.  Coordinates are those of the report's page: whole steps, differences, thinned.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.explorer.bench import Bench, Found
from geoclust.report.payload import region_shapes
from geoclust.robustness.matching import match_regions
from geoclust.robustness.swept import region_numbers
from geoclust.schema import STATUSES, WEIGHT_UNIT
from geoclust.sphere import Floats, Ints

SHARE: Final = 0.25
"""A region holds a part of another from this share of the lighter one's weight on."""


class Scene:
    """A bench as its page sees it; remembers what the page has been told."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        study = bench.study
        self._names = study.regions.index
        self._own = region_numbers(study.clustering, self._names)
        weight = study.hierarchy.locations.records["weight"].sort_index()
        self._units = weight.to_numpy(dtype=np.float64)
        self._sent: dict[str, dict[str, Any]] = {}

    def forget(self) -> None:
        """Tell everything next time: the page is new."""
        self._sent = {}

    def patch(self) -> dict[str, Any]:
        """What has changed since the last patch.

        Returns
        -------
        dict
            `regions` (by id, only those that differ from what was told), `order` (ids, heaviest
            first), `counts`, `fates` (ids by what became of them against the study), `values` (of
            the sliders) and `changed` (names of the settings that are not the study's).
        """
        found = self.bench.found()
        fates, marks = self._fates(found)
        entries = _entries(found, marks)
        told = {name: entry for name, entry in entries.items() if self._sent.get(name) != entry}
        self._sent = entries
        return {
            "regions": told,
            "order": list(entries),
            "counts": _counts(found),
            "fates": fates,
            "values": self.values(),
            "changed": list(self.bench.changes),
        }

    def values(self) -> dict[str, float]:
        """Where the sliders stand."""
        changed = self.bench.changes
        return {
            one.name: changed[one.name][1] if one.name in changed else one.value
            for one in self.bench.controls
        }

    def _fates(self, found: Found) -> tuple[dict[str, list[Any]], dict[str, list[str]]]:
        """Ids by fate, and the fates of each region now."""
        names = found.regions.index
        label = region_numbers(found.clustering, names)
        home = match_regions(
            self._own,
            label,
            self._units / WEIGHT_UNIT,
            own_count=len(self._names),
            drawn_count=len(names),
            min_shared=0.5,
        )
        shared = _shared(self._own, label, self._units, (len(self._names), len(names)))
        own, now = shared.sum(axis=1), shared.sum(axis=0)
        least = SHARE * np.minimum(
            _weights(self._own, self._units, len(own))[:, None],
            _weights(label, self._units, len(now))[None, :],
        )
        holds = (shared >= least) & (shared > 0)
        rank = {name: number for number, name in enumerate(reversed(STATUSES))}
        before = self.bench.study.classification.status.reindex(self._names).map(rank)
        after = found.judged["status"].reindex(names).map(rank)
        was = np.append(before.to_numpy(), -1)[home]
        fates = {
            "new": names[(home < 0) & (holds.sum(axis=0) == 0)].tolist(),
            "gone": [_gone(self.bench, name) for name in self._names[holds.sum(axis=1) == 0]],
            "merged": names[holds.sum(axis=0) > 1].tolist(),
            "split": [_gone(self.bench, name) for name in self._names[holds.sum(axis=1) > 1]],
            "promoted": names[(home >= 0) & (after.to_numpy() > was)].tolist(),
            "demoted": names[(home >= 0) & (after.to_numpy() < was)].tolist(),
        }
        marks: dict[str, list[str]] = {}
        for fate in ("new", "merged", "promoted", "demoted"):
            for name in fates[fate]:
                marks.setdefault(name, []).append(fate)
        parts = holds[holds.sum(axis=1) > 1].any(axis=0)
        for name in names[parts]:
            marks.setdefault(name, []).append("part of a split")
        return fates, marks


def _gone(bench: Bench, region_id: str) -> dict[str, str]:
    """A region that is no longer there: the page has to be told its name."""
    return {"id": region_id, "name": str(bench.study.regions.at[region_id, "name"])}


def _weights(label: Ints, units: Floats, count: int) -> Floats:
    inside = label >= 0
    return np.asarray(np.bincount(label[inside], units[inside], count), dtype=np.float64)


def _shared(own: Ints, label: Ints, units: Floats, shape: tuple[int, int]) -> Floats:
    """Weight that each region of the study shares with each on the bench."""
    inside = (own >= 0) & (label >= 0)
    cells = own[inside] * shape[1] + label[inside]
    total = np.bincount(cells, units[inside], shape[0] * shape[1])
    return np.asarray(total.reshape(shape), dtype=np.float64)


def _entries(found: Found, marks: Mapping[str, list[str]]) -> dict[str, dict[str, Any]]:
    regions = found.regions
    shapes = region_shapes(regions)
    ranks = found.scores.table["rank_label"].reindex(regions.index).to_dict()
    judged = found.judged.reindex(regions.index)
    return {
        str(name): {
            "id": str(name),
            "name": str(row["name"]),
            "country": _text(row["country"]),
            "at": [round(float(row["longitude"]), 4), round(float(row["latitude"]), 4)],
            "status": str(judged.at[name, "status"]),
            "rank": _text(ranks[name]),
            "weight": _short(row["weight"]),
            "records": int(row["record_count"]),
            "density": _short(judged.at[name, "activity_density_per_100km2"]),
            "capability": _short(judged.at[name, "capability"]),
            "persistence": _short(row["persistence"]),
            "birth_km": _short(row["birth_km"]),
            "extent_km": _short(row["extent_km"]),
            "area_km2": _short(row["area_km2"]),
            "fates": marks.get(str(name), []),
            **shape,
        }
        for (name, row), shape in zip(regions.iterrows(), shapes, strict=True)
    }


def _counts(found: Found) -> dict[str, int]:
    status = found.judged["status"].value_counts()
    region_of = found.clustering.region_of
    return {
        "regions": len(found.regions),
        **{name: int(status.get(name, 0)) for name in STATUSES},
        "noise": int(region_of.isna().sum()),
        "records": len(region_of),
    }


def _text(value: Any) -> str:  # noqa: ANN401 - a cell
    return "" if pd.isna(value) else str(value)


def _short(value: Any) -> float | None:  # noqa: ANN401 - a cell
    """Six significant digits; None where missing."""
    number = float(value)
    return None if not np.isfinite(number) else float(f"{number:.6g}")
