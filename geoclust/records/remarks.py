"""What a researcher should know of the accepted records; nothing here rejects a row."""

import pandas as pd

from geoclust.records.draft import Draft


def remark_on_records(draft: Draft, records: pd.DataFrame) -> None:
    """Add notes on references."""
    for name in ("organisation_id", "parent_id"):
        lost = records[name].notna() & ~records[name].isin(records.index)
        count = int(lost.sum())
        if count:
            message = f"{count} rows whose {name} is no record here; kept as it is"
            draft.note("warning", message, column=name, count=count, file="")
