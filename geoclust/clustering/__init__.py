"""Records to a density hierarchy (costly, once), and from it to regions (cheap, often).

The way through, for a reader who knows HDBSCAN; each module says what it proves or relies on:

1. `locations`: records to distinct coordinates with whole-number weights, in an order of their own;
   `ids`: whether record ids recur; `positions`: coordinates to positions, for large inputs.
2. `spanning_tree`: core distances and the minimum spanning forest, by numpy; for large inputs
   `compiled`, over the loops of `kdtree` and `boruvka`.
3. `hierarchy`: merges of equal height at once, and the condensed tree; its loops are in `loops`.
4. `field`: that tree laid out so that many clusters are judged together, in the densities of
   `density`; `selection` chooses among them, within the `extent` that `rules` allow.
5. `scores` and `tables`: persistence, outliers, names and facts.

`build` joins 1 to 3, `labels` adds the choice, `extract` the rest.  `reuse`, `counts` and `locate`
use what they made; `storage` keeps it; `regroup` describes regions that somebody decided on
instead, `finer` cuts one along the hierarchy, `lineage` says what it holds and joins, and `lost`
what a limit kept from being one.  The same forest comes from `tiles`, here or on a cluster
(`build_tiled`, `distributed`), the same locations from tables too long to hold (`streaming`).
`kernels` says when compiled loops pay, `warmup` compiles them ahead, and `upstream` puts the
`hdbscan` package in place of steps 2 to 4, for comparison.
"""

from geoclust.clustering.build import Hierarchy, build_hierarchies, build_hierarchy
from geoclust.clustering.build_tiled import build_hierarchy_tiled
from geoclust.clustering.counts import region_counts
from geoclust.clustering.extract import Clustering, extract_regions
from geoclust.clustering.finer import finer_parts
from geoclust.clustering.labels import label_records
from geoclust.clustering.lineage import Lineage, lineage
from geoclust.clustering.locate import locate_records
from geoclust.clustering.lost import lost_groups
from geoclust.clustering.regroup import mark_of, regroup
from geoclust.clustering.reuse import at_lengths
from geoclust.clustering.storage import load_hierarchy
from geoclust.clustering.warmup import warm_up

__all__ = [
    "Clustering",
    "Hierarchy",
    "Lineage",
    "at_lengths",
    "build_hierarchies",
    "build_hierarchy",
    "build_hierarchy_tiled",
    "extract_regions",
    "finer_parts",
    "label_records",
    "lineage",
    "load_hierarchy",
    "locate_records",
    "lost_groups",
    "mark_of",
    "region_counts",
    "regroup",
    "warm_up",
]
