# ruff: noqa: ANN401, ARG001, PLR0913, PLR0917, PLR2004 - kernels: the same code runs over lists and, compiled, arrays
"""The loops that go along a tree: plain Python over lists, or compiled over arrays.

Each fills its last arguments in place and allocates nothing.  A parent always has a greater
number than its children among the nodes of `merge`, a smaller one among clusters, so that one
pass up or down sees every node after those it depends on; no loop is recursive.  They do nothing
to floating-point numbers but compare, copy and add, in the order written.
"""

from typing import Any


def merge(a: Any, b: Any, parent: Any, weight: Any, top: Any) -> None:
    """Merge two by two along ascending edges; edge i makes node n + i."""
    n = len(parent) - len(a)
    for i in range(len(a)):
        x, y = a[i], b[i]
        while top[x] != x:
            top[x] = top[top[x]]
            x = top[x]
        while top[y] != y:
            top[y] = top[top[y]]
            y = top[y]
        node = n + i
        parent[x] = parent[y] = node
        top[x] = top[y] = node
        weight[node] = weight[x] + weight[y]


def lowest(parent: Any, least: Any) -> None:
    """Find the least location below each node; `least` holds the locations' own numbers."""
    for x in range(len(parent)):
        above = parent[x]
        if above >= 0:
            least[above] = min(least[above], least[x])


def same_level(parent: Any, level: Any, joint: Any) -> None:
    """Find the topmost node on the own level above each node."""
    for x in range(len(parent) - 1, -1, -1):
        above = parent[x]
        if above >= 0 and level[x] == level[above]:
            joint[x] = joint[above]


def count_heavy(
    parent: Any,
    joint: Any,
    level: Any,
    weight: Any,
    least: Any,
    heavy: Any,
) -> None:
    """Count the children of each n-ary merge that weigh `least` or more."""
    for x in range(len(parent)):
        if joint[x] == x and parent[x] >= 0 and weight[x] >= least:
            heavy[joint[parent[x]]] += 1


def condense(
    parent: Any,
    joint: Any,
    level: Any,
    weight: Any,
    heavy: Any,
    least: Any,
    ceiling: Any,
    cluster: Any,
    leave: Any,
    above: Any,
    birth: Any,
    depth: Any,
) -> None:
    """Walk down: lowest cluster of every node, and the merge at which it left (-1: not yet)."""
    count = 0
    for x in range(len(parent) - 1, -1, -1):
        if parent[x] < 0:
            cluster[x] = -1
            if weight[x] >= least and level[x] <= ceiling:
                cluster[x] = count
                above[count] = -1
                birth[count] = ceiling
                count += 1
            continue
        p = joint[parent[x]]
        cluster[x] = cluster[p]
        leave[x] = leave[p]
        # part of a merge, not a child of one; or below one that left; or in no cluster
        if joint[x] != x or leave[p] >= 0 or cluster[p] < 0:
            continue
        if weight[x] < least:
            leave[x] = p
        elif heavy[p] >= 2:
            cluster[x] = count
            above[count] = cluster[p]
            birth[count] = level[p]
            depth[count] = depth[cluster[p]] + 1
            count += 1


def tally(cluster: Any, units: Any, total: Any, least: Any) -> None:
    """Add up the units in each cluster, and find its least location."""
    for x in range(len(cluster) - 1, -1, -1):
        if cluster[x] >= 0:
            total[cluster[x]] += units[x]
            least[cluster[x]] = x


def gather(parent: Any, total: Any, least: Any, greatest: Any) -> None:
    """Add up, and take the least and the greatest of, each cluster and those below it."""
    for c in range(len(parent) - 1, -1, -1):
        above = parent[c]
        if above >= 0:
            total[above] += total[c]
            least[above] = min(least[above], least[c])
            greatest[above] = max(greatest[above], greatest[c])


def tour(parent: Any, size: Any, place: Any, free: Any) -> None:
    """Give clusters places on a walk that visits parents first; `size` counts those below too."""
    start = 0
    for c in range(len(parent)):
        above = parent[c]
        if above < 0:
            place[c] = start
            start += size[c]
        else:
            place[c] = free[above]
            free[above] += size[c]
        free[c] = place[c] + 1


def deal(cluster: Any, free: Any, members: Any) -> None:
    """Lay out locations by cluster, in order within each; `free` is where each cluster begins."""
    for x in range(len(cluster)):
        c = cluster[x]
        if c >= 0:
            members[free[c]] = x
            free[c] += 1


def rise(parent: Any, height: Any) -> None:
    """Steps from each cluster down to the furthest leaf below it."""
    for c in range(len(parent) - 1, -1, -1):
        above = parent[c]
        if above >= 0:
            height[above] = max(height[above], height[c] + 1)
