"""The page of a sweep: one HTML file that works without a network."""

import base64
import platform
from typing import TYPE_CHECKING, Any

import geoclust
from geoclust.report.manifest import library_versions
from geoclust.report.rendering import asset, render_page
from geoclust.report.sweeping import sheets
from geoclust.report.sweeping.plots import short_name
from geoclust.report.words import listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geoclust.robustness.sweeping import Sweep

HEAT: str = "figures/heat_maps.svg"
MAPS: str = "figures/maps.png"


def sweep_page(sweep: "Sweep", figures: "Mapping[str, bytes]") -> bytes:
    """The page of a sweep, UTF-8.

    Parameters
    ----------
    sweep
        The sweep; left unchanged.
    figures
        Its files so far, by name: figures are put into the page.

    Returns
    -------
    bytes
        HTML with everything inside.
    """
    heading = listed([short_name(axis.key) for axis in sweep.axes])
    return render_page(
        "sweep.html.j2",
        scripts=[asset("csv.js") + asset("sorting.js") + "saving.start();\nsorting.start();\n"],
        styles=[asset("page.css"), asset("plates.css")],
        title=f"{sweep.study.config.name}: sweep of {heading}",
        study=sweep.study.config.name,
        heading=heading,
        opening=sheets.opening(sweep),
        figures=sheets.key_figures(sweep),
        banners=sheets.banners(sweep),
        notes=sweep.remarks,
        advice=sheets.advice(sweep),
        level=f"{sweep.level:g}",
        min_shared=f"{100 * sweep.min_shared:g} %",
        steps=sheets.steps_sheet(sweep),
        pictures=_pictures(sweep, figures),
        maps=base64.b64encode(figures[MAPS]).decode(),
        maps_words=sheets.maps_words(sweep),
        regions=sheets.regions_sheet(sweep),
        settings=sheets.settings_sheet(sweep),
        measures=sheets.measure_words(),
        judged=sheets.judged_words(),
        files=sorted(name for name in figures if "/" not in name),
        version=geoclust.__version__,
        python=platform.python_version(),
        libraries=library_versions(),
    )


def _pictures(sweep: "Sweep", figures: "Mapping[str, bytes]") -> list[dict[str, Any]]:
    found = []
    if HEAT in figures:
        caption = (
            f"{sweep.axes[0].key} down, {sweep.axes[1].key} across; the study's own is framed."
            if sweep.own is not None
            else f"{sweep.axes[0].key} down, {sweep.axes[1].key} across."
        )
        found.append(_picture(caption, figures[HEAT]))
    for axis in sweep.axes:
        name = f"figures/{line_name(axis.key)}.svg"
        if name in figures:
            found.append(_picture(f"Along {axis.key}.", figures[name]))
    return found


def _picture(caption: str, content: bytes) -> dict[str, Any]:
    words = f"{caption} All numbers are in the table of settings below."
    return {"caption": caption, "words": words, "content": base64.b64encode(content).decode()}


def line_name(key: str) -> str:
    """Name of the figure along one setting, safe as a file's.

    Examples
    --------
    >>> line_name("thresholds.criteria.kinds of organisation.target")
    'along_thresholds_criteria_kinds_of_organisation_target'
    """
    return "along_" + "".join(letter if letter.isascii() and letter.isalnum() else "_"
                              for letter in key)  # fmt: skip
