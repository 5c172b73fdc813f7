"""Pages that work without a network: a template, its scripts and styles in one HTML file.

Everything from data passes jinja2's autoescaping.  A Content-Security-Policy allows the scripts
and styles of the file by their hashes and nothing else, from nowhere.
"""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2


def render_page(
    template: str,
    *,
    scripts: Sequence[str],
    styles: Sequence[str],
    **context: Any,  # noqa: ANN401 - a template prints anything
) -> bytes:
    """A page from a template of `geoclust/report/templates`, UTF-8.

    Parameters
    ----------
    template
        Its name.
    scripts, styles
        Whole texts of ours; the template prints them as they are.
    **context
        What the template prints; texts are escaped unless `markup` made them.

    Returns
    -------
    bytes
        HTML; the template has `policy`, `scripts` and `styles` besides.
    """
    html = (
        _environment()
        .get_template(template)
        .render(
            policy=content_policy(scripts, styles),
            styles=[markup(style) for style in styles],
            scripts=[markup(script) for script in scripts],
            **context,
        )
    )
    return html.encode("utf-8", errors="backslashreplace")


def content_policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """A Content-Security-Policy that allows these scripts and styles by hash, and no address.

    MapLibre runs its own code in workers made from blobs, hence `worker-src blob:`.

    Examples
    --------
    >>> content_policy(["a"], [])[:40]
    "default-src 'none'; script-src 'sha256-y"
    """
    return "; ".join(
        [
            "default-src 'none'",
            "script-src " + " ".join(map(_source, scripts)),
            "style-src " + " ".join(map(_source, styles)),
            "img-src data: blob:",
            "worker-src blob:",
            "child-src blob:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _environment() -> "jinja2.Environment":
    import jinja2  # noqa: PLC0415 - heavy

    return jinja2.Environment(
        loader=jinja2.PackageLoader("geoclust.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def markup(text: str) -> str:
    """Our own scripts, styles and escaped JSON: the only texts that are not escaped again."""
    from markupsafe import Markup  # noqa: PLC0415 - heavy

    return Markup(text)  # noqa: S704 - never text from data


@cache
def asset(name: str) -> str:
    """A file of `geoclust/report/assets`."""
    return (files("geoclust.report") / "assets" / name).read_text("utf-8")


@cache
def maplibre(name: str) -> str:
    """A file of MapLibre GL as the installed package `maplibre` brings it (BSD-3-Clause)."""
    found = find_spec("maplibre")  # looked up, not imported: only its files are wanted
    folder = Path((found.submodule_search_locations or [""])[0]) if found else Path()
    text = (folder / "srcjs" / name).read_text("utf-8")
    return text.replace("\r\n", "\n").replace("</script", "<\\/script")
