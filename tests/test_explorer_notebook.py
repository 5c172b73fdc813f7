"""The explorer in live notebooks, in a real browser; and what a reader without a kernel sees.

JupyterLab is some forty packages: whoever has one names its `jupyter-lab` in GEOCLUST_JUPYTER_LAB,
as `.ci/full` does; it needs no more than to stand anywhere, the kernel is that of the tests.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest

import geoclust as gc
from geoclust.explorer import Bench

pytestmark = pytest.mark.browser

ROOT = ".gc-explorer"
CELL = "import geoclust as gc\nexplorer = gc.explore({study!r}, static={static})\nexplorer"
NAME = "clustering.min_cluster_size"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("noted")
    gc.synthetic.write_toy_world(folder, seed=2)
    (folder / "study.toml").write_text("[clustering]\nmin_cluster_size = 8\n")
    return folder / "study.toml"


@contextmanager
def served(command, port, **more):
    """A server of our own until the block is left."""
    environment = {**os.environ, **more}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        deadline = time.monotonic() + 120
        while True:
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=60)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def notebook(study, *, static):
    cell = nbformat.v4.new_code_cell(CELL.format(study=str(study), static=static))
    made = nbformat.v4.new_notebook(cells=[cell])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return made


def drive(page, study):
    """Drag a slider there and back; what the page shows is what the bench finds."""
    bench = Bench(study)
    page.wait_for_selector(f'{ROOT}[data-shown="all"]', timeout=180_000)
    root = page.locator(ROOT)
    for size in (30, 8):
        bench.set({NAME: size})
        status = bench.found().judged["status"].value_counts()
        wanted = [int(status.get(one, 0)) for one in ("cluster", "quasi-cluster", "none")]
        before = root.get_attribute("data-scene")
        slider = page.locator(f'input[name="{NAME}"]')
        slider.evaluate("(n, v) => { n.value = v; n.dispatchEvent(new Event('change')); }", size)
        deadline = time.monotonic() + 60
        while root.get_attribute("data-scene") == before:
            assert time.monotonic() < deadline
            page.wait_for_timeout(50)
        told = page.locator(".gc-counts b").all_inner_texts()
        assert [int(text) for text in told[:3]] == wanted
    assert page.locator(f"{ROOT} canvas.maplibregl-canvas").count() == 1


@contextmanager
def opened(browser, address):
    """A page, and in the end the assurance that it asked nobody but its own server."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    yield page
    page.close()
    hosts = {url.split("/")[2] for url in asked if not url.startswith(("data:", "blob:"))}
    assert hosts <= {address.split("/")[2]}


def test_in_a_marimo_notebook(browser, study, tmp_path):
    """A notebook of the reader's own, not our page."""
    text = CELL.format(study=str(study), static=False).replace("\n", "\n    ")
    app = tmp_path / "own.py"
    head = "import marimo\napp = marimo.App()\n@app.cell\ndef _():\n    "
    app.write_text(f"{head}{text}\n    return\n")
    port, token = free_port(), secrets.token_urlsafe(16)
    command = [sys.executable, "-m", "marimo", "run", app, "--headless", "--port", str(port)]
    command += ["--host", "127.0.0.1", "--no-check", "--token", "--token-password", token]
    with (
        served(command, port),
        opened(browser, f"http://127.0.0.1:{port}/?access_token={token}") as page,
    ):
        drive(page, study)


@pytest.mark.slow
def test_in_jupyter_lab(browser, study, tmp_path):
    lab = os.environ.get("GEOCLUST_JUPYTER_LAB") or shutil.which("jupyter-lab")
    if lab is None:
        pytest.skip("no JupyterLab; GEOCLUST_JUPYTER_LAB names none")
    nbformat.write(notebook(study, static=False), tmp_path / "explore.ipynb")
    port, token = free_port(), secrets.token_urlsafe(16)
    command = [lab, "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", f"--IdentityProvider.token={token}"]
    command += [f"--ServerApp.root_dir={tmp_path}", "--LabApp.news_url="]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    shared = Path(sys.prefix) / "share" / "jupyter"  # the kernel and the widgets of the tests
    address = f"http://127.0.0.1:{port}/lab/tree/explore.ipynb?token={token}"
    with (
        served(command, port, JUPYTER_PATH=str(shared), HOME=str(tmp_path)),
        opened(browser, address) as page,
    ):
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=120_000)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        drive(page, study)


def test_without_a_kernel_the_map_stands_there(browser, study, tmp_path):
    """The output of an executed notebook, as any viewer without widgets shows it."""
    from nbclient import NotebookClient

    made = notebook(study, static=True)
    NotebookClient(made, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    data = made.cells[0].outputs[-1]["data"]
    assert "application/vnd.jupyter.widget-view+json" in data
    path = tmp_path / "shown.html"
    path.write_text("<!doctype html><meta charset=utf-8>" + data["text/html"], "utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("canvas").first.wait_for(timeout=120_000)
    page.close()
