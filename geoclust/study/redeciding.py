"""Decisions taken again when records are clustered again: with a gap filled, or in a draw.

Regions found anew bear the ids of those they are, so that an edit that names one finds it.
"""

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from geoclust.assignment import Partition
from geoclust.clustering import Clustering, Hierarchy
from geoclust.sphere import Floats, Ints
from geoclust.study.deciding import Decisions, decide

HALF: Final = 0.5


def ids_of_labels(label: Ints, region: Ints, weight: Floats, names: "pd.Index[str]") -> list[str]:
    """Id of each region found anew: of the old one it holds more than half of, else a new one.

    Where it holds more than half of several, that of which it holds most weight.

    Parameters
    ----------
    label, region
        Number of each record's region now and before, -1 for none.
    weight
        Of each record.
    names
        Ids of the regions before, by number.

    Examples
    --------
    >>> now, before = np.array([0, 0, 1, -1]), np.array([1, 1, 0, 0])
    >>> ids_of_labels(now, before, np.array([1.0, 1.0, 3.0, 1.0]), pd.Index(["a", "b"]))
    ['b', 'a']
    """
    count, old = int(label.max(initial=-1)) + 1, len(names)
    both = (label >= 0) & (region >= 0)
    shared = np.bincount(label[both] * old + region[both], weight[both], count * old)
    shared = shared.reshape(count, old)
    whole = np.bincount(region[region >= 0], weight[region >= 0], old)
    shared = np.where(shared > HALF * whole, shared, 0.0)
    ids = [f"new-{number:06d}" for number in range(count)]
    for number in np.flatnonzero(shared.any(axis=1)).tolist():
        ids[number] = str(names[int(np.argmax(shared[number]))])
    return ids


def decide_again(
    decisions: Decisions, records: pd.DataFrame, region_of: pd.Series, *hierarchies: Hierarchy
) -> tuple[pd.Series, tuple[str, ...]]:
    """Region of each record once boundaries and edits are applied again.

    Parameters
    ----------
    decisions
        Of the study.
    records
        Index `record_id`; `longitude`, `latitude`, `country`, `weight`.
    region_of
        Region id of each record as found anew, NaN for none.
    hierarchies
        By which splits go, the one made anew first.

    Returns
    -------
    Series
        Region ids; NaN for none.
    tuple
        Edits that do not match any more, in words; they are left out.
    """
    ids = pd.Index(sorted(region_of.dropna().unique()), dtype="str", name="region_id")
    nothing = {"persistence": np.nan, "birth_km": np.nan}
    found = Partition(
        region_of=region_of.astype("str"),
        membership=region_of.notna().astype("float64"),
        nearest_region=pd.Series(np.nan, index=region_of.index, dtype="str"),
        regions=pd.DataFrame({"name": ids, **nothing}, index=ids).astype({"name": "str"}),
    )
    decided = decide(decisions, records, found, *hierarchies, wherever=True)
    return decided.partition.region_of, decided.faults


def in_effect(decisions: Decisions, clustering: Clustering, records: pd.DataFrame) -> Decisions:
    """The decisions without given polygons, where these say nothing that is not so without them.

    So a file of regions that nobody has edited changes nothing, in what is clustered again either.

    Parameters
    ----------
    decisions
        Of the study.
    clustering
        Its regions, once decided on.
    records
        Those that were clustered.
    """
    if not decisions.replaces_clustering or clustering.before is None:
        return decisions
    plain = replace(decisions, mode="", polygons=None, kept=None)
    found = Partition.of(clustering.before)
    alone = decide(plain, records, found, clustering.hierarchy)
    same = not alone.faults and alone.partition.region_of.equals(clustering.region_of)
    return plain if same else decisions
