"""Shortest paths of small networks: distances from rustworkx, paths counted with numpy."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

import numpy as np

from geoclust.network.links import SAME_LENGTH, Links
from geoclust.sphere import Floats, Ints

BATCH: Final = 32_000
"""Sources times (nodes + arcs) looked at together: what the processor keeps at hand."""


def shares_through(links: Links) -> Floats:
    """Shares of shortest paths through each node, summed over ordered pairs of other nodes.

    Among the arcs on shortest paths from one source, the number of paths of k arcs to each node
    is the k-th power of their matrix; summed over k it is the number of shortest paths.  The
    share that passes through a node is summed backwards in the same way (Brandes 2001).
    """
    total = np.zeros(len(links.is_region))
    for sources, u, v in _shortest_arcs(links, distances(links)):
        paths = _paths(sources, len(total), u, v)
        reached = np.divide(1.0, paths, out=np.zeros_like(paths), where=paths > 0)
        beyond = _spread(reached, v, u)
        beyond[_own(sources, len(total))] = 0.0
        total += (paths * beyond).reshape(-1, len(total)).sum(axis=0)
    return total


def all_pairs(links: Links) -> tuple[Floats, Floats]:
    """Lengths and numbers of shortest paths from each node (row) to each (column)."""
    distance = distances(links)
    paths = np.empty_like(distance)
    for sources, u, v in _shortest_arcs(links, distance):
        size = len(distance)
        paths[sources] = _paths(sources, size, u, v).reshape(-1, size)
    return distance, paths


def _shortest_arcs(links: Links, distances: Floats) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Some sources at a time, with tails and heads of the arcs on shortest paths from them.

    Node v of the i-th source is number i n + v.  Only regions are gone through.
    """
    tail, head, weight = links.arcs()
    length, size = 1.0 / weight, len(distances)
    many = max(BATCH // max(size + len(tail), 1), 1)
    for first in range(0, size, many):
        sources = np.arange(first, min(first + many, size))
        mine = distances[sources]
        near, far = np.take(mine, tail, axis=1), np.take(mine, head, axis=1)
        row, arc = np.nonzero((near < far) & (near + length <= far * (1 + SAME_LENGTH)))
        through = links.is_region[tail[arc]] | (tail[arc] == sources[row])
        row, arc = row[through], arc[through]
        yield sources, row * size + tail[arc], row * size + head[arc]


def _own(sources: Ints, size: int) -> Ints:
    """The number of each source among its own nodes."""
    return np.arange(len(sources)) * size + sources


def _paths(sources: Ints, size: int, tail: Ints, head: Ints) -> Floats:
    start = np.zeros(len(sources) * size)
    start[_own(sources, size)] = 1.0
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
    found = rustworkx.digraph_all_pairs_dijkstra_path_lengths(graph, float)
    reached = [found[source] for source in range(size)]
    count = [len(ends) for ends in reached]
    ends = np.fromiter(chain.from_iterable(reached), np.int64, sum(count)) % max(size, 1)
    lengths = chain.from_iterable(part.values() for part in reached)
    distance = np.full((size, size), np.inf)
    distance[np.repeat(np.arange(size), count), ends] = np.fromiter(lengths, np.float64, sum(count))
    np.fill_diagonal(distance, 0.0)
    return distance
