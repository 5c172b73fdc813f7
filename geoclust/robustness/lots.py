"""What settings of a sweep come to, and the same as one line of text with a checksum."""

import base64
import io
import json
import math
import zlib
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import pandas as pd

from geoclust.robustness.outcome import VANISHED, digest
from geoclust.sphere import Ints

MEASURES: Final = {
    "regions": "regions found",
    "clusters": "regions judged clusters",
    "quasi_clusters": "regions judged quasi-clusters",
    "noise": "records in no region",
    "noise_share": "share of the weight in no region",
    "agreement": "adjusted Rand index with the study's regions",
    "persistence": "mean persistence of the regions, by weight",
    "area_km2": "area of all footprints, km2",
    "largest_extent_km": "greatest distance between two members of a region, km",
    "kept_regions": "regions of the study that are found again",
    "new_regions": "regions that are none of the study's",
    "same_status": "share of the study's regions with the study's status",
    "top_ten": "share of the study's ten best clusters that are among the ten best",
}
"""What is told of each setting, in the order of the columns."""


@dataclass(frozen=True, eq=False)
class Found:
    """What one setting comes to."""

    number: int
    note: str
    """Why it could not be run; empty where it was."""
    measures: dict[str, float]
    regions: pd.DataFrame
    """The setting's own regions, heaviest first, and which of the study's each is."""
    status: Ints
    """Number in `STATUSES`, or `VANISHED`, of each region of the study."""
    rank: Ints
    """Rank of each region of the study; 0 where it has none."""


@dataclass(frozen=True, eq=False)
class Lot:
    """What a job comes to: settings that share their regions."""

    label: Ints | None
    """Number of each record's region, records by id; -1 for none; None where not run."""
    found: list[Found]

    @property
    def number(self) -> int:
        """Number of its first setting, by which it is known."""
        return self.found[0].number

    @property
    def settings(self) -> list[int]:
        """Numbers of its settings."""
        return [one.number for one in self.found]

    def to_line(self) -> str:
        """One line of JSON, the checksum first."""
        label = self.label
        body = json.dumps(
            {
                "label": None if label is None else _packed(label.astype("<i4").tobytes()),
                "found": [_plain(one) for one in self.found],
            }
        )
        return f"{digest(body)} {body}"

    @classmethod
    def from_line(cls, line: str) -> Self | None:
        """Read it back, the same to the last bit; None where the line is torn or damaged."""
        sum_, _, body = line.rstrip("\n").partition(" ")
        if digest(body) != sum_:
            return None
        read = json.loads(body)
        label = None
        if read["label"] is not None:
            label = np.frombuffer(_unpacked(read["label"]), dtype="<i4").astype(np.int32)
        return cls(label, [_found(one) for one in read["found"]])


def unrun(number: int, why: str, count: int) -> Found:
    """A setting that could not be run, in a study of `count` regions.

    Examples
    --------
    >>> unrun(3, "its values contradict each other", 2).measures["regions"]
    nan
    """
    return Found(
        number=number,
        note=why,
        measures=dict.fromkeys(MEASURES, math.nan),
        regions=pd.DataFrame(),
        status=np.full(count, VANISHED, dtype=np.int64),
        rank=np.zeros(count, dtype=np.int64),
    )


def _plain(one: Found) -> dict[str, Any]:
    """A setting as JSON knows it; its table as Parquet, which keeps kinds and missing values."""
    table = io.BytesIO()
    if not one.note:
        one.regions.to_parquet(table, engine="pyarrow")
    return {
        "number": one.number,
        "note": one.note,
        "measures": one.measures,
        "regions": _packed(table.getvalue()),
        "status": one.status.tolist(),
        "rank": one.rank.tolist(),
    }


def _found(read: dict[str, Any]) -> Found:
    if read["note"]:
        return unrun(read["number"], read["note"], len(read["status"]))
    table = io.BytesIO(_unpacked(read["regions"]))
    return Found(
        number=read["number"],
        note="",
        measures=read["measures"],
        regions=pd.read_parquet(table, engine="pyarrow"),
        status=np.array(read["status"], dtype=np.int64),
        rank=np.array(read["rank"], dtype=np.int64),
    )


def _packed(content: bytes) -> str:
    return base64.b85encode(zlib.compress(content, 6)).decode("ascii")


def _unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b85decode(text))
