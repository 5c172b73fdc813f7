"""Each region beside the others: its profile, its peers, what separates the verdicts, and the bars.

Nothing here changes a verdict or a rank: these are readings of what was measured, judged and
scored, made once for whoever reports them.
"""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from geoclust.classification import Classification, Drivers, find_drivers
from geoclust.classification.frontier import frontier_of
from geoclust.schema import Indicators
from geoclust.scoring import Framework, Scores, benchmark_peers
from geoclust.scoring.matrix import SHARE_SLACK
from geoclust.scoring.normalising import significant
from geoclust.sphere import Floats
from geoclust.study.config import StudyConfig

Block = tuple[str, str | None, Floats, Floats]

DIGITS: Final = 9
COLUMNS: Final = ("dimension", "indicator", "value", "median", "standing", "median_standing")


class Comparisons(NamedTuple):
    """Readings of one study; the fields of the same names of `Study` say what each holds."""

    profiles: pd.DataFrame
    peers: pd.DataFrame
    factors: Scores
    drivers: Drivers
    frontier: pd.DataFrame


def compare_regions(
    config: StudyConfig, indicators: Indicators, classification: Classification, scores: Scores
) -> Comparisons:
    """Read the regions of a study against each other.

    Parameters
    ----------
    config
        The study's choices.
    indicators, classification, scores
        What its stages made.

    Returns
    -------
    Comparisons
    """
    clusters = classification.is_cluster.reindex(indicators.index)
    return Comparisons(
        profiles=profile_table(indicators, clusters, config.scoring),
        peers=benchmark_peers(
            indicators,
            regions=indicators.index,
            among=indicators.index[clusters],
            framework=config.scoring,
        ),
        factors=scores.by_factor(),
        drivers=find_drivers(indicators, classification, seed=config.study.seed),
        frontier=frontier_of(classification),
    )


def profile_table(
    indicators: Indicators, is_cluster: pd.Series, framework: Framework
) -> pd.DataFrame:
    """Where each region stands among the clusters, indicator by indicator and by dimension.

    The standing in an indicator is the share of the clusters that have it which the region is
    ahead of, those level with it (a cluster with itself, too) counting half: 1 is ahead of all,
    0 behind all.  In a dimension it is the mean over its known indicators, weighted as in the
    framework, and missing where less than the framework's `min_share` of that weight is known.

    Parameters
    ----------
    indicators
        Index `region_id`; a column for each indicator of the framework.
    is_cluster
        Which regions are clusters, in the order of `indicators`.
    framework
        Indicators, dimensions, directions, weights.

    Returns
    -------
    DataFrame
        One row per region and dimension (indicator missing), followed by its indicators:
        region_id, dimension, indicator, value, median (of the clusters), standing (0 to 1),
        median_standing (of the clusters).

    Examples
    --------
    >>> from geoclust.scoring import IndicatorSpec
    >>> table = pd.DataFrame({"firm_count": [9.0, 5.0, 5.0, 1.0]},
    ...                      index=pd.Index(["a", "b", "c", "q"], name="region_id"))
    >>> size = Framework(indicators=(IndicatorSpec(name="firm_count", dimension="size"),))
    >>> found = profile_table(table, pd.Series([True, True, True, False], table.index), size)
    >>> found.loc[found["indicator"].notna(), "standing"].round(3).tolist()
    [0.833, 0.333, 0.333, 0.0]
    """
    chosen = is_cluster.to_numpy(dtype=bool)
    names = [spec.name for spec in framework.indicators]
    values = indicators[names].to_numpy(dtype=np.float64)
    values = np.where(np.isfinite(values), values, np.nan)
    gains = significant(values) * framework.directions.to_numpy(dtype=np.float64)
    standings = np.column_stack([_standing(gain, gain[chosen]) for gain in gains.T])
    blocks: list[Block] = []
    for dimension in framework.dimensions:
        own = [at for at, spec in enumerate(framework.indicators) if spec.dimension == dimension]
        whole = _weighted(standings[:, own], framework.weights.to_numpy()[own], framework.min_share)
        blocks.append((dimension, None, np.full(len(values), np.nan), whole))
        blocks += [(dimension, names[at], values[:, at], standings[:, at]) for at in own]
    return _stacked(blocks, indicators.index, chosen)


def _standing(gain: Floats, clusters: Floats) -> Floats:
    """Share of the known clusters behind each value, level ones counting half."""
    known = np.sort(clusters[~np.isnan(clusters)])
    if not known.size:
        return np.full(len(gain), np.nan)
    behind, behind_or_level = (np.searchsorted(known, gain, side) for side in ("left", "right"))
    share = (behind + behind_or_level) / (2.0 * known.size)
    return np.where(np.isnan(gain), np.nan, share)


def _weighted(standings: Floats, weights: Floats, min_share: float) -> Floats:
    known = weights * ~np.isnan(standings)
    total = known.sum(axis=1)
    enough = (total / weights.sum() >= min_share - SHARE_SLACK) & (total > 0)
    mean = (np.nan_to_num(standings) * known).sum(axis=1) / np.where(enough, total, 1.0)
    return np.where(enough, mean.round(DIGITS), np.nan)


def _stacked(blocks: list[Block], index: pd.Index, chosen: np.ndarray) -> pd.DataFrame:
    """The rows of each region together, in the order of `index`."""
    parts = [
        pd.DataFrame(
            {
                "dimension": dimension,
                "indicator": pd.Series(indicator, index=index, dtype="str"),
                "value": value,
                "median": _median(value[chosen]),
                "standing": standing,
                "median_standing": _median(standing[chosen]),
            },
            index=index,
        )
        for dimension, indicator, value, standing in blocks
    ]
    place = np.tile(np.arange(len(index)), len(parts))
    table = pd.concat(parts).rename_axis("region_id").reset_index()
    texts = dict.fromkeys(("region_id", "dimension", "indicator"), "str")
    order = np.argsort(place, kind="stable")
    return table.astype(texts).iloc[order].reset_index(drop=True)[["region_id", *COLUMNS]]


def _median(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else np.nan
