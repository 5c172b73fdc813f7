"""Folders of Parquet and GeoParquet files, partitioned or not, as a source.

`firms/country=GB/part-0.parquet` is a file of the table `firms` whose rows all have the country GB:
what a folder is called is a column, as text and as it is written (`0012` stays `0012`).
"""

import operator
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import pandas as pd

from geoclust.errors import InputError
from geoclust.records.conditions import Condition, conditions_of, value_text
from geoclust.records.sources import TableSource, nearest

NOTHING: Final = "__HIVE_DEFAULT_PARTITION__"
"""What a folder of rows without a value is called."""

MAX_FILES: Final = 100_000
ENDINGS: Final = (".parquet", ".geoparquet")


def find_parts(folder: Path, name: str) -> list[tuple[Path, dict[str, str | None]]]:
    """Parquet files below a folder, in order, each with what its folders say of its rows.

    Files and folders that begin with a dot or an underscore are left out, as in every other reader
    of such folders.

    Raises
    ------
    InputError
        If there is none, or other files are among them.
    """
    found = sorted(_walk(folder, folder))
    strangers = [path for path in found if not path.name.casefold().endswith(ENDINGS)]
    if strangers:
        first = strangers[0].relative_to(folder).as_posix()
        raise InputError(f"{name}: a folder of Parquet files, but {first} is none; move it away")
    if not found:
        raise InputError(f"{name}: a folder without Parquet files")
    if len(found) > MAX_FILES:
        raise InputError(f"{name}: more than {MAX_FILES:,} files; give fewer partitions")
    return [(path, _told(path.relative_to(folder).parent)) for path in found]


def _walk(folder: Path, root: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith((".", "_")):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path, root)
        else:
            yield path


def _told(folders: Path) -> dict[str, str | None]:
    """Columns and values that folders are named for."""
    pairs = [part.partition("=") for part in folders.parts]
    return {
        unquote(column): None if value == NOTHING else unquote(value)
        for column, sign, value in pairs
        if sign
    }


def wanted_part(told: dict[str, str | None], source: TableSource) -> bool:
    """Whether conditions on what folders say let a file's rows through."""
    return all(
        _holds(told[condition.column], condition)
        for condition in conditions_of(source.where)
        if condition.column in told
    )


def _holds(value: str | None, condition: Condition) -> bool:
    if value is None:
        return False
    if condition.sign == "=":
        return value in {value_text(wanted) for wanted in condition.values}
    compare = {">=": operator.ge, "<=": operator.le}[condition.sign]
    bound = condition.values[0]
    if isinstance(bound, str):
        return bool(compare(value, bound))
    try:
        return bool(compare(float(value), bound))
    except ValueError:
        return False


def wanted_rows(table: Any, told: dict[str, str | None], source: TableSource, name: str) -> Any:  # noqa: ANN401
    """Which rows of a file the conditions on its own columns let through, None for all.

    Parameters
    ----------
    table
        A `pyarrow.Table`.
    told
        What its folders say.
    source
        Conditions.
    name
        The file, for messages.

    Raises
    ------
    InputError
        If a column does not exist.
    """
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415 - only conditions need it

    mask = None
    for condition in conditions_of(source.where):
        if condition.column in told:
            continue
        if condition.column not in table.column_names:
            known = [*table.column_names, *told]
            raise InputError(
                f"{name}: no column {condition.column!r} (in where); found {known}"
                f"{nearest(condition.column, known)}"
            )
        try:
            test = _test(table.column(condition.column), condition)
        except pa.ArrowException as error:
            raise InputError(f"{name}: where.{condition.column}: {error}") from error
        mask = test if mask is None else pc.and_(mask, test)
    return None if mask is None else pc.fill_null(mask, fill_value=False)


def _test(column: Any, condition: Condition) -> Any:  # noqa: ANN401 - pyarrow has no types
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    values = [pa.scalar(value_text(value)).cast(column.type) for value in condition.values]
    if condition.sign == "=":
        return pc.is_in(column, value_set=pa.array([v.as_py() for v in values], column.type))
    return {">=": pc.greater_equal, "<=": pc.less_equal}[condition.sign](column, values[0])


def with_told(
    header: tuple[str, ...], text: pd.DataFrame, told: dict[str, str | None]
) -> tuple[tuple[str, ...], pd.DataFrame]:
    """Header and text with a column for what the folders say.

    Examples
    --------
    >>> with_told(("id",), pd.DataFrame({0: ["a"]}), {"country": "GB"})[0]
    ('id', 'country')
    """
    fresh = {column: value for column, value in told.items() if column not in header}
    if not fresh:
        return header, text
    values = {
        len(header) + at: pd.Series(value, index=text.index, dtype="str")
        for at, value in enumerate(fresh.values())
    }
    return (*header, *fresh), text.join(pd.DataFrame(values, index=text.index))
