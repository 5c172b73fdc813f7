"""What a file is a table of: records of one kind, ties, places, or nothing a study can use."""

import re
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.records.inspecting.columns import ColumnGuess, guess_columns, guess_ends
from geoclust.records.inspecting.evidence import is_numeric, looks_like, sample, value_evidence
from geoclust.records.inspecting.money import read_money
from geoclust.records.inspecting.synonyms import (
    LAB_NAMES,
    LEGAL_FORMS,
    PATENT_WORDS,
    fold_header,
)
from geoclust.records.inspecting.towns import country_of_towns
from geoclust.records.raw import RawTable
from geoclust.schema import FIRM_CATEGORIES, KINDS, LAB_CATEGORIES

CATEGORY_WORDS: Final = {
    **{word: word for word in (*FIRM_CATEGORIES, *LAB_CATEGORIES)},
    **dict.fromkeys(("start up", "start ups", "startups", "jungunternehmen"), "startup"),
    **dict.fromkeys(("spin off", "spin out", "spinoff", "ausgrundung"), "spinout"),
    **dict.fromkeys(("corporation", "large company", "grossunternehmen", "multinational"),
                    "corporate"),
    **dict.fromkeys(("vc", "venture capital", "investors", "business angel"), "investor"),
    **dict.fromkeys(("education", "universitat", "universite", "universidad", "universita",
                     "hochschule", "higher education"), "university"),
    **dict.fromkeys(("research institute", "institut", "facility", "rto", "research centre"),
                    "institute"),
    **dict.fromkeys(("public", "public body", "behorde", "agency"), "government"),
}  # fmt: skip
"""Words for categories that are not the schema's own."""

_FILE_WORDS: Final = {
    "patents": ("patent", "brevet", "inventor", "erfind"),
    "labs": ("lab", "universit", "institut", "ror", "hochschul", "research", "school"),
    "firms": ("firm", "compan", "startup", "unternehmen", "entreprise", "empresa", "corporat"),
}


@dataclass(frozen=True)
class TableGuess:
    """What a table is, how sure that is, its columns, and what its source must say."""

    table: str | None
    confidence: float
    why: str
    columns: tuple[ColumnGuess, ...] = ()
    fields: dict[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def guess_table(
    raw: RawTable,
    heading: tuple[str, ...] = (),
    *,
    sheet: str = "",
    country: str | None = None,
) -> TableGuess:
    """Judge a table that no preset knows.

    Parameters
    ----------
    raw
        Its text.
    heading
        Lines that stand above its header.
    sheet
        Name of its sheet in a workbook of several.
    country
        Alpha-2 code of rows that name none; guessed from their towns where not given.
    """
    ends = guess_ends(raw.header, raw.text)
    records = guess_columns(raw.header, raw.text, "records")
    named = {guess.name for guess in records}
    located = raw.points is not None or {"longitude", "latitude"} <= named
    if ends is not None and not located:
        return _ties(raw, ends)
    places = _places(raw, heading) if located else None
    if places is not None:
        return places
    if located or {"place", "country"} <= named:
        return _records(raw, records, sheet)
    if "place" in named:
        return _towns_alone(raw, records, sheet, country)
    return TableGuess(None, 0.9, _no_table(raw, records))


def _towns_alone(
    raw: RawTable, records: list[ColumnGuess], sheet: str, country: str | None
) -> TableGuess:
    """Rows with towns and no country: of the country that is given, or that most towns are in."""
    own = next(guess.own for guess in records if guess.name == "place")
    towns = raw.text[raw.header.index(own)]
    code, found = (country, 1.0) if country else country_of_towns(towns)
    if code is None:
        why = (
            f"its rows name towns ({own!r}) but no country, and the towns do not tell it: say "
            "which with --country, or add a column"
        )
        return TableGuess(None, 0.9, why, tuple(records))
    guess = _records(raw, records, sheet)
    remark = f"no column names a country: {code} is taken for all rows" + (
        ", as you say" if country else f", where {100 * found:.0f} % of its towns are found"
    )
    fields = {**guess.fields, "constants": {"country": code}}
    return replace(guess, fields=fields, remarks=(*guess.remarks, remark))


def _ties(raw: RawTable, ends: tuple[int, int]) -> TableGuess:
    guesses = [
        ColumnGuess(name, raw.header[at], 0.95, "a pair of columns by its names")
        for name, at in zip(("organisation_a", "organisation_b"), ends, strict=True)
    ]
    rest = guess_columns(raw.header, raw.text, "ties")
    guesses += [guess for guess in rest if guess.own not in {raw.header[at] for at in ends}]
    why = f"its columns {raw.header[ends[0]]!r} and {raw.header[ends[1]]!r} are two ends"
    return TableGuess("ties", 0.9, why, tuple(guesses))


def _places(raw: RawTable, heading: tuple[str, ...]) -> TableGuess | None:
    guesses = guess_columns(raw.header, raw.text, "places")
    fields: dict[str, Any] = {}
    remarks: list[str] = []
    named = {guess.name: guess for guess in guesses}
    wide = None if "population" in named else _year_column(raw, heading)
    if wide is not None:
        guess, year, remark = wide
        guesses.append(guess)
        named["population"] = guess
        fields["constants"] = {"year": year}
        remarks.append(remark)
    if not {"population", "gdp_usd"} & set(named):
        return None
    factors = _factors(raw, named, heading, remarks)
    if factors:
        fields["factors"] = factors
    what = " and ".join(name for name in ("population", "gdp_usd") if name in named)
    return TableGuess(
        "places", 0.9, f"its rows have coordinates and {what}", tuple(guesses), fields,
        tuple(remarks),
    )  # fmt: skip


def _year_column(raw: RawTable, heading: tuple[str, ...]) -> tuple[ColumnGuess, int, str] | None:
    """One of many columns named by a year: that of the edition, where the table is of people."""
    years = [name for name in raw.header if re.fullmatch(r"(?:19|20)\d\d", name)]
    said = fold_header(" ".join((*heading, PurePath(raw.file).stem)))
    if len(years) < 3 or not re.search("population|inhabitants|einwohner|habitants", said):  # noqa: PLR2004
        return None
    stated = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", _edition(heading, raw.file))
    wanted = next((year for year in stated if year in years), years[-1])
    remark = (
        f"{len(years)} columns are named by years, {years[0]} to {years[-1]}: {wanted} is taken"
        + (", the year of the edition" if wanted in stated else ", the last")
    )
    others = tuple(year for year in years if year != wanted)[-3:]
    guess = ColumnGuess("population", wanted, 0.75, "people by year, as its heading says", others)
    return guess, int(wanted), remark


def _edition(heading: tuple[str, ...], file: str) -> str:
    """Years of the edition first: in the file's name, beside "revision", then in any line."""
    lines = sorted(heading, key=lambda line: "revision" not in line.casefold())
    spaced = re.sub(r"(?<=\D)(?=\d)|(?<=\d)(?=\D)", " ", PurePath(file).stem)
    return " ".join((spaced, *lines))


def _factors(
    raw: RawTable, named: dict[str, ColumnGuess], heading: tuple[str, ...], remarks: list[str]
) -> dict[str, float]:
    factors: dict[str, float] = {}
    population = named.get("population")
    told = fold_header(" ".join(heading) + " " + (population.own if population else ""))
    if population and re.search(r"thousand|tausend|milliers|miles de|migliaia", told):
        factors["population"] = 1000.0
        remarks.append("population is in thousands, as its heading says")
    gdp = named.get("gdp_usd")
    if population and gdp:
        factor, remark = _gdp_unit(raw, population.own, gdp.own, factors.get("population", 1.0))
        remarks.append(remark)
        if factor != 1:
            factors["gdp_usd"] = factor
    return factors


def _gdp_unit(raw: RawTable, people: str, gdp: str, thousands: float) -> tuple[float, str]:
    """The unit in which GDP per head is between 200 and 250,000 USD."""
    numbers = [
        pd.to_numeric(raw.text[raw.header.index(name)], errors="coerce") for name in (gdp, people)
    ]
    ratio = (numbers[0] / (numbers[1] * thousands)).median()
    for factor, word in ((1.0, "units"), (1e3, "thousands"), (1e6, "millions"), (1e9, "billions")):
        if 200 <= ratio * factor <= 250_000:  # noqa: PLR2004 - USD per head
            per_head = f"{ratio * factor:,.0f} per head"
            return factor, f"GDP is in {word}, to make {per_head}; taken as USD: check the currency"
    return 1.0, "the unit of GDP is not clear: state it in factors"


def _records(raw: RawTable, guesses: list[ColumnGuess], sheet: str) -> TableGuess:
    guesses, factors, remarks = read_money(guesses)
    own = {guess.name: guess for guess in guesses}
    table, confidence, why = _kind(raw, own, sheet)
    if table == "records":
        fields: dict[str, Any] = {}
    else:
        guesses = [guess for guess in guesses if guess.name != "kind"]
        fields = _category_values(raw, own.get("category"))
    usable = [guess for guess in guesses if table == "patents" or guess.name != "organisation_id"]
    if factors:
        fields["factors"] = factors
    return TableGuess(table, confidence, why, tuple(usable), fields, tuple(remarks))


def _kind(raw: RawTable, own: dict[str, ColumnGuess], sheet: str) -> tuple[str, float, str]:
    if "kind" in own:
        return "records", 0.95, f"its column {own['kind'].own!r} says firm, lab or patent"
    headers = [fold_header(name) for name in raw.header]
    words = [word for word in PATENT_WORDS if any(looks_like(name, word) for name in headers)]
    if words:
        return "patents", 0.85, f"its columns speak of {', '.join(words[:3])}"
    stem = fold_header(sheet or PurePath(raw.file).stem)
    shares = _name_shares(raw, own.get("name"))
    by_file = [table for table, said in _FILE_WORDS.items() if any(w in stem for w in said)]
    best = max(shares, key=lambda table: shares[table])
    if by_file and (shares.get(by_file[0], 0.0) >= shares[best] or shares[best] < 0.3):  # noqa: PLR2004
        return by_file[0], 0.8, f"its {'sheet' if sheet else 'file'} is named so"
    if shares[best] >= 0.15:  # noqa: PLR2004 - a sixth of the names, many firms have no legal form
        return best, 0.5 + shares[best] / 2, f"{100 * shares[best]:.0f} % of its names read so"
    return "firms", 0.3, "nothing says firms, labs or patents: firms are assumed, say otherwise"


def _name_shares(raw: RawTable, name: ColumnGuess | None) -> dict[str, float]:
    names = [] if name is None else sample(raw.text[raw.header.index(name.own)]).tolist()
    if not names:
        return {"firms": 0.0, "labs": 0.0}
    folded = [fold_header(text) for text in names]
    labs = np.array([any(looks_like(text, word) for word in LAB_NAMES) for text in folded])
    firms = np.array([bool(LEGAL_FORMS & set(text.split()[-2:])) for text in folded])
    return {"firms": float((firms & ~labs).mean()), "labs": float((labs & ~firms).mean())}


def _category_values(raw: RawTable, category: ColumnGuess | None) -> dict[str, Any]:
    if category is None:
        return {}
    found = sample(raw.text[raw.header.index(category.own)]).unique()
    known = {str(word): CATEGORY_WORDS.get(fold_header(str(word))) for word in sorted(found)}
    own = {*FIRM_CATEGORIES, *LAB_CATEGORIES}
    values = {w: meaning for w, meaning in known.items() if meaning and w.casefold() not in own}
    return {"values": {"category": values}} if values else {}


def _no_table(raw: RawTable, records: list[ColumnGuess]) -> str:
    named = {guess.name: guess.own for guess in records}
    numbers = [
        name
        for at, name in enumerate(raw.header)
        if name and name not in named.values() and is_numeric(sample(raw.text[at])) > 0.9  # noqa: PLR2004
    ]
    countries = named.get("country") or _country_names(raw)
    if countries and "year" in named:
        return (
            f"values by country and year ({countries!r}, {named['year']!r}, "
            f"{', '.join(map(repr, numbers[:3])) or 'no numbers'}): no table of records, ties or "
            "places, since nothing says where in a country; a GDP per head may be stated in "
            "[indicators] gdp_per_head"
        )
    return (
        "nothing places its rows: no longitude and latitude, no town with a country, and no two "
        f"columns that are the ends of a tie; recognised are {_listed(named)}. Map the columns by "
        f"hand, or say which of {', '.join(KINDS)} it holds, if it is a table of records"
    )


def _country_names(raw: RawTable) -> str | None:
    shares = {
        name: value_evidence("country", sample(raw.text[at])) for at, name in enumerate(raw.header)
    }
    best = max(shares, key=lambda name: shares[name], default=None)
    return best if best is not None and shares[best] > 0.6 else None  # noqa: PLR2004


def _listed(named: dict[str, str]) -> str:
    return ", ".join(f"{own!r} as {name}" for name, own in named.items()) or "no columns"
