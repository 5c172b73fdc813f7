"""A sweep written out: tables, figures, one page, its table on a terminal.  Computes nothing."""

from geoclust.report.sweeping.writing import summarise_sweep, write_sweep

__all__ = ["summarise_sweep", "write_sweep"]
