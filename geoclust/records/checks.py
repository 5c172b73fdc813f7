"""The rules of a good row: each a mask over a column, so that one fault hides no other."""

from typing import Final

import numpy as np
import pandas as pd

from geoclust.gazetteer import country_code
from geoclust.records.applicants import applicant_columns
from geoclust.records.draft import Draft
from geoclust.records.locating import locate
from geoclust.records.quantities import MISSING_WORDS, parse_quantities
from geoclust.records.sources import MONEY_COLUMNS, TableSource
from geoclust.schema import (
    APPLICANT_DTYPES,
    DEFAULTS,
    FIRM_CATEGORIES,
    KINDS,
    LAB_CATEGORIES,
    ORGANISATION_KINDS,
    PLACE_DTYPES,
    PRECISIONS,
    RECORD_DTYPES,
    TIE_DTYPES,
)

YEARS: Final = (500, 2100)
"""Years that are believed."""

PARTNERS: Final = (2, 10_000)
"""Numbers of partners of one project that are believed."""

TRUE_WORDS: Final = ("true", "yes", "y", "1", "t")
FALSE_WORDS: Final = ("false", "no", "n", "0", "f")

_DATE: Final = r"^([0-9]{4})-[0-9]{2}(?:-[0-9]{2}.*)?$"
_SITE: Final = r"[^\s.]\S*\.[^\s.]\S*"
_EXCEL_DAYS: Final = (20_000, 60_000)
_PLURALS: Final = {f"{kind}s": kind for kind in KINDS}


def check_records(draft: Draft, source: TableSource, kind: str | None) -> None:
    """Turn the text of a table of records into typed columns; mark the bad rows.

    Parameters
    ----------
    draft
        Text by schema column; its `table` is replaced.
    source
        Units and conventions of the file.
    kind
        The kind all rows must be of, or None where each says its own.
    """
    _check_text(draft)
    typed: dict[str, pd.Series] = {"record_id": _column(draft, "record_id")}
    typed["kind"] = _kinds(draft, kind)
    typed["name"] = _column(draft, "name")
    typed["place"] = _column(draft, "place")
    typed["country"] = _countries(draft)
    typed["longitude"], typed["latitude"] = locate(
        draft, source, typed["country"], geocodable=typed["place"].notna()
    )
    typed["weight"] = _weights(draft, source)
    typed["category"] = _categories(draft, typed["kind"])
    typed["organisation_id"] = _column(draft, "organisation_id")
    typed["parent_id"] = _column(draft, "parent_id")
    typed["year"] = _years(draft)
    for name in ("funding_usd", "equity_funding_usd"):
        typed[name] = _amounts(draft, source, name)
    typed["publications"] = _publications(draft, source, typed["kind"])
    typed["website"] = _websites(draft)
    typed["precision"] = _precisions(draft)
    typed["source"] = _column(draft, "source")
    typed["simulated"] = _truths(draft)
    order = ["record_id", *RECORD_DTYPES]
    if set(APPLICANT_DTYPES) & set(draft.table):
        typed |= applicant_columns(draft)
        order += APPLICANT_DTYPES
    draft.table = pd.DataFrame({name: typed[name] for name in order})


def check_ties(draft: Draft, source: TableSource) -> None:
    """Turn the text of a table of ties into typed columns; ends are judged by `ties`."""
    _check_text(draft)
    typed: dict[str, pd.Series] = {}
    for name in ("organisation_a", "organisation_b"):
        typed[name] = _column(draft, name)
        draft.reject(typed[name].isna(), name, "is missing; a tie has two ends", "")
    typed["weight"] = _weights(draft, source)
    typed["project"] = _projects(draft)
    typed["partner_count"] = _partner_counts(draft)
    typed["year"] = _years(draft)
    typed["kind"] = _column(draft, "kind")
    typed["source"] = _column(draft, "source")
    draft.table = pd.DataFrame({name: typed[name] for name in TIE_DTYPES})


def check_places(draft: Draft, source: TableSource) -> None:
    """Turn the text of a table of places into typed columns; mark the bad rows."""
    _check_text(draft)
    typed: dict[str, pd.Series] = {"name": _column(draft, "name")}
    typed["country"] = _countries(draft)
    typed["longitude"], typed["latitude"] = locate(draft, source, typed["country"])
    for name in ("population", "gdp_usd"):
        typed[name] = _amounts(draft, source, name)
    typed["year"] = _years(draft)
    typed["source"] = _column(draft, "source")
    draft.table = pd.DataFrame({name: typed[name] for name in PLACE_DTYPES})


def _column(draft: Draft, name: str) -> pd.Series:
    if name in draft.table:
        return draft.table[name]
    return pd.Series(np.nan, index=draft.table.index, dtype="str")


def _check_text(draft: Draft) -> None:
    for name, column in draft.table.items():
        if column.dtype.kind == "f":
            continue
        nul = column.str.contains("\0", regex=False, na=False)
        draft.reject(nul, str(name), "contains a NUL byte")
        damaged = column.str.contains("\ufffd", regex=False, na=False)
        draft.reject(damaged, str(name), "contains bytes that could not be decoded")


def _kinds(draft: Draft, kind: str | None) -> pd.Series:
    words = _column(draft, "kind").str.casefold().replace(_PLURALS)
    if kind is not None:
        other = words.notna() & (words != kind)
        draft.reject(other, "kind", f"is not {kind!r}, the kind of this table")
        return pd.Series(kind, index=words.index, dtype="str")
    draft.reject(words.isna(), "kind", f"is missing; wanted one of {', '.join(KINDS)}", "")
    known = words.isin(KINDS)
    draft.reject(words.notna() & ~known, "kind", f"is none of {', '.join(KINDS)}")
    return words.where(known)


def _countries(draft: Draft) -> pd.Series:
    """Alpha-2 codes; a country that is not known is noted and left out."""
    text = _column(draft, "country")
    codes = {word: country_code(word) for word in text.dropna().unique()}
    known = text.map(codes).astype("str")
    message = "country not known, left out; write the ISO code or the English name"
    draft.note_values(text.notna() & known.isna(), "country", message, "warning")
    return known


def _numbers(draft: Draft, source: TableSource, name: str) -> pd.Series:
    money = source.currency if name in MONEY_COLUMNS else None
    text = _column(draft, name)
    values, reasons = parse_quantities(text, decimal=source.decimal, currency=money)
    draft.reject(reasons.notna(), name, reasons)
    return values * source.factor(name)


def _amounts(draft: Draft, source: TableSource, name: str) -> pd.Series:
    values = _numbers(draft, source, name)
    draft.reject(values < 0, name, "is negative")
    return values


def _publications(draft: Draft, source: TableSource, kinds: pd.Series) -> pd.Series:
    """Numbers of publications, whole or fractional; those of a patent are noted and left out."""
    values = _amounts(draft, source, "publications")
    stray = values.notna() & ~kinds.isin(ORGANISATION_KINDS)
    message = "publications are those of firms and labs; left out"
    draft.note_values(stray & kinds.notna(), "publications", message, "warning")
    return values.mask(stray)


def _websites(draft: Draft) -> pd.Series:
    """Addresses or domains; what has no dot or has a space in it is noted and left out."""
    text = _column(draft, "website")
    odd = text.notna() & ~text.str.fullmatch(_SITE, na=False)
    draft.note_values(odd, "website", "website is no web address, left out", "info")
    return text.mask(odd)


def _weights(draft: Draft, source: TableSource) -> pd.Series:
    values = _numbers(draft, source, "weight")
    draft.reject(values <= 0, "weight", "is not above 0")
    return values.fillna(float(DEFAULTS["weight"]))  # type: ignore[arg-type]


def _years(draft: Draft) -> pd.Series:
    text = _column(draft, "year").str.replace(_DATE, r"\1", regex=True)
    values, reasons = parse_quantities(text, decimal=".")
    draft.reject(reasons.notna(), "year", reasons)
    whole = values.notna() & (values % 1 == 0)
    draft.reject(values.notna() & ~whole, "year", "is no whole year")
    serial = whole & values.between(*_EXCEL_DAYS)
    draft.reject(serial, "year", "is no year; it looks like the serial date of a spreadsheet")
    far = whole & ~values.between(*YEARS) & ~serial
    draft.reject(far, "year", f"is outside {YEARS[0]} to {YEARS[1]}")
    return values.where(whole & values.between(*YEARS)).astype("Int64")


def _projects(draft: Draft) -> pd.Series:
    """Names of projects; a word for nothing is none, and not one project of all who wrote it."""
    text = _column(draft, "project")
    nothing = text.str.casefold().isin(MISSING_WORDS)
    draft.note_values(nothing, "project", "project left out, the word stands for none", "info")
    return text.mask(nothing)


def _partner_counts(draft: Draft) -> pd.Series:
    values, reasons = parse_quantities(_column(draft, "partner_count"), decimal=".")
    draft.reject(reasons.notna(), "partner_count", reasons)
    sound = (values % 1 == 0) & values.between(*PARTNERS)
    reason = f"is no whole number from {PARTNERS[0]} to {PARTNERS[1]:,}"
    draft.reject(values.notna() & ~sound, "partner_count", reason)
    return values.where(sound).astype("Int64")


def _categories(draft: Draft, kinds: pd.Series) -> pd.Series:
    words = _column(draft, "category").str.casefold()
    fits = (kinds.eq("firm") & words.isin(FIRM_CATEGORIES)) | (
        kinds.eq("lab") & words.isin(LAB_CATEGORIES)
    )
    organisation = kinds.isin(ORGANISATION_KINDS)
    message = "category not known for this kind, set to 'other'"
    odd = words.notna() & organisation & ~fits
    draft.note_values(odd, "category", message, "warning")
    return words.mask(odd, "other")


def _precisions(draft: Draft) -> pd.Series:
    words = _column(draft, "precision").str.casefold()
    known = words.isin(PRECISIONS)
    message = f"precision is none of {', '.join(PRECISIONS)}, set to 'unknown'"
    draft.note_values(words.notna() & ~known, "precision", message, "warning")
    return words.where(known, "unknown")


def _truths(draft: Draft) -> pd.Series:
    words = _column(draft, "simulated").str.casefold()
    true, false = words.isin(TRUE_WORDS), words.isin(FALSE_WORDS)
    draft.reject(words.notna() & ~true & ~false, "simulated", "is neither true nor false")
    if true.any():
        count = int(true.sum())
        draft.note("info", f"{count} rows are simulated", column="simulated", count=count)
    return true.astype(bool)
