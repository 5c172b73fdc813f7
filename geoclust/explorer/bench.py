"""A study on the bench: its settings may be dragged, its regions edited, and every act undone.

What the bench finds is what `run_study` finds with the same settings and edits: it walks the same
stages, and skips those whose own settings are as before.  The hierarchy is built once per forest.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from geoclust.assignment import Edit
from geoclust.classification.bars import judge
from geoclust.clustering import Clustering, Hierarchy, build_hierarchy
from geoclust.errors import ConfigError, GeoclustError, GeoclustWarning, OutputError
from geoclust.explorer.choices import Choices
from geoclust.explorer.controls import controls_of
from geoclust.explorer.keeping import Kept
from geoclust.explorer.sketch import Basis, Sketch, Slow
from geoclust.records import Inputs
from geoclust.report.writing import write_file
from geoclust.robustness.settings import faults_of, with_values
from geoclust.robustness.sweeping import lean
from geoclust.schema import Indicators, Regions
from geoclust.scoring import Scores
from geoclust.study import Study, StudyConfig, run_study
from geoclust.study.deciding import Decisions, load_decisions
from geoclust.study.reading import read_configured
from geoclust.study.run import load_config
from geoclust.study.saving import study_text
from geoclust.study.stages import draw_footprints, join_regions, measure_regions, rank_regions

if TYPE_CHECKING:
    import pandas as pd

TAKEN: Final = ("clustering", "delineation", "thresholds", "edits")
"""Sections that the bench changes."""

MOST_SKETCHES: Final = 4
"""Sketches that are kept: the last ones, and those of settings that may be set next."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Found:
    """What a study comes to with the settings and edits of the bench."""

    config: StudyConfig
    clustering: Clustering
    regions: Regions
    """Heaviest first, with footprints."""
    indicators: Indicators
    judged: "pd.DataFrame"
    """Status, tier, density, capability by region."""
    scores: Scores
    """Of the clusters."""


class Bench:
    """A study whose settings may be changed again and again.

    Parameters
    ----------
    study
        A finished study, or what `run_study` takes.

    Examples
    --------
    >>> import tempfile
    >>> from geoclust import synthetic
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     synthetic.write_toy_world(folder)
    ...     bench = Bench(folder)
    >>> len(bench.found().regions)
    5
    >>> bench.set({"clustering.min_cluster_size": 30})
    >>> len(bench.found().regions)
    1
    >>> bench.undo()
    >>> len(bench.found().regions)
    5
    """

    def __init__(self, study: Study | StudyConfig | str | Path) -> None:
        self._study = study if isinstance(study, Study) else None
        self._whole = study.config if isinstance(study, Study) else load_config(study)
        self.inputs, self.decisions, own = _opened(study, self._whole)
        self.config = own_edits(self._whole, self.decisions)
        self._first = self.config
        self.controls = controls_of(self.config)
        self._past: list[StudyConfig] = []
        self._choices = Choices(self.inputs, self.decisions, own)
        self._done, self._sketches = Kept(1), Kept(MOST_SKETCHES)
        self._last: Sketch | None = None
        self.basis = Basis.of(self.inputs, self.config)
        self.origin = self.sketch()

    @property
    def study(self) -> Study:
        """The study as it was; run when it is first asked for."""
        if self._study is None:
            self._study = run_study(lean(self._whole))
        return self._study

    def __repr__(self) -> str:
        return f"<Bench of {self.config.name!r}: {len(self.changes)} settings changed>"

    @property
    def changes(self) -> dict[str, tuple[float, float]]:
        """Settings that differ from the study's: its own value, and the one on the bench."""
        now = {one.name: one.value for one in controls_of(self.config)}
        return {
            one.name: (one.value, now[one.name])
            for one in self.controls
            if now[one.name] != one.value
        }

    @property
    def can_undo(self) -> bool:
        """Whether there is an act to take back."""
        return bool(self._past)

    def set(self, values: Mapping[str, float], *, again: bool = False) -> None:
        """Give settings other values, by their names in the study file.

        Parameters
        ----------
        values
            Any of the settings that a sweep may vary.
        again
            Whether this goes on with the last act, as one drag does: `undo` takes back both.

        Raises
        ------
        ConfigError
            If a value is outside its range or contradicts another, or an edit does not match what
            would be found; nothing is changed then.
        """
        before, past = self.config, list(self._past)
        self._take(with_checked(self.config, values), remember=not again)
        try:
            self.clustering()
        except GeoclustError:
            self.config, self._past = before, past
            raise

    def undo(self) -> None:
        """Take back the last act; with none, nothing happens."""
        if self._past:
            self.config = self._past.pop()

    def reset(self) -> None:
        """Back to the study as it was; can be undone."""
        self._take(self._first)

    def edit(self, edit: Edit) -> None:
        """Add an edit to those of the study; it is applied last.

        Raises
        ------
        ConfigError
            If it does not match the regions as they are; nothing is changed then.
        """
        before, past = self.config, list(self._past)
        self._take(self.config.model_copy(update={"edits": (*self.config.edits, edit)}))
        try:
            self.clustering()
        except GeoclustError:
            self.config, self._past = before, past
            raise

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The study's edits and those made here, in order."""
        return self.config.edits

    def _take(self, config: StudyConfig, *, remember: bool = True) -> None:
        if remember and config != self.config:
            self._past.append(self.config)
        self.config = config

    def saved_config(self) -> StudyConfig:
        """The study with the settings and edits of the bench, and all else as it was."""
        taken = {name: getattr(self.config, name) for name in TAKEN}
        about = self._whole.study.model_copy(update={"edits": ""})  # they are among ours
        return self._whole.model_copy(update=taken | {"study": about})

    def save(self, path: str | Path | None = None) -> Path:
        """Write a study file that `geoclust run` makes the same regions from.

        Parameters
        ----------
        path
            The file; it must not exist.  None: beside the study's own, named after it.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        OutputError
            If it exists or cannot be written.
        """
        wanted = self._beside() if path is None else Path(path)
        if wanted.exists():
            raise OutputError(f"{wanted} exists; give another name, it is not replaced")
        config = self.saved_config()
        write_file(wanted, study_text(config, folder=wanted.parent).encode("utf-8"))
        return wanted

    def _beside(self) -> Path:
        """A name that is free beside the study file, or above a folder of results."""
        own = self._whole.origin or self._whole.base / "study.toml"
        folder = own.parent.resolve()
        if (folder / "manifest.json").exists():
            folder, stem = folder.parent, folder.name
        else:
            stem = own.stem
        names = (f"{stem}-explored{n}.toml" for n in ("", *(f"-{i}" for i in range(2, 10_000))))
        return next(folder / name for name in names if not (folder / name).exists())

    def sketch(self) -> Sketch:
        """What the page is told: the same as `found`, worked out bit by bit."""
        key = _taken(self.config)
        self._last = self._sketches.once("sketch", key, lambda: self.sketch_at(self.config))
        return self._last

    def keep(self, sketch: Sketch) -> None:
        """Keep a sketch with other settings for when they are set."""
        self._sketches.put("sketch", _taken(sketch.config), sketch)

    def sketch_at(self, config: StudyConfig) -> Sketch:
        """A sketch with other settings; nothing on the bench changes.

        Raises
        ------
        ConfigError
            If an edit does not match the regions found with them.
        """
        clustering, decided = self._choices.decided(config)
        kind = Sketch if self.basis.serves(config, decided.partition.footprints) else Slow
        return kind(self.basis, config, clustering, self.found, before=self._last)

    def found(self) -> Found:
        """What the study comes to as it lies on the bench."""
        config, inputs = self.config, self.inputs
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", GeoclustWarning)
            clustering = self.clustering()
            clustered = repr((config.clustering, config.edits))
            drawn = clustered + repr(config.delineation)
            given = self._choices.decided(config)[1].partition.footprints
            regions = self._done.once(
                "draw", drawn, lambda: draw_footprints(config, inputs, clustering, given=given)
            )
            joined = clustered + config.network.brokerage
            network = self._done.once(
                "join", joined, lambda: join_regions(config, inputs, clustering)
            )
            measured = drawn + joined + repr(config.indicators)
            indicators: Indicators = self._done.once(
                "measure",
                measured,
                lambda: measure_regions(config, inputs, clustering, regions, network=network),
            )
            _, judged = judge(indicators, config.thresholds)
            scores = rank_regions(config, indicators, judged["status"] == "cluster")
        return Found(
            config=config,
            clustering=clustering,
            regions=regions,
            indicators=indicators,
            judged=judged,
            scores=scores,
        )

    def clustering(self) -> Clustering:
        """Regions of each record, from a hierarchy built once per forest, and edited."""
        return self._choices.decided(self.config)[0]

    def hierarchy(self) -> Hierarchy:
        """The hierarchy that a run with these settings would build."""
        return self.hierarchy_at(self.config)

    def hierarchy_at(self, config: StudyConfig) -> Hierarchy:
        """The hierarchy that a run with other settings would build."""
        return self._choices.hierarchy(config)

    def forest_seconds(self, config: StudyConfig) -> float:
        """How long another forest would take, if these settings need one; as the last one did."""
        return self._choices.forest_seconds(config)


def _taken(config: StudyConfig) -> str:
    return repr([getattr(config, name) for name in TAKEN])


def _opened(
    study: Study | StudyConfig | str | Path, config: StudyConfig
) -> tuple[Inputs, Decisions, Hierarchy]:
    """Tables, decisions and hierarchy of a study; nothing else of it is run."""
    if isinstance(study, Study):
        return study.inputs, study.decisions, study.hierarchy
    decisions, inputs = load_decisions(config), read_configured(config)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GeoclustWarning)
        hierarchy = build_hierarchy(inputs.records, **config.clustering.hierarchy_arguments)
    return inputs, decisions, hierarchy


def own_edits(config: StudyConfig, decisions: Decisions) -> StudyConfig:
    """A study's configuration with all its edits in it, those of its file of edits, too."""
    about = config.study.model_copy(update={"edits": ""})
    return config.model_copy(update={"edits": decisions.edits, "study": about})


def with_checked(config: StudyConfig, values: Mapping[str, float]) -> StudyConfig:
    """The study with other values of some settings.

    Raises
    ------
    ConfigError
        If they are outside their ranges or contradict each other.
    """
    try:
        return with_values(config, values)
    except ValidationError as error:
        raise ConfigError(faults_of(error), "settings") from error
