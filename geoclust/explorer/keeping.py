"""What was made for some settings, kept for when they are met again."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any


class Kept:
    """The last answers of each stage, by the settings they were made with.

    Parameters
    ----------
    most
        Answers of each stage that are kept.

    Examples
    --------
    >>> kept = Kept(1)
    >>> kept.once("double", "2", lambda: 4), kept.once("double", "2", lambda: 5)
    (4, 4)
    >>> kept.put("double", "3", 6)
    >>> kept.once("double", "2", lambda: 5)
    5
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._of: dict[str, OrderedDict[str, Any]] = {}

    def once(self, stage: str, key: str, make: Callable[[], Any]) -> Any:  # noqa: ANN401
        """What a stage made of these settings, made now if it is not kept."""
        kept = self._of.setdefault(stage, OrderedDict())
        self.put(stage, key, kept[key] if key in kept else make())
        return kept[key]

    def put(self, stage: str, key: str, made: Any) -> None:  # noqa: ANN401
        """Keep this, and of what is older as much as there is room for."""
        kept = self._of.setdefault(stage, OrderedDict())
        kept[key] = made
        kept.move_to_end(key)
        while len(kept) > self._most:
            kept.popitem(last=False)
