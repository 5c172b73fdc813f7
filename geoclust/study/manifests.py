"""What a folder of results says of itself: which files belong to it, and how each was written.

The manifest goes last into a folder, so one without it was never finished; it ends with the
checksum of its own text, so that whatever happened to it is noticed.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

MANIFEST: Final = "manifest.json"
"""Name of the file without which a folder of results counts as not written."""

_SEAL: Final = b',\n "checksum": "'


@dataclass(frozen=True)
class Manifest:
    """What a folder of results says of itself."""

    facts: dict[str, Any]
    """The whole manifest; empty where it cannot be parsed."""

    outputs: dict[str, Any]
    """Name of each other file to its checksum and size."""

    damaged: bool
    """Whether it is not as it was written."""


def sealed(text: str) -> bytes:
    """A JSON object as indented text, in UTF-8, sealed with the checksum of its own text."""
    body = text.removesuffix("\n}").encode("utf-8", errors="backslashreplace")
    return body + _SEAL + hashlib.sha256(body).hexdigest().encode() + b'"\n}\n'


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest in a folder if it is one of ours, also a damaged one; else None.

    A manifest ends with the checksum of all that stands before it, so that whatever happened to
    the file (a bit flipped, its tail cut off) is noticed.
    """
    try:
        content = (folder / MANIFEST).read_bytes()
    except OSError:
        return None
    try:
        facts = json.loads(content)
        outputs = facts["outputs"]
        ours = "geoclust" in facts and isinstance(outputs, dict)
    except (ValueError, KeyError, TypeError):
        return Manifest({}, {}, damaged=True) if _was_ours(content, folder) else None
    return Manifest(facts, outputs, damaged=not _is_sound(content)) if ours else None


def _is_sound(content: bytes) -> bool:
    body, _, tail = content.rpartition(_SEAL)
    return tail == hashlib.sha256(body).hexdigest().encode() + b'"\n}\n'


def _was_ours(content: bytes, folder: Path) -> bool:
    """Whether a file that can no longer be parsed was a manifest of ours."""
    marks = (b'"schema_version"', b'"geoclust"', b'"libraries"', b'"outputs"')
    if sum(mark in content for mark in marks) > 1:
        return True
    return any(_is_page(folder / name) for name in ("report.html", "index.html"))


def _is_page(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b'name="generator" content="geoclust ' in file.read(1 << 16)
    except OSError:
        return False


def fingerprint(content: bytes) -> dict[str, Any]:
    """Checksum and length of a file's content.

    Examples
    --------
    >>> fingerprint(b"")["bytes"]
    0
    """
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def altered_files(folder: Path, manifest: Manifest) -> list[str]:
    """Names of the files of a folder that are missing or not as its manifest says."""
    altered = [
        name for name, known in manifest.outputs.items() if _fingerprint(folder / name) != known
    ]
    return [*altered, MANIFEST] if manifest.damaged else altered


def _fingerprint(path: Path) -> dict[str, Any] | None:
    try:
        return fingerprint(path.read_bytes())
    except (OSError, ValueError):
        return None
