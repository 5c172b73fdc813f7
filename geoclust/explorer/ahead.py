"""What the next move of a slider is likely to ask for, worked out while nobody asks.

A drag goes on the way it went (where it comes from is known): the bench is led there in small
steps, between which a reader may move on.  Only what the bench keeps anyway is made; nothing that
is told changes.
"""

import math
import time
from collections.abc import Callable, Iterator
from typing import Final

from geoclust.errors import GeoclustError
from geoclust.explorer.bench import Bench, with_checked
from geoclust.explorer.sketch import Sketch, Slow

LONGEST_STEP_S: Final = 0.25
"""Nothing is done ahead that takes longer in one go: who turns back meanwhile waits for it."""

DRAWN_AHEAD: Final = ("clustering.", "delineation.")
"""Settings whose moves draw something; bars only judge what is drawn."""

Seen = Callable[[Sketch], list[int]]
"""Numbers of the regions whose footprints can be seen."""


class Ahead:
    """The next moves of the slider that was moved last.

    Parameters
    ----------
    bench
        The study.
    seen
        What a reader sees of a sketch.
    """

    def __init__(self, bench: Bench, seen: Seen) -> None:
        self._bench, self._seen = bench, seen
        self._range = {one.name: one for one in bench.controls}
        self._last: tuple[str, float] | None = None
        self._steps: Iterator[None] = iter(())
        self._judging_s = 0.0

    def moved(self, name: str, value: float) -> None:
        """Take note of a move: what comes next is guessed from it and the one before."""
        before = self._last[1] if self._last and self._last[0] == name else None
        self._last = name, value
        self._steps = self._walk(name, self._guesses(name, value, before))

    def work(self, seconds: float) -> bool:
        """Work out some of it; True while more is left.

        Parameters
        ----------
        seconds
            After which no other step is begun; one is made at least.
        """
        until = time.perf_counter() + seconds
        while next(self._steps, self) is not self:
            if time.perf_counter() >= until:
                return True
        return False

    def _guesses(self, name: str, value: float, before: float | None) -> list[float]:
        """Values that come next: on by as much as last time, or by a step; back is known."""
        one = self._range.get(name)
        if one is None or not name.startswith(DRAWN_AHEAD):
            return []
        stride = one.step if before is None else value - before
        other = math.copysign(one.step, stride) if before is not None else -one.step
        found = (round(value + stride, 9), round(value + other, 9))
        return [guess for guess in dict.fromkeys(found) if one.low <= guess <= one.high]

    def _walk(self, name: str, values: list[float]) -> Iterator[None]:
        for value in values:
            try:
                config = with_checked(self._bench.config, {name: value})
                if self._bench.forest_seconds(config) > LONGEST_STEP_S:
                    continue
                self._bench.hierarchy_at(config)
                yield
                sketch = self._bench.sketch_at(config)
            except GeoclustError:
                continue  # whoever moves there is told
            yield
            if not isinstance(sketch, Slow):
                yield from self._finish(sketch)

    def _finish(self, sketch: Sketch) -> Iterator[None]:
        """Draw, what is in view first, and judge."""
        for number in (*self._seen(sketch), *range(len(sketch.alone))):
            if sketch.draw(number):
                yield
        if self._judging_s <= LONGEST_STEP_S:
            start = time.perf_counter()
            sketch.work()
            self._judging_s = time.perf_counter() - start
            self._bench.keep(sketch)
            yield
