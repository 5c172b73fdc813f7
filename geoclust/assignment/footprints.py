"""What becomes of footprints that were given when an edit changes the regions they are of.

A footprint that is not given is drawn round the members later; None stands for it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from geoclust.assignment.splitting import beside_line, pieces, unwrapped
from geoclust.sphere import Floats

Footprint = Any
"""A shapely polygon or multipolygon in degrees, or None."""


def joined_footprint(footprints: Sequence[Footprint]) -> Footprint:
    """The union where all are given, else None: then it is drawn."""
    import shapely  # noqa: PLC0415 - heavy

    if any(one is None for one in footprints):
        return None
    return shapely.normalize(shapely.union_all(list(footprints)))


def cut_footprint(
    footprint: Footprint, first: Sequence[pd.Series], line: Sequence[tuple[float, float]]
) -> list[Footprint]:
    """The piece of a given footprint for each part; None for all where it cannot be cut.

    Only a line cuts ground; records taken out and finer cuts have footprints drawn round them, as
    has what goes all the way round the globe.

    Parameters
    ----------
    footprint
        Given, or None.
    first
        A record of each part, with `longitude` and `latitude`.
    line
        What cuts; empty where something else does.
    """
    nothing: list[Footprint] = [None] * len(first)
    if footprint is None or not line:
        return nothing
    here = _moved(footprint, line[0][0])
    if not here.is_valid:  # it crosses the meridian opposite to the line's first point
        return nothing
    cuts = pieces(line)
    rows = pd.DataFrame(first)
    number = beside_line(rows["longitude"].astype(float), rows["latitude"].astype(float), line)
    ground = [_polygons(here.intersection(cuts[at])) for at in number]
    back = [_normal(_moved(one, 0.0)) for one in ground]
    return back if all(one.area > 0 and one.is_valid for one in back) else nothing


def _moved(footprint: Footprint, start: float) -> Footprint:
    """The same with longitudes within half a turn of `start`."""
    import shapely  # noqa: PLC0415 - heavy

    def move(degrees: Floats) -> Floats:
        return np.column_stack([unwrapped(degrees[:, 0], start), degrees[:, 1]])

    return shapely.transform(footprint, move)


def _normal(footprint: Footprint) -> Footprint:
    import shapely  # noqa: PLC0415 - heavy

    return shapely.normalize(footprint)


def _polygons(shape: Any) -> Any:  # noqa: ANN401 - shapely has no types
    import shapely  # noqa: PLC0415 - heavy

    areas = [part for part in shapely.get_parts(shape) if part.area > 0]
    return areas[0] if len(areas) == 1 else shapely.MultiPolygon(areas)
