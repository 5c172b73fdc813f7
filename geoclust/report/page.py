"""The page: one HTML file that works without a network.

Everything from data passes jinja2's autoescaping (`rendering`), or stands as JSON in a script
element that no browser runs, from which the page's own script sets text and never markup.
"""

import base64
import platform
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import geoclust
from geoclust.report import (
    collaborating,
    deciding,
    doubt,
    frontier,
    opening,
    ranking,
    sections,
    separating,
)
from geoclust.report.manifest import library_versions
from geoclust.report.payload import outlines, page_data, script_json, script_safe
from geoclust.report.rendering import asset, maplibre, markup, render_page

if TYPE_CHECKING:
    from geoclust.robustness import Robustness, Sensitivity
    from geoclust.study import Study

SCRIPTS = (
    *("printing.js", "core.js", "address.js", "csv.js", "sorting.js", "tables.js"),
    *("standing.js", "collaboration.js", "card.js", "symbols.js", "search.js"),
    *("frame.js", "overlays.js", "layers.js", "polar.js", "map.js"),
    *("plot.js", "pair.js", "start.js"),
)
"""The page's own scripts, in the order they run."""

HOW_TO = (
    "How firm ranks and verdicts are when records and choices are drawn anew was not asked. This "
    "page shows rank ranges, probabilities and what moves the ranks when it is made by"
)


def page_bytes(
    study: "Study",
    *,
    picture: bytes = b"",
    robustness: "Robustness | None" = None,
    sensitivity: "Sensitivity | None" = None,
) -> bytes:
    """The page of a study, UTF-8.

    Parameters
    ----------
    study
        The study; left unchanged.
    picture
        A PNG of the map, shown in print and where a browser cannot draw the live one.
    robustness, sensitivity
        What the experiments on the study found, where there were any.

    Returns
    -------
    bytes
        HTML with everything inside: scripts, styles, data, outlines of countries.
    """
    html = document(
        "report.html.j2",
        page_data(study, robustness=robustness),
        picture=base64.b64encode(picture).decode() if picture else "",
        **_context(study),
        **deciding.decisions(study),
        **_doubts(study, robustness, sensitivity),
    )
    return html.encode("utf-8")


def document(
    template: str,
    data: dict[str, Any],
    *,
    own_scripts: Sequence[str] = SCRIPTS,
    own_styles: Sequence[str] = ("page.css",),
    **context: Any,  # noqa: ANN401 - jinja2
) -> str:
    """One HTML document with everything inside: scripts, styles, data, outlines of countries.

    Parameters
    ----------
    template
        Of the document, with the map in it.
    data
        From `page_data`.
    own_scripts, own_styles
        Of the report's assets, in this order.
    context
        What else the template prints; escaped there.

    Returns
    -------
    str
        Text that can be written as UTF-8.
    """
    page = render_page(
        template,
        scripts=[maplibre("maplibre-gl.js"), "\n".join(asset(name) for name in own_scripts)],
        styles=[maplibre("maplibre-gl.css"), *(asset(name) for name in own_styles)],
        data=markup(script_json(data)),
        outlines=markup(script_safe(outlines())),
        version=geoclust.__version__,
        **context,
    )
    return page.decode()


def _context(study: "Study") -> dict[str, Any]:
    """What the template prints."""
    return {
        "alone": False,
        "study": study,
        "about": study.config.study,
        "title": study.config.name,
        **opening.opening_words(study),
        "ranking_words": ranking.ranking_words(study.scores.framework),
        "thin": ranking.marks_thin(study.scores),
        "thin_factors": ranking.marks_thin(study.factors),
        "top_tens": ranking.top_tens(study),
        "factors": ranking.factor_ranks(study),
        "factor_words": ranking.factor_words(study),
        "network_words": collaborating.network_words(study),
        "partners": collaborating.partners(study),
        "places": collaborating.places(study),
        "role_words": [
            (name, collaborating.ROLE_WORDS[role]) for role, name in collaborating.ROLES.items()
        ],
        "drivers": separating.drivers(study),
        "drivers_words": separating.drivers_words(study),
        "panels": frontier.frontier_panels(study),
        "frontier_numbers": frontier.frontier_numbers(study),
        "quasi": sections.quasi_clusters(study),
        "others": sections.other_regions(study),
        "coverage": sections.coverage(study),
        "sensitivity": sections.sensitivity(study),
        "knife": sections.knife_edges(study),
        "input_files": sections.input_files(study),
        "rejected": sections.frame_sheet("rejected", "Rejected rows", study.inputs.rejected),
        "ambiguous": sections.ambiguous(study),
        "notes": sections.frame_sheet("notes", "Notes on the input", study.inputs.notes),
        "missing": sections.missing_values(study),
        "settings": sections.frame_sheet("settings", "Settings and why", study.settings),
        "bars": sections.bars(study),
        "python": platform.python_version(),
        "libraries": library_versions(),
    }


def _doubts(
    study: "Study", robustness: "Robustness | None", sensitivity: "Sensitivity | None"
) -> dict[str, Any]:
    """What the template prints of experiments, and the ranking that shows them."""
    found: dict[str, Any] = {
        "robustness": robustness is not None,
        "ranking": ranking.ranking(study, robustness),
        "how_to": HOW_TO,
        "indices": None,
        "bias_words": [],
    }
    if robustness is not None:
        found |= {
            "draws": f"{len(robustness.draws):,}",
            "experiment": doubt.experiment_words(robustness),
            "bias_words": doubt.bias_words(robustness),
            "bias": doubt.bias(robustness),
            "statuses": doubt.statuses(study, robustness),
            "left_out": doubt.left_out(study, robustness),
            "dominance": doubt.dominance(study, robustness),
        }
    if sensitivity is not None:
        found["indices"] = doubt.indices(sensitivity)
        found["indices_words"] = doubt.indices_words(sensitivity)
    return found
