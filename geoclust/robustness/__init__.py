"""How far a study's results hang on its records and choices.

The way through: `study.variation` (what varies, how far), `changing`, `schemes` and `resampling` (a
point of the unit cube to settings and records), `chain` (the whole chain there), `matching`,
`outcome`; `running`, `processes` and `checkpoint` do it many times; `experiment`, `summarising`
and `leaving` make the tables; `sobol` and `sensitivity` say what counts for most; `configured`
does it all as a study file says.

A sweep is another experiment: `settings` and `axes` (what may vary, and the grid of it), `forests`
(few for many settings), `swept` and `lots` (what settings come to), `grid_run` (all of them,
resumable), `plateaus` (where results hold still), `sweeping`.

Where coordinates are: `jittering` (spread within their precision), `centroids` (what hangs on it),
`bases` (patents at their inventors' or applicants' addresses).
"""

from geoclust.robustness.bases import Bases, compare_bases
from geoclust.robustness.centroids import Centroids, what_hangs_on_centroids
from geoclust.robustness.configured import remove_checkpoints, run_configured, sweep_beside
from geoclust.robustness.experiment import Robustness, run_robustness
from geoclust.robustness.jittering import jitter_records
from geoclust.robustness.leaving import dominance, leave_one_out
from geoclust.robustness.sensitivity import rank_sensitivity
from geoclust.robustness.sobol import Sensitivity, sobol_indices
from geoclust.robustness.sweeping import Sweep, sweep
from geoclust.study import Variation

__all__ = [
    "Bases",
    "Centroids",
    "Robustness",
    "Sensitivity",
    "Sweep",
    "Variation",
    "compare_bases",
    "dominance",
    "jitter_records",
    "leave_one_out",
    "rank_sensitivity",
    "remove_checkpoints",
    "run_configured",
    "run_robustness",
    "sobol_indices",
    "sweep",
    "sweep_beside",
    "what_hangs_on_centroids",
]
