"""`[precision]` of a study file: how far coordinates may be off, to see what hangs on them."""

from typing import Annotated

from pydantic import AfterValidator, Field

from geoclust.catalogue import nearest
from geoclust.schema import PRECISIONS
from geoclust.study.section import NotNegative, Section
from geoclust.study.variation import JITTER_KM

FARTHEST_KM = 1000.0
"""Beyond, it is no geocode."""


def _radii(given: dict[str, float]) -> dict[str, float]:
    faults = [f"{name!r}; {nearest(name, PRECISIONS)}" for name in given if name not in PRECISIONS]
    faults += [f"{name} is {km:g}; want below {FARTHEST_KM:g} km" for name, km in given.items()
               if km >= FARTHEST_KM]  # fmt: skip
    if faults:
        raise ValueError("; ".join(faults))
    return given


class PrecisionSection(Section):
    """`[precision]`: how `geoclust precision` spreads records within their geocodes."""

    draws: int = Field(default=25, ge=1, le=10_000)
    """How often all records are spread anew."""

    jitter_km: Annotated[dict[str, NotNegative], AfterValidator(_radii)] = JITTER_KM
    """Radius of the disc over which a record of each precision is spread evenly, km; a precision
    not named is not moved."""

    together: bool = False
    """Move records of one coordinate pair as one: the error they share instead of their spread."""
