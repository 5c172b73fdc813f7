"""Ties between organisations -> network of regions."""

import itertools
import subprocess
import sys
import warnings
from fractions import Fraction

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from geoclust.errors import GeoclustWarning, ParameterError, SchemaError
from geoclust.network import (
    Network,
    bridgeness,
    bridging,
    brokerage,
    brokerage_z,
    build_network,
    compiled,
    constraint,
    key_partners,
    participation,
    plain,
    project_ties,
    rewiring,
    roles,
)
from geoclust.network.betweenness import pays, through
from geoclust.network.links import Links, links_of
from geoclust.schema import TIE_DTYPES, as_records
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


# --- two ways to the same numbers ------------------------------------------------------------


def random_links(seed: int, *, most: int = 60) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes of both kinds and edges, sparse or dense, of few or of many different weights."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, most))
    names = [f"n{i:03d}" for i in range(n)]
    is_region = rng.random(n) > 0.2
    nodes = pd.DataFrame(
        {
            "kind": np.where(is_region, "region", "country"),
            "country": np.array(["AT", "BE", "CH", None], dtype=object)[rng.integers(0, 4, n)],
        },
        index=pd.Index(names, name="node"),
    )
    density = float(rng.choice([0.03, 0.1, 0.5, 0.9]))
    pairs = [p for p in itertools.combinations(names, 2) if rng.random() < density]
    steps = [
        np.ones,
        lambda k: rng.integers(1, 7, k),
        lambda k: rng.lognormal(0, 2, k),
    ]
    weight = steps[seed % 3](len(pairs)).astype(float)
    edges = pd.DataFrame(pairs, columns=["node_a", "node_b"]).astype("str").assign(weight=weight)
    return nodes, edges


def as_network(nodes: pd.DataFrame, edges: pd.DataFrame) -> Network:
    return Network(nodes, edges, pd.DataFrame(), pd.DataFrame(), np.nan)


@pytest.mark.parametrize("seed", range(60))
def test_compiled_paths_equal_plain_ones(seed: int):
    nodes, edges = random_links(seed)
    links = links_of(nodes, edges)
    plain_total, fast_total = (through(links, compiled=way) for way in (False, True))
    regions = links.is_region
    np.testing.assert_allclose(fast_total[regions], plain_total[regions], rtol=1e-9, atol=1e-9)
    for fast, slow in zip(compiled.all_pairs(links), plain.all_pairs(links), strict=True):
        np.testing.assert_allclose(fast, slow, rtol=1e-9)


def test_compiled_paths_equal_plain_ones_where_bounds_matter():
    """Large enough for far nodes to be listed, with stragglers, two parts and lone nodes."""
    rng = np.random.default_rng(5)
    a, b = np.sort(rng.integers(0, 500, (2, 6000)), axis=0)
    keep = (a < b) & ((a < 250) == (b < 250))
    cell = np.unique(a[keep] * 560 + b[keep])
    tails = np.arange(500, 550)
    a, b = np.r_[cell // 560, tails - 500, tails[:-1]], np.r_[cell % 560, tails, tails[1:]]
    is_region = rng.random(560) > 0.1
    for weight in (np.ones(len(a)), rng.integers(1, 5, len(a)), rng.lognormal(0, 2, len(a))):
        links = Links(is_region, np.arange(560), a, b, weight.astype(float))
        totals = [through(links, compiled=way)[is_region] for way in (False, True)]
        np.testing.assert_allclose(totals[1], totals[0], rtol=1e-9, atol=1e-9)


def test_large_networks_are_compiled_and_small_ones_are_not():
    nodes, edges = random_links(1)
    assert not pays(links_of(nodes, edges))
    assert pays(links_of(nodes, edges), graphs=10**6)


def test_small_networks_start_no_compiler():
    code = (
        "import sys\nfrom geoclust.network import *\nfrom geoclust.synthetic import toy_world\n"
        "world = toy_world()\n"
        "network = build_network(world.ties, world.town_of, world.records)\n"
        "bridgeness(network)\nbrokerage_z(network)\nprint('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# --- bridgeness ------------------------------------------------------------------------------


def bridgeness_by_brute_force(nodes: pd.DataFrame, edges: pd.DataFrame) -> dict[str, float]:
    """All simple paths, lengths as fractions, pairs of nodes beyond the neighbourhood."""
    regions = set(nodes.index[nodes["kind"] == "region"])
    graph = nx.Graph()
    graph.add_nodes_from(nodes.index)
    for a, b, weight in edges[["node_a", "node_b", "weight"]].itertuples(index=False):
        graph.add_edge(a, b, length=Fraction(1, int(weight)))
    found = dict.fromkeys([name for name in nodes.index if name in regions], Fraction(0))
    for source, target in itertools.combinations(nodes.index, 2):
        paths = [
            path
            for path in nx.all_simple_paths(graph, source, target)
            if all(node in regions for node in path[1:-1])
        ]
        lengths = [sum(graph.edges[e]["length"] for e in itertools.pairwise(p)) for p in paths]
        shortest = [p for p, n in zip(paths, lengths, strict=True) if n == min(lengths)]
        for path in shortest:
            for node in path[1:-1]:
                if source not in graph[node] and target not in graph[node]:
                    found[node] += Fraction(1, len(shortest))
    n = len(regions)
    return {name: float(value * 2 / ((n - 1) * (n - 2))) for name, value in found.items()}


@pytest.mark.parametrize("way", [False, True], ids=["plain", "compiled"])
@pytest.mark.parametrize("seed", range(30))
def test_bridgeness_equals_its_definition(seed: int, way, monkeypatch):
    monkeypatch.setattr(bridging, "pays", lambda _: way)
    rng = np.random.default_rng(seed)
    regions = [f"r{i}" for i in range(int(rng.integers(3, 7)))]
    countries = [f"country:{i}" for i in range(int(rng.integers(0, 3)))]
    names = regions + countries
    edges = random_edges(rng, names, [1, 2, 3, 6])
    kind = ["region"] * len(regions) + ["country"] * len(countries)
    nodes = pd.DataFrame({"kind": kind, "country": "AT"}, index=pd.Index(names, name="node"))
    got = bridgeness(as_network(nodes, edges))
    assert got.to_dict() == pytest.approx(bridgeness_by_brute_force(nodes, edges), abs=1e-11)


def test_bridgeness_leaves_local_centres_out():
    """On a path of five, only the middle joins two nodes that are not its neighbours."""
    nodes = pd.DataFrame({"kind": "region", "country": "AT"}, index=list("abcde"))
    line = pd.DataFrame({"node_a": list("abcd"), "node_b": list("bcde"), "weight": 1.0})
    assert bridgeness(as_network(nodes, line)).tolist() == [0, 0, pytest.approx(1 / 6), 0, 0]
    star = pd.DataFrame({"node_a": "a", "node_b": list("bcde"), "weight": 1.0})
    assert bridgeness(as_network(nodes, star)).tolist() == [0.0] * 5
    assert bridgeness(as_network(nodes[:2], line[:1])).isna().all()


@pytest.mark.parametrize("seed", range(40))
def test_bridgeness_compiled_equals_plain(seed: int):
    links = links_of(*random_links(seed))
    found = [bridging._bridgeness(links, compiled=way) for way in (False, True)]
    np.testing.assert_allclose(found[1], found[0], atol=1e-10)


@pytest.mark.parametrize("seed", range(20))
def test_bridgeness_summed_either_way(seed: int):
    """Over the pairs beyond the neighbours, or as all pairs less those that end in them."""
    nodes, edges = random_links(seed)
    links = links_of(nodes, edges)
    shortest = bridging._Shortest(*plain.all_pairs(links))
    total = through(links, compiled=False)
    for v in np.flatnonzero((total > 0) & links.is_region):
        near = np.r_[links.b[links.a == v], links.a[links.b == v]]
        far = np.setdiff1d(np.arange(len(nodes)), np.r_[near, v])
        want = bridging._shares(shortest, v, far, far).sum()
        assert bridging._beyond_neighbours(shortest, v, near, total[v]) == pytest.approx(
            want, abs=1e-8
        )


# --- constraint and participation ------------------------------------------------------------


@pytest.mark.parametrize("seed", range(100))
def test_constraint_equals_networkx(seed: int):
    nodes, edges = random_links(seed, most=14)
    graph = nx.Graph()
    graph.add_nodes_from(nodes.index)
    graph.add_weighted_edges_from(edges[["node_a", "node_b", "weight"]].itertuples(index=False))
    regions = nodes.index[nodes["kind"] == "region"]
    want = nx.constraint(graph, nodes=list(regions), weight="weight")
    got = constraint(as_network(nodes, edges))
    assert got.to_dict() == pytest.approx(want, abs=1e-10, nan_ok=True)
    assert got.index.name == "region_id"


@pytest.mark.parametrize("seed", range(100))
def test_participation_equals_its_definition(seed: int):
    nodes, edges = random_links(seed, most=25)
    turned = edges.rename(columns={"node_a": "node_b", "node_b": "node_a"})
    both = pd.concat([edges, turned])
    country = nodes["country"].fillna(pd.Series(nodes.index, nodes.index))
    want = {}
    for name in nodes.index[nodes["kind"] == "region"]:
        mine = both[both["node_a"] == name]
        share = mine.groupby(mine["node_b"].map(country))["weight"].sum() / mine["weight"].sum()
        want[name] = 1 - (share**2).sum() if len(mine) else np.nan
    got = participation(as_network(nodes, edges))
    assert got.to_dict() == pytest.approx(want, abs=1e-11, nan_ok=True)


# --- roles -----------------------------------------------------------------------------------


def roles_by_brute_force(nodes: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """Gould and Fernandez over every unordered pair of ends."""
    tied = {frozenset(pair) for pair in edges[["node_a", "node_b"]].itertuples(index=False)}
    country = nodes["country"].fillna(pd.Series(nodes.index, nodes.index))
    rows = {}
    for broker in nodes.index[nodes["kind"] == "region"]:
        count = dict.fromkeys(["coordinator", "itinerant", "gatekeeper_representative"], 0)
        count["liaison"] = 0
        for a, c in itertools.combinations([n for n in nodes.index if n != broker], 2):
            if {frozenset([a, broker]), frozenset([c, broker])} <= tied and (
                frozenset([a, c]) not in tied
            ):
                A, B, C = country[a], country[broker], country[c]  # noqa: N806
                if A == B == C:
                    count["coordinator"] += 1
                elif A == C:
                    count["itinerant"] += 1
                elif B in (A, C):
                    count["gatekeeper_representative"] += 1
                else:
                    count["liaison"] += 1
        rows[broker] = count
    columns = ["coordinator", "itinerant", "gatekeeper_representative", "liaison"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return table.assign(total=table.sum(axis=1)).astype("int64")


@pytest.mark.parametrize("seed", range(60))
def test_roles_equal_brute_force(seed: int):
    nodes, edges = random_links(seed, most=20)
    want = roles_by_brute_force(nodes, edges)
    got = roles(as_network(nodes, edges))
    pd.testing.assert_frame_equal(got, want, check_names=False, check_index_type=False)


@pytest.mark.parametrize(
    ("countries", "role"),
    [
        ("AAA", "coordinator"),
        ("ABA", "itinerant"),
        ("ABB", "gatekeeper_representative"),
        ("AAB", "gatekeeper_representative"),
        ("ABC", "liaison"),
    ],
)
def test_the_five_types_of_gould_and_fernandez(countries: str, role: str):
    """a - b - c with b in between; a tie between a and c ends the brokerage."""
    nodes = pd.DataFrame({"kind": "region", "country": list(countries)}, index=list("abc"))
    line = pd.DataFrame({"node_a": ["a", "b"], "node_b": ["b", "c"], "weight": 1.0})
    found = roles(as_network(nodes, line))
    assert found.loc["b"].to_dict() == {**dict.fromkeys(found, 0), role: 1, "total": 1}
    assert found.drop(index="b").eq(0).all(axis=None)
    closed = pd.concat([line, pd.DataFrame({"node_a": ["a"], "node_b": ["c"], "weight": [1.0]})])
    assert roles(as_network(nodes, closed)).eq(0).all(axis=None)


# --- rewiring --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_rewiring_keeps_degrees_and_weights(seed: int):
    nodes, edges = random_links(seed)
    links = links_of(nodes, edges)
    found = [
        rewiring.rewire(links, np.random.default_rng(seed), compiled=way) for way in (False, True)
    ]
    for new in found:
        assert (new.a != new.b).all()
        assert len({frozenset(pair) for pair in zip(new.a, new.b, strict=True)}) == len(links.a)
        degrees = [
            np.bincount(np.r_[part.a, part.b], minlength=len(nodes)) for part in (links, new)
        ]
        assert (degrees[0] == degrees[1]).all()
        assert sorted(new.weight) == sorted(links.weight)
    assert (found[0].a == found[1].a).all()
    assert (found[0].b == found[1].b).all()


def test_rewiring_forgets_the_observed_edges():
    rng = np.random.default_rng(0)
    a, b = np.sort(rng.integers(0, 200, (2, 1500)), axis=0)
    cell = np.unique((a * 200 + b)[a < b])
    ones = np.ones(len(cell))
    links = Links(np.ones(200, bool), np.arange(200), cell // 200, cell % 200, ones)
    new = rewiring.rewire(links, rng, compiled=False)
    kept = np.isin(np.minimum(new.a, new.b) * 200 + np.maximum(new.a, new.b), cell).mean()
    assert kept < 0.15  # a network of 7.5% of all edges shares about that many by chance


def test_rewiring_reaches_all_networks_alike():
    """Six nodes of degree one: fifteen matchings, each equally likely (chi-square, 1 in 1000)."""
    links = Links(
        np.ones(6, bool), np.arange(6), np.array([0, 2, 4]), np.array([1, 3, 5]), np.ones(3)
    )
    rng = np.random.default_rng(1)
    seen: dict[frozenset, int] = {}
    for _ in range(3000):
        new = rewiring.rewire(links, rng, compiled=True)
        key = frozenset(frozenset(pair) for pair in zip(new.a, new.b, strict=True))
        seen[key] = seen.get(key, 0) + 1
    assert len(seen) == 15
    assert sum((count - 200) ** 2 / 200 for count in seen.values()) < 36.1


def two_groups() -> Network:
    """Two groups of eight, all tied within, joined by region m alone."""
    groups = [[f"{g}{i}" for i in range(8)] for g in "ab"]
    pairs = [pair for group in groups for pair in itertools.combinations(group, 2)]
    pairs += [("a0", "m"), ("b0", "m")]
    nodes = pd.DataFrame({"kind": "region", "country": "AT"}, index=[*groups[0], *groups[1], "m"])
    edges = pd.DataFrame(pairs, columns=["node_a", "node_b"]).assign(weight=1.0)
    return as_network(nodes, edges)


def test_a_bridge_stands_out_against_rewirings():
    found = brokerage_z(two_groups(), rewirings=200)
    assert found["z"].idxmax() == "m"
    assert found.loc["m", "z"] > 5
    assert found.loc["m", "null_share_at_least"] == 0
    assert found.loc["a3", "z"] < 0


def test_the_seed_alone_decides_the_rewirings():
    found = brokerage_z(two_groups(), rewirings=40)
    pd.testing.assert_frame_equal(found, brokerage_z(two_groups(), rewirings=40))
    other = brokerage_z(two_groups(), rewirings=40, seed=1)
    assert not found["null_mean"].equals(other["null_mean"])
    assert (found["null_mean"] - other["null_mean"]).abs().max() < 0.2


@pytest.mark.parametrize("measure", ["betweenness", "bridgeness", "constraint", "participation"])
def test_z_scores_of_every_measure(measure: str, monkeypatch):
    """Compiled with any number of threads as plain; the observed values are the measure's own."""
    nodes, edges = random_links(8)
    network = as_network(nodes, edges)
    want = brokerage_z(network, measure=measure, rewirings=12)
    monkeypatch.setattr(rewiring, "pays", lambda *_: True)
    for workers in (1, 3):
        got = brokerage_z(network, measure=measure, rewirings=12, workers=workers)
        pd.testing.assert_frame_equal(got, want, rtol=1e-8, atol=1e-9)
    own = {
        "betweenness": brokerage(nodes, edges),
        "bridgeness": bridgeness(network),
        "constraint": 1 - constraint(network),
        "participation": participation(network),
    }[measure]
    np.testing.assert_allclose(want["brokerage"], own, atol=1e-11)


def test_z_is_missing_where_nothing_varies():
    """In a complete network no swap is possible, and equal weights permute to themselves."""
    names = list("abcde")
    nodes = pd.DataFrame({"kind": "region", "country": "AT"}, index=names)
    pairs = list(itertools.combinations(names, 2))
    edges = pd.DataFrame(pairs, columns=["node_a", "node_b"]).assign(weight=1.0)
    found = brokerage_z(as_network(nodes, edges), rewirings=5)
    assert found["z"].isna().all()
    assert found["null_sd"].eq(0).all()
    few = brokerage_z(as_network(nodes[:2], edges[:1]), rewirings=5)
    assert few.isna().all(axis=None)
    none = brokerage_z(as_network(nodes, edges[:0]), rewirings=5)
    assert none["z"].isna().all()
    assert none["brokerage"].eq(0).all()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"measure": "degree"}, "choose one of betweenness, bridgeness"),
        ({"rewirings": 1}, "at least 2"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_rewiring_refuses(wrong: dict[str, object], message: str):
    with pytest.raises(ParameterError, match=message):
        brokerage_z(two_groups(), **wrong)


# --- brokerage by another measure, projects, partners -----------------------------------------


def test_brokerage_measure_is_chosen():
    world = toy_world()
    tables = world.ties, world.town_of, world.records
    base = build_network(*tables)
    assert base.brokerage_measure == "betweenness"
    for measure, want in (
        ("bridgeness", bridgeness(base)),
        ("constraint", 1 - constraint(base)),
        ("participation", participation(base)),
    ):
        network = build_network(*tables, brokerage_measure=measure)
        assert network.brokerage_measure == measure
        np.testing.assert_allclose(network.table["brokerage"], want, atol=1e-12)
        rest = base.table.drop(columns="brokerage")
        pd.testing.assert_frame_equal(network.table.drop(columns="brokerage"), rest)
    with pytest.raises(ParameterError, match="brokerage_measure is 'degree'"):
        build_network(*tables, brokerage_measure="degree")


def test_a_project_of_n_partners_is_shared():
    """Each partner's ties within one project sum to its weight."""
    records, region_of = organisations()
    members = pd.DataFrame(
        {
            "project": ["p"] * 4 + ["q"] * 2 + ["alone", None],
            "organisation": ["x1", "x2", "y1", "y1", "x1", "z1", "x1", "y1"],
            "weight": [1.0] * 4 + [2.0] * 2 + [1.0] * 2,
        }
    )
    rows = project_ties(members)
    assert rows["project"].tolist() == ["p", "p", "p", "q"]
    assert rows["partner_count"].tolist() == [3, 3, 3, 2]
    assert list(rows.columns[: len(TIE_DTYPES)]) == list(TIE_DTYPES)
    pairs = build_network(rows, region_of, records).pairs
    assert pairs.set_index(["organisation_a", "organisation_b"])["weight"].to_dict() == {
        ("x1", "x2"): 0.5,
        ("x1", "y1"): 0.5,
        ("x1", "z1"): 2.0,
        ("x2", "y1"): 0.5,
    }


def test_rows_of_no_project_count_whole_and_unknown_partners_count():
    records, region_of = organisations()
    rows = ties(("x1", "y1", 1.0), ("x1", "y1", 1.0), ("y1", "nobody", 1.0), ("x1", "nobody", 1.0))
    rows["project"] = pd.Series([np.nan, "p", "p", "p"], dtype="str")
    with pytest.warns(GeoclustWarning, match="2 of 4 ties left out"):
        pairs = build_network(rows, region_of, records).pairs
    assert pairs["weight"].tolist() == [1.5]


def test_a_stated_number_of_partners_goes_before_those_named():
    records, region_of = organisations()
    members = pd.DataFrame(
        {"project": "p", "organisation": ["x1", "x2", "y1"], "partner_count": 11}
    )
    pairs = build_network(project_ties(members), region_of, records).pairs
    assert pairs["weight"].tolist() == [0.1] * 3


def test_key_partners_by_hand():
    records, region_of = organisations()
    records["name"] = ["X One", "X Two", "Y One", "Y Two", "Y Three", "Z One", "I One", None, "N"]
    network = build_network(ties(*TIES), region_of, records)
    found = key_partners(network, records, n=2)
    assert found.drop(columns=["name", "country"]).to_numpy().tolist() == [
        ["x", "industry", 1, "u1", "country:unknown", 1.0, 1],
        ["x", "industry", 2, "y2", "y", 0.5, 1],
        ["x", "research", 1, "y1", "y", 1.0, 1],
        ["y", "research", 1, "z1", "z", 4.0, 1],
        ["y", "research", 2, "x2", "x", 1.5, 2],
        ["z", "research", 1, "y1", "y", 4.0, 1],
        ["z", "research", 2, "i1", "country:IE", 1.0, 1],
    ]
    assert found["name"].isna().tolist() == [True] + [False] * 6
    one = key_partners(network, records, n=1)
    pd.testing.assert_frame_equal(one, found[found["rank"] == 1].reset_index(drop=True))


def test_equal_partners_share_the_better_rank():
    records, region_of = organisations()
    network = build_network(ties(("x1", "y1", 1), ("x1", "z1", 1)), region_of, records)
    mine = key_partners(network, records).query("region_id == 'x'")
    assert mine["record_id"].tolist() == ["y1", "z1"]
    assert mine["rank"].tolist() == [1, 1]


def test_key_partners_refuses():
    records, region_of = organisations()
    network = build_network(ties(*TIES), region_of, records)
    with pytest.raises(ParameterError, match="n is 0"):
        key_partners(network, records, n=0)
    with pytest.raises(ParameterError, match="records lack 1 organisations"):
        key_partners(network, records.drop("z1"))
    empty = build_network(ties(), region_of, records)
    assert key_partners(empty, records).empty


def test_views_of_a_network_leave_it_unchanged():
    world = toy_world()
    network = build_network(world.ties, world.town_of, world.records)
    parts = ("nodes", "edges", "pairs", "table")
    before = {part: getattr(network, part).copy() for part in parts}
    for view in (bridgeness, constraint, participation, roles):
        assert view(network).index.equals(network.table.index)
    brokerage_z(network, rewirings=3)
    key_partners(network, world.records)
    for part in parts:
        pd.testing.assert_frame_equal(getattr(network, part), before[part])
