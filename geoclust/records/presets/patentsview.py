"""PatentsView: granted US patents at their inventors' or applicants' addresses.

Layout: the tables `g_inventor_disambiguated`, `g_assignee_disambiguated`,
`g_location_disambiguated`, and for years `g_application` (filing) or `g_patent` (grant), tab
separated, every text quoted.  https://patentsview.org/download/data-download-tables

* One record per inventor (or assignee) of a patent, with the weight 1/n of its n inventors (or
  assignees), so that a patent counts 1 in all; the share of one without a location is lost and
  counted.  `basis` says whose address counts: ``inventor`` (default) or ``applicant``.
* `organisation_id` is the first assignee's id, where that file is given.
* Coordinates are of the town: precision ``city``.
* Year: of filing where g_application is given, else of grant.
"""

from typing import Final

import pandas as pd

from geoclust.errors import InputError
from geoclust.records.presets.preset import Preset
from geoclust.records.presets.shaping import aside, required, shaped, text_column, text_series
from geoclust.records.raw import RawTable
from geoclust.records.sources import TableSource

BASES: Final = {"inventor": "inventors", "applicant": "assignees"}

_HEADER: Final = ("record_id", "longitude", "latitude")


def shape(raws: list[RawTable], source: TableSource, table: str) -> list[RawTable]:
    """One record per inventor or assignee of a patent."""
    if table not in {"patents", "records"}:
        raise InputError(f"{raws[0].file}: preset 'patentsview' makes patents, no {table}")
    files = PATENTSVIEW.by_role(raws)
    basis = source.basis or "inventor"
    counted = required(files, BASES[basis], "patentsview")
    places = _lookup(required(files, "locations", "patentsview"), "location_id", _PLACE)
    years = _years(files)
    assignees = _first_assignees(files["assignees"])
    made = [
        _patents(raw, basis, places=places, years=years, assignees=assignees) for raw in counted
    ]
    told = {
        "locations": "coordinates",
        "applications": "years of filing",
        "patents": "years of grant",
    }
    told["assignees"] = "organisation_id"
    told["inventors"] = "nothing: applicants are counted"
    told.pop(BASES[basis])
    rest = [(raw, told[role]) for role, group in files.items() if role in told for raw in group]
    return made + [aside(raw, _HEADER, what) for raw, what in rest]


_PLACE: Final = {
    "longitude": "longitude",
    "latitude": "latitude",
    "place": "disambig_city",
    "country": "disambig_country",
}


def _patents(
    raw: RawTable,
    basis: str,
    *,
    places: pd.DataFrame,
    years: pd.Series,
    assignees: pd.Series,
) -> RawTable:
    patent = text_column(raw, "patent_id")
    who = "inventor" if basis == "inventor" else "assignee"
    number = text_column(raw, f"{who}_sequence")
    person = text_column(raw, f"{who}_id")
    site = text_column(raw, "location_id")
    share = 1 / patent.groupby(patent).transform("size")
    found = {name: site.map(places[name]).astype("str") for name in _PLACE}
    index = raw.text.index
    made = shaped(
        raw,
        {
            "record_id": patent + "-" + number.where(number.notna(), person),
            "kind": text_series(["patent"] * len(index), index),
            "name": patent,
            **found,
            "weight": share.astype("str"),
            "organisation_id": patent.map(assignees).astype("str"),
            "year": patent.map(years).astype("str"),
            "precision": text_series(["city"] * len(index), index),
            "source": text_series([f"PatentsView, {basis}s"] * len(index), index),
        },
    )
    lost = float(share[found["longitude"].isna()].sum())
    message = f"{len(raw.text):,} rows of {patent.nunique():,} patents, counted by {basis}"
    made.note(
        "info", f"{message}; shares worth {lost:.6g} patents have no location", column="weight"
    )
    return made


def _lookup(raws: list[RawTable], key: str, columns: dict[str, str]) -> pd.DataFrame:
    parts = [
        pd.DataFrame({name: text_column(raw, own) for name, own in columns.items()}).assign(
            key=text_column(raw, key)
        )
        for raw in raws
    ]
    table = pd.concat(parts).dropna(subset="key")
    table = table.sort_values(["key", *columns], kind="stable").drop_duplicates("key")
    return table.set_index("key")


def _years(files: dict[str, list[RawTable]]) -> pd.Series:
    for role, column in (("applications", "filing_date"), ("patents", "patent_date")):
        if files[role]:
            dates = _lookup(files[role], "patent_id", {"date": column})["date"]
            return dates.str.extract(r"^(\d{4})", expand=False)
    return pd.Series(dtype="str")


def _first_assignees(raws: list[RawTable]) -> pd.Series:
    if not raws:
        return pd.Series(dtype="str")
    parts = [
        pd.DataFrame(
            {
                "patent": text_column(raw, "patent_id"),
                "at": pd.to_numeric(text_column(raw, "assignee_sequence"), errors="coerce"),
                "own": text_column(raw, "assignee_id"),
            }
        )
        for raw in raws
    ]
    table = pd.concat(parts).dropna(subset=["patent", "own"]).sort_values(["patent", "at", "own"])
    return table.drop_duplicates("patent").set_index("patent")["own"]


PATENTSVIEW: Final = Preset(
    name="patentsview",
    title="PatentsView (granted patents, disambiguated tables)",
    roles={
        "inventors": (frozenset({"patent_id", "inventor_id", "location_id"}),),
        "assignees": (frozenset({"patent_id", "assignee_id", "location_id"}),),
        "locations": (frozenset({"location_id", "latitude", "longitude"}),),
        "applications": (frozenset({"patent_id", "filing_date"}),),
        "patents": (frozenset({"patent_id", "patent_date"}),),
    },
    fills={
        "patents": ("inventors", "locations", "assignees", "applications", "patents"),
    },
    shape=shape,
    applicants="assignees",
    advice=('basis = "applicant"                          # the assignees\' addresses instead',),
)
