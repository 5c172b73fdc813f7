"""The journal of a batch: a line for everything that happened, on the disk before the next begins.

Lines are only ever appended; each begins with its own checksum, so that a line torn by a kill or
spoiled by the disk is seen and passed over.  It is an account, not a proof: what is done is told by
the manifest of each study.  Once the batch is complete, `close` leaves one line per study, in the
order of the plan and without times, and the history goes into the batch's manifest.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from geoclust.report.folders.placing import named_failure, sync_folder, write_synced

JOURNAL: Final = "journal.jsonl"
KEPT: Final = "What was finished before is kept: --resume goes on from there"

Entry = dict[str, Any]


class Journal:
    """The file `journal.jsonl` of a batch's folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL

    def read(self) -> list[Entry]:
        """Sound lines so far; none where there is no journal."""
        try:
            text = self.path.read_bytes().decode("utf-8", errors="replace")
        except FileNotFoundError:
            return []
        entries = [_parsed(line) for line in text.split("\n")]
        return [entry for entry in entries if entry is not None]

    def add(self, event: str, **facts: Any) -> None:  # noqa: ANN401 - plain values
        """Append a line; when this returns it is on the disk.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = _line({"event": event, "time": now, **facts})
        with named_failure(self.path, KEPT):
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            try:
                size = os.fstat(descriptor).st_size
                torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
                _write_all(descriptor, (b"\n" if torn else b"") + line)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def close(self, entries: Iterable[Entry]) -> None:
        """Leave these lines and nothing else."""
        beside = self.path.with_name(f".{self.path.name}.new")
        write_synced(beside, b"".join(map(_line, entries)), self.path)
        with named_failure(self.path, KEPT):
            beside.replace(self.path)
            sync_folder(self.path.parent)


def _write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _line(entry: Entry) -> bytes:
    body = json.dumps(entry, allow_nan=False)
    return f"{_digest(body)} {body}\n".encode()


def _parsed(line: str) -> Entry | None:
    mark, _, body = line.partition(" ")
    if not body or mark != _digest(body):
        return None
    found = json.loads(body)
    return found if isinstance(found, dict) else None


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8", errors="replace")).hexdigest()[:16]
