"""Files nobody has described: what they are, what their columns mean, what is wrong with them.

Nothing here decides for a study: it proposes a table and a mapping with evidence and alternatives,
reads the file by them through the same checks as any study, and tells what came of it.
"""

from geoclust.records.inspecting.columns import ColumnGuess
from geoclust.records.inspecting.files import Look, look_at, looks_at
from geoclust.records.inspecting.proposal import (
    LEFT_OUT,
    Proposal,
    inspect_files,
    known_country,
    known_table,
)

__all__ = [
    "LEFT_OUT",
    "ColumnGuess",
    "Look",
    "Proposal",
    "inspect_files",
    "known_country",
    "known_table",
    "look_at",
    "looks_at",
]
