"""All studies together: one table of regions, and one ranking of all their clusters.

Read back from the studies' own folders, so that a resumed batch and an uninterrupted one combine
the same bytes.  A region's indicators and status are those of its own study; ranks are anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geoclust.batch.finished import Finished
from geoclust.schema import Indicators
from geoclust.scoring import Framework, Scores, score

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

IN_STUDY: Final = ("rank", "rank_label", "mean_rank")
"""Columns of a study's own ranking, kept as `study_rank` and so on."""


@dataclass(frozen=True, eq=False)
class Combined:
    """Regions of all studies, and the ranking of their clusters."""

    regions: "GeoDataFrame"
    """Index `batch_region_id` (study folder, slash, region id), best rank first, then heaviest."""

    scores: Scores
    """Of the clusters of all studies together."""


def combine(
    studies: Mapping[str, Finished], names: Mapping[str, str], frame: Framework
) -> Combined:
    """Put the regions of all studies into one table and rank their clusters together.

    Parameters
    ----------
    studies
        By folder, in the order of the plan.
    names
        Name of each study, by folder.
    frame
        Indicators, dimensions and weights of the ranking.
    """
    import geopandas as gpd  # noqa: PLC0415 - heavy

    tables = [_regions(folder, found, names[folder]) for folder, found in studies.items()]
    if not tables:
        tables = [_nothing(frame)]
    flat = _stacked([pd.DataFrame(table.drop(columns="geometry")) for table in tables])
    outlines = np.concatenate([table.geometry.to_numpy() for table in tables])
    clusters = flat[flat["status"] == "cluster"]
    scores = score(Indicators(clusters), frame)
    ranks = scores.table.rename(columns={"note": "scoring_note"})
    joined = flat.drop(columns=flat.columns.intersection(ranks.columns)).join(ranks)
    regions = gpd.GeoDataFrame(joined, geometry=outlines, crs=4326)
    return Combined(_ordered(regions), scores)


def _regions(folder: str, found: Finished, name: str) -> "GeoDataFrame":
    import geopandas as gpd  # noqa: PLC0415 - heavy

    table = gpd.read_parquet(found.folder / "regions.parquet").reset_index()
    own = {column: f"study_{column}" for column in IN_STUDY}
    table = table.rename(columns=own)
    table.insert(0, "study", name)
    table.insert(1, "study_folder", folder)
    table.index = pd.Index(
        [f"{folder}/{region}" for region in table["region_id"]], name="batch_region_id", dtype="str"
    )
    return table


def _nothing(frame: Framework) -> "GeoDataFrame":
    """A table of regions without any, where no study was finished."""
    import geopandas as gpd  # noqa: PLC0415 - heavy

    texts = ("study", "study_folder", "region_id", "name", "country", "status")
    numbers = ("longitude", "latitude", "weight", *(spec.name for spec in frame.indicators))
    columns = {
        **dict.fromkeys(texts, pd.Series(dtype="str")),
        **dict.fromkeys(numbers, pd.Series(dtype="float64")),
    }
    index = pd.Index([], name="batch_region_id", dtype="str")
    return gpd.GeoDataFrame(pd.DataFrame(columns, index=index), geometry=[], crs=4326)


def _stacked(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Rows one below the other; columns by name, in the order they first come."""
    columns = list(dict.fromkeys(name for table in tables for name in table.columns))
    full = [table for table in tables if len(table)]
    if not full:
        return tables[0].reindex(columns=columns)
    kinds = {name: _kind([t[name] for t in full if name in t]) for name in columns}
    parts = [table.reindex(columns=columns).astype(kinds) for table in full]
    return pd.concat(parts)


def _kind(columns: list[pd.Series]) -> Any:  # noqa: ANN401 - pandas has no name for it
    """A dtype that holds all of them, missing values too."""
    kinds = {str(column.dtype): column.dtype for column in columns}
    if len(kinds) == 1 and columns:
        return next(iter(kinds.values()))
    known = [c for c in columns if c.notna().any()]
    if all(pd.api.types.is_numeric_dtype(c.dtype) for c in known) and known:
        return "float64"
    return "str" if all(pd.api.types.is_string_dtype(c.dtype) for c in known) else "object"


def _ordered(regions: "GeoDataFrame") -> "GeoDataFrame":
    rank = regions["rank"].astype("float64").fillna(np.inf)
    order = pd.DataFrame(
        {"rank": rank, "weight": -regions["weight"].astype("float64"), "id": regions.index}
    )
    return regions.loc[order.sort_values(["rank", "weight", "id"]).index]
