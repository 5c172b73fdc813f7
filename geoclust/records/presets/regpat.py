"""OECD REGPAT and tables like it: patent applications by inventor or applicant, with shares.

Layout: `..._EPO_Inv_reg.txt` and `..._EPO_App_reg.txt` (also PCT), releases of 2016 to 2025, bars
between fields, no quotes, headers `Appln_id`, `Person_id`, `Inv_name` or `App_name`, `Address`,
`City`, `Postal_code`, `Reg_code`, `Ctry_code`, `Reg_share`, `Inv_share` or `App_share`.  OECD,
REGPAT database; Maraut et al. (2008), doi:10.1787/241437144144

* One record per person and region of an application, with the weight share of the person x share
  of the region.  `basis` says whose address counts, where files of both are given: ``inventor``
  (default) or ``applicant``.
* There are no coordinates.  Towns are geocoded (precision ``city``); or give a table of regions
  (`reg_code`, `longitude`, `latitude`) among the paths: then every row stands at its region's
  point (precision ``region``).
* Year: `App_year` of `..._EPO_IPC.txt`, where that is given, else `Prio_year`.
"""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from geoclust.errors import InputError
from geoclust.records.presets.preset import Preset
from geoclust.records.presets.shaping import (
    aside,
    required,
    shaped,
    text_column,
    text_series,
)
from geoclust.records.raw import RawTable
from geoclust.records.sources import TableSource

BASES: Final = {"inventor": "inventors", "applicant": "applicants"}

_HEADER: Final = ("record_id", "longitude", "latitude")
_TOLD: Final = {"regions": "coordinates of regions", "years": "years of application"}


def shape(raws: list[RawTable], source: TableSource, table: str) -> list[RawTable]:
    """One record per person and region of an application."""
    if table not in {"patents", "records"}:
        raise InputError(f"{raws[0].file}: preset 'regpat' makes patents, no {table}")
    files = REGPAT.by_role(raws)
    basis = source.basis or ("inventor" if files["inventors"] else "applicant")
    counted = required(files, BASES[basis], "regpat")
    regions, years = _regions(files["regions"]), _years(files["years"])
    made = [_patents(raw, basis, regions=regions, years=years) for raw in counted]
    told = _TOLD | {
        role: "nothing: the other basis counts" for role in BASES.values() if role != BASES[basis]
    }
    rest = [(raw, told[role]) for role, group in files.items() if role in told for raw in group]
    return made + [aside(raw, _HEADER, what) for raw, what in rest]


def _patents(
    raw: RawTable, basis: str, *, regions: pd.DataFrame | None, years: pd.Series
) -> RawTable:
    short = "inv" if basis == "inventor" else "app"
    index = raw.text.index
    patent, region = text_column(raw, "appln_id"), text_column(raw, "reg_code")
    person = text_column(raw, "person_id")
    columns = {
        "record_id": patent + "-" + person + "-" + region.fillna("none"),
        "kind": text_series(["patent"] * len(index), index),
        "name": patent,
        "place": text_column(raw, "city"),
        "country": text_column(raw, "ctry_code"),
        "weight": _weights(raw, short),
        "year": patent.map(years).astype("str"),
        "source": text_series([f"REGPAT, {basis}s"] * len(index), index),
    }
    if regions is not None:
        for name in ("longitude", "latitude"):
            columns[name] = region.map(regions[name]).astype("str")
        at_region = text_series(["region"] * len(index), index)
        columns["precision"] = at_region.where(columns["longitude"].notna())
    made = shaped(raw, columns)
    message = f"{len(index):,} shares of {patent.nunique():,} applications, counted by {basis}"
    made.note("info", message, column="weight")
    return made


def _weights(raw: RawTable, short: str) -> pd.Series:
    """Product of the shares; what is no number is left as it stands, to be rejected by name."""
    person = text_column(raw, f"{short}_share").fillna("1")
    region = text_column(raw, "reg_share").fillna("1")
    numbers = [pd.to_numeric(part, errors="coerce") for part in (person, region)]
    product = numbers[0] * numbers[1]
    odd = person.where(numbers[0].isna(), region)
    return product.astype("str").where(product.notna(), odd)


def _regions(raws: list[RawTable]) -> pd.DataFrame | None:
    if not raws:
        return None
    parts = [
        pd.DataFrame(
            {
                "key": text_column(raw, "reg_code"),
                "longitude": text_column(raw, "longitude", "lon", "lng"),
                "latitude": text_column(raw, "latitude", "lat"),
            }
        )
        for raw in raws
    ]
    table = pd.concat(parts).dropna().sort_values(["key", "longitude", "latitude"])
    return table.drop_duplicates("key").set_index("key")


def _years(raws: list[RawTable]) -> pd.Series:
    if not raws:
        return pd.Series(dtype="str")
    parts = [
        pd.DataFrame(
            {"key": text_column(raw, "appln_id"), "year": text_column(raw, "app_year", "prio_year")}
        )
        for raw in raws
    ]
    table = pd.concat(parts).dropna().sort_values(["key", "year"])
    return table.drop_duplicates("key").set_index("key")["year"]


def _reading(path: str) -> Mapping[str, Any]:
    return {"quotes": False} if path.casefold().endswith(".txt") else {}


REGPAT: Final = Preset(
    name="regpat",
    title="OECD REGPAT (inventor or applicant tables with shares)",
    roles={
        "inventors": (frozenset({"appln_id", "person_id", "inv_share"}),),
        "applicants": (frozenset({"appln_id", "person_id", "app_share"}),),
        "years": (frozenset({"appln_id", "app_year"}), frozenset({"appln_id", "prio_year"})),
        "regions": (
            frozenset({"reg_code", "longitude", "latitude"}),
            frozenset({"reg_code", "lon", "lat"}),
        ),
    },
    fills={"patents": ("inventors", "applicants", "years", "regions")},
    shape=shape,
    applicants="applicants",
    reading=_reading,
    advice=('basis = "applicant"                          # the applicants\' addresses instead',),
)
