"""What a region lacks: the cheapest additions that would pass both cluster bars.

The problem, per region: whole numbers of firms, labs and patents and an amount of funding, of
least total cost, such that

* activity + sum of kind weight x additions reaches the density bar over the unchanged reach area
  (everything is added at the heaviest location, so no area is added), and
* capability, with the additions counted in the criteria they feed, reaches the capability bar.

How the search is exact.  Call a kind of record *useful* up to the number where every criterion it
feeds is met; beyond, it adds activity only.

1. Let the *filler* be the kind with the least cost per activity.  If b records of another kind
   weigh as much as a records of the filler (a, b whole, without a common divisor), then b records
   beyond the useful number can be exchanged for a of the filler: density stays, capability does
   not fall, cost does not rise.  So some cheapest combination has fewer than b records of that
   kind beyond its useful number.  That leaves a finite grid for the two other kinds.
2. At each point of the grid the filler has a least number, from density and from what all the
   funding in the world could still add.  Beyond it, cost is the cost of the filler plus that of
   the funding still needed.  Capability is concave in the filler and in funding (a sum of
   min(1, value / target)), so funding needed is convex in the filler, and so is cost: bisection
   on the sign of its slope finds the minimum over whole numbers.

Of equally cheap combinations the one with fewest firms is taken, then fewest labs, then patents.
A kind of record whose table was not given is asked for only where nothing else suffices: in a
study without patents "two more patents" would be no answer.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoclust.classification.thresholds import ADDITIONS, Thresholds, passes
from geoclust.errors import ParameterError
from geoclust.schema import KINDS, WEIGHT_UNIT
from geoclust.sphere import Floats, Ints

FEEDS: Final = {
    "firm_count": ("firm",),
    "lab_count": ("lab",),
    "patent_count": ("patent",),
    "institution_count": ("firm", "lab"),
    "activity": KINDS,
}
"""Indicators that rise by one (activity: by the kind weight) with each record added."""

COUNTS: Final = {"firm": "firm_count", "lab": "lab_count", "patent": "patent_count"}
LAST_RESORT: Final = 1e4
"""What the search adds to the cost of a kind whose table was not given; never reported."""

EQUAL_COST: Final = 1e-12
Test = Callable[[Floats], NDArray[np.bool_]]
GIVEN: Final = pd.Series([0.0])
WORDS: Final = {"firms": "firm", "labs": "lab", "patents": "patent"}


@dataclass(frozen=True, eq=False)
class _Need:
    """One region's problem in plain numbers."""

    activity: float
    per_activity: float
    """Density of one unit of activity."""
    density_bar: float
    capability_bar: float
    base: Floats
    """Value of each criterion, missing as 0."""
    target: Floats
    weight: Floats
    """Sums to 1."""
    feeds: Floats
    """Criteria x kinds: by how much one record raises the criterion."""
    funds: Floats
    """Criteria: 1 where funding raises it."""
    kind_weight: Floats
    price: Floats
    """Cost of one record of each kind."""
    cost: Floats
    """The same as the search sees it: a kind not given comes last."""
    funding_cost: float

    def density(self, counts: Floats) -> Floats:
        """Density after adding `counts`, shape (..., 3)."""
        return np.asarray((self.activity + counts @ self.kind_weight) * self.per_activity)

    def capability(self, counts: Floats, funding: Floats | float) -> Floats:
        """Capability after adding `counts` (..., 3) and `funding` (...)."""
        value = (
            self.base + counts @ self.feeds.T + np.multiply.outer(np.asarray(funding), self.funds)
        )
        return np.asarray(np.clip(value / self.target, 0.0, 1.0) @ self.weight)


def find_gaps(
    indicators: pd.DataFrame,
    table: pd.DataFrame,
    thresholds: Thresholds,
    *,
    kind_weights: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Cheapest combination of additions that lifts each region over both cluster bars.

    Additions go to the region's heaviest location, with its membership and so its reach area
    held.  Firms, labs and patents raise activity by their kind weight (weight 1 each) and the
    criteria on their counts; funding raises the criterion on disclosed funding.  Other criteria,
    such as kinds of organisation, are held: nothing is assumed about what the newcomers are.  A
    criterion without data starts at 0; a kind of record without a table (its count missing in
    every region) is added only where nothing else suffices.

    Parameters
    ----------
    indicators
        Index `region_id`; activity, reach_area_km2 and the criteria's indicators.
    table
        Index `region_id`; status.
    thresholds
        Bars, criteria, unit costs.
    kind_weights
        Weight of a firm, lab, patent in activity; default 1.

    Returns
    -------
    DataFrame
        Index `region_id`, all regions below cluster: firms, labs, patents (whole), funding_usd,
        cost (in units of `UnitCosts`), density_after, capability_after, summary in words.  Missing
        where no addition suffices, with the reason in the summary.

    Raises
    ------
    ParameterError
        If a kind is unknown or its weight not positive.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"activity": [8.0], "reach_area_km2": 400.0, "firm_count": [6.0], "lab_count": [2.0],
    ...      "patent_count": [0.0], "category_count": [4.0], "funding_usd": [0.0],
    ...      "activity_density_per_100km2": [2.0]}, index=pd.Index(["x"], name="region_id"))
    >>> status = pd.DataFrame({"status": ["none"]}, index=table.index)
    >>> gap = find_gaps(table, status, Thresholds()).loc["x"]
    >>> gap["summary"], round(float(gap["cost"]), 2)
    ('15 more patents', 6.0)
    """
    weights = _kind_weights(kind_weights)
    below = table.index[(table["status"] != "cluster").to_numpy()]
    given = np.array([not indicators.get(COUNTS[kind], GIVEN).isna().all() for kind in KINDS])
    rows = [_gap(_need(indicators.loc[name], thresholds, weights, given)) for name in below]
    columns = [*ADDITIONS, "cost", "density_after", "capability_after", "summary"]
    gaps = pd.DataFrame(rows, columns=columns, index=below)
    counts = dict.fromkeys(WORDS, "Int64")
    numbers = dict.fromkeys(columns[3:7], "float64")
    return gaps.astype({**counts, **numbers, "summary": "str"})


def _gap(need: _Need) -> list[object]:
    """One row of the table of gaps."""
    found = _cheapest(need) if math.isfinite(need.activity * need.per_activity) else None
    if found is None:
        return [None, None, None, None, None, None, None, _why_not(need)]
    counts, funding = found
    cost = float(counts @ need.price + funding * need.funding_cost)
    return [
        *(int(count) for count in counts),
        funding,
        cost,
        float(need.density(counts)),
        float(need.capability(counts, funding)),
        _in_words(counts, funding),
    ]


def _cheapest(need: _Need) -> tuple[Floats, float] | None:
    """Whole numbers of firms, labs, patents and the funding of least cost; None if nothing does."""
    useful = _useful(need)
    if not passes(need.capability(useful, _most_funding(need)), need.capability_bar):
        return None
    filler = _filler(need)
    grid = _grid(need, useful, filler)
    least = _least_filler(need, grid, filler, useful[filler])
    counts = _best_filler(need, least, filler, useful[filler])
    funding = _funding(need, counts)
    cost = counts @ need.cost + funding * need.funding_cost
    close = np.flatnonzero(cost <= cost.min() * (1 + EQUAL_COST))
    first = close[np.lexsort(counts[close].T[::-1])[0]]
    return counts[first], float(funding[first])


def _useful(need: _Need) -> Floats:
    """Per kind, the number of records beyond which no criterion rises."""
    missing = np.maximum(need.target - need.base, 0.0)[:, None]
    feeds = need.feeds
    steps = np.divide(missing, feeds, out=np.zeros_like(feeds), where=feeds > 0)
    return np.asarray(np.ceil(steps).max(axis=0))


def _filler(need: _Need) -> int:
    """The kind with the least cost per activity, the last of several."""
    per_activity = need.cost / need.kind_weight
    return int(np.flatnonzero(per_activity <= per_activity.min() * (1 + EQUAL_COST))[-1])


def _grid(need: _Need, useful: Floats, filler: int) -> Floats:
    """Numbers of the two other kinds that a cheapest combination may have, shape (n, 3)."""
    units = np.rint(need.kind_weight * WEIGHT_UNIT).astype(np.int64)
    enough = _records_for_density(need, np.zeros((1, 3)), np.arange(3))
    axes = []
    for kind in range(len(KINDS)):
        swap = units[filler] // math.gcd(int(units[kind]), int(units[filler]))
        most = max(useful[kind], min(useful[kind] + swap - 1, enough[kind]))
        axes.append(np.zeros(1) if kind == filler else np.arange(most + 1))
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(KINDS))


def _records_for_density(need: _Need, counts: Floats, kind: int | Ints) -> Floats:
    """Fewest further records of a kind that reach the density bar."""
    lacking = need.density_bar - need.density(counts)
    return np.asarray(np.maximum(np.ceil(lacking / need.per_activity / need.kind_weight[kind]), 0))


def _least_filler(need: _Need, grid: Floats, filler: int, useful: float) -> Floats:
    """`grid` with the fewest fillers that density, and capability with all funding, ask for.

    Rows that capability cannot reach even then are dropped.
    """
    step = np.zeros(len(KINDS))
    step[filler] = 1.0

    def reaches(fill: Floats) -> NDArray[np.bool_]:
        return passes(need.density(grid + fill[:, None] * step), need.density_bar)

    dense = _records_for_density(need, grid, filler)
    # rounding: one fewer may do, or one more be needed
    fewer = np.maximum(dense - 1, 0.0)
    dense = np.where(reaches(fewer), fewer, np.where(reaches(dense), dense, dense + 1))
    most = np.full(len(grid), _most_funding(need))

    def enough(fill: Floats) -> NDArray[np.bool_]:
        return passes(need.capability(grid + fill[:, None] * step, most), need.capability_bar)

    reachable = enough(np.maximum(dense, useful))
    able = _first_true(enough, dense, np.maximum(dense, useful))
    return np.asarray((grid + able[:, None] * step)[reachable])


def _best_filler(need: _Need, least: Floats, filler: int, useful: float) -> Floats:
    """`least` with as many more fillers as pay for themselves by the funding they save."""
    step = np.zeros(len(KINDS))
    step[filler] = 1.0

    def no_cheaper(extra: Floats) -> NDArray[np.bool_]:
        """Whether one more filler would cost at least what it saves."""
        counts = least + extra[:, None] * step
        saved = (_funding(need, counts) - _funding(need, counts + step)) * need.funding_cost
        return np.asarray(saved <= need.cost[filler] * (1 + EQUAL_COST))

    most = np.maximum(useful - least[:, filler], 0.0)
    extra = _first_true(no_cheaper, np.zeros(len(least)), most)
    return np.asarray(least + extra[:, None] * step)


def _first_true(test: Test, low: Floats, high: Floats) -> Floats:
    """Smallest whole numbers from `low` to `high` where `test` holds, taken to hold at `high`.

    `test` is False up to some number and True from there on.
    """
    low, high = low.copy(), high.copy()
    while (low < high).any():
        middle = np.floor((low + high) / 2)
        holds = test(middle)
        high = np.where(holds, middle, high)
        low = np.where(holds, low, np.minimum(middle + 1, high))
    return high


def _funding(need: _Need, counts: Floats) -> Floats:
    """Least funding with which `counts` reach the capability bar; inf where none does."""
    base = need.base[need.funds > 0]
    edges = np.unique(np.maximum(need.target[need.funds > 0] - base, 0.0))
    edges = np.concatenate([[0.0], edges[edges > 0]])
    reached = np.stack([need.capability(counts, np.full(len(counts), x)) for x in edges], axis=-1)
    bar = need.capability_bar
    funding = np.where(passes(reached[:, 0], bar), 0.0, np.inf)
    for lower, upper, low, high in zip(
        edges[:-1], edges[1:], reached.T[:-1], reached.T[1:], strict=True
    ):
        rise = np.maximum(high - low, np.finfo(float).tiny)
        needed = lower + (bar - low) / rise * (upper - lower)
        here = np.isinf(funding) & passes(high, bar)
        funding = np.where(here, np.clip(needed, lower, upper), funding)
    return funding


def _most_funding(need: _Need) -> float:
    """Funding beyond which no criterion rises."""
    return float(np.max(np.maximum(need.target - need.base, 0.0) * need.funds, initial=0.0))


def _need(
    row: pd.Series, thresholds: Thresholds, kind_weight: Floats, given: NDArray[np.bool_]
) -> _Need:
    criteria, costs = thresholds.criteria, thresholds.unit_costs
    weight = np.array([criterion.weight for criterion in criteria], dtype=np.float64)
    names = [criterion.indicator for criterion in criteria]
    price = np.array([costs.firm, costs.lab, costs.patent], dtype=np.float64)
    feeds = np.array([[kind in FEEDS.get(name, ()) for kind in KINDS] for name in names], float)
    feeds[[name == "activity" for name in names]] = kind_weight
    return _Need(
        activity=float(row["activity"]),
        per_activity=100.0 / float(row["reach_area_km2"]),
        density_bar=thresholds.cluster.min_density,
        capability_bar=thresholds.cluster.min_capability,
        base=np.nan_to_num(row[names].to_numpy(dtype=np.float64)),
        target=np.array([criterion.target for criterion in criteria], dtype=np.float64),
        weight=weight / weight.sum(),
        feeds=feeds,
        funds=np.array([name == "funding_usd" for name in names], dtype=np.float64),
        kind_weight=kind_weight,
        price=price,
        cost=np.where(given, price, price + LAST_RESORT * price.max()),
        funding_cost=costs.funding_usd,
    )


def _kind_weights(kind_weights: Mapping[str, float] | None) -> Floats:
    weights = dict.fromkeys(KINDS, 1.0) | dict(kind_weights or {})
    if any(kind not in KINDS or not 0 < value < math.inf for kind, value in weights.items()):
        raise ParameterError(
            f"kind_weights: found {dict(kind_weights or {})}; want positive weights of {KINDS}"
        )
    return np.array([weights[kind] for kind in KINDS], dtype=np.float64)


def _in_words(counts: Floats, funding: float) -> str:
    """Additions as a phrase: "6 more firms and 1 lab"."""
    parts = [
        f"{int(count)} {noun}" + ("" if count == 1 else "s")
        for count, noun in zip(counts, WORDS.values(), strict=True)
        if count
    ]
    if funding > 0:
        parts.append(f"USD {math.ceil(funding / 1e4 - 1e-9) / 100:.2f} million of funding")
    if not parts:
        return "nothing: both bars are passed"
    first, _, rest = parts[0].partition(" ")
    parts[0] = f"{first} more {rest}" if counts.any() else f"{parts[0]} more"
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _why_not(need: _Need) -> str:
    if not math.isfinite(need.activity * need.per_activity):
        return "unknown: the region's activity or reach area is missing"
    best = float(need.capability(_useful(need), _most_funding(need)))
    return (
        f"no addition of firms, labs, patents or funding suffices: capability could reach "
        f"{best:.2f} of {need.capability_bar:.2f}; the other criteria hold it back"
    )
