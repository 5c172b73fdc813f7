"""The evidence in a folder of results, and where its rows stood in the input files.

Results keep no row numbers (the same rows in another order are the same results): they are found
again in the input files, if these are still where they were and as they were.
"""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geoclust.errors import GeoclustError, GeoclustWarning
from geoclust.schema import PLACE_DTYPES, RECORD_DTYPES, TIE_DTYPES, Places, Records, Ties
from geoclust.study import Results
from geoclust.study.reading import read_configured

MOST_ROWS: Final = 100_000
"""Rows of input files looked through for where a record stood."""
KINDS: Final = {"firm": "firms", "lab": "labs", "patent": "patents"}


def read_back(results: Results) -> dict[str, Any]:
    """Fields of `Evidence` from a folder of results."""
    records = results.records
    own = [name for name in RECORD_DTYPES if name in records]
    return {
        "config": results.config,
        "records": Records(records[own]),
        "region_of": records["region_id"],
        "membership": records[["membership", "outlier_score", "nearest_region"]],
        "ties": Ties(results.ties[list(TIE_DTYPES)]),
        "places": Places(results.places[list(PLACE_DTYPES)]),
        "tables": _tables(results),
        "regions": results.regions,
        "scores": results.scores,
        "network_measures": _network(results.folder),
        "gaps": results.gaps,
        "settings": pd.DataFrame(results.manifest["settings"], columns=["setting", "value", "why"]),
        "peers": _table(results.folder / "peers.csv"),
        "drivers": _table(results.folder / "drivers.csv", index="indicator"),
        "draws": _draws(results.folder),
        "origins": _origins(results),
    }


def _tables(results: Results) -> frozenset[str]:
    stated = results.manifest.get("tables")
    if stated is None:
        given = {row["table"] for row in results.manifest["inputs"]} - {"records"}
        stated = given | {KINDS[kind] for kind in results.records["kind"].unique()}
    return frozenset(stated)


def _network(folder: Path) -> pd.DataFrame:
    return _table(folder / "network.csv", index="region_id").drop(columns=["name", "country"])


def _table(path: Path, *, index: str | None = None) -> pd.DataFrame:
    """A table of the results; an empty one where an earlier version wrote none."""
    if not path.exists():
        return pd.DataFrame()
    return pd.read_csv(path, index_col=index, keep_default_na=False, na_values=[""])


def _draws(folder: Path) -> dict[str, pd.DataFrame]:
    """Tables of the draws, if there are any."""
    found = {
        "status": _table(folder / "robustness" / "status.csv", index="region_id"),
        "ranks": _table(folder / "robustness" / "ranks.csv", index="region_id"),
        "draws": _table(folder / "robustness" / "draws.csv"),
        "region_draws": _table(folder / "robustness" / "region_draws.csv"),
    }
    return {} if any(table.empty for table in found.values()) else found


def _origins(results: Results) -> Mapping[str, pd.DataFrame]:
    """File and row of each record, tie and place; nothing where the input is not as it was."""
    told = results.manifest["inputs"]
    if sum(row["rows"] for row in told) > MOST_ROWS:
        return {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", GeoclustWarning)
            found = read_configured(results.config)
    except (GeoclustError, OSError):
        return {}
    before = {(row["table"], row["file"], row["sha256"]) for row in told}
    now = set(found.files[["table", "file", "sha256"]].itertuples(index=False, name=None))
    return found.origins if before == now else {}
