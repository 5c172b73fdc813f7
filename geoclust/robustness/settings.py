"""The settings of a study by their names in the study file, and a study with other values of them.

A setting is a number, a choice or a switch that results depend on.  Tables in a list are named by
their `name`: `thresholds.criteria.firms.target`, `scoring.indicators.funding_usd.weight`.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import asdict
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from geoclust.study import StudyConfig
from geoclust.study.faults import describe_faults

SECTIONS: Final = (
    "clustering",
    "delineation",
    "network",
    "indicators",
    "thresholds",
    "scoring",
)
"""Sections whose settings change regions, statuses or ranks."""

WITHOUT_EFFECT: Final = {
    "network.rewirings": "it compares brokerage with chance and changes no region, status or rank",
    "thresholds.unit_costs": "they price what a region lacks and change no region, status or rank",
    "indicators.min_evidence": "it flags thin evidence and changes no region, status or rank",
}
IDLE: Final = "it changes no region, status or rank"
OTHER_STUDY: Final = "it makes another study, to be run by itself and compared"
WORDS: Final = ("name", "label", "factor", "dimension", "indicator")
"""Texts that are names, not choices."""

Path = tuple[str | int, ...]


def varied_settings(config: StudyConfig) -> dict[str, Any]:
    """Every setting that may be varied, by its name in the study file, with its value.

    Parameters
    ----------
    config
        The study; lists and tables in it decide which names there are.

    Examples
    --------
    >>> found = varied_settings(StudyConfig())
    >>> found["clustering.min_cluster_size"], found["thresholds.criteria.firms.target"]
    (10, 10)
    """
    plain = {section: _plain(config, section) for section in SECTIONS}
    return {key: _at(plain, path) for key, path in _paths(plain).items()}


def with_values(config: StudyConfig, values: Mapping[str, Any]) -> StudyConfig:
    """The study with other values of some settings, checked as the study file is.

    Parameters
    ----------
    config
        The study; left unchanged.
    values
        By name, as in `varied_settings`.

    Raises
    ------
    ValidationError
        If they are outside their ranges or contradict each other; `faults_of` puts it in words.

    Examples
    --------
    >>> with_values(StudyConfig(), {"delineation.reach_km": 5}).delineation.reach_km
    5.0
    """
    parts = {name: getattr(config, name) for name in type(config).model_fields}
    touched = {key.partition(".")[0] for key in values}
    plain = {section: _plain(config, section) for section in touched}
    paths = _paths(plain)
    for key, value in values.items():
        *above, last = paths[key]
        _at(plain, tuple(above))[last] = value
    return StudyConfig.model_validate(parts | plain)


def faults_of(error: ValidationError) -> list[str]:
    """What pydantic found wrong, a sentence each, beginning with the setting where it is one's.

    Examples
    --------
    >>> try:
    ...     with_values(StudyConfig(), {"clustering.min_cluster_size": 1})
    ... except ValidationError as error:
    ...     faults_of(error)
    ['clustering.min_cluster_size: found 1; it must be at least 2']
    """
    found = describe_faults(error, StudyConfig, "")
    plain = (fault.removeprefix("the file as a whole: ") for fault in found)
    return [re.sub(r"^(\w+): \1: ", r"\1: ", fault) for fault in plain]


def unknown_setting(key: str, config: StudyConfig) -> str:
    """Why a name is none of a setting that may be varied, and which one may be meant.

    Examples
    --------
    >>> unknown_setting("min_cluster_sise", StudyConfig())
    "no such setting; did you mean 'clustering.min_cluster_size'?"
    >>> unknown_setting("report.figures", StudyConfig())
    'it changes no region, status or rank; a sweep varies clustering, delineation, network, \
indicators, thresholds and scoring'
    """
    for known, reason in WITHOUT_EFFECT.items():
        if key == known or key.startswith(f"{known}."):
            return f"{reason}; it cannot be swept"
    section = key.partition(".")[0]
    if section in type(config).model_fields and section not in SECTIONS:
        reason = IDLE if section in {"study", "report", "robustness"} else OTHER_STUDY
        return f"{reason}; a sweep varies {', '.join(SECTIONS[:-1])} and {SECTIONS[-1]}"
    near = _nearest(key, list(varied_settings(config)))
    if near:
        return f"no such setting; did you mean {near!r}?"
    return f"no such setting; settings are those of the study file, in {', '.join(SECTIONS)}"


def _nearest(key: str, names: list[str]) -> str:
    """The name most like `key`, or like it without its section."""
    wanted = key.lower()
    for known in (names, [name.rpartition(".")[2] for name in names]):
        own = wanted if known is names else wanted.rpartition(".")[2]
        near = difflib.get_close_matches(own, known, n=1, cutoff=0.75)
        if near:
            return names[known.index(near[0])]
    near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.5)
    return near[0] if near else ""


def _paths(plain: dict[str, Any]) -> dict[str, Path]:
    """Where each setting stands in sections as dictionaries and lists."""
    leaves = {".".join(names): path for path, names in _leaves(plain, (), ())}
    return {key: path for key, path in leaves.items() if not _is_without_effect(key)}


def _is_without_effect(key: str) -> bool:
    return any(key == name or key.startswith(f"{name}.") for name in WITHOUT_EFFECT)


def _leaves(
    value: Any,  # noqa: ANN401 - whatever a study file may hold
    path: Path,
    names: tuple[str, ...],
) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Paths of numbers, switches and choices below a value, and what they are called."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            if key not in WORDS:
                yield from _leaves(below, (*path, key), (*names, str(key)))
    elif isinstance(value, list | tuple):
        for at, below in enumerate(value):
            if isinstance(below, Mapping) and "name" in below:
                yield from _leaves(below, (*path, at), (*names, str(below["name"])))
    else:
        yield path, names


def _plain(config: StudyConfig, section: str) -> dict[str, Any]:
    """A section as dictionaries and lists that may be changed."""
    value = getattr(config, section)
    plain: Mapping[str, Any] = value.model_dump() if isinstance(value, BaseModel) else asdict(value)
    return {key: _loose(below) for key, below in deepcopy(plain).items()}


def _loose(value: Any) -> Any:  # noqa: ANN401 - whatever a study file may hold
    if isinstance(value, Mapping):
        return {key: _loose(below) for key, below in value.items()}
    if isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
        return [_loose(below) for below in value]
    return value


def _at(value: Any, path: Path) -> Any:  # noqa: ANN401 - whatever a study file may hold
    for part in path:
        value = value[part]
    return value
