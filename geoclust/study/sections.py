"""The sections of the study file: every choice named, with its unit, its default and its range."""

from math import inf
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, model_validator

from geoclust.records import TableSource
from geoclust.study.section import NotNegative, Positive, Section, Share

FEWEST_REWIRINGS: Final = 200


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

    edits: str = ""
    """File of further [[edits]] (TOML, relative to this one), applied after those here."""


class InputsSection(Section):
    """`[inputs]`: the tables; without any, those found in `folder` by name."""

    folder: str = "."
    """Folder of the tables, relative to the study file."""

    strict: bool = False
    """Make any rejected row an error."""

    patent_basis: Literal["inventor", "applicant"] | None = None
    """Whose address places a patent.  "inventor": its own coordinates (presets read the inventors'
    files); "applicant": applicant_longitude and applicant_latitude of the patent, else the firm or
    lab that organisation_id names.  Unset: as the tables give it."""

    identity: str | None = None
    """Table of decisions on which organisations are one, as `geoclust identity` writes it; nothing
    is merged without."""

    accept_above: Share | None = None
    """Score from which its pairs suggested "same" count without a decision; unset: never."""

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

    @model_validator(mode="after")
    def _accepts_of_a_table(self) -> "InputsSection":
        if self.accept_above is not None and self.identity is None:
            raise ValueError("accept_above means something only with identity, the table it is of")
        return self

    @property
    def identities(self) -> dict[str, Any]:
        """Keyword arguments of `read_inputs` on which organisations are one."""
        return {"identity": self.identity, "accept_above": self.accept_above}

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


class BoundariesSection(Section):
    """`[boundaries]`: polygons that define regions, or split and join those found."""

    file: str = ""
    """GeoPackage, GeoJSON or GeoParquet, relative to the study file; empty: regions are found by
    clustering alone."""

    mode: Literal["instead", "split", "join"] = "instead"
    """The polygons are the regions; or they cut those found along their borders; or all found with
    most of their weight in one polygon become one."""

    layer: str | None = None
    """Layer of a GeoPackage, where it has several and none is called regions."""

    id: str = ""
    """Attribute with ids; empty: one of the usual names (region_id, id, code, nuts_id ...)."""

    name: str = ""
    """Attribute with names; empty: one of the usual (name, nuts_name, label ...)."""

    crs: str | None = None
    """Reference system, such as EPSG:3035, for a file that does not say."""

    repair: bool = False
    """Mend invalid polygons, and say which, instead of refusing the file."""

    duplicates: Literal["refuse", "join", "apart"] | None = None
    """Polygons with one id: refused, parts of one region, or regions apart, of which the largest
    keeps the id.  Unset: apart in a file of geoclust's own, where one was cut; else refused."""


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

    gdp_per_head: dict[str, Positive] = Field(default={})
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
