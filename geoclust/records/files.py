"""The door: finds, checks and opens input files.  Nothing else touches them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from geoclust.errors import InputError
from geoclust.records.partitions import ENDINGS, find_parts, wanted_part
from geoclust.records.presets import opening
from geoclust.records.raw import RawTable
from geoclust.records.safety import (
    FORMATS,
    checked_folder,
    checked_format,
    checked_path,
    fingerprint,
    format_of,
)
from geoclust.records.sources import RECORD_TABLES, TABLES, TableSource

_CONDITIONAL: Final = ("duckdb", "parquet")
_PART: Final = re.compile(rf"(?P<table>{'|'.join(TABLES)})(?:[ ._-].*)?", re.IGNORECASE)


def find_tables(folder: Path) -> dict[str, TableSource]:
    """Tables of a folder, by the names of its files.

    A table is a file `firms`, `labs`, `patents`, `records`, `ties` or `places` in any case and
    any format that is read, or a folder of Parquet files of that name; or several whose names go on
    after a dash, dot, underscore or space (`patents_2020.csv`, `patents_2021.csv`).

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
        if (part and format_of(name) is not None) or (part and is_partitioned(folder / name)):
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
            ".tsv, .csv.gz, .xlsx, .parquet, .geoparquet, .gpkg, .geojson or .duckdb, "
            "or a folder of Parquet files"
        )


def open_tables(source: TableSource, folder: Path | None = None) -> list[RawTable]:
    """Text, record numbers and fingerprints of all that a source names: files or a database.

    Raises
    ------
    InputError
        As `open_table`; also if a database cannot be reached or lacks the table.
    """
    if source.address is not None:
        from geoclust.records.postgis import read_postgis  # noqa: PLC0415 - only where needed

        raw = read_postgis(source.address, source)
        return [_not_empty(raw, source)]
    found: list[RawTable] = []
    for path in source.files:
        full = path if folder is None else folder / path
        if full.is_dir() and format_of(path.name) in {None, "parquet"}:
            found += _open_parts(path, source, folder)
        else:
            found.append(open_table(path, opening(source, path), folder))
    return found


def open_named(table: str, source: TableSource, folder: Path | None = None) -> list[RawTable]:
    """As `open_tables`, for the table of that name, which must name its files, each once.

    Raises
    ------
    InputError
        As `open_tables`; also if no file is named, or one twice.
    """
    if not source.files and source.address is None:
        raise InputError(f"{table}: no path given")
    if len(set(source.files)) < len(source.files):
        raise InputError(f"{table}: a path is given twice: {[str(path) for path in source.files]}")
    return open_tables(source, folder)


def is_partitioned(folder: Path) -> bool:
    """Whether a folder holds Parquet files, itself or in folders such as `country=GB`."""
    return folder.is_dir() and any(
        path.suffix.casefold() in ENDINGS for path in folder.rglob("*") if path.is_file()
    )


def _open_parts(path: Path, source: TableSource, folder: Path | None) -> list[RawTable]:
    from geoclust.records.parquet import read_parquet  # noqa: PLC0415 - only where needed

    home = checked_folder(path, folder)
    found = []
    for part, told in find_parts(home, path.as_posix()):
        real = checked_path(part, home)
        name = (path / part.relative_to(home)).as_posix()
        if checked_format(real, name) == "parquet" and wanted_part(told, source):
            sha256, size = fingerprint(real)
            raw = read_parquet(real, name, source, told)
            found.append(replace(raw, sha256=sha256, bytes=size))
    if not any(len(raw.text) for raw in found) and not source.allow_empty:
        raise InputError(f"{path}: no rows{_under_conditions(source)}")
    return found


def _not_empty(raw: RawTable, source: TableSource) -> RawTable:
    if not len(raw.text) and not source.allow_empty:
        raise InputError(
            f"{raw.file}: no rows{_under_conditions(source)}; if that means zero, say "
            "allow_empty=True (allow_empty = true in the study file)"
        )
    return raw


def _under_conditions(source: TableSource) -> str:
    return f" where {dict(source.where)}" if source.where else ""


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
    if source.where and kind not in _CONDITIONAL:
        raise InputError(
            f"{name}: where needs a database, DuckDB or Parquet; this is a file of another kind"
        )
    for what, needed in (("sheet", "workbook"), ("layer", "geopackage")):
        if getattr(source, what) is not None and kind != needed:
            raise InputError(
                f"{name}: {what} = {getattr(source, what)!r} is said of it, but it is no "
                f"{'Excel workbook' if what == 'sheet' else 'GeoPackage'}; leave {what} out"
            )
    try:
        raw = _read(kind, real, name, source)
    except MemoryError as error:
        raise InputError(f"{name}: does not fit into memory") from error
    if not len(raw.text) and not source.allow_empty:
        raise InputError(
            f"{name}: has a header and no rows; fill it in, or, if it means zero, say "
            "allow_empty = true beside its path in the study file"
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
    if kind == "duckdb":
        from geoclust.records.duckdb_files import read_duckdb  # noqa: PLC0415 - only where needed

        return read_duckdb(path, name, source)
    if kind == "geopackage":
        from geoclust.records.geopackage import read_geopackage  # noqa: PLC0415 - only where needed

        return read_geopackage(path, name, source)
    return _read_json(kind, path, name, source)


def _read_json(kind: str, path: Path, name: str, source: TableSource) -> RawTable:
    if kind == "jsonlines":
        from geoclust.records.objects import read_json_lines  # noqa: PLC0415 - only where needed

        return read_json_lines(path, name, source)
    from geoclust.records.geojson import read_geojson  # noqa: PLC0415 - only where needed

    return read_geojson(path, name, source)
