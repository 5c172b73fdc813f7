# ruff: noqa: ANN001, ANN201, ANN202 - kernels: numba infers the types
# mypy: allow-untyped-defs
"""Balanced kd-tree over positions, and weighted core distances by leaf; compiled.

The tree has 2**height leaves; nodes are numbered as in a heap (root 0, children 2o+1 and 2o+2).
Leaf l is node 2**height - 1 + l and owns the points start[l] to start[l+1] of the permuted
positions (3, n).  `box` (nodes, 6) holds each node's tight low and high corner.

A neighbour search never misses a point: it leaves out a subtree only if its box is no nearer than
the greatest radius still open in the leaf, and boxes are tight, in whole numbers, so that box
distances are exact lower bounds.

Importing this module loads numba.
"""

import math
from typing import Final

import numpy as np
from numba import prange

from geoclust.clustering.kernels import kernel
from geoclust.sphere import Floats, Ints

LEAF_POINTS: Final = 8
TOP_LEVELS: Final = 5
"""Levels split one after another, their nodes in parallel, before whole subtrees are dealt out."""

LEAF_BATCH: Final = 16
STACK: Final = 256


def tree_height(n: int) -> int:
    """Height of the tree over n points.

    Examples
    --------
    >>> tree_height(8), tree_height(100)
    (0, 4)
    """
    return max(0, math.ceil(math.log2(max(n, 1) / LEAF_POINTS)))


@kernel(inline="always")
def _swap(points, order, i, j):
    for axis in range(3):
        held = points[axis, i]
        points[axis, i] = points[axis, j]
        points[axis, j] = held
    name = order[i]
    order[i] = order[j]
    order[j] = name


@kernel()
def _select(points, order, axis, low, high, middle):
    """Quickselect in place: afterwards points[axis, low:middle] <= points[axis, middle:high]."""
    high -= 1
    while high > low:
        a, b, c = points[axis, low], points[axis, (low + high) >> 1], points[axis, high]
        pivot = max(min(a, b), min(max(a, b), c))
        i, j = low, high
        while i <= j:
            while points[axis, i] < pivot:
                i += 1
            while points[axis, j] > pivot:
                j -= 1
            if i <= j:
                _swap(points, order, i, j)
                i += 1
                j -= 1
        if middle <= j:
            high = j
        elif middle >= i:
            low = i
        else:
            return


@kernel()
def _fit_box(points, box, node, low, high):
    for axis in range(3):
        least, most = np.inf, -np.inf
        for i in range(low, high):
            least = min(least, points[axis, i])
            most = max(most, points[axis, i])
        box[node, axis] = least
        box[node, 3 + axis] = most


@kernel()
def _split(points, order, box, node, low, middle, high):
    """Part the points low to high of a node at `middle` along its widest side; fit its box."""
    _fit_box(points, box, node, low, high)
    widest = 0
    for axis in range(1, 3):
        if box[node, 3 + axis] - box[node, axis] > box[node, 3 + widest] - box[node, widest]:
            widest = axis
    _select(points, order, widest, low, high, middle)


@kernel()
def _build_below(points, order, box, start, height, depth, first):
    """Finish the subtree whose root is node number `first` of level `depth`."""
    for d in range(depth, height):
        width = 1 << (d - depth)
        step = 1 << (height - d)
        for j in range(first * width, (first + 1) * width):
            node = (1 << d) - 1 + j
            low, middle, high = j * step, j * step + step // 2, (j + 1) * step
            _split(points, order, box, node, start[low], start[middle], start[high])
    width = 1 << (height - depth)
    for leaf in range(first * width, (first + 1) * width):
        _fit_box(points, box, (1 << height) - 1 + leaf, start[leaf], start[leaf + 1])


@kernel(parallel=True)
def build_tree(points, order, height):
    """Reorder points (3, n) and order (n,) in place; return (start, box)."""
    n = points.shape[1]
    leaves = 1 << height
    start = np.empty(leaves + 1, np.int64)
    for leaf in range(leaves + 1):
        start[leaf] = leaf * n // leaves
    box = np.empty((2 * leaves - 1, 6))
    top = min(height, TOP_LEVELS)
    for d in range(top):
        for j in prange(1 << d):
            step = 1 << (height - d)
            node = (1 << d) - 1 + j
            low, middle, high = j * step, j * step + step // 2, (j + 1) * step
            _split(points, order, box, node, start[low], start[middle], start[high])
    for j in prange(1 << top):
        _build_below(points, order, box, start, height, top, j)
    return start, box


@kernel(inline="always")
def box_box(box, a, b):
    """Squared distance between two boxes."""
    total = 0.0
    for axis in range(3):
        gap = max(box[a, axis] - box[b, 3 + axis], box[b, axis] - box[a, 3 + axis], 0.0)
        total += gap * gap
    return total


@kernel(inline="always")
def _point_box(box, node, points, p):
    """Squared distance from a point to a box."""
    total = 0.0
    for axis in range(3):
        at = points[axis, p]
        gap = max(box[node, axis] - at, at - box[node, 3 + axis], 0.0)
        total += gap * gap
    return total


@kernel()
def _offer(points, weight, low, high, p, need, far, who, row, size, total, radius):
    """Offer the points low to high to the neighbour list of point p, in row `row`.

    The list keeps the nearest in order and is cut as soon as their weights reach `need`; from
    then on nothing beyond its last is of use.  Returns (size, total weight, radius).
    """
    for q in range(low, high):
        dx = points[0, q] - points[0, p]
        dy = points[1, q] - points[1, p]
        dz = points[2, q] - points[2, p]
        squared = dx * dx + dy * dy + dz * dz
        if squared < radius:
            j = size
            while j > 0 and far[row, j - 1] > squared:
                far[row, j] = far[row, j - 1]
                who[row, j] = who[row, j - 1]
                j -= 1
            far[row, j] = squared
            who[row, j] = q
            size += 1
            total += weight[q]
            while total - weight[who[row, size - 1]] >= need:
                size -= 1
                total -= weight[who[row, size]]
            if total >= need:
                radius = far[row, size - 1]
    return size, total, radius


@kernel()
def _grown(table, room):
    """Return a copy of a table with `room` columns."""
    wider = np.empty((table.shape[0], room), table.dtype)
    wider[:, : table.shape[1]] = table
    return wider


@kernel(parallel=True)
def core_distances(points, weight, start, box, needs, room, keep):
    """Squared distance within which the weight, own included, reaches each need, of every point.

    `needs` (m,) ascend, and all points together weigh the last.  `room` is the length that
    neighbour lists start with; they grow where many light points make up the weight.  Returns
    core (m, n) and the nearest points in order (n, keep), -1 where a list is shorter.
    """
    # One function beyond 40 lines: the lists of a leaf live in its loop, may be exchanged for
    # wider ones in the midst of it, and every call from there would pass all of them.
    n = points.shape[1]
    leaves = len(start) - 1
    need = needs[-1]
    core = np.empty((len(needs), n))
    lists = np.full((n, keep), -1, np.int32)
    most = 0
    for leaf in range(leaves):
        most = max(most, start[leaf + 1] - start[leaf])
    for chunk in prange((leaves + LEAF_BATCH - 1) // LEAF_BATCH):
        columns = room + 2 * most
        far = np.empty((most, columns))
        who = np.empty((most, columns), np.int32)
        size = np.empty(most, np.int64)
        total = np.empty(most, np.int64)
        radius = np.empty(most)
        todo = np.empty(STACK, np.int64)
        bound = np.empty(STACK)
        for leaf in range(chunk * LEAF_BATCH, min(leaves, (chunk + 1) * LEAF_BATCH)):
            low, high = start[leaf], start[leaf + 1]
            reach = 0.0
            for p in range(low, high):
                r = p - low
                size[r], total[r], radius[r] = _offer(
                    points, weight, low, high, p, need, far, who, r, 0, 0, np.inf
                )
                reach = max(reach, radius[r])
            own = leaves - 1 + leaf
            node = own
            while node > 0:
                sibling = node + 1 if node & 1 else node - 1
                node = (node - 1) >> 1
                todo[0] = sibling
                bound[0] = box_box(box, own, sibling)
                depth = 1
                while depth > 0:
                    depth -= 1
                    c = todo[depth]
                    if bound[depth] >= reach:
                        continue
                    if c >= leaves - 1:
                        other = c - leaves + 1
                        reach = 0.0
                        for p in range(low, high):
                            r = p - low
                            if _point_box(box, c, points, p) < radius[r]:
                                if size[r] + most > columns:
                                    columns = 2 * columns
                                    far = _grown(far, columns)
                                    who = _grown(who, columns)
                                size[r], total[r], radius[r] = _offer(
                                    points,
                                    weight,
                                    start[other],
                                    start[other + 1],
                                    p,
                                    need,
                                    far,
                                    who,
                                    r,
                                    size[r],
                                    total[r],
                                    radius[r],
                                )
                            reach = max(reach, radius[r])
                    else:
                        near, further = 2 * c + 1, 2 * c + 2
                        d_near, d_further = box_box(box, own, near), box_box(box, own, further)
                        if d_near > d_further:
                            near, further = further, near
                            d_near, d_further = d_further, d_near
                        if d_further < reach:
                            todo[depth] = further
                            bound[depth] = d_further
                            depth += 1
                        if d_near < reach:
                            todo[depth] = near
                            bound[depth] = d_near
                            depth += 1
            for p in range(low, high):
                r = p - low
                near, gathered = 0, weight[who[r, 0]]
                for i in range(len(needs)):
                    while gathered < needs[i]:
                        near += 1
                        gathered += weight[who[r, near]]
                    core[i, p] = far[r, near]
                for j in range(min(size[r], keep)):
                    lists[p, j] = who[r, j]
    return core, lists


def grow_tree(positions: Floats) -> tuple[Ints, Floats, Ints, Floats]:
    """Return (order, points, start, box): the location at each tree position, and the tree."""
    n = positions.shape[1]
    order, points = np.arange(n, dtype=np.int32), np.array(positions, order="C")
    start, box = build_tree(points, order, tree_height(n))
    return order.astype(np.int64), points, start, box
