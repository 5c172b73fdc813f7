"""Every setting of a study file, from the models that read it: default, range, meaning."""

import functools
import importlib
import inspect
import re
from types import SimpleNamespace
from typing import Any, Final

from sphinx.pycode import ModuleAnalyzer

from geoclust.batch import BatchConfig
from geoclust.study import StudyConfig
from geoclust.study.template import toml_value

OUTSIDE: Final = ("base", "origin")
"""Fields that the reader sets, not the file."""

WORDS: Final = {
    "string": "text", "integer": "whole number", "number": "number", "boolean": "true or false",
    "object": "table", "array": "list",
}  # fmt: skip


class Schema:
    """A model's JSON schema, with what its dataclasses say in their docstrings filled in."""

    def __init__(self, model: type) -> None:
        self.whole: dict[str, Any] = model.model_json_schema()
        self.classes = {kind.__name__: kind for kind in _classes()}

    def section(self, spec: dict[str, Any]) -> str:
        """Name of the definition that a property is a table of, else ''."""
        found = spec.get("$ref") or spec.get("items", {}).get("$ref") or ""
        for choice in spec.get("anyOf", []):
            found = found or choice.get("$ref", "")
        return found.rpartition("/")[2]

    def properties(self, name: str) -> dict[str, dict[str, Any]]:
        """Settings of a definition, each with a description."""
        known = self.whole["$defs"][name]["properties"]
        return {key: {**spec, "description": spec.get("description") or self.described(name, key)}
                for key, spec in known.items()}  # fmt: skip

    def described(self, name: str, key: str) -> str:
        """What the docstrings of a dataclass say of one field."""
        kind = self.classes.get(name)
        return "" if kind is None else _field_words(kind).get(key, "")


def text() -> str:
    """All settings of a study file, as Markdown."""
    schema = Schema(StudyConfig)
    parts = []
    for name, spec in schema.whole["properties"].items():
        if name not in OUTSIDE:
            parts += _table(schema, name, spec, level=2)
    return "\n".join(parts)


def batch_text() -> str:
    """All settings of a batch file, as Markdown."""
    schema = Schema(BatchConfig)
    parts = []
    for name, spec in schema.whole["properties"].items():
        if name in OUTSIDE:
            continue
        if schema.section(spec):
            parts += _table(schema, name, spec, level=2)
        else:
            parts += [f"## `[{name}]`\n", f"{spec['description']}\n"]
    return "\n".join(parts)


def all_settings() -> dict[str, str]:
    """Dotted name of every setting of a study file and what is said of it."""
    schema = Schema(StudyConfig)
    return dict(_walk(schema, schema.whole["properties"], ""))


def _walk(schema: Schema, properties: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    found = []
    for name, spec in properties.items():
        if not prefix and name in OUTSIDE:
            continue
        section = schema.section(spec)
        if section:
            found += _walk(schema, schema.properties(section), f"{prefix}{name}.")
        else:
            found.append((prefix + name, spec.get("description", "")))
    return found


def _table(schema: Schema, path: str, spec: dict[str, Any], *, level: int) -> list[str]:
    """A heading, a sentence, the plain settings, and then the tables below."""
    name = schema.section(spec)
    heading = f"[[{path}]]" if spec.get("type") == "array" else f"[{path}]"
    parts = [f"(settings-{anchor(path)})=", f"{'#' * min(level, 4)} `{heading}`\n"]
    about = (spec.get("description") or "").strip()
    first = schema.whole["$defs"][name].get("description", "").split("\n\n")[0]
    shown = re.sub(r"^`\[[^`]*\]`: ", "", about if len(about) > len(first) else first)
    parts.append(_prose(shown[:1].upper() + shown[1:]) + "\n")
    tables = []
    for key, below in schema.properties(name).items():
        inner = schema.section(below)
        if not inner:
            parts.append(_setting(path, key, below))
        elif path == "inputs" and key in {"firms", "labs", "patents", "ties", "places"}:
            words = f"{below['description']} A table with the keys of `[inputs.records]`."
            parts.append(_setting(path, key, {"description": words, "type": "object"}))
        else:
            tables += _table(schema, f"{path}.{key}", below, level=level + 1)
    return parts + tables


def _setting(path: str, key: str, spec: dict[str, Any]) -> str:
    """One setting as an entry of a definition list."""
    default = "" if "default" not in spec else _default(spec["default"])
    wanted = _wanted(spec)
    told = "; ".join(filter(None, [wanted, default]))
    mark = f"setting-{anchor(path)}-{anchor(key)}"
    return f"[`{key}`]{{#{mark}}}\n: {_prose(spec['description'])}\n  *{told}*\n"


def _default(value: object) -> str:
    if value is None:
        return "unset by default"
    if value == "":
        return "empty by default"
    if isinstance(value, dict):
        return f"default `{toml_value(SimpleItems(value))}`"
    return f"default `{toml_value(value)}`"


class SimpleItems(SimpleNamespace):
    """A mapping as `toml_value` writes one."""

    def __init__(self, values: dict[str, object]) -> None:
        super().__init__(items=values.items)


def _wanted(spec: dict[str, Any]) -> str:
    if "anyOf" in spec:
        kinds = [_wanted(choice) for choice in spec["anyOf"] if choice.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in spec:
        return "one of " + ", ".join(f"`{toml_value(each)}`" for each in spec["enum"])
    if "const" in spec:
        return f"`{toml_value(spec['const'])}`"
    word = WORDS.get(spec.get("type", ""), "value")
    if spec.get("type") == "array" and spec.get("items"):
        word = f"list, each {_wanted(spec['items'])}"
    bounds = [
        f"{says} {spec[key]:g}"
        for key, says in (("exclusiveMinimum", "above"), ("minimum", "at least"),
                          ("exclusiveMaximum", "below"), ("maximum", "at most"))
        if key in spec
    ]  # fmt: skip
    return ", ".join([word, *bounds])


def anchor(name: str) -> str:
    """A name as part of an address.

    Examples
    --------
    >>> anchor("clustering.kind_weights")
    'clustering-kind-weights'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")


def _prose(said: str) -> str:
    """Words of a docstring as Markdown: one paragraph, code marked once, brackets as they are."""
    said = " ".join(said.replace("``", "`").split())
    pieces = re.split(r"(`[^`]*`)", said)
    return "".join(
        piece if piece.startswith("`") else re.sub(r"([\[\]<>*_{}])", r"\\\1", piece)
        for piece in pieces
    )


@functools.cache
def _field_words(kind: type) -> dict[str, str]:
    """Field to its description: docstrings behind fields, and the section Parameters."""
    words = _parameter_words(inspect.getdoc(kind) or "")
    for base in reversed(kind.__mro__[:-1]):
        docs = ModuleAnalyzer.for_module(base.__module__).find_attr_docs()
        words |= {field: " ".join(lines).strip()
                  for (owner, field), lines in docs.items() if owner == base.__name__}  # fmt: skip
    return words


def _parameter_words(doc: str) -> dict[str, str]:
    """Descriptions in a numpy docstring's section Parameters, by name."""
    section = re.search(r"Parameters\n-+\n(.+?)(?:\n\n\w+\n-+\n|\Z)", doc, re.DOTALL)
    words: dict[str, str] = {}
    names: list[str] = []
    for line in section[1].split("\n") if section else []:
        if line and not line.startswith(" "):
            names = [name.strip() for name in line.partition(":")[0].split(",")]
        else:
            for name in names:
                words[name] = f"{words.get(name, '')} {line.strip()}".strip()
    return words


def _classes() -> list[type]:
    """The frozen values that stand in a study file."""
    homes = {
        "geoclust.assignment": ["Edit"],
        "geoclust.classification.thresholds": ["Bars", "Criterion", "UnitCosts", "Thresholds"],
        "geoclust.records.sources": ["TableSource"],
        "geoclust.scoring.framework": ["Framework"],
        "geoclust.scoring.specs": ["IndicatorSpec", "Composite"],
        "geoclust.study.variation": ["Variation"],
    }
    return [getattr(importlib.import_module(home), name) for home, all_ in homes.items()
            for name in all_]  # fmt: skip
