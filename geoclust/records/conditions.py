"""Conditions on the rows of a store: `where = { country = ["GB", "IE"], year = { from = 2010 } }`.

Values are bound by the driver, names are quoted by it: neither becomes part of a statement's text.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

Scalar = str | int | float | bool
Wanted = Scalar | Sequence[Scalar] | Mapping[str, Scalar]
"""One value, any of several, or bounds `from` and `to` (both included)."""

BOUNDS: Final = {"from": ">=", "to": "<="}


class Condition(NamedTuple):
    """One test of a column; all conditions must hold."""

    column: str
    sign: str
    """`=` (any of the values), `>=` or `<=` (one value)."""
    values: tuple[Scalar, ...]


def conditions_of(where: Mapping[str, Wanted]) -> list[Condition]:
    """Tests of columns, in the order given.

    Examples
    --------
    >>> conditions_of({"country": ["GB", "IE"], "year": {"from": 2010}})
    [Condition(column='country', sign='=', values=('GB', 'IE')), \
Condition(column='year', sign='>=', values=(2010,))]
    """
    found = []
    for column, wanted in where.items():
        if isinstance(wanted, Mapping):
            bounds = [(BOUNDS[name], value) for name, value in wanted.items()]
            found += [Condition(column, sign, (value,)) for sign, value in bounds]
        elif isinstance(wanted, str | int | float):
            found.append(Condition(column, "=", (wanted,)))
        else:
            found.append(Condition(column, "=", tuple(wanted)))
    return found


def condition_faults(where: Mapping[str, Wanted]) -> list[str]:
    """What is wrong with conditions.

    Examples
    --------
    >>> condition_faults({"year": {"since": 2010}, "country": []})
    ["where.year: 'since' is no bound; wanted from, to", 'where.country: no value']
    """
    faults = []
    for column, wanted in where.items():
        if isinstance(wanted, Mapping):
            strange = [name for name in wanted if name not in BOUNDS]
            faults += [f"where.{column}: {name!r} is no bound; wanted from, to" for name in strange]
        if not isinstance(wanted, str | int | float) and not len(wanted):
            faults.append(f"where.{column}: no value")
    return faults


def value_text(value: Scalar) -> str:
    """A value as text that any column's type can be read from.

    Examples
    --------
    >>> value_text(True), value_text(2010), value_text("GB")
    ('true', '2010', 'GB')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)
