"""What may be opened: local regular files whose first bytes are what their names say.

Nothing is handed to GDAL, so no driver can be tricked into opening something else; nothing is
unpickled.  The limits below are meant to be generous to honest data and fatal to bombs.
"""

import difflib
import gzip
import hashlib
import os
import re
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, cast

from geoclust.errors import InputError

MAX_UNPACKED_BYTES: Final = 8 * 1024**3
"""Bytes a compressed file may hold once unpacked."""

FREE_UNPACKED_BYTES: Final = 64 * 1024**2
"""Up to this size any ratio of compression is believed; beyond, see `MAX_RATIO`."""

MAX_RATIO: Final = 100
"""Unpacked to packed bytes; tables of text reach 5 to 30, bombs 1000."""

MAX_LINE_BYTES: Final = 4 * 1024**2
"""Bytes of one line of a text file."""

BLOCK: Final = 1024**2
HEAD_BYTES: Final = 64 * 1024

FORMATS: Final = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".csv.gz": "text",
    ".tsv.gz": "text",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".parquet": "parquet",
    ".geoparquet": "parquet",
    ".gpkg": "geopackage",
    ".duckdb": "duckdb",
    ".geojson": "geojson",
    ".json": "geojson",
    ".jsonl": "jsonlines",
    ".jsonl.gz": "jsonlines",
    ".ndjson": "jsonlines",
    ".ndjson.gz": "jsonlines",
    ".gz": "jsonlines",
}
"""File name endings that are read, and what the content must then be."""

_SIGNATURES: Final = (
    (b"\x1f\x8b", "gzip"),
    (b"PAR1", "parquet"),
    (b"PK\x03\x04", "workbook"),
    (b"PK\x05\x06", "empty zip archive"),
    (b"SQLite format 3\x00", "geopackage"),
    (b"\xd0\xcf\x11\xe0", "old Excel workbook (.xls): save it as .xlsx"),
    (b"%PDF", "PDF document"),
    (b"\x93NUMPY", "NumPy array: never loaded"),
    (b"\x89HDF", "HDF5 file"),
    (b"BZh", "bzip2 archive: unpack it"),
    (b"\xfd7zXZ", "xz archive: unpack it"),
    (b"\x28\xb5\x2f\xfd", "zstd archive: unpack it"),
    (b"7z\xbc\xaf", "7z archive: unpack it"),
    (b"\x89PNG", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
)
_OPENINGS: Final = (
    (re.compile(rb"\x80[\x00-\x05]"), "Python pickle: never loaded"),
    (re.compile(rb".{8}DUCK", re.DOTALL), "duckdb"),
    (
        re.compile(rb"<(!doctype html|html|head|body)"),
        "an HTML page (an error page saved as data?)",
    ),
    (
        re.compile(rb"<.*<ogrvrt|<ogrvrt", re.DOTALL),
        "a GDAL virtual format (OGR VRT): never opened",
    ),
    (re.compile(rb"<"), "XML"),
    (re.compile(rb"\{|\[\s*[{\]]"), "geojson"),
)
_SAYS: Final = {
    "text": "text",
    "gzip": "gzip: end its name in .gz, as .csv.gz, or unpack it",
    "parquet": "Parquet",
    "workbook": "zip archive or Excel workbook",
    "geopackage": "SQLite or GeoPackage",
    "duckdb": "DuckDB",
    "geojson": "JSON",
    "jsonlines": "JSON lines",
}
_SAVED_AS: Final = {
    ".xls": "is an old Excel workbook; save it as .xlsx",
    ".ods": "is an OpenDocument spreadsheet; save it as .xlsx or .csv",
    ".shp": "is a Shapefile; save it as GeoPackage (.gpkg)",
    ".zip": "is a zip archive; unpack it, and give the file in it",
    ".dta": "is a Stata file; save it as .csv or .parquet",
    ".sav": "is an SPSS file; save it as .csv or .parquet",
    ".rds": "is an R file; save it as .csv or .parquet",
}
"""What to do with files that are not read."""

_SCHEME: Final = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]+:|/vsi|\\\\)")


def format_of(name: str) -> str | None:
    """What the ending of a file name promises, None where it is no ending we read.

    Examples
    --------
    >>> format_of("Firms.CSV.gz"), format_of("firms.pkl")
    ('text', None)
    """
    suffixes = [suffix for suffix in FORMATS if name.casefold().endswith(suffix)]
    return FORMATS[max(suffixes, key=len)] if suffixes else None


def checked_path(path: Path, folder: Path | None = None) -> Path:
    """The real path of a regular local file within its folder.

    Parameters
    ----------
    path
        As the user gave it, relative to `folder` where that is given.
    folder
        Input folder; the file's own where not given.  Symlinks must not lead out of it.

    Raises
    ------
    InputError
        If it is an address, a device, absent, or a symlink out of the folder.
    """
    real, mode = _resolved(path, folder)
    if not stat.S_ISREG(mode):
        raise InputError(f"{path}: is no regular file")
    return real


def checked_folder(path: Path, folder: Path | None = None) -> Path:
    """The real path of a local folder within `folder`; as `checked_path`."""
    return _resolved(path, folder)[0]


def _resolved(path: Path, folder: Path | None) -> tuple[Path, int]:
    if _SCHEME.match(str(path)):
        raise InputError(f"{path}: addresses and virtual paths are not opened; give a local file")
    full = path if folder is None else folder / path
    home = _home(full, folder)
    try:
        real = full.resolve(strict=True)
        mode = real.stat().st_mode
    except FileNotFoundError as error:
        raise InputError(f"{full}: there is no such file{_alike(full)}") from error
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(f"{full}: cannot be opened ({_why(error)})") from error
    if not real.is_relative_to(home):
        raise InputError(f"{full}: is a link out of {home} (to {real}); give the file itself")
    return real, mode


def checked_format(path: Path, name: str) -> str:
    """What kind of file `path` is, by its name and its first bytes alike.

    Raises
    ------
    InputError
        If it is empty, of no kind we read, or not what its name says.
    """
    promised = format_of(name)
    if promised is None:
        known = _SAVED_AS.get(Path(name).suffix.casefold())
        if known is not None:
            raise InputError(f"{name}: {known}")
        raise InputError(f"{name}: no kind of file that is read; known are {', '.join(FORMATS)}")
    head = read_head(path)
    if not head:
        raise InputError(f"{name}: is empty (0 bytes); get it anew, or leave it out")
    found = content_of(head)
    if found == "gzip" and name.casefold().endswith(".gz"):
        head = _unpacked_head(path, name)
        if not head:
            raise InputError(f"{name}: is empty once unpacked")
        found = content_of(head)
    elif name.casefold().endswith(".gz"):
        raise InputError(
            f"{name}: is named .gz but is no gzip; rename it, for it looks like {_say(found)}"
        )
    if found == "geojson" and promised == "jsonlines":
        return promised
    if found != promised:
        if found.startswith("old Excel"):
            raise InputError(f"{name}: {_SAVED_AS['.xls']}")
        looks = f"is named as {_say(promised)} but looks like {_say(found)}"
        raise InputError(f"{name}: {looks}; give the file itself, under its right name")
    return found


def content_of(head: bytes) -> str:
    """What the first bytes of a file look like: a format, or words for what is not read.

    Examples
    --------
    >>> content_of(b"<!DOCTYPE html><html>...")
    'an HTML page (an error page saved as data?)'
    >>> content_of(b"id,longitude,latitude")
    'text'
    """
    for signature, what in _SIGNATURES:
        if head.startswith(signature):
            return what
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:512].lower()
    for pattern, what in _OPENINGS:
        if pattern.match(head) or pattern.match(start):
            return what
    return "binary data of unknown kind" if _looks_binary(head) else "text"


def read_head(path: Path) -> bytes:
    """First bytes of a file."""
    with path.open("rb") as stream:
        return stream.read(HEAD_BYTES)


def fingerprint(path: Path) -> tuple[str, int]:
    """SHA-256 (hexadecimal) and size in bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest(), path.stat().st_size


def open_bytes(path: Path) -> IO[bytes]:
    """A byte stream, unpacked where the content is gzip."""
    if read_head(path).startswith(b"\x1f\x8b"):
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return path.open("rb")


def blocks(path: Path, name: str) -> Iterator[bytes]:
    """Content in blocks of 1 MiB, unpacked, with the limits on size and ratio enforced.

    Raises
    ------
    InputError
        If the file is damaged or unpacks to too much.
    """
    packed = path.stat().st_size
    total = 0
    try:
        with open_bytes(path) as stream:
            while block := stream.read(BLOCK):
                total += len(block)
                check_unpacked(total, packed, name)
                yield block
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            f"{name}: damaged or cut short gzip ({_why(error)}); get it anew"
        ) from error


def check_unpacked(unpacked: int, packed: int, name: str) -> None:
    """Refuse what unpacks to too much, by declared or by actual size.

    Examples
    --------
    >>> check_unpacked(2 * 1024**3, 4 * 1024**2, "firms.csv.gz")
    Traceback (most recent call last):
    geoclust.errors.InputError: firms.csv.gz: unpacks to more than 2048 MiB from 4.0 MiB: \
refused as a compression bomb; unpack it yourself if it is honest
    """
    if unpacked <= FREE_UNPACKED_BYTES:
        return
    if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * packed:
        raise InputError(
            f"{name}: unpacks to more than {unpacked // 1024**2} MiB from {packed / 1024**2:.1f} "
            "MiB: refused as a compression bomb; unpack it yourself if it is honest"
        )


def _home(full: Path, folder: Path | None) -> Path:
    """Folder that links must not leave: the input folder, or the file's own outside of it."""
    if folder is not None and _written(full).is_relative_to(_written(folder)):
        return folder.resolve()
    return full.parent.resolve()


def _written(path: Path) -> Path:
    """The whole path as it is written, links not followed: "." is no beginning of ".."."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - links stay what they are


def _unpacked_head(path: Path, name: str) -> bytes:
    return next(blocks(path, name), b"")[:HEAD_BYTES]


def _looks_binary(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    nuls = head.count(0)
    even, odd = head[::2].count(0), head[1::2].count(0)
    utf16 = max(even, odd) > 0.4 * len(head) / 2 and min(even, odd) < 0.1 * len(head) / 2
    controls = sum(head.count(code) for code in (*range(1, 9), *range(14, 32), 127))
    return not utf16 and nuls + controls > 0.1 * len(head)


def _alike(full: Path) -> str:
    """End a message with the file beside it that is called most alike, or with those there are."""
    try:
        names = sorted(one.name for one in full.parent.iterdir() if format_of(one.name))
    except OSError:
        return f": there is no folder {full.parent}"
    close = difflib.get_close_matches(full.name, names, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {close[0]!r}?"
    shown = ", ".join(names[:8]) + (" ..." if len(names) > 8 else "")  # noqa: PLR2004
    return f"; beside it are {shown}" if names else "; its folder holds no tables"


def _say(found: str) -> str:
    return _SAYS.get(found, found)


def _why(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
