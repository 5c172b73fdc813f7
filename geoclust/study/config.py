"""The study file: every choice of a study, named, with its unit, its default and its range.

A `StudyConfig` is a frozen value.  It comes from TOML (`StudyConfig.from_toml`), from a folder of
tables (`StudyConfig.from_directory`) or from Python; whichever way, all its faults are reported at
once, each with its place in the file and the nearest valid name for a key that does not exist.
"""

import tomllib
from math import inf
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from geoclust.catalogue import unknown_indicators
from geoclust.classification import Thresholds
from geoclust.errors import ConfigError, InputError
from geoclust.records import TableSource
from geoclust.scoring import Framework, expand
from geoclust.study.faults import describe_faults

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]

FEWEST_REWIRINGS: Final = 200


class Section(BaseModel):
    """A table of the study file: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class AboutSection(Section):
    """`[study]`: what the study is called and what a reader of its report should know."""

    name: str = Field(default="", max_length=200)
    """Title of the report; empty: the folder's name."""

    description: str = Field(default="", max_length=4000)
    """One paragraph for the opening of the report, in plain words."""

    author: str = Field(default="", max_length=400)
    """Who answers for the study; shown under the title."""

    citation: str = Field(default="", max_length=1000)
    """How the study's data are to be cited."""

    seed: int = Field(default=0, ge=0)
    """Seed of everything random; noted in the manifest."""


class InputsSection(Section):
    """`[inputs]`: the tables; without any, those found in `folder` by name."""

    folder: str = "."
    """Folder of the tables, relative to the study file."""

    strict: bool = False
    """Make any rejected row an error."""

    records: TableSource | None = None
    """Firms, labs and patents in one table with a column `kind`."""

    firms: TableSource | None = None
    """Table of firms."""

    labs: TableSource | None = None
    """Table of labs."""

    patents: TableSource | None = None
    """Table of patents."""

    ties: TableSource | None = None
    """Table of ties."""

    places: TableSource | None = None
    """Table of places with population and GDP."""

    @property
    def sources(self) -> dict[str, TableSource]:
        """The tables given, by name."""
        names = ("records", "firms", "labs", "patents", "ties", "places")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


class KindWeights(Section):
    """`[clustering.kind_weights]`: what one record of a kind counts for."""

    firm: Positive = 1.0
    """Weight of a firm."""

    lab: Positive = 1.0
    """Weight of a lab."""

    patent: Positive = 1.0
    """Weight of a patent."""


class ClusteringSection(Section):
    """`[clustering]`: the density hierarchy and the choice of regions from it."""

    engine: Literal["geoclust", "hdbscan"] = "geoclust"
    """Our exact engine, or the upstream package for comparison."""

    kind_weights: KindWeights = KindWeights()
    """What one record of each kind counts for."""

    min_samples: int = Field(default=5, ge=1)
    """Neighbouring weight that makes a place dense (the record itself not counted)."""

    resolution_km: Positive | None = None
    """Distances below it count as it, km; unset: from the precision of the coordinates."""

    max_link_km: Annotated[float, Field(gt=0)] = 100.0
    """Nothing further apart ever joins directly, km; `inf` is classic HDBSCAN."""

    min_cluster_size: int = Field(default=10, ge=2)
    """Least weight of a region."""

    cluster_selection_method: Literal["eom", "leaf", "distance"] = "eom"
    """Excess of mass, finest regions, or a cut at `cluster_selection_epsilon_km`."""

    density_scale: Literal["log", "inverse"] = "log"
    """How a region's lifetime is measured: in log length, or in 1/km as in HDBSCAN."""

    cluster_selection_epsilon_km: NotNegative = 0.0
    """Regions that separate below it stay together, km."""

    max_cluster_size: Positive | None = None
    """Greatest weight of a region; heavier ones are replaced by their parts."""

    max_extent_km: Annotated[float, Field(gt=0)] = 200.0
    """Greatest width of a region over the members it keeps, km; `inf`: no limit."""

    min_membership: Share = 0.25
    """Members weaker than this become noise with their nearest region noted."""

    allow_single_cluster: bool = False
    """With `max_link_km = inf` only: the root may be a region."""

    @property
    def hierarchy_arguments(self) -> dict[str, Any]:
        """Keyword arguments of `build_hierarchy`."""
        names = ("engine", "min_samples", "resolution_km", "max_link_km")
        return {name: getattr(self, name) for name in names} | {
            "kind_weights": self.kind_weights.model_dump()
        }

    @property
    def selection_arguments(self) -> dict[str, Any]:
        """Keyword arguments of `extract_regions`."""
        names = (
            "min_cluster_size",
            "cluster_selection_method",
            "density_scale",
            "cluster_selection_epsilon_km",
            "max_cluster_size",
            "max_extent_km",
            "min_membership",
            "allow_single_cluster",
        )
        arguments = {name: getattr(self, name) for name in names}
        return arguments | {
            "max_extent_km": None if self.max_extent_km == inf else self.max_extent_km
        }


class DelineationSection(Section):
    """`[delineation]`: how footprints are drawn."""

    method: Literal["reach", "concave_hull", "convex_hull"] = "reach"
    """Discs round the members, or a hull with a margin."""

    reach_km: Positive = 10.0
    """Radius of the disc round each member, km; also the base of activity density."""

    margin_km: Positive = 5.0
    """Margin round a hull, km."""

    ratio: Share = 0.3
    """Concavity of `concave_hull`: 0 tightest, 1 convex."""

    disjoint: bool = True
    """Give disputed ground to the region of the nearest member."""


def _enough(rewirings: int) -> int:
    if 0 < rewirings < FEWEST_REWIRINGS:
        raise ValueError(
            f"found {rewirings}; the spread of fewer than {FEWEST_REWIRINGS} rewirings is itself "
            "uncertain: give more, or 0 for no comparison with chance"
        )
    return rewirings


class NetworkSection(Section):
    """`[network]`: how regions are joined by ties, and what brokerage is."""

    brokerage: Literal["betweenness", "bridgeness", "constraint", "participation"] = "betweenness"
    """Share of shortest paths through a region; of those between nodes beyond its partners only;
    1 minus Burt's constraint; or how evenly its ties are spread over countries."""

    rewirings: Annotated[int, Field(ge=0, le=100_000), AfterValidator(_enough)] = 200
    """Networks rewired at random that brokerage is compared with, at least 200; 0: none."""


class IndicatorsSection(Section):
    """`[indicators]`: how regions are measured."""

    min_evidence: int = Field(default=5, ge=1)
    """Ratios on fewer cases are flagged as thin evidence."""

    shrinkage: bool = False
    """Draw ratios on few cases towards the mean of all regions (empirical Bayes)."""

    gdp_per_head: dict[str, Positive] = {}
    """USD per head by country code: stands in, flagged, where a place has no GDP."""


class ReportSection(Section):
    """`[report]`: what is written besides the tables."""

    max_links_km: tuple[Positive, ...] = (50.0, 100.0, 200.0)
    """Rows of the table of regions by max_link x resolution, km."""

    resolutions_km: tuple[Positive, ...] = (0.1, 1.0, 5.0, 10.0)
    """Columns of that table, km."""

    figures: bool = True
    """Write PNG and SVG maps and plots beside the page."""

    survival: bool = True
    """Cluster again with each region's gap filled, and say whether it would be a cluster."""


class StudyConfig(Section):
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

    study: AboutSection = AboutSection()
    """Name, description, seed."""

    inputs: InputsSection = InputsSection()
    """Where the tables are and how their columns are called."""

    clustering: ClusteringSection = ClusteringSection()
    """Density hierarchy and selection of regions."""

    delineation: DelineationSection = DelineationSection()
    """Footprints."""

    network: NetworkSection = NetworkSection()
    """Ties between regions."""

    indicators: IndicatorsSection = IndicatorsSection()
    """Measurement."""

    thresholds: Thresholds = Thresholds()
    """Bars, criteria and unit costs of the judgement."""

    scoring: Annotated[Framework, BeforeValidator(expand)] = Framework.quantum()
    """Indicators, dimensions, directions and weights of the ranking."""

    report: ReportSection = ReportSection()
    """Tables and figures of the report."""

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
                "with a finite max_link_km every tree's root may be a region anyway"
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
    def from_toml(cls, path: str | Path) -> "StudyConfig":
        """Read a study file.

        Raises
        ------
        InputError
            If the file cannot be read as UTF-8 text.
        ConfigError
            With every fault of the file.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: cannot be read as a study file: {error}") from error
        return cls.from_text(text, base=path.parent, origin=path)

    @classmethod
    def from_text(
        cls, text: str, *, base: str | Path = ".", origin: Path | None = None
    ) -> "StudyConfig":
        """Parse the text of a study file; relative paths in it start from `base`."""
        name = "study file" if origin is None else str(origin)
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError([f"not valid TOML: {error}"], name) from error
        reserved = [key for key in ("base", "origin") if key in values]
        if reserved:
            raise ConfigError([f"{key}: no such key" for key in reserved], name)
        try:
            return cls.model_validate({**values, "base": Path(base), "origin": origin})
        except ValidationError as error:
            raise ConfigError(describe_faults(error, cls, text), name) from error

    @classmethod
    def from_directory(cls, folder: str | Path) -> "StudyConfig":
        """Defaults throughout, for a folder with `firms.*`, `labs.*`, `patents.*` and so on."""
        folder = Path(folder)
        if not folder.is_dir():
            raise InputError(f"{folder}: no such folder")
        return cls(base=folder)

    @property
    def name(self) -> str:
        """The study's name, or its folder's."""
        return self.study.name or self.base.resolve().name.replace("_", " ") or "study"
