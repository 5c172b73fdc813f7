"""Brokerage against chance: rewired networks in which every node keeps its number of neighbours."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geoclust.compiling import compiled_loop
from geoclust.errors import ParameterError
from geoclust.network.betweenness import pays
from geoclust.network.bridging import MEASURES
from geoclust.network.links import Links, links_of
from geoclust.sphere import Floats, Ints

if TYPE_CHECKING:
    from geoclust.network.building import Network

SWAPS_PER_EDGE: Final = 10
"""Swaps tried per edge: several times what the memory of the observed network lasts."""
FEWEST_SWAPS: Final = 1000
FEWEST_REWIRINGS: Final = 2
LOT: Final = 10
"""Rewirings that are one job elsewhere."""
BITS: Final = 8

Run = Callable[..., Iterable[list[Floats]]]


def brokerage_z(
    network: "Network",
    *,
    measure: str = "betweenness",
    rewirings: int = 200,
    seed: int = 0,
    workers: int | None = None,
    run: Run | None = None,
) -> pd.DataFrame:
    """Compare each region's brokerage with that in rewired networks.

    A rewired network has the same nodes, each with as many neighbours, and the same weights on
    other edges: the ends of two random edges are swapped, ten times per edge, unless that would
    tie a node to itself or two nodes twice [1]_; then the weights are permuted.  The rewired
    networks are drawn one by one from `seed` and evaluated exactly, from all sources.

    Parameters
    ----------
    network
        What `build_network` returned.
    measure
        "betweenness", "bridgeness", "constraint" (1 minus the constraint, so that more is
        better) or "participation".
    rewirings
        Number of rewired networks; the spread of fewer than 200 is itself uncertain.
    seed
        Of the draws; each rewired network has a stream of its own, so that the answer does not
        depend on `workers`.
    workers
        Threads for large networks; all processors this process may use if None.
    run
        What does the rewirings instead, such as a `clustering.distributed.JobRunner` on a
        cluster: called with a function, jobs for it and `common`, its second argument.

    Returns
    -------
    DataFrame
        Index `region_id`; columns brokerage (observed), null_mean, null_sd (n-1), z, and
        null_share_at_least (share of rewired networks that reach the observed value: these
        distributions are skewed).  z is missing where the rewired values do not vary.

    Raises
    ------
    ParameterError
        If the measure is unknown, or there are fewer than two rewirings, or a seed below zero.

    Notes
    -----
    With 2,000 nodes and 100,000 ties each rewired network takes about 0.6 s of one processor by
    betweenness and 1.2 to 1.7 s by bridgeness, which also needs 16 bytes times the square of the
    number of nodes per thread: 200 of them are two minutes of processor time, or four to six
    (`benchmarks/network_speed.py`; divide by the number of processors).

    References
    ----------
    .. [1] S. Maslov and K. Sneppen (2002), Specificity and stability in topology of protein
       networks, Science 296.

    Examples
    --------
    >>> from geoclust.network import build_network
    >>> from geoclust.synthetic import toy_world
    >>> world = toy_world()
    >>> network = build_network(world.ties, world.town_of, world.records)
    >>> list(brokerage_z(network, rewirings=20))
    ['brokerage', 'null_mean', 'null_sd', 'z', 'null_share_at_least']
    """
    _check(measure, rewirings, seed)
    links = links_of(network.nodes, network.edges)
    compiled = measure in ("betweenness", "bridgeness") and pays(links, rewirings)
    evaluate = partial(MEASURES[measure], compiled=compiled)
    observed = evaluate(links)
    streams = np.random.SeedSequence(seed).spawn(rewirings)
    draw = Draw(links, evaluate, compiled=compiled)
    if run is not None:
        lots = [streams[at : at + LOT] for at in range(0, rewirings, LOT)]
        values = [value for lot in run(draw_lot, lots, common=draw) for value in lot]
    elif compiled:
        with ThreadPoolExecutor(workers or _processors()) as pool:
            values = list(pool.map(draw, streams))
    else:
        values = [draw(stream) for stream in streams]
    index = pd.Index(network.nodes.index[links.is_region], name="region_id")
    return _compare(observed, np.array(values), index)


def _check(measure: str, rewirings: int, seed: int) -> None:
    if measure not in MEASURES:
        raise ParameterError(f"measure is {measure!r}; choose one of {', '.join(MEASURES)}")
    if not isinstance(rewirings, int) or rewirings < FEWEST_REWIRINGS:
        raise ParameterError(
            f"rewirings is {rewirings!r}; give a whole number of at least {FEWEST_REWIRINGS}, "
            "200 or more for results"
        )
    if not isinstance(seed, int) or seed < 0:
        raise ParameterError(f"seed is {seed!r}; give a whole number that is not negative")


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Draw:
    """Rewires the network by one stream of random numbers and evaluates the result."""

    def __init__(
        self, links: Links, evaluate: Callable[[Links], Floats], *, compiled: bool
    ) -> None:
        heaviest_first = np.sort(links.weight)[::-1]
        self.links = links._replace(weight=heaviest_first)
        self.evaluate, self.compiled = evaluate, compiled
        if compiled:
            compiled_loop(swap_ends)

    def __call__(self, stream: np.random.SeedSequence) -> Floats:
        """One value per region."""
        return self.evaluate(rewire(self.links, np.random.default_rng(stream), self.compiled))


def draw_lot(lot: Sequence[np.random.SeedSequence], draw: Draw) -> list[Floats]:
    """Some rewired networks' values, as a worker works them out."""
    return [draw(stream) for stream in lot]


def rewire(links: Links, random: np.random.Generator, compiled: bool) -> Links:  # noqa: FBT001
    """Swap ends of edges at random, then put the weights on edges in random order."""
    edges = len(links.a)
    if edges == 0:
        return links
    swaps = max(SWAPS_PER_EDGE * edges, FEWEST_SWAPS)
    first, second = random.integers(0, edges, (2, swaps), dtype=np.int32)
    turned = random.integers(0, 2, swaps, dtype=np.uint8)
    order = random.permutation(edges)
    run = _swap_compiled if compiled else _swap_plain
    a, b = run(links, first, second, turned)
    return links._replace(a=a[order], b=b[order])


def _swap_compiled(links: Links, first: Any, second: Any, turned: Any) -> tuple[Ints, Ints]:  # noqa: ANN401
    nodes = len(links.is_region)
    a, b, tied = links.a.copy(), links.b.copy(), np.zeros(nodes * nodes // BITS + 1, np.uint8)
    compiled_loop(swap_ends)(a, b, nodes, tied, first, second, turned)
    return a, b


def _swap_plain(links: Links, first: Any, second: Any, turned: Any) -> tuple[Ints, Ints]:  # noqa: ANN401
    """As `swap_ends`, with a set of tied pairs: the sooner in plain Python."""
    nodes, a, b = len(links.is_region), links.a.tolist(), links.b.tolist()
    tied = {u * nodes + v if u < v else v * nodes + u for u, v in zip(a, b, strict=True)}
    for e, f, turn in zip(first.tolist(), second.tolist(), turned.tolist(), strict=True):
        u, v = a[e], b[e]
        x, y = (b[f], a[f]) if turn else (a[f], b[f])
        j = u * nodes + y if u < y else y * nodes + u
        k = x * nodes + v if x < v else v * nodes + x
        if u == y or x == v or j == k or j in tied or k in tied:
            continue
        tied.remove(u * nodes + v if u < v else v * nodes + u)
        tied.remove(x * nodes + y if x < y else y * nodes + x)
        tied.update((j, k))
        a[e], b[e], a[f], b[f] = u, y, x, v
    return np.array(a, dtype=np.int64), np.array(b, dtype=np.int64)


def swap_ends(a: Any, b: Any, nodes: Any, tied: Any, first: Any, second: Any, turned: Any) -> None:  # noqa: ANN401, PLR0917
    """Try the swaps in turn, in place; to be compiled.

    Edges u-v and x-y become u-y and x-v (or u-x and y-v where `turned`), unless a node would be
    tied to itself or two nodes twice; a swap refused counts as tried, which keeps all networks
    equally likely.  `tied` is a zeroed bit per ordered pair of nodes.
    """
    for i in range(len(a)):
        k = min(a[i], b[i]) * nodes + max(a[i], b[i])
        tied[k >> 3] |= 1 << (k & 7)
    for i in range(len(first)):
        e, f = first[i], second[i]
        u, v, x, y = a[e], b[e], a[f], b[f]
        if turned[i]:
            x, y = y, x
        if u == y or x == v:
            continue
        j = min(u, y) * nodes + max(u, y)
        k = min(x, v) * nodes + max(x, v)
        if j == k or tied[j >> 3] & (1 << (j & 7)) or tied[k >> 3] & (1 << (k & 7)):
            continue
        tied[j >> 3] |= 1 << (j & 7)
        tied[k >> 3] |= 1 << (k & 7)
        j = min(u, v) * nodes + max(u, v)
        k = min(x, y) * nodes + max(x, y)
        tied[j >> 3] &= 255 - (1 << (j & 7))
        tied[k >> 3] &= 255 - (1 << (k & 7))
        a[e], b[e], a[f], b[f] = u, y, x, v


def _compare(observed: Floats, values: Floats, index: pd.Index) -> pd.DataFrame:
    varies = np.ptp(values, axis=0) > 0
    mean, spread = values.mean(axis=0), values.std(axis=0, ddof=1)
    mean = np.where(varies, mean, values[0])
    spread = np.where(varies, spread, np.where(np.isnan(values[0]), np.nan, 0.0))
    z = np.full(len(index), np.nan)
    np.divide(observed - mean, spread, out=z, where=varies)
    reached = (values >= observed).mean(axis=0)
    return pd.DataFrame(
        {
            "brokerage": observed,
            "null_mean": mean,
            "null_sd": spread,
            "z": z,
            "null_share_at_least": np.where(np.isnan(observed), np.nan, reached),
        },
        index=index,
    )
