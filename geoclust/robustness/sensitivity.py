"""Which of the choices and doubts moves the ranks: Sobol indices of the whole chain."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from geoclust.errors import ParameterError
from geoclust.robustness.chain import Chain
from geoclust.robustness.checkpoint import Checkpoint
from geoclust.robustness.experiment import chain_fingerprint
from geoclust.robustness.outcome import Outcome
from geoclust.robustness.running import run_points
from geoclust.robustness.sobol import Sensitivity, design, indices
from geoclust.robustness.summarising import ranks_of
from geoclust.sphere import Floats
from geoclust.study import Study
from geoclust.study.variation import INPUTS, Variation


def rank_sensitivity(
    study: Study,
    *,
    n: int = 64,
    seed: int | None = None,
    vary: Variation | None = None,
    by: Literal["group", "input"] = "group",
    min_shared: float = 0.5,
    workers: int = 1,
    scheduler: Any = None,  # noqa: ANN401 - dask has no types
    checkpoint: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Sensitivity:
    """Sobol indices of the mean absolute change of rank of the study's clusters.

    These are runs of their own, n (k + 2) of them for k groups or inputs; resampling, coordinates
    and weights enter as the number their random draw starts from.  With few runs look at the
    intervals before the indices.

    Parameters
    ----------
    study, seed, vary, min_shared, workers, scheduler, checkpoint, progress
        As `run_robustness`; a checkpoint file of its own.
    n
        Base points; a power of two is best.
    by
        "group" (resampling, coordinates, clustering, thresholds...; fewer runs) or "input".

    Returns
    -------
    Sensitivity
        For a study without clusters, all indices are 0: no rank can change.

    Raises
    ------
    ParameterError
        If a parameter is outside its range, or nothing varies.
    InputError
        If the checkpoint is of another experiment.
    SchedulerError
        As `run_robustness`.

    Examples
    --------
    >>> import tempfile
    >>> from geoclust import synthetic
    >>> from geoclust.study import run_study
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     synthetic.write_toy_world(folder)
    ...     study = run_study(folder)
    >>> found = rank_sensitivity(study, n=2, vary=Variation.only("weights", "reach_km"))
    >>> list(found.table.index), found.runs
    (['delineation', 'weights'], 8)
    """
    start = time.perf_counter()
    vary = vary or Variation()
    seed = study.config.study.seed if seed is None else int(seed)
    if by not in {"group", "input"}:
        raise ParameterError(f"by is {by!r}; want 'group' or 'input'")
    columns: dict[str, int] = {}
    for name in vary.inputs:
        group = INPUTS[name] if by == "group" else name
        columns[group] = columns.get(group, 0) + 1
    plan = design(columns, n=n, seed=seed)
    chain = Chain.of(study, vary, min_shared=min_shared)
    mark = chain_fingerprint(chain, "sobol", seed, n, by)
    points = [dict(zip(vary.inputs, row, strict=True)) for row in plan.points.tolist()]
    outcomes = run_points(
        chain,
        points,
        workers=workers,
        scheduler=scheduler,
        checkpoint=Checkpoint(checkpoint, mark, Outcome),
        progress=progress,
    )
    found = indices(plan, _mean_moves(chain, outcomes), seed=seed)
    seconds = time.perf_counter() - start
    return replace(found, seed=seed, fingerprint=mark, seconds=seconds)


def _mean_moves(chain: Chain, outcomes: Sequence[Outcome]) -> Floats:
    """Mean absolute change of rank of the study's clusters, per run."""
    ranked = chain.rank > 0
    if not ranked.any():
        return np.zeros(len(outcomes))
    moves = np.abs(ranks_of(chain, outcomes)[:, ranked] - chain.rank[ranked])
    return np.asarray(moves.mean(axis=1), dtype=np.float64)
