"""What commands share: the study named by an argument, names of outputs, printing."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from geoclust.study import StudyConfig


def load(study: Path, *, strict: bool, boundaries: Path | None = None) -> "StudyConfig":
    """The configuration an argument names; `strict` makes any rejected row an error.

    A file of boundaries takes the place of the study's own.
    """
    from geoclust.study.run import load_config  # noqa: PLC0415

    config = load_config(study)
    if strict:
        inputs = config.inputs.model_copy(update={"strict": True})
        config = config.model_copy(update={"inputs": inputs})
    if boundaries is not None:
        given = type(config.boundaries)(file=str(boundaries.absolute()))
        config = config.model_copy(update={"boundaries": given})
    return config


def stem(study: Path) -> str:
    """Name for outputs: the folder of a study.toml, or the file's own name."""
    resolved = study.resolve()
    return resolved.parent.name if resolved.name == "study.toml" else resolved.stem


def stdout() -> "Console":
    """Standard output, with colours where it is a terminal."""
    from rich.console import Console  # noqa: PLC0415

    return Console()


def announce_to_user(words: str, *, quiet: bool) -> None:
    """A line on standard error, before long work begins."""
    if not quiet:
        sys.stderr.write(f"{words}\n")
        sys.stderr.flush()


def print_json(summary: dict[str, object]) -> None:
    """A summary on standard output, as JSON."""
    import json  # noqa: PLC0415

    sys.stdout.write(json.dumps(summary, ensure_ascii=False, indent=2, allow_nan=False) + "\n")
