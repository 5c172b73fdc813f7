"""Faults of a study file in plain words: where, what was found, what was wanted."""

import dataclasses
import difflib
import re
from typing import Any

from pydantic import BaseModel, ValidationError

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
            line = _line(lines, at)
            place = ".".join(map(str, path)) or "the file as a whole"
            where = f"line {line}, {place}" if line else place
            found.append((line or 0, f"{where}: {sentence}"))
    return [sentence for _, sentence in sorted(found, key=lambda pair: pair[0])]


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
    message = str(fault["msg"]).removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    if fault["type"] in {"value_error", "missing"} or isinstance(fault["input"], dict):
        return message
    return f"found {fault['input']!r}; {message}"


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
    """First line of every table and key of a TOML text, by dotted path without indices."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        key = _KEY.match(line)
        if header:
            table = _parts(header.group(2))
            lines.setdefault(table, number)
        elif key:
            lines.setdefault(table + _parts(key.group(1)), number)
    return lines


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _line(lines: dict[tuple[str, ...], int], path: tuple[Any, ...]) -> int | None:
    """Line of the longest known beginning of `path`."""
    names = tuple(str(part) for part in path if not isinstance(part, int))
    for end in range(len(names), 0, -1):
        if names[:end] in lines:
            return lines[names[:end]]
    return None
