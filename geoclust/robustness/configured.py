"""Experiments and sweeps that are resumable, beside the folder of their results."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from geoclust.robustness.axes import Vary, read_grid
from geoclust.robustness.chain import Chain
from geoclust.robustness.experiment import Robustness, chain_fingerprint, run_robustness
from geoclust.robustness.grid_run import grid_fingerprint
from geoclust.robustness.plateaus import LEVEL
from geoclust.robustness.processes import usable_cores
from geoclust.robustness.sensitivity import rank_sensitivity
from geoclust.robustness.sobol import Sensitivity
from geoclust.robustness.sweeping import MIN_SHARED, Sweep, sweep
from geoclust.study import Study

DRAWS, SOBOL, SETTINGS = "draws", "sobol", "settings"
"""Kinds of checkpoints, and of what is told of the progress."""


def run_configured(
    study: Study,
    *,
    draws: int | None = None,
    points: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    scheduler: Any = None,  # noqa: ANN401 - dask has no types
    beside: str | Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[Robustness, Sensitivity | None]:
    """Draw a study anew as `[robustness]` of its file says, and say what counts for most.

    Parameters
    ----------
    study
        A finished study.
    draws, points, seed
        Instead of the study's own `draws`, `sensitivity_points` and seed.
    workers
        Processes; None: one per usable core.  The numbers are the same for any number.
    scheduler
        As `run_robustness`.
    beside
        Folder of results beside which finished draws are kept, in hidden files, until
        `remove_checkpoints`; called again, the work goes on where it stopped.  Another experiment
        has files of its own.
    progress
        Called with "draws" or "sobol", the number of runs done and of all.

    Returns
    -------
    tuple
        The draws, and the sensitivity; None where `points` is 0.

    Raises
    ------
    ParameterError, OutputError, SchedulerError
        As `run_robustness` and `rank_sensitivity`.

    Examples
    --------
    >>> import tempfile
    >>> from geoclust import synthetic
    >>> from geoclust.study import run_study
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     synthetic.write_toy_world(folder)
    ...     found, sensitivity = run_configured(run_study(folder), draws=3, points=0, workers=1)
    >>> len(found.draws), sensitivity
    (3, None)
    """
    section = study.config.robustness
    points = section.sensitivity_points if points is None else points
    seed = study.config.study.seed if seed is None else seed
    chain = Chain.of(study, section.vary, min_shared=section.min_shared)
    told = progress or (lambda *_: None)
    shared: dict[str, Any] = {
        "seed": seed,
        "vary": section.vary,
        "min_shared": section.min_shared,
        "workers": usable_cores() if workers is None else workers,
        "scheduler": scheduler,
    }
    robustness = run_robustness(
        study,
        draws=section.draws if draws is None else draws,
        checkpoint=_beside(beside, DRAWS, chain_fingerprint(chain, DRAWS, seed)),
        progress=partial(told, DRAWS),
        **shared,
    )
    if points == 0:
        return robustness, None
    mark = chain_fingerprint(chain, SOBOL, seed, points, section.by)
    sensitivity = rank_sensitivity(
        study,
        n=points,
        by=section.by,
        checkpoint=_beside(beside, SOBOL, mark),
        progress=partial(told, SOBOL),
        **shared,
    )
    return robustness, sensitivity


def sweep_beside(
    study: Study,
    *,
    vary: Vary,
    beside: str | Path,
    level: float = LEVEL,
    most: int | None = None,
    workers: int | None = None,
    scheduler: Any = None,  # noqa: ANN401 - dask has no types
    progress: Callable[[str, int, int], None] | None = None,
) -> Sweep:
    """Run a sweep that goes on, called again, where it stopped.

    Parameters
    ----------
    study
        A finished study.
    vary, level, most, workers, scheduler
        As `sweep`.
    beside
        Folder of results beside which finished settings are kept, in a hidden file, until
        `remove_checkpoints`.  Another sweep has a file of its own.
    progress
        Called with "settings", the number of settings done and of all.

    Returns
    -------
    Sweep
        As of `sweep`.

    Raises
    ------
    ConfigError, ParameterError, OutputError, SchedulerError
        As `sweep`.

    Examples
    --------
    >>> import tempfile
    >>> from geoclust import synthetic
    >>> from geoclust.study import run_study
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     synthetic.write_toy_world(folder)
    ...     study, out = run_study(folder), f"{folder}/out"
    ...     found = sweep_beside(study, vary=["delineation.reach_km=5,10"], beside=out)
    >>> len(found.settings)
    2
    """
    grid = read_grid(vary, study.config, resolution_km=study.hierarchy.resolution_km, most=most)
    mark = grid_fingerprint(study, grid, min_shared=MIN_SHARED)
    return sweep(
        study,
        vary=vary,
        level=level,
        min_shared=MIN_SHARED,
        most=most,
        workers=workers,
        scheduler=scheduler,
        checkpoint=_beside(beside, SETTINGS, mark),
        progress=partial(progress or (lambda *_: None), SETTINGS),
    )


def remove_checkpoints(beside: str | Path) -> None:
    """Remove what `run_configured` or `sweep_beside` has kept beside a folder of results.

    Parameters
    ----------
    beside
        The folder; it need not exist.

    Examples
    --------
    >>> remove_checkpoints("no-such-folder/results")
    """
    folder = Path(beside).resolve()
    if not folder.parent.is_dir():
        return
    starts = tuple(f".{folder.name}.{kind}-" for kind in (DRAWS, SOBOL, SETTINGS))
    for path in folder.parent.iterdir():
        if path.name.startswith(starts):
            with suppress(OSError):  # the results are in place; the next run tidies up
                path.unlink()


def _beside(folder: str | Path | None, kind: str, mark: str) -> Path | None:
    """Checkpoint of one experiment or sweep, by the beginning of its fingerprint."""
    if folder is None:
        return None
    whole = Path(folder).resolve()
    return whole.parent / f".{whole.name}.{kind}-{mark[:16]}"
