"""Where records lie, as the page draws them: those that fall on one pixel are drawn once.

Thousands of dots on a map of the world lie on each other, and each costs as much as if it could be
seen.  So every place is given the zoom from which on it is drawn: before, another stands for it.
"""

from typing import Final

import numpy as np
import pandas as pd

from geoclust.report.payload import STEP
from geoclust.sphere import Floats, Ints

CLOSEST: Final = 13
"""Zoom from which on every place is drawn; a pixel is then ten metres."""

TILE: Final = 512.0
"""Pixels round the equator at zoom 0."""

HIGHEST: Final = 85.051129
"""Latitude at which a map of the world is cut."""


def places_of(records: pd.DataFrame) -> dict[str, list[int]]:
    """Distinct places of records, from west to east.

    Parameters
    ----------
    records
        `longitude` and `latitude` in degrees.

    Returns
    -------
    dict
        `x` and `y` in whole steps of the page, `z` the zoom from which on each is drawn.

    Examples
    --------
    >>> two = pd.DataFrame({"longitude": [2.35, 2.36], "latitude": [48.85, 48.85]})
    >>> places_of(two)["z"]
    [0, 5]
    """
    steps = np.rint(records[["longitude", "latitude"]].to_numpy() / STEP).astype(np.int64)
    places = np.unique(steps.reshape(-1, 2), axis=0)
    longitude, latitude = (np.asarray(one * STEP, np.float64) for one in places.T)
    zooms = zooms_of(longitude, latitude)
    return {"x": places[:, 0].tolist(), "y": places[:, 1].tolist(), "z": zooms.tolist()}


def zooms_of(longitude: Floats, latitude: Floats) -> Ints:
    """Zoom from which on each point is the first of its pixel, or all are drawn.

    Whoever is first of a pixel is first of a smaller one, so what is drawn once stays drawn.
    """
    east = (longitude + 180) / 360
    angle = np.radians(np.clip(latitude, -HIGHEST, HIGHEST))
    north = np.arcsinh(np.tan(angle)) / (2 * np.pi)
    zooms = np.full(len(east), CLOSEST, np.int64)
    for zoom in range(CLOSEST - 1, -1, -1):
        pixels = TILE * 2.0**zoom
        cell = np.floor(east * pixels) * (4 * pixels) + np.floor(north * pixels)
        zooms[np.unique(cell, return_index=True)[1]] = zoom
    return zooms
