"""Work kept in a file as it is done, so that a killed run goes on where it stopped.

A text file: one line that says whose work it is, then one line per draw (or lot of settings) in
the order they were finished.  Every line begins with its own checksum; whatever does not agree with
it (a last line torn by a kill, say) is dropped and done again.
"""

import hashlib
import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Generic, Protocol, Self, TypeVar

import numpy as np
import pandas as pd

from geoclust.errors import InputError, OutputError
from geoclust.robustness.outcome import digest

logger = logging.getLogger(__name__)

FORMAT: Final = "geoclust robustness 1"


class Kept(Protocol):
    """What can be kept: it has a number, and is a line of text with a checksum."""

    @property
    def number(self) -> int:
        """By which it is known among its like."""

    def to_line(self) -> str:
        """One line of text, the checksum first."""

    @classmethod
    def from_line(cls, line: str) -> Self | None:
        """Read it back; None where the line is torn or damaged."""


Work = TypeVar("Work", bound=Kept)


class Checkpoint(Generic[Work]):
    """The file, or nothing at all where no path is given."""

    def __init__(self, path: str | Path | None, fingerprint: str, kind: type[Work]) -> None:
        self.path = None if path is None else Path(path)
        self.fingerprint = fingerprint
        self.kind = kind

    def read(self) -> dict[int, Work]:
        """Sound work so far, by number; leaves a file with this and nothing else.

        Raises
        ------
        InputError
            If the file is of another study, experiment or sweep, or no checkpoint at all.
        OutputError
            If it cannot be read or written.
        """
        if self.path is None:
            return {}
        try:
            return self._read(self.path)
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be used as a checkpoint: {error}") from error

    def add(self, done: Iterable[Work]) -> None:
        """Append work; when this returns it is on the disk."""
        if self.path is None:
            return
        text = "".join(f"{one.to_line()}\n" for one in done)
        try:
            with self.path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OutputError(f"{self.path}: cannot write the checkpoint: {error}") from error

    def _read(self, path: Path) -> dict[int, Work]:
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        head, *lines = text.split("\n")
        header = self._header()
        if head == header:
            found = [self.kind.from_line(line) for line in lines if line]
        elif not text or not self._is_another(head):
            found = []
        else:
            raise InputError(
                f"{path}: holds work on another study, other data, another seed, another "
                "variation or other settings (or of another version of geoclust): give another "
                "checkpoint file, or remove this one"
            )
        sound = {one.number: one for one in found if one is not None}
        whole = "".join(f"{line}\n" for line in (header, *(o.to_line() for o in sound.values())))
        if whole != text:
            logger.info("%s: %d sound of %d lines", path, len(sound), len(found))
            _replace(path, whole)
        return sound

    def _header(self) -> str:
        body = json.dumps({"format": FORMAT, "fingerprint": self.fingerprint})
        return f"{digest(body)} {body}"

    def _is_another(self, head: str) -> bool:
        """Whether the first line is whole, or the file never was a checkpoint; not if torn."""
        return not self._header().startswith(head)


def _replace(path: Path, text: str) -> None:
    """Write a file in one go: it is the old one or the new one, whenever the machine stops."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with beside.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def fingerprint(*parts: Any) -> str:  # noqa: ANN401 - tables, arrays, texts
    """SHA-256 of tables, arrays and whatever else has a telling `repr`.

    Examples
    --------
    >>> fingerprint("a", 1) == fingerprint("a", 1), fingerprint("a") == fingerprint("b")
    (True, False)
    """
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, pd.DataFrame):
            total.update(repr(list(part.columns)).encode())
            total.update(pd.util.hash_pandas_object(part, index=True).to_numpy().tobytes())
        elif isinstance(part, np.ndarray):
            total.update(np.ascontiguousarray(part).tobytes())
        else:
            total.update(repr(part).encode())
        total.update(b"\0")
    return total.hexdigest()
