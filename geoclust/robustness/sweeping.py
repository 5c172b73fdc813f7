"""A sweep: a study at every combination of some values of its settings."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.display import Listing, card
from geoclust.errors import ParameterError
from geoclust.robustness.axes import Axis, Grid, Vary, read_grid, value_words
from geoclust.robustness.grid_run import run_grid
from geoclust.robustness.lots import MEASURES, Found
from geoclust.robustness.outcome import VANISHED
from geoclust.robustness.plateaus import LEVEL, Results, choice_words, range_table, step_table
from geoclust.robustness.running import Progress
from geoclust.robustness.swept import TEN
from geoclust.schema import STATUSES
from geoclust.study import Study, StudyConfig, run_study
from geoclust.study.deciding import Decisions
from geoclust.study.run import load_config

MIN_SHARED: Final = 0.5
"""Part of the lighter one that two regions must share to be the same."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Sweep:
    """What became of a study at every combination of some values of its settings."""

    study: Study
    """The study itself."""
    axes: tuple[Axis, ...]
    """What was varied: name in the study file, values, the study's own."""
    settings: pd.DataFrame
    """One row per combination, index `setting` from 1, the last axis fastest: a column for each
    setting varied, regions, clusters, quasi_clusters, noise (records in none), noise_share (of the
    weight), agreement (adjusted Rand index with the study; a record in no region is alone),
    persistence (mean by weight), area_km2 (of all footprints), largest_extent_km, kept_regions
    (the study's that are found again), new_regions, same_status (share of the study's regions),
    top_ten (share of the study's ten best that are among the ten best), and note (why it could
    not be run)."""
    regions: pd.DataFrame
    """Index `region_id`, the study's regions, heaviest first: name, country, status; found (share
    of the settings run in which it is), cluster, quasi_cluster, none, gone (shares, which sum to
    1), jaccard (median over the settings that have it, by weight), best_rank and worst_rank
    (missing where it never ranks), top_ten (share)."""
    found: pd.DataFrame
    """One row per region of each setting: setting, region_id, name, country, longitude, latitude,
    weight, persistence, area_km2, extent_km, status, rank, study_region (which of the study's it
    is), jaccard (of the weight of both)."""
    steps: pd.DataFrame
    """How far neighbouring values agree; see `step_table`."""
    ranges: pd.DataFrame
    """The longest stable range of each setting, and why; see `range_table`."""
    level: float
    """From which agreement on neighbours count as stable."""
    min_shared: float
    """Part of the lighter one that a region and one of the study's must share to be the same."""
    own: int | None
    """Which setting is the study itself; None where it is not among them."""
    seconds: float
    """How long it took, without the study itself."""

    @property
    def varied(self) -> tuple[str, ...]:
        """Names of the settings varied."""
        return tuple(axis.key for axis in self.axes)

    @property
    def advice(self) -> list[str]:
        """A sentence on each setting varied: its stable range, or that there is none, and why."""
        return [_advice(axis, self) for axis in self.axes]

    @property
    def remarks(self) -> list[str]:
        """What given boundaries and edits do at every setting; empty where there are none."""
        return decision_words(self.study.decisions, self.axes)

    def __repr__(self) -> str:
        run = self.settings[self.settings["note"] == ""]
        ends = ((name, run[name].min(), run[name].max()) for name in ("regions", "clusters"))
        spans = (f"{low if low == high else f'{low} to {high}'} {name}" for name, low, high in ends)
        told = ", ".join(spans) if len(run) else "none could be run"
        stable = int((self.ranges["values"] > 0).sum())
        return (
            f"<Sweep of {' x '.join(self.varied)}: {len(self.settings)} settings, {told}; "
            f"{stable} of {len(self.axes)} with a stable range>"
        )

    def _repr_html_(self) -> str:
        facts = {"settings": len(self.settings), "study": self.study.config.name}
        columns = ["regions", "clusters", "quasi_clusters", "noise_share", "agreement", "top_ten"]
        shown = pd.DataFrame(index=self.settings.index)
        for axis in self.axes:
            shown[axis.key] = [value_words(value) for value in self.settings[axis.key]]
        table = shown.join(self.settings[columns]).rename(
            columns=lambda name: name.replace("_", " ")
        )
        listing = Listing("Settings", table, "all in `settings`")
        return card(
            "Sweep",
            " x ".join(self.varied),
            facts=facts,
            listings=[listing],
            remarks=[*self.remarks, *self.advice],
        )


def sweep(
    study: Study | StudyConfig | str | Path,
    *,
    vary: Vary,
    level: float = LEVEL,
    min_shared: float = MIN_SHARED,
    undecided: bool = False,
    most: int | None = None,
    workers: int | None = 1,
    scheduler: Any = None,  # noqa: ANN401 - dask has no types
    checkpoint: str | Path | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Run a study at every combination of some values of its settings.

    Every row is what a run of the study with these values finds: the stages are the same.  Each
    forest is grown once, at its longest link, and every stage is run once for the same settings.

    Parameters
    ----------
    study
        A finished study, or what `run_study` takes.
    vary
        By setting, under its name in the study file, the values it takes: any iterable, or text
        such as ``"5:40:5"`` (start:stop:step, the stop included), ``"5,10,20"``, ``"eom,leaf"``;
        or a list of texts ``"setting=values"``.  Numbers, choices and switches of clustering,
        delineation, network, indicators, thresholds and scoring; ``none`` unsets.
    level
        Neighbouring values agree from here on, 0 to 1, when stable ranges are looked for.
    min_shared
        A region is one of the study's only if both share this part of the lighter one, 0 to 1.
    undecided
        Leave the study's given boundaries and edits aside, here and in what settings are compared
        with.  Else they are applied at every setting, and one they do not match is not run.
    most
        Greatest number of combinations; None: 1,000.
    workers
        Processes; None: as many as pay.  The tables are the same for any number.  With more than
        one, a script of your own must start its work under ``if __name__ == "__main__":``.
    scheduler
        Address of a running Dask scheduler, such as "tcp://127.0.0.1:8786", or a client of one,
        whose workers run the settings instead; the tables are the same.
    checkpoint
        File to keep finished settings in; given again, the sweep goes on where it stopped.
    progress
        Called with the number of settings done and of all.

    Returns
    -------
    Sweep
        Tables of settings, of the study's regions, of stable ranges.

    Raises
    ------
    ConfigError
        With every fault of `vary` at once; see `read_grid`.
    ParameterError
        If another parameter is outside its range, or none of the settings can be run.
    InputError
        If the checkpoint is of another sweep.
    SchedulerError
        If the cluster cannot be reached or is lost, or workers die again and again.

    Examples
    --------
    >>> import tempfile
    >>> from geoclust import synthetic
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     synthetic.write_toy_world(folder)
    ...     found = sweep(folder, vary={"clustering.min_cluster_size": "10:40:10"})
    >>> found.settings[["clustering.min_cluster_size", "regions"]].values.tolist()
    [[10, 5], [20, 2], [30, 1], [40, 1]]
    >>> found.settings["agreement"].round(3).tolist()
    [1.0, 0.842, 0.731, 0.731]
    """
    for name, value in (("level", level), ("min_shared", min_shared)):
        if not 0 <= value <= 1:
            raise ParameterError(f"{name} is {value!r}; want 0 to 1")
    config = study.config if isinstance(study, Study) else load_config(study)
    config = without_decisions(config) if undecided else config
    read_grid(vary, config, most=most)  # faults before anything is run
    if isinstance(study, Study) and not (undecided and study.decisions):
        done = study
    else:
        done = run_study(lean(config), scheduler=scheduler)
    grid = read_grid(vary, config, resolution_km=done.hierarchy.resolution_km, most=most)
    start = time.perf_counter()
    results = run_grid(
        done,
        grid,
        min_shared=min_shared,
        workers=workers,
        scheduler=scheduler,
        checkpoint=checkpoint,
        progress=progress,
    )
    _refuse_nothing(results)
    steps = step_table(grid, results)
    return Sweep(
        study=done,
        axes=grid.axes,
        settings=_settings(grid, results),
        regions=_regions(done, results),
        found=_found(results),
        steps=steps,
        ranges=range_table(grid, steps, level=level),
        level=level,
        min_shared=min_shared,
        own=None if grid.own is None else grid.own + 1,
        seconds=time.perf_counter() - start,
    )


def planned(config: StudyConfig, vary: Vary, *, most: int | None = None) -> str:
    """What a sweep would run, in words; its faults are raised.

    Examples
    --------
    >>> planned(StudyConfig(), ["clustering.min_cluster_size=5:15:5", "delineation.reach_km=5,10"])
    '6 settings: clustering.min_cluster_size (3) x delineation.reach_km (2); 3 clusterings'
    """
    grid = read_grid(vary, config, most=most)
    clusterings = len({repr(one.clustering) for one in grid.configs if one is not None})
    return f"{grid.words}; {clusterings:,} clustering{'' if clusterings == 1 else 's'}"


def lean(config: StudyConfig) -> StudyConfig:
    """A study without what a sweep does not look at: survival of gaps, rewired networks.

    Examples
    --------
    >>> lean(StudyConfig()).report.survival
    False
    """
    report = config.report.model_copy(update={"survival": False})
    network = config.network.model_copy(update={"rewirings": 0})
    return config.model_copy(update={"report": report, "network": network})


def without_decisions(config: StudyConfig) -> StudyConfig:
    """A study without its given boundaries and edits: what clustering alone finds.

    Examples
    --------
    >>> without_decisions(StudyConfig()).edits
    ()
    """
    about = config.study.model_copy(update={"edits": ""})
    plain = type(config.boundaries)()
    return config.model_copy(update={"study": about, "boundaries": plain, "edits": ()})


def decision_words(decisions: Decisions, axes: Sequence[Axis]) -> list[str]:
    """What a study's decisions do to a sweep, in sentences.

    Parameters
    ----------
    decisions
        Of the study.
    axes
        What is varied.

    Examples
    --------
    >>> decision_words(Decisions(), [])
    []
    """
    found = []
    idle = [axis.key for axis in axes if axis.is_partition]
    if decisions.replaces_clustering:
        said = "The regions are the given polygons, whatever clustering finds"
        found.append(f"{said}: {', '.join(idle)} cannot move them." if idle else f"{said}.")
    elif decisions.mode:
        done = "cut" if decisions.mode == "split" else "join"
        found.append(f"The given polygons {done} what is found at every setting.")
    if decisions.edits:
        count = len(decisions.edits)
        found.append(
            f"The study's {count} edit{'' if count == 1 else 's'} "
            f"{'is' if count == 1 else 'are'} applied at every setting; a setting whose regions "
            "they do not match is not run."
        )
    return found


def _refuse_nothing(results: Results) -> None:
    if all(one.note for one in results.found):
        reasons = list(dict.fromkeys(one.note for one in results.found))
        raise ParameterError("none of the settings can be run: " + "; ".join(reasons[:5]))


def _settings(grid: Grid, results: Results) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for place, axis in enumerate(grid.axes):
        values = [point[place] for point in grid.points]
        columns[axis.key] = np.array(values, dtype=object) if None in axis.values else values
    for name in MEASURES:
        columns[name] = [one.measures[name] for one in results.found]
    table = pd.DataFrame(columns, index=pd.RangeIndex(1, len(results.found) + 1, name="setting"))
    for name in ("regions", "clusters", "quasi_clusters", "noise", "kept_regions", "new_regions"):
        table[name] = table[name].astype("Int64")
    return table.assign(note=pd.array([one.note for one in results.found], dtype="str"))


def _regions(study: Study, results: Results) -> pd.DataFrame:
    names = study.regions.index
    run = [one for one in results.found if not one.note]
    status = np.stack([one.status for one in run])
    rank = np.stack([one.rank for one in run])
    shares = {
        name.replace("-", "_"): (status == number).mean(axis=0)
        for number, name in enumerate(STATUSES)
    }
    ranked = pd.DataFrame(np.where(rank > 0, rank, np.nan), columns=names)
    table = pd.DataFrame(study.regions[["name", "country"]])
    return table.assign(
        status=study.classification.status.reindex(names),
        found=(status != VANISHED).mean(axis=0),
        **shares,
        gone=(status == VANISHED).mean(axis=0),
        jaccard=_jaccards(run).reindex(names),
        best_rank=ranked.min().astype("Int64"),
        worst_rank=ranked.max().astype("Int64"),
        top_ten=((rank > 0) & (rank <= TEN)).mean(axis=0),
    )


def _jaccards(run: list[Found]) -> pd.Series:
    """Median overlap of each region of the study with what it is in a setting."""
    matched = [one.regions[["study_region", "jaccard"]].dropna() for one in run if len(one.regions)]
    if not matched:
        return pd.Series(dtype="float64")
    return pd.concat(matched).groupby("study_region")["jaccard"].median()


def _found(results: Results) -> pd.DataFrame:
    run = [one for one in results.found if not one.note]
    parts = [
        one.regions.reset_index().assign(setting=one.number + 1)
        for one in [each for each in run if len(each.regions)] or run[:1]
    ]
    table = pd.concat(parts, ignore_index=True)
    return table[["setting", *(name for name in table.columns if name != "setting")]]


def _advice(axis: Axis, sweep: Sweep) -> str:
    if axis.key in sweep.ranges.index:
        return f"{axis.key}: {sweep.ranges['why'].loc[axis.key]}"
    return f"{axis.key}: {choice_words(axis, sweep.steps)}"
