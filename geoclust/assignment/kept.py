"""What a file of regions of ours keeps of the run that wrote it, so that nothing is guessed later.

Beside the polygons a `regions.gpkg` holds three tables without geometry: which record was in which
region, the polygons as they were drawn, and a few facts.  With them a polygon that nobody touched
keeps its records exactly, and one that somebody did is known.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.errors import InputError
from geoclust.sphere import coordinate_keys

ABOUT: Final = "geoclust_about"
REGIONS: Final = "geoclust_regions"
RECORDS: Final = "geoclust_records"

KEPT_COLUMNS: Final = {
    ABOUT: ("key", "value"),
    REGIONS: ("region_id", "name", "persistence", "birth_km", "footprint"),
    RECORDS: ("record_id", "region_id", "location", "membership", "nearest_region"),
}
"""Tables and their columns; `footprint` is WKB, `location` a coordinate key of `sphere`."""

LAYOUT: Final = "1"
SAME_DEGREES: Final = 1e-6
"""Corners that moved by less, a tenth of a metre, have not been moved by anybody."""


@dataclass(frozen=True, eq=False)
class Kept:
    """Notes of an earlier run.

    Attributes
    ----------
    regions
        Index `region_id`: `name`, `persistence`, `birth_km`, `footprint` (shapely).
    records
        Index `record_id`: `region_id` (NaN for none), `location`, `membership`, `nearest_region`.
    edits
        Digests of the edits that the regions hold already.
    hierarchy
        Mark of the hierarchy that persistence and membership come from.
    """

    regions: pd.DataFrame
    records: pd.DataFrame
    edits: frozenset[str]
    hierarchy: str

    @classmethod
    def of(cls, tables: Mapping[str, pd.DataFrame], file: str) -> "Kept | None":
        """Read the notes; None where a file has none.

        Raises
        ------
        InputError
            If they are there and not whole.
        """
        if not set(KEPT_COLUMNS) <= set(tables):
            return None
        for name, columns in KEPT_COLUMNS.items():
            absent = sorted(set(columns) - set(tables[name].columns))
            if absent:
                raise InputError(
                    f"{file}: its table {name} lacks {', '.join(absent)}: it is not as geoclust "
                    "wrote it; remove the three tables geoclust_* to go by the polygons alone"
                )
        about = dict(zip(tables[ABOUT]["key"], tables[ABOUT]["value"], strict=True))
        try:
            edits = frozenset(map(str, json.loads(about.get("edits") or "[]")))
            return cls(
                _regions(tables[REGIONS]),
                _records(tables[RECORDS]),
                edits,
                str(about.get("hierarchy", "")),
            )
        except (ValueError, TypeError) as error:
            raise InputError(
                f"{file}: its notes on the run that wrote it are damaged ({str(error)[:120]}); "
                "remove the three tables geoclust_* to go by the polygons alone"
            ) from error

    def untouched(self, region_id: str, shape: Any) -> bool:  # noqa: ANN401 - shapely has no types
        """Whether a region's polygon is as it was drawn: every corner within a tenth of a metre.

        More corners between them, as on the way through another reference system, are no edit
        as long as they stay within two metres of the edges.
        """
        import shapely  # noqa: PLC0415 - heavy

        if region_id not in self.regions.index:
            return False
        drawn = self.regions.at[region_id, "footprint"]
        if shapely.equals_exact(_whole(shape), _whole(drawn), tolerance=SAME_DEGREES):
            return True
        corners: Any = shapely.points(shapely.get_coordinates(drawn))
        off = shapely.distance(shapely.boundary(shape), corners).max()
        outlines = shapely.boundary(shape), shapely.boundary(drawn)
        return bool(off < SAME_DEGREES and shapely.hausdorff_distance(*outlines) < BENT_DEGREES)

    def known(self, records: pd.DataFrame, *, wherever: bool = False) -> pd.DataFrame:
        """What was kept of each record, in the order of `records`; missing where it is new.

        A record that stands elsewhere now is new, unless `wherever`.
        """
        found = self.records.reindex(records.index)
        known = records.index.isin(self.records.index)
        if not wherever:
            key = coordinate_keys(records["longitude"], records["latitude"])
            known &= found["location"].fillna(-1).to_numpy(dtype=np.int64) == key
        return found.assign(known=known)


BENT_DEGREES: Final = 2e-5
"""Edges may bend by so much, two metres, on the way through another reference system."""


def _regions(table: pd.DataFrame) -> pd.DataFrame:
    import shapely  # noqa: PLC0415 - heavy

    blobs = table["footprint"].to_numpy(dtype=object)
    try:
        shapes = shapely.from_wkb(blobs, on_invalid="ignore")
    except NotImplementedError as error:  # curves
        raise ValueError("a footprint is no polygon") from error
    if any(shape is None or shape.geom_type not in {"Polygon", "MultiPolygon"} for shape in shapes):
        raise ValueError("a footprint is no polygon")
    columns = {
        "name": table["name"].astype("str"),
        "persistence": table["persistence"].astype("float64"),
        "birth_km": table["birth_km"].astype("float64"),
    }
    found = pd.DataFrame(columns).set_axis(_index(table, "region_id"))
    found["footprint"] = pd.Series(list(shapes), index=found.index, dtype=object)
    return found


def _records(table: pd.DataFrame) -> pd.DataFrame:
    columns = {
        "region_id": table["region_id"].astype("str"),
        "location": table["location"].astype("float64"),
        "membership": table["membership"].astype("float64"),
        "nearest_region": table["nearest_region"].astype("str"),
    }
    # a key has up to 63 bits, which float64 would round
    found = pd.DataFrame(columns).assign(location=table["location"].astype("Int64"))
    return found.set_axis(_index(table, "record_id"))


def _index(table: pd.DataFrame, name: str) -> "pd.Index[str]":
    index = pd.Index(table[name].astype("str"), name=name)
    if index.has_duplicates or index.hasnans:
        raise ValueError(f"{name} recurs or is missing")
    return index


def _whole(shape: Any) -> Any:  # noqa: ANN401
    import shapely  # noqa: PLC0415 - heavy

    return shapely.normalize(
        shapely.multipolygons(list(shapely.get_parts(shapely.force_2d(shape))))
    )
