"""What the documentation shows is executed, and prints what the page says; what it names exists."""

import re
from pathlib import Path

import pytest
from printed import ROOT, assert_prints, blocks, run_page

import geoclust as gc
from geoclust.cli import app

DOCS = ROOT / "docs"
QUICK = ("how-to/country.md",)
"""A few seconds."""

LONG = (
    "tutorial/first-map.md",
    "tutorial/own-data.md",
    "how-to/thresholds.md",
    "how-to/indicators.md",
    "how-to/batch.md",
    "how-to/figures.md",
    "how-to/firmness.md",
    "commands.md",
)
"""Whole studies, half a minute and more each."""

ELSEWHERE = {
    "boundaries.md": "test_boundaries_roundtrip.py",
    "reference/functions/index.md": "test_docs_site.py",
}
"""Pages whose examples another test runs."""

PAGES = sorted(
    path.relative_to(DOCS).as_posix()
    for path in DOCS.rglob("*.md")
    if not {"_build", "jupyter_execute"} & set(path.relative_to(DOCS).parts)
)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", QUICK)
def test_a_recipe_works_as_printed(name, tmp_path):
    assert run_page(DOCS / name, tmp_path) > 0


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", LONG)
def test_a_lesson_works_as_printed(name, tmp_path):
    assert run_page(DOCS / name, tmp_path) > 0


def test_no_page_with_examples_is_left_out():
    shown = {
        name
        for name in PAGES
        if any(block.kind in {"sh", "python"} for block in blocks(DOCS / name))
    }
    assert shown == {*QUICK, *LONG, *ELSEWHERE}
    for name, test in ELSEWHERE.items():
        assert Path(name).name in (ROOT / "tests" / test).read_text("utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_settings_shown_are_settings(name):
    for block in blocks(DOCS / name):
        if block.kind == "toml" and block.caption.endswith("batch.toml"):
            gc.BatchConfig.from_text(block.text)
        elif block.kind == "toml" and block.caption.endswith("scoring.toml"):
            gc.StudyConfig.from_text(
                "[scoring]\n"
                + block.text.replace("[[", "[[scoring.").replace("\n[comp", "\n[scoring.comp")
            )
        elif block.kind == "toml":
            gc.StudyConfig.from_text(block.text)


@pytest.mark.parametrize("name", [*PAGES, "../README.md", "../CONTRIBUTING.md"])
def test_functions_and_commands_named_exist(name):
    text = (DOCS / name).read_text("utf-8")
    for function in set(re.findall(r"\bgc\.(\w+)", text)):
        assert hasattr(gc, function), function
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    shown = re.findall(r"(?<!`)`(geoclust [^`]+)`(?!`)", prose)
    shown += [
        line
        for block in blocks(DOCS / name)
        if block.kind in {"sh", "text"} and "prints" not in block.caption
        for line in block.text.splitlines()
        if line.startswith("geoclust ")
    ]
    for line in shown:
        command, *rest = line.split()[1:]
        if not re.fullmatch("[a-z-]+", command):
            continue
        assert command in commands(), f"geoclust {command}"
        for option in (word for word in rest if re.match(r"--?[a-z]", word)):
            assert option in commands()[command], f"geoclust {command} {option}"


def commands():
    """Name of each command to the options it takes."""
    return {
        name: {
            flag
            for argument in app[name].assemble_argument_collection()
            for flag in argument.names
            if flag.startswith("-")
        }
        for name in app
        if not name.startswith("-")
    }


def test_what_is_printed_is_compared():
    """Else no page could be wrong."""
    assert_prints("a 1  \nb 2\nc 3\n", "a 1\n...\nc 3\n", "page")
    assert_prints("a 1\nc 3\n", "c 3\n", "page")
    for wrong in ("a 2\n", "c 3\n...\na 1\n", "a 1\nc 3\n"):
        with pytest.raises(AssertionError, match="but it prints"):
            assert_prints("a 1\nb 2\nc 3\n", wrong, "page")
