"""A small clustered world that decisions on regions are tried on; made once a process."""

import warnings
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from fuzz.harnesses import folder, hold_words
from geoclust.clustering import Clustering
from geoclust.errors import GeoclustError
from geoclust.records import Inputs
from geoclust.study import StudyConfig
from geoclust.study.deciding import load_decisions
from geoclust.study.stages import choose_regions, decide_regions, draw_footprints

TOWNS = ((2.0, 48.0), (2.6, 48.3), (3.4, 47.2), (0.9, 48.9))


@cache
def world() -> tuple[Inputs, Clustering]:
    """Four towns of a dozen firms, and strays."""
    import geoclust as gc

    rng = np.random.default_rng(0)
    places = [centre + rng.normal(scale=0.03, size=(12, 2)) for centre in np.array(TOWNS)]
    places.append(rng.uniform((0, 46), (4, 50), (8, 2)))
    at = np.concatenate(places).round(4)
    table = pd.DataFrame({"longitude": at[:, 0], "latitude": at[:, 1]})
    table = table.assign(record_id=[f"f{n}" for n in range(len(table))], name="A", country="FR")
    (folder() / "world").mkdir(exist_ok=True)
    table.to_csv(folder() / "world" / "firms.csv", index=False)
    inputs = gc.read_inputs(folder() / "world")
    config = StudyConfig.from_text("[clustering]\nmin_cluster_size = 5")
    hierarchy = gc.build_hierarchy(inputs.records, **config.clustering.hierarchy_arguments)
    return inputs, choose_regions(config, hierarchy)


def decided_on(config: StudyConfig, *, drawn: bool = False) -> Any:
    """Apply what a study decides on regions to the world; nothing may be lost by it."""
    inputs, clustering = world()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            decisions = load_decisions(config)
            made, decided = decide_regions(config, decisions, inputs, clustering)
            if drawn:
                given = decided.partition.footprints
                regions = draw_footprints(config, inputs, made, given=given)
        except GeoclustError as error:
            hold_words(error)
            return
    held = made.region_of
    assert held.index.equals(inputs.records.index), "a record was lost"
    assert set(held.dropna()) <= set(made.regions.index), "a region without a row"
    assert made.membership.between(0, 1).all()
    if drawn:
        assert set(regions.index) == set(held.dropna())
        assert regions.geometry.is_valid.all()
        assert np.isfinite(regions["area_km2"]).all()
