"""Outcomes of draws to tables."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from geoclust.robustness.chain import Chain
from geoclust.robustness.outcome import ABSENT, STAYS, VANISHED, Outcome
from geoclust.schema import STATUSES
from geoclust.sphere import Floats, Ints

TOP: Final = 10
LOW, MIDDLE, HIGH = 0.05, 0.5, 0.95
ONE_SIDED: Final = 0.75
"""Where more of the draws lie on one side of the study, the experiment is off centre."""


def ranks_of(chain: Chain, outcomes: Sequence[Outcome]) -> Ints:
    """Ranks of the study's regions, draws x regions.

    A region without a rank in a draw takes the worst: one behind all that the study or the draw
    ranks, whichever are more.
    """
    own = int((chain.rank > 0).sum())
    worst = np.array([max(own, int(each.facts["ranked"])) + 1 for each in outcomes])
    rank = _stack([each.rank for each in outcomes], len(chain.names))
    return np.where(rank > 0, rank, worst[:, None])


def rank_table(chain: Chain, outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Rank of each region over the draws; see `Robustness.ranks`."""
    rank = ranks_of(chain, outcomes)
    has_rank = _stack([each.rank for each in outcomes], len(chain.names)) > 0
    ranked_ones = np.where(has_rank, rank, np.nan)
    median = _quantile(rank, MIDDLE)
    own = np.where(chain.rank > 0, chain.rank, np.nan)
    below, above = (rank < own).mean(axis=0), (rank > own).mean(axis=0)
    table = pd.DataFrame(
        {
            "study": pd.array(own, dtype="Int64"),
            "median": median,
            "low": _quantile(rank, LOW),
            "high": _quantile(rank, HIGH),
            "top_ten": ((rank <= TOP) & has_rank).mean(axis=0),
            "ranked": has_rank.mean(axis=0),
            "median_if_ranked": [_median_known(column) for column in ranked_ones.T],
            "shift": median - own,
            "off_centre": np.maximum(below, above) > ONE_SIDED,
        },
        index=_regions(chain),
    )
    order = pd.DataFrame({"rank": own, "median": median}, index=table.index)
    return table.loc[order.sort_values(["rank", "median"], kind="stable").index]


def status_table(chain: Chain, outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Probability of each status; see `Robustness.status`."""
    status = _stack([each.status for each in outcomes], len(chain.names))
    study = [STATUSES[number] for number in chain.status.tolist()]
    columns = {name.replace("-", "_"): number for number, name in enumerate(STATUSES)}
    shares = {
        name: (status == number).mean(axis=0)
        for name, number in {**columns, "vanished": VANISHED}.items()
    }
    return pd.DataFrame(
        {
            "study": pd.Series(study, dtype="str", index=_regions(chain)),
            **shares,
            "same": (status == chain.status).mean(axis=0),
        },
        index=_regions(chain),
    )


def pairwise_table(chain: Chain, outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Share of draws in which one cluster beats another; see `Robustness.pairwise`."""
    chosen = np.flatnonzero(chain.rank > 0)
    chosen = chosen[np.argsort(chain.rank[chosen], kind="stable")]
    rank = ranks_of(chain, outcomes)[:, chosen]
    share = (rank[:, :, None] < rank[:, None, :]).mean(axis=0)
    names = _regions(chain)[chosen]
    return pd.DataFrame(share, index=names, columns=names.rename("beaten"))


def record_table(chain: Chain, outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """How firmly each record belongs; see `Robustness.records`."""
    drawn = np.zeros(len(chain.records), dtype=np.int64)
    stayed = np.zeros(len(chain.records), dtype=np.int64)
    for outcome in outcomes:
        drawn += outcome.stays != ABSENT
        stayed += outcome.stays == STAYS
    names = np.array([*chain.names, np.nan], dtype=object)[chain.region]
    share = np.divide(stayed, drawn, out=np.full(len(drawn), np.nan), where=drawn > 0)
    index = pd.Index(chain.records.index, name="record_id")
    region = pd.Series(names, index=index, dtype="str")
    return pd.DataFrame({"region_id": region, "drawn": drawn, "stays": share}, index=index)


def draws_table(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Settings and facts of every draw."""
    index = pd.RangeIndex(len(outcomes), name="draw")
    rows = [{**outcome.echo, **outcome.facts} for outcome in outcomes]
    return pd.DataFrame(rows, index=index).astype({"left_out": "str"})


def region_draws_table(chain: Chain, outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Status and rank of each region in each draw; see `Robustness.region_draws`."""
    width = len(chain.names)
    status = _stack([each.status for each in outcomes], width).ravel()
    rank = _stack([each.rank for each in outcomes], width).ravel()
    words = np.array([*STATUSES, "vanished"], dtype=object)
    return pd.DataFrame(
        {
            "draw": np.repeat(np.arange(len(outcomes)), width),
            "region_id": pd.Series(list(chain.names) * len(outcomes), dtype="str"),
            "status": pd.Series(words[status], dtype="str"),
            "rank": pd.array(np.where(rank > 0, rank, np.nan), dtype="Int64"),
        }
    )


def bias_table(chain: Chain, outcomes: Sequence[Outcome], ranks: pd.DataFrame) -> pd.DataFrame:
    """Where the draws lie against the study; see `Robustness.bias`."""
    counts = np.bincount(chain.status, minlength=len(STATUSES))
    noise = float(chain.units[chain.region < 0].sum() / max(chain.units.sum(), 1.0))
    study = {
        "regions": float(len(chain.names)),
        "clusters": float(counts[0]),
        "quasi_clusters": float(counts[1]),
        "noise_share": noise,
    }
    rows = {
        name: _against(own, np.array([each.facts[name] for each in outcomes], dtype=np.float64))
        for name, own in study.items()
    }
    shift = ranks["shift"].dropna().to_numpy(dtype=np.float64)
    if shift.size:
        rows["shift of median ranks"] = _against(0.0, shift)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("measure")


def _against(own: float, values: Floats) -> dict[str, object]:
    below, above = float((values < own).mean()), float((values > own).mean())
    return {
        "study": own,
        **{
            name: float(_quantile(values, at))
            for name, at in (("median", MIDDLE), ("low", LOW), ("high", HIGH))
        },
        "below": below,
        "above": above,
        "off_centre": max(below, above) > ONE_SIDED,
    }


def _quantile(values: Ints | Floats, at: float) -> Floats:
    """A value that occurs: the first with at least that share at or below it."""
    return np.asarray(np.quantile(values, at, axis=0, method="inverted_cdf"), dtype=np.float64)


def _median_known(column: Floats) -> float:
    known = column[~np.isnan(column)]
    return float(_quantile(known, MIDDLE)) if known.size else np.nan


def _stack(arrays: list[Ints], width: int) -> Ints:
    return np.array(arrays, dtype=np.int64).reshape(len(arrays), width)


def _regions(chain: Chain) -> "pd.Index[str]":
    return pd.Index(chain.names, dtype="str", name="region_id")
