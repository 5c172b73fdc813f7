"""Parts of pages made from the program itself, and links that hold in the repository and here.

A line `<!-- generated: NAME -->` in a page is replaced before the page is read.  Links to the
notebooks lead to the chapters of the site.
"""

import posixpath
import re
from typing import Any, Final

import columns
import commands
import settings
from sphinx.application import Sphinx

MAKERS: Final = {
    "commands": commands.text,
    "settings": settings.text,
    "batch-settings": settings.batch_text,
    "input-columns": columns.input_text,
    "result-files": columns.result_text,
    "indicators": columns.indicator_text,
}
PART: Final = re.compile(r"^<!-- generated: ([\w-]+) -->$", re.MULTILINE)
LINK: Final = re.compile(r"\[([^\]]+)\]\((?!\w+:)([^)#\s]+)\.ipynb\)")


def setup(app: Sphinx) -> dict[str, Any]:
    """Replace what is to be replaced in every page and docstring as it is read."""
    app.connect("source-read", fill)
    app.connect("autodoc-process-docstring", plain_references, priority=400)  # before napoleon
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def fill(_app: Sphinx, page: str, source: list[str]) -> None:
    """Put generated parts in, and point links to notebooks to the site's chapters."""
    if page.startswith("notebooks/"):
        return
    text = PART.sub(lambda found: MAKERS[found[1]](), source[0])
    source[0] = LINK.sub(lambda found: chapter(page, found[1], found[2]), text)


def chapter(page: str, words: str, target: str) -> str:
    """A link to a notebook as written in the repository, as the site has it.

    A page `commands` may link to `../notebooks/02_clustering`, which lies outside `docs`.
    """
    whole = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page), target))
    return f"{{doc}}`{words} </{whole}>`"


def plain_references(*arguments: Any) -> None:  # noqa: ANN401 - Sphinx's
    """References of a docstring as a numbered list: as footnotes, those of one page would clash."""
    lines: list[str] = arguments[-1]
    for at, line in enumerate(lines):
        numbered = re.sub(r"^( *)\.\. \[(\d+)\] ", r"\1\2. ", line)
        lines[at] = re.sub(r"\[(\d+)\]_", r"[\1]", numbered)
