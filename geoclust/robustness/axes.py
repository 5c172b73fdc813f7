"""What a sweep varies: settings, the values each takes, and the grid of all of them.

In text a setting's values are a list of numbers, choices and ranges ``start:stop:step``; a range
holds its stop where a step reaches it, and is counted in decimals, so that 0.1:0.3:0.1 ends at 0.3.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from itertools import product
from math import prod
from typing import Any, Final

from pydantic import ValidationError

from geoclust.errors import ConfigError
from geoclust.robustness.settings import (
    faults_of,
    unknown_setting,
    varied_settings,
    with_values,
)
from geoclust.study import StudyConfig

MOST_SETTINGS: Final = 1000
"""Points of the grid that are run unless more are asked for."""

RESOLUTION: Final = "clustering.resolution_km"
NOT_SET: Final = "none"
SWITCHES: Final = {"true": True, "false": False}
_RANGE: Final = re.compile(r"[^:]*:[^:]*(:[^:]*)?")

Vary = Mapping[str, str | Iterable[Any]] | Sequence[str]


@dataclass(frozen=True, eq=False)
class Axis:
    """One setting and the values it takes."""

    key: str
    """Its name in the study file."""
    values: tuple[Any, ...]
    """Numbers rising, choices in the order given."""
    own: Any
    """The study's own value."""

    @property
    def ordered(self) -> bool:
        """Whether its values are numbers, so that there are ranges of them."""
        return all(_is_number(value) for value in self.values)

    @property
    def own_place(self) -> int | None:
        """Which of the values is the study's own."""
        return next((at for at, value in enumerate(self.values) if value == self.own), None)

    @property
    def is_partition(self) -> bool:
        """Whether it may change which records make a region."""
        return self.key.startswith("clustering.")


@dataclass(frozen=True, eq=False)
class Grid:
    """Every combination of the values."""

    axes: tuple[Axis, ...]
    configs: tuple[StudyConfig | None, ...]
    """The study at each point, the last axis fastest; None where its values contradict."""
    notes: tuple[str, ...]
    """Why there is none; empty where there is."""

    @property
    def points(self) -> list[tuple[Any, ...]]:
        """Values at each point, in the order of the axes."""
        return list(product(*(axis.values for axis in self.axes)))

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values on each axis."""
        return tuple(len(axis.values) for axis in self.axes)

    @property
    def own(self) -> int | None:
        """Number of the point that is the study itself, if it is one."""
        number = 0
        for axis in self.axes:
            place = axis.own_place
            if place is None:
                return None
            number = number * len(axis.values) + place
        return number

    @property
    def words(self) -> str:
        """What is run, in words."""
        count = prod(self.shape)
        sides = " x ".join(f"{axis.key} ({len(axis.values)})" for axis in self.axes)
        left_out = sum(config is None for config in self.configs)
        rest = f", {left_out} of which contradict themselves" if left_out else ""
        return f"{count:,} {'setting' if count == 1 else 'settings'}: {sides}{rest}"


def read_grid(
    vary: Vary, config: StudyConfig, *, resolution_km: float | None = None, most: int | None = None
) -> Grid:
    """The grid that is asked for, every value checked as the study file is.

    Parameters
    ----------
    vary
        By setting, its values: an iterable, or text such as ``"5:40:5"``, ``"5,10,20"`` or
        ``"eom,leaf"``; or a list of texts ``"setting=values"``, as the command takes them.
    config
        The study.
    resolution_km
        What the study's `resolution_km` came out as, where the study file does not set it.
    most
        Greatest number of points; None: `MOST_SETTINGS`.

    Raises
    ------
    ConfigError
        With every fault at once: unknown settings with the nearest valid name, values outside
        their range, more points than `most`.

    Examples
    --------
    >>> grid = read_grid({"clustering.min_cluster_size": "5:15:5"}, StudyConfig())
    >>> grid.points, grid.own
    ([(5,), (10,), (15,)], 1)
    >>> read_grid(["clustering.min_cluster_sise=5"], StudyConfig())
    Traceback (most recent call last):
    geoclust.errors.ConfigError: sweep: 1 fault
      - clustering.min_cluster_sise: no such setting; did you mean 'clustering.min_cluster_size'?
    """
    most = MOST_SETTINGS if most is None else most
    faults: list[str] = []
    given = _by_setting(vary, config, faults)
    if not given and not faults:
        faults.append("nothing is varied; name a setting, such as clustering.min_cluster_size")
    asked = {key: _values(key, values, most, faults) for key, values in given.items()}
    axes = tuple(_axis(key, values, config, faults) for key, values in asked.items() if values)
    count = prod(len(axis.values) for axis in axes)
    if count > most:
        sides = " x ".join(f"{len(axis.values)} values of {axis.key}" for axis in axes)
        faults.append(
            f"{sides} make {count:,} settings, more than {most:,}: take fewer values or wider "
            "steps, or allow more"
        )
        raise ConfigError(faults, "sweep")
    grid = _grid(axes, config, faults)
    if faults:
        raise ConfigError(faults, "sweep")
    return replace(grid, axes=tuple(_with_resolution(axis, resolution_km) for axis in grid.axes))


def _by_setting(
    vary: Vary, config: StudyConfig, faults: list[str]
) -> dict[str, str | Iterable[Any]]:
    """The values asked for of each setting there is."""
    pairs = list(vary.items()) if isinstance(vary, Mapping) else [_split(one) for one in vary]
    known = varied_settings(config)
    found: dict[str, str | Iterable[Any]] = {}
    for key, values in pairs:
        if not isinstance(values, str) and not isinstance(values, Iterable):
            values = [values]  # noqa: PLW2901 - a single value
        if key in found:
            faults.append(f"{key}: given twice; put all its values in one")
        elif key not in known:
            faults.append(f"{key}: {unknown_setting(key, config)}")
        elif isinstance(values, str) and not values.strip():
            faults.append(f"{key}: no values; write {key}=5,10,20 or {key}=5:40:5")
        else:
            found[key] = values
    return found


def _split(text: str) -> tuple[str, str]:
    key, _, values = str(text).partition("=")
    return key.strip(), values.strip()


def _values(key: str, given: str | Iterable[Any], most: int, faults: list[str]) -> list[Any]:
    """Plain values from text or an iterable."""
    parts = [part.strip() for part in given.split(",")] if isinstance(given, str) else list(given)
    found: list[Any] = []
    for part in parts:
        plain = part.item() if hasattr(part, "item") else part
        if isinstance(plain, str) and _RANGE.fullmatch(plain):
            found += _range(key, plain, most, faults)
        else:
            found.append(_scalar(plain) if isinstance(plain, str) else plain)
    if not parts:
        faults.append(f"{key}: no values")
    return found


def _range(key: str, text: str, most: int, faults: list[str]) -> list[int | float]:
    """Values from start to stop, the stop among them where a step reaches it."""
    try:
        start, stop, step = (Decimal(part.strip()) for part in text.split(":"))
        sound = all(part.is_finite() for part in (start, stop, step)) and step != 0
    except (InvalidOperation, ValueError):
        sound = False
    if not sound or (stop - start) * step < 0:
        faults.append(
            f"{key}: {text!r} is no range; write start:stop:step, such as 5:40:5 or 0.1:0.5:0.1"
        )
        return []
    count = int((stop - start) / step) + 1
    if count > most:
        faults.append(f"{key}: {text!r} has {count:,} values, more than {most:,}; widen its step")
        return []
    return [_number(start + place * step) for place in range(count)]


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _scalar(text: str) -> Any:  # noqa: ANN401 - text, number, switch or nothing
    """A value as a study file would hold it."""
    if text.lower() in SWITCHES:
        return SWITCHES[text.lower()]
    if text.lower() == NOT_SET:
        return None
    try:
        return float(text) if "inf" in text.lower() else _number(Decimal(text))
    except (InvalidOperation, ValueError, OverflowError):
        return text.strip("\"'")


def _axis(key: str, values: list[Any], config: StudyConfig, faults: list[str]) -> Axis:
    own = varied_settings(config)[key]
    sorted_ = sorted(values) if all(map(_is_number, values)) else values
    twice = sorted(
        {value_words(value) for at, value in enumerate(sorted_) if value in sorted_[:at]}
    )
    faults += [f"{key}: {value} is given twice" for value in twice]
    return Axis(key, tuple(sorted_), own)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _grid(axes: tuple[Axis, ...], config: StudyConfig, faults: list[str]) -> Grid:
    """The study at every point; a value that is wrong wherever it stands is a fault."""
    configs: list[StudyConfig | None] = []
    told: list[list[str]] = []
    points = list(product(*(axis.values for axis in axes)))
    keys = [axis.key for axis in axes]
    for point in points:
        try:
            configs.append(with_values(config, dict(zip(keys, point, strict=True))))
            told.append([])
        except ValidationError as error:
            configs.append(None)
            told.append(faults_of(error))
    for at, axis in enumerate(axes):
        others = tuple(f"{key}: " for key in keys if key != axis.key)
        for value in axis.values:
            own = [said for point, said in zip(points, told, strict=True) if point[at] == value]
            faults += _never(f"{axis.key} = {value_words(value)}", f"{axis.key}: ", own, others)
    checked = [_as_checked(axis, at, points, configs) for at, axis in enumerate(axes)]
    return Grid(tuple(checked), tuple(configs), tuple("; ".join(said) for said in told))


def _never(what: str, key: str, told: list[list[str]], others: tuple[str, ...]) -> list[str]:
    """A sentence on a value that is at fault wherever it stands, and not for another's sake."""
    if not all(told):
        return []
    everything = [fault for said in told for fault in said if not fault.startswith(others)]
    first = next(iter([*(f for f in everything if f.startswith(key)), *everything]), "")
    return [f"{what}: {first.removeprefix(key)}"] if first else []


def _as_checked(
    axis: Axis, at: int, points: list[tuple[Any, ...]], configs: list[StudyConfig | None]
) -> Axis:
    """The axis with its values as the study file holds them: 5 for a length is 5.0."""
    held: dict[Any, Any] = {}
    for point, config in zip(points, configs, strict=True):
        if config is not None and point[at] not in held:
            held[point[at]] = varied_settings(config)[axis.key]
    return replace(axis, values=tuple(held.get(value, value) for value in axis.values))


def _with_resolution(axis: Axis, resolution_km: float | None) -> Axis:
    """Where the study lets the data say its resolution, its own value is what they said."""
    if axis.key == RESOLUTION and axis.own is None and None not in axis.values:
        return replace(axis, own=resolution_km)
    return axis


def value_words(value: object) -> str:
    """A value of a setting as it is shown.

    Examples
    --------
    >>> [value_words(value) for value in (5.0, 0.1, None, True, "eom", 5e7)]
    ['5', '0.1', 'none', 'true', 'eom', '50000000']
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(bool(value)).lower()
    return f"{value:.10g}" if isinstance(value, float) else str(value)
