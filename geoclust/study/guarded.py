"""Text that no spreadsheet takes for a formula, and the way back.

A cell that begins with any number of apostrophes followed by = + - @ (also full-width), a tab or a
line break gets one more apostrophe in front; nothing else is touched, so it can be undone.
"""

from typing import Final

import pandas as pd

_TRIGGERS: Final = r"(?:[=+\-@\t\r\n＝＋－＠])"  # noqa: RUF001 - the full-width ones are meant
_TO_GUARD: Final = rf"^(?='*{_TRIGGERS})"
_GUARDED: Final = rf"^'(?='*{_TRIGGERS})"


def guard_text(text: pd.Series) -> pd.Series:
    """Text that no spreadsheet takes for a formula; undone by `unguard_text`.

    Examples
    --------
    >>> guard_text(pd.Series(["=SUM(A1)", "'-x", "plain", "O'Neill"])).to_list()
    ["'=SUM(A1)", "''-x", 'plain', "O'Neill"]
    """
    return text.str.replace(_TO_GUARD, "'", regex=True)


def unguard_text(text: pd.Series) -> pd.Series:
    """The text as it was before `guard_text`.

    Examples
    --------
    >>> unguard_text(pd.Series(["'=SUM(A1)", "''-x", "plain"])).to_list()
    ['=SUM(A1)', "'-x", 'plain']
    """
    return text.str.replace(_GUARDED, "", regex=True)
