# ruff: noqa: ANN001, ANN201, PLR0917, C901, PLR0912, PLR0915, SIM102 - kernels: numba infers the types
# mypy: allow-untyped-defs
"""Shortest paths of large networks, from one source after another; compiled.

Dijkstra's search on an indexed heap with four children per node, and Brandes' (2001) sums over
the arcs of shortest paths.  Four things keep it from scanning every arc for every source, and
none changes the answer:

* an arc with a strictly shorter detour, of two arcs or, once all distances from its tail are
  known, of any, is on no shortest path, and dropped for good;
* as paths are the same in both directions, a pair is counted from the end whose turn comes first,
  and later searches need not reach the other (`wanted`);
* a node's arcs are in order of length, so its scan ends at the first that leads beyond the
  farthest node still to be reached (`bound`);
* the few nodes farther than the rest would hold that bound up: their arcs are listed from the
  other end (`far_first`, `far_next`), at the nodes that may yet lead to them.

Every arc that met its head's distance when it was relaxed is noted, in order of its tail's
distance; those that still meet it in the end are the arcs on shortest paths.

Importing this module loads numba; only networks beyond `betweenness.LARGEST_PLAIN` need it.
"""

from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np

from geoclust import compiling
from geoclust.network.links import SAME_LENGTH

kernel = partial(compiling.kernel, error_model="numpy")

BINS: Final = 32
FAR_SHARE: Final = 64
"""At most one in so many arcs is listed from the far end at a time."""
PACE: Final = 12
"""Arcs scanned per node of the network before the bound is first sought."""
WIDE: Final = 4
"""Children per node of the heap."""


class Arcs(NamedTuple):
    """Both directions of every edge, by tail, shortest first."""

    start: Any
    stop: Any
    """Per node: its first arc, and the one after its last."""
    head: Any
    length: Any
    nearest: Any
    """Per node: length of its shortest arc."""
    passable: Any
    """Per node: whether paths may go through it."""
    part: Any
    """Per node: number of its part among passable nodes; -1 where it is not passable."""


class Desk(NamedTuple):
    """Room for one search at a time."""

    distance: Any
    limit: Any
    """Distance, or as good as: up to here a path is equally short."""
    done: Any
    wanted: Any
    """Per node: whether paths to it are of interest."""
    paths: Any
    beyond: Any
    key: Any
    node: Any
    place: Any
    """Per node: its place in the heap, -1 outside."""
    tail: Any
    head: Any
    via: Any
    """Noted arcs and the distance at which they meet their head."""
    is_far: Any
    far_first: Any
    far_next: Any
    far_head: Any
    far_length: Any
    bins: Any


@kernel()
def clear_desk(nodes, arcs):
    """Room for a network of so many nodes and arcs."""
    return Desk(
        np.empty(nodes),
        np.empty(nodes),
        np.empty(nodes, np.bool_),
        np.ones(nodes, np.bool_),
        np.empty(nodes),
        np.empty(nodes),
        np.empty(nodes + WIDE + 1),
        np.empty(nodes + WIDE + 1, np.uint32),
        np.empty(nodes, np.int32),
        np.empty(arcs, np.uint32),
        np.empty(arcs, np.uint32),
        np.empty(arcs),
        np.empty(nodes, np.bool_),
        np.empty(nodes, np.int64),
        np.empty(arcs, np.int64),
        np.empty(arcs, np.uint32),
        np.empty(arcs),
        np.empty(BINS, np.int64),
    )


@kernel()
def lay_arcs(a, b, length, start, head, step):
    """Put edges, shortest first, behind both their ends; `start` is one ahead per node."""
    for i in range(len(a)):
        for tail, end in ((a[i], b[i]), (b[i], a[i])):
            at = start[tail + 1]
            head[at], step[at] = end, length[i]
            start[tail + 1] = at + 1


@kernel()
def slack(length, nodes):
    """By how much a detour must be shorter: more than equality allows on the longest path."""
    return 2 * SAME_LENGTH * nodes * length.max()


@kernel()
def find_detours(start, head, length, passable, keep):
    """Unmark arcs with a strictly shorter detour of two arcs."""
    nodes = len(start) - 1
    margin = slack(length, nodes)
    direct = np.full(nodes, -np.inf)
    place = np.empty(nodes, np.int64)
    for u in range(nodes):
        longest = -np.inf
        for j in range(start[u], start[u + 1]):
            direct[head[j]], place[head[j]] = length[j] - margin, j
            longest = length[j] - margin
        for j in range(start[u], start[u + 1]):
            w = head[j]
            if length[j] >= longest:
                break
            if passable[w]:
                for k in range(start[w], start[w + 1]):
                    detour = length[j] + length[k]
                    if detour >= longest:
                        break
                    if detour < direct[head[k]]:
                        keep[place[head[k]]] = False
        for j in range(start[u], start[u + 1]):
            direct[head[j]] = -np.inf


@kernel()
def number_parts(a, b, passable, part):
    """Number the parts of passable nodes that edges between them hold together."""
    for v in range(len(part)):
        part[v] = v
    for i in range(len(a)):
        x, y = a[i], b[i]
        if passable[x] and passable[y]:
            while part[x] != x:
                part[x] = part[part[x]]
                x = part[x]
            while part[y] != y:
                part[y] = part[part[y]]
                y = part[y]
            part[max(x, y)] = min(x, y)
    for v in range(len(part)):
        part[v] = part[part[v]] if passable[v] else -1


@kernel(inline="always")
def rise(key, node, place, at, value, v):
    """Put v into the heap at its place at or above `at`."""
    while at > 0:
        above = (at - 1) // WIDE
        if key[above] <= value:
            break
        key[at], node[at] = key[above], node[above]
        place[node[at]] = at
        at = above
    key[at], node[at], place[v] = value, v, at


@kernel(inline="always")
def sink(key, node, place, size, at, value, v):
    """Put v into the heap at its place at or below `at`; keys behind the last are inf."""
    while True:
        child = WIDE * at + 1
        if child >= size:
            break
        left = child + int(key[child + 1] < key[child])
        right = child + 2 + int(key[child + 3] < key[child + 2])
        least = right if key[right] < key[left] else left
        if key[least] >= value:
            break
        key[at], node[at] = key[least], node[least]
        place[node[at]] = at
        at = least
    key[at], node[at], place[v] = value, v, at


@kernel()
def within_reach(arcs, source, v):
    """Whether a node not reached yet may be (rather yes than no)."""
    return arcs.part[source] < 0 or arcs.part[v] < 0 or arcs.part[v] == arcs.part[source]


@kernel()
def find_bound(arcs, desk, source):
    """Distance beyond which nothing is wanted, or open nodes have few arcs; whether to list them.

    Where neither holds yet, inf.
    """
    start, stop, distance = arcs.start, arcs.stop, desk.distance
    budget = start[-1] // FAR_SHARE
    beyond, near, far, wanted = 0, np.inf, 0.0, 0.0
    for v in range(len(distance)):
        if desk.done[v] or not (distance[v] < np.inf or within_reach(arcs, source, v)):
            continue
        if desk.wanted[v]:
            wanted = max(wanted, distance[v])
        if not desk.is_far[v]:
            if distance[v] < np.inf:
                near, far = min(near, distance[v]), max(far, distance[v])
            else:
                beyond += stop[v] - start[v]
    if beyond > budget or near >= far:
        far = far if beyond <= budget else np.inf
        return min(far, wanted), wanted > far
    desk.bins[:] = 0
    scale = BINS / (far - near)
    for v in range(len(distance)):
        if not desk.done[v] and not desk.is_far[v] and distance[v] < np.inf:
            desk.bins[min(int((distance[v] - near) * scale), BINS - 1)] += stop[v] - start[v]
    last = BINS
    while last > 0 and beyond + desk.bins[last - 1] <= budget:
        last -= 1
        beyond += desk.bins[last]
    bound = far if last == BINS else near + last / scale
    return min(bound, wanted), wanted > bound


@kernel()
def list_far(arcs, desk, source, current, bound, count):
    """List the arcs into open nodes beyond the bound at their tails; return how many there are."""
    distance = desk.distance
    for v in range(len(distance)):
        if desk.done[v] or desk.is_far[v] or distance[v] <= bound:
            continue
        if distance[v] == np.inf and not within_reach(arcs, source, v):
            continue
        desk.is_far[v] = True
        for j in range(arcs.start[v], arcs.stop[v]):
            w = arcs.head[j]
            if arcs.passable[w] and (not desk.done[w] or w == current):
                desk.far_head[count], desk.far_length[count] = v, arcs.length[j]
                desk.far_next[count], desk.far_first[w] = desk.far_first[w], count
                count += 1
    return count


@kernel()
def rebuild_heap(arcs, desk, bound):
    """Keep only nodes in the heap that an arc may yet lead on from; return how many."""
    key, node, place = desk.key, desk.node, desk.place
    size = 0
    key[:] = np.inf
    for v in range(len(place)):
        place[v] = -1
        value = desk.distance[v]
        if value < np.inf and arcs.passable[v] and not desk.done[v]:
            if desk.far_first[v] >= 0 or value + arcs.nearest[v] <= bound:
                key[size], node[size], place[v] = value, v, size
                size += 1
    for at in range(size // WIDE, -1, -1):
        if at < size:
            sink(key, node, place, size, at, key[at], node[at])
    return size


@kernel()
def open_desk(desk, source):
    """Forget the last search; only the source is reached."""
    for v in range(len(desk.distance)):
        desk.distance[v] = desk.limit[v] = np.inf
        desk.done[v] = desk.is_far[v] = False
        desk.place[v] = desk.far_first[v] = -1
    desk.key[:] = np.inf
    desk.distance[source] = desk.limit[source] = 0.0
    desk.key[0], desk.node[0], desk.place[source] = 0.0, source, 0


@kernel()
def search(arcs, desk, source):
    """Find all distances from the source; return the number of arcs noted."""
    start, stop, head, length, nearest, passable = (
        arcs.start,
        arcs.stop,
        arcs.head,
        arcs.length,
        arcs.nearest,
        arcs.passable,
    )
    distance, limit, done, key, node, place = (
        desk.distance,
        desk.limit,
        desk.done,
        desk.key,
        desk.node,
        desk.place,
    )
    tails, heads, via, is_far = desk.tail, desk.head, desk.via, desk.is_far
    far_first, far_next, far_head, far_length = (
        desk.far_first,
        desk.far_next,
        desk.far_head,
        desk.far_length,
    )
    open_desk(desk, source)
    size, noted, listed, work, pace, bound = 1, 0, 0, 0, PACE * len(distance), np.inf
    while size > 0:
        x, u = key[0], node[0]
        size -= 1
        value, key[size] = key[size], np.inf
        if size > 0:
            sink(key, node, place, size, 0, value, node[size])
        done[u] = True
        if work > pace:
            work = 0
            found, to_list = find_bound(arcs, desk, source)
            if found < np.inf:
                pace *= 2
                bound = found * (1 + SAME_LENGTH)
                if to_list:
                    listed = list_far(arcs, desk, source, u, found, listed)
                size = rebuild_heap(arcs, desk, bound)
        j = far_first[u]
        while j >= 0:
            v, d = far_head[j], x + far_length[j]
            if d <= limit[v]:
                tails[noted], heads[noted], via[noted] = u, v, d
                noted += 1
                if d < distance[v]:
                    distance[v], limit[v] = d, d * (1 + SAME_LENGTH)
                    at = place[v]
                    if at < 0 and passable[v] and (far_first[v] >= 0 or d + nearest[v] <= bound):
                        at = size
                        size += 1
                    if at >= 0:
                        rise(key, node, place, at, d, v)
            j = far_next[j]
        for j in range(np.uint64(start[u]), np.uint64(stop[u])):
            d = x + length[j]
            if d > bound:
                break
            v = head[j]
            if d <= limit[v] and not is_far[v]:
                tails[noted], heads[noted], via[noted] = u, v, d
                noted += 1
                if d < distance[v]:
                    distance[v], limit[v] = d, d * (1 + SAME_LENGTH)
                    at = place[v]
                    if at < 0 and passable[v] and (far_first[v] >= 0 or d + nearest[v] <= bound):
                        at = size
                        size += 1
                    if at >= 0:
                        rise(key, node, place, at, d, v)
            work += 1
        work += WIDE
    return noted


@kernel()
def trim(arcs, desk, source, margin):
    """Take the arcs of a source out that are longer than the shortest path; all others stay."""
    kept = arcs.start[source]
    for j in range(arcs.start[source], arcs.stop[source]):
        if arcs.length[j] - margin <= desk.distance[arcs.head[j]]:
            arcs.head[kept], arcs.length[kept] = arcs.head[j], arcs.length[j]
            kept += 1
    arcs.stop[source] = kept


@kernel()
def count_paths(desk, source, noted):
    """Count the shortest paths to each node; return how many arcs are on them, kept in front."""
    paths, distance, limit = desk.paths, desk.distance, desk.limit
    tail, head, via = desk.tail, desk.head, desk.via
    paths[:] = 0.0
    paths[source] = 1.0
    kept = 0
    for i in range(noted):
        u, v = tail[i], head[i]
        if via[i] <= limit[v] and distance[u] < distance[v]:
            paths[v] += paths[u]
            tail[kept], head[kept] = u, v
            kept += 1
    return kept


@kernel()
def add_shares(arcs, order, total):
    """Add to each node the shares of shortest paths through it, from all sources in that order."""
    nodes = len(total)
    desk = clear_desk(nodes, arcs.start[nodes])
    paths, beyond, tail, head, each = desk.paths, desk.beyond, desk.tail, desk.head, desk.limit
    margin = slack(arcs.length, nodes)
    for source in order:
        desk.wanted[source] = False
        kept = count_paths(desk, source, search(arcs, desk, source))
        trim(arcs, desk, source, margin)
        for v in range(nodes):
            beyond[v] = 0.0
            each[v] = 1.0 / paths[v] if desk.wanted[v] and paths[v] > 0 else 0.0
        for i in range(kept - 1, -1, -1):
            v = head[i]
            beyond[tail[i]] += each[v] + beyond[v]
        beyond[source] = 0.0
        for v in range(nodes):
            total[v] += 2 * paths[v] * beyond[v]


@kernel()
def fill_pairs(arcs, distance, paths):
    """Fill in lengths and numbers of shortest paths from each node (row) to each (column)."""
    nodes = len(distance)
    desk = clear_desk(nodes, arcs.start[nodes])
    for source in range(nodes):
        count_paths(desk, source, search(arcs, desk, source))
        distance[source] = desk.distance
        paths[source] = desk.paths


@kernel()
def take_near(first, near, passable, distance, paths, total):
    """Take the shares of pairs that end in a node's neighbours from its total, for every node.

    `near[first[v] : first[v + 1]]` are the neighbours of v; lengths and paths are the same in
    both directions, so rows are read, never columns.
    """
    nodes = len(total)
    weight = np.empty(nodes)
    for v in range(nodes):
        if not passable[v] or total[v] <= 0.0:
            continue
        weight[:] = 2.0  # both (s, t) and (t, s); each comes by itself where s is near as well
        for i in range(first[v], first[v + 1]):
            weight[near[i]] = 1.0
        weight[v] = 0.0
        for i in range(first[v], first[v + 1]):
            t = near[i]
            for s in range(nodes):
                around = distance[v, s] + distance[v, t]
                if around <= distance[t, s] * (1 + SAME_LENGTH) and around < np.inf and s != t:
                    share = paths[v, s] * paths[v, t] / paths[t, s]
                    total[v] -= weight[s] * share
        total[v] = max(total[v], 0.0)
