"""What reading returns: the accepted tables, the rejected rows, and the account of both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from geoclust.display import Listing, card
from geoclust.schema import Places, Records, Ties

MERGE_DTYPES: Final = {
    "record_id": "str",
    "merged_id": "str",
    "name": "str",
    "merged_name": "str",
    "source": "str",
    "merged_source": "str",
    "file": "str",
    "row": "int64",
    "conflicts": "str",
}
"""Columns of `Inputs.merges`: one row per record that is now part of another."""


def no_merges() -> pd.DataFrame:
    """Nothing merged: an empty table of `MERGE_DTYPES`."""
    return pd.DataFrame(columns=list(MERGE_DTYPES)).astype(MERGE_DTYPES)


@dataclass(frozen=True, eq=False)
class Inputs:
    """Accepted records, ties and places, and what became of every row.

    Parameters
    ----------
    records
        Firms, labs and patents, by `record_id`.
    ties
        Collaborations between firms and labs, ends in alphabetical order.
    places
        Towns or metropolitan areas with population and GDP.
    rejected
        One line per fault: file, row (record number, the header being 1), record_id, column,
        value, reason.  A row with two faults has two lines; `rejected_count` counts rows.
    notes
        Diagnoses and counts that reject nothing: level ("warning" or "info"), file, column, count,
        message.
    geocoded
        Records whose coordinates come from the gazetteer, by `record_id`: place, country, matched,
        geoname_id, how, ambiguous, alternatives.
    files
        Per file: file, table, rows, accepted, rejected, merged, left_out, sha256, bytes; rows =
        accepted + rejected + merged; left_out are rows that a preset does not take as records at
        all, as its notes say.
    tables
        Which of firms, labs, patents, ties and places were given.  A table not given is unknown;
        an empty one is zero.
    origins
        For "records", "ties" and "places": columns file and row (record number, the header being
        1) of each accepted row, on that table's index.  Of identical rows, that of the first.
    merges
        Records that were decided to be one organisation with another and are part of it now:
        record_id (kept), merged_id, name, merged_name, source, merged_source, file, row, conflicts
        (what they say differently).
    """

    records: Records
    ties: Ties
    places: Places
    rejected: pd.DataFrame
    notes: pd.DataFrame
    geocoded: pd.DataFrame
    files: pd.DataFrame
    tables: frozenset[str]
    origins: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    merges: pd.DataFrame = field(default_factory=no_merges)

    @property
    def rejected_count(self) -> int:
        """Number of rejected rows, in all tables."""
        return int(self.files["rejected"].sum())

    @property
    def merged_count(self) -> int:
        """Number of rows counted together with an identical one, in all tables."""
        return int(self.files["merged"].sum())

    @property
    def left_out_count(self) -> int:
        """Number of rows that presets leave out, in all tables."""
        return int(self.files["left_out"].sum())

    @property
    def warnings(self) -> tuple[str, ...]:
        """Messages of the notes that are warnings, each with its file."""
        chosen = self.notes[self.notes["level"] == "warning"]
        pairs = zip(chosen["file"], chosen["message"], strict=True)
        return tuple(f"{file}: {message}" if file else str(message) for file, message in pairs)

    def __repr__(self) -> str:
        kinds = self.records["kind"].value_counts()
        parts = [f"{kinds.get(kind, 0):,} {kind}s" for kind in ("firm", "lab", "patent")]
        parts += [f"{len(self.ties):,} ties", f"{len(self.places):,} places"]
        parts += [f"{self.rejected_count:,} rows rejected", f"{self.merged_count:,} merged"]
        if len(self.geocoded):
            parts.append(f"{len(self.geocoded):,} geocoded")
        return f"Inputs({', '.join(parts)})"

    def _repr_html_(self) -> str:
        kinds = self.records["kind"].value_counts()
        facts = {f"{kind}s": int(kinds.get(kind, 0)) for kind in ("firm", "lab", "patent")}
        facts |= {"ties": len(self.ties), "places": len(self.places)}
        facts |= {"geocoded": len(self.geocoded), "rejected rows": self.rejected_count}
        files = self.files.set_index("file")[["table", "rows", "accepted", "rejected", "merged"]]
        listings = [Listing("What became of every row", files)]
        if len(self.rejected):
            faults = self.rejected.set_index("file")[["row", "column", "value", "reason"]]
            listings.append(Listing("Rejected", faults))
        return card("Inputs", facts=facts, listings=listings, remarks=self.warnings)
