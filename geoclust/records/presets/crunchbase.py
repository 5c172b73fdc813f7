"""Crunchbase-style exports of organisations: firms with categories, status and funding.

Layout: `organizations.csv` of the bulk CSV export (2019 to 2025): `uuid`, `name`, `primary_role`,
`roles`, `status`, `country_code` (alpha-3), `city`, `founded_on`, `total_funding_usd`,
`employee_count`, `homepage_url`, `domain`.  https://data.crunchbase.com/docs/daily-csv-export

* Kind from `primary_role` (else the first of `roles`): company and investor are firms, school is a
  lab (university); others are left out unless `values.kind` says what they are.
* Category, the first that fits: investor; corporate where listed (``ipo``) or over 250 employees;
  startup where founded within ten years of the newest `updated_at` of the file; other.
* Status ``closed`` is left out unless `include_closed`; acquired firms stay.
* Funding is `total_funding_usd`: equity, debt and grants together.  Other currencies are converted
  there already, at the rate of each round's day.
* `equity_funding_usd` is added up from `funding_rounds.csv` (`org_uuid`, `investment_type`,
  `raised_amount_usd`) where that is given beside: rounds of the types in `EQUITY`, venture capital,
  other equity and debt.  Without it, or without an amount disclosed, it stays empty, which is told.
* There are no coordinates: the town is geocoded, with `state_code` in the United States and Canada.
"""

import re
from typing import Final

import numpy as np
import pandas as pd

from geoclust.records.presets.preset import Preset
from geoclust.records.presets.shaping import (
    aside,
    not_wanted,
    piece,
    quoted,
    required,
    shaped,
    text_column,
    text_series,
    unmapped,
    words,
)
from geoclust.records.raw import RawTable
from geoclust.records.sources import TableSource

KINDS: Final = {"company": "firm", "investor": "firm", "school": "lab"}
CATEGORIES: Final = {"investor": "investor", "school": "university"}

EQUITY: Final = frozenset(
    {"angel", "pre_seed", "seed", "series_unknown", "private_equity", "corporate_round",
     "equity_crowdfunding", "convertible_note", "debt_financing", "post_ipo_equity",
     "post_ipo_debt",
     *(f"series_{letter}" for letter in "abcdefghij")}
)  # fmt: skip
"""Types of rounds that are venture capital, other equity or debt: neither grants, prizes and
pre-orders, nor shares that changed hands without a penny for the firm."""

STARTUP_YEARS: Final = 10
"""A firm founded this long before the newest update of the file, or later, is a startup."""

LARGE_EMPLOYEES: Final = 250
"""Firms of more employees are corporates: the European Union's bound of medium-sized firms."""


def shape(raws: list[RawTable], source: TableSource, table: str) -> list[RawTable]:
    """Organisations as records."""
    files = CRUNCHBASE.by_role(raws)
    own = required(files, "organisations", "crunchbase")
    equity = _equity(files["rounds"])
    found = [_organisations(raw, source, table, equity) for raw in own]
    if not files["rounds"]:
        found[0].note(
            "info",
            "equity_funding_usd stays empty: the totals hold grants, too; give funding_rounds.csv "
            "beside it",
            column="equity_funding_usd",
        )
    return found + [aside(raw, found[0].header, _told(raw)) for raw in files["rounds"]]


def _equity(rounds: list[RawTable]) -> pd.Series:
    """Disclosed amounts of an organisation's rounds of equity and debt, added up, USD, as text."""
    parts = [
        pd.DataFrame({"own": text_column(raw, "org_uuid"), "amount": _amounts(raw)})
        for raw in rounds
    ]
    table = pd.concat([pd.DataFrame({"own": pd.Series(dtype="str"), "amount": 0.0}), *parts])
    sums = table.dropna().sort_values(["own", "amount"]).groupby("own")["amount"].sum()
    return sums.map("{:.0f}".format).astype("str")


def _amounts(raw: RawTable) -> pd.Series:
    """Amount of each round that counts, USD; missing if undisclosed or of another type."""
    amount = pd.to_numeric(text_column(raw, "raised_amount_usd"), errors="coerce").astype("float64")
    kind = text_column(raw, "investment_type").str.casefold()
    return amount.where(kind.isin(EQUITY) & np.isfinite(amount) & (amount >= 0))


def _told(raw: RawTable) -> str:
    kind = text_column(raw, "investment_type").str.casefold()
    other = kind[~kind.isin(EQUITY)]
    bare = len(kind) - len(other) - int(_amounts(raw).notna().sum())
    return (
        f"equity_funding_usd: {len(other)} of other types left out{quoted(other)}, {bare} without "
        "an amount"
    )


def _organisations(raw: RawTable, source: TableSource, table: str, equity: pd.Series) -> RawTable:
    first = piece(text_column(raw, "roles"), r"\s*,")
    role = text_column(raw, "primary_role")
    role = role.where(role.notna(), first).str.casefold()
    kinds = role.map(words(source, "kind", KINDS)).astype("str")
    status = text_column(raw, "status").str.casefold()
    closed = status.eq("closed").fillna(value=False) & (not source.include_closed)
    founded = text_column(raw, "founded_on")
    return shaped(
        raw,
        {
            "record_id": text_column(raw, "uuid"),
            "kind": kinds,
            "name": text_column(raw, "name"),
            "place": _places(raw),
            "country": text_column(raw, "country_code"),
            "category": _categories(raw, role, kinds, words(source, "category", CATEGORIES)),
            "year": founded.str[:4],
            "funding_usd": text_column(raw, "total_funding_usd"),
            "equity_funding_usd": text_column(raw, "uuid").map(equity).astype("str"),
            "website": _websites(raw),
            "source": text_series(["Crunchbase"] * len(role), role.index),
        },
        [
            (closed.to_numpy(), "closed"),
            unmapped(kinds, role, "primary_role"),
            not_wanted(kinds, table),
        ],
    )


def _categories(
    raw: RawTable, role: pd.Series, kinds: pd.Series, known: dict[str, str]
) -> pd.Series:
    firm = kinds.eq("firm")
    listed = text_column(raw, "status").str.casefold().eq("ipo").fillna(value=False)
    large = text_column(raw, "employee_count").map(_least_employees) > LARGE_EMPLOYEES
    year = pd.to_numeric(text_column(raw, "founded_on").str[:4], errors="coerce")
    newest = pd.to_numeric(text_column(raw, "updated_at").str[:4], errors="coerce").max()
    young = year >= newest - STARTUP_YEARS
    category = pd.Series("other", index=role.index, dtype="str").where(firm)
    category = category.mask(firm & young, "startup").mask(firm & (listed | large), "corporate")
    own = role.map(known).astype("str")
    return own.where(own.notna(), category)


def _least_employees(text: object) -> int:
    """The lower end of a range.

    Examples
    --------
    >>> _least_employees("251-500"), _least_employees("10000+"), _least_employees("unknown")
    (251, 10000, 0)
    """
    found = re.match(r"\d+", text) if isinstance(text, str) else None
    return int(found[0]) if found else 0


def _places(raw: RawTable) -> pd.Series:
    city, state = text_column(raw, "city"), text_column(raw, "state_code")
    divided = text_column(raw, "country_code").isin(["USA", "CAN"]) & state.notna()
    return city.where(~divided, city + ", " + state)


def _websites(raw: RawTable) -> pd.Series:
    site = text_column(raw, "homepage_url")
    return site.where(site.notna(), text_column(raw, "domain"))


CRUNCHBASE: Final = Preset(
    name="crunchbase",
    title="Crunchbase-style export of organisations",
    roles={
        "organisations": (
            frozenset({"uuid", "name", "country_code", "city", "total_funding_usd"}),
            frozenset({"uuid", "name", "country_code", "city", "primary_role"}),
        ),
        "rounds": (frozenset({"org_uuid", "investment_type", "raised_amount_usd"}),),
    },
    fills={"records": ("organisations", "rounds")},
    shape=shape,
    advice=("include_closed = true                        # keep closed firms",),
)
