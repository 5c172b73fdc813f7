"""Print one of the README's two commands, so that nothing but the README says what they are.

usage: readme_command.py run|tests
"""

import re
import sys
from pathlib import Path


def command(which: str) -> str:
    """The one-line command in the fenced block that follows `<!-- command: WHICH -->`."""
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"<!-- command: {which} -->\s*```\w*\n(.+)\n```", text)
    if found is None:
        raise SystemExit(f"README.md has no block marked 'command: {which}'")
    return found.group(1)


if __name__ == "__main__":
    sys.stdout.write(command(sys.argv[1]) + "\n")
