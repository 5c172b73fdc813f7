"""Settings of the test run: deterministic property tests; no silent skips where none may be."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from postgres_server import Server

settings.register_profile(
    "geoclust",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("geoclust")

ROOT = Path(__file__).parents[1]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: many tests wait for a browser, a server, a process."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long proofs may take as long as they need."""
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.timeout(0))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real data sets beside the project; skips where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data sets (../shared/data) are not on this machine")
    return folder


@pytest.fixture(scope="module")
def launch() -> Iterator["Callable[..., Browser]"]:
    """Starts Chromium, `args=` as given; skips where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api")
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.skip("there is no chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        yield partial(playwright.chromium.launch, executable_path=executable)


@pytest.fixture(scope="module")
def browser(launch: "Callable[..., Browser]") -> Iterator["Browser"]:
    """A running Chromium that can draw maps."""
    from browsers import ARGUMENTS

    with launch(args=list(ARGUMENTS)) as found:
        yield found


@pytest.fixture(scope="session")
def postgres_server() -> Iterator["Server"]:
    """A running PostgreSQL with PostGIS of the tests' own; skips where none is installed."""
    from postgres_server import Server, find_binaries

    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL with PostGIS (Debian: postgresql postgresql-15-postgis-3)")
    server = Server(binaries)
    try:
        server.start()
        server.make_database()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def batch_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A batch of three small invented countries."""
    from batches import write_countries

    return write_countries(tmp_path_factory.mktemp("batch"))


@pytest.fixture(scope="session")
def batch_done(batch_file: Path) -> tuple[subprocess.CompletedProcess[str], Path]:
    """The command's own run of it on two processes, undisturbed, and its folder."""
    out = batch_file.parent / "whole"
    command = [sys.executable, "-m", "geoclust", "batch", str(batch_file), "--out", str(out)]
    done = subprocess.run(
        [*command, "--jobs", "2", "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    return done, out


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """With GEOCLUST_NO_SKIPS set, a skipped test fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("GEOCLUST_NO_SKIPS") and skipped and exitstatus == pytest.ExitCode.OK:
        reporter.write_line(f"{len(skipped)} tests were skipped; none may be here", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
