"""Records to a density hierarchy (costly, once), and from it to regions (cheap, often)."""

from geoclust.clustering.build import Hierarchy, build_hierarchy
from geoclust.clustering.extract import Clustering, extract_regions, region_counts

__all__ = ["Clustering", "Hierarchy", "build_hierarchy", "extract_regions", "region_counts"]
