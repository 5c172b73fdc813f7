"""A comparison written out: tables, both outlines on a map, ranks, one page.  Computes nothing."""

from geoclust.report.comparing.writing import summarise_comparison, write_comparison

__all__ = ["summarise_comparison", "write_comparison"]
