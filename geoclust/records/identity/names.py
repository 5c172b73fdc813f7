"""What stays of a name or an address when its dress is taken off: words, and a web domain.

Names lose case, accents, foreign scripts (romanised letter by letter), punctuation, legal forms,
small words and the country in brackets; words that say the same in several languages and their
abbreviations become one.
"""

import re
from functools import lru_cache
from typing import Final

from anyascii import anyascii

from geoclust.gazetteer import country_code

LEGAL_FORMS: Final = frozenset(
    {"gmbh", "mbh", "ag", "kg", "kgaa", "ug", "ohg", "eg", "ev", "inc", "incorporated", "corp",
     "corporation", "co", "company", "ltd", "limited", "llc", "llp", "lp", "plc", "sa", "sas",
     "sasu", "sarl", "sl", "slu", "srl", "spa", "bv", "nv", "oy", "oyj", "ab", "as", "asa", "aps",
     "zoo", "sro", "kft", "doo", "pty", "pvt", "kk", "lda", "ltda", "eurl", "sca", "scrl", "bvba",
     "sprl", "ooo", "oao", "pao", "zao", "pjsc", "jsc", "cv", "holding", "group", "se"}
)  # fmt: skip
"""Words that say what a company is in law, not which one it is."""

SMALL_WORDS: Final = frozenset(
    {"of", "the", "and", "for", "in", "at", "on", "de", "la", "le", "les", "du", "des", "d", "l",
     "et", "der", "die", "das", "dem", "den", "fur", "fuer", "und", "zu", "zur", "am", "im", "y",
     "el", "los", "las", "del", "e", "di", "della", "dei", "degli", "delle", "do", "da", "dos",
     "van", "het", "een", "en", "w", "og", "ved", "och", "a"}
)  # fmt: skip

SAME_WORDS: Final = {
    **dict.fromkeys(("univ", "universite", "universitat", "universitaet", "universidad",
                     "universita", "universiteit", "universitet", "universidade", "uniwersytet",
                     "univerzita", "universitas", "universitate", "yliopisto"), "university"),
    **dict.fromkeys(("inst", "institut", "instituto", "istituto", "instituut", "instytut"),
                    "institute"),
    **dict.fromkeys(("lab", "labs", "laboratoire", "laboratorio", "laboratorium", "laboratories"),
                    "laboratory"),
    **dict.fromkeys(("centre", "centro", "zentrum", "centrum", "ctr", "cntr"), "center"),
    **dict.fromkeys(("tech", "technologies", "technologie", "technologia", "technische",
                     "technological", "technik", "tecnologia"), "technology"),
    **dict.fromkeys(("technical", "tecnico", "technicka"), "technology"),
    **dict.fromkeys(("natl", "national", "nationale", "nationales", "nacional", "nazionale"),
                    "national"),
    **dict.fromkeys(("intl", "internationale", "internacional"), "international"),
    **dict.fromkeys(("dept", "departement", "departamento", "dipartimento"), "department"),
    **dict.fromkeys(("recherche", "forschung", "investigacion", "ricerca", "onderzoek"),
                    "research"),
    **dict.fromkeys(("sciences", "wissenschaften", "ciencias", "scienze"), "science"),
    **dict.fromkeys(("hosp", "hopital", "klinikum", "ospedale", "krankenhaus"), "hospital"),
    **dict.fromkeys(("systems", "systemes", "systeme"), "system"),
    **dict.fromkeys(("eng", "ingenierie", "ingenieria"), "engineering"),
    "saint": "st", "sankt": "st", "mt": "mount", "quantique": "quantum",
}  # fmt: skip
"""Words that say the same in several languages, or short for it."""

HOSTS_OF_MANY: Final = frozenset(
    {"facebook.com", "linkedin.com", "twitter.com", "x.com", "instagram.com", "youtube.com",
     "wikipedia.org", "google.com", "github.com", "github.io", "wordpress.com", "blogspot.com",
     "wixsite.com", "weebly.com", "crunchbase.com", "researchgate.net", "medium.com", "t.me",
     "bit.ly", "doi.org", "ror.org", "europa.eu", "business.site", "webs.com", "squarespace.com"}
)  # fmt: skip
"""Addresses that are no organisation's own."""

_SECOND_LEVELS: Final = frozenset(
    {"co", "ac", "com", "net", "org", "edu", "gov", "gob", "or", "ne", "go", "mil", "nhs", "re"}
)
_BRACKET: Final = re.compile(r"\s*\(([^()]*)\)\s*$")


@lru_cache(maxsize=200_000)
def name_words(name: str) -> tuple[str, ...]:
    """Words of a name that tell it from others, sorted.

    Examples
    --------
    >>> name_words("Université de Bordeaux"), name_words("University of Bordeaux")
    (('bordeaux', 'university'), ('bordeaux', 'university'))
    >>> name_words("Яндекс"), name_words("Siemens AG (Germany)")
    (('yandeks',), ('siemens',))
    """
    bracket = _BRACKET.search(name)
    if bracket and country_code(bracket[1]) is not None:
        name = name[: bracket.start()]
    plain = anyascii(name).casefold()
    plain = re.sub(r"(?<=\b\w)\.(?=\w\b)", "", plain)  # S.A.R.L. is one word
    words = re.findall(r"[a-z0-9]+", plain.replace("'", " ").replace("&", " "))
    telling = [_one_spelling(word) for word in words if word not in SMALL_WORDS]
    bare = [word for word in telling if word not in LEGAL_FORMS]
    return tuple(sorted(bare or telling or words))


def _one_spelling(word: str) -> str:
    """A word as all its spellings are written: Muenchen as München, Universitaet as university."""
    plain = word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    return SAME_WORDS.get(word) or SAME_WORDS.get(plain) or plain


def initials(name: str) -> str:
    """First letters of the words of a name, small words left out.

    Examples
    --------
    >>> initials("Massachusetts Institute of Technology")
    'mit'
    """
    words = re.findall(r"[a-z0-9]+", anyascii(name).casefold())
    return "".join(word[0] for word in words if word not in SMALL_WORDS)


@lru_cache(maxsize=200_000)
def host_of(website: str) -> str:
    """The host of a web address; "" where it is none of an organisation's own.

    Examples
    --------
    >>> host_of("https://www.physics.ox.ac.uk/about"), host_of("facebook.com/xyz"), host_of("ox")
    ('physics.ox.ac.uk', '', '')
    """
    bare = re.sub(r"^[a-z][a-z0-9+.-]*://", "", website.strip().casefold())
    host = re.split(r"[/?#:\s]", bare)[0].rpartition("@")[2].removeprefix("www.").strip(".")
    if "." not in host or re.fullmatch(r"[\d.]+", host) or registered(host) in HOSTS_OF_MANY:
        return ""
    return host


def registered(host: str) -> str:
    """The part of a host that its owner registered.

    Examples
    --------
    >>> registered("physics.ox.ac.uk"), registered("research.example.com")
    ('ox.ac.uk', 'example.com')
    """
    parts = host.split(".")
    long = len(parts) >= 3 and len(parts[-1]) == 2 and parts[-2] in _SECOND_LEVELS  # noqa: PLR2004
    return ".".join(parts[-3:] if long else parts[-2:])
