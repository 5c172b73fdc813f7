"""Tables that go in and come out: each file, each column, from the schema and the catalogue.

The order of columns, and what is said of those that the package does not describe, stand in
`columns.toml`; a test holds it against the files of a real run.
"""

import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from geoclust.catalogue import FACTORS, INDICATORS
from geoclust.explanation.vocabulary import meaning_of
from geoclust.schema import APPLICANT_DTYPES, PLACE_DTYPES, RECORD_DTYPES, TIE_DTYPES
from geoclust.study import StudyConfig

TOLD = tomllib.loads((Path(__file__).parents[1] / "columns.toml").read_text("utf-8"))
KINDS = {
    "str": "text", "float64": "number", "Int64": "whole number", "bool": "true or false",
}  # fmt: skip
_EVIDENCE: Any = SimpleNamespace(config=StudyConfig())


def input_text() -> str:
    """What records, ties and places may have, as Markdown."""
    tables = {
        "records": {"record_id": "str", **RECORD_DTYPES, **APPLICANT_DTYPES},
        "ties": TIE_DTYPES,
        "places": PLACE_DTYPES,
    }
    parts = []
    for table, dtypes in tables.items():
        parts += [f"### {table.capitalize()}\n", TOLD["inputs"][table] + "\n"]
        parts += _table(("column", "holds", "meaning"),
                        [(f"`{name}`", KINDS[dtype], _own(f"{table}.csv", name)[1])
                         for name, dtype in dtypes.items()])  # fmt: skip
    return "\n".join(parts)


def result_text() -> str:
    """Every file of a folder of results with its columns, as Markdown."""
    parts = []
    for file, told in TOLD["files"].items():
        parts += [f"(file-{file.replace('.', '-')})=", f"### `{file}`\n", told["about"] + "\n"]
        rows = [(f"`{name}`", *meaning(file, name)) for name in told.get("columns", [])]
        parts += _table(("column", "unit", "meaning"), rows) if rows else []
    return "\n".join(parts)


def indicator_text() -> str:
    """Every indicator of the catalogue, as Markdown."""
    rows = [
        (f"`{each.name}`", each.unit, each.formula + (f" ({each.interval} interval)"
         if each.interval else ""), each.factor) for each in INDICATORS.values()
    ]  # fmt: skip
    factors = [f"- *{name}*: {words.partition(': ')[2]}" for name, words in FACTORS.items()]
    return "\n".join([*_table(("indicator", "unit", "formula", "factor"), rows), *factors])


def meaning(file: str, column: str) -> tuple[str, str]:
    """Unit and meaning of one column of one file.

    Raises
    ------
    LookupError
        If nothing describes it.
    """
    unit, words = _own(file, column)
    if words:
        return unit, words
    known = meaning_of(_EVIDENCE, column)
    if not known.formula:
        raise LookupError(f"{file}: nothing says what {column} means; describe it in columns.toml")
    says = known.formula if known.label == column else f"{known.label}: {known.formula}"
    return known.unit, says


def _own(file: str, column: str) -> tuple[str, str]:
    """What `columns.toml` says, of the file first, then of the column anywhere."""
    for table in (TOLD["meanings"].get(file, {}), TOLD["meanings"]):
        said = table.get(column)
        if isinstance(said, list):
            return said[0], said[1]
    return "", ""


def _table(heading: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    lines = [heading, tuple("---" for _ in heading), *rows]
    return [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    ] + [""]
