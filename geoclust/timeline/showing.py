"""A timeline as a notebook shows it: the windows, and the regions through them."""

from typing import TYPE_CHECKING

import pandas as pd

from geoclust.display import Listing, card

if TYPE_CHECKING:
    from geoclust.timeline.outcome import Timeline


def timeline_html(found: "Timeline") -> str:
    """A short account of a timeline; escaped, without scripts.

    Parameters
    ----------
    found
        The timeline; left unchanged.

    Returns
    -------
    str
        One HTML element.
    """
    counts = ["records", "regions", "clusters", "quasi_clusters", "new", "gone", "merged", "split"]
    windows = pd.DataFrame(found.windows[counts]).rename(
        columns={"quasi_clusters": "quasi-clusters"}
    )
    shown = ["name", "first", "last", "began", "ended", "best_rank", "last_status"]
    tracks = found.tracks[shown].rename(columns=lambda name: name.replace("_", " "))
    return card(
        "Timeline",
        found.config.name,
        facts={"windows": len(windows), "regions": len(tracks), "followed by": found.followed_by},
        listings=[
            Listing("The study in each window", windows),
            Listing("Regions, those that lasted longest first", tracks.set_index("name")),
        ],
        remarks=found.remarks,
    )
