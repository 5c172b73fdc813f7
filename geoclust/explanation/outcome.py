"""An explanation: a number as reported, worked out anew, with all that it was made of."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from geoclust import display
from geoclust.explanation.evidence import plain
from geoclust.explanation.telling import as_text
from geoclust.explanation.working import Listing, missing, same


@dataclass(frozen=True, eq=False, kw_only=True)
class Explanation:
    """One number followed to its formula, records and sources."""

    subject: str
    """Id of the region or record."""
    subject_name: str
    indicator: str
    label: str
    unit: str
    value: Any
    """As reported; None where missing."""
    recomputed: Any
    """Worked out anew from what is listed; None where missing."""
    meaning: str
    """The formula in words."""
    filled: str
    """The formula with the numbers in place of the names."""
    listings: tuple[Listing, ...]
    """What was counted."""
    made_of: tuple[str, ...]
    """Other numbers of the region that it was made of, each of which can be explained."""
    settings: pd.DataFrame
    """Settings that mattered: columns setting, value, why."""
    definition: str
    """Where the definition comes from."""
    notes: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether the number worked out anew is the one reported, to its nine digits."""
        return same(self.value, self.recomputed)

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values, ready for JSON; what is missing is None."""
        return {
            "subject": self.subject,
            "name": self.subject_name,
            "indicator": self.indicator,
            "label": self.label,
            "unit": self.unit,
            "value": bare(self.value),
            "recomputed": bare(self.recomputed),
            "agrees": self.agrees,
            "meaning": self.meaning,
            "filled": self.filled,
            "made_of": list(self.made_of),
            "notes": list(self.notes),
            "settings": rows_of(self.settings),
            "definition": self.definition,
            "listings": [
                {"title": one.title, "count": len(one.table), "rows": rows_of(one.table)}
                for one in self.listings
            ],
        }

    def to_text(self, *, rows: int | None = 20) -> str:
        """As text, lists cut to so many rows; None: all of them."""
        return as_text(self, rows)

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        facts = {
            "reported": bare(self.value),
            "worked out anew": bare(self.recomputed),
            "formula": self.meaning,
            "with the numbers": self.filled,
        }
        shown = [one.table.dropna(axis="columns", how="all") for one in self.listings]
        listings = [
            display.Listing(f"{one.title} ({len(table):,})", table.set_index(table.columns[0]))
            for one, table in zip(self.listings, shown, strict=True)
            if table.shape[1]
        ]
        verdict = "" if self.agrees else "The two differ."
        remarks = [verdict, *self.notes, self.definition]
        return display.card(
            "Explanation",
            f"{self.subject_name}: {self.label}",
            facts=facts,
            listings=listings,
            remarks=[text for text in remarks if text],
        )

    def __repr__(self) -> str:
        verdict = "" if self.agrees else f", but {bare(self.recomputed)!r} worked out anew"
        return f"<Explanation: {self.indicator} of {self.subject} is {bare(self.value)!r}{verdict}>"


def bare(value: object) -> Any:  # noqa: ANN401 - a cell may hold anything
    """A cell as a value of Python and JSON; missing and not finite become None."""
    value = plain(value)
    if missing(value) or (isinstance(value, float) and value in {float("inf"), float("-inf")}):
        return None
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as plain values."""
    columns = {str(name): [bare(cell) for cell in table[name]] for name in table}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
