"""A study published: its tables written into a store that others read from.

The store is chosen by its address: ``postgresql://`` is PostGIS, `.duckdb` a DuckDB file, `.gpkg` a
GeoPackage, anything without an ending a folder of GeoParquet partitioned by country.
"""

from pathlib import Path
from typing import Any, Final

import pandas as pd

import geoclust
from geoclust.errors import ParameterError
from geoclust.records.addresses import is_address, parse_address
from geoclust.report.folders.reserving import reserved
from geoclust.report.tables.frames import folder_frames, study_frames
from geoclust.report.writing import by_themselves, write_files
from geoclust.study import Study
from geoclust.study.manifests import fingerprint

SCHEMA: Final = "geoclust"
"""Schema of a PostGIS database that tables go to where none is named."""


def publish_study(
    study: Study | str | Path, store: str | Path, *, schema: str = SCHEMA
) -> dict[str, int]:
    """Write a study's tables into a store, all of them or none; again, it replaces them.

    Parameters
    ----------
    study
        A finished study, or the folder of results it was written to.
    store
        ``postgresql://USER@HOST:PORT/DATABASE`` (with PostGIS; the password comes from PGPASSWORD,
        ~/.pgpass or a service file, never from the address), a file ending in `.duckdb` or
        `.gpkg`, or a folder for GeoParquet partitioned by country.
    schema
        Of a PostGIS database.

    Returns
    -------
    dict
        Rows of each table: `regions`, `records`, `places`, `ties`, `scores`, `gaps`, `briefs`,
        `network`, `network_edges`, `partners`, `rejected`, `settings`, `sources`.

    Raises
    ------
    ParameterError
        If the store is of no known kind, its address holds a password, or what is there was not
        written by geoclust.
    InputError
        If a folder of results is unfinished or was changed.
    OutputError
        If writing fails: the server and table, or the file, are named; what was there before is
        untouched.

    Examples
    --------
    >>> import geoclust as gc, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder, seed=1)
    ...     rows = publish_study(gc.run_study(folder), f"{folder}/toy.gpkg")
    >>> rows["regions"], rows["records"]
    (5, 118)
    """
    write = _writer(store, schema)
    if isinstance(study, Study):
        frames, name = study_frames(study), study.config.name
    else:
        frames, name = folder_frames(study), Path(study).resolve().name
    rows: dict[str, int] = write(
        frames, f"geoclust {geoclust.__version__}, {' '.join(name.split())[:200]}"
    )
    return rows


def _writer(store: str | Path, schema: str) -> Any:  # noqa: ANN401 - a function
    """The function that writes into a store of this kind, checked before anything is read."""
    if is_address(store):
        from geoclust.report.stores.postgis import write_postgis  # noqa: PLC0415 - an extra

        address = parse_address(str(store))
        return lambda tables, note: write_postgis(tables, address, schema, note=note)
    path = Path(store)
    if path.suffix.casefold() == ".duckdb":
        from geoclust.report.stores.duckdb_file import write_duckdb  # noqa: PLC0415 - an extra

        return lambda tables, note: write_duckdb(tables, path, note=note)
    if path.suffix.casefold() == ".gpkg":
        from geoclust.report.stores.geopackage import write_geopackage  # noqa: PLC0415 - heavy

        return lambda tables, note: write_geopackage(tables, path, note=note)
    if "://" in str(store) or (path.suffix and not path.is_dir()):
        raise ParameterError(
            "the store is of no known kind; wanted postgresql://USER@HOST/DATABASE, a file ending "
            "in .duckdb or .gpkg, or a folder without an ending"
        )
    return lambda tables, note: _write_folder(tables, path, note)


def _write_folder(tables: dict[str, pd.DataFrame], folder: Path, note: str) -> dict[str, int]:
    from geoclust.report.stores.partitions import partition_files  # noqa: PLC0415 - rarely needed

    rows = {name: len(table) for name, table in tables.items()}

    def manifest(written: dict[str, bytes]) -> dict[str, Any]:
        outputs = {name: fingerprint(content) for name, content in written.items()}
        facts = {"geoclust": geoclust.__version__, "published": note, "rows": rows}
        return facts | {"outputs": outputs}

    with reserved(folder) as reservation:
        write_files(reservation.folder, by_themselves(partition_files(tables)), manifest)
    return rows
