"""The door: finds, checks and opens input files.  Nothing else touches them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from geoclust.errors import InputError
from geoclust.records.raw import RawTable
from geoclust.records.safety import FORMATS, checked_format, checked_path, fingerprint, format_of
from geoclust.records.sources import RECORD_TABLES, TABLES, TableSource

_PART: Final = re.compile(rf"(?P<table>{'|'.join(TABLES)})(?:[ ._-].*)?", re.IGNORECASE)


def find_tables(folder: Path) -> dict[str, TableSource]:
    """Tables of a folder, by the names of its files.

    A table is a file `firms`, `labs`, `patents`, `records`, `ties` or `places` in any case and
    any format that is read, or several whose names go on after a dash, dot, underscore or space
    (`patents_2020.csv`, `patents_2021.csv`).

    Raises
    ------
    InputError
        If it is no folder, holds no table of records, or has a table only in a format that is not
        read (`labs.xls`).
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: is no folder; give the folder that holds firms.csv, labs.csv")
    found: dict[str, list[str]] = {}
    strange: dict[str, str] = {}
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    for name in names:
        part = _PART.fullmatch(name)
        if part and format_of(name) is not None:
            found.setdefault(part["table"].lower(), []).append(name)
        elif part and (folder / name).is_file():
            strange[part["table"].lower()] = name
    _refuse_strange({table: name for table, name in strange.items() if table not in found})
    require_records(found, f"{folder} (which holds {', '.join(names[:10]) or 'nothing'})")
    return {table: TableSource(paths=tuple(found[table])) for table in TABLES if table in found}


def _refuse_strange(strange: Mapping[str, str]) -> None:
    if strange:
        raise InputError(
            f"{', '.join(sorted(strange.values()))}: named as a table, but no kind of file that is "
            f"read; known are {', '.join(FORMATS)}"
        )


def require_records(tables: Mapping[str, object], where: str) -> None:
    """Raise `InputError` where no table of records is among `tables`."""
    if not {*RECORD_TABLES, "records"} & set(tables):
        raise InputError(
            f"{where}: no table of records; looked for firms, labs, patents or records as .csv, "
            ".tsv, .csv.gz, .xlsx, .parquet, .geoparquet, .gpkg or .geojson"
        )


def open_table(path: Path, source: TableSource, folder: Path | None = None) -> RawTable:
    """Text, record numbers and fingerprint of one file.

    Parameters
    ----------
    path
        The file, relative to `folder` where that is given.
    source
        How to read it.
    folder
        Input folder, which symlinks must not leave.

    Raises
    ------
    InputError
        If it is not what its name says, damaged, dangerous, or has no rows.
    """
    name = path.as_posix()
    real = checked_path(path, folder)
    kind = checked_format(real, name)
    try:
        raw = _read(kind, real, name, source)
    except MemoryError as error:
        raise InputError(f"{name}: does not fit into memory") from error
    if not len(raw.text) and not source.allow_empty:
        raise InputError(
            f"{name}: has a header and no rows; if that means zero, say allow_empty=True "
            "(allow_empty = true in the study file)"
        )
    sha256, size = fingerprint(real)
    return replace(raw, sha256=sha256, bytes=size)


def _read(kind: str, path: Path, name: str, source: TableSource) -> RawTable:
    if kind == "text":
        from geoclust.records.delimited import read_delimited  # noqa: PLC0415 - only where needed

        return read_delimited(path, name, source)
    if kind == "workbook":
        from geoclust.records.workbooks import read_workbook  # noqa: PLC0415 - only where needed

        return read_workbook(path, name, source)
    if kind == "parquet":
        from geoclust.records.parquet import read_parquet  # noqa: PLC0415 - only where needed

        return read_parquet(path, name, source)
    if kind == "geopackage":
        from geoclust.records.geopackage import read_geopackage  # noqa: PLC0415 - only where needed

        return read_geopackage(path, name, source)
    from geoclust.records.geojson import read_geojson  # noqa: PLC0415 - only where needed

    return read_geojson(path, name, source)
