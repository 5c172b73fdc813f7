"""Numbers that come from ties: the pairs counted, each with both its organisations and sources."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geoclust.explanation.working import Listing, Worker, Working, all_of, said, unknown
from geoclust.schema import WEIGHT_UNIT, weight_units

if TYPE_CHECKING:
    from geoclust.explanation.evidence import Evidence

NO_TIES: Final = "no table of ties was given"
SHARED: Final = "; "
"""Between several sources, or rows, of one pair."""


def tied_pairs(evidence: "Evidence", region_id: str) -> pd.DataFrame:
    """The pairs with an end in a region, counted from the rows of the table of ties.

    Returns
    -------
    DataFrame
        Internal pairs first, then by weight: organisation_a and name_a (of the region),
        organisation_b and name_b, where_b (a region id, or the country of an organisation in
        none), internal, industry, units, weight, tie_rows, years, source, file, row.
    """
    return evidence.once("tied pairs", region_id, _tied_pairs)


def _tied_pairs(evidence: "Evidence", region_id: str) -> pd.DataFrame:
    own = evidence.organisations
    rows = _rows(evidence, set(own.index[(own["region_id"] == region_id).fillna(False)]))
    found = []
    for (a, b), group in rows.groupby(["first", "second"], sort=True):
        inside = [own.at[end, "region_id"] == region_id for end in (a, b)]
        here, there = (str(a), str(b)) if inside[0] else (str(b), str(a))
        units = int(group["units"].sum())
        found.append(
            {
                "organisation_a": here,
                "name_a": own.at[here, "name"],
                "organisation_b": there,
                "name_b": own.at[there, "name"],
                "where_b": _where(own, there),
                "internal": all(inside),
                "industry": "firm" in {own.at[a, "kind"], own.at[b, "kind"]},
                "units": units,
                "weight": units / WEIGHT_UNIT,
                "tie_rows": len(group),
                **{name: _joined(group[name]) for name in ("years", "source", "file", "row")},
            }
        )
    table = pd.DataFrame(found, columns=list(COLUMNS))
    table = table.astype({"internal": "bool", "industry": "bool", "units": "int64"})
    order = ["internal", "units", "organisation_a", "organisation_b"]
    return table.sort_values(order, ascending=[False, False, True, True], ignore_index=True)


COLUMNS: Final = (
    *("organisation_a", "name_a", "organisation_b", "name_b", "where_b", "internal", "industry"),
    *("units", "weight", "tie_rows", "years", "source", "file", "row"),
)


def _where(organisations: pd.DataFrame, record_id: str) -> str:
    region_id, country = (organisations.at[record_id, one] for one in ("region_id", "country"))
    if isinstance(region_id, str):
        return region_id
    return f"in no region, {country}" if isinstance(country, str) else "in no region"


def _joined(cells: pd.Series) -> str:
    return SHARED.join(dict.fromkeys(str(cell) for cell in cells if not pd.isna(cell)))


def _rows(evidence: "Evidence", inside: set[str]) -> pd.DataFrame:
    """Rows of ties between two different organisations, one of them inside; what each counts."""
    ties = evidence.ties
    ends = ties[["organisation_a", "organisation_b"]].astype("str")
    known = set(evidence.organisations.index)
    chosen = [
        (a in inside or b in inside) and a in known and b in known and a != b
        for a, b in zip(ends["organisation_a"], ends["organisation_b"], strict=True)
    ]
    rows, ends = ties[chosen], ends[chosen]
    share = _project_share(ties, rows)
    weight = rows["weight"].fillna(1.0) if "weight" in rows else pd.Series(1.0, rows.index)
    origin = evidence.origin("ties", pd.Index(rows.index))
    nothing = pd.Series(np.nan, index=rows.index)
    return pd.DataFrame(
        {
            "first": ends.min(axis=1).astype("str"),
            "second": ends.max(axis=1).astype("str"),
            "units": weight_units(weight, share),
            "years": rows.get("year", nothing),
            "source": rows.get("source", nothing),
            "file": origin["file"],
            "row": origin["row"],
        }
    )


def _project_share(ties: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """1/(n-1) for a row of a project of n partners, else 1."""
    share = pd.Series(1.0, index=rows.index)
    if "project" in rows:
        for project, group in rows[rows["project"].notna()].groupby("project"):
            whole = ties[(ties["project"] == project).fillna(False).to_numpy(dtype=bool)]
            named = set(whole["organisation_a"].dropna()) | set(whole["organisation_b"].dropna())
            share[group.index] = 1.0 / max(len(named) - 1, 1)
    if "partner_count" in rows:
        stated = rows["partner_count"].dropna().astype("float64")
        share[stated.index] = 1.0 / np.maximum(stated - 1.0, 1.0)
    return share


def pair_listing(title: str, pairs: pd.DataFrame) -> Listing:
    """Pairs as a reader wants them."""
    return Listing(title, pairs.drop(columns="units").reset_index(drop=True))


def _count(evidence: "Evidence", region_id: str, name: str) -> Working:
    if "ties" not in evidence.tables:
        return unknown(NO_TIES)
    pairs = tied_pairs(evidence, region_id)
    chosen, what = {
        "tie_count": (pairs, "with an end in the region"),
        "internal_tie_count": (pairs[pairs["internal"]], "with both ends in the region"),
        "external_tie_count": (pairs[~pairs["internal"]], "with one end outside"),
        "industry_tie_count": (pairs[pairs["industry"]], "with at least one firm"),
    }[name]
    inner = int(pairs["internal"].sum())
    filled = f"{len(chosen)} of {len(pairs)} distinct pairs, {what}"
    if name == "tie_count":
        filled = f"{inner} internal + {len(pairs) - inner} external = {len(pairs)} distinct pairs"
    return Working(
        value=len(chosen), filled=filled, listings=(pair_listing("pairs counted", chosen),)
    )


def _weight(evidence: "Evidence", region_id: str, _name: str) -> Working:
    if "ties" not in evidence.tables:
        return unknown(NO_TIES)
    pairs = tied_pairs(evidence, region_id)
    value = int(pairs["units"].sum()) / WEIGHT_UNIT
    return Working(
        value=value,
        filled=f"weights of {len(pairs)} distinct pairs together: {said(value)}",
        listings=(pair_listing("pairs counted", pairs),),
        made_of=("tie_count",),
    )


WORKERS: Final[dict[str, Worker]] = {
    **all_of(
        ("tie_count", "internal_tie_count", "external_tie_count", "industry_tie_count"), _count
    ),
    "tie_weight": _weight,
}
