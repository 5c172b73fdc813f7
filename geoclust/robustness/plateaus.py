"""Where a sweep's results hold still: neighbouring values that agree, and ranges of them.

Two neighbouring values of a setting are compared at every combination of the others, and the
middle (median) of that is taken.  A setting of the clustering may move regions, and is judged by
whether regions stay the same; any other leaves them as they are, and is judged by whether statuses
stay, or, where none ever changes, by whether the order of the clusters does.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.robustness.axes import Axis, Grid, value_words
from geoclust.robustness.lots import Found
from geoclust.sphere import Ints
from geoclust.study.agreement import adjusted_rand

LEVEL: Final = 0.9
"""Neighbours agree from here on."""

MOST_CHANGE: Final = 0.1
"""By how much, of their middle, the numbers in a stable range may differ."""

COMPARED: Final = (
    *("agreement", "same_status", "same_order"),
    *("regions", "next_regions", "clusters", "next_clusters"),
)
FEWEST: Final = 3
"""Values that make a range: two that agree are a coincidence."""

JUDGED_BY: Final = {
    "agreement": "regions (adjusted Rand index)",
    "same_status": "statuses (share of the study's regions that keep theirs)",
    "same_order": "ranks (share of pairs of clusters that keep their order)",
}
STEP_COLUMNS: Final = ("setting", "value", "next", "pairs", "lowest_agreement", *COMPARED)
COUNTED: Final = {"agreement": "regions", "same_status": "clusters", "same_order": "clusters"}
"""What there should be as many of in a stable range."""


@dataclass(frozen=True, eq=False)
class Results:
    """What all settings came to, by number."""

    found: Sequence[Found]
    partition: Sequence[int]
    """Which of `labels` each setting has; -1 where it was not run."""
    labels: Sequence[Ints]

    def agreement(self, one: int, two: int) -> float:
        """Adjusted Rand index of two settings; NaN where one was not run."""
        a, b = self.partition[one], self.partition[two]
        if min(a, b) < 0:
            return float("nan")
        return 1.0 if a == b else adjusted_rand(self.labels[a], self.labels[b])


def step_table(grid: Grid, results: Results) -> pd.DataFrame:
    """How far each two neighbouring values agree, over all combinations of the others.

    Parameters
    ----------
    grid
        What was varied; of a setting whose values have no order, each two are neighbours.
    results
        What came of it.

    Returns
    -------
    DataFrame
        `setting`, `value`, `next`, `pairs` (combinations that could be compared), medians of
        `agreement` (adjusted Rand index), `same_status` (share of the study's regions) and
        `same_order` (share of pairs of the study's clusters, ranked in both), `lowest_agreement`,
        and median numbers of `regions` and `clusters` at both values.
    """
    rows = []
    for place, axis in enumerate(grid.axes):
        for at, after in _steps(axis):
            pairs = list(_neighbours(grid, place, at, after))
            told = pd.DataFrame([_compared(results, *pair) for pair in pairs]).dropna(how="all")
            middle = told.median() if len(told) else told.reindex([0]).iloc[0]
            rows.append(
                {
                    "setting": axis.key,
                    "value": axis.values[at],
                    "next": axis.values[after],
                    "pairs": len(told),
                    "lowest_agreement": told["agreement"].min() if len(told) else np.nan,
                    **middle.to_dict(),
                }
            )
    return pd.DataFrame(rows, columns=list(STEP_COLUMNS))


def _steps(axis: Axis) -> Iterable[tuple[int, int]]:
    """Places of the values that are neighbours."""
    places = range(len(axis.values))
    return pairwise(places) if axis.ordered else combinations(places, 2)


def _neighbours(grid: Grid, place: int, at: int, after: int) -> Iterator[tuple[int, int]]:
    """Numbers of the settings that differ by one step of one axis only."""
    numbers = np.arange(int(np.prod(grid.shape))).reshape(grid.shape)
    one, two = numbers.take(at, axis=place), numbers.take(after, axis=place)
    yield from zip(one.ravel().tolist(), two.ravel().tolist(), strict=True)


def _compared(results: Results, one: int, two: int) -> dict[str, float]:
    a, b = results.found[one], results.found[two]
    if a.note or b.note:
        return dict.fromkeys(COMPARED, float("nan"))
    return {
        "agreement": results.agreement(one, two),
        "same_status": float(np.mean(a.status == b.status)) if len(a.status) else float("nan"),
        "same_order": same_order(a.rank, b.rank),
        "regions": a.measures["regions"],
        "next_regions": b.measures["regions"],
        "clusters": a.measures["clusters"],
        "next_clusters": b.measures["clusters"],
    }


def same_order(one: Ints, two: Ints) -> float:
    """Share of pairs, ranked in both, that keep their order (ties stay ties); NaN without pairs.

    Parameters
    ----------
    one, two
        Ranks, 1 the best; 0 where not ranked.

    Examples
    --------
    >>> round(same_order(np.array([1, 2, 3, 0]), np.array([2, 1, 3, 4])), 3)
    0.667
    """
    both = (one > 0) & (two > 0)
    a, b = one[both], two[both]
    upper = np.triu_indices(len(a), 1)
    if not len(upper[0]):
        return float("nan")
    moves = [np.sign(ranks[:, None] - ranks[None, :])[upper] for ranks in (a, b)]
    return float(np.mean(moves[0] == moves[1]))


def range_table(grid: Grid, steps: pd.DataFrame, *, level: float) -> pd.DataFrame:
    """The longest stable range of each setting whose values are numbers, and why, in words.

    Parameters
    ----------
    grid
        What was varied.
    steps
        See `step_table`.
    level
        Neighbours agree from here on, 0 to 1.

    Returns
    -------
    DataFrame
        Index `setting`; `judged_by`, `low` and `high` (missing where nothing is stable), `values`
        (how many), `worst` (least agreement of neighbours in it), `holds_study` (whether the
        study's own value lies in it) and `why`.
    """
    rows = {axis.key: _range_of(axis, steps, level) for axis in grid.axes if axis.ordered}
    columns = ["judged_by", "low", "high", "values", "worst", "holds_study", "why"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return table.rename_axis("setting")


def _range_of(axis: Axis, steps: pd.DataFrame, level: float) -> dict[str, Any]:
    own = steps[steps["setting"] == axis.key]
    judged_by = _judged_by(axis, own)
    agreed = own[judged_by].to_numpy(dtype=np.float64)
    counts = _along(own, COUNTED[judged_by])
    runs = [
        (first, last)
        for first in range(len(axis.values))
        for last in range(first + FEWEST - 1, len(axis.values))
        if np.all(agreed[first:last] >= level) and _still(counts[first : last + 1])
    ]
    if not runs:
        why = _nothing_stable(axis, own, judged_by, level)
        return dict.fromkeys(("low", "high", "worst")) | {
            "judged_by": judged_by, "values": 0, "holds_study": False, "why": why,
        }  # fmt: skip
    first, last = max(runs, key=lambda run: _length(axis, run, agreed))
    low, high = axis.values[first], axis.values[last]
    worst = float(agreed[first:last].min())
    count = _span_words(counts[first : last + 1])
    holds = axis.own is not None and low <= axis.own <= high
    found = {"judged_by": judged_by, "low": low, "high": high, "values": last - first + 1}
    why = f"{_why_stable(judged_by, worst, level)}, with {count} {COUNTED[judged_by]}"
    span = f"{value_words(low)} to {value_words(high)} ({last - first + 1} values)"
    why = f"{span}: {why}; {_place_of_own(axis, low, high)}"
    return found | {"worst": worst, "holds_study": bool(holds), "why": why}


def _judged_by(axis: Axis, steps: pd.DataFrame) -> str:
    """The first of regions, statuses and ranks that a setting moves."""
    if axis.is_partition and (steps["agreement"] < 1).any():
        return "agreement"
    if (steps["same_status"] < 1).any() or not (steps["same_order"] < 1).any():
        return "agreement" if axis.is_partition else "same_status"
    return "same_order"


def _along(steps: pd.DataFrame, what: str) -> Any:  # noqa: ANN401 - small array
    """Median number of regions or clusters at each value."""
    return np.append(steps[what].to_numpy(), steps[f"next_{what}"].to_numpy()[-1:])


def _still(counts: Any) -> bool:  # noqa: ANN401 - small array
    """Whether a number hardly moves: by a tenth of its middle, or by one."""
    spread = float(np.max(counts) - np.min(counts))
    return spread <= max(1.0, MOST_CHANGE * float(np.median(counts)))


def _length(axis: Axis, run: tuple[int, int], agreed: Any) -> tuple[float, ...]:  # noqa: ANN401
    """Longest by number of values, then by how far they reach, then by how well they agree."""
    first, last = run
    low, high = axis.values[first], axis.values[last]
    reach = high / low if low > 0 else high - low
    return last - first, reach, float(agreed[first:last].mean())


def _why_stable(judged_by: str, worst: float, level: float) -> str:
    least = "all" if worst == 1 else f"at least {100 * worst:.0f} %"
    asked = f"from one value to the next ({100 * level:.0f} % is asked for)"
    return {
        "agreement": "neighbouring values give the same regions"
        + ("" if worst == 1 else f" to {worst:.2f} or better")
        + f" (adjusted Rand index; {level:g} is asked for)",
        "same_status": f"{least} of the study's regions keep their status {asked}",
        "same_order": f"{least} of pairs of clusters keep their order {asked}",
    }[judged_by]


def choice_words(axis: Axis, steps: pd.DataFrame) -> str:
    """What a setting whose values have no order does to the results, in words.

    Parameters
    ----------
    axis
        The setting.
    steps
        See `step_table`.
    """
    own = steps[steps["setting"] == axis.key]
    judged_by = _judged_by(axis, own)
    agreed = own[judged_by].to_numpy(dtype=np.float64)
    if np.isnan(agreed).all():
        return "no two of its values could be compared"
    worst, best = int(np.nanargmin(agreed)), int(np.nanargmax(agreed))
    if agreed[worst] == 1:
        return "none of its values changes a region, a status or the order of the clusters here"
    pairs = [
        f"{value_words(own['value'].iloc[at])} and {value_words(own['next'].iloc[at])} agree in "
        f"{JUDGED_BY[judged_by]} to {agreed[at]:.2f}"
        for at in dict.fromkeys((worst, best))
    ]
    said = pairs[0] if len(pairs) == 1 else f"least alike, {pairs[0]}; most, {pairs[1]}"
    return f"a choice has no range of values: {said}. Compare their rows, and choose for a reason"


def _place_of_own(axis: Axis, low: float, high: float) -> str:
    if axis.own is None:
        return "the study sets no value of its own"
    words = value_words(axis.own)
    if low <= axis.own <= high:
        return f"the study's own {words} lies in it"
    return f"the study's own {words} lies {'below' if axis.own < low else 'above'} it"


def _nothing_stable(axis: Axis, steps: pd.DataFrame, judged_by: str, level: float) -> str:
    if len(axis.values) < FEWEST:
        return f"fewer than {FEWEST} values: no range can be told"
    known = steps[steps[judged_by].notna()]
    if known.empty:
        return "no two neighbouring values could be compared"
    agreed = known[judged_by].to_numpy(dtype=np.float64)
    pairs = [
        f"{agreed[at]:.2f} ({value_words(known['value'].iloc[at])} and "
        f"{value_words(known['next'].iloc[at])})"
        for at in (int(np.argmin(agreed)), int(np.argmax(agreed)))
    ]
    counted = COUNTED[judged_by]
    ends = known[counted].iloc[0], known[f"next_{counted}"].iloc[-1]
    places = known["value"].iloc[0], known["next"].iloc[-1]
    counts = " to ".join(
        f"{count:g} at {value_words(place)}" for count, place in zip(ends, places, strict=True)
    )
    what = JUDGED_BY[judged_by].partition(" ")[0]
    return (
        f"nothing is stable: no {FEWEST} values in a row agree in {what} to {level:g} while the "
        f"number of {counted} hardly moves. It goes from {counts}; neighbours agree to between "
        f"{' and '.join(pairs)}. What is found hangs on this choice: give its reason, and show "
        "more than one value"
    )


def _span_words(numbers: Any) -> str:  # noqa: ANN401 - small array
    low, high = float(np.min(numbers)), float(np.max(numbers))
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
