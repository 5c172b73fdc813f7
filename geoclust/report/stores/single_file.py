"""One file replaced as a whole: written beside its place, synced, then renamed."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from geoclust.errors import OutputError


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A path to write to; what is there when the block ends takes the place of `path`.

    Raises
    ------
    OutputError
        If it cannot be written or moved; what was at `path` is untouched.
    """
    fresh = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield fresh
        with fresh.open("rb+") as file:
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise OutputError(
            f"could not write {path}: {error.strerror or error}. What was there before, if "
            "anything, is untouched"
        ) from error
    finally:
        for left in path.parent.glob(f"{fresh.name}*") if path.parent.is_dir() else ():
            with suppress(OSError):
                left.unlink()
