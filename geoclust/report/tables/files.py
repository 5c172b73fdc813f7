"""The tables of a study as files, each returned as bytes.

Text that a spreadsheet would take for a formula is stored as text (`guard_text`; `unguard_text`
takes the mark away again).  Floats carry nine significant digits.
The same study gives the same bytes.
"""

import csv
import io
import json
import warnings
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

import pandas as pd

from geoclust.report.tables.keeping import kept_with
from geoclust.report.words import country_words
from geoclust.study.guarded import guard_text

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from geoclust.study import Study

FLOAT_FORMAT: Final = "%.9g"
"""Floats in text files: nine significant digits."""

FIXED_TIME: Final = "2000-01-01T00:00:00.000Z"
"""Time of last change stored in GeoPackages, so that equal studies are equal files."""


def study_tables(study: "Study") -> dict[str, Callable[[], bytes]]:
    """File name to the function that makes the file's bytes, in the order of writing.

    Parameters
    ----------
    study
        The study; left unchanged.

    Returns
    -------
    dict
        Regions as CSV, GeoPackage, GeoParquet and GeoJSON; records as CSV and GeoParquet; scores,
        gaps, briefs, the network (measures, edges, key partners), accepted ties and places with
        the regions they belong to, and rejected rows as CSV; edits and given boundaries, where
        there were any.
    """
    regions = region_table(study)
    flat = pd.DataFrame(regions.drop(columns="geometry"))
    records = record_table(study)
    return {
        "regions.csv": partial(csv_bytes, flat),
        "regions.gpkg": lambda: kept_with(geopackage_bytes(regions), study, time=FIXED_TIME),
        "regions.parquet": partial(geoparquet_bytes, regions),
        "regions.geojson": partial(geojson_bytes, regions),
        "records.csv": partial(csv_bytes, records),
        "records.parquet": partial(record_parquet_bytes, records),
        "scores.csv": partial(csv_bytes, score_table(study)),
        "gaps.csv": partial(csv_bytes, gap_table(study)),
        "briefs.csv": partial(csv_bytes, brief_table(study)),
        **_decision_tables(study),
        "network.csv": partial(csv_bytes, network_table(study)),
        "network_edges.csv": partial(csv_bytes, edge_table(study), index=False),
        "peers.csv": partial(csv_bytes, study.peers, index=False),
        "drivers.csv": partial(csv_bytes, study.drivers.table),
        "partners.csv": partial(csv_bytes, partner_table(study), index=False),
        "ties.csv": partial(csv_bytes, tie_table(study), index=False),
        "places.csv": partial(csv_bytes, place_table(study), index=False),
        "rejected.csv": partial(csv_bytes, study.inputs.rejected, index=False),
    }


def _decision_tables(study: "Study") -> dict[str, Callable[[], bytes]]:
    """Echo of edits, account of polygons and of organisations merged, where there were any."""
    named = {"edits.csv": study.edits, "boundaries.csv": study.boundaries}
    named["merged.csv"] = study.inputs.merges
    return {name: partial(csv_bytes, t, index=False) for name, t in named.items() if len(t)}


def region_table(study: "Study") -> "GeoDataFrame":
    """Everything known of each region, heaviest first, with its footprint (EPSG:4326)."""
    joined = pd.DataFrame(study.regions.drop(columns="geometry"))
    parts = (study.classification.table, study.indicators, _ranks(study))
    for part in parts:
        fresh = part.columns.difference(joined.columns, sort=False)
        joined = joined.join(part[fresh])
    return _with_geometry(joined, study.regions["geometry"])


def _ranks(study: "Study") -> pd.DataFrame:
    return study.scores.table.rename(columns={"score": "mean_rank", "note": "scoring_note"})


def _with_geometry(table: pd.DataFrame, geometry: pd.Series) -> "GeoDataFrame":
    import geopandas as gpd  # noqa: PLC0415 - heavy

    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(geometry, crs=4326), crs=4326)


def record_table(study: "Study") -> pd.DataFrame:
    """Every accepted record, by id, with its region, that region's status, and membership."""
    records = study.inputs.records.sort_index()
    found = study.clustering
    region_of = found.region_of.reindex(records.index)
    joined = pd.DataFrame(
        {
            "region_id": region_of,
            "status": region_of.map(study.classification.status).astype("str"),
            "membership": found.membership.reindex(records.index),
            "outlier_score": found.outlier_score.reindex(records.index),
            "nearest_region": found.nearest_region.reindex(records.index),
        },
        index=records.index,
    )
    own = records.drop(columns=joined.columns, errors="ignore")
    return own.join(joined)


def score_table(study: "Study") -> pd.DataFrame:
    """Ranks of the clusters, best first, with the rank of each indicator."""
    names = study.regions[["name", "country"]]
    ranks = study.scores.indicator_ranks.add_suffix("_rank")
    table = study.scores.table
    fresh = ranks.columns.difference(table.columns, sort=False)
    return names.reindex(table.index).join(table).join(ranks[fresh])


def gap_table(study: "Study") -> pd.DataFrame:
    """What each region below the bars of a cluster lacks, heaviest region first."""
    gaps = study.gaps
    order = study.regions.index.intersection(gaps.index, sort=False)
    context = study.regions[["name", "country"]].join(study.classification.table)
    chosen = [name for name in ("name", "country", "status", "tier") if name in context]
    return context.loc[order, chosen].join(gaps)


def brief_table(study: "Study") -> pd.DataFrame:
    """A few plain sentences on each region, heaviest region first."""
    status = study.classification.table[["status"]]
    briefs = study.briefs.str.replace("\n", " ")
    return pd.DataFrame(study.regions[["name", "country"]]).join(status).join(briefs)


def network_table(study: "Study") -> pd.DataFrame:
    """Ties, brokerage and roles of each region, heaviest region first."""
    return pd.DataFrame(study.regions[["name", "country"]]).join(study.network_measures)


def edge_table(study: "Study") -> pd.DataFrame:
    """Every two nodes with ties between them: ids, names, weight and number of tied pairs."""
    name = _node_names(study)
    edges = study.network.edges
    told = {f"name_{end}": edges[f"node_{end}"].map(name).astype("str") for end in "ab"}
    table = edges.assign(**told)
    return table[["node_a", "name_a", "node_b", "name_b", "weight", "pair_count"]]


def partner_table(study: "Study") -> pd.DataFrame:
    """The firms and labs elsewhere that each region works with most, heaviest region first."""
    partners = study.key_partners
    place = study.regions.index.get_indexer(pd.Index(partners["region_id"]))
    table = partners.iloc[place.argsort(kind="stable")].reset_index(drop=True)
    where = table["node"].map(_node_names(study)).astype("str")
    table.insert(list(table).index("node") + 1, "node_name", where)
    table.insert(1, "region_name", table["region_id"].map(study.regions["name"]).astype("str"))
    return table


def tie_table(study: "Study") -> pd.DataFrame:
    """Every accepted tie with the region of each end, missing where an end is in none."""
    ties, region_of = study.inputs.ties, study.clustering.region_of
    ends = ["organisation_a", "organisation_b"]
    regions = {f"region_{end[-1]}": ties[end].map(region_of).astype("str") for end in ends}
    return ties.assign(**regions)[[*ends, *regions, *ties.columns.difference(ends, sort=False)]]


def place_table(study: "Study") -> pd.DataFrame:
    """Every accepted place with the region it serves, missing where it serves none."""
    return study.inputs.places.join(study.places_served)


def _node_names(study: "Study") -> pd.Series:
    """Names of regions and, for organisations in none, of their countries."""
    nodes = study.network.nodes
    lone = nodes.index[nodes["kind"] == "country"]
    told = [country_words(code) or "unknown country" for code in nodes["country"].reindex(lone)]
    countries = pd.Series([f"{words} (in no region)" for words in told], lone, dtype="str")
    return pd.concat([study.regions["name"].astype("str"), countries])


def csv_bytes(table: pd.DataFrame, *, index: bool = True) -> bytes:
    r"""CSV in UTF-8 with line feeds, formula-like text guarded, nine significant digits.

    Examples
    --------
    >>> csv_bytes(pd.DataFrame({"name": ["=1+1", "Delft"], "x": [1 / 3, None]}), index=False)
    b"name,x\n'=1+1,0.333333333\nDelft,\n"
    """
    plain = table.reset_index() if index else table.copy()
    plain.columns = guard_text(pd.Series(plain.columns.astype("str"))).to_list()
    for position, name in enumerate(plain.columns):
        column = plain.iloc[:, position]
        if isinstance(column.dtype, pd.StringDtype) or column.dtype == object:
            plain[name] = guard_text(column.map(_as_text, na_action="ignore").astype("str"))
        elif column.dtype.kind == "b":
            plain[name] = column.map({True: "true", False: "false"}).astype("str")
    # Python's csv quotes a bare carriage return only where all is quoted
    quoting: Literal[0, 1] = csv.QUOTE_ALL if _holds_carriage_return(plain) else csv.QUOTE_MINIMAL
    text: str = plain.to_csv(
        index=False, float_format=FLOAT_FORMAT, lineterminator="\n", quoting=quoting
    )
    return text.encode("utf-8", errors="backslashreplace")


def _holds_carriage_return(table: pd.DataFrame) -> bool:
    texts = [table[name] for name in table if isinstance(table[name].dtype, pd.StringDtype)]
    return any(bool(text.str.contains("\r", regex=False, na=False).any()) for text in texts)


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def geopackage_bytes(regions: "GeoDataFrame") -> bytes:
    """GeoPackage with one layer `regions` of multipolygons, EPSG:4326."""
    import pyogrio  # noqa: PLC0415 - heavy

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_TIME})
    try:
        return _ogr_bytes(regions, driver="GPKG")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def geojson_bytes(regions: "GeoDataFrame") -> bytes:
    """GeoJSON as RFC 7946 wants it: WGS84, counter-clockwise shells, seven decimals."""
    return _ogr_bytes(
        regions,
        driver="GeoJSON",
        RFC7946="YES",
        COORDINATE_PRECISION=7,
        SIGNIFICANT_FIGURES=9,
        WRITE_NAME="NO",
    )


def _ogr_bytes(regions: "GeoDataFrame", *, driver: str, **options: Any) -> bytes:  # noqa: ANN401
    import pyogrio  # noqa: PLC0415 - heavy

    target = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*non conformant file extension.*")
        pyogrio.write_dataframe(
            regions.reset_index(),
            target,
            driver=driver,
            layer="regions",
            geometry_type="MultiPolygon",
            promote_to_multi=True,
            use_arrow=True,
            **options,
        )
    return target.getvalue()


def geoparquet_bytes(regions: "GeoDataFrame") -> bytes:
    """GeoParquet with WKB geometry."""
    target = io.BytesIO()
    regions.to_parquet(target)
    return target.getvalue()


def record_parquet_bytes(records: pd.DataFrame) -> bytes:
    """GeoParquet of the records as points, all columns kept."""
    import geopandas as gpd  # noqa: PLC0415 - heavy

    points = gpd.points_from_xy(records["longitude"], records["latitude"], crs=4326)
    return geoparquet_bytes(gpd.GeoDataFrame(records, geometry=points, crs=4326))
