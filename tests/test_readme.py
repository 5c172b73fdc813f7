"""What the README shows is executed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_walk_runs_as_printed(monkeypatch):
    monkeypatch.chdir(ROOT)
    code = re.search(r"```python\n(.+?)```", README, re.DOTALL).group(1)
    names: dict = {}
    exec(compile(code, "README.md", "exec"), names)
    assert len(names["scores"].table) == int(names["status"].is_cluster.sum()) > 0
    assert names["regions"].geometry.is_valid.all()


@pytest.mark.parametrize("which", ["run", "tests"])
def test_the_two_commands_are_one_line_each(which):
    script = [sys.executable, ".ci/readme_command.py", which]
    done = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == 1
    assert "venv" in done.stdout


def test_the_readme_is_short_and_its_links_lead_somewhere():
    assert len(README.splitlines()) <= 150
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_functions_it_names_exist():
    import geoclust as gc

    for name in set(re.findall(r"\bgc\.(\w+)", README)):
        assert hasattr(gc, name), name
