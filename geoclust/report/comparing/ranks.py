"""Ranks from A to B as lines of a picture on the page."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geoclust.report.comparing.figures import heights, ranked
from geoclust.report.comparing.payload import row_id
from geoclust.report.comparing.words import plain_dicts

if TYPE_CHECKING:
    from geoclust.comparison import Comparison

STEP: Final = 22
"""Pixels from one label to the next."""
MOST: Final = 60


def rank_lines(found: "Comparison") -> dict[str, Any] | None:
    """What the picture of ranks is made of; None where a side has no ranks.

    Returns
    -------
    dict or None
        `height`, `lines` (id, name, ranks, the height at each side or None, way: "up", "down",
        "level", "one side"), `words` for those who do not see it, `more` not shown.
    """
    table = ranked(found)
    if table.empty:
        return None
    shown = table.head(MOST)
    left, right = (heights(shown, end) for end in "ab")
    lines = [
        _line(row, number, a, b)
        for (number, row), a, b in zip(
            zip(shown.index, plain_dicts(shown), strict=True), left, right, strict=True
        )
    ]
    shift = table["rank_shift"].dropna()
    words = (
        f"{int((shift > 0).sum())} regions rank better in B than in A, {int((shift < 0).sum())} "
        f"worse, {int((shift == 0).sum())} the same; {int(table['rank_a'].isna().sum())} are "
        f"ranked in B only, {int(table['rank_b'].isna().sum())} in A only."
    )
    deepest = int(np.nanmax(np.concatenate([left, right])))
    return {
        "height": STEP * deepest + 14,
        "lines": lines,
        "words": words,
        "more": len(table) - len(shown),
    }


def _line(row: dict[str, Any], number: int, left: float, right: float) -> dict[str, Any]:
    shift = row["rank_shift"]
    known = not pd.isna(shift)
    way = ("up" if shift > 0 else "down" if shift < 0 else "level") if known else "one-side"
    return {
        "id": row_id(row, number),
        "name": _short(str(row["name"])),
        "way": way,
        "rank_a": "" if pd.isna(row["rank_a"]) else int(row["rank_a"]),
        "rank_b": "" if pd.isna(row["rank_b"]) else int(row["rank_b"]),
        "a": None if np.isnan(left) else round(STEP * left),
        "b": None if np.isnan(right) else round(STEP * right),
    }


def _short(name: str) -> str:
    return name if len(name) <= 26 else f"{name[:25]}…"  # noqa: PLR2004 - letters beside a line
