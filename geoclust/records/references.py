"""Ids that name other records."""

import pandas as pd


def names_one_of(values: pd.Series, ids: pd.Index) -> pd.Series:
    """Whether each value is one of `ids`; False where it is missing.

    As `isin`, which takes seconds per million ids on text.

    Examples
    --------
    >>> names_one_of(pd.Series(["a", "z", None]), pd.Index(["a", "b"])).tolist()
    [True, False, False]
    """
    distinct = pd.Index(values.dropna().unique(), dtype=object)
    if distinct.empty or ids.empty:
        return pd.Series(data=False, index=values.index)
    known = set(distinct[ids.unique().astype(object).get_indexer(distinct) >= 0])
    return pd.Series([value in known for value in values], index=values.index, dtype=bool)
