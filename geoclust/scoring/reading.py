"""Plain values, such as those of a TOML file, to the parts of a framework.

Nothing is raised before all has been looked at: a row with a fault stands in with what is sound of
it, so that what is wrong elsewhere, and with all taken together, is found as well.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, Final, TypeVar

from geoclust.catalogue import unknown_indicators, unknown_keys
from geoclust.errors import FrameworkError
from geoclust.scoring.rules import faults_of_scheme
from geoclust.scoring.scheme import Scheme
from geoclust.scoring.specs import Composite, IndicatorSpec, refuse

Part = TypeVar("Part", Composite, IndicatorSpec)


def read_scheme(values: object, kind: type[Scheme]) -> dict[str, Any]:
    """Arguments of a framework from plain values.

    Parameters
    ----------
    values
        Keys as the fields of `kind`: composite a table, indicators a list of tables.
    kind
        The class that is to be made.

    Returns
    -------
    dict
        The fields that are given, composite and indicators made.

    Raises
    ------
    FrameworkError
        With all faults at once, each beginning with its place.

    Examples
    --------
    >>> row = {"name": "firm_count", "dimension": "size", "weight": "2"}
    >>> read_scheme({"normalise": "minmax", "indicators": [row]}, Scheme)
    Traceback (most recent call last):
    geoclust.errors.FrameworkError: framework: indicators[0].weight is '2'; want a number; \
normalise is 'minmax'; did you mean 'min_max'?
    """
    if not isinstance(values, Mapping):
        raise FrameworkError([f"it is {values!r}; want a table"])
    faults: list[str] = []
    made = _fitting(values, kind, "", faults)
    if "composite" in values:
        made["composite"] = _part(Composite, values["composite"], "composite", faults)
    if "indicators" in values:
        made["indicators"] = _rows(values["indicators"], faults)
    if faults:
        told = {fault.partition(" ")[0] for fault in faults}
        more = faults_of_scheme(Scheme(**made))
        faults += [fault for fault in more if fault.partition(" ")[0] not in told]
    refuse(faults, "framework")
    return made


def _rows(values: object, faults: list[str]) -> tuple[IndicatorSpec, ...]:
    if not isinstance(values, list | tuple):
        faults.append(f"indicators is {values!r}; want a list of tables")
        return Scheme().indicators
    places = [f"indicators[{at}]" for at in range(len(values))]
    rows = [_part(IndicatorSpec, row, at, faults) for row, at in zip(values, places, strict=True)]
    for row, at in zip(rows, places, strict=True):
        if row.name != at:
            faults += [f"{at}.name: {fault}" for fault in unknown_indicators([row.name])]
    return tuple(rows)


def _part(kind: type[Part], values: object, where: str, faults: list[str]) -> Part:
    """An instance of `kind`, of what is sound; what is not is added to `faults`."""
    stand_in: dict[str, Any] = {one.name: where for one in fields(kind) if _required(one)}
    if isinstance(values, kind):
        return values
    if not isinstance(values, Mapping):
        faults.append(f"{where} is {values!r}; want a table")
        return kind(**stand_in)
    given = _fitting(values, kind, f"{where}.", faults)
    try:
        return kind(**stand_in | given)
    except FrameworkError as error:
        faults += [f"{where}.{fault}" for fault in error.faults]
        wrong = {fault.partition(" ")[0].partition(".")[0] for fault in error.faults}
        return kind(**stand_in | {name: given[name] for name in given if name not in wrong})


def _fitting(
    values: Mapping[str, Any], kind: type, where: str, faults: list[str]
) -> dict[str, Any]:
    """The plain values that are what their field is to hold."""
    faults += unknown_keys(values, kind, where)
    found: dict[str, Any] = {}
    for one in fields(kind):
        fits, wanted = KINDS.get(one.type, (None, ""))
        if fits is None:
            continue
        if one.name not in values:
            faults += [f"{where}{one.name} is missing; want {wanted}"] if _required(one) else []
        elif fits(values[one.name]):
            found[one.name] = values[one.name]
        else:
            faults.append(f"{where}{one.name} is {values[one.name]!r}; want {wanted}")
    return found


def _required(one: "Field[Any]") -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _may_be_number(value: object) -> bool:
    return value is None or _is_number(value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_numbers(value: object) -> bool:
    return isinstance(value, list | tuple) and all(map(_is_number, value))


def _are_weights(value: object) -> bool:
    return isinstance(value, Mapping) and all(map(_is_number, value.values()))


KINDS: Final[dict[Any, tuple[Callable[[object], bool], str]]] = {
    str: (_is_text, "text"),
    int: (_is_whole, "a whole number"),
    float: (_is_number, "a number"),
    float | None: (_may_be_number, "a number"),
    tuple[float, ...]: (_are_numbers, "a list of numbers"),
    Mapping[str, float]: (_are_weights, "a table of numbers"),
}
"""By the type of a field: what fits, and how it is called."""
