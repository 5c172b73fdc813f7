"""Other hierarchies of the same records and `min_samples` without another neighbour search.

A minimum spanning forest up to one length, without its edges beyond a shorter one, is a minimum
spanning forest up to that; and the resolution only flattens its lowest levels.  So one forest
serves every longest link below its own and every resolution.
"""

from dataclasses import replace

from geoclust.clustering.build import (
    Hierarchy,
    check_lengths,
    floor_squared,
    forests_up_to,
    longest_squared,
)
from geoclust.clustering.hierarchy import merge_levels


def reaching(base: Hierarchy, longest: float) -> Hierarchy:
    """A hierarchy whose forest reaches up to `longest` km; the same one if it does already."""
    if base.max_link_km >= longest:
        return base
    (forest,) = forests_up_to(base.locations, [base.min_samples], longest)
    return replace(base, forest=forest, max_link_km=longest)


def at_lengths(base: Hierarchy, *, max_link_km: float, resolution_km: float) -> Hierarchy:
    """The hierarchy with another longest link and resolution, as `build_hierarchy` would build it.

    Parameters
    ----------
    base
        Of engine "geoclust", its own longest link not below the one wanted.
    max_link_km, resolution_km
        As for `build_hierarchy`.

    Raises
    ------
    ParameterError
        If the resolution is not below the longest link.

    Returns
    -------
    Hierarchy
        Regions, memberships and scores extracted from it are those of one built anew.

    Examples
    --------
    >>> import pandas as pd
    >>> from geoclust.clustering.build import build_hierarchy
    >>> rows = {"kind": "firm", "longitude": [0.1, 0.2] * 6, "latitude": [52.2] * 12}
    >>> base = build_hierarchy(pd.DataFrame(rows), max_link_km=100)
    >>> at_lengths(base, max_link_km=5, resolution_km=1)
    <Hierarchy: 12 records on 2 locations, 0 links up to 5 km; min_samples 5, \
resolution 1 km (as given)>
    """
    check_lengths(resolution_km, max_link_km)
    forest = base.forest.up_to(longest_squared(max_link_km))
    merges = merge_levels(forest, base.locations.weight, floor=floor_squared(resolution_km))
    same = resolution_km == base.resolution_km
    return replace(
        base,
        forest=forest,
        merges=merges,
        resolution_km=float(resolution_km),
        resolution_reason=base.resolution_reason if same else "as given",
        max_link_km=float(max_link_km),
    )
