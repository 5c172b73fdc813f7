"""Tables that are in memory already."""

import pandas as pd

from geoclust.records.cells import column_text
from geoclust.records.raw import RawTable, raw_table


def raw_of_frame(frame: pd.DataFrame, name: str) -> RawTable:
    """A DataFrame as text; a named index, or one of text, is the column `record_id`.

    Examples
    --------
    >>> raw_of_frame(pd.DataFrame({"lon": [1.5]}, index=["a"]), "firms").header
    ('record_id', 'lon')
    """
    if "record_id" not in frame and not pd.api.types.is_numeric_dtype(frame.index):
        frame = frame.rename_axis("record_id").reset_index()
    columns = {at: column_text(frame.iloc[:, at]) for at in range(frame.shape[1])}
    text = pd.DataFrame(columns).set_axis(pd.RangeIndex(len(frame)), axis=0)
    return raw_table(name, [str(column) for column in frame.columns], text)
