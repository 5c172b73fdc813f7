"""CORDIS: participants of EU research projects as organisations, joint projects as ties.

Layout: `organization.csv` and `project.csv` of the sets of H2020 and Horizon Europe (and FP7 since
2022), semicolons, every field quoted.  https://data.europa.eu/data/datasets/cordis-eu-research-projects-under-horizon-europe-2021-2027

* One row a participation; an organisation (`organisationID`) is made of all its rows, with what its
  latest says (`contentUpdateDate`).  Participations that have ended early are left out unless
  `include_closed`.
* Kind and category from `activityType`: HES (lab, university), REC (lab, institute), PUB (lab,
  government), PRC (firm: corporate, or other where SME); OTH is left out unless `values.kind`
  maps it.
* `geolocation` is latitude before longitude, in brackets or not, decimal dots.  How exact it is
  CORDIS does not say: precision ``postcode``.  Without it the town is geocoded.
* Funding is the sum of `ecContribution` over an organisation's projects, decimal comma or dot, in
  euros: only taken where `usd_per_unit` says what one is worth.
* Ties: every two organisations of a project; a project of n counts 1/(n-1) for each pair.  The year
  is that of `startDate`, where project.csv is given.
"""

from collections.abc import Mapping
from itertools import combinations
from math import fsum, isfinite
from typing import Final

import pandas as pd

from geoclust.errors import InputError
from geoclust.records.presets.preset import Preset
from geoclust.records.presets.shaping import (
    aside,
    not_wanted,
    piece,
    quoted,
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

KINDS: Final = {"HES": "lab", "REC": "lab", "PUB": "lab", "PRC": "firm"}
CATEGORIES: Final = {"HES": "university", "REC": "institute", "PUB": "government"}

_HEADER: Final = ("record_id", "kind", "longitude", "latitude")

MAX_PAIRS: Final = 20_000_000
"""Pairs that the projects of one file may make."""


def shape(raws: list[RawTable], source: TableSource, table: str) -> list[RawTable]:
    """Participants as records, or joint projects as ties."""
    files = CORDIS.by_role(raws)
    participants = required(files, "participants", "cordis")
    if table == "ties":
        years = _years(files["projects"])
        header = ("organisation_a", "organisation_b")
        return [_ties(raw, source, years) for raw in participants] + [
            aside(raw, header, "the years of projects") for raw in files["projects"]
        ]
    return [_organisations(raw, source, table) for raw in participants] + [
        aside(raw, _HEADER, "nothing: only ties need years of projects")
        for raw in files["projects"]
    ]


def _organisations(raw: RawTable, source: TableSource, table: str) -> RawTable:
    index = raw.text.index
    ids = text_column(raw, "organisationid")
    activity = text_column(raw, "activitytype").str.upper()
    kinds = activity.str.casefold().map(words(source, "kind", KINDS)).astype("str")
    category = activity.str.casefold().map(words(source, "category", CATEGORIES)).astype("str")
    size = text_column(raw, "sme").str.casefold().map({"false": "corporate", "true": "other"})
    points = text_column(raw, "geolocation").str.strip("() ")
    ended = _ended(raw) & (not source.include_closed)
    again = _again(raw, ids, ended)
    columns = {
        "record_id": ids,
        "kind": kinds,
        "name": text_column(raw, "name"),
        "longitude": piece(points, r"\s*,\s*", 1),
        "latitude": piece(points, r"\s*,\s*", 0),
        "place": text_column(raw, "city"),
        "country": text_column(raw, "country"),
        "category": category.where(category.notna(), size.where(kinds.eq("firm")).astype("str")),
        "website": text_column(raw, "organizationurl"),
        "precision": text_series(["postcode"] * len(index), index).where(points.notna()),
        "source": text_series(["CORDIS"] * len(index), index),
    }
    if source.usd_per_unit is not None:
        columns["funding_usd"] = ids.map(_funding(raw, ids, ended)).astype("str")
    left_out = [
        (ended.to_numpy(), "participations ended early"),
        (again.to_numpy(), "further participations of the same organisation"),
        unmapped(kinds, activity, "activityType"),
        not_wanted(kinds, table),
    ]
    made = shaped(raw, columns, left_out)
    if source.usd_per_unit is None:
        message = "ecContribution is in euros and left out: usd_per_unit says what one is worth"
        made.note("info", message, column="funding_usd")
    return made


def _ended(raw: RawTable) -> pd.Series:
    return text_column(raw, "endofparticipation").str.casefold().eq("true").fillna(value=False)


def _again(raw: RawTable, ids: pd.Series, ended: pd.Series) -> pd.Series:
    """All rows of an organisation but the latest (then the first by what it says)."""
    said = pd.DataFrame({at: raw.text[at].fillna("") for at in range(len(raw.header))})
    said = said.assign(
        own=ids, ended=ended, updated=text_column(raw, "contentupdatedate").fillna("")
    )
    order = ["ended", "updated", *range(len(raw.header))]
    ascending = [True, False, *[True] * len(raw.header)]
    said = said.sort_values(order, ascending=ascending, kind="stable")
    return (said["own"].notna() & said["own"].duplicated()).reindex(raw.text.index)


def _funding(raw: RawTable, ids: pd.Series, ended: pd.Series) -> Mapping[str, str]:
    """Sum of contributions per organisation, exact to the last digit in any order of rows."""
    amounts: dict[str, list[float]] = {}
    text = text_column(raw, "eccontribution").str.replace(",", ".", regex=False)
    lost = []
    for own, amount, out in zip(ids, text, ended, strict=True):
        if not isinstance(own, str) or not isinstance(amount, str) or out:
            continue
        try:
            value = float(amount)
        except ValueError:
            value = float("nan")
        if isfinite(value):
            amounts.setdefault(own, []).append(value)
        else:
            lost.append(amount)
    if lost:
        message = f"{len(lost)} contributions are no numbers, left out{quoted(pd.Series(lost))}"
        raw.note("warning", message, column="funding_usd", count=len(lost))
    return {own: repr(fsum(values)) for own, values in amounts.items()}


def _ties(raw: RawTable, source: TableSource, years: Mapping[str, str]) -> RawTable:
    partners: dict[str, dict[str, int]] = {}
    ended = _ended(raw) & (not source.include_closed)
    columns = (text_column(raw, "projectid"), text_column(raw, "organisationid"), ended)
    for row, (project, own, out) in zip(raw.row.tolist(), zip(*columns, strict=True), strict=True):
        if isinstance(project, str) and isinstance(own, str) and not out:
            mine = partners.setdefault(project, {})
            mine[own] = min(row, mine.get(own, row))
    total = sum(len(found) * (len(found) - 1) // 2 for found in partners.values())
    if total > MAX_PAIRS:
        raise InputError(f"{raw.file}: its projects make {total:,} pairs of partners; split it")
    ties = [
        (a, b, project, max(found[a], found[b]))
        for project, found in sorted(partners.items())
        for a, b in combinations(sorted(found), 2)
    ]
    made = remade(
        raw,
        {
            "organisation_a": [tie[0] for tie in ties],
            "organisation_b": [tie[1] for tie in ties],
            "project": [tie[2] for tie in ties],
            "year": [years.get(tie[2]) for tie in ties],
            "kind": ["EU project"] * len(ties),
            "source": ["CORDIS"] * len(ties),
        },
        [tie[3] for tie in ties],
    )
    alone = sum(len(found) == 1 for found in partners.values())
    message = (
        f"{len(raw.text):,} participations in {len(partners):,} projects gave {len(ties):,} pairs "
        f"of partners; {alone:,} projects have one partner, {int(ended.sum()):,} participations "
        "ended early"
    )
    made.note("info", message, count=len(ties))
    return made


def _years(raws: list[RawTable]) -> dict[str, str]:
    found: dict[str, str] = {}
    for raw in raws:
        start = text_column(raw, "startdate").str.extract(r"((?:19|20)\d\d)", expand=False)
        pairs = zip(text_column(raw, "id"), start, strict=True)
        found |= {
            own: year for own, year in pairs if isinstance(own, str) and isinstance(year, str)
        }
    return found


CORDIS: Final = Preset(
    name="cordis",
    title="CORDIS (organization.csv and project.csv of H2020 and Horizon Europe)",
    roles={
        "participants": (frozenset({"projectid", "organisationid", "activitytype", "role"}),),
        "projects": (frozenset({"id", "acronym", "startdate", "fundingscheme"}),),
    },
    fills={"records": ("participants",), "ties": ("participants", "projects")},
    shape=shape,
    advice=(
        'currency = "EUR"',
        "usd_per_unit = 1.08                          # then ecContribution is taken as funding",
        'values = { kind = { OTH = "lab" } }          # types that are left out otherwise',
        "include_closed = true                        # keep participations that ended early",
    ),
)
