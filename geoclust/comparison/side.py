"""One side of a comparison, whatever it was made from: its records, and its regions."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geoclust.schema import weight_units
from geoclust.study import Results, Study, StudyConfig

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

FACTS: Final = ("name", "country", "longitude", "latitude", "weight", "record_count")


@dataclass(frozen=True, eq=False, kw_only=True)
class Side:
    """One side of a comparison."""

    name: str
    kind: str
    """"study", "results" or "polygons"."""
    records: pd.DataFrame
    """Index `record_id`, sorted: kind, name, longitude, latitude, `units` (weight in clustering as
    a whole multiple of 1/WEIGHT_UNIT), `region_id` (missing where in none)."""
    regions: "GeoDataFrame"
    """Index `region_id`, heaviest first: name, country, longitude, latitude, weight, record_count,
    status and rank (missing where there is none), footprint."""
    remarks: tuple[str, ...] = ()
    """What to know: warnings of a study that was run, remarks on a file of polygons."""

    @property
    def weight(self) -> pd.Series:
        """Weight of each region."""
        weight: pd.Series = self.regions["weight"]
        return weight


def side_of_study(study: Study) -> Side:
    """A finished study as a side."""
    regions = study.regions
    facts = regions[[*FACTS, "geometry"]].assign(
        status=study.classification.status, rank=study.scores.table["rank"]
    )
    region_of = study.clustering.region_of
    return Side(
        name=study.config.name,
        kind="study",
        records=side_records(study.inputs.records, region_of, study.config),
        regions=region_facts(facts),
        remarks=study.warnings,
    )


def side_of_results(results: Results) -> Side:
    """A folder of results as a side."""
    facts = results.regions[[*FACTS, "status", "rank", "geometry"]]
    return Side(
        name=results.name,
        kind="results",
        records=side_records(results.records, results.records["region_id"], results.config),
        regions=region_facts(facts),
        remarks=tuple(
            f"{results.folder / name} is missing or not as written, and was not read: what is "
            "compared is what the study found"
            for name in results.altered
        ),
    )


def side_records(records: pd.DataFrame, region_of: pd.Series, config: StudyConfig) -> pd.DataFrame:
    """Records as a side holds them, each with its weight in clustering and its region."""
    factor = records["kind"].map(config.clustering.kind_weights.model_dump())
    table = records[["kind", "name", "longitude", "latitude", "country"]].assign(
        units=weight_units(records["weight"], factor.astype("float64")).astype(np.int64),
        region_id=region_of.reindex(records.index).astype("str"),
    )
    return table.sort_index()


def region_facts(facts: Any) -> "GeoDataFrame":  # noqa: ANN401 - a GeoDataFrame
    """Facts of regions, in one order and of one kind."""
    import geopandas as gpd  # noqa: PLC0415 - heavy

    table = gpd.GeoDataFrame(facts, geometry="geometry", crs=4326)
    table.index = pd.Index(table.index.astype("str"), name="region_id")
    table["rank"] = table["rank"].astype("Int64")
    table["status"] = table["status"].astype("str")
    return table.iloc[np.lexsort((table.index.to_numpy(), -table["weight"].to_numpy()))]
