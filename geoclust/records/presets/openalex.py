"""OpenAlex: institutions as organisations; works as ties between them and counts of publications.

Layout: the snapshot of 2024 to 2026, JSON lines (`.gz`), one entity a line; also what the API
returns, one result a line.  https://docs.openalex.org (Institution object, Work object)

* Id: ``I`` and digits, without ``https://openalex.org/``.
* Kind and category from `type`: education, facility, company, government, healthcare, nonprofit as
  for ROR; archives, funders and others are left out unless `values.kind` says what they are.
* Coordinates are those of the town in `geo`: precision ``city``.
* Publications: the given works with an author at the institution, each counted once; without a
  file of works, `works_count` (all fields, all years).
* Ties: two institutions named by one work.  A work of n institutions counts 1/(n-1) for each of
  its pairs; a row sums a pair's works of a year.  Retracted works and paratext are left out.
"""

from collections.abc import Iterator
from itertools import combinations
from math import fsum
from typing import Any, Final

import pandas as pd

from geoclust.errors import InputError
from geoclust.records.presets.preset import Preset
from geoclust.records.presets.ror import CATEGORIES, KINDS
from geoclust.records.presets.shaping import (
    aside,
    json_column,
    not_wanted,
    remade,
    required,
    shaped,
    text_column,
    text_series,
    unmapped,
    words,
)
from geoclust.records.raw import RawTable
from geoclust.records.sources import TableSource

PREFIX: Final = "https://openalex.org/"

MAX_PAIRS: Final = 20_000_000
"""Pairs that the works of one file may make."""


def shape(raws: list[RawTable], source: TableSource, table: str) -> list[RawTable]:
    """Institutions as records with their publications, or works as ties."""
    files = OPENALEX.by_role(raws)
    if table == "ties":
        works = required(files, "works", "openalex")
        return _ties(works) + [
            aside(raw, ("organisation_a", "organisation_b"), "nothing: ties are made of works")
            for raw in files["institutions"]
        ]
    institutions = required(files, "institutions", "openalex")
    counts = _publications(files["works"]) if files["works"] else None
    header = ("record_id", "kind", "longitude", "latitude")
    return [_institutions(raw, source, table, counts) for raw in institutions] + [
        aside(raw, header, "the publications of institutions") for raw in files["works"]
    ]


def bare_id(text: object) -> str | None:
    """The id without its address.

    Examples
    --------
    >>> bare_id("https://openalex.org/I27837315")
    'I27837315'
    """
    return text.removeprefix(PREFIX) if isinstance(text, str) else None


def _institutions(
    raw: RawTable, source: TableSource, table: str, counts: dict[str, int] | None
) -> RawTable:
    index = raw.text.index
    ids = text_series(map(bare_id, text_column(raw, "id")), index)
    types = text_column(raw, "type").str.casefold()
    kinds = types.map(words(source, "kind", KINDS)).astype("str")
    category = types.map(words(source, "category", CATEGORIES)).astype("str")
    geo = [value if isinstance(value, dict) else {} for value in json_column(raw, "geo")]
    publications = text_column(raw, "works_count")
    if counts is not None:
        publications = text_series((counts.get(str(known), 0) for known in ids), index)
    made = shaped(
        raw,
        {
            "record_id": ids,
            "kind": kinds,
            "name": text_column(raw, "display_name"),
            "longitude": text_series((g.get("longitude") for g in geo), index),
            "latitude": text_series((g.get("latitude") for g in geo), index),
            "place": text_series((g.get("city") for g in geo), index),
            "country": text_column(raw, "country_code"),
            "category": category.where(kinds.eq("lab")),
            "parent_id": text_series(
                map(_parent, json_column(raw, "associated_institutions")), index
            ),
            "publications": publications,
            "website": text_column(raw, "homepage_url"),
            "precision": pd.Series("city", index=index, dtype="str"),
            "source": pd.Series("OpenAlex", index=index, dtype="str"),
        },
        [unmapped(kinds, types, "type"), not_wanted(kinds, table)],
    )
    if counts is None:
        made.note(
            "info", "publications are works_count: all fields and years", column="publications"
        )
    return made


def _parent(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict) and item.get("relationship") == "parent":
            return bare_id(item.get("id"))
    return None


def _publications(raws: list[RawTable]) -> dict[str, int]:
    counts: dict[str, int] = {}
    seen: set[str] = set()
    for raw in raws:
        for _, institutions, _ in _works(raw, seen):
            for institution in institutions:
                counts[institution] = counts.get(institution, 0) + 1
    return counts


def _works(raw: RawTable, seen: set[str]) -> Iterator[tuple[int, list[str], str | None]]:
    """Record number, institutions (sorted, each once) and year of each work, once over all."""
    years = text_column(raw, "publication_year")
    dropped = _dropped(raw)
    columns = (raw.row.tolist(), text_column(raw, "id"), json_column(raw, "authorships"), years)
    for (row, work, authorships, year), out in zip(
        zip(*columns, strict=True), dropped, strict=True
    ):
        if out or not isinstance(work, str) or work in seen:
            continue
        seen.add(work)
        yield row, _institutions_of(authorships), year if isinstance(year, str) else None


def _dropped(raw: RawTable) -> list[bool]:
    retracted = text_column(raw, "is_retracted").eq("true").fillna(value=False)
    paratext = text_column(raw, "is_paratext").eq("true").fillna(value=False)
    return list((retracted | paratext).to_numpy())


def _institutions_of(authorships: Any) -> list[str]:  # noqa: ANN401 - any JSON
    found = set()
    for authorship in authorships if isinstance(authorships, list) else ():
        listed = authorship.get("institutions") if isinstance(authorship, dict) else None
        for item in listed if isinstance(listed, list) else ():
            own = bare_id(item.get("id")) if isinstance(item, dict) else None
            if own:
                found.add(own)
    return sorted(found)


def _ties(raws: list[RawTable]) -> list[RawTable]:
    seen: set[str] = set()
    return [_tie_table(raw, seen) for raw in raws]


def _tie_table(raw: RawTable, seen: set[str]) -> RawTable:
    shares: dict[tuple[str, str, str], list[float]] = {}
    first: dict[tuple[str, str, str], int] = {}
    alone = joint = pairs = 0
    for row, institutions, year in _works(raw, seen):
        n = len(institutions)
        alone, joint = alone + (n < 2), joint + (n >= 2)  # noqa: PLR2004 - two ends
        pairs += n * (n - 1) // 2
        if pairs > MAX_PAIRS:
            raise InputError(f"{raw.file}: its works make more than {MAX_PAIRS:,} pairs; split it")
        for a, b in combinations(institutions, 2):
            key = (a, b, year or "")
            shares.setdefault(key, []).append(1 / (n - 1))
            first[key] = min(row, first.get(key, row))
    keys = sorted(shares)
    columns: dict[str, list[object]] = {
        "organisation_a": [a for a, _, _ in keys],
        "organisation_b": [b for _, b, _ in keys],
        "weight": [repr(fsum(shares[key])) for key in keys],
        "year": [year or None for _, _, year in keys],
        "kind": ["co-publication"] * len(keys),
        "source": ["OpenAlex"] * len(keys),
    }
    made = remade(raw, columns, [first[key] for key in keys])
    out = sum(_dropped(raw))
    message = (
        f"{joint:,} works of two institutions or more gave {len(keys):,} ties, one a pair and "
        f"year; a work of n institutions counts 1/(n-1) per pair; {alone:,} works name one or "
        f"none, {out:,} are retracted or paratext"
    )
    made.note("info", message, count=joint)
    return made


OPENALEX: Final = Preset(
    name="openalex",
    title="OpenAlex (snapshot or API, JSON lines)",
    roles={
        "works": (frozenset({"id", "authorships", "publication_year"}),),
        "institutions": (frozenset({"id", "display_name", "geo", "works_count"}),),
    },
    fills={"records": ("institutions", "works"), "ties": ("works",)},
    shape=shape,
    keys=frozenset(
        {"id", "display_name", "type", "country_code", "geo", "homepage_url", "works_count"}
        | {"associated_institutions", "authorships", "publication_year"}
        | {"is_retracted", "is_paratext"}
    ),
    advice=('values = { kind = { archive = "lab" } }      # types that are left out otherwise',),
)
