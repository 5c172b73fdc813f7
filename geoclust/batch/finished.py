"""Which studies of a batch are done: told by their folders alone.

A study is done if its manifest is whole, names the same key (settings, inputs, version) and every
file is as the manifest says.  A bit flipped, a tail cut off, a file missing: not done, run again.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoclust.errors import ParameterError
from geoclust.report.writing import check_results
from geoclust.study.manifests import Manifest, read_manifest

STUDIES = "studies"


@dataclass(frozen=True)
class Finished:
    """What the manifest of a finished study says."""

    folder: Path
    manifest: Manifest

    @property
    def facts(self) -> dict[str, Any]:
        """What was noted for the batch: `study`, `key`, `guidance`."""
        found: dict[str, Any] = self.manifest.facts["batch"]
        return found

    @property
    def counts(self) -> dict[str, int]:
        """Counts of records, regions and so on."""
        found: dict[str, int] = self.manifest.facts["counts"]
        return found


def finished(out: Path, folder: str, key: str) -> Finished | None:
    """The study in its folder if it is done with this key, else None."""
    path = out / STUDIES / folder
    manifest = read_manifest(path)
    if manifest is None or manifest.damaged:
        return None
    if (manifest.facts.get("batch") or {}).get("key") != key:
        return None
    try:
        return None if check_results(path) else Finished(path, manifest)
    except ParameterError:
        return None
