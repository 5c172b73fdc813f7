"""Sections of studies in a batch file: tables where tables belong, before they are laid together.

What a study makes of them is checked when they are whole; but only tables can be laid over tables,
and only texts are paths.
"""

from collections.abc import Iterator
from typing import Any

from geoclust.records.sources import TABLES
from geoclust.study import StudyConfig
from geoclust.study.section import Section


def shape_faults(values: dict[str, Any], where: str) -> Iterator[str]:
    """What cannot be laid together: sections that are no tables, paths that are no texts.

    Examples
    --------
    >>> list(shape_faults({"study": [], "inputs": {"folder": 3}}, "defaults"))
    ['defaults.study: found a list, wanted a table', \
'defaults.inputs.folder: found a number, wanted text']
    """
    for name, value in values.items():
        known = StudyConfig.model_fields.get(name)
        if known is None or not isinstance(known.default, Section):
            continue
        if not isinstance(value, dict):
            yield f"{where}.{name}: found {_kind(value)}, wanted a table"
        elif name == "inputs":
            yield from _of_inputs(value, f"{where}.inputs")
        else:
            key = {"boundaries": "file", "study": "edits"}.get(name)
            if key is not None and not isinstance(value.get(key, ""), str):
                yield f"{where}.{name}.{key}: found {_kind(value[key])}, wanted text"


def _of_inputs(inputs: dict[str, Any], where: str) -> Iterator[str]:
    if not isinstance(inputs.get("folder", ""), str):
        yield f"{where}.folder: found {_kind(inputs['folder'])}, wanted text"
    for table in [name for name in TABLES if name in inputs]:
        source = inputs[table]
        if not isinstance(source, dict):
            yield f"{where}.{table}: found {_kind(source)}, wanted a table"
            continue
        if not isinstance(source.get("path", ""), str):
            yield f"{where}.{table}.path: found {_kind(source['path'])}, wanted text"
        paths = source.get("paths", [])
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            yield f"{where}.{table}.paths: wanted a list of texts"


def _kind(value: object) -> str:
    """What TOML calls it."""
    names = {bool: "true or false", list: "a list", dict: "a table", str: "text"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else "a date")
