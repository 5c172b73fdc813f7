"""Whether record ids recur, of millions, without making a Python object of each.

Every id is hashed to 64 bits straight from Arrow's buffers.  Equal ids have equal hashes, so that
where no two hashes are equal no two ids are; only where two are equal are the ids themselves
compared.  The answer is exact either way.
"""

import numpy as np
import pandas as pd
import pyarrow as pa

from geoclust.clustering.kernels import compiled_loop, compiled_pays
from geoclust.clustering.spanning_tree import LARGEST_PLAIN
from geoclust.sphere import Ints


def all_distinct(ids: pd.Index) -> bool:
    """Whether no id occurs twice.

    Parameters
    ----------
    ids
        Texts, shape (n,).

    Examples
    --------
    >>> all_distinct(pd.Index(["a", "b"])), all_distinct(pd.Index(["a", "a"]))
    (True, False)
    """
    if not compiled_pays(len(ids), LARGEST_PLAIN):
        return bool(ids.is_unique)
    text = pa.array(ids, type=pa.large_string(), from_pandas=True)
    hashed = np.empty(len(ids), np.uint64)
    first = 0
    for chunk in getattr(text, "chunks", [text]):
        _, offsets, letters = chunk.buffers()
        ends = np.frombuffer(offsets, np.int64)[chunk.offset : chunk.offset + len(chunk) + 1]
        letter = np.frombuffer(letters or b"", np.uint8)
        compiled_loop(_hash)(ends, letter, hashed[first : first + len(chunk)])
        first += len(chunk)
    hashed.sort()
    return not (hashed[1:] == hashed[:-1]).any() or bool(ids.is_unique)


def _hash(ends: Ints, letter: np.ndarray, hashed: np.ndarray) -> None:
    """FNV-1a of each text; `ends` are where each begins and the last ends."""
    for i in range(len(ends) - 1):
        mixed = np.uint64(0xCBF29CE484222325)
        for at in range(ends[i], ends[i + 1]):
            mixed = (mixed ^ np.uint64(letter[at])) * np.uint64(0x100000001B3)
        hashed[i] = mixed
