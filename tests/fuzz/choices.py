"""Bytes as decisions, so that mutating bytes mutates what is meant and not how it is spelt.

Text of a study file mutated byte by byte is hardly ever TOML, and a misspelt option is all that
random arguments are: the parser answers, and what stands behind it is never reached.
"""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

WORDS = (
    "", "a", "records", "inf", "nan", "GB", "none", "f.csv", "../f.csv", "/dev/null", "f.gpkg",
    "inventor", "same", "EPSG:4326", "postgresql://u@127.0.0.1:1/d", "name", "Å\u202e", "\ud7ff\0",
    "postgresql://[", "<b>", "x" * 300, "=1+1", "reach", "eom", "firm_count", "funding_usd",
)  # fmt: skip
NUMBERS = (
    0, 1, -1, 2, 10, 0.5, 1e-9, 1e9, 1e308, 5e-324, -0.0, 2**31, 2**63, 10**400, 180.0, 90,
    float("inf"), float("-inf"), float("nan"), 2020, 20205, 0.1, 3.3, 100,
)  # fmt: skip


class Choices:
    """Decisions drawn from bytes, one after the other; zeros where the bytes have ended."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    @property
    def ended(self) -> bool:
        """Whether every byte is spent."""
        return self.at >= len(self.data)

    def byte(self) -> int:
        """The next byte."""
        self.at += 1
        return self.data[self.at - 1] if self.at <= len(self.data) else 0

    def pick(self, options: Sequence[T]) -> T:
        """One of the options (of at most 65,536)."""
        more = self.byte() if len(options) > 256 else 0
        return options[(self.byte() + 256 * more) % len(options)]

    def count(self, most: int) -> int:
        """A number from 0 to `most`."""
        return self.byte() % (most + 1)

    def text(self) -> str:
        """A word worth trying, or text of up to fifteen bytes."""
        which = self.byte()
        if which < 4 * len(WORDS):
            return WORDS[which % len(WORDS)]
        start, self.at = self.at, self.at + which % 16
        return self.data[start : self.at].decode("utf-8", "replace")

    def degrees(self, middle: float) -> float:
        """Within three degrees of a middle, on a grid; seldom something else altogether."""
        offset = self.byte()
        if offset == 255:
            return float(self.pick((0.0, 180.0, -180.0, 90.0, -90.0, 181.0, 1e300, 52.2, 0.1)))
        return round(middle + (offset - 127) / 42, 3)

    def value(self, depth: int = 0) -> object:
        """Any value that TOML has."""
        which = self.byte() % (8 if depth < 2 else 5)
        if which < 2:
            return self.text()
        if which < 4:
            return self.pick(NUMBERS)
        if which == 4:
            return bool(self.byte() % 2)
        if which == 5:
            return {self.text(): self.value(depth + 1) for _ in range(self.count(3))}
        return [self.value(depth + 1) for _ in range(self.count(3))]
