"""The same clustering with other regions: those that somebody gave or edited.

Where records are, and the hierarchy over them, stay; who is in which region is what was decided.
"""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pandas as pd

from geoclust.clustering.extract import Clustering
from geoclust.clustering.tables import region_table
from geoclust.sphere import coordinate_keys


def regroup(
    clustering: Clustering,
    region_of: pd.Series,
    regions: pd.DataFrame,
    *,
    membership: pd.Series,
    nearest_region: pd.Series,
) -> Clustering:
    """Describe other regions as those of the clustering are described.

    Parameters
    ----------
    clustering
        What was found; it stays as `before`.
    region_of
        Region id of each record, NaN for none; index as that of `clustering.region_of`.
    regions
        Index `region_id`: `name`, `persistence` and `birth_km` (NaN where the hierarchy has no such
        region).
    membership, nearest_region
        Of each record, as decided.

    Returns
    -------
    Clustering
        Weights, counts, extents, countries and heaviest locations are those of the new members;
        outlier scores are the hierarchy's.

    Examples
    --------
    >>> from geoclust.clustering import build_hierarchy, extract_regions
    >>> rows = {"kind": "firm", "longitude": [0.12] * 12, "latitude": [52.2] * 12}
    >>> found = extract_regions(build_hierarchy(pd.DataFrame(rows).assign(country="GB")))
    >>> ids = pd.Index(["fens"], name="region_id")
    >>> named = pd.DataFrame({"name": ["The Fens"], "persistence": 0.5, "birth_km": 9.0}, index=ids)
    >>> other = regroup(found, found.region_of.where(found.region_of.isna(), "fens"), named,
    ...                 membership=found.membership, nearest_region=found.nearest_region)
    >>> other.regions[["name", "country", "weight"]].values.tolist(), other.before is found
    ([['The Fens', 'GB', 12.0]], True)
    """
    ids = pd.Index(sorted(regions.index), dtype="str", name="region_id")
    owner = ids.get_indexer(pd.Index(region_of)).astype(np.int64)
    scores = regions.loc[ids, ["persistence", "birth_km"]].reset_index(drop=True)
    locations = clustering.hierarchy.locations
    names = regions.loc[ids, "name"].to_numpy(dtype=object)
    table, _ = region_table(locations, owner, scores, named=(ids.to_numpy(dtype=object), names))
    return replace(
        clustering,
        region_of=region_of.astype("str").rename("region_id"),
        membership=membership.rename("membership"),
        nearest_region=nearest_region.astype("str").rename("nearest_region"),
        regions=table,
        before=clustering.before or clustering,
    )


def mark_of(clustering: Clustering) -> str:
    """Fingerprint of the records and settings that persistence and membership come from."""
    locations = clustering.hierarchy.locations
    records = locations.records.sort_index()
    key = coordinate_keys(locations.longitude, locations.latitude)[records["location"]]
    digest = hashlib.sha256(
        json.dumps(dict(clustering.parameters), sort_keys=True, default=str).encode()
    )
    digest.update("\n".join(map(str, records.index)).encode("utf-8", "backslashreplace"))
    for part in (key, records["weight"].to_numpy()):
        digest.update(np.ascontiguousarray(part, dtype=np.int64).tobytes())
    return digest.hexdigest()
