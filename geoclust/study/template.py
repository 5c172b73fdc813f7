"""A study to begin with: a commented study file and empty tables.

The study file is written from `StudyConfig` itself, so that it cannot fall behind.
"""

import dataclasses
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import BaseModel

from geoclust.errors import OutputError, ParameterError
from geoclust.study.config import StudyConfig

TABLES = {
    "firms.csv": "record_id,name,place,country,longitude,latitude,category,parent_id,year,"
    "funding_usd,equity_funding_usd,publications,website,precision,source",
    "labs.csv": "record_id,name,place,country,longitude,latitude,category,year,publications,"
    "website,precision,source",
    "patents.csv": "record_id,name,place,country,longitude,latitude,weight,organisation_id,year,"
    "precision,source",
    "ties.csv": "organisation_a,organisation_b,weight,project,partner_count,year,kind,source",
    "places.csv": "name,longitude,latitude,country,population,gdp_usd,year,source",
}

HEADING = """\
# A study file of geoclust.  Everything is optional: a line that begins with # shows a default.
# Take the # away and change the value to choose otherwise.
#
# The tables beside this file (firms.csv, labs.csv, patents.csv, ties.csv, places.csv) are found by
# name.  Delete those you do not have: a table not given is unknown, an empty one is zero.
# Longitude and latitude may stay empty where place ("Cambridge, MA") and country are given.
#
# To use a table with foreign column names instead of renaming them:
#
#   [inputs.firms]
#   path = "companies.xlsx"
#   columns = { name = "Company", place = "Town", country = "Land", year = "Founded" }
"""


def write_template(folder: str | Path) -> list[str]:
    """Write `study.toml` and empty tables into a new or empty folder.

    Returns
    -------
    list of str
        Names of the files made.

    Raises
    ------
    ParameterError
        If the folder holds anything already.
    OutputError
        If it cannot be written.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ParameterError(
            f"{folder}: exists and is not empty, and nothing is overwritten; name a new folder"
        )
    files = {"study.toml": study_template()} | {n: f"{h}\n" for n, h in TABLES.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error}") from error
    return list(files)


def study_template(
    *, heading: str = HEADING, said: Mapping[str, object] | None = None, tables: str = ""
) -> str:
    r"""Text of a study file in which every setting stands commented out, with its default.

    Parameters
    ----------
    heading
        Comment lines at its beginning.
    said
        Settings, as ``clustering.min_cluster_size``, that are not commented out, and their values;
        None leaves the setting out.
    tables
        Text that follows the section of inputs.

    Examples
    --------
    >>> "# min_cluster_size = 10" in study_template()
    True
    >>> "\nmin_cluster_size = 5" in study_template(said={"clustering.min_cluster_size": 5})
    True
    """
    return heading + "".join(_section(StudyConfig(), "", said or {}, {"inputs": tables}))


def _section(
    section: BaseModel, prefix: str, said: Mapping[str, object], behind: Mapping[str, str]
) -> list[str]:
    """Lines of one table and those below it."""
    lines: list[str] = []
    tables: list[str] = []
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        stated = said.get(prefix + name, value)
        if field.exclude or (prefix + name in said and stated is None):
            continue
        if isinstance(value, BaseModel):
            tables += _header(prefix + name, field.description)
            tables += _section(value, f"{prefix}{name}.", said, behind)
            tables.append(behind.get(prefix + name, ""))
        elif dataclasses.is_dataclass(value):
            tables += _header(prefix + name, field.description)
            tables += _dataclass(value, f"{prefix}{name}.")
        else:
            lines += _comment(field.description)
            stands = prefix + name in said
            lines.append(tomli_w.dumps({name: stated}) if stands else _setting(name, value))
    return lines + tables


def _dataclass(value: Any, prefix: str) -> list[str]:  # noqa: ANN401 - any frozen value
    """Plain fields first: behind a table's heading they would belong to that table."""
    lines: list[str] = []
    tables: list[str] = []
    for field in dataclasses.fields(value):
        inner = getattr(value, field.name)
        name = prefix + field.name
        if dataclasses.is_dataclass(inner):
            tables += [f"\n# [{name}]\n", *_dataclass(inner, f"{name}.")]
        elif isinstance(inner, tuple) and inner and dataclasses.is_dataclass(inner[0]):
            for part in inner:
                tables += [f"\n# [[{name}]]\n", *_dataclass(part, "")]
        else:
            lines.append(_setting(field.name, inner))
    return lines + tables


def _setting(name: str, value: object) -> str:
    return f"# ({name}: not set)\n" if value is None else f"# {name} = {toml_value(value)}\n"


def _header(name: str, description: str | None) -> list[str]:
    return ["\n", *_comment(description), f"[{name}]\n"]


def _comment(text: str | None) -> list[str]:
    return [f"# {line}\n" for line in textwrap.wrap(text or "", 96)]


def toml_value(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, tuple | list):
        return "[" + ", ".join(toml_value(part) for part in value) + "]"
    if hasattr(value, "items"):
        inside = ", ".join(f"{key} = {toml_value(part)}" for key, part in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
