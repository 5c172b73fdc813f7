"""Records to a density hierarchy (costly, once), and from it to regions (cheap, often)."""

from geoclust.clustering.build import Hierarchy, build_hierarchy
from geoclust.clustering.counts import region_counts
from geoclust.clustering.extract import Clustering, extract_regions
from geoclust.clustering.labels import label_records

__all__ = [
    "Clustering",
    "Hierarchy",
    "build_hierarchy",
    "extract_regions",
    "label_records",
    "region_counts",
]
