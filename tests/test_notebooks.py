"""Every notebook runs from a clean checkout and leaves no error; the series is whole and unrun."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
SERIES = (
    "00_walk_through",
    "01_records",
    "02_clustering",
    "03_delineation",
    "04_judgement",
    "05_network",
    "06_scoring",
    "07_robustness",
    "08_redrawing",
    "09_where_it_fails",
)


def test_the_series_is_whole_and_the_readme_names_it():
    assert [path.stem for path in NOTEBOOKS] == list(SERIES)
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    assert [name for name in SERIES if f"notebooks/{name}.ipynb" not in readme] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_its_outputs(path):
    """Outputs would go stale, and hold whatever the data say."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell for cell in code if cell.outputs or cell.execution_count] == []
    assert notebook.cells[0].source.startswith(f"# {path.stem[:2]} ")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path):
    run(path)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_where_it_fails_says_so_and_goes_on_without_the_registry(tmp_path):
    root = Path(__file__).parents[1]
    (tmp_path / "deeper").mkdir()  # so that ../shared is not there
    for folder in ("notebooks", "data"):
        shutil.copytree(root / folder, tmp_path / "deeper" / folder)
    notebook = run(tmp_path / "deeper" / "notebooks" / "09_where_it_fails.ipynb")
    told = [output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("is not here: the bundled sample is used instead" in text for text in told)


def run(path):
    """The notebook with its outputs, among them a figure and nothing on standard error."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": path.parent}})
    client.execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 1
    assert not [o for o in outputs if o.output_type == "stream" and o.name == "stderr"]
    assert not [o for o in outputs if "application/vnd.jupyter.stderr" in o.get("data", {})]
    return notebook
