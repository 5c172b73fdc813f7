"""Lists of what was counted, each row with its source and where it stands in the input."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from geoclust.explanation.working import Listing

if TYPE_CHECKING:
    from geoclust.explanation.evidence import Evidence


def record_listing(
    evidence: "Evidence", title: str, records: pd.DataFrame, **columns: object
) -> Listing:
    """Records by id: name, kind, the columns given, source, file, row."""
    table = pd.DataFrame(
        {
            "record_id": records.index.astype("str"),
            "name": records["name"].to_numpy(),
            "kind": records["kind"].to_numpy(),
            **{name: _bare(values) for name, values in columns.items()},
            "source": records["source"].to_numpy(),
        }
    )
    return Listing(title, with_origin(evidence, "records", table, pd.Index(records.index)))


def place_listing(
    evidence: "Evidence", title: str, places: pd.DataFrame, **columns: object
) -> Listing:
    """Places by name: country, year, the columns given, source, file, row."""
    names = [name for name in ("name", "country", "year") if name in places]
    table = places[names].reset_index(drop=True)
    for name, values in columns.items():
        table[name] = _bare(values)
    table["source"] = places["source"].to_numpy()
    return Listing(title, with_origin(evidence, "places", table, pd.Index(places.index)))


def with_origin(
    evidence: "Evidence", kind: str, table: pd.DataFrame, index: pd.Index
) -> pd.DataFrame:
    """The table with columns file and row."""
    origin = evidence.origin(kind, index)
    return table.assign(file=origin["file"].to_numpy(), row=origin["row"].array)


def _bare(values: object) -> Any:  # noqa: ANN401 - whatever a column may be made of
    return values.array if isinstance(values, pd.Series) else values
