"""The explorer: a study to drag, cut and save, in a browser or a notebook.

`bench` holds a study and the settings and edits tried on it; `scene` tells what a page draws of
it, and only what has changed; `forest` lays out the density hierarchy to click on; `widget` is the
page's component, the same in Jupyter, marimo and `geoclust explore`; `serving` shows it on a local
page that only this machine and whoever has its token can reach.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from geoclust.errors import ParameterError
from geoclust.explorer.bench import Bench
from geoclust.explorer.controls import Control, controls_of

if TYPE_CHECKING:
    from pathlib import Path

    from geoclust.explorer.widget import Explorer
    from geoclust.study import Study, StudyConfig

__all__ = ["Bench", "Control", "controls_of", "explore"]


def explore(study: "Study | StudyConfig | str | Path", *, static: bool = True) -> "Explorer":
    """A study to explore in a notebook: settings dragged, the hierarchy clicked, regions edited.

    The last value of a cell of Jupyter, VS Code or marimo shows itself.  What was done is at hand
    as ``explore(study).bench``: its `config`, `edits`, `found()` and `save()`.

    Parameters
    ----------
    study
        A finished study, or what `run_study` takes.
    static
        Keep the study's map (see `explore_map`) beside it, for readers without a kernel: a
        notebook that is saved grows by its size, some 3 MB.

    Returns
    -------
    Explorer
        The same component as the page of ``geoclust explore``.

    Raises
    ------
    ParameterError
        If anywidget is not installed.

    Examples
    --------
    >>> import tempfile
    >>> import geoclust as gc
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder)
    ...     explorer = explore(folder)
    >>> explorer.bench.set({"clustering.min_cluster_size": 30})
    >>> len(explorer.bench.found().regions)
    1
    """
    if find_spec("anywidget") is None:
        raise ParameterError("explore needs anywidget: pip install 'geoclust[explore]'")
    from geoclust.explorer.widget import Explorer  # noqa: PLC0415 - an extra

    return Explorer(Bench(study), static=static)
