"""The other way round: which numbers a record enters, and what it adds to each."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from geoclust.catalogue import nearest
from geoclust.errors import ParameterError
from geoclust.explanation.asking import explainable, settings_that_mattered
from geoclust.explanation.clustered import membership
from geoclust.explanation.evidence import Evidence
from geoclust.explanation.outcome import Explanation, bare
from geoclust.explanation.tied import pair_listing, tied_pairs
from geoclust.explanation.vocabulary import COLUMNS
from geoclust.explanation.working import Listing, said
from geoclust.schema import ORGANISATION_KINDS, WEIGHT_UNIT

if TYPE_CHECKING:
    from geoclust.study import Results, Study


def explain_record(study: "Study | Results | Evidence", record_id: str) -> Explanation:
    """Which region a record is in and how firmly, and which of its numbers it enters.

    Parameters
    ----------
    study
        What `run_study` or `read_results` returned, or the evidence of it.
    record_id
        A record.

    Returns
    -------
    Explanation
        Of its membership; a listing names each number it enters, what it adds, and the region's
        value, another its ties.

    Raises
    ------
    ParameterError
        If there is no such record; the nearest names are given.

    Examples
    --------
    >>> import geoclust as gc, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder)
    ...     study = gc.run_study(folder)
    >>> told = explain_record(study, "alderbrook-firm-001")
    >>> told.agrees, "firm_count" in set(told.listings[1].table["indicator"])
    (True, True)
    """
    evidence = study if isinstance(study, Evidence) else Evidence.of(study)
    if record_id not in evidence.records.index:
        known = [str(name) for name in evidence.records.index]
        raise ParameterError(f"no record is called {record_id!r}; {nearest_few(record_id, known)}")
    worked = membership(evidence, record_id)
    region_id = bare(evidence.region_of[record_id])
    listings = [worked.listings[0]]
    if region_id is not None:
        listings.append(Listing(f"numbers of {region_id} that it enters",
                                entered(evidence, record_id, str(region_id))))  # fmt: skip
        listings += _ties(evidence, record_id, str(region_id))
    listings += worked.listings[1:]
    return Explanation(
        subject=record_id,
        subject_name=str(bare(evidence.records.at[record_id, "name"]) or record_id),
        indicator="membership",
        label="membership",
        unit="",
        value=bare(evidence.membership.at[record_id, "membership"]),
        recomputed=worked.value,
        meaning=COLUMNS["membership"].formula,
        filled=worked.filled,
        listings=tuple(listings),
        made_of=(),
        settings=settings_that_mattered(evidence, worked.settings),
        definition=COLUMNS["membership"].source,
        notes=_beside(evidence, record_id),
    )


def _beside(evidence: Evidence, record_id: str) -> tuple[str, ...]:
    """What else clustering says of the record."""
    score = bare(evidence.membership.at[record_id, "outlier_score"])
    near = bare(evidence.membership.at[record_id, "nearest_region"])
    told = [f"Outlier score {said(score)}: 0 the densest of its surroundings, 1 part of nothing."]
    if near is not None:
        told.append(f"It would nearly belong to {near}.")
    return tuple(told)


def nearest_few(name: str, known: list[str]) -> str:
    """The nearest known name, or how many there are."""
    told = nearest(name, known)
    return told if told.startswith("did") else f"there are {len(known):,}, none like it"


def entered(evidence: Evidence, record_id: str, region_id: str) -> pd.DataFrame:
    """Numbers of its region that a record enters directly, what it adds, and their values.

    Ratios, ranks and tests that are made of these are entered through them and not listed.
    """
    row = evidence.records.loc[record_id]
    adds: dict[str, Any] = {"record_count": 1, f"{row['kind']}_count": 1}
    counted = int(evidence.units[record_id]) / WEIGHT_UNIT
    adds |= {"activity": counted, "weight": counted}
    if row["kind"] in ORGANISATION_KINDS:
        adds["institution_count"] = 1
        publications = bare(row["publications"])
        adds |= {"publication_count": publications} if publications is not None else {}
    category = bare(row["category"])
    if row["kind"] == "firm":
        adds |= {f"{category}_count": 1} if category in {"startup", "spinout"} else {}
        for column in ("funding_usd", "equity_funding_usd"):
            amount = bare(row[column])
            if amount is not None:
                adds |= {column: amount, f"{column.removesuffix('_usd')}_disclosed_count": 1}
    adds |= _tie_counts(evidence, record_id, region_id)
    known = set(explainable(evidence))
    rows = [
        {"indicator": name, "adds": amount, "of": bare(evidence.value(region_id, name))}
        for name, amount in adds.items()
        if name in known
    ]
    return pd.DataFrame(rows, columns=["indicator", "adds", "of"])


def _pairs(evidence: Evidence, record_id: str, region_id: str) -> pd.DataFrame:
    """The pairs of its region that have it at one end."""
    if "ties" not in evidence.tables:
        return pd.DataFrame()
    pairs = tied_pairs(evidence, region_id)
    return pairs[(pairs["organisation_a"] == record_id) | (pairs["organisation_b"] == record_id)]


def _tie_counts(evidence: Evidence, record_id: str, region_id: str) -> dict[str, Any]:
    pairs = _pairs(evidence, record_id, region_id)
    if pairs.empty:
        return {}
    inner, industry = int(pairs["internal"].sum()), int(pairs["industry"].sum())
    counts = {
        "tie_count": len(pairs),
        "tie_weight": int(pairs["units"].sum()) / WEIGHT_UNIT,
        "internal_tie_count": inner,
        "external_tie_count": len(pairs) - inner,
        "industry_tie_count": industry,
    }
    return {name: count for name, count in counts.items() if count}


def _ties(evidence: Evidence, record_id: str, region_id: str) -> list[Listing]:
    pairs = _pairs(evidence, record_id, region_id)
    return [pair_listing("its ties", pairs)] if len(pairs) else []
