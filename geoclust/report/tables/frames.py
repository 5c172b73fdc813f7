"""The tables of a study as they go into a store: from a study, or from its folder of results.

One row per record, region, tie and so on; the key is a column; geometry where there is one.
"""

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from geoclust.errors import InputError
from geoclust.report.tables.columns import NUMBER, TEXT, TRUTH, column_kinds
from geoclust.report.tables.files import (
    brief_table,
    edge_table,
    gap_table,
    network_table,
    partner_table,
    place_table,
    record_table,
    region_table,
    score_table,
    tie_table,
)
from geoclust.study import read_results
from geoclust.study.guarded import unguard_text

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from geoclust.study import Study


def study_frames(study: "Study") -> dict[str, pd.DataFrame]:
    """Every table of a study, by name.

    Parameters
    ----------
    study
        A finished study; left unchanged.

    Returns
    -------
    dict
        `regions` (multipolygons), `records` and `places` (points; all EPSG:4326), `ties`,
        `scores`, `gaps`, `briefs`, `network`, `network_edges`, `partners`, `rejected`, `settings`
        and `sources`.
    """
    plain = _csv_frames(study)
    return {
        "regions": region_table(study).reset_index(),
        "records": _points(record_table(study).reset_index()),
        **plain,
        "places": _points(plain["places"]),
        "settings": study.settings,
        "sources": study.inputs.files,
    }


def _csv_frames(study: "Study") -> dict[str, pd.DataFrame]:
    """The tables that are written as CSV only."""
    return {
        "ties": tie_table(study),
        "places": place_table(study),
        "scores": score_table(study).reset_index(),
        "gaps": gap_table(study).reset_index(),
        "briefs": brief_table(study).reset_index(),
        "network": network_table(study).reset_index(),
        "network_edges": edge_table(study),
        "partners": partner_table(study),
        "rejected": study.inputs.rejected,
    }


def csv_kinds(study: "Study") -> dict[str, dict[str, str]]:
    """Kind of each column of the tables that are written as CSV only, for the manifest."""
    return {f"{name}.csv": column_kinds(table) for name, table in _csv_frames(study).items()}


def folder_frames(folder: str | Path) -> dict[str, pd.DataFrame]:
    """Every table of a finished folder of results, by name; as `study_frames`.

    Floats of tables that are stored as CSV carry the nine digits they were written with.

    Raises
    ------
    InputError
        If the folder is unfinished, or a file is not as it was written.
    """
    found = read_results(folder)
    kinds = found.manifest.get("columns")
    if not isinstance(kinds, dict):
        raise InputError(f"{folder}: was written by an earlier version; run the study again")
    altered = [name for name in kinds if name in found.altered]
    if altered:
        raise InputError(
            f"{folder}: {', '.join(altered)} missing or not as written; run the study again"
        )
    plain = {
        name.removesuffix(".csv"): _read(Path(folder) / name, told) for name, told in kinds.items()
    }
    return {
        "regions": found.regions.reset_index(),
        "records": _points(found.records.reset_index()),
        **plain,
        "places": _points(plain["places"]),
        "settings": pd.DataFrame(found.manifest["settings"]).astype("str"),
        "sources": pd.DataFrame(found.manifest["inputs"]),
    }


def _read(path: Path, kinds: dict[str, str]) -> pd.DataFrame:
    """A table that `csv_bytes` wrote, typed as it was."""
    table = pd.read_csv(
        io.BytesIO(path.read_bytes()), dtype="str", keep_default_na=False, na_values=[""]
    )
    table.columns = list(kinds)
    columns = {name: _typed(table[name], kind) for name, kind in kinds.items()}
    return pd.DataFrame(columns, index=table.index)


def _typed(column: pd.Series, kind: str) -> pd.Series:
    if kind == TEXT:
        return unguard_text(column)
    if kind == TRUTH:
        return column.str.casefold().map({"true": True, "false": False}).astype("boolean")
    return column.astype("float64" if kind == NUMBER else "Int64")


def _points(table: pd.DataFrame) -> "GeoDataFrame":
    import geopandas as gpd  # noqa: PLC0415 - heavy

    points = gpd.points_from_xy(table["longitude"], table["latitude"], crs=4326)
    return gpd.GeoDataFrame(table, geometry=points, crs=4326)
