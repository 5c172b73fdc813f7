"""From a hierarchy to the numbers of chosen clusters, before anything is named.

Everything that needs a choice of clusters starts here: regions, their counts, where new records
belong, and plain labels such as other clustering packages return.
"""

import math
from typing import Any

import numpy as np
import pandas as pd

from geoclust import sphere
from geoclust.clustering.build import Hierarchy, floor_squared
from geoclust.clustering.field import Field
from geoclust.clustering.hierarchy import condense
from geoclust.clustering.rules import Rules
from geoclust.clustering.scores import outlier_scores
from geoclust.clustering.selection import Choice, Limits, assign_locations, choose_clusters
from geoclust.errors import ParameterError
from geoclust.schema import WEIGHT_UNIT


def label_records(hierarchy: Hierarchy, **selection: Any) -> pd.DataFrame:  # noqa: ANN401
    """Number the regions and their records without naming or measuring them.

    What other clustering packages return, for loops over many settings and for comparisons with
    them; `extract_regions` finds the same groups.

    Parameters
    ----------
    hierarchy
        From `build_hierarchy`, of the engine "geoclust".
    **selection
        As for `extract_regions`.

    Returns
    -------
    DataFrame
        Index `record_id`; `label` (from 0, by the length at which regions separate, longest
        first; -1 for noise), `membership` and `outlier_score`.

    Raises
    ------
    ParameterError
        If a parameter is outside its range, or the engine is another.

    Examples
    --------
    >>> from geoclust.clustering.build import build_hierarchy
    >>> rows = {"kind": "firm", "longitude": [0.1] * 12 + [9.0], "latitude": 52.2}
    >>> label_records(build_hierarchy(pd.DataFrame(rows)))["label"].value_counts().to_dict()
    {0: 12, -1: 1}
    """
    if hierarchy.engine != "geoclust":
        raise ParameterError(
            f'label_records reads hierarchies of engine "geoclust", not "{hierarchy.engine}": '
            "use extract_regions, or build_hierarchy without engine"
        )
    rules = Rules(**selection)
    rules.check_cut(hierarchy.resolution_km, hierarchy.max_link_km)
    found, choice = choose_regions(hierarchy, rules)
    records = hierarchy.locations.records
    number = np.full(len(found.birth) + 1, -1, np.int64)
    number[choice.chosen] = np.arange(len(choice.chosen))
    columns = {
        "label": number[np.where(choice.kept, choice.owner, -1)],
        "membership": np.where(choice.kept, choice.membership, 0.0),
        "outlier_score": outlier_scores(found),
    }
    at = records["location"].to_numpy()
    return pd.DataFrame({name: of[at] for name, of in columns.items()}, index=records.index)


def choose_regions(hierarchy: Hierarchy, rules: Rules) -> tuple[Field, Choice]:
    """Condense the hierarchy, choose clusters by the rules, give the locations to them."""
    locations = hierarchy.locations
    tree = condense(hierarchy.merges, rules.least_units)
    at_cut = rules.cluster_selection_method == "distance"
    epsilon = float(sphere.chord_squared(rules.cluster_selection_epsilon_km))
    cut = max(epsilon, floor_squared(hierarchy.resolution_km)) if at_cut else math.inf
    found = Field(tree, locations.weight, locations.positions, rules.density_scale, cut)
    limits = limits_of(rules)
    chosen = choose_clusters(
        found,
        limits,
        method=rules.cluster_selection_method,
        epsilon=epsilon,
        roots_allowed=(
            at_cut or rules.allow_single_cluster or not math.isinf(hierarchy.max_link_km)
        ),
    )
    return found, assign_locations(found, chosen, limits.min_membership)


def limits_of(rules: Rules) -> Limits:
    """What the rules let a region be, in the units of the tree."""
    most, extent = rules.max_cluster_size, rules.max_extent_km
    at_cut = rules.cluster_selection_method == "distance"
    return Limits(
        least=rules.least_units,
        most=None if most is None else math.floor(most * WEIGHT_UNIT),
        squared_extent=None if extent is None else float(sphere.chord_squared(extent)),
        min_membership=0.0 if at_cut else rules.min_membership,
    )
