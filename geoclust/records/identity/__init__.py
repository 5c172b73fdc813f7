"""One organisation in several sources: found by name, place and web domain, merged when decided.

`find_duplicates` lists pairs with evidence and a suggestion; somebody writes decisions beside them;
`read_decisions` reads these, and reading a study merges what was decided, keeping all sources.
"""

from geoclust.records.identity.decisions import Decisions, read_decisions
from geoclust.records.identity.finding import DECISION_DTYPES, find_duplicates

__all__ = ["DECISION_DTYPES", "Decisions", "find_duplicates", "read_decisions"]
