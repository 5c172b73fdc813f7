"""What a preset is: the layout of a known source, and how its files become tables of the schema."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from geoclust.errors import InputError
from geoclust.records.columns import header_key
from geoclust.records.raw import RawTable
from geoclust.records.sources import TableSource

Shape = Callable[[list[RawTable], TableSource, str], list[RawTable]]
"""From the files of one table to that table's files, with columns named as the schema's."""


def _as_given(_path: str) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A known source.

    Parameters
    ----------
    name, title
        Its key in the study file, and what it is called in words.
    roles
        Kinds of file of the source, each with the sets of columns (or JSON keys) that show it; the
        first that fits counts.  Columns are compared as `header_key` folds them.
    fills
        Tables of a study it can fill, each with the roles of the files it reads for that; the
        first role is needed, the others are read if they are there.
    shape
        The files of one table, with columns named as the schema's, before or beside their own.
    keys
        JSON keys that are read; None: all.
    reading
        How a file of this name is opened: fields of `TableSource`.
    applicants
        Role of the files that place patents by applicant, if it is a source of patents.
    advice
        What a user may want to set, one line each, for the study file that `inspect` writes.
    """

    name: str
    title: str
    roles: Mapping[str, tuple[frozenset[str], ...]]
    fills: Mapping[str, tuple[str, ...]]
    shape: Shape
    keys: frozenset[str] | None = None
    reading: Callable[[str], Mapping[str, Any]] = _as_given
    applicants: str | None = None
    advice: tuple[str, ...] = field(default=())

    def role_of(self, header: tuple[str, ...]) -> str | None:
        """Which of its files one with this header is."""
        keys = {header_key(name) for name in header}
        return next(
            (role for role, sets in self.roles.items() if any(needed <= keys for needed in sets)),
            None,
        )

    def by_role(self, raws: list[RawTable]) -> dict[str, list[RawTable]]:
        """Files of each role, in the order of the roles.

        Raises
        ------
        InputError
            If a file is none of the source's.
        """
        found: dict[str, list[RawTable]] = {role: [] for role in self.roles}
        for raw in raws:
            role = self.role_of(raw.header)
            if role is None:
                shown = ", ".join(repr(name[:40]) for name in raw.header[:12])
                raise InputError(
                    f"{raw.file}: is no file of {self.title} (preset {self.name!r}), which have "
                    f"{self._layouts()}; found the columns {shown}"
                )
            found[role].append(raw)
        return found

    def _layouts(self) -> str:
        return "; or ".join(
            f"{role}: {', '.join(sorted(needed))}"
            for role, sets in self.roles.items()
            for needed in sets
        )
