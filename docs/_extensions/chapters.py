"""The notebooks as chapters of the site: found where they lie, and honest about not having run."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from sphinx.application import Sphinx
from sphinx.config import Config

SHORT: Final = ("02_clustering", "03_delineation")
"""Run in every build: seconds each, and what the pages on the method show."""

LONG: Final = ["notebooks/0[014-9]_*.ipynb"]
"""Run only with `-t every_notebook`: minutes together.  The tests run them all in any case."""

NOT_RUN: Final = """:::{note}
This build shows the chapter without its output, which takes minutes to make. With it:
`sphinx-build -t every_notebook docs docs/_build/html`; or open the notebook in Jupyter. The tests
run every chapter.
:::"""


def state(root: Path) -> str:
    """A name for the code and the data that chapters run on: their output is kept for these alone.

    Parameters
    ----------
    root
        Of the repository.

    Returns
    -------
    str
        Sixteen hexadecimal digits, of the names and bytes of every file of the package and samples.
    """
    digest = hashlib.sha256()
    for folder in ("geoclust", "data"):
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:16]


def setup(app: Sphinx) -> dict[str, Any]:
    """Link the folder of notebooks in, and mark those that this build does not run."""
    app.connect("config-inited", link)
    app.connect("source-read", mark)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def link(app: Sphinx, _config: Config) -> None:
    """`docs/notebooks` stands for `notebooks` beside `docs`: they run where they lie."""
    here = Path(app.srcdir) / "notebooks"
    if not here.exists():
        here.symlink_to(Path("..") / "notebooks", target_is_directory=True)


def mark(app: Sphinx, page: str, source: list[str]) -> None:
    """Say so in a chapter that is not run."""
    runs = app.config.nb_execution_mode != "off" and (
        app.tags.has("every_notebook") or page.removeprefix("notebooks/") in SHORT
    )
    if not page.startswith("notebooks/0") or runs:
        return
    notebook = json.loads(source[0])
    cell = {"cell_type": "markdown", "id": "not-run", "metadata": {}, "source": NOT_RUN}
    notebook["cells"].insert(1, cell)
    source[0] = json.dumps(notebook)
