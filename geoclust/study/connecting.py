"""The network of a study's regions, and what each region's place in it is."""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from geoclust.clustering import Clustering
from geoclust.clustering.distributed import JobRunner
from geoclust.network import (
    Network,
    bridgeness,
    brokerage_z,
    constraint,
    key_partners,
    participation,
    roles,
)
from geoclust.records import Inputs
from geoclust.study.config import StudyConfig
from geoclust.study.stages import join_regions

COUNTS: Final = ("internal_tie_count", "external_tie_count", "industry_tie_count")


class Connected(NamedTuple):
    """What connecting gives a study."""

    network: Network
    measures: pd.DataFrame
    """See `network_measures`."""
    partners: pd.DataFrame
    """See `network.key_partners`."""


def connect(
    config: StudyConfig, inputs: Inputs, clustering: Clustering, *, run: JobRunner | None = None
) -> Connected:
    """Join the regions by the ties of their organisations, and measure each one's place.

    Parameters
    ----------
    config
        Its `[network]` says what brokerage is and against how many rewirings it is compared.
    inputs
        Records and ties; where no table of ties was given, all measures are missing.
    clustering
        Region of each record.
    run
        What does the rewirings; None: this process.
    """
    network = join_regions(config, inputs, clustering)
    known = "ties" in inputs.tables
    rewirings = config.network.rewirings if known else 0
    measures = network_measures(network, rewirings=rewirings, seed=config.study.seed, run=run)
    measures = measures.reindex(clustering.regions.index)
    return Connected(
        network,
        measures if known else measures.mask(measures.notna()),
        key_partners(network, inputs.records),
    )


def network_measures(
    network: Network, *, rewirings: int, seed: int, run: JobRunner | None = None
) -> pd.DataFrame:
    """Each region's ties, brokerage in its several meanings, and roles.

    Parameters
    ----------
    network
        What `build_network` returned.
    rewirings
        Rewired networks that brokerage is compared with; 0 for none.
    seed
        Of the rewirings.
    run
        What does them; None: this process.

    Returns
    -------
    DataFrame
        Index `region_id`; whole numbers internal_tie_count, external_tie_count, industry_tie_count;
        brokerage (by the network's measure); brokerage_z, brokerage_null_mean and
        brokerage_null_share (share of rewired networks that reach the observed value), missing
        without rewirings, z also where they do not vary; bridgeness, constraint, participation;
        whole numbers coordinator, itinerant, gatekeeper_representative, liaison (see `roles`).

    Examples
    --------
    >>> from geoclust.network import build_network
    >>> from geoclust.synthetic import toy_world
    >>> world = toy_world()
    >>> network = build_network(world.ties, world.town_of, world.records)
    >>> table = network_measures(network, rewirings=0, seed=0)
    >>> len(table), bool(table["brokerage_z"].isna().all())
    (5, True)
    """
    part = roles(network).drop(columns="total")
    table = network.table[list(COUNTS)].join(network.table["brokerage"])
    table = table.join(_against_chance(network, rewirings, seed, run))
    views = [view(network) for view in (bridgeness, constraint, participation)]
    table = pd.concat([table, *views, part], axis=1)
    return table.astype(dict.fromkeys([*COUNTS, *part], "Int64"))


def _against_chance(
    network: Network, rewirings: int, seed: int, run: JobRunner | None
) -> pd.DataFrame:
    named = {
        "z": "brokerage_z",
        "null_mean": "brokerage_null_mean",
        "null_share_at_least": "brokerage_null_share",
    }
    if not rewirings:
        return pd.DataFrame(np.nan, index=network.table.index, columns=list(named.values()))
    measure = network.brokerage_measure
    elsewhere = run if run is not None and run.client is not None else None
    found = brokerage_z(network, measure=measure, rewirings=rewirings, seed=seed, run=elsewhere)
    return found[list(named)].rename(columns=named)
