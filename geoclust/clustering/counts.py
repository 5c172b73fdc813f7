"""How many regions there are at other longest links and resolutions, from one forest (`reuse`)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from geoclust.clustering.build import Hierarchy, build_hierarchy
from geoclust.clustering.distributed import job_runner
from geoclust.clustering.labels import choose_regions
from geoclust.clustering.reuse import at_lengths, reaching
from geoclust.clustering.rules import Rules
from geoclust.errors import ParameterError


def region_counts(
    records: pd.DataFrame | Hierarchy,
    *,
    max_links_km: Sequence[float] = (50.0, 100.0, 200.0),
    resolutions_km: Sequence[float] = (0.1, 1.0, 5.0),
    min_samples: int = 5,
    kind_weights: Mapping[str, float] | None = None,
    scheduler: Any = None,  # noqa: ANN401 - dask has no types
    **selection: Any,  # noqa: ANN401 - the keywords of extract_regions
) -> pd.DataFrame:
    """Count the regions at each longest link and resolution, from one forest.

    Parameters
    ----------
    records
        Records, or a hierarchy whose forest reaches far enough to be used again.
    max_links_km, resolutions_km
        The values to try; every link above every resolution.
    min_samples, kind_weights
        As for `build_hierarchy`; a hierarchy brings its own.
    scheduler
        Address of a running Dask scheduler, such as "tcp://127.0.0.1:8786", or a client of one,
        whose workers count; the numbers are the same.
    **selection
        As for `extract_regions`.

    Returns
    -------
    DataFrame
        Number of regions; index `max_link_km`, columns `resolution_km`.

    Raises
    ------
    ParameterError
        If a link is not above every resolution, or Dask is not installed.
    SchedulerError
        If the cluster cannot be reached or is lost.

    Examples
    --------
    >>> rows = {"kind": "firm", "longitude": [0.1] * 12, "latitude": [52.2] * 12}
    >>> region_counts(pd.DataFrame(rows), max_links_km=[50], resolutions_km=[1, 5]).values.tolist()
    [[1, 1]]
    """
    links, floors = list(map(float, max_links_km)), list(map(float, resolutions_km))
    if not links or not floors or min(floors) <= 0 or min(links) <= max(floors):
        raise ParameterError(
            f"max_links_km {links} and resolutions_km {floors} must name positive lengths, "
            "every link above every resolution"
        )
    build = {"min_samples": min_samples, "kind_weights": kind_weights}
    base = _reaching(records, max(links), {**build, "resolution_km": max(floors)})
    cells = [(link, floor) for link in links for floor in floors]
    bare = replace(base.locations, records=base.locations.records.iloc[:0])  # only places count
    with job_runner(scheduler) as run:
        common = replace(base, locations=bare), Rules(**selection)
        counts = list(run(count_cell, cells, common=common))
    return pd.DataFrame(
        np.reshape(counts, (len(links), len(floors))),
        index=pd.Index(links, name="max_link_km"),
        columns=pd.Index(floors, name="resolution_km"),
    )


def _reaching(
    records: pd.DataFrame | Hierarchy, longest: float, build: dict[str, Any]
) -> Hierarchy:
    """Return a hierarchy whose forest reaches up to `longest` km."""
    if not isinstance(records, Hierarchy):
        return build_hierarchy(records, max_link_km=longest, **build)
    return reaching(records, longest)


def count_cell(cell: tuple[float, float], common: tuple[Hierarchy, Rules]) -> int:
    """Regions found with another longest link and resolution, km; as a worker counts them.

    Parameters
    ----------
    cell
        The two lengths.
    common
        A hierarchy that reaches as far, and the rules.
    """
    (link, floor), (base, rules) = cell, common
    hierarchy = at_lengths(base, max_link_km=link, resolution_km=floor)
    rules.check_cut(floor, link)
    return len(choose_regions(hierarchy, rules)[1].chosen)
