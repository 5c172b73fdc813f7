"""What is kept of a draw, and the same as one line of text with a checksum."""

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from geoclust.schema import STATUSES
from geoclust.sphere import Ints

VANISHED: Final = len(STATUSES)
"""Status number of a region of the study that no region of the draw is."""
LEFT, STAYS, ABSENT = 0, 1, 2
"""What a draw says of a record: it changed its region (or lost it), kept it, was not drawn."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """One draw."""

    number: int
    echo: Mapping[str, Any]
    """Every setting as used; what was changed in the records."""
    facts: Mapping[str, float]
    """Number of regions, by status; share of weight in no region; regions ranked and new."""
    status: Ints
    """Number in `STATUSES`, or `VANISHED`, of each region of the study."""
    rank: Ints
    """Rank of each region of the study among the draw's clusters; 0 where it has none."""
    stays: NDArray[np.uint8]
    """`LEFT`, `STAYS` or `ABSENT` for each record, by id."""

    def to_line(self) -> str:
        """One line of JSON, the checksum first."""
        packed = zlib.compress(self.stays.astype(np.uint8).tobytes(), 9)
        body = json.dumps(
            {
                "number": self.number,
                "echo": dict(self.echo),
                "facts": dict(self.facts),
                "status": "".join(map(str, self.status.tolist())),
                "rank": self.rank.tolist(),
                "stays": base64.b85encode(packed).decode("ascii"),
            }
        )
        return f"{digest(body)} {body}"

    @classmethod
    def from_line(cls, line: str) -> Self | None:
        """Read it back; None where the line is torn or damaged."""
        sum_, _, body = line.rstrip("\n").partition(" ")
        if digest(body) != sum_:
            return None
        read = json.loads(body)
        stays = zlib.decompress(base64.b85decode(read["stays"]))
        return cls(
            number=read["number"],
            echo=read["echo"],
            facts=read["facts"],
            status=np.array(list(read["status"]), dtype=np.int64),
            rank=np.array(read["rank"], dtype=np.int64),
            stays=np.frombuffer(stays, dtype=np.uint8),
        )


def digest(text: str) -> str:
    """First 16 hexadecimal digits of the SHA-256 of a text.

    Examples
    --------
    >>> digest("")
    'e3b0c44298fc1c14'
    """
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
