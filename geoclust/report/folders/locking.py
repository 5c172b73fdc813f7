"""One run per output folder: a lock that its holder's death releases."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from geoclust.errors import ParameterError, UnwritableError
from geoclust.report.folders.placing import BEFORE, named_failure


@contextmanager
def held_lock(lock: Path, folder: Path) -> Iterator[None]:
    """Hold the lock file of an output folder.

    The operating system ties the lock to the open file, so a killed run leaves no stale lock.

    Parameters
    ----------
    lock
        The lock file, beside the folder; removed at the end.
    folder
        The folder it stands for, named in the error.

    Raises
    ------
    ParameterError
        If another run holds it: its process and start are named.
    UnwritableError
        If the lock file cannot be made.
    """
    descriptor = _acquire(lock, folder)
    try:
        yield
    finally:
        with suppress(OSError):
            lock.unlink()
        os.close(descriptor)


def _acquire(lock: Path, folder: Path) -> int:
    while True:
        with named_failure(lock, BEFORE, UnwritableError):
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        if not _try_lock(descriptor):
            holder = os.pread(descriptor, 4096, 0) if hasattr(os, "pread") else b""
            os.close(descriptor)
            raise ParameterError(_refusal(holder, folder))
        if _is_current(descriptor, lock):
            _sign(descriptor, lock)
            return descriptor
        os.close(descriptor)  # its holder removed it between our opening and our locking


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - one system only

            os.lseek(descriptor, 1 << 20, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - the other systems

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_current(descriptor: int, lock: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), lock.stat())
    except OSError:
        return False


def _sign(descriptor: int, lock: Path) -> None:
    """Say in the lock who holds it; where that cannot be written, the lock is given up."""
    start = datetime.now(UTC).isoformat(timespec="seconds")
    signature = json.dumps({"pid": os.getpid(), "start": start}).encode()
    try:
        with named_failure(lock, BEFORE, UnwritableError):
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, signature)
    except UnwritableError:
        with suppress(OSError):
            lock.unlink()
        os.close(descriptor)
        raise


def _refusal(holder: bytes, folder: Path) -> str:
    try:
        found = json.loads(holder)
        who = f"process {found['pid']}, started {found['start']}"
    except (ValueError, KeyError, TypeError):
        who = "another process"
    return (
        f"output {folder} is being written by another run ({who}): "
        "wait until it is done, or give another folder"
    )
