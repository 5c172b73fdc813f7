"""Edits as the page asks for them, and in the words it shows them in."""

from collections.abc import Mapping
from typing import Any, Final

from geoclust.assignment import Edit
from geoclust.errors import ParameterError

FIELDS: Final = ("action", "reason", "by", "region", "regions", "name", "line")
LONGEST_LINE: Final = 1_000
MOST_IN_LIST: Final = 100


def edit_of(asked: Mapping[str, Any]) -> Edit:
    """An edit from what the page sent.

    Raises
    ------
    ParameterError
        With every fault of it.

    Examples
    --------
    >>> why = {"reason": "a letter box", "by": "me"}
    >>> edit_of({"action": "drop", "region": "gb-oxford", **why}).touches
    ('gb-oxford',)
    """
    unknown = sorted(set(asked) - set(FIELDS))
    if unknown:
        raise ParameterError(f"an edit on the page has no {', '.join(unknown)}")
    values: dict[str, Any] = {
        name: str(asked[name]).strip() for name in FIELDS[:4] if name in asked
    }
    if "name" in asked:
        values["name"] = str(asked["name"]).strip()
    if "regions" in asked:
        values["regions"] = tuple(map(str, list(asked["regions"])[:MOST_IN_LIST]))
    if "line" in asked:
        points = list(asked["line"])[:LONGEST_LINE]
        values["line"] = tuple((_degrees(x), _degrees(y)) for x, y in points)
    return Edit(**values)


def _degrees(value: Any) -> float:  # noqa: ANN401 - from the page
    """To 1e-5 degree, about a metre: what a hand can point at."""
    return round(float(value), 5)


def words_of(edit: Edit) -> str:
    """An edit in a few words.

    Examples
    --------
    >>> words_of(Edit(action="merge", regions=("a", "b"), reason="one town", by="me"))
    'merge a and b'
    """
    what = " and ".join(edit.regions) or edit.region
    after = {
        "rename": f" to {edit.name or edit.id}",
        "split": " along a line" if edit.line else "",
        "move": f"{len(edit.records)} records to {edit.to}",
    }
    return f"{edit.action} {what}{after.get(edit.action, '')}".strip()
