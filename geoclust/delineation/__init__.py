"""Delineation: one footprint for each region, from its members alone."""

from geoclust.delineation.given import delineate_given
from geoclust.delineation.regions import delineate

__all__ = ["delineate", "delineate_given"]
