"""What a column of a table is, in the few kinds that every store has."""

import json
from typing import Any, Final

import pandas as pd

TEXT: Final = "text"
WHOLE: Final = "whole number"
NUMBER: Final = "number"
TRUTH: Final = "truth"
SHAPE: Final = "geometry"

SHAPES: Final = {"regions": "MultiPolygon", "records": "Point", "places": "Point"}
"""Geometry of the tables that have one; EPSG:4326, longitude before latitude."""

KEYS: Final = {"regions": "region_id", "records": "record_id", "gaps": "region_id"}
"""Columns that identify a row, and that tables are looked up by."""


def column_kinds(table: pd.DataFrame) -> dict[str, str]:
    """Kind of each column, by name.

    Examples
    --------
    >>> column_kinds(pd.DataFrame({"id": ["a"], "n": [1], "x": [0.5], "ok": [True]}))
    {'id': 'text', 'n': 'whole number', 'x': 'number', 'ok': 'truth'}
    """
    return {str(name): _kind(table[name]) for name in table.columns}


def _kind(column: pd.Series) -> str:
    if column.dtype.name == "geometry":
        return SHAPE
    if column.dtype.kind == "b":
        return TRUTH
    if column.dtype.kind in "iu":
        return WHOLE
    if column.dtype.kind == "f":
        return NUMBER
    told = set(column.dropna().map(type))
    return TRUTH if told == {bool} else TEXT


def plain_columns(table: pd.DataFrame) -> dict[str, list[Any]]:
    """Values of each column as Python has them, None where missing; geometry as WKB.

    Examples
    --------
    >>> plain_columns(pd.DataFrame({"n": pd.Series([1, None], dtype="Int64"), "t": ["a", None]}))
    {'n': [1, None], 't': ['a', None]}
    """
    return {name: _values(table[name], kind) for name, kind in column_kinds(table).items()}


def _values(column: pd.Series, kind: str) -> list[Any]:
    if kind == SHAPE:
        import shapely  # noqa: PLC0415 - only tables with geometry need it

        return list(shapely.to_wkb(_promoted(column)))
    convert: Any = {WHOLE: int, NUMBER: float, TRUTH: bool, TEXT: _text}[kind]
    missing = column.isna().to_numpy()
    return [
        None if gone else convert(value)
        for value, gone in zip(column.to_numpy(dtype=object), missing, strict=True)
    ]


def _promoted(column: pd.Series) -> Any:  # noqa: ANN401 - an array of geometry
    """Polygons as multipolygons of one, so that a column holds one kind."""
    import shapely  # noqa: PLC0415

    shapes = column.to_numpy(dtype=object, copy=True)
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    shapes[single] = [shapely.multipolygons([shape]) for shape in shapes[single]]
    return shapes


def _text(value: object) -> str:
    """Text that every store can hold: no NUL, no half of a character."""
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    clean = text.replace("\0", "\\x00")
    return clean.encode("utf-8", "backslashreplace").decode()
