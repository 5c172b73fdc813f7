"""What became of each region: kept, grown, shrunk, merged, split, reshuffled, new or gone.

Two regions are *linked* where more than `min_shared` (half) of one of them is found in the other.
At half or more, each region has at most one link to a region that holds most of it, so what is
linked falls into clear stories:

========== ============================================================================
kept       one region of A and one of B, linked with nothing else, whose weights differ by at
           most `tolerance` of the heavier
grown      the same, but B's is heavier by more than that
shrunk     the same, but B's is lighter by more than that
merged     several of A linked with one of B, and with nothing else
split      one of A linked with several of B, and they with nothing else
reshuffled both at once: parts went apart, and some of them together with parts of others
new        of B, linked with none of A
gone       of A, linked with none of B
========== ============================================================================

Of the regions linked with it, the one that shares most weight is *the same* region; each is the
same as at most one.  Seen from B to A, grown is shrunk, merged is split, new is gone.  The links
are those of MONIC (Spiliopoulou et al. 2006), made symmetric.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

FATES: Final = ("kept", "grown", "shrunk", "merged", "split", "reshuffled", "new", "gone")
"""In the order of a story: what stayed, what changed shape, what came, what went."""

MIRRORED: Final = {
    "grown": "shrunk",
    "shrunk": "grown",
    "merged": "split",
    "split": "merged",
    "new": "gone",
    "gone": "new",
}
"""Each fate as it is seen from B to A; the others are the same both ways."""

Links = Mapping[str, list[str]]


def judge_fates(
    weight_a: pd.Series,
    weight_b: pd.Series,
    pairs: pd.DataFrame,
    *,
    min_shared: float = 0.5,
    tolerance: float = 0.1,
) -> pd.DataFrame:
    """Which regions are the same, and what became of each.

    Parameters
    ----------
    weight_a, weight_b
        Weight of each region, index `region_id`.
    pairs
        One row per two regions that have anything in common: `region_a`, `region_b`, `share_a`
        and `share_b` (how much of each is found in the other, 0 to 1), `shared` (any measure of
        how much that is), `jaccard_members`.
    min_shared
        More than this share of one of the two links them; 0.5 to 1.
    tolerance
        A region is kept while the weights differ by at most this share of the heavier.

    Returns
    -------
    DataFrame
        One row per region, the same region in A and B being one: `region_a`, `region_b` (missing
        where there is none), `fate`, `also_into` (other regions of B that A's is linked with) and
        `also_from` (other regions of A that B's is linked with), each a tuple, most first.

    Examples
    --------
    >>> pairs = pd.DataFrame({
    ...     "region_a": ["x", "y"], "region_b": ["xy", "xy"], "share_a": 1.0,
    ...     "share_b": [0.6, 0.4], "shared": [6.0, 4.0], "jaccard_members": [0.6, 0.4],
    ... })
    >>> found = judge_fates(pd.Series({"x": 6.0, "y": 4.0}), pd.Series({"xy": 10.0}), pairs)
    >>> found[["region_a", "region_b", "fate"]].fillna("-").to_numpy().tolist()
    [['x', 'xy', 'merged'], ['y', '-', 'merged']]
    """
    ordered = _strongest_first(pairs)
    linked = ordered[ordered[["share_a", "share_b"]].max(axis=1) > min_shared]
    into, from_ = _listed(linked, "region_a", "region_b"), _listed(linked, "region_b", "region_a")
    same = _the_same(linked)
    taken = set(same.values())
    rows = [(a, same.get(a)) for a in weight_a.index]
    rows += [(None, b) for b in weight_b.index if b not in taken]
    before, after = weight_a.to_dict(), weight_b.to_dict()
    told = [
        _fate(a, b, into, from_) or _size(before[a], after[b or ""], tolerance) for a, b in rows
    ]
    columns = {"region_a": [a for a, _ in rows], "region_b": [b for _, b in rows], "fate": told}
    table = pd.DataFrame({name: pd.Series(of, dtype="str") for name, of in columns.items()})
    table["also_into"] = [_without(into.get(a or "", []), b) for a, b in rows]
    table["also_from"] = [_without(from_.get(b or "", []), a) for a, b in rows]
    return table


def links_of(pairs: pd.DataFrame, *, min_shared: float) -> "pd.Series[bool]":
    """Which pairs are linked: more than `min_shared` of one of the two is found in the other."""
    found: pd.Series[bool] = pairs[["share_a", "share_b"]].max(axis=1) > min_shared
    return found


def _strongest_first(pairs: pd.DataFrame) -> pd.DataFrame:
    """By shared weight; where that is equal, the more alike, then equal ids, then the lesser ids.

    The order is the same from B to A.
    """
    ids = np.sort(pairs[["region_a", "region_b"]].to_numpy(dtype=object), axis=1)
    keys = pairs.assign(
        other=pairs["region_a"] != pairs["region_b"],
        first=pd.Series(ids[:, 0], index=pairs.index, dtype="str"),
        second=pd.Series(ids[:, 1], index=pairs.index, dtype="str"),
    )
    order = ["shared", "jaccard_members", "other", "first", "second"]
    return keys.sort_values(order, ascending=[False, False, True, True, True], kind="stable")


def _the_same(linked: pd.DataFrame) -> dict[str, str]:
    """Region of A to the region of B that it is; each at most once, the strongest first."""
    same: dict[str, str] = {}
    taken: set[str] = set()
    for a, b in zip(linked["region_a"], linked["region_b"], strict=True):
        if a not in same and b not in taken:
            same[a] = b
            taken.add(b)
    return same


def _listed(linked: pd.DataFrame, of: str, what: str) -> dict[str, list[str]]:
    """Per region of a column, those of the other that are linked with it, in their order."""
    found: dict[str, list[str]] = {}
    for region, other in zip(linked[of], linked[what], strict=True):
        found.setdefault(region, []).append(other)
    return found


def _fate(a: str | None, b: str | None, into: Links, from_: Links) -> str:
    """The fate by what is linked with what; empty for a single link on both sides."""
    parts, sources = into.get(a or "", []), from_.get(b or "", [])
    if a is None or b is None:
        linked = parts or sources
        if not linked:
            return "gone" if b is None else "new"
        if len(linked) > 1:  # each of them is the same as another
            return "reshuffled"
        return "merged" if b is None else "split"
    apart, together = len(parts) > 1, len(sources) > 1
    crossed = (apart and any(len(from_[part]) > 1 for part in parts)) or (
        together and any(len(into[source]) > 1 for source in sources)
    )
    if crossed:
        return "reshuffled"
    return "split" if apart else "merged" if together else ""


def _size(before: float, after: float, tolerance: float) -> str:
    if abs(after - before) <= tolerance * max(before, after):
        return "kept"
    return "grown" if after > before else "shrunk"


def _without(linked: list[str], own: str | None) -> tuple[str, ...]:
    return tuple(region for region in linked if region != own)
