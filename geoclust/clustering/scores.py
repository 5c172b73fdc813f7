"""Scores: how long clusters persist, and how far records stand out.  All finite.

They are finite because every length is at least the resolution, and comparable because none
depends on the greatest density found anywhere.  Every sum runs in a fixed order, and roots and
logarithms come from `density`, so that scores are the same bits everywhere.
"""

import numpy as np
import pandas as pd

from geoclust.clustering.density import density, exponential
from geoclust.clustering.field import Field
from geoclust.sphere import Floats, Ints, arc_km


def score_clusters(found: Field, chosen: Ints) -> pd.DataFrame:
    """Persistence, and length at birth in km, of the chosen clusters (the index).

    Persistence says how far below its birth a cluster's records hold together, 0 to 1:
    1 - (mean length down to which they do) / (length at birth); the mean is geometric on the
    "log" scale, harmonic on the "inverse" scale, weighted, over all records of the cluster.
    """
    locations, which = found.runs(chosen)
    units = found.weight[locations]
    held = np.bincount(which, units * found.leave[locations], len(chosen))
    mean = held / np.bincount(which, units, len(chosen))
    birth = found.birth[chosen]
    ratio = birth / mean if found.scale == "inverse" else exponential(birth - mean)
    born = arc_km(np.minimum(found.tree.birth[chosen], found.cut))
    scores = {"persistence": np.clip(1.0 - ratio, 0.0, 1.0), "birth_km": born}
    return pd.DataFrame(scores, index=chosen)


def outlier_scores(found: Field) -> Floats:
    """GLOSH score of each location: 0 for the densest of its surroundings, 1 for no part in any.

    References
    ----------
    Campello et al. (2015), eq. 8.
    """
    tree = found.tree
    score = np.ones(len(tree.cluster))
    inside = np.flatnonzero(tree.cluster >= 0)
    score[inside] = outlyingness(found, tree.cluster[inside], found.leave[inside])
    return score


def outlyingness(found: Field, cluster: Ints, leave: Floats) -> Floats:
    """GLOSH score of records that leave a cluster, their lowest, at a density.

    One minus the record's life over the longest life in the cluster and in those below; on the
    "inverse" scale, one minus the ratio of densities.  No cut applies.
    """
    life, longest = leave, found.peak[cluster]
    if found.scale != "inverse":
        birth = density(found.tree.birth, found.scale)[cluster]
        longest, life = longest - birth, np.maximum(life - birth, 0.0)
    lives = longest > 0
    return np.where(lives, 1 - life / np.where(lives, longest, 1.0), 0.0)
