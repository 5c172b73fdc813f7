"""How the documentation site is built: `sphinx-build -W docs docs/_build/html`, without a network.

Built with `-t every_notebook`, all chapters are run for their output; else only the short ones are,
and the others say that they were not (`_extensions/chapters.py`).
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE / "_extensions"), str(ROOT)]

import chapters  # noqa: E402 - of _extensions

import geoclust  # noqa: E402

project = "geoclust"
author = "The geoclust developers"
copyright = "The geoclust developers, BSD-3-Clause"  # noqa: A001 - Sphinx's word
version = release = geoclust.__version__
language = "en-GB"

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "matplotlib.sphinxext.plot_directive",
    "myst_nb",
    "sphinx_design",
    "mathml",
    "generated",
    "chapters",
    "barriers",
]
exclude_patterns = ["_build", "_extensions", "notebooks/.ipynb_checkpoints"]
default_role = "code"

# -- pages in Markdown
myst_enable_extensions = [
    "colon_fence",
    "deflist",
    "dollarmath",
    "amsmath",
    "fieldlist",
    "attrs_inline",
]
myst_heading_anchors = 3
myst_links_external_new_tab = False
nb_render_markdown_format = "myst"
suppress_warnings = [
    "myst.header"
]  # the page of measurements, written by its script, skips a level

# -- notebooks; widgets and their scripts from elsewhere are not wanted
nb_execution_mode = "cache"
nb_execution_cache_path = str(HERE / "_build" / "chapters" / chapters.state(ROOT))
nb_execution_excludepatterns = [] if tags.has("every_notebook") else chapters.LONG  # noqa: F821
nb_execution_raise_on_error = True
nb_execution_timeout = 600
nb_ipywidgets_js = {}
nb_merge_streams = True

# -- functions
autosummary_generate = False
autodoc_default_options = {"member-order": "bysource", "inherited-members":
                           "BaseModel, tuple, dict, Exception, BaseException, Warning",
                           "exclude-members": "model_config"}  # fmt: skip
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_rtype = False
maximum_signature_line_length = 80
python_display_short_literal_types = True
python_use_unqualified_type_names = True
toc_object_entries = False
add_module_names = False

# -- pictures drawn while building
plot_basedir = str(HERE)
plot_formats = [("svg", 100)]
plot_html_show_formats = False
plot_html_show_source_link = False
plot_include_source = False
plot_rcparams = {
    "figure.figsize": (7.2, 3.6),
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "geoclust",
    "font.family": "sans-serif",
    "savefig.bbox": "tight",
}
plot_apply_rcparams = True

# -- the site
html_theme = "pydata_sphinx_theme"
html_title = f"geoclust {release}"
html_static_path = ["_static"]
html_css_files = ["geoclust.css"]
html_math_renderer = "mathml"
html_show_sourcelink = False
html_copy_source = False
html_show_search_summary = False  # it would fetch pages, which files opened from a disk may not
html_domain_indices = False
html_context = {"default_mode": "auto"}
html_favicon = "_static/geoclust.svg"
html_sidebars = {"changelog": [], "citation": [], "glossary": []}
html_theme_options = {
    "logo": {"text": "geoclust", "image_light": "_static/geoclust.svg",
             "image_dark": "_static/geoclust.svg", "alt_text": ""},
    "header_links_before_dropdown": 5,
    "navbar_end": ["theme-switcher"],
    "navbar_align": "left",
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "back_to_top_button": False,
    "navigation_with_keys": False,
    "show_nav_level": 1,
    "collapse_navigation": True,
}  # fmt: skip
