"""A study in windows of years, its regions followed through them.

`slicing` says which records and ties count in a window; `walking` runs the study there;
`following` says which region is which of the window before, and makes tracks of them;
`running` puts it together.
"""

from geoclust.timeline.outcome import Timeline
from geoclust.timeline.running import run_timeline

__all__ = ["Timeline", "run_timeline"]
