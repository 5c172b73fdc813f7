"""A union of very many discs is drawn from its rim, and is the same as drawn from all."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoclust.delineation import rims, shapes
from geoclust.delineation.division import Ground
from geoclust.delineation.globe import Drawn, on_globe, redrawn
from geoclust.sphere import coordinate_keys, to_plane

CROWDS = {
    "one city": lambda rng: rng.normal(0, 0.1, (1500, 2)),
    "towns and strays": lambda rng: np.concatenate(
        [rng.normal(0, 0.4, (300, 2)), rng.normal((1, 0), 0.05, (600, 2))]
    ),
    "a ring with a lake": lambda rng: ring(rng, 1000, 0.5, 0.04),
    "an island in the lake": lambda rng: np.concatenate(
        [ring(rng, 1500, 0.9, 0.05), rng.normal(0, 0.02, (400, 2))]
    ),
    "a lake in the island in the lake": lambda rng: np.concatenate(
        [ring(rng, 2500, 1.6, 0.05), ring(rng, 1000, 0.5, 0.04)]
    ),
    "a grid": lambda _: np.stack(np.meshgrid(*2 * [np.arange(40) / 50]), -1).reshape(-1, 2),
    "a line": lambda _: np.column_stack([np.linspace(0, 2, 900), np.zeros(900)]),
}


def ring(rng, size, radius, width):
    angle, at = rng.uniform(0, 2 * np.pi, size), rng.normal(radius, width, size)
    return np.column_stack([at * np.cos(angle), at * np.sin(angle)])


def places(crowd, middle):
    at = CROWDS[crowd](np.random.default_rng(3)) * (1 / np.cos(np.radians(middle[1])), 1) + middle
    longitude = (at[:, 0] + 180) % 360 - 180
    return np.unique(np.column_stack([longitude, at[:, 1]]).round(4), axis=0).T


@pytest.mark.parametrize("crowd", CROWDS)
@pytest.mark.parametrize("middle", [(10.0, 48.0), (179.9, -65.0)])
def test_what_the_rim_draws_is_what_all_discs_draw(crowd, middle, monkeypatch):
    longitude, latitude = places(crowd, middle)
    assert len(longitude) > rims.CROWD
    found = on_globe(shapes.reach(longitude, latitude, 10.0))
    monkeypatch.setattr(rims, "CROWD", 10**9)
    shapes._part.cache_clear()  # else the same part is handed out again
    wanted = on_globe(shapes.reach(longitude, latitude, 10.0))
    assert found.symmetric_difference(wanted).area < 1e-9
    holes = [len(part.interiors) for part in shapely.get_parts(found)]
    assert holes == [len(part.interiors) for part in shapely.get_parts(wanted)]
    if "lake" in crowd and middle[0] < 90:  # elsewhere the 180th meridian cuts it open
        assert sum(holes) > 0


def test_of_a_city_only_the_rim_is_drawn():
    centres = np.random.default_rng(0).normal(0, 10, (20_000, 2))
    rim = rims.on_rim(centres, 10.0)
    assert 10 < rim.sum() < 500
    assert rim[np.hypot(*centres.T).argmax()]
    assert not rim[np.hypot(*centres.T).argmin()]


@given(
    st.lists(st.tuples(st.floats(-3.2, 3.2), st.floats(0, 1.6)), min_size=1, max_size=12).map(
        np.array
    )
)
def test_arcs_leave_nothing_of_a_circle_just_where_no_angle_is_outside_all(arcs):
    direction, half = arcs.T
    told = bool(rims._all_round(direction[None], half[None])[0])
    angles = np.arange(0, 2 * np.pi, 1e-3)
    aside = np.abs((angles[:, None] - direction + np.pi) % (2 * np.pi) - np.pi)
    assert told <= (aside <= half + 2e-3).any(axis=1).all()
    if (aside <= half - 2e-3).any(axis=1).all():
        assert told


@pytest.mark.parametrize("spread", [0.2, 4.0])
def test_candidates_sought_by_a_tree_are_those_among_all_members(spread, monkeypatch):
    rng = np.random.default_rng(1)
    at = rng.normal((10, 50), spread, (2, 400, 2)) + np.array([[[0, 0]], [[spread, 0]]])
    keys = {n: np.unique(coordinate_keys(own[:, 0], own[:, 1])) for n, own in enumerate(at)}
    ground = Ground(keys)
    assert ground.flat == (spread < 1)
    for _ in range(30):
        middle = to_plane(ground.vectors[0][:, [rng.integers(400)]], ground.frame)[:, 0]
        part = shapely.Point(middle).buffer(rng.uniform(0.1, 30))
        frame = ground.frame if ground.flat else ground._frame_at(part)
        local = part if ground.flat else redrawn(Drawn(part, ground.frame), frame)
        found = [ground._candidates(local, frame, n) for n in keys]
        monkeypatch.setattr(
            Ground, "_near", lambda self, *_: np.arange(self.vectors[_[-1]].shape[1])
        )
        wanted = [ground._candidates(local, frame, n) for n in keys]
        monkeypatch.undo()
        assert [some.tolist() for some in found] == [some.tolist() for some in wanted]
        assert len(wanted[0]) < 400
