"""Disputed ground: each overlap of two footprints goes to the region of the nearest member."""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoclust.delineation.globe import (
    POLE_KM,
    Drawn,
    Geometry,
    central_frame,
    even_edges,
    on_globe,
    poles,
    redrawn,
)
from geoclust.sphere import (
    Floats,
    Ints,
    dot_products,
    from_plane,
    key_coordinates,
    longitude_latitude,
    plane_frame,
    sin_cos_degrees,
    to_plane,
    unit_arc_km,
    unit_chord,
    unit_vectors,
)

SLIVER_KM2: Final = 0.001
"""Detached pieces under this area that hold no member are dropped."""

_FLAT_KM: Final = 300.0
"""Within this distance of its centre a plane tells the nearest to 0.03 % of the distance."""

_SLACK: Final = 1.1
"""What lengths on the sphere are widened by so that none in a plane is missed."""

_BORDER_KM: Final = 1.0
"""Longest edge of a border between two regions; it bends alike on both sides."""

_GRID_KM: Final = 1e-7
"""Settled ground is snapped to a tenth of a millimetre, so that no spike is thinner."""

_TOUCH_DEGREES2: Final = 1e-10


class Region(NamedTuple):
    """One region while its ground is settled."""

    keys: Ints
    """Coordinate keys of its locations, ascending."""
    drawn: list[Drawn]
    """Its footprint in planes."""
    footprint: Geometry
    """Its footprint in degrees."""


def divided(regions: list[Region]) -> list[Geometry]:
    """Footprints in degrees that do not overlap, in the order given.

    Regions that overlap, directly or through others, are settled pair by pair in one plane, so
    that every border is the same line on both sides.  A location that several regions share is
    cut like a cake: each keeps an equal angle of the ground nearest to it, with the location at
    its tip.
    """
    footprints = [region.footprint for region in regions]
    for pairs in groups_of(_overlapping(footprints), len(regions)):
        for number, footprint in settled(regions, pairs).items():
            footprints[number] = footprint
    return footprints


def _overlapping(footprints: list[Geometry]) -> NDArray[np.int64]:
    """Pairs of footprints with ground in common, lower number first, ascending; shape (n, 2)."""
    import shapely  # noqa: PLC0415 - heavy

    shapes = np.array(footprints, dtype=object)
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    a, b = a[a < b], b[a < b]
    shared = share_ground(shapes[a], shapes[b])
    pairs = np.column_stack([a, b])[shared].astype(np.int64)
    return np.asarray(pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))])


def share_ground(one: Geometry, other: Geometry) -> NDArray[np.bool_]:
    """Whether footprints overlap by more than their outlines, pair by pair."""
    import shapely  # noqa: PLC0415 - heavy

    found: NDArray[np.bool_] = shapely.area(shapely.intersection(one, other)) > _TOUCH_DEGREES2
    return found


def groups_of(pairs: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
    """The pairs, apart where no chain of overlaps joins them."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - heavy
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - heavy

    links = coo_array((np.ones(len(pairs)), pairs.T), shape=(count, count))
    labels = connected_components(links, directed=False)[1][pairs[:, 0]]
    return [pairs[labels == label] for label in np.unique(labels)]


def settled(regions: list[Region], pairs: NDArray[np.int64]) -> dict[int, Geometry]:
    """Footprints in degrees of the regions of one group of overlaps, by number."""
    import shapely  # noqa: PLC0415 - heavy

    numbers = [int(number) for number in np.unique(pairs)]
    ground = Ground({number: regions[number].keys for number in numbers})
    shapes = {
        number: shapely.union_all([redrawn(d, ground.frame) for d in regions[number].drawn])
        for number in numbers
    }
    for a, b in pairs.tolist():
        parts = shapely.get_parts(shapes[a].intersection(shapes[b]))
        parts = parts[shapely.area(parts) > 0]
        of_b = [part.intersection(ground.nearer(part, b, a)) for part in parts]
        of_a = [part.difference(gone) for part, gone in zip(parts, of_b, strict=True)]
        shapes[a] = shapes[a].difference(shapely.union_all(of_b))
        shapes[b] = shapes[b].difference(shapely.union_all(of_a))
    for pole in poles(ground.frame):
        _give_whole(pole.buffer(2 * POLE_KM), shapes)
    return {
        number: on_globe([Drawn(ground.without_slivers(shape, number), ground.frame)])
        for number, shape in shapes.items()
    }


def _give_whole(cap: Geometry, shapes: dict[int, Geometry]) -> None:
    """Leave a pole that lies on a border to the region with most of the ground round it."""
    holders = [number for number, shape in shapes.items() if shape.intersects(cap)]
    if len(holders) > 1:
        winner = max(holders, key=lambda number: shapes[number].intersection(cap).area)
        for number in holders:
            merge = shapes[number].union if number == winner else shapes[number].difference
            shapes[number] = merge(cap)


class Ground:
    """Members of a group of overlapping regions in one plane, and who is nearest where."""

    def __init__(self, keys: dict[int, Ints]) -> None:
        self.keys = keys
        self.vectors = {n: unit_vectors(*key_coordinates(own)) for n, own in keys.items()}
        self.trees: dict[int, Any] = {}
        every = np.concatenate(list(self.vectors.values()), axis=1)
        self.frame = central_frame(every)
        self.flat = bool(
            dot_products(self.frame[2], every).min() > 1 - unit_chord(_FLAT_KM) ** 2 / 2
        )
        distinct, counts = np.unique(np.concatenate(list(keys.values())), return_counts=True)
        self.shared = {
            int(key): [n for n, own in keys.items() if key in own] for key in distinct[counts > 1]
        }

    def nearer(self, part: Geometry, winner: int, loser: int) -> Geometry:
        """Ground round `part` that is nearer to a member of `winner` than to any of `loser`."""
        import shapely  # noqa: PLC0415 - heavy

        frame = self.frame if self.flat else self._frame_at(part)
        local = part if self.flat else redrawn(Drawn(part, self.frame), frame)
        places = {n: self._candidates(local, frame, n) for n in (winner, loser)}
        keys = np.unique(np.concatenate([self.keys[n][rows] for n, rows in places.items()]))
        points = to_plane(unit_vectors(*key_coordinates(keys)), frame).T
        window = local.envelope.buffer(0.1 + 0.1 * local.length)
        cells = _cells(points, window)
        held = [
            self._held(cells[i], points[i], int(keys[i]), winner, loser)
            for i in np.flatnonzero(_among(keys, self.keys[winner]))
            if not cells[i].is_empty
        ]
        won = even_edges(shapely.union_all(held), _BORDER_KM)
        return won if self.flat else redrawn(Drawn(won, frame), self.frame)

    def without_slivers(self, shape: Geometry, number: int) -> Geometry:
        """The shape without detached pieces that are tiny and hold no member."""
        import shapely  # noqa: PLC0415 - heavy

        shape = shapely.set_precision(shape, _GRID_KM)
        parts = shapely.get_parts(shape)
        tiny = shapely.area(parts) < SLIVER_KM2
        if not tiny.any():
            return shape
        members = shapely.multipoints(to_plane(self.vectors[number], self.frame).T)
        kept = ~tiny | (shapely.distance(parts, members) < 1e-6)  # noqa: PLR2004 - a millimetre
        return shapely.union_all(parts[kept & (shapely.area(parts) > 0)])

    def _frame_at(self, part: Geometry) -> Floats:
        centre = np.array(part.centroid.coords).T
        longitude, latitude = longitude_latitude(from_plane(centre, self.frame))
        return plane_frame(float(longitude[0]), float(latitude[0]))

    def _candidates(self, part: Geometry, frame: Floats, number: int) -> NDArray[np.int64]:
        """Members that may be the nearest of their region somewhere in `part`."""
        west, south, east, north = part.bounds
        middle = np.array([[(west + east) / 2], [(south + north) / 2]])
        across = np.sqrt((east - west) ** 2 + (north - south) ** 2)
        near = self._near(from_plane(middle, frame)[:, 0], across, number)
        away = to_plane(self.vectors[number][:, near], frame) - middle
        distance = np.sqrt((away**2).sum(axis=0))
        return np.asarray(near[distance <= 1.01 * (distance.min() + across)])

    def _near(self, middle: Floats, across: float, number: int) -> NDArray[np.int64]:
        """Members, ascending, among which are all that `_candidates` looks for.

        Lengths in the plane are off by less than the slack as far as `_FLAT_KM` from its centre.
        """
        from scipy.spatial import cKDTree  # noqa: PLC0415 - heavy

        if number not in self.trees:
            self.trees[number] = cKDTree(self.vectors[number].T)
        tree = self.trees[number]
        nearest = unit_arc_km(np.array([tree.query(middle)[0]]))[0]
        wanted = _SLACK * (nearest + across)
        if wanted > _FLAT_KM:
            return np.arange(self.vectors[number].shape[1])
        return np.sort(np.array(tree.query_ball_point(middle, unit_chord(wanted)), np.int64))

    def _held(  # noqa: PLR0917 - the cell and whose it is
        self, cell: Geometry, point: Floats, key: int, winner: int, loser: int
    ) -> Geometry:
        owners = self.shared.get(key, [])
        if loser not in owners:
            return cell
        return cell.intersection(_slice(point, cell, owners.index(winner), len(owners)))


def _among(some: Ints, ascending: Ints) -> NDArray[np.bool_]:
    """Which of some keys are among others, which may be very many."""
    at = np.minimum(np.searchsorted(ascending, some), len(ascending) - 1)
    return np.asarray(ascending[at] == some)


def _cells(points: Floats, window: Geometry) -> list[Geometry]:
    """Voronoi cell of each point, cut to the window."""
    import shapely  # noqa: PLC0415 - heavy

    if len(points) == 1:
        return [window]
    site: Any = shapely.points(points)
    cells: Any = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(site), extend_to=window.envelope)
    )
    at, found = shapely.STRtree(cells).query(site, predicate="intersects")
    first = dict(zip(at[::-1].tolist(), found[::-1].tolist(), strict=True))
    return [cells[first[i]].intersection(window) for i in range(len(points))]


def _slice(point: Floats, cell: Geometry, number: int, count: int) -> Geometry:
    """One of `count` equal angles round a point, wide enough for the cell."""
    import shapely  # noqa: PLC0415 - heavy

    west, south, east, north = cell.bounds
    radius = 4 * (east - west + north - south)
    steps = max(2, -(-8 // count))
    sine, cosine = sin_cos_degrees(360 * (number + np.arange(steps + 1) / steps) / count)
    rim = point + radius * np.column_stack([cosine, sine])
    return shapely.Polygon([point, *rim])
