"""Benchmark peers of a region: how far it is from every cluster, indicator by indicator."""

import math
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geoclust.explanation.working import Listing, Worker, Working, said, unknown
from geoclust.scoring.matrix import SHARE_SLACK
from geoclust.scoring.peers import AHEAD
from geoclust.scoring.treating import treat

if TYPE_CHECKING:
    from geoclust.explanation.evidence import Evidence

PEER: Final = "peer_"
"""Goes before the place of a peer, as in `peer_1` and `peer_1_distance`."""

FIELDS: Final = ("", "distance", "shared_count", "ahead", "behind")
DIGITS: Final = 9


def peer_names(evidence: "Evidence") -> list[str]:
    """Names of all numbers about peers that this study reports."""
    places = range(1, int(evidence.peers["place"].max()) + 1) if len(evidence.peers) else ()
    return [f"{PEER}{place}{end and f'_{end}'}" for place in places for end in FIELDS]


def peer_value(evidence: "Evidence", region_id: str, name: str) -> object:
    """A number about a peer as it was reported."""
    place, field = split(name)
    table = evidence.peers
    row = table[(table["region_id"] == region_id) & (table["place"] == place)]
    return row[field or "peer"].iloc[0] if len(row) else None


def split(name: str) -> tuple[int, str]:
    """Place and field of a name.

    Examples
    --------
    >>> split("peer_2_shared_count"), split("peer_1")
    ((2, 'shared_count'), (1, ''))
    """
    place, _, field = name.removeprefix(PEER).partition("_")
    return int(place), field


def workers(evidence: "Evidence") -> dict[str, Worker]:
    """Workers of every number about peers."""
    return dict.fromkeys(peer_names(evidence), _peer)


def _peer(evidence: "Evidence", region_id: str, name: str) -> Working:
    place, field = split(name)
    table = evidence.once("peers", region_id, _distances)
    listing = Listing("clusters by how far they are, in standard deviations", table)
    names = tuple(spec.name for spec in evidence.framework.indicators)
    if place > len(table):
        return unknown(f"fewer than {place} clusters can be compared", listings=(listing,))
    row = table.iloc[place - 1]
    leads = evidence.once(f"leads over {row['peer']}", region_id, _leads_over(str(row["peer"])))
    compared = Listing(f"{row['peer']}, indicator by indicator", leads)
    value = row[field or "peer"]
    return Working(
        value=value,
        filled=f"place {place} of {len(table)} clusters: {row['peer']}, root of the weighted mean "
        f"of {row['shared_count']} squared differences = {said(float(row['distance']))}",
        listings=(listing, compared),
        made_of=names,
        settings=("scoring.",),
    )


def _distances(evidence: "Evidence", region_id: str) -> pd.DataFrame:
    """Every comparable cluster, nearest first; equal distances in the order of ids."""
    rows = []
    for peer in sorted(map(str, evidence.clusters.index)):
        leads = _leads_over(peer)(evidence, region_id)
        known = leads[leads["lead"].notna()]
        share = math.fsum(known["weight"]) / math.fsum(leads["weight"])
        if peer == region_id or share <= 0 or share < evidence.framework.min_share - SHARE_SLACK:
            continue
        squares = math.fsum(known["weight"] * known["lead"] ** 2)
        distance = round(math.sqrt(squares / math.fsum(known["weight"])), DIGITS)
        rows.append(
            {
                "peer": peer,
                "distance": distance,
                "shared_count": len(known),
                "ahead": _clear(known, 1),
                "behind": _clear(known, -1),
            }
        )
    columns = ["peer", "distance", "shared_count", "ahead", "behind"]
    return pd.DataFrame(rows, columns=columns).sort_values("distance", kind="stable")


def _leads_over(peer: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a worker of `once`
    """Makes the table of a region beside one peer: both standardised, what the peer leads by."""

    def make(evidence: "Evidence", region_id: str) -> pd.DataFrame:
        standard = evidence.once("standardised", "", _standardised)
        own, other = standard.loc[region_id], standard.loc[peer]
        return pd.DataFrame(
            {
                "indicator": standard.columns,
                "own": own.to_numpy(),
                "peer": other.to_numpy(),
                "lead": (other - own).to_numpy(),
                "weight": [spec.weight for spec in evidence.framework.indicators],
            }
        )

    return make


def _standardised(evidence: "Evidence", _: str) -> pd.DataFrame:
    """Indicators of all regions, outliers treated, in standard deviations from their mean."""
    specs = evidence.framework.indicators
    field = pd.DataFrame(evidence.regions)[[spec.name for spec in specs]].sort_index()
    field = field.astype("float64").replace([np.inf, -np.inf], np.nan)
    treated = pd.DataFrame(treat(field.to_numpy())[0], field.index, field.columns)
    for spec in specs:
        column = treated[spec.name].where(field[spec.name].notna()) * spec.direction
        apart = column - column.mean()
        deviation = math.sqrt((apart**2).mean())
        treated[spec.name] = apart / deviation if column.max() > column.min() else apart * 0.0
    return treated


def _clear(known: pd.DataFrame, sign: int) -> str | None:
    """Indicators in which the peer is clearly better (or worse), the clearest first."""
    lead = (known["lead"] * sign).round(DIGITS)
    order = lead[lead >= AHEAD].sort_values(ascending=False, kind="stable").index
    return ";".join(known["indicator"].loc[order]) or None
