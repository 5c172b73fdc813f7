"""A timeline written out: tables, lives of regions, paths of ranks, one page.  Computes nothing."""

from geoclust.report.timing.writing import summarise_timeline, write_timeline

__all__ = ["summarise_timeline", "write_timeline"]
