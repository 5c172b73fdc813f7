"""What the theme and Sphinx leave in the way of a screen reader, taken out of every page."""

import re
from typing import Any, Final

from docutils import nodes
from sphinx.application import Sphinx

SIGNATURE: Final = re.compile(r'<dt class="sig sig-object.*?</dt>', re.DOTALL)
LIST_TAGS: Final = {
    "<dl>": '<span class="signature-lines">',
    "</dl>": "</span>",
    "<dd>": '<span class="signature-line">',
    "</dd>": "</span>",
}


def setup(app: Sphinx) -> dict[str, Any]:
    """Mend every page, after the theme has made its parts."""
    app.connect("html-page-context", mend, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def mend(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: nodes.document | None
) -> None:
    """Name the toggles of the navigation, and let signatures of many lines be no lists of terms."""
    if "body" in context:
        context["body"] = SIGNATURE.sub(lambda found: _lines(found[0]), context["body"])
    make = context.get("generate_toctree_html")
    if make is None:
        return

    def named(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - the theme's own
        made = make(*arguments, **options)
        for toggle in made.find_all("summary") if hasattr(made, "find_all") else ():
            above = toggle.find_parent("li").find("a")
            toggle["aria-label"] = f"Pages below {above.get_text(strip=True)}"
        return made

    context["generate_toctree_html"] = named


def _lines(signature: str) -> str:
    """A signature whose parameters are lines, not definitions without a term."""
    for tag, plain in LIST_TAGS.items():
        signature = signature.replace(tag, plain)
    return signature
