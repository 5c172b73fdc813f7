"""Which organisations are worth comparing: near each other and alike, or of one web domain.

Four ways in, each enough: names alike within `REACH_KM`; a rare word in common within it; the same
words anywhere in one country; one domain anywhere.  The pairs are the same for any order of rows.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz, process
from scipy.spatial import cKDTree

from geoclust.sphere import great_circle_km, unit_chord, unit_vectors

REACH_KM: Final = 30.0
"""Two records of one organisation are rarely placed further apart than this."""

ALIKE: Final = 80.0
"""Likeness of names (rapidfuzz ratio, 0 to 100) from which on near records are compared."""

RARE: Final = 40
"""A word in the names of at most so many organisations is rare."""

_BLOCK: Final = 2_000
Pairs = npt.NDArray[np.int64]


def candidate_pairs(organisations: pd.DataFrame) -> Pairs:
    """Positions of pairs, first below second, sorted.

    Parameters
    ----------
    organisations
        Columns `longitude`, `latitude`, `country`, `words` (tuples), `domain` ("" where none).
    """
    table = organisations.reset_index(drop=True)
    texts = table["words"].map(" ".join)
    parts = [
        _near_alike(table, texts.tolist()),
        _within(_sharing(_rare_words(table["words"])), table),
        _sharing(table["country"].fillna("?") + "|" + texts),
        _sharing(table["domain"].where(table["domain"].ne(""))),
    ]
    return np.asarray(np.unique(np.concatenate(parts), axis=0), np.int64)


def distances_km(organisations: pd.DataFrame, pairs: Pairs) -> npt.NDArray[np.float64]:
    """Great-circle distance of each pair, km."""
    longitude, latitude = (organisations[name].to_numpy() for name in ("longitude", "latitude"))
    one, other = pairs[:, 0], pairs[:, 1]
    return great_circle_km(longitude[one], latitude[one], longitude[other], latitude[other])


def _near_alike(organisations: pd.DataFrame, texts: list[str]) -> Pairs:
    """Pairs within reach whose names are alike, one place and its surroundings at a time."""
    vectors = unit_vectors(organisations["longitude"], organisations["latitude"]).T
    spots, spot_of = np.unique(vectors, axis=0, return_inverse=True)
    spot_of = spot_of.ravel()
    members = pd.Series(np.arange(len(texts))).groupby(spot_of).apply(np.array).to_numpy()
    around = cKDTree(spots).query_ball_point(spots, float(unit_chord(REACH_KM)))
    found: list[Pairs] = []
    for at, reached in enumerate(around):
        others = np.concatenate([members[other] for other in sorted(reached) if other >= at])
        blocks = range(0, len(members[at]), _BLOCK)
        found += [_alike(members[at][low : low + _BLOCK], others, texts) for low in blocks]
    return np.concatenate([np.empty((0, 2), np.int64), *found])


def _alike(own: Pairs, others: Pairs, texts: list[str]) -> Pairs:
    likeness = process.cdist(
        [texts[at] for at in own],
        [texts[at] for at in others],
        scorer=fuzz.ratio,
        score_cutoff=ALIKE,
        dtype=np.uint8,
    )
    left, right = np.nonzero(likeness)
    pairs = np.column_stack([own[left], others[right]])
    pairs.sort(axis=1)
    return np.asarray(pairs[pairs[:, 0] < pairs[:, 1]], np.int64)


def _rare_words(words: pd.Series) -> pd.Series:
    """One row per organisation and word of its own that few others have."""
    single = words.map(lambda found: sorted(set(found))).explode().dropna()
    single = single[single.str.len() > 2]  # noqa: PLR2004 - letters
    return single[single.map(single.value_counts()) <= RARE]


def _sharing(keys: pd.Series) -> Pairs:
    """All pairs of positions (the index, where it may recur) with one key."""
    table = pd.DataFrame({"key": keys.to_numpy(), "at": keys.index.to_numpy()}).dropna()
    sizes = table["key"].map(table["key"].value_counts())
    table = table[(sizes > 1) & (sizes <= RARE)].sort_values(["key", "at"])
    found = [_all_pairs(group.to_numpy()) for _, group in table.groupby("key")["at"]]
    return np.concatenate([np.empty((0, 2), np.int64), *found])


def _all_pairs(positions: Pairs) -> Pairs:
    left, right = np.triu_indices(len(positions), 1)
    return np.column_stack([positions[left], positions[right]])


def _within(pairs: Pairs, organisations: pd.DataFrame) -> Pairs:
    return pairs[distances_km(organisations, pairs) <= REACH_KM] if len(pairs) else pairs
