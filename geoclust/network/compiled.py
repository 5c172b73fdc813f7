"""Shortest paths of large networks, by the compiled loops of `brandes`.

Importing this module loads numba; only networks beyond `betweenness.LARGEST_PLAIN` need it.
"""

import numpy as np

from geoclust.network import brandes
from geoclust.network.links import Links, neighbours
from geoclust.sphere import Floats


def shares_through(links: Links) -> Floats:
    """Shares of shortest paths through each node, summed over ordered pairs of other nodes."""
    total = np.zeros(len(links.is_region))
    if len(links.a):
        arcs = _arcs(links)
        order = np.argsort(arcs.start[:-1] - arcs.stop, kind="stable")
        brandes.add_shares(arcs, order, total)
    return total


def all_pairs(links: Links) -> tuple[Floats, Floats, Floats]:
    """Lengths and numbers of shortest paths from each node (row) to each (column).

    With the shares of `shares_through`.
    """
    size = len(links.is_region)
    distance, paths, total = np.full((size, size), np.inf), np.eye(size), np.zeros(size)
    np.fill_diagonal(distance, 0.0)
    if len(links.a):
        brandes.fill_pairs(_arcs(links), distance, paths, total)
    return distance, paths, total


def shares_beyond(links: Links) -> Floats:
    """As `shares_through`, over pairs of nodes that are no neighbours of the node between."""
    first, near = neighbours(links)
    distance, paths, total = all_pairs(links)
    brandes.take_near(first, near, links.is_region, distance, paths, total)
    return total


def _arcs(links: Links) -> brandes.Arcs:
    """Arcs by tail, shortest first, without those that a detour undercuts."""
    nodes, edges = len(links.is_region), len(links.a)
    order = np.argsort(-links.weight, kind="stable")
    a, b, length = links.a[order], links.b[order], 1.0 / links.weight[order]
    degree = np.bincount(a, minlength=nodes) + np.bincount(b, minlength=nodes)
    start = np.concatenate([[0, 0], np.cumsum(degree)[:-1]])
    head, step = np.empty(2 * edges, np.uint32), np.empty(2 * edges)
    brandes.lay_arcs(a, b, length, start, head, step)
    nearest = np.full(nodes, np.inf)
    nearest[degree > 0] = step[start[:-1][degree > 0]]
    keep = np.ones(2 * edges, np.bool_)
    brandes.find_detours(start, head, step, links.is_region, keep)
    part = np.empty(nodes, np.int64)
    brandes.number_parts(a, b, links.is_region, part)
    start = np.concatenate([[0], np.cumsum(keep)])[start]
    return brandes.Arcs(
        start, start[1:].copy(), head[keep], step[keep], nearest, links.is_region, part
    )
