"""A GeoPackage as a sink: all tables of a study in one file, regions and records as layers."""

import sqlite3
import warnings
from contextlib import closing
from pathlib import Path

import pandas as pd

from geoclust.errors import OutputError, ParameterError
from geoclust.report.stores.marks import Tables, marked, refuse_others, rows_of
from geoclust.report.stores.single_file import replaced
from geoclust.report.tables.columns import SHAPE, SHAPES, TRUTH, column_kinds, plain_columns
from geoclust.report.tables.files import FIXED_TIME


def write_geopackage(tables: Tables, path: Path, *, note: str) -> dict[str, int]:
    """Write tables into a GeoPackage, all of them or none.

    Parameters
    ----------
    tables
        By name; those with geometry (EPSG:4326) become layers, the others tables of attributes.
    path
        A new file, or one that geoclust wrote.
    note
        Version and study, kept as the description of each table.

    Returns
    -------
    dict
        Rows of each table.

    Raises
    ------
    OutputError
        If the file cannot be written; one written before is untouched.
    ParameterError
        If a file of other origin is in the way.
    """
    import pyogrio  # noqa: PLC0415 - heavy

    _refuse_foreign(path)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_TIME})
    try:
        with replaced(path) as fresh:
            for name, table in tables.items():
                _write(fresh, name, table, marked(note))
    except pyogrio.errors.DataSourceError as error:
        raise OutputError(f"could not write {path}: {error}") from error
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    return rows_of(tables)


def _write(path: Path, name: str, table: pd.DataFrame, note: str) -> None:
    import pyogrio  # noqa: PLC0415 - heavy

    kinds = column_kinds(table)
    shaped = SHAPE in kinds.values()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*without a geometry.*")
        pyogrio.write_dataframe(
            _typed(table, kinds),
            path,
            driver="GPKG",
            layer=name,
            append=path.exists(),
            geometry_type=SHAPES[name] if shaped else None,
            promote_to_multi=name == "regions" if shaped else None,
            layer_options={"DESCRIPTION": note, "FID": "fid", "GEOMETRY_NAME": "geometry"},
        )


def _typed(table: pd.DataFrame, kinds: dict[str, str]) -> pd.DataFrame:
    """The table with text that a file can hold and truth values that may be missing."""
    cells = plain_columns(table.drop(columns=[n for n, kind in kinds.items() if kind == SHAPE]))
    changed = {
        name: pd.Series(
            values, index=table.index, dtype="boolean" if kinds[name] == TRUTH else "str"
        )
        for name, values in cells.items()
        if kinds[name] in {"text", TRUTH}
    }
    return table.assign(**changed)


def _refuse_foreign(path: Path) -> None:
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            told = connection.execute("SELECT description FROM gpkg_contents").fetchall()
    except sqlite3.Error as error:
        raise ParameterError(
            f"{path}: is no GeoPackage of geoclust ({error}): left as it is; give another file"
        ) from error
    refuse_others(path, (mark for (mark,) in told), "layers")
