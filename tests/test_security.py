"""Nothing is unpickled, evaluated, or asked of a network; what audits say that, can fail."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import geoclust as gc

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["code", "files", "licences", "lock"])
def test_the_audit_finds_nothing(name: str, audit: ModuleType) -> None:
    if name == "files" and not (ROOT / ".git").exists():
        return
    assert list(audit.AUDITS[name]()) == []


@pytest.mark.parametrize(
    ("source", "finding"),
    [
        ("import pickle", "imports pickle"),
        ("from joblib import load", "imports joblib"),
        ("def f():\n    import xml.etree.ElementTree as tree", "imports xml.etree.ElementTree"),
        ("eval('1')", "calls eval"),
        ("exec('x = 1')", "calls exec"),
        ("import os\nos.system('ls')", "calls os.system"),
        ("np.load('a.npy', allow_pickle=True)", "passes allow_pickle=True"),
        ("run('ls', shell=True)", "passes shell=True"),
        ("yaml.load(text)", "calls yaml.load"),
        ("Environment(autoescape=False)", "passes autoescape=False"),
        ("gpd.read_file(path)", "calls gpd.read_file"),
        ("urlopen(address)", "calls urlopen"),
    ],
)
def test_the_audit_of_code_can_fail(source: str, finding: str, audit: ModuleType) -> None:
    assert finding in [what for _, what in audit.code_findings(source)]
    assert not list(audit.code_findings("np.load('a.npy', allow_pickle=False)\nevaluate(1)"))


def test_the_audit_of_files_can_fail(audit: ModuleType) -> None:
    for text in (
        "see /" + "root/notes",
        "open('/" + "home/ada/x')",
        "pip install -i https://pypi" + ".org/simple",
        "path = 'postgresql://ada" + ":sesame@db/x'",
    ):
        assert list(audit.text_findings(text)), text
    for text in (
        "a/root/b",
        "/usr/lib/postgresql",
        "postgresql://ada@db/x",
        "pip install geoclust",
    ):
        assert not list(audit.text_findings(text)), text


def test_the_audit_of_the_lock_can_fail(audit: ModuleType, tmp_path: Path) -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    lock = tmp_path / "requirements.lock"
    for broken, words in (
        (text.replace("\nnumpy==", "\nnumpi=="), "lacks numpy"),
        (text.replace("\nnumpy==2", "\nnumpy==1"), "pyproject.toml wants numpy"),
        (text + "\nsome==1.0\n", "no hash for some"),
        (text + "\n--index-url https://example.org\n", "holds an address"),
    ):
        assert broken != text
        lock.write_text(broken, encoding="utf-8")
        assert any(words in line for line in audit.audit_lock(tmp_path)), words


def test_no_input_is_given_to_gdal(audit: ModuleType) -> None:
    """Its drivers open more than they are named for: only files of our own making go there."""
    readers = {"gpd.read_file", "geopandas.read_file", "pyogrio.read_dataframe"}
    assert readers <= audit.FORBIDDEN_CALLS
    for path in (ROOT / "geoclust" / "records").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "import pyogrio" not in text, path
        assert "import geopandas" not in text, path


OFFLINE = """
import sys
def refuse(event, arguments):
    if event in {"socket.getaddrinfo", "socket.gethostbyname", "urllib.Request"}:
        raise SystemExit(f"asked the network: {event} {arguments}")
    if event in {"socket.connect", "socket.sendto", "socket.bind"}:
        raise SystemExit(f"opened a connection: {event} {arguments[1:]}")
    if event in {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"}:
        raise SystemExit(f"started a program: {event} {arguments[:2]}")
    if event in {"pickle.find_class"}:
        raise SystemExit(f"unpickled: {arguments}")
sys.addaudithook(refuse)
from geoclust.cli import main
sys.argv = ["geoclust", *sys.argv[1:]]
main()
"""


def test_the_main_command_asks_nothing_of_a_network_and_starts_no_program(tmp_path: Path) -> None:
    (tmp_path / "world").mkdir()
    gc.synthetic.write_toy_world(tmp_path / "world", seed=1)
    command = [sys.executable, "-c", OFFLINE, "run", "world", "--out", "results"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "results" / "report.html").exists()


def test_the_watch_on_the_network_is_awake(tmp_path: Path) -> None:
    watch = OFFLINE.split("from geoclust", maxsplit=1)[0]
    code = watch + "import socket; socket.create_connection(('x', 1))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "asked the network" in done.stderr
