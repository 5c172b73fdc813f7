"""Which polygon covers each record: exactly, and on borders and overlaps by a rule that is said.

Tests are GEOS's own, with exact predicates; edges run straight in longitude and latitude, as in a
GIS.  A record on the 180th meridian is on both of its sides, one at a pole at every longitude.
"""

from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.sphere import Floats, Ints

HALF_TURN: Final = 180.0
POLE: Final = 90.0


def cover(longitude: Floats, latitude: Floats, shapes: Any, order: Ints) -> pd.DataFrame:  # noqa: ANN401
    """Every record and polygon that covers it, borders included; the one that has it first.

    Parameters
    ----------
    longitude, latitude
        Degrees, shape (n,).
    shapes
        Valid polygons in degrees, an array of shapely geometries, shape (k,).
    order
        Place of each polygon in the order in which they take records, shape (k,).

    Returns
    -------
    DataFrame
        Columns `record` and `polygon` (places), sorted by record, then by `order`; `inside`: not
        on the polygon's border.

    Examples
    --------
    >>> import shapely
    >>> squares = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], dtype=object)
    >>> found = cover(np.array([0.5, 1.0]), np.array([0.5, 0.5]), squares, np.array([0, 1]))
    >>> found[["record", "polygon", "inside"]].values.tolist()
    [[0, 0, True], [1, 0, False], [1, 1, False]]
    """
    import shapely  # noqa: PLC0415 - heavy

    places, of_record = np.unique(
        np.column_stack([longitude, latitude]), axis=0, return_inverse=True
    )
    tree = shapely.STRtree(shapes)
    found = [_hits(tree, shapes, places)]
    seam = np.abs(places[:, 0]) == HALF_TURN
    if seam.any():
        found.append(_hits(tree, shapes, places * [-1.0, 1.0], among=np.flatnonzero(seam)))
    pole = np.abs(places[:, 1]) == POLE
    if pole.any():
        found.append(_at_pole(shapes, places, np.flatnonzero(pole)))
    hits = pd.concat(found).groupby(["place", "polygon"], as_index=False)["inside"].any()
    rows = pd.DataFrame({"record": np.arange(len(longitude)), "place": np.ravel(of_record)})
    table = rows.merge(hits, on="place").drop(columns="place")
    table["order"] = np.asarray(order)[table["polygon"]]
    table = table.sort_values(["record", "order"], kind="stable")
    return table[["record", "polygon", "inside"]].reset_index(drop=True)


def _hits(
    tree: Any,  # noqa: ANN401 - shapely has no types
    shapes: Any,  # noqa: ANN401
    places: Floats,
    among: Ints | None = None,
) -> pd.DataFrame:
    import shapely  # noqa: PLC0415 - heavy

    chosen = np.arange(len(places)) if among is None else among
    points: Any = shapely.points(places[chosen])
    point, polygon = tree.query(points, predicate="covered_by")
    inside = shapely.contains_properly(shapes[polygon], points[point])
    return pd.DataFrame({"place": chosen[point], "polygon": polygon, "inside": inside})


def _at_pole(shapes: Any, places: Floats, poles: Ints) -> pd.DataFrame:  # noqa: ANN401
    """Polygons that touch a pole: all its longitudes are one place."""
    bounds = np.array([shape.bounds for shape in shapes])
    rows = []
    for place in poles.tolist():
        north = places[place, 1] > 0
        touching = bounds[:, 3] >= POLE if north else bounds[:, 1] <= -POLE
        rows += [(place, polygon, True) for polygon in np.flatnonzero(touching).tolist()]
    table = pd.DataFrame(rows, columns=["place", "polygon", "inside"])
    return table.astype({"place": "int64", "polygon": "int64", "inside": "bool"})


def smallest_first(shapes: Any) -> Ints:  # noqa: ANN401
    """Place of each polygon by its area on the ellipsoid, the smallest first."""
    import pyproj  # noqa: PLC0415 - heavy

    geod = pyproj.Geod(ellps="WGS84")
    area = np.array([round(abs(geod.geometry_area_perimeter(shape)[0])) for shape in shapes])
    place = np.empty(len(area), dtype=np.int64)
    place[np.argsort(area, kind="stable")] = np.arange(len(area))
    return place


def without_overlaps(shapes: Any, order: Ints) -> tuple[list[Any], list[int]]:  # noqa: ANN401
    """Footprints that do not overlap, and the places of those that lost ground.

    Ground that several cover belongs to the one that comes first in `order`.  Borders that merely
    touch, and overlaps narrower than the centimetre to which coordinates are told apart, stay.
    """
    import shapely  # noqa: PLC0415 - heavy

    tree = shapely.STRtree(shapes)
    a, b = tree.query(shapes, predicate="intersects")
    later = order[a] > order[b]
    shared = shapely.area(shapely.intersection(shapes[a[later]], shapes[b[later]])) > 1e-10  # noqa: PLR2004
    takers: dict[int, list[int]] = {}
    for loser, winner in zip(a[later][shared].tolist(), b[later][shared].tolist(), strict=True):
        takers.setdefault(loser, []).append(winner)
    whole = list(shapes)
    for loser, winners in takers.items():
        left = shapely.difference(shapes[loser], shapely.union_all(shapes[winners]))
        parts = [part for part in shapely.get_parts(left) if part.area > 0]
        whole[loser] = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return whole, sorted(takers)
