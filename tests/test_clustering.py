"""Regions against the definitions by brute force, and what must hold whatever the records."""

import itertools
import math
import subprocess
import sys
import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from geoclust import gazetteer, sphere
from geoclust.clustering import (
    build_hierarchies,
    build_hierarchy,
    extract_regions,
    hierarchy,
    kernels,
    label_records,
    locate_records,
    region_counts,
    selection,
)
from geoclust.clustering import spanning_tree as trees
from geoclust.errors import GeoclustWarning, ParameterError, SchemaError
from geoclust.schema import WEIGHT_UNIT, as_records, weight_units


def records_at(longitude, latitude, weight=1.0, **columns):
    n = len(np.atleast_1d(longitude))
    table = {"kind": "firm", "longitude": longitude, "latitude": latitude, "weight": weight}
    index = [f"r{i:05d}" for i in range(n)]
    return as_records(pd.DataFrame({"country": "GB", **table, **columns}, index=index))


def town(rng, longitude, latitude, n, *, spread_km=2.0):
    """Coordinates scattered round a centre."""
    north = rng.normal(0, spread_km / 111.2, n)
    east = rng.normal(0, spread_km / 111.2, n) / math.cos(math.radians(latitude))
    return (longitude + east + 180) % 360 - 180, np.clip(latitude + north, -90, 90)


def partition(clustering):
    """Sets of record ids, whatever the regions are called."""
    groups = clustering.region_of.dropna()
    return {frozenset(ids) for ids in groups.groupby(groups).groups.values()}


def same_answer(a, b):
    """Equal regions and scores, record by record and region by region."""
    for name in ("region_of", "membership", "outlier_score", "nearest_region"):
        pd.testing.assert_series_equal(getattr(a, name), getattr(b, name).loc[a.region_of.index])
    pd.testing.assert_frame_equal(a.regions, b.regions)


@pytest.fixture
def plain_names(monkeypatch):
    """Names from group numbers, to save time where names do not matter."""

    def numbered(members):
        groups = pd.Index(sorted(members["group"].unique()), name="group")
        ids = [f"region-{group}" for group in groups]
        facts = {"region_id": ids, "name": ids, "country": "GB", "countries": "GB"}
        return pd.DataFrame(facts, index=groups)

    monkeypatch.setattr(gazetteer, "name_regions", numbered)


# ---- the definitions, by brute force over records ------------------------------------------


class _World:
    """A small world and everything that the definitions say of it, from the dense matrix."""

    def __init__(self, seed, min_samples=None):
        rng = np.random.default_rng(seed)
        self.records = _small_world(rng)
        self.min_samples, self.least = int(rng.integers(1, 6)), int(rng.integers(2, 7))
        self.min_samples = min_samples or self.min_samples
        self.resolution_km = float(rng.choice([0.01, 1.0, 8.0]))
        self.max_link_km = float(rng.choice([30.0, 120.0, 800.0]))
        self.units = weight_units(self.records["weight"])
        position = sphere.grid_positions(self.records["longitude"], self.records["latitude"]).T
        self.position = position
        self.squared = ((position[:, None] - position[None]) ** 2).sum(-1)
        floor = self.floor = max(1.0, np.rint(sphere.chord_squared(self.resolution_km)))
        core = np.array([self._core(row) for row in self.squared])
        reach = np.maximum(self.squared, np.maximum(core[:, None], core[None]))
        self.core, self.reach = np.maximum(core, floor), np.maximum(reach, floor)
        self.top = float(sphere.chord_squared(self.max_link_km))
        self.clusters = []  # (members, birth, parent)
        self.leave = np.full(len(self.records), np.inf)
        self.home = np.full(len(self.records), -1)
        levels = np.unique(np.append(self.reach, self.core))
        self.levels = levels[levels < self.top]
        self._descend()

    def build(self, records=None):
        """The hierarchy that the package builds of these records, or of others."""
        return build_hierarchy(
            self.records if records is None else records,
            min_samples=self.min_samples,
            resolution_km=self.resolution_km,
            max_link_km=self.max_link_km,
        )

    def _core(self, row):
        order = np.argsort(row, kind="stable")
        enough = np.cumsum(self.units[order]) >= (self.min_samples + 1) * WEIGHT_UNIT
        return row[order][enough.argmax()] if enough.any() else np.inf

    def components(self, level, least):
        """Heavy components of the records that are core at a level."""
        alive = np.flatnonzero(self.core <= level)
        graph = self.reach[np.ix_(alive, alive)] <= level
        part = connected_components(graph, directed=False)[1] if len(alive) else alive
        parts = [alive[part == c] for c in np.unique(part)]
        return [p for p in parts if self.units[p].sum() >= least * WEIGHT_UNIT]

    def _descend(self):
        now = {}
        for part in self.components(self.top, self.least):
            self._found(part, self.top, -1, now)
        level = self.top
        for below in self.levels[::-1]:
            level = self._step(now, self.components(below, self.least), level, below)
        self._step(now, [], level, 0.0)

    def _found(self, part, birth, parent, now):
        now[len(self.clusters)] = part
        self.home[part] = len(self.clusters)
        self.clusters.append((part, birth, parent))

    def _step(self, now, heavy, level, below):
        for c, members in list(now.items()):
            inside = [p for p in heavy if np.isin(p, members).all()]
            kept = np.concatenate([*inside, np.empty(0, int)]).astype(int)
            self.leave[np.setdiff1d(members, kept)] = level
            now.pop(c)
            if len(inside) == 1:
                now[c] = inside[0]
            else:
                for part in inside:
                    self._found(part, level, c, now)
        return below

    def density(self, squared, scale):
        km = sphere.arc_km(squared)
        return 1 / km if scale == "inverse" else -np.log(km)

    def membership(self, c, scale):
        members, birth, _ = self.clusters[c]
        share = self.density(self.leave[members], scale)
        if scale == "log":
            share = share - self.density(birth, scale)
        return np.ones(len(members)) if share.max() <= 1e-12 else share / share.max()

    def stability(self, c, scale):
        """Sum over records of density on leaving the cluster less density at its birth."""
        members, birth, _ = self.clusters[c]
        leave = self.leave[members].copy()
        for part, split, parent in self.clusters:
            if parent == c:
                leave[np.isin(members, part)] = split
        life = self.density(leave, scale) - self.density(birth, scale)
        return float((self.units[members] * life).sum()) / WEIGHT_UNIT

    def kept(self, c, scale, least_membership):
        return self.clusters[c][0][self.membership(c, scale) >= least_membership]

    def admissible(self, c, scale, extent_km, least_membership):
        kept = self.kept(c, scale, least_membership)
        wide = self.squared[np.ix_(kept, kept)].max() > sphere.chord_squared(extent_km)
        return self.units[kept].sum() >= self.least * WEIGHT_UNIT and not wide

    def above(self, c):
        while (c := self.clusters[c][2]) >= 0:
            yield c

    def antichains(self, allowed):
        """All choices of clusters none of which lies below another."""
        for size in range(len(allowed) + 1):
            for pick in itertools.combinations(allowed, size):
                if not any(set(self.above(c)) & set(pick) for c in pick):
                    yield pick


World = cache(_World)  # most tests ask for the same ones


def _small_world(rng):
    """Records with heavy ties, duplicates, shares, near the poles or the date line."""
    n = int(rng.integers(3, 34))
    longitude, latitude = [(0, 0), (179.9, -17), (20, 89.9), (-70, -90.1), (5, 50)][rng.integers(5)]
    kind = rng.integers(4)
    if kind == 3:  # a heavy middle and arms exactly as far from it: one merge of up to five
        longitude = latitude = 0
        arms = np.array([[0, 0], [0.2, 0], [-0.2, 0], [0, 0.2], [0, -0.2]])
        east, north = arms[rng.integers(0, 5, n)].T
    elif kind == 0:  # a lattice: almost everything tied
        east, north = rng.integers(0, 5, (2, n)) * 0.1
    elif kind == 1:  # towns
        centre = rng.integers(0, 3, n) * rng.choice([0.5, 2.0])
        east, north = centre + rng.normal(0, 0.05, n), rng.normal(0, 0.05, n)
    else:  # a line with gaps
        east, north = rng.integers(0, 2 * n, n) * 0.05, np.zeros(n)
    latitude = np.clip(latitude + north.round(2), -90, 90)
    longitude = (longitude + east.round(3) + 180) % 360 - 180
    weight = [np.ones(n), rng.integers(1, 5, n), rng.choice([1 / 3, 0.5, 0.1, 2.0], n)][
        rng.integers(3)
    ]
    return records_at(longitude, latitude, weight.astype(float))


def blocks(fast, count):
    """Blocks of twenty worlds: some by default, the others among the slow tests."""
    late = [pytest.param(block, marks=pytest.mark.slow) for block in range(fast, count)]
    return pytest.mark.parametrize("block", [*range(fast), *late])


@pytest.fixture(params=["plain", "compiled"])
def path(request, monkeypatch):
    """Numpy alone, or compiled loops for everything."""
    plain = request.param == "plain"
    for module in (trees, hierarchy):
        monkeypatch.setattr(module, "LARGEST_PLAIN", 10**9 if plain else 0)
    monkeypatch.setattr(kernels, "_loaded", set())


@blocks(8, 25)
def test_condensed_tree_is_the_definition(block, path):
    """Clusters, births, leaving levels and components of 500 worlds, both paths."""
    for seed in range(20 * block, 20 * block + 20):
        world = World(seed)
        built = world.build()
        tree = hierarchy.condense(built.merges, world.least * WEIGHT_UNIT)
        at = built.locations.records["location"].to_numpy()
        found = {}
        for c in range(len(tree.parent)):
            inside = np.array([c in _self_and_above(tree.parent, h) for h in tree.cluster[at]])
            found[frozenset(np.flatnonzero(inside)), tree.birth[c]] = tree.weight[c]
        wanted = {
            (frozenset(part.tolist()), birth): world.units[part].sum()
            for part, birth, _ in world.clusters
        }
        assert found == wanted, seed
        assert np.array_equal(tree.leave[at], world.leave), seed
        assert np.array_equal(tree.cluster[at] >= 0, world.home >= 0)


def _self_and_above(parent, c):
    while c >= 0:
        yield c
        c = parent[c]


@pytest.mark.parametrize("scale", ["log", "inverse"])
@blocks(4, 25)
def test_regions_are_the_best_choice(block, scale, plain_names):
    """The chosen clusters have the greatest total stability of all admissible antichains."""
    decided = 0
    for seed in range(20 * block, 20 * block + 20):
        world = World(seed)
        extent, least_membership = [(1e4, 0.0), (200.0, 0.25), (15.0, 0.4)][seed % 3]
        built = world.build()
        found = extract_regions(
            built,
            min_cluster_size=world.least,
            density_scale=scale,
            max_extent_km=extent,
            min_membership=least_membership,
        )
        allowed = [
            c
            for c in range(len(world.clusters))
            if world.admissible(c, scale, extent, least_membership)
        ]
        if len(allowed) > 11:
            continue
        score = {c: world.stability(c, scale) for c in allowed}
        ranked = sorted(
            ((sum(score[c] for c in pick), pick) for pick in world.antichains(allowed)),
            reverse=True,
        )
        regions = {
            pick: {
                frozenset(world.records.index[world.kept(c, scale, least_membership)]) for c in pick
            }
            for _, pick in ranked
        }
        best = [pick for total, pick in ranked if total >= ranked[0][0] * (1 - 1e-7) - 1e-9]
        assert partition(found) in [regions[pick] for pick in best], seed
        decided += len(best) == 1 and len(best[0]) > 0
        _check_scores(world, found, scale)
    assert decided >= 4


def _check_scores(world, found, scale):
    """Membership, persistence and outlier score of one small world from the definitions."""
    place = {name: i for i, name in enumerate(world.records.index)}
    for region, ids in found.region_of.groupby(found.region_of).groups.items():
        rows = {place[i] for i in ids}
        inside = [c for c in range(len(world.clusters)) if rows <= set(world.clusters[c][0])]
        km = found.regions.loc[region, "birth_km"]
        c = max(c for c in inside if np.isclose(sphere.arc_km(world.clusters[c][1]), km))
        members, birth, _ = world.clusters[c]
        share = dict(zip(members.tolist(), world.membership(c, scale), strict=True))
        wanted = [max(share[place[i]], 1e-6) for i in ids]
        assert np.allclose(found.membership[ids], wanted)
        leave = sphere.arc_km(world.leave[members])
        if scale == "log":
            mean = np.exp(np.average(np.log(leave), weights=world.units[members]))
        else:
            mean = 1 / np.average(1 / leave, weights=world.units[members])
        held = found.regions.loc[region, "persistence"]
        assert held == pytest.approx(1 - mean / sphere.arc_km(birth), abs=1e-9)
    for i, home in enumerate(world.home):
        wanted = 1.0
        if home >= 0:
            members, birth, _ = world.clusters[home]
            start = world.density(birth, scale) if scale == "log" else 0.0
            life = world.density(world.leave[members], scale) - start
            own = world.density(world.leave[i], scale) - start
            wanted = 1 - own / life.max() if life.max() > 1e-12 else 0.0
        assert found.outlier_score.iloc[i] == pytest.approx(wanted, abs=1e-9)


@blocks(2, 25)
def test_distance_is_the_components_at_the_cut(block, plain_names):
    several = 0
    for seed in range(20 * block, 20 * block + 20):
        world = World(seed)
        cut_km = world.resolution_km + (seed % 7 / 20) * (world.max_link_km - world.resolution_km)
        found = extract_regions(
            world.build(),
            min_cluster_size=world.least,
            cluster_selection_method="distance",
            cluster_selection_epsilon_km=cut_km,
            max_extent_km=None,
        )
        cut = max(float(sphere.chord_squared(cut_km)), world.floor)
        parts = world.components(cut, world.least)
        assert partition(found) == {frozenset(world.records.index[part]) for part in parts}
        assert ((found.membership > 0) == found.region_of.notna()).all()
        several += len(parts) > 1
    assert several >= 3


@blocks(4, 25)
def test_epsilon_and_leaves_by_the_definition(block, plain_names):
    """Leaves that are admissible, each moved up to the first ancestor born at epsilon or above."""
    moved = 0
    for seed in range(20 * block, 20 * block + 20):
        world = World(seed)
        extent, least_membership = [(1e4, 0.0), (60.0, 0.25)][seed % 2]
        limits = "log", extent, least_membership
        epsilon_km = world.resolution_km + 0.4 * (world.max_link_km - world.resolution_km)
        parents = {parent for _, _, parent in world.clusters}
        leaves = [c for c in range(len(world.clusters)) if c not in parents]
        leaves = [c for c in leaves if world.admissible(c, *limits)]
        goals = {
            _climbed(world, c, float(sphere.chord_squared(epsilon_km)), limits) for c in leaves
        }
        wanted = {c for c in goals if not goals & set(world.above(c))}
        for epsilon, clusters in ((0.0, leaves), (epsilon_km, wanted)):
            found = extract_regions(
                world.build(),
                min_cluster_size=world.least,
                cluster_selection_method="leaf",
                cluster_selection_epsilon_km=epsilon,
                max_extent_km=extent,
                min_membership=least_membership,
            )
            kept = {
                frozenset(world.records.index[world.kept(c, "log", least_membership)])
                for c in clusters
            }
            assert partition(found) == kept, seed
        moved += wanted != set(leaves)
    assert moved >= 3


def _climbed(world, c, epsilon, limits):
    """Cluster that takes the place of one born below epsilon."""
    _, birth, parent = world.clusters[c]
    if birth >= epsilon or parent < 0 or not world.admissible(parent, *limits):
        return c
    return _climbed(world, parent, epsilon, limits)


@blocks(1, 25)
def test_several_min_samples_at_once_are_each_the_definition(block, path):
    for seed in range(20 * block, 20 * block + 20):
        values = [1, 7, World(seed).min_samples, 3, 40]
        world = World(seed)
        built = build_hierarchies(
            world.records,
            min_samples=values,
            resolution_km=world.resolution_km,
            max_link_km=world.max_link_km,
        )
        for value in values:
            own = World(seed, min_samples=value)
            found = built[value]
            at = found.locations.records["location"].to_numpy()
            tree = hierarchy.condense(found.merges, own.least * WEIGHT_UNIT)
            assert np.array_equal(np.maximum(found.forest.core[at], own.floor), own.core)
            assert np.array_equal(tree.leave[at], own.leave), (seed, value)
            births = sorted(birth for _, birth, _ in own.clusters)
            assert np.array_equal(np.sort(tree.birth), births)


@blocks(2, 25)
def test_copies_equal_weights_on_any_world(block, path, plain_names):
    """Also copies of a third: regions, scores, and where new records would belong."""
    found_any = 0
    for seed in range(20 * block, 20 * block + 20):
        world, rng = World(seed), np.random.default_rng(seed)
        share = rng.choice([1.0, 1 / 3, 0.5, 0.1])
        count = rng.integers(1, 5, len(world.records))
        heavy = world.records.assign(weight=count * share)
        copies = heavy.loc[heavy.index.repeat(count)].assign(weight=share)
        source = copies.index
        copies.index = pd.Index([f"{name}-{i}" for i, name in enumerate(source)])
        rules = {"min_cluster_size": world.least, "density_scale": ["log", "inverse"][seed % 2]}
        new = world.records[["longitude", "latitude"]] + rng.normal(0, 0.05, (len(count), 2))
        new = new.clip([-180, -90], [180, 90], axis=1)
        a, b = (
            extract_regions(world.build(as_records(table)), **rules) for table in (heavy, copies)
        )
        for name in ("region_of", "membership", "outlier_score", "nearest_region"):
            expected = getattr(a, name).loc[source].set_axis(b.region_of.index)
            pd.testing.assert_series_equal(getattr(b, name), expected, check_exact=True)
        columns = a.regions.columns.drop("record_count")
        pd.testing.assert_frame_equal(a.regions[columns], b.regions[columns], check_exact=True)
        told = [locate_records(one, new) for one in (a, b)]
        pd.testing.assert_frame_equal(*told, check_exact=True)
        found_any += len(a.regions) > 0
    assert found_any >= 5


def test_the_worlds_hold_what_is_hard():
    """Ties, duplicates, shares of records, poles, the date line, and trees of several kinds."""
    seen = dict.fromkeys(
        ["ties", "duplicates", "shares", "north pole", "south pole", "date line", "roots",
         "splits", "n-ary", "too light", "floor"], 0,
    )  # fmt: skip
    for seed in range(160):  # those of every run
        world = World(seed)
        at = world.records[["longitude", "latitude"]]
        apart = world.squared[np.triu_indices(len(at), 1)]
        births = [(birth, parent) for _, birth, parent in world.clusters if parent >= 0]
        seen["ties"] += len(np.unique(apart)) < len(apart) / 2
        seen["duplicates"] += at.duplicated().any()
        seen["shares"] += (world.records["weight"] < 1).any()
        seen["north pole"] += (at["latitude"] == 90).any()
        seen["south pole"] += (at["latitude"] == -90).any()
        seen["date line"] += at["longitude"].lt(-179).any() and at["longitude"].gt(179).any()
        seen["roots"] += len(world.clusters) - len(births) > 1
        seen["splits"] += len(births) > 0
        seen["n-ary"] += any(births.count(birth) > 2 for birth in births)
        seen["too light"] += np.isinf(world.core).any()
        seen["floor"] += (world.core == world.floor).any()
    assert min(seen.values()) >= 6, seen


# ---- what must hold whatever the records ----------------------------------------------------


def mixed_records(seed, n=900):
    """Towns with city centroids, scattered records, two weights, several regions."""
    rng = np.random.default_rng(seed)
    parts = [
        town(rng, *centre, n // 9)
        for centre in ((0.12, 52.2), (-1.26, 51.75), (2.35, 48.85), (179.99, -17.0), (4.9, 52.37))
    ]
    parts += [(rng.uniform(-5, 10, n // 9), rng.uniform(45, 55, n // 9)) for _ in range(4)]
    longitude, latitude = np.concatenate(parts, axis=1)
    coarse = rng.random(len(longitude)) < 0.5
    longitude[coarse], latitude[coarse] = longitude[coarse].round(1), latitude[coarse].round(1)
    return records_at(longitude, latitude, rng.choice([1.0, 2.0, 1 / 3], len(longitude)))


@pytest.mark.parametrize("scale", ["log", "inverse"])
def test_row_order_is_immaterial(scale):
    records = mixed_records(0)
    shuffled = records.sample(frac=1, random_state=3)
    a, b = (
        extract_regions(build_hierarchy(r, resolution_km=0.1), density_scale=scale)
        for r in (records, shuffled)
    )
    assert len(a.regions) >= 5
    same_answer(a, b)


def test_copies_equal_weights():
    records = mixed_records(1)
    records["weight"] = np.random.default_rng(0).integers(1, 5, len(records)).astype(float)
    copies = records.loc[records.index.repeat(records["weight"].astype(int))].assign(weight=1.0)
    source = copies.index
    copies.index = pd.Index([f"{name}-{i}" for i, name in enumerate(source)])
    a = extract_regions(build_hierarchy(records, resolution_km=1))
    b = extract_regions(build_hierarchy(as_records(copies), resolution_km=1))
    for name in ("region_of", "membership", "outlier_score", "nearest_region"):
        expected = getattr(a, name).loc[source].set_axis(b.region_of.index)
        pd.testing.assert_series_equal(getattr(b, name), expected)
    columns = a.regions.columns.drop("record_count")
    pd.testing.assert_frame_equal(a.regions[columns], b.regions[columns])


def test_three_thirds_make_one():
    whole = records_at([5.0] * 4 + [5.01] * 8, [50.0] * 12)
    thirds = whole.loc[whole.index.repeat(3)].assign(weight=1 / 3)
    thirds.index = [f"t{i:03d}" for i in range(36)]
    a, b = (extract_regions(build_hierarchy(r, resolution_km=0.1)) for r in (whole, thirds))
    assert a.regions["weight"].tolist() == b.regions["weight"].tolist() == [12.0]
    assert a.regions["persistence"].tolist() == b.regions["persistence"].tolist()


def test_kind_weights_are_factors():
    records = mixed_records(2).assign(kind=lambda r: np.where(np.arange(len(r)) % 3, "firm", "lab"))
    weighted = build_hierarchy(records, resolution_km=1, kind_weights={"lab": 0.25})
    scaled = records.assign(
        weight=records["weight"] * records["kind"].map({"lab": 0.25, "firm": 1.0}), kind="firm"
    )
    same_answer(
        extract_regions(weighted), extract_regions(build_hierarchy(scaled, resolution_km=1))
    )
    assert weighted.kind_weights == {"lab": 0.25}


@pytest.mark.parametrize("method", ["eom", "leaf"])
def test_paths_agree(method, monkeypatch):
    records = mixed_records(4)
    monkeypatch.setattr(kernels, "_loaded", set())
    a = extract_regions(build_hierarchy(records), cluster_selection_method=method)
    monkeypatch.setattr(trees, "LARGEST_PLAIN", 0)
    monkeypatch.setattr(hierarchy, "LARGEST_PLAIN", 0)
    monkeypatch.setattr(kernels, "_loaded", {"kernels"})
    same_answer(a, extract_regions(build_hierarchy(records), cluster_selection_method=method))


@pytest.mark.parametrize("turn", [90, 180, -90])
def test_quarter_turns_and_mirrors_keep_the_partition(turn):
    records = mixed_records(5)
    longitude = (records["longitude"] + turn + 180) % 360 - 180
    turned = records.assign(longitude=longitude.round(7), latitude=-records["latitude"])
    records = records.assign(longitude=records["longitude"].round(7))
    a, b = (extract_regions(build_hierarchy(r, resolution_km=1)) for r in (records, turned))
    assert partition(a) == partition(b)


def test_far_away_country_changes_nothing():
    records = mixed_records(6)
    rng = np.random.default_rng(9)
    far = records_at(*town(rng, 151.2, -33.9, 300), country="AU")
    far.index = [f"far{i}" for i in range(300)]
    a = extract_regions(build_hierarchy(records, resolution_km=1))
    both = extract_regions(build_hierarchy(pd.concat([records, far]), resolution_km=1))
    ids = records.index
    for name in ("region_of", "membership", "outlier_score", "nearest_region"):
        pd.testing.assert_series_equal(getattr(both, name).loc[ids], getattr(a, name))
    pd.testing.assert_frame_equal(both.regions.loc[a.regions.index], a.regions)
    assert len(both.regions) > len(a.regions)


@pytest.mark.parametrize("centre", [(180.0, -17.0), (30.0, 89.99), (-120.0, -90.0), (0.0, 0.0)])
def test_groups_at_the_edges_of_the_map_are_one_region(centre):
    rng = np.random.default_rng(1)
    north, east = rng.normal(0, 0.02, (2, 60))
    flat = np.stack([np.ones(60), east, north])
    pole = np.radians(centre[1])
    x, z = (
        flat[0] * np.cos(pole) - flat[2] * np.sin(pole),
        flat[0] * np.sin(pole) + flat[2] * np.cos(pole),
    )
    latitude = np.degrees(np.arctan2(z, np.hypot(x, flat[1])))
    longitude = (np.degrees(np.arctan2(flat[1], x)) + centre[0] + 180) % 360 - 180
    found = extract_regions(
        build_hierarchy(records_at(longitude, latitude), resolution_km=1, max_link_km=400),
        max_extent_km=2000,
        min_membership=0,
    )
    assert len(found.regions) == 1
    assert found.region_of.notna().sum() >= 55


@pytest.mark.parametrize("scatter", [2.0, 4.0])
@pytest.mark.parametrize("resolution_km", [0.1, 1.0, 5.0])
def test_city_among_scattered_firms(scatter, resolution_km):
    rng = np.random.default_rng(7)
    city = town(rng, 10.0, 50.0, 200, spread_km=4)
    scattered = 10 + rng.uniform(-scatter, scatter, 200), 50 + rng.uniform(-scatter, scatter, 200)
    records = records_at(*np.concatenate([city, scattered], axis=1), country="DE")
    found = extract_regions(build_hierarchy(records, resolution_km=resolution_km))
    biggest = found.region_of == found.regions.index[0]
    assert biggest.iloc[:200].sum() >= 190
    assert biggest.iloc[200:].sum() <= 10


def test_one_city_country():
    """Classic HDBSCAN finds nothing and says what to do; a finite link finds the city."""
    rng = np.random.default_rng(2)
    records = records_at(*town(rng, 6.13, 49.61, 80), country="LU")
    classic = build_hierarchy(records, resolution_km=0.1, max_link_km=math.inf)
    with pytest.warns(GeoclustWarning, match="finite max_link_km"):
        none = extract_regions(classic, min_cluster_size=60)
    assert none.region_of.isna().all()
    assert none.regions.empty
    alone = extract_regions(classic, min_cluster_size=60, allow_single_cluster=True)
    assert len(alone.regions) == 1
    found = extract_regions(build_hierarchy(records, resolution_km=0.1), min_cluster_size=60)
    assert found.regions.index.tolist() == ["lu-luxembourg"]
    assert len(partition(found)) == len(partition(alone)) == 1


# ---- one search for several, labels without names ---------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_several_hierarchies_are_those_built_one_by_one(seed, path):
    records = mixed_records(seed)
    wanted = (10, 3, 5, 700)
    built = build_hierarchies(records, min_samples=wanted, resolution_km=0.1)
    assert tuple(built) == wanted
    for value in wanted:
        single = build_hierarchy(records, min_samples=value, resolution_km=0.1)
        assert np.array_equal(built[value].forest.core, single.forest.core)
        lengths = (np.sort(h.forest.squared) for h in (built[value], single))
        assert np.array_equal(*lengths)
        assert built[value].min_samples == value
        same_answer(extract_regions(built[value]), extract_regions(single))


def test_one_hierarchy_gives_what_fresh_ones_give():
    """Extractions leave no trace: in any order, each equals one from a hierarchy built for it."""
    records = mixed_records(15)
    shared = build_hierarchy(records, resolution_km=0.1)
    several = [
        {},
        {"density_scale": "inverse", "min_membership": 0.0},
        {"cluster_selection_method": "leaf", "cluster_selection_epsilon_km": 4.0},
        {"cluster_selection_method": "distance", "cluster_selection_epsilon_km": 8.0},
        {"min_cluster_size": 30, "max_cluster_size": 90},
        {"max_extent_km": 5.0},
    ]
    sizes = set()
    for rules in (*several, *reversed(several)):
        found = extract_regions(shared, **rules)
        same_answer(found, extract_regions(build_hierarchy(records, resolution_km=0.1), **rules))
        sizes.add(len(found.regions))
    assert len(sizes) > 3


def test_several_hierarchies_need_a_value():
    records = records_at([1.0], [2.0])
    with pytest.raises(ParameterError, match="names no value"):
        build_hierarchies(records, min_samples=())
    with pytest.raises(ParameterError, match="min_samples is 0"):
        build_hierarchies(records, min_samples=(5, 0))


@pytest.mark.parametrize("rules", [{}, {"density_scale": "inverse", "min_membership": 0.0}])
def test_labels_are_the_regions_without_names(rules):
    built = build_hierarchy(mixed_records(3), resolution_km=0.1)
    found, labels = extract_regions(built, **rules), label_records(built, **rules)
    groups = labels.index.to_series().groupby(labels["label"]).apply(frozenset).drop(-1)
    assert set(groups) == partition(found)
    assert groups.index.tolist() == list(range(len(found.regions)))
    assert labels["membership"].equals(found.membership)
    assert labels["outlier_score"].equals(found.outlier_score)
    with pytest.raises(ParameterError, match="use extract_regions"):
        label_records(build_hierarchy(records_at([], []), engine="hdbscan", max_link_km=math.inf))


# ---- new records --------------------------------------------------------------------------------


def _arrive(world, position):
    """Squared core distance and reach of a new position, and the record it comes in beside."""
    squared = ((position - world.position) ** 2).sum(-1)
    core = world._core(squared)
    reach = np.maximum(np.maximum(squared, core), world.core)  # world.core is at least the floor
    least = reach.min()
    number = sphere.coordinate_keys(world.records["longitude"], world.records["latitude"])
    beside = np.lexsort((number, squared, reach))[0] if np.isfinite(least) else -1
    return core, least, beside


def _expected(world, position, scale):
    """Lowest cluster of a new position (or -1) and the level at which it leaves it."""
    _, least, beside = _arrive(world, position)
    if least > world.top or world.home[beside] < 0:
        return -1, math.inf
    c, leave = world.home[beside], world.leave[beside]
    while world.clusters[c][2] >= 0 and world.clusters[c][1] <= least:
        _, leave, c = world.clusters[c]
    return c, max(least, leave)


@pytest.mark.parametrize("scale", ["log", "inverse"])
@blocks(4, 25)
def test_new_records_join_by_the_definition(block, scale, plain_names):
    joined = 0
    for seed in range(20 * block, 20 * block + 20):
        world = World(seed)
        built = world.build()
        rules = {"min_cluster_size": world.least, "density_scale": scale, "max_extent_km": 1e4}
        found = extract_regions(built, **rules, min_membership=0.2)
        rng = np.random.default_rng(seed)
        near = world.records.iloc[rng.integers(0, len(world.records), 12)]
        longitude = near["longitude"] + rng.choice([0, 0.05, 0.1, 0.313, 1.7], 12)
        latitude = near["latitude"] + rng.choice([0, -0.05, 0.1, 0.217], 12)
        new = pd.DataFrame(
            {"longitude": (longitude + 180) % 360 - 180, "latitude": latitude.clip(-90, 90)}
        )
        told = locate_records(found, new)
        region_of_cluster = _region_of_each_cluster(world, found)
        for i, position in enumerate(_positions(new)):
            core, least, _ = _arrive(world, position)
            assert told["core_km"].iloc[i] == _km(core)
            assert told["reach_km"].iloc[i] == _km(least)
            region, share = _expected_region(world, position, scale, region_of_cluster)
            if region is None or share < 0.2 - 1e-9:
                assert pd.isna(told["region_id"].iloc[i])
                assert told["membership"].iloc[i] == 0
                if region is not None:
                    assert told["nearest_region"].iloc[i] == region
            elif share > 0.2 + 1e-9:
                joined += 1
                assert told["region_id"].iloc[i] == region
                assert told["membership"].iloc[i] == pytest.approx(max(share, 1e-6), rel=1e-9)
    assert joined > 20


def _km(squared):
    return math.inf if np.isinf(squared) else float(sphere.arc_km(squared))


def _positions(new):
    keys = sphere.coordinate_keys(new["longitude"], new["latitude"])
    return sphere.grid_positions(*sphere.key_coordinates(keys)).T


def _region_of_each_cluster(world, found):
    """Region id by number of chosen cluster of the world."""
    place = {name: i for i, name in enumerate(world.records.index)}
    named = {}
    for region, ids in found.region_of.groupby(found.region_of).groups.items():
        rows, km = {place[i] for i in ids}, found.regions.loc[region, "birth_km"]
        fits = [
            c
            for c, (members, birth, _) in enumerate(world.clusters)
            if rows <= set(members) and np.isclose(sphere.arc_km(birth), km)
        ]
        named[max(fits)] = region
    return named


def _expected_region(world, position, scale, named):
    """Region and membership there of a new position, or None."""
    c, leave = _expected(world, position, scale)
    while c >= 0 and c not in named:
        c = world.clusters[c][2]
    if c < 0:
        return None, 0.0
    members, birth, _ = world.clusters[c]
    start = world.density(birth, scale) if scale == "log" else 0.0
    longest = world.density(world.leave[members], scale).max() - start
    return named[c], (world.density(leave, scale) - start) / longest if longest > 1e-12 else 1.0


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"density_scale": "inverse", "min_membership": 0.0},
        {"cluster_selection_method": "leaf", "min_cluster_size": 4},
        {"cluster_selection_method": "distance", "cluster_selection_epsilon_km": 6.0},
        {"min_membership": 0.9, "max_extent_km": 3.0},
    ],
)
def test_records_of_the_clustering_get_their_own_answer_back(seed, rules):
    records = mixed_records(seed)
    for resolution_km, max_link_km in ((0.01, 100.0), (5.0, 30.0), (0.1, math.inf)):
        built = build_hierarchy(records, resolution_km=resolution_km, max_link_km=max_link_km)
        found = extract_regions(built, **rules)
        told = locate_records(found, records.iloc[::-1])
        for name in ("region_of", "membership", "outlier_score", "nearest_region"):
            column = "region_id" if name == "region_of" else name
            own = getattr(found, name).iloc[::-1]
            pd.testing.assert_series_equal(told[column], own, check_exact=True)
        assert told["core_km"].equals(built.core_km.iloc[::-1])
    assert len(found.regions) > 2


def test_new_records_between_known_ones():
    """A newcomer in town belongs to it, one out of reach to nothing, one aside is told where."""
    rng = np.random.default_rng(0)
    found = extract_regions(
        build_hierarchy(records_at(*town(rng, 0.12, 52.2, 200), country="GB"), resolution_km=0.1)
    )
    new = pd.DataFrame({"longitude": [0.12, 0.75, 3.0, -179.0], "latitude": [52.2, 52.2, 52.2, 0]})
    told = locate_records(found, new)
    assert told["region_id"].tolist()[0] == "gb-cambridge"
    assert told["region_id"].isna().tolist() == [False, True, True, True]
    assert told["nearest_region"].tolist()[1] == "gb-cambridge"
    assert told["nearest_region"].isna().tolist() == [True, False, True, True]
    assert told["outlier_score"].is_monotonic_increasing
    assert told["reach_km"].iloc[3] > 5000


def test_new_records_are_checked():
    found = extract_regions(build_hierarchy(mixed_records(0), resolution_km=1))
    with pytest.raises(SchemaError, match="lack the columns"):
        locate_records(found, pd.DataFrame({"longitude": [1.0]}))
    for bad in (math.nan, 91.0, None, "north"):
        new = pd.DataFrame({"longitude": [1.0, 2.0], "latitude": [1.0, bad]}, index=["a", "b"])
        with pytest.raises(SchemaError, match=r"1 latitudes not within -90 to 90, first at 'b'"):
            locate_records(found, new)
    none = locate_records(found, pd.DataFrame({"longitude": [], "latitude": []}))
    assert len(none) == 0
    few = extract_regions(build_hierarchy(records_at([1.0], [2.0])))
    alone = locate_records(few, pd.DataFrame({"longitude": [1.0], "latitude": [2.0]}))
    assert alone["reach_km"].tolist() == [math.inf]
    upstream = build_hierarchy(
        mixed_records(0).assign(weight=1.0), engine="hdbscan", max_link_km=math.inf
    )
    rules = {"density_scale": "inverse", "max_extent_km": None, "min_membership": 0.0}
    with pytest.raises(ParameterError, match="build the hierarchy without engine"):
        locate_records(extract_regions(upstream, **rules), pd.DataFrame())


@blocks(2, 25)
def test_records_of_any_world_get_their_own_answer_back(block, path, plain_names):
    """Whatever the rules: ties, duplicates, shares, poles; epsilon, the cut, least membership."""
    inside = 0
    for seed in range(20 * block, 20 * block + 20):
        world = World(seed)
        built = world.build()
        middle = (world.resolution_km + world.max_link_km) / 3 + 1
        middle = min(max(middle, world.resolution_km), world.max_link_km)
        for rules in (
            {},
            {"density_scale": "inverse", "min_membership": 0.0},
            {"cluster_selection_method": "leaf", "cluster_selection_epsilon_km": middle},
            {"cluster_selection_method": "distance", "cluster_selection_epsilon_km": middle},
            {"min_membership": 0.8, "max_extent_km": 15.0},
        ):
            found = extract_regions(built, min_cluster_size=world.least, **rules)
            told = locate_records(found, world.records.iloc[::-1])
            for name in ("region_of", "membership", "outlier_score", "nearest_region"):
                column = told["region_id" if name == "region_of" else name]
                own = getattr(found, name).iloc[::-1]
                pd.testing.assert_series_equal(column, own, check_names=False, check_exact=True)
            inside += len(found.regions)
    assert inside > 40


# ---- hard inputs ----------------------------------------------------------------------------


@pytest.mark.parametrize("max_link_km", [100.0, math.inf])
@pytest.mark.parametrize(
    ("longitude", "latitude"),
    [
        ([], []),
        ([1.0], [2.0]),
        ([1.0, 1.0], [2.0, 2.0]),
        ([0.0, 180.0], [0.0, 0.0]),
        (np.linspace(-170, 170, 40), np.zeros(40)),
        (np.full(30, 3.0), np.linspace(40, 41, 30)),
        (np.full(40, 7.0), np.full(40, -33.0)),
    ],
    ids=["none", "one", "two alike", "antipodes", "far apart", "collinear", "identical"],
)
def test_everything_is_finite_and_stated(longitude, latitude, max_link_km):
    records = records_at(np.array(longitude), np.array(latitude))
    for engine, rules in itertools.product(
        ("geoclust", "hdbscan"), ({}, {"density_scale": "inverse", "min_membership": 0.0})
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", GeoclustWarning)
            built = build_hierarchy(records, max_link_km=max_link_km, engine=engine)
            found = extract_regions(built, **rules)
        assert found.region_of.index.equals(records.index)
        assert np.isfinite(found.membership).all()
        assert found.outlier_score.between(0, 1).all()
        assert ((found.membership > 0) == found.region_of.notna()).all()
        numbers = found.regions.select_dtypes("number")
        assert np.isfinite(numbers.to_numpy(dtype=float)).all()
        assert found.regions["persistence"].between(0, 1).all()
        assert str(found.region_of.dtype) == str(found.nearest_region.dtype) == "str"
        assert "regions hold" in repr(found)


def test_identical_records_are_a_region_of_full_membership():
    found = extract_regions(build_hierarchy(records_at([7.0] * 40, [51.0] * 40)))
    assert found.membership.tolist() == [1.0] * 40
    assert found.outlier_score.tolist() == [0.0] * 40
    row = found.regions.iloc[0]
    assert (row["weight"], row["record_count"], row["location_count"]) == (40.0, 40, 1)
    assert row["extent_km"] == 0.0
    assert row["birth_km"] == pytest.approx(100.0)
    assert row["persistence"] == pytest.approx(1 - 5 / 100)


def test_one_heavy_location_among_lonely_ones():
    """A location as heavy as a region is one, though lighter than `min_samples` asks no more."""
    records = records_at([7.0, 9.0, 11.0], [51.0] * 3, [12.0, 1.0, 1.0])
    found = extract_regions(build_hierarchy(records, resolution_km=1))
    assert found.region_of.notna().tolist() == [True, False, False]
    few = extract_regions(build_hierarchy(records, resolution_km=1, min_samples=20))
    assert few.region_of.isna().all()


def test_lifetime_of_nil_is_full_membership():
    """Records that come together only at the ceiling are a region without persistence."""
    records = records_at(np.repeat([0.0, 0.5], 6), np.zeros(12))
    apart = float(build_hierarchy(records, min_samples=8, resolution_km=1).core_km.iloc[0])
    found = extract_regions(
        build_hierarchy(records, min_samples=8, max_link_km=apart * (1 + 1e-12))
    )
    assert found.membership.tolist() == [1.0] * 12
    assert found.outlier_score.tolist() == [0.0] * 12
    assert found.regions["persistence"].iloc[0] == pytest.approx(0, abs=1e-9)
    below = build_hierarchy(records, min_samples=8, max_link_km=apart * (1 - 1e-9))
    assert extract_regions(below).region_of.isna().all()


# ---- rules ----------------------------------------------------------------------------------


def test_epsilon_merges_what_separates_below_it():
    rng = np.random.default_rng(8)
    parts = [town(rng, 0.10 + 0.1 * i, 52.2, 60, spread_km=0.7) for i in range(2)]
    records = records_at(*np.concatenate(parts, axis=1))
    built = build_hierarchy(records, resolution_km=0.1)
    fine = extract_regions(built, cluster_selection_method="leaf")
    assert len(fine.regions) >= 2
    coarse = extract_regions(
        built, cluster_selection_method="leaf", cluster_selection_epsilon_km=20
    )
    assert len(coarse.regions) == 1
    assert (coarse.regions["birth_km"] >= 20).all()
    narrow = extract_regions(
        built,
        cluster_selection_method="leaf",
        cluster_selection_epsilon_km=20,
        max_extent_km=4,
    )
    assert (narrow.regions["extent_km"] <= 4).all()


def test_no_cluster_is_judged_twice(monkeypatch):
    """Also on a chain, where every cluster is an ancestor of all that follow."""
    gaps = np.cumsum(0.0005 + np.arange(150) * 1e-6)
    longitude = np.repeat(gaps, 3) + np.tile([0, 1e-5, 2e-5], 150)
    built = build_hierarchy(records_at(longitude, np.zeros(450)), min_samples=1, resolution_km=5e-4)
    judged = []
    whole = selection._judge

    def noted(*args, **named):
        judge = whole(*args, **named)
        return lambda clusters: judged.extend(clusters.tolist()) or judge(clusters)

    monkeypatch.setattr(selection, "_judge", noted)
    for epsilon_km, fewest, most in ((0.06, 2, 140), (0.2, 1, 1)):
        judged.clear()
        found = label_records(
            built,
            min_cluster_size=3,
            cluster_selection_method="leaf",
            cluster_selection_epsilon_km=epsilon_km,
        )
        assert fewest <= found["label"].max() + 1 <= most
        climbed = judged[150:]  # first of all come the leaves
        assert len(climbed) == len(set(climbed)) > 20


def test_limits_hold_over_the_members_kept():
    built = build_hierarchy(mixed_records(11), resolution_km=0.1)
    for rules in (
        {"max_cluster_size": 40},
        {"max_extent_km": 3.0},
        {"min_membership": 0.6},
        {"cluster_selection_method": "distance", "cluster_selection_epsilon_km": 30.0},
    ):
        found = extract_regions(built, **rules)
        assert len(found.regions)
        assert (found.regions["weight"] >= 10).all()
        assert (found.regions["weight"] <= rules.get("max_cluster_size", math.inf)).all()
        assert (found.regions["extent_km"] <= rules.get("max_extent_km", 200.0)).all()
        if "cluster_selection_method" not in rules:
            least = rules.get("min_membership", 0.25)
            assert (found.membership[found.region_of.notna()] >= least).all()
        total = weight_units(built.locations.records["weight"] / WEIGHT_UNIT)
        summed = pd.Series(total, index=found.region_of.index).groupby(found.region_of).sum()
        assert (summed / WEIGHT_UNIT).loc[found.regions.index].tolist() == (
            found.regions["weight"].tolist()
        )


def test_noise_next_to_a_region_says_which():
    found = extract_regions(build_hierarchy(mixed_records(12), resolution_km=0.1))
    near = found.nearest_region.dropna()
    assert len(near) > 0
    assert near.isin(found.regions.index).all()
    assert found.region_of.loc[near.index].isna().all()
    assert (found.membership.loc[near.index] == 0).all()


def test_a_hub_between_two_towns_is_noise_with_a_nearest_region():
    west, east, middle = [(0.000, 0.0)] * 12, [(0.030, 0.0)] * 12, [(0.014, 0.0)]
    longitude, latitude = np.array(west + east + middle).T
    built = build_hierarchy(records_at(longitude, latitude), resolution_km=0.01)
    found = extract_regions(built, cluster_selection_method="leaf")
    assert len(found.regions) == 2
    assert np.isnan(found.region_of.iloc[-1])
    assert found.nearest_region.iloc[-1] == found.region_of.iloc[0]
    assert found.nearest_region.iloc[:-1].isna().all()


def test_region_counts_reuse_one_forest(monkeypatch):
    records = mixed_records(13)
    calls = []
    whole = trees.spanning_forests
    monkeypatch.setattr(
        "geoclust.clustering.build.spanning_forests",
        lambda *args, **named: calls.append(1) or whole(*args, **named),
    )
    table = region_counts(records, max_links_km=[20, 100, 300], resolutions_km=[0.1, 5])
    assert len(calls) == 1
    assert table.index.tolist() == [20, 100, 300]
    for link, floor in itertools.product(table.index, table.columns):
        built = build_hierarchy(records, max_link_km=link, resolution_km=floor)
        assert table.loc[link, floor] == len(extract_regions(built).regions)
    built = build_hierarchy(records, max_link_km=300)
    again = region_counts(built, max_links_km=[20, 100, 300], resolutions_km=[0.1, 5])
    pd.testing.assert_frame_equal(again, table)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("min_samples", 0),
        ("min_samples", 2.5),
        ("min_samples", "5"),
        ("min_samples", math.nan),
        ("resolution_km", "5"),
        ("max_link_km", None),
        ("resolution_km", 0.0),
        ("resolution_km", math.nan),
        ("resolution_km", 200.0),
        ("max_link_km", 0.0),
        ("max_link_km", math.nan),
        ("engine", "sklearn"),
        ("kind_weights", {"patents": 1.0}),
        ("kind_weights", {"patent": 0.0}),
        ("kind_weights", {"firm": 1e12}),
    ],
)
def test_building_refuses(name, value):
    with pytest.raises(ParameterError, match=name if value != {"firm": 1e12} else "weights"):
        build_hierarchy(records_at([1.0] * 9, [2.0] * 9), **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("min_cluster_size", 1),
        ("min_cluster_size", 5.5),
        ("min_cluster_size", math.nan),
        ("min_cluster_size", "10"),
        ("max_extent_km", "200"),
        ("min_membership", None),
        ("cluster_selection_method", "dbscan"),
        ("density_scale", "linear"),
        ("cluster_selection_epsilon_km", -1.0),
        ("cluster_selection_epsilon_km", math.nan),
        ("max_cluster_size", 9),
        ("max_cluster_size", math.nan),
        ("max_extent_km", 0.0),
        ("max_extent_km", math.nan),
        ("min_membership", 1.1),
        ("min_membership", math.nan),
    ],
)
def test_extracting_refuses(name, value):
    built = build_hierarchy(records_at([1.0], [2.0]))
    with pytest.raises(ParameterError, match=name):
        extract_regions(built, **{name: value})


def test_the_cut_of_distance_must_be_known():
    built = build_hierarchy(records_at([1.0], [2.0]))
    for cut in (0.0, 4.9, 101.0):
        with pytest.raises(ParameterError, match="must lie between resolution_km"):
            extract_regions(
                built, cluster_selection_method="distance", cluster_selection_epsilon_km=cut
            )


def test_bad_records_are_refused():
    records = mixed_records(0)
    with pytest.raises(SchemaError, match="latitude"):
        build_hierarchy(records.drop(columns="latitude"))
    with pytest.raises(SchemaError, match="latitudes not within"):
        build_hierarchy(records.assign(latitude=math.nan))


def test_frames_given_are_left_alone():
    records = mixed_records(14)
    before = pd.util.hash_pandas_object(records).tolist(), records.dtypes.tolist()
    built = build_hierarchy(records)
    extract_regions(built)
    once = extract_regions(built)
    same_answer(once, extract_regions(built))
    assert (pd.util.hash_pandas_object(records).tolist(), records.dtypes.tolist()) == before


def test_stages_are_logged(caplog):
    with caplog.at_level("INFO", logger="geoclust.clustering"):
        extract_regions(build_hierarchy(mixed_records(3)))
    said = " ".join(caplog.messages)
    assert "locations" in said
    assert "links" in said
    assert "regions hold" in said


def test_small_inputs_load_no_compiler():
    code = (
        "import sys, numpy as np, pandas as pd, geoclust as gc\n"
        "rng = np.random.default_rng(0)\n"
        "at = rng.integers(0, 12, 2000)\n"
        "table = {'kind': 'firm', 'country': 'FR', 'longitude': at / 2 + rng.normal(0, .02, 2000),"
        " 'latitude': 48 + rng.normal(0, .02, 2000)}\n"
        "found = gc.extract_regions(gc.build_hierarchy(pd.DataFrame(table), resolution_km=1))\n"
        "print(len(found.regions), [m for m in ('numba', 'llvmlite', 'hdbscan', 'sklearn')"
        " if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split(maxsplit=1)[1].strip() == "[]"
    assert int(done.stdout.split()[0]) >= 5


@given(
    places=st.lists(
        st.tuples(st.integers(-1800, 1800), st.integers(-900, 900), st.sampled_from([1, 3, 0.5])),
        max_size=40,
    ),
    repeats=st.integers(1, 6),
    rules=st.fixed_dictionaries(
        {
            "min_cluster_size": st.integers(2, 12),
            "density_scale": st.sampled_from(["log", "inverse"]),
            "cluster_selection_method": st.sampled_from(["eom", "leaf"]),
            "min_membership": st.sampled_from([0.0, 0.25, 1.0]),
            "max_extent_km": st.sampled_from([None, 5.0, 200.0]),
        }
    ),
)
def test_any_records_give_sound_regions(places, repeats, rules):
    longitude, latitude, weight = np.array(places * repeats).reshape(-1, 3).T
    records = records_at(longitude / 10, latitude / 10, weight)
    found = extract_regions(build_hierarchy(records, max_link_km=50), **rules)
    assert np.isfinite(found.membership).all()
    assert found.outlier_score.between(0, 1).all()
    assert (found.regions["weight"] >= rules["min_cluster_size"]).all()
    assert (found.regions["weight"].diff().dropna() <= 0).all()
    assert set(found.region_of.dropna()) == set(found.regions.index)
    assert ((found.membership > 0) == found.region_of.notna()).all()
    assert (found.regions["extent_km"] <= (rules["max_extent_km"] or math.inf)).all()
    back = records.iloc[::-1]
    same_answer(found, extract_regions(build_hierarchy(back, max_link_km=50), **rules))


# ---- real records ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ror_records(shared_data):
    table = pd.read_csv(shared_data / "ror_labs.csv.gz", dtype="str", keep_default_na=False)
    table = table.drop_duplicates("id").set_index("id")
    columns = {
        "kind": np.where(table["types"].str.contains("company"), "firm", "lab"),
        "longitude": table["lng"].astype(float),
        "latitude": table["lat"].astype(float),
        "country": table["country_code"],
        "precision": "city",
    }
    return as_records(pd.DataFrame(columns, index=table.index))


@pytest.mark.shared
def test_research_organisations_of_the_world(ror_records):
    built = build_hierarchy(ror_records)
    assert built.resolution_km == 5.0
    found = extract_regions(built)
    assert (found.regions["extent_km"] <= 200).all()
    assert found.regions["extent_km"].quantile(0.9) < 120
    assert len(found.regions) > 500
    assert {"jp-tokyo", "fr-paris", "gb-london"} <= set(found.regions.index[:10])
    part = ror_records[ror_records["country"] != "AU"]
    without = extract_regions(build_hierarchy(part))
    far = ~found.regions.index.str.startswith("au-")
    same = found.regions[far]
    pd.testing.assert_frame_equal(same, without.regions.loc[same.index])
