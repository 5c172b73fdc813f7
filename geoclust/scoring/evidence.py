"""Which ranks rest on thin evidence."""

from typing import Final

import numpy as np
import pandas as pd

from geoclust.scoring.framework import Framework
from geoclust.sphere import Floats

THIN: Final = "thin"
AMPLE: Final = "ample"
THIN_SHARE: Final = 1 / 3
"""From this share of its weight on thin or missing values, a rank is marked."""
SLACK: Final = 1e-9


def thin_flags(indicators: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Whether each value is flagged "thin" in its `<indicator>_evidence`; unflagged is not thin.

    Examples
    --------
    >>> from geoclust.scoring import IndicatorSpec
    >>> specs = (IndicatorSpec(name="x", dimension="d"), IndicatorSpec(name="y", dimension="d"))
    >>> table = pd.DataFrame({"x": [1.0, 2.0], "y": [1.0, 2.0], "x_evidence": ["thin", "ample"]})
    >>> thin_flags(table, Framework(indicators=specs)).to_dict("list")
    {'x': [True, False], 'y': [False, False]}
    """
    flags = {
        spec.name: (indicators[f"{spec.name}_evidence"] == THIN).to_numpy(dtype=bool)
        if f"{spec.name}_evidence" in indicators
        else np.zeros(len(indicators), dtype=bool)
        for spec in framework.indicators
    }
    return pd.DataFrame(flags, index=indicators.index).rename_axis("region_id")


def evidence_columns(
    values: pd.DataFrame, weights: Floats, thin: pd.DataFrame, framework: Framework
) -> dict[str, pd.Series]:
    """Columns thin, evidence and `<dimension>_evidence` of `Scores.table`.

    Of the indicators that any region has, those that are thin or missing for a region are weighed
    against all: from a third on, its rank is marked "thin".  Where no region has any of a
    dimension's indicators there is nothing to mark, and the mark is missing.
    """
    names = np.array(thin.columns.astype("str"))
    listed = [";".join(names[row]) for row in thin.to_numpy()]
    text = pd.Series(listed, index=values.index, dtype="str")
    weak = thin.to_numpy() | values.isna().to_numpy()
    given = weights * values.notna().any().to_numpy()
    columns = {
        "thin": text.where(text != "").astype("str"),
        "evidence": _mark(weak, given, values.index),
    }
    for dimension in framework.dimensions:
        part = [spec.dimension == dimension for spec in framework.indicators]
        own = framework.weights.to_numpy()[part] * values.notna().any().to_numpy()[part]
        own = np.broadcast_to(own, (len(values), int(np.sum(part))))
        columns[f"{dimension}_evidence"] = _mark(weak[:, part], own, values.index)
    return columns


def _mark(weak: np.ndarray, weights: Floats, index: pd.Index) -> pd.Series:
    total = weights.sum(axis=1)
    share = (weak * weights).sum(axis=1) / np.where(total > 0, total, 1.0)
    mark = np.where(share >= THIN_SHARE - SLACK, THIN, AMPLE)
    return pd.Series(mark, index=index, dtype="str").where(total > 0).astype("str")
