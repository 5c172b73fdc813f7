"""Tables of firms, labs, patents, ties and places, taken in from the world."""

from geoclust.records.applicants import place_at_applicants
from geoclust.records.identity import find_duplicates
from geoclust.records.inputs import Inputs
from geoclust.records.polygons import Boundaries, read_boundaries
from geoclust.records.reading import read_inputs, read_places, read_records, read_ties
from geoclust.records.sources import TableSource

__all__ = [
    "Boundaries",
    "Inputs",
    "TableSource",
    "find_duplicates",
    "place_at_applicants",
    "read_boundaries",
    "read_inputs",
    "read_places",
    "read_records",
    "read_ties",
]
