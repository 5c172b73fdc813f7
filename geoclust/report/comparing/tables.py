"""The tables of a comparison as files, each returned as bytes."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from geoclust.report.comparing.words import names_of, plain_dicts, story
from geoclust.report.tables.files import csv_bytes

if TYPE_CHECKING:
    from geoclust.comparison import Comparison


def comparison_tables(found: "Comparison") -> dict[str, Callable[[], bytes]]:
    """File name to the function that makes the file's bytes.

    Parameters
    ----------
    found
        The comparison; left unchanged.

    Returns
    -------
    dict
        `fates.csv` (one row per region, with its story), `records.csv` (every record that moved),
        `pairs.csv` (every two regions that share a record), `statuses.csv`.
    """
    return {
        "fates.csv": partial(_fates, found),
        "records.csv": partial(csv_bytes, found.moves),
        "pairs.csv": partial(csv_bytes, found.pairs, index=False),
        "statuses.csv": partial(csv_bytes, found.statuses),
    }


def _fates(found: "Comparison") -> bytes:
    names = names_of(found)
    told = [story(row, names) for row in plain_dicts(found.fates)]
    return csv_bytes(found.fates.assign(story=pd.Series(told, dtype="str")), index=False)
