# ruff: noqa: ANN001, ANN201, ANN202 - kernels: numba infers the types
# mypy: allow-untyped-defs
"""Boruvka's rounds over pairs of kd-tree nodes, for an exact minimum spanning forest; compiled.

The length of a pair is max(|p - q|^2, core[p], core[q]), squared.  Nodes carry their single
component or -1, the least core distance in them, and the greatest bound of their components.
`bound`, `best_p`, `best_q` hold, per thread and component, the shortest edge found so far: no two
threads write the same cell.  Any shortest edge is as good as another, since the lengths of a
minimum spanning forest are unique, and with them the components at every level.

Lengths are whole numbers below 2**53, so no order of operations, instruction set or
fused multiplication changes them.  `compiled` says why the rounds are right.

Importing this module loads numba.
"""

from typing import Final

import numpy as np
from numba import prange

from geoclust.clustering.kdtree import box_box, point_box
from geoclust.clustering.kernels import kernel

RENEW: Final = -1
"""Marks, on the work stack, a node whose bound is to be renewed."""

STACK: Final = 1024
"""Room of the work stack: a step down takes one pair away and puts at most four there, and a tree
of 2**31 points has fewer than 32 levels."""


@kernel(parallel=True)
def seed_bounds(points, core, near, component, active, bound, best_p, best_q, threads):
    """Bounds from the neighbour lists; active[p] turns False once the list is spent."""
    n, k = near.shape
    for t in prange(threads):
        for p in range(t * n // threads, (t + 1) * n // threads):
            if not active[p]:
                continue
            c = component[p]
            foreign = False
            for j in range(k):
                q = near[p, j]
                if q < 0:
                    break
                e = component[q]
                if e == c:
                    continue
                foreign = True
                length = max(core[p], core[q])
                if length < bound[t, c] or length < bound[t, e]:
                    dx = points[0, q] - points[0, p]
                    dy = points[1, q] - points[1, p]
                    dz = points[2, q] - points[2, p]
                    length = max(length, dx * dx + dy * dy + dz * dz)
                    if length < bound[t, c]:
                        bound[t, c], best_p[t, c], best_q[t, c] = length, p, q
                    if length < bound[t, e]:
                        bound[t, e], best_p[t, e], best_q[t, e] = length, p, q
            active[p] = foreign


@kernel()
def share_best(bound, best_p, best_q, threads):
    """Give every thread's row the best of all rows."""
    for c in range(bound.shape[1]):
        best = 0
        for t in range(1, threads):
            if bound[t, c] < bound[best, c]:
                best = t
        for t in range(threads):
            bound[t, c] = bound[best, c]
            best_p[t, c], best_q[t, c] = best_p[best, c], best_q[best, c]


@kernel(parallel=True)
def describe_nodes(component, core, start, bound, node_part, node_core, node_bound, threads):
    """Per node: its single component or -1, least core, greatest bound of its components."""
    leaves = len(start) - 1
    shares = threads * 4
    for t in prange(shares):
        for leaf in range(t * leaves // shares, (t + 1) * leaves // shares):
            node = leaves - 1 + leaf
            c = component[start[leaf]]
            least, worst = np.inf, 0.0
            for p in range(start[leaf], start[leaf + 1]):
                if component[p] != component[start[leaf]]:
                    c = -1
                least = min(least, core[p])
                worst = max(worst, bound[0, component[p]])
            node_part[node], node_core[node], node_bound[node] = c, least, worst
    for node in range(leaves - 2, -1, -1):
        a, b = 2 * node + 1, 2 * node + 2
        node_part[node] = node_part[a] if node_part[a] == node_part[b] else -1
        node_core[node] = min(node_core[a], node_core[b])
        node_bound[node] = max(node_bound[a], node_bound[b])


@kernel(inline="always")
def _limit(node, node_part, node_bound, best):
    """Greatest length still of interest to any component in the node."""
    c = node_part[node]
    return best[c] if c >= 0 else node_bound[node]


@kernel()
def _compare_leaves(
    points, core, component, box, b, limit, p_low, p_high, q_low, q_high, same, best, bp, bq
):
    """Offer all pairs of two leaves, or of one leaf with itself, to both components."""
    for p in range(p_low, p_high):
        c = component[p]
        x, y, z = points[0, p], points[1, p], points[2, p]
        open_to = max(best[c], limit)
        if core[p] >= open_to or point_box(box, b, x, y, z) >= open_to:
            continue
        for q in range(p + 1 if same else q_low, q_high):
            e = component[q]
            if e == c:
                continue
            length = max(core[p], core[q])
            if length >= best[c] and length >= best[e]:
                continue
            dx = points[0, q] - x
            dy = points[1, q] - y
            dz = points[2, q] - z
            length = max(length, dx * dx + dy * dy + dz * dz)
            if length < best[c]:
                best[c], bp[c], bq[c] = length, p, q
            if length < best[e]:
                best[e], bp[e], bq[e] = length, p, q


@kernel()
def _traverse(
    points, core, component, start, box, node_part, node_core, node_bound,
    a, b, best, bp, bq, stack_a, stack_b, stack_d,
):  # fmt: skip
    """Compare the subtrees of nodes a and b, near parts first; a == b: a subtree with itself.

    A pair is dropped if it lies in one component or is further apart than either side's limit.
    """
    # One loop over one work stack: parts of it share every variable.
    first_leaf = len(start) - 2
    stack_a[0], stack_b[0], stack_d[0] = a, b, 0.0
    top = 1
    while top > 0:
        top -= 1
        a, b, apart = stack_a[top], stack_b[top], stack_d[top]
        left, right = 2 * a + 1, 2 * a + 2
        if b == RENEW:
            node_bound[a] = max(
                _limit(left, node_part, node_bound, best),
                _limit(right, node_part, node_bound, best),
            )
            continue
        if node_part[a] >= 0 and node_part[a] == node_part[b]:
            continue
        limit = max(_limit(a, node_part, node_bound, best), _limit(b, node_part, node_bound, best))
        if apart >= limit:
            continue
        if a >= first_leaf:
            p, q = a - first_leaf, b - first_leaf
            _compare_leaves(
                points, core, component, box, b, _limit(b, node_part, node_bound, best),
                start[p], start[p + 1], start[q], start[q + 1], a == b, best, bp, bq,
            )  # fmt: skip
            if a == b:
                worst = 0.0
                for i in range(start[p], start[p + 1]):
                    worst = max(worst, best[component[i]])
                node_bound[a] = worst
            continue
        if a == b:
            stack_a[top], stack_b[top] = a, RENEW
            stack_a[top + 1], stack_b[top + 1] = left, right
            apart = max(node_core[left], node_core[right])
            stack_d[top + 1] = max(box_box(box, left, right), apart)
            stack_a[top + 2], stack_b[top + 2], stack_d[top + 2] = right, right, node_core[right]
            stack_a[top + 3], stack_b[top + 3], stack_d[top + 3] = left, left, node_core[left]
            top += 4
            continue
        base = top
        for c in range(left, right + 1):
            for d in range(2 * b + 1, 2 * b + 3):
                if node_part[c] >= 0 and node_part[c] == node_part[d]:
                    continue
                apart = max(node_core[c], node_core[d], box_box(box, c, d))
                if apart >= limit:
                    continue
                k = top
                while k > base and stack_d[k - 1] < apart:
                    stack_a[k], stack_b[k] = stack_a[k - 1], stack_b[k - 1]
                    stack_d[k] = stack_d[k - 1]
                    k -= 1
                stack_a[k], stack_b[k], stack_d[k] = c, d, apart
                top += 1


@kernel(parallel=True)
def search_pairs(
    points, core, component, start, box, node_part, node_core, node_bound,
    pair_a, pair_b, bound, best_p, best_q, threads,
):  # fmt: skip
    """Traverse the listed pairs of nodes, dealt out in turn to the threads."""
    for t in prange(threads):
        stack_a = np.empty(STACK, np.int64)
        stack_b = np.empty(STACK, np.int64)
        stack_d = np.empty(STACK)
        for i in range(t, len(pair_a), threads):
            _traverse(
                points, core, component, start, box, node_part, node_core, node_bound,
                pair_a[i], pair_b[i], bound[t], best_p[t], best_q[t], stack_a, stack_b, stack_d,
            )  # fmt: skip


@kernel()
def cross_pairs(box, node_part, node_core, node_bound, best, depth):
    """Unordered pairs of distinct nodes of one level that may hold a useful edge."""
    a = np.zeros(1, np.int64)
    b = np.zeros(1, np.int64)
    for _ in range(depth):
        next_a = np.empty(4 * len(a), np.int64)
        next_b = np.empty(4 * len(a), np.int64)
        m = 0
        for i in range(len(a)):
            for u in range(2 * a[i] + 1, 2 * a[i] + 3):
                for v in range(2 * b[i] + 1, 2 * b[i] + 3):
                    if u > v or (node_part[u] >= 0 and node_part[u] == node_part[v]):
                        continue
                    apart = max(node_core[u], node_core[v], box_box(box, u, v))
                    if apart < max(
                        _limit(u, node_part, node_bound, best),
                        _limit(v, node_part, node_bound, best),
                    ):
                        next_a[m], next_b[m] = u, v
                        m += 1
        a, b = next_a[:m], next_b[:m]
    distinct = a != b
    return a[distinct], b[distinct]


@kernel(inline="always")
def _find(root, a):
    while root[a] != a:
        root[a] = root[root[a]]
        a = root[a]
    return a


@kernel()
def link_to_denser(points, core, near, longest, root, first, second, length):
    """Link each point to a listed neighbour no less dense than itself; return the edge count.

    The first such neighbour counts, if it lies within the core distance: then the edge is as
    long as core[p], the least that any edge at p can be, and belongs to some minimum spanning
    forest whatever other such edges were taken.  (The plain path takes neighbours in the order of
    core and number instead, which closes no cycle and needs no union-find; both are right.)
    """
    n, k = near.shape
    m = 0
    for p in range(n):
        if core[p] > longest:
            continue
        for j in range(k):
            q = near[p, j]
            if q < 0:
                break
            if q != p and core[q] <= core[p]:
                dx = points[0, q] - points[0, p]
                dy = points[1, q] - points[1, p]
                dz = points[2, q] - points[2, p]
                a, b = _find(root, p), _find(root, q)
                if a != b and dx * dx + dy * dy + dz * dz <= core[p]:
                    root[max(a, b)] = min(a, b)
                    first[m], second[m], length[m] = p, q, core[p]
                    m += 1
                break
    return m


@kernel()
def number_components(root, component):
    """Write consecutive component numbers (n,); return their count.

    Wherever components are joined here the greater root goes below the lesser, so that
    root[p] <= p, and one pass upwards finds every root numbered.
    """
    count = 0
    for p in range(len(root)):
        if root[p] == p:
            component[p] = count
            count += 1
        else:
            root[p] = root[root[p]]
            component[p] = component[root[p]]
    return count


@kernel()
def join_components(root, component, bound, best_p, best_q, first, second, length, m):
    """Add every component's shortest edge unless it closes a cycle; return the edge count."""
    for c in range(bound.shape[1]):
        if best_p[0, c] < 0:
            continue
        p, q = best_p[0, c], best_q[0, c]
        a, b = _find(root, component[p]), _find(root, component[q])
        if a != b:
            root[max(a, b)] = min(a, b)
            first[m], second[m], length[m] = p, q, bound[0, c]
            m += 1
    return m
