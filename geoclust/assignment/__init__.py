"""What somebody decides instead of clustering, or of what it found: polygons and edits.

1. `polygons`: polygons that somebody drew, checked and named; `covering`: which covers each record.
2. `bounding`: they define regions; `dividing`: they split and join regions; `kept`: what a file of
   regions of ours keeps of the run that wrote it.
3. `edits`: one decision; `editing`: a list of them, applied in order, with what `matching`,
   `splitting` and `footprints` know.

All of it works on one value, a `Partition` of the records, and on nothing of other rooms.
"""

from geoclust.assignment.bounding import Bounded, bound_by
from geoclust.assignment.dividing import join_within, split_along
from geoclust.assignment.editing import Edited, apply_edits
from geoclust.assignment.edits import Edit
from geoclust.assignment.kept import Kept
from geoclust.assignment.partition import Partition
from geoclust.assignment.polygons import Polygons, check_polygons

__all__ = [
    "Bounded",
    "Edit",
    "Edited",
    "Kept",
    "Partition",
    "Polygons",
    "apply_edits",
    "bound_by",
    "check_polygons",
    "join_within",
    "split_along",
]
