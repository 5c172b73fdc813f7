"""Print the lowest version of everything pyproject.toml allows, as requirements for pip.

usage: lowest_versions.py [--bounds] [--all | EXTRA ...]

With --bounds the requirements stay as they are, `name>=version`; --all stands for every extra.
"""

import re
import sys
import tomllib
from pathlib import Path

BOUND = re.compile(r"^([A-Za-z0-9_.-]+)(\[[\w,]+\])?>=([0-9][\w.]*)$")


def lowest(extras: list[str], *, bounds: bool = False) -> list[str]:
    """`name==version` of the dependencies and of the extras, those that extras name included."""
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    wanted, open_ = list(project["dependencies"]), list(extras)
    for extra in open_:
        for line in project["optional-dependencies"][extra]:
            own = re.fullmatch(rf"{project['name']}\[([\w,]+)\]", line)
            if own:
                open_ += own[1].split(",")
            else:
                wanted.append(line)
    return sorted({line if bounds else pinned(line) for line in wanted})


def all_extras() -> list[str]:
    """Names of all extras."""
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text)["project"]["optional-dependencies"])


def pinned(line: str) -> str:
    """The requirement at its lower bound; every requirement must have just that."""
    found = BOUND.match(line)
    if found is None:
        raise SystemExit(f"pyproject.toml: {line!r} is not of the form name>=version")
    return f"{found[1]}{found[2] or ''}=={found[3]}"


if __name__ == "__main__":
    asked = [name for name in sys.argv[1:] if not name.startswith("--")]
    if "--all" in sys.argv:
        asked = all_extras()
    sys.stdout.write("\n".join(lowest(asked, bounds="--bounds" in sys.argv)) + "\n")
