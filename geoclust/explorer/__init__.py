"""The explorer: a study to drag, cut and save, in a browser or a notebook.

`bench` holds a study and the settings and edits tried on it; `scene` tells what a page draws of
it, and only what has changed; `forest` lays out the density hierarchy to click on; `widget` is the
page's component, the same in Jupyter, marimo and `geoclust explore`; `serving` shows it on a local
page that only this machine and whoever has its token can reach.
"""

from geoclust.explorer.bench import Bench
from geoclust.explorer.controls import Control, controls_of

__all__ = ["Bench", "Control", "controls_of"]
