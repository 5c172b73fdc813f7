"""A new file put in its place: whole or not at all, and never over another."""

import os
import tempfile
from pathlib import Path


def place_new(content: bytes, target: Path) -> None:
    """Write beside, then give the finished file its name, which fails where it is taken.

    Parameters
    ----------
    content
        All of the file.
    target
        Its path; the folder must be there.

    Raises
    ------
    FileExistsError
        If there is a file already; it is left as it is.
    OSError
        If it cannot be written; nothing is left.
    """
    handle, name = tempfile.mkstemp(
        prefix=f".{target.stem[:40]}-", suffix=".unfinished", dir=target.parent
    )
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.chmod(0o644)
        try:
            os.link(unfinished, target)
        except FileExistsError:
            raise
        except OSError:  # no hard links here
            if target.exists():
                raise FileExistsError(target) from None
            unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
