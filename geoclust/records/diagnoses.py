"""What is wrong with a whole column of coordinates."""

import pandas as pd


def diagnose(found: pd.DataFrame, country: pd.Series) -> str:
    """One sentence on a pair of columns that look swapped, in radians, E7 or metres; else ''."""
    return ""
