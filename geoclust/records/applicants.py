"""Patents at their applicants' addresses instead of their inventors'.

An inventor's address says where the work was done, or where somebody lives; an applicant's where
the owner has its seat.  A patent's own coordinates are one of the two, and the study says which
(`[inputs] patent_basis`).  The applicant's come from the patent's own columns
`applicant_longitude` and `applicant_latitude`, else from the firm or lab that `organisation_id`
names.  Weights stay as they are, so fractional counts keep their sum.
"""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geoclust.records.coordinates import Axis, parse_degree_column
from geoclust.schema import APPLICANT_DTYPES, ORGANISATION_KINDS, Records
from geoclust.sphere import great_circle_km

if TYPE_CHECKING:
    from geoclust.records.draft import Draft

LIMITS: Final[dict[Axis, float]] = {"longitude": 180.0, "latitude": 90.0}

AT_APPLICANT: Final = "applicant"
NOT_NAMED: Final = "no applicant named"
NOT_KNOWN: Final = "applicant without known coordinates"


def applicant_columns(draft: "Draft") -> dict[str, pd.Series]:
    """Coordinates of applicants as numbers; what cannot be read rejects its row."""
    found: dict[str, pd.Series] = {}
    for axis, limit in LIMITS.items():
        name = f"applicant_{axis}"
        if name not in draft.table:
            found[name] = pd.Series(np.nan, index=draft.table.index, dtype="float64")
            continue
        values, reasons = parse_degree_column(draft.table[name], axis)
        draft.reject(reasons.notna(), name, reasons)
        draft.reject(values.abs() > limit, name, f"is beyond {limit:.0f} degrees")
        found[name] = values
    half = found["applicant_longitude"].isna() != found["applicant_latitude"].isna()
    draft.reject(half, "applicant_longitude", "is given without the other, or missing beside it")
    return found


def place_at_applicants(records: Records) -> tuple[Records, pd.DataFrame]:
    """Move patents to the addresses of their applicants.

    Parameters
    ----------
    records
        Firms, labs and patents; `organisation_id` of a patent names its applicant.

    Returns
    -------
    records
        The same rows; a patent whose applicant has known coordinates has those, and the
        applicant's place, country and precision where the applicant is a record.  The others stay
        at their own address.
    account
        Index `record_id`, the patents: `basis` ("applicant", "no applicant named" or "applicant
        without known coordinates"), `moved_km`, `weight`.

    Examples
    --------
    >>> from geoclust.schema import as_records
    >>> table = pd.DataFrame(
    ...     {"kind": ["firm", "patent", "patent"], "longitude": [2.35, 0.1, 0.1],
    ...      "latitude": [48.86, 52.2, 52.2], "organisation_id": [None, "f", None]},
    ...     index=["f", "p", "q"])
    >>> moved, account = place_at_applicants(as_records(table))
    >>> moved["longitude"].tolist(), account["basis"].tolist()
    ([2.35, 2.35, 0.1], ['applicant', 'no applicant named'])
    """
    patents = records[records["kind"] == "patent"]
    seats = _seats(records, patents)
    known = seats["longitude"].notna()
    basis = np.where(known, AT_APPLICANT, NOT_KNOWN)
    named = patents["organisation_id"].notna() | known
    account = pd.DataFrame(
        {
            "basis": pd.Series(np.where(named, basis, NOT_NAMED), patents.index, dtype="str"),
            "moved_km": great_circle_km(
                patents["longitude"], patents["latitude"], seats["longitude"], seats["latitude"]
            ),
            "weight": patents["weight"],
        },
        index=patents.index,
    )
    account["moved_km"] = account["moved_km"].where(known, 0.0)
    moving = seats[known]
    table = records.copy()
    for name in moving:
        replaced = moving[name].dropna()
        table.loc[replaced.index, name] = replaced
    return table, account


def _seats(records: pd.DataFrame, patents: pd.DataFrame) -> pd.DataFrame:
    """Coordinates, place, country and precision of each patent's applicant, missing if unknown."""
    organisations = records[records["kind"].isin(ORGANISATION_KINDS)]
    taken = ["longitude", "latitude", "place", "country", "precision"]
    seats = organisations[taken].reindex(patents["organisation_id"]).set_axis(patents.index)
    if set(APPLICANT_DTYPES) <= set(patents):
        stated = patents["applicant_longitude"].notna()
        for axis in LIMITS:
            seats[axis] = seats[axis].where(~stated, patents[f"applicant_{axis}"])
        # what is known of the inventor's address does not hold there
        seats["precision"] = seats["precision"].where(~stated, "unknown")
        seats[["place", "country"]] = seats[["place", "country"]].where(~stated)
    return seats
