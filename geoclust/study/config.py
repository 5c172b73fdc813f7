"""The study file: every choice of a study, named, with its unit, its default and its range.

A `StudyConfig` is a frozen value.  It comes from TOML (`StudyConfig.from_toml`), from a folder of
tables (`StudyConfig.from_directory`) or from Python; whichever way, all its faults are reported at
once, each with its place in the file and the nearest valid name for a key that does not exist.
"""

from dataclasses import asdict
from math import inf
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, model_validator

from geoclust.assignment import Edit
from geoclust.catalogue import unknown_indicators
from geoclust.classification import Thresholds
from geoclust.errors import InputError
from geoclust.scoring import Framework
from geoclust.study.periods import TimeSection
from geoclust.study.precise import PrecisionSection
from geoclust.study.saving import study_text
from geoclust.study.sections import (
    AboutSection,
    BoundariesSection,
    ClusteringSection,
    DelineationSection,
    IndicatorsSection,
    InputsSection,
    NetworkSection,
    ReportSection,
)
from geoclust.study.toml_file import TomlFile
from geoclust.study.variation import RobustnessSection


def _framework(values: object) -> Framework:
    """A framework from plain values, with all its faults at once."""
    return values if isinstance(values, Framework) else Framework.from_mapping(values)


def _with_both_bars(values: object) -> object:
    """Thresholds in which a pair of bars that says one keeps the default of the other."""
    if not isinstance(values, dict):
        return values
    defaults = Thresholds()
    bars = {
        name: {**asdict(getattr(defaults, name)), **given}
        for name in ("cluster", "quasi")
        if isinstance(given := values.get(name), dict)
    }
    return {**values, **bars}


class StudyConfig(TomlFile):
    r"""Every choice of a study.

    Examples
    --------
    >>> config = StudyConfig.from_text('''
    ... [clustering]
    ... min_cluster_size = 8
    ... ''')
    >>> config.clustering.min_cluster_size, config.delineation.reach_km
    (8, 10.0)
    >>> StudyConfig.from_text("[clustering]\nmin_clustersize = 8")
    Traceback (most recent call last):
    geoclust.errors.ConfigError: study file: 1 fault
      - line 2, clustering.min_clustersize: no such key; did you mean 'min_cluster_size'?
    """

    kind: ClassVar[str] = "study file"

    study: AboutSection = AboutSection()
    """Name, description, seed."""

    inputs: InputsSection = InputsSection()
    """Where the tables are and how their columns are called."""

    clustering: ClusteringSection = ClusteringSection()
    """Density hierarchy and selection of regions."""

    boundaries: BoundariesSection = BoundariesSection()
    """Given polygons."""

    edits: tuple[Edit, ...] = ()
    """Decisions on the regions, in order, each a table [[edits]] with action (merge, split, drop,
    rename, move or freeze), what it concerns, reason and by."""

    delineation: DelineationSection = DelineationSection()
    """Footprints."""

    network: NetworkSection = NetworkSection()
    """Ties between regions."""

    indicators: IndicatorsSection = IndicatorsSection()
    """Measurement."""

    thresholds: Annotated[Thresholds, BeforeValidator(_with_both_bars)] = Thresholds()
    """Bars, criteria and unit costs of the judgement."""

    scoring: Annotated[Framework, BeforeValidator(_framework)] = Framework.quantum()
    """Indicators, dimensions, directions and weights of the ranking."""

    report: ReportSection = ReportSection()
    """Tables and figures of the report."""

    robustness: RobustnessSection = RobustnessSection()
    """Draws, and what varies in them."""

    precision: PrecisionSection = PrecisionSection()
    """Records spread within their geocodes."""

    time: TimeSection = TimeSection()
    """Windows of years."""

    base: Path = Field(default=Path(), exclude=True)
    """Folder that relative paths start from; set by the reader, not in the file."""

    origin: Path | None = Field(default=None, exclude=True)
    """The study file itself, if there is one; set by the reader."""

    @model_validator(mode="after")
    def _clustering_agrees(self) -> "StudyConfig":
        clustering = self.clustering
        if clustering.allow_single_cluster and clustering.max_link_km != inf:
            raise ValueError(
                "clustering.allow_single_cluster only means something with max_link_km = inf: "
                "with a finite max_link_km every tree's root may be a region anyway; leave it out"
            )
        return self

    @model_validator(mode="after")
    def _indicators_exist(self) -> "StudyConfig":
        named = [criterion.indicator for criterion in self.thresholds.criteria]
        faults = unknown_indicators(named + [spec.name for spec in self.scoring.indicators])
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @classmethod
    def from_directory(cls, folder: str | Path) -> "StudyConfig":
        """Defaults throughout, for a folder with `firms.*`, `labs.*`, `patents.*` and so on."""
        folder = Path(folder)
        if not folder.is_dir():
            raise InputError(f"{folder}: no such folder")
        return cls(base=folder)

    def to_toml(self, *, folder: str | Path | None = None) -> str:
        r"""The text of a study file that gives this configuration again.

        What was never said and stands at its default is left out.

        Parameters
        ----------
        folder
            Where the file is to stand, if elsewhere than `base`: the folder of the tables is told
            from there, and the name is said even where it is that of `base`.

        Returns
        -------
        str
            TOML; `from_text` with the same base reads it back.

        Examples
        --------
        >>> config = StudyConfig.from_text("[clustering]\nmax_link_km = inf")
        >>> print(config.to_toml().split("\n\n")[1])
        [clustering]
        max_link_km = inf
        <BLANKLINE>
        >>> StudyConfig.from_text(config.to_toml()) == config
        True
        """
        return study_text(self, folder=folder)

    @property
    def name(self) -> str:
        """The study's name, or its folder's."""
        return self.study.name or self.base.resolve().name.replace("_", " ") or "study"
