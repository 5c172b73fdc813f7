"""Records to a density hierarchy (costly, once), and from it to regions (cheap, often).

The way through, for a reader who knows HDBSCAN: `locations` (records to weighted coordinates),
`spanning_tree` (core distances and the forest, by numpy; `compiled`, `kdtree` and `boruvka` for
large inputs), `hierarchy` (ties merged at once, the condensed tree), `field` and `selection`
(which clusters), `scores`, `tables` (names and facts).  `build` and `extract` join them; `labels`,
`counts`, `locate` and `storage` use what they made.
"""

from geoclust.clustering.build import Hierarchy, build_hierarchies, build_hierarchy
from geoclust.clustering.build_tiled import build_hierarchy_tiled
from geoclust.clustering.counts import region_counts
from geoclust.clustering.extract import Clustering, extract_regions
from geoclust.clustering.labels import label_records
from geoclust.clustering.locate import locate_records
from geoclust.clustering.storage import load_hierarchy
from geoclust.clustering.warmup import warm_up

__all__ = [
    "Clustering",
    "Hierarchy",
    "build_hierarchies",
    "build_hierarchy",
    "build_hierarchy_tiled",
    "extract_regions",
    "label_records",
    "load_hierarchy",
    "locate_records",
    "region_counts",
    "warm_up",
]
