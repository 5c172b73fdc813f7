"""A comparison as a notebook shows it: the counts, what changed most, what was not compared."""

from typing import TYPE_CHECKING

import pandas as pd

from geoclust.display import Listing, card

if TYPE_CHECKING:
    from geoclust.comparison.comparing import Comparison


def comparison_html(found: "Comparison") -> str:
    """A short account of a comparison; escaped, without scripts, the same for the same comparison.

    Parameters
    ----------
    found
        The comparison; left unchanged.

    Returns
    -------
    str
        One HTML element.
    """
    agreement = found.agreement
    facts: dict[str, object] = {fate: count for fate, count in found.fate_counts.items() if count}
    facts |= {
        "records on both sides": agreement["records_common"],
        "only A": agreement["records_only_a"],
        "only B": agreement["records_only_b"],
        "adjusted Rand": agreement["adjusted_rand"],
        "by weight": agreement["adjusted_rand_weighted"],
    }
    return card(
        "Comparison",
        f"{found.a.name} (A) with {found.b.name} (B)",
        facts=facts,
        listings=[_changes(found), _statuses(found)],
        remarks=found.remarks,
    )


def _changes(found: "Comparison") -> Listing:
    table = found.fates[found.fates["fate"] != "kept"]
    names = {
        "name": "region",
        "fate": "fate",
        "weight_a": "weight in A",
        "weight_b": "weight in B",
        "jaccard_members": "Jaccard of members",
        "also_into": "also into",
        "also_from": "also from",
    }
    shown = pd.DataFrame(table[list(names)].rename(columns=names)).set_index("region")
    return Listing("Regions that are not as they were, heaviest first", shown)


def _statuses(found: "Comparison") -> Listing:
    table = found.statuses.copy()
    table.index = pd.Index(table.index, name="status in A, in B:")
    return Listing("Regions by status", table.rename_axis(columns=None))
