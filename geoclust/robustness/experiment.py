"""The experiment: the whole chain over and over, every choice and every record in doubt."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geoclust.display import Listing, card
from geoclust.errors import ParameterError
from geoclust.robustness.chain import Chain
from geoclust.robustness.checkpoint import Checkpoint, fingerprint
from geoclust.robustness.leaving import dominance, leave_one_out
from geoclust.robustness.outcome import Outcome
from geoclust.robustness.running import run_points
from geoclust.robustness.summarising import (
    bias_table,
    draws_table,
    pairwise_table,
    rank_table,
    record_table,
    region_draws_table,
    status_table,
)
from geoclust.study import Study
from geoclust.study.variation import INPUTS, Variation


@dataclass(frozen=True, eq=False, kw_only=True)
class Robustness:
    """What a study's results do when its records and choices are drawn anew."""

    bias: pd.DataFrame
    """To be read first: index `measure` (numbers of regions, clusters and quasi-clusters, share of
    weight in no region); study, median, low, high (5 and 95 %), below and
    above (shares of draws below and above the study), off_centre (over three quarters of the draws
    lie on one side).  Its last row is of clusters instead of draws: by how much the median rank
    of each differs from its rank in the study."""
    status: pd.DataFrame
    """Index `region_id`: study (its status), cluster, quasi_cluster, none, vanished
    (probabilities, which sum to 1), same (probability of the study's status)."""
    ranks: pd.DataFrame
    """Index `region_id`, best first: study (rank, missing for what is no cluster), median, low,
    high (5 and 95 %), top_ten, ranked (probability of having a rank), median_if_ranked, shift
    (median less study), off_centre.  In a draw that gives a region no rank, it takes the worst:
    one behind all that the study or the draw ranks."""
    pairwise: pd.DataFrame
    """Share of draws in which the row's region ranks better than the column's; the study's
    clusters, best first.  Ties are the rest."""
    records: pd.DataFrame
    """Index `record_id`: region_id (in the study), drawn (number of draws it is in), stays (share
    of these in which it stays with its region, or in none; missing if never drawn)."""
    draws: pd.DataFrame
    """Index `draw`: every setting as used, what was changed in the records, and what came of it."""
    region_draws: pd.DataFrame
    """What became of each of the study's regions in each draw, one row each: draw, region_id,
    status ("vanished" where no region is it), rank (missing where it has none)."""
    leave_one_out: pd.DataFrame
    """Ranks of the study's clusters: `all`, then without each indicator; nothing else varies."""
    dominance: pd.DataFrame
    """Index `region_id`: dominates, dominated_by (numbers of clusters), best_rank and worst_rank
    that weights alone could give."""
    variation: Variation
    seed: int
    fingerprint: str
    """Of the study, the variation, the seed and the version of geoclust."""
    seconds: float
    """How long it took, without what a checkpoint held already."""

    def __repr__(self) -> str:
        clusters = self.status[self.status["study"] == "cluster"]
        firm = int((clusters["same"] >= 0.9).sum())  # noqa: PLR2004
        off = int(self.bias["off_centre"].sum())
        return (
            f"<Robustness: {len(self.draws)} draws of {len(self.variation.inputs)} inputs; "
            f"{firm} of {len(clusters)} clusters are clusters in 90 % of them; "
            f"{off} of {len(self.bias)} measures off centre>"
        )

    def _repr_html_(self) -> str:
        off = self.bias.index[self.bias["off_centre"].astype(bool)]
        facts = {
            "draws": len(self.draws),
            "inputs varied": len(self.variation.inputs),
            "seed": str(self.seed),
        }
        lean = f"Off centre, so that all below leans with it: {', '.join(off)}." if len(off) else ""
        ranks = self.ranks[["study", "median", "low", "high", "top_ten"]].rename(
            columns={"study": "rank", "low": "5 %", "high": "95 %", "top_ten": "in the top ten"}
        )
        held = self.status["same"].rename("verdict held").reindex(ranks.index)
        listing = Listing("Ranks in the draws, and how often the verdict held", ranks.join(held))
        remarks = [lean or "No measure is off centre."]
        return card("Robustness", facts=facts, listings=[listing], remarks=remarks)


def run_robustness(
    study: Study,
    *,
    draws: int = 500,
    seed: int | None = None,
    vary: Variation | None = None,
    min_shared: float = 0.5,
    workers: int = 1,
    scheduler: Any = None,  # noqa: ANN401 - dask has no types
    checkpoint: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Robustness:
    """Run the whole chain again and again, with records and choices drawn anew.

    Each draw changes everything that `vary` names at once, and runs clustering, footprints,
    indicators, judgement and ranks as the study does; nothing is approximated.  The draw's
    regions are matched to the study's by the weight of the records they share.  Amounts (funding,
    population) are not varied by themselves, only through the records drawn.

    Parameters
    ----------
    study
        A finished study.
    draws
        How often.  The standard error of a probability is at most 0.5 / sqrt(draws): 2 % at 500.
    seed
        Of everything random; None takes the study's.  Draw i is the same whatever `draws` is.
    vary
        What varies and how far; see `Variation`.
    min_shared
        A region of a draw is the study's only if they share this part of the lighter one, 0 to 1.
    workers
        Processes; the numbers are the same for any number.  With more than one, a script of your
        own must start its work under ``if __name__ == "__main__":``.
    scheduler
        Address of a running Dask scheduler, such as "tcp://127.0.0.1:8786", or a client of one,
        whose workers make the draws instead; the numbers are the same.
    checkpoint
        File to keep finished draws in; given again, the run goes on where it stopped.
    progress
        Called with the number of draws done and of all.

    Returns
    -------
    Robustness
        Tables; the bias of the draws first.

    Raises
    ------
    ParameterError
        If a parameter is outside its range, the study's engine is not "geoclust", or Dask is not
        installed.
    InputError
        If the checkpoint is of another experiment.
    SchedulerError
        If the cluster cannot be reached or is lost, or workers die again and again.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 7; Saisana, Saltelli and
    Tarantola (2005), JRSS A 168(2); vertex bootstrap of ties: Snijders and Borgatti (1999).

    Examples
    --------
    >>> import tempfile
    >>> from geoclust import synthetic
    >>> from geoclust.study import run_study
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     synthetic.write_toy_world(folder)
    ...     study = run_study(folder)
    >>> found = run_robustness(study, draws=4, vary=Variation.only("weights", "normalise"))
    >>> found.status["same"].tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0]
    """
    if draws < 1:
        raise ParameterError(f"draws is {draws!r}; want a whole number of at least 1")
    if not 0 <= min_shared <= 1:
        raise ParameterError(f"min_shared is {min_shared!r}; want 0 to 1")
    start = time.perf_counter()
    vary = vary or Variation()
    seed = study.config.study.seed if seed is None else int(seed)
    chain = Chain.of(study, vary, min_shared=min_shared)
    mark = chain_fingerprint(chain, "draws", seed)
    outcomes = run_points(
        chain,
        [drawn_point(vary, seed, number) for number in range(draws)],
        workers=workers,
        scheduler=scheduler,
        checkpoint=Checkpoint(checkpoint, mark, Outcome),
        progress=progress,
    )
    ranks = rank_table(chain, outcomes)
    return Robustness(
        bias=bias_table(chain, outcomes, ranks),
        status=status_table(chain, outcomes),
        ranks=ranks,
        pairwise=pairwise_table(chain, outcomes),
        records=record_table(chain, outcomes),
        draws=draws_table(outcomes),
        region_draws=region_draws_table(chain, outcomes),
        leave_one_out=leave_one_out(study),
        dominance=dominance(study),
        variation=vary,
        seed=seed,
        fingerprint=mark,
        seconds=time.perf_counter() - start,
    )


def drawn_point(vary: Variation, seed: int, number: int) -> dict[str, float]:
    """Draw number `number`: every input has a stream of its own, so one less changes no other.

    Examples
    --------
    >>> both, one = Variation.only("reach_km", "weights"), Variation.only("weights")
    >>> drawn_point(both, 1, 7)["weights"] == drawn_point(one, 1, 7)["weights"]
    True
    """
    stream = np.random.SeedSequence(seed, spawn_key=(number,))
    numbers = np.random.default_rng(stream).random(len(INPUTS))
    drawn = dict(zip(INPUTS, numbers.tolist(), strict=True))
    return {name: drawn[name] for name in vary.inputs}


def chain_fingerprint(chain: Chain, *rest: object) -> str:
    """Of everything that the numbers of draws depend on."""
    return fingerprint(
        version("geoclust"),
        chain.config.model_dump_json(exclude={"report", "robustness", "study"}),
        chain.records,
        chain.region,
        chain.names,
        chain.decisions.mark,
        chain.ties,
        chain.places,
        sorted(chain.tables),
        chain.variation,
        chain.min_shared,
        *rest,
    )
