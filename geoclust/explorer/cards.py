"""What the card of a region says: why it has its status, who is in it, what it lacks."""

from typing import Any, Final

import pandas as pd

from geoclust.classification import classify
from geoclust.errors import ParameterError
from geoclust.explorer.bench import Bench
from geoclust.schema import Indicators

MOST_MEMBERS: Final = 60
"""Members listed, those with the strongest membership."""


def card_of(bench: Bench, region_id: str) -> dict[str, Any]:
    """The card of a region as it lies on the bench.

    Raises
    ------
    ParameterError
        If there is no such region now.
    """
    sketch = bench.sketch()
    if region_id not in sketch.regions.index:
        raise ParameterError(f"there is no region {region_id!r} with these settings")
    sketch.work()
    assert sketch.verdicts is not None
    rows = sketch.basis.records.index
    kind_weights = sketch.config.clustering.kind_weights.model_dump()
    own = Indicators(sketch.verdicts.indicators.loc[[region_id]])
    judged = classify(own, sketch.config.thresholds, kind_weights=kind_weights)
    gap = judged.gaps["summary"].get(region_id, "") if len(judged.gaps) else ""
    members = rows[sketch.label == sketch.regions.index.get_loc(region_id)]
    strength = sketch.clustering.membership[members]
    strongest = strength.sort_values(ascending=False, kind="stable").index[:MOST_MEMBERS]
    records = bench.inputs.records.loc[strongest]
    return {
        "id": region_id,
        "tests": [_test(row) for row in judged.tests.to_dict("records")],
        "gap": "" if pd.isna(gap) else str(gap),
        "count": len(members),
        "members": [
            {"name": _text(row["name"]), "kind": row["kind"], "place": _text(row.get("place"))}
            for row in records.to_dict("records")
        ],
    }


def _test(row: dict[Any, Any]) -> dict[str, Any]:
    value = "unknown" if pd.isna(row["value"]) else f"{row['value']:.3g}"
    margin = "" if pd.isna(row["margin"]) else f" ({row['margin']:+.0%})"
    words = f"{str(row['test']).replace('_', ' ')}: {value} against {row['bar']:.3g}{margin}"
    return {"passed": bool(row["passed"]), "words": words}


def _text(value: Any) -> str:  # noqa: ANN401 - a cell
    return "" if value is None or pd.isna(value) else str(value)
