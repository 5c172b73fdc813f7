"""What the stages of a study took, found and warned of."""

import logging
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from geoclust.errors import GeoclustWarning

logger = logging.getLogger(__name__)


@dataclass
class Journal:
    """Seconds, details and warnings of the stages so far."""

    announce: Callable[[str], None]
    rows: list[dict[str, object]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[str], None]]:
        """Time one stage; the value yielded takes its one-line detail."""
        self.announce(name)
        detail: list[str] = []
        start = time.perf_counter()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", GeoclustWarning)
            yield detail.append
        seconds = time.perf_counter() - start
        for warning in caught:
            self._take(warning)
        self.rows.append({"stage": name, "seconds": seconds, "detail": " ".join(detail)})
        logger.info("%s: %s (%.2f s)", name, " ".join(detail), seconds)

    def _take(self, warning: warnings.WarningMessage) -> None:
        message = str(warning.message)
        if not issubclass(warning.category, GeoclustWarning):
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
        elif message not in self.told:
            logger.warning(message)
            self.told.append(message)
