"""The house holds: sizes, front door, cold start.  (`.ci/run` checks the import contract.)"""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import geoclust

PACKAGE = Path(geoclust.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES = 40
MOST_BYTES = 24_000


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body without the docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def is_kernel(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function is compiled: decorated with `kernel`."""
    made = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
    return any(isinstance(d, ast.Name) and d.id == "kernel" for d in made)


def says_why(path: Path, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether the body begins, after the docstring, with a comment: why it is so long."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    lines = path.read_text(encoding="utf-8").splitlines()
    last = node.body[0].end_lineno if ast.get_docstring(node) else body[0].lineno - 2
    between = [line.strip() for line in lines[last : body[0].lineno - 1] if line.strip()]
    return bool(between) and all(line.startswith("#") for line in between)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_and_functions_are_short(path):
    """No function over 40 lines but the innermost kernels, and those say why."""
    assert path.stat().st_size <= MOST_BYTES
    long = [f for f in functions(path) if code_lines(f) > MOST_LINES]
    assert [f.name for f in long if not is_kernel(f)] == []
    assert [f.name for f in long if not says_why(path, f)] == []


def test_most_functions_are_very_short():
    lengths = [code_lines(f) for path in MODULES for f in functions(path)]
    assert sorted(lengths)[len(lengths) // 2] <= 10


def test_long_functions_are_told_from_short(tmp_path):
    body = "\n".join(f"    x{i} = {i}" for i in range(MOST_LINES + 1))
    path = tmp_path / "some.py"
    for head, comment, kernel, why in (
        ("@kernel()\n", "    # why\n", True, True),
        ("@kernel\n", "", True, False),
        ("", "    # why\n", False, True),
    ):
        path.write_text(f'{head}def f():\n    """Say."""\n{comment}{body}\n')
        (found,) = functions(path)
        told = code_lines(found) > MOST_LINES, is_kernel(found), says_why(path, found)
        assert told == (True, kernel, why)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_every_module_says_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_the_clustering_room_names_all_its_modules():
    """Its docstring is the way through for a reader who knows HDBSCAN."""
    from geoclust import clustering

    folder = Path(clustering.__file__).parent
    named = set(re.findall(r"`(\w+)`", clustering.__doc__))
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} <= named


def test_front_door_opens_every_public_name():
    for name in geoclust.__all__:
        assert getattr(geoclust, name).__doc__, name
    assert set(geoclust.__all__) <= set(dir(geoclust))
    with pytest.raises(AttributeError, match="nonsense"):
        _ = geoclust.nonsense


def test_front_door_imports_nothing_heavy():
    code = "import sys, geoclust; print([m for m in sys.modules if m in HEAVY])"
    heavy = ["pandas", "geopandas", "numba", "scipy", "matplotlib", "sklearn", "hdbscan"]
    done = subprocess.run(
        [sys.executable, "-c", code.replace("HEAVY", repr(heavy))],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_help_imports_no_rooms():
    code = (
        "import sys\nfrom geoclust import cli\n"
        "try:\n    cli.app(['--help'])\nexcept SystemExit:\n    pass\n"
        "print([m for m in sys.modules if m in ('numpy', 'pandas', 'pydantic')], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "run" in done.stdout
    assert done.stderr.strip() == "[]"


def public_functions():
    found = [(name, getattr(geoclust, name)) for name in geoclust.__all__]
    return [(name, it) for name, it in found if callable(it) and not isinstance(it, type)]


@pytest.mark.parametrize(("name", "function"), public_functions())
def test_every_public_function_shows_an_example_and_says_what_it_takes(name, function):
    words = function.__doc__ or ""
    assert ">>>" in words, name
    takes = ["Parameters"] if inspect.signature(function).parameters else []
    for heading in [*takes, "Returns"]:
        assert f"{heading}\n" in words, (name, heading)
