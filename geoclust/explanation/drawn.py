"""How firm a region is: shares and quantiles over the draws of the robustness experiment."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geoclust.explanation.working import Listing, Worker, Working, missing, said, unknown

if TYPE_CHECKING:
    from geoclust.explanation.evidence import Evidence

DRAWS: Final = "draws_"
"""Goes before the name of a column of `robustness/status.csv` or `robustness/ranks.csv`."""

STATUS: Final = ("cluster", "quasi_cluster", "none", "vanished", "same")
RANKS: Final = ("median", "low", "high", "top_ten", "ranked", "median_if_ranked", "shift",
                "off_centre")  # fmt: skip
QUANTILES: Final = {"median": 0.5, "low": 0.05, "high": 0.95}
TOP, ONE_SIDED = 10, 0.75


def draw_names(evidence: "Evidence") -> list[str]:
    """Names of all numbers about draws; none where none were made."""
    if "region_draws" not in evidence.draws:
        return []
    return [f"{DRAWS}{name}" for name in (*STATUS, *RANKS)]


def draw_value(evidence: "Evidence", region_id: str, name: str) -> Any:  # noqa: ANN401 - a cell
    """A number about draws as it was reported."""
    column = name.removeprefix(DRAWS)
    table = evidence.draws["status" if column in STATUS else "ranks"]
    return table.at[region_id, column] if region_id in table.index else None


def workers(evidence: "Evidence") -> dict[str, Worker]:
    """Workers of every number about draws."""
    return {name: _status if name.removeprefix(DRAWS) in STATUS else _rank
            for name in draw_names(evidence)}  # fmt: skip


def _status(evidence: "Evidence", region_id: str, name: str) -> Working:
    column = name.removeprefix(DRAWS)
    table = evidence.once("draws", region_id, _draws_of)
    own = evidence.value(region_id, "status")
    wanted = own if column == "same" else column.replace("_", "-")
    count = int((table["status"] == wanted).sum())
    what = {"same": f"it is {own}, as in the study", "vanished": "no region is it"}
    return Working(
        value=count / len(table),
        filled=f"in {count} of {len(table)} draws {what.get(column, f'it is {wanted}')}",
        listings=(Listing("what became of it in each draw", table),),
        made_of=("status",),
        settings=("robustness.",),
    )


def _rank(evidence: "Evidence", region_id: str, name: str) -> Working:
    column = name.removeprefix(DRAWS)
    table = evidence.once("draws", region_id, _draws_of)
    own = evidence.value(region_id, "rank")
    value, filled = _of_ranks(column, table, None if missing(own) else float(str(own)))
    more: dict[str, Any] = {
        "listings": (Listing("its rank in each draw", table),),
        "made_of": ("rank",),
        "settings": ("robustness.",),
    }
    return unknown(filled, **more) if value is None else Working(value=value, filled=filled, **more)


def _of_ranks(column: str, table: pd.DataFrame, own: float | None) -> tuple[Any, str]:
    """The number, and how it comes about; None where it is missing, and why."""
    places = table["counts_as"].to_list()
    ranked = table["rank"].dropna().to_list()
    count = len(places)
    if column in QUANTILES:
        at = QUANTILES[column]
        middle = quantile(places, at)
        place = max(math.ceil(at * count - 1e-9), 1)
        return middle, f"number {place} of {count} ranks in order: {said(middle)}"
    if column == "median_if_ranked":
        value = quantile(ranked, 0.5) if ranked else None
        return value, f"middle of the {len(ranked)} draws that rank it: {said(value)}"
    if column in {"top_ten", "ranked"}:
        held = len(ranked) if column == "ranked" else sum(rank <= TOP for rank in ranked)
        word = "have it ranked" if column == "ranked" else "have it among the ten best"
        return held / count, f"{held} of {count} draws {word}"
    sides = [
        sum(place < (own or 0) for place in places),
        sum(place > (own or 0) for place in places),
    ]
    if column == "off_centre":
        off = own is not None and max(sides) / count > ONE_SIDED
        return off, f"{sides[0]} draws rank it better than the study, {sides[1]} worse, of {count}"
    if own is None:
        return None, "the study does not rank it"
    middle = quantile(places, 0.5)
    return middle - own, f"median {said(middle)} - rank {said(own)} in the study"


def quantile(values: Sequence[float], at: float) -> float:
    """The first value with at least this share at or below it.

    Examples
    --------
    >>> quantile([3, 1, 2, 4], 0.5), quantile([3, 1, 2, 4], 0.95)
    (2.0, 4.0)
    """
    ordered = sorted(values)
    return float(ordered[max(math.ceil(at * len(ordered) - 1e-9), 1) - 1])


def _draws_of(evidence: "Evidence", region_id: str) -> pd.DataFrame:
    """Status and rank in each draw; without a rank it counts as one behind all that are ranked."""
    table = evidence.draws["region_draws"]
    table = table[table["region_id"] == region_id][["draw", "status", "rank"]]
    ranked = evidence.draws["draws"].set_index("draw")["ranked"].reindex(table["draw"])
    worst = ranked.clip(lower=len(evidence.scores)).to_numpy() + 1
    return table.assign(
        counts_as=table["rank"].astype("float64").fillna(pd.Series(worst, table.index))
    )
