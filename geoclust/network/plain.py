"""Shortest paths of small networks: distances from rustworkx, paths counted with numpy."""

from collections.abc import Iterator

import numpy as np

from geoclust.network.links import SAME_LENGTH, Links
from geoclust.sphere import Floats, Ints


def shares_through(links: Links) -> Floats:
    """Shares of shortest paths through each node, summed over ordered pairs of other nodes.

    Among the arcs on shortest paths from one source, the number of paths of k arcs to each node
    is the k-th power of their matrix; summed over k it is the number of shortest paths.  The
    share that passes through a node is summed backwards in the same way (Brandes 2001).
    """
    total = np.zeros(len(links.is_region))
    for source, u, v in _shortest_arcs(links, distances(links)):
        paths = _paths(source, len(total), u, v)
        reached = np.divide(1.0, paths, out=np.zeros_like(paths), where=paths > 0)
        beyond = _spread(reached, v, u)
        beyond[source] = 0.0
        total += paths * beyond
    return total


def all_pairs(links: Links) -> tuple[Floats, Floats]:
    """Lengths and numbers of shortest paths from each node (row) to each (column)."""
    distance = distances(links)
    paths = np.empty_like(distance)
    for source, u, v in _shortest_arcs(links, distance):
        paths[source] = _paths(source, len(distance), u, v)
    return distance, paths


def _shortest_arcs(links: Links, distances: Floats) -> Iterator[tuple[int, Ints, Ints]]:
    """Per source, tails and heads of the arcs on shortest paths; only regions are gone through."""
    tail, head, weight = links.arcs()
    length = 1.0 / weight
    for source, distance in enumerate(distances):
        away = (distance[tail] < distance[head]) & (links.is_region[tail] | (tail == source))
        u, v, step = tail[away], head[away], length[away]
        shortest = distance[u] + step <= distance[v] * (1 + SAME_LENGTH)
        yield source, u[shortest], v[shortest]


def _paths(source: int, size: int, tail: Ints, head: Ints) -> Floats:
    start = np.zeros(size)
    start[source] = 1.0
    return start + _spread(start, tail, head)


def _spread(start: Floats, tail: Ints, head: Ints) -> Floats:
    """Sum over k >= 1 of the k-th power of the arcs' matrix times `start`; there is no cycle."""
    total, step = np.zeros(len(start)), start
    while step.any():
        step = np.bincount(head, weights=step[tail], minlength=len(start)).astype(np.float64)
        total += step
    return total


def distances(links: Links) -> Floats:
    """Length of the shortest path between any two nodes, shape (n, n); inf where there is none.

    A country is two nodes to the search: one that paths only leave, one that they only enter
    (numbered after all others), so that none passes through.
    """
    import rustworkx  # noqa: PLC0415 - heavy

    tail, head, weight = links.arcs()
    size = len(links.is_region)
    sink = np.where(links.is_region, np.arange(size), np.arange(size) + size)
    graph = rustworkx.PyDiGraph(multigraph=False)
    graph.add_nodes_from(range(2 * size))
    arcs = zip(tail.tolist(), sink[head].tolist(), (1.0 / weight).tolist(), strict=True)
    graph.add_edges_from(list(arcs))
    distance = np.full((size, size), np.inf)
    found = rustworkx.digraph_all_pairs_dijkstra_path_lengths(graph, float)
    for source in range(size):
        reached = found[source]
        ends = np.fromiter(reached.keys(), dtype=np.int64, count=len(reached))
        distance[source, ends % size] = np.fromiter(reached.values(), np.float64, len(reached))
        distance[source, source] = 0.0
    return distance
