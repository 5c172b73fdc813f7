"""What a timeline is once it has run."""

from dataclasses import dataclass

import pandas as pd

from geoclust.comparison import Side
from geoclust.study import StudyConfig
from geoclust.timeline.showing import timeline_html

STEP_FATES = (
    *("kept", "grown", "shrunk", "merged", "split", "reshuffled", "new", "returned", "gone"),
)
"""What becomes of a region from one window to the next: births are "new", deaths "gone"."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Timeline:
    """A study in windows of years, its regions followed through them."""

    config: StudyConfig
    """The study's choices, windows included."""

    windows: pd.DataFrame
    """Index `window`: first, last, years; records, firms, labs, patents, ties,
    loose_ties (of its years, but an organisation is not in the window); regions, clusters,
    quasi_clusters, in_regions_share (of the weight); how many regions came as `STEP_FATES` say
    (counted in the window they come into, "gone" in the first that lacks them)."""

    tracks: pd.DataFrame
    """One row per region through time, index `track`, the longest-lived and heaviest first: name,
    country, first and last window, windows (how many), began ("first": there from the beginning;
    "new", "split", "reshuffled"), began_from (track), ended ("alive", "gone", or "merged" and the
    like), ended_into (track), best_rank, last_status, peak_weight."""

    table: pd.DataFrame
    """One row per track and window it is in: track, window, region_id, name, country, came (how it
    came into the window: "first" or one of `STEP_FATES`), weight, record_count, area_km2, status,
    tier, capability, activity_density_per_100km2, rank, rank_label, rank_shift (places gained
    since the window before)."""

    steps: pd.DataFrame
    """What became of each region from one window to the next: from_window, to_window, track,
    region_a, region_b, fate, also_into, also_from."""

    sides: tuple[Side, ...]
    """The study in each window: records with their regions, and regions."""

    followed_by: str
    """"records" or "ground": what tells that two regions are the same."""

    remarks: tuple[str, ...] = ()
    """What to know: records without a year, what the bars mean in a short window."""

    def __repr__(self) -> str:
        labels = list(self.windows.index)
        clusters = [f"{count}" for count in self.windows["clusters"]]
        return (
            f"<Timeline of {self.config.name!r}: {len(labels)} windows from {labels[0]} to "
            f"{labels[-1]}, {len(self.tracks)} regions followed by {self.followed_by}; clusters "
            f"{', '.join(clusters)}>"
        )

    def _repr_html_(self) -> str:
        return timeline_html(self)
