"""Which bars a region passes, and the status that follows."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from geoclust.catalogue import nearest
from geoclust.classification.gaps import find_gaps
from geoclust.classification.thresholds import Bars, Criterion, Thresholds, passes
from geoclust.display import Listing, card
from geoclust.errors import ParameterError
from geoclust.schema import Indicators, require_columns

logger = logging.getLogger(__name__)

DENSITY: Final = "activity_density_per_100km2"
TESTS: Final = ("cluster density", "cluster capability", "quasi density", "quasi capability")


@dataclass(frozen=True, eq=False)
class Classification:
    """The judgement on every region."""

    table: pd.DataFrame
    """Index `region_id`: status, tier (1 or 2 for quasi-clusters), capability (0 to 1, criteria
    without data as 0), capability_upper (as 1), undetermined (the two would differ in status),
    activity_density_per_100km2."""
    tests: pd.DataFrame
    """Four rows per region: region_id, test, value, bar, passed, margin (value / bar - 1)."""
    criteria: pd.DataFrame
    """One row per region and criterion: region_id, criterion, value, target, share (0 to 1),
    weight (sums to 1 over a region), missing."""
    gaps: pd.DataFrame
    """What each region below cluster lacks; see `find_gaps`."""
    thresholds: Thresholds

    @property
    def status(self) -> pd.Series:
        """Status of each region."""
        return self.table["status"]

    @property
    def is_cluster(self) -> pd.Series:
        """True for clusters."""
        return (self.table["status"] == "cluster").astype(bool).rename("is_cluster")

    @property
    def is_quasi(self) -> pd.Series:
        """True for quasi-clusters."""
        return (self.table["status"] == "quasi-cluster").astype(bool).rename("is_quasi")

    def __repr__(self) -> str:
        clusters, quasi = int(self.is_cluster.sum()), int(self.is_quasi.sum())
        open_count = int(self.table["undetermined"].sum())
        return (
            f"Classification({clusters} clusters, {quasi} quasi-clusters, "
            f"{len(self.table) - clusters - quasi} neither; "
            f"{open_count} undetermined by missing data)"
        )

    def _repr_html_(self) -> str:
        clusters, quasi = int(self.is_cluster.sum()), int(self.is_quasi.sum())
        facts = {
            "clusters": clusters,
            "quasi-clusters": quasi,
            "neither": len(self.table) - clusters - quasi,
            "undetermined by missing data": int(self.table["undetermined"].sum()),
        }
        margins = self.tests.pivot_table(index="region_id", columns="test", values="margin")
        shown = self.table[["status", "tier", DENSITY, "capability"]].join(
            margins.reindex(columns=list(TESTS[:2])).map(lambda part: f"{part:+.0%}")
        )
        heads = {DENSITY: "density per 100 km²"} | {
            test: f"margin to {test.replace(' ', ' bar of ')}" for test in TESTS
        }
        listing = Listing(
            "Regions and how far they pass or miss the bars", shown.rename(columns=heads)
        )
        return card("Classification", facts=facts, listings=[listing])


def classify(
    indicators: Indicators,
    thresholds: Thresholds | None = None,
    *,
    kind_weights: Mapping[str, float] | None = None,
) -> Classification:
    """Judge every region by absolute bars on density and capability.

    A *cluster* passes both cluster bars.  A *quasi-cluster* passes both quasi bars; it is of tier
    1 if it passes one of the cluster bars as well, else of tier 2.  Anything else is *none*.

    Capability is the weighted mean over the criteria of min(1, value / target).  A criterion
    without data counts as 0 for the status and as 1 for `capability_upper`; a region whose status
    would differ between the two is marked undetermined.  A region without density fails
    both density bars, and is undetermined where passing them would change its status.

    Parameters
    ----------
    indicators
        Index `region_id`; activity, reach_area_km2, activity_density_per_100km2 and the
        indicator of every criterion.
    thresholds
        Bars, criteria, unit costs; the defaults are argued in `Thresholds`.
    kind_weights
        Weight of a firm, lab, patent in activity, as in clustering; for the gaps.

    Returns
    -------
    Classification
        Statuses, tests with margins, criteria, gaps.

    Raises
    ------
    SchemaError
        If a column of density is missing.
    ParameterError
        If a criterion names an indicator that the table lacks, or a kind weight is wrong.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"activity": [42.0, 6.0], "reach_area_km2": 400.0, "firm_count": [14.0, 5.0],
    ...      "lab_count": [4.0, 1.0], "patent_count": [24.0, 0.0], "category_count": [7.0, 3.0],
    ...      "funding_usd": [9e7, np.nan], "activity_density_per_100km2": [10.5, 1.5]},
    ...     index=pd.Index(["gb-alderbrook", "gb-tarnwick"], name="region_id"))
    >>> found = classify(table)
    >>> found.status.to_dict()
    {'gb-alderbrook': 'cluster', 'gb-tarnwick': 'quasi-cluster'}
    >>> found
    Classification(1 clusters, 1 quasi-clusters, 0 neither; 0 undetermined by missing data)
    """
    thresholds = thresholds or Thresholds()
    criteria, table = judge(indicators, thresholds)
    result = Classification(
        table=table,
        tests=_tests(table, thresholds),
        criteria=criteria,
        gaps=find_gaps(indicators, table, thresholds, kind_weights=kind_weights),
        thresholds=thresholds,
    )
    logger.info("%r", result)
    return result


def judge(indicators: Indicators, thresholds: Thresholds) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Criteria and statuses alone, as in `Classification`: what costs little.

    Raises
    ------
    SchemaError, ParameterError
        As `classify`.
    """
    require_columns(indicators, ["activity", "reach_area_km2", DENSITY], "indicators")
    _require_criteria(indicators, thresholds.criteria)
    criteria = _criteria(indicators, thresholds.criteria)
    return criteria, _judge(indicators, criteria, thresholds)


def statuses(density: pd.Series, capability: pd.Series, thresholds: Thresholds) -> pd.DataFrame:
    """Status and tier of each region from its density and capability.

    Examples
    --------
    >>> x = pd.Series([3.0, 3.0, 2.0, 1.0])
    >>> statuses(x, pd.Series([0.6, 0.3, 0.3, 1.0]), Thresholds())["tier"].tolist()
    [<NA>, 1, 2, <NA>]
    """
    dense, able = _both(density, capability, thresholds.cluster)
    quasi = np.logical_and(*_both(density, capability, thresholds.quasi))
    cluster = dense & able
    status = np.select([cluster, quasi], ["cluster", "quasi-cluster"], "none")
    tier = pd.Series(np.where(dense | able, 1, 2), index=density.index, dtype="Int64")
    return pd.DataFrame(
        {
            "status": pd.Series(status, index=density.index, dtype="str"),
            "tier": tier.where(quasi & ~cluster),
        }
    )


def _both(density: pd.Series, capability: pd.Series, bars: Bars) -> tuple[pd.Series, pd.Series]:
    return passes(density, bars.min_density), passes(capability, bars.min_capability)


def _require_criteria(indicators: pd.DataFrame, criteria: tuple[Criterion, ...]) -> None:
    known = [str(name) for name in indicators.columns]
    faults = [
        f"criterion {criterion.name!r} asks for {criterion.indicator!r}, which the indicators "
        f"lack; {nearest(criterion.indicator, known)}"
        for criterion in criteria
        if criterion.indicator not in indicators
    ]
    if faults:
        raise ParameterError("; ".join(faults))


def _criteria(indicators: pd.DataFrame, criteria: tuple[Criterion, ...]) -> pd.DataFrame:
    total = sum(criterion.weight for criterion in criteria)
    parts = []
    for criterion in criteria:
        value = indicators[criterion.indicator].astype("float64")
        share = (value / criterion.target).clip(0.0, 1.0).fillna(0.0)
        parts.append(
            pd.DataFrame(
                {
                    "region_id": indicators.index,
                    "criterion": criterion.name,
                    "value": value.to_numpy(),
                    "target": float(criterion.target),
                    "share": share.to_numpy(),
                    "weight": criterion.weight / total,
                    "missing": value.isna().to_numpy(),
                }
            )
        )
    order = np.arange(len(criteria) * len(indicators)).reshape(len(criteria), -1).T.ravel()
    return pd.concat(parts, ignore_index=True).iloc[order].reset_index(drop=True)


def _judge(
    indicators: pd.DataFrame, criteria: pd.DataFrame, thresholds: Thresholds
) -> pd.DataFrame:
    by_region = (criteria["weight"] * criteria["share"]).groupby(criteria["region_id"])
    capability = by_region.sum().reindex(indicators.index)
    absent = (criteria["weight"] * criteria["missing"]).groupby(criteria["region_id"]).sum()
    upper = (capability + absent.reindex(indicators.index)).clip(upper=1.0)
    density = indicators[DENSITY].astype("float64")
    table = statuses(density, capability, thresholds)
    best = statuses(density.fillna(np.inf), upper, thresholds)
    return table.assign(
        capability=capability,
        capability_upper=upper,
        undetermined=(table["status"] != best["status"]).astype(bool),
        **{DENSITY: density},
    )


def _tests(table: pd.DataFrame, thresholds: Thresholds) -> pd.DataFrame:
    """Long table of the four tests, region by region."""
    bars = [
        (DENSITY, thresholds.cluster.min_density),
        ("capability", thresholds.cluster.min_capability),
        (DENSITY, thresholds.quasi.min_density),
        ("capability", thresholds.quasi.min_capability),
    ]
    n = len(table)
    bar = np.tile([float(bar) for _, bar in bars], n)
    value = table[[column for column, _ in bars]].to_numpy(dtype=np.float64).ravel()
    return pd.DataFrame(
        {
            "region_id": np.repeat(table.index.to_numpy(), len(bars)),
            "test": np.tile(TESTS, n),
            "value": value,
            "bar": bar,
            "passed": passes(value, bar),
            "margin": value / bar - 1,
        }
    ).astype({"region_id": "str", "test": "str", "passed": "bool"})
