"""The map of a study for a notebook: the page's own map and cards, alone, in one document.

The document is the report in small: the same scripts, the same policy that allows them by hash and
nothing else from anywhere, the same escaping.  In a notebook it stands in a frame of its own
(`srcdoc`, sandboxed: it can neither see nor touch the notebook); elsewhere `save` writes it as a
file.  It needs no kernel and no network.
"""

import html
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geoclust.errors import ParameterError
from geoclust.report.opening import banners, map_words, opening
from geoclust.report.page import document
from geoclust.report.payload import page_data
from geoclust.report.writing import write_file

if TYPE_CHECKING:
    from geoclust.robustness import Robustness
    from geoclust.study import Study

LEAST_HEIGHT: Final = 300
"""Pixels below which map, buttons and legend no longer fit."""


@dataclass(frozen=True, eq=False, kw_only=True)
class StudyMap:
    """An interactive map of a study, complete in one HTML document."""

    document: str
    """HTML with data, scripts, styles and outlines of countries inside."""

    title: str
    """The study's name."""

    height: int
    """Of the frame in a notebook, pixels."""

    def save(self, path: str | Path) -> Path:
        """Write the document to a file, whole or not at all.

        Parameters
        ----------
        path
            The file, for example "map.html"; one that exists is replaced.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        write_file(Path(path), self.document.encode("utf-8"))
        return Path(path)

    def __repr__(self) -> str:
        megabytes = len(self.document.encode("utf-8")) / 1e6
        return f"<StudyMap of {self.title!r}: {megabytes:.1f} MB; save(path) makes a file of it>"

    def _repr_html_(self) -> str:
        return (
            f'<iframe title="{html.escape(self.title)}" srcdoc="{html.escape(self.document)}" '
            'sandbox="allow-scripts" referrerpolicy="no-referrer" style="display:block;width:100%;'
            f'height:{self.height}px;border:1px solid rgba(128,128,128,0.4)"></iframe>'
        )


def explore_map(
    study: "Study", *, robustness: "Robustness | None" = None, height: int = 680
) -> StudyMap:
    """An interactive map of a study: regions, records, ties, and a card for each region.

    The last value of a notebook cell shows itself; `save` makes a file of it.  The map needs no
    kernel once it is shown, and asks nothing of any network.  A notebook that is saved with it
    grows by its size, some 3 MB for a study of a thousand records.

    It is a function and not a method of `Study`, for the page knows the study and not the other
    way round.

    Parameters
    ----------
    study
        The study; left unchanged.
    robustness
        What the experiment on it found: the map then shows how firmly records belong, the cards
        how firm ranks and verdicts are.
    height
        Of the frame in a notebook, pixels.

    Returns
    -------
    StudyMap
        Shows itself in Jupyter, VS Code and marimo.

    Raises
    ------
    ParameterError
        If the height is too small for a map.

    Examples
    --------
    >>> import tempfile
    >>> import geoclust as gc
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder)
    ...     study = gc.run_study(folder)
    ...     size = explore_map(study).save(f"{folder}/map.html").stat().st_size
    >>> 1e6 < size < 4e6
    True
    """
    if height < LEAST_HEIGHT:
        raise ParameterError(f"height is {height!r}; want at least {LEAST_HEIGHT} pixels")
    text = document(
        "explore.html.j2",
        page_data(study, robustness=robustness),
        alone=True,
        picture="",
        title=study.config.name,
        words=opening(study),
        map_words=map_words(study),
        banners=banners(study),
    )
    return StudyMap(document=text, title=study.config.name, height=height)
