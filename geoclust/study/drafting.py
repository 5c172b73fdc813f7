"""A study file drafted from files that were inspected: each choice with its reason beside it."""

import os
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import tomli_w

from geoclust.classification import Thresholds
from geoclust.errors import InputError, OutputError, ParameterError, printable
from geoclust.records import TableSource
from geoclust.records.inspecting import Look, Proposal
from geoclust.records.presets import KNOWN
from geoclust.study.config import StudyConfig
from geoclust.study.placing import place_new
from geoclust.study.saving import study_text
from geoclust.study.template import study_template

HEADING = """\
# A study file of geoclust, drafted by geoclust inspect from the files it names.
# Look through what was guessed, then: geoclust check, geoclust run.
"""


BEGINNING: Final = """\
# A study file of geoclust, made by geoclust init from the tables it names.  It runs as it is:
#
#   geoclust check study.toml    says what is wrong with the tables
#   geoclust run study.toml      writes maps, tables and a page
#
# The tables come first, with the reason for each guess beside it.  Of all other settings, a line
# that begins with # shows the default: take the # away and change the value to choose otherwise.
"""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What was chosen for a study that begins, beside its tables."""

    name: str = ""
    """Title; empty: the folder's name."""
    min_cluster_size: int = 10
    """Least weight of a region."""
    without_criteria: tuple[str, ...] = ()
    """Names of default criteria that the tables say nothing on."""


def write_draft(proposal: Proposal, folder: str | Path, choices: Choices | None = None) -> Path:
    """Write `study.toml` for the tables proposed; whole or not at all, and never over another.

    Parameters
    ----------
    proposal
        What `inspect_files` found.
    folder
        Where the study file is to stand; made if it is not there.  The tables stay where they are.
    choices
        What was chosen; the file then shows every other setting too, commented out.  Without them
        it holds the tables only.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        If the files make no table of records.
    ParameterError
        If there is a study file already.
    OutputError
        If it cannot be written.
    """
    if not proposal.makes_study:
        raise InputError(_nothing(proposal))
    home = Path(folder)
    target = home / "study.toml"
    text = draft_text(proposal, home, choices)
    refuse_existing(target)
    try:
        home.mkdir(parents=True, exist_ok=True)
        place_new(text.encode(), target)
    except FileExistsError as error:
        raise ParameterError(f"{target}: is there already and is not overwritten") from error
    except OSError as error:
        raise OutputError(f"{target}: cannot be written ({error.strerror or error})") from error
    return target


def refuse_existing(target: Path) -> None:
    """Raise `ParameterError` if there is a study file already."""
    if target.exists():
        raise ParameterError(
            f"{target}: is there already and is not overwritten; name a new folder, or move it away"
        )


def folder_name(folder: Path) -> str:
    """What a study in a folder is called where nobody says."""
    name = folder.resolve().name.replace("_", " ").strip() or "study"
    return printable(name, 190)


def draft_text(proposal: Proposal, folder: Path, choices: Choices | None = None) -> str:
    """Text of the study file, its paths as seen from `folder`."""
    parts: list[str] = []
    for table, source in proposal.tables.items():
        parts += ["\n", *_remarks(table, proposal)]
        parts.append(tomli_w.dumps({"inputs": {table: _inputs_values(source, folder)}}))
    tables = "".join(parts)
    if choices is None:
        named = tomli_w.dumps({"study": {"name": folder_name(folder)}})
        text = f"{HEADING}\n{named}{tables}"
    else:
        said: dict[str, object] = {f"inputs.{table}": None for table in proposal.tables}
        said["study.name"] = printable(choices.name, 190) or folder_name(folder)
        said["clustering.min_cluster_size"] = choices.min_cluster_size
        text = study_template(heading=BEGINNING, said=said, tables=tables)
        text += _criteria(choices.without_criteria)
    StudyConfig.from_text(text, base=folder)  # what is drafted can be read
    return text


def source_values(source: TableSource) -> dict[str, Any]:
    """What a table says, as plain values, by the one function that writes study files."""
    plain = StudyConfig.model_validate({"inputs": {"firms": source}})
    values: dict[str, Any] = tomllib.loads(study_text(plain))["inputs"]["firms"]
    return values


def _criteria(left_out: tuple[str, ...]) -> str:
    """The default criteria without those that the tables say nothing on; "" where all may stand."""
    kept = [asdict(one) for one in Thresholds().criteria if one.name not in left_out]
    if not left_out or not kept:
        return ""
    reason = (
        f"The default criteria of capability without {', '.join(left_out)}, on which these tables "
        "say nothing: what has no data counts as zero, and no region could be a cluster. Bars are "
        "easier to pass with fewer criteria: argue yours, and say so."
    )
    comment = "".join(f"# {line}\n" for line in textwrap.wrap(reason, 96))
    entries = "\n".join(f"[[thresholds.criteria]]\n{tomli_w.dumps(one)}" for one in kept)
    return f"\n{comment}{entries}"


def _inputs_values(source: TableSource, folder: Path) -> dict[str, Any]:
    values = source_values(source)
    paths = [_seen_from(Path(path), folder) for path in source.files]
    values.pop("paths", None)
    where = {"path": paths[0]} if len(paths) == 1 else {"paths": paths}
    return where | values


def _seen_from(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive
        return path.resolve().as_posix()


def _remarks(table: str, proposal: Proposal) -> Iterator[str]:
    """Comment lines: what the table was recognised by, how reading went, what else may be said."""
    source = proposal.tables[table]
    looks = [
        look
        for look in proposal.looks
        if Path(look.path) in source.files and look.fields.get("sheet") == source.sheet
    ]
    for look in looks:
        sure = f"{100 * look.confidence:.0f} % sure"
        yield _comment(f"{Path(look.path).name}: {look.role or table} ({sure}; {look.why})")
        yield from _column_remarks(look)
        yield from (_comment(f"check: {remark}") for remark in look.remarks)
    counts = proposal.counts[proposal.counts["table"] == table]
    if counts.empty:
        yield _comment("could not be read so: geoclust inspect says why")
    else:
        total = counts[["rows", "accepted", "rejected", "merged", "left_out"]].sum()
        yield _comment(
            f"read so: {total['rows']:,} rows = {total['accepted']:,} accepted + "
            f"{total['rejected']:,} rejected + {total['merged']:,} merged; "
            f"{total['left_out']:,} left out"
        )
    preset = KNOWN.get(source.preset or "")
    advice = () if preset is None else preset.advice
    if advice:
        yield _comment("it may also say:")
        yield from (_comment(f"    {line}") for line in advice)


def _column_remarks(look: Look) -> Iterator[str]:
    for guess in look.columns:
        others = f"; or {', '.join(map(repr, guess.alternatives))}" if guess.alternatives else ""
        yield _comment(f"    {guess.name} from {guess.own!r}: {guess.why}{others}")


def _comment(text: str) -> str:
    return f"# {printable(text, 300)}\n"


def _nothing(proposal: Proposal) -> str:
    found = ", ".join(proposal.tables) or "nothing"
    needed = "a table of firms, labs, patents or records is needed"
    lines = [f"no study can be made: {needed}, and what was found is {found}"]
    lines += [
        f"  {look.path}: {(look.problem or look.why).removeprefix(f'{look.path}: ')}"
        for look in proposal.looks
    ]
    lines += [f"  {problem}" for problem in proposal.problems]
    return "\n".join(lines)
