"""Faults of a study file in plain words: where, what was found, what was wanted."""

import dataclasses
import difflib
import re
from typing import Any

from pydantic import BaseModel, ValidationError

from geoclust.study.plainly import plainly

UNKNOWN = {"extra_forbidden", "unexpected_keyword_argument"}

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]#]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*[A-Za-z0-9_-]+)*)\s*=""")


def describe_faults(error: ValidationError, model: type[BaseModel], text: str) -> list[str]:
    """One sentence per fault, in the order of the file.

    Parameters
    ----------
    error
        What pydantic found.
    model
        The model the text was to become; source of the valid names.
    text
        The study file's text; source of the line numbers.
    """
    lines = _lines_of_keys(text)
    found = []
    for fault in error.errors():
        path = tuple(part for part in fault["loc"] if not _is_machinery(part))
        inside = getattr(fault.get("ctx", {}).get("error"), "faults", None)
        told = _located(path, inside) if inside else [(path, _sentence(dict(fault), model, path))]
        for at, sentence in told:
            line = _line(lines, at) if at else _line_of_words(text, sentence)
            place = _place(path) or "the file as a whole"
            where = f"line {line}, {place}" if line else place
            found.append((line or 0, f"{where}: {sentence}" if path else _unplaced(line, sentence)))
    return [sentence for _, sentence in sorted(found, key=lambda pair: pair[0])]


def _place(path: tuple[Any, ...]) -> str:
    """A path as it is told: entries of a list are counted from one.

    Examples
    --------
    >>> _place(("clustering", "min_samples")), _place(("thresholds", "criteria", 0, "target"))
    ('clustering.min_samples', 'entry 1 of thresholds.criteria, target')
    """
    for at, part in enumerate(path):
        if isinstance(part, int):
            rest = _place(path[at + 1 :])
            whole = f"entry {part + 1} of {'.'.join(map(str, path[:at]))}"
            return f"{whole}, {rest}" if rest else whole
    return ".".join(map(str, path))


def _unplaced(line: int | None, sentence: str) -> str:
    return f"line {line}: {sentence}" if line else f"the file as a whole: {sentence}"


def _line_of_words(text: str, sentence: str) -> int | None:
    """First line that holds a name the sentence begins with, or a word that it quotes."""
    said = re.findall(r"^[\w.]+\.(\w+)", sentence) + re.findall(r"'([^']+)'", sentence)[:1]
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.split("#")[0]
        if any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", bare) for word in said):
            return number
    return None


def _located(path: tuple[Any, ...], sentences: list[str]) -> list[tuple[tuple[Any, ...], str]]:
    """Each sentence with the path of its own place, which it may begin with."""
    places = [re.findall(r"\w+", sentence.partition(" ")[0]) for sentence in sentences]
    return [
        (path + tuple(int(part) if part.isdigit() else part for part in place), sentence)
        for place, sentence in zip(places, sentences, strict=True)
    ]


def _sentence(fault: dict[str, Any], model: type[BaseModel], path: tuple[Any, ...]) -> str:
    if fault["type"] in UNKNOWN:
        return _unknown_key(str(path[-1]), _names_at(model, path[:-1]))
    return plainly(fault, _place(path))


def _unknown_key(key: str, valid: list[str]) -> str:
    near = difflib.get_close_matches(key, valid, n=1, cutoff=0.5)
    if near:
        return f"no such key; did you mean {near[0]!r}?"
    return f"no such key; there are {', '.join(valid)}" if valid else "no such key"


def _is_machinery(part: object) -> bool:
    """Whether a part of a location names a type of pydantic's, not a key of the file."""
    return isinstance(part, str) and bool(re.search(r"[\[(]|^[A-Z][a-z]+[A-Z]", part))


def _names_at(kind: Any, path: tuple[Any, ...]) -> list[str]:  # noqa: ANN401 - any annotation
    """Valid keys of the table at `path` below the annotated type `kind`."""
    for part in path:
        kind = _inner(kind, part)
    candidates = _members(kind)
    return [name for name in candidates if name not in {"base", "origin"}]


def _inner(kind: Any, part: object) -> Any:  # noqa: ANN401
    if isinstance(part, int):
        arguments = [a for a in getattr(kind, "__args__", ()) if a is not Ellipsis]
        return arguments[0] if arguments else None
    for option in (kind, *getattr(kind, "__args__", ())):
        fields = _annotations(option)
        if part in fields:
            return fields[part]
    return None


def _annotations(kind: Any) -> dict[Any, Any]:  # noqa: ANN401
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {name: field.annotation for name, field in kind.model_fields.items()}
    if dataclasses.is_dataclass(kind):
        return {field.name: field.type for field in dataclasses.fields(kind)}
    return {}


def _members(kind: Any) -> list[str]:  # noqa: ANN401
    for option in (kind, *getattr(kind, "__args__", ())):
        fields = _annotations(option)
        if fields:
            return list(fields)
    return []


def _lines_of_keys(text: str) -> dict[tuple[str, ...], int]:
    """First line of every table and key of a TOML text, by dotted path.

    Entries of a list of tables are counted from 0 in the path, as in ``("edits", "0", "action")``.
    """
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    entries: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        key = _KEY.match(line)
        if header:
            table = _entered(_parts(header.group(2)), entries)
            if header.group(1) == "[[":
                entries[table] = entries.get(table, -1) + 1
                lines.setdefault(table, number)
                table = (*table, str(entries[table]))
            lines.setdefault(table, number)
        elif key:
            lines.setdefault(table + _parts(key.group(1)), number)
    return lines


def _entered(names: tuple[str, ...], entries: dict[tuple[str, ...], int]) -> tuple[str, ...]:
    """The path of a table's name, with the number of the entry wherever it lies within a list."""
    path: tuple[str, ...] = ()
    for name in names:
        if path in entries:
            path = (*path, str(entries[path]))
        path = (*path, name)
    return path


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _line(lines: dict[tuple[str, ...], int], path: tuple[Any, ...]) -> int | None:
    """Line of the longest known beginning of `path`."""
    names = tuple(map(str, path))
    for end in range(len(names), 0, -1):
        if names[:end] in lines:
            return lines[names[:end]]
    return None
