"""What became of the study's regions: new, gone, merged, split, promoted, demoted."""

from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.explorer.sketch import Sketch, Verdicts
from geoclust.robustness.matching import match_regions
from geoclust.schema import STATUSES, WEIGHT_UNIT
from geoclust.sphere import Floats, Ints

SHARE: Final = 0.25
"""A region holds a part of another from this share of the lighter one's weight on."""


def fates_of(study: Sketch, now: Sketch) -> tuple[dict[str, list[Any]], dict[str, list[str]]]:
    """Regions by fate, and the fates of each region that is there now.

    Parameters
    ----------
    study, now
        Both judged, of the same records.

    Returns
    -------
    dict
        By fate the ids of regions there now, or id and name of those of the study.
    dict
        Fates by id.
    """
    names, own_names = now.regions.index, study.regions.index
    own, label, units = study.label, now.label, now.basis.units
    home = match_regions(
        own,
        label,
        units / WEIGHT_UNIT,
        own_count=len(own_names),
        drawn_count=len(names),
        min_shared=0.5,
    )
    holds = _holds(own, label, units, (len(own_names), len(names)))
    change = _change(study.verdicts, now.verdicts, home)
    fates = {
        "new": names[(home < 0) & (holds.sum(axis=0) == 0)].tolist(),
        "gone": _named(study, holds.sum(axis=1) == 0),
        "merged": names[holds.sum(axis=0) > 1].tolist(),
        "split": _named(study, holds.sum(axis=1) > 1),
        "promoted": names[change > 0].tolist(),
        "demoted": names[change < 0].tolist(),
    }
    marks: dict[str, list[str]] = {}
    for fate in ("new", "merged", "promoted", "demoted"):
        for name in fates[fate]:
            marks.setdefault(name, []).append(fate)
    for name in names[holds[holds.sum(axis=1) > 1].any(axis=0)]:
        marks.setdefault(name, []).append("part of a split")
    return fates, marks


def _named(study: Sketch, chosen: Any) -> list[dict[str, str]]:  # noqa: ANN401 - of truth values
    """Regions that are no longer there: the page has to be told their names."""
    table = study.regions.loc[np.asarray(chosen), "name"]
    pairs = zip(table.index.tolist(), table.tolist(), strict=True)
    return [{"id": name, "name": str(words)} for name, words in pairs]


def _holds(own: Ints, label: Ints, units: Floats, shape: tuple[int, int]) -> Any:  # noqa: ANN401
    """Whether each region of the study has a part in each that is there now."""
    inside = (own >= 0) & (label >= 0)
    cells = own[inside] * shape[1] + label[inside]
    shared = np.bincount(cells, units[inside], shape[0] * shape[1]).reshape(shape)
    lighter = np.minimum(
        _weights(own, units, shape[0])[:, None], _weights(label, units, shape[1])[None, :]
    )
    return (shared >= SHARE * lighter) & (shared > 0)


def _weights(label: Ints, units: Floats, count: int) -> Floats:
    inside = label >= 0
    return np.asarray(np.bincount(label[inside], units[inside], count), dtype=np.float64)


def _change(before: Verdicts | None, after: Verdicts | None, home: Ints) -> Ints:
    """Steps by which each region's status differs from that of the one it was; 0 for new ones."""
    assert before is not None
    assert after is not None
    order = pd.Index(reversed(STATUSES))
    was, now = (order.get_indexer(pd.Index(one.judged["status"])) for one in (before, after))
    return np.where(home >= 0, now - np.append(was, 0)[home], 0).astype(np.int64)
