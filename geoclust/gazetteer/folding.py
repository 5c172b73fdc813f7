"""Names in the form in which they are compared, and in the form in which they make ids."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

_APOSTROPHES: Final = r"['`\x{00b4}\x{2018}\x{2019}\x{02b9}\x{02bb}\x{02bc}\x{2032}]+"
_MARKS: Final = r"[\x{0300}-\x{036f}]+"
_LETTERS: Final = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th",
    "ħ": "h", "ı": "i", "ə": "e", "ς": "σ",  # noqa: RUF001 - meant
}  # fmt: skip
"""Letters that decomposition leaves whole."""

_WRITTEN_OUT: Final = str.maketrans(_LETTERS)
_NO_APOSTROPHES: Final = str.maketrans("", "", "'`\u00b4\u2018\u2019\u02b9\u02bb\u02bc\u2032")


def fold(names: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Names in the form in which they are compared, a string array to a string array.

    Compatibility decomposition (NFKD), lower case, Latin, Greek and Cyrillic letters without
    their marks, no apostrophes, other punctuation as one space, and "st" written "saint".

    Examples
    --------
    >>> fold(pa.array(["St. Gallen", "L'Aquila", "Aix-en-Provence", "Gießen"])).to_pylist()
    ['saint gallen', 'laquila', 'aix en provence', 'giessen']
    """
    folded = pc.replace_substring_regex(names, _APOSTROPHES, "")
    folded = pc.utf8_lower(pc.utf8_normalize(folded, form="NFKD"))
    folded = pc.replace_substring_regex(folded, _MARKS, "")
    for letter, plain in _LETTERS.items():
        folded = pc.replace_substring(folded, letter, plain)
    folded = pc.replace_substring_regex(folded, r"[\p{P}\p{Z}\s]+", " ")
    folded = pc.replace_substring_regex(folded, r"\bst\b", "saint")
    return pc.utf8_trim_whitespace(folded)


def fold_texts(texts: Iterable[str]) -> list[str]:
    """`fold` for plain text, many at once: 0.4 ms for the call, 1 microsecond for each.

    Examples
    --------
    >>> fold_texts(["Den  Haag ", "Köln"])
    ['den haag', 'koln']
    """
    return list(fold(pa.array(list(texts), pa.string())).to_pylist())


def compact(text: str) -> str:
    """Letters and digits only, lower case, without accents: how countries and hints are compared.

    Examples
    --------
    >>> compact("Côte d'Ivoire"), compact("D.C."), compact("中国")
    ('cotedivoire', 'dc', '中国')
    """
    return "".join(character for character in _plain(text) if character.isalnum())


def slug(name: str) -> str:
    """A name in lower-case ASCII letters, digits and hyphens, for ids.

    Examples
    --------
    >>> slug("Zürich"), slug("Łódź"), slug("Xi'an"), slug("Neustadt an der Weinstraße")
    ('zurich', 'lodz', 'xian', 'neustadt-an-der-weinstrasse')
    """
    return re.sub(r"[^a-z0-9]+", "-", _plain(name)).strip("-")


def _plain(text: str) -> str:
    """Decomposed, lower case, without marks and apostrophes, odd letters written out."""
    text = unicodedata.normalize("NFKD", text.translate(_NO_APOSTROPHES)).lower()
    return re.sub("[\u0300-\u036f]", "", text.translate(_WRITTEN_OUT))
