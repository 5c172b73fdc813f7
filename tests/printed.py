"""Examples printed in Markdown, run as printed: shell and Python blocks, files, what they print.

In the order of the page, in a folder with copies of the repository's `data` and `docs/tutorial`:

* a block ``sh`` is run by bash, with `geoclust` standing for this very package;
* a block ``python`` is run in one namespace for the page;
* a code block of TOML with a caption is written to the file of that name;
* a code block of text whose caption says what it prints is held against the block before it, line
  by line; a line `...` stands for any number of lines.

Plain blocks ``text`` are not run; plain blocks ``toml`` are parts of study files.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(
    r"^```(?:(?P<plain>\w+)|\{code-block\} (?P<kind>\w+)\n:caption: (?P<caption>.+?)\n)\n"
    r"(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """One example of a page."""

    kind: str
    text: str
    caption: str = ""


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page, in order."""
    return [
        Block(found["plain"] or found["kind"], found["text"].lstrip("\n"), found["caption"] or "")
        for found in BLOCK.finditer(page.read_text("utf-8"))
    ]


def run_page(page: Path, folder: Path) -> int:
    """Run every example of a page in a folder; how many there were.

    Raises
    ------
    AssertionError
        Where one fails, or prints something else than the page says.
    """
    for name in ("data", "docs/tutorial"):
        shutil.copytree(ROOT / name, folder / name)
    names: dict[str, Any] = {"__name__": "__main__"}
    printed, count = "", 0
    for block in blocks(page):
        if block.kind == "sh":
            printed, count = run_shell(block.text, folder), count + 1
        elif block.kind == "python":
            run_python(block.text, names, folder, page.name)
            count += 1
        elif block.kind == "toml" and block.caption:
            (folder / block.caption).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.caption).write_text(block.text, "utf-8")
        elif block.kind == "text" and "prints" in block.caption:
            assert_prints(printed, block.text, page.name)
    return count


def run_shell(text: str, folder: Path) -> str:
    """What a block prints on standard output."""
    script = f'set -e\ngeoclust() {{ "{sys.executable}" -m geoclust "$@"; }}\n{text}'
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def run_python(text: str, names: dict[str, Any], folder: Path, page: str) -> None:
    """Run a block as a reader would, in the folder; figures are drawn without a window."""
    import matplotlib as mpl

    before, backend = Path.cwd(), mpl.get_backend()
    os.chdir(folder)
    try:
        mpl.use("agg")
        exec(compile(text, page, "exec"), names)
    finally:
        mpl.pyplot.close("all")
        mpl.use(backend)
        os.chdir(before)


def assert_prints(printed: str, told: str, page: str) -> None:
    """Hold what was printed against the page; spaces at the ends of lines do not count."""
    lines = [line.rstrip() for line in told.splitlines()]
    pattern = "\n".join(r"(?:.*\n)*?.*" if line == "..." else re.escape(line) for line in lines)
    found = "\n".join(line.rstrip() for line in printed.splitlines())
    assert re.search(rf"^{pattern}$", found, re.MULTILINE), (
        f"{page} says\n{told}\nbut it prints\n{printed}"
    )
