"""Brokerage and its z-scores against 200 rewirings on 2,000 nodes and 100,000 ties, timed.

Every world has 1,900 regions and 100 country nodes.  `uniform`: ties between nodes at random;
`unequal`: active nodes have many more; `even`: 100,000 edges of weight 1; `weighted`: the edges of
`unequal` with log-normal weights, where every path has a length of its own.  All values are exact.
Processor seconds are those of all threads: on an idle machine of two cores, wall time is half.

usage: python benchmarks/network_speed.py [WORLD ...] [--rewirings N] [--measure MEASURE]
"""

import argparse
import time

import numpy as np
import pandas as pd

from geoclust.network import Network, bridgeness, brokerage, brokerage_z, constraint, participation
from geoclust.network import roles as count_roles

NODES, COUNTRIES, TIES = 2_000, 100, 100_000
WORLDS = ("uniform", "unequal", "even", "weighted")


def make_network(world: str, seed: int = 0) -> Network:
    """Nodes and edges of a made-up network; no organisations."""
    rng = np.random.default_rng(seed)
    if world == "even":
        cells = np.column_stack(np.triu_indices(NODES, 1))
        ends = cells[rng.choice(len(cells), TIES, replace=False)]
        weight = np.ones(TIES)
    else:
        ends, weight = _tied_nodes(rng, unequal=world != "uniform")
    if world == "weighted":
        weight = rng.lognormal(0.0, 1.5, len(weight)).round(3) + 0.001
    names = np.array([f"n{i:04d}" for i in range(NODES)])
    is_region = rng.permutation(NODES) >= COUNTRIES
    nodes = pd.DataFrame(
        {
            "kind": np.where(is_region, "region", "country"),
            "country": np.char.add("c", (np.arange(NODES) % COUNTRIES).astype(str)),
        },
        index=pd.Index(names, name="node"),
    )
    edges = pd.DataFrame(
        {"node_a": names[ends[:, 0]], "node_b": names[ends[:, 1]], "weight": weight}
    )
    return Network(nodes, edges, pd.DataFrame(), pd.DataFrame(), np.nan)


def _tied_nodes(rng: np.random.Generator, *, unequal: bool) -> tuple[np.ndarray, np.ndarray]:
    """Distinct pairs of nodes with the number of ties between them."""
    activity = 1.0 / np.arange(1, NODES + 1) ** (0.8 if unequal else 0.0)
    ties = rng.choice(NODES, (TIES, 2), p=activity / activity.sum())
    ties = np.sort(ties[ties[:, 0] != ties[:, 1]], axis=1)
    ends, count = np.unique(ties, axis=0, return_counts=True)
    return ends, count.astype(float)


def main() -> None:
    """Print seconds for each world and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("worlds", nargs="*", metavar="WORLD", help=", ".join(WORLDS))
    parser.add_argument("--rewirings", type=int, default=200)
    parser.add_argument("--measure", default="betweenness", help="of the z-scores")
    arguments = parser.parse_args()
    start = time.perf_counter()
    brokerage_z(make_network("even"), rewirings=2)
    print(f"loading compiled loops and two rewirings: {time.perf_counter() - start:.1f} s")
    for world in arguments.worlds or WORLDS:
        network = make_network(world)
        print(f"{world}: {NODES} nodes, {len(network.edges)} edges")
        once = {
            "brokerage": lambda found: brokerage(found.nodes, found.edges),
            "bridgeness": bridgeness,
            "constraint": constraint,
            "participation": participation,
            "roles": count_roles,
            f"z, {arguments.rewirings} rewirings": lambda found: brokerage_z(
                found, rewirings=arguments.rewirings, measure=arguments.measure
            ),
        }
        for name, run in once.items():
            wall, processor = time.perf_counter(), time.process_time()
            run(network)
            wall, processor = time.perf_counter() - wall, time.process_time() - processor
            print(f"  {name:20} {wall:7.2f} s wall {processor:7.2f} s of processor", flush=True)


if __name__ == "__main__":
    main()
