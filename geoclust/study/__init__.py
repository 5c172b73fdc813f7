"""One configured run and everything it produced: the one place where the rooms are joined."""

from geoclust.study.config import StudyConfig
from geoclust.study.run import Study, check_study, run_study

__all__ = ["Study", "StudyConfig", "check_study", "run_study"]
