"""Footprints that somebody gave, among those that are drawn."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geoclust.delineation.globe import Geometry, area_km2
from geoclust.delineation.regions import delineate, label_points
from geoclust.schema import Records, Regions


def delineate_given(
    records: Records,
    region_of: pd.Series,
    given: Mapping[str, Any],
    **drawing: Any,  # noqa: ANN401
) -> Regions:
    """Draw footprints as `delineate` does, but take those that are given as they are.

    Ground that a given footprint holds is not drawn for another region, unless that one has members
    on it: then, as between drawn ones, it goes to the region of the nearest member.  A given
    footprint is widened round members that lie outside of it.

    Parameters
    ----------
    records, region_of
        As `delineate`.
    given
        Region id to a valid polygon in degrees (split at the 180th meridian).
    **drawing
        As `delineate`; `reach_area_km2`, on which density is counted, is that of the members
        whatever their footprint, so that bars on density mean the same for all regions.

    Returns
    -------
    Regions
        As `delineate`; `area_km2` is that of the footprint.

    Examples
    --------
    >>> import shapely
    >>> records = pd.DataFrame({"longitude": [0.1, 0.2], "latitude": [52.2, 52.2]})
    >>> region_of = pd.Series("fens", index=records.index)
    >>> regions = delineate_given(records, region_of, {"fens": shapely.box(0, 52, 1, 53)})
    >>> regions.geometry.iloc[0].bounds, regions.reach_area_km2.round().tolist()
    ((0.0, 52.0, 1.0, 53.0), [449.0])
    """
    inside = _covering(records, region_of, given)
    strays = {n: own for n in given if len(own := inside.strays(n))}
    all_given = set(given) == set(region_of.dropna())
    apart = drawing.get("disjoint", True) and not (all_given and not strays)
    drawn = delineate(records, region_of, **{**drawing, "disjoint": apart})
    shapes = dict(zip(map(str, drawn.index), drawn.geometry, strict=True))
    wider = _round_strays(records, region_of, strays, shapes, **drawing)
    footprints = {
        n: _joined(given[n], wider.get(n)) if n in given else s for n, s in shapes.items()
    }
    if drawing.get("disjoint", True):
        footprints = _apart(footprints, given, wider, inside)
    return _with_footprints(drawn, [footprints[str(name)] for name in drawn.index], shapes)


class _covering:  # noqa: N801 - a small table with two questions
    """Which given footprint every member lies in."""

    def __init__(
        self, records: pd.DataFrame, region_of: pd.Series, given: Mapping[str, Any]
    ) -> None:
        import shapely  # noqa: PLC0415 - heavy

        named = region_of.dropna()
        rows = records.loc[named.index]
        points: Any = shapely.points(rows["longitude"].to_numpy(), rows["latitude"].to_numpy())
        self.ids = named.index
        self.own = named.astype("str").to_numpy(dtype=object)
        self.names = np.array(list(given), dtype=object)
        tree = shapely.STRtree(np.array(list(given.values()), dtype=object))
        point, shape = tree.query(points, predicate="covered_by")
        self.point, self.holder = point, self.names[shape] if len(shape) else self.names[:0]
        self.home = np.zeros(len(named), dtype=bool)
        self.home[point[self.holder == self.own[point]]] = True

    def strays(self, name: str) -> "pd.Index[str]":
        """Members of a region that lie outside of its given footprint."""
        found: pd.Index[str] = self.ids[(self.own == name) & ~self.home]
        return found

    def guests(self, name: str) -> set[str]:
        """Regions with members on the ground of a given footprint of another, and only there."""
        here = self.point[self.holder == name]
        return {str(one) for one in self.own[here[~self.home[here]]]} - {name}


def _round_strays(
    records: Records,
    region_of: pd.Series,
    strays: Mapping[str, "pd.Index[str]"],
    shapes: Mapping[str, Geometry],
    **drawing: Any,  # noqa: ANN401
) -> dict[str, Geometry]:
    """Ground round members outside of their given footprint, as far as it is drawn as theirs."""
    if not strays:
        return {}
    lone = pd.concat([region_of.loc[own] for own in strays.values()])
    round_them = delineate(records, lone, **{**drawing, "disjoint": False})
    return {
        str(name): _polygons(shapes[str(name)].intersection(shape))
        for name, shape in round_them.geometry.items()
    }


def _apart(
    footprints: Mapping[str, Geometry],
    given: Mapping[str, Any],
    wider: Mapping[str, Geometry],
    inside: _covering,
) -> dict[str, Geometry]:
    """No ground twice: given comes before drawn, but for what guests on it need."""
    import shapely  # noqa: PLC0415 - heavy

    found = dict(footprints)
    names = np.array(list(footprints), dtype=object)
    tree = shapely.STRtree(np.array(list(footprints.values()), dtype=object))
    for name in given:
        guests = inside.guests(name)
        for at in sorted(tree.query(footprints[name], predicate="intersects").tolist()):
            other = str(names[at])
            if other == name:
                continue
            if other in guests:
                taken = wider[other] if other in given else footprints[other]
                found[name] = _less(found[name], taken)
            elif other not in given:
                found[other] = _less(found[other], given[name])
    return found


def _less(shape: Geometry, taken: Geometry) -> Geometry:
    """A shape without ground of another, itself where they only touch."""
    shared = shape.intersection(taken).area
    return _polygons(shape.difference(taken)) if shared > 1e-10 else shape  # noqa: PLR2004


def _joined(shape: Geometry, more: Geometry | None) -> Geometry:
    return shape if more is None or more.is_empty else _polygons(shape.union(more))


def _polygons(shape: Geometry) -> Geometry:
    import shapely  # noqa: PLC0415 - heavy

    areas = [
        inner
        for part in shapely.get_parts(shape)
        for inner in shapely.get_parts(part)
        if inner.geom_type == "Polygon" and inner.area > 0
    ]
    return areas[0] if len(areas) == 1 else shapely.multipolygons(areas)


def _with_footprints(
    drawn: Regions, footprints: list[Geometry], before: Mapping[str, Geometry]
) -> Regions:
    import geopandas as gpd  # noqa: PLC0415 - heavy

    table = pd.DataFrame(drawn.drop(columns="geometry"))
    table["area_km2"] = [
        area if shape is before[str(name)] else area_km2(shape)
        for name, shape, area in zip(table.index, footprints, table["area_km2"], strict=True)
    ]
    table["label_longitude"], table["label_latitude"] = label_points(footprints)
    geometry = gpd.GeoSeries(footprints, index=table.index, crs="EPSG:4326")
    return Regions(gpd.GeoDataFrame(table, geometry=geometry)[["geometry", *table.columns]])
