"""Which region is which of the window before, and what became of each: tracks through time.

Where all records accumulate, a region is found again in its records, as in a comparison.  Where
each window has records of its own (patents filed, firms founded), the same region is where the
activity is again: region a of one window and b of the next *share ground* as far as a's records lie
in b's footprint and b's in a's.  `share_a` is the weight of a's records in b's footprint over all
of a's, `share_b` the other way round; they take the place of the shared records in
`geoclust.comparison.fates`, whose rules are the same.

A region that is linked with none of the window before, but with one that was gone since an earlier
window, has *returned*: it goes on with that track.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from geoclust.assignment.covering import cover, smallest_first
from geoclust.comparison.fates import judge_fates, links_of
from geoclust.comparison.overlapping import common_records, shared_pairs
from geoclust.comparison.side import Side

PAIRS = ("region_a", "region_b", "shared", "share_a", "share_b", "jaccard_members")

Pairing = Callable[[Side, Side], pd.DataFrame]


@dataclass
class Track:
    """One region through the windows."""

    regions: dict[int, str] = field(default_factory=dict)
    """Number of a window to the region's id there."""
    came: dict[int, str] = field(default_factory=dict)
    """Number of a window to how the region came into it."""
    origin: str = ""
    """How it began: "new", "split" or "reshuffled", or "first" where it stands at the beginning."""
    from_: tuple[int, str] | None = None
    """The region of the window before that it was part of."""
    into: tuple[int, str] | None = None
    """The region of the next window that took it in."""


def pairs_by_records(a: Side, b: Side) -> pd.DataFrame:
    """Regions of two windows by the records that are in both."""
    if a.records.index.intersection(b.records.index).empty:
        return _no_pairs()
    return shared_pairs(common_records(a, b))


def pairs_by_ground(a: Side, b: Side) -> pd.DataFrame:
    """Regions of two windows by whose records lie in whose footprint.

    Returns
    -------
    DataFrame
        `region_a`, `region_b`; `shared` (weight of either's records in the other's footprint);
        `share_a`, `share_b`; `jaccard_members` (`shared` over the weight of both).
    """
    if a.regions.empty or b.regions.empty:
        return _no_pairs()
    there = _found_in(a, b).rename(columns={"own": "region_a", "other": "region_b"})
    back = _found_in(b, a).rename(columns={"own": "region_b", "other": "region_a"})
    ends = ["region_a", "region_b"]
    both = there.merge(back, on=ends, how="outer", suffixes=("_a", "_b")).fillna(
        {"units_a": 0, "units_b": 0}
    )
    whole = [
        both[f"region_{end}"]
        .map(side.records.groupby("region_id")["units"].sum())
        .astype("float64")
        for end, side in (("a", a), ("b", b))
    ]
    shared = both["units_a"] + both["units_b"]
    return both[ends].assign(
        shared=shared.astype("int64"),
        share_a=both["units_a"] / whole[0],
        share_b=both["units_b"] / whole[1],
        jaccard_members=shared / (whole[0] + whole[1]),
    )


def _found_in(a: Side, b: Side) -> pd.DataFrame:
    """Weight of the records of each region of A in each footprint of B: own, other, units."""
    members = a.records[a.records["region_id"].notna()]
    shapes = b.regions.geometry.to_numpy()
    hits = cover(
        members["longitude"].to_numpy(),
        members["latitude"].to_numpy(),
        shapes,
        smallest_first(shapes),
    ).drop_duplicates("record")
    found = members.iloc[hits["record"].to_numpy()]
    table = pd.DataFrame(
        {
            "own": found["region_id"].to_numpy(),
            "other": b.regions.index.to_numpy()[hits["polygon"].to_numpy()],
            "units": found["units"].to_numpy(),
        }
    ).astype({"own": "str", "other": "str", "units": "int64"})
    sums: pd.DataFrame = table.groupby(["own", "other"])["units"].sum().reset_index()
    return sums


def _no_pairs() -> pd.DataFrame:
    texts = {name: pd.Series(dtype="str") for name in PAIRS[:2]}
    return pd.DataFrame(texts | {name: pd.Series(dtype="float64") for name in PAIRS[2:]})


def follow(
    sides: list[Side], pairing: Pairing, *, min_shared: float = 0.5, tolerance: float = 0.1
) -> tuple[list[Track], list[pd.DataFrame]]:
    """Tracks of regions through the windows, and the fates of every step.

    Parameters
    ----------
    sides
        One per window, in the order of time.
    pairing
        `pairs_by_records` or `pairs_by_ground`.
    min_shared, tolerance
        As `judge_fates`.

    Returns
    -------
    tuple
        Tracks, those that begin earlier first; per step from one window to the next a table as of
        `judge_fates`, with "returned" besides.
    """
    tracks = [
        Track({0: region}, {0: "first"}, "first")
        for region in (sides[0].regions.index if sides else ())
    ]
    steps = []
    for now in range(1, len(sides)):
        before, after = sides[now - 1], sides[now]
        step = judge_fates(
            before.weight, after.weight, pairing(before, after),
            min_shared=min_shared, tolerance=tolerance,
        )  # fmt: skip
        returned = _returned(tracks, sides, now, step, pairing=pairing, min_shared=min_shared)
        step.loc[step["region_b"].isin(returned) & step["region_a"].isna(), "fate"] = "returned"
        _go_on(tracks, step, now, returned)
        steps.append(step)
    return tracks, steps


def _returned(
    tracks: list[Track],
    sides: list[Side],
    now: int,
    step: pd.DataFrame,
    *,
    pairing: Pairing,
    min_shared: float,
) -> dict[str, Track]:
    """Regions that are new in this window, and the track of before that each goes on with."""
    fresh = set(step.loc[step["fate"] == "new", "region_b"])
    found: dict[str, Track] = {}
    for then in range(now - 2, -1, -1):
        asleep = {
            track.regions[then]: track
            for track in tracks
            if max(track.regions) == then and track.into is None and track not in found.values()
        }
        waiting = fresh - set(found)
        if not asleep or not waiting:
            continue
        pairs = pairing(sides[then], sides[now])
        pairs = pairs[links_of(pairs, min_shared=min_shared)]
        pairs = pairs[pairs["region_a"].isin(asleep) & pairs["region_b"].isin(waiting)]
        order = ["shared", "region_a", "region_b"]
        for pair in pairs.sort_values(order, ascending=[False, True, True]).itertuples():
            track = asleep[str(pair.region_a)]
            if pair.region_b not in found and track not in found.values():
                found[str(pair.region_b)] = track
    return found


def _go_on(tracks: list[Track], step: pd.DataFrame, now: int, returned: dict[str, Track]) -> None:
    """Take every track one window further, and begin those of new regions."""
    alive = {track.regions[now - 1]: track for track in tracks if now - 1 in track.regions}
    columns = [step[name] for name in ("region_a", "region_b", "fate", "also_into", "also_from")]
    for a, b, fate, into, from_ in zip(*columns, strict=True):
        if isinstance(a, str) and not isinstance(b, str):
            alive[a].into = (now, into[0]) if into else None
            continue
        if isinstance(a, str):
            track = alive[a]
        elif b in returned:
            track = returned[b]
        else:
            track = Track(origin=fate, from_=(now - 1, from_[0]) if from_ else None)
            tracks.append(track)
        track.regions[now] = b
        track.came[now] = fate


def track_names(tracks: list[Track]) -> list[str]:
    """An id for each track: that of its last region, numbered where several end with one.

    Examples
    --------
    >>> track_names([Track({0: "fr-lyon"}), Track({0: "x", 1: "fr-lyon"})])
    ['fr-lyon', 'fr-lyon (2)']
    """
    last = [track.regions[max(track.regions)] for track in tracks]
    seen: dict[str, int] = {}
    names = []
    for region in last:
        seen[region] = seen.get(region, 0) + 1
        names.append(region if seen[region] == 1 else f"{region} ({seen[region]})")
    return names


def spans(tracks: list[Track]) -> "np.ndarray":
    """First and last window of each track, shape (n, 2)."""
    return np.array([(min(t.regions), max(t.regions)) for t in tracks]).reshape(-1, 2)
