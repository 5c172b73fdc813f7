"""A sweep written out: tables, figures, one page and a manifest; and in a few numbers."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from geoclust.report.figures import figure_files
from geoclust.report.folders.reserving import Reservation, reserved
from geoclust.report.manifest import manifest_of, plain, plain_rows
from geoclust.report.sweeping import plots
from geoclust.report.sweeping.page import line_name, sweep_page
from geoclust.report.tables.files import csv_bytes
from geoclust.report.writing import by_themselves, write_files
from geoclust.robustness.axes import value_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from geoclust.robustness.sweeping import Sweep


def write_sweep(sweep: "Sweep", out: str | Path | Reservation) -> Path:
    """Write a sweep's tables, figures, page and manifest into a folder.

    Parameters
    ----------
    sweep
        What `geoclust.sweep` returned; left unchanged.
    out
        The folder: new, empty, or written by geoclust before (then replaced as a whole; files of
        other origin in it are kept).  Or a `Reservation` of it.

    Returns
    -------
    Path
        The folder.  It holds `sweep.csv` (a row per setting), `sweep_regions.csv` (the study's
        regions: in which share of settings each is there, and as what), `sweep_found.csv` (every
        region of every setting), `sweep_steps.csv`, `sweep_ranges.csv`, `sweep.html`, `figures/`
        and `manifest.json`, which names and checksums all of them.

    Raises
    ------
    ParameterError
        If `out` is a file, holds files but no manifest of geoclust, or is being written by
        another run.
    OutputError
        If a file cannot be written; what was in `out` before is untouched.

    Examples
    --------
    >>> import geoclust as gc, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder)
    ...     found = gc.sweep(folder, vary={"delineation.reach_km": [5, 10]})
    ...     sorted(path.name for path in write_sweep(found, f"{folder}/out").glob("sweep*"))
    ['sweep.csv', 'sweep.html', 'sweep_found.csv', 'sweep_ranges.csv', 'sweep_regions.csv', \
'sweep_steps.csv']
    """
    with reserved(out) as reservation:
        return _write_into(sweep, reservation.folder)


def _write_into(sweep: "Sweep", folder: Path) -> Path:
    contents = {
        **by_themselves({**_tables(sweep), **_figures(sweep)}),
        "sweep.html": lambda written: sweep_page(sweep, written),
    }
    return write_files(folder, contents, lambda made: manifest_of(sweep.study, made) | facts(sweep))


def _tables(sweep: "Sweep") -> dict[str, Callable[[], bytes]]:
    settings = sweep.settings.copy()
    for axis in sweep.axes:
        if not axis.ordered:
            settings[axis.key] = [value_words(value) for value in settings[axis.key]]
    return {
        "sweep.csv": partial(csv_bytes, settings),
        "sweep_regions.csv": partial(csv_bytes, sweep.regions),
        "sweep_found.csv": partial(csv_bytes, sweep.found, index=False),
        "sweep_steps.csv": partial(csv_bytes, sweep.steps, index=False),
        "sweep_ranges.csv": partial(csv_bytes, sweep.ranges),
    }


def _figures(sweep: "Sweep") -> dict[str, Callable[[], bytes]]:
    draws: dict[str, Callable[[], Figure]] = {}
    if len(sweep.axes) == 2:  # noqa: PLR2004 - a plane
        draws["heat_maps"] = partial(plots.draw_heat_maps, sweep)
    for axis in sweep.axes:
        if len(axis.values) > 1:
            draws[line_name(axis.key)] = partial(plots.draw_lines, sweep, axis)
    draws["maps"] = partial(plots.draw_small_maps, sweep)
    return figure_files(draws)


def facts(sweep: "Sweep") -> dict[str, Any]:
    """What the manifest and scripts are told of a sweep, as plain values."""
    run = sweep.settings[sweep.settings["note"] == ""]
    return {
        "sweep": {
            "varied": {
                axis.key: {
                    "values": [plain_value(value) for value in axis.values],
                    "own": plain_value(axis.own),
                }
                for axis in sweep.axes
            },
            "settings": len(sweep.settings),
            "run": len(run),
            "own_setting": sweep.own,
            "level": sweep.level,
            "min_shared": sweep.min_shared,
            "remarks": sweep.remarks,
            "advice": sweep.advice,
            "seconds": round(sweep.seconds, 3),
        }
    }


def plain_value(value: object) -> Any:  # noqa: ANN401 - a value of a setting
    """A value as JSON knows it; what is not finite in words.

    Examples
    --------
    >>> plain_value(float("inf")), plain_value(None), plain_value(5)
    ('inf', None, 5)
    """
    known = plain(value)
    return value_words(value) if known is None and value is not None else known


def summarise_sweep(sweep: "Sweep", out: str | Path | None = None) -> dict[str, Any]:
    """What a sweep found, as plain values ready for JSON.

    Parameters
    ----------
    sweep
        What `geoclust.sweep` returned.
    out
        Folder it was written to, if it was.

    Returns
    -------
    dict
        `study`, `sweep` (what was varied, the advice), `settings`, `regions` and `ranges` (rows
        of the tables) and, if given, `out` and `report`.
    """
    settings = sweep.settings.reset_index()
    rows = plain_rows(settings)
    for axis in sweep.axes:
        for row, value in zip(rows, settings[axis.key], strict=True):
            row[axis.key] = plain_value(value)
    summary: dict[str, Any] = {
        "study": sweep.study.config.name,
        **facts(sweep),
        "settings": rows,
        "regions": plain_rows(pd.DataFrame(sweep.regions.reset_index())),
        "ranges": plain_rows(sweep.ranges.reset_index()),
    }
    if out is not None:
        summary |= {"out": str(out), "report": str(Path(out) / "sweep.html")}
    return summary
