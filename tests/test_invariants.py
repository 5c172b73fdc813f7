"""What must hold whatever the data: row order, files, weights, and callers' tables untouched."""

import hashlib

import numpy as np
import pandas as pd
import pytest

import geoclust as gc


def digest(table: pd.DataFrame) -> str:
    values = pd.util.hash_pandas_object(table.astype(object).astype(str), index=True)
    names = "".join(map(str, table.columns)) + "".join(map(str, table.dtypes))
    return hashlib.sha256(values.to_numpy().tobytes() + names.encode()).hexdigest()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    gc.synthetic.write_toy_world(folder, seed=3)
    return folder


def test_no_public_function_changes_its_inputs(world):
    inputs = gc.read_inputs(world)
    tables = {"records": inputs.records, "ties": inputs.ties, "places": inputs.places}
    seen = {}

    def watch(**more):
        tables.update(more)
        for name, table in tables.items():
            assert seen.setdefault(name, digest(table)) == digest(table), name

    watch()
    hierarchy = gc.build_hierarchy(inputs.records)
    watch()
    clustering = gc.extract_regions(hierarchy, min_cluster_size=8)
    watch(region_of=clustering.region_of.to_frame(), found=clustering.regions)
    gc.region_counts(hierarchy)
    watch()
    for method in ("reach", "concave_hull", "convex_hull"):
        regions = gc.delineate(inputs.records, clustering.region_of, method=method)
        watch()
    network = gc.build_network(inputs.ties, clustering.region_of, inputs.records)
    watch(regions=pd.DataFrame(regions), network=network.table)
    indicators = gc.measure(
        inputs.records, clustering.region_of, regions, network=network, places=inputs.places
    )
    watch(indicators=indicators)
    status = gc.classify(indicators)
    watch(status=status.table)
    gc.score(indicators)
    gc.threshold_frontier(indicators, gc.Thresholds())
    gc.as_records(inputs.records)
    gc.geocode(pd.DataFrame({"place": ["Cambridge"], "country": ["GB"]}))
    gc.read_records(inputs.records)
    gc.read_ties(inputs.ties)
    gc.read_places(inputs.places)
    watch()


def shuffled_copy(source, target, seed, parts=1):
    """The tables of `source` with rows in another order, each split over `parts` files."""
    target.mkdir()
    rng = np.random.default_rng(seed)
    for path in sorted(source.glob("*.csv")):
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        table = table.iloc[rng.permutation(len(table))]
        pieces = np.array_split(np.arange(len(table)), parts)
        for number, piece in enumerate(pieces):
            name = path.name if parts == 1 else f"{path.stem}_{number}.csv"
            table.iloc[piece].to_csv(target / name, index=False)
    return target


@pytest.mark.parametrize("parts", [1, 3])
def test_row_order_and_files_change_no_byte(world, tmp_path, parts):
    copy = shuffled_copy(world, tmp_path / "copy", 7, parts)
    for folder, out in ((world, "a"), (copy, "b")):
        gc.write_study(gc.run_study(folder), tmp_path / out)
    for name in (
        "regions.csv",
        "scores.csv",
        "gaps.csv",
        "briefs.csv",
        "network.csv",
        "network_edges.csv",
        "partners.csv",
        "peers.csv",
        "drivers.csv",
        "regions.geojson",
        "records.csv",
    ):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_a_row_of_weight_w_equals_w_rows(world):
    records = gc.read_inputs(world).records
    weight = np.random.default_rng(2).integers(1, 4, len(records))
    heavy = gc.as_records(records.assign(weight=weight.astype(float)))
    copies = records.loc[records.index.repeat(weight)].copy()
    copies.index = [f"{name}#{n}" for n, name in enumerate(copies.index)]
    copies = gc.as_records(copies)
    found = {}
    for name, table in (("heavy", heavy), ("copies", copies)):
        clustering = gc.extract_regions(gc.build_hierarchy(table))
        found[name] = clustering, gc.delineate(table, clustering.region_of)
    (one, drawn_one), (many, drawn_many) = found["heavy"], found["copies"]
    assert len(one.regions) > 1
    assert one.regions[["weight", "persistence", "birth_km"]].equals(
        many.regions[["weight", "persistence", "birth_km"]]
    )
    original = many.region_of.index.str.split("#").str[0]
    for name in ("region_of", "membership", "outlier_score"):
        spread = getattr(one, name).reindex(original)
        pd.testing.assert_series_equal(
            spread.reset_index(drop=True),
            getattr(many, name).reset_index(drop=True),
            check_names=False,
            check_exact=True,
        )
    both = drawn_one.geometry.sort_index(), drawn_many.geometry.sort_index()
    assert [a.wkb for a in both[0]] == [b.wkb for b in both[1]]


def test_a_far_away_country_changes_nothing(world):
    records = gc.read_inputs(world).records
    far = gc.synthetic.one_city_country(seed=5).records.copy()
    far["longitude"] -= 90
    far.index = "far-" + far.index
    both = gc.as_records(pd.concat([records, far]))
    alone = gc.extract_regions(gc.build_hierarchy(records, resolution_km=1.0))
    together = gc.extract_regions(gc.build_hierarchy(both, resolution_km=1.0))
    pd.testing.assert_series_equal(
        together.region_of[records.index], alone.region_of[records.index]
    )
