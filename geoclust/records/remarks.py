"""What a researcher should know of the accepted records; nothing here rejects a row."""

from typing import Final

import pandas as pd

from geoclust.gazetteer import nearest_place
from geoclust.records.draft import Draft
from geoclust.records.references import names_one_of
from geoclust.schema import ORGANISATION_KINDS

EXPECTED: Final = {
    "firm": ("name", "country", "category", "year", "funding_usd"),
    "lab": ("name", "country", "category"),
    "patent": ("country", "organisation_id", "year"),
}
"""Columns whose missing values are counted, by kind of record."""

PILE_ROWS: Final = 20
"""Records a country must have, more than this, for a pile to be looked for."""

PILE_SHARE: Final = 0.5
"""Share of a country's records at one point that makes it a pile."""

TOWN_KM: Final = 10.0
"""A point this close to a town's centre is that town, km."""


def remark_on_records(draft: Draft, records: pd.DataFrame) -> None:
    """Note missing values, piles at one point, organisations spelt twice, lost references.

    Parameters
    ----------
    draft
        Where the notes go.
    records
        Accepted records, by id.
    """
    _remark_on_missing(draft, records)
    _remark_on_piles(draft, records)
    _remark_on_spellings(draft, records)
    for name in ("organisation_id", "parent_id"):
        lost = records[name].notna() & ~names_one_of(records[name], records.index)
        count = int(lost.sum())
        if count:
            message = f"{count} rows whose {name} is no accepted record; kept as it is"
            draft.note("warning", message, column=name, count=count, file="")


def fold_names(names: pd.Series) -> pd.Series:
    """Names without case, accents and punctuation, for comparison.

    Examples
    --------
    >>> fold_names(pd.Series(["Société Générale, S.A.", "SOCIETE GENERALE SA"])).nunique()
    1
    """
    folded = names.str.normalize("NFKD").str.casefold()
    folded = folded.str.replace("[\u0300-\u036f.,'\u2019()\"]+", "", regex=True)
    return folded.str.replace(r"[\s&_/-]+", " ", regex=True).str.strip()


def _remark_on_missing(draft: Draft, records: pd.DataFrame) -> None:
    for kind, columns in EXPECTED.items():
        chosen = records[records["kind"] == kind]
        for name in columns if len(chosen) else ():
            count = int(chosen[name].isna().sum())
            if count:
                message = f"{count} of {len(chosen)} {kind}s have no {name}"
                draft.note("info", message, column=name, count=count, file="")


def _remark_on_piles(draft: Draft, records: pd.DataFrame) -> None:
    table = records[["country", "longitude", "latitude"]].dropna()
    table["total"] = table.groupby("country")["longitude"].transform("size")
    large = table[table["total"] > PILE_ROWS]
    keys = ["country", "total", "longitude", "latitude"]
    piles = large.groupby(keys).size().rename("here").reset_index()
    piles = piles[piles["here"] > PILE_SHARE * piles["total"]]
    if piles.empty:
        return
    near = nearest_place(piles["longitude"].to_numpy(), piles["latitude"].to_numpy())
    for pile in piles[(near["distance_km"] > TOWN_KM).to_numpy()].to_dict("records"):
        message = (
            f"{pile['here']} of {pile['total']} records of {pile['country']} lie at longitude "
            f"{pile['longitude']}, latitude {pile['latitude']}, where no town is: the country's "
            "middle?"
        )
        count = int(pile["here"])
        draft.note("warning", message, column="longitude, latitude", count=count, file="")


def _remark_on_spellings(draft: Draft, records: pd.DataFrame) -> None:
    known = records[records["kind"].isin(ORGANISATION_KINDS) & records["name"].notna()]
    keys = pd.DataFrame(
        {
            "name": fold_names(known["name"]),
            "place": fold_names(known["place"]).fillna(known["longitude"].round(1).astype("str")),
            "country": known["country"].fillna(known["latitude"].round(1).astype("str")),
        }
    )
    again = keys[keys["name"].ne("") & keys.duplicated(keep=False)]
    if again.empty:
        return
    groups = again.groupby(["name", "place", "country"]).ngroups
    first = sorted(known.loc[again.index, "name"].unique())[:3]
    shown = ", ".join(repr(name[:40]) for name in first)
    message = (
        f"{len(again)} organisations share their name and place with another, {groups} in all "
        f"({shown}); kept apart, the ids differ: see geoclust identity"
    )
    draft.note("warning", message, column="name", count=len(again), file="")
