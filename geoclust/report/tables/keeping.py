"""A GeoPackage of regions to go on with: notes of the run beside the polygons, and a style.

The notes (tables `geoclust_*`; see `assignment.kept`) let a later run know which polygon has been
touched.  The style is where QGIS looks for it, so that a layer shows status and names at once.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geoclust.assignment.kept import ABOUT, KEPT_COLUMNS, LAYOUT, RECORDS, REGIONS
from geoclust.clustering import mark_of
from geoclust.report.tables.styling import STYLE_NAME, qgis_style
from geoclust.sphere import coordinate_keys

if TYPE_CHECKING:
    from geoclust.study import Study

TYPES: Final = {
    "footprint": "BLOB",
    "location": "INTEGER",
    **dict.fromkeys(("membership", "persistence", "birth_km"), "REAL"),
}
"""Types of columns that are not text."""

TOLD: Final = {
    ABOUT: "What geoclust needs to go on from this file: keep it",
    REGIONS: "The polygons as geoclust drew them, to tell which have been edited: keep it",
    RECORDS: "Which record was in which region, for polygons nobody edited: keep it",
    "layer_styles": "Style of the layer regions, for QGIS",
}
"""Descriptions of the tables, which a GIS shows."""

STYLES: Final = (
    'CREATE TABLE "layer_styles" ("id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, '
    '"f_table_catalog" TEXT(256), "f_table_schema" TEXT(256), "f_table_name" TEXT(256), '
    '"f_geometry_column" TEXT(256), "styleName" TEXT(30), "styleQML" TEXT, "styleSLD" TEXT, '
    '"useAsDefault" BOOLEAN, "description" TEXT, "owner" TEXT(30), "ui" TEXT(30), '
    "\"update_time\" DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"
)
"""As QGIS itself makes it."""


def kept_with(package: bytes, study: "Study", *, time: str) -> bytes:
    """The bytes of a GeoPackage with the notes of the run and a style added.

    Parameters
    ----------
    package
        A GeoPackage with a layer `regions`.
    study
        The study it is of.
    time
        Time of last change to be written, so that equal studies are equal files.
    """
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(package)
        for name, rows in _notes(study).items():
            columns = KEPT_COLUMNS[name]
            typed = ", ".join(f'"{column}" {TYPES.get(column, "TEXT")}' for column in columns)
            connection.execute(f'CREATE TABLE "{name}" (fid INTEGER PRIMARY KEY, {typed})')
            marks = ", ".join("?" * (len(columns) + 1))
            numbered = ((number, *row) for number, row in enumerate(rows, start=1))
            connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', numbered)  # noqa: S608 - names of ours
        connection.execute(STYLES)
        connection.execute(
            "INSERT INTO layer_styles VALUES (1, '', '', 'regions', 'geom', ?, ?, '', 1, ?, '', "
            "NULL, ?)",
            (STYLE_NAME, qgis_style(), "Status and names", time),
        )
        connection.executemany(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, "
            "last_change, srs_id) VALUES (?, 'attributes', ?, ?, ?, 0)",
            [(name, name, told, time) for name, told in TOLD.items()],
        )
        connection.commit()
        return bytes(connection.serialize())


def _notes(study: "Study") -> dict[str, Iterable[Sequence[Any]]]:
    """Rows of the tables of notes, in their columns' order."""
    edits = {edit.digest for edit in study.decisions.edits} | study.decisions.held
    about = {
        "layout": LAYOUT,
        "hierarchy": mark_of(study.clustering.before or study.clustering),
        "edits": json.dumps(sorted(edits)),
    }
    return {ABOUT: sorted(about.items()), REGIONS: _regions(study), RECORDS: _records(study)}


def _regions(study: "Study") -> list[Sequence[Any]]:
    import shapely  # noqa: PLC0415 - heavy

    regions = study.regions
    shapes = shapely.to_wkb(regions["geometry"].to_numpy(), byte_order=1)
    return [
        (str(region_id), str(name), _number(persistence), _number(birth_km), shape)
        for region_id, name, persistence, birth_km, shape in zip(
            regions.index,
            regions["name"],
            regions["persistence"],
            regions["birth_km"],
            shapes,
            strict=True,
        )
    ]


def _records(study: "Study") -> list[Sequence[Any]]:
    records = study.inputs.records.sort_index()
    found = study.clustering
    keys = coordinate_keys(records["longitude"], records["latitude"])
    return [
        (str(record_id), _text(region_id), int(key), float(membership), _text(nearest))
        for record_id, region_id, key, membership, nearest in zip(
            records.index,
            found.region_of.reindex(records.index),
            keys,
            found.membership.reindex(records.index),
            found.nearest_region.reindex(records.index),
            strict=True,
        )
    ]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: float) -> float | None:
    return None if pd.isna(value) else float(value)
