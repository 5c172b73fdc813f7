"""What hangs on coordinates, as files and as JSON."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoclust.report.manifest import plain_rows
from geoclust.report.tables.files import csv_bytes
from geoclust.report.writing import write_file

if TYPE_CHECKING:
    import pandas as pd

    from geoclust.robustness import Bases, Centroids


def write_table(table: "pd.DataFrame", path: Path | None, *, index: bool = True) -> None:
    """Write a table as CSV, whole or not at all; nothing where no path is given."""
    if path is not None:
        write_file(path, csv_bytes(table, index=index))


def centroids_json(found: "Centroids") -> dict[str, Any]:
    """Both tables as plain values."""
    return {
        "jitter_km": dict(found.jitter_km),
        "together": found.together,
        "regions": plain_rows(found.regions.reset_index()),
        "draws": plain_rows(found.draws.reset_index()),
    }


def bases_json(found: "Bases") -> dict[str, Any]:
    """Counts and both tables as plain values."""
    return {
        "counts": {str(name): float(value) for name, value in found.counts.items()},
        "regions": plain_rows(found.regions),
        "moves": plain_rows(found.moves),
    }
