"""A timeline as a folder: tables, figures, one page, a manifest; whole or not at all."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geoclust.report.folders.reserving import Reservation, reserved
from geoclust.report.manifest import manifest_with, plain_rows
from geoclust.report.tables.files import csv_bytes
from geoclust.report.timing.figures import timeline_figures
from geoclust.report.timing.page import timeline_page
from geoclust.report.writing import Written, by_themselves, write_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from geoclust.timeline import Timeline

PAGE: Final = "timeline.html"


def write_timeline(found: "Timeline", out: "str | Path | Reservation") -> Path:
    """Write a timeline's tables, figures, page and manifest into a folder.

    Parameters
    ----------
    found
        What `run_timeline` returned; left unchanged.
    out
        The folder, as of `write_study`; or a `Reservation` of it.

    Returns
    -------
    Path
        The folder, with `timeline.html`, `timeline.csv` (a row per region and window),
        `tracks.csv` (a row per region), `steps.csv` (what became of each region from window to
        window), `windows.csv`, `figures/`, `study.toml` and `manifest.json`.

    Raises
    ------
    ParameterError, OutputError
        As `write_study`.

    Examples
    --------
    >>> import geoclust as gc, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder)
    ...     found = gc.run_timeline(folder, windows=("2008-2015", "2016-2024"))
    ...     out = write_timeline(found, f"{folder}/timeline")
    ...     (out / "timeline.csv").is_file()
    True
    """
    with reserved(out) as held:
        return _write_into(found, held.folder)


def _write_into(found: "Timeline", folder: Path) -> Path:
    tables: dict[str, Callable[[], bytes]] = {
        "study.toml": lambda: found.config.to_toml(folder=folder).encode("utf-8", "replace"),
        "timeline.csv": partial(csv_bytes, found.table, index=False),
        "tracks.csv": partial(csv_bytes, found.tracks),
        "steps.csv": partial(csv_bytes, found.steps, index=False),
        "windows.csv": partial(csv_bytes, found.windows),
    }

    def page(written: Written) -> bytes:
        return timeline_page(found, written)

    contents = by_themselves({**tables, **timeline_figures(found)})
    return write_files(
        folder,
        {**contents, PAGE: page},
        lambda made: manifest_with(summarise_timeline(found), made),
    )


def summarise_timeline(found: "Timeline", out: str | Path | None = None) -> dict[str, Any]:
    """A timeline in a few numbers, as plain values ready for JSON.

    Parameters
    ----------
    found
        The timeline.
    out
        Folder it was written to, if it was.

    Returns
    -------
    dict
        `timeline` (name of the study), `followed_by`, `windows` (counts of each), `tracks` (how
        many, alive, in all windows), `warnings` and, if given, `out` and `report`.
    """
    tracks = found.tracks
    summary: dict[str, Any] = {
        "timeline": found.config.name,
        "followed_by": found.followed_by,
        "windows": plain_rows(found.windows.reset_index()),
        "tracks": {
            "all": len(tracks),
            "alive": int((tracks["ended"] == "alive").sum()),
            "in_all_windows": int((tracks["windows"] == len(found.windows)).sum()),
        },
        "warnings": list(found.remarks),
    }
    if out is not None:
        summary |= {"out": str(out), "report": str(Path(out) / PAGE)}
    return summary
