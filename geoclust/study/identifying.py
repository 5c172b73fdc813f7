"""Organisations of a study that may be one: found as the study reads them, before any merging."""

from pathlib import Path

import pandas as pd

from geoclust.records import Inputs, find_duplicates
from geoclust.records.identity import DECISION_DTYPES, read_decisions
from geoclust.study.config import StudyConfig
from geoclust.study.reading import read_configured
from geoclust.study.run import load_config

KEPT: tuple[str, ...] = ("decision", "comment")
"""The reviewer's columns, carried over from the table the study names."""


def find_study_duplicates(study: StudyConfig | str | Path) -> tuple[pd.DataFrame, Inputs]:
    """Compare the organisations of a study; decisions of its table so far are carried over.

    Parameters
    ----------
    study
        As `run_study`.

    Returns
    -------
    table, inputs
        As `find_duplicates`, with pairs that were decided but are found no more kept below; and
        what was read.
    """
    config = load_config(study)
    folder = config.base / config.inputs.folder
    bare = config.inputs.model_copy(
        update={"identity": None, "accept_above": None, "strict": False}
    )
    inputs = read_configured(config.model_copy(update={"inputs": bare}))
    found = find_duplicates(inputs.records)
    if config.inputs.identity is None:
        return found, inputs
    before = read_decisions(config.inputs.identity, folder=folder).table
    return carry_over(found, before), inputs


def carry_over(found: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """The pairs found, with the decisions and comments that `before` has on them.

    Examples
    --------
    >>> row = dict.fromkeys(DECISION_DTYPES)
    >>> found = pd.DataFrame([row | {"record_a": "a", "record_b": "b"}]).astype(DECISION_DTYPES)
    >>> before = pd.DataFrame({"record_a": ["b"], "record_b": ["a"], "decision": ["same"]})
    >>> carry_over(found, before)["decision"].tolist()
    ['same']
    """
    known = before.reindex(columns=list(DECISION_DTYPES)).astype(DECISION_DTYPES)
    known = known[known[list(KEPT)].notna().any(axis=1)]
    known = known.assign(pair=_pairs(known)).drop_duplicates("pair").set_index("pair")
    pairs = _pairs(found)
    result = found.assign(**{name: pairs.map(known[name]).astype("str") for name in KEPT})
    gone = known[~known.index.isin(pairs)].reset_index(drop=True)
    return pd.concat([result, gone], ignore_index=True)


def _pairs(table: pd.DataFrame) -> pd.Series:
    ends = table[["record_a", "record_b"]].fillna("")
    return pd.Series(
        ["\0".join(sorted(pair)) for pair in ends.itertuples(index=False, name=None)],
        index=table.index,
        dtype="str",
    )
