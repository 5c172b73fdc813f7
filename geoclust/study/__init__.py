"""One configured run and everything it produced: the one place where the rooms are joined."""

from geoclust.study.briefs import write_briefs
from geoclust.study.config import StudyConfig
from geoclust.study.exploring import RegionView, explore_region
from geoclust.study.large_table import cluster_table
from geoclust.study.needs import Needs, estimate_needs
from geoclust.study.outcome import Study
from geoclust.study.results import Results, read_results
from geoclust.study.run import check_study, run_study
from geoclust.study.survival import with_survival
from geoclust.study.variation import Variation

__all__ = [
    "Needs",
    "RegionView",
    "Results",
    "Study",
    "StudyConfig",
    "Variation",
    "check_study",
    "cluster_table",
    "estimate_needs",
    "explore_region",
    "read_results",
    "run_study",
    "with_survival",
    "write_briefs",
]
