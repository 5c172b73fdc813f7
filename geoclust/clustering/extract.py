"""The cheap step: regions from a hierarchy, as often as wanted.

Clusters are chosen (`labels`), then named and described (`tables`).  Every extraction equals one
from a hierarchy built anew: nothing is kept between them.
"""

import logging
import math
import time
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from geoclust.clustering.build import Hierarchy
from geoclust.clustering.labels import choose_regions
from geoclust.clustering.rules import Rules
from geoclust.clustering.scores import outlier_scores, score_clusters
from geoclust.clustering.tables import Told, nearest_regions, region_table
from geoclust.clustering.upstream import check_upstream_rules, fit_upstream, told_by_upstream
from geoclust.display import Listing, card
from geoclust.errors import GeoclustWarning

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Clustering:
    """Regions, and what each record is to them.

    Attributes
    ----------
    region_of
        Region id of each record, NaN for noise.
    membership
        Life of each record in its region over the longest life there, in (0, 1]; 0 for noise.
    outlier_score
        GLOSH score of each record, 0 (densest) to 1 (part of nothing).
    nearest_region
        Region that a record would belong to but for a low membership, or for standing between
        parts that separate around it; NaN for all others.
    regions
        Index `region_id`, heaviest first: `name`, `country`, `countries`, `longitude` and
        `latitude` (degrees, of the heaviest location), `weight`, `record_count`,
        `location_count`, `persistence`, `birth_km` (length at which the region separates) and
        `extent_km` (greatest distance between two members).
    parameters
        Everything that was asked for, of both steps.
    hierarchy
        Where the regions come from.
    before
        What was found before somebody's decisions (given boundaries, edits) made these regions of
        it; None where they are as found.
    """

    region_of: pd.Series
    membership: pd.Series
    outlier_score: pd.Series
    nearest_region: pd.Series
    regions: pd.DataFrame
    parameters: Mapping[str, Any]
    hierarchy: Hierarchy
    before: "Clustering | None" = None

    def __repr__(self) -> str:
        inside, total = int(self.region_of.notna().sum()), len(self.region_of)
        biggest = f", heaviest {self.regions.index[0]}" if len(self.regions) else ""
        decided = ", by decision" if self.before else ""
        return (
            f"<Clustering: {len(self.regions):,} regions hold {inside:,} of {total:,} records"
            f"{biggest}{decided}; {self.parameters['cluster_selection_method']}, "
            f"min_cluster_size {self.parameters['min_cluster_size']}>"
        )

    def _repr_html_(self) -> str:
        total = len(self.region_of)
        noise = int(self.region_of.isna().sum())
        facts = {
            "regions": len(self.regions),
            "records": total,
            "in no region": f"{noise:,} ({noise / total:.0%})" if total else 0,
            "selection": self.parameters["cluster_selection_method"],
            "min_cluster_size": self.parameters["min_cluster_size"],
            "min_samples": self.hierarchy.min_samples,
        }
        columns = {
            "name": "name",
            "country": "country",
            "record_count": "records",
            "location_count": "places",
            "persistence": "persistence",
            "birth_km": "born at, km",
            "extent_km": "extent, km",
        }
        table = self.regions[list(columns)].rename(columns=columns)
        return card("Clustering", facts=facts, listings=[Listing("Regions, heaviest first", table)])


def extract_regions(
    hierarchy: Hierarchy,
    *,
    min_cluster_size: int = 10,
    cluster_selection_method: str = "eom",
    density_scale: str = "log",
    cluster_selection_epsilon_km: float = 0.0,
    max_cluster_size: float | None = None,
    max_extent_km: float | None = 200.0,
    min_membership: float = 0.25,
    allow_single_cluster: bool = False,
) -> Clustering:
    """Choose regions from a hierarchy; takes milliseconds and can be repeated.

    Parameters
    ----------
    hierarchy
        From `build_hierarchy`.
    min_cluster_size
        Weight that makes a region.  The default 10 is about the least for which shares and
        counts of a region mean anything.
    cluster_selection_method
        "eom" (excess of mass), "leaf" (the finest), or "distance" (the components at
        `cluster_selection_epsilon_km`, all of them members whatever `min_membership`).
    density_scale
        "log" weighs all scales alike; "inverse" is HDBSCAN's 1/km, which favours the smallest.
    cluster_selection_epsilon_km
        Regions born at a shorter length give way to the one they are part of.
    max_cluster_size
        Greatest weight of a region.
    max_extent_km
        Greatest distance between two members; a wider region is replaced by its parts.
    min_membership
        Records with less are noise, their `nearest_region` noted.
    allow_single_cluster
        With an infinite `max_link_km`, whether all records together may be the one region.

    Returns
    -------
    Clustering
        The last three limits are measured over the members kept.

    Raises
    ------
    ParameterError
        If a parameter is outside its range.

    Warns
    -----
    GeoclustWarning
        If no region is found with an infinite `max_link_km`.

    References
    ----------
    Campello et al. (2015), ACM TKDD 10(1), section 5; Malzer and Baum (2020), A hybrid approach
    to hierarchical density-based cluster selection, for epsilon.

    Examples
    --------
    >>> from geoclust.clustering.build import build_hierarchy
    >>> rows = {"kind": "firm", "longitude": [0.1218] * 12, "latitude": [52.2053] * 12}
    >>> hierarchy = build_hierarchy(pd.DataFrame(rows).assign(country="GB"), resolution_km=1)
    >>> clustering = extract_regions(hierarchy)
    >>> clustering.regions["weight"].tolist(), clustering.membership.unique().tolist()
    ([12.0], [1.0])
    """
    rules = Rules(
        min_cluster_size=min_cluster_size,
        cluster_selection_method=cluster_selection_method,
        density_scale=density_scale,
        cluster_selection_epsilon_km=cluster_selection_epsilon_km,
        max_cluster_size=max_cluster_size,
        max_extent_km=max_extent_km,
        min_membership=min_membership,
        allow_single_cluster=allow_single_cluster,
    )
    rules.check_cut(hierarchy.resolution_km, hierarchy.max_link_km)
    start = time.perf_counter()
    if hierarchy.engine == "hdbscan":
        check_upstream_rules(rules)
        clustering = _upstream_regions(hierarchy, rules)
    else:
        clustering = _own_regions(hierarchy, rules)
    _log.info("%r in %.3f s", clustering, time.perf_counter() - start)
    _warn_of_nothing(clustering)
    return clustering


def _own_regions(hierarchy: Hierarchy, rules: Rules) -> Clustering:
    locations = hierarchy.locations
    found, choice = choose_regions(hierarchy, rules)
    at = locations.records["location"].to_numpy()
    told = Told(
        owner=np.where(choice.kept, choice.owner, -1)[at],
        membership=np.where(choice.kept, choice.membership, 0.0)[at],
        outlier_score=outlier_scores(found)[at],
        nearest=nearest_regions(found, choice)[at],
        scores=score_clusters(found, choice.chosen),
    )
    return _clustering(hierarchy, rules, told)


def _upstream_regions(hierarchy: Hierarchy, rules: Rules) -> Clustering:
    locations = hierarchy.locations
    fitted = fit_upstream(locations, hierarchy.min_samples, rules, hierarchy.upstream)
    told = told_by_upstream(locations, fitted)
    return _clustering(replace(hierarchy, upstream=fitted), rules, told)


def _clustering(hierarchy: Hierarchy, rules: Rules, told: Told) -> Clustering:
    """Name the regions and put what was found beside the records."""
    records = hierarchy.locations.records
    regions, id_of = region_table(hierarchy.locations, told.owner, told.scores)

    def beside(values: Any, name: str, dtype: str) -> pd.Series:  # noqa: ANN401 - any array
        return pd.Series(values, index=records.index, dtype=dtype, name=name)

    return Clustering(
        region_of=beside(id_of(told.owner), "region_id", "str"),
        membership=beside(told.membership, "membership", "float64"),
        outlier_score=beside(told.outlier_score, "outlier_score", "float64"),
        nearest_region=beside(id_of(told.nearest), "nearest_region", "str"),
        regions=regions,
        parameters={**_built_with(hierarchy), **asdict(rules)},
        hierarchy=hierarchy,
    )


def _built_with(hierarchy: Hierarchy) -> dict[str, Any]:
    names = ("engine", "min_samples", "resolution_km", "max_link_km", "kind_weights")
    return {name: getattr(hierarchy, name) for name in names}


def _warn_of_nothing(clustering: Clustering) -> None:
    """Say what to try where classic HDBSCAN finds nothing."""
    if len(clustering.regions) or not math.isinf(clustering.hierarchy.max_link_km):
        return
    if len(clustering.region_of):
        warnings.warn(
            "no region found: with max_link_km=inf all records are one tree whose root does not "
            "count; set a finite max_link_km (100 by default), or allow_single_cluster=True, or "
            f"lower min_cluster_size, {clustering.parameters['min_cluster_size']}",
            GeoclustWarning,
            stacklevel=3,
        )
