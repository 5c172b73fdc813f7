"""One edit: what a researcher decides of the regions found, with the reason and who decided."""

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import ClassVar, Final

from geoclust.catalogue import nearest
from geoclust.errors import ParameterError

NEEDS: Final = {
    "merge": ("regions",),
    "split": ("region",),
    "drop": (),
    "rename": ("region",),
    "move": ("records", "to"),
    "freeze": ("region", "records"),
}
"""What every action needs besides a reason and a name."""

MAY: Final = {
    "merge": ("id", "name"),
    "split": ("line", "records", "at_km", "children", "min_cluster_size", "rest", "ids", "names"),
    "drop": ("region", "regions"),
    "rename": ("id", "name"),
    "move": (),
    "freeze": ("name",),
}
"""What it may have."""

WAYS: Final = ("line", "records", "at_km", "children")
"""The ways to split a region; one of them."""

ALWAYS: Final = ("action", "reason", "by", "date")
LONGEST: Final = 4000
Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A correction of the regions that clustering found, or that were given.

    Parameters
    ----------
    action
        ``merge``, ``split``, ``drop``, ``rename``, ``move`` or ``freeze``.
    reason, by
        Why, and who decided; both are needed and are shown with the results.
    date
        When; optional.
    region, regions
        Ids of the regions meant: one, or for ``merge`` (and ``drop``) several.
    records
        Record ids: those that ``split`` takes out, that ``move`` puts elsewhere, or all members of
        a region that ``freeze`` holds.
    to
        Region that records are moved to; ``none`` for none.
    line
        Longitude and latitude of two points or more: ``split`` along it; its ends go on for ever.
    at_km
        ``split`` into what hangs together at this length in the hierarchy, as far as it weighs
        `min_cluster_size`.
    children
        ``split`` where the hierarchy does.
    min_cluster_size
        Least weight of a part of a finer cut; the study's own where not given.
    rest
        Members that are in no part of a finer cut: ``nearest`` (part; the default) or ``none``.
    id, name
        What the result is called; without it the heaviest region's id and name.
    ids, names
        The same for the parts of a ``split``, the one that stays (or the heaviest) first.

    Raises
    ------
    ParameterError
        With every fault found.

    Examples
    --------
    >>> Edit(action="drop", region="gb-oxford", reason="a letter box", by="A. Smith").touches
    ('gb-oxford',)
    >>> Edit(action="drop", regoin="x")
    Traceback (most recent call last):
    TypeError: Edit.__init__() got an unexpected keyword argument 'regoin'
    >>> Edit(action="merge", regions=("gb-oxford",), by="A. Smith")
    Traceback (most recent call last):
    geoclust.errors.ParameterError: edit: reason is missing: say in a few words why; regions names \
1 region, wanted two or more to merge
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    action: str
    reason: str = ""
    by: str = ""
    date: dt.date | None = None
    region: str = ""
    regions: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    to: str = ""
    line: tuple[Point, ...] = ()
    at_km: float | None = None
    children: bool = False
    min_cluster_size: int | None = None
    rest: str = ""
    id: str = ""
    name: str = ""
    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check every field, and report all faults at once."""
        if self.action not in NEEDS:
            raise ParameterError(f"edit: action {self.action!r}; {nearest(self.action, NEEDS)}")
        faults = [*self._said(), *self._fields(), *self._of_action(), *self._of_names()]
        if faults:
            raise ParameterError("edit: " + "; ".join(faults))

    @property
    def touches(self) -> tuple[str, ...]:
        """Ids of the regions it names."""
        return tuple(name for name in (self.region, *self.regions, self.to) if name)

    @property
    def given(self) -> dict[str, object]:
        """The fields that say something, for a file or a table."""
        return {
            f.name: value for f in fields(self) if (value := getattr(self, f.name)) != f.default
        }

    @property
    def digest(self) -> str:
        """Of all it says: equal edits have equal ones."""
        text = json.dumps(asdict(self), sort_keys=True, default=str, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def _said(self) -> Iterable[str]:
        if not self.reason.strip():
            yield "reason is missing: say in a few words why"
        if not self.by.strip():
            yield "by is missing: say who decided"
        for name in ("reason", "by", "name"):
            if len(getattr(self, name)) > LONGEST:
                yield f"{name} is longer than {LONGEST:,} characters"

    def _fields(self) -> Iterable[str]:
        """What the action lacks, and what means nothing to it."""
        known = {*ALWAYS, *NEEDS[self.action], *MAY[self.action]}
        for name in NEEDS[self.action]:
            if not getattr(self, name):
                yield f"{name} is missing: {self.action} needs it"
        for name in self.given:
            if name not in known:
                takes = ", ".join(_takes(self.action))
                yield f"{name} means nothing to {self.action}, which takes {takes}"

    def _of_action(self) -> Iterable[str]:
        if self.action == "merge" and len(set(self.regions)) == 1:
            yield "regions names 1 region, wanted two or more to merge"
        if self.action == "drop" and bool(self.region) == bool(self.regions):
            yield "drop takes region or regions, one of them"
        if self.action == "rename" and not (self.id or self.name):
            yield "rename needs a name, an id or both"
        if self.action == "split":
            yield from self._of_split()
        for name in ("regions", "records", "ids"):
            given = getattr(self, name)
            twice = [one for one, count in Counter(given).items() if count > 1]
            if twice:
                yield f"{name} names {min(twice)!r} twice"

    def _of_split(self) -> Iterable[str]:
        ways = [way for way in WAYS if getattr(self, way)]
        if len(ways) != 1:
            found = " and ".join(ways) or "none"
            yield f"split goes by one of {', '.join(WAYS)}; found {found}"
        if len(self.line) == 1:
            yield "line has 1 point, wanted two or more pairs of longitude and latitude"
        if any(not (-180 <= x <= 180 and -90 <= y <= 90) for x, y in self.line):  # noqa: PLR2004
            yield "line leaves the globe: wanted pairs of longitude (-180 to 180) and latitude"
        if self.at_km is not None and not 0 < self.at_km < float("inf"):
            yield f"at_km is {self.at_km}, wanted a positive length in km"
        least = self.min_cluster_size
        if least is not None and least < 2:  # noqa: PLR2004 - a pair
            yield f"min_cluster_size is {least}, wanted at least 2"
        if least is not None and not (self.at_km or self.children):
            yield "min_cluster_size means nothing to a split by a line or by records"
        if self.rest not in {"", "nearest", "none"}:
            yield f"rest is {self.rest!r}, wanted nearest or none"
        if self.rest and not (self.at_km or self.children):
            yield "rest means nothing to a split by a line or by records: they leave no rest"

    def _of_names(self) -> Iterable[str]:
        for one in (self.id, *self.ids):
            if one and not is_id(one):
                yield (
                    f"id {one!r}: wanted lower-case letters, digits, dots and dashes, such as "
                    "gb-oxford, and not 'none'"
                )


def is_id(text: str) -> bool:
    """Whether a text may be a region's id.

    Examples
    --------
    >>> is_id("gb-oxford"), is_id("Oxford & Co"), is_id("none")
    (True, False, False)
    """
    plain = text.isascii() and all(c.isdigit() or c.islower() or c in "-._" for c in text)
    return bool(text) and plain and text != "none" and text[0].isalnum()


def _takes(action: str) -> tuple[str, ...]:
    return (*NEEDS[action], *MAY[action], *ALWAYS[1:])
