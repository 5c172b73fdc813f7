"""The page of a timeline: one HTML file that works without a network."""

import base64
import platform
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

import geoclust
from geoclust.report.cells import Cell, Column, Sheet, number_cell, rank_cell
from geoclust.report.manifest import library_versions
from geoclust.report.rendering import asset, render_page
from geoclust.report.timing.figures import MOST_TRACKS
from geoclust.report.timing.words import FATE_WORDS, followed_words, life, opening
from geoclust.report.words import MISSING, STATUS_WORDS, counted, country_words, text_or

if TYPE_CHECKING:
    from geoclust.timeline import Timeline

PICTURES: Final = {
    "lives": "Each region in the windows it is in, larger where it is heavier; violet lines lead "
    "into the region that took one in, and out of the one that it was part of.",
    "trajectories": "Ranks of the clusters from window to window; a line ends where a region is no "
    "cluster any more.",
    "counts": "Regions by verdict in each window.",
}


def timeline_page(found: "Timeline", figures: Mapping[str, bytes]) -> bytes:
    """The page of a timeline, UTF-8.

    Parameters
    ----------
    found
        The timeline; left unchanged.
    figures
        Files made so far, by name: figures are put into the page.

    Returns
    -------
    bytes
        HTML with everything inside.
    """
    return render_page(
        "timeline.html.j2",
        scripts=[asset("csv.js") + asset("sorting.js") + "saving.start();\nsorting.start();\n"],
        styles=[asset("page.css"), asset("plates.css")],
        title=f"{found.config.name}: through time",
        study=found.config.name,
        heading=f"{found.windows.index[0]} to {found.windows.index[-1]}",
        opening=opening(found),
        figures=_figures(found),
        remarks=found.remarks,
        pictures=_pictures(found, figures),
        windows=_windows(found),
        tracks=_tracks(found),
        steps=_steps(found),
        followed=followed_words(found),
        fate_words=FATE_WORDS,
        files=sorted(name for name in figures if "/" not in name),
        version=geoclust.__version__,
        python=platform.python_version(),
        libraries=library_versions(),
    )


def _figures(found: "Timeline") -> list[dict[str, str]]:
    windows = found.windows
    rows = (
        ("windows", len(windows)),
        ("regions followed", len(found.tracks)),
        ("in all windows", int((found.tracks["windows"] == len(windows)).sum())),
        ("born", int(windows["new"].sum())),
        ("died", int(windows["gone"].sum())),
        ("merged or split", int(windows[["merged", "split", "reshuffled"]].to_numpy().sum())),
    )
    return [{"label": label, "value": f"{value:,}"} for label, value in rows]


def _pictures(found: "Timeline", figures: Mapping[str, bytes]) -> list[dict[str, Any]]:
    more = len(found.tracks) - MOST_TRACKS
    told = []
    for name, caption in PICTURES.items():
        if f"figures/{name}.svg" not in figures:
            continue
        rest = f" {counted(more, 'further region')} in the table below." if more > 0 else ""
        words = caption + (rest if name == "lives" else "")
        content = base64.b64encode(figures[f"figures/{name}.svg"]).decode()
        told.append({"caption": words, "words": words, "content": content})
    return told


def _windows(found: "Timeline") -> Sheet:
    names = ["records", "ties", "regions", "clusters", "quasi_clusters", *FATE_WORDS]
    shown = [name for name in names if name not in FATE_WORDS or found.windows[name].any()]
    labels = {"quasi_clusters": "Quasi-clusters", "new": "New (born)", "gone": "Gone (died)"}
    columns = [Column("Window")]
    columns += [Column(labels.get(name, name.capitalize()), "number") for name in shown]
    rows = [
        [Cell(str(window)), *(number_cell(row[name], "count") for name in shown)]
        for window, row in found.windows.iterrows()
    ]
    return Sheet("windows", "The study in each window", columns, rows)


def _tracks(found: "Timeline") -> Sheet:
    columns = [
        Column("Region"),
        Column("Country"),
        Column("Windows", "number"),
        Column("Life", wide=True),
        Column("Best rank", "number", rising=True),
        Column("Last verdict"),
        Column("Greatest weight", "number"),
    ]
    names = found.tracks["name"].to_dict()
    rows = [
        [
            Cell(str(row["name"]), str(row["name"]).casefold()),
            Cell(country_words(row["country"])),
            number_cell(row["windows"], "count"),
            Cell(life(row, names), str(row["first"])),
            rank_cell("" if pd.isna(row["best_rank"]) else str(row["best_rank"]), row["best_rank"]),
            Cell(STATUS_WORDS.get(text_or(row["last_status"]), MISSING)),
            number_cell(row["peak_weight"]),
        ]
        for row in found.tracks.to_dict("records")
    ]
    return Sheet("tracks", "Regions through time, those that lasted longest first", columns, rows)


def _steps(found: "Timeline") -> Sheet:
    columns = [
        Column(label) for label in ("From", "To", "Region", "Fate", "Together with, or also")
    ]
    names = found.tracks["name"].to_dict()
    ends = zip(found.table["window"], found.table["region_id"], strict=True)
    of_region = dict(zip(ends, found.table["name"].astype(str), strict=True))
    changed = found.steps[found.steps["fate"] != "kept"]
    rows = []
    for row in changed.itertuples():
        into = [of_region.get((str(row.to_window), one), one) for one in _ids(row.also_into)]
        from_ = [of_region.get((str(row.from_window), one), one) for one in _ids(row.also_from)]
        also = [f"into {', '.join(into)}"] if into else []
        also += [f"from {', '.join(from_)}"] if from_ else []
        cells = (row.from_window, row.to_window, names[row.track], row.fate, "; ".join(also))
        rows.append([Cell(str(cell)) for cell in cells])
    return Sheet("steps", "What changed from one window to the next", columns, rows)


def _ids(joined: object) -> list[str]:
    return [one for one in str(joined).split("; ") if one]
