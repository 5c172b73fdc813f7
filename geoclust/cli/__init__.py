"""The command: arguments to a study, a study to a folder.  A translation, no logic.

One module a command (`run`, `robustness`, `check`, `publish`, `start`); `main` calls them and turns
what they raise into an exit status: 0 done (also with rejected rows, or with no region found, each
with a warning), 1 a fault of ours, 2 the user's input or configuration, 3 a batch finished with
failures, 6 writing, 130 interrupted.
"""

from geoclust.cli.app import app
from geoclust.cli.main import main

__all__ = ["app", "main"]
