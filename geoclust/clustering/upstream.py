"""The upstream `hdbscan` package on the same records, for comparison.

It works on unit vectors times the Earth's radius, so its lengths are chords in km, and on every
record by itself, with its exact tree.  It knows no weights, longest link, resolution, extent or
least membership, and its answer may hang on the order of rows: rows are put in an order of their
own first.
"""

import math
import warnings
from typing import Any

import numpy as np
import pandas as pd

from geoclust import sphere
from geoclust.clustering.locations import Locations
from geoclust.clustering.rules import Rules
from geoclust.clustering.tables import Told
from geoclust.errors import GeoclustWarning, ParameterError
from geoclust.schema import WEIGHT_UNIT
from geoclust.sphere import Floats, Ints

FEWEST = 3
"""Records without which the package cannot build a tree."""


def check_upstream(locations: Locations, max_link_km: float) -> None:
    """Refuse what the package cannot do, and warn of what it leaves undone.

    Raises
    ------
    ParameterError
        If a record counts for more or less than one.

    Warns
    -----
    GeoclustWarning
        If a longest link is set, which has no effect.
    """
    odd = locations.records["weight"] != WEIGHT_UNIT
    if odd.any():
        raise ParameterError(
            f'engine="hdbscan" counts every record as one, but {int(odd.sum())} of '
            f"{len(odd)} have another weight (with kind_weights), first {odd.idxmax()!r}: set "
            'all to 1 or use engine="geoclust"'
        )
    if not math.isinf(max_link_km):
        warnings.warn(
            f'engine="hdbscan" knows no longest link: max_link_km={max_link_km:g} has no effect '
            "(nor has the resolution); pass math.inf to say so",
            GeoclustWarning,
            stacklevel=3,
        )


def fit_upstream(
    locations: Locations,
    min_samples: int,
    rules: Rules,
    fitted: Any = None,  # noqa: ANN401 - hdbscan has no types
) -> Any:  # noqa: ANN401
    """Fit `hdbscan.HDBSCAN`, or return `fitted` if it was asked for the same.

    Rows are in the order of `upstream_order`.  Fewer than `FEWEST` records give an object that
    was not fitted.
    """
    from hdbscan import HDBSCAN  # noqa: PLC0415 - heavy

    epsilon = sphere.chord_squared(rules.cluster_selection_epsilon_km)
    wanted = HDBSCAN(
        min_cluster_size=int(rules.min_cluster_size),
        min_samples=int(min_samples),
        cluster_selection_method=rules.cluster_selection_method,
        cluster_selection_epsilon=float(np.sqrt(epsilon) * sphere.RADIUS_KM / sphere.RADIUS),
        max_cluster_size=int(rules.max_cluster_size or 0),
        allow_single_cluster=bool(rules.allow_single_cluster),
        approx_min_span_tree=False,
        core_dist_n_jobs=1,
    )
    if fitted is not None and fitted.get_params() == wanted.get_params():
        return fitted
    if len(locations.records) < FEWEST:
        return wanted
    at = locations.records["location"].to_numpy()[upstream_order(locations)]
    vectors = sphere.unit_vectors(locations.longitude[at], locations.latitude[at])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # the package's own, of divisions by zero distances
        return wanted.fit(np.ascontiguousarray(vectors.T) * sphere.RADIUS_KM)


def upstream_order(locations: Locations) -> Ints:
    """Numbers of the records in the order of the fitted rows: by location, then by id."""
    records = locations.records
    by_id = np.argsort(records.index.to_numpy(), kind="stable")
    return by_id[np.argsort(records["location"].to_numpy()[by_id], kind="stable")]


def check_upstream_rules(rules: Rules) -> None:
    """Refuse what the package cannot extract, and warn of rules it does not know."""
    if rules.cluster_selection_method == "distance":
        raise ParameterError(
            'engine="hdbscan" has the cluster_selection_method "eom" and "leaf", not "distance": '
            'use one of them, or engine="geoclust"'
        )
    neutral = {"density_scale": "inverse", "max_extent_km": None, "min_membership": 0.0}
    unknown = {name: value for name, value in neutral.items() if getattr(rules, name) != value}
    if unknown:
        said = ", ".join(f"{name}={getattr(rules, name)!r}" for name in unknown)
        silent = ", ".join(f"{name}={value!r}" for name, value in unknown.items())
        warnings.warn(
            f'engine="hdbscan" knows no {said}: without effect; pass {silent} to say so',
            GeoclustWarning,
            stacklevel=4,
        )


def told_by_upstream(locations: Locations, fitted: Any) -> Told:  # noqa: ANN401
    """Put the fitted object's answers, made finite, in the order of the records.

    Where duplicates make the package divide by zero, memberships and persistence count as 1 and
    outlier scores as 0.
    """
    n = len(locations.records)
    if not hasattr(fitted, "labels_"):
        nobody = np.full(n, -1)
        none = pd.DataFrame({"persistence": [], "birth_km": []}, index=np.empty(0, np.int64))
        return Told(nobody, np.zeros(n), np.ones(n), nobody, none)
    order = upstream_order(locations)
    owner, membership, outlier = np.full(n, -1), np.zeros(n), np.zeros(n)
    owner[order] = fitted.labels_
    membership[order] = np.nan_to_num(fitted.probabilities_, nan=1.0)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        outlier[order] = np.nan_to_num(fitted.outlier_scores_, nan=0.0)
    membership = np.where(owner >= 0, np.clip(membership, np.finfo(np.float64).tiny, 1), 0.0)
    held = np.clip(np.nan_to_num(np.array(fitted.cluster_persistence_, float), nan=1.0), 0, 1)
    scores = pd.DataFrame({"persistence": held, "birth_km": _births(fitted)})
    scores.index = pd.Index(np.arange(len(scores), dtype=np.int64))
    return Told(owner, membership, outlier, np.full(n, -1), scores)


def _births(fitted: Any) -> Floats:  # noqa: ANN401
    """Length in km, along the sphere, at which each label's cluster splits off.

    The package does not say which cluster a label is: it is the lowest that holds all records of
    the label.  Clusters are numbered downwards, so the one with the greatest number is climbed
    from until one is left.
    """
    tree = fitted.condensed_tree_.to_pandas()
    above = dict(zip(tree["child"], tree["parent"], strict=True))
    split = dict(zip(tree["child"], tree["lambda_val"], strict=True))
    births = []
    for label in range(len(fitted.cluster_persistence_)):
        homes = {above[row] for row in np.flatnonzero(fitted.labels_ == label).tolist()}
        while len(homes) > 1:
            last = max(homes)
            homes = homes - {last} | {above[last]}
        density = split.get(homes.pop(), 0.0)
        births.append(1 / density if density > 0 else 2 * sphere.RADIUS_KM)
    squared = (np.array(births) * sphere.RADIUS / sphere.RADIUS_KM) ** 2
    return sphere.arc_km(squared)
