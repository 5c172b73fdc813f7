# ruff: noqa: ANN001, ANN201, ANN202 - kernels: numba infers the types
# mypy: allow-untyped-defs
"""Balanced kd-tree over positions, and weighted core distances by leaf; compiled.

The tree has 2**height leaves; nodes are numbered as in a heap (root 0, children 2o+1 and 2o+2).
Leaf l is node 2**height - 1 + l and owns the points start[l] to start[l+1], `LEAF_POINTS` at the
most, of the permuted positions.  `box` (nodes, 6) holds each node's tight low and high corner.

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
"""Room of the work stack: a step down takes one node away and puts at most two there."""


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
    n = len(order)
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
def point_box(box, node, x, y, z):
    """Squared distance from a point to a box."""
    east = max(box[node, 0] - x, x - box[node, 3], 0.0)
    north = max(box[node, 1] - y, y - box[node, 4], 0.0)
    up = max(box[node, 2] - z, z - box[node, 5], 0.0)
    return east * east + north * north + up * up


@kernel()
def _offer(points, weight, low, high, x, y, z, need, far, who, row, size, total, radius, apart):
    """Offer the points low to high to the neighbour list of the point at (x, y, z), row `row`.

    The list keeps the nearest in order and is cut as soon as their weights reach `need`; from
    then on nothing beyond its last is of use.  Returns (size, total weight, radius).
    """
    for i in range(LEAF_POINTS):  # of known length, so that all are computed at once
        dx = points[0, low + i] - x
        dy = points[1, low + i] - y
        dz = points[2, low + i] - z
        apart[i] = dx * dx + dy * dy + dz * dz
    for i in range(high - low):
        squared = apart[i]
        if squared < radius:
            j = size
            while j > 0 and far[row, j - 1] > squared:
                far[row, j] = far[row, j - 1]
                who[row, j] = who[row, j - 1]
                j -= 1
            far[row, j] = squared
            who[row, j] = low + i
            size += 1
            total += weight[low + i]
            while total - weight[who[row, size - 1]] >= need:
                size -= 1
                total -= weight[who[row, size]]
            if total >= need:
                radius = far[row, size - 1]
    return size, total, radius


@kernel()
def _search(points, weight, start, box, leaf, need, far, who, size, total, radius, work):
    """Fill the neighbour lists of one leaf's points; return whether the lists were long enough.

    Its own points come first; then the tree is climbed, and below each ancestor the other child
    searched, nearer parts first.
    """
    # One loop beyond 40 lines: its parts share every variable.
    todo, bound, apart = work
    leaves, room = len(start) - 1, far.shape[1] - LEAF_POINTS
    low, count = start[leaf], start[leaf + 1] - start[leaf]
    size[:], total[:], radius[:] = 0, 0, np.inf
    own, node, depth, reach = leaves - 1 + leaf, leaves - 1 + leaf, 1, np.inf
    todo[0], bound[0] = own, 0.0
    while True:
        while depth > 0:
            depth -= 1
            c = todo[depth]
            if bound[depth] >= reach:
                continue
            if c >= leaves - 1:
                first, last, reach = start[c - leaves + 1], start[c - leaves + 2], 0.0
                for r in range(count):
                    x, y, z = points[0, low + r], points[1, low + r], points[2, low + r]
                    if point_box(box, c, x, y, z) < radius[r]:
                        if size[r] > room:
                            return False
                        size[r], total[r], radius[r] = _offer(
                            points, weight, first, last, x, y, z, need, far, who, r,
                            size[r], total[r], radius[r], apart,
                        )  # fmt: skip
                    reach = max(reach, radius[r])
                continue
            near, further = 2 * c + 1, 2 * c + 2
            d_near, d_further = box_box(box, own, near), box_box(box, own, further)
            if d_near > d_further:
                near, further = further, near
                d_near, d_further = d_further, d_near
            if d_further < reach:
                todo[depth], bound[depth] = further, d_further
                depth += 1
            if d_near < reach:
                todo[depth], bound[depth] = near, d_near
                depth += 1
        if node == 0:
            return True
        todo[0] = node + 1 if node & 1 else node - 1
        bound[0], depth, node = box_box(box, own, todo[0]), 1, (node - 1) >> 1


@kernel(parallel=True)
def core_distances(points, weight, start, box, needs, room, keep):
    """Squared distance within which the weight, own included, reaches each need, of every point.

    `needs` (m,) ascend, and all points together weigh the last.  `room` is the length that
    neighbour lists start with; they grow where many light points make up the weight.  Returns
    core (m, n) and the nearest points in order (n, keep), -1 where a list is shorter.
    """
    n, leaves = len(weight), len(start) - 1
    core = np.empty((len(needs), n))
    lists = np.empty((n, keep), np.int32)
    for chunk in prange((leaves + LEAF_BATCH - 1) // LEAF_BATCH):
        columns = room + 2 * LEAF_POINTS
        far, who = np.empty((LEAF_POINTS, columns)), np.empty((LEAF_POINTS, columns), np.int32)
        size, total = np.empty(LEAF_POINTS, np.int64), np.empty(LEAF_POINTS, np.int64)
        radius = np.empty(LEAF_POINTS)
        work = np.empty(STACK, np.int64), np.empty(STACK), np.empty(LEAF_POINTS)
        for leaf in range(chunk * LEAF_BATCH, min(leaves, (chunk + 1) * LEAF_BATCH)):
            while not _search(
                points, weight, start, box, leaf, needs[-1], far, who, size, total, radius, work
            ):
                columns *= 2
                far = np.empty((LEAF_POINTS, columns))
                who = np.empty((LEAF_POINTS, columns), np.int32)
            for p in range(start[leaf], start[leaf + 1]):
                r = p - start[leaf]
                last, gathered = 0, weight[who[r, 0]]
                for i in range(len(needs)):
                    while gathered < needs[i]:
                        last += 1
                        gathered += weight[who[r, last]]
                    core[i, p] = far[r, last]
                for j in range(keep):
                    lists[p, j] = who[r, j] if j < size[r] else -1
    return core, lists


def grow_tree(positions: Floats) -> tuple[Ints, Floats, Ints, Floats]:
    """Return (order, points, start, box): the location at each tree position, and the tree.

    `points` has `LEAF_POINTS` columns more than there are locations, so that as many may be read
    from the start of every leaf.
    """
    n = positions.shape[1]
    order, points = np.arange(n, dtype=np.int32), np.zeros((3, n + LEAF_POINTS))
    points[:, :n] = positions
    start, box = build_tree(points, order, tree_height(n))
    return order, points, start, box
