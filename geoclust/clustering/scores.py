"""Scores: how long clusters persist, and how far records stand out.  All finite."""

import numpy as np
import pandas as pd

from geoclust.clustering.hierarchy import Condensed
from geoclust.clustering.selection import Field, density
from geoclust.sphere import Floats, Ints, arc_km


def score_clusters(found: Field, chosen: Ints) -> pd.DataFrame:
    """Persistence, and length at birth in km, of the chosen clusters (the index)."""
    held = np.array([_persistence(found, c) for c in chosen.tolist()], np.float64)
    birth = np.minimum(found.tree.birth[chosen], found.cut)
    return pd.DataFrame({"persistence": held, "birth_km": arc_km(birth)}, index=chosen)


def _persistence(found: Field, cluster: int) -> float:
    """How far below its birth a cluster's records hold together, 0 to 1.

    1 - (mean length down to which they do) / (length at birth); the mean is geometric on the
    "log" scale, harmonic on the "inverse" scale, weighted, over all records of the cluster.
    """
    members = found.below(cluster)
    units = found.weight[members]
    mean = float((units * found.leave[members]).sum() / units.sum())
    birth = float(found.birth[cluster])
    ratio = birth / mean if found.scale == "inverse" else float(np.exp(birth - mean))
    return min(1.0, max(0.0, 1.0 - ratio))


def outlier_scores(tree: Condensed, scale: str) -> Floats:
    """GLOSH score of each location: 0 for the densest of its surroundings, 1 for no part in any.

    One minus the record's life over the longest life in the lowest cluster that holds it and in
    those below; on the "inverse" scale, one minus the ratio of densities.

    References
    ----------
    Campello et al. (2015), eq. 8.
    """
    inside = np.flatnonzero(tree.cluster >= 0)
    home, k = tree.cluster[inside], len(tree.birth)
    leave, birth = density(tree.leave[inside], scale), density(tree.birth, scale)
    peak = np.full(k, -np.inf)
    np.maximum.at(peak, home, leave)
    tops, above = peak.tolist(), tree.parent.tolist()
    for c in range(k - 1, -1, -1):
        if above[c] >= 0:
            tops[above[c]] = max(tops[above[c]], tops[c])
    longest, life = np.array(tops)[home], leave
    if scale != "inverse":
        longest, life = longest - birth[home], np.maximum(leave - birth[home], 0.0)
    score = np.ones(len(tree.cluster))
    score[inside] = np.where(longest > 0, 1 - life / np.where(longest > 0, longest, 1.0), 0.0)
    return score
