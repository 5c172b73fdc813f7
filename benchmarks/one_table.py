"""A long table from file to file, in a process of its own; prints what it took as JSON.

usage: python benchmarks/one_table.py INPUT.parquet OUTPUT.parquet
"""

import json
import sys
import time

from one_engine import peak_mb

from geoclust.clustering.warmup import warm_up
from geoclust.study.large_table import cluster_table

if __name__ == "__main__":
    warm_up()
    start = time.perf_counter()
    found = cluster_table(*sys.argv[1:], min_samples=10, min_cluster_size=50)
    seconds = time.perf_counter() - start
    spots, regions = len(found.clustering.region_of), len(found.regions)
    told = {"seconds": seconds, "peak_mb": peak_mb(), "rows": found.row_count}
    print(json.dumps({**told, "spots": spots, "regions": regions}))
