"""Published regions as a side of a comparison: polygons that hold the other side's records."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.assignment.covering import cover, smallest_first
from geoclust.assignment.polygons import check_polygons
from geoclust.comparison.side import Side, region_facts
from geoclust.errors import InputError
from geoclust.records.polygons import read_boundaries
from geoclust.schema import STATUSES, WEIGHT_UNIT

RANK_COLUMNS: Final = ("rank", "position", "ranking")


@dataclass(frozen=True, kw_only=True)
class PublishedRegions:
    """Regions that somebody published: polygons with names and, if they have any, ranks.

    Examples
    --------
    >>> PublishedRegions(path="atlas.gpkg", rank_column="position").rank_column
    'position'
    """

    path: str | Path
    """A GeoPackage, GeoJSON or GeoParquet file."""
    name: str = ""
    """What to call it; empty: the file's name."""
    layer: str | None = None
    """Layer of a GeoPackage with several."""
    id_column: str = ""
    """Attribute that tells regions apart; empty: one usual in such files, else the name."""
    name_column: str = ""
    """Attribute with their names; empty: one usual in such files."""
    rank_column: str = ""
    """Attribute with their ranks, 1 the best; empty: `rank` or `position` where there is one."""


def side_of_polygons(published: PublishedRegions, other: Side) -> Side:
    """Published regions, holding the records of the other side that lie in them.

    A record in several polygons belongs to the smallest; one on a border counts as inside.
    """
    found = read_boundaries(published.path, layer=published.layer)
    checked = check_polygons(
        found.features,
        file=found.file,
        id_column=published.id_column,
        name_column=published.name_column,
        duplicates="join",
        repair=True,
    )
    table = checked.table
    shapes = table["geometry"].to_numpy(dtype=object)
    ids = _complete_ids(table["region_id"])
    covers = cover(
        other.records["longitude"].to_numpy(),
        other.records["latitude"].to_numpy(),
        shapes,
        smallest_first(shapes),
    ).drop_duplicates("record")
    owner = np.full(len(other.records), -1, dtype=np.int64)
    owner[covers["record"].to_numpy()] = covers["polygon"].to_numpy()
    region_of = pd.Series([*ids, np.nan], dtype="str").to_numpy()[owner]
    records = other.records.assign(region_id=pd.Series(region_of, other.records.index, dtype="str"))
    facts = _facts_of_polygons(table.assign(region_id=ids), records)
    attributes = found.features.reset_index(drop=True).iloc[table["feature"] - 1]
    facts["rank"] = _ranks(attributes, published, found.file)
    facts["status"] = _statuses(attributes)
    return Side(
        name=published.name or Path(published.path).name,
        kind="polygons",
        records=records,
        regions=region_facts(facts.set_index("region_id")),
        remarks=(*found.remarks, *checked.remarks),
    )


def _complete_ids(ids: pd.Series) -> list[str]:
    """Ids of polygons; those without any are numbered."""
    numbers = iter(range(1, len(ids) + 1))
    return [one or f"polygon-{next(numbers)}" for one in ids]


def _facts_of_polygons(table: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    import shapely  # noqa: PLC0415 - heavy

    held = records.groupby("region_id")["units"].agg(["sum", "size"]).reindex(table["region_id"])
    middle = [one.representative_point() for one in table["geometry"]]
    return pd.DataFrame(
        {
            "region_id": table["region_id"],
            "name": table["name"].fillna(table["region_id"]),
            "country": pd.Series(np.nan, index=table.index, dtype="str"),
            "longitude": shapely.get_x(middle),
            "latitude": shapely.get_y(middle),
            "weight": held["sum"].fillna(0).to_numpy() / WEIGHT_UNIT,
            "record_count": held["size"].fillna(0).astype("int64").to_numpy(),
            "geometry": table["geometry"],
        }
    )


def _ranks(attributes: pd.DataFrame, published: PublishedRegions, file: str) -> Any:  # noqa: ANN401
    """Ranks by the column asked for, or a usual one; all missing where there is none."""
    columns = [published.rank_column] if published.rank_column else list(RANK_COLUMNS)
    known = {str(name).casefold(): name for name in attributes.columns}
    chosen = next((known[one.casefold()] for one in columns if one.casefold() in known), None)
    if chosen is None and published.rank_column:
        raise InputError(
            f"{file}: no attribute {published.rank_column!r}; there are "
            f"{', '.join(map(repr, known))}"
        )
    if chosen is None:
        return np.full(len(attributes), np.nan)
    ranks = pd.to_numeric(attributes[chosen], errors="coerce")
    bad = attributes[chosen].notna() & ~((ranks >= 1) & (ranks % 1 == 0))
    if bad.any():
        raise InputError(
            f"{file}: attribute {chosen!r} holds {attributes[chosen][bad].iloc[0]!r}; wanted "
            "ranks, whole numbers from 1"
        )
    return ranks.to_numpy()


def _statuses(attributes: pd.DataFrame) -> Any:  # noqa: ANN401 - an array of texts
    """Verdicts, where the file has them in our words."""
    if "status" not in attributes or not attributes["status"].dropna().isin(STATUSES).all():
        return np.full(len(attributes), np.nan)
    return attributes["status"].to_numpy()
