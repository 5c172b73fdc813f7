"""What a batch is once it has run: each study's fate, the ranking of all, what to know."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd


@dataclass(frozen=True, eq=False, kw_only=True)
class Batch:
    """A finished batch."""

    name: str
    """Title."""

    out: Path
    """Folder of the results; `index.html` is their front page."""

    studies: pd.DataFrame
    """Index `study`: folder, state (done, kept, failed, not run), records, rejected, regions,
    clusters, quasi_clusters, noise_share, best_rank."""

    failures: pd.DataFrame
    """Index `study`: folder, kind (input, worker, fault), reason."""

    ranking: pd.DataFrame
    """Clusters of all studies, best first; index `batch_region_id`."""

    warnings: tuple[str, ...] = ()
    """What the user should know."""

    whole: bool = True
    """Whether every study was tried and the combined results were written."""

    seconds: float = field(default=0.0)
    """Wall time of this run."""

    def __repr__(self) -> str:
        states = self.studies["state"].value_counts()
        told = ", ".join(f"{count} {state}" for state, count in states.items())
        return f"<Batch {self.name!r}: {len(self.studies)} studies ({told})>"

    @property
    def summary(self) -> dict[str, Any]:
        """Plain values for `--json`."""
        from geoclust.report.manifest import plain_rows  # noqa: PLC0415 - heavy

        shown = ["study", "region_id", "name", "country", "rank_label"]
        return {
            "batch": self.name,
            "studies": plain_rows(self.studies.reset_index()),
            "failures": plain_rows(self.failures.reset_index()),
            "ranking": plain_rows(self.ranking[shown]) if len(self.ranking) else [],
            "warnings": list(self.warnings),
            "whole": self.whole,
            "seconds": round(self.seconds, 3),
            "out": str(self.out),
            "index": str(self.out / "index.html"),
        }
