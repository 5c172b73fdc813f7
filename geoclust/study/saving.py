"""A configuration as the text of a study file: what was chosen, and nothing else.

What stands at its default is left out, so that the file says what somebody decided; reading it
back gives the same configuration.  The text is made by a library (tomli-w): names, columns and
words of the world reach it escaped.
"""

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import tomli_w
from pydantic import BaseModel

from geoclust.scoring import Framework
from geoclust.scoring.shipped import SHIPPED

if TYPE_CHECKING:
    from geoclust.study.config import StudyConfig

HEADING: Final = "# A study file of geoclust: what is not said here stands at its default.\n\n"


def study_text(config: "StudyConfig", *, folder: str | Path | None = None) -> str:
    """The text of a study file that gives `config` again.

    Parameters
    ----------
    config
        The configuration.
    folder
        Where the file is to stand: paths of tables, boundaries and edits are then told from there,
        and the study's name is written even where it comes from its folder.  Without it all paths
        stay as they are and start, as before, from `config.base`.

    Returns
    -------
    str
        TOML.  ``StudyConfig.from_text(text, base=folder or config.base)`` equals `config` but for
        what `folder` changed.
    """
    values = _of_section(config)
    if folder is not None:
        values = _moved(values, config, Path(folder))
    return HEADING + tomli_w.dumps(values)


def _moved(values: dict[str, Any], config: "StudyConfig", folder: Path) -> dict[str, Any]:
    """The values with the name said, and every path as it is seen from `folder`."""
    about = {"name": config.name} | values.get("study", {})
    tables = Path(config.inputs.folder)
    inputs = values.get("inputs", {})
    inputs["folder"] = (
        tables.as_posix() if tables.is_absolute() else _seen_from(config.base / tables, folder)
    )
    if config.study.edits:
        about["edits"] = _seen_from(config.base / config.study.edits, folder)
    if config.boundaries.file:
        values["boundaries"]["file"] = _seen_from(config.base / config.boundaries.file, folder)
    first = {"study": about, "inputs": {"folder": "", **inputs}}
    return first | {name: part for name, part in values.items() if name not in first}


def _seen_from(path: Path, folder: Path) -> str:
    """`path` relative to `folder`; as it is where no relative path leads there (another drive)."""
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:
        return path.resolve().as_posix()


def _of_section(section: BaseModel) -> dict[str, Any]:
    """What a section was given, or has other than its default."""
    found: dict[str, Any] = {}
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if field.exclude or value is None:
            continue
        default = field.get_default(call_default_factory=True)
        if isinstance(value, BaseModel):
            inner = _of_section(value)
            found |= {name: inner} if inner or value != default else {}
        elif name in section.model_fields_set or value != default:
            found[name] = _plain(value)
    return found


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a field holds
    """A value as TOML has it."""
    if isinstance(value, BaseModel):
        return _of_section(value)
    if dataclasses.is_dataclass(value):
        return _of_dataclass(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    if isinstance(value, Path):
        return value.as_posix()
    return value.item() if hasattr(value, "item") else value


def _of_dataclass(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any frozen value
    """The fields that differ from their defaults; None, which TOML lacks, is `false`."""
    if isinstance(value, Framework) and (name := _shipped_as(value)):
        return {"name": name}
    found = {}
    for field in dataclasses.fields(value):
        mine = getattr(value, field.name)
        if _must_be_said(value, field) or mine != _default(field):
            found[field.name] = False if mine is None else _plain(mine)
    return found


def _shipped_as(framework: Framework) -> str | None:
    """The name of the shipped framework that this one is, if it is one."""
    return next((n for n in SHIPPED if framework == Framework.from_mapping({"name": n})), None)


def _must_be_said(value: Any, field: "dataclasses.Field[Any]") -> bool:  # noqa: ANN401
    """A field without a default; a framework's name and indicators, which go together."""
    bare = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    return bare or (isinstance(value, Framework) and field.name in {"name", "indicators"})


def _default(field: "dataclasses.Field[Any]") -> Any:  # noqa: ANN401
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default
