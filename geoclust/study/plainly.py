"""What is wrong with a value of a study file, without the words of the library that found it."""

import datetime as dt
import difflib
import re
from pathlib import Path
from typing import Any, Final

_WANTED: Final = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number of fewer digits",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_parsing": "true or false, without quotation marks",
    "bool_type": "true or false, without quotation marks",
    "string_type": "text, in quotation marks",
    "path_type": "the name of a file, in quotation marks",
    "tuple_type": "a list, in square brackets",
    "list_type": "a list, in square brackets",
    "greater_than": "above {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than": "below {lt:g}",
    "less_than_equal": "at most {le:g}",
    "string_too_long": "at most {max_length:,} characters long",
    "string_too_short": "at least {min_length:,} characters long",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
}
"""What each kind of fault asks for, with the limits that come with it."""

_TABLES: Final = frozenset(
    {"model_type", "dict_type", "model_attributes_type", "dataclass_type", "mapping_type"}
)

STUDY: Final = "study file"

LONGEST: Final = 60
"""Characters of a value that are shown."""


def plainly(fault: dict[str, Any], place: str) -> str:
    """One sentence: what was found, and what it must be.

    Parameters
    ----------
    fault
        As pydantic reports it: `type`, `input`, `msg`, `ctx`.
    place
        Dotted name of the setting or table.

    Examples
    --------
    >>> plainly({"type": "int_parsing", "input": "three", "msg": ""}, "clustering.min_samples")
    "found 'three'; it must be a whole number"
    >>> asked = {"type": "greater_than", "input": -5, "msg": "", "ctx": {"gt": 0.0}}
    >>> plainly(asked, "delineation.reach_km")
    'found -5; it must be above 0'
    >>> plainly({"type": "model_type", "input": 5, "msg": ""}, "clustering")
    'found 5; it must be a table: a line [clustering] with its settings below'
    """
    kind, limits = str(fault["type"]), fault.get("ctx", {})
    if kind == "missing":
        return "is missing, and has no default: give it"
    if kind in _TABLES:
        return (
            f"found {toml_words(fault['input'])}; it must be a table: a line [{place}] with its "
            "settings below"
        )
    if kind == "literal_error":
        return f"found {toml_words(fault['input'])}; {_one_of(fault['input'], limits['expected'])}"
    if kind in _WANTED:
        return f"found {toml_words(fault['input'])}; it must be {_WANTED[kind].format(**limits)}"
    message = str(fault["msg"]).removeprefix("Value error, ")
    message = message[0].lower() + message[1:] if message[1:2].islower() else message
    if kind == "value_error" or isinstance(fault["input"], dict):
        return message
    return f"found {toml_words(fault['input'])}; {message}"


def toml_words(value: object) -> str:
    """A value as a study file writes it, cut short where it is long.

    Examples
    --------
    >>> toml_words(True), toml_words("x"), toml_words([1, "a"])
    ('true', "'x'", "[1, 'a']")
    """
    if isinstance(value, bool):
        said = str(value).lower()
    elif isinstance(value, dt.date | dt.time):
        said = value.isoformat()
    elif isinstance(value, list | tuple):
        said = "[" + ", ".join(toml_words(part) for part in value[:6]) + "]"
    elif isinstance(value, dict):
        return "a table"
    else:
        said = repr(value)
    return said if len(said) <= LONGEST else said[:LONGEST] + "..."


def _one_of(value: object, expected: str) -> str:
    known = [word.strip(" '") for word in expected.replace(" or ", ", ").split(",")]
    near = difflib.get_close_matches(str(value), known, n=1, cutoff=0.6)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"it must be {expected}{hint}"


def toml_fault(error: Exception, text: str) -> str:
    r"""What the reader of TOML could not read, with its line.

    Examples
    --------
    >>> import tomllib
    >>> text = "[study]\nname = Quantum"
    >>> try:
    ...     tomllib.loads(text)
    ... except tomllib.TOMLDecodeError as error:
    ...     print(toml_fault(error, text))
    line 2: a value that cannot be read (text stands in quotation marks): name = Quantum
    """
    said, _, where = str(error).rpartition(" (at ")
    number = re.search(r"line (\d+)", where)
    lines = text.splitlines()
    at = int(number.group(1)) if number else max(len(lines), 1)
    line = lines[at - 1].strip()[:LONGEST] if at <= len(lines) else ""
    known = next((ours for theirs, ours in _TOML.items() if said.startswith(theirs)), None)
    told = known or said[:1].lower() + said[1:]
    return f"line {at}: {told}" + (f": {line}" if line else "")


_TOML: Final = {
    "Invalid value": "a value that cannot be read (text stands in quotation marks)",
    "Cannot overwrite a value": "a setting that was given before",
    "Cannot declare": "a table that was begun before",
    "Expected ']'": "a table's name without its closing bracket",
    "Expected '='": "neither a [table] nor name = value",
    "Unclosed array": "a list without its closing bracket",
    "Unterminated string": "text without its closing quotation mark",
    "Illegal character": "text without its closing quotation mark",
    "Invalid statement": "neither a [table] nor name = value",
    "Unescaped": "a backslash in text: write paths with /, or in single quotation marks",
    "Expected newline": "more than one value on a line",
}


def unreadable(path: Path, error: Exception, what: str) -> str:
    """Why a file of settings cannot be read, and what to do.

    Examples
    --------
    >>> unreadable(Path("mine.toml"), FileNotFoundError(), "batch file")
    'mine.toml: there is no such file; give a batch file'
    """
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        near = _neighbour(path)
        study = " or a folder of tables, or make one: geoclust init" if what == STUDY else ""
        hint = f"did you mean {near!r}?" if near else f"give a {what}{study}"
        return f"{path}: there is no such file{'' if path.suffix else ' or folder'}; {hint}"
    if isinstance(error, UnicodeDecodeError):
        return f"{path}: is no text in UTF-8, as a {what} must be; save it so"
    if isinstance(error, IsADirectoryError):
        return f"{path}: is a folder; give a {what}"
    return f"{path}: cannot be read as a {what} ({getattr(error, 'strerror', None) or error})"


def _neighbour(path: Path) -> str | None:
    """The file or folder beside it that is called most alike."""
    try:
        names = sorted(one.name for one in path.parent.iterdir() if not one.name.startswith("."))
    except OSError:
        return None
    near = difflib.get_close_matches(path.name, names, n=1, cutoff=0.7)
    return str(path.parent / near[0]) if near else None
