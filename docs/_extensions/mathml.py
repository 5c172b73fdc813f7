"""Formulas as MathML, which browsers draw by themselves: no script, no font from elsewhere."""

from html import escape
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer under the name `mathml`."""
    app.add_html_math_renderer("mathml", inline_renderers=(inline, None),
                               block_renderers=(block, None))  # fmt: skip
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def inline(writer: Any, node: nodes.math) -> None:  # noqa: ANN401 - Sphinx's writer
    """A formula in a line."""
    writer.body.append(convert(node.astext()))
    raise nodes.SkipNode


def block(writer: Any, node: nodes.math_block) -> None:  # noqa: ANN401 - Sphinx's writer
    """A formula of its own; wider ones than the page can be scrolled, by keyboard too."""
    formula = convert(node.astext(), display="block")
    label = escape(" ".join(node.astext().split()))
    writer.body.append(
        f'<div class="formula" tabindex="0" role="group" aria-label="{label}">{formula}</div>\n'
    )
    raise nodes.SkipNode
