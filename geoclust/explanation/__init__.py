"""One number -> its formula, the records, ties and places counted, its settings and sources.

Explanation works from `Evidence`, what went into a study and what it reported, and never from the
number it explains: each is worked out anew, by another way than the study's, and compared.
"""

from geoclust.explanation.asking import audit_region, explain, explainable
from geoclust.explanation.evidence import Evidence
from geoclust.explanation.outcome import Explanation
from geoclust.explanation.recorded import explain_record
from geoclust.explanation.working import Listing

__all__ = [
    "Evidence",
    "Explanation",
    "Listing",
    "audit_region",
    "explain",
    "explain_record",
    "explainable",
]
