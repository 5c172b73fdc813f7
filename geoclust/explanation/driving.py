"""What separates clusters from quasi-clusters: a number of the study, not of one region."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geoclust.catalogue import INDICATORS, nearest
from geoclust.errors import ParameterError
from geoclust.explanation.outcome import Explanation, bare
from geoclust.explanation.working import Listing, said, same

if TYPE_CHECKING:
    from geoclust.explanation.evidence import Evidence

SUBJECT: Final = "drivers"
"""What to ask for instead of a region."""

TITLE: Final = "what separates clusters from quasi-clusters"
DEFINITION: Final = "Cliff 1993, Psychological Bulletin 114(3); bootstrap as stated here"
MEANING: Final = (
    "of all pairs of a cluster and a quasi-cluster, the share in which the cluster has more less "
    "the share in which it has less: -1 to 1"
)


def explain_driver(evidence: "Evidence", indicator: str) -> Explanation:
    """Follow the effect of one indicator to the pairs it is counted from.

    Parameters
    ----------
    evidence
        Of the study.
    indicator
        A row of `drivers.csv`.

    Raises
    ------
    ParameterError
        If there is no such row; the nearest names are given.
    """
    table = evidence.drivers
    if indicator not in table.index:
        known = [str(name) for name in table.index]
        raise ParameterError(f"no driver is called {indicator!r}; {nearest(indicator, known)}")
    value, filled, listing = _counted(evidence, indicator)
    again = evidence.driven.loc[indicator]
    ends = [f"{end} {said(bare(table.at[indicator, end]))}" for end in ("low", "high")]
    drawn = all(same(bare(table.at[indicator, e]), bare(again[e])) for e in ("low", "high"))
    again_words = f"drawn again from the study's seed it is {'the same' if drawn else 'ANOTHER'}"
    found = INDICATORS[indicator]
    return Explanation(
        subject=SUBJECT,
        subject_name=TITLE,
        indicator=indicator,
        label=f"{found.label}: effect",
        unit="Cliff's delta",
        value=bare(table.at[indicator, "effect"]),
        recomputed=value if drawn else f"{value}, but another interval",
        meaning=MEANING,
        filled=filled,
        listings=(listing,),
        made_of=(indicator,),
        settings=evidence.settings[evidence.settings["setting"] == "study.seed"],
        definition=DEFINITION,
        notes=(
            f"Interval ({', '.join(ends)}), both groups resampled: {again_words}.",
            "Association, not cause.",
        ),
    )


def _counted(evidence: "Evidence", indicator: str) -> tuple[float | None, str, Listing]:
    regions = pd.DataFrame(evidence.regions)
    chosen = regions[regions["status"].isin(["cluster", "quasi-cluster"])]
    listed = chosen[["name", "status", indicator]].rename_axis("region_id").reset_index()
    value = listed[indicator].astype("float64").replace([np.inf, -np.inf], np.nan)
    clusters, quasi = (
        value[listed["status"] == status].dropna().to_list()
        for status in ("cluster", "quasi-cluster")
    )
    more = sum(a > b for a in clusters for b in quasi)
    less = sum(a < b for a in clusters for b in quasi)
    pairs = len(clusters) * len(quasi)
    listing = Listing("clusters and quasi-clusters with it", listed.sort_values("region_id"))
    if not pairs:
        return None, "missing: a group has no value", listing
    effect = round((more - less) / pairs, 12)
    counts = f"{len(clusters)} clusters x {len(quasi)} quasi-clusters = {pairs:,} pairs"
    return (
        effect,
        f"{counts}: ({more:,} more - {less:,} less) / {pairs:,} = {said(effect)}",
        listing,
    )
