"""A study written out: tables, a page, figures and a manifest.  Computes nothing.

`write_study` writes everything, whole or not at all; `reserved` holds an output folder for a run
that has not computed yet, so that a second run into it is refused before it works in vain;
`explore_map` shows the page's map alone, in a notebook.

At this level lie the page of a run and its figures, `writing` and the `manifest`.  Each other
result has a room of its own, laid out alike (tables, figures, page, `writing`, `terminal`):
`comparing`, `timing`, `sweeping`, `robustness`, `addresses`.  Under them: `tables` (a study's
tables as files), `stores` (the same in databases), `terminal` (what every command prints) and
`folders` (one output folder, locked, then placed whole or not at all).
"""

from geoclust.report.comparing import summarise_comparison, write_comparison
from geoclust.report.exploring import StudyMap, explore_map
from geoclust.report.folders.reserving import Reservation, reserved
from geoclust.report.robustness.tables import summarise_robustness
from geoclust.report.stores.publishing import publish_study
from geoclust.report.summary import summarise, summarise_inputs
from geoclust.report.writing import check_results, write_faults, write_study
from geoclust.study.guarded import guard_text, unguard_text

__all__ = [
    "Reservation",
    "StudyMap",
    "check_results",
    "explore_map",
    "guard_text",
    "publish_study",
    "reserved",
    "summarise",
    "summarise_comparison",
    "summarise_inputs",
    "summarise_robustness",
    "unguard_text",
    "write_comparison",
    "write_faults",
    "write_study",
]
