"""Names of studies as names of folders: safe on every system, all distinct, always the same."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Final

MOST_CHARACTERS: Final = 60
"""Of a folder's name; a longer one is cut and told apart by a checksum."""

NAMELESS: Final = "study"
"""What a name becomes that has no letter or digit of the Latin alphabet."""

_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)")


def folder_names(names: Sequence[str]) -> list[str]:
    """One folder name per study name: lower-case ASCII letters, digits and single hyphens.

    Which name it becomes depends on the set of names, not on their order.  Whatever would be lost
    (a cut end, another alphabet, the difference between two spellings) is told by the beginning of
    the name's SHA-256.

    Parameters
    ----------
    names
        All different; any text.

    Returns
    -------
    list of str
        In the order of `names`; none is reserved on Windows, begins with a dot or leaves its
        folder.

    Examples
    --------
    >>> folder_names(["Germany", "../../x", "CON", "a.csv"])
    ['germany', 'x', 'con-a3dbc4b6', 'a-csv']
    >>> folder_names(["São Tomé", "Sao Tome"])
    ['sao-tome-6ed120a2', 'sao-tome-e089c8cc']
    """
    plain = [_plain(name) for name in names]
    often = Counter(plain)
    digits = 8
    while True:
        made = [
            short if _stands(short, name, often) else _marked(short, name, digits)
            for short, name in zip(plain, names, strict=True)
        ]
        if len(set(made)) == len(set(names)):
            return made
        digits += 8


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")


def _stands(short: str, name: str, often: Counter[str]) -> bool:
    """Whether the folded name says enough: unique, short, and not of other letters."""
    kept = len(re.sub(r"[^a-z0-9]", "", short))
    letters = sum(character.isalnum() for character in name)
    lost = kept < letters / 2
    reserved = _RESERVED.fullmatch(short) is not None
    return 0 < len(short) <= MOST_CHARACTERS and often[short] == 1 and not (lost or reserved)


def _marked(short: str, name: str, digits: int) -> str:
    digest = hashlib.sha256(name.encode("utf-8", errors="surrogatepass")).hexdigest()
    return f"{short[:MOST_CHARACTERS].strip('-') or NAMELESS}-{digest[:digits]}"
