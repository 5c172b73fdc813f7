"""What can be audited without a network: our code, the tracked files, the licences, the lock.

usage: audit.py [code] [files] [licences] [lock]      (all of them without an argument)

* code: nothing in the package unpickles, evaluates or runs text, opens a shell or an address, gives
  a user's file to GDAL, or parses XML (Excel is read by a parser without entities).
* files: no tracked file holds a password in an address, the address of a package registry, or a
  path of somebody's machine.
* licences: nothing that geoclust needs at run time is under the GPL or AGPL.
* lock: `requirements.lock` has every dependency of pyproject.toml within its bounds, with hashes
  and without addresses.

Exit status 1 and a line per finding, where there is one.
"""

import ast
import itertools
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]

FORBIDDEN_CALLS = {
    "eval", "exec", "compile", "__import__", "breakpoint", "input",
    "os.system", "os.popen", "os.execv", "os.execvp", "os.spawnl",
    "subprocess.run", "subprocess.Popen", "subprocess.call", "subprocess.check_call",
    "subprocess.check_output", "subprocess.getoutput",
    "yaml.load", "urllib.request.urlopen", "urlopen", "socket.create_connection",
    "gpd.read_file", "geopandas.read_file", "pyogrio.read_dataframe", "pyogrio.read_arrow",
    "pyogrio.open_arrow", "pyogrio.raw.read", "gpd.read_postgis", "pd.read_sql", "pd.read_pickle",
    "pd.read_html", "pd.read_xml", "pd.eval", "joblib.load", "tempfile.mktemp",
}  # fmt: skip
FORBIDDEN_MODULES = {
    "pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal", "joblib", "yaml",
    "xml", "lxml", "telnetlib", "ftplib", "smtplib", "requests", "urllib3", "httpx", "aiohttp",
    "http.client", "urllib.request", "fiona", "osgeo",
}  # fmt: skip
ESCAPING = {"xml.sax.saxutils"}
"""Escapes text for XML; parses nothing."""

FORBIDDEN_OPTIONS = {"allow_pickle": True, "shell": True, "autoescape": False, "verify": False}
REVIEWED = {
    ("explorer/serving.py", "calls subprocess.Popen"): "Python itself, a list of arguments of ours",
    ("explorer/serving.py", "calls socket.create_connection"): "to its own server on 127.0.0.1",
}
"""Findings that were looked at and stand, each with its reason."""

REGISTRIES = ("pypi" + ".org", "pythonhosted" + ".org", "anaconda" + ".org", "npmjs" + ".org",
              "arti" + "factory", "registry.npm" + "js")  # fmt: skip
PATHS = re.compile(
    r"(?<![\w.])/(?:root|home/[a-z]+|Users/[A-Za-z]+|work/[a-z]+|tmp/(?:wt|brief))\b"
)
SECRETS = re.compile(r"\bpostgres(?:ql)?://[^\s/:@'\"{}]+:(?!\*\*\*|secret@|PASSWORD)[^\s'\"{}]+@")
WHOLE_TEXT = 200
"""Characters from which on a licence field holds the text of the licence, not its name."""

GPL = re.compile(r"\bA?GPL|GNU (?:Affero )?General Public", re.IGNORECASE)
LESSER = re.compile(r"\bLGPL|GNU Lesser|LLVM-exception|GCC-exception|GPL-compatible", re.IGNORECASE)


def audit_code(root: Path = ROOT / "geoclust") -> Iterator[str]:
    """Findings in the package's own source."""
    for path in sorted(root.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for line, what in sorted(code_findings(text)):
            if (path.relative_to(root).as_posix(), what) not in REVIEWED:
                yield f"{path.relative_to(root.parent)}:{line}: {what}"


def code_findings(text: str) -> Iterator[tuple[int, str]]:
    """Line and finding, for one module's source."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            yield from ((node.lineno, f"imports {name}") for name in names if _forbidden(name))
        elif isinstance(node, ast.ImportFrom) and node.module and _forbidden(node.module):
            yield node.lineno, f"imports {node.module}"
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in FORBIDDEN_CALLS:
                yield node.lineno, f"calls {name}"
            for keyword in node.keywords:
                value = getattr(keyword.value, "value", None)
                if keyword.arg in FORBIDDEN_OPTIONS and value is FORBIDDEN_OPTIONS[keyword.arg]:
                    yield node.lineno, f"passes {keyword.arg}={value}"


def _forbidden(module: str) -> bool:
    parts = module.split(".")
    return module not in ESCAPING and any(
        ".".join(parts[:end]) in FORBIDDEN_MODULES for end in range(1, len(parts) + 1)
    )


def audit_files(root: Path = ROOT) -> Iterator[str]:
    """Findings in the tracked files."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607
        cwd=root, capture_output=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.decode().split("\0"):
        path = root / name
        if not name or not path.is_file() or path.suffix in {".png", ".gpkg", ".parquet"}:
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        yield from (f"{name}:{line}: {what}" for line, what in text_findings(text))


def text_findings(text: str) -> Iterator[tuple[int, str]]:
    """Line and finding, for the text of one file."""
    for number, line in enumerate(text.splitlines(), start=1):
        for registry in REGISTRIES:
            if registry in line.casefold():
                yield number, f"names the package registry {registry}"
        if found := PATHS.search(line):
            yield number, f"names a path of a machine, {found[0]}"
        if SECRETS.search(line):
            yield number, "holds a password in an address"


def audit_licences() -> Iterator[str]:
    """Packages needed at run time, all extras but those of development among them, under GPL."""
    extras = ("dask", "duckdb", "postgis", "notebooks")
    for name in sorted(closure("geoclust", extras)):
        try:
            about = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue
        said = [about.get("License-Expression") or about.get("License") or ""]
        said += [c for c in about.get_all("Classifier") or [] if c.startswith("License ::")]
        short = [text for text in said if len(text) < WHOLE_TEXT]
        if any(GPL.search(text) and not LESSER.search(text) for text in short):
            yield f"{name}: {'; '.join(filter(None, short))}"


def closure(name: str, extras: tuple[str, ...]) -> set[str]:
    """Names of all installed packages that a package needs, itself included."""
    found: set[str] = set()
    wanted = [(name, extras)]
    while wanted:
        current, chosen = wanted.pop()
        try:
            needs = metadata.requires(current) or []
        except metadata.PackageNotFoundError:
            continue
        found.add(current)
        for text in needs:
            need = Requirement(text)
            marked = need.marker is None or any(
                need.marker.evaluate({"extra": extra}) for extra in ("", *chosen)
            )
            if marked and canonical(need.name) not in found:
                found.add(canonical(need.name))
                wanted.append((need.name, tuple(need.extras)))
    return found


def canonical(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).casefold()


def audit_lock(root: Path = ROOT) -> Iterator[str]:
    """Where the lock and pyproject.toml disagree."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[\w,-]+\])?==(\S+)", lock, re.MULTILINE))
    locked = {canonical(name): version for name, version in locked.items()}
    needs = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    for text in needs:
        need = Requirement(text)
        version = locked.get(canonical(need.name))
        if canonical(need.name) == project["name"]:
            continue
        if version is None:
            yield f"requirements.lock lacks {need.name}"
        elif not need.specifier.contains(version, prereleases=True):
            yield f"requirements.lock has {need.name} {version}, pyproject.toml wants {need}"
    for entry in re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)[1:]:
        if "--hash=sha256:" not in entry:
            yield f"requirements.lock: no hash for {entry.split()[0]}"
    if re.search(r"https?://|--index-url|--find-links|@ file:", lock):
        yield "requirements.lock holds an address"


AUDITS = {"code": audit_code, "files": audit_files, "licences": audit_licences, "lock": audit_lock}


def main() -> int:
    """Run the audits named, or all."""
    names = sys.argv[1:] or list(AUDITS)
    found = [f"{name}: {line}" for name in names for line in AUDITS[name]()]
    sys.stdout.write("\n".join([*found, f"audit of {', '.join(names)}: {len(found)} findings\n"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
