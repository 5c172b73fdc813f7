# ruff: noqa: ANN001, ANN201, ANN202 - a kernel: numba infers the types
# mypy: allow-untyped-defs
"""Grid positions of many coordinates, compiled: `sphere.grid_positions` to the last bit.

The sines are `sphere`'s own code, compiled; nothing is reordered or fused, so that every
operation is rounded as there (the tests compare bits).

Importing this module loads numba.
"""

import numpy as np
from numba import prange

from geoclust import sphere
from geoclust.clustering.kernels import kernel
from geoclust.sphere import RADIUS

_reduced = kernel(inline="always")(sphere.reduced_sin_cos)


@kernel(inline="always")
def _sin_cos(angle):
    """Sine and cosine in degrees, as `sphere.sin_cos_degrees`."""
    s, c, turn = _reduced(angle)
    if turn == 0.0:
        return s, c
    if turn == 1.0:
        return c, -s
    if turn == 2.0:  # noqa: PLR2004
        return -s, -c
    return -c, s


@kernel(parallel=True)
def fill_positions(longitude, latitude, found):
    """Write the positions (3, n) of coordinates in degrees."""
    for i in prange(len(longitude)):
        sin_lat, cos_lat = _sin_cos(latitude[i])
        sin_lon, cos_lon = _sin_cos(longitude[i])
        found[0, i] = np.rint((cos_lat * cos_lon + 0.0) * RADIUS)
        found[1, i] = np.rint((cos_lat * sin_lon + 0.0) * RADIUS)
        found[2, i] = np.rint((sin_lat + 0.0) * RADIUS)
