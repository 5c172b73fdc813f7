"""Ties between organisations -> network of regions."""

import itertools
import warnings
from fractions import Fraction

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from geoclust.errors import GeoclustWarning, ParameterError, SchemaError
from geoclust.network import brokerage, build_network
from geoclust.schema import as_records
from geoclust.synthetic import toy_world


def organisations() -> tuple[pd.DataFrame, pd.Series]:
    """Three regions x, y, z; lone organisations in Ireland and in no known country; a patent."""
    rows = {
        "x1": ("firm", "GB", "x"),
        "x2": ("lab", "GB", "x"),
        "y1": ("lab", "IE", "y"),
        "y2": ("firm", "GB", "y"),
        "y3": ("patent", "IE", "y"),
        "z1": ("lab", "FR", "z"),
        "i1": ("lab", "IE", None),
        "u1": ("firm", None, None),
        "n1": ("patent", "NO", None),
    }
    table = pd.DataFrame(rows, index=["kind", "country", "region"]).T
    table["longitude"], table["latitude"] = 0.0, 50.0
    region_of = table.pop("region").astype("str").rename("region_id")
    records = as_records(table)
    return records, region_of


def ties(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["organisation_a", "organisation_b", "weight"])


TIES = (
    ("x1", "x2", 1.0),  # internal, industry
    ("x2", "x1", 2.0),  # the same pair again, the other way round
    ("x2", "y1", 1.0),  # lab to lab
    ("y2", "x2", 0.5),  # industry
    ("y1", "z1", 4.0),  # lab to lab
    ("i1", "z1", 1.0),  # from a lone lab
    ("u1", "x1", 1.0),  # from a lone firm of no known country
)


def test_hand_computed_table():
    records, region_of = organisations()
    network = build_network(ties(*TIES), region_of, records)
    want = pd.DataFrame(
        {
            "tie_count": [4, 3, 2],
            "tie_weight": [5.5, 5.5, 5.0],
            "internal_tie_count": [1, 0, 0],
            "external_tie_count": [3, 3, 2],
            "industry_tie_count": [3, 1, 0],
            "external_tie_share": [0.75, 1.0, 1.0],
            # in between, for pairs of {x, y, z, IE, unknown}:
            # x: unknown with y, z, IE = 3; y: x-z, x-IE, unknown-z, unknown-IE = 4;
            # z: IE with x, y, unknown = 3; each / ((3-1)(3-2)/2)
            "brokerage": [3.0, 4.0, 3.0],
        },
        index=pd.Index(["x", "y", "z"], name="region_id"),
    )
    pd.testing.assert_frame_equal(network.table, want, check_index_type=False)
    assert network.brokerage_zero_share == 0.0


def test_nodes_edges_and_pairs():
    records, region_of = organisations()
    network = build_network(ties(*TIES), region_of, records)
    assert network.nodes.reset_index().fillna("?").to_numpy().tolist() == [
        ["x", "region", "GB"],
        ["y", "region", "IE"],
        ["z", "region", "FR"],
        ["country:IE", "country", "IE"],
        ["country:unknown", "country", "?"],
    ]
    assert network.edges.to_numpy().tolist() == [
        ["x", "y", 1.5, 2],
        ["x", "country:unknown", 1.0, 1],
        ["y", "z", 4.0, 1],
        ["z", "country:IE", 1.0, 1],
    ]
    first = network.pairs.set_index(["organisation_a", "organisation_b"]).loc[("x1", "x2")]
    assert first.to_dict() == {"weight": 3.0, "node_a": "x", "node_b": "x", "industry": True}
    assert len(network.pairs) == 6
    assert "3 regions and 2 country nodes; 6 tied pairs, 4 edges" in repr(network)


def test_ties_that_are_none_are_left_out_with_a_warning():
    records, region_of = organisations()
    odd = ties(("x1", "x1", 1), ("x1", "y3", 1), ("x1", "nobody", 1), (None, "x1", 1), *TIES)
    with pytest.warns(GeoclustWarning, match="4 of 11 ties left out"):
        network = build_network(odd, region_of, records)
    clean = build_network(ties(*TIES), region_of, records)
    pd.testing.assert_frame_equal(network.pairs, clean.pairs)


def test_missing_weight_counts_as_one():
    records, region_of = organisations()
    network = build_network(ties(("x1", "y1", np.nan)), region_of, records)
    assert network.pairs["weight"].tolist() == [1.0]
    bare = ties(("x1", "y1", 1)).drop(columns="weight")
    assert build_network(bare, region_of, records).pairs["weight"].tolist() == [1.0]


def test_fractional_weights_sum_exactly():
    """Seven sevenths are one, in any order."""
    records, region_of = organisations()
    network = build_network(ties(*[("x1", "y1", 1 / 7)] * 7), region_of, records)
    assert network.pairs["weight"].tolist() == [1.0]


def test_no_ties_is_zero_not_missing():
    records, region_of = organisations()
    table = build_network(ties(), region_of, records).table
    assert table.drop(columns="external_tie_share").eq(0).all(axis=None)
    assert table["external_tie_share"].isna().all()


def test_below_three_regions_brokerage_is_missing():
    records, region_of = organisations()
    two = region_of.where(region_of != "z")
    network = build_network(ties(*TIES), two, records)
    assert network.table["brokerage"].isna().all()
    assert np.isnan(network.brokerage_zero_share)
    assert "brokerage missing" in repr(network)


def test_no_region_at_all():
    records, region_of = organisations()
    nowhere = region_of.where(region_of == "")
    network = build_network(ties(*TIES), nowhere, records)
    assert network.table.empty
    assert set(network.nodes["kind"]) == {"country"}


def test_row_order_does_not_matter():
    world = toy_world(3)
    base = build_network(world.ties, world.town_of, world.records)
    mixed = world.ties.sample(frac=1, random_state=1)
    flipped = mixed.rename(
        columns={"organisation_a": "organisation_b", "organisation_b": "organisation_a"}
    )
    records = world.records.sample(frac=1, random_state=2)
    other = build_network(flipped, world.town_of.sample(frac=1, random_state=3), records)
    for part in ("nodes", "edges", "pairs", "table"):
        pd.testing.assert_frame_equal(getattr(base, part), getattr(other, part), check_exact=True)


def test_inputs_unchanged():
    world = toy_world()
    tables = (world.ties, world.town_of, world.records)
    before = [pd.util.hash_pandas_object(table).sum() for table in tables]
    build_network(*tables)
    assert before == [pd.util.hash_pandas_object(table).sum() for table in tables]


def test_refusals():
    records, region_of = organisations()
    with pytest.raises(SchemaError, match="organisation_b"):
        build_network(ties().drop(columns="organisation_b"), region_of, records)
    with pytest.raises(ParameterError, match="region_of lacks 1 of 9 records, first 'x1'"):
        build_network(ties(), region_of.drop("x1"), records)
    with pytest.raises(ParameterError, match="rename"):
        build_network(ties(), region_of.replace("x", "country:GB"), records)


def random_edges(rng: np.random.Generator, names: list[str], weights: list[float]) -> pd.DataFrame:
    pairs = [p for p in itertools.combinations(names, 2) if rng.random() < 0.4]
    rows = [(a, b, float(rng.choice(weights))) for a, b in pairs]
    return pd.DataFrame(rows, columns=["node_a", "node_b", "weight"])


@pytest.mark.parametrize("seed", range(100))
def test_brokerage_equals_networkx_without_countries(seed: int):
    """Weights of powers of two give lengths that add up exactly, so that networkx sees ties."""
    rng = np.random.default_rng(seed)
    names = [f"r{i:02d}" for i in range(int(rng.integers(3, 25)))]
    edges = random_edges(rng, names, [0.5, 1.0, 2.0, 4.0])
    graph = nx.Graph()
    graph.add_nodes_from(names)
    graph.add_weighted_edges_from(
        [(a, b, 1 / w) for a, b, w in edges.itertuples(index=False)], weight="length"
    )
    want = nx.betweenness_centrality(graph, weight="length", normalized=True)
    got = brokerage(pd.DataFrame({"kind": "region"}, index=names), edges)
    assert got.to_dict() == pytest.approx(want, abs=1e-11)


def by_brute_force(names: list[str], regions: list[str], edges: pd.DataFrame) -> dict[str, float]:
    """Betweenness from all simple paths, lengths as fractions, no country in between."""
    graph = nx.Graph()
    graph.add_nodes_from(names)
    for a, b, weight in edges.itertuples(index=False):
        graph.add_edge(a, b, length=Fraction(1, int(weight)))
    through = dict.fromkeys(regions, Fraction(0))
    for source, target in itertools.combinations(names, 2):
        paths = [
            path
            for path in nx.all_simple_paths(graph, source, target)
            if all(node in through for node in path[1:-1])
        ]
        lengths = [
            sum(graph.edges[edge]["length"] for edge in itertools.pairwise(p)) for p in paths
        ]
        shortest = [p for p, n in zip(paths, lengths, strict=True) if n == min(lengths)]
        for path in shortest:
            for node in path[1:-1]:
                through[node] += Fraction(1, len(shortest))
    n = len(regions)
    return {node: float(value / Fraction((n - 1) * (n - 2), 2)) for node, value in through.items()}


@pytest.mark.parametrize("seed", range(40))
def test_brokerage_equals_its_definition_with_countries(seed: int):
    """Thirds and sixths make equal lengths that floating point tells apart."""
    rng = np.random.default_rng(seed)
    regions = [f"r{i}" for i in range(int(rng.integers(3, 6)))]
    countries = [f"country:{i}" for i in range(int(rng.integers(0, 4)))]
    names = regions + countries
    edges = random_edges(rng, names, [1, 2, 3, 6])
    kind = ["region"] * len(regions) + ["country"] * len(countries)
    got = brokerage(pd.DataFrame({"kind": kind}, index=names), edges)
    assert got.to_dict() == pytest.approx(by_brute_force(names, regions, edges), abs=1e-11)


def test_a_country_is_never_in_between():
    nodes = pd.DataFrame({"kind": ["region"] * 3 + ["country"]}, index=["a", "b", "c", "d"])
    star = pd.DataFrame({"node_a": ["a", "b", "c"], "node_b": "d", "weight": 1.0})
    assert brokerage(nodes, star).tolist() == [0.0, 0.0, 0.0]
    as_region = brokerage(nodes.assign(kind="region"), star)
    assert as_region["d"] == 1.0


def test_very_unlike_weights_keep_their_paths():
    nodes = pd.DataFrame({"kind": "region"}, index=list("abcd"))
    edges = pd.DataFrame({"node_a": list("abc"), "node_b": list("bcd"), "weight": [1e5, 1e-3, 1e5]})
    assert brokerage(nodes, edges).tolist() == [0.0, pytest.approx(2 / 3), pytest.approx(2 / 3), 0]


def test_hundreds_of_nodes():
    rng = np.random.default_rng(0)
    names = [f"r{i:04d}" for i in range(400)]
    a, b = rng.integers(0, 400, (2, 6000))
    keep = a < b
    edges = pd.DataFrame({"a": a[keep], "b": b[keep]}).drop_duplicates()
    edges = pd.DataFrame(
        {
            "node_a": np.array(names)[edges["a"]],
            "node_b": np.array(names)[edges["b"]],
            "weight": rng.integers(1, 9, len(edges)).astype(float),
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value = brokerage(pd.DataFrame({"kind": "region"}, index=names), edges)
    assert value.between(0, 1).all()
    assert value.max() > 0
