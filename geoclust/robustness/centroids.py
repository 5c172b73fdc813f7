"""What hangs on centroids: the study again, its records spread within their precision.

A city geocoded to its centre is a peak that nobody measured.  Where records are spread over the
ground they may stand on, a region that was such a peak goes, or is judged otherwise.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.errors import GeoclustWarning
from geoclust.robustness.chain import Chain
from geoclust.robustness.gauging import Ground
from geoclust.robustness.jittering import jitter_records
from geoclust.robustness.outcome import VANISHED, Outcome
from geoclust.schema import PRECISIONS, STATUSES, WEIGHT_UNIT, Records
from geoclust.sphere import Floats, Ints, coordinate_keys
from geoclust.study import Study, Variation
from geoclust.study.agreement import adjusted_rand

MIN_SHARED: Final = 0.5
"""Share of the lighter of two regions that they must have in common to be one."""
HALF: Final = 0.5


@dataclass(frozen=True, eq=False, kw_only=True)
class Centroids:
    """How the regions of a study fare when its records are spread within their precision."""

    regions: pd.DataFrame
    """Index `region_id`, heaviest first: name, status, weight; share_address, share_postcode,
    share_city, share_region, share_unknown (of its weight, 0 to 1); heaviest_share (of its weight
    at its heaviest location); found_share (of the draws in which it is found); cluster_share,
    quasi_share, none_share (of the draws: its status there); same_status_share; kept_weight and
    jaccard (medians over the draws, 0 where it is not found: share of its weight that stays with
    it, and shared weight over that of both); hangs (True where fewer than half of the draws leave
    it its status)."""
    draws: pd.DataFrame
    """Index `draw`: seed, agreement (adjusted Rand with the study, 1 the same), regions, clusters,
    quasi_clusters, neither, new_regions, noise_share."""
    jitter_km: Mapping[str, float]
    together: bool

    def __repr__(self) -> str:
        count = int(self.regions["hangs"].sum())
        agreement = self.draws["agreement"].median()
        return (
            f"<Centroids: {count} of {len(self.regions)} regions lose their status in most of "
            f"{len(self.draws)} draws; agreement {agreement:.2f}>"
        )


def what_hangs_on_centroids(
    study: Study,
    *,
    draws: int | None = None,
    seed: int | None = None,
    jitter_km: Mapping[str, float] | None = None,
    together: bool | None = None,
) -> Centroids:
    """Spread the records within their precision, many times, and find and judge regions anew.

    Everything else is as in the study: settings, resolution, ties, bars.

    Parameters
    ----------
    study
        What `run_study` returned.
    draws, jitter_km, together
        Instead of those of `[precision]`; see `jitter_records`.
    seed
        Of the first draw, the next one's is one more; without it the study's own.

    Returns
    -------
    Centroids
        Tables of regions and of draws.

    Raises
    ------
    ParameterError
        As `jitter_records`; if the study's engine is not our own.

    Examples
    --------
    >>> import geoclust as gc, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder)
    ...     found = what_hangs_on_centroids(gc.run_study(folder), draws=2)
    >>> found
    <Centroids: 0 of 5 regions lose their status in most of 2 draws; agreement 1.00>
    """
    rules = study.config.precision
    radii = dict(rules.jitter_km if jitter_km is None else jitter_km)
    as_one = rules.together if together is None else together
    first = study.config.study.seed if seed is None else seed
    chain = Chain.of(study, Variation.none(), min_shared=MIN_SHARED)
    runs, facts = [], []
    for number in range(rules.draws if draws is None else draws):
        placed = jitter_records(
            Records(chain.records), seed=first + number, jitter_km=radii, together=as_one
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", GeoclustWarning)
            outcome, ground = chain.run_placed(number, placed)
        runs.append(_fate(chain, outcome, ground))
        agreement = adjusted_rand(chain.region, ground.drawn.label)
        facts.append({"seed": first + number, "agreement": agreement, **outcome.facts})
    table = pd.DataFrame(facts).drop(columns="ranked")
    return Centroids(
        regions=_regions(study, chain, runs),
        draws=table.rename_axis("draw").astype({"regions": "int64"}),
        jitter_km=radii,
        together=as_one,
    )


@dataclass(frozen=True, eq=False)
class _Fate:
    """One draw of the study's regions."""

    status: Ints
    kept: Floats
    jaccard: Floats


def _fate(chain: Chain, outcome: Outcome, ground: Ground) -> _Fate:
    """Status, and weight in common, of each region of the study in a draw."""
    label, home, count = ground.drawn.label, ground.home, len(chain.names)
    now = np.append(home, -1)[label]
    own = np.bincount(chain.region + 1, chain.units, count + 1)[1:]
    drawn = np.bincount(now + 1, chain.units, count + 1)[1:]
    both = (now == chain.region) & (now >= 0)
    shared = np.bincount(chain.region[both], chain.units[both], count)
    return _Fate(outcome.status, shared / own, shared / (own + drawn - shared))


def _regions(study: Study, chain: Chain, runs: list[_Fate]) -> pd.DataFrame:
    status = np.array([run.status for run in runs]).reshape(len(runs), -1)
    judged = {
        f"{name}_share": (status == number).mean(axis=0)
        for number, name in enumerate(("cluster", "quasi", "none"))
    }
    columns: dict[str, Any] = {
        "name": study.regions["name"].to_numpy(),
        "status": np.array([*STATUSES, "none"])[chain.status],
        "weight": study.regions["weight"].to_numpy(),
        **_by_precision(chain),
        "heaviest_share": _heaviest(chain),
        "found_share": (status != VANISHED).mean(axis=0),
        **judged,
        "same_status_share": (status == chain.status).mean(axis=0),
        "kept_weight": np.median([run.kept for run in runs], axis=0),
        "jaccard": np.median([run.jaccard for run in runs], axis=0),
    }
    table = pd.DataFrame(columns, index=pd.Index(chain.names, name="region_id", dtype="str"))
    return table.assign(hangs=table["same_status_share"] < HALF)


def _by_precision(chain: Chain) -> dict[str, Floats]:
    """Share of each region's weight by precision."""
    inside = chain.region >= 0
    own = np.bincount(chain.region[inside], chain.units[inside], len(chain.names))
    words = chain.records["precision"].to_numpy()
    return {
        f"share_{word}": np.bincount(
            chain.region[inside & (words == word)],
            chain.units[inside & (words == word)],
            len(chain.names),
        )
        / own
        for word in PRECISIONS
    }


def _heaviest(chain: Chain) -> Floats:
    """Share of each region's weight at its heaviest location."""
    rows = pd.DataFrame(
        {
            "region": chain.region,
            "spot": coordinate_keys(chain.records["longitude"], chain.records["latitude"]),
            "units": chain.units / WEIGHT_UNIT,
        }
    )
    spots = rows[rows["region"] >= 0].groupby(["region", "spot"])["units"].sum()
    groups = spots.groupby("region")
    share = groups.max() / groups.sum()
    return share.reindex(range(len(chain.names))).to_numpy(dtype=np.float64)
