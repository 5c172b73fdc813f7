"""The command line, told by the program itself: every command, argument and option."""

import re
from typing import Final

from geoclust.cli import app

ORDER: Final = {
    "Begin": ("init", "inspect", "check", "run"),
    "Decide and redraw": ("explore", "explore-region", "identity"),
    "Ask how firm it is": ("robustness", "sweep", "precision", "basis"),
    "Compare and follow": ("compare", "timeline", "explain"),
    "Many studies, other programs": ("batch", "publish", "warm-up"),
}
"""Commands in the order of use; one that is not named here comes last."""


def text() -> str:
    """All commands, as Markdown."""
    told = told_of_each()
    named = [name for names in ORDER.values() for name in names if name in told]
    groups = {**ORDER, "Further commands": tuple(name for name in told if name not in named)}
    parts = []
    for group, names in groups.items():
        present = [name for name in names if name in told]
        parts += [f"## {group}\n"] if present else []
        parts += [f"(command-{name})=\n### geoclust {name}\n\n{told[name]}" for name in present]
    return "\n".join(parts)


def told_of_each() -> dict[str, str]:
    """Name of each command to what its own help says."""
    whole = app.generate_docs(output_format="markdown")
    pieces = re.split(r"^## geoclust (\S+)\n", whole, flags=re.MULTILINE)[1:]
    return {
        name: _tidied(body)
        for name, body in zip(pieces[::2], pieces[1::2], strict=True)
        if not name.startswith("-")
    }


def _tidied(body: str) -> str:
    body = body.replace("```console", "```text").replace("**Parameters**:", "**Options**")
    body = body.replace("**Arguments**:", "**Arguments**")
    body = re.sub(r" ?\*\[default: (?:False|None)\]\*", "", body)
    return re.sub(r" *\*\*\[required\]\*\*", "", body).replace("[ARGS...]", "FILES...")
