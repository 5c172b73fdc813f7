"""The combined results of a batch as files: tables, a map, a page, a manifest."""

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, cast

import pandas as pd

import geoclust
from geoclust.batch.accounts import (
    failure_table,
    rejected_table,
    study_table,
    warnings_of,
)
from geoclust.batch.combining import Combined, combine
from geoclust.batch.finished import Finished
from geoclust.batch.outcome import Batch
from geoclust.batch.plan import Plan
from geoclust.batch.work import Failed
from geoclust.report.folders.placing import named_failure, place_beside, write_synced
from geoclust.report.manifest import SCHEMA_VERSION, library_versions, manifest_bytes
from geoclust.report.tables.files import csv_bytes, geopackage_bytes, geoparquet_bytes
from geoclust.study.manifests import MANIFEST, fingerprint

if TYPE_CHECKING:
    from geoclust.study import Study

OWN: Final = (
    "regions.csv",
    "regions.gpkg",
    "regions.parquet",
    "ranking.csv",
    "studies.csv",
    "failures.csv",
    "rejected.csv",
    "crossing_ties.csv",
    "figures/map.png",
    "figures/map.svg",
    "index.html",
)
"""Every file that a batch may write beside its studies."""

FAILURES: Final = "failures.csv"


@dataclass(frozen=True, eq=False)
class Assembled:
    """What the combined files are made of."""

    plan: Plan
    combined: Combined
    batch: Batch
    rejected: pd.DataFrame


def assemble(
    plan: Plan, studies: Mapping[str, Finished], failures: Mapping[str, Failed], out: Path
) -> Assembled:
    """Combine the finished studies; writes nothing."""
    names = {unit.folder: unit.name for unit in plan.units}
    combined = combine(studies, names, plan.shared.scoring)
    regions = pd.DataFrame(combined.regions.drop(columns="geometry"))
    ranking = regions[regions["status"] == "cluster"]
    batch = Batch(
        name=plan.batch.name,
        out=out,
        studies=study_table(plan, studies, failures, combined),
        failures=failure_table(plan, failures),
        ranking=ranking,
        warnings=tuple(warnings_of(plan, studies)),
    )
    return Assembled(plan, combined, batch, rejected_table(plan, studies))


def write_failures(made: Assembled, folder: Path) -> None:
    """Write which studies failed and why, and nothing else."""
    fresh = folder / f".{FAILURES}.new"
    write_synced(fresh, csv_bytes(made.batch.failures), folder / FAILURES)
    with named_failure(folder / FAILURES):
        fresh.replace(folder / FAILURES)


def write_combined(
    made: Assembled,
    keys: Mapping[str, str],
    studies: Mapping[str, Finished],
    folder: Path,
    *,
    history: list[dict[str, Any]],
) -> None:
    """Write everything beside the studies, the manifest last.

    Raises
    ------
    OutputError
        If anything cannot be written; then there is no manifest, and nothing counts as done.
    """
    files = _files(made)
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "geoclust": geoclust.__version__,
        "python": platform.python_version(),
        "libraries": library_versions(),
        "batch": made.batch.name,
        "studies": _contents(made, keys, studies),
        "outputs": {name: fingerprint(content) for name, content in files.items()},
        "warnings": list(made.batch.warnings),
        "history": history,
    }
    place_beside({**files, MANIFEST: manifest_bytes(manifest)}, folder, own=OWN)


def _contents(
    made: Assembled, keys: Mapping[str, str], studies: Mapping[str, Finished]
) -> dict[str, Any]:
    """Per study its name, key, and one checksum over those of its files."""
    told = {}
    for unit in made.plan.units:
        found = studies.get(unit.folder)
        listed = json.dumps(found.manifest.outputs, sort_keys=True) if found else None
        digest = hashlib.sha256(listed.encode()).hexdigest() if listed else None
        told[unit.folder] = {"name": unit.name, "key": keys[unit.folder], "content": digest}
    return told


def _files(made: Assembled) -> dict[str, bytes]:
    from geoclust.batch.page import index_bytes  # noqa: PLC0415 - heavy

    regions, batch = made.combined.regions, made.batch
    split = made.plan.split
    files = {
        "regions.csv": csv_bytes(pd.DataFrame(regions.drop(columns="geometry"))),
        "regions.gpkg": geopackage_bytes(regions),
        "regions.parquet": geoparquet_bytes(regions),
        "ranking.csv": csv_bytes(batch.ranking),
        "studies.csv": csv_bytes(batch.studies),
        FAILURES: csv_bytes(batch.failures),
        "rejected.csv": csv_bytes(made.rejected, index=False),
    }
    if split is not None:
        files["crossing_ties.csv"] = csv_bytes(split.crossing, index=False)
    files |= _figures(made)
    return {**files, "index.html": index_bytes(made, picture=files["figures/map.png"])}


def _figures(made: Assembled) -> dict[str, bytes]:
    """The map of all regions, as a study's own is drawn."""
    from geoclust.report.figures import figure_files  # noqa: PLC0415 - heavy
    from geoclust.report.maps import draw_map  # noqa: PLC0415 - heavy

    regions = made.combined.regions
    nothing = pd.DataFrame({"longitude": [], "latitude": []})
    drawn = SimpleNamespace(
        regions=regions,
        classification=SimpleNamespace(status=regions["status"]),
        inputs=SimpleNamespace(records=nothing),
    )
    makers = figure_files({"map": lambda: draw_map(cast("Study", drawn))})
    return {name: make() for name, make in makers.items()}
