"""What a study's results depend on, as one checksum: settings, inputs, version.

Equal keys give equal results, so a finished study with the same key need not be run again.
"""

import hashlib
import json
import platform
from pathlib import Path

import geoclust
from geoclust.batch.config import relative
from geoclust.errors import InputError
from geoclust.records import TableSource
from geoclust.records.files import find_tables, open_tables
from geoclust.records.safety import checked_path
from geoclust.report.manifest import library_versions
from geoclust.study import StudyConfig


def study_key(config: StudyConfig, target: Path) -> str:
    """SHA-256 over the settings, the content of every input file and all versions.

    `target` is where the results will stand: their study file tells its paths from there.
    An input that cannot be read counts as such: reading it says why.  A table of a database counts
    with the checksum of its rows, so it is read once more.
    """
    facts = {
        "geoclust": geoclust.__version__,
        "python": platform.python_version(),
        "libraries": library_versions(),
        "settings": config.model_dump(),
        "tables": relative(config.base / config.inputs.folder, target),
        "inputs": {name: _checksum(path) for name, path in input_files(config).items()},
        "databases": {name: _rows(source) for name, source in _databases(config).items()},
    }
    text = json.dumps(facts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", errors="backslashreplace")).hexdigest()


def input_files(config: StudyConfig) -> dict[str, Path]:
    """Tables, decisions, polygons and edits of a study, by their path as seen from its `base`.

    Of a folder of Parquet files, all of them.
    """
    folder = Path(config.inputs.folder)
    paths = [folder / path for source in _sources(config).values() for path in source.files]
    paths += [folder / config.inputs.identity] if config.inputs.identity else []
    paths += [Path(name) for name in (config.boundaries.file, config.study.edits) if name]
    found: dict[str, Path] = {}
    for path in paths:
        whole = config.base / path
        parts = sorted(whole.rglob("*")) if whole.is_dir() else [whole]
        named = {(path / part.relative_to(whole)).as_posix(): part for part in parts}
        found |= {name: part for name, part in named.items() if not part.is_dir()}
    return found


def _sources(config: StudyConfig) -> dict[str, TableSource]:
    if config.inputs.sources:
        return config.inputs.sources
    try:
        return find_tables(config.base / config.inputs.folder)
    except InputError:
        return {}


def _databases(config: StudyConfig) -> dict[str, TableSource]:
    sources = _sources(config)
    return {name: source for name, source in sources.items() if source.address is not None}


def _rows(source: TableSource) -> str:
    try:
        return " ".join(raw.sha256 for raw in open_tables(source))
    except InputError:
        return "unreadable"


def _checksum(path: Path) -> str:
    try:
        with checked_path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, InputError):
        return "unreadable"
